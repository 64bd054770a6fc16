"""Network costs between places: exact integers inside, NaN where no way leads."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.network.graph import RoadGraph, Weight
from siting.network.hierarchy import Hierarchy
from siting.network.matrices import cost_matrix
from siting.network.snap import Snapped
from siting.network.turns import IntArray

_FAR = np.inf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ends:
    """The two ways from (or to) a place onto the nodes of the graph.

    ``node`` and ``offset`` are ``(n, 2)``: node of the search space (−1: no such way) and integer cost
    between the place and that node, access leg included.
    """

    node: IntArray
    offset: NDArray[np.float64]


def place_costs(
    graph: RoadGraph,
    origins: Snapped,
    destinations: Snapped,
    *,
    weight: Weight = "time_ds",
    hierarchy: Hierarchy | None = None,
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
    hierarchy
        One made from ``graph.csr(weight)``, if at hand.

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
    sources, targets = (np.unique(ends.node[ends.node >= 0]) for ends in (out, into))
    best = np.full((len(origins), len(destinations)), _FAR)
    if len(sources) and len(targets):
        between = cost_matrix(graph.csr(weight), sources, targets, hierarchy=hierarchy)
        from_origins = _lesser(between, sources, out)
        del between  # the largest of all; what is left is smaller by half each time
        best = np.fmin(best, _lesser(from_origins.T, targets, into).T)
    row, column = same_edge(origins, destinations)
    direct = along_edge(graph, (origins, row), (destinations, column), weight=weight)
    best[row, column] = np.minimum(best[row, column], direct)
    best[~np.isfinite(best)] = np.nan
    return best


def _lesser(costs: NDArray[np.float64], nodes: IntArray, ends: Ends) -> NDArray[np.float64]:
    """Return, for places, the lesser of the costs by their two ways; rows of costs are nodes.

    A way that is none costs infinity, and its row is any other's; NaN loses against a number.
    """
    at = np.minimum(np.searchsorted(nodes, ends.node), len(nodes) - 1)
    one, other = (costs[at[:, k]] for k in range(2))  # copies, as large as matrices may be
    one += ends.offset[:, 0, None]
    other += ends.offset[:, 1, None]
    return np.fmin(one, other, out=one)


def leaving(graph: RoadGraph, places: Snapped, *, weight: Weight) -> Ends:
    """Return the ways from places onto nodes: to the head along, to the tail against the edge."""
    ahead, back = _parts(graph, places, weight)
    e, on, stop = places.edge, places.edge >= 0, graph.space.stop
    ways = (
        (stop[2 * e], ahead[1], on & graph.forward[e]),
        (stop[2 * e + 1], back[1], on & graph.backward[e]),
    )
    return _ends(places, ways, np.arange(graph.n_nodes), weight)


def arriving(graph: RoadGraph, places: Snapped, *, weight: Weight) -> Ends:
    """Return the ways from nodes to places: from the tail along the edge, from the head against."""
    ahead, back = _parts(graph, places, weight)
    e, on, start = places.edge, places.edge >= 0, graph.space.start
    ways = (
        (start[2 * e], ahead[0], on & graph.forward[e]),
        (start[2 * e + 1], back[0], on & graph.backward[e]),
    )
    return _ends(places, ways, graph.space.arrival, weight)


def same_edge(origins: Snapped, destinations: Snapped) -> tuple[IntArray, IntArray]:
    """Return the pairs (origin, destination) that join one edge, by origin, then destination."""
    one, other = (
        pd.DataFrame({"edge": p.edge, "place": np.arange(len(p))})[p.edge >= 0]
        for p in (origins, destinations)
    )
    pairs = one.merge(other, on="edge", suffixes=("_a", "_b")).sort_values(["place_a", "place_b"])
    return pairs["place_a"].to_numpy(np.int64), pairs["place_b"].to_numpy(np.int64)


def along_edge(
    graph: RoadGraph,
    origins: tuple[Snapped, NDArray[np.intp]],
    destinations: tuple[Snapped, NDArray[np.intp]],
    *,
    weight: Weight,
) -> NDArray[np.float64]:
    """Return costs between places on one edge without touching a node.

    Parameters
    ----------
    graph
        The road graph the places were snapped to.
    origins, destinations
        Snapped places, and which of them make the pairs ``(n,)``.
    weight
        ``time_ds`` or ``length_dm``.

    Returns
    -------
    ndarray
        ``(n,)``, access legs included; infinite where the places are on different edges, or the
        edge may not be driven that way.
    """
    (a, i), (b, j) = origins, destinations
    w, edge = graph.weights(weight), a.edge[i]
    # Not the rounded costs: what may be driven is the same for time and for length.
    ahead, back = b.fraction[j] >= a.fraction[i], b.fraction[j] <= a.fraction[i]
    allowed = (ahead & graph.forward[edge]) | (back & graph.backward[edge])
    start, stop = (_position(w, edge, p.fraction[k]) for p, k in ((a, i), (b, j)))
    cost = np.abs(stop - start) + _leg(a, weight)[i] + _leg(b, weight)[j]
    return np.where((edge >= 0) & (edge == b.edge[j]) & allowed, cost, _FAR)


def _position(w: IntArray, edge: IntArray, fraction: NDArray[np.float64]) -> IntArray:
    # Rounded once, so that the parts before and after a place add up to the whole edge.
    return np.rint(np.where(edge >= 0, w[edge], 0) * fraction).astype(np.int64)


def _parts(
    graph: RoadGraph, places: Snapped, weight: Weight
) -> tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
    """Return, for driving along and against the edge, the cost before and after the place."""
    w = graph.weights(weight)
    before = _position(w, places.edge, places.fraction)
    after = np.where(places.edge >= 0, w[places.edge], 0) - before
    return (before, after), (after, before)


def _leg(places: Snapped, weight: Weight) -> IntArray:
    return places.access_ds if weight == "time_ds" else places.access_dm


def _ends(
    places: Snapped,
    ways: tuple[tuple[IntArray, IntArray, NDArray[np.bool_]], ...],
    at: IntArray,
    weight: Weight,
) -> Ends:
    node = np.full((len(places), 2), -1, dtype=np.int64)
    offset = np.full((len(places), 2), _FAR)
    leg = _leg(places, weight)
    for k, (to, cost, is_way) in enumerate(ways):
        node[is_way, k] = to[is_way]
        offset[is_way, k] = (cost + leg)[is_way]
    at_node = places.node >= 0
    node[at_node, 0] = at[places.node[at_node]]
    offset[at_node, 0] = leg[at_node]
    return Ends(node=node, offset=offset)
