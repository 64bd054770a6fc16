"""Costs between many nodes: dense, nearest k, and within a cutoff, by whichever engine is soonest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.model import Progress
from siting.network import _labels, _sweeps, engines
from siting.network._ask import AnyGraph, as_csr, limit_of, nodes_of, refuse, thinned
from siting.network.csr import CsrGraph, Ints, turned
from siting.network.engines import Engine, Floats
from siting.network.graph import Weight
from siting.network.hierarchy import Hierarchy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearest:
    """The k nearest destinations of each origin, nearest first.

    ``destination`` (n_origins, k) are positions in the destinations given, −1 where fewer can be
    reached, and ``cost`` (n_origins, k) what they cost, NaN there. Ties go to the first given.
    """

    destination: NDArray[np.int64]
    cost: Floats


def cost_matrix(
    graph: AnyGraph,
    origins: ArrayLike,
    destinations: ArrayLike,
    *,
    weight: Weight | None = None,
    cutoff: float | None = None,
    engine: Engine = "auto",
    hierarchy: Hierarchy | None = None,
    progress: Progress | None = None,
) -> Floats:
    """Return least costs from node to node.

    Parameters
    ----------
    graph
        The road graph, or plain arcs.
    origins, destinations
        Node indices ``(n_origins,)`` and ``(n_destinations,)``.
    weight
        ``time_ds`` (0.1 s, the default) or ``length_dm`` (0.1 m) of a road graph; plain arcs have
        but one.
    cutoff
        Costs above it count as unreachable; None or infinite is no limit. Unit of the weight, ≥ 0.
    engine
        ``auto`` picks by measured break-even; any other must answer. All give the same numbers.
    hierarchy
        One made from this graph and weight (``prepare``), if at hand; only then, or from about 100
        searches on, is contraction worth while.
    progress
        Told the share done; may raise to cancel.

    Returns
    -------
    ndarray
        ``(n_origins, n_destinations)``, whole numbers, NaN = unreachable.

    Raises
    ------
    NetworkError
        If an index is out of range, the cutoff negative or NaN, or the engine cannot answer.

    References
    ----------
    Dijkstra (1959); Geisberger et al. (2008); Delling, Goldberg and Werneck (2011).

    Examples
    --------
    >>> from siting.network import from_csr
    >>> cost_matrix(from_csr([0, 1, 1], [1], [5]), [0, 1], [0, 1])
    array([[ 0.,  5.],
           [nan,  0.]])
    >>> cost_matrix(from_csr([0, 0], [], []), [], [0]).shape
    (0, 1)
    """
    arcs = as_csr(graph, weight)
    start, stop = nodes_of(arcs, "origins", origins), nodes_of(arcs, "destinations", destinations)
    limit = limit_of(cutoff)
    start, row = thinned(start)
    stop, column = thinned(stop)
    if not (len(start) and len(stop)):
        return np.full((len(row), len(column)), np.nan)
    searches = min(len(start), len(stop))
    chosen = engines.choose(engine, arcs, n_searches=searches, cutoff=limit, hierarchy=hierarchy)
    costs = _dense(
        arcs,
        (start, stop),
        engine=chosen,
        limit=limit,
        hierarchy=hierarchy,
        progress=progress,
    )
    if len(row) > len(start):
        costs = costs[row]
    return costs[:, column] if len(column) > len(stop) else costs


def nearest(
    graph: AnyGraph,
    origins: ArrayLike,
    destinations: ArrayLike,
    *,
    k: int,
    weight: Weight | None = None,
    cutoff: float | None = None,
    engine: Engine = "auto",
    hierarchy: Hierarchy | None = None,
) -> Nearest:
    """Return the k destinations that each origin reaches at least cost.

    Parameters
    ----------
    graph
        The road graph, or plain arcs.
    origins, destinations
        Node indices ``(n_origins,)`` and ``(n_destinations,)``.
    k
        How many, ≥ 1.
    weight, cutoff
        As in ``cost_matrix``.
    engine
        ``auto``; ``scipy`` searches from every destination, ``dijkstra`` finds all in one pass,
        ``hierarchy`` in one sweep down a hierarchy.
    hierarchy
        One made from this graph and weight (``prepare``), if at hand; ``auto`` builds none.

    Returns
    -------
    Nearest
        Positions and costs ``(n_origins, k)``.

    Raises
    ------
    NetworkError
        As ``cost_matrix``; also if k is not positive.
    """
    arcs = as_csr(graph, weight)
    start, stop = nodes_of(arcs, "origins", origins), nodes_of(arcs, "destinations", destinations)
    limit = limit_of(cutoff)
    if k < 1:
        refuse("k", "nothing is asked", str(k), "1 or more")
    n_searches = min(len(stop), engines.HIERARCHY_REPAYS - 1)
    chosen = engines.choose(engine, arcs, n_searches=n_searches, cutoff=limit, hierarchy=hierarchy)
    if chosen == "hierarchy":
        ready = _sweeps.hierarchy_of(arcs, hierarchy, None)
        cost, place = _labels.down_a_hierarchy(ready, start, stop, k=k, cutoff=limit)
    elif chosen == "dijkstra":
        cost, place = _labels.in_one_pass(turned(arcs), start, stop, k=k, cutoff=limit)
    else:
        cost, place = _labels.one_by_one(turned(arcs), start, stop, k=k, cutoff=limit)
    return Nearest(destination=place, cost=cost)


def within(
    graph: AnyGraph,
    origins: ArrayLike,
    destinations: ArrayLike,
    *,
    cutoff: float,
    weight: Weight | None = None,
    engine: Engine = "auto",
    hierarchy: Hierarchy | None = None,
    progress: Progress | None = None,
) -> sparse.csr_array:
    """Return the costs that are within a cutoff, and only those.

    Parameters
    ----------
    graph
        The road graph, or plain arcs.
    origins, destinations
        Node indices ``(n_origins,)`` and ``(n_destinations,)``.
    cutoff
        The largest cost kept, in the unit of the weight, ≥ 0; infinite keeps all that is reached.
    weight, engine, hierarchy, progress
        As in ``cost_matrix``.

    Returns
    -------
    csr_array
        ``(n_origins, n_destinations)`` of integers, columns ascending. A cost of zero is an entry
        as any other: what is not stored is beyond the cutoff or unreachable, so look at ``indptr``
        and ``indices``, not at ``toarray()``.

    Raises
    ------
    NetworkError
        As ``cost_matrix``.
    """
    arcs = as_csr(graph, weight)
    start, stop = nodes_of(arcs, "origins", origins), nodes_of(arcs, "destinations", destinations)
    limit = limit_of(cutoff)
    start, row = thinned(start)
    stop, column = thinned(stop)
    if not (len(start) and len(stop)):
        return sparse.csr_array((len(row), len(column)), dtype=np.int64)
    searches = min(len(start), len(stop))
    chosen = engines.choose(engine, arcs, n_searches=searches, cutoff=limit, hierarchy=hierarchy)
    found = _sparse(
        arcs,
        (start, stop),
        engine=chosen,
        limit=limit,
        hierarchy=hierarchy,
        progress=progress,
    )
    if len(row) > len(start):
        found = found[row]
    if len(column) > len(stop):
        found = found[:, column]
    found.sort_indices()
    return found


def _dense(
    graph: CsrGraph,
    ends: tuple[Ints, Ints],
    *,
    engine: Engine,
    limit: float,
    hierarchy: Hierarchy | None,
    progress: Progress | None,
) -> Floats:
    start, stop = ends
    is_turned = len(stop) < len(start)  # search from the smaller side, against the arcs if need be
    few, many = (stop, start) if is_turned else (start, stop)
    if engine == "hierarchy":
        ready = _sweeps.hierarchy_of(graph, hierarchy, progress)
        found = _sweeps.dense(
            ready, few, many, cutoff=limit, is_turned=is_turned, progress=progress
        )
        return found if is_turned else found.T
    arcs = turned(graph) if is_turned else graph
    if engine == "scipy":
        found = engines.dense_scipy(arcs, few, many, cutoff=limit)
    else:
        found = engines.dense_dijkstra(arcs, few, many, cutoff=limit, progress=progress)
    return found.T if is_turned else found


def _sparse(
    graph: CsrGraph,
    ends: tuple[Ints, Ints],
    *,
    engine: Engine,
    limit: float,
    hierarchy: Hierarchy | None,
    progress: Progress | None,
) -> sparse.csr_array:
    start, stop = ends
    is_turned = len(stop) < len(start)
    few, many = (stop, start) if is_turned else (start, stop)
    if engine == "hierarchy":
        ready = _sweeps.hierarchy_of(graph, hierarchy, progress)
        found = _sweeps.sparse(
            ready, few, many, cutoff=limit, is_turned=is_turned, progress=progress
        )
        return found if is_turned else found.T.tocsr()
    arcs = turned(graph) if is_turned else graph
    found = engines.sparse_searches(
        arcs, few, many, engine=engine, cutoff=limit, progress=progress
    )
    return found.T.tocsr() if is_turned else found
