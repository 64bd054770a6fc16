"""The master problem of Benders cuts in HiGHS: site variables, one cost a point, the cuts so far."""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from siting.optimise._highs import QuietHighs, run
from siting.optimise._interchange import Quota, best_sites, interchange, price
from siting.optimise._lagrange import is_proven
from siting.optimise._median_cuts import Rows, cuts_broken
from siting.optimise._neighbours import Lists
from siting.optimise._watch import Watch

_TINY, _CUT_WORTH = 1e-9, 1e-7
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
        return is_proven(bound, cost, gap=self.gap, is_whole=self.is_whole)


class Work:
    """The master problem in HiGHS and the best plan so far."""

    def __init__(
        self, lists: Lists, master: Master, start: NDArray[np.int64], bound: float
    ) -> None:
        self.lists, self.master, self.bound = lists, master, bound
        self.sites = np.sort(start)
        self.cost = self._price(self.sites)
        self.is_closed, self.is_open = master.is_closed.copy(), master.is_open.copy()
        self.rounds = self.cuts = 0
        self.value = self.linear = -np.inf
        self._reduced = np.zeros(lists.n_sites)
        self.solver = self._new_solver()

    def _new_solver(self) -> highspy.Highs:
        m, n = self.lists.n_sites, self.lists.n_points
        # Costs of the order of 1, or absolute tolerances would mean nothing.
        self.scale = max(self.cost / max(n, 1), _TINY)
        solver = QuietHighs()
        for name, value in (("threads", 1), ("random_seed", 0)):
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
        """Solve the linear program; no shares where it has none to give."""
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + watch.left_s)
        run(self.solver, watch)
        self.rounds += 1
        status = self.solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            is_empty = status == highspy.HighsModelStatus.kInfeasible
            self.value = np.inf if is_empty else -np.inf
            return None, np.zeros(0)
        self.value = self.solver.getInfo().objective_function_value * self.scale
        m, solution = self.lists.n_sites, self.solver.getSolution()
        values = np.array(solution.col_value)
        self._reduced = np.array(solution.col_dual)[:m] * self.scale
        return values[:m], values[m:] * self.scale

    def add_cuts(self, shares: NDArray[np.float64], levels: NDArray[np.float64]) -> int:
        """Add the strongest cut of each point that these shares break; return how many."""
        return self.add(cuts_broken(self.lists, shares, levels, _CUT_WORTH * self.scale))

    def add(self, cuts: Rows) -> int:
        """Add cuts; return how many."""
        begin, at, slope, level = cuts
        if len(level):
            self.solver.addRows(
                len(level),
                level / self.scale,
                np.full(len(level), _INF),
                len(at),
                begin[:-1].astype(np.int32),
                at,
                np.where(at < self.lists.n_sites, slope / self.scale, slope),
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

    def settled(
        self, is_open: NDArray[np.bool_], is_closed: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return what is open, and closed, in every better plan, by the last solve's duals."""
        if not np.isfinite(self.value):
            return is_open, is_closed
        room = self.cost - self.value - (1.0 - 1e-4 if self.master.is_whole else 0.0)
        room = max(room, 0.0) + 1e-7 * self.cost
        is_free = ~(is_open | is_closed)
        return is_open | is_free & (self._reduced < -room), (
            is_closed | is_free & (self._reduced > room)
        )

    def allow(self, is_open: NDArray[np.bool_], is_closed: NDArray[np.bool_]) -> None:
        """Hold sites open or closed from now on, and leave the others free."""
        m = self.lists.n_sites
        low, high = is_open.astype(float), (~is_closed).astype(float)
        self.solver.changeColsBounds(m, np.arange(m, dtype=np.int32), low, high)

    def forget(self, most: int) -> None:
        """Drop the cuts that do not bind where there are more rows than so many."""
        if self.solver.getNumRow() <= most:
            return
        slack = np.array(self.solver.getBasis().row_status) == highspy.HighsBasisStatus.kBasic
        first = 1 if self.master.quota is None else 1 + len(self.master.quota.least)
        idle = (np.flatnonzero(slack[first:]) + first).astype(np.int32)
        if len(idle):
            self.solver.deleteRows(len(idle), idle)
