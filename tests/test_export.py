"""``siting export``: the same tables in every format, system and database."""

import csv
import io
import json
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
from maps.tables import render_scores
from siting._cli_export import _FORMATS
from siting.cli import main
from siting.errors import OutputError
from siting.model import Result
from tests.postgis import postgis_server
from tests.sample import NASTY_NAMES, sample_result

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


def test_a_text_in_braces_stays_a_text_in_geojson(tmp_path: Path, result: Result) -> None:
    texts = ["{}}", '{"a": 1}', "[1, 2", "[]", "{{7*7}}"]
    names = (texts * 9)[: len(result.candidates)]
    changed = replace(result, candidates=result.candidates.assign(name_zh=names))
    export(changed, tmp_path / "out", file_format="geojson")
    told = json.loads((tmp_path / "out" / "candidates.geojson").read_text("utf-8"))
    assert [feature["properties"]["name_zh"] for feature in told["features"]] == names


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


HOSTILE = (
    *NASTY_NAMES,
    *("+1", "-1+2", "@SUM(A1)", "\t=1+1", "＝1+1", "{% x", "[% env('HOME') %]", "${7*7}"),
    *("'; DROP TABLE sites; --", '"); --', "a\x00b", "a\x07b", "a\u2028b", "<!--", "%s%n"),
)


def poisoned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with hostile text in every free text of it; keys and choices stay."""
    kept = {"facility", "candidate_id", "demand_id", "id", "constraint", "role"}
    texts = [n for n in frame if n not in kept and pd.api.types.is_string_dtype(frame[n])]
    rows = range(len(frame))
    hostile = {n: [HOSTILE[(row + k) % len(HOSTILE)] for row in rows] for k, n in enumerate(texts)}
    return frame.assign(**hostile)


@pytest.fixture(scope="module")
def hostile(result: Result) -> Result:
    names = ("sites", "demand", "flows", "equipment", "economics", "scorecard", "checks")
    candidates = pd.concat([result.candidates] * 3, ignore_index=True)
    numbered = candidates.assign(candidate_id=[f"C{n:03d}" for n in range(len(candidates))])
    records = tuple(
        replace(record, reference=text, repairs=(text,), attribution=text, licence=text)
        for record, text in zip(result.provenance * 11, HOSTILE, strict=False)
    )
    return replace(
        result,
        candidates=poisoned(numbered),
        **{name: poisoned(getattr(result, name)) for name in names},
        layers={kind: poisoned(frame) for kind, frame in result.layers.items()},
        provenance=records,
    )


@pytest.mark.parametrize("file_format", ["gpkg", "parquet"])
def test_hostile_text_is_only_text(tmp_path: Path, hostile: Result, file_format: str) -> None:
    export(hostile, tmp_path / "out", file_format=file_format)
    literal = {text.replace("\x00", "") for text in HOSTILE}
    for name, column in (("candidates", "name_zh"), ("provenance", "reference")):
        if file_format == "gpkg":
            table = pyogrio.read_dataframe(tmp_path / "out" / "sites.gpkg", layer=name)
        else:
            table = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")
        assert set(table[column]) == literal
    tables = {table.name: table.frame for table in published(hostile)}
    assert set(tables["candidates"]["name_zh"]) == literal


def test_a_spreadsheet_runs_nothing_of_it(tmp_path: Path, hostile: Result) -> None:
    export(hostile, tmp_path / "out", file_format="xlsx")
    book = openpyxl.load_workbook(tmp_path / "out" / "sites.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "b"}
    texts = {str(cell.value) for cell in cells if cell.data_type in {"s", "inlineStr"}}
    starts = ("=", "+", "-", "@", "＝", "\t")
    assert not [text for text in texts if text.startswith(starts)]
    assert {"'+1", "'@SUM(A1)", "'=cmd|'/c calc'!A1", "{{7*7}}", "ab"} <= texts


def test_a_table_of_scores_runs_nothing_of_it(hostile: Result) -> None:
    rows = list(csv.DictReader(io.StringIO(render_scores(hostile), newline="")))
    found = {row["name_zh"] for row in rows}
    assert {"{{7*7}}", "'+1", "'@SUM(A1)", "'; DROP TABLE sites; --"} <= found
    assert not [text for text in found if text.startswith(("=", "+", "-", "@", "＝", "\t"))]
    assert len(rows) == len(hostile.candidates)


def test_a_bare_number_is_an_epsg_code(stored: Path, tmp_path: Path) -> None:
    found = {}
    for crs in ("4549", "EPSG:4549"):
        out = tmp_path / crs.replace(":", "_")
        asked = ["export", str(stored), "--crs", crs, "--out", str(out)]
        answer = CliRunner().invoke(main, asked)
        assert answer.exit_code == 0, answer.output
        found[crs] = (out / "sites.gpkg").read_bytes()
    assert found["4549"] == found["EPSG:4549"]
