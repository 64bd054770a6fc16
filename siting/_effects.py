"""What the plans of all facility types bring: money, emissions, robustness, and what opens when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting._planning import FacilityPlan
from siting._robustness import robustness
from siting._rollout import RollOutAnswer, TypePart, roll_out
from siting._tradeoffs import roles_of, tradeoffs
from siting.economy import economics, sensitivity
from siting.facilities import CASE_NAMES
from siting.frames import RESULT_FRAMES
from siting.model import Role, SolverSettings, Study


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effects:
    """Frames after ``siting.frames``, and the year in which each (facility, candidate_id) opens."""

    economics: pd.DataFrame
    sensitivity: pd.DataFrame
    benefits: pd.DataFrame
    robustness: pd.DataFrame
    curve: pd.DataFrame
    front: pd.DataFrame
    standing: pd.DataFrame
    roll_out: pd.DataFrame
    opening: Mapping[tuple[str, str], int]


def effects(study: Study, plans: Sequence[FacilityPlan]) -> Effects:
    """Return what the plans bring.

    Parameters
    ----------
    study
        Brings the roll-out that is asked for, and the solver's settings.
    plans
        The facility types, sorted.

    Raises
    ------
    SitingError
        If money means nothing, such as a negative price, or a roll-out lacks costs.
    """
    settings = study.solver
    years = _years(study, plans, settings)
    traded = [tradeoffs(p.spec, p.problem, p.chosen, settings) for p in plans]
    return Effects(
        economics=_stacked("economics", [economics(p.spec, p.equipped.money) for p in plans]),
        sensitivity=_stacked(
            "sensitivity", [sensitivity(p.spec, p.equipped.money) for p in plans]
        ),
        benefits=_stacked("benefits", [_benefits(p) for p in plans]),
        robustness=_stacked("robustness", [_robustness(p, settings) for p in plans]),
        curve=_stacked("curve", [t.curve for t in traded]),
        front=_stacked("front", [t.front for t in traded]),
        standing=_stacked("standing", [t.standing for t in traded]),
        roll_out=years.frame,
        opening=years.opening,
    )


def _benefits(plan: FacilityPlan) -> pd.DataFrame:
    """Return the emissions by site with its district, and what is left of them net."""
    rows = plan.equipped.emissions
    district = plan.sites.set_index("candidate_id")["district"]
    return rows.assign(
        district=rows["candidate_id"].map(district),
        net_t=rows["avoided_t"] - rows["added_t"],
    )


def _robustness(plan: FacilityPlan, settings: SolverSettings) -> pd.DataFrame:
    """Hold the plan against the best for each demand case, under the limit its model keeps."""
    problem = plan.problem
    budget = plan.spec.model.params.get("budget_mcny")
    is_new = ~problem.existing[plan.chosen]
    limit = (
        {"cost": problem.cost, "budget": float(budget)}
        if isinstance(budget, int | float) and budget > 0 and plan.plan.model == "budget"
        else {"p": int(is_new.sum())}
    )
    return robustness(
        plan.spec,
        problem.times_min <= problem.service_min,
        plan.demand[[f"_left_{case}" for case in CASE_NAMES]].to_numpy(float),
        plan.chosen,
        settings=settings,
        roles=roles_of(problem),
        **limit,
    )


def _years(study: Study, plans: Sequence[FacilityPlan], settings: SolverSettings) -> RollOutAnswer:
    """Choose the years of all sites that cost something; none where the study tells of no years."""
    if study.roll_out is None:
        return RollOutAnswer(frame=_none("roll_out"), opening={})
    priced = [plan for plan in plans if plan.sites["cost_mcny"].notna().all()]
    return roll_out(study.roll_out, [_part(plan) for plan in priced], settings)


def _part(plan: FacilityPlan) -> TypePart:
    sites, demand = plan.sites, plan.demand
    return TypePart(
        facility=plan.facility,
        candidate_ids=sites["candidate_id"].to_numpy(object),
        cost_mcny=sites["cost_mcny"].to_numpy(float),
        demand=demand["demand"].to_numpy(float),
        covers=plan.problem.times_min[:, plan.chosen] <= plan.problem.service_min,
        allocated=_allocated(plan),
        is_existing=(sites["role"] == Role.EXISTING).to_numpy(bool),
    )


def _allocated(plan: FacilityPlan) -> NDArray[np.float64]:
    """Return what each site serves of each demand point ``(n_demand, n_sites)``."""
    row = pd.Series(np.arange(len(plan.demand)), index=plan.demand["demand_id"])
    column = pd.Series(np.arange(len(plan.sites)), index=plan.sites["candidate_id"])
    amounts = np.zeros((len(row), len(column)))
    at = (
        plan.allocation["demand_id"].map(row).to_numpy(np.int64),
        plan.allocation["candidate_id"].map(column).to_numpy(np.int64),
    )
    amounts[at] = plan.allocation["demand"].to_numpy(float)
    return amounts


def _stacked(name: str, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    columns = list(RESULT_FRAMES[name])
    filled = [frame[columns] for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else _none(name)


def _none(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(RESULT_FRAMES[name]))
