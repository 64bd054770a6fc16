"""Whole points in sites with room: a Lagrangian bound, plans on the way, and pairs that are out.

Relaxing "every point is served" leaves, for prices λ of the points, a knapsack a site: which
points would pay most to be there. Filled as if the last point could be split, it bounds the cost
from below, whatever the prices; and a pair whose forced use would lift the bound above the best
plan is in no better one (Geoffrion 1974; Beasley 1993, Lagrangean heuristics for location
problems).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.optimise._allocation_mip import Question
from siting.optimise._allocation_search import fill_by_regret, settle
from siting.optimise._jit import compiled
from siting.optimise._watch import Watch

_STEP, _STEP_CUT, _STEP_LEAST, _PATIENCE = 1.5, 0.7, 2e-3, 20
_KEPT, _OVER = 0.5, 1.002
_STEPS, _EVERY = 1500, 10  # steps at most, and how many of them between two plans
_SWEEPS = 60
_SHARE_OF_TIME = 0.2  # for the bound, the plans, and the bound again; the rest is for the proof
_FAILURES = 300  # shakes in a row that bring nothing
_MOST_POINTS, _MOST_CELLS = 3000, 9_000_000  # beyond these the search for plans takes too long


def is_worth_reducing(question: Question) -> bool:
    """Whether points are served whole and are few enough to look at two by two."""
    n, m = len(question.demand), len(question.capacity)
    is_plain = question.must_serve and question.is_single and not len(question.enlargeable)
    return is_plain and n <= _MOST_POINTS and n * m <= _MOST_CELLS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reduced:
    """What is proven, the best plan ``(n_demand,)`` or None, and which pairs may still be used."""

    bound: float
    plan: NDArray[np.int64] | None
    is_left: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    """The pairs by site: ``start`` of each, then point, cost, and where the pair stands."""

    start: NDArray[np.int64]
    point: NDArray[np.int64]
    cost: NDArray[np.float64]
    place: NDArray[np.int64]


def reduce_pairs(
    question: Question, plan: NDArray[np.int64] | None, *, gap: float, watch: Watch
) -> Reduced:
    """Bound the cost of serving whole points, find plans, and strike off hopeless pairs.

    Parameters
    ----------
    question
        All points to be served whole, without enlargements.
    plan
        A plan to start from, or None.
    gap
        Relative gap that is good enough.
    watch
        Time and progress.

    Returns
    -------
    Reduced
        The bound holds wherever the steps were stopped.
    """
    pairs = question.pairs
    order = np.lexsort((pairs.point, pairs.site))
    counts = np.bincount(pairs.site, minlength=len(question.capacity))
    table = _Table(
        start=np.r_[0, np.cumsum(counts)].astype(np.int64),
        point=pairs.point[order],
        cost=pairs.value[order],
        place=order,
    )
    state = _State(question, table, plan)
    prices = _first_prices(state.matrix, question)
    with watch.interruptible():
        left_s = watch.left_s
        state.climb(prices, gap, left_s * (1.0 - _SHARE_OF_TIME), watch)
        if not state.is_done(gap):
            state.shake(left_s * (1.0 - 2 * _SHARE_OF_TIME), watch)
        if not state.is_done(gap) and state.prices is not None:  # nearer the plan, finer steps
            state.climb(state.prices, gap, left_s * (1.0 - 3 * _SHARE_OF_TIME), watch)
    is_left = np.ones(len(order), dtype=bool)
    if np.isfinite(state.cost) and state.prices is not None:
        is_left[order] = state.usable()
        if state.plan is not None:  # the plan itself stays, so that it can be the start
            is_left |= state.plan[pairs.point] == pairs.site
    return Reduced(bound=state.bound, plan=state.plan, is_left=is_left)


def _first_prices(matrix: NDArray[np.float64], question: Question) -> NDArray[np.float64]:
    """Return what the second nearest open site would cost if sites were chosen evenly."""
    m = matrix.shape[1]
    at = min(m - 1, 2 * m // max(int(question.most_sites), 1))
    there = np.where(np.isfinite(matrix), matrix, 0.0).max(axis=1)
    return np.asarray(np.minimum(np.partition(matrix, at, axis=1)[:, at], there) + 1e-9)


class _State:
    """The best prices and the best plan so far."""

    def __init__(self, question: Question, table: _Table, plan: NDArray[np.int64] | None) -> None:
        self.question, self.table = question, table
        self.bound, self.cost = -np.inf, np.inf
        self.prices: NDArray[np.float64] | None = None
        self.plan: NDArray[np.int64] | None = None
        self.matrix = np.full((len(question.demand), len(question.capacity)), np.inf)
        self.matrix[question.pairs.point, question.pairs.site] = question.pairs.value
        if plan is not None:
            self._improve(plan)

    def climb(self, prices: NDArray[np.float64], gap: float, end_s: float, watch: Watch) -> None:
        """Raise the bound step by step; try the sites it suggests now and then."""
        moved, direction = prices, np.zeros(len(prices))
        step, waited = _STEP, 0
        for k in range(_STEPS):
            bound, sites, slack, _, _ = self._relax(moved)
            rises = bound > self.bound + 1e-6 * abs(self.bound)
            if bound > self.bound:
                self.bound, self.prices = bound, moved
            waited = 0 if rises else waited + 1
            if k % _EVERY == 0:
                self._try_sites(sites)
                watch.tell(0.3 * k / _STEPS, f"bound {self.bound:.6g}, plan {self.cost:.6g}")
            if self.is_done(gap) or step < _STEP_LEAST or watch.left_s <= end_s:
                return
            if waited >= _PATIENCE and self.prices is not None:
                step, waited, moved = step * _STEP_CUT, 0, self.prices
                direction = np.zeros(len(prices))
                continue
            direction = _KEPT * direction + (1 - _KEPT) * slack
            length = float(direction @ direction)
            if length <= 0:
                return
            aim = self.cost if np.isfinite(self.cost) else 1.2 * abs(bound) + 1.0
            stride = step * max(aim * _OVER - bound, 0.0) / length
            moved = np.maximum(moved + stride * direction, 0.0)

    def is_done(self, gap: float) -> bool:
        """Whether the best plan is proven good enough."""
        return self.cost - self.bound <= max(gap, 1e-9) * self.cost

    def usable(self) -> NDArray[np.bool_]:
        """Return, in the order of the table, the pairs that a better plan may hold."""
        q, table, prices = self.question, self.table, self.prices
        if prices is None:
            return np.ones(len(table.point), bool)
        _, sites, _, value, rate = self._relax(prices)
        is_in = np.zeros(len(q.capacity), dtype=bool)
        is_in[sites] = True
        free = is_in & ~q.is_open
        is_full = len(sites) >= q.most_sites
        swapped = float(value[free].max()) if is_full and free.any() else 0.0
        lift = np.where(is_in, 0.0, np.maximum(value - swapped, 0.0))
        site = np.repeat(np.arange(len(value)), np.diff(table.start))
        # What the pair costs beyond the best use of the room it takes.
        extra = table.cost - prices[table.point] + rate[site] * q.demand[table.point]
        reached = self.bound + lift[site] + np.maximum(extra, 0.0)
        return np.asarray(reached <= self.cost * (1 + 1e-9) + 1e-9)

    def _relax(
        self, prices: NDArray[np.float64] | None
    ) -> tuple[
        float,
        NDArray[np.int64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
    ]:
        """Return bound, sites, slack of each point, value of each site, and worth of its room."""
        q, table = self.question, self.table
        assert prices is not None  # noqa: S101 - set by the first step
        value, rate = _knapsacks(
            table.start, table.point, table.cost, q.demand, q.capacity, prices
        )
        value = value + q.charge
        ranked = np.where(q.is_open, -np.inf, np.where(q.is_allowed, value, np.inf))
        sites = np.argsort(ranked, kind="stable")[: int(q.most_sites)]
        sites = sites[q.is_open[sites] | (q.is_allowed[sites] & (value[sites] < 0))]
        taken = _taken(
            table.start, table.point, table.cost, q.demand, q.capacity, prices, np.sort(sites)
        )
        return float(prices.sum() + value[sites].sum()), sites, 1.0 - taken, value, rate

    def _try_sites(self, sites: NDArray[np.int64]) -> None:
        """Fill these sites, and if there are too few to serve all, the next best as well."""
        q = self.question
        spare = np.flatnonzero(q.is_allowed & ~np.isin(np.arange(len(q.capacity)), sites))
        short = int(q.most_sites) - len(sites)
        more = spare[np.argsort(-q.capacity[spare], kind="stable")][: max(short, 0)]
        is_open = np.zeros(len(q.capacity), dtype=bool)
        is_open[sites] = True
        if q.capacity[sites].sum() < q.demand.sum():
            is_open[more] = True
        at = fill_by_regret(self.matrix, q.demand, q.capacity, is_open)
        if (at >= 0).all():
            self._improve(at)

    def _improve(self, plan: NDArray[np.int64]) -> float:
        """Move and swap until nothing helps, fill the sites anew and so on; keep what is best."""
        q, at = self.question, plan
        may_close = q.is_allowed & ~q.is_open
        least = np.inf
        while True:
            at = settle(self.matrix, q.demand, q.capacity, may_close, at.copy(), _SWEEPS)
            used = q.is_open.copy()
            used[at] = True
            cost = float(self.matrix[np.arange(len(at)), at].sum() + q.charge[used].sum())
            if cost < self.cost * (1 - 1e-12) and used.sum() <= q.most_sites:
                self.plan, self.cost = at, cost
            if cost >= least * (1 - 1e-9):
                return least
            least = cost
            at = fill_by_regret(self.matrix, q.demand, q.capacity, used)
            if (at < 0).any():
                return least

    def shake(self, end_s: float, watch: Watch) -> None:
        """Replace some sites of the best plan by others near them, as long as that helps."""
        q, chance, failures = self.question, np.random.default_rng(0), 0
        may_close = q.is_allowed & ~q.is_open
        while self.plan is not None and failures < _FAILURES and watch.left_s > end_s:
            before = self.cost
            is_open = q.is_open.copy()
            is_open[self.plan] = True
            near = np.argsort(self.matrix[chance.integers(len(self.plan))], kind="stable")
            near = near[may_close[near]]
            count = int(chance.integers(1, 4))
            leaving = near[is_open[near]][:count]
            others = near[~is_open[near]][: 5 * count]
            if not len(leaving) or len(others) < len(leaving):
                return
            is_open[leaving] = False
            is_open[chance.choice(others, len(leaving), replace=False)] = True
            at = fill_by_regret(self.matrix, q.demand, q.capacity, is_open)
            if (at >= 0).all():
                self._improve(at)
            failures = 0 if self.cost < before else failures + 1
            watch.tell(0.3, f"bound {self.bound:.6g}, plan {self.cost:.6g}")


@compiled
def _knapsacks(start, point, cost, demand, capacity, prices):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    """Fill each site with the points that gain most for their demand; return value and rate."""
    m = len(start) - 1
    value, rate = np.zeros(m), np.zeros(m)
    for j in range(m):
        a, b = start[j], start[j + 1]
        ratio = np.empty(b - a)
        for k in range(a, b):
            gain = prices[point[k]] - cost[k]
            ratio[k - a] = gain / max(demand[point[k]], 1e-300)
        room = capacity[j]
        for k in np.argsort(-ratio):
            i = point[a + k]
            gain = prices[i] - cost[a + k]
            if gain <= 0.0:
                break
            if demand[i] <= room:
                room -= demand[i]
                value[j] -= gain
            else:
                value[j] -= gain * room / demand[i]
                rate[j] = ratio[k]
                break
    return value, rate


@compiled
def _taken(start, point, cost, demand, capacity, prices, sites):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    """Return how often each point is served by these sites at these prices."""
    taken = np.zeros(len(demand))
    for j in sites:
        a, b = start[j], start[j + 1]
        ratio = np.empty(b - a)
        for k in range(a, b):
            ratio[k - a] = (prices[point[k]] - cost[k]) / max(demand[point[k]], 1e-300)
        room = capacity[j]
        for k in np.argsort(-ratio):
            i = point[a + k]
            if ratio[k] <= 0.0:
                break
            if demand[i] <= room:
                room -= demand[i]
                taken[i] += 1.0
            else:
                taken[i] += room / demand[i]
                break
    return taken
