"""Service areas: the parts of the roads from which a place is reached within a limit."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from shapely.ops import substring

from siting.errors import NetworkError, Problem
from siting.network.costs import arriving
from siting.network.graph import RoadGraph
from siting.network.snap import Snapped
from siting.network.turns import IntArray


def service_lines(
    graph: RoadGraph, places: Snapped, *, limit_ds: int
) -> list[NDArray[np.object_]]:
    """Return, for each place, the parts of open roads from which it is reached within a limit.

    Each edge is cut where the limit is spent. Expressways, bridges and tunnels carry the travel
    but are no part of the area: nobody joins the road there.

    Parameters
    ----------
    graph
        The road graph the places were snapped to.
    places
        The facilities (n,).
    limit_ds
        Travel time in 0.1 s, access leg at the facility included, ≥ 0.

    Returns
    -------
    list of ndarray
        n arrays of LineStrings and Points (every node that is reached); empty where the place
        itself lies away from the roads or the limit does not carry to them.

    Raises
    ------
    NetworkError
        If the limit is negative or NaN.
    """
    if not limit_ds >= 0:
        raise NetworkError(
            Problem(
                where="service_lines, limit_ds",
                what="not a travel time",
                got=str(limit_ds),
                expected="a number ≥ 0",
            )
        )
    into = arriving(graph, places, weight="time_ds")
    against = graph.matrix("time_ds").T.tocsr()
    own, found = graph.n_nodes, []
    for i in range(len(places)):
        left = _time_left(against, into.node[i], into.offset[i], limit_ds)
        pieces = [*_along_edges(graph, left), *_own_edge(graph, places, i, limit_ds)]
        pieces += [shapely.Point(graph.node_xy[n]) for n in np.flatnonzero(left[:own] >= 0)]
        found.append(np.array(pieces, dtype=object))
    return found


def _time_left(
    against: sparse.csr_array, nodes: IntArray, offsets: NDArray[np.float64], limit_ds: int
) -> NDArray[np.float64]:
    """Return what is left of the limit at each node, negative where the place is not reached."""
    cost = np.full(against.shape[0], np.inf)
    for node, offset in zip(nodes, offsets, strict=True):
        if node >= 0 and offset <= limit_ds:
            found = csgraph.dijkstra(against, indices=int(node), limit=float(limit_ds - offset))
            np.minimum(cost, found + offset, out=cost)
    return limit_ds - cost


def _along_edges(graph: RoadGraph, left: NDArray[np.float64]) -> list[shapely.Geometry]:
    """Return the reached parts of open edges, which hang on the edges' ends.

    On an edge from t to h the place is reached from fraction f at cost (1 − f)·w + cost(h) along
    it and f·w + cost(t) against it.
    """
    w, stop = graph.time_ds, graph.space.stop
    from_tail = np.where(graph.backward, left[stop[1::2]] / w, -1.0)
    from_head = np.where(graph.forward, left[stop[::2]] / w, -1.0)
    pieces = []
    for e in np.flatnonzero(graph.is_open & ((from_tail >= 0) | (from_head >= 0))):
        line = graph.lines[e]
        if max(from_tail[e], 0.0) + max(from_head[e], 0.0) >= 1.0:
            pieces.append(line)
            continue
        if from_tail[e] >= 0:
            pieces.append(substring(line, 0.0, from_tail[e], normalized=True))
        if from_head[e] >= 0:
            pieces.append(substring(line, 1.0 - from_head[e], 1.0, normalized=True))
    return pieces


def _own_edge(graph: RoadGraph, places: Snapped, i: int, limit_ds: int) -> list[shapely.Geometry]:
    """Return the part of the place's own edge from which it is reached without a node."""
    left = limit_ds - int(places.access_ds[i])
    e, f = int(places.edge[i]), float(places.fraction[i])
    if e < 0 or left < 0:
        return []
    span = left / graph.time_ds[e]
    low = max(0.0, f - span) if graph.forward[e] else f
    high = min(1.0, f + span) if graph.backward[e] else f
    return [substring(graph.lines[e], low, high, normalized=True)]
