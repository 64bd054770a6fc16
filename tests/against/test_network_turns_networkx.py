"""Turn restrictions: costs, nearest, ways and areas equal Dijkstra on the graph of arcs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from siting.network import (
    RoadGraph,
    Snapped,
    build,
    cost_matrices,
    cost_matrix,
    nearest,
    path,
    place_costs,
    service_lines,
    snap,
    ways,
    within,
)
from siting.network.graph import Weight
from tests.reference_turns import TurnReference, Turns, turn_restrictions
from tests.strategies import Roads, places_near, road_networks

WEIGHTS: tuple[Weight, ...] = ("time_ds", "length_dm")
MANY = settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
BORDER_DS = 2


def drawn(data: st.DataObject) -> tuple[Roads, pd.DataFrame, RoadGraph, TurnReference]:
    """Draw roads and restrictions; return them with our graph and the reference."""
    roads = data.draw(road_networks())
    classes = data.draw(st.sampled_from(((), ("hgv",), ("psv", "bus"))))
    roads = replace(roads, profile=replace(roads.profile, vehicle_classes=classes))
    turns = data.draw(turn_restrictions(roads))
    asked = Turns(roads, turns)
    cores = asked.cores()
    assume(len(cores) == 1)  # of parts of one size either may be kept; of none there is no graph
    graph = build(roads.nodes, roads.edges, profile=roads.profile, turns=turns)
    return roads, turns, graph, TurnReference(roads, asked, cores[0])


@MANY
@given(data=st.data())
def test_what_is_kept_is_the_largest_part_in_which_all_arcs_lead_on(data: st.DataObject) -> None:
    _, _, graph, reference = drawn(data)
    ids = graph.node_ids
    told = {
        (edge, way, ids[a], ids[b])
        for way, flags, start, stop in (
            ("+", graph.forward, graph.tail, graph.head),
            ("-", graph.backward, graph.head, graph.tail),
        )
        for edge, ok, a, b in zip(graph.edge_ids, flags, start, stop, strict=True)
        if ok
    }
    assert told == reference.core


@MANY
@given(data=st.data())
def test_costs_between_places_equal_networkx_on_arcs(data: st.DataObject) -> None:
    roads, _, graph, reference = drawn(data)
    origins, destinations = (data.draw(places_near(roads, max_size=4)) for _ in range(2))
    a, b = (snap(graph, places, access=roads.access) for places in (origins, destinations))
    for weight in WEIGHTS:
        got = place_costs(graph, a, b, weight=weight)
        np.testing.assert_array_equal(got, reference.costs(origins, destinations, weight))


@FEW
@given(data=st.data(), engine=st.sampled_from(("scipy", "dijkstra", "hierarchy")))
def test_every_engine_obeys_between_nodes(data: st.DataObject, engine: str) -> None:
    roads, _, graph, reference = drawn(data)
    corners = roads.nodes.set_index("id").geometry[list(graph.node_ids)].reset_index(drop=True)
    expected = reference.costs(corners, corners, "time_ds")
    nodes = np.arange(graph.n_nodes)
    got = cost_matrix(graph, nodes, nodes, engine=engine)
    np.testing.assert_array_equal(got, expected)
    sparse = within(graph, nodes, nodes, cutoff=1e6, engine=engine)
    np.testing.assert_array_equal(sparse.toarray(), expected)
    if engine != "hierarchy":
        pair = cost_matrices(graph, nodes, nodes, engine=engine)
        np.testing.assert_array_equal(pair.cost, expected)
        best = nearest(graph, nodes, nodes, k=2, engine=engine)
        first = np.argsort(expected, axis=1, kind="stable")[:, :2]
        np.testing.assert_array_equal(best.destination[:, : first.shape[1]], first)


@FEW
@given(data=st.data())
def test_ways_re_add_and_make_no_forbidden_turn(data: st.DataObject) -> None:
    roads, _, graph, _ = drawn(data)
    places = data.draw(places_near(roads, max_size=4))
    a = snap(graph, places, access=roads.access)
    xy = shapely.get_coordinates(places.to_numpy())
    for weight in WEIGHTS:
        costs = place_costs(graph, a, a, weight=weight)
        for shift in range(len(places)):
            turned = np.roll(np.arange(len(places)), shift)
            b = snap(graph, places.iloc[turned], access=roads.access)
            found = ways(graph, a, b, origin_xy=xy, destination_xy=xy[turned], weight=weight)
            told = [np.nan if way is None else getattr(way, weight) for way in found]
            np.testing.assert_array_equal(told, costs[np.arange(len(places)), turned])


@FEW
@given(data=st.data())
def test_paths_between_nodes_re_add_to_the_matrix(data: st.DataObject) -> None:
    _, _, graph, _ = drawn(data)
    nodes = np.arange(graph.n_nodes)
    costs = cost_matrix(graph, nodes, nodes, weight="length_dm")
    for a, b in data.draw(st.lists(st.tuples(*2 * (st.integers(0, graph.n_nodes - 1),)))):
        way = path(graph, a, b, weight="length_dm")
        assert way is not None
        assert way.length_dm == costs[a, b]


@FEW
@given(data=st.data())
def test_the_reached_parts_of_roads_obey(data: st.DataObject) -> None:
    roads, _, graph, _ = drawn(data)
    facilities = snap(graph, data.draw(places_near(roads, max_size=2)), access=roads.access)
    limit_ds = data.draw(st.integers(0, 4000))
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    edge = np.repeat(np.flatnonzero(graph.is_open), 5)
    fraction = rng.uniform(0.001, 0.999, len(edge))
    at = shapely.line_interpolate_point(graph.lines[edge], fraction, normalized=True)
    none = np.zeros(len(edge), dtype=np.int64)
    sample = Snapped(
        edge=edge,
        node=none - 1,
        fraction=fraction,
        access_m=none.astype(float),
        access_ds=none,
        access_dm=none,
        xy=shapely.get_coordinates(at),
    )
    near = shapely.STRtree(graph.lines).query(at, "dwithin", 0.1)[0]
    alone = np.bincount(near, minlength=len(at)) == 1
    time_ds = place_costs(graph, sample, facilities)
    for k, pieces in enumerate(service_lines(graph, facilities, limit_ds=limit_ds)):
        is_inside = shapely.distance(at, shapely.union_all(pieces)) < 1e-6
        sure = alone & ~(np.abs(time_ds[:, k] - limit_ds) <= BORDER_DS)
        np.testing.assert_array_equal(is_inside[sure], (time_ds[:, k] <= limit_ds)[sure])
