"""Coverage against cost: every plan that no other beats in both, by the exact ε-constraint."""

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings, SolveStatus
from siting.optimise._flow_best import (
    TIME_LIMIT_S,
    coverage_of,
    least_cost,
    most_covered,
    settings_of,
)
from siting.optimise._flow_cover import Coverage, FloatArray, IntArray, is_served
from siting.optimise._flow_mip import ROUNDING, Limit
from siting.optimise._inputs import check_count, is_whole, read_amounts, read_demand
from siting.optimise.problem import Solution
from siting.optimise.roles import Roles, read_roles

__all__ = ["Front", "cheapest", "pareto_front"]

_STEP_SHARE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Front:
    """Plans of which none beats another in both coverage and cost, by rising cost.

    Parameters
    ----------
    plans
        ``objective`` is the demand served, ``bound`` the most that its budget could serve; the
        facts tell ``cost`` and ``cost_bound``, the least that serving as much could cost.
    cost, served
        The two axes of the curve, ``(n_plans,)``, both rising.
    is_complete
        Whether no plan of the front is missing: all were asked for and all are proven.
    seconds
        Wall time.
    """

    plans: tuple[Solution, ...]
    cost: NDArray[np.float64]
    served: NDArray[np.float64]
    is_complete: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    """A question with everything read and checked."""

    coverage: Coverage
    demand: FloatArray
    cost: FloatArray
    roles: Roles
    settings: SolverSettings


def cheapest(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    cost: ArrayLike,
    *,
    share: float,
    roles: ArrayLike | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    gap: float = 0.0,
) -> Solution:
    """Choose the sites of least cost that serve at least a share of all demand.

    With a cost of 1 each it is the fewest sites: how few cover so much.

    Parameters
    ----------
    covers
        Which site serves which demand point ``(n_demand, n_sites)``, or a coverage of trips.
    demand
        ``(n_demand,)``, ≥ 0.
    cost
        ``(n_sites,)``, ≥ 0; existing sites cost nothing.
    share
        Of all demand, that without any site within reach included, 0 … 1.
    roles
        ``SiteRole`` of each site; None makes all of them free to choose.
    time_limit_s, gap
        Wall seconds, and the relative gap that counts as proven.

    Returns
    -------
    Solution
        ``objective`` is the cost, ``bound`` the least there can be (``bound ≤ objective``).

    Raises
    ------
    ModelError
        If so much cannot be served; it says how much can, and who is out of reach.
    """
    started = time.perf_counter()
    where = "cheapest"
    case = _read(covers, demand, cost, roles, limits=(time_limit_s, gap), where=where)
    total = math.fsum(case.demand)
    every = np.flatnonzero(case.roles.is_allowed)
    if not 0 <= share <= 1:
        raise _bad(where, "share", "no share", str(share), "0 to 1")
    _require_reachable(case, every, share, where)
    reply, spent = least_cost(
        case.coverage,
        case.demand,
        case.cost,
        least=share * total,
        roles=case.roles,
        settings=case.settings,
        start=every,
    )
    served = math.fsum(case.demand[is_served(case.coverage, reply.sites)])
    return Solution(
        sites=reply.sites,
        objective=spent,
        bound=reply.bound,
        status=reply.status,
        seconds=time.perf_counter() - started,
        facts={"served": served, "served_share": served / total, "share_asked": share},
    )


def pareto_front(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    cost: ArrayLike,
    *,
    points: int | None = None,
    roles: ArrayLike | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    gap: float = 0.0,
) -> Front:
    """Return the plans that no other plan beats in both demand served and cost.

    Down from the plan that serves all that can be served: the most for the money, then the least
    money for as much, then again with a budget just below. Costs that are whole numbers make the
    front exact; others are told apart to a millionth of the cost of all sites.

    Parameters
    ----------
    covers, demand, cost
        As for ``cheapest``.
    points
        At most so many plans, from budgets spread evenly between the cheapest and the dearest;
        None finds every plan of the front, whose number may grow with the plans themselves.
    roles
        ``SiteRole`` of each site; None makes all of them free to choose.
    time_limit_s, gap
        Wall seconds and relative gap of each of the solves, two a plan.

    Returns
    -------
    Front
        By rising cost; the first plan costs least.

    Raises
    ------
    ModelError
        If the input means nothing.

    References
    ----------
    Haimes, Lasdon and Wismer (1971); Mavrotas (2009) on the exact ε-constraint.
    """
    started = time.perf_counter()
    where = "pareto_front"
    case = _read(covers, demand, cost, roles, limits=(time_limit_s, gap), where=where)
    every = np.flatnonzero(case.roles.is_allowed)
    whole = math.fsum(case.cost[every])
    least = math.fsum(case.cost[case.roles.is_kept_open])
    step = 1.0 if is_whole(case.cost) else _STEP_SHARE * (whole or 1.0)
    plans: list[Solution] = []
    if points is None:
        budget = whole
        while budget >= least:
            plans.append(_plan(case, budget))
            budget = plans[-1].facts["cost"] - step
    else:
        dearest = _plan(case, whole)
        steps = np.linspace(
            dearest.facts["cost"], least, check_count(points, 1, 10**6, where=where)
        )
        plans = [dearest, *(_plan(case, float(budget)) for budget in steps[1:])]
    kept = _undominated(plans)
    return Front(
        plans=tuple(kept),
        cost=np.array([plan.facts["cost"] for plan in kept]),
        served=np.array([plan.objective for plan in kept]),
        is_complete=points is None
        and all(plan.status is SolveStatus.OPTIMAL and plan.gap < ROUNDING for plan in kept),
        seconds=time.perf_counter() - started,
    )


def _plan(case: _Case, budget: float) -> Solution:
    """Return the most for a budget, at the least cost that serves as much."""
    started = time.perf_counter()
    most, served = most_covered(
        case.coverage,
        case.demand,
        limits=[Limit(name="budget", use=case.cost, most=budget)],
        roles=case.roles,
        settings=case.settings,
    )
    least, spent = least_cost(
        case.coverage,
        case.demand,
        case.cost,
        least=served,
        roles=case.roles,
        settings=case.settings,
        start=most.sites,
    )
    reached = math.fsum(case.demand[is_served(case.coverage, least.sites)])
    is_proven = most.is_proven and least.is_proven
    return Solution(
        sites=least.sites,
        objective=reached,
        bound=max(most.bound, reached),
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT,
        seconds=time.perf_counter() - started,
        facts={"budget": budget, "cost": spent, "cost_bound": least.bound},
    )


def _undominated(plans: list[Solution]) -> list[Solution]:
    """Return, by rising cost, the plans that serve more than every cheaper one."""
    kept: list[Solution] = []
    for plan in sorted(plans, key=lambda plan: (plan.facts["cost"], -plan.objective)):
        if not kept or plan.objective > kept[-1].objective:
            kept.append(plan)
    return kept


def _read(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    cost: ArrayLike,
    roles: ArrayLike | None,
    *,
    limits: tuple[float, float],
    where: str,
) -> _Case:
    coverage = coverage_of(covers, where=where)
    read = read_roles(roles, coverage.n_sites, where=where)
    amounts = read_amounts(cost, coverage.n_sites, where=where, name="cost")
    return _Case(
        coverage=coverage,
        demand=read_demand(demand, coverage.n_units, where=where),
        cost=np.where(read.is_existing, 0.0, amounts),
        roles=read,
        settings=settings_of(time_limit_s=limits[0], gap=limits[1], where=where),
    )


def _require_reachable(case: _Case, every: IntArray, share: float, where: str) -> None:
    served = is_served(case.coverage, every)
    total, most = math.fsum(case.demand), math.fsum(case.demand[served])
    if most < share * total * (1 - ROUNDING):
        lost = np.flatnonzero(~served & (case.demand > 0))
        listed = ", ".join(map(str, lost[:5])) + (" …" if len(lost) > len(lost[:5]) else "")
        raise ModelError(
            Problem(
                where=f"{where}, share",
                what=f"no plan serves so much: {len(lost)} demand points reach no allowed site",
                got=f"{share:g}, points {listed} out of reach",
                expected=f"at most {most / total:.6g}",
                mend="Ask for less, widen the reach, or allow more sites.",
            )
        )


def _bad(where: str, name: str, what: str, got: str, expected: str) -> ModelError:
    return ModelError(Problem(where=f"{where}, {name}", what=what, got=got, expected=expected))
