"""The p-median solver: plan, bound, fixing, proof, in that order, each stopping when done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from siting.optimise._benders import benders
from siting.optimise._benders_master import Master
from siting.optimise._interchange import Quota, price
from siting.optimise._lagrange import Dual, Goal, lagrange
from siting.optimise._neighbours import Lists, restrict
from siting.optimise._watch import Watch

_STEPS = 3000
_SHARE_OF_TIME = 0.5  # for the bound and the search for plans, where Benders is to come
_BENDERS_PAIRS = 4_000_000  # pairs left after fixing above which Benders is not begun
_FAILURES, _FAILURES_SMALL = 2000, 10  # kicks in a row that bring nothing
_SMALL = 1_000_000  # pairs up to which Benders is the better way to a better plan
_KICKED = (2, 3, 5, 8)  # sites replaced at once: few find what is near, many what is far
_HALF = 0.5


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
    quota: Quota | None = None,
    first: NDArray[np.int64] | None = None,
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
    quota
        What districts are owed, p sites together at most.
    first
        Sites that reach every point, which a random start may not.

    Returns
    -------
    Median
        Best plan and proven bound.
    """
    goal = Goal(p=p, is_open=is_open, is_closed=is_closed, is_whole=is_whole, gap=gap, quota=quota)
    chance = np.random.default_rng(seed)
    luck = chance.random(lists.n_sites)
    if first is not None:
        luck[first] -= 1.0
    sites = goal.improve(lists, goal.best_sites(luck))
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
            quota=quota,
        )
        prices = dual.prices if len(dual.value) else None
        cut = benders(left, master, best, bound=bound, watch=watch, prices=prices)
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
    deadline = _SHARE_OF_TIME * watch.left_s
    patience = _FAILURES if len(lists.site) > _SMALL else _FAILURES_SMALL
    failures = 0
    with watch.interruptible():
        while failures < patience and watch.left_s > deadline:
            n_movable = int(free[best].sum())
            if goal.is_met(dual.bound, cost) or not 0 < n_movable < free.sum():
                break
            count = min(int(chance.choice(_KICKED)), n_movable)
            shake = _shaken_near if chance.random() < _HALF else _shaken
            tried = goal.improve(lists, shake(lists, goal, best, count, chance))
            value = price(lists, tried)
            failures = 0 if value < cost * (1 - 1e-9) else failures + 1
            if value < cost:
                best, cost = tried, value
            watch.tell(0.4, f"bound {dual.bound:.6g}, plan {cost:.6g}")
    return replace(dual, sites=best, cost=cost)


def _shaken(
    lists: Lists, goal: Goal, best: NDArray[np.int64], count: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Replace so many sites, wherever they are, by any."""
    movable = np.flatnonzero(~(goal.is_open | goal.is_closed)[best])
    luck = chance.random(lists.n_sites)
    luck[np.delete(best, chance.choice(movable, count, replace=False))] -= 1.0
    return goal.best_sites(luck)


def _shaken_near(
    lists: Lists, goal: Goal, best: NDArray[np.int64], count: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Replace so many sites near one point by others near it."""
    i = int(chance.integers(lists.n_points))
    near = lists.site[lists.start[i] : lists.start[i + 1]]
    near = near[~(goal.is_open | goal.is_closed)[near]]
    is_open = np.zeros(lists.n_sites, dtype=bool)
    is_open[best] = True
    leaving = near[is_open[near]][:count]
    reach = int(np.flatnonzero(is_open[near])[: count + 1].max(initial=-1))
    others = near[: reach + 1][~is_open[near[: reach + 1]]]
    if not len(leaving) or len(others) < len(leaving):
        return _shaken(lists, goal, best, count, chance)
    luck = chance.random(lists.n_sites)
    luck[best] -= 2.0
    luck[leaving] += 2.0
    luck[chance.choice(others, len(leaving), replace=False)] -= 1.0
    return goal.best_sites(luck)
