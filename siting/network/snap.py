"""Join places to the road graph: to the nearest point of an open road, or to a node."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from siting.model import AccessLeg
from siting.network.graph import RoadGraph, own_nodes
from siting.network.turns import BoolArray, IntArray
from siting.units import decimetres, deciseconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapped:
    """Places on the graph, one row a place.

    Parameters
    ----------
    edge
        Index of the joined edge, −1 where the place joins at ``node`` or nowhere.
    node
        Index of the joined node, −1 where the place joins along an edge or nowhere.
    fraction
        Position along the edge, above 0 (its tail) and below 1 (its head), in whole 0.1 m.
    access_m
        Straight distance from the place to the road, metres; infinite where there is no road.
    access_ds, access_dm
        Time (0.1 s) and length (0.1 m) of the access leg, detour included; 0 if unreached.
    xy
        Where the place joins, ``(n, 2)``; NaN if unreached.
    """

    edge: IntArray
    node: IntArray
    fraction: NDArray[np.float64]
    access_m: NDArray[np.float64]
    access_ds: IntArray
    access_dm: IntArray
    xy: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.edge)

    @property
    def is_reached(self) -> BoolArray:
        """Whether each place lies within reach of a road of this graph."""
        reached: BoolArray = (self.edge >= 0) | (self.node >= 0)
        return reached


def snap(graph: RoadGraph, places: gpd.GeoSeries, *, access: AccessLeg) -> Snapped:
    """Join each place to the nearest point of an open road or the nearest node.

    Expressways, bridges, tunnels and ferries are joined at their nodes only; of an open road any
    point will do, to 0.1 m, so that places at one point of a road are at one point for time and
    length alike. The ends of a road are its nodes. A node is joined before a road as near, and of
    nodes or roads equally near the first by id. Places farther than ``access.max_distance_m``
    stay unreached.

    Parameters
    ----------
    graph
        The road graph of a profile.
    places
        Points (n,) in the graph's CRS.
    access
        Speed, detour and reach of the leg to the road.

    Returns
    -------
    Snapped
        One row a place, in the order given.
    """
    points = places.to_numpy()
    edge, edge_m = _nearest(graph.lines, np.flatnonzero(graph.is_open), points)
    corners = np.asarray(shapely.points(graph.node_xy))
    node, node_m = _nearest(corners, np.arange(graph.n_nodes), points)
    by_edge = edge_m < node_m
    straight_m = np.where(by_edge, edge_m, node_m)
    reached = straight_m <= access.max_distance_m
    edge = np.where(by_edge & reached, edge, -1)
    node = np.where(~by_edge & reached, node, -1)
    fraction = _fractions(graph, edge, points)
    at_tail, at_head = (edge >= 0) & (fraction == 0.0), fraction == 1.0
    node[at_tail], node[at_head] = graph.tail[edge[at_tail]], graph.head[edge[at_head]]
    edge, fraction = np.where(node >= 0, -1, edge), np.where(node >= 0, 0.0, fraction)
    xy = np.full((len(points), 2), np.nan)
    on_edge, on_node = edge >= 0, node >= 0
    at = shapely.line_interpolate_point(
        graph.lines[edge[on_edge]], fraction[on_edge], normalized=True
    )
    xy[on_edge] = shapely.get_coordinates(at)
    xy[on_node] = graph.node_xy[node[on_node]]
    leg_m = np.where(reached, straight_m * access.detour_ratio, 0.0)
    return Snapped(
        edge=edge,
        node=node,
        fraction=fraction,
        access_m=straight_m,
        access_ds=np.array([deciseconds(m, access.speed_kmh) for m in leg_m], dtype=np.int64),
        access_dm=np.array([decimetres(m) for m in leg_m], dtype=np.int64),
        xy=xy,
    )


def at_nodes(graph: RoadGraph, nodes: ArrayLike) -> Snapped:
    """Return places that are nodes of the graph, given by index ``(n,)``.

    Raises
    ------
    NetworkError
        If there is no such node.
    """
    index = own_nodes(graph, "nodes", nodes)
    none = np.zeros(len(index), dtype=np.int64)
    return Snapped(
        edge=none - 1,
        node=index,
        fraction=none.astype(np.float64),
        access_m=none.astype(np.float64),
        access_ds=none,
        access_dm=none,
        xy=graph.node_xy[index],
    )


def _fractions(
    graph: RoadGraph, edge: IntArray, points: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Return where on their edges the places join, to 0.1 m of the edges' stated lengths."""
    fraction = np.zeros(len(points))
    on = edge >= 0
    lines, length_dm = graph.lines[edge[on]], graph.length_dm[edge[on]]
    located = shapely.line_locate_point(lines, points[on], normalized=True)
    fraction[on] = np.rint(located * length_dm) / length_dm
    return fraction


def _nearest(
    targets: NDArray[np.object_], numbers: NDArray[np.intp], points: NDArray[np.object_]
) -> tuple[IntArray, NDArray[np.float64]]:
    """Return, of the numbered targets, the nearest of each point (ties: the first), and how far."""
    found = np.full(len(points), -1, dtype=np.int64)
    metres = np.full(len(points), np.inf)
    if len(numbers) and len(points):
        tree = shapely.STRtree(targets[numbers])
        pairs, away = tree.query_nearest(points, return_distance=True)
        order = np.lexsort((pairs[1], pairs[0]))
        which, first = np.unique(pairs[0][order], return_index=True)
        found[which] = numbers[pairs[1][order][first]]
        metres[which] = away[order][first]
    return found, metres
