"""Costs with a second measure along the way: the least pair, by compiled search or by scipy."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from siting.model import Progress
from siting.network.csr import CsrGraph, Ints, Longs, lightest
from siting.network.engines import Floats, spread, whole_limit

Searcher: TypeAlias = Callable[[int], tuple[Floats, Floats]]


def rows(
    graph: CsrGraph,
    sources: Ints,
    targets: Ints,
    *,
    cutoff: float,
    is_compiled: bool,
    progress: Progress | None,
) -> tuple[Floats, Floats]:
    """Return least pairs (cost, companion), each (n_sources, n_targets), NaN beyond the cutoff."""
    cost, other = np.empty((2, len(sources), len(targets)))
    pairs = searcher(graph, cutoff=cutoff, is_compiled=is_compiled)

    def search(i: int) -> None:
        all_cost, all_other = pairs(int(sources[i]))
        cost[i], other[i] = all_cost[targets], all_other[targets]

    spread(search, range(len(sources)), progress=progress)
    return cost, other


def searcher(graph: CsrGraph, *, cutoff: float, is_compiled: bool) -> Searcher:
    """Return what gives least pairs from one node to all nodes, NaN beyond the cutoff."""
    return _compiled(graph, cutoff) if is_compiled else _interpreted(graph, cutoff)


def _compiled(graph: CsrGraph, cutoff: float) -> Searcher:
    from siting.network.kernels import companion, jit  # noqa: PLC0415 - numba takes a second

    weight, second = graph.weights.astype(np.int32), _second(graph)
    limit = whole_limit(cutoff)

    def pairs(source: int) -> tuple[Floats, Floats]:
        cost = np.full(graph.n_nodes, jit.FAR, dtype=np.int32)
        other = np.zeros(graph.n_nodes, dtype=np.int64)
        companion.search_both(
            graph.indptr, graph.indices, weight, second, source, limit, cost, other
        )
        is_far = cost == jit.FAR
        return np.where(is_far, np.nan, cost), np.where(is_far, np.nan, other)

    return pairs


def _interpreted(graph: CsrGraph, cutoff: float) -> Searcher:
    matrix, second = graph.matrix(), _second(graph)
    tails, heads = graph.tails, graph.indices

    def pairs(source: int) -> tuple[Floats, Floats]:
        # The second search runs on the arcs that lie on some way of least cost, and only on those.
        cost = csgraph.dijkstra(matrix, indices=source, limit=cutoff)
        is_tight = np.isfinite(cost[heads]) & (cost[tails] + graph.weights == cost[heads])
        tight = np.flatnonzero(is_tight)
        by = second[tight].astype(np.float64)
        keep = lightest(tails[tight], heads[tight], by)
        ends = (tails[tight][keep], heads[tight][keep])
        ways = sparse.csr_array((by[keep], ends), shape=matrix.shape)
        other = csgraph.dijkstra(ways, indices=source)
        is_far = ~np.isfinite(cost)
        return np.where(is_far, np.nan, cost), np.where(is_far, np.nan, other)

    return pairs


def by_hops(graph: CsrGraph) -> CsrGraph:
    """Return the graph with a companion of one an arc."""
    return replace(graph, companion=np.ones(len(graph.weights), dtype=np.int64))


def _second(graph: CsrGraph) -> Longs:
    return np.zeros(len(graph.weights), np.int64) if graph.companion is None else graph.companion
