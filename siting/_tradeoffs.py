"""What fewer or more sites and less or more money would serve, and which sites no good plan can miss."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.frames import RESULT_FRAMES
from siting.model import FacilitySpec, SolverSettings
from siting.optimise import SiteRole, SitingProblem, coverage_curve, near_optimal, pareto_front

_BEYOND = 1.5
"""The curve goes this much farther than the plan, so that one sees whether it has flattened."""

_STEPS = 10
"""Points of the curve, besides the plan's own."""

_POINTS = 7
"""Points of the front of cost and coverage: enough to see its bend."""

_NEAR_SHARE = 0.01
"""Plans that serve at least 99 % of the most count as good."""

_GAP = 0.002
"""To which the curve and the front are proven, if the study does not ask for less: they are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    """A facility type's question as coverage, with the number of new sites in its plan."""

    facility: FacilitySpec
    problem: SitingProblem
    covers: NDArray[np.bool_]
    roles: NDArray[np.int64]
    n_new: int
    settings: SolverSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tradeoffs:
    """Frames after ``siting.frames``."""

    curve: pd.DataFrame
    front: pd.DataFrame
    standing: pd.DataFrame


def tradeoffs(
    facility: FacilitySpec,
    problem: SitingProblem,
    chosen: NDArray[np.int64],
    settings: SolverSettings,
) -> Tradeoffs:
    """Return the curves of a facility type. All count coverage alone, as if sites had no capacity.

    Parameters
    ----------
    facility, problem
        What was asked.
    chosen
        Candidates of ``problem`` that were chosen ``(n_sites,)``.
    settings
        Time limit of each solve, and relative gap; curve and front are proven to ``_GAP`` at the
        finest, and every solve ends by its gap, so that the answer does not hang on the clock.
    """
    case = _Case(
        facility=facility,
        problem=problem,
        covers=problem.times_min <= problem.service_min,
        roles=roles_of(problem),
        n_new=int((~problem.existing[chosen]).sum()),
        settings=replace(settings, gap=max(settings.gap, _GAP)),
    )
    if not case.n_new or not (problem.demand[case.covers.any(axis=1)] > 0).any():
        return Tradeoffs(curve=_none("curve"), front=_none("front"), standing=_none("standing"))
    return Tradeoffs(curve=_curve(case), front=_front(case), standing=_standing(case))


def roles_of(problem: SitingProblem) -> NDArray[np.int64]:
    """Return the ``SiteRole`` of each candidate of a study's problem."""
    kept = np.where(problem.kept_open, SiteRole.REQUIRED, SiteRole.CANDIDATE)
    return np.where(problem.existing, SiteRole.EXISTING, kept).astype(np.int64)


def _curve(case: _Case) -> pd.DataFrame:
    free = int((~case.problem.existing).sum())
    needed = int((case.problem.kept_open & ~case.problem.existing).sum())
    most = min(free, int(np.ceil(case.n_new * _BEYOND)))
    steps = np.linspace(max(1, needed), most, _STEPS).round().astype(int)
    sites = np.unique(np.append(steps, case.n_new))
    total = float(case.problem.demand.sum())
    found = coverage_curve(
        case.covers,
        case.problem.demand,
        most_sites=max(most, case.n_new),
        sites=sites,
        roles=case.roles,
        time_limit_s=case.settings.time_limit_s,
        gap=case.settings.gap,
    )
    served = found.served / total
    return pd.DataFrame(
        {
            "facility": case.facility.key,
            "sites": sites,
            "served_share": served,
            "bound_share": found.bound / total,
            "gain_share": np.r_[np.nan, np.diff(served) / np.diff(sites)],
            "is_plan": sites == case.n_new,
        }
    )


def _front(case: _Case) -> pd.DataFrame:
    """Return the least cost of serving ever more; nothing where costs are not known."""
    cost = _least_cost(case.problem)
    if np.isnan(cost).any() or not cost.any():
        return _none("front")
    found = pareto_front(
        case.covers,
        case.problem.demand,
        cost,
        points=_POINTS,
        roles=case.roles,
        time_limit_s=case.settings.time_limit_s,
        gap=case.settings.gap,
    )
    total = case.problem.demand.sum() or 1.0
    return pd.DataFrame(
        {
            "facility": case.facility.key,
            "cost_mcny": found.cost,
            "served_share": found.served / total,
            "sites": [len(plan.sites) for plan in found.plans],
        }
    )


def _least_cost(problem: SitingProblem) -> NDArray[np.float64]:
    """Return what the smallest size of each candidate costs; NaN where it is not known."""
    if problem.sizes is None:
        return problem.cost
    _, first = np.unique(problem.sizes.site, return_index=True)
    return problem.sizes.cost[first]


def _standing(case: _Case) -> pd.DataFrame:
    """Return which candidates every good plan has, some have or none has, and who may stand in."""
    found = near_optimal(
        case.covers,
        case.problem.demand,
        p=case.n_new,
        tolerance_share=_NEAR_SHARE,
        roles=case.roles,
        time_limit_s=case.settings.time_limit_s,
    )
    words = np.full(len(case.roles), "undecided", dtype=object)
    for word in ("always", "sometimes", "never"):
        words[getattr(found, word)] = word
    ids = case.problem.candidate_ids
    swap = {ids[b]: ids[a] for a, b in found.swaps[::-1]}
    frame = pd.DataFrame({"candidate_id": ids, "standing": words})
    # Where nothing can be exchanged, ``map`` would give a column of numbers.
    frame["stands_in_for"] = [swap.get(key, "") for key in frame["candidate_id"]]
    return frame.assign(facility=case.facility.key)[list(RESULT_FRAMES["standing"])]


def _none(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(RESULT_FRAMES[name]))
