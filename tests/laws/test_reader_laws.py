"""Laws of the readers and repairs: what is written is read, whatever the format; twice is once."""

import math
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings, strategies as st
from openpyxl import Workbook
from shapely.geometry import Point, Polygon

import layers
from layers._geometry import make_valid
from layers._numbers import find_decimal, to_numbers
from layers._raw import RawLayer
from layers._rows import LOST_SHARE, RowFault, settle
from layers._text import decode
from siting.errors import SitingError
from siting.model import LayerRecord, LayerSpec
from siting.schema import LAYERS
from tests.builders import make_study, point_to
from tests.corpus.base import write

FEW = settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
_SIGNS = "市南区香港中路街道崂山é ñ,;\"'{}<>=|%\\/+-@#()aZ09。，"
texts = st.text(st.sampled_from(_SIGNS), max_size=12).map(str.strip)
amounts = st.one_of(st.integers(0, 10**7), st.integers(0, 10**9).map(lambda n: n / 1000))
places = st.tuples(st.integers(120_300, 120_500), st.integers(36_000, 36_200))


@st.composite
def tables(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Draw candidates with land that is not always known, and every kind of text."""
    xy = draw(st.lists(places, min_size=1, max_size=6, unique=True))
    count = len(xy)
    column = {
        name: draw(st.lists(texts, min_size=count, max_size=count))
        for name in ("name_zh", "name_en", "note")
    }
    land = draw(st.lists(st.none() | amounts, min_size=count, max_size=count))
    facts = {"id": [f"T{n}" for n in draw(st.permutations(range(count)))]} | column
    facts |= {"type": ["depot"] * count, "land_m2": [math.nan if n is None else n for n in land]}
    flags = {c.name: [1] * count for c in LAYERS["candidates"].columns if c.dtype == "flag"}
    points = [Point(x / 1000, y / 1000) for x, y in xy]
    return gpd.GeoDataFrame(facts | flags, geometry=points, crs="EPSG:4326")


def _lonlat(table: gpd.GeoDataFrame) -> pd.DataFrame:
    facts = pd.DataFrame(table.drop(columns="geometry"))
    return facts.assign(lon=table.geometry.x, lat=table.geometry.y)


def _csv(encoding: str, mark: str) -> Callable[[gpd.GeoDataFrame, Path], None]:
    return lambda t, path: _lonlat(t).to_csv(path, index=False, sep=mark, encoding=encoding)


def _xlsx(table: gpd.GeoDataFrame, path: Path) -> None:
    book = Workbook()
    sheet = book.active
    frame = _lonlat(table)
    sheet.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        sheet.append([None if isinstance(c, float) and math.isnan(c) else c for c in row])
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # =1+1 is a text here
    book.save(path)


def _shp(encoding: str) -> Callable[[gpd.GeoDataFrame, Path], None]:
    def made(table: gpd.GeoDataFrame, path: Path) -> None:
        # Names of flags would be cut to the same ten letters.
        short = {n: f"f{k}" for k, n in enumerate(_flags())}
        write(table.rename(columns=short), path, encoding=encoding)

    return made


def _geojson(table: gpd.GeoDataFrame, path: Path) -> None:
    # GDAL would take a text in braces for JSON and write what it makes of it.
    write(table, path, AUTODETECT_JSON_STRINGS="NO")


def _flags() -> list[str]:
    return [c.name for c in LAYERS["candidates"].columns if c.dtype == "flag"]


FORMATS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    "t.gpkg": write,
    "t.geojson": _geojson,
    "t.fgb": write,
    "t.parquet": write,
    "utf8.csv": _csv("utf-8", ","),
    "bom.csv": _csv("utf-8-sig", ";"),
    "utf16.csv": _csv("utf-16", "\t"),
    "t.xlsx": _xlsx,
    "utf8.shp": _shp("UTF-8"),
    "gbk.shp": _shp("GB18030"),
}


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def bring(table: gpd.GeoDataFrame, path: Path) -> LayerSpec:
    FORMATS[path.name](table, path)
    is_table = path.suffix in {".csv", ".xlsx"}
    columns = {n: f"f{k}" for k, n in enumerate(_flags())} if path.suffix == ".shp" else {}
    crs = "EPSG:4326" if is_table else None
    return point_to(path, "candidates", crs=crs, columns=columns)


def read(spec: LayerSpec) -> tuple[gpd.GeoDataFrame, LayerRecord]:
    inputs = layers.read(make_study(Path(spec.path).parent, **{spec.kind: spec}))
    return inputs.layers[spec.kind], inputs.provenance[0]


@pytest.mark.parametrize("name", FORMATS)
@FEW
@given(table=tables())
def test_what_is_written_is_read(name: str, table: gpd.GeoDataFrame) -> None:
    with folder() as here:
        spec = bring(table, here / name)
        before = {path: path.read_bytes() for path in here.iterdir()}
        found, record = read(spec)
        again, _ = read(spec)
        assert {path: path.read_bytes() for path in here.iterdir()} == before
    wanted = table.sort_values("id", ignore_index=True)
    for column in ("id", "name_zh", "name_en", "type", "note"):
        assert found[column].tolist() == wanted[column].tolist()
    np.testing.assert_array_equal(found["land_m2"], wanted["land_m2"].astype(float))
    gaps = shapely.distance(found.geometry, wanted.to_crs(found.crs).geometry)
    assert gaps.max() < 1e-6
    assert found.to_json() == again.to_json()
    assert (record.rows_read, record.rows_kept) == (len(table), len(table))


@FEW
@given(table=tables(), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(table: gpd.GeoDataFrame, seed: object) -> None:
    order = list(range(len(table)))
    seed.shuffle(order)  # type: ignore[attr-defined]
    with folder() as here:
        one, _ = read(bring(table, here / "t.gpkg"))
        (here / "t.gpkg").unlink()
        other, _ = read(bring(table.iloc[order], here / "t.gpkg"))
    assert one.to_json() == other.to_json()


places_of_damage = st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 255)), max_size=4)


@pytest.mark.parametrize("name", ["t.gpkg", "t.fgb", "t.parquet", "utf8.csv", "t.xlsx", "gbk.shp"])
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(damage=places_of_damage, kept=st.sampled_from((1.0, 1.0, 0.7)), part=st.integers(0, 9))
def test_damaged_files_are_read_or_refused_in_words(
    name: str, damage: list[tuple[float, int]], kept: float, part: int
) -> None:
    points = [Point(120.38 + n / 1000, 36.07) for n in range(9)]
    facts = {"id": [f"T{n}" for n in range(9)], "type": "depot", "land_m2": 5.0, "name_zh": "站"}
    table = gpd.GeoDataFrame(facts | dict.fromkeys(_flags(), 1), geometry=points, crs="EPSG:4326")
    with folder() as here, warnings.catch_warnings(action="ignore"):
        spec = bring(table, here / name)
        files = sorted(here.iterdir())
        path = files[part % len(files)]
        data = bytearray(path.read_bytes())
        for where, byte in damage:
            data[int(where * len(data))] = byte
        path.write_bytes(data[: int(kept * len(data))])
        try:
            found, record = read(spec)
        except SitingError as error:
            lines = str(error).splitlines()
            problems, is_private = len(error.problems), str(here) in str(error)
        else:
            assert len(found) == record.rows_kept
            return
    assert len(lines) == problems
    assert not is_private


# Repairs


corners = st.tuples(st.integers(0, 12), st.integers(0, 12))
rings = st.lists(corners, min_size=4, max_size=9)


def _district(ring: list[tuple[int, int]]) -> Polygon:
    return Polygon([(120.3 + x / 200, 36.0 + y / 200) for x, y in ring])


@st.composite
def damaged(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Draw districts: good ones, crossing ones, flat ones, copies, nothing."""
    shapes = draw(st.lists(st.none() | rings.map(_district), min_size=0, max_size=2))
    good = [_district([(n % 9, 0), (n % 9 + 1, 0), (n % 9, n + 1)]) for n in range(40)]
    facts = [f"D{n:02}" for n in range(len(shapes) + 40)]
    table = gpd.GeoDataFrame({"id": facts}, geometry=[*shapes, *good], crs="EPSG:4326")
    copies = draw(st.lists(st.integers(0, len(table) - 1), max_size=3))
    return pd.concat([table, table.iloc[copies]], ignore_index=True)


@FEW
@given(table=damaged())
def test_repairs_are_told_and_what_is_repaired_needs_none(table: gpd.GeoDataFrame) -> None:
    with folder() as here:
        write(table, here / "d.fgb", SPATIAL_INDEX="NO")
        data = (here / "d.fgb").read_bytes()
        spec = point_to(here / "d.fgb", "districts")
        found, record = read(spec)
        assert (here / "d.fgb").read_bytes() == data
        write(found, here / "again.gpkg")
        again, second = read(point_to(here / "again.gpkg", "districts"))
    assert record.rows_read == len(table)
    copies = int(table.duplicated().sum())
    assert record.rows_read - record.rows_kept <= copies + LOST_SHARE * len(table)
    if record.rows_kept < record.rows_read:
        assert any("left out" in sentence for sentence in record.repairs)
    assert found.geometry.is_valid.all()
    assert second.repairs == ()
    assert again.to_json() == found.to_json()


@given(st.lists(rings.map(Polygon), min_size=1, max_size=5))
def test_making_valid_twice_is_making_valid_once(shapes: list[Polygon]) -> None:
    once, count = make_valid(np.array(shapes, dtype=object))
    twice, none = make_valid(once)
    assert none == 0
    assert count == sum(not shape.is_valid for shape in shapes)
    assert all(
        a.equals(b) or (a.is_empty and b.is_empty) for a, b in zip(once, twice, strict=True)
    )


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=120))
def test_never_more_than_the_share_is_left_out(rows: list[tuple[bool, bool]]) -> None:
    masks = np.array(rows, dtype=np.bool_)
    cells = pd.DataFrame({"id": [str(n) for n in range(len(rows))]})
    raw = RawLayer(
        spec=LayerSpec(kind="ports", path="p.csv", reference="p.csv"),
        schema=LAYERS["ports"],
        cells=cells,
        geometry=None,
        crs=None,
    )
    done = settle(raw, [RowFault(masks[:, 0], "a", ""), RowFault(masks[:, 1], "b", "")])
    hit = masks.any(axis=1)
    if hit.sum() <= LOST_SHARE * len(rows):
        assert (done.keep == ~hit).all()
        assert done.problems == []
        assert len(done.repairs) == masks.any(axis=0).sum()
    else:
        assert done.keep.all()
        assert done.repairs == ()
        assert len(done.problems) == masks.any(axis=0).sum()


# Text and numbers


numbers = st.integers(-(10**12), 10**12)


@given(numbers, st.sampled_from((",", " ", "\u00a0", "\u2009", "\u202f")))
def test_groups_of_three_digits_are_one_number(number: int, mark: str) -> None:
    text = f"{number:,}".replace(",", mark)
    assert to_numbers([text], ".").numbers.tolist() == [float(number)]


@given(numbers, st.integers(1, 999))
def test_decimal_commas_are_decimal_where_the_file_says_so(number: int, rest: int) -> None:
    text = f"{number},{rest:03}"
    assert to_numbers([text], ",").numbers.tolist() == [float(text.replace(",", "."))]


@given(st.lists(numbers.map(lambda n: f"{n:,}"), max_size=5))
def test_thousands_are_never_taken_for_decimals(written: list[str]) -> None:
    assert find_decimal(written, in_doubt="?") in {".", "?"}


@given(st.integers(0, 10**6), st.sampled_from(("km", "m", "万", "％", "%", "m²", "人", "kV", "°")))
def test_a_number_with_a_unit_is_none(number: int, unit: str) -> None:
    for text in (f"{number}{unit}", f"{number} {unit}"):
        assert np.isnan(to_numbers([text], ".").numbers).all()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_back(number: float) -> None:
    assert to_numbers([repr(number)], ".").numbers.tolist() == [number]


SPEC = LayerSpec(kind="ports", path="p.csv", reference="p.csv")
chinese = st.text(st.sampled_from("青岛市南区崂山香港中路街道胶州湾前"), min_size=2, max_size=30)


@example("前前", "gbk")  # which are the bytes of ǰǰ in UTF-8
@given(chinese, st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030")))
def test_chinese_text_is_read_from_every_encoding(text: str, encoding: str) -> None:
    table = f"id,name_zh\r\n1,{text}\r\n"
    assert decode(table.encode(encoding), SPEC)[0] == table


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_one_problem(data: bytes) -> None:
    try:
        text, told = decode(data, SPEC)
    except SitingError as caught:
        error = caught
    else:
        assert isinstance(text, str)
        assert len(told) <= 1
        return
    assert len(str(error).splitlines()) == len(error.problems) == 1
