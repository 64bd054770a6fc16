"""One facility type from candidates to sites; the steps are the stages of the architecture."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting._allocation import (
    allocate,
    is_covered,
    reach,
    service_areas,
    site_totals,
)
from siting._certainty import Certainty, assess
from siting._equipping import (
    equip,
    fitted,
    offers_at,
    served_by_case,
    sized_sites,
    utilisation,
)
from siting._flows import flow_lines
from siting._question import Question, ask, problem_of
from siting._ranking import redraw
from siting._reasons import reasons
from siting._suitability import Ground, suitability
from siting.facilities import Chosen, Equipped
from siting.model import FacilitySpec, Inputs, Plan, Study
from siting.network import NetworkTravel
from siting.optimise import SitingProblem, Solution, models, solve

# A gap so wide that the first plan will do: enough to learn whether there is one at all.
_ANY_PLAN_GAP = 0.999


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FacilityPlan:
    """What one facility type adds to the result; frames after ``siting.schema``.

    ``spec`` is the facility type with all its weights filled in; ``sure`` how certain its ranks are;
    ``chosen`` are the candidates of ``problem`` that were chosen.
    """

    facility: str
    spec: FacilitySpec
    candidates: gpd.GeoDataFrame
    criteria: pd.DataFrame
    rules: pd.DataFrame
    ground: Ground
    sure: Certainty
    reasons: pd.DataFrame
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    allocation: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame
    reach: pd.DataFrame
    flows: gpd.GeoDataFrame
    equipped: Equipped
    problem: SitingProblem
    chosen: NDArray[np.int64]
    plan: Plan
    n_existing: int
    warned_edges: tuple[str, ...]


def plan_facility(
    study: Study, inputs: Inputs, facility: FacilitySpec, travel: NetworkTravel
) -> FacilityPlan:
    """Propose, screen, measure, score, choose and allocate for one facility type."""
    asked = ask(study, inputs, facility, travel)
    problem = problem_of(asked, facility, travel)
    solution = solve(problem, facility.model, settings=study.solver)
    chosen = asked.eligible[solution.sites]
    sure = _certainty(study, asked, chosen, travel)
    built = _build(study, asked, sure.candidates.iloc[chosen], solution, travel)
    reached = built.sites.iloc[:0] if asked.engineering.is_on_site else built.sites
    return FacilityPlan(
        facility=facility.key,
        spec=asked.spec,
        candidates=sure.candidates,
        criteria=asked.criteria,
        rules=asked.rules,
        ground=suitability(asked.spec, asked.criteria, asked.surroundings, inputs, travel=travel),
        sure=sure,
        reasons=reasons(asked.spec, sure.candidates, asked.criteria),
        demand=asked.demand.assign(is_covered=is_covered(asked.demand, built.allocation)),
        sites=site_totals(built.sites, built.allocation, asked.demand),
        allocation=built.allocation,
        service_areas=service_areas(reached, study, inputs, facility, travel),
        reach=reach(sure.candidates, asked.demand, asked.times_min, facility),
        flows=flow_lines(inputs, facility, asked.engineering, asked.demand, travel),
        equipped=_equip(asked, built, inputs, travel),
        problem=problem,
        chosen=solution.sites,
        plan=_plan(facility, sure.candidates, chosen, solution),
        n_existing=asked.n_existing,
        warned_edges=built.warned_edges,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Built:
    """The chosen sites with their sizes, and whom they serve."""

    sites: gpd.GeoDataFrame
    allocation: gpd.GeoDataFrame
    served: pd.DataFrame
    warned_edges: tuple[str, ...]


def _build(
    study: Study,
    asked: Question,
    chosen: gpd.GeoDataFrame,
    solution: Solution,
    travel: NetworkTravel,
) -> _Built:
    """Allocate demand to the chosen sites, and give each its size and its load in every case."""
    ids = asked.candidates["candidate_id"].to_numpy(object)[asked.eligible]
    offers = offers_at(asked.offers, ids)
    sites = sized_sites(chosen, offers, solution)
    times = asked.times_min[:, asked.eligible[solution.sites]]
    allocation, warned = allocate(
        sites,
        asked.demand,
        times_min=times,
        facility=asked.spec,
        travel=travel,
        settings=study.solver,
    )
    served_at = sites["candidate_id"].map(allocation.groupby("candidate_id")["demand"].sum())
    load = np.asarray(served_at.astype(float).fillna(0.0), dtype=np.float64)  # of no sums, text
    if solution.rows is None:
        sites = fitted(sites, offers, load)
    served = served_by_case(sites, asked.demand, times, asked.spec, study.solver)
    sites["utilisation"] = utilisation(load, sites["capacity"].to_numpy(float))
    sites["year"] = np.nan
    return _Built(sites=sites, allocation=allocation, served=served, warned_edges=warned)


def _equip(asked: Question, built: _Built, inputs: Inputs, travel: NetworkTravel) -> Equipped:
    chosen = Chosen(
        facility=asked.spec,
        sites=built.sites,
        served=built.served,
        demand=asked.demand,
        inputs=inputs,
        travel=travel,
    )
    return equip(asked.engineering, chosen)


def check_facility(
    study: Study, inputs: Inputs, facility: FacilitySpec, travel: NetworkTravel
) -> None:
    """Do all that can fail on the way to a plan, and leave out what only takes time."""
    asked = ask(study, inputs, facility, travel)
    loosest = replace(study.solver, gap=_ANY_PLAN_GAP)
    solve(problem_of(asked, facility, travel), facility.model, settings=loosest)


def _certainty(
    study: Study, asked: Question, chosen: NDArray[np.int64], travel: NetworkTravel
) -> Certainty:
    is_chosen = np.isin(np.arange(len(asked.candidates)), chosen)
    judged = asked.candidates.assign(is_chosen=is_chosen)

    def measure_again(rng: np.random.Generator) -> NDArray[np.float64]:
        # Travel keeps what it computed; drawn places come once, so each draw starts afresh.
        fresh = replace(asked.surroundings, travel=travel.forgetful())
        return redraw(asked.spec, judged, fresh, rng)

    return assess(
        asked.spec,
        judged,
        asked.criteria,
        top=len(chosen),
        settings=study.certainty,
        seed=study.seed,
        redraw=measure_again,
    )


def _plan(
    facility: FacilitySpec,
    candidates: gpd.GeoDataFrame,
    chosen: NDArray[np.int64],
    solution: Solution,
) -> Plan:
    unit = models()[facility.model.kind].objective_unit
    return Plan(
        facility=facility.key,
        model=facility.model.kind,
        sites=tuple(candidates["candidate_id"].to_numpy()[chosen]),
        objective=solution.objective,
        bound=solution.bound,
        gap=solution.gap,
        unit=unit.replace("{demand}", facility.demand_unit),
        status=solution.status,
        seconds=solution.seconds,
        facts=solution.facts,
    )
