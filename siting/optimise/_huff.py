"""The most demand under Huff shares: tangents of each point's share, until the answer keeps them.

A point that sees our pull u beside the competitors' r turns to us with the share u / (u + r),
which is concave in u and u is linear in the sites. Every tangent bounds the share from above, so
linear and integer rounds with tangents at their own answers close in on the best plan (Ljubić and
Moreno 2018, Outer approximation and submodular cuts for maximum capture).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.model import SolverSettings
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise._watch import Watch
from siting.optimise.roles import Roles

_HALF, _ROUNDING, _CUT_WORTH, _LEAST_S = 0.5, 1e-7, 1e-9, 0.1
_LINEAR_ROUNDS = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shared:
    """Points within our reach: our pull on each in units of the competitors', and its weight.

    ``has_rival`` tells where there are competitors at all; elsewhere ``pull`` is 1 a site and one
    site takes the whole point.
    """

    pull: sparse.csr_array
    weight: NDArray[np.float64]
    has_rival: NDArray[np.bool_]

    def share(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of each point that open shares of sites bring us."""
        u = self.pull @ x
        return np.asarray(np.where(self.has_rival, u / (1.0 + u), np.minimum(u, 1.0)))

    def worth(self, sites: NDArray[np.int64]) -> float:
        """Return the demand that turns to these sites."""
        x = np.zeros(self.pull.shape[1])
        x[sites] = 1.0
        return float(self.share(x) @ self.weight)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Won:
    """Sites, the demand that turns to them, the proven most, and the tangents that took."""

    sites: NDArray[np.int64]
    worth: float
    bound: float
    cuts: int


def shared_points(pull: sparse.csr_array, demand: NDArray[np.float64], role: Roles) -> Shared:
    """Keep the points that a site of ours may win, and measure our pull by the competitors'."""
    rival = np.asarray(pull[:, np.flatnonzero(role.is_competitor)].sum(axis=1)).ravel()
    entries = sparse.coo_array(pull)
    row, column = entries.coords
    kept = role.is_allowed[column] & (demand[row] > 0)
    row, column = row[kept], column[kept]
    relative = np.where(rival[row] > 0, entries.data[kept] / np.maximum(rival[row], 1e-300), 1.0)
    table = sparse.csr_array((relative, (row, column)), shape=pull.shape)
    useful = np.flatnonzero(np.diff(table.indptr) > 0)
    return Shared(
        pull=sparse.csr_array(table[useful]), weight=demand[useful], has_rival=rival[useful] > 0
    )


def win_most(
    shared: Shared, role: Roles, p: int, *, conflicts: NDArray[np.int64], gap: float, watch: Watch
) -> Won:
    """Choose at most p sites, those kept open included, to whom the most demand turns."""
    work = _Work(shared, role, p, conflicts)
    with watch.interruptible():
        work.run(gap, watch)
    return Won(
        sites=work.sites, worth=work.worth, bound=max(work.bound, work.worth), cuts=work.n_cuts
    )


class _Work:
    """Tangents so far, and the best plan."""

    def __init__(self, shared: Shared, role: Roles, p: int, conflicts: NDArray[np.int64]) -> None:
        self.shared, self.role, self.p, self.conflicts = shared, role, p, conflicts
        self.scale = float(shared.weight.sum()) or 1.0
        self.bound = float(shared.weight.sum())
        self.point: list[NDArray[np.int64]] = []
        self.slope: list[NDArray[np.float64]] = []
        self.level: list[NDArray[np.float64]] = []
        self.n_cuts = 0
        self.sites = self._greedy()
        self.worth = shared.worth(self.sites)

    def run(self, gap: float, watch: Watch) -> None:
        """Tangents at linear answers first, then at whole ones, until one keeps its promise."""
        self._cut(self._open(self.sites))
        is_whole, rounds = False, 0
        while not watch.is_over:
            promised, x, bound = self._solve(gap, watch, is_whole=is_whole)
            self.bound = min(self.bound, bound)
            if is_whole:
                self._keep(np.flatnonzero(x > _HALF))
            rounds += 1
            watch.tell(0.5, f"round {rounds}: bound {self.bound:.6g}, plan {self.worth:.6g}")
            if self.bound - self.worth <= max(gap, _ROUNDING) * self.bound:
                return
            added = self._cut(np.round(x) if is_whole else x, promised)
            if is_whole and not added:
                return
            is_whole = is_whole or not added or rounds >= _LINEAR_ROUNDS

    def _keep(self, sites: NDArray[np.int64]) -> None:
        worth = self.shared.worth(sites)
        if worth > self.worth:
            self.sites, self.worth = sites, worth

    def _open(self, sites: NDArray[np.int64]) -> NDArray[np.float64]:
        x = np.zeros(self.shared.pull.shape[1])
        x[sites] = 1.0
        return x

    def _cut(self, x: NDArray[np.float64], promised: NDArray[np.float64] | None = None) -> int:
        """Add the tangents at x that the promised shares break; return how many."""
        u, has = self.shared.pull @ x, self.shared.has_rival
        share = self.shared.share(x)
        limit = np.full(len(u), -np.inf) if promised is None else share + _CUT_WORTH
        asked = np.full(len(u), np.inf) if promised is None else promised
        at = np.flatnonzero(has & (asked > limit))
        slope = 1.0 / (1.0 + u[at]) ** 2
        self.point.append(at)
        self.slope.append(slope)
        self.level.append(share[at] - slope * u[at])
        self.n_cuts += len(at)
        return len(at)

    def _solve(
        self, gap: float, watch: Watch, *, is_whole: bool
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """Return promised shares, sites and the bound of the model with the tangents so far."""
        model, m = self._model(is_whole=is_whole), self.shared.pull.shape[1]
        x = self._open(self.sites)
        start = np.r_[x, self.shared.share(x)] if is_whole else None
        settings = SolverSettings(time_limit_s=max(watch.left_s, _LEAST_S), gap=gap * _HALF)
        answer = maximise(model, settings=settings, start=start, watch=watch, unit=self.scale)
        if not is_whole and not answer.is_proven:
            return np.zeros(len(self.shared.weight)), x, np.inf
        return answer.values[m:], answer.values[:m], answer.bound * self.scale

    def _model(self, *, is_whole: bool) -> MixedIntegerModel:
        shared, role = self.shared, self.role
        k, m = shared.pull.shape
        tangents, level = self._tangents()
        # What each site would win alone, added up: no sites win more together.
        alone = sparse.csr_array(shared.pull, copy=True)
        has = np.repeat(shared.has_rival, np.diff(alone.indptr))
        alone.data = np.where(has, alone.data / (1.0 + alone.data), alone.data)
        serve = sparse.hstack([alone, -sparse.eye_array(k)])
        pairs = len(self.conflicts)
        places = (np.repeat(np.arange(pairs), 2), self.conflicts.ravel())
        apart = sparse.csr_array((np.ones(2 * pairs), places), shape=(pairs, m + k))
        count = sparse.csr_array(np.r_[np.ones(m), np.zeros(k)][None, :])
        roles = sparse.hstack([sparse.eye_array(m), sparse.csr_array((m, k))])
        rows = [tangents, serve, count, apart, roles]
        return MixedIntegerModel(
            gain=np.r_[np.zeros(m), shared.weight / self.scale],
            rows=sparse.csr_array(sparse.vstack(rows)),
            low=np.r_[-level, np.zeros(k + 1 + pairs), role.is_kept_open.astype(float)],
            high=np.r_[
                np.full(len(level) + k, np.inf),
                float(self.p),
                np.ones(pairs),
                role.is_allowed.astype(float),
            ],
            n_binary=m if is_whole else 0,
        )

    def _tangents(self) -> tuple[sparse.csr_array, NDArray[np.float64]]:
        """Return ``slope · u − share`` of all tangents as rows, and their levels.

        A site that lifts the tangent to 1 or more by itself need not lift it further.
        """
        k = self.shared.pull.shape[0]
        point, slope = np.concatenate(self.point), np.concatenate(self.slope)
        level = np.concatenate(self.level)
        lifts = sparse.csr_array(self.shared.pull[point], copy=True)
        size = np.diff(lifts.indptr)
        lifts.data = np.minimum(lifts.data * np.repeat(slope, size), np.repeat(1.0 - level, size))
        picks = sparse.csr_array(
            (np.ones(len(point)), (np.arange(len(point)), point)), shape=(len(point), k)
        )
        return sparse.csr_array(sparse.hstack([lifts, -picks])), level

    def _greedy(self) -> NDArray[np.int64]:
        """Add the site that brings most, while there is room; a start, no proof."""
        shared, m = self.shared, self.shared.pull.shape[1]
        entries = sparse.coo_array(shared.pull)
        row, column = entries.coords
        x = self.role.is_kept_open.astype(float)
        free = self.role.is_allowed & ~self.role.is_kept_open
        while x.sum() < self.p:
            for first, second in self.conflicts:
                free[first] &= x[second] < _HALF
                free[second] &= x[first] < _HALF
            u = shared.pull @ x
            more = u[row] + entries.data
            share = np.where(shared.has_rival[row], more / (1.0 + more), np.minimum(more, 1.0))
            gain = (share - shared.share(x)[row]) * shared.weight[row]
            score = np.where(free, np.bincount(column, weights=gain, minlength=m), -1.0)
            j = int(score.argmax()) if m else -1
            if j < 0 or score[j] <= 0:
                break
            x[j], free[j] = 1.0, False
        return np.flatnonzero(x > _HALF)
