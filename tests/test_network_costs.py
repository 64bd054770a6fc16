"""Costs between nodes and places: unreachable, cutoff, wrong questions, units of the travel."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from siting.errors import NetworkError
from siting.model import AccessLeg
from siting.network import RoadGraph, build, cost_matrix, network_travel, place_costs, snap
from tests.strategies import CRS, Roads, make_profile, make_roads, points

NODES = {"A": (0.0, 0.0), "B": (1000.0, 0.0), "C": (2000.0, 0.0), "D": (1000.0, 900.0)}
EDGES = {
    "AB": {"ends": ("A", "B")},
    "BC": {"ends": ("B", "C"), "free_flow_kmh": 72.0},
    "BD": {"ends": ("B", "D"), "oneway": 1},
    "DC": {"ends": ("D", "C"), "oneway": 1},
}
ACCESS = AccessLeg(speed_kmh=18.0, detour_ratio=1.5, max_distance_m=100.0)


def roads() -> Roads:
    return make_roads(NODES, EDGES, access=ACCESS)


def graph() -> RoadGraph:
    asked = roads()
    return build(asked.nodes, asked.edges, profile=asked.profile)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def no_places() -> gpd.GeoSeries:
    return gpd.GeoSeries([], crs=CRS)


def test_costs_between_nodes() -> None:
    all_nodes = ints(0, 1, 2, 3)
    dc_ds = 1345  # √(1000² + 900²) m at 10 m/s
    assert cost_matrix(graph(), all_nodes, all_nodes).tolist() == [
        [0, 1000, 1500, 1900],
        [1000, 0, 500, 900],
        [1500, 500, 0, 1400],
        [1500 + 1345, 500 + dc_ds, dc_ds, 0],
    ]


@pytest.mark.parametrize("flip", [False, True])
def test_costs_above_the_cutoff_are_unreachable_and_at_it_are_not(*, flip: bool) -> None:
    few, many = ints(0), ints(0, 1, 2, 3, 2)
    rows, columns = (many, few) if flip else (few, many)
    got = cost_matrix(graph(), rows, columns, cutoff=1500)
    expected = [[0], [1000], [1500], [np.nan], [1500]] if flip else [[0, 1000, 1500, np.nan, 1500]]
    np.testing.assert_array_equal(got, expected)


def test_a_cutoff_of_zero_keeps_a_node_itself() -> None:
    got = cost_matrix(graph(), ints(0, 1), ints(1), cutoff=0)
    np.testing.assert_array_equal(got, [[np.nan], [0]])


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_nothing_to_measure_gives_an_empty_matrix(shape: tuple[int, int]) -> None:
    got = cost_matrix(graph(), np.zeros(shape[0], int), np.zeros(shape[1], int))
    assert got.shape == shape


@pytest.mark.parametrize(
    ("rows", "columns", "told"),
    [
        ([0, 4], [0], r"origins: .*got 4, expected 0…3"),
        ([-1, 2], [0], r"origins: .*got -1, expected 0…3"),
        ([0], [99], r"destinations: .*got 99, expected 0…3"),
        ([], [-7], r"destinations: .*got -7, expected 0…3"),
    ],
)
def test_an_index_out_of_range_is_refused(rows: list[int], columns: list[int], told: str) -> None:
    with pytest.raises(NetworkError, match=told):
        cost_matrix(graph(), ints(*rows), ints(*columns))


@pytest.mark.parametrize("cutoff", [-1, -0.5, float("nan"), -float("inf")])
def test_a_cutoff_that_is_no_cost_is_refused(cutoff: float) -> None:
    with pytest.raises(NetworkError, match=r"cutoff: not a cost .*expected a number ≥ 0 or None"):
        cost_matrix(graph(), ints(0), ints(1), cutoff=cutoff)


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(NetworkError, match="no such measure"):
        cost_matrix(graph(), ints(0), ints(1), weight="time_min")


def test_places_add_their_legs_and_their_part_of_the_edge() -> None:
    g = graph()
    a, b = (snap(g, points(xy), access=ACCESS) for xy in ((400.0, 20.0), (1500.0, -40.0)))
    # 30 m leg at 5 m/s, 600 m at 10 m/s, 500 m at 20 m/s, 60 m leg.
    assert place_costs(g, a, b).tolist() == [[60 + 600 + 250 + 120]]
    assert place_costs(g, a, b, weight="length_dm").tolist() == [[300 + 6000 + 5000 + 600]]


def test_a_place_costs_its_leg_twice_to_itself() -> None:
    g = graph()
    places = snap(g, points((400.0, 20.0), (1000.0, -30.0)), access=ACCESS)
    assert place_costs(g, places, places).diagonal().tolist() == [120, 180]


def test_a_place_away_from_the_roads_is_unreachable_even_from_itself() -> None:
    g = graph()
    places = snap(g, points((400.0, 0.0), (400.0, 101.0)), access=ACCESS)
    got = place_costs(g, places, places)
    np.testing.assert_array_equal(got, [[0, np.nan], [np.nan, np.nan]])


def test_only_unreachable_places_give_only_nan() -> None:
    g = graph()
    near, far = (snap(g, points(xy), access=ACCESS) for xy in ((0.0, 0.0), (0.0, 9e5)))
    for pair in ((near, far), (far, near), (far, far)):
        np.testing.assert_array_equal(place_costs(g, *pair), [[np.nan]])


def test_no_places_give_an_empty_matrix() -> None:
    g = graph()
    some, none = (snap(g, p, access=ACCESS) for p in (points((0.0, 0.0)), no_places()))
    assert place_costs(g, some, none).shape == (1, 0)
    assert place_costs(g, none, some).shape == (0, 1)
    assert place_costs(g, none, none).shape == (0, 0)


def test_time_and_length_agree_on_what_may_be_driven() -> None:
    """Two metres against the traffic of a slow road are one rounded decisecond for neither."""
    ring = {
        "AB": {"ends": ("A", "B"), "oneway": 1, "free_flow_kmh": 80.0},
        "BC": {"ends": ("B", "C"), "oneway": 1},
        "CA": {"ends": ("C", "A"), "oneway": 1},
    }
    nodes = {"A": (0.0, 0.0), "B": (1000.0, 0.0), "C": (500.0, 800.0)}
    asked = make_roads(nodes, ring)
    g = build(asked.nodes, asked.edges, profile=asked.profile)
    a, b = (snap(g, points(xy), access=ACCESS) for xy in ((500.6, 0.0), (500.0, 0.0)))
    around_dm = 10_000 + 2 * 9434 - 6
    assert place_costs(g, a, b, weight="length_dm").tolist() == [[around_dm]]
    assert place_costs(g, a, b, weight="time_ds").tolist() == [[450 + 2 * 943]]


def travel_of(asked: Roads):  # noqa: ANN201
    profiles = {"car": asked.profile, "truck": make_profile(banned={"hgv": ("no",)})}
    return network_travel(asked.nodes, asked.edges, profiles=profiles, access=asked.access)


def test_travel_is_told_in_minutes_and_kilometres() -> None:
    travel = travel_of(roads())
    a, b = points((0.0, 0.0), (0.0, 500.0)), points((2000.0, 0.0))
    np.testing.assert_array_equal(travel(a, b, profile="car"), [[2.5], [np.nan]])
    np.testing.assert_array_equal(
        travel(a, b, profile="car", measure="distance_km"), [[2.0], [np.nan]]
    )


def test_every_profile_drives_its_own_graph() -> None:
    edges = {**EDGES, "BC": {**EDGES["BC"], "hgv": "no"}, "CB": {"ends": ("C", "B"), "oneway": 1}}
    travel = travel_of(make_roads(NODES, edges))
    a, b = points((0.0, 0.0)), points((2000.0, 0.0))
    assert travel(a, b, profile="car") == [[2.5]]
    assert travel(a, b, profile="truck") == [[(1000 + 900 + 1345) / 600]]
    assert travel(b, a, profile="truck") == [[2000 / 600]]


def test_an_answer_that_was_changed_does_not_change_the_next() -> None:
    travel = travel_of(roads())
    a, b = points((0.0, 0.0)), points((2000.0, 0.0))
    for _ in range(2):
        answer = travel(a, b, profile="car")
        assert answer == [[2.5]]
        answer[:] = 0


def test_the_same_places_with_another_leg_or_order_are_not_mixed_up() -> None:
    travel = travel_of(roads())
    a, b = points((0.0, 0.0)), points((1000.0, 900.0))
    assert travel(a, b, profile="car") == [[1900 / 600]]
    assert travel(b, a, profile="car") == [[2845 / 600]]
    assert travel(a, b, profile="car", measure="distance_km") == [[1.9]]


def test_no_places_are_no_travel() -> None:
    travel = travel_of(roads())
    assert travel(points((0.0, 0.0)), no_places(), profile="car").shape == (1, 0)


def test_an_unknown_profile_is_refused() -> None:
    travel = travel_of(roads())
    with pytest.raises(NetworkError, match=r"profile tram: .*expected one of car, truck"):
        travel(points((0.0, 0.0)), points((0.0, 0.0)), profile="tram")


def test_a_profile_with_every_road_banned_is_refused() -> None:
    asked = replace(roads(), profile=make_profile(banned={"highway": ("residential",)}))
    with pytest.raises(NetworkError, match="profile van"):
        travel_of(asked)
