"""The drivable roads of Porto: every engine beside networkx, and through osmnx's form and back."""

from functools import cache

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from siting.model import AccessLeg
from siting.network import (
    RoadGraph,
    build_hierarchy,
    cost_matrices,
    cost_matrix,
    nearest,
    service_lines,
    snap,
    ways,
    within,
)
from siting.network.exchange import from_networkx, to_networkx
from tests.requirements import require_data

pytestmark = [pytest.mark.real, pytest.mark.slow]  # a whole city: tens of seconds

CRS = "EPSG:3763"
KMH = {"motorway": 110.0, "trunk": 90.0, "primary": 60.0, "secondary": 50.0, "tertiary": 40.0}
LEG = AccessLeg(speed_kmh=20.0, detour_ratio=1.3, max_distance_m=3000.0)


@cache
def porto() -> "nx.MultiDiGraph[int]":
    """Return the largest strongly connected part as osmnx gives graphs."""
    nodes = gpd.read_parquet(require_data("osm", "porto_drive_nodes.parquet")).to_crs(CRS)
    edges = gpd.read_parquet(require_data("osm", "porto_drive_edges.parquet")).to_crs(CRS)
    G: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs=CRS)
    for name, x, y in zip(nodes["osmid"], nodes.geometry.x, nodes.geometry.y, strict=True):
        G.add_node(int(name), x=x, y=y)
    columns = ["u", "v", "oneway", "length_m", "highway", "bridge", "tunnel", "geometry"]
    for u, v, oneway, length, highway, bridge, tunnel, line in edges[columns].itertuples(
        index=False
    ):
        seconds = length / KMH.get(highway, 30.0) * 3.6
        tags = {"highway": highway, "bridge": bridge, "tunnel": tunnel}
        facts = {key: value for key, value in tags.items() if not pd.isna(value)}
        facts |= {"length": length, "travel_time": seconds}
        if oneway >= 0:
            G.add_edge(u, v, geometry=line, **facts)
        if oneway <= 0:
            G.add_edge(v, u, geometry=shapely.reverse(line), **facts)
    core = max(nx.strongly_connected_components(G), key=len)
    return G.subgraph(core).copy()


@cache
def road_graph() -> RoadGraph:
    return from_networkx(porto())


@cache
def plain() -> "nx.DiGraph[int]":
    """Return the whole weights with networkx, on node indices."""
    G: nx.DiGraph[int] = nx.DiGraph()
    arcs = road_graph().csr("time_ds")
    triples = zip(arcs.tails.tolist(), arcs.indices.tolist(), arcs.weights.tolist(), strict=True)
    G.add_weighted_edges_from(triples)
    return G


def sample(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).choice(road_graph().n_nodes, n, replace=False)


def test_the_graph_is_the_whole_city() -> None:
    graph = road_graph()
    assert graph.n_nodes > 60_000
    assert len(graph.tail) > 140_000


def test_costs_and_sparse_costs_equal_networkx() -> None:
    graph, origins, targets = road_graph(), sample(5, 1), sample(300, 2)
    cutoff = 3_000
    expected = np.full((5, 300), np.nan)
    for i, origin in enumerate(origins):
        cost = nx.single_source_dijkstra_path_length(plain(), origin)
        expected[i] = [cost[target] for target in targets]
    near = np.where(expected <= cutoff, expected, np.nan)
    hierarchy = build_hierarchy(graph.csr("time_ds"))
    for engine in ("scipy", "dijkstra", "hierarchy"):
        ready = hierarchy if engine == "hierarchy" else None
        got = cost_matrix(graph, origins, targets, engine=engine, hierarchy=ready)
        np.testing.assert_array_equal(got, expected)
        found = within(graph, origins, targets, cutoff=cutoff, engine=engine, hierarchy=ready)
        assert found.nnz == np.isfinite(near).sum()
        row = np.repeat(np.arange(5), np.diff(found.indptr))
        np.testing.assert_array_equal(near[row, found.indices], found.data)


def test_the_nearest_equal_the_sorted_rows() -> None:
    graph, origins, places = road_graph(), sample(2_000, 3), sample(40, 4)
    got = nearest(graph, origins, places, k=3, engine="dijkstra")
    costs = cost_matrix(graph, origins, places, engine="scipy")
    order = np.argsort(costs, axis=1, kind="stable")[:, :3]
    np.testing.assert_array_equal(got.destination, order)
    np.testing.assert_array_equal(got.cost, np.take_along_axis(costs, order, axis=1))


def test_lengths_along_the_fastest_ways_are_lengths_of_ways() -> None:
    graph, origins, targets = road_graph(), sample(3, 5), sample(50, 6)
    one, other = (
        cost_matrices(graph, origins, targets, engine=engine) for engine in ("scipy", "dijkstra")
    )
    np.testing.assert_array_equal(one.cost, other.cost)
    np.testing.assert_array_equal(one.companion, other.companion)
    shortest = cost_matrix(graph, origins, targets, weight="length_dm")
    assert (one.companion >= shortest).all()
    assert (one.companion > shortest).any()


def test_ways_add_up_to_their_cost() -> None:
    graph, ends = road_graph(), sample(24, 7)
    points = gpd.GeoSeries(gpd.points_from_xy(*graph.node_xy[ends].T), crs=CRS)
    start, stop = points.iloc[:12], points.iloc[12:]
    found = ways(
        graph,
        snap(graph, start, access=LEG),
        snap(graph, stop, access=LEG),
        origin_xy=shapely.get_coordinates(start.to_numpy()),
        destination_xy=shapely.get_coordinates(stop.to_numpy()),
    )
    costs = cost_matrix(graph, ends[:12], ends[12:]).diagonal()
    assert [way.time_ds for way in found if way is not None] == costs.tolist()
    lengths_m = [way.length_dm / 10 for way in found if way is not None]
    drawn_m = [way.line.length for way in found if way is not None]
    np.testing.assert_allclose(drawn_m, lengths_m, rtol=0.01)


def test_a_service_area_reaches_the_nodes_that_networkx_reaches() -> None:
    graph, limit_ds = road_graph(), 3_000
    (node,) = sample(1, 8)
    place = gpd.GeoSeries([shapely.Point(graph.node_xy[node])], crs=CRS)
    (pieces,) = service_lines(graph, snap(graph, place, access=LEG), limit_ds=limit_ds)
    points = [piece for piece in pieces if isinstance(piece, shapely.Point)]
    against = plain().reverse(copy=False)
    reached = nx.single_source_dijkstra_path_length(against, node, cutoff=limit_ds)
    assert {(p.x, p.y) for p in points} == {tuple(graph.node_xy[n]) for n in reached}


def test_out_to_networkx_and_back_nothing_is_lost() -> None:
    graph = road_graph()
    again = from_networkx(to_networkx(graph, crs=CRS))
    for weight in ("time_ds", "length_dm"):
        one, other = graph.csr(weight), again.csr(weight)  # type: ignore[arg-type]
        assert one.content_hash == other.content_hash
