"""Land from the coastline: compared with the polygons the coast was drawn from."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from shapely.geometry.base import BaseGeometry

from layers._osm_city import City
from layers._osm_coast import EDGE_M, draw_coastline, draw_land
from tests.osm_places import city, line, point, roads, square

EXTENT = square(0, 0, 10_000)
NO_ROADS = roads(("residential", line((0, 0), (1, 0))))
COAST = {"natural": "coastline"}


def coast_of(land: BaseGeometry, *, pieces: int = 1) -> list[BaseGeometry]:
    """Return the coast of land as far as it lies within the extent, the land on its left."""
    lines = []
    for part in shapely.get_parts(shapely.orient_polygons(land)):
        for ring in (part.exterior, *part.interiors):
            inside = shapely.intersection(shapely.LineString(ring.coords), EXTENT)
            merged = shapely.line_merge(inside, directed=True)
            lines += list(shapely.get_parts(merged))
    return [piece for whole in lines for piece in _divide(whole, pieces)]


def _divide(whole: BaseGeometry, pieces: int) -> list[BaseGeometry]:
    places = np.linspace(0, 1, pieces + 1)
    return [
        shapely.ops.substring(whole, *cut, normalized=True) for cut in itertools.pairwise(places)
    ]


def coastal(
    lines: list[BaseGeometry], *, boundary: BaseGeometry | None = None, box: bool = True
) -> City:
    objects = [(f"w{number}", COAST, shape) for number, shape in enumerate(lines)]
    return city(objects, edges=NO_ROADS, boundary=boundary, box=EXTENT if box else None)


def differing_share(a_city: City, land: BaseGeometry) -> float:
    """Return the share of the extent on which what was drawn and the truth differ."""
    drawn = shapely.union_all(draw_land(a_city).shapes).intersection(EXTENT)
    return float(drawn.symmetric_difference(land.intersection(EXTENT)).area / EXTENT.area)


def island(east_m: float, north_m: float, radii_m: list[float]) -> shapely.Polygon:
    """Return a star-shaped island whose radii lie at even angles."""
    angles = np.linspace(0, 2 * np.pi, len(radii_m), endpoint=False)
    places = [
        square(east_m + r * np.cos(a), north_m + r * np.sin(a), 1).centroid.coords[0]
        for r, a in zip(radii_m, angles, strict=True)
    ]
    return shapely.Polygon(places)


@settings(deadline=None, max_examples=40)
@given(
    middles=st.lists(
        st.tuples(st.integers(-6000, 6000), st.integers(-6000, 6000)), min_size=1, max_size=3
    ),
    radii=st.lists(st.integers(300, 2500), min_size=5, max_size=9),
    pieces=st.integers(1, 4),
)
def test_land_is_what_the_coast_was_drawn_from(
    middles: list[tuple[int, int]], radii: list[float], pieces: int
) -> None:
    land = shapely.union_all([island(x, y, radii) for x, y in middles])
    lines = coast_of(land, pieces=pieces)
    if not any(shape.length > 0 for shape in lines):
        return
    assert differing_share(coastal(lines), land) < 0.002


def test_a_lagoon_open_to_nothing_is_sea() -> None:
    land = square(0, 0, 6000).difference(square(0, 0, 2000))
    a_city = coastal(coast_of(land))
    assert differing_share(a_city, land) < 0.001
    assert a_city.areas_m2(draw_land(a_city).shapes).sum() == pytest.approx(32e6, rel=0.01)


def test_islands_are_rows_of_their_own_the_largest_first() -> None:
    a_city = coastal(coast_of(shapely.union_all([square(-3000, 0, 500), square(3000, 0, 2000)])))
    found = draw_land(a_city)
    assert found.cells["id"].tolist() == ["land_1", "land_2"]
    assert a_city.areas_m2(found.shapes) == pytest.approx([4e6, 0.25e6], rel=0.01)


def test_land_goes_on_past_the_edge_of_the_extract() -> None:
    land = shapely.union_all(draw_land(coastal([line((0, -5000), (0, 5000))])).shapes)
    assert land.contains(point(-5000 - 0.9 * EDGE_M, 0))
    assert not land.intersects(point(-5000 - 1.1 * EDGE_M, 0))
    assert not land.intersects(point(5000 + 0.1 * EDGE_M, 0))


def test_an_inlet_stays_open_past_the_edge_of_the_extract() -> None:
    inlet = shapely.box(*square(4000, 0, 0).bounds[:2], *square(9000, 300, 0).bounds[2:])
    land = EXTENT.buffer(0.1).difference(inlet)
    a_city = coastal(coast_of(land))
    assert differing_share(a_city, land) < 0.001
    drawn = shapely.union_all(draw_land(a_city).shapes)
    outside = 5000 + 0.5 * EDGE_M
    assert not drawn.intersects(point(outside, 150))
    assert drawn.contains(shapely.MultiPoint([point(outside, -50), point(outside, 350)]))
    assert drawn.contains(shapely.MultiPoint([point(outside, outside), point(-outside, outside)]))


def test_a_coast_that_stops_short_of_the_edge_is_prolonged() -> None:
    land = square(-5000, 0, 10_000)
    a_city = coastal([line((0, -4200), (0, 4700))])
    assert differing_share(a_city, land) < 0.001
    assert draw_land(a_city).note == "2 loose ends of the coast joined"


def test_a_gap_in_the_coast_is_bridged() -> None:
    a_city = coastal([line((0, -5000), (0, -600)), line((0, 600), (0, 5000))])
    assert differing_share(a_city, square(-5000, 0, 10_000)) < 0.001


def test_an_open_coast_tells_nothing() -> None:
    found = draw_land(coastal([line((0, -2000), (0, 2000))]))
    assert not len(found.shapes)
    assert found.why == "the coastline of the file is open: no telling land from sea"


def test_only_lines_are_coast() -> None:
    objects = [("n1", COAST, point(0, 0)), ("r2", COAST, square(0, 0, 500))]
    found = city(objects, edges=NO_ROADS, box=EXTENT)
    assert not len(draw_coastline(found).shapes)
    assert not len(draw_land(found).shapes)


def test_without_a_coast_there_is_no_land_layer() -> None:
    found = draw_land(coastal([]))
    assert not len(found.shapes)
    assert found.why.startswith("no natural=coastline in the file")
    assert draw_coastline(coastal([])).why == "no natural=coastline in the file"


def test_without_a_header_box_the_roads_say_how_far_the_data_reach() -> None:
    wide = roads(("residential", line((-5000, -5000), (5000, 5000))))
    objects = [("w1", COAST, line((0, -5000), (0, 5000)))]
    found = city(objects, edges=wide)
    assert differing_share(found, square(-5000, 0, 10_000)) < 0.001


def test_the_boundary_and_a_margin_limit_the_land() -> None:
    a_city = coastal([line((0, -5000), (0, 5000))], boundary=square(-4000, 0, 100))
    assert differing_share(a_city, square(-5000, 0, 10_000)) < 0.002
    far = coastal([line((0, -90_000), (0, 90_000))], boundary=square(0, 0, 2000), box=False)
    assert far.areas_m2(draw_land(far).shapes).sum() < 13_100 * 13_100
