"""Capacitated covering with sizes for a study: which sites, how large, for the most demand served.

Demand points that the same candidates cover are merged first; with demand that may be shared out
among sites the merge is exact.
"""

import math
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings, SolveStatus
from siting.optimise._highs import Answer, MixedIntegerModel, maximise
from siting.optimise._mclp_study import check_number, conflicts, merge
from siting.optimise._sized_model import (
    ROUNDING,
    Question,
    again,
    certify,
    fitted,
    largest_only,
    model,
    only,
    served,
    start,
)
from siting.optimise._sized_search import search
from siting.optimise.problem import SiteSizes, SitingProblem, Solution

_PENNY = 1e-2
"""Costs are told apart to this share: they are rough themselves, and proof is slow."""


_FIRST = 2.0
"""Times the gap: good enough for the plan from which the proof begins."""

_OF_TOLERANCE = 0.25
"""The best scores are sought to this share of the demand that may be given up for them."""


def plan_sized(
    problem: SitingProblem,
    *,
    settings: SolverSettings,
    sites: int,
    budget_mcny: float = 0.0,
    supply: float = 0.0,
    score_tolerance_share: float = 0.0,
    spacing_minutes: float = 0.0,
) -> Solution:
    """Choose at most p sites and the size of each, so that they serve the most demand.

    A site serves points within the radius up to its capacity; a point's demand may be shared out.
    Three solves: the most demand that can be served, with its bound; the best sum of demand served
    and scores, these weighed so that no plan can gain by giving up more than
    ``score_tolerance_share`` of the most; for these sites the cheapest sizes that serve no less than
    that, to one per cent of their cost.

    Parameters
    ----------
    problem
        Times, demand, scores and sizes.
    settings
        Time limit of each solve, and relative gap.
    sites
        p, 1 … n_candidates; existing sites do not count.
    budget_mcny
        What all sites may cost together, million CNY; 0 is no limit.
    supply
        What all sites may serve together, in the unit of demand (hydrogen there is); 0 is no limit.
    score_tolerance_share
        Share of the most that may be given up for better-scored sites, [0, 1).
    spacing_minutes
        Two sites are at least this far apart by road; 0 is no limit.

    Returns
    -------
    Solution
        ``objective`` is the demand served, ``bound`` the most that can be served; ``rows`` says
        which size is built at each site. An existing site is taken with its largest size, free.

    Raises
    ------
    ModelError
        If p, a limit or the tolerance is out of range, the problem has no sizes, or a budget is
        asked to hold where costs are not known.

    References
    ----------
    Current and Storbeck (1988), Capacitated covering models.
    """
    started = time.perf_counter()
    sizes = _checked(problem, sites, budget_mcny, supply, score_tolerance_share)
    total = math.fsum(problem.demand)
    asked = _question(problem, sizes, (sites, budget_mcny), spacing_minutes)
    limit = supply / (total or 1.0)
    # Without a budget nothing speaks against the largest size while sites are chosen.
    ample = asked if budget_mcny else largest_only(asked)
    best, tight = _best(ample, limit, settings)
    most = served(asked, best.values)
    floor = most * (1.0 - score_tolerance_share) - ROUNDING
    worth = _worth(ample, problem.scores, best.values, most - floor, sites)
    weighed = replace(tight, gain=tight.gain + worth)
    chosen = _scored(ample, weighed, best.values, settings, score_tolerance_share)
    fixed = only(asked, chosen.values)
    cheap = again(fixed, limit, -fixed.price, served(asked, chosen.values) - ROUNDING)
    rough = replace(settings, gap=max(settings.gap, _PENNY))
    last = maximise(cheap, settings=rough, start=fitted(asked, chosen.values))
    certify(asked, last.values, floor)
    rows = np.flatnonzero(last.values[: asked.n_rows] > 0.5)  # noqa: PLR2004 - binaries
    reached = served(asked, last.values) * total
    return Solution(
        sites=asked.site[rows],
        objective=reached,
        bound=max(reached, min(best.bound, 1.0) * total),
        status=_status(best, chosen, last),
        seconds=time.perf_counter() - started,
        rows=rows,
        facts={
            **_asked(problem, sites, budget_mcny, supply),
            "score_tolerance_share": score_tolerance_share,
            "best_coverage_share": most,
            "coverage_share": reached / (total or 1.0),
            "capacity": float(sizes.capacity[rows].sum()),
        },
    )


def _best(
    q: Question, supply: float, settings: SolverSettings
) -> tuple[Answer, MixedIntegerModel]:
    """Return the plan that serves most, and the model with its cuts."""
    first_gap = _FIRST * settings.gap
    begin = start(q, supply)
    return search(q, model(q, supply), start=begin, settings=settings, first_gap=first_gap)


def _scored(
    q: Question,
    weighed: MixedIntegerModel,
    plan: NDArray[np.float64],
    settings: SolverSettings,
    tolerance: float,
) -> Answer:
    """Return the plan of the best scores among those good enough."""
    close = replace(settings, gap=max(settings.gap, _OF_TOLERANCE * tolerance))
    return search(q, weighed, start=plan, settings=close, first_gap=settings.gap, rounds=0)[0]


def _asked(problem: SitingProblem, sites: int, budget: float, supply: float) -> dict[str, float]:
    """Return the limits of the question, for the record; those that do not hold are left out."""
    limits = {"budget_mcny": budget, "supply": supply}
    return {
        "sites_asked": float(sites),
        "sites_existing": float(problem.existing.sum()),
        "service_min": problem.service_min,
        "demand_total": math.fsum(problem.demand),
        **{name: value for name, value in limits.items() if value},
    }


def _checked(
    problem: SitingProblem, sites: int, budget: float, supply: float, tolerance: float
) -> SiteSizes:
    check_number(problem, sites, where="sized")
    if problem.sizes is None:
        raise _bad("sizes", "the facility type offers no sizes", "", "a type with sizes")
    for name, value in (("budget_mcny", budget), ("supply", supply)):
        if not (np.isfinite(value) and value >= 0):
            raise _bad(name, "not an amount", str(value), "a number ≥ 0; 0 is no limit")
    if not 0 <= tolerance < 1:
        raise _bad("score_tolerance_share", "not a share", str(tolerance), "0 ≤ share < 1")
    if not (np.isfinite(problem.demand).all() and (problem.demand >= 0).all()):
        raise _bad("demand", "negative or not a number", "", "numbers ≥ 0")
    if budget and np.isnan(problem.sizes.cost).any():
        raise _bad("budget_mcny", "costs of sizes are not known", "", "a cost for every size")
    if budget:
        _require_money(problem, problem.sizes, budget)
    return problem.sizes


def _require_money(problem: SitingProblem, sizes: SiteSizes, budget: float) -> None:
    """Refuse a budget that the cheapest sizes of the required sites overdraw."""
    required = np.flatnonzero(problem.kept_open & ~problem.existing)
    least = math.fsum(sizes.cost[sizes.site == j].min() for j in required)
    if least > budget * (1 + ROUNDING):
        raise _bad(
            "budget_mcny",
            "the required sites cost more than may be spent",
            f"{budget:g} million CNY",
            f"at least {least:g}; or require fewer sites",
        )


def _worth(
    q: Question,
    scores: NDArray[np.float64],
    best: NDArray[np.float64],
    may_lose: float,
    sites: int,
) -> NDArray[np.float64]:
    """Return what scores are worth beside demand served, for rows and pairs.

    The best plan's scores can be passed by no more than the room up to the p highest; that whole
    room is worth what may be lost.
    """
    of_rows = scores[q.site]
    highest = np.sort(scores)[::-1][: sites + int(q.kept.sum())].sum()
    room = highest - float(of_rows @ best[: q.n_rows])
    rate = may_lose / room if room > ROUNDING else 0.0
    return np.concatenate([of_rows * rate, np.zeros(len(q.klass))])


def _question(
    problem: SitingProblem,
    sizes: SiteSizes,
    limits: tuple[int, float],
    spacing: float,
) -> Question:
    sites, budget = limits
    total = math.fsum(problem.demand) or 1.0
    is_covering = problem.times_min <= problem.service_min
    cover = merge(is_covering, problem.demand / total, problem)
    pairs = sparse.coo_array(cover.covers)
    counts = cover.counts[sizes.site]
    cost = np.where(problem.existing[sizes.site], 0.0, sizes.cost)
    reach = np.bincount(pairs.col, weights=cover.share[pairs.row], minlength=len(cover.counts))
    largest = np.r_[sizes.site[1:] != sizes.site[:-1], True]
    usable = largest | ~problem.existing[sizes.site]
    # Room beyond all demand within reach is as good as all of it.
    size = np.minimum(sizes.capacity / total, 1.0)
    room = np.where(usable, np.minimum(size, reach[sizes.site]), 0.0)
    use, most = [counts / sites, (~usable).astype(float)], [1.0, 0.0]
    if budget:
        use, most = [*use, cost / budget], [*most, 1.0]
    price = np.where(np.isnan(cost), size, cost)
    return Question(
        site=sizes.site,
        room=room,
        price=price / (price.max(initial=0.0) or 1.0),
        share=cover.share,
        klass=pairs.row.astype(np.int64),
        at=pairs.col.astype(np.int64),
        limits=np.array(use),
        most=np.array(most),
        apart=conflicts(problem, spacing),
        kept=problem.kept_open,
    )


def _status(*answers: Answer) -> SolveStatus:
    proven = all(answer.is_proven for answer in answers)
    return SolveStatus.OPTIMAL if proven else SolveStatus.TIME_LIMIT


def _bad(name: str, what: str, got: str, expected: str) -> ModelError:
    return ModelError(Problem(where=f"sized, {name}", what=what, got=got, expected=expected))
