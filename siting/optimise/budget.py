"""Budgeted choice: the sites that are worth most together for what may be spent."""

import time

import numpy as np
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings, SolveStatus
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel


def budgeted(problem: SitingProblem, *, settings: SolverSettings, budget_mcny: float) -> Solution:
    """Choose sites of the largest total benefit whose total cost keeps the budget.

    Sites without benefit are never chosen. Of plans with the same benefit the solver's own is
    returned; it is the same every run.

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
        If the budget, a benefit or a cost is negative or not a number.

    References
    ----------
    The 0-1 knapsack problem; Martello and Toth (1990).
    """
    started = time.perf_counter()
    _check(problem, budget_mcny)
    benefit, cost = problem.benefit, problem.cost
    scale = float(benefit.max(initial=0.0)) or 1.0
    ratio = benefit / np.where(cost > 0, cost, np.finfo(float).tiny)
    start = np.zeros(len(benefit))
    left = budget_mcny
    for j in np.lexsort((problem.candidate_ids.astype(str), -ratio)):
        if benefit[j] > 0 and cost[j] <= left:
            start[j], left = 1.0, left - cost[j]
    model = MixedIntegerModel(
        gain=np.where(benefit > 0, benefit / scale, -1.0),
        rows=sparse.csr_array(cost[None, :]),
        low=np.array([0.0]),
        high=np.array([budget_mcny]),
        n_binary=len(benefit),
    )
    answer = maximise(model, settings=settings, start=start)
    at = np.flatnonzero((answer.values > 0.5) & (benefit > 0))  # noqa: PLR2004 - binaries
    worth = float(benefit[at].sum())
    return Solution(
        sites=at,
        objective=worth,
        bound=max(answer.bound * scale, worth),
        status=SolveStatus.OPTIMAL if answer.is_proven else SolveStatus.TIME_LIMIT,
        seconds=time.perf_counter() - started,
        facts={
            "budget_mcny": budget_mcny,
            "spent_mcny": float(cost[at].sum()),
            "cost_of_all_mcny": float(cost[benefit > 0].sum()),
            "benefit_of_all": float(benefit.sum()),
            "coverage_share": worth / (float(benefit.sum()) or 1.0),
        },
    )


def _check(problem: SitingProblem, budget_mcny: float) -> None:
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
