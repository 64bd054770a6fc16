"""Which engine answers, and the dense and sparse answers of each; all give the same integers."""

import importlib.util
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from siting.errors import NetworkError, Problem
from siting.model import Progress
from siting.network.csr import MOST_COST, CsrGraph, Ints, fits_32_bits
from siting.network.hierarchy import Hierarchy

Engine: TypeAlias = Literal["auto", "scipy", "dijkstra", "hierarchy"]
Floats: TypeAlias = NDArray[np.float64]
Part = TypeVar("Part")

ENGINES: Final = ("auto", "scipy", "dijkstra", "hierarchy")
NUMBA_REPAYS: Final = 10_000_000
"""Searches × nodes from which compiled searches repay a second of loading numba."""
HIERARCHY_REPAYS: Final = 100
"""Searches of the whole graph from which building a hierarchy repays; see docs/explanation."""

_AT_ONCE = 32  # searches a part of the work
_ROWS = 256  # dense rows at once on the way to a sparse matrix


def has_numba() -> bool:
    """Tell whether compiled kernels are to be had; the one place that decides."""
    return importlib.util.find_spec("numba") is not None


def choose(
    engine: Engine,
    graph: CsrGraph,
    *,
    n_searches: int,
    cutoff: float,
    hierarchy: Hierarchy | None,
) -> Engine:
    """Return the engine that answers soonest, or the one that was asked for if it can.

    Parameters
    ----------
    engine
        ``auto``, or the one that must answer.
    graph
        The graph.
    n_searches
        Searches from the smaller side.
    cutoff
        Costs above it do not matter; infinite for none.
    hierarchy
        A hierarchy of the graph that is at hand.

    Raises
    ------
    NetworkError
        If there is no such engine, or it cannot answer here.
    """
    if engine not in ENGINES:
        _refuse("no such engine", str(engine), f"one of {', '.join(ENGINES)}")
    if engine == "scipy":
        return engine
    if hierarchy is not None and hierarchy.graph_hash != graph.content_hash:
        _refuse("the hierarchy belongs to another graph", "", "one made from this graph")
    if engine != "auto":
        if not has_numba():
            _refuse("numba is not installed", engine, "auto or scipy")
        if not fits_32_bits(graph, cutoff=cutoff if engine == "dijkstra" else np.inf):
            _refuse("ways may cost 2^30 or more", engine, "auto or scipy")
        return engine
    if n_searches * graph.n_nodes < NUMBA_REPAYS or not has_numba():
        return "scipy"
    if hierarchy is not None:
        return "hierarchy"
    if not fits_32_bits(graph, cutoff=cutoff):
        return "scipy"
    is_whole = cutoff == np.inf
    return "hierarchy" if is_whole and n_searches >= HIERARCHY_REPAYS else "dijkstra"


def dense_scipy(graph: CsrGraph, sources: Ints, targets: Ints, *, cutoff: float) -> Floats:
    """Return costs (n_sources, n_targets) by ``scipy.sparse.csgraph``; NaN beyond the cutoff."""
    costs = np.empty((len(sources), len(targets)))
    matrix = graph.matrix()
    for start in range(0, len(sources), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found = csgraph.dijkstra(matrix, indices=sources[part], limit=cutoff)
        costs[part] = found[:, targets]
    costs[~np.isfinite(costs)] = np.nan
    return costs


def dense_dijkstra(
    graph: CsrGraph, sources: Ints, targets: Ints, *, cutoff: float, progress: Progress | None
) -> Floats:
    """Return costs (n_sources, n_targets) by compiled searches; NaN beyond the cutoff."""
    from siting.network.kernels import dijkstra, jit  # noqa: PLC0415 - numba takes a second

    costs = np.empty((len(sources), len(targets)))
    weight, limit = graph.weights.astype(np.int32), whole_limit(cutoff)

    def search(start: int) -> None:
        part = sources[start : start + _AT_ONCE]
        found = np.empty((len(part), len(targets)), dtype=np.int32)
        dijkstra.rows(graph.indptr, graph.indices, weight, part, targets, limit, found)
        costs[start : start + len(part)] = np.where(found == jit.FAR, np.nan, found)

    spread(search, range(0, len(sources), _AT_ONCE), progress=progress)
    return costs


def sparse_searches(
    graph: CsrGraph,
    sources: Ints,
    targets: Ints,
    *,
    engine: Engine,
    cutoff: float,
    progress: Progress | None,
) -> sparse.csr_array:
    """Return costs within the cutoff (n_sources, n_targets), searched source by source."""
    parts = []
    for start in range(0, len(sources), _ROWS):
        part = sources[start : start + _ROWS]
        if engine == "scipy":
            dense = dense_scipy(graph, part, targets, cutoff=cutoff)
        else:
            dense = dense_dijkstra(graph, part, targets, cutoff=cutoff, progress=None)
        row, column = np.nonzero(~np.isnan(dense))
        indptr = np.searchsorted(row, np.arange(len(part) + 1))
        entries = (dense[row, column].astype(np.int64), column, indptr)
        parts.append(sparse.csr_array(entries, shape=dense.shape))
        if progress is not None:
            progress((start + len(part)) / len(sources), "network costs")
    return sparse.vstack(parts, format="csr")


def spread(
    work: Callable[[int], Part], parts: Sequence[int], *, progress: Progress | None
) -> list[Part]:
    """Do the parts of a work on all cores, and return what they gave in order.

    The kernels let go of the interpreter, so that plain threads do. ``progress`` is told after each
    part and may raise to cancel: parts that have not begun are dropped.
    """
    done: list[Part] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        try:
            for result in pool.map(work, parts):
                done.append(result)
                if progress is not None:
                    progress(len(done) / len(parts), "network costs")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return done


def whole_limit(cutoff: float) -> int:
    """Return the largest cost within a cutoff that compiled engines can tell."""
    return int(min(cutoff, MOST_COST))


def _refuse(what: str, got: str, expected: str) -> None:
    raise NetworkError(Problem(where="engine", what=what, got=got, expected=expected))
