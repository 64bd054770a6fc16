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
_FAILURES, _FAILURES_SOON, _FAILURES_SMALL = 2000, 100, 10  # kicks in a row that bring nothing
_ROUND = 50  # kicks between closing sites by the better plan
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
    dual, left, rest = _search(lists, goal, dual, chance, watch)
    fixed_open, fixed_closed = rest.is_open, rest.is_closed
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
    closed[dual.sites] = False  # the best plan stays in the lists, which price it
    opened = free & chosen & (dual.bound + best_out - dual.value > limit)
    return goal.is_open | opened, goal.is_closed | closed


def _search(
    lists: Lists, goal: Goal, dual: Dual, chance: np.random.Generator, watch: Watch
) -> tuple[Dual, Lists, Goal]:
    """Shake the best plan as long as that pays; return also what better plans may consist of.

    The better the plan, the more sites are proven closed, and the less a kick among the others
    takes. Kicks are counted; the clock ends them only where the limit is near.
    """
    left, rest = _close(lists, goal, dual)
    deadline, failures = _SHARE_OF_TIME * watch.left_s, 0
    soon = _FAILURES_SOON if len(lists.site) > _SMALL else _FAILURES_SMALL
    while not goal.is_met(dual.bound, dual.cost):
        can_prove = len(left.site) <= _BENDERS_PAIRS
        kicks = min(_ROUND, (soon if can_prove else _FAILURES) - failures)
        is_late = watch.left_s <= (deadline if can_prove else 0.0)
        free = ~(rest.is_open | rest.is_closed)
        if kicks <= 0 or is_late or not 0 < free[dual.sites].sum() < free.sum():
            break
        found, failed = _kick(left, rest, dual, chance, watch, kicks)
        if found.cost < dual.cost * (1 - 1e-9):
            left, rest = _close(left, goal, found)
            failures = 0
        failures, dual = failures + failed, found
    return dual, left, rest


def _close(lists: Lists, goal: Goal, dual: Dual) -> tuple[Lists, Goal]:
    """Leave out the sites of no better plan."""
    is_open, is_closed = _fix(goal, dual)
    return restrict(lists, ~is_closed), replace(goal, is_open=is_open, is_closed=is_closed)


def _kick(  # noqa: PLR0917 - private, called once
    lists: Lists, goal: Goal, dual: Dual, chance: np.random.Generator, watch: Watch, kicks: int
) -> tuple[Dual, int]:
    """Shake and improve the best plan so often; return it, and the last kicks without success."""
    best, cost, failures = dual.sites, dual.cost, 0
    n_movable = int((~(goal.is_open | goal.is_closed))[best].sum())
    with watch.interruptible():
        for _ in range(kicks):
            if goal.is_met(dual.bound, cost) or watch.is_over:
                break
            count = min(int(chance.choice(_KICKED)), n_movable)
            shake = _shaken_near if chance.random() < _HALF else _shaken
            tried = goal.improve(lists, shake(lists, goal, best, count, chance))
            value = price(lists, tried)
            failures = 0 if value < cost * (1 - 1e-9) else failures + 1
            if value < cost:
                best, cost = tried, value
                n_movable = int((~(goal.is_open | goal.is_closed))[best].sum())
            watch.tell(0.4, f"bound {dual.bound:.6g}, plan {cost:.6g}")
    return replace(dual, sites=best, cost=cost), failures


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
