"""Roll-out over years: which sites first, when what is built stays and money comes year by year."""

import math
import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings, SolveStatus
from siting.optimise._flow_best import TIME_LIMIT_S, coverage_of, most_covered, settings_of
from siting.optimise._flow_cover import Coverage, IntArray
from siting.optimise._flow_mip import ROUNDING, Limit
from siting.optimise._flow_years import (
    NEVER,
    Years,
    best_years,
    open_in,
    served_in_years,
    without_idle,
)
from siting.optimise._inputs import read_amounts
from siting.optimise.problem import Solution
from siting.optimise.roles import Roles, SiteRole, read_roles

__all__ = ["RollOut", "roll_out"]

_WHERE = "roll_out"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RollOut:
    """Which site opens in which year, and what it costs to have committed early.

    Parameters
    ----------
    plan
        ``sites`` open at the end; ``objective`` is the demand served over all years, each weighed
        by its worth, ``bound`` the most there can be.
    opening
        Year (counted from 0) in which each site opens, ``(n_sites,)``; −1 for never, 0 for
        existing ones.
    served, spent
        Demand served and money spent in each year, ``(n_years,)``.
    ideal
        The best plan of each year for its demand and all money up to then, as if nothing had been
        committed before.
    myopic
        What would be served in each year by the best next step year after year, ``(n_years,)``.
    """

    plan: Solution
    opening: NDArray[np.int64]
    served: NDArray[np.float64]
    spent: NDArray[np.float64]
    ideal: tuple[Solution, ...]
    myopic: NDArray[np.float64]

    @property
    def cost_of_commitment(self) -> NDArray[np.float64]:
        """Demand served less than ideal in each year; the last is what the end state loses."""
        return np.array([best.objective for best in self.ideal]) - self.served


def roll_out(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    cost: ArrayLike,
    budget: ArrayLike,
    *,
    carries_over: bool = True,
    worth: ArrayLike | None = None,
    end_share: float = 0.0,
    roles: ArrayLike | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    gap: float = 0.0,
) -> RollOut:
    """Choose which sites to open in which year so that the most is served over all years.

    Parameters
    ----------
    covers
        Which site serves which demand point ``(n_demand, n_sites)``, or a coverage of trips.
    demand
        One column a year, ``(n_demand, n_years)``, ≥ 0.
    cost
        Of opening each site, ``(n_sites,)``, ≥ 0; with 1 each the budget counts sites.
    budget
        New money of each year, ``(n_years,)``, ≥ 0.
    carries_over
        Whether what a year leaves may be spent later.
    worth
        What a unit of demand served in each year counts, ``(n_years,)``; None counts all alike.
        A discount factor, or the years that a period lasts.
    end_share
        Share of the best end state that the last year must serve, 0 … 1; 1 builds towards the
        best end state whatever the years before lose.
    roles
        ``SiteRole`` of each site: existing ones are open from the first year for nothing,
        required ones open in some year.
    time_limit_s, gap
        Wall seconds and relative gap of each of the solves, two a year and one for all.

    Returns
    -------
    RollOut
        The plan, what was spent and served, and both comparisons.

    Raises
    ------
    ModelError
        If the input means nothing, the required sites cannot be paid, or the end state asked for
        cannot be reached.
    """
    started = time.perf_counter()
    settings = settings_of(time_limit_s=time_limit_s, gap=gap, where=_WHERE)
    question = _read(covers, demand, (cost, budget, worth), carries_over, roles)
    ideal = tuple(_ideal(question, year, settings) for year in range(question.n_years))
    myopic = _myopic(question, settings)
    if not 0 <= end_share <= 1:
        raise _bad("end_share", "no share of the end state", str(end_share), "0 to 1")
    least = end_share * ideal[-1].objective
    start = _start(question, myopic, ideal[-1].sites, least)
    if start is None:
        _require_end(question, myopic, ideal[-1], least, settings)
    opening, bound, is_proven = best_years(
        question, start=start, settings=settings, least_at_end=least
    )
    opening = without_idle(question, opening)
    served = served_in_years(question, opening)
    _certify(question, opening, served[-1], least)
    reached = float(served @ question.worth)
    most = float(np.array([best.bound for best in ideal]) @ question.worth)
    spent = question.spent(opening)
    plan = Solution(
        sites=open_in(opening, question.n_years - 1),
        objective=reached,
        bound=max(min(bound, most), reached),
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT,
        seconds=time.perf_counter() - started,
        facts={"years": float(question.n_years), "spent": float(spent.sum())},
    )
    by_steps = served_in_years(question, myopic)
    return RollOut(
        plan=plan, opening=opening, served=served, spent=spent, ideal=ideal, myopic=by_steps
    )


def _read(
    covers: Coverage | ArrayLike | sparse.sparray,
    demand: ArrayLike,
    money: tuple[ArrayLike, ArrayLike, ArrayLike | None],
    carries_over: bool,  # noqa: FBT001 - passed on
    roles: ArrayLike | None,
) -> Years:
    coverage = coverage_of(covers, where=_WHERE)
    by_year = np.asarray(demand, dtype=float)
    if by_year.ndim != 2 or not by_year.shape[1]:  # noqa: PLR2004 - points by years
        expected = f"({coverage.n_units}, years)"
        raise _bad("demand", "not one column a year", str(by_year.shape), expected)
    years = by_year.shape[1]
    columns = [read_amounts(c, coverage.n_units, where=_WHERE, name="demand") for c in by_year.T]
    cost, budget, worth = money
    yearly = read_amounts(np.asarray(budget), years, where=_WHERE, name="budget")
    read = read_roles(roles, coverage.n_sites, where=_WHERE)
    amounts = read_amounts(cost, coverage.n_sites, where=_WHERE, name="cost")
    question = Years(
        coverage=coverage,
        demand=np.stack(columns, axis=1),
        cost=np.where(read.is_existing, 0.0, amounts),
        money=np.cumsum(yearly) if carries_over else yearly,
        carries_over=carries_over,
        worth=read_amounts(worth, years, where=_WHERE, name="worth"),
        existing=read.is_existing,
        required=read.is_kept_open & ~read.is_existing,
        forbidden=~read.is_allowed,
    )
    needed, there = math.fsum(question.cost[question.required]), math.fsum(yearly)
    if needed > there * (1 + ROUNDING):
        raise _bad(
            "budget",
            "the required sites alone cost more than all years bring",
            f"{there:g}",
            f"at least {needed:g} in all",
        )
    return question


def _ideal(question: Years, year: int, settings: SolverSettings) -> Solution:
    """Return the best plan of a year for all money up to then, with nothing committed."""
    started = time.perf_counter()
    money = question.money[year] if question.carries_over else question.money[: year + 1].sum()
    limit = Limit(name="budget", use=question.cost, most=float(money))
    reply, served = most_covered(
        question.coverage,
        question.demand[:, year],
        limits=[limit],
        roles=_roles(question, np.flatnonzero(question.existing)),
        settings=settings,
    )
    return Solution(
        sites=reply.sites,
        objective=served,
        bound=reply.bound,
        status=reply.status,
        seconds=time.perf_counter() - started,
    )


def _myopic(question: Years, settings: SolverSettings) -> IntArray:
    """Return opening years when each year takes its own best step; required sites come first.

    Where no order of the required sites was found that fits, some stay unbuilt.
    """
    opening = np.where(question.existing, 0, NEVER).astype(np.int64)
    for j in sorted(np.flatnonzero(question.required), key=lambda j: (-question.cost[j], j)):
        for year in range(question.n_years):
            opening[j] = year
            if not question.overdraws(opening):
                break
            opening[j] = NEVER
    for year in range(question.n_years):
        spent = question.spent(opening)
        rest = question.money - (np.cumsum(spent) if question.carries_over else spent)
        left = rest[year:].min() if question.carries_over else rest[year]
        is_open = (opening >= 0) & (opening <= year)
        later = opening > year  # required, and paid already
        use = np.where(is_open, 0.0, question.cost)
        reply, _ = most_covered(
            question.coverage,
            question.demand[:, year],
            limits=[Limit(name="budget", use=use, most=max(float(left), 0.0))],
            roles=_roles(question, np.flatnonzero(is_open), shut=later),
            settings=settings,
        )
        new = np.setdiff1d(reply.sites, np.flatnonzero(is_open))
        opening[new] = year
    return opening


def _roles(question: Years, is_open: IntArray, *, shut: np.ndarray | None = None) -> Roles:
    closed = question.forbidden if shut is None else question.forbidden | shut
    numbers = np.where(closed, SiteRole.FORBIDDEN, SiteRole.CANDIDATE)
    numbers[is_open] = SiteRole.EXISTING
    return read_roles(numbers, len(numbers), where=_WHERE)


def _start(question: Years, myopic: IntArray, best: IntArray, least: float) -> IntArray | None:
    """Return opening years that keep all limits: step by step, or the end state as it is paid."""
    at_end = np.where(question.existing, 0, NEVER).astype(np.int64)
    at_end[best] = question.n_years - 1
    at_end[question.required] = question.n_years - 1
    at_end[question.existing] = 0
    for opening in (myopic, at_end):
        is_whole = (opening[question.required] >= 0).all()
        served = served_in_years(question, opening)[-1]
        if is_whole and not question.overdraws(opening) and served >= least:
            return opening
    return None


def _require_end(
    question: Years, myopic: IntArray, best: Solution, least: float, settings: SolverSettings
) -> None:
    """Refuse an end state that the yearly budgets cannot pay, and tell the best they can."""
    last = replace(question, worth=np.eye(question.n_years)[-1])
    is_start = (myopic[question.required] >= 0).all() and not question.overdraws(myopic)
    opening, bound, _ = best_years(last, start=myopic if is_start else None, settings=settings)
    most = max(bound, float(served_in_years(question, opening)[-1]))
    if most < least * (1 - ROUNDING):
        raise _bad(
            "end_share",
            "the yearly budgets reach no such end state",
            f"{least / best.objective:g}",
            f"at most {most / best.objective:.6g}",
        )


def _certify(question: Years, opening: IntArray, end: float, least: float) -> None:
    """Count money, roles and the end state again; a plan that fails goes no further."""
    is_broken = (
        question.overdraws(opening)
        or (opening[question.required] < 0).any()
        or (opening[question.forbidden] >= 0).any()
        or end < least - ROUNDING * float(question.demand[:, -1].sum())
    )
    if is_broken:
        raise _bad("plan", "it breaks a limit when counted again", "", "a report of this study")


def _bad(name: str, what: str, got: str, expected: str) -> ModelError:
    return ModelError(Problem(where=f"{_WHERE}, {name}", what=what, got=got, expected=expected))
