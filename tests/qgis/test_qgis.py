"""The GeoPackage in QGIS itself: styles, SLD, the project inside, and what it looks like."""

import json
import os
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from maps import style
from maps.gpkg import write_gpkg
from maps.surfaces import write_surfaces
from siting.model import Label
from tests.requirements import SYSTEM_PYTHON, do_without
from tests.sample import NASTY_NAMES, sample_result

pytestmark = pytest.mark.nightly

SCRIPT = Path(__file__).with_name("look_in_qgis.py")
ENVIRONMENT = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
EXPRESSION = "[% 6*7 %]"
HUES = ["#0072b2", "#009e73", "#d55e00"]
PLAIN = ("roads", "districts", "land", "energy")


@cache
def require_qgis() -> None:
    command = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    done = SYSTEM_PYTHON.exists() and subprocess.run(
        command, check=False, env=ENVIRONMENT, capture_output=True
    )
    if not done or done.returncode:
        do_without("no PyQGIS for the system's Python (Debian packages qgis and python3-qgis)")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    require_qgis()
    result = sample_result()
    first, *others = result.study.facilities
    hostile = replace(first, label=Label(zh=f"加氢站 {EXPRESSION}", en=NASTY_NAMES[2]))
    study = replace(result.study, facilities=(hostile, *others))
    folder = tmp_path_factory.mktemp("qgis")
    write_gpkg(replace(result, study=study), folder / "sites.gpkg")
    write_surfaces(result, folder / "surfaces")
    # A copy of its own would be written to: QGIS opens a package with a write-ahead log.
    command = [SYSTEM_PYTHON, SCRIPT, folder / "sites.gpkg", "sample", folder / "sample.png"]
    done = subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert (folder / "sample.png").stat().st_size > 10_000
    return answer


def test_every_default_style_loads_and_draws_its_rows(told: dict[str, Any]) -> None:
    result = sample_result()
    assert set(told["styles"]) == {
        *("candidates", "sites", "allocation", "service_areas", "demand", "flows"),
        *("roads", "districts", "land", "protected", "energy"),
    }
    for name, found in told["styles"].items():
        assert found["is_valid"], name
        assert found["is_loaded"], name
        kind = "singleSymbol" if name in PLAIN else "categorizedSymbol"
        assert found["renderer"] == ("graduatedSymbol" if name == "candidates" else kind), name
        assert found["is_labelled"] == (name in {"sites", "districts"}), name
    drawn = {name: found["drawn"] for name, found in told["styles"].items()}
    assert drawn["candidates"] == result.candidates["score"].notna().sum()
    assert drawn["demand"] == len(result.demand)
    assert drawn["sites"] == len(result.sites)
    assert drawn["protected"] == 2


def test_classes_and_colours_are_those_of_the_map(told: dict[str, Any]) -> None:
    classes = told["styles"]["candidates"]["classes"]
    assert [tuple(c["value"]) for c in classes] == list(style.score_ranges())
    assert [c["colour"] for c in classes] == list(style.SCORE_COLOURS)
    for name in ("sites", "allocation", "flows", "service_areas"):
        assert [c["colour"] for c in told["styles"][name]["classes"]] == HUES, name
    looks = style.LAYER_STYLES
    demand = told["styles"]["demand"]["classes"]
    assert [c["colour"] for c in demand] == [
        looks["demand_covered"].fill,
        looks["demand_open"].fill,
    ]
    assert told["styles"]["land"]["classes"][0]["colour"] == looks["land"].fill
    assert told["styles"]["districts"]["classes"][0]["stroke"] == looks["districts"].stroke
    areas = told["styles"]["service_areas"]["classes"]
    assert {c["opacity"] for c in areas} == {looks["service_areas"].fill_opacity}


def test_a_raster_opens_in_the_colours_of_the_map(told: dict[str, Any]) -> None:
    assert set(told["rasters"]) == {"hydrogen"}
    found = told["rasters"]["hydrogen"]
    assert found["is_valid"]
    assert (found["renderer"], found["band"]) == ("singlebandpseudocolor", 1)
    assert found["opacity"] == style.SURFACE_OPACITY
    ramp = [[pytest.approx(value), colour] for value, colour in found["ramp"]]
    assert ramp == [
        list(pair) for pair in zip(style.class_middles(), style.SCORE_COLOURS, strict=True)
    ]
    first, *_, last = style.SCORE_COLOURS
    assert found["shades"]["0.0"] == found["shades"]["0.05"] == first
    assert found["shades"]["0.5"] == style.SCORE_COLOURS[2]
    assert found["shades"]["1.0"] == last
    assert found["shades"]["0.2"] not in style.SCORE_COLOURS  # half-way between two classes
    assert "suitability" in found["bands"][0]


def test_columns_have_names_to_show(told: dict[str, Any]) -> None:
    assert told["styles"]["candidates"]["aliases"]["score"] == "综合得分（0–1） / score (0–1)"
    assert all(
        name != alias
        for found in told["styles"].values()
        for name, alias in found["aliases"].items()
    )
    assert all(all(aliases) for aliases in told["project"]["aliases"].values())


def test_the_sld_says_the_same(told: dict[str, Any]) -> None:
    for name, found in told["sld"].items():
        assert found["is_loaded"], name
        styled = told["styles"][name]
        colours = "stroke" if name in {"districts", "roads"} else "colour"
        assert [r[colours] for r in found["rules"]] == [c[colours] for c in styled["classes"]], (
            name
        )
        assert sum(rule["drawn"] for rule in found["rules"]) == styled["drawn"], name


def test_the_stored_project_opens_whole(told: dict[str, Any]) -> None:
    project = told["project"]
    assert project["is_read"]
    assert project["title"] == '青岛样例《甲 & 乙》 / Qingdao sample <b>"A & B"</b>'
    assert project["crs"] == "EPSG:4549"
    assert project["invalid"] == []
    *types, ground, tables = project["groups"]
    assert len(types) == 3
    assert (ground, tables) == ("底图 / base map", "数据表 / tables")
    first = [name.split("/")[1].strip() for _, name, _ in project["groups"][types[0]]]
    assert first == [
        *("chosen sites", "candidate sites", "excluded candidates", "demand", "flows"),
        *("allocation", "service areas"),
    ]
    rows = {key.removeprefix("siting_layer_"): n for key, n in project["rows"].items()}
    assert (rows["hydrogen_candidates"], rows["hydrogen_excluded"]) == (3, 2)
    assert (rows["hydrogen_sites"], rows["charging_sites"]) == (2, 2)


def test_a_legend_runs_no_expression(told: dict[str, Any]) -> None:
    said = [*told["project"]["groups"], *told["project"]["legend"]]
    said += [c["label"] for c in told["styles"]["sites"]["classes"]]
    assert not any("42" in text for text in said)
    shown = [text.replace("\u2060", "") for text in said]
    assert any(EXPRESSION in text and NASTY_NAMES[2] in text for text in shown)


def test_the_picture_is_a_map(told: dict[str, Any]) -> None:
    picture = told["project"]["picture"]
    assert picture["errors"] == []
    assert not picture["is_blank"]
    whole = sum(picture["colours"].values())
    expected = (
        style.LAYER_STYLES["land"].fill,
        style.LAYER_STYLES["sea"].fill,
        *HUES,
        style.LAYER_STYLES["roads"].stroke,
    )
    for colour in expected:
        assert picture["colours"].get(colour, 0) > 20, colour
    assert picture["colours"][style.LAYER_STYLES["land"].fill] < 0.95 * whole
    assert told["messages"] == []
