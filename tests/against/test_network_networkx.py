"""Costs between places equal Dijkstra of networkx on the streets cut where places meet them."""

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings, strategies as st

from siting.network import build, cost_matrix, place_costs, snap
from siting.network.graph import Weight
from tests.reference_roads import Reference, streets, strong_parts
from tests.strategies import Roads, make_roads, places_near, points, road_networks

WEIGHTS: tuple[Weight, ...] = ("time_ds", "length_dm")


def assert_costs_equal_networkx(roads: Roads, origins, destinations) -> None:  # noqa: ANN001
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    reference = Reference(roads, graph.node_ids)
    a, b = (snap(graph, places, access=roads.access) for places in (origins, destinations))
    for weight in WEIGHTS:
        np.testing.assert_array_equal(
            place_costs(graph, a, b, weight=weight),
            reference.costs(origins, destinations, weight),
        )


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_place_costs_equal_networkx(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    origins = data.draw(places_near(roads))
    destinations = data.draw(places_near(roads))
    assert_costs_equal_networkx(roads, origins, destinations)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(roads=road_networks())
def test_what_is_kept_is_a_largest_strongly_connected_part(roads: Roads) -> None:
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    usable = streets(roads.edges, roads.profile)
    assert set(graph.node_ids) in strong_parts(usable)
    inside = [s for s in usable if {s.tail, s.head} <= set(graph.node_ids)]
    told = [
        (edge, graph.node_ids[tail], graph.node_ids[head], not back, is_open, ds, dm)
        for edge, tail, head, back, is_open, ds, dm in zip(
            graph.edge_ids,
            graph.tail,
            graph.head,
            graph.backward,
            graph.is_open,
            graph.time_ds,
            graph.length_dm,
            strict=True,
        )
    ]
    assert told == [s[:-1] for s in inside]
    touched = {end for s in usable for end in (s.tail, s.head)}
    assert graph.dropped_nodes == tuple(sorted(touched - set(graph.node_ids)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(roads=road_networks(), data=st.data())
def test_node_costs_and_cutoff_equal_networkx(roads: Roads, data: st.DataObject) -> None:
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    whole = Reference(roads, graph.node_ids).graph(points())
    index = st.lists(st.integers(0, graph.n_nodes - 1), max_size=5)
    rows, columns = data.draw(index), data.draw(index)
    cutoff = data.draw(st.none() | st.integers(0, 6000) | st.just(float("inf")))
    for weight in WEIGHTS:
        expected = np.full((len(rows), len(columns)), np.nan)
        for i, a in enumerate(rows):
            away = nx.single_source_dijkstra_path_length(
                whole, graph.node_ids[a], cutoff=cutoff, weight=weight
            )
            expected[i] = [away.get(graph.node_ids[b], np.nan) for b in columns]
        got = cost_matrix(
            graph, np.array(rows, int), np.array(columns, int), weight=weight, cutoff=cutoff
        )
        np.testing.assert_array_equal(got, expected)


# A square of one-way streets N0 → N1 → N2 → N3 → N0, 1000 m a side, one node a corner.
SQUARE = {"N0": (0.0, 0.0), "N1": (1000.0, 0.0), "N2": (1000.0, 1000.0), "N3": (0.0, 1000.0)}
AROUND = {f"E{k}": {"ends": (f"N{k}", f"N{(k + 1) % 4}"), "oneway": 1} for k in range(4)}
NAMED = {
    "ahead on one edge": ((200.0, 0.0), (700.0, 0.0)),
    "back on one edge": ((700.0, 0.0), (200.0, 0.0)),
    "the same place": ((300.0, 0.0), (300.0, 0.0)),
    "the same foot from both sides": ((300.0, 20.0), (300.0, -20.0)),
    "3 cm apart against the traffic": ((300.03, 0.0), (300.0, 0.0)),
    "2 m apart against the traffic": ((302.0, 0.0), (300.0, 0.0)),
    "at a node": ((0.0, 0.0), (1000.0, 1000.0)),
    "one node": ((0.0, 0.0), (0.0, 0.0)),
    "beside a node": ((-30.0, -40.0), (500.0, 0.0)),
    "2 cm before a node": ((999.98, 0.0), (1000.0, 500.0)),
    "2 cm after a node": ((1000.0, 500.0), (1000.0, 0.02)),
    "out of reach": ((500.0, 500.0), (5000.0, 0.0)),
}


@pytest.mark.parametrize("oneway", [0, 1])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("pair", NAMED.values(), ids=NAMED.keys())
def test_named_pairs_equal_networkx(pair, oneway: int, *, turned: bool) -> None:  # noqa: ANN001
    edges = {name: {**facts, "oneway": oneway} for name, facts in AROUND.items()}
    if turned:  # the same streets drawn and driven the other way round
        edges = {name: {**f, "ends": tuple(reversed(f["ends"]))} for name, f in edges.items()}
    assert_costs_equal_networkx(make_roads(SQUARE, edges), points(pair[0]), points(pair[1]))


def test_back_on_a_oneway_edge_goes_around() -> None:
    roads = make_roads(SQUARE, AROUND)
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    a, b = (snap(graph, points((x, 0.0)), access=roads.access) for x in (700.0, 200.0))
    assert place_costs(graph, a, b) == [[3500]]
    assert place_costs(graph, b, a) == [[500]]


def test_many_places_on_one_edge_and_on_a_loop_equal_networkx() -> None:
    ring = [(0.0, 0.0), (-300.0, 100.0), (-300.0, -100.0), (0.0, 0.0)]
    for oneway in (0, 1):
        roads = make_roads(
            {"A": (0.0, 0.0), "B": (800.0, 0.0)},
            {
                "loop": {"ends": ("A", "A"), "line": shapely.LineString(ring), "oneway": oneway},
                "long": {
                    "ends": ("A", "B"),
                    "line": shapely.LineString([(0, 0), (400, 300), (800, 0)]),
                },
                "short": {"ends": ("B", "A"), "free_flow_kmh": 20.0},
                "fast": {"ends": ("A", "B"), "highway": "motorway", "length_km": 0.81},
            },
        )
        places = points(
            *[(80.0 * k, 5.0) for k in range(11)],
            *[(100.0 * k, 75.0 * k) for k in range(5)],
            *[(-300.0, -90.0 + 30.0 * k) for k in range(7)],
        )
        assert_costs_equal_networkx(roads, places, places)
