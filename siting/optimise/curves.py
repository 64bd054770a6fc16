"""The curves planners draw: coverage by number of sites, near-optimal sites, utilisation."""

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings
from siting.optimise._flow_best import (
    TIME_LIMIT_S,
    choice_limits,
    contested,
    coverage_of,
    most_covered,
    settings_of,
)
from siting.optimise._flow_cover import Coverage, FloatArray, IntArray, is_served
from siting.optimise._flow_mip import Limit
from siting.optimise._flow_near import near_question, necessary_sites, possible_sites, swaps_of
from siting.optimise._inputs import check_count, read_demand, some_numbers
from siting.optimise._utilisation import utilisation
from siting.optimise.competition import Competition
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.roles import Roles, SiteRole, read_roles

__all__ = [
    "CoverageCurve",
    "NearOptimal",
    "coverage_by_sites",
    "coverage_curve",
    "near_optimal",
    "utilisation",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoverageCurve:
    """The most that can be served with each number of sites.

    Parameters
    ----------
    plans
        The plan for 1, 2, … sites; each is best by itself, so one need not contain the other.
    sites
        Number of sites asked, ``(n_plans,)``.
    served, bound
        Demand served and the most that is proven possible, ``(n_plans,)``.
    gain
        What is served beyond the plan before, ``(n_plans,)``; the first counts from existing sites
        alone.
    total
        All demand, that out of reach included.
    """

    plans: tuple[Solution, ...]
    sites: NDArray[np.int64]
    served: NDArray[np.float64]
    bound: NDArray[np.float64]
    gain: NDArray[np.float64]
    total: float

    @property
    def share(self) -> NDArray[np.float64]:
        """Share of all demand served, ``(n_plans,)``."""
        return self.served / self.total


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearOptimal:
    """What all plans have in common that serve nearly as much as the best.

    Parameters
    ----------
    best
        A best plan.
    least
        Demand that a plan must serve to count.
    always
        Sites in every such plan.
    sometimes
        Sites in some such plan, and not in every one.
    never
        Sites in none.
    undecided
        Sites for which the time did not suffice.
    swaps
        Pairs of a site of the best plan and another that may take its place, ``(n, 2)``, and
        what is served then.
    served_after_swap
        ``(n,)``.
    """

    best: Solution
    least: float
    always: NDArray[np.int64]
    sometimes: NDArray[np.int64]
    never: NDArray[np.int64]
    undecided: NDArray[np.int64]
    swaps: NDArray[np.int64]
    served_after_swap: NDArray[np.float64]


def coverage_curve(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    *,
    most_sites: int,
    sites: ArrayLike | None = None,
    roles: ArrayLike | None = None,
    competition: Competition | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    gap: float = 0.0,
) -> CoverageCurve:
    """Return the most demand that 1, 2, … sites can serve, and what each one more adds.

    Parameters
    ----------
    covers
        Which site serves which demand point ``(n_demand, n_sites)``, or a coverage of trips.
    demand
        ``(n_demand,)``, ≥ 0.
    most_sites
        Where the curve ends: 1 … sites that may be chosen.
    sites
        The numbers of sites to ask for, rising; None is every one.
    roles
        ``SiteRole`` of each site; the curve begins where the required sites are paid for.
    competition
        Whom competitors among the sites keep: the nearest takes all, see ``mclp``.
    time_limit_s, gap
        Wall seconds and relative gap of each solve, one a point of the curve.

    Returns
    -------
    CoverageCurve
        Never falling. Gains may rise where several sites pay together only, as on long trips.

    Raises
    ------
    ModelError
        If the input means nothing.
    """
    where = "coverage_curve"
    coverage, weight, read = _read(covers, demand, roles, competition, where=where)
    settings = settings_of(time_limit_s=time_limit_s, gap=gap, where=where)
    needed = read.n_required
    count = check_count(most_sites, max(1, needed), read.n_free, where=where, name="most_sites")
    steps = np.arange(max(1, needed), count + 1)
    if sites is not None:
        steps = some_numbers(sites, steps, where=where)
    plans: list[Solution] = []
    for p in steps:
        limits = choice_limits(read, p=int(p), cost=None, budget=None, where=where)
        start = plans[-1].sites if plans else None
        plans.append(_plan((coverage, weight), limits, read, settings, start))
    before = math.fsum(weight[is_served(coverage, np.flatnonzero(read.is_kept_open))])
    served = np.array([plan.objective for plan in plans])
    return CoverageCurve(
        plans=tuple(plans),
        sites=steps,
        served=served,
        bound=np.array([plan.bound for plan in plans]),
        gain=np.diff(served, prepend=before),
        total=math.fsum(weight),
    )


def coverage_by_sites(
    problem: SitingProblem, *, most_sites: int, settings: SolverSettings
) -> CoverageCurve:
    """Return the coverage curve of a facility's question: demand within the service radius."""
    return coverage_curve(
        problem.times_min <= problem.service_min,
        problem.demand,
        most_sites=most_sites,
        time_limit_s=settings.time_limit_s,
        gap=settings.gap,
    )


def near_optimal(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    *,
    p: int | None = None,
    cost: ArrayLike | None = None,
    budget: float | None = None,
    tolerance_share: float = 0.01,
    roles: ArrayLike | None = None,
    competition: Competition | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> NearOptimal:
    """Tell which sites every plan within 1 % of the best needs, and which are interchangeable.

    Not by listing plans: one solve finds a near-optimal plan with as few as possible of the
    sites still thought necessary, and strikes the others off, until none can be; another with as
    many as possible of the sites not seen yet, until none is left that fits.

    Parameters
    ----------
    covers, demand
        As for ``coverage_curve``.
    p, cost, budget
        How many sites may be chosen, or what they cost ``(n_sites,)`` and may cost together.
    tolerance_share
        Share of the best that may be given up, 0 ≤ share < 1.
    roles, competition
        As for ``coverage_curve``.
    time_limit_s
        Wall seconds of each solve.

    Returns
    -------
    NearOptimal
        Proven for every site that is not undecided. With a tolerance of more than the smallest
        site adds, a useless site may take its place, and counts as sometimes.

    Raises
    ------
    ModelError
        If the input means nothing.
    """
    where = "near_optimal"
    coverage, weight, read = _read(covers, demand, roles, competition, where=where)
    settings = settings_of(time_limit_s=time_limit_s, gap=0.0, where=where)
    limits = choice_limits(read, p=p, cost=cost, budget=budget, where=where)
    if not 0 <= tolerance_share < 1:
        raise ModelError(
            Problem(
                where=f"{where}, tolerance_share",
                what="not a share that can be given up",
                got=str(tolerance_share),
                expected="0 ≤ share < 1",
            )
        )
    best = _plan((coverage, weight), limits, read, settings, None)
    none = np.zeros(0, dtype=np.int64)
    least = best.objective * (1.0 - tolerance_share)
    question = near_question(coverage, weight, limits=limits, roles=read, least=least)
    seen, always, is_all = necessary_sites(question, best.sites, settings)
    possible, is_every = possible_sites(question, seen, best.sites, settings)
    unseen = np.setdiff1d(np.flatnonzero(read.is_allowed), possible)
    doubtful = [always if not is_all else none, unseen if not is_every else none]
    undecided = np.union1d(*doubtful)
    swaps, served = swaps_of(question, best.sites)
    return NearOptimal(
        best=best,
        least=least,
        always=np.setdiff1d(always, undecided),
        sometimes=np.setdiff1d(possible, np.union1d(always, undecided)),
        never=np.setdiff1d(np.arange(coverage.n_sites), np.union1d(possible, undecided)),
        undecided=undecided,
        swaps=swaps,
        served_after_swap=served,
    )


def _read(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    roles: ArrayLike | None,
    competition: Competition | None,
    *,
    where: str,
) -> tuple[Coverage, FloatArray, Roles]:
    coverage = coverage_of(covers, where=where)
    weight = read_demand(demand, coverage.n_units, where=where)
    read = read_roles(roles, coverage.n_sites, where=where, knows=SiteRole.COMPETITOR)
    return contested(covers, coverage, read, competition, where=where), weight, read


def _plan(
    asked: tuple[Coverage, FloatArray],
    limits: list[Limit],
    roles: Roles,
    settings: SolverSettings,
    start: IntArray | None,
) -> Solution:
    began = time.perf_counter()
    coverage, weight = asked
    reply, served = most_covered(
        coverage, weight, limits=limits, roles=roles, settings=settings, start=start
    )
    return Solution(
        sites=reply.sites,
        objective=served,
        bound=reply.bound,
        status=reply.status,
        seconds=time.perf_counter() - began,
    )
