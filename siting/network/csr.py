"""A directed graph as three arrays: what the engines work on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph

from siting.errors import NetworkError, Problem

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]

MOST_COST = 2**30 - 2
"""The dearest way that the compiled engines can tell from none; beyond it scipy searches."""
_MOST_EXACT = 2**53
_MOST_ARCS = 2**31 - 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CsrGraph:
    """Directed arcs in compressed rows, with whole weights.

    Parameters
    ----------
    indptr, indices
        Row starts ``(n_nodes + 1,)`` and heads ``(n_arcs,)``, as in ``scipy.sparse``. Loops and
        parallel arcs are allowed.
    weights
        What an arc costs ``(n_arcs,)``, ≥ 0.
    companion
        A second measure of each arc ``(n_arcs,)``, ≥ 0, such as its length, or None.
    edge
        The edge each arc belongs to ``(n_arcs,)``; by default its own number.
    """

    indptr: Ints
    indices: Ints
    weights: Longs
    companion: Longs | None
    edge: Longs
    _hash: list[str] = field(default_factory=list, repr=False)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.indptr) - 1

    @property
    def tails(self) -> Ints:
        """The node each arc starts at, ``(n_arcs,)``."""
        return np.repeat(np.arange(self.n_nodes, dtype=np.int32), np.diff(self.indptr))

    @property
    def content_hash(self) -> str:
        """SHA-256 over structure and weights: equal for equal graphs, on every machine."""
        if not self._hash:  # kept, since every query over a hierarchy compares it
            self._hash.append(digest([self.indptr, self.indices, self.weights]))
        return self._hash[0]

    def matrix(self, entries: Longs | None = None) -> sparse.csr_array:
        """Return the lightest arc between each two nodes as a matrix; zeros are stored."""
        values = (self.weights if entries is None else entries).astype(np.float64)
        keep = lightest(self.tails, self.indices, values)
        shape = (self.n_nodes, self.n_nodes)
        tail, head = self.tails[keep], self.indices[keep]
        return sparse.csr_array((values[keep], (tail, head)), shape=shape)


def from_csr(
    indptr: ArrayLike,
    indices: ArrayLike,
    weights: ArrayLike,
    *,
    companion: ArrayLike | None = None,
) -> CsrGraph:
    """Return a graph of arrays that come from anywhere, checked.

    Parameters
    ----------
    indptr, indices
        Row starts ``(n_nodes + 1,)`` and heads ``(n_arcs,)``.
    weights
        What an arc costs ``(n_arcs,)``, whole numbers ≥ 0, as 0.1 s or 0.1 m.
    companion
        A second measure of each arc, whole numbers ≥ 0.

    Returns
    -------
    CsrGraph
        The graph; the arrays are copied.

    Raises
    ------
    NetworkError
        If the rows do not fit together, a head is no node, a weight is negative, NaN or no whole
        number, or the weights add up to more than can be told exactly.

    Examples
    --------
    >>> from_csr([0, 1, 2], [1, 0], [5, 7]).n_nodes
    2
    >>> from_csr([0], [], []).n_nodes
    0
    """
    heads = _whole("indices", indices)
    starts = _whole("indptr", indptr)
    _require_rows(starts, heads)
    costs = {"weights": _whole("weights", weights)}
    if companion is not None:
        costs["companion"] = _whole("companion", companion)
    for name, cost in costs.items():
        if cost.shape != heads.shape:
            _refuse(name, "not one an arc", str(len(cost)), f"{len(heads)} as in indices")
        # As floats first: the sum itself could wrap round.
        if cost.sum(dtype=np.float64) >= _MOST_EXACT:
            _refuse(name, "too large to add up exactly", f"{cost.max()}", "a sum below 2^53")
    return CsrGraph(
        indptr=starts.astype(np.int32),
        indices=heads.astype(np.int32),
        weights=costs["weights"],
        companion=costs.get("companion"),
        edge=np.arange(len(heads)),
    )


def lightest(
    tail: NDArray[np.integer], head: NDArray[np.integer], *by: NDArray[np.generic]
) -> Longs:
    """Return the first arc between each two nodes by the given measures, loops left out."""
    keys: tuple[NDArray[np.generic], ...] = (*by[::-1], head, tail)
    order = np.lexsort(keys)
    t, h = tail[order], head[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (t[1:] != t[:-1]) | (h[1:] != h[:-1])
    kept: Longs = order[first & (t != h)]
    return kept


def turned(graph: CsrGraph) -> CsrGraph:
    """Return the graph with every arc turned round."""
    order = np.argsort(graph.indices, kind="stable")
    starts = np.searchsorted(graph.indices[order], np.arange(graph.n_nodes + 1))
    return CsrGraph(
        indptr=starts.astype(np.int32),
        indices=graph.tails[order],
        weights=graph.weights[order],
        companion=None if graph.companion is None else graph.companion[order],
        edge=graph.edge[order],
    )


def fits_32_bits(graph: CsrGraph, *, cutoff: float = np.inf) -> bool:
    """Tell whether no way that matters can cost more than the compiled engines count to."""
    if graph.weights.max(initial=0) > MOST_COST:
        return False
    if cutoff <= MOST_COST or not len(graph.weights):
        return True
    # A least way enters a node once at most, so it costs no more than the dearest entries.
    dearest = np.zeros(graph.n_nodes, dtype=np.int64)
    np.maximum.at(dearest, graph.indices, graph.weights)
    if dearest.sum() <= MOST_COST:
        return True
    # By way of one node any way there is costs at most the dearest into it and out of it.
    matrix = graph.matrix()
    search = partial(csgraph.dijkstra, indices=0)
    both = search(matrix).max() + search(matrix.T.tocsr()).max()
    return bool(both <= MOST_COST)


def digest(arrays: Sequence[NDArray[np.generic]]) -> str:
    """Return SHA-256 over types, shapes and contents."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def _whole(name: str, values: ArrayLike) -> Longs:
    array = np.asarray(values)
    if array.ndim != 1:
        _refuse(name, "not one-dimensional", str(array.shape), "an array (n,)")
    if not (array.size == 0 or np.issubdtype(array.dtype, np.number)):
        _refuse(name, "not numbers", str(array.dtype), "whole numbers ≥ 0")
    as_float = array.astype(np.float64)
    wrong = ~((as_float >= 0) & (as_float < _MOST_EXACT) & (as_float == np.floor(as_float)))
    if wrong.any():
        _refuse(name, "not a whole number ≥ 0", str(array[wrong][0]), "0, 1, 2 … below 2^53")
    return array.astype(np.int64)


def _require_rows(indptr: Longs, indices: Longs) -> None:
    if not len(indptr) or indptr[0] != 0 or (np.diff(indptr) < 0).any():
        _refuse("indptr", "no row starts", str(indptr[:5]), "0 first, then never smaller")
    if indptr[-1] != len(indices) or len(indices) > _MOST_ARCS:
        _refuse("indptr", "does not end with the arcs", str(indptr[-1]), str(len(indices)))
    n_nodes = len(indptr) - 1
    if len(indices) and indices.max() >= n_nodes:
        _refuse("indices", "no such node", str(indices.max()), f"0…{n_nodes - 1}")


def _refuse(where: str, what: str, got: str, expected: str) -> None:
    raise NetworkError(Problem(where=f"from_csr, {where}", what=what, got=got, expected=expected))
