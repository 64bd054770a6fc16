"""One facility type from candidates to sites; the steps are the stages of the architecture."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting import scoring
from siting._allocation import (
    access_m,
    allocate,
    demand_left,
    in_service,
    is_covered,
    service_areas,
    site_totals,
    times_to_serve,
)
from siting._certainty import Certainty, assess
from siting._ranking import redraw, score
from siting._reasons import reasons
from siting._roles import give_roles
from siting.candidates import propose
from siting.constraints import screen
from siting.errors import InputError, ModelError, Problem
from siting.facilities import demand_models
from siting.model import FacilitySpec, Inputs, Plan, Role, RuleOutcome, Study, Surroundings
from siting.network import NetworkTravel
from siting.optimise import SitingProblem, Solution, models, solve

# A gap so wide that the first plan will do: enough to learn whether there is one at all.
_ANY_PLAN_GAP = 0.999


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FacilityPlan:
    """What one facility type adds to the result; frames after ``siting.schema``.

    ``spec`` is the facility type with all its weights filled in; ``sure`` how certain its ranks are.
    """

    facility: str
    spec: FacilitySpec
    candidates: gpd.GeoDataFrame
    criteria: pd.DataFrame
    rules: pd.DataFrame
    sure: Certainty
    reasons: pd.DataFrame
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    allocation: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame
    plan: Plan
    n_existing: int
    warned_edges: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Question:
    """A facility type up to the choice; ``eligible`` are the candidates' rows put to the model."""

    candidates: gpd.GeoDataFrame
    criteria: pd.DataFrame
    rules: pd.DataFrame
    demand: gpd.GeoDataFrame
    times_min: NDArray[np.float64]
    figures: pd.DataFrame
    eligible: NDArray[np.int64]
    n_existing: int
    spec: FacilitySpec
    surroundings: Surroundings


def plan_facility(
    study: Study, inputs: Inputs, facility: FacilitySpec, travel: NetworkTravel
) -> FacilityPlan:
    """Propose, screen, measure, score, choose and allocate for one facility type."""
    asked = _ask(study, inputs, facility, travel)
    solution = solve(_problem(asked, facility, travel), facility.model, settings=study.solver)
    chosen = asked.eligible[solution.sites]
    sure = _certainty(study, asked, chosen, travel)
    candidates = sure.candidates
    sites = candidates.iloc[chosen]
    allocation, warned = allocate(
        sites,
        asked.demand,
        times_min=asked.times_min[:, chosen],
        facility=facility,
        travel=travel,
        settings=study.solver,
    )
    is_on_site = demand_models()[facility.demand_model].is_on_site
    return FacilityPlan(
        facility=facility.key,
        spec=asked.spec,
        candidates=candidates,
        criteria=asked.criteria,
        rules=asked.rules,
        sure=sure,
        reasons=reasons(asked.spec, candidates, asked.criteria),
        demand=asked.demand.assign(is_covered=is_covered(asked.demand, allocation)),
        sites=site_totals(sites, asked.figures.iloc[chosen], allocation, asked.demand),
        allocation=allocation,
        service_areas=service_areas(
            sites.iloc[:0] if is_on_site else sites, study, inputs, facility, travel
        ),
        plan=_plan(facility, candidates, chosen, solution),
        n_existing=asked.n_existing,
        warned_edges=warned,
    )


def check_facility(
    study: Study, inputs: Inputs, facility: FacilitySpec, travel: NetworkTravel
) -> None:
    """Do all that can fail on the way to a plan, and leave out what only takes time."""
    asked = _ask(study, inputs, facility, travel)
    loosest = replace(study.solver, gap=_ANY_PLAN_GAP)
    solve(_problem(asked, facility, travel), facility.model, settings=loosest)


def _ask(study: Study, inputs: Inputs, facility: FacilitySpec, travel: NetworkTravel) -> _Question:
    """Bring a facility type to the point where only the choice is left."""
    engineering = demand_models()[facility.demand_model]
    candidates = propose(inputs, facility)
    candidates["access_m"] = access_m(candidates.geometry, travel, facility.profile)
    existing = in_service(inputs, facility)
    demand = demand_left(inputs, facility, engineering, existing, travel)
    _require_roads(inputs, study, candidates, demand)
    surroundings = Surroundings(
        layers=inputs.layers,
        demand=demand,
        existing=existing,
        travel=travel,
        profile=facility.profile,
        grids=inputs.grids,
    )
    leave_out = study.missing_data == "leave_out"
    ranking = score(facility, candidates, surroundings, leave_out=leave_out)
    criteria = ranking.criteria
    rules = screen(candidates, inputs, facility.rules)
    candidates = give_roles(_judge(candidates, ranking.scores, rules), rules, study, facility)
    eligible = _eligible(facility, candidates, criteria)
    times = times_to_serve(candidates, demand, engineering, facility, travel)
    figures = engineering.site_values(candidates, demand, facility)
    return _Question(
        candidates=candidates,
        criteria=criteria,
        rules=rules,
        demand=demand,
        times_min=times,
        figures=figures,
        eligible=eligible,
        n_existing=len(existing),
        spec=ranking.facility,
        surroundings=surroundings,
    )


def _certainty(
    study: Study, asked: _Question, chosen: NDArray[np.int64], travel: NetworkTravel
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


def _problem(asked: _Question, facility: FacilitySpec, travel: NetworkTravel) -> SitingProblem:
    """Put the question on plain arrays."""
    left = asked.candidates.iloc[asked.eligible]
    figures = asked.figures.iloc[asked.eligible]
    return SitingProblem(
        candidate_ids=left["candidate_id"].to_numpy(object),
        times_min=asked.times_min[:, asked.eligible],
        site_times_min=travel(left.geometry, left.geometry, profile=facility.profile),
        demand=asked.demand["demand"].to_numpy(float),
        scores=left["score"].to_numpy(float),
        benefit=figures["benefit"].to_numpy(float),
        cost=figures["cost_mcny"].to_numpy(float),
        service_min=facility.service_minutes,
        is_required=(left["role"] == Role.REQUIRED).to_numpy(bool),
        is_existing=(left["role"] == Role.EXISTING).to_numpy(bool),
    )


def _require_roads(
    inputs: Inputs, study: Study, candidates: gpd.GeoDataFrame, demand: gpd.GeoDataFrame
) -> None:
    """Refuse places that lie away from every road of the layer, whatever may drive there."""
    tree = shapely.STRtree(inputs.layers["road_edges"].geometry.to_numpy())
    problems = []
    for name, frame, key in (
        ("candidates", candidates, "candidate_id"),
        ("demand", demand, "demand_id"),
    ):
        points = frame.geometry.to_numpy()
        pairs, away = tree.query_nearest(points, return_distance=True, all_matches=False)
        far = away > study.access.max_distance_m
        if far.any():
            ids = frame[key].to_numpy()[pairs[0][far]]
            problems.append(
                Problem(
                    where=f"facility {candidates['facility'].iloc[0]}, {name}",
                    what=f"{far.sum()} of {len(points)} places reach no road",
                    got=f"{', '.join(ids[:5])}; the farthest {away.max():.0f} m away",
                    expected=f"at most {study.access.max_distance_m:.0f} m",
                    mend="Check their positions, add roads, or raise access.max_distance_m.",
                )
            )
    if problems:
        raise InputError(*problems)


def _judge(
    candidates: gpd.GeoDataFrame, scores: NDArray[np.float64], rules: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Add exclusion, score and rank; excluded candidates keep their score but not a rank."""
    failed = set(rules.loc[rules["outcome"] == RuleOutcome.FAIL.value, "candidate_id"])
    judged = candidates.copy()
    judged["score"] = scores
    judged["is_excluded"] = judged["candidate_id"].isin(failed)
    ranked = np.where(judged["is_excluded"], np.nan, scores)
    judged["rank"] = scoring.rank(ranked, judged["candidate_id"].to_numpy(object))
    return judged


def _eligible(
    facility: FacilitySpec, candidates: gpd.GeoDataFrame, criteria: pd.DataFrame
) -> NDArray[np.int64]:
    """Return the rows of the ranked candidates; refuse if there are none, and say why."""
    may_be = candidates["rank"].notna() & (candidates["role"] != Role.FORBIDDEN)
    eligible = np.flatnonzero(may_be.to_numpy())
    if len(eligible):
        return eligible
    excluded = int(candidates["is_excluded"].sum())
    unknown = criteria["raw"].isna().groupby(criteria["criterion"]).all()
    names = ", ".join(unknown.index[unknown])
    raise ModelError(
        Problem(
            where=f"facility {facility.key}",
            what="no candidate is left to choose from",
            got=f"{excluded} of {len(candidates)} excluded by rules"
            + (f"; for none is known: {names}" if names else ""),
            expected="at least one that passes all rules and has all criteria",
            mend="Bring more candidates, or complete the layers that these rules or criteria need.",
        )
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
