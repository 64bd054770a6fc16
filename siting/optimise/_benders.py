"""Benders cuts by rounds for medians and fixed charges: site variables and one cost a point.

A point's cost is at least ``C − Σ (C − c_ij)·y_j`` over its sites nearer than C, for every level
C; of these cuts the one at the level where the open shares reach 1 is the strongest
(Duran-Mateluna, Ales and Elloumi 2023). The linear program comes first, in rounds; reduced costs
then close or open sites for good; what is left is a small integer program, solved and cut again
until its answer costs what it says.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from siting.optimise._highs import QuietHighs, run
from siting.optimise._interchange import Quota, best_sites, interchange, price
from siting.optimise._jit import compiled
from siting.optimise._neighbours import Lists
from siting.optimise._watch import Watch

_TINY, _CUT_WORTH, _HALF = 1e-9, 1e-7, 0.5
_RISE, _STALLED = 1e-6, 3  # the linear rounds end when so many raise the bound by less than this
_INF = highspy.kHighsInf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Master:
    """What the master problem knows: cost of opening, sites certain, number of open sites.

    ``p`` is None where the fixed charges alone decide how many are open.
    """

    charge: NDArray[np.float64]
    is_open: NDArray[np.bool_]
    is_closed: NDArray[np.bool_]
    p: int | None
    is_whole: bool
    gap: float
    quota: Quota | None = None

    def is_met(self, bound: float, cost: float) -> bool:
        """Whether a plan of this cost is proven good enough."""
        allowed = self.gap * cost + (1.0 - 1e-6 if self.is_whole else 1e-9 * cost)
        return cost - bound <= allowed


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
    lists: Lists, master: Master, start: NDArray[np.int64], *, bound: float, watch: Watch
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

    Returns
    -------
    Cut
        Plan and bound.
    """
    work = _Work(lists, master, start, bound)
    with watch.interruptible():
        work.add_cuts(work.as_shares(start), np.full(lists.n_points, -1.0))
        _linear_rounds(work, watch)
        if not master.is_met(work.bound, work.cost) and not watch.is_over:
            work.settle_sites()
            _integer_rounds(work, watch)
    return Cut(
        sites=work.sites,
        cost=work.cost,
        bound=min(work.bound, work.cost),
        rounds=work.rounds,
        cuts=work.cuts,
        n_closed=int(work.is_closed.sum()),
    )


def _linear_rounds(work: "_Work", watch: Watch) -> None:
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


def _integer_rounds(work: "_Work", watch: Watch) -> None:
    work.make_integer()
    while not watch.is_over:
        shares, levels = work.solve(watch)
        work.bound = max(work.bound, work.round_up(work.proven))
        if shares is None:
            return
        work.try_sites(np.flatnonzero(shares > _HALF))
        watch.tell(0.8, f"round {work.rounds}: bound {work.bound:.6g}, plan {work.cost:.6g}")
        if work.master.is_met(work.bound, work.cost):
            return
        if not work.add_cuts(np.round(shares), levels):
            return


class _Work:
    """The master problem in HiGHS and the best plan so far."""

    def __init__(
        self, lists: Lists, master: Master, start: NDArray[np.int64], bound: float
    ) -> None:
        self.lists, self.master, self.bound = lists, master, bound
        self.sites = np.sort(start)
        self.cost = self._price(self.sites)
        self.is_closed, self.is_open = master.is_closed.copy(), master.is_open.copy()
        self.rounds = self.cuts = 0
        self.value = self.proven = self.linear = -np.inf
        self.solver = self._new_solver()

    def _new_solver(self) -> highspy.Highs:
        m, n = self.lists.n_sites, self.lists.n_points
        # Costs of the order of 1, or absolute tolerances would mean nothing.
        self.scale = max(self.cost / max(n, 1), _TINY)
        solver = QuietHighs()
        for name, value in (("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0)):
            solver.setOptionValue(name, value)
        solver.addVars(m, self.is_open.astype(float), (~self.is_closed).astype(float))
        solver.addVars(n, np.zeros(n), np.full(n, _INF))
        weight = np.r_[self.master.charge / self.scale, np.ones(n)]
        solver.changeColsCost(m + n, np.arange(m + n, dtype=np.int32), weight)
        p = self.master.p
        low, high = (1.0, float(m)) if p is None else (float(p), float(p))
        solver.addRow(low, high, m, np.arange(m, dtype=np.int32), np.ones(m))
        if (quota := self.master.quota) is not None:
            for d, least in enumerate(quota.least.tolist()):
                inside = np.flatnonzero(quota.district == d).astype(np.int32)
                solver.addRow(float(least), _INF, len(inside), inside, np.ones(len(inside)))
        return solver

    def _price(self, sites: NDArray[np.int64]) -> float:
        return price(self.lists, sites) + float(self.master.charge[sites].sum())

    def round_up(self, bound: float) -> float:
        """Return the bound a whole-numbered cost allows."""
        return float(np.ceil(bound - 1e-5)) if self.master.is_whole else bound

    def as_shares(self, sites: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return a plan as site variables."""
        shares = np.zeros(self.lists.n_sites)
        shares[sites] = 1.0
        return shares

    def solve(self, watch: Watch) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
        """Solve the master; no shares where it has none to give."""
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + watch.left_s)
        run(self.solver, watch)
        self.rounds += 1
        info = self.solver.getInfo()
        self.value = info.objective_function_value * self.scale
        self.proven = info.mip_dual_bound * self.scale
        values = np.array(self.solver.getSolution().col_value)
        is_solved = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        if self.solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            self.proven = self.cost  # every plan better than the best one was excluded
        m = self.lists.n_sites
        if not is_solved:
            return None, np.zeros(0)
        return values[:m], values[m:] * self.scale

    def add_cuts(self, shares: NDArray[np.float64], levels: NDArray[np.float64]) -> int:
        """Add the strongest cut of each point that these shares break; return how many."""
        lists = self.lists
        begin, site, slope, level = _strongest(
            (lists.start, lists.site, lists.cost, lists.beyond),
            shares,
            levels,
            _CUT_WORTH * self.scale,
            lists.n_sites,
        )
        if len(level):
            slope = np.where(site < lists.n_sites, slope / self.scale, slope)
            self.solver.addRows(
                len(level),
                level / self.scale,
                np.full(len(level), _INF),
                len(site),
                begin[:-1].astype(np.int32),
                site,
                slope,
            )
        self.cuts += len(level)
        return len(level)

    def try_shares(self, shares: NDArray[np.float64]) -> None:
        """Round shares to a plan."""
        p = self.master.p
        count = max(1, round(float(shares.sum()))) if p is None else p
        quota = self.master.quota
        self.try_sites(np.sort(best_sites(-shares, self.is_open, self.is_closed, count, quota)))

    def try_sites(self, sites: NDArray[np.int64]) -> None:
        """Keep a plan that costs less, improved by swaps where their number is fixed."""
        if self.master.p is not None and self._price(sites) < 1.02 * self.cost:
            is_fixed = self.master.is_open | self.master.is_closed
            sites = interchange(self.lists, sites, is_fixed=is_fixed, quota=self.master.quota)
        cost = self._price(sites)
        if cost < self.cost:
            self.cost, self.sites = cost, np.sort(sites)

    def settle_sites(self) -> None:
        """Close or open for good what no better plan can have otherwise."""
        reduced = np.array(self.solver.getSolution().col_dual)[: self.lists.n_sites] * self.scale
        if not np.isfinite(self.linear):
            return
        room = self.cost - self.linear - (1.0 - 1e-4 if self.master.is_whole else 0.0)
        room = max(room, 0.0) + 1e-7 * self.cost
        self.is_closed |= (reduced > room) & ~self.is_open
        self.is_open |= (reduced < -room) & ~self.is_closed

    def make_integer(self) -> None:
        """Keep the cuts that bind, and ask for whole sites from now on."""
        m = self.lists.n_sites
        solver = self.solver
        slack = np.array(solver.getBasis().row_status) == highspy.HighsBasisStatus.kBasic
        idle = np.flatnonzero(slack[1:]) + 1
        if len(idle):
            solver.deleteRows(len(idle), idle.astype(np.int32))
        every = np.arange(m, dtype=np.int32)
        solver.changeColsBounds(
            m, every, self.is_open.astype(float), (~self.is_closed).astype(float)
        )
        kinds = np.full(m, highspy.HighsVarType.kInteger)
        solver.changeColsIntegrality(m, every, kinds)


@compiled
def _strongest(rows, shares, levels, worth, m):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    start, site, cost, beyond = rows
    n = len(start) - 1
    size = 1024
    at_site, slope = np.empty(size, np.int32), np.empty(size)
    begin, level = np.zeros(n + 1, np.int64), np.empty(n)
    n_cuts = used = 0
    for i in range(n):
        total, k = 0.0, start[i]
        while k < start[i + 1]:
            total += shares[site[k]]
            if total >= 1.0 - 1e-9:
                break
            k += 1
        at = cost[k] if k < start[i + 1] else beyond[i]
        value = at
        for q in range(start[i], k):
            value -= (at - cost[q]) * shares[site[q]]
        if value <= levels[i] + worth:
            continue
        while used + (k - start[i]) + 1 > size:
            size *= 2
            more_site, more_slope = np.empty(size, np.int32), np.empty(size)
            more_site[:used], more_slope[:used] = at_site[:used], slope[:used]
            at_site, slope = more_site, more_slope
        for q in range(start[i], k):
            if cost[q] < at:
                at_site[used], slope[used] = site[q], at - cost[q]
                used += 1
        at_site[used], slope[used] = m + i, 1.0
        used += 1
        level[n_cuts] = at
        n_cuts += 1
        begin[n_cuts] = used
    return begin[: n_cuts + 1], at_site[:used], slope[:used], level[:n_cuts]
