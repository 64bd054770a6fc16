"""Service areas, nearest places and paths on the roads of Porto, beside networkx and osmnx.

The reference of the areas shares nothing with ``siting.network``: networkx searches the roads in
seconds, shapely finds the nearest road of each point, and every point of a fine grid is asked for.
"""

from functools import cache
from typing import NamedTuple

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pytest
import shapely
from numpy.typing import NDArray

from siting.model import AccessLeg
from siting.network import (
    NetworkTravel,
    RoadGraph,
    cost_matrix,
    nearest,
    network_travel,
    path,
)
from siting.network.exchange import to_networkx
from tests.requirements import require_data
from tests.strategies import make_profile

pytestmark = [pytest.mark.real, pytest.mark.slow]  # a whole city: tens of seconds

CRS = "EPSG:3763"
KMH = {"motorway": 110.0, "trunk": 90.0, "primary": 60.0, "secondary": 50.0, "tertiary": 40.0}
LEG = AccessLeg(speed_kmh=20.0, detour_ratio=1.3, max_distance_m=3000.0)
LEG_S_PER_M = 1.3 * 3.6 / 20.0
CLOSED = ("motorway", "motorway_link")
GRID_M = 13.0


class Frames(NamedTuple):
    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame


@cache
def frames() -> Frames:
    """Return the roads as layers; streets drawn against their traffic are turned round."""
    nodes = gpd.read_parquet(require_data("osm", "porto_drive_nodes.parquet")).to_crs(CRS)
    edges = gpd.read_parquet(require_data("osm", "porto_drive_edges.parquet")).to_crs(CRS)
    is_back = (edges["oneway"] < 0).to_numpy()
    lines = edges.geometry.to_numpy().copy()
    lines[is_back] = shapely.reverse(lines[is_back])
    u, v = (edges[name].astype(str).to_numpy() for name in "uv")
    facts = {
        "id": [f"{k:06}" for k in range(len(edges))],
        "from_id": np.where(is_back, v, u),
        "to_id": np.where(is_back, u, v),
        "highway": edges["highway"],
        "oneway": (edges["oneway"] != 0).astype(int),
        "free_flow_kmh": edges["highway"].map(KMH).fillna(30.0),
        "length_km": edges["length_m"] / 1000,
        "bridge": edges["bridge"].fillna(""),
        "tunnel": edges["tunnel"].fillna(""),
    }
    ids = {"id": nodes["osmid"].astype(str)}
    return Frames(
        gpd.GeoDataFrame(ids, geometry=nodes.geometry.to_numpy(), crs=CRS),
        gpd.GeoDataFrame(facts, geometry=lines, crs=CRS),
    )


@cache
def travel() -> NetworkTravel:
    car = make_profile(caps=dict.fromkeys(KMH, 120.0))
    return network_travel(*frames(), profiles={"car": car}, access=LEG)


def graph() -> RoadGraph:
    return travel().graph("car")


@cache
def seconds() -> "nx.DiGraph[str]":
    """Return the largest strongly connected part in seconds, by networkx alone."""
    G: nx.DiGraph[str] = nx.DiGraph()
    columns = ["from_id", "to_id", "oneway", "free_flow_kmh", "length_km"]
    for a, b, oneway, kmh, km in frames().edges[columns].itertuples(index=False):
        s = km / kmh * 3600
        for start, stop in ((a, b), (b, a))[: 1 if oneway else 2]:
            if s < G.edges.get((start, stop), {"s": np.inf})["s"]:
                G.add_edge(start, stop, s=s)
    return G.subgraph(max(nx.strongly_connected_components(G), key=len)).copy()


class Streets(NamedTuple):
    """What points may join: streets of the part that is kept, and its nodes."""

    edges: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    tree: shapely.STRtree
    node_tree: shapely.STRtree


@cache
def streets() -> Streets:
    kept = set(seconds())
    nodes, edges = frames()
    inside = edges["from_id"].isin(kept) & edges["to_id"].isin(kept)
    built = ~edges[["bridge", "tunnel"]].isin(("", "no")).all(axis=1)
    is_open = inside & ~built & ~edges["highway"].isin(CLOSED)
    own = edges[is_open].reset_index(drop=True)
    corners = nodes[nodes["id"].isin(kept)].reset_index(drop=True)
    trees = (shapely.STRtree(frame.geometry.to_numpy()) for frame in (own, corners))
    return Streets(own, corners, *trees)


def seconds_of_points(xy: NDArray[np.float64], away: dict[str, float], *, to: bool) -> np.ndarray:
    """Return seconds between points and the node that ``away`` was measured to or from."""
    edges, nodes, tree, node_tree = streets()
    spots = shapely.points(xy)
    which, edge_m = one_nearest(tree, spots)
    corner, node_m = one_nearest(node_tree, spots)
    at = edges.iloc[which]
    share = shapely.line_locate_point(at.geometry.to_numpy(), spots, normalized=True)
    drive_s = (at["length_km"] / at["free_flow_kmh"] * 3600).to_numpy()
    tail_s, head_s = (at[end].map(away).fillna(np.inf).to_numpy() for end in ("from_id", "to_id"))
    back = np.where(at["oneway"] == 1, np.inf, 0.0)
    if to:
        by_edge = np.minimum(head_s + (1 - share) * drive_s, tail_s + share * drive_s + back)
    else:
        by_edge = np.minimum(tail_s + share * drive_s, head_s + (1 - share) * drive_s + back)
    at_node = nodes["id"].iloc[corner].map(away).fillna(np.inf).to_numpy()
    road_s = np.where(edge_m < node_m, by_edge, at_node)
    leg_m = np.minimum(edge_m, node_m)
    return np.where(leg_m <= LEG.max_distance_m, road_s + leg_m * LEG_S_PER_M, np.inf)


def one_nearest(tree: shapely.STRtree, spots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pairs, away = tree.query_nearest(spots, return_distance=True, all_matches=False)
    return pairs[1], away


def sample(n: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).choice(graph().n_nodes, n, replace=False)


def places(nodes: NDArray[np.int64]) -> gpd.GeoSeries:
    return gpd.GeoSeries(gpd.points_from_xy(*graph().node_xy[nodes].T), crs=CRS)


def test_the_graph_is_the_part_that_networkx_keeps() -> None:
    assert set(graph().node_ids) == set(seconds())


def check_areas(nodes: NDArray[np.int64], limits: tuple[float, ...], direction: str) -> None:
    """Hold areas against the reference, of which every point of a fine grid is asked for."""
    frame = travel().service_area(
        places(nodes), profile="car", minutes=limits, direction=direction
    )
    roads = seconds().reverse(copy=False) if direction == "to" else seconds()
    for k, node in enumerate(nodes):
        areas = frame.geometry.iloc[len(limits) * k :].to_numpy()[: len(limits)]
        name, most_s = graph().node_ids[node], 60.0 * max(limits)
        away = nx.single_source_dijkstra_path_length(roads, name, cutoff=most_s, weight="s")
        west, south, east, north = areas[-1].buffer(200.0).bounds
        x, y = np.meshgrid(np.arange(west, east, GRID_M), np.arange(south, north, GRID_M))
        xy = np.column_stack([x.ravel(), y.ravel()])
        spent_s = seconds_of_points(xy, away, to=direction == "to")
        for area, minutes in zip(areas, limits, strict=True):
            shapely.prepare(area)
            is_inside = shapely.contains_xy(area, *xy.T)
            expected = spent_s <= minutes * 60
            reference_m2 = expected.sum() * GRID_M**2
            assert reference_m2 > 1e5
            assert abs(area.area / reference_m2 - 1) < 0.01
            assert (is_inside != expected).sum() < 0.03 * expected.sum()


def test_an_area_is_within_three_percent_of_a_fine_reference() -> None:
    check_areas(sample(1, 31), (4.0,), "to")


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["to", "from"])
def test_areas_are_within_three_percent_of_a_fine_reference(direction: str) -> None:
    check_areas(sample(2, 30), (3.0, 5.0, 8.0), direction)


def test_the_nodes_in_an_area_are_those_that_networkx_reaches() -> None:
    (node,) = sample(1, 32)
    frame = travel().service_area(places(np.array([node])), profile="car", minutes=(10.0,))
    area = frame.geometry.iloc[0]
    shapely.prepare(area)
    reached = nx.ego_graph(
        seconds().reverse(copy=False), graph().node_ids[node], radius=600.0, distance="s"
    )
    names = set(reached)
    expected = np.array([name in names for name in graph().node_ids])
    is_inside = shapely.contains_xy(area, *graph().node_xy.T)
    assert expected.sum() > 1000
    # Nodes nearer to each other than the grid's points may be taken for each other.
    assert (is_inside != expected).sum() < 0.01 * expected.sum()


def test_areas_are_valid_have_holes_and_grow_with_the_limit() -> None:
    frame = travel().service_area(places(sample(4, 33)), profile="car")
    assert frame["limit_min"].tolist() == [5.0, 10.0, 15.0] * 4
    assert frame.geometry.is_valid.all()
    areas = frame["area_km2"].to_numpy().reshape(-1, 3)
    assert (np.diff(areas, axis=1) > 0).all()
    assert any(part.interiors for multi in frame.geometry for part in multi.geoms)


@cache
def as_osmnx() -> "nx.MultiDiGraph[int]":
    return nx.relabel_nodes(to_networkx(graph(), crs=CRS), int)  # osmnx wants its own numbers


def test_paths_cost_what_osmnx_says() -> None:
    ends = sample(16, 34)
    for a, b in zip(ends[:8], ends[8:], strict=True):
        way = path(graph(), int(a), int(b))
        assert way is not None
        assert way.time_ds == cost_matrix(graph(), [a], [b])[0, 0]
        names = [int(graph().node_ids[end]) for end in (a, b)]
        route = osmnx.routing.shortest_path(as_osmnx(), *names, weight="travel_time")
        steps = osmnx.routing.route_to_gdf(as_osmnx(), route, weight="travel_time")
        assert round(steps["travel_time"].sum() * 10) == way.time_ds
        assert way.line.length == pytest.approx(steps.geometry.length.sum(), rel=0.02)


def test_the_nearest_of_every_node_is_as_near_as_networkx_says() -> None:
    facilities = sample(25, 35)
    every = np.arange(graph().n_nodes)
    found = nearest(graph(), every, facilities, k=2)
    names = [int(graph().node_ids[node]) for node in facilities]
    backwards = as_osmnx().reverse(copy=False)
    away = nx.multi_source_dijkstra_path_length(backwards, set(names), weight="travel_time")
    expected = [round(away[int(name)] * 10) for name in graph().node_ids]
    np.testing.assert_array_equal(found.cost[:, 0], expected)
    costs = cost_matrix(graph(), every[::97], facilities)
    np.testing.assert_array_equal(found.cost[::97], np.sort(costs, axis=1)[:, :2])


def test_the_nearest_through_snapping_are_those_of_the_dense_matrix() -> None:
    rng = np.random.default_rng(36)
    west, south, east, north = frames().nodes.total_bounds
    xy = rng.uniform((west, south), (east, north), (300, 2))
    demand = gpd.GeoSeries(gpd.points_from_xy(*xy.T), crs=CRS)
    sites = places(sample(20, 37))
    dense = travel()(demand, sites, profile="car")
    found = travel().nearest(demand, sites, profile="car", k=3)
    np.testing.assert_array_equal(found.cost, np.sort(dense, axis=1)[:, :3])
    within = travel().within(demand, sites, profile="car", cutoff=15.0)
    assert within.nnz == (dense <= 15.0).sum() > 50
    ways = travel().paths(demand.iloc[:20], sites, profile="car")
    told = [np.nan if way is None else way.time_ds / 600 for way in ways]
    np.testing.assert_array_equal(told, dense.diagonal())
