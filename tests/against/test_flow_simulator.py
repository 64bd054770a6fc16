"""Every trip that a plan calls refuelled is driven by a simulator that knows nothing of the model."""

import itertools

import networkx as nx
from hypothesis import given, settings, strategies as st

from siting.optimise.flow_refuelling import Tank, drives_through, flow_refuelling, shortest_trips
from tests.flow_cases import both_ways, driven_for_ever, gravity_pairs, read_network, roads
from tests.requirements import require_data


def steps(path: list[int], lengths: dict[tuple[int, int], float]) -> list[float]:
    return [
        min(lengths.get((a, b), float("inf")), lengths.get((b, a), float("inf")))
        for a, b in itertools.pairwise(path)
    ]


def shortest_paths(
    lengths: dict[tuple[int, int], float], origin: int, destination: int
) -> list[list[int]]:
    """Return every shortest path, by networkx, in the order of their nodes."""
    graph = nx.Graph()
    for (a, b), length in lengths.items():
        if a != b:
            known = graph.get_edge_data(a, b, {"weight": float("inf")})["weight"]
            graph.add_edge(a, b, weight=min(length, known))
    return sorted(nx.all_shortest_paths(graph, origin, destination, weight="weight"))


@settings(max_examples=60)
@given(
    drawn=roads(),
    tank=st.sampled_from([1.0, 2.5, 3.0, 4.0, 6.0, 9.0, 30.0]),
    p=st.integers(1, 3),
    ties=st.sampled_from(["first", "any"]),
)
def test_a_trip_is_refuelled_exactly_if_it_can_be_driven_for_ever(
    drawn: tuple[int, list[tuple[int, int, int]]], tank: float, p: int, ties: str
) -> None:
    n, edges = drawn
    lengths: dict[tuple[int, int], float] = {}
    for a, b, length in edges:
        lengths[a, b] = min(length, lengths.get((a, b), float("inf")))
    pairs = [(a, b, float(1 + a + b)) for a, b in itertools.combinations(range(n), 2)]
    trips = shortest_trips(both_ways(edges), pairs, n_nodes=n, ties=ties)
    plan = flow_refuelling(trips, range(n), p=min(p, n), tank=Tank(range=tank))
    driven = 0.0
    for origin, destination, flow in pairs:
        paths = shortest_paths(lengths, origin, destination)
        tried = paths if ties == "any" else paths[:1]
        stations = set(plan.sites.tolist())
        if any(driven_for_ever(path, steps(path, lengths), stations, tank) for path in tried):
            driven += flow
    assert plan.objective == driven


def test_every_refuelled_trip_of_the_25_node_network_is_driven() -> None:
    folder = require_data("instances", "frlm", "25node")
    weights, lengths = read_network(folder, node_4_weight=32)
    arcs = both_ways((a, b, c) for (a, b), c in lengths.items())
    trips = shortest_trips(arcs, gravity_pairs(weights, lengths), n_nodes=25)
    for tank, p in ((4.0, 6), (8.0, 4), (12.0, 3)):
        plan = flow_refuelling(trips, range(25), p=p, tank=Tank(range=tank))
        claimed = drives_through(trips, plan.sites, Tank(range=tank))
        for trip, is_claimed in zip(trips, claimed, strict=True):
            path = shortest_paths(lengths, trip.origin, trip.destination)[0]
            driven = driven_for_ever(path, steps(path, lengths), set(plan.sites.tolist()), tank)
            assert driven == is_claimed
