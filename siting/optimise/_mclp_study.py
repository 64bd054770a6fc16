"""Maximal covering for a study: the most demand, and of equal plans the best-scored.

Demand points that the same candidates cover are merged first; the merge is exact and makes the
size of the model depend on the candidates, not on the demand.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings, SolveStatus
from siting.optimise._highs import Answer, MixedIntegerModel, maximise
from siting.optimise.problem import SitingProblem, Solution

_ROUNDING = 1e-9
"""Plans whose coverage differs by less than this share of all demand count as equal."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """Classes of demand after merging: which candidates cover each, and its share of demand.

    ``counts`` is 1 for candidates that count towards p and 0 for existing ones; ``kept`` are in
    every plan.
    """

    covers: sparse.csr_array
    share: NDArray[np.float64]
    counts: NDArray[np.float64]
    kept: NDArray[np.bool_]


def plan_mclp(
    problem: SitingProblem,
    *,
    settings: SolverSettings,
    sites: int,
    score_tolerance_share: float = 0.0,
    spacing_minutes: float = 0.0,
) -> Solution:
    """Choose at most p sites that cover the most demand within the service radius.

    Two exact solves: the first finds and proves the most demand that can be covered; the second
    finds, among all plans that give up at most ``score_tolerance_share`` of it, the one whose
    sites score highest together.

    Parameters
    ----------
    problem
        Times, demand and scores.
    settings
        Time limit of each solve and relative gap.
    sites
        p, 1 … n_candidates.
    score_tolerance_share
        Share of the best coverage that may be given up for better-scored sites, [0, 1).
    spacing_minutes
        Two sites are at least this far apart by road, ≥ 0; 0 is no limit.

    Returns
    -------
    Solution
        ``objective`` is the demand covered, ``bound`` the most that can be covered.

    Raises
    ------
    ModelError
        If p or the tolerance is out of range, or demand is negative or not a number.

    References
    ----------
    Church and ReVelle (1974), The maximal covering location problem.
    """
    started = time.perf_counter()
    n = len(problem.candidate_ids)
    _check(problem, sites, score_tolerance_share)
    total = math.fsum(problem.demand)
    is_covering = problem.times_min <= problem.service_min
    cover = merge(is_covering, problem.demand / (total or 1.0), problem)
    apart = conflicts(problem, spacing_minutes)
    start = _with_cover(cover, _greedy(cover, sites, apart))
    best = maximise(_model(cover, sites, apart), settings=settings, start=start)
    most = _covered(cover, _sites(best, n))
    floor = most * (1.0 - score_tolerance_share)
    second = _rescore(cover, apart, problem.scores, sites, floor)
    chosen = maximise(second, settings=settings, start=_with_cover(cover, _sites(best, n)))
    at = _sites(chosen, n)
    _certify(_covered(cover, at), floor)
    served = math.fsum(problem.demand[is_covering[:, at].any(axis=1)])
    return Solution(
        sites=at,
        objective=served,
        bound=max(served, min(best.bound, _most_at_best(cover, sites)) * total),
        status=_status(best, chosen),
        seconds=time.perf_counter() - started,
        facts={
            "sites_asked": float(sites),
            "sites_existing": float(problem.existing.sum()),
            "sites_required": float((problem.kept_open & ~problem.existing).sum()),
            "service_min": problem.service_min,
            "best_coverage_share": most,
            "coverage_share": _covered(cover, at),
            "score_tolerance_share": score_tolerance_share,
            "demand_total": total,
            "demand_classes": float(len(cover.share)),
        },
    )


def _check(problem: SitingProblem, sites: int, score_tolerance_share: float) -> None:
    check_number(problem, sites)
    if not (np.isfinite(problem.demand).all() and (problem.demand >= 0).all()):
        raise ModelError(
            Problem(where="mclp, demand", what="negative or not a number", expected="numbers ≥ 0")
        )
    if not 0 <= score_tolerance_share < 1:
        raise ModelError(
            Problem(
                where="mclp, score_tolerance_share",
                what="not a share that can be given up",
                got=str(score_tolerance_share),
                expected="0 ≤ share < 1",
                mend="Correct [model.params] score_tolerance_share; 0.01 is 1 %.",
            )
        )


def check_number(problem: SitingProblem, sites: int, *, where: str = "mclp") -> None:
    """Refuse a number of sites that the candidates or the required sites do not allow."""
    n = int((~problem.existing).sum())
    if not 1 <= sites <= n:
        what = "more sites asked than candidates are left" if n else "no candidate is left"
        raise ModelError(
            Problem(
                where=f"{where}, sites",
                what="fewer than one site asked" if n and sites < 1 else what,
                got=str(sites),
                expected=f"1 to {n}",
                mend="Lower [model.params] sites, or bring more candidates that pass the rules.",
            )
        )
    required = int((problem.kept_open & ~problem.existing).sum())
    if required > sites:
        raise ModelError(
            Problem(
                where=f"{where}, sites",
                what="more sites are required than asked for",
                got=f"{required} required",
                expected=f"at most {sites}",
                mend="Raise [model.params] sites, or require fewer.",
            )
        )


def merge(
    is_covering: NDArray[np.bool_], share: NDArray[np.float64], problem: SitingProblem
) -> Cover:
    """Merge demand points with the same covering candidates; drop those without any."""
    is_useful = is_covering.any(axis=1) & (share > 0)
    packed = np.packbits(is_covering[is_useful], axis=1)
    _, first, into = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    # Correctly rounded sums: the same model, and so the same plan, whatever the order of demand.
    ordered = share[is_useful][np.argsort(into.ravel(), kind="stable")]
    ends = np.cumsum(np.bincount(into.ravel(), minlength=len(first)))[:-1]
    merged = [math.fsum(part) for part in np.split(ordered, ends)] if len(first) else []
    return Cover(
        covers=sparse.csr_array(is_covering[is_useful][first].astype(float)),
        share=np.array(merged, dtype=float),
        counts=np.where(problem.existing, 0.0, 1.0),
        kept=problem.kept_open,
    )


def conflicts(problem: SitingProblem, spacing: float) -> NDArray[np.int64]:
    """Return pairs (i < j) of candidates nearer to each other than the spacing, ``(n, 2)``.

    Sites that are in every plan anyway are never in conflict with each other: the planner's word.
    """
    if spacing <= 0:
        return np.empty((0, 2), dtype=np.int64)
    near = np.fmin(problem.site_times_min, problem.site_times_min.T) < spacing
    near &= ~np.logical_and.outer(problem.kept_open, problem.kept_open)
    return np.argwhere(np.triu(near, k=1)).astype(np.int64)


def _model(cover: Cover, sites: int, apart: NDArray[np.int64]) -> MixedIntegerModel:
    classes, n = cover.covers.shape
    budget = sparse.csr_array(np.r_[cover.counts, np.zeros(classes)][None, :])
    keep_open = sparse.eye_array(n, n + classes, format="csr")[np.flatnonzero(cover.kept)]
    # y_k ≤ Σ x_j over the candidates that cover class k
    serve = sparse.hstack([cover.covers, -sparse.eye_array(classes)])
    pairs = len(apart)
    at = (np.repeat(np.arange(pairs), 2), apart.ravel())
    keep = sparse.csr_array((np.ones(2 * pairs), at), shape=(pairs, n + classes))
    return MixedIntegerModel(
        gain=np.r_[np.zeros(n), cover.share],
        rows=sparse.csr_array(sparse.vstack([budget, serve, keep, keep_open])),
        low=np.r_[0.0, np.zeros(classes), np.zeros(pairs), np.ones(keep_open.shape[0])],
        high=np.r_[
            float(sites), np.full(classes, np.inf), np.ones(pairs), np.ones(keep_open.shape[0])
        ],
        n_binary=n,
    )


def _rescore(
    cover: Cover,
    apart: NDArray[np.int64],
    scores: NDArray[np.float64],
    sites: int,
    floor: float,
) -> MixedIntegerModel:
    first = _model(cover, sites, apart)
    classes = len(cover.share)
    return MixedIntegerModel(
        gain=np.r_[scores, np.zeros(classes)],
        rows=sparse.csr_array(sparse.vstack([first.rows, sparse.csr_array(first.gain[None, :])])),
        low=np.r_[first.low, floor - _ROUNDING],
        high=np.r_[first.high, np.inf],
        n_binary=first.n_binary,
    )


def _greedy(cover: Cover, sites: int, apart: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add the site with the largest gain until p are chosen or nothing is gained."""
    covers = cover.covers.toarray() > 0
    chosen = np.flatnonzero(cover.kept).tolist()
    left = np.where(covers[:, chosen].any(axis=1), 0.0, cover.share)
    is_free = ~cover.kept & ~np.isin(np.arange(len(cover.kept)), _rivals(apart, chosen))
    while cover.counts[chosen].sum() < sites and is_free.any():
        gain = np.where(is_free, left @ covers, -1.0)
        j = int(gain.argmax())
        if gain[j] <= 0:
            break
        chosen.append(j)
        left[covers[:, j]] = 0.0
        is_free[j] = False
        is_free[[j, *_rivals(apart, [j])]] = False
    return np.array(sorted(chosen), dtype=np.int64)


def _rivals(apart: NDArray[np.int64], chosen: Sequence[int]) -> NDArray[np.int64]:
    """Return the candidates that may not be chosen beside the chosen ones."""
    first, second = np.isin(apart, chosen).T
    return np.concatenate([apart[first, 1], apart[second, 0]])


def _with_cover(cover: Cover, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    x = np.zeros(cover.covers.shape[1])
    x[chosen] = 1.0
    return np.concatenate([x, np.minimum(cover.covers @ x, 1.0)])


def _sites(answer: Answer, n: int) -> NDArray[np.int64]:
    return np.flatnonzero(answer.values[:n] > 0.5)  # noqa: PLR2004 - a binary, rounded


def _most_at_best(cover: Cover, sites: int) -> float:
    """Return a bound that needs no solver: all there is, and the p largest sites without overlap."""
    alone = cover.share @ cover.covers
    best = np.sort(alone[cover.counts > 0])[::-1][:sites].sum()
    return float(min(cover.share.sum(), best + alone[cover.counts == 0].sum()))


def _covered(cover: Cover, chosen: NDArray[np.int64]) -> float:
    return float(cover.share[cover.covers[:, chosen].sum(axis=1) > 0].sum())


def _certify(covered: float, floor: float) -> None:
    # Counted from the sites alone, not from the solver's own variables.
    if covered < floor - 10 * _ROUNDING:
        raise ModelError(
            Problem(
                where="mclp",
                what="the plan covers less than the solver promised",
                got=f"{covered:.6f}",
                expected=f"at least {floor:.6f}",
                mend="Please report this study; no result was written.",
            )
        )


def _status(*answers: Answer) -> SolveStatus:
    proven = all(answer.is_proven for answer in answers)
    return SolveStatus.OPTIMAL if proven else SolveStatus.TIME_LIMIT
