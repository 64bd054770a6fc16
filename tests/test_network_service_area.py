"""Service areas: the parts of open roads from which a place is reached within a limit."""

import numpy as np
import pytest
import shapely

from siting.errors import NetworkError
from siting.model import AccessLeg
from siting.network import build, service_lines, snap
from tests.strategies import Roads, make_roads, points

LINE = {"A": (0.0, 0.0), "B": (1000.0, 0.0), "C": (2000.0, 0.0), "D": (3000.0, 0.0)}
CHAIN = {name: {"ends": tuple(name)} for name in ("AB", "BC", "CD")}
ACCESS = AccessLeg(speed_kmh=18.0, detour_ratio=1.0, max_distance_m=200.0)


def reached(roads: Roads, at: tuple[float, float], limit_ds: int) -> shapely.Geometry:
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    places = snap(graph, points(at), access=roads.access)
    (pieces,) = service_lines(graph, places, limit_ds=limit_ds)
    return shapely.union_all(pieces)


def chain(**more: object) -> Roads:
    edges = {name: {**CHAIN[name], **more.get(name, {})} for name in CHAIN}
    return make_roads(LINE, edges, access=ACCESS)


def spans(area: shapely.Geometry) -> list[tuple[float, float]]:
    """Return the reached spans along the x axis, those of no length included."""
    parts = shapely.get_parts(area)
    is_line = shapely.get_dimensions(parts) == 1
    merged = shapely.get_parts(shapely.line_merge(shapely.union_all(parts[is_line])))
    boxes = shapely.bounds([*merged, *parts[~is_line]])
    return sorted((round(float(box[0]), 6), round(float(box[2]), 6)) for box in boxes)


def test_edges_are_cut_where_the_limit_is_spent() -> None:
    assert spans(reached(chain(), (1400.0, 0.0), 900)) == [(500.0, 2300.0)]


def test_the_leg_at_the_place_is_part_of_the_limit() -> None:
    assert spans(reached(chain(), (1400.0, 50.0), 400)) == [(1100.0, 1700.0)]  # 10 s of 40 s


def test_within_its_own_edge() -> None:
    assert spans(reached(chain(), (1400.0, 0.0), 100)) == [(1300.0, 1500.0)]


def test_from_a_node() -> None:
    assert spans(reached(chain(), (1000.0, 0.0), 250)) == [(750.0, 1250.0)]


def test_a_one_way_edge_is_reached_from_upstream_only() -> None:
    nodes = {**LINE, "E": (1500.0, 900.0)}
    back = {name: {"ends": tuple(name)} for name in ("BE", "EC")}
    edges = {**CHAIN, "BC": {"ends": ("B", "C"), "oneway": 1}, **back}
    roads = make_roads(nodes, edges, access=ACCESS)
    assert spans(reached(roads, (1400.0, 0.0), 300)) == [(1100.0, 1400.0)]


def test_around_a_one_way_ring_the_far_side_is_reached_too() -> None:
    corners = {"A": (0.0, 0.0), "B": (100.0, 0.0), "C": (100.0, 100.0), "D": (0.0, 100.0)}
    ring = {name: {"ends": tuple(name), "oneway": 1} for name in ("AB", "BC", "CD", "DA")}
    roads = make_roads(corners, ring, access=ACCESS)
    all_of_it = shapely.LinearRing(corners.values())
    assert reached(roads, (50.0, 0.0), 400).equals(all_of_it)
    rest = all_of_it.difference(reached(roads, (50.0, 0.0), 380))
    assert rest.bounds == (50.0, 0.0, 70.0, 0.0)  # just behind the place: 380 of 400 m


def test_the_middle_of_a_long_edge_may_stay_unreached() -> None:
    nodes = {"A": (0.0, 0.0), "B": (1000.0, 0.0)}
    bow = shapely.LineString([(0, 0), (500, 50), (1000, 0)])
    edges = {
        "AB": {"ends": ("A", "B")},
        "up": {"ends": ("A", "B"), "line": bow, "highway": "motorway", "free_flow_kmh": 360.0},
    }
    roads = make_roads(nodes, edges, access=ACCESS)
    assert spans(reached(roads, (0.0, 0.0), 99)) == [(0.0, 99.0)]
    # By the bow, 1005 m at the default of 80 km/h, B is 452 ds away.
    assert spans(reached(roads, (0.0, 0.0), 500)) == [(0.0, 500.0), (952.0, 1000.0)]


@pytest.mark.parametrize("facts", [{"highway": "motorway"}, {"tunnel": "隧道"}, {"bridge": "桥"}])
def test_closed_roads_carry_the_travel_but_are_no_part_of_it(facts: dict[str, str]) -> None:
    roads = chain(BC=facts)
    assert spans(reached(roads, (900.0, 0.0), 1300)) == [(0.0, 1000.0), (2000.0, 2200.0)]
    assert spans(reached(roads, (900.0, 0.0), 1100)) == [(0.0, 1000.0), (2000.0, 2000.0)]
    assert spans(reached(roads, (900.0, 0.0), 1099)) == [(0.0, 1000.0)]


def test_nodes_of_closed_roads_are_part_of_it() -> None:
    roads = chain(BC={"tunnel": "隧道"}, CD={"highway": "motorway"})
    assert spans(reached(roads, (500.0, 0.0), 2500)) == [
        (0.0, 1000.0),
        (2000.0, 2000.0),
        (3000.0, 3000.0),
    ]


@pytest.mark.parametrize(
    ("at", "limit_ds", "expected"),
    [
        ((1400.0, 0.0), 0, [(1400.0, 1400.0)]),
        ((1000.0, 0.0), 0, [(1000.0, 1000.0)]),
        ((1400.0, 50.0), 0, []),
        ((1400.0, 50.0), 99, []),
        ((1400.0, 50.0), 100, [(1400.0, 1400.0)]),
        ((1400.0, 500.0), 9000, []),
    ],
)
def test_little_or_no_time(
    at: tuple[float, float], limit_ds: int, expected: list[tuple[float, float]]
) -> None:
    assert spans(reached(chain(), at, limit_ds)) == expected


def test_every_place_has_its_own_area_and_no_place_none() -> None:
    roads = chain()
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    places = snap(graph, points((500.0, 0.0), (0.0, 9e4), (2500.0, 0.0)), access=ACCESS)
    found = [shapely.union_all(area) for area in service_lines(graph, places, limit_ds=100)]
    assert [spans(area) for area in found] == [[(400.0, 600.0)], [], [(2400.0, 2600.0)]]
    nowhere = snap(graph, points(), access=ACCESS)
    assert service_lines(graph, nowhere, limit_ds=100) == []


@pytest.mark.parametrize("limit", [-1, float("nan")])
def test_a_limit_that_is_no_time_is_refused(limit: float) -> None:
    roads = chain()
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    places = snap(graph, points((0.0, 0.0)), access=ACCESS)
    with pytest.raises(NetworkError, match="limit_ds: not a travel time"):
        service_lines(graph, places, limit_ds=limit)


def test_an_edge_reached_from_both_ends_is_covered_whole_and_once() -> None:
    roads = chain()
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    places = snap(graph, points((1000.0, 0.0)), access=ACCESS)
    (pieces,) = service_lines(graph, places, limit_ds=5000)
    lengths = shapely.length(pieces)
    np.testing.assert_array_equal(np.sort(lengths[lengths > 0]), [1000.0, 1000.0, 1000.0])
