"""The scored ground: a cell is worth what a candidate in its centre would be, and barred by the same rules."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, strategies as st

import layers
from siting._question import Question, ask
from siting._ranking import score
from siting._suitability import Ground, suitability
from siting.config import load_study
from siting.constraints import screen_place
from siting.criteria import criteria
from siting.frames import RESULT_FRAMES
from siting.model import Direction, Inputs, NormaliseSpec, Study, SuitabilitySpec
from siting.network import NetworkTravel
from siting.pipeline import _on_roads
from siting.scoring import NORMALISERS, normalise, normalise_beside

_KNOWN = st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=2, max_size=9)
_SHAPES = {
    "piecewise": {"points": ((-5.0, 0.0), (5.0, 1.0))},
    "fuzzy_increasing": {"low": -5.0, "high": 5.0},
    "fuzzy_decreasing": {"low": -5.0, "high": 5.0},
    "fuzzy_near": {"breaks": (-5.0, -1.0, 1.0, 5.0)},
    "target": {"breaks": (-5.0, 0.0, 5.0)},
}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study("qingdao", facilities=["hydrogen"])


@pytest.fixture(scope="module")
def world(study: Study) -> tuple[Inputs, NetworkTravel]:
    return _on_roads(study, layers.read(study))


@pytest.fixture(scope="module")
def asked(study: Study, world: tuple[Inputs, NetworkTravel]) -> Question:
    return ask(study, world[0], study.facilities[0], world[1])


@pytest.fixture(scope="module")
def ground(asked: Question, world: tuple[Inputs, NetworkTravel]) -> Ground:
    return _ground(asked, world)


@pytest.fixture(scope="module")
def cells(ground: Ground) -> pd.DataFrame:
    return ground.suitability


def _ground(
    asked: Question, world: tuple[Inputs, NetworkTravel], most_cells: int | None = None
) -> Ground:
    facility = asked.spec
    if most_cells is not None:
        facility = replace(facility, suitability=SuitabilitySpec(most_cells=most_cells))
    return suitability(facility, asked.criteria, asked.surroundings, world[0], travel=world[1])


def _points(cells: pd.DataFrame, crs: str) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapely.points(cells[["x", "y"]].to_numpy()), crs=crs)


def test_a_cell_scores_as_a_candidate_in_its_centre(
    asked: Question, world: tuple[Inputs, NetworkTravel], cells: pd.DataFrame
) -> None:
    some = cells[cells["score"].notna()].sample(60, random_state=1).reset_index(drop=True)
    points = _points(some, world[0].crs)
    districts = world[0].layers["districts"]
    nearest = gpd.sjoin_nearest(
        gpd.GeoDataFrame(geometry=points), districts[["name_zh", "geometry"]]
    )
    there = gpd.GeoDataFrame(
        {
            "facility": "hydrogen",
            "candidate_id": [f"X{at}" for at in range(len(some))],
            "district": nearest[~nearest.index.duplicated()]["name_zh"].to_numpy(),
            "uncertainty_m": 0.0,
        },
        geometry=points,
    )
    raw = asked.criteria.groupby("criterion")["raw"]
    low, high = raw.min(), raw.max()
    of_place = [spec for spec in asked.spec.criteria if criteria()[spec.measure].is_of_place]
    whole = sum(spec.weight for spec in of_place)
    bounded = [
        replace(
            spec,
            weight=spec.weight / whole,
            normalise=replace(
                spec.normalise,
                low=low[spec.key] if spec.normalise.low is None else spec.normalise.low,
                high=high[spec.key] if spec.normalise.high is None else spec.normalise.high,
            ),
        )
        for spec in of_place
    ]
    facility = replace(asked.spec, criteria=tuple(bounded), weighting=())
    expected = score(facility, there, asked.surroundings).scores
    np.testing.assert_allclose(some["score"], expected, rtol=0, atol=1e-12)
    assert some["weight_share"].unique() == pytest.approx(whole)
    assert 0.5 < whole < 1  # co-location and equity are of the plot


def test_a_cell_is_barred_where_a_rule_forbids_its_centre(
    asked: Question, world: tuple[Inputs, NetworkTravel], cells: pd.DataFrame
) -> None:
    barred, free = cells[cells["is_barred"]], cells[~cells["is_barred"]]
    for rows, is_barred in ((barred, True), (free, False)):
        some = rows.sample(25, random_state=2)
        for point in _points(some, world[0].crs):
            # Rules that ask for a column of the plot, or for a survey, bar no ground.
            told = screen_place(point, world[0], asked.spec.rules)
            assert (told["outcome"] == "fail").any() == is_barred


def test_cells_are_the_land_of_the_study_area_as_fine_as_asked(
    asked: Question, world: tuple[Inputs, NetworkTravel], cells: pd.DataFrame
) -> None:
    area = world[0].layers["districts"].union_all() & world[0].layers["land"].union_all()
    assert list(cells.columns) == list(RESULT_FRAMES["suitability"])
    assert cells["cell_m"].unique() == [1000.0]
    assert len(cells) * 1e6 == pytest.approx(area.area, rel=0.01)
    assert area.contains(_points(cells, world[0].crs)).all()
    assert (cells[["x", "y"]] % 1000 == 500).all().all()
    assert len(cells) <= 15_000
    coarse = _ground(asked, world, most_cells=2500).suitability
    assert coarse["cell_m"].unique() == [5000.0]  # 2 km would be 2,800 cells
    assert coarse.sort_values(["y", "x"], ascending=[False, True]).index.is_monotonic_increasing


def test_without_a_road_in_reach_there_is_no_score(
    study: Study, world: tuple[Inputs, NetworkTravel], cells: pd.DataFrame
) -> None:
    reach_m = study.access.max_distance_m
    roads = world[0].layers["road_edges"].union_all()
    away = _points(cells, world[0].crs).distance(roads)
    assert cells.loc[(away > reach_m).to_numpy(), "score"].isna().all()
    assert (away > reach_m).any()
    assert cells["score"].between(0, 1).sum() == cells["score"].notna().sum() > 5000


def test_scores_are_the_sum_of_their_values(asked: Question, ground: Ground) -> None:
    values, cells = ground.suitability_values, ground.suitability
    assert list(values.columns) == list(RESULT_FRAMES["suitability_values"])
    weight = {spec.key: spec.weight for spec in asked.spec.criteria}
    parts = values["value"] * values["criterion"].map(weight)
    summed = parts.groupby([values["x"], values["y"]]).sum(min_count=1)
    keys = pd.MultiIndex.from_frame(cells[["x", "y"]])
    expected = summed.reindex(keys).to_numpy() / cells["weight_share"].to_numpy()
    np.testing.assert_allclose(cells["score"], expected, rtol=0, atol=1e-12)


def test_who_does_not_ask_or_has_no_criterion_of_places_gets_no_cells(
    asked: Question, world: tuple[Inputs, NetworkTravel]
) -> None:
    silent = replace(asked, spec=replace(asked.spec, suitability=None))
    assert _ground(silent, world).suitability.empty
    rows = [spec for spec in asked.spec.criteria if not criteria()[spec.measure].is_of_place]
    assert rows
    nowhere = replace(asked, spec=replace(asked.spec, criteria=tuple(rows)))
    assert _ground(nowhere, world).suitability.empty
    layers_left = {k: v for k, v in world[0].layers.items() if k not in {"districts", "land"}}
    no_area = replace(world[0], layers=layers_left)
    none = _ground(asked, (no_area, world[1]))
    assert none.suitability.empty
    assert none.suitability_values.empty


@pytest.mark.parametrize("kind", sorted(NORMALISERS))
@pytest.mark.parametrize("direction", Direction)
@given(known=_KNOWN)
def test_known_values_are_worth_the_same_beside_themselves(
    kind: str, direction: Direction, known: list[float]
) -> None:
    spec, raw = NormaliseSpec(kind=kind, **_SHAPES.get(kind, {})), np.array(known)
    found = normalise_beside(raw, known=raw, spec=spec, direction=direction)
    if np.isnan(raw).all():
        assert np.isnan(found).all()
        return
    expected = normalise(raw, spec=spec, direction=direction)
    if kind == "rank":  # a further place stands beside all of them, not among the others
        n = np.isfinite(raw).sum()
        rising = direction is Direction.MAX
        share = expected if rising else 1 - expected
        expected = (share * (n - 1) + 0.5) / n if n > 1 else share
        expected = expected if rising else 1 - expected
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", sorted(NORMALISERS))
@given(known=_KNOWN, places=_KNOWN)
def test_a_further_place_changes_no_other(
    kind: str, known: list[float], places: list[float]
) -> None:
    spec = NormaliseSpec(kind=kind, **_SHAPES.get(kind, {}))
    asked = {"known": np.array(known), "spec": spec, "direction": Direction.MAX}
    together = normalise_beside(np.array(places), **asked)
    alone = [normalise_beside(np.array([place]), **asked)[0] for place in places]
    np.testing.assert_array_equal(together, alone)
    assert ((together >= 0) & (together <= 1) | np.isnan(together)).all()
