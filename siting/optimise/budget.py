"""Budgeted choice: the sites that are worth most together for what may be spent."""

import time

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings, SolveStatus
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel

_FREE = 1e-12  # of the budget: what costs less is as good as free
_ROUNDING = 1e-9  # of the budget: sums of decimal costs are no more exact


def budgeted(problem: SitingProblem, *, settings: SolverSettings, budget_mcny: float) -> Solution:
    """Choose sites of the largest total benefit whose total cost keeps the budget.

    Sites without benefit are never chosen unless they are required; existing ones cost nothing. Of plans with the same benefit the solver's own is
    returned; it is the same every run. The budget is kept to a billionth of it, as sums of
    decimal costs are no more exact than that.

    Parameters
    ----------
    problem
        Benefit and cost (million CNY) of each candidate, numbers ≥ 0.
    settings
        Time limit and relative gap.
    budget_mcny
        What may be spent, million CNY, ≥ 0.

    Returns
    -------
    Solution
        ``objective`` is the total benefit, ``bound`` the most the budget can buy.

    Raises
    ------
    ModelError
        If no candidate is left, or the budget, a benefit or a cost is negative or not a number.

    References
    ----------
    The 0-1 knapsack problem; Martello and Toth (1990).
    """
    started = time.perf_counter()
    _check(problem, budget_mcny)
    benefit, cost = problem.benefit, np.where(problem.existing, 0.0, problem.cost)
    kept = np.flatnonzero(problem.kept_open)
    left = _left(budget_mcny, cost[kept])
    worthwhile = np.flatnonzero((benefit > 0) & (cost <= left) & ~problem.kept_open)
    at, bound, is_proven = worthwhile, 0.0, True
    if cost[worthwhile].sum() > left:
        picked, bound, is_proven = _knapsack(benefit[worthwhile], cost[worthwhile], left, settings)
        at, bound = worthwhile[picked], bound + float(benefit[kept].sum())
    at = np.sort(np.concatenate([at, kept]))
    worth = float(benefit[at].sum())
    return Solution(
        sites=at,
        objective=worth,
        bound=max(worth, bound),
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT,
        seconds=time.perf_counter() - started,
        facts={
            "budget_mcny": budget_mcny,
            "spent_mcny": float(cost[at].sum()),
            "cost_of_all_mcny": float(cost[benefit > 0].sum()),
            "benefit_of_all": float(benefit.sum()),
            "coverage_share": worth / (float(benefit.sum()) or 1.0),
        },
    )


def _left(budget: float, kept: NDArray[np.float64]) -> float:
    """Return what is left for the choice when the required sites are paid."""
    needed = float(kept.sum())
    if needed > budget * (1 + _ROUNDING):
        raise ModelError(
            Problem(
                where="budget, budget_mcny",
                what="the required sites cost more than may be spent",
                got=f"{needed:g} million CNY required",
                expected=f"at most {budget:g}",
                mend="Raise [model.params] budget_mcny, or require fewer sites.",
            )
        )
    return max(budget - needed, 0.0)


def _knapsack(
    benefit: NDArray[np.float64],
    cost: NDArray[np.float64],
    budget: float,
    settings: SolverSettings,
) -> tuple[NDArray[np.int64], float, bool]:
    """Return the rows to take, a bound on their benefit, and whether it is proven."""
    scale = float(benefit.max())
    model = MixedIntegerModel(
        gain=benefit / scale,
        rows=sparse.csr_array(cost[None, :] / budget),
        low=np.array([0.0]),
        high=np.array([1.0]),
        n_binary=len(benefit),
    )
    answer = maximise(model, settings=settings, start=_greedy(benefit, cost, budget))
    picked = np.flatnonzero(answer.values > 0.5)  # noqa: PLR2004 - binaries
    bound = min(answer.bound * scale, float(benefit.sum()))  # at worst: everything
    return picked, bound, answer.is_proven


def _greedy(
    benefit: NDArray[np.float64], cost: NDArray[np.float64], budget: float
) -> NDArray[np.float64]:
    """Take what brings most for its cost while the budget lasts."""
    free = np.full(len(benefit), np.inf)
    per_cost = np.divide(benefit, cost, out=free, where=cost > budget * _FREE)
    taken, left = np.zeros(len(benefit)), budget
    for j in np.argsort(-per_cost, kind="stable"):
        if cost[j] <= left:
            taken[j], left = 1.0, left - cost[j]
    return taken


def _check(problem: SitingProblem, budget_mcny: float) -> None:
    if not len(problem.candidate_ids):
        raise ModelError(
            Problem(
                where="budget",
                what="no candidate is left",
                expected="at least 1",
                mend="Bring candidates that pass the rules.",
            )
        )
    for name, values in (("benefit", problem.benefit), ("cost", problem.cost)):
        bad = ~(np.isfinite(values) & (values >= 0))
        if bad.any():
            raise ModelError(
                Problem(
                    where=f"budget, {name} of {problem.candidate_ids[bad][0]}",
                    what="negative or not known",
                    got=str(values[bad][0]),
                    expected="a number ≥ 0",
                    mend="Complete the facility's tables, or choose another location model.",
                )
            )
    if not (np.isfinite(budget_mcny) and budget_mcny >= 0):
        raise ModelError(
            Problem(
                where="budget, budget_mcny",
                what="not an amount",
                got=str(budget_mcny),
                expected="a number ≥ 0",
            )
        )


MODEL = LocationModel(name="budget", objective_unit="t/yr", solve=budgeted)
