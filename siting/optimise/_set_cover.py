"""Cover every class with the cheapest sites: reductions, greedy, linear bound, then HiGHS."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.model import SolverSettings
from siting.optimise._cover import dominated_rows, dominated_sites, greedy_cover, keep_sites, merge
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise._inputs import is_whole
from siting.optimise._interchange import Quota
from siting.optimise._watch import Watch
from siting.optimise.roles import Roles

_HALF, _ROUNDING, _LEAST_S = 0.5, 1e-6, 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covering:
    """Sites that cover all rows, their proven least cost, and what was left after reduction."""

    sites: NDArray[np.int64]
    cost: float
    bound: float
    is_proven: bool
    n_rows: int
    n_sites: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Core:
    """What reduction leaves: rows and columns still to decide, and the sites that are certain."""

    rows: sparse.csr_array
    columns: NDArray[np.int64]
    taken: NDArray[np.int64]


def cover_all(
    rows: sparse.csr_array,
    cost: NDArray[np.float64],
    *,
    watch: Watch,
    gap: float = 0.0,
    enough: float | None = None,
) -> Covering:
    """Return the cheapest sites that cover every row.

    Parameters
    ----------
    rows
        ``(n_classes, n_sites)`` of ones; every row has one at least.
    cost
        ``(n_sites,)``, ≥ 0.
    watch
        Time left.
    gap
        Relative gap that counts as proven.
    enough
        Stop as soon as a cover at this cost is found, or none can exist.

    Returns
    -------
    Covering
        Cover and bound; with ``enough`` not necessarily the cheapest.
    """
    core = _reduce(rows, cost)
    certain = float(cost[core.taken].sum())
    price = cost[core.columns]
    picked = greedy_cover(core.rows, price)
    plan = _Plan(core, picked, certain + float(price[picked].sum()), certain, watch.is_over)
    is_unit = is_whole(cost)
    if not core.rows.shape[0] or (enough is not None and plan.cost <= enough + _ROUNDING):
        return plan.answer(bound=plan.cost if not core.rows.shape[0] else certain)
    settings = SolverSettings(time_limit_s=max(watch.left_s, _LEAST_S), gap=gap)
    linear = maximise(_model(core.rows, price, 0), settings=settings, start=None, watch=watch)
    scale = float(price.max()) or 1.0
    # Out of time the linear program proves nothing; costs are ≥ 0 all the same.
    bound = certain + (_up(-linear.bound * scale, is_unit) if linear.is_proven else 0.0)
    is_hopeless = enough is not None and bound > enough + _ROUNDING
    if is_hopeless or bound >= plan.cost - _ROUNDING or watch.is_over:
        return plan.answer(bound=min(bound, plan.cost))
    settings = SolverSettings(time_limit_s=max(watch.left_s, _LEAST_S), gap=gap)
    start = np.zeros(len(price))
    start[picked] = 1.0
    model = _model(core.rows, price, len(price))
    found = maximise(model, settings=settings, start=start, watch=watch, unit=-scale)
    picked = np.flatnonzero(found.values > _HALF)
    plan = _Plan(core, picked, certain + float(price[picked].sum()), certain, found.is_proven)
    proven = certain + _up(-found.bound * scale, is_unit) if np.isfinite(found.bound) else bound
    return plan.answer(bound=min(max(bound, proven), plan.cost))


def fewest_sites(
    covers: sparse.csr_array,
    is_asking: NDArray[np.bool_],
    role: Roles,
    *,
    p: int | None,
    watch: Watch,
    quota: Quota | None = None,
) -> Covering:
    """Return at most p new sites that cover the points asking, if there are so few.

    Sites that are open anyway come first; required ones count. The cost of the answer is the
    number of new sites, infinite where a point can be covered by none. With p of None it is the
    fewest there can be.
    """
    is_open, m = role.is_kept_open, covers.shape[1]
    is_left = is_asking & (np.asarray(covers[:, np.flatnonzero(is_open)].sum(axis=1)).ravel() == 0)
    classes = merge(keep_sites(covers, role.is_allowed & ~is_open), is_left.astype(float))
    new = int((is_open & ~role.is_existing).sum())
    if quota is None:
        enough = None if p is None else float(p - new)
        found = cover_all(classes.rows, np.ones(m), watch=watch, enough=enough)
    else:
        is_free, owed = role.is_allowed & ~is_open, quota.after(is_open)
        found = cover_quota(classes.rows, np.ones(m), owed, is_free, watch=watch)
    is_hopeless = bool((classes.into[is_left] < 0).any())
    return replace(
        found,
        cost=np.inf if is_hopeless else found.cost + new,
        bound=np.inf if is_hopeless else found.bound + new,
    )


def smallest_p(
    covers: sparse.csr_array,
    is_asking: NDArray[np.bool_],
    role: Roles,
    *,
    watch: Watch,
    quota: Quota | None = None,
) -> str:
    """Say how many new sites would cover the points asking, or, short of time, how many at least."""
    found = fewest_sites(covers, is_asking, role, p=None, watch=watch, quota=quota)
    return f"at least {found.bound:g}"


def cover_quota(
    rows: sparse.csr_array,
    cost: NDArray[np.float64],
    quota: Quota,
    is_free: NDArray[np.bool_],
    *,
    watch: Watch,
    gap: float = 0.0,
) -> Covering:
    """Return the cheapest free sites that cover every row and give districts what they are owed.

    No site is dominated here, since its district may need it.
    """
    free = np.flatnonzero(is_free)
    price, of = cost[free], quota.district[free]
    table = sparse.csr_array(rows[:, free])
    chosen = np.zeros(len(free), dtype=bool)
    chosen[greedy_cover(table, price)] = True
    for k in np.argsort(price, kind="stable"):  # a start that keeps the quota: the cheapest first
        chosen[k] |= (of[chosen] == of[k]).sum() < quota.least[of[k]]
    member = sparse.csr_array(
        (np.ones(len(free)), (of, np.arange(len(free)))), shape=(len(quota.least), len(free))
    )
    scale = float(price.max(initial=0.0)) or 1.0
    model = MixedIntegerModel(
        gain=-price / scale,
        rows=sparse.csr_array(sparse.vstack([table, member])),
        low=np.r_[np.ones(table.shape[0]), quota.least.astype(float)],
        high=np.full(table.shape[0] + len(quota.least), np.inf),
        n_binary=len(free),
    )
    settings = SolverSettings(time_limit_s=max(watch.left_s, _LEAST_S), gap=gap)
    found = maximise(
        model, settings=settings, start=chosen.astype(float), watch=watch, unit=-scale
    )
    picked = np.flatnonzero(found.values > _HALF)
    total = float(price[picked].sum())
    proven = _up(-found.bound * scale, is_whole(price)) if np.isfinite(found.bound) else 0.0
    return Covering(
        sites=free[picked],
        cost=total,
        bound=min(max(proven, 0.0), total),
        is_proven=found.is_proven,
        n_rows=table.shape[0],
        n_sites=len(free),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    core: _Core
    picked: NDArray[np.int64]
    cost: float
    certain: float
    is_proven: bool

    def answer(self, *, bound: float) -> Covering:
        sites = np.sort(np.r_[self.core.taken, self.core.columns[self.picked]])
        return Covering(
            sites=sites,
            cost=self.cost,
            bound=bound,
            is_proven=self.is_proven or bound >= self.cost - _ROUNDING,
            n_rows=self.core.rows.shape[0],
            n_sites=len(self.core.columns),
        )


def _reduce(rows: sparse.csr_array, cost: NDArray[np.float64]) -> _Core:
    """Take what is certain, drop what is dominated, until nothing changes."""
    taken = np.zeros(rows.shape[1], dtype=bool)
    nobody = np.zeros(rows.shape[1], dtype=bool)
    while rows.shape[0]:
        gone = dominated_sites(rows, cost, nobody)
        rows = keep_sites(rows, ~gone)
        single = np.flatnonzero(np.diff(rows.indptr) == 1)
        essential = np.unique(rows.indices[rows.indptr[single]])
        taken[essential] = True
        left = np.asarray(rows[:, essential].sum(axis=1)).ravel() == 0
        left &= ~dominated_rows(rows)
        if left.all():
            break
        rows = rows[np.flatnonzero(left)]
    columns = np.unique(rows.indices).astype(np.int64)
    return _Core(
        rows=sparse.csr_array(rows[:, columns]),
        columns=columns,
        taken=np.flatnonzero(taken),
    )


def _model(rows: sparse.csr_array, price: NDArray[np.float64], n_binary: int) -> MixedIntegerModel:
    n = rows.shape[0]
    return MixedIntegerModel(
        gain=-price / (float(price.max()) or 1.0),
        rows=rows,
        low=np.ones(n),
        high=np.full(n, np.inf),
        n_binary=n_binary,
    )


def _up(bound: float, is_unit: bool) -> float:  # noqa: FBT001 - a property of the costs
    return float(np.ceil(bound - _ROUNDING)) if is_unit else bound
