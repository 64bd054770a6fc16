"""Network costs between places: exact integers inside, NaN where no way leads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph

from siting.errors import NetworkError, Problem
from siting.network.graph import IntArray, RoadGraph
from siting.network.snap import Snapped

_FAR = np.inf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ends:
    """The two ways from (or to) a place onto the nodes of the graph.

    ``node`` and ``offset`` are ``(n, 2)``: node index (−1: no such way) and integer cost between
    the place and that node, access leg included.
    """

    node: IntArray
    offset: NDArray[np.float64]


def cost_matrix(
    graph: RoadGraph,
    origins: IntArray,
    destinations: IntArray,
    *,
    weight: str = "time_ds",
    cutoff: float | None = None,
) -> NDArray[np.float64]:
    """Return least costs from node to node.

    Parameters
    ----------
    graph
        The road graph.
    origins, destinations
        Node indices ``(n_origins,)`` and ``(n_destinations,)``.
    weight
        ``time_ds`` (0.1 s) or ``length_dm`` (0.1 m).
    cutoff
        Costs above it count as unreachable; None is no limit. Same unit as the weight, ≥ 0.

    Returns
    -------
    ndarray
        ``(n_origins, n_destinations)``, whole numbers, NaN = unreachable.

    Raises
    ------
    NetworkError
        If an index is out of range or the cutoff is negative or NaN.

    References
    ----------
    Dijkstra (1959), through ``scipy.sparse.csgraph``.
    """
    origins, destinations = (np.asarray(a, dtype=np.int64) for a in (origins, destinations))
    for name, index in (("origins", origins), ("destinations", destinations)):
        if len(index) and not (index.min() >= 0 and index.max() < graph.n_nodes):
            _refuse(name, "node index out of range", str(index.max()), f"0…{graph.n_nodes - 1}")
    if cutoff is not None and not cutoff >= 0:
        _refuse("cutoff", "not a cost", str(cutoff), "a number ≥ 0 or None")
    shape = (len(origins), len(destinations))
    if 0 in shape:
        return np.full(shape, np.nan)
    limit = _FAR if cutoff is None else float(cutoff)
    flip = shape[0] > shape[1]  # search from the smaller side, against the arcs if need be
    matrix = graph.matrix(weight)
    start, stop = (destinations, origins) if flip else (origins, destinations)
    start, row = np.unique(start, return_inverse=True)
    reached = csgraph.dijkstra(matrix.T if flip else matrix, indices=start, limit=limit)
    costs: NDArray[np.float64] = reached[row][:, stop]
    costs[~np.isfinite(costs)] = np.nan
    return costs.T if flip else costs


def place_costs(
    graph: RoadGraph, origins: Snapped, destinations: Snapped, *, weight: str = "time_ds"
) -> NDArray[np.float64]:
    """Return least costs from place to place, access legs included.

    Parameters
    ----------
    graph
        The road graph the places were snapped to.
    origins, destinations
        Snapped places.
    weight
        ``time_ds`` (0.1 s) or ``length_dm`` (0.1 m).

    Returns
    -------
    ndarray
        ``(n_origins, n_destinations)``, whole numbers, NaN = unreachable. A place costs its own
        access leg twice to itself: to the road and back.
    """
    if not (len(origins) and len(destinations)):
        return np.full((len(origins), len(destinations)), np.nan)
    out = leaving(graph, origins, weight=weight)
    into = arriving(graph, destinations, weight=weight)
    sources, out_at = np.unique(out.node, return_inverse=True)
    targets, into_at = np.unique(into.node, return_inverse=True)
    skip_s, skip_t = int(sources[0] < 0), int(targets[0] < 0)  # −1 sorts first: no such way
    between = np.full((len(sources), len(targets)), _FAR)
    found = cost_matrix(graph, sources[skip_s:], targets[skip_t:], weight=weight)
    between[skip_s:, skip_t:] = np.where(np.isnan(found), _FAR, found)
    out_at, into_at = out_at.reshape(out.node.shape), into_at.reshape(into.node.shape)
    best = np.full((len(origins), len(destinations)), _FAR)
    for i in range(2):
        for j in range(2):
            way = between[out_at[:, i]][:, into_at[:, j]]
            np.minimum(best, out.offset[:, i, None] + way + into.offset[None, :, j], out=best)
    np.minimum(best, along_same_edge(graph, origins, destinations, weight=weight), out=best)
    best[~np.isfinite(best)] = np.nan
    return best


def leaving(graph: RoadGraph, places: Snapped, *, weight: str) -> Ends:
    """Return the ways from places onto nodes: to the head along, to the tail against the edge."""
    ahead, back = _parts(graph, places, weight)
    e, on = places.edge, places.edge >= 0
    ways = (
        (graph.head[e], ahead[1], on & graph.forward[e]),
        (graph.tail[e], back[1], on & graph.backward[e]),
    )
    return _ends(places, ways, weight)


def arriving(graph: RoadGraph, places: Snapped, *, weight: str) -> Ends:
    """Return the ways from nodes to places: from the tail along the edge, from the head against."""
    ahead, back = _parts(graph, places, weight)
    e, on = places.edge, places.edge >= 0
    ways = (
        (graph.tail[e], ahead[0], on & graph.forward[e]),
        (graph.head[e], back[0], on & graph.backward[e]),
    )
    return _ends(places, ways, weight)


def along_same_edge(
    graph: RoadGraph, origins: Snapped, destinations: Snapped, *, weight: str
) -> NDArray[np.float64]:
    """Return costs between places on one edge without touching a node; infinite elsewhere."""
    w = graph.weights(weight)
    cost = np.full((len(origins), len(destinations)), _FAR)
    same = (origins.edge[:, None] == destinations.edge[None, :]) & (origins.edge[:, None] >= 0)
    i, j = np.nonzero(same)
    edge = origins.edge[i]
    at = _position(w, origins.edge, origins.fraction)[i]
    to = _position(w, destinations.edge, destinations.fraction)[j]
    allowed = np.where(to >= at, graph.forward[edge], graph.backward[edge])
    legs = _leg(origins, weight)[i] + _leg(destinations, weight)[j]
    cost[i, j] = np.where(allowed | (to == at), np.abs(to - at) + legs, _FAR)
    return cost


def _position(w: IntArray, edge: IntArray, fraction: NDArray[np.float64]) -> IntArray:
    # Rounded once, so that the parts before and after a place add up to the whole edge.
    return np.rint(np.where(edge >= 0, w[edge], 0) * fraction).astype(np.int64)


def _parts(
    graph: RoadGraph, places: Snapped, weight: str
) -> tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
    """Return, for driving along and against the edge, the cost before and after the place."""
    w = graph.weights(weight)
    before = _position(w, places.edge, places.fraction)
    after = np.where(places.edge >= 0, w[places.edge], 0) - before
    return (before, after), (after, before)


def _leg(places: Snapped, weight: str) -> IntArray:
    return places.access_ds if weight == "time_ds" else places.access_dm


def _ends(
    places: Snapped, ways: tuple[tuple[IntArray, IntArray, NDArray[np.bool_]], ...], weight: str
) -> Ends:
    node = np.full((len(places), 2), -1, dtype=np.int64)
    offset = np.full((len(places), 2), _FAR)
    leg = _leg(places, weight)
    for k, (to, cost, is_way) in enumerate(ways):
        node[is_way, k] = to[is_way]
        offset[is_way, k] = (cost + leg)[is_way]
    at_node = places.node >= 0
    node[at_node, 0] = places.node[at_node]
    offset[at_node, 0] = leg[at_node]
    return Ends(node=node, offset=offset)


def _refuse(where: str, what: str, got: str, expected: str) -> None:
    raise NetworkError(
        Problem(where=f"cost_matrix, {where}", what=what, got=got, expected=expected)
    )
