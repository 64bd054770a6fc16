"""The most that can be served within limits, proven: the step that all coverage models share."""

import math
from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings
from siting.optimise._flow_cover import (
    Coverage,
    FloatArray,
    IntArray,
    is_served,
    merge,
    point_coverage,
)
from siting.optimise._flow_mip import Floor, Limit, Question, Reply, answer, gain_of
from siting.optimise._flow_start import greedy
from siting.optimise._inputs import check_count, check_limits, read_amounts, read_cover
from siting.optimise._watch import Watch
from siting.optimise.competition import Competition, captured_cover, is_shared
from siting.optimise.roles import Roles

TIME_LIMIT_S = 60.0
"""Seconds that a solve may take when the caller names no limit."""


def settings_of(*, time_limit_s: float, gap: float, where: str) -> SolverSettings:
    """Return the limits of a solve, checked."""
    check_limits(time_limit_s=time_limit_s, gap=gap, where=where)
    return SolverSettings(time_limit_s=time_limit_s, gap=gap)


def number_limit(p: int, roles: Roles, *, where: str) -> Limit:
    """Return the limit of p sites, existing ones aside.

    Raises
    ------
    ModelError
        If p is not a whole number between 1 and the sites that may be chosen, or the required
        sites alone are more.
    """
    use = np.where(roles.is_existing, 0.0, 1.0)
    free = int((roles.is_allowed & ~roles.is_existing).sum())
    count = check_count(p, 1, free, where=where)
    needed = int((roles.is_kept_open & ~roles.is_existing).sum())
    if needed > count:
        raise ModelError(
            Problem(
                where=f"{where}, p",
                what="fewer sites than are required",
                got=str(p),
                expected=f"at least {needed}",
                mend=f"The smallest p that would do is {needed}.",
            )
        )
    return Limit(name="p", use=use, most=float(count))


def cost_limit(
    cost: ArrayLike, budget: float, roles: Roles, *, where: str, name: str = "budget"
) -> Limit:
    """Return the limit of a budget, existing sites aside.

    Raises
    ------
    ModelError
        If a cost or the budget is negative or not a number, or the required sites cost more.
    """
    n = len(roles.is_existing)
    use = read_amounts(cost, n, where=where, name="cost")
    most = float(read_amounts([budget], 1, where=where, name=name)[0])
    use[roles.is_existing] = 0.0
    needed = math.fsum(use[roles.is_kept_open])
    if needed > most * (1 + 1e-12):
        raise ModelError(
            Problem(
                where=f"{where}, {name}",
                what="the required sites alone cost more",
                got=f"{most:g}",
                expected=f"at least {needed:g}",
                mend=f"The smallest {name} that would do is {needed:g}.",
            )
        )
    return Limit(name=name, use=use, most=most)


def coverage_of(covers: Coverage | ArrayLike | sparse.sparray, *, where: str) -> Coverage:
    """Return a coverage as it is, or that of points given as a table of points by sites."""
    if isinstance(covers, Coverage):
        return covers
    return point_coverage(read_cover(covers, where=where))


def contested(
    covers: Coverage | ArrayLike | sparse.sparray,
    coverage: Coverage,
    roles: Roles,
    competition: Competition | None,
    *,
    where: str,
) -> Coverage:
    """Return the coverage of what competitors leave us, where there are any.

    Raises
    ------
    ModelError
        If points are to be shared by Huff's rule, or trips with competitors are asked of: one
        plan at a time, ``mclp`` knows the first, and nobody the second.
    """
    if not roles.is_competitor.any():
        return coverage
    if isinstance(covers, Coverage) or is_shared(competition, where=where):
        raise ModelError(
            Problem(
                where=f"{where}, roles",
                what="competitors mean nothing here to trips or to Huff shares",
                expected="a table of points by sites, and the nearest rule",
                mend="Leave competitors out, or ask mclp for one number of sites at a time.",
            )
        )
    table = read_cover(covers, where=where)
    return point_coverage(captured_cover(table, roles, competition, where=where))


def most_covered(
    coverage: Coverage,
    weight: FloatArray,
    *,
    limits: Sequence[Limit],
    roles: Roles,
    settings: SolverSettings,
    start: IntArray | None = None,
    watch: Watch | None = None,
    seed: int = 0,
) -> tuple[Reply, float]:
    """Serve the most weight within limits; return the reply and the weight served.

    Parameters
    ----------
    coverage, weight
        Units and what they weigh, ``(n_units,)`` ≥ 0.
    limits
        What open sites may use up; the sites that must be open keep them.
    roles
        Sites that are not free to choose.
    settings
        Time limit and relative gap.
    start
        Open sites within the limits, should they be better than what greedy finds.
    watch
        Whom to tell of progress; one that is stopped gets the best plan so far.
    seed
        Of HiGHS.

    Returns
    -------
    Reply, float
        Sites without those that add nothing, and the weight they serve. Of equal plans it is the
        solver's; the same every run.
    """
    total = math.fsum(weight[coverage.can_serve]) or 1.0
    classes, merged = merge(coverage, weight[:, None])
    question = Question(
        coverage=classes,
        site_gain=np.zeros(classes.n_sites),
        unit_gain=merged[:, 0] / total,
        limits=limits,
        must=np.flatnonzero(roles.is_kept_open),
        never=np.flatnonzero(~roles.is_allowed),
    )
    begin = question.must
    with nullcontext() if watch is None else watch.interruptible():
        begin = greedy(question)
        if watch is not None:
            watch.tell(0.1, f"plan {gain_of(question, begin) * total:.6g}")
    if start is not None and gain_of(question, start) > gain_of(question, begin):
        begin = start
    everything = float(question.unit_gain.sum())
    reply = Reply(sites=begin, bound=everything, is_proven=True)
    if gain_of(question, begin) < everything * (1 - 1e-12):
        reply = Reply(sites=begin, bound=everything, is_proven=False)
        if watch is None or not watch.is_over:
            reply = answer(
                question, start=begin, settings=settings, watch=watch, seed=seed, unit=total
            )
    sites = _without_idle(question, reply.sites)
    served = math.fsum(weight[is_served(coverage, sites)])
    bound = max(min(reply.bound * total, total), served)
    return Reply(sites=sites, bound=bound, is_proven=reply.is_proven), served


def _without_idle(question: Question, sites: IntArray) -> IntArray:
    """Leave out, from the last, sites without which as much is served."""
    kept = sites
    served = is_served(question.coverage, kept)
    for j in sites[::-1]:
        if j in question.must:
            continue
        fewer = kept[kept != j]
        if (is_served(question.coverage, fewer) == served).all():
            kept = fewer
    return kept


def least_cost(
    coverage: Coverage,
    weight: FloatArray,
    cost: FloatArray,
    *,
    least: float,
    roles: Roles,
    settings: SolverSettings,
    start: IntArray,
) -> tuple[Reply, float]:
    """Serve at least so much weight at the least cost; return the reply and the cost.

    Parameters
    ----------
    coverage, weight, cost
        Units, what they weigh, and what each site costs (existing ones: 0).
    least
        Weight to be served.
    roles
        Sites that are not free to choose.
    settings
        Time limit and relative gap.
    start
        Open sites that serve so much.

    Returns
    -------
    Reply, float
        The bound is on the cost, from below.
    """
    classes, merged = merge(coverage, weight[:, None])
    question = Question(
        coverage=classes,
        site_gain=-cost,
        unit_gain=np.zeros(classes.n_units),
        floors=[Floor(weight=merged[:, 0], least=least)],
        must=np.flatnonzero(roles.is_kept_open),
        never=np.flatnonzero(~roles.is_allowed),
    )
    reply = answer(question, start=start, settings=settings)
    spent = math.fsum(cost[reply.sites])
    bound = min(max(-reply.bound, 0.0), spent)
    return Reply(sites=reply.sites, bound=bound, is_proven=reply.is_proven), spent


def choice_limits(
    roles: Roles,
    *,
    p: int | None,
    cost: ArrayLike | None,
    budget: float | None,
    where: str,
) -> list[Limit]:
    """Return the limits of a choice: a number of sites, or a budget, or both.

    Raises
    ------
    ModelError
        If neither is given, or a budget without costs.
    """
    if (cost is None) != (budget is None) or (p is None and budget is None):
        raise ModelError(
            Problem(
                where=where,
                what="no limit on what may be chosen",
                expected="p, or cost and budget, or all three",
            )
        )
    limits = [] if p is None else [number_limit(p, roles, where=where)]
    if cost is not None and budget is not None:
        limits.append(cost_limit(cost, budget, roles, where=where))
    return limits
