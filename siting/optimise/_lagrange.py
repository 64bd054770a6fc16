"""Lagrangian bound of the p-median problem by subgradient steps, with plans found on the way.

Relaxing "every point is served" leaves, for prices λ of the points, p sites of the least
``Σ min(0, c_ij − λ_i)``. Any λ gives a proven bound; the best λ gives the bound of the linear
program, and proves most sites open or closed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.optimise._interchange import Quota, best_sites, interchange, nearest_two, price
from siting.optimise._jit import compiled
from siting.optimise._neighbours import Lists
from siting.optimise._watch import Watch

_STEP, _STEP_CUT, _STEP_LEAST, _PATIENCE = 1.5, 0.8, 1e-3, 30
_KEPT = 0.7  # share of the last direction in the next one
_OVER = 1.0005  # aim a little above the best plan, or steps die before the bound is reached
_FRESH_PLANS = 25  # plans improved by interchange at most, after the first


def is_proven(bound: float, cost: float, *, gap: float, is_whole: bool) -> bool:
    """Tell whether nothing better than a plan of this cost is left, but for the gap that is allowed."""
    return cost - bound <= gap * cost + (1.0 - 1e-6 if is_whole else 1e-9 * cost)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dual:
    """Best bound, its prices, the value of each site at them, and the best plan seen."""

    bound: float
    prices: NDArray[np.float64]
    value: NDArray[np.float64]
    sites: NDArray[np.int64]
    cost: float
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Goal:
    """How many sites are open, which of them are certain, and when the gap is closed."""

    p: int
    is_open: NDArray[np.bool_]
    is_closed: NDArray[np.bool_]
    is_whole: bool
    gap: float
    quota: Quota | None = None

    def is_met(self, bound: float, cost: float) -> bool:
        """Whether a plan of this cost is proven good enough."""
        return is_proven(bound, cost, gap=self.gap, is_whole=self.is_whole)

    def best_sites(self, value: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the p sites of the least value, those that must be open first."""
        return best_sites(value, self.is_open, self.is_closed, self.p, self.quota)

    def improve(self, lists: Lists, sites: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return a plan that no swap improves."""
        is_fixed = self.is_open | self.is_closed
        return interchange(lists, sites, is_fixed=is_fixed, quota=self.quota)


def lagrange(
    lists: Lists, goal: Goal, start: NDArray[np.int64], *, max_steps: int, watch: Watch
) -> Dual:
    """Raise the bound step by step; improve the plans it suggests.

    Parameters
    ----------
    lists
        Near-site lists.
    goal
        What is asked.
    start
        A good plan.
    max_steps
        Number of subgradient steps at most.
    watch
        Time and progress.

    Returns
    -------
    Dual
        Bound and plan; the bound holds wherever the steps were stopped.
    """
    first, second = nearest_two(lists, start)
    prices = np.minimum(0.5 * (first + np.minimum(second, 2 * first + 1e-9)), lists.beyond)
    best = _State(prices, price(lists, start), start)
    direction = np.zeros(lists.n_points)
    step, waited, steps, moved = _STEP, 0, 0, prices
    with watch.interruptible():
        for steps in range(1, max_steps + 1):
            value = _site_values(lists.start, lists.site, lists.cost, moved, lists.n_sites)
            sites = goal.best_sites(value)
            bound = float(moved.sum() + value[sites].sum())
            waited = 0 if best.raise_bound(bound, moved, value) else waited + 1
            if waited == 0 or steps % 50 == 0:
                best.try_plan(lists, goal, sites)
            if goal.is_met(best.bound, best.cost) or step < _STEP_LEAST or watch.is_over:
                break
            if waited >= _PATIENCE:
                step, waited, moved = step * _STEP_CUT, 0, best.prices
                continue
            slack = 1.0 - _times_served(
                lists.start, lists.site, lists.cost, moved, sites, lists.n_sites
            )
            direction = _KEPT * direction + (1 - _KEPT) * slack
            length = float(direction @ direction)
            if length <= 0:
                break
            stride = step * max(best.cost * _OVER - bound, 0.0) / length
            moved = np.clip(moved + stride * direction, 0.0, lists.beyond)
            if steps % 25 == 0:
                watch.tell(steps / max_steps, f"bound {best.bound:.6g}, plan {best.cost:.6g}")
    return best.after(steps)


class _State:
    """The best of everything so far."""

    def __init__(self, prices: NDArray[np.float64], cost: float, sites: NDArray[np.int64]) -> None:
        self.prices, self.cost, self.sites = prices, cost, np.sort(sites)
        self.bound = -np.inf
        self.value = np.zeros(0)
        self._seen: set[bytes] = set()
        self._tried_at = -np.inf

    def after(self, steps: int) -> Dual:
        """Return what so many steps have brought."""
        return Dual(
            bound=self.bound,
            prices=self.prices,
            value=self.value,
            sites=self.sites,
            cost=self.cost,
            steps=steps,
        )

    def raise_bound(
        self, bound: float, prices: NDArray[np.float64], value: NDArray[np.float64]
    ) -> bool:
        """Keep a better bound; say whether it is better by enough to go on like this."""
        is_worth = bound > self.bound + 1e-6 * abs(self.cost)
        if bound > self.bound:
            self.bound, self.prices, self.value = bound, prices, value
        return is_worth

    def try_plan(self, lists: Lists, goal: Goal, sites: NDArray[np.int64]) -> None:
        """Improve a plan not seen before, if the bound has risen since the last one."""
        key = np.sort(sites).tobytes()
        # A hundredth of the gap closed since the last plan, or the plans would all be alike.
        is_due = self.bound - self._tried_at > 0.03 * (self.cost - self.bound)
        if key in self._seen or len(self._seen) >= _FRESH_PLANS or not is_due:
            return
        self._seen.add(key)
        self._tried_at = self.bound
        found = goal.improve(lists, sites)
        cost = price(lists, found)
        if cost < self.cost:
            self.cost, self.sites = cost, found


@compiled
def _site_values(start, site, cost, prices, n_sites):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    value = np.zeros(n_sites)
    for i in range(len(start) - 1):
        for k in range(start[i], start[i + 1]):
            if cost[k] >= prices[i]:
                break
            value[site[k]] += cost[k] - prices[i]
    return value


@compiled
def _times_served(start, site, cost, prices, sites, n_sites):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    is_open = np.zeros(n_sites, np.bool_)
    for j in sites:
        is_open[j] = True
    served = np.zeros(len(start) - 1)
    for i in range(len(start) - 1):
        for k in range(start[i], start[i + 1]):
            if cost[k] >= prices[i]:
                break
            if is_open[site[k]]:
                served[i] += 1
    return served
