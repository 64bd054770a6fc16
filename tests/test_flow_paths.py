"""Routes of trips: shortest, by a stated rule, there and back."""

import itertools
import math

import networkx as nx
import pytest
from hypothesis import given, settings

from siting.errors import ModelError
from siting.optimise.flow_refuelling import shortest_trips
from tests.flow_cases import both_ways, roads


@settings(max_examples=60)
@given(drawn=roads())
def test_routes_are_all_shortest_paths_of_networkx(
    drawn: tuple[int, list[tuple[int, int, int]]],
) -> None:
    n, edges = drawn
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(edges)
    pairs = [(a, b, 1.0) for a, b in itertools.permutations(range(n), 2)]
    first, any_ = (
        shortest_trips(both_ways(edges), pairs, n_nodes=n, ties=ties, round_trip=False)
        for ties in ("first", "any")
    )
    for one, all_ in zip(first, any_, strict=True):
        paths = sorted(nx.all_shortest_paths(graph, one.origin, one.destination, weight="weight"))
        unique = [path for path, _ in itertools.groupby(paths)]
        assert [route.nodes.tolist() for route in all_.routes] == unique
        assert [route.nodes.tolist() for route in one.routes] == unique[:1]
        length = nx.shortest_path_length(graph, one.origin, one.destination, weight="weight")
        assert {route.along[-1] for route in all_.routes} == {length}


def test_the_way_back_is_the_way_out_where_roads_are_two_way() -> None:
    (trip,) = shortest_trips(both_ways([(0, 1, 2), (1, 2, 3)]), [(0, 2, 1.0)], n_nodes=3)
    assert trip.routes[0].nodes.tolist() == [0, 1, 2, 1, 0]
    assert trip.routes[0].along.tolist() == [0, 2, 5, 8, 10]


def test_the_way_back_follows_one_way_roads() -> None:
    arcs = ([0, 1, 2, 3], [1, 2, 3, 0], [1.0, 2.0, 3.0, 4.0])
    (trip,) = shortest_trips(arcs, [(0, 2, 1.0)], n_nodes=4)
    assert trip.routes[0].nodes.tolist() == [0, 1, 2, 3, 0]
    assert trip.routes[0].along.tolist() == [0, 1, 3, 6, 10]


def test_routes_are_chosen_by_cost_and_measured_by_length() -> None:
    arcs = ([0, 1, 0], [1, 2, 2], [1.0, 1.0, 5.0])
    (trip,) = shortest_trips(
        arcs, [(0, 2, 1.0)], n_nodes=3, length=[7.0, 8.0, 9.0], round_trip=False
    )
    assert trip.routes[0].along.tolist() == [0, 7, 15]


def test_the_cheapest_of_parallel_arcs_counts() -> None:
    arcs = ([0, 0], [1, 1], [2.0, 1.0])
    (trip,) = shortest_trips(arcs, [(0, 1, 1.0)], n_nodes=2, length=[5.0, 6.0], round_trip=False)
    assert trip.routes[0].along.tolist() == [0, 6]


def test_a_trip_without_a_way_back_has_no_route() -> None:
    (trip,) = shortest_trips(([0], [1], [1.0]), [(0, 1, 1.0)], n_nodes=2)
    assert trip.routes == ()


@pytest.mark.parametrize(
    ("arcs", "pairs", "message"),
    [
        (([0], [1], [0.0]), [(0, 1, 1.0)], "cost: not a length"),
        (([0], [1], [-1.0]), [(0, 1, 1.0)], "cost: not a length"),
        (([0], [1], [math.nan]), [(0, 1, 1.0)], "cost: not a length"),
        (([0], [2], [1.0]), [(0, 1, 1.0)], "arcs: no such node"),
        (([0], [1], [1.0]), [(0, 2, 1.0)], "pairs: no such node"),
        (([0], [1], [1.0]), [(-1, 1, 1.0)], "pairs: no such node"),
    ],
)
def test_networks_that_mean_nothing_are_refused(
    arcs: tuple[list[int], list[int], list[float]],
    pairs: list[tuple[int, int, float]],
    message: str,
) -> None:
    with pytest.raises(ModelError, match=message):
        shortest_trips(arcs, pairs, n_nodes=2)


def test_too_many_equal_routes_are_refused_under_the_rule_any() -> None:
    """Eleven diamonds in a row: 2¹¹ shortest ways."""
    edges = []
    for k in range(0, 33, 3):
        edges += [(k, k + 1, 1), (k, k + 2, 1), (k + 1, k + 3, 1), (k + 2, k + 3, 1)]
    with pytest.raises(ModelError, match="too many equally short routes"):
        shortest_trips(both_ways(edges), [(0, 33, 1.0)], n_nodes=34, ties="any")
    assert len(shortest_trips(both_ways(edges), [(0, 33, 1.0)], n_nodes=34)[0].routes) == 1


def test_no_pairs_make_no_trips() -> None:
    assert shortest_trips(([0], [1], [1.0]), [], n_nodes=2) == []
