"""Backup coverage: demand that keeps a site within reach when one of them fails."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import Progress, SolveStatus
from siting.optimise import evaluate
from siting.optimise._cover import Cover, keep_sites, merge
from siting.optimise._highs import Answer, MixedIntegerModel, maximise
from siting.optimise._inputs import read_cover
from siting.optimise._opening import Ends, open_question
from siting.optimise._set_cover import fewest_sites, smallest_p
from siting.optimise._watch import Watch
from siting.optimise.mclp import mclp
from siting.optimise.problem import Solution
from siting.optimise.roles import Roles, SiteRole

_WHERE, _HALF = "backup_coverage", 0.5


def backup_coverage(
    covers: object,
    demand: ArrayLike,
    p: int,
    *,
    backup_share: float = 0.5,
    cover_all_once: bool = False,
    roles: ArrayLike | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose at most p sites for the most demand covered once and covered twice, as weighed.

    Parameters
    ----------
    covers
        ``(n_demand, n_sites)``, dense or scipy.sparse: not zero where the site covers the point.
    demand
        ``(n_demand,)``, ≥ 0.
    p
        Number of sites besides existing ones.
    backup_share
        Weight of demand covered twice, [0, 1]; demand covered at all has the rest.
    cover_all_once
        Whether every point that has demand must be covered once.
    roles
        ``(n_sites,)`` of ``SiteRole``.
    time_limit_s
        Wall seconds, > 0.
    gap
        Relative gap that counts as optimal, [0, 1).
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is ``(1 − backup_share) · once + backup_share · twice``; the two are in
        ``facts``.

    Raises
    ------
    ModelError
        On bad input, or if p sites cannot cover everyone once where that is asked.

    References
    ----------
    Hogan and ReVelle (1986), Concepts and applications of backup coverage (BACOP1, BACOP2).
    """
    opened = open_question(
        read_cover,
        covers,
        demand,
        roles,
        where=_WHERE,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
    )
    matrix, amount, role, watch = opened.matrix, opened.demand, opened.role, opened.watch
    (n, m), most = opened.shape, opened.count(p)
    _require_share(backup_share)
    classes = merge(keep_sites(matrix, role.is_allowed), amount)
    if cover_all_once:
        _check_once(matrix, amount, role, p, watch)
    once_worth, twice_worth = (1.0 - backup_share), backup_share
    scale = float(amount.sum())
    gain = np.r_[np.zeros(m), twice_worth * classes.weight, once_worth * classes.weight]
    model = _model(classes, role, most, gain / scale, must_cover=cover_all_once)
    start = None if cover_all_once else _start(classes, role, p, m)
    answer = maximise(model, settings=opened.settings, start=start, watch=watch, unit=scale)
    claimed = float(gain @ answer.values)
    found = _certified(matrix, amount, answer, claimed, backup_share)
    evaluate.certify_sites(_WHERE, found.sites, role.is_kept_open, role.is_allowed)
    evaluate.certify_at_most(_WHERE, "p", float(len(found.sites)), float(most))
    if cover_all_once:
        evaluate.certify(_WHERE, float(amount.sum()), found.facts["demand_once"])
    bound = max(min(answer.bound * scale, scale), found.objective)
    return replace(
        found,
        bound=found.objective if answer.is_proven and gap == 0 else bound,
        seconds=watch.spent_s,
        reduced={"points": float(n), "classes": float(len(classes.weight))},
    )


def _require_share(backup_share: float) -> None:
    if not 0 <= backup_share <= 1:
        raise ModelError(
            Problem(where=f"{_WHERE}, backup_share", what="not a share", got=str(backup_share))
        )


def _certified(
    matrix: sparse.csr_array,
    amount: NDArray[np.float64],
    answer: Answer,
    claimed: float,
    backup_share: float,
) -> Solution:
    """Count again what the sites cover once and twice."""
    sites = np.flatnonzero(answer.values[: matrix.shape[1]] > _HALF)
    once = evaluate.covered_demand(matrix, amount, sites)
    twice = evaluate.covered_demand(matrix, amount, sites, times=2)
    worth = (1.0 - backup_share) * once + backup_share * twice
    evaluate.certify(_WHERE, claimed, worth)
    total = float(amount.sum())
    return Solution(
        sites=sites,
        objective=worth,
        bound=worth,
        status=SolveStatus.OPTIMAL if answer.is_proven else SolveStatus.TIME_LIMIT,
        seconds=0.0,
        facts={
            "demand_once": once,
            "demand_twice": twice,
            "coverage_share": once / total,
            "backup_coverage_share": twice / total,
        },
        allocation=evaluate.first_covering(matrix, sites),
    )


def _check_once(
    matrix: sparse.csr_array, amount: NDArray[np.float64], role: Roles, p: int, watch: Watch
) -> None:
    allowed = keep_sites(matrix, role.is_allowed)
    missed = np.flatnonzero((np.diff(allowed.indptr) == 0) & (amount > 0))
    found = fewest_sites(matrix, amount > 0, role, p=p, watch=watch)
    if found.cost > p:
        points = ", ".join(map(str, missed[:5]))
        raise ModelError(
            Problem(
                where=_WHERE,
                what="not every point can be covered once",
                got=f"points {points} that no allowed site covers" if len(missed) else f"p = {p}",
                expected=""
                if len(missed)
                else f"p of {smallest_p(matrix, amount > 0, role, watch=watch)}",
                mend="Raise p, widen the reach, or do not ask for cover_all_once.",
            )
        )


def _model(
    classes: Cover, role: Roles, most: int, gain: NDArray[np.float64], *, must_cover: bool
) -> MixedIntegerModel:
    k, m = classes.rows.shape
    nothing = sparse.csr_array((k, k))
    is_twice_dearer = bool((gain[m : m + k] > gain[m + k :]).any())
    each = sparse.eye_array(k)
    # Σ x ≥ once + twice, twice ≤ once: the second cover counts only after the first. Where it
    # is worth more than the first, half of each would pay, so it must be whole.
    serve = sparse.hstack([classes.rows, -each, -each])
    order = sparse.hstack([sparse.csr_array((k, m)), -each, each])
    first = sparse.hstack([sparse.csr_array((k, m)), nothing, each])
    count = sparse.csr_array(np.r_[np.ones(m), np.zeros(2 * k)][None, :])
    opened = sparse.hstack([sparse.eye_array(m), sparse.csr_array((m, 2 * k))])
    return MixedIntegerModel(
        gain=gain,
        rows=sparse.csr_array(sparse.vstack([serve, order, first, count, opened])),
        low=np.r_[
            np.zeros(2 * k), np.full(k, float(must_cover)), 0.0, role.is_kept_open.astype(float)
        ],
        high=np.r_[np.full(2 * k, np.inf), np.ones(k), float(most), role.is_allowed.astype(float)],
        n_binary=m + k if is_twice_dearer else m,
    )


def _start(classes: Cover, role: Roles, p: int, m: int) -> NDArray[np.float64]:
    if not len(classes.weight):
        return role.is_kept_open.astype(float)
    roles = np.where(role.is_existing, int(SiteRole.EXISTING), 0)
    roles[role.is_kept_open & ~role.is_existing] = int(SiteRole.REQUIRED)
    roles[~role.is_allowed] = int(SiteRole.FORBIDDEN)
    first = mclp(classes.rows, classes.weight, p, roles=roles, time_limit_s=1.0)
    x = np.zeros(m)
    x[first.sites] = 1.0
    times = classes.rows @ x
    return np.concatenate([x, (times > 1).astype(float), (times > 0).astype(float)])
