"""All-or-nothing assignment: a table of trips put on the ways of least cost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from siting.model import Progress
from siting.network import _companion, engines
from siting.network._ask import AnyGraph, as_csr, nodes_of, refuse
from siting.network.csr import CsrGraph, Longs
from siting.network.engines import Engine, Floats
from siting.network.graph import Weight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flows:
    """What the trips amount to on the roads.

    ``by_edge`` (n_edges,) is the flow on each edge, both ways together, in the unit of the trips;
    ``unreached`` is the sum of the trips for which there is no way.
    """

    by_edge: Floats
    unreached: float


def assign_flows(
    graph: AnyGraph,
    origins: ArrayLike,
    destinations: ArrayLike,
    trips: ArrayLike,
    *,
    weight: Weight | None = None,
    engine: Engine = "auto",
    progress: Progress | None = None,
) -> Flows:
    """Put every trip on one way of least cost and add up what each edge carries.

    Of ways of equal cost the one over the fewest edges is taken, and of those the one whose edges
    come first, so that the answer is the same whichever engine gave it. With one trip between any
    two nodes this is edge betweenness over single ways.

    Parameters
    ----------
    graph
        The road graph, or plain arcs (then ``by_edge`` is by arc).
    origins, destinations, trips
        A row a pair of nodes: node indices ``(n,)`` and amounts ``(n,)`` ≥ 0.
    weight
        What is least: ``time_ds`` (the default) or ``length_dm``.
    engine
        ``auto``, ``scipy`` or ``dijkstra``.
    progress
        Told the share done; may raise to cancel.

    Returns
    -------
    Flows
        Flow by edge, and the trips that find no way.

    Raises
    ------
    NetworkError
        If an index is out of range, or amounts are negative, NaN or not one a pair.

    Examples
    --------
    >>> from siting.network import from_csr
    >>> chain = from_csr([0, 1, 2, 2], [1, 2], [5, 5])
    >>> assign_flows(chain, [0, 1, 2], [2, 2, 0], [3.0, 4.0, 1.0])
    Flows(by_edge=array([3., 7.]), unreached=1.0)
    """
    arcs = as_csr(graph, weight)
    start, stop = nodes_of(arcs, "origins", origins), nodes_of(arcs, "destinations", destinations)
    amount = np.asarray(trips, dtype=np.float64)
    if amount.shape != start.shape or start.shape != stop.shape:
        refuse("trips", "rows differ in number", f"{len(start)}, {len(stop)}, {amount.shape}", "")
    if not (np.isfinite(amount) & (amount >= 0)).all():
        refuse("trips", "not an amount", str(amount.min(initial=0)), "finite numbers ≥ 0")
    if engine == "hierarchy":
        refuse("engine", "tells no ways", engine, "auto, scipy or dijkstra")
    sources, of = np.unique(start, return_inverse=True)
    chosen = engines.choose(
        engine,
        arcs,
        n_searches=min(len(sources), engines.HIERARCHY_REPAYS - 1),
        cutoff=np.inf,
        hierarchy=None,
    )
    hops = _companion.by_hops(arcs)
    pairs = _companion.searcher(hops, cutoff=np.inf, is_compiled=chosen == "dijkstra")
    flow, unreached = np.zeros(len(arcs.weights)), 0.0
    for i, source in enumerate(sources):
        wanted = np.bincount(stop[of == i], weights=amount[of == i], minlength=arcs.n_nodes)
        cost, steps = pairs(int(source))
        unreached += float(wanted[np.isnan(cost)].sum())
        flow += _on_tree(arcs, cost, steps, np.where(np.isnan(cost), 0.0, wanted))
        if progress is not None:
            progress((i + 1) / len(sources), "flows")
    n_edges = int(arcs.edge.max(initial=-1)) + 1
    is_road = arcs.edge >= 0  # an arc of a forbidden turn's crossing may be none
    by_edge = np.zeros(n_edges)
    np.add.at(by_edge, arcs.edge[is_road], flow[is_road])
    return Flows(by_edge=by_edge, unreached=unreached)


def _on_tree(graph: CsrGraph, cost: Floats, hops: Floats, wanted: Floats) -> Floats:
    """Return the flow on each arc when every node's amount comes from the source of the costs."""
    tails, heads = graph.tails, graph.indices
    is_last = (cost[tails] + graph.weights == cost[heads]) & (hops[tails] + 1 == hops[heads])
    last = np.flatnonzero(is_last)
    reached, first = np.unique(heads[last], return_index=True)
    arc: Longs = last[first]  # of arcs that end a best way to a node, the first
    # Amounts move towards the source by one hop at a time, the farthest nodes first.
    depth = hops[reached].astype(np.int64)
    order = np.argsort(-depth, kind="stable")
    levels = np.flatnonzero(np.diff(depth[order])) + 1
    flow, carried = np.zeros(len(heads)), wanted.copy()
    for level in np.split(order, levels):
        amount = carried[reached[level]]
        flow[arc[level]] = amount
        np.add.at(carried, tails[arc[level]], amount)
    return flow
