"""Graphs that are hard on search engines, for the tests of the network engines."""

import numpy as np
from hypothesis import strategies as st

from siting.network import CsrGraph, from_csr

MOST_NODES = 12


@st.composite
def nasty_graphs(draw: st.DrawFn, *, max_nodes: int = MOST_NODES) -> CsrGraph:
    """Draw graphs with zero weights, parallel arcs, loops, dead ends, traps and several parts."""
    n = draw(st.integers(1, max_nodes))
    node = st.integers(0, n - 1)
    weight = st.sampled_from([0, 0, 1, 2, 3, 5, 8]) | st.integers(0, 10_000)
    length = st.integers(0, 9)
    arcs = draw(st.lists(st.tuples(node, node, weight, length), max_size=4 * n))
    return of_arcs(n, arcs)


def of_arcs(n: int, arcs: list[tuple[int, int, int, int]]) -> CsrGraph:
    """Return the graph of arcs (tail, head, weight, companion)."""
    tail, head, weight, companion = np.array(arcs, dtype=np.int64).reshape(-1, 4).T
    order = np.argsort(tail, kind="stable")
    indptr = np.searchsorted(tail[order], np.arange(n + 1))
    return from_csr(indptr, head[order], weight[order], companion=companion[order])


def grid(side: int, *, seed: int, weights: int = 50) -> CsrGraph:
    """Return a square grid of streets, a tenth of them one-way, with random whole weights."""
    rng = np.random.default_rng(seed)
    at = np.arange(side * side).reshape(side, side)
    tail = np.r_[at[:, :-1].ravel(), at[:-1].ravel()]
    head = np.r_[at[:, 1:].ravel(), at[1:].ravel()]
    back = rng.random(len(tail)) > 0.1
    tail, head = np.r_[tail, head[back]], np.r_[head, tail[back]]
    costs = rng.integers(1, weights, (2, len(tail)))
    arcs = np.column_stack([tail, head, *costs])
    return of_arcs(side * side, [tuple(arc) for arc in arcs.tolist()])
