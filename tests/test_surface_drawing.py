"""Candidates drawn from free ground: room, spacing, roads, slopes, ids that stay."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from pydantic import ValidationError
from scipy.spatial.distance import pdist

from siting._config_schema import CandidatesFile
from siting._drawing import TYPE, with_drawn
from siting.candidates import DRAWN, propose
from siting.errors import ConfigError, MissingLayerError
from siting.model import CandidateSurface, FacilitySpec, Grid, Inputs
from siting.schema import LAYERS
from tests import stubs
from tests.requirements import ROOT
from tests.stubs import facility, inputs, rule, shapes

# 4 x 2 km with a road along the south; a lake cuts off the eastern 700 m.
STUDY = shapely.box(0, 0, 4000, 2000)
LAKE = shapely.box(3000, 0, 3300, 2000)
ROAD = shapely.LineString([(0, 0), (4000, 0)])


def world(study: shapely.Geometry = STUDY) -> Inputs:
    return inputs(
        districts=shapes([study], id=["X"], name_zh=["区"], name_en=["X"]),
        road_edges=shapes([ROAD], id=["E"]),
        water=shapes([LAKE], id=["W"]),
        candidates=stubs.points(
            [(1, 1)], id=["C1"], type="hub", suits_hydrogen=1, suits_charging_car=0, land_m2=9.0
        ),
    )


def asking(**facts: Any) -> FacilitySpec:
    surface = CandidateSurface(**({"cell_m": 100.0, "spacing_m": 500.0} | facts))
    return facility(candidate_surface=surface, rules=(rule("outside", layer="water"),))


def drawn(given_inputs: Inputs, asked: FacilitySpec) -> gpd.GeoDataFrame:
    return with_drawn(given_inputs, asked).layers[DRAWN]


def test_who_does_not_ask_gets_nothing() -> None:
    given_inputs = world()
    assert with_drawn(given_inputs, facility()) is given_inputs
    assert len(propose(given_inputs, facility())) == 1


@settings(max_examples=25, deadline=None)
@given(
    spacing_m=st.sampled_from([100.0, 250.0, 500.0, 999.0]), cell_m=st.sampled_from([50.0, 100.0])
)
def test_places_are_free_and_apart_and_none_more_would_fit(
    spacing_m: float, cell_m: float
) -> None:
    found = drawn(world(), asking(cell_m=cell_m, spacing_m=spacing_m))
    places = shapely.get_coordinates(found.geometry.to_numpy())
    assert pdist(places).min() >= spacing_m
    centres = np.arange(cell_m / 2, 4000, cell_m), np.arange(cell_m / 2, 2000, cell_m)
    every = np.column_stack([v.ravel() for v in np.meshgrid(*centres)])
    free = every[(every[:, 0] < 3000) | (every[:, 0] > 3300)]
    away = np.hypot(*(free[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    assert (away.min(axis=0) == 0).all()  # each drawn place is a free centre
    assert (away.min(axis=1) < spacing_m).all()


def test_a_patch_must_be_large_enough_and_its_area_is_told() -> None:
    both = drawn(world(), asking())
    assert set(both["land_m2"]) == {6e6, 1.4e6}
    large = drawn(world(), asking(minimum_area_m2=1.4e6 + 1))
    assert set(large["land_m2"]) == {6e6}
    assert large.geometry.x.max() < 3000
    assert len(drawn(world(), asking(minimum_area_m2=6e6))) == len(large)
    assert drawn(world(), asking(minimum_area_m2=6e6 + 1)).empty


def test_a_road_must_be_within_reach() -> None:
    found = drawn(world(), asking(road_m=350.0))
    assert found.geometry.y.max() == 350.0
    assert len(found)


def test_steep_and_unknown_ground_is_left_out() -> None:
    column = np.arange(40.0)
    heights = np.where(column < 10, np.nan, np.maximum(column - 20, 0) * 50) * np.ones((20, 1))
    grid = Grid(
        values=heights.astype(np.float32),
        transform=(100.0, 0.0, 0.0, 0.0, -100.0, 2000.0),
        crs=stubs.CRS,
    )
    given_inputs = replace(world(), grids={"elevation": grid})
    found = drawn(given_inputs, asking(maximum_slope_deg=5.0))
    assert len(found)
    assert found.geometry.x.between(1100, 2000).all()
    with pytest.raises(MissingLayerError, match="no raster elevation"):
        drawn(world(), asking(maximum_slope_deg=5.0))


def test_raster_rules_bar_cells() -> None:
    cover = np.where(np.arange(40.0) < 20, 10.0, 80.0) * np.ones((20, 1))
    grid = Grid(
        values=cover.astype(np.float32),
        transform=(100.0, 0.0, 0.0, 0.0, -100.0, 2000.0),
        crs=stubs.CRS,
    )
    given_inputs = replace(world(), grids={"land_cover": grid})
    asked = replace(asking(), rules=(rule("cover_not_one_of", grid="land_cover", values=[80]),))
    assert drawn(given_inputs, asked).geometry.x.max() < 2000


def test_they_join_the_places_of_the_layer_and_suit_the_facility() -> None:
    asked = replace(
        asking(), candidate_where={"type": ("hub",)}, candidate_flags=("suits_hydrogen",)
    )
    given_inputs = with_drawn(world(), asked)
    found = propose(given_inputs, asked)
    new = given_inputs.layers[DRAWN]
    assert set(found["candidate_id"]) == {"C1", *new["id"]}
    assert found["candidate_id"].is_monotonic_increasing
    assert set(found["type"]) == {"hub", TYPE}
    assert set(found["district"]) == {"区"}
    assert (found.loc[found["type"] == TYPE, "uncertainty_m"] == 100.0 / 2**0.5).all()
    assert set(LAYERS["candidates"].names) <= set(new.columns)
    nobody = replace(asked, candidate_where={"type": ("none",)})
    assert set(propose(given_inputs, nobody)["candidate_id"]) == set(new["id"])
    assert propose(given_inputs, nobody).crs == stubs.CRS


def test_the_best_place_has_room_and_a_road() -> None:
    best = drawn(world(), asking(spacing_m=9000.0))
    x, y = best.geometry.x.item(), best.geometry.y.item()
    assert 450 <= x <= 2550
    assert y == 450.0  # from five cells on, room is worth no more, and a nearer road is


def test_ids_stay_when_the_study_area_changes() -> None:
    wide = drawn(world(), asking(road_m=60.0, spacing_m=100.0))
    narrow = drawn(world(shapely.box(1000, 0, 2500, 1500)), asking(road_m=60.0, spacing_m=100.0))
    places = dict(zip(wide["id"], wide.geometry, strict=True))
    assert len(narrow)
    assert all(
        places[key] == place for key, place in zip(narrow["id"], narrow.geometry, strict=True)
    )


def test_where_everything_is_barred_nothing_is_drawn() -> None:
    asked = replace(asking(), rules=(rule("outside", layer="districts"),))
    assert drawn(world(), asked).empty


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"cell_m": 0.1}, "too many cells"),
        ({"spacing_m": 99.0}, "places would be nearer than cells"),
    ],
)
def test_what_cannot_be_drawn_is_said(facts: dict[str, float], what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        drawn(world(), asking(**facts))


def test_a_facility_file_says_how_and_is_checked() -> None:
    raw: dict[str, Any] = {
        "layer": "candidates",
        "surface": {"cell_m": 100, "spacing_m": 2000, "road_m": 300},
    }
    read = CandidatesFile.model_validate(raw).surface
    assert read is not None
    assert CandidateSurface(**read.model_dump()) == CandidateSurface(
        cell_m=100.0, spacing_m=2000.0, road_m=300.0
    )
    for bad in ({"cell_m": 0}, {"maximum_slope_deg": 90}, {"minimum_area_m2": -1}, {"cells": 1}):
        with pytest.raises(ValidationError):
            CandidatesFile.model_validate({"layer": "candidates", "surface": raw["surface"] | bad})


def test_asking_rules_loads_no_compiler() -> None:
    script = "import sys, siting.pipeline; print('siting.surface.kernels' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT, text=True
    )
    assert done.stdout.strip() == "False"
