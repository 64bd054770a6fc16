"""Layers come in checked, in the working CRS, or with every problem said in one line each."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import run
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely.geometry import LineString, Point, Polygon, mapping

import layers
from layers._columns import _check_numbers
from siting.errors import CrsError, InputError, MissingFileError, SitingError
from siting.model import LayerSpec, Study
from siting.schema import LAYERS, Column
from tests.builders import GOOD_LAYERS, make_layer, make_study, point_to

TOWNSHIPS = GOOD_LAYERS["townships"]
CANDIDATES = GOOD_LAYERS["candidates"]
EDGES = GOOD_LAYERS["road_edges"]
SQUARE = Polygon([(120.37, 36.05), (120.40, 36.05), (120.40, 36.08), (120.37, 36.08)])
BOW_TIE = Polygon([(120.37, 36.05), (120.40, 36.08), (120.40, 36.05), (120.37, 36.08)])
FLAT = Polygon([(120.37, 36.05), (120.40, 36.08), (120.37, 36.05)])


def geojson(*shapes: Any, **facts: Any) -> str:
    """Return districts D1, D2 … of these shapes (None: null geometry)."""
    features = [
        {
            "type": "Feature",
            "properties": {"id": f"D{number}", "name_zh": "区", "name_en": "", **facts},
            "geometry": None if item is None else mapping(item),
        }
        for number, item in enumerate(shapes, start=1)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def districts(folder: Path, *shapes: Any, **spec: Any) -> LayerSpec:
    return make_layer(folder, "districts", geojson(*shapes), suffix=".geojson", **spec)


def refuse(study: Study) -> SitingError:
    with pytest.raises(SitingError) as caught:
        layers.read(study)
    return caught.value


# Good input


def test_every_layer_comes_back_as_its_schema_says(tmp_path: Path) -> None:
    inputs = layers.read(make_study(tmp_path))
    assert inputs.crs == "EPSG:4549"
    assert list(inputs.layers) == list(GOOD_LAYERS)
    for kind, frame in inputs.layers.items():
        assert list(frame.columns) == [*LAYERS[kind].names, "geometry"]
        assert frame.crs.to_epsg() == 4549
        assert list(frame.index) == list(range(len(frame)))
        for column in LAYERS[kind].columns:
            values = frame[column.name]
            if column.dtype == "text":
                assert all(type(value) is str for value in values), column.name
            elif column.dtype == "flag":
                assert values.dtype == np.int8, column.name
            else:
                assert values.dtype == np.float64, column.name


def test_columns_absent_or_blank_are_empty_not_zero(tmp_path: Path) -> None:
    candidates = layers.read(make_study(tmp_path)).layers["candidates"]
    assert candidates["land_m2"].isna().all()
    assert candidates["note"].tolist() == ["", ""]
    edges = layers.read(make_study(tmp_path)).layers["road_edges"]
    assert edges["ref"].tolist() == [""]


def test_places_are_in_metres_east_then_north(tmp_path: Path) -> None:
    nodes = layers.read(make_study(tmp_path)).layers["road_nodes"]
    assert nodes.geometry.x.between(5.3e5, 5.4e5).all()
    assert nodes.geometry.y.between(3.9e6, 4.1e6).all()
    # 0.005 degrees of longitude at 36.065 N on the WGS84 ellipsoid: 450.4 m
    assert nodes.geometry[0].distance(nodes.geometry[1]) == pytest.approx(450.4, abs=0.2)


def test_targets_have_no_place(tmp_path: Path) -> None:
    targets = layers.read(make_study(tmp_path)).layers["targets"]
    assert targets.geometry.isna().all()
    assert targets["value"].tolist() == [35000.0]


def test_auto_finds_the_zone_from_the_data(tmp_path: Path) -> None:
    assert layers.read(make_study(tmp_path, crs="auto")).crs == "EPSG:4549"


def test_auto_looks_at_the_districts_not_at_a_wide_background(tmp_path: Path) -> None:
    coast = LineString([(108.0, 30.0), (131.0, 45.0)])
    text = geojson(coast).replace('"D1"', '"K1"')
    study = make_study(
        tmp_path,
        crs="auto",
        districts=districts(tmp_path, SQUARE),
        coastline=make_layer(tmp_path, "coastline", text, suffix=".geojson"),
    )
    assert layers.read(study).crs == "EPSG:4549"


def test_rows_are_sorted_by_id_whatever_the_order_of_the_file(tmp_path: Path) -> None:
    header, first, second = CANDIDATES.splitlines()
    study = make_study(tmp_path, candidates=f"{header}\n{second}\n{first}")
    frame = layers.read(study).layers["candidates"]
    assert frame["id"].tolist() == ["C1", "C2"]
    assert frame["suits_charging_bus"].tolist() == [1, 0]
    assert frame.to_crs("EPSG:4326").geometry.x.round(3).tolist() == [120.381, 120.384]


def test_same_files_same_frames_and_files_untouched(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    one, other = layers.read(study), layers.read(study)
    for kind in one.layers:
        assert one.layers[kind].to_json() == other.layers[kind].to_json()
    assert one.provenance == other.provenance
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_provenance_tells_what_became_of_a_layer(tmp_path: Path) -> None:
    spec = make_layer(
        tmp_path,
        "townships",
        reference="pack:townships.csv",
        licence="CC BY 4.0",
        attribution="us",
    )
    (record,) = layers.read(make_study(tmp_path, townships=spec)).provenance
    assert dataclasses.asdict(record) == {
        "kind": "townships",
        "reference": "pack:townships.csv",
        "sha256": hashlib.sha256(TOWNSHIPS.encode()).hexdigest(),
        "licence": "CC BY 4.0",
        "attribution": "us",
        "crs_found": "EPSG:4326",
        "rows_read": 1,
        "rows_kept": 1,
        "repairs": (),
        "warnings": (),
        "crs_used": "EPSG:4549",
        "source": "",
        "date": "",
    }


def test_columns_are_mapped_and_others_dropped(tmp_path: Path) -> None:
    text = TOWNSHIPS.replace("population", "pop_2020").replace("lon", "x").replace("lat", "y")
    text = text.replace("id,", "code,", 1)
    spec = make_layer(
        tmp_path,
        "townships",
        text,
        columns={"population": "pop_2020", "lon": "x", "lat": "y", "id": "code"},
    )
    frame = layers.read(make_study(tmp_path, townships=spec)).layers["townships"]
    assert frame["population"].tolist() == [60000.0]
    assert frame["id"].tolist() == ["T1"]
    assert "pop_2020" not in frame
    assert "x" not in frame


def test_csv_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """Byte-order mark, carriage returns, blank line at the end, spaces round a cell."""
    path = tmp_path / "townships.csv"
    text = TOWNSHIPS.replace("60000", " 60000 ").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n")
    inputs = layers.read(make_study(tmp_path, townships=point_to(path, "townships")))
    assert inputs.layers["townships"]["population"].tolist() == [60000.0]
    assert inputs.provenance[0].repairs == ("spaces trimmed from 1 cells",)


def test_points_may_be_given_as_text_and_in_metres(tmp_path: Path) -> None:
    text = TOWNSHIPS.replace("lon,lat", "wkt").replace("120.382,36.067", "POINT (534417 3993000)")
    spec = make_layer(tmp_path, "townships", text, crs="EPSG:4549")
    frame = layers.read(make_study(tmp_path, townships=spec)).layers["townships"]
    assert frame.geometry[0].coords[0] == pytest.approx((534417, 3993000))


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".shp"])
def test_vector_formats_give_the_same_frame(tmp_path: Path, suffix: str) -> None:
    table = gpd.GeoDataFrame(
        {
            "id": [2, 1],
            "name_zh": ["市北区", "市南区"],
            "name_en": ["Shibei", None],
            "district": ["a", "b"],
            "pop": [5, 7],
        },
        geometry=[Point(120.39, 36.06), Point(120.38, 36.06)],
        crs="EPSG:4326",
    )
    path = tmp_path / f"places{suffix}"
    table.to_file(path, encoding="utf-8") if suffix == ".shp" else table.to_file(path)
    spec = point_to(path, "townships", columns={"population": "pop"})
    frame = layers.read(make_study(tmp_path, townships=spec)).layers["townships"]
    assert frame["id"].tolist() == ["1", "2"]
    assert frame["name_zh"].tolist() == ["市南区", "市北区"]
    assert frame["name_en"].tolist() == ["", "Shibei"]
    assert frame["population"].tolist() == [7.0, 5.0]
    lonlat = frame.to_crs("EPSG:4326").geometry
    np.testing.assert_allclose(np.c_[lonlat.x, lonlat.y], [[120.38, 36.06], [120.39, 36.06]])


def test_numeric_ids_become_text_also_beside_a_gap(tmp_path: Path) -> None:
    text = geojson(SQUARE).replace('"D1"', "7")
    spec = make_layer(tmp_path, "districts", text, suffix=".geojson")
    assert layers.read(make_study(tmp_path, districts=spec)).layers["districts"]["id"][0] == "7"
    text = geojson(SQUARE, SQUARE).replace('"D1"', "7").replace('"D2"', "null")
    spec = make_layer(tmp_path, "districts", text, suffix=".geojson")
    message = str(refuse(make_study(tmp_path, districts=spec)))
    assert "column id: not filled" in message
    assert "7.0" not in message


def test_of_several_layers_the_one_named_like_the_kind_is_read(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    for name in ("districts", "land"):
        gpd.read_file(geojson(SQUARE)).assign(name_en=name).to_file(path, layer=name)
    for kind in ("districts", "land"):
        study = make_study(tmp_path, **{kind: point_to(path, kind)})
        assert layers.read(study).layers[kind]["name_en"].tolist() == [kind]


def test_invalid_polygons_are_made_valid_and_counted(tmp_path: Path) -> None:
    inputs = layers.read(make_study(tmp_path, districts=districts(tmp_path, BOW_TIE, SQUARE)))
    frame = inputs.layers["districts"]
    assert frame.geometry.is_valid.all()
    # The two triangles of the bow tie are half of the square.
    assert frame.geometry[0].area == pytest.approx(frame.geometry[1].area / 2, rel=1e-3)
    assert inputs.provenance[0].repairs == ("1 invalid polygons made valid",)


def test_heights_are_dropped_and_told(tmp_path: Path) -> None:
    high = Polygon([(x, y, 9.0) for x, y in SQUARE.exterior.coords])
    inputs = layers.read(make_study(tmp_path, districts=districts(tmp_path, high)))
    assert not inputs.layers["districts"].geometry.has_z.any()
    assert inputs.provenance[0].repairs == ("heights dropped from 1 shapes",)


def test_a_collection_of_one_is_that_one(tmp_path: Path) -> None:
    text = EDGES.replace("LINESTRING (", "MULTILINESTRING ((").replace('36.065)"', '36.065))"')
    study = make_study(tmp_path, road_nodes=GOOD_LAYERS["road_nodes"], road_edges=text)
    assert layers.read(study).layers["road_edges"].geometry[0].geom_type == "LineString"


def test_hostile_names_are_kept_as_they_are(tmp_path: Path) -> None:
    for name in ("{{7*7}}", "=cmd|'/c calc'!A1", "<script>alert(1)</script>", "NA", "nan", "null"):
        text = TOWNSHIPS.replace("香港中路街道", name)
        frame = layers.read(make_study(tmp_path, townships=text)).layers["townships"]
        assert frame["name_zh"].tolist() == [name]


def test_progress_is_told_after_each_layer(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    layers.read(make_study(tmp_path), progress=lambda share, what: told.append((share, what)))
    assert [what for _, what in told] == list(GOOD_LAYERS)
    assert told[-1][0] == 1.0
    assert [share for share, _ in told] == sorted(share for share, _ in told)


def test_embedded_pack_is_read_without_a_repair(tmp_path: Path) -> None:
    pack = layers.starter_path("qingdao")
    mapped = {"townships": {"population": "pop_2020"}, "candidates": {"land_m2": "land_m2_est"}}
    specs = {
        path.stem: point_to(path, path.stem, columns=mapped.get(path.stem, {}))
        for path in sorted(pack.iterdir())
        if path.suffix != ".md"
    }
    inputs = layers.read(make_study(tmp_path, crs="auto", **specs))
    assert set(inputs.layers) == {path.stem for path in pack.iterdir() if path.suffix != ".md"}
    assert inputs.crs == "EPSG:4549"
    assert inputs.layers["townships"]["population"].sum() == 10_071_722
    assert all(record.repairs == () for record in inputs.provenance)


def test_starter_path_names_the_packs_there_are() -> None:
    assert (layers.starter_path("qingdao") / "berths.csv").is_file()
    with pytest.raises(MissingFileError, match=r"starter pack.*'atlantis'.*qingdao"):
        layers.starter_path("atlantis")


def test_importing_layers_loads_nothing_heavy() -> None:
    code = (
        "import layers, sys; sys.exit(bool({'geopandas', 'pyogrio', 'pandas'} & set(sys.modules)))"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0


# Bad input: one wrong thing a case, its key words in the message


def cell(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


BAD_TEXTS: list[Any] = [
    pytest.param(
        "road_edges",
        cell(
            EDGES,
            "(120.380 36.065, 120.385",
            "((120.380 36.065, 120.381 36.065), (120.382 36.065, 120.385",
        )
        .replace("LINESTRING", "MULTILINESTRING")
        .replace('36.065)"', '36.065))"'),
        ("wrong geometry type MultiLineString", "expected LineString)", "E1"),
        id="edge of two parts",
    ),
    pytest.param(
        "gateways",
        "id,name_zh,name_en,truck_share,lon,lat\nW1,界,Border,1.5,120.38,36.07\n",
        ("truck_share: too large: '1.5'", "at most 1 share", "W1"),
        id="above the maximum",
    ),
    pytest.param("townships", "", ("file is empty", "0 bytes"), id="zero bytes"),
    pytest.param("townships", "id,name_zh\n", ("no rows",), id="header only"),
    pytest.param("townships", "\n\n", ("no rows",), id="blank lines only"),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, ",population", ",pop_2020"),
        ("missing column population", "pop_2020", 'columns = { population = "its name" }'),
        id="missing column",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "district,population", "a,b"),
        ("missing column population",),
        id="missing columns",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "lon,lat", "a,b"),
        ("no columns to place", "a, b"),
        id="no place",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "60000", ""),
        ("population: not filled", "1 row: T1"),
        id="unfilled",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "60000", "many"),
        ("column population: not a number: 'many'", "1 row: T1"),
        id="text for number",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "60000", "12 km"),
        ("not a number: '12 km'",),
        id="number with a unit",
    ),
    pytest.param("townships", cell(TOWNSHIPS, "60000", "nan"), ("not a number: 'nan'",), id="NaN"),
    pytest.param(
        "townships", cell(TOWNSHIPS, "60000", "inf"), ("not a finite number",), id="infinite"
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "60000", "-1"),
        ("too small: '-1'", "at least 0 persons"),
        id="negative",
    ),
    pytest.param(
        "townships",
        TOWNSHIPS + TOWNSHIPS.splitlines()[1].replace("T1,", ","),
        ("column id: not filled", "1 row: row 2"),
        id="no id",
    ),
    pytest.param(
        "townships",
        TOWNSHIPS + TOWNSHIPS.splitlines()[1].replace("60000", "60001"),
        ("id repeated", "1 id: T1"),
        id="duplicate id",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "120.382,36.067", "36.067,120.382"),
        ("lon and lat", "swapped", "T1"),
        id="swapped",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "120.382,36.067", "534417,3993000"),
        ("coordinates out of range for EPSG:4326", "T1"),
        id="metres as degrees",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "120.382", ""),
        ("geometry missing", "1 row: T1"),
        id="blank longitude",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "120.382", "120°23'"),
        ("column lon: not a number",),
        id="degrees",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "120.382", "inf"),
        ("NaN or infinite", "T1"),
        id="endless place",
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "district,population", "district,district"),
        ("column name repeated", "district"),
        id="column twice",
    ),
    pytest.param(
        "townships", TOWNSHIPS + "T2,x\n", ("more or fewer cells", "1 row: row 2"), id="short row"
    ),
    pytest.param(
        "townships",
        cell(TOWNSHIPS, "36.067", "36,067"),
        ("more or fewer cells",),
        id="comma as mark",
    ),
    pytest.param("townships", cell(TOWNSHIPS, "T1", '"T1'), ("not a CSV table",), id="open quote"),
    pytest.param(
        "candidates",
        cell(CANDIDATES, "0,1,0,1,120", "2,1,0,1,120"),
        ("suits_hydrogen: not a flag: '2'", "0 or 1", "C1"),
        id="flag of two",
    ),
    pytest.param(
        "candidates",
        cell(CANDIDATES, "0,1,0,1,120", "yes,1,0,1,120"),
        ("suits_hydrogen: not a number: 'yes'",),
        id="flag of words",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, ",yes,", ",maybe,"),
        ("column hgv: unknown value: 'maybe'", "yes or restricted or no", "E1"),
        id="unknown choice",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, "LINESTRING (120.380 36.065, 120.385 36.065)", "LINESTRING (120.380"),
        ("not well-known text", "E1"),
        id="broken WKT",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, "LINESTRING (120.380 36.065, 120.385 36.065)", "POINT (120.38 36.065)"),
        ("wrong geometry type Point", "LineString", "E1"),
        id="wrong type",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, "(120.380 36.065, 120.385 36.065)", "EMPTY"),
        ("geometry is empty", "E1"),
        id="empty geometry",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, "120.385 36.065)", "120.380 36.065)"),
        ("column to_id: line ends up to 450 m away from its node", "E1"),
        id="line without length",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, "40,0.46", "40,0.4"),
        ("length_km: shorter than its geometry", "E1", "0.9"),
        id="too short",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, "40,0.46", "0,0.46"),
        ("free_flow_kmh: too small",),
        id="no speed",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, "E1,N1,N2", "E1,N1,N9"),
        ("column to_id: no such node", "1 row: E1", "'N9'"),
        id="unknown node",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, "E1,N1,N2", "E1,N2,N1"),
        ("line starts up to 45", "line ends up to 45", "at most 50 m"),
        id="turned edge",
    ),
    pytest.param(
        "road_edges",
        cell(EDGES, "120.385 36.065)", "120.3844 36.065)"),
        ("line ends up to 54 m away from its node", "E1"),
        id="end too far",
    ),
]


@pytest.mark.parametrize(("kind", "text", "words"), BAD_TEXTS)
def test_bad_text_is_refused(tmp_path: Path, kind: str, text: str, words: tuple[str, ...]) -> None:
    study = make_study(tmp_path, **{**GOOD_LAYERS, kind: text})
    error = refuse(study)
    message = str(error)
    assert isinstance(error, InputError)
    assert f"layer {kind} ({kind}.csv)" in message
    for word in words:
        assert word in message
    assert str(tmp_path) not in message
    assert all(len(line) <= 600 for line in message.splitlines())
    assert len(message.splitlines()) == len(error.problems)


def test_an_end_within_the_tolerance_is_accepted(tmp_path: Path) -> None:
    text = cell(EDGES, "120.385 36.065)", "120.3845 36.065)")  # 45 m
    study = make_study(tmp_path, **{**GOOD_LAYERS, "road_edges": text})
    assert len(layers.read(study).layers["road_edges"]) == 1


BAD_DRAWINGS: list[Any] = [
    pytest.param(geojson(SQUARE, None), ("geometry missing", "1 row: D2"), id="null"),
    pytest.param(geojson(SQUARE, Polygon()), ("geometry is empty", "1 row: D2"), id="empty"),
    pytest.param(geojson(Point(120.4, 36.1)), ("wrong geometry type Point", "Polygon"), id="type"),
    pytest.param(geojson(SQUARE, FLAT), ("beyond repair", "1 row: D2"), id="no area"),
    pytest.param(
        geojson(Polygon([(y, x) for x, y in SQUARE.exterior.coords])),
        ("swapped", "D1"),
        id="swapped",
    ),
    pytest.param(geojson(), ("no rows",), id="no features"),
    pytest.param(geojson(SQUARE)[:60], ("cannot be read as vector data",), id="cut off"),
    pytest.param("<html>404 not found</html>", ("cannot be read as vector data",), id="web page"),
]


@pytest.mark.parametrize(("text", "words"), BAD_DRAWINGS)
def test_bad_drawing_is_refused(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    spec = make_layer(tmp_path, "districts", text, suffix=".geojson")
    message = str(refuse(make_study(tmp_path, districts=spec)))
    assert "layer districts (districts.geojson)" in message
    for word in words:
        assert word in message
    assert str(tmp_path) not in message


def good(folder: Path, **spec: Any) -> LayerSpec:
    return make_layer(folder, "townships", **spec)


def directory(folder: Path) -> LayerSpec:
    (folder / "shapes").mkdir()
    return point_to(folder / "shapes", "townships")


def latin(folder: Path) -> LayerSpec:
    text = TOWNSHIPS.replace("香港中路街道", "São João").replace("市南区", "Condeixa-a-Nova")
    (folder / "t.csv").write_bytes(text.encode("latin-1"))
    return point_to(folder / "t.csv", "townships")


def two_layers(folder: Path) -> LayerSpec:
    for name in ("a", "b"):
        gpd.read_file(geojson(SQUARE)).to_file(folder / "c.gpkg", layer=name)
    return point_to(folder / "c.gpkg", "districts")


def airports(folder: Path) -> LayerSpec:
    return dataclasses.replace(good(folder), kind="airports")


def no_crs(folder: Path) -> LayerSpec:
    frame = gpd.GeoDataFrame({"id": ["D1"]}, geometry=[SQUARE])
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(folder / "d.gpkg")
    return point_to(folder / "d.gpkg", "districts")


BAD_SPECS: list[Any] = [
    pytest.param(lambda f: point_to(f / "gone.csv", "townships"), MissingFileError, ("file not found", "gone.csv"), id="missing"),
    pytest.param(directory, InputError, ("directory",), id="directory"),
    pytest.param(lambda f: good(f, crs=None), CrsError, ("coordinate system missing", 'crs = "EPSG:4326"'), id="csv without crs"),
    pytest.param(no_crs, InputError, ("coordinate system missing", "the CRS of its coordinates"), id="file without crs"),
    pytest.param(lambda f: good(f, crs="EPSG:0"), CrsError, ("unknown coordinate system", "EPSG:0"), id="unknown crs"),
    pytest.param(lambda f: good(f, crs="EPSG:4549"), CrsError, ("out of range for EPSG:4549", "T1"), id="degrees as metres"),
    pytest.param(lambda f: districts(f, SQUARE, crs="EPSG:4549"), CrsError, ("different coordinate systems", "EPSG:4326 in the file"), id="two crs"),
    pytest.param(latin, InputError, ("neither UTF-8 nor GBK", "byte 0xe3 in line 2", "Save it as UTF-8"), id="not UTF-8"),
    pytest.param(two_layers, InputError, ("several layers", "a, b", "named districts", 'layer = "its name"'), id="two layers"),
    pytest.param(lambda f: good(f, columns={"people": "population"}), InputError, ("no such column in this kind", "'people'", "population"), id="mapping of nothing"),
    pytest.param(lambda f: good(f, columns={"note": "remarks"}), InputError, ("no column for note", "'remarks'", "population"), id="mapping to nothing"),
    pytest.param(airports, InputError, ("unknown kind", "'airports'", "road_nodes"), id="unknown kind"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "words"), BAD_SPECS)
def test_bad_specification_is_refused(
    tmp_path: Path,
    make: Callable[[Path], LayerSpec],
    error: type[SitingError],
    words: tuple[str, ...],
) -> None:
    spec = make(tmp_path)
    found = refuse(make_study(tmp_path, **{spec.kind: spec}))
    assert isinstance(found, error)
    for word in words:
        assert word in str(found)
    assert str(tmp_path) not in str(found)


def test_a_file_without_crs_is_read_with_the_one_of_the_study(tmp_path: Path) -> None:
    frame = gpd.read_file(geojson(SQUARE)).to_crs("EPSG:32651")
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame(
            frame.drop(columns="geometry"), geometry=frame.geometry.to_numpy()
        ).to_file(tmp_path / "d.gpkg")
    spec = point_to(tmp_path / "d.gpkg", "districts", crs="EPSG:32651")
    inputs = layers.read(make_study(tmp_path, districts=spec))
    lon, lat = inputs.layers["districts"].to_crs("EPSG:4326").geometry[0].centroid.coords[0]
    assert (lon, lat) == pytest.approx((120.385, 36.065), abs=1e-3)
    assert inputs.provenance[0].crs_found == "EPSG:32651"


def test_a_table_without_geometry_is_no_map_layer(tmp_path: Path) -> None:
    table = pd.DataFrame({"id": ["D1"], "name_zh": [""], "name_en": [""]})
    pyogrio.write_dataframe(table, tmp_path / "d.gpkg")
    error = refuse(make_study(tmp_path, districts=point_to(tmp_path / "d.gpkg", "districts")))
    assert "table without geometry" in str(error)


def test_targets_may_come_from_any_table(tmp_path: Path) -> None:
    facts = {
        "id": "G1",
        "name_zh": "桩",
        "name_en": "",
        "plan_item": 44,
        "value": 35000,
        "unit": "",
    }
    pyogrio.write_dataframe(pd.DataFrame([facts]), tmp_path / "targets.gpkg")
    study = make_study(
        tmp_path,
        townships=TOWNSHIPS,
        targets=point_to(tmp_path / "targets.gpkg", "targets"),
    )
    targets = layers.read(study).layers["targets"]
    assert targets["plan_item"].tolist() == ["44"]
    assert targets["value"].tolist() == [35000.0]
    assert targets.geometry.isna().all()


def test_a_polygon_that_reprojection_folds_is_mended_and_told(tmp_path: Path) -> None:
    """The lower edge is a parallel; its chord in the plane passes north of the notch's tip."""
    notched = Polygon(
        [(119, 36), (121, 36), (121, 37), (120.1, 37), (120, 36.002), (119.9, 37), (119, 37)]
    )
    assert notched.is_valid
    inputs = layers.read(make_study(tmp_path, districts=districts(tmp_path, notched)))
    assert inputs.layers["districts"].geometry.is_valid.all()
    assert inputs.provenance[0].repairs == ("1 polygons made valid after reprojection",)


def test_warnings_of_gdal_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = geojson(SQUARE, SQUARE).replace('"type": "Feature",', '"type": "Feature", "id": 1,')
    spec = make_layer(tmp_path, "districts", text, suffix=".geojson")
    layers.read(make_study(tmp_path, districts=spec))
    assert "layer districts (districts.geojson): " in caplog.text
    assert "Several features with id" in caplog.text


def test_integer_columns_must_be_whole() -> None:
    found = _check_numbers(
        Column(name="n", dtype="integer"),
        np.array([1.0, 1.5, np.nan]),
        np.array(["1", "1.5", ""], dtype=object),
    )
    told = {what: rows.tolist() for rows, what, _ in found if rows.any()}
    assert told == {"not whole: '1.5'": [False, True, False]}


def test_a_working_crs_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    error = refuse(make_study(tmp_path, crs="EPSG:3857"))
    assert isinstance(error, CrsError)
    assert "Take EPSG:4549" in str(error)


def test_a_study_with_no_place_at_all_is_refused(tmp_path: Path) -> None:
    error = refuse(make_study(tmp_path, targets=GOOD_LAYERS["targets"]))
    assert "no layer says where the study lies" in str(error)


def test_swapped_is_seen_where_only_the_other_layers_tell(tmp_path: Path) -> None:
    """Monaco: 7.4 E 43.7 N and, swapped, 43.7 E 7.4 N are both on Earth."""
    monaco = {
        kind: text.replace("120.38", "7.42").replace("36.06", "43.73")
        for kind, text in GOOD_LAYERS.items()
        if kind != "road_edges"
    }
    assert layers.read(make_study(tmp_path, crs="auto", **monaco)).crs == "EPSG:32632"
    monaco["townships"] = monaco["townships"].replace("7.422,43.737", "43.737,7.422")
    error = refuse(make_study(tmp_path, crs="auto", **monaco))
    assert isinstance(error, CrsError)
    assert "layer townships (townships.csv): lon and lat" in str(error)
    assert "swapped" in str(error)
    assert len(error.problems) == 1


def test_one_far_place_is_named(tmp_path: Path) -> None:
    text = cell(CANDIDATES, "120.384", "12.384")
    error = refuse(make_study(tmp_path, **{**GOOD_LAYERS, "candidates": text}))
    assert "far from the rest of the study" in str(error)
    assert "1 row: C2" in str(error)


def test_at_most_five_ids_are_quoted_and_all_are_counted(tmp_path: Path) -> None:
    header, row = TOWNSHIPS.splitlines()
    rows = [row.replace("T1", f"T{n}").replace("60000", "-1") for n in range(10, 18)]
    message = str(refuse(make_study(tmp_path, townships="\n".join([header, *rows]))))
    assert "8 rows: T10, T11, T12, T13, T14, …" in message
    assert "T15" not in message


def test_all_problems_of_all_layers_are_told_at_once(tmp_path: Path) -> None:
    study = make_study(
        tmp_path,
        road_nodes=GOOD_LAYERS["road_nodes"],
        road_edges=cell(cell(EDGES, "E1,N1,N2", "E1,N1,N9"), "40,0.46", "40,0.1"),
        candidates=cell(cell(CANDIDATES, "0,1,0,1,120", "2,1,0,1,120"), "C2", "C1"),
        townships=make_layer(
            tmp_path, "townships", cell(TOWNSHIPS, "60000", "-5"), crs=None, columns={"note": "x"}
        ),
        ports=point_to(tmp_path / "ports.csv", "ports"),
        districts=districts(tmp_path, None),
    )
    error = refuse(study)
    assert isinstance(error, MissingFileError)
    said = [
        ("layer candidates", "not a flag"),
        ("layer candidates", "id repeated"),
        ("layer townships", "coordinate system missing"),
        ("layer townships", "no column for note"),
        ("layer townships", "too small"),
        ("layer ports", "file not found"),
        ("layer districts", "geometry missing"),
        ("layer road_edges", "no such node"),
        ("layer road_edges", "shorter than its geometry"),
    ]
    lines = str(error).splitlines()
    assert len(lines) == len(said)
    for layer, what in said:
        assert sum(line.startswith(layer) and what in line for line in lines) == 1, (layer, what)


def test_hostile_text_stays_in_its_line(tmp_path: Path) -> None:
    text = TOWNSHIPS.replace("T1", '"T\n1\x1b[31m{{x}}"').replace("60000", "-1")
    error = refuse(make_study(tmp_path, townships=text))
    assert len(str(error).splitlines()) == 1
    assert "\x1b" not in str(error)
    assert "{{x}}" in str(error)
