"""The p-median solver: plan, bound, fixing, proof, in that order, each stopping when done."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.optimise._benders import Master, benders
from siting.optimise._interchange import interchange, price
from siting.optimise._lagrange import Dual, Goal, lagrange
from siting.optimise._neighbours import Lists, restrict
from siting.optimise._watch import Watch

_STEPS = 3000
_SHARE_OF_TIME = 0.5  # for the bound and the search for plans, where Benders is to come
_BENDERS_PAIRS = 4_000_000  # pairs left after fixing above which Benders is not begun
_FAILURES, _FAILURES_SMALL = 200, 10  # kicks in a row that bring nothing
_SMALL = 1_000_000  # pairs up to which Benders is the better way to a better plan
_KICKED = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Median:
    """Plan, its cost as the lists know it, and the bound; exact where no list was cut short."""

    sites: NDArray[np.int64]
    cost: float
    bound: float
    is_exact: bool
    reduced: Mapping[str, float]


def solve_median(
    lists: Lists,
    *,
    p: int,
    is_open: NDArray[np.bool_],
    is_closed: NDArray[np.bool_],
    is_whole: bool,
    gap: float,
    seed: int,
    watch: Watch,
) -> Median:
    """Choose p sites of least total cost.

    Parameters
    ----------
    lists
        Near-site lists.
    p
        Number of open sites, those kept open included.
    is_open, is_closed
        ``(n_sites,)`` what is certain.
    is_whole
        Whether all costs are whole numbers.
    gap
        Relative gap that is good enough.
    seed
        Of the random start.
    watch
        Time and progress.

    Returns
    -------
    Median
        Best plan and proven bound.
    """
    goal = Goal(p=p, is_open=is_open, is_closed=is_closed, is_whole=is_whole, gap=gap)
    chance = np.random.default_rng(seed)
    start = goal.best_sites(chance.random(lists.n_sites))
    sites = interchange(lists, start, is_fixed=is_open | is_closed)
    watch.tell(0.05, f"plan {price(lists, sites):.6g}")
    dual = lagrange(lists, goal, sites, max_steps=_STEPS, watch=watch)
    dual = _kick(lists, goal, dual, chance, watch)
    fixed_open, fixed_closed = _fix(goal, dual)
    left = restrict(lists, ~fixed_closed)
    reduced = {
        "sites": float(lists.n_sites),
        "sites_closed": float(fixed_closed.sum()),
        "sites_opened": float(fixed_open.sum()),
        "subgradient_steps": float(dual.steps),
    }
    best, cost, bound = dual.sites, dual.cost, dual.bound
    can_try = len(left.site) <= _BENDERS_PAIRS and not watch.is_over
    if can_try and not goal.is_met(bound, cost):
        master = Master(
            charge=np.zeros(lists.n_sites),
            is_open=fixed_open,
            is_closed=fixed_closed,
            p=p,
            is_whole=is_whole,
            gap=gap,
        )
        cut = benders(left, master, best, bound=bound, watch=watch)
        best, cost, bound = cut.sites, cut.cost, cut.bound
        reduced |= {"cuts": float(cut.cuts), "rounds": float(cut.rounds)}
    return Median(sites=best, cost=cost, bound=bound, is_exact=lists.is_complete, reduced=reduced)


def _fix(goal: Goal, dual: Dual) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return sites open, and sites closed, in every plan better than the best one."""
    if not len(dual.value):
        return goal.is_open, goal.is_closed
    chosen = np.zeros(len(dual.value), dtype=bool)
    chosen[goal.best_sites(dual.value)] = True
    free = ~(goal.is_open | goal.is_closed)
    limit = dual.cost - (1.0 - 1e-6 if goal.is_whole else 0.0) + 1e-9 * abs(dual.cost)
    worst_in = dual.value[chosen & free].max(initial=-np.inf)
    best_out = dual.value[~chosen & free].min(initial=np.inf)
    closed = free & ~chosen & (dual.bound - worst_in + dual.value > limit)
    opened = free & chosen & (dual.bound + best_out - dual.value > limit)
    return goal.is_open | opened, goal.is_closed | closed


def _kick(lists: Lists, goal: Goal, dual: Dual, chance: np.random.Generator, watch: Watch) -> Dual:
    """Shake the best plan and improve it again, as long as that is worth its time."""
    best, cost, free = dual.sites, dual.cost, ~(goal.is_open | goal.is_closed)
    movable = np.flatnonzero(free[best])
    spare = np.flatnonzero(free)
    deadline = _SHARE_OF_TIME * watch.left_s
    failures = 0
    with watch.interruptible():
        patience = _FAILURES if len(lists.site) > _SMALL else _FAILURES_SMALL
        while failures < patience and watch.left_s > deadline and len(movable):
            if goal.is_met(dual.bound, cost) or len(spare) <= len(movable):
                break
            count = min(_KICKED, len(movable))
            kept = np.delete(best, chance.choice(np.flatnonzero(free[best]), count, replace=False))
            closed = np.setdiff1d(spare, kept)
            tried = np.union1d(kept, chance.choice(closed, goal.p - len(kept), replace=False))
            tried = interchange(lists, tried, is_fixed=~free)
            value = price(lists, tried)
            failures = 0 if value < cost * (1 - 1e-9) else failures + 1
            if value < cost:
                best, cost = tried, value
            watch.tell(0.4, f"bound {dual.bound:.6g}, plan {cost:.6g}")
    return Dual(bound=dual.bound, value=dual.value, sites=best, cost=cost, steps=dual.steps)
