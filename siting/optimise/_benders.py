"""Benders cuts by rounds for medians and fixed charges: site variables and one cost a point.

A point's cost is at least ``C − Σ (C − c_ij)·y_j`` over its sites nearer than C, for every level
C; of these cuts the one at the level where the open shares reach 1 is the strongest
(Duran-Mateluna, Ales and Elloumi 2023). The linear program comes first, in rounds; reduced costs
then close or open sites for good; what is left is branched on, cut again at every node.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.optimise._benders_master import Master, Work
from siting.optimise._branch import branch
from siting.optimise._median_cuts import cuts_at
from siting.optimise._neighbours import Lists
from siting.optimise._watch import Watch

_HALF = 0.5
_RISE, _STALLED = 1e-6, 3  # the linear rounds end when so many raise the bound by less than this


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cut:
    """Best plan, its cost, what is proven, and how much work it was."""

    sites: NDArray[np.int64]
    cost: float
    bound: float
    rounds: int
    cuts: int
    n_closed: int


def benders(
    lists: Lists,
    master: Master,
    start: NDArray[np.int64],
    *,
    bound: float,
    watch: Watch,
    prices: NDArray[np.float64] | None = None,
) -> Cut:
    """Solve to proof, or until the watch says stop.

    Parameters
    ----------
    lists
        Near-site lists of the points.
    master
        What is asked.
    start
        A good plan.
    bound
        What is proven already.
    watch
        Time and progress.
    prices
        ``(n_points,)`` of a Lagrangian relaxation, to begin with its bound.

    Returns
    -------
    Cut
        Plan and bound.
    """
    work = Work(lists, master, start, bound)
    with watch.interruptible():
        if prices is None:
            work.add_cuts(work.as_shares(start), np.full(lists.n_points, -1.0))
        else:
            work.add(cuts_at(lists, np.minimum(prices, lists.beyond)))
        _linear_rounds(work, watch)
        if not master.is_met(work.bound, work.cost) and not watch.is_over:
            work.is_open, work.is_closed = work.settled(work.is_open, work.is_closed)
            branch(work, watch)
    return Cut(
        sites=work.sites,
        cost=work.cost,
        bound=min(work.bound, work.cost),
        rounds=work.rounds,
        cuts=work.cuts,
        n_closed=int(work.is_closed.sum()),
    )


def _linear_rounds(work: "Work", watch: Watch) -> None:
    stable, stalled = work.as_shares(work.sites), 0
    while stalled < _STALLED and not watch.is_over:
        shares, levels = work.solve(watch)
        if shares is None:
            return
        stalled = 0 if work.value > work.linear + _RISE * abs(work.value) else stalled + 1
        work.linear = work.value
        work.bound = max(work.bound, work.round_up(work.value))
        work.try_shares(shares)
        if work.master.is_met(work.bound, work.cost):
            return
        # Cutting halfway to the last point that was safe keeps the rounds from zigzagging.
        stable = _HALF * (stable + shares)
        added = work.add_cuts(stable, levels) + work.add_cuts(shares, levels)
        watch.tell(0.5, f"round {work.rounds}: bound {work.bound:.6g}, plan {work.cost:.6g}")
        if not added:
            return
