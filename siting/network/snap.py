"""Join places to the road graph: to the nearest point of an open road, or to a node."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.model import AccessLeg
from siting.network.graph import BoolArray, IntArray, RoadGraph
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
        Position along the edge, 0 at its tail to 1 at its head.
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
    point will do. Places farther than ``access.max_distance_m`` stay unreached.

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
    edge, edge_m = _nearest(graph.lines[graph.is_open], points)
    edge = np.where(edge >= 0, np.flatnonzero(graph.is_open)[edge], -1)
    node, node_m = _nearest(np.asarray(shapely.points(graph.node_xy)), points)
    by_edge = edge_m < node_m
    straight_m = np.where(by_edge, edge_m, node_m)
    reached = straight_m <= access.max_distance_m
    edge = np.where(by_edge & reached, edge, -1)
    node = np.where(~by_edge & reached, node, -1)
    fraction = np.zeros(len(points))
    xy = np.full((len(points), 2), np.nan)
    on_edge, on_node = edge >= 0, node >= 0
    lines = graph.lines[edge[on_edge]]
    fraction[on_edge] = shapely.line_locate_point(lines, points[on_edge], normalized=True)
    at = shapely.line_interpolate_point(lines, fraction[on_edge], normalized=True)
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


def _nearest(
    targets: NDArray[np.object_], points: NDArray[np.object_]
) -> tuple[IntArray, NDArray[np.float64]]:
    """Return the nearest target of each point (ties: the first) and its distance."""
    found = np.full(len(points), -1, dtype=np.int64)
    metres = np.full(len(points), np.inf)
    if len(targets) and len(points):
        pairs, away = shapely.STRtree(targets).query_nearest(points, return_distance=True)
        order = np.lexsort((pairs[1], pairs[0]))
        which, first = np.unique(pairs[0][order], return_index=True)
        found[which] = pairs[1][order][first]
        metres[which] = away[order][first]
    return found, metres
