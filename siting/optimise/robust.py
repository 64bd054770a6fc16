"""Robust choice: the plan whose worst regret over several demands is least."""

import math
import time
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings, SolveStatus
from siting.optimise._flow_best import (
    TIME_LIMIT_S,
    choice_limits,
    coverage_of,
    most_covered,
    settings_of,
)
from siting.optimise._flow_cover import Coverage, FloatArray, IntArray, is_served, merge
from siting.optimise._flow_mip import (
    ROUNDING,
    Floor,
    Limit,
    Question,
    answer,
    certify,
    model_of,
    open_sites,
    point,
    unit_columns,
)
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise._inputs import read_demand
from siting.optimise.problem import Solution
from siting.optimise.roles import Roles, read_roles

__all__ = ["RobustPlan", "minimax_regret"]

Regret: TypeAlias = Literal["absolute", "relative"]
_WHERE = "minimax_regret"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RobustPlan:
    """The plan of least worst regret.

    Parameters
    ----------
    plan
        ``objective`` is the worst regret and ``bound`` the least that any plan can have
        (``bound ≤ objective``), in demand served or as a share.
    served
        What the plan serves under each demand, ``(n_scenarios,)``.
    regret
        What it serves less than the best plan for that demand alone, ``(n_scenarios,)``.
    best
        The best plan for each demand alone.
    regret_of_best
        What each of these would regret under each demand, ``(n_scenarios, n_scenarios)``: row s
        is the plan for scenario s.
    """

    plan: Solution
    served: NDArray[np.float64]
    regret: NDArray[np.float64]
    best: tuple[Solution, ...]
    regret_of_best: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    coverage: Coverage
    demand: FloatArray
    limits: list[Limit]
    roles: Roles
    settings: SolverSettings


def minimax_regret(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    *,
    p: int | None = None,
    cost: ArrayLike | None = None,
    budget: float | None = None,
    regret: Regret = "relative",
    roles: ArrayLike | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    gap: float = 0.0,
) -> RobustPlan:
    """Choose sites whose worst regret over several demands is least.

    The regret under a demand is what the plan serves less than the best plan for that demand
    alone. Of the plans of least worst regret one is returned that serves most in total.

    Parameters
    ----------
    covers
        Which site serves which demand point ``(n_demand, n_sites)``, or a coverage of trips.
    demand
        One column a scenario, e.g. low, base and high, ``(n_demand, n_scenarios)``, ≥ 0.
    p, cost, budget
        How many sites may be chosen, or what they cost ``(n_sites,)`` and may cost together.
    regret
        ``absolute`` in demand, or ``relative`` to the best of the scenario.
    roles
        ``SiteRole`` of each site; None makes all of them free to choose.
    time_limit_s, gap
        Wall seconds and relative gap of each of the solves, one a scenario and two more.

    Returns
    -------
    RobustPlan
        Where a scenario's best is not proven in time, its bound takes its place, so that no
        regret is told too small.

    Raises
    ------
    ModelError
        If the input means nothing.

    References
    ----------
    Kouvelis and Yu (1997), Robust discrete optimization and its applications.
    """
    started = time.perf_counter()
    case = _read(covers, demand, (p, cost, budget), roles, (time_limit_s, gap))
    best = [_best(case, k) for k in range(case.demand.shape[1])]
    target = np.array([b.objective if b.status is SolveStatus.OPTIMAL else b.bound for b in best])
    unit = target if regret == "relative" else np.full(len(target), target.max(initial=0.0))
    unit = np.where(unit > 0, unit, 1.0)
    regrets_of = np.array([_regrets(case, b.sites, target, unit) for b in best])
    start = best[int(regrets_of.max(axis=1).argmin())].sites
    sites, bound, is_proven = _least_regret(case, target, unit, start)
    worst = float(_regrets(case, sites, target, unit).max())
    sites = _most_in_total(case, target - worst * unit, sites)
    found = _regrets(case, sites, target, unit)
    scale = 1.0 if regret == "relative" else float(unit[0])
    all_proven = is_proven and all(b.status is SolveStatus.OPTIMAL for b in best)
    plan = Solution(
        sites=sites,
        objective=float(found.max()) * scale,
        bound=min(bound, float(found.max())) * scale,
        status=SolveStatus.OPTIMAL if all_proven else SolveStatus.TIME_LIMIT,
        seconds=time.perf_counter() - started,
        facts={"scenarios": float(len(target))},
    )
    return RobustPlan(
        plan=plan,
        served=_served(case, sites),
        regret=found * scale,
        best=tuple(best),
        regret_of_best=regrets_of * scale,
    )


def _read(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    choice: tuple[int | None, ArrayLike | None, float | None],
    roles: ArrayLike | None,
    limits: tuple[float, float],
) -> _Case:
    coverage = coverage_of(covers, where=_WHERE)
    columns = np.asarray(demand, dtype=float)
    if columns.ndim != 2 or not columns.shape[1]:  # noqa: PLR2004 - points by scenarios
        raise ModelError(
            Problem(
                where=f"{_WHERE}, demand",
                what="not one column a scenario",
                got=str(columns.shape),
                expected=f"({coverage.n_units}, scenarios)",
            )
        )
    checked = [read_demand(c, coverage.n_units, where=_WHERE) for c in columns.T]
    read = read_roles(roles, coverage.n_sites, where=_WHERE)
    p, cost, budget = choice
    return _Case(
        coverage=coverage,
        demand=np.stack(checked, axis=1),
        limits=choice_limits(read, p=p, cost=cost, budget=budget, where=_WHERE),
        roles=read,
        settings=settings_of(time_limit_s=limits[0], gap=limits[1], where=_WHERE),
    )


def _best(case: _Case, scenario: int) -> Solution:
    started = time.perf_counter()
    reply, served = most_covered(
        case.coverage,
        case.demand[:, scenario],
        limits=case.limits,
        roles=case.roles,
        settings=case.settings,
    )
    return Solution(
        sites=reply.sites,
        objective=served,
        bound=reply.bound,
        status=reply.status,
        seconds=time.perf_counter() - started,
    )


def _least_regret(
    case: _Case, target: FloatArray, unit: FloatArray, start: IntArray
) -> tuple[IntArray, float, bool]:
    """Return sites, the least worst regret there can be, in units, and whether it is proven.

    One more variable, between 0 and 1, is 1 − the worst regret: under each scenario
    ``served / unit − it ≥ target / unit − 1``.
    """
    question, weights = _question(case, [])
    model, _ = model_of(question)
    columns = unit_columns(question.coverage)
    served = sparse.csr_array((columns @ weights / unit).T)
    none = sparse.csr_array((len(unit), question.coverage.n_sites))
    below = sparse.hstack([none, served, -np.ones((len(unit), 1))])
    wider = sparse.hstack([model.rows, sparse.csr_array((model.rows.shape[0], 1))])
    robust = MixedIntegerModel(
        gain=np.concatenate([np.zeros(len(model.gain)), [1.0]]),
        rows=sparse.csr_array(sparse.vstack([wider, below])),
        low=np.concatenate([model.low, target / unit - 1.0]),
        high=np.concatenate([model.high, np.full(len(unit), np.inf)]),
        n_binary=model.n_binary,
    )
    least = 1.0 - float(_regrets(case, start, target, unit).max())
    begin = np.concatenate([point(question.coverage, start), [least]])
    found = maximise(robust, settings=case.settings, start=begin)
    sites = open_sites(question.coverage, found.values)
    certify(question, sites)
    return sites, max(0.0, 1.0 - found.bound), found.is_proven


def _most_in_total(case: _Case, least: FloatArray, start: IntArray) -> IntArray:
    """Return sites that serve most in total, and no scenario less than so much."""
    floors = [(k, v) for k, v in enumerate(least) if v > 0]
    question, _ = _question(case, floors)
    return answer(question, start=start, settings=case.settings).sites


def _question(case: _Case, floors: list[tuple[int, float]]) -> tuple[Question, FloatArray]:
    coverage, weights = merge(case.coverage, case.demand)
    total = case.demand.sum(axis=0)
    question = Question(
        coverage=coverage,
        site_gain=np.zeros(coverage.n_sites),
        unit_gain=(weights / total).sum(axis=1),
        limits=case.limits,
        floors=[Floor(weight=weights[:, k], least=v) for k, v in floors],
        must=np.flatnonzero(case.roles.is_kept_open),
        never=np.flatnonzero(~case.roles.is_allowed),
    )
    return question, weights


def _served(case: _Case, sites: IntArray) -> FloatArray:
    served = is_served(case.coverage, sites)
    return np.array([math.fsum(column[served]) for column in case.demand.T])


def _regrets(case: _Case, sites: IntArray, target: FloatArray, unit: FloatArray) -> FloatArray:
    short = (target - _served(case, sites)) / unit
    return np.where(short > ROUNDING * ROUNDING, short, 0.0)
