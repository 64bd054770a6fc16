"""Most demand covered by p sites, on merged classes: one Benders cut a round, then whole sites.

The demand covered is at most ``W(full) + Σ_j y_j·W(not full)`` where a class is full once the open
shares of its sites reach 1 (Cordeau, Furini and Ljubić 2019). HiGHS gets only the sites and one
number for the demand, so the size of the demand no longer matters.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.model import SolverSettings
from siting.optimise._cover import Cover
from siting.optimise._cover_start import conflict_lists, greedy_swap
from siting.optimise._highs import MixedIntegerModel, QuietHighs, maximise, run
from siting.optimise._set_cover import cover_all
from siting.optimise._watch import Watch

_HALF, _FULL, _TINY = 0.5, 1.0 - 1e-9, 1e-12
_INF = highspy.kHighsInf
_SWEEPS = 50
_WHOLE = 400_000  # entries of the covering sets up to which sites and classes go to HiGHS together
_FALL, _STALLED, _STALLED_SMALL = 1e-5, 40, 10  # rounds that lower the bound by less: enough
_ROUNDS, _ROUNDS_LARGE = 4, 1_000_000
# Nodes of one round, where sites and classes together are the better way on: not seconds, or two runs
# could answer with two plans as good.
_ROUND_NODES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Most:
    """Sites, the weight they cover, the proven most, and how many cuts that took."""

    sites: NDArray[np.int64]
    covered: float
    bound: float
    cuts: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ask:
    """At most p of the allowed sites, no two in conflict; when the gap is closed."""

    p: int
    is_allowed: NDArray[np.bool_]
    is_required: NDArray[np.bool_]
    conflicts: NDArray[np.int64]
    is_whole: bool
    gap: float

    def is_met(self, bound: float, covered: float) -> bool:
        """Whether a plan is proven good enough."""
        allowed = self.gap * bound + (1.0 - 1e-6 if self.is_whole else 1e-9 * bound)
        return bound - covered <= allowed


def cover_most(cover: Cover, ask: Ask, *, watch: Watch) -> Most:
    """Choose the sites that cover the most weight.

    Parameters
    ----------
    cover
        Merged classes.
    ask
        What is asked.
    watch
        Time and progress.

    Returns
    -------
    Most
        Plan and bound.
    """
    work = _Work(cover, ask)
    with watch.interruptible():
        work.linear_rounds(watch)
        work.try_everything(watch)
        if not ask.is_met(work.bound, work.covered) and not watch.is_over:
            work.integer_rounds(watch)
        # Where nearly all is covered single cuts say little, and the classes are few.
        if not ask.is_met(work.bound, work.covered) and not watch.is_over:
            work.solve_whole(watch)
    return Most(
        sites=work.sites,
        covered=work.covered,
        bound=max(work.bound, work.covered),
        cuts=work.cuts,
    )


def weight_covered(cover: Cover, sites: NDArray[np.int64]) -> float:
    """Return the weight of the classes with a site."""
    chosen = np.zeros(cover.rows.shape[1])
    chosen[sites] = 1.0
    return float(cover.weight[cover.rows @ chosen > _HALF].sum())


class _Work:
    """The master problem in HiGHS and the best plan so far."""

    def __init__(self, cover: Cover, ask: Ask) -> None:
        self.cover, self.ask, self.cuts = cover, ask, 0
        self.columns = sparse.csr_array(cover.rows.T)
        self.sites = self._first_plan()
        self.covered = weight_covered(cover, self.sites)
        self.bound = float(cover.weight.sum())
        # Of the order of 1 a site, or absolute tolerances would mean nothing.
        self.scale = max(float((self.columns @ cover.weight).max(initial=0.0)), _TINY)
        self.solver = self._master()
        self.cut(self._shares(self.sites))

    def _first_plan(self) -> NDArray[np.int64]:
        rows, columns, ask = self.cover.rows, self.columns, self.ask
        if not rows.shape[0]:
            return np.flatnonzero(ask.is_required)
        state = np.where(ask.is_required, 1, np.where(ask.is_allowed, 0, 2))
        tables = [a.astype(np.int64) for a in (rows.indptr, rows.indices)]
        tables += [a.astype(np.int64) for a in (columns.indptr, columns.indices)]
        sweeps = 0 if len(ask.conflicts) else _SWEEPS
        start, near = conflict_lists(ask.conflicts, rows.shape[1])
        chosen = greedy_swap((*tables, start, near), self.cover.weight, state, ask.p, sweeps)
        return np.flatnonzero(chosen)

    def _master(self) -> highspy.Highs:
        ask, m = self.ask, self.cover.rows.shape[1]
        solver = QuietHighs()
        options = {
            "threads": 1,
            "random_seed": 0,
            "mip_rel_gap": max(ask.gap * _HALF, 1e-10),
            "mip_abs_gap": 1e-9,
            "mip_feasibility_tolerance": 1e-9,
            "primal_feasibility_tolerance": 1e-9,
            "dual_feasibility_tolerance": 1e-9,
        }
        for name, value in options.items():
            solver.setOptionValue(name, value)
        solver.addVars(m, ask.is_required.astype(float), ask.is_allowed.astype(float))
        solver.addVar(0.0, self.bound / self.scale)
        solver.changeColCost(m, 1.0)
        solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        solver.addRow(0.0, float(ask.p), m, np.arange(m, dtype=np.int32), np.ones(m))
        for pair in ask.conflicts:
            solver.addRow(0.0, 1.0, 2, pair.astype(np.int32), np.ones(2))
        return solver

    def _shares(self, sites: NDArray[np.int64]) -> NDArray[np.float64]:
        shares = np.zeros(self.cover.rows.shape[1])
        shares[sites] = 1.0
        return shares

    def cut(self, shares: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Add the cut at these shares: return its constant and its slopes."""
        weight = self.cover.weight
        is_full = self.cover.rows @ shares >= _FULL
        full = float(weight[is_full].sum())
        slope = self.columns @ np.where(is_full, 0.0, weight)
        at = np.flatnonzero(slope)
        m = len(shares)
        self.solver.addRow(
            -_INF,
            full / self.scale,
            len(at) + 1,
            np.r_[at, m].astype(np.int32),
            np.r_[-slope[at] / self.scale, 1.0],
        )
        self.cuts += 1
        return full, slope

    def solve(self, watch: Watch) -> NDArray[np.float64] | None:
        """Solve the master, lower the bound; None when time or nodes ran out."""
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + watch.left_s)
        run(self.solver, watch)
        info = self.solver.getInfo()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        is_integer = info.mip_node_count >= 0
        proven = info.mip_dual_bound if is_integer else info.objective_function_value
        self.bound = min(self.bound, self._round_down(proven * self.scale))
        return np.array(self.solver.getSolution().col_value)

    def _round_down(self, bound: float) -> float:
        return float(np.floor(bound + 1e-4)) if self.ask.is_whole else bound

    def linear_rounds(self, watch: Watch) -> None:
        """Cut until the linear program is as tight as this cut makes it."""
        stable, least, stalled = self._shares(self.sites), self.bound, 0
        patience = _STALLED_SMALL if self.cover.rows.nnz <= _WHOLE else _STALLED
        while stalled < patience and not watch.is_over:
            values = self.solve(watch)
            stalled = 0 if self.bound < least * (1 - _FALL) else stalled + 1
            least = self.bound if stalled == 0 else least
            if values is None or self.ask.is_met(self.bound, self.covered):
                return
            shares, promised = values[:-1], values[-1] * self.scale
            stable = _HALF * (stable + shares)  # halfway to what was safe: fewer rounds
            worth = 1e-6 * max(promised, 1.0)
            is_tight = True
            for at in (stable, shares):
                full, slope = self.cut(at)
                is_tight = is_tight and promised - full - float(slope @ shares) <= worth
                if not is_tight:
                    break
            if is_tight:
                return
            watch.tell(0.5, f"bound {self.bound:.6g}, plan {self.covered:.6g}")

    def integer_rounds(self, watch: Watch) -> None:
        """Ask for whole sites, cut at the answer, until it keeps its promise."""
        m = len(self.ask.is_allowed)
        every = np.arange(m, dtype=np.int32)
        kinds = np.full(m, highspy.HighsVarType.kInteger)
        self.solver.changeColsIntegrality(m, every, kinds)
        is_small = self.cover.rows.nnz <= _WHOLE
        if is_small:
            self.solver.setOptionValue("mip_max_nodes", _ROUND_NODES)
        for _ in range(_ROUNDS if is_small else _ROUNDS_LARGE):
            start = highspy.HighsSolution()
            shares = self._shares(self.sites)
            start.col_value = [*shares.tolist(), self.covered / self.scale]
            self.solver.setSolution(start)
            values = self.solve(watch)
            if values is None:
                return
            shares = np.round(values[:m])
            sites = np.flatnonzero(shares > _HALF)
            covered = weight_covered(self.cover, sites)
            if covered > self.covered:
                self.sites, self.covered = sites, covered
            watch.tell(0.8, f"bound {self.bound:.6g}, plan {self.covered:.6g}")
            if self.ask.is_met(self.bound, self.covered):
                return
            full, slope = self.cut(shares)
            if (
                watch.is_over
                or values[m] * self.scale - full - float(slope @ shares) <= 1e-9 * self.bound
            ):
                return

    def try_everything(self, watch: Watch) -> None:
        """Where the bound is all there is, ask whether p sites cover everything: far easier."""
        total, ask = float(self.cover.weight.sum()), self.ask
        is_hopeful = self.bound >= total * (1 - _TINY) and self.covered < total
        if not is_hopeful or len(ask.conflicts) or watch.is_over:
            return
        required = np.flatnonzero(ask.is_required)
        is_left = np.asarray(self.cover.rows[:, required].sum(axis=1)).ravel() == 0
        rows = self.cover.rows[np.flatnonzero(is_left)]
        unit = np.ones(len(ask.is_allowed))
        spare = ask.p - len(required)
        short = Watch(time_limit_s=max(_HALF * watch.left_s, 0.1))
        found = cover_all(sparse.csr_array(rows), unit, watch=short, enough=float(spare))
        if found.cost <= spare:
            self.sites = np.union1d(found.sites, required).astype(np.int64)
            self.covered = self.bound = total
        elif found.bound > spare:
            self.bound = total - float(self.cover.weight.min())  # one class at least is missed

    def solve_whole(self, watch: Watch) -> None:
        """Hand HiGHS sites and classes together, with the best plan to start from."""
        rows, weight, ask = self.cover.rows, self.cover.weight, self.ask
        k, m = rows.shape
        pairs = len(ask.conflicts)
        places = (np.repeat(np.arange(pairs), 2), ask.conflicts.ravel())
        apart = sparse.csr_array((np.ones(2 * pairs), places), shape=(pairs, m + k))
        roles = sparse.hstack([sparse.eye_array(m), sparse.csr_array((m, k))])
        count = sparse.csr_array(np.r_[np.ones(m), np.zeros(k)][None, :])
        serve = sparse.hstack([rows, -sparse.eye_array(k)])
        model = MixedIntegerModel(
            gain=np.r_[np.zeros(m), weight / self.scale],
            rows=sparse.csr_array(sparse.vstack([serve, count, apart, roles])),
            low=np.r_[np.zeros(k + 1 + pairs), ask.is_required.astype(float)],
            high=np.r_[np.full(k, np.inf), float(ask.p), np.ones(pairs), ask.is_allowed],
            n_binary=m,
        )
        shares = self._shares(self.sites)
        start = np.r_[shares, np.minimum(rows @ shares, 1.0)]
        settings = SolverSettings(time_limit_s=max(watch.left_s, 0.1), gap=ask.gap)
        answer = maximise(model, settings=settings, start=start, watch=watch, unit=self.scale)
        sites = np.flatnonzero(answer.values[:m] > _HALF)
        covered = weight_covered(self.cover, sites)
        if covered > self.covered:
            self.sites, self.covered = sites, covered
        self.bound = min(self.bound, self._round_down(answer.bound * self.scale))
