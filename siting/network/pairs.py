"""Costs between many nodes with a second measure along the ways of least cost."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from siting.model import Progress
from siting.network import _companion, engines
from siting.network._ask import AnyGraph, limit_of, nodes_of, refuse
from siting.network.csr import turned
from siting.network.engines import Engine, Floats
from siting.network.graph import RoadGraph, Weight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostPair:
    """Least costs and a second measure along the ways of least cost, NaN = unreachable.

    Among ways of equal cost the one with the least second measure counts, so that the answer is
    the same whichever engine gave it.
    """

    cost: Floats
    companion: Floats


def cost_matrices(
    graph: AnyGraph,
    origins: ArrayLike,
    destinations: ArrayLike,
    *,
    weight: Weight = "time_ds",
    companion: Weight = "length_dm",
    cutoff: float | None = None,
    engine: Engine = "auto",
    progress: Progress | None = None,
) -> CostPair:
    """Return least costs from node to node and, say, the lengths of those ways.

    Parameters
    ----------
    graph
        The road graph, or plain arcs that were given a companion.
    origins, destinations
        Node indices ``(n_origins,)`` and ``(n_destinations,)``.
    weight, companion
        What is least, and what is told along the way; plain arcs have their own.
    cutoff
        Costs above it count as unreachable; None or infinite is no limit.
    engine
        ``auto``, ``scipy`` or ``dijkstra``; a hierarchy carries one measure only.
    progress
        Told the share done; may raise to cancel.

    Returns
    -------
    CostPair
        Both ``(n_origins, n_destinations)``, whole numbers, NaN = unreachable.

    Raises
    ------
    NetworkError
        As ``cost_matrix``; also if the graph has no companion.
    """
    arcs = graph.csr(weight, companion=companion) if isinstance(graph, RoadGraph) else graph
    if arcs.companion is None:
        refuse("companion", "the graph has none", "", "from_csr(…, companion=…)")
    if engine == "hierarchy":
        refuse("engine", "carries no companion", engine, "auto, scipy or dijkstra")
    start, stop = nodes_of(arcs, "origins", origins), nodes_of(arcs, "destinations", destinations)
    limit = limit_of(cutoff)
    n_searches = min(len(start), len(stop), engines.HIERARCHY_REPAYS - 1)
    chosen = engines.choose(engine, arcs, n_searches=n_searches, cutoff=limit, hierarchy=None)
    is_turned = len(stop) < len(start)
    if is_turned:
        arcs, start, stop = turned(arcs), stop, start
    cost, other = _companion.rows(
        arcs, start, stop, cutoff=limit, is_compiled=chosen == "dijkstra", progress=progress
    )
    return (
        CostPair(cost=cost.T, companion=other.T)
        if is_turned
        else CostPair(cost=cost, companion=other)
    )
