"""Branch and cut on whether sites are open, from the linear program of the Benders cuts on.

The least node comes first, and what it promises is proven for all. Cuts hold everywhere, so a node
begins with those of all before it and with their basis: a few dual simplex steps a node.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.optimise._benders_master import Work
from siting.optimise._watch import Watch

_ROUNDS = 30  # of cuts at one node
_RISE = 0.02  # share of the gap that a round closes, or the node is branched on
_WHOLE = 1e-6
_PLAN_EVERY = 5  # rounds at a node between plans made of its shares
_ROWS_KEPT = 2  # as many rows as at the root, and a cut a point; then idle ones go
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Node:
    """Sites held open and closed, and what every plan with them costs at least."""

    value: float
    is_open: NDArray[np.bool_]
    is_closed: NDArray[np.bool_]


def branch(work: Work, watch: Watch) -> None:
    """Raise the bound of solved linear rounds until the plan is proven or time is over."""
    first = _Node(value=work.bound, is_open=work.is_open, is_closed=work.is_closed)
    heap, made, done = [(first.value, 0, first)], 0, np.inf
    n_rows = work.solver.getNumRow() + work.lists.n_points
    while heap:
        work.bound = max(work.bound, min(heap[0][0], done))
        if work.master.is_met(work.bound, work.cost) or watch.is_over:
            return
        _, _, node = heapq.heappop(heap)
        children, whole = _explore(work, node, watch)
        done = min(done, whole)
        work.forget(_ROWS_KEPT * n_rows)
        for child in children:
            made += 1
            heapq.heappush(heap, (child.value, made, child))
        if work.value == -np.inf:  # stopped, or beyond HiGHS
            return
        told = f"{len(heap)} nodes: bound {work.bound:.6g}, plan {work.cost:.6g}"
        watch.tell(max(_HALF, watch.spent_share), told)
    work.bound = max(work.bound, min(done, work.cost))


def _explore(work: Work, node: _Node, watch: Watch) -> tuple[list[_Node], float]:
    """Return what a node splits into, and the least cost of the whole plans it ends with."""
    work.allow(node.is_open, node.is_closed)
    value, shares = _cut(work, node.value, watch)
    if shares is None:
        return ([node] if value < np.inf else []), np.inf
    is_open, is_closed = work.settled(node.is_open, node.is_closed)
    is_split = ~(is_open | is_closed) & (np.abs(shares - np.round(shares)) > _WHOLE)
    if not is_split.any():
        work.try_sites(np.flatnonzero(shares > _HALF))
        return [], value
    j = int(np.argmin(np.where(is_split, np.abs(shares - _HALF), np.inf)))
    with_j, without_j = is_open.copy(), is_closed.copy()
    with_j[j] = without_j[j] = True
    return [
        _Node(value=value, is_open=with_j, is_closed=is_closed),
        _Node(value=value, is_open=is_open, is_closed=without_j),
    ], np.inf


def _cut(work: Work, value: float, watch: Watch) -> tuple[float, NDArray[np.float64] | None]:
    """Cut at a node: fractional shares as long as that pays, whole ones as long as any breaks."""
    for k in range(_ROUNDS):
        shares, levels = work.solve(watch)
        if shares is None:
            return (np.inf if work.value == np.inf else value), None
        before, value = value, max(value, work.round_up(work.value))
        is_whole = np.abs(shares - np.round(shares)).max() <= _WHOLE
        if is_whole:
            shares = np.round(shares)
        if k % _PLAN_EVERY == 0:
            work.try_shares(shares)
        if work.master.is_met(value, work.cost) or not work.add_cuts(shares, levels):
            break
        is_worth = is_whole or k == 0 or value - before >= _RISE * (work.cost - value)
        if not is_worth:
            break
    return value, shares
