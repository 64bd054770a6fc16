"""Turn restrictions of OpenStreetMap on the roads of Monaco, beside networkx on the graph of arcs."""

from functools import cache

import networkx as nx
import numpy as np
import pytest

from layers._osm_roads import read_roads
from siting.network import RoadGraph, build, cost_matrix
from tests.requirements import require_data
from tests.strategies import make_profile

pytestmark = pytest.mark.real

CRS = "EPSG:32632"


@cache
def graphs() -> tuple[RoadGraph, RoadGraph]:
    """Return the roads without and with their turn restrictions."""
    frames = read_roads(str(require_data("osm", "monaco.osm.pbf")))
    nodes, edges = (frames[name].to_crs(CRS) for name in ("road_nodes", "road_edges"))
    # The file is cut at the border: only what hangs together is asked for.
    links = nx.Graph(zip(edges["from_id"], edges["to_id"], strict=True))
    whole = max(nx.connected_components(links), key=len)
    nodes, edges = nodes[nodes["id"].isin(whole)], edges[edges["from_id"].isin(whole)]
    turns = frames["turn_restrictions"]
    is_inside = turns["from_edge"].isin(edges["id"]) & turns["to_edge"].isin(edges["id"])
    found = [
        build(nodes, edges, profile=make_profile(), turns=asked)
        for asked in (None, turns[is_inside])
    ]
    return found[0], found[1]


def test_restrictions_are_found_and_the_graph_hardly_grows() -> None:
    free, bound = graphs()
    assert len(bound.forbidden) > 20
    assert len(bound.space.node) < 1.05 * bound.n_nodes
    assert len(bound.space.arc) < 1.05 * len(free.space.arc)


def test_costs_equal_networkx_on_arcs() -> None:
    free, bound = graphs()
    ends = {2 * e + back: (a, b) for e, (a, b, ways) in enumerate(
        zip(bound.tail, bound.head, zip(bound.forward, bound.backward, strict=True), strict=True))
        for back, is_driven in enumerate(ways) if is_driven for a, b in [(b, a) if back else (a, b)]
    }  # fmt: skip
    leaving: dict[int, list[int]] = {}
    for arc, (start, _) in ends.items():
        leaving.setdefault(int(start), []).append(arc)
    forbidden = {tuple(pair) for pair in bound.forbidden.tolist()}
    line: nx.DiGraph[int] = nx.DiGraph()
    for arc, (_, stop) in ends.items():
        for follows in leaving[int(stop)]:
            if (arc, follows) not in forbidden:
                line.add_edge(arc, follows, w=int(bound.time_ds[follows >> 1]))
    origins = np.random.default_rng(5).choice(bound.n_nodes, 6, replace=False)
    got = cost_matrix(bound, origins, np.arange(bound.n_nodes))
    for row, origin in zip(got, origins, strict=True):
        for arc in leaving[int(origin)]:
            line.add_edge(-1, arc, w=int(bound.time_ds[arc >> 1]))
        away = nx.single_source_dijkstra_path_length(line, -1, weight="w")
        line.remove_node(-1)
        expected = np.full(bound.n_nodes, np.inf)
        for arc, (_, stop) in ends.items():
            expected[stop] = min(expected[stop], away[arc])
        expected[origin] = 0
        np.testing.assert_array_equal(row, expected)
    place = {name: k for k, name in enumerate(free.node_ids)}
    same = np.array([place[name] for name in bound.node_ids])
    without = cost_matrix(free, same[origins], same)
    assert (got >= without).all()
    assert (got > without).mean() > 0.01
