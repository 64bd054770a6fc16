"""``siting export``: the same tables in every format, system and database."""

import csv
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given, strategies as st

from maps.export import FORMATS, export, short_names
from maps.published import published
from maps.store import write_result
from siting._cli_export import _FORMATS
from siting.cli import main
from siting.errors import OutputError
from siting.model import Result
from tests.postgis import postgis_server
from tests.sample import sample_result

CRS = "EPSG:4549"
SUFFIX = {"gpkg": "gpkg", "parquet": "parquet", "geojson": "geojson", "shp": "shp"}


@pytest.fixture(scope="module")
def result() -> Result:
    return sample_result()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, result: Result) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "result").mkdir()
    write_result(result, folder / "result")
    return folder


def read(folder: Path, name: str, file_format: str) -> gpd.GeoDataFrame:
    if file_format == "parquet":
        return gpd.read_parquet(folder / f"{name}.parquet")
    if file_format == "gpkg":
        return gpd.read_file(folder / "sites.gpkg", layer=name)
    return gpd.read_file(folder / f"{name}.{SUFFIX[file_format]}")


@pytest.mark.parametrize("crs", ["EPSG:4326", CRS])
@pytest.mark.parametrize("file_format", sorted(SUFFIX))
def test_every_format_holds_the_same(
    tmp_path: Path, result: Result, file_format: str, crs: str
) -> None:
    export(result, tmp_path / "out", file_format=file_format, crs=crs)
    for table in published(result, crs):
        if table.geometry is None:
            continue
        got = read(tmp_path / "out", table.name, file_format)
        assert got.crs == crs
        assert len(got) == len(table.frame)
        if not len(got):
            continue
        pairs = zip(table.frame.geometry, got.geometry, strict=True)
        assert all(shapely.equals_exact(parts(a), parts(b), 1e-6) for a, b in pairs)
        names = [str(name) for name in table.frame.columns if name != "geom"]
        named = short_names(names) if file_format == "shp" else dict.fromkeys(names)
        for name in names:
            short = named[name] or name
            assert same(table.frame[name], got[short]), name


def parts(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape's parts in one order: formats differ in what they call multi."""
    return shapely.normalize(shapely.geometrycollections(shapely.get_parts(shape)))


def same(one: pd.Series, other: pd.Series) -> bool:
    if one.dtype == "string":
        return one.fillna("").tolist() == other.astype("string").fillna("").tolist()
    numbers = [np.asarray(s.astype("Float64").to_numpy(np.float64, np.nan)) for s in (one, other)]
    return bool(np.allclose(*numbers, rtol=1e-6, equal_nan=True))


def test_a_shapefile_says_its_encoding_and_its_fields(tmp_path: Path, result: Result) -> None:
    export(result, tmp_path / "out", file_format="shp", crs=CRS)
    assert (tmp_path / "out" / "sites.cpg").read_text().strip() == "UTF-8"
    with (tmp_path / "out" / "fields.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    fields = [row["field"] for row in rows if row["table"] == "candidates"]
    assert len({field.lower() for field in fields}) == len(fields)
    assert max(map(len, fields)) <= 10
    info = pyogrio.read_info(tmp_path / "out" / "candidates.shp")
    assert info["fields"].tolist() == fields


def test_a_workbook_runs_no_text(tmp_path: Path, result: Result) -> None:
    sites = result.sites.assign(name_en="=1+1", name_zh="＝HYPERLINK()")
    export(replace(result, sites=sites), tmp_path / "out", file_format="xlsx", crs=CRS)
    book = openpyxl.load_workbook(tmp_path / "out" / "sites.xlsx")
    assert book.sheetnames == [table.name for table in published(result)]
    rows = list(book["sites"].iter_rows(values_only=True))
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert {row["name_en"] for row in table} == {"'=1+1"}
    assert {row["name_zh"] for row in table} == {"'＝HYPERLINK()"}
    assert [row["x"] for row in table] == pytest.approx(sites.to_crs(CRS).geometry.x, abs=0.01)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, result: Result) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError):
        export(result, tmp_path, file_format="gpkg")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_nothing_is_left_of_an_export_that_fails(
    tmp_path: Path, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("pyogrio.write_dataframe", fail)
    with pytest.raises(OutputError, match="disk full"):
        export(result, tmp_path / "out", file_format="geojson")
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.text("ab_C1", min_size=1, max_size=14), unique_by=str.lower, max_size=150))
def test_short_names_are_short_and_differ(names: list[str]) -> None:
    found = short_names(names)
    assert list(found) == names
    assert all(len(short) <= 10 for short in found.values())
    assert len({short.lower() for short in found.values()}) == len(names)
    assert all(found[name] == name for name in names if len(name) <= 10)


def test_the_command_offers_every_format() -> None:
    assert sorted(FORMATS) == sorted(_FORMATS)


def test_the_command_writes(stored: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["export", str(stored), "--format", "parquet", "--crs", "4549", "--out", str(out)]
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 0, answer.output
    assert answer.output.splitlines() == [str(path) for path in sorted(out.iterdir())]
    assert gpd.read_parquet(out / "sites.parquet").crs == CRS


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--crs", "999999"], "--crs: unknown coordinate system"),
        (["--crs", "EPSG:4549", "--out", "."], "cannot be replaced"),
        (["--out", "x", "--database", "postgresql://h/d"], "exclude each other"),
        (["--database", "postgresql://a:secret@127.0.0.1:1/d"], "cannot be written into"),
    ],
)
def test_a_mistake_is_one_line(
    stored: Path, arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.txt").touch()
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(main, ["export", str(stored), *arguments])
    assert answer.exit_code == 1
    assert answer.output.startswith("error: ")
    assert told in answer.output
    assert "secret" not in answer.output
    assert answer.output.count("\n") == 1


def test_the_command_writes_into_a_database(stored: Path) -> None:
    with postgis_server() as address:
        arguments = ["export", str(stored), "--database", address, "--schema", "plan"]
        answer = CliRunner().invoke(main, arguments)
        assert answer.exit_code == 0, answer.output
        assert "tables in schema plan" in answer.output
        again = CliRunner().invoke(main, arguments)
        assert "Add --overwrite" in again.output
        assert CliRunner().invoke(main, [*arguments, "--overwrite"]).exit_code == 0


def test_the_package_says_which_crs_it_is_in(tmp_path: Path, result: Result) -> None:
    export(result, tmp_path / "out", file_format="gpkg", crs=CRS)
    table = pyogrio.read_dataframe(tmp_path / "out" / "sites.gpkg", layer="metadata")
    rows = dict(zip(table["key"], table["value"], strict=True))
    assert rows["crs"] == CRS
    assert "datum_en" not in rows  # told only where CGCS2000 goes out as WGS 84
    with closing(sqlite3.connect(tmp_path / "out" / "sites.gpkg")) as package:
        (stored,) = package.execute("SELECT metadata FROM gpkg_metadata ORDER BY id LIMIT 1")
    assert f">{CRS}<" in stored[0]
    assert ">EPSG:4326<" not in stored[0].split("layer.")[0]
