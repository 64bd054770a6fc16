"""Study area, people and gateways from OSM."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st

from layers._osm_area import draw_districts, study_area
from layers._osm_gates import TRUCK_WEIGHT, draw_gateways
from layers._osm_graph import connected_edges, connected_nodes
from layers._osm_people import CELL_M, PERSONS_PER_M, draw_townships
from tests.osm_places import CROSS, Tags, city, line, point, roads, square


def area_of(level: int, name: str) -> Tags:
    return {"boundary": "administrative", "admin_level": str(level), "name": name}


QUARTERS = [
    ("r1", area_of(10, "West"), square(-500, 0, 1000)),
    ("r2", area_of(10, "East"), square(500, 0, 1000)),
]
TOWN = ("r3", area_of(8, "Town"), square(0, 0, 4000))


def names(objects: list[tuple[str, Tags, shapely.Polygon]], **options: object) -> list[str]:
    return draw_districts(city(objects, **options)).cells["name_en"].tolist()  # type: ignore[arg-type]


def test_districts_are_the_finest_areas_that_hold_most_of_the_roads() -> None:
    inner = roads(
        ("residential", line((-900, 0), (0, 0))), ("residential", line((0, 0), (900, 0)))
    )
    halves = [
        ("r4", area_of(6, "North"), square(0, 1000, 2000)),
        ("r5", area_of(6, "South"), square(0, -1000, 2000)),
    ]
    assert names([*halves, *QUARTERS, TOWN], edges=inner) == ["West", "East"]


def test_one_area_that_holds_the_roads_is_the_study_area() -> None:
    found = study_area(city([*QUARTERS[:1], TOWN]))
    assert found.drawn.cells["name_en"].tolist() == ["Town"]
    assert found.is_administrative


def test_without_whole_areas_the_outline_of_the_roads_stands_in() -> None:
    a_city = city(QUARTERS[:1], undrawn=[("r9", {**area_of(8, "Cut"), "type": "boundary"})])
    found = study_area(a_city)
    assert not found.is_administrative
    assert found.drawn.cells["name_en"].tolist() == ["extent of the data"]
    assert "cut off or broken: 1" in found.drawn.note
    outline = a_city.to_metric(found.drawn.shapes)[0]
    ways = shapely.union_all(a_city.roads_metric)
    assert outline.contains(ways)
    assert outline.area < shapely.convex_hull(ways).buffer(201).area


def test_a_boundary_is_cut_into_districts_and_a_rest() -> None:
    boundary = square(0, 0, 1900)
    inner = roads(
        ("residential", line((-400, 0), (0, 0))), ("residential", line((0, 0), (400, 0)))
    )
    found = draw_districts(city(QUARTERS, edges=inner, boundary=boundary))
    assert found.cells["id"].tolist() == ["r1", "r2", "rest"]
    union = shapely.union_all(found.shapes)
    assert union.symmetric_difference(boundary).area < 1e-9 * boundary.area
    assert sum(shape.area for shape in found.shapes) == pytest.approx(boundary.area)


def test_a_boundary_without_districts_is_one() -> None:
    found = draw_districts(city(boundary=square(0, 0, 500)))
    assert found.cells[["id", "name_zh"]].to_numpy().tolist() == [["rest", "规划范围"]]
    assert found.shapes[0].equals(square(0, 0, 500))


def test_roads_that_cannot_be_left_again_are_not_connected() -> None:
    edges = roads(
        ("residential", line((0, 0), (100, 0))),
        ("residential", line((100, 0), (100, 100))),
        ("residential", line((100, 100), (0, 0)), 1),
        ("residential", line((100, 100), (300, 300)), 1),
        ("residential", line((900, 900), (950, 900))),
    )
    a_city = city(edges=edges)
    assert connected_nodes(a_city).tolist() == [True, True, True, False, False, False]
    assert connected_edges(a_city).tolist() == [True, True, True, False, False]


def test_roads_closed_to_motor_vehicles_connect_nothing() -> None:
    nodes, edges = roads(
        ("residential", line((0, 0), (100, 0))), ("residential", line((100, 0), (200, 0)))
    )
    closed = city(edges=(nodes, edges.assign(motor_vehicle=["", "no"])))
    assert connected_nodes(closed).tolist() == [True, True, False]
    assert connected_edges(closed).tolist() == [True, False]


@settings(deadline=None, max_examples=25)
@given(
    stops=st.lists(
        st.tuples(st.integers(-4000, 4000), st.integers(-4000, 4000)),
        min_size=2,
        max_size=8,
        unique=True,
    )
)
def test_people_are_the_length_of_the_streets_of_homes(stops: list[tuple[int, int]]) -> None:
    ways = [("residential", line(*pair)) for pair in itertools.pairwise(stops)]
    a_city = city(edges=roads(*ways, ("primary", line(stops[0], (9000, 9000)))))
    found = draw_townships(a_city)
    metres = shapely.length(a_city.roads_metric[:-1]).sum()
    rounding = 0.05 * len(found.cells) + 1e-6
    assert found.cells["population"].sum() == pytest.approx(metres * PERSONS_PER_M, abs=rounding)
    places = a_city.to_metric(found.shapes)
    streets = shapely.union_all(a_city.roads_metric[:-1])
    assert shapely.distance(places, streets).max() < 0.01
    cells = np.floor(shapely.get_coordinates(places) / CELL_M).astype(int)
    assert found.cells["id"].tolist() == [f"cell_{x}_{y}" for x, y in cells.tolist()]
    assert set(found.cells["basis"]) == {"road_length"}


def test_people_are_counted_within_the_study_area_alone() -> None:
    found = draw_townships(city(boundary=square(400, 0, 1000)))
    assert found.cells["population"].sum() == pytest.approx(
        0.1 * (900 + 100 + 500 + 500), rel=0.01
    )


def test_people_of_a_cell_stand_near_the_middle_of_its_streets() -> None:
    corner = (
        np.floor(shapely.get_coordinates(city().to_metric([point(0, 0)]))[0] / CELL_M) * CELL_M
    )
    shape = shapely.LineString(np.add(corner, [(100, 500), (700, 500), (700, 600)]))
    a_city = city(edges=roads(("residential", city().to_degrees([shape])[0])))
    (place,) = a_city.to_metric(draw_townships(a_city).shapes)
    assert place.distance(shape.centroid) < 60  # half a piece of street beside the nearest


def test_people_beyond_the_districts_are_not_counted() -> None:
    ways = (*_ARMS, ("residential", line((0, 900), (0, 2500))))
    found = draw_townships(city([TOWN], edges=roads(*ways)))
    assert found.cells["population"].sum() == pytest.approx(0.1 * (4 * 900 + 1100), rel=0.01)


def test_people_whom_no_road_reaches_are_not_counted() -> None:
    ways = (*_ARMS, ("residential", line((700, 700), (900, 900))))
    found = draw_townships(city(edges=roads(*ways)))
    assert found.cells["population"].sum() == pytest.approx(0.1 * 4 * 900, rel=0.01)


_ARMS = tuple(
    ("residential", line((0, 0), end)) for end in ((900, 0), (-900, 0), (0, 900), (0, -900))
)


def test_places_with_a_population_are_used_where_they_cover_the_streets() -> None:
    villages = [
        (f"n{number}", {"place": "village", "population": "1200"}, point(x, 0))
        for number, x in enumerate((-800, 0, 800))
    ]
    parts = [("n8", {"place": "quarter", "population": "900"}, point(0, 0))]
    found = draw_townships(city([*villages, *parts]))
    assert found.cells["population"].tolist() == [1200.0] * 3
    assert set(found.cells["basis"]) == {"census"}
    assert set(draw_townships(city(villages[:2])).cells["basis"]) == {"road_length"}
    far = [
        (name, tags, point(x, 5000))
        for (name, tags, _), x in zip(villages, (0, 1, 2), strict=True)
    ]
    assert set(draw_townships(city(far)).cells["basis"]) == {"road_length"}


def test_no_street_of_homes_no_people() -> None:
    found = draw_townships(city(edges=roads(("primary", line((0, 0), (900, 0))))))
    assert not len(found.shapes)
    assert found.why == "no residential or living street in the file"


STAR = roads(
    ("motorway", line((0, 0), (3000, 0)), 1),
    ("motorway", line((3000, 20), (0, 0)), 1),
    ("trunk", line((0, 0), (0, 3000))),
    ("primary", line((0, 0), (-3000, 0))),
    ("residential", line((0, 0), (0, -3000))),
)


def test_gateways_stand_where_main_roads_cross_the_boundary() -> None:
    found = draw_gateways(city(edges=STAR, boundary=square(0, 0, 3000)))
    shares = {
        note.split(";")[0]: share
        for note, share in zip(found.cells["note"], found.cells["truck_share"], strict=True)
    }
    assert shares == pytest.approx({"motorway": 3 / 6, "trunk": 2 / 6, "primary": 1 / 6})


def test_gateways_that_stand_at_one_place_add_up() -> None:
    edges = roads(
        ("motorway", line((0, 0), (9000, 0)), 1),
        ("motorway", line((0, 9000), (0, 0)), 1),
        ("primary", line((0, 0), (-9000, 0))),
    )
    found = draw_gateways(city(edges=edges))
    assert sorted(found.cells["truck_share"]) == pytest.approx([1 / 7, 6 / 7])


def test_without_a_boundary_gateways_are_the_cut_ends_of_main_roads() -> None:
    a_city = city(edges=STAR)
    found = draw_gateways(a_city)
    by_class = {
        note.split(";")[0]: place
        for note, place in zip(found.cells["note"], found.shapes, strict=True)
    }
    assert by_class["trunk"].distance(point(0, 3000)) < 1e-6
    assert by_class["primary"].distance(point(-3000, 0)) < 1e-6
    # The carriageways end apart; the place from which one can come back is the middle.
    assert by_class["motorway"].distance(point(0, 0)) < 1e-6


@given(
    arms=st.lists(
        st.tuples(st.sampled_from([*TRUCK_WEIGHT, "residential"]), st.integers(0, 350)),
        min_size=3,
        max_size=9,
        unique_by=lambda arm: arm[1],
    )
)
@settings(deadline=None, max_examples=25)
def test_shares_of_gateways_add_up_to_one(arms: list[tuple[str, int]]) -> None:
    ends = [
        (name, (9000 * np.cos(np.radians(angle)), 9000 * np.sin(np.radians(angle))))
        for name, angle in arms
    ]
    found = draw_gateways(city(edges=roads(*((name, line((0, 0), end)) for name, end in ends))))
    if all(name == "residential" for name, _ in arms):
        assert found.why == "no motorway, trunk or primary road leaves the study area"
    else:
        assert found.cells["truck_share"].sum() == pytest.approx(1.0)
        assert found.cells["id"].is_unique


def test_a_dead_end_in_the_middle_is_no_gateway() -> None:
    ways = [
        ("residential", line((0, 0), end))
        for end in ((9000, 0), (-9000, 0), (0, 9000), (0, -9000))
    ]
    found = draw_gateways(city(edges=roads(*ways, ("primary", line((0, 0), (500, 500))))))
    assert not len(found.shapes)


def test_the_middle_does_not_follow_shapes_far_off() -> None:
    near = [(f"n{number}", {"amenity": "fuel"}, point(number, 0)) for number in range(3)]
    far = ("w9", {"natural": "water"}, shapely.box(90, 10, 91, 11))
    assert city([*near, far]).crs == city(edges=CROSS).crs == "EPSG:32633"
