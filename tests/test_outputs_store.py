"""The stored Result: what goes in comes out, and what is not a result is refused in one line."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from layers.result import read_result
from maps.store import portable_study, write_result
from siting.errors import MissingFileError, OutputError
from siting.frames import RESULT_FRAMES, SCHEMA_VERSION
from siting.model import Result
from tests.sample import sample_result


def _store(result: Result, directory: Path) -> Path:
    (directory / "result").mkdir(parents=True)
    write_result(result, directory / "result")
    return directory


def _empty(result: Result) -> Result:
    """Return the result of a study without candidates."""
    frames = {name: getattr(result, name).iloc[:0] for name in RESULT_FRAMES}
    return replace(result, **frames, layers={}, plans={}, provenance=(), notices=())


@pytest.fixture(params=["whole", "empty"])
def result(request: pytest.FixtureRequest) -> Result:
    return sample_result() if request.param == "whole" else _empty(sample_result())


def test_every_frame_comes_back_with_types_and_crs(result: Result, tmp_path: Path) -> None:
    again = read_result(_store(result, tmp_path))
    for name, columns in RESULT_FRAMES.items():
        before, after = getattr(result, name), getattr(again, name)
        if "geometry" in columns:
            assert_geodataframe_equal(after, before, check_crs=True)
            assert after.crs.to_epsg() == 4549
        else:
            assert_frame_equal(after, before)
        assert list(after.dtypes) == list(before.dtypes)
    assert set(again.layers) == set(result.layers)
    for kind, layer in result.layers.items():
        assert_geodataframe_equal(again.layers[kind], layer)


def test_every_record_comes_back(result: Result, tmp_path: Path) -> None:
    again = read_result(_store(result, tmp_path))
    assert again.study == portable_study(result.study)
    assert (again.crs, again.plans) == (result.crs, result.plans)
    assert (again.provenance, again.notices) == (result.provenance, result.notices)


def test_layers_without_places_come_back(tmp_path: Path) -> None:
    targets = gpd.GeoDataFrame({"id": ["G01"], "value": [1.5]})
    nowhere = gpd.GeoDataFrame({"id": ["G02"]}, geometry=[None], crs="EPSG:4549")
    stored = replace(sample_result(), layers={"targets": targets, "nowhere": nowhere})
    again = read_result(_store(stored, tmp_path)).layers
    assert isinstance(again["targets"], gpd.GeoDataFrame)
    assert_frame_equal(pd.DataFrame(again["targets"]), pd.DataFrame(targets))
    assert_geodataframe_equal(again["nowhere"], nowhere)


def test_no_clock_and_no_machine_path_is_stored(tmp_path: Path) -> None:
    text = (_store(sample_result(), tmp_path) / "result" / "result.json").read_text("utf-8")
    assert "/nowhere" not in text
    assert "0.125" not in text
    again = read_result(tmp_path)
    assert again.study.layers["candidates"].path == "starter:qingdao/candidates.csv"
    assert all(math.isnan(plan.seconds) for plan in again.plans.values())
    assert again.timings_s == {}


def test_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    first, second = sample_result(), sample_result()
    slow = {key: replace(plan, seconds=99.0) for key, plan in second.plans.items()}
    turned = dict(reversed(list(second.layers.items())))
    second = replace(second, plans=slow, layers=turned, timings_s={"read": 7.0})
    one = _store(first, tmp_path / "one") / "result"
    two = _store(second, tmp_path / "two") / "result"
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in two.iterdir())
    assert [(one / n).read_bytes() for n in names] == [(two / n).read_bytes() for n in names]


@pytest.mark.parametrize("kind", ["../evil", "a/b", "", "Upper", "a\x00b"])
def test_a_layer_name_is_never_a_path(kind: str, tmp_path: Path) -> None:
    result = sample_result()
    stored = replace(result, layers={kind: result.layers["ports"]})
    with pytest.raises(OutputError, match="name cannot be a file name"):
        _store(stored, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_column_of_mixed_values_is_named(tmp_path: Path) -> None:
    ports = sample_result().layers["ports"].assign(odd=[object()])
    with pytest.raises(OutputError, match="layer_ports: a column cannot be stored"):
        _store(replace(sample_result(), layers={"ports": ports}), tmp_path)


def _edit(**changes: object) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "result.json"
        records = json.loads(path.read_text("utf-8")) | changes
        path.write_text(json.dumps(records), encoding="utf-8")

    return spoil


def _drop_column(folder: Path) -> None:
    frame = pd.read_parquet(folder / "criteria.parquet").drop(columns="weight")
    frame.to_parquet(folder / "criteria.parquet")


def _drop_geometry(folder: Path) -> None:
    frame = pd.DataFrame(gpd.read_parquet(folder / "sites.parquet"))
    frame["geometry"] = "POINT (0 0)"
    frame.to_parquet(folder / "sites.parquet")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "result.json").write_text("{"), "result.json: .*damaged"),
        (lambda folder: (folder / "result.json").write_bytes(b"\xff\xfe"), "damaged"),
        (lambda folder: (folder / "result.json").write_text("[]"), "not a result of this program"),
        (_edit(format="other"), "not a result of this program"),
        (_edit(schema_version=99), f"another version .got schema 99, expected schema {SCHEMA_VERSION}"),
        (_edit(study={"name": "x"}), "damaged .got Study: expected the fields"),
        (_edit(plans=3), "damaged"),
        (_edit(layers=["../../etc/passwd"]), "damaged .got layer name"),
        (_edit(layers=None), "damaged"),
        (_drop_column, r"criteria lacks the columns \['weight'\]"),
        (_drop_geometry, "sites has no geometry"),
        (lambda folder: (folder / "rules.parquet").write_bytes(b"PAR1"), "rules.parquet.*damaged"),
        (lambda folder: (folder / "demand.parquet").write_bytes(b""), "demand.parquet.*damaged"),
    ],
)  # fmt: skip
def test_a_damaged_result_is_refused_in_one_line(
    spoil: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    _store(sample_result(), tmp_path)
    spoil(tmp_path / "result")
    with pytest.raises(OutputError, match=said) as caught:
        read_result(tmp_path)
    assert "\n" not in str(caught.value)
    assert re.search(r"Run the study again", str(caught.value))


def test_a_missing_folder_or_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="nothing: no such folder"):
        read_result(tmp_path / "nothing")
    with pytest.raises(OutputError, match="holds no stored result"):
        read_result(tmp_path)
    _store(sample_result(), tmp_path)
    (tmp_path / "result" / "sites.parquet").unlink()
    with pytest.raises(MissingFileError, match=r"sites\.parquet: file of the result is missing"):
        read_result(tmp_path)
