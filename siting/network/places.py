"""The nearest places, and those within a limit, through snapping: places become nodes of their own."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.network import matrices
from siting.network.costs import Ends, along_edge, arriving, leaving, same_edge
from siting.network.csr import CsrGraph
from siting.network.engines import Engine
from siting.network.graph import RoadGraph, Weight
from siting.network.matrices import Nearest
from siting.network.snap import Snapped
from siting.network.turns import IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """The arcs of a graph with places among the nodes: one way out of origins, into destinations."""

    arcs: CsrGraph
    origins: IntArray
    destinations: IntArray


def place_nearest(
    graph: RoadGraph,
    origins: Snapped,
    destinations: Snapped,
    *,
    k: int,
    weight: Weight = "time_ds",
    cutoff: float | None = None,
    engine: Engine = "auto",
) -> Nearest:
    """Return the k destinations that each origin reaches at least cost, access legs included.

    Parameters
    ----------
    graph
        The road graph the places were snapped to.
    origins, destinations
        Snapped places.
    k
        How many, ≥ 1.
    weight
        ``time_ds`` (0.1 s) or ``length_dm`` (0.1 m).
    cutoff
        Costs above it do not count; None is no limit. Unit of the weight.
    engine
        ``auto``, ``scipy`` or ``dijkstra``.

    Returns
    -------
    Nearest
        Positions in the destinations given and costs ``(n_origins, k)``; −1 and NaN where fewer are
        reached. Costs are those of ``place_costs``, ties go to the first given.

    Raises
    ------
    NetworkError
        If k is not positive, the cutoff negative or NaN, or the engine cannot answer.
    """
    joined = join(graph, origins, destinations, weight=weight)
    return matrices.nearest(
        joined.arcs, joined.origins, joined.destinations, k=k, cutoff=cutoff, engine=engine
    )


def place_within(
    graph: RoadGraph,
    origins: Snapped,
    destinations: Snapped,
    *,
    cutoff: float,
    weight: Weight = "time_ds",
    engine: Engine = "auto",
) -> sparse.csr_array:
    """Return the costs from place to place that are within a cutoff, and only those.

    Parameters
    ----------
    graph
        The road graph the places were snapped to.
    origins, destinations
        Snapped places.
    cutoff
        The largest cost kept, unit of the weight, ≥ 0.
    weight, engine
        As in ``place_nearest``.

    Returns
    -------
    csr_array
        ``(n_origins, n_destinations)`` of whole numbers, those of ``place_costs``. A cost of zero is
        an entry as any other.

    Raises
    ------
    NetworkError
        If the cutoff is negative or NaN, or the engine cannot answer.
    """
    joined = join(graph, origins, destinations, weight=weight)
    return matrices.within(
        joined.arcs, joined.origins, joined.destinations, cutoff=cutoff, engine=engine
    )


def join(graph: RoadGraph, origins: Snapped, destinations: Snapped, *, weight: Weight) -> Joined:
    """Return the arcs of a graph with places among the nodes.

    An origin has an arc to each node it can leave by, a destination one from each node it is reached
    by, and there is one between two places on an edge where it may be driven from one to the other;
    each as long as ``place_costs`` counts it.
    """
    arcs = graph.csr(weight)
    start = arcs.n_nodes + np.arange(len(origins))
    stop = arcs.n_nodes + len(origins) + np.arange(len(destinations))
    out_place, out_node, out_cost = _listed(leaving(graph, origins, weight=weight))
    in_place, in_node, in_cost = _listed(arriving(graph, destinations, weight=weight))
    row, column = same_edge(origins, destinations)
    direct = along_edge(graph, (origins, row), (destinations, column), weight=weight)
    is_way = np.isfinite(direct)
    tail = np.concatenate([arcs.tails, start[out_place], in_node, start[row[is_way]]])
    head = np.concatenate([arcs.indices, out_node, stop[in_place], stop[column[is_way]]])
    cost = np.concatenate([arcs.weights, out_cost, in_cost, direct[is_way]]).astype(np.int64)
    order = np.argsort(tail, kind="stable")
    n_nodes = arcs.n_nodes + len(origins) + len(destinations)
    rows = CsrGraph(
        indptr=np.searchsorted(tail[order], np.arange(n_nodes + 1)).astype(np.int32),
        indices=head[order].astype(np.int32),
        weights=cost[order],
        companion=None,
        edge=np.arange(len(order)),
    )
    return Joined(arcs=rows, origins=start, destinations=stop)


def _listed(ends: Ends) -> tuple[IntArray, IntArray, IntArray]:
    """Return the ways between places and nodes, a row each: place, node, cost."""
    place, way = np.nonzero(ends.node >= 0)
    return place, ends.node[place, way], ends.offset[place, way].astype(np.int64)
