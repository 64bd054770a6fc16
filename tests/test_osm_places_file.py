"""Reading an OSM file: what is drawn, what is refused, and the layers as the rest of the tool takes them."""

import itertools
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import layers
from layers import _osm
from layers._osm_objects import OsmObjects, file_key, read_objects
from siting.errors import CrsError, InputError, MissingFileError
from siting.model import LayerSpec
from siting.schema import LAYERS
from tests.builders import make_study
from tests.osm_places import CROSS, Tags, spot, square, write_osm

Nodes = list[tuple[int, tuple[float, float], Tags]]
RING = [(0.0, 0.0), (500.0, 0.0), (500.0, 500.0), (0.0, 500.0)]


def corners(places: list[tuple[float, float]], start: int = 1) -> Nodes:
    return [(start + index, spot(*place), {}) for index, place in enumerate(places)]


def fuel(number: int) -> tuple[int, tuple[float, float], Tags]:
    return number, spot(number, number), {"amenity": "fuel"}


def objects_of(path: Path) -> OsmObjects:
    return read_objects(file_key(str(path)))


def test_nodes_ways_and_relations_get_their_shapes(tmp_path: Path) -> None:
    inner = [(100.0, 100.0), (200.0, 100.0), (200.0, 200.0), (100.0, 200.0)]
    path = write_osm(
        tmp_path / "a.osm",
        nodes=[*corners(RING), *corners(inner, 11), fuel(30)],
        ways={
            1: ([1, 2, 3, 4, 1], {"landuse": "industrial"}),
            2: ([1, 2, 3], {"power": "line"}),
            3: ([1, 2, 3, 4, 1], {"natural": "coastline"}),
            4: ([11, 12, 13, 14, 11], {}),
            5: ([1, 2, 3, 4, 1], {"highway": "residential"}),
        },
        relations={
            1: ([(1, "outer"), (4, "inner")], {"type": "multipolygon", "natural": "water"}),
            2: ([(1, "")], {"type": "site", "landuse": "port"}),
        },
    )
    found = {item.id: item.shape.geom_type for item in objects_of(path).objects}
    assert found == {
        "n30": "Point",
        "w1": "Polygon",
        "w2": "LineString",
        "w3": "LineString",
        "r1": "Polygon",
    }
    assert not objects_of(path).undrawn
    lake = next(item.shape for item in objects_of(path).objects if item.id == "r1")
    assert len(lake.interiors) == 1
    assert lake.area == pytest.approx(square(0, 0, 1).area * (500**2 - 100**2), rel=1e-3)


def test_what_the_file_holds_in_part_is_not_drawn_but_told(tmp_path: Path) -> None:
    nodes = corners(RING)
    path = write_osm(
        tmp_path / "a.osm",
        nodes=nodes,
        ways={
            1: ([1, 2, 3, 4, 99, 1], {"landuse": "industrial"}),
            2: ([1, 2, 99, 3, 4], {"power": "line"}),
            3: ([1, 2, 3], {}),
        },
        relations={
            1: ([(3, "outer"), (77, "outer")], {"type": "boundary", "boundary": "administrative"}),
            2: ([(3, "outer")], {"type": "multipolygon", "natural": "water"}),
        },
    )
    found = objects_of(path)
    assert [item.id for item in found.objects] == ["w2"]
    assert found.objects[0].shape.geom_type == "MultiLineString"
    assert [name for name, _ in found.undrawn] == ["w1", "r1", "r2"]


def test_an_area_that_crosses_itself_is_kept_for_the_repair(tmp_path: Path) -> None:
    path = write_osm(
        tmp_path / "a.osm",
        nodes=corners([RING[0], RING[2], RING[1], RING[3]]),
        ways={1: ([1, 2, 3, 4, 1], {"natural": "water"})},
    )
    inputs = layers.read(make_study(tmp_path, crs="auto", water=spec_of(path, "water")))
    assert any("made valid" in repair for repair in inputs.provenance[0].repairs)
    assert inputs.layers["water"].is_valid.all()


def test_objects_repeated_in_a_joined_extract_count_once(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "a.osm", nodes=[fuel(1), fuel(1)])
    assert [item.id for item in objects_of(path).objects] == ["n1"]


def spec_of(path: Path, kind: str, boundary: Path | None = None) -> LayerSpec:
    return LayerSpec(
        kind=kind,
        path=str(path),
        reference=path.name,
        boundary=None if boundary is None else str(boundary),
    )


def _cut_short(path: Path) -> None:
    write_osm(path, nodes=[fuel(number) for number in range(1, 4000)])
    path.write_bytes(path.read_bytes()[:-500])


def _history(path: Path) -> None:
    write_osm(path.with_name("all.osh.pbf"), nodes=[fuel(1)]).rename(path)


def _across(path: Path) -> None:
    tags = {"amenity": "fuel"}
    write_osm(path, nodes=[(1, (179.9, 17.0), tags), (2, (-179.9, 17.0), tags)])


def _no_osm(path: Path) -> None:
    path.write_bytes(b"GIF89a, not a PBF at all" * 9)


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (_cut_short, "OSM file cannot be read"),
        (_no_osm, "OSM file cannot be read"),
        (_history, "OSM file holds the history of its objects"),
        (_across, "places lie on both sides of the antimeridian"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(
    tmp_path: Path, damage: Callable[[Path], None], what: str
) -> None:
    path = tmp_path / "bad.osm.pbf"
    damage(path)
    with pytest.raises(InputError) as caught:
        _osm.read_osm(spec_of(path, "candidates"), LAYERS["candidates"])
    (problem,) = caught.value.problems
    assert problem.what == what
    assert problem.where == "bad.osm.pbf"
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(InputError, match=what):
        _osm.survey(str(path))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.osm\.pbf: file not found"):
        _osm.survey(str(tmp_path / "none.osm.pbf"))


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a file with something of nearly every kind; its roads are those of the test city."""
    frames = {"road_nodes": CROSS[0], "road_edges": CROSS[1], "turn_restrictions": CROSS[1][:0]}
    monkeypatch.setattr(_osm, "read_roads", lambda _: frames)
    starts = itertools.count(100, 10)
    nodes: Nodes = [
        (1, spot(0, 0), {"amenity": "fuel", "name": "=HYPERLINK(1)"}),
        (2, spot(5, 90), {"amenity": "school"}),
        (3, spot(700, 0), {"amenity": "charging_station", "capacity": "4"}),
    ]
    ways: dict[int, tuple[list[int], Tags]] = {}
    for number, tags in enumerate(
        [
            {"landuse": "industrial"},
            {"landuse": "port"},
            {"natural": "water"},
            {"leisure": "nature_reserve"},
            {"boundary": "administrative", "admin_level": "8", "name": "青岛"},
        ]
    ):
        start = next(starts)
        size = 3000 if "boundary" in tags else 300
        ring = shapely.get_coordinates(square(300 * number if size < 3000 else 0, 0, size))[:4]
        nodes += [(start + i, (lon, lat), {}) for i, (lon, lat) in enumerate(ring.tolist())]
        ways[number + 1] = ([start, start + 1, start + 2, start + 3, start], tags)
    nodes += corners([(-2000, 700), (2000, 700)], 900)
    for number, tags in enumerate(
        [{"natural": "coastline"}, {"railway": "rail"}, {"power": "line", "voltage": "110000"}]
    ):
        ways[50 + number] = ([901, 900], tags)
    return write_osm(tmp_path / "town.osm", nodes=nodes, ways=ways)


OF_TOWN = {
    *("candidates", "townships", "districts", "land", "coastline", "water", "public_buildings"),
    *("railways", "power_lines", "protected", "ports", "parks", "energy"),
}


def test_every_kind_passes_the_checks_of_its_schema(town: Path, tmp_path: Path) -> None:
    specs = {kind: spec_of(town, kind) for kind in sorted(OF_TOWN)}
    inputs = layers.read(make_study(tmp_path, crs="auto", **specs))
    assert inputs.crs == "EPSG:32633"
    for kind, frame in inputs.layers.items():
        assert len(frame) == _osm.survey(str(town))[kind].rows
        assert (frame["source"] == "OpenStreetMap").all()


def test_the_survey_says_of_every_kind_what_there_is(town: Path) -> None:
    found = _osm.survey(str(town))
    assert list(found) == list(LAYERS)
    for kind, told in found.items():
        assert (told.rows > 0) == (kind in OF_TOWN | {"road_nodes", "road_edges"}), kind
        assert (told.rows > 0) == (not told.why)
    assert "piers and quays in the file: 0" in found["berths"].why
    assert "authority" in found["permanent_farmland"].why


def test_text_of_the_file_stays_text(town: Path) -> None:
    raw = _osm.read_osm(spec_of(town, "candidates"), LAYERS["candidates"])
    assert raw.cells.set_index("id").loc["n1", "name_en"] == "=HYPERLINK(1)"


def test_a_kind_the_file_cannot_make_is_refused_with_the_reason(town: Path) -> None:
    with pytest.raises(InputError) as caught:
        _osm.read_osm(spec_of(town, "berths"), LAYERS["berths"])
    assert str(caught.value).startswith(
        "layer berths (town.osm): nothing in the OSM file makes this layer: no ships, calls"
    )


def test_assumptions_are_warnings_of_the_layer(town: Path) -> None:
    raw = _osm.read_osm(spec_of(town, "townships"), LAYERS["townships"])
    assert "own assumption, C" in raw.warnings[0]


def test_a_boundary_of_any_crs_cuts_places(town: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gpkg"
    frame = gpd.GeoDataFrame(geometry=[square(0, 0, 400)], crs="EPSG:4326")
    frame.to_crs("EPSG:3035").to_file(cut)
    raw = _osm.read_osm(spec_of(town, "candidates", cut), LAYERS["candidates"])
    assert raw.cells["id"].tolist() == ["n1", "w1"]
    assert _osm.survey(str(town), str(cut))["energy"].rows == 0


def test_a_boundary_without_polygon_is_refused(town: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.geojson"
    gpd.GeoDataFrame(geometry=[square(0, 0, 9).centroid], crs="EPSG:4326").to_file(cut)
    with pytest.raises(InputError, match=r"boundary cut\.geojson: file holds no polygon"):
        _osm.survey(str(town), str(cut))
    cut.write_text("{")
    with pytest.raises(InputError, match=r"boundary cut\.geojson: file cannot be read"):
        _osm.survey(str(town), str(cut))


def test_a_boundary_elsewhere_is_refused(town: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.geojson"
    gpd.GeoDataFrame(geometry=[shapely.box(120, 36, 121, 37)], crs="EPSG:4326").to_file(cut)
    with pytest.raises(InputError) as caught:
        _osm.survey(str(town), str(cut))
    assert str(caught.value) == (
        "boundary cut.geojson: lies outside the OSM file (got 120.00 to 121.00 E, 36.00 to 37.00 N, "
        "expected some of 12.97 to 13.03 E, 51.99 to 52.01 N). "
        "Take the extract of that place, or check the CRS of the boundary."
    )


def test_a_crs_that_contradicts_the_file_is_refused(town: Path) -> None:
    spec = LayerSpec(kind="ports", path=str(town), reference=town.name, crs="EPSG:3857")
    with pytest.raises(CrsError, match="name different coordinate systems"):
        _osm.read_osm(spec, LAYERS["ports"])


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "a.osm", nodes=[fuel(1)])
    assert len(objects_of(path).objects) == 1
    write_osm(path, nodes=[fuel(1), fuel(2)])
    assert len(objects_of(path).objects) == 2


def test_places_need_no_roads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_roads(_: str) -> None:
        raise InputError

    monkeypatch.setattr(_osm, "read_roads", no_roads)
    nodes = [fuel(1), (2, spot(90, 0), {"highway": "services"})]
    path = write_osm(tmp_path / "a.osm", nodes=nodes)
    assert _osm.read_osm(spec_of(path, "candidates"), LAYERS["candidates"]).cells[
        "id"
    ].tolist() == [
        "n1",
        "n2",
    ]
