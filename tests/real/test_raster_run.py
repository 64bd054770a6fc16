"""A study with a raster, from the file to the stored result."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

import layers
from layers.result import read_result
from maps.store import portable_study, write_result
from siting._config_layers import load_rules
from siting._drawing import TYPE
from siting.config import load_study
from siting.errors import InputError
from siting.model import CandidateSurface, GridSpec, Study
from siting.pipeline import check, run

pytestmark = pytest.mark.real


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Return hydrogen in Qingdao on ground that is flat in the south and steep in the north."""
    path = tmp_path / "heights.tif"
    rows = np.arange(400.0)[:, None]
    heights = np.where(rows < 200, (rows % 4) * 200.0, 5.0) * np.ones((1, 400))
    profile = {
        "driver": "GTiff", "height": 400, "width": 400, "count": 1, "dtype": "float32", "nodata": -1.0,
        "crs": "EPSG:4326", "transform": Affine(0.005, 0.0, 119.4, 0.0, -0.005, 37.2),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(heights.astype(np.float32), 1)
    asked = replace(load_study("qingdao", facilities=["hydrogen"]), roles={})  # the ground decides
    return replace(
        asked,
        grids={"elevation": GridSpec(kind="elevation", path=str(path), reference="heights.tif")},
        certainty=replace(asked.certainty, weight_draws=20),
    )


def test_the_raster_of_a_study_is_read_with_its_record(study: Study) -> None:
    inputs = layers.read(study)
    record = inputs.provenance[-1]
    assert (record.kind, record.rows_kept, record.crs_used) == ("elevation", 160_000, "EPSG:4326")
    assert inputs.grids["elevation"].shape == (400, 400)


def test_a_wrong_raster_is_told_with_what_else_is_wrong(study: Study) -> None:
    wrong = replace(study.grids["elevation"], band=2)
    spoilt = replace(study.layers["ports"], columns={"name_en": "nowhere"})
    asked = replace(study, grids={"elevation": wrong}, layers={**study.layers, "ports": spoilt})
    with pytest.raises(InputError) as caught:
        layers.read(asked)
    places = " ".join(problem.where for problem in caught.value.problems)
    assert "grid elevation (heights.tif)" in places
    assert "layer ports" in places


@pytest.mark.slow
def test_rules_areas_and_drawn_candidates_reach_the_stored_result(
    study: Study, tmp_path: Path
) -> None:
    (hydrogen,) = study.facilities
    rules = (*hydrogen.rules, load_rules([])["gentle_slope"])
    surface = CandidateSurface(
        cell_m=500.0, spacing_m=9000.0, minimum_area_m2=1e6, road_m=1000.0, maximum_slope_deg=5.0
    )
    asked = replace(study, facilities=(replace(hydrogen, rules=rules, candidate_surface=surface),))
    inputs = layers.read(asked)
    check(asked, inputs)
    result = run(asked, inputs)
    drawn = result.candidates[result.candidates["type"] == TYPE]
    assert len(drawn) > 20
    lonlat = drawn.to_crs("EPSG:4326").geometry
    assert lonlat.y.max() < 36.2
    slope = result.exclusions[result.exclusions["rule"] == "gentle_slope"].iloc[0]
    assert slope["alone_km2"] > 5000
    # North of 36.2, candidates of the layer fail the slope, those of the south pass.
    outcomes = result.rules[result.rules["rule"] == "gentle_slope"]
    places = result.candidates.to_crs("EPSG:4326").set_index("candidate_id").geometry
    north = places[outcomes["candidate_id"]].y.to_numpy()
    assert set(outcomes["outcome"][north > 36.22]) == {"fail"}
    assert set(outcomes["outcome"][north < 36.18]) == {"pass"}
    folder = tmp_path / "out" / "result"
    folder.mkdir(parents=True)
    write_result(result, folder)
    stored = read_result(folder.parent)
    assert stored.exclusions.equals(result.exclusions)
    assert stored.study.facilities[0].candidate_surface == surface
    assert stored.study.grids["elevation"].path == "heights.tif"


def test_no_path_of_this_machine_is_stored(study: Study) -> None:
    cut = replace(study.layers["townships"], boundary="/home/somebody/city.geojson")
    asked = portable_study(replace(study, layers={**study.layers, "townships": cut}))
    assert asked.grids["elevation"].path == "heights.tif"
    assert asked.layers["townships"].boundary == "city.geojson"
    assert asked.layers["ports"].path == "starter:qingdao/ports.csv"
