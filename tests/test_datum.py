"""GCJ-02 and BD-09: the public formulas, and layers that are declared to be in them."""

import math
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from pyproj import CRS
from shapely.geometry import LineString, Point

import layers
from layers._crs import declared_crs
from layers._datum import doubt_datum, to_wgs84
from layers._raw import RawLayer
from siting.datum import BD09, CHINA, GCJ02, find_datum, is_shifted, shift, unshift
from siting.errors import CrsError
from siting.model import LayerSpec
from siting.schema import LAYERS
from tests.builders import GOOD_LAYERS, make_layer, make_study, point_to

QINGDAO = (119.5, 35.5, 121.1, 37.2)
PORTO = (-8.78, 40.98, -8.35, 41.4)

# lon, lat in WGS84 and in GCJ-02. The first three are python/test.py of googollee/eviltransform
# (github.com/googollee/eviltransform); the last is the README of wandergis/coordtransform.
PUBLISHED_GCJ = [
    (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597),
    (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),
    (116.377817, 39.911954, 116.38404722455657, 39.91334545536069),
    (116.404, 39.915, 116.41024449916938, 39.91640428150164),
]
# The README of wandergis/coordtransform: GCJ-02 to BD-09, and WGS84 to BD-09.
PUBLISHED_BD = [(116.404, 39.915, 116.41662724378733, 39.922699552216216)]


@pytest.mark.parametrize(("lon", "lat", "lon_gcj", "lat_gcj"), PUBLISHED_GCJ)
def test_published_pairs_of_gcj_02(lon: float, lat: float, lon_gcj: float, lat_gcj: float) -> None:
    shown = shift(np.array([[lon, lat]]), GCJ02)
    np.testing.assert_allclose(shown, [[lon_gcj, lat_gcj]], rtol=0, atol=1e-12)
    np.testing.assert_allclose(unshift(shown, GCJ02), [[lon, lat]], rtol=0, atol=1e-10)


@pytest.mark.parametrize(("lon", "lat", "lon_bd", "lat_bd"), PUBLISHED_BD)
def test_published_pairs_of_bd_09(lon: float, lat: float, lon_bd: float, lat_bd: float) -> None:
    shown = shift(np.array([[lon, lat]]), BD09)
    np.testing.assert_allclose(shown, [[lon_bd, lat_bd]], rtol=0, atol=1e-12)
    np.testing.assert_allclose(unshift(shown, BD09), [[lon, lat]], rtol=0, atol=1e-10)


def reference_gcj(lon: float, lat: float) -> tuple[float, float]:
    """Return GCJ-02 by the formula written out once more, a place at a time, term by term."""
    x, y = lon - 105, lat - 35
    rad = lat / 180 * math.pi
    w = 1 - 0.00669342162296594323 * math.sin(rad) ** 2
    ripple = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * abs(x) ** 0.5 + ripple
    for a, n in ((20, 1), (40, 3), (160, 12), (320, 30)):
        north += a * math.sin(y * math.pi / n) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * abs(x) ** 0.5 + ripple
    for a, n in ((20, 1), (40, 3), (150, 12), (300, 30)):
        east += a * math.sin(x * math.pi / n) * 2 / 3
    meridian_m = 6378245 * (1 - 0.00669342162296594323) / w**1.5
    parallel_m = 6378245 / w**0.5 * math.cos(rad)
    return lon + math.degrees(east / parallel_m), lat + math.degrees(north / meridian_m)


def test_the_formula_holds_all_over_the_box() -> None:
    rng = np.random.default_rng(1)
    places = rng.uniform(CHINA[:2], CHINA[2:], (200, 2))
    expected = [reference_gcj(lon, lat) for lon, lat in places]
    np.testing.assert_allclose(shift(places, GCJ02), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("place", [(120.38, 36.07), (119.79, 35.59), (120.0881, 36.3619)])
def test_qingdao_is_shown_433_to_490_m_to_the_east(place: tuple[float, float]) -> None:
    (east, north), *_ = shift(np.array([place]), GCJ02) - place
    assert 433 <= east * 111_320 * math.cos(math.radians(place[1])) <= 490
    assert abs(north) * 111_000 < 60


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("GCJ-02", GCJ02), ("gcj02", GCJ02), (" Gcj_02 ", GCJ02), ("火星坐标系", GCJ02),
        ("BD-09", BD09), ("bd09ll", BD09), ("百度坐标", BD09),
        ("EPSG:4326", None), ("bd09mc", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_names_of_the_shifted_datums(text: str | None, datum: str | None) -> None:
    assert find_datum(text) == datum


def test_the_box_is_closed_and_holds_no_missing_place() -> None:
    west, south, east, north = CHINA
    places = np.array([[west, south], [east, north], [west - 1e-9, south], [np.nan, 30.0]])
    assert is_shifted(places).tolist() == [True, True, False, False]
    shown = shift(places, GCJ02)
    assert (shown[:2] != places[:2]).all()
    np.testing.assert_array_equal(shown[2:], places[2:])


def test_the_seam_outside_of_the_box_belongs_to_the_inside() -> None:
    inside = np.array([[CHINA[2] - 1e-4, 40.0]])
    shown = shift(inside, GCJ02)
    assert not is_shifted(shown).any()  # shown east of the box
    np.testing.assert_allclose(unshift(shown, GCJ02), inside, rtol=0, atol=1e-10)


def test_the_input_is_not_changed_and_nothing_is_nothing() -> None:
    places = np.array([[120.38, 36.07], [np.inf, 36.0]])
    kept = places.copy()
    for datum in (GCJ02, BD09):
        shift(places, datum)
        unshift(places, datum)
        assert unshift(np.empty((0, 2)), datum).shape == (0, 2)
    np.testing.assert_array_equal(places, kept)
    with pytest.raises(KeyError):
        shift(places, "WGS 84")


# Layers


def shown_townships(datum: str) -> str:
    """Return the good townships as a map in this datum shows them."""
    ((lon, lat),) = shift(np.array([[120.382, 36.067]]), datum)
    return GOOD_LAYERS["townships"].replace("120.382,36.067", f"{lon:.9f},{lat:.9f}")


def read_townships(folder: Path, text: str, crs: str) -> tuple[tuple[float, float], object]:
    study = make_study(folder, townships=make_layer(folder, "townships", text, crs=crs))
    inputs = layers.read(study)
    (place,) = inputs.layers["townships"].to_crs("EPSG:4326").geometry
    return (place.x, place.y), inputs.provenance[0]


@pytest.mark.parametrize(
    ("crs", "name", "metres"), [("GCJ-02", GCJ02, "463 m"), ("bd09", BD09, "1260 m")]
)
def test_a_declared_layer_comes_back_and_says_so(
    tmp_path: Path, crs: str, name: str, metres: str
) -> None:
    place, record = read_townships(tmp_path, shown_townships(name), crs)
    assert place == pytest.approx((120.382, 36.067), abs=1e-8)
    assert record.crs_found == name
    assert record.crs_used == "EPSG:4549"
    expected = f"{name} to WGS 84: 1 of 1 coordinates moved, by {metres} on average"
    assert expected in record.repairs
    assert record.warnings == ()


def test_a_declaration_outside_of_china_is_told(tmp_path: Path) -> None:
    text = GOOD_LAYERS["townships"].replace("120.382,36.067", "-8.61,41.15")
    spec = make_layer(tmp_path, "townships", text, crs="GCJ-02")
    inputs = layers.read(make_study(tmp_path, crs="auto", townships=spec))
    (place,) = inputs.layers["townships"].to_crs("EPSG:4326").geometry
    assert (place.x, place.y) == pytest.approx((-8.61, 41.15), abs=1e-9)
    (record,) = inputs.provenance
    assert "0 of 1 coordinates moved" in record.repairs[0]
    assert "1 coordinates lie outside of 72.004 to 137.835 E" in record.warnings[0]


def raw_layer(geometry: list[object], crs: str, *, declared: str | None) -> RawLayer:
    spec = LayerSpec(kind="townships", path="t.csv", reference="t.csv", crs=declared)
    frame = gpd.GeoDataFrame({"id": range(len(geometry))})
    shapes = np.empty(len(geometry), dtype=object)
    shapes[:] = geometry
    return RawLayer(
        spec=spec, schema=LAYERS["townships"], cells=frame, geometry=shapes, crs=CRS(crs)
    )


def test_missing_empty_and_endless_shapes_and_heights_pass_through() -> None:
    line = LineString([(120.3, 36.1, 5.0), (120.4, 36.2, np.nan)])
    raw = raw_layer([None, Point(), Point(np.inf, 36.0), line], "EPSG:4326", declared="GCJ-02")
    moved, done, _ = to_wgs84(raw)
    assert moved.geometry is not None
    assert moved.geometry[0] is None
    assert moved.geometry[1].is_empty
    assert moved.geometry[2].x == np.inf
    assert moved.geometry[3].coords[0][2] == 5.0
    assert moved.geometry[3].coords[0][0] == pytest.approx(120.3 - 0.0052, abs=4e-4)
    assert "2 of 3 coordinates moved" in done
    assert line.coords[0][0] == 120.3  # the layer that was read is as it was


def test_an_undeclared_layer_is_handed_on_as_it_is() -> None:
    for declared in (None, "EPSG:4326"):
        raw = raw_layer([Point(120.3, 36.1)], "EPSG:4326", declared=declared)
        assert to_wgs84(raw) == (raw, "", "")
    raw = replace(raw_layer([], "EPSG:4326", declared="GCJ-02"), geometry=None)
    assert to_wgs84(raw) == (raw, "", "")


@pytest.mark.parametrize("carried", ["EPSG:4326", "EPSG:4490", "EPSG:3857"])
def test_a_file_with_a_crs_may_be_declared_shifted(tmp_path: Path, carried: str) -> None:
    lon, lat = shift(np.array([[120.382, 36.067]]), GCJ02)[0]
    frame = gpd.GeoDataFrame(
        {"id": ["T1"], "name_zh": ["甲"], "district": [""], "population": [5]},
        geometry=[Point(lon, lat)],
        crs="EPSG:4326",
    )
    frame.to_crs(carried).to_file(tmp_path / "t.gpkg", layer="townships")
    spec = point_to(tmp_path / "t.gpkg", "townships", crs="gcj02")
    inputs = layers.read(make_study(tmp_path, townships=spec))
    (place,) = inputs.layers["townships"].to_crs("EPSG:4326").geometry
    assert (place.x, place.y) == pytest.approx((120.382, 36.067), abs=1e-8)
    assert inputs.provenance[0].crs_found == GCJ02


def test_metres_cannot_be_declared_shifted(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["T1"], "name_zh": ["甲"], "district": [""], "population": [5]},
        geometry=[Point(120.382, 36.067)],
        crs="EPSG:4326",
    )
    frame.to_crs("EPSG:4549").to_file(tmp_path / "t.gpkg", layer="townships")
    spec = point_to(tmp_path / "t.gpkg", "townships", crs="GCJ-02")
    with pytest.raises(CrsError, match=r"GCJ-02 has no coordinates in metres \(got EPSG:4549"):
        layers.read(make_study(tmp_path, townships=spec))


@pytest.mark.parametrize(
    ("kind", "path", "words"),
    [
        ("elevation", "dem.tif", "cannot be taken off a raster"),
        ("road_edges", "qingdao.osm.pbf", "cannot be taken off OpenStreetMap"),
    ],
)
def test_rasters_and_openstreetmap_cannot_be_declared_shifted(
    kind: str, path: str, words: str
) -> None:
    spec = LayerSpec(kind=kind, path=path, reference=path, crs="GCJ-02")
    with pytest.raises(CrsError, match=words):
        declared_crs(spec, CRS("EPSG:4326"))
    assert declared_crs(replace(spec, crs=None), CRS("EPSG:4326")) == CRS("EPSG:4326")


# Other datums


@pytest.mark.parametrize(
    ("crs", "bounds", "words"),
    [
        ("EPSG:2437", QINGDAO, "EPSG:2437: PROJ knows the shift from Beijing 1954 to WGS 84 to 15 m only"),
        ("EPSG:4214", QINGDAO, "to 15 m only"),
        ("EPSG:2385", QINGDAO, "no shift from Xian 1980 to WGS 84; positions may be off by about 130 m"),
        ("EPSG:4555", QINGDAO, "off by an unknown distance"),
        ("EPSG:4301", (139.0, 35.0, 140.0, 36.0), "from Tokyo"),
    ],
)  # fmt: skip
def test_a_doubtful_datum_is_told_with_its_metres(
    crs: str, bounds: tuple[float, float, float, float], words: str
) -> None:
    assert words in doubt_datum(CRS(crs), bounds)


@pytest.mark.parametrize(
    ("crs", "bounds"),
    [
        ("EPSG:4326", QINGDAO), ("EPSG:4490", QINGDAO), ("EPSG:4549", QINGDAO),
        ("EPSG:4528", QINGDAO), ("EPSG:32651", QINGDAO), ("EPSG:3857", QINGDAO),
        ("EPSG:3763", PORTO), ("EPSG:25829", PORTO),
    ],
)  # fmt: skip
def test_a_good_datum_is_not_doubted(crs: str, bounds: tuple[float, float, float, float]) -> None:
    assert doubt_datum(CRS(crs), bounds) == ""
    assert doubt_datum(None, bounds) == ""


def test_the_record_of_a_layer_in_xian_80_warns(tmp_path: Path) -> None:
    text = GOOD_LAYERS["townships"].replace("120.382,36.067", "534409.1,3993003.2")
    _, record = read_townships(tmp_path, text, "EPSG:2385")
    assert record.crs_found == "EPSG:2385"
    assert "Xian 1980" in record.warnings[0]


@pytest.mark.parametrize("crs", ["cgcs2000", "CGCS 2000", "国家2000", "WGS-84", "EPSG:4490"])
def test_spoken_names_of_degrees(tmp_path: Path, crs: str) -> None:
    place, _ = read_townships(tmp_path, GOOD_LAYERS["townships"], crs)
    assert place == pytest.approx((120.382, 36.067), abs=1e-8)


@pytest.mark.parametrize(("crs", "code"), [("Beijing 54", "4214"), ("西安80", "4610")])
def test_spoken_names_of_the_old_datums(tmp_path: Path, crs: str, code: str) -> None:
    _, record = read_townships(tmp_path, GOOD_LAYERS["townships"], crs)
    assert record.crs_found == f"EPSG:{code}"
    assert record.warnings
