"""Choose sites and allocate points to them within capacities: one sparse model for HiGHS."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise._inputs import Matrix
from siting.optimise._watch import Watch

_HALF, _SMALLEST = 0.5, 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Pairs of demand point and allowed site that may serve it, and what a pair is worth or costs."""

    point: NDArray[np.int64]
    site: NDArray[np.int64]
    value: NDArray[np.float64]

    def only(self, is_kept: NDArray[np.bool_]) -> "Pairs":
        """Return the pairs kept."""
        return Pairs(point=self.point[is_kept], site=self.site[is_kept], value=self.value[is_kept])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What is asked.

    ``value`` of a pair is for all of the point's demand; it is cost where ``must_serve`` (all
    points are served, at least cost with the sites' charges), else gain. ``upgrade`` is what the
    capacity of a site may grow by, at ``upgrade_charge``; ``most_sites`` counts open sites and
    enlargements, of which ``n_required`` are open and not there yet.
    """

    pairs: Pairs
    demand: NDArray[np.float64]
    capacity: NDArray[np.float64]
    charge: NDArray[np.float64]
    upgrade: NDArray[np.float64]
    upgrade_charge: NDArray[np.float64]
    is_open: NDArray[np.bool_]
    is_allowed: NDArray[np.bool_]
    most_sites: float
    must_serve: bool
    is_single: bool
    n_required: int = 0

    @property
    def enlargeable(self) -> NDArray[np.int64]:
        """Sites that may be enlarged."""
        return np.flatnonzero(self.upgrade > 0)

    def is_enlarged(self, load: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which sites these loads enlarge: those that would not do as they are."""
        return (self.upgrade > 0) & (load > self.capacity * (1 + 1e-9) + 1e-12)

    def charges(self, sites: NDArray[np.int64], load: NDArray[np.float64]) -> float:
        """Return what these open sites and their enlargements cost."""
        paid = float(self.charge[sites].sum())
        return paid + float(self.upgrade_charge[self.is_enlarged(load)].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allocated:
    """Open sites, the share of each point at each of them, the value, and the proven bound."""

    sites: NDArray[np.int64]
    shares: sparse.csr_array
    value: float
    bound: float
    is_proven: bool


def reachable_pairs(
    cost: Matrix, weight: NDArray[np.float64], is_allowed: NDArray[np.bool_]
) -> Pairs:
    """Return the pairs of finite cost with an allowed site, weighted."""
    if sparse.issparse(cost):
        stored = sparse.coo_array(cost)
        (point, site), value = stored.coords, stored.data
    else:
        point, site = np.nonzero(np.isfinite(cost))
        value = np.asarray(cost)[point, site]
    kept = is_allowed[site]
    point, site = point[kept].astype(np.int64), site[kept].astype(np.int64)
    order = np.lexsort((site, point))
    point, site, value = point[order], site[order], value[kept][order]
    return Pairs(point=point, site=site, value=value * weight[point])


def allocate_best(
    question: Question,
    *,
    settings: SolverSettings,
    plan: NDArray[np.int64] | None,
    where: str,
    watch: Watch | None = None,
) -> Allocated:
    """Solve to the gap asked for.

    Parameters
    ----------
    question
        What is asked.
    settings
        Time and gap.
    plan
        A feasible allocation ``(n_demand,)`` to start from, -1 for none; or None.
    where
        The model, for the error.
    watch
        Whom to tell of progress.

    Returns
    -------
    Allocated
        Plan and bound in the unit of the values.

    Raises
    ------
    ModelError
        If there is no plan, or none was found in time.
    """
    pairs, m = question.pairs, len(question.capacity)
    ups = question.enlargeable
    fees = np.r_[question.charge, question.upgrade_charge[ups]]
    scale = float(fees.sum() + pairs.value.max(initial=0.0) * len(question.demand)) or 1.0
    sign = -1.0 if question.must_serve else 1.0
    model = allocation_model(question, np.r_[-fees, sign * pairs.value] / scale)
    start = None if plan is None else _start(question, plan)
    answer = maximise(model, settings=settings, start=start, watch=watch, unit=sign * scale)
    if start is None and not (answer.is_proven or _is_kept(model, answer.values)):
        raise ModelError(
            Problem(
                where=where,
                what="no plan was found in the time given",
                got=f"{settings.time_limit_s:g} s",
                mend="Give more time, more sites or more capacity.",
            )
        )
    is_open = answer.values[:m] > _HALF
    share = answer.values[m + len(ups) :] * is_open[pairs.site]
    share = np.round(share) if question.is_single else np.where(share > _SMALLEST, share, 0.0)
    shares = sparse.csr_array((share, (pairs.point, pairs.site)), shape=(len(question.demand), m))
    shares.eliminate_zeros()
    sites = np.flatnonzero(is_open)
    value = float((share * pairs.value).sum())
    if question.must_serve:
        value += question.charges(sites, np.asarray(shares.T @ question.demand).ravel())
    return Allocated(
        sites=sites,
        shares=shares,
        value=value,
        bound=sign * answer.bound * scale,
        is_proven=answer.is_proven,
    )


def fill(question: Question, sites: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Allocate whole points to these sites, the largest demand first to the best site with room.

    None where a point that must be served finds no room.
    """
    pairs, n = question.pairs, len(question.demand)
    table = sparse.csr_array(
        (np.arange(1, len(pairs.point) + 1), (pairs.point, pairs.site)),
        shape=(n, len(question.capacity)),
    )
    room = np.zeros(len(question.capacity))
    may_grow = question.most_sites >= len(room) + len(question.enlargeable)
    room[sites] = question.capacity[sites] + may_grow * question.upgrade[sites]
    at = np.full(n, -1, dtype=np.int64)
    sign = 1.0 if question.must_serve else -1.0
    for i in np.argsort(-question.demand, kind="stable"):
        mine = table.data[table.indptr[i] : table.indptr[i + 1]] - 1
        fits = mine[room[pairs.site[mine]] >= question.demand[i] * (1 + 1e-12)]
        if len(fits):
            best = fits[np.argmin(sign * pairs.value[fits])]
            at[i] = pairs.site[best]
            room[at[i]] -= question.demand[i]
        elif question.must_serve:
            return None
    return at


def allocation_model(question: Question, gain: NDArray[np.float64]) -> MixedIntegerModel:
    """Return the model over open sites, enlargements and shares of pairs, in this order."""
    pairs, m, n = question.pairs, len(question.capacity), len(question.demand)
    ups, k = question.enlargeable, len(pairs.point)
    h = m + len(ups)
    every, sites = np.arange(k), np.arange(m)
    serve = sparse.csr_array((np.ones(k), (pairs.point, h + every)), shape=(n, h + k))
    unit, total = max(float(question.demand.max()), 1e-12), question.demand.sum()
    limit = np.minimum(question.capacity, total) / unit
    grown = np.minimum(question.capacity + question.upgrade, total) / unit
    load = sparse.csr_array(
        (
            np.r_[-limit, (limit - grown)[ups], question.demand[pairs.point] / unit],
            (np.r_[sites, ups, pairs.site], np.r_[sites, np.arange(m, h), h + every]),
        ),
        shape=(m, h + k),
    )
    tie = sparse.csr_array(
        (np.r_[np.ones(k), -np.ones(k)], (np.r_[every, every], np.r_[h + every, pairs.site])),
        shape=(k, h + k),
    )
    count = sparse.csr_array((np.ones(h), (np.zeros(h, int), np.arange(h))), shape=(1, h + k))
    opened = sparse.csr_array((np.ones(m), (sites, sites)), shape=(m, h + k))
    must = 1.0 if question.must_serve else 0.0
    return MixedIntegerModel(
        gain=gain,
        rows=sparse.csr_array(sparse.vstack([serve, load, tie, count, opened])),
        low=np.r_[np.full(n, must), np.full(m + k, -np.inf), 0.0, question.is_open.astype(float)],
        high=np.r_[
            np.ones(n), np.zeros(m + k), question.most_sites, question.is_allowed.astype(float)
        ],
        n_binary=h + k if question.is_single else h,
    )


def _start(question: Question, plan: NDArray[np.int64]) -> NDArray[np.float64]:
    is_open, served = question.is_open.copy(), plan >= 0
    is_open[plan[served]] = True
    chosen = plan[question.pairs.point] == question.pairs.site
    load = np.bincount(
        plan[served], weights=question.demand[served], minlength=len(is_open)
    ).astype(float)
    grown = question.is_enlarged(load)[question.enlargeable]
    return np.concatenate([is_open, grown, chosen]).astype(float)


def _is_kept(model: MixedIntegerModel, values: NDArray[np.float64]) -> bool:
    if len(values) != len(model.gain) or not len(values):
        return False
    rows = model.rows @ values
    return bool((rows >= model.low - 1e-6).all() and (rows <= model.high + 1e-6).all())
