"""One facility type from candidates to sites; the steps are the stages of the architecture."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting import scoring
from siting._allocation import allocate, service_areas
from siting.candidates import districts_of, propose
from siting.constraints import screen
from siting.criteria import measure
from siting.errors import InputError, Problem
from siting.facilities import DemandModel, demand_models
from siting.model import (
    FacilitySpec,
    Inputs,
    Plan,
    RuleOutcome,
    Study,
    Surroundings,
)
from siting.network import NetworkTravel
from siting.optimise import SitingProblem, Solution, models, solve


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FacilityPlan:
    """What one facility type adds to the result; frames after ``siting.schema``."""

    facility: str
    candidates: gpd.GeoDataFrame
    criteria: pd.DataFrame
    rules: pd.DataFrame
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    allocation: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame
    plan: Plan
    warned_edges: tuple[str, ...]


def plan_facility(
    study: Study, inputs: Inputs, facility: FacilitySpec, travel: NetworkTravel
) -> FacilityPlan:
    """Propose, screen, measure, score, choose and allocate for one facility type."""
    engineering = demand_models()[facility.demand_model]
    candidates = propose(inputs, facility)
    candidates["access_m"] = _access(candidates.geometry, travel, facility.profile)
    existing = _existing(inputs, facility)
    demand = _demand(inputs, facility, engineering, existing, travel)
    _require_roads(inputs, study, candidates, demand)
    measured = _measure(inputs, facility, candidates, (demand, existing), travel)
    rules = screen(candidates, inputs, facility.rules)
    criteria, scores = _score(facility, candidates, measured)
    candidates = _judge(candidates, scores, rules)
    times = _times(candidates, demand, engineering, facility, travel)
    values = engineering.site_values(candidates, demand, facility)
    chosen, plan = _choose(study, facility, candidates, (demand, times, values), travel)
    candidates["is_chosen"] = np.isin(np.arange(len(candidates)), chosen)
    sites = candidates.iloc[chosen]
    allocation, warned = allocate(
        sites,
        demand,
        times_min=times[:, chosen],
        facility=facility,
        travel=travel,
        settings=study.solver,
    )
    demand["is_covered"] = demand["demand_id"].isin(allocation["demand_id"])
    reaching = sites.iloc[:0] if engineering.is_on_site else sites
    return FacilityPlan(
        facility=facility.key,
        candidates=candidates,
        criteria=criteria,
        rules=rules,
        demand=demand,
        sites=_sites(sites, values.iloc[chosen], allocation, demand),
        allocation=allocation,
        service_areas=service_areas(reaching, study, inputs, facility, travel),
        plan=plan,
        warned_edges=warned,
    )


def _access(places: gpd.GeoSeries, travel: NetworkTravel, profile: str) -> NDArray[np.float64]:
    snapped = travel.snap(places, profile=profile)
    return np.where(snapped.is_reached, snapped.access_m, np.nan)


def _existing(inputs: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame:
    """Return the facilities in service; no rows where none are known."""
    if facility.existing_layer is None or facility.existing_layer not in inputs.layers:
        any_layer = inputs.layers["road_nodes"]
        return any_layer.iloc[:0]
    frame = inputs.layers[facility.existing_layer]
    for column, values in facility.existing_where.items():
        frame = frame[frame[column].isin(list(values))]
    return frame


def _demand(
    inputs: Inputs,
    facility: FacilitySpec,
    engineering: DemandModel,
    existing: gpd.GeoDataFrame,
    travel: NetworkTravel,
) -> gpd.GeoDataFrame:
    """Return demand points with what is left to plan for after facilities in service."""
    demand = engineering.demand(inputs, facility).reset_index(drop=True)
    times = travel(demand.geometry, existing.geometry, profile=facility.profile)
    served = engineering.served(demand, existing, times, facility)
    demand["facility"] = facility.key
    demand["existing_served"] = served.to_numpy(float)
    demand["demand"] = demand[f"demand_{facility.demand_case}"] - demand["existing_served"]
    demand["district"] = districts_of(demand.geometry, inputs)
    demand["access_m"] = _access(demand.geometry, travel, facility.profile)
    return demand


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


def _measure(
    inputs: Inputs,
    facility: FacilitySpec,
    candidates: gpd.GeoDataFrame,
    places: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    travel: NetworkTravel,
) -> list[pd.Series]:
    demand, existing = places
    surroundings = Surroundings(
        layers=inputs.layers,
        demand=demand,
        existing=existing,
        travel=travel,
        profile=facility.profile,
    )
    return [measure(spec, candidates, surroundings) for spec in facility.criteria]


def _score(
    facility: FacilitySpec, candidates: gpd.GeoDataFrame, measured: list[pd.Series]
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    raw = np.column_stack([column.to_numpy(float) for column in measured])
    values = np.column_stack(
        [
            scoring.normalise(raw[:, k], spec=spec.normalise, direction=spec.direction)
            for k, spec in enumerate(facility.criteria)
        ]
    )
    weights = np.array([spec.weight for spec in facility.criteria])
    contributions, scores = scoring.weighted_sum(values, weights)
    n, m = raw.shape
    criteria = pd.DataFrame(
        {
            "facility": facility.key,
            "candidate_id": np.repeat(candidates["candidate_id"].to_numpy(), m),
            "criterion": np.tile([spec.key for spec in facility.criteria], n),
            "raw": raw.ravel(),
            "value": values.ravel(),
            "weight": np.tile(weights, n),
            "contribution": contributions.ravel(),
        }
    )
    return criteria, scores


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


def _times(
    candidates: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    engineering: DemandModel,
    facility: FacilitySpec,
    travel: NetworkTravel,
) -> NDArray[np.float64]:
    if engineering.is_on_site:
        own = demand["demand_id"].to_numpy()[:, None] == candidates["candidate_id"].to_numpy()
        return np.where(own, 0.0, np.nan)
    return travel(demand.geometry, candidates.geometry, profile=facility.profile)


def _choose(
    study: Study,
    facility: FacilitySpec,
    candidates: gpd.GeoDataFrame,
    question: tuple[gpd.GeoDataFrame, NDArray[np.float64], pd.DataFrame],
    travel: NetworkTravel,
) -> tuple[NDArray[np.int64], Plan]:
    """Put the question on plain arrays, solve it, and return the rows chosen and the plan."""
    demand, times, values = question
    eligible = np.flatnonzero(candidates["rank"].notna().to_numpy())
    left = candidates.iloc[eligible]
    problem = SitingProblem(
        candidate_ids=left["candidate_id"].to_numpy(object),
        times_min=times[:, eligible],
        site_times_min=travel(left.geometry, left.geometry, profile=facility.profile),
        demand=demand["demand"].to_numpy(float),
        scores=left["score"].to_numpy(float),
        benefit=values["benefit"].to_numpy(float)[eligible],
        cost=values["cost_mcny"].to_numpy(float)[eligible],
        service_min=facility.service_minutes,
    )
    solution = solve(problem, facility.model, settings=study.solver)
    chosen = eligible[solution.sites]
    return chosen, _plan(facility, candidates, chosen, solution)


def _sites(
    chosen: gpd.GeoDataFrame,
    values: pd.DataFrame,
    allocation: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    ids = chosen["candidate_id"]
    weighted = allocation.assign(product=allocation["demand"] * allocation["time_min"])
    by_site = weighted.groupby("candidate_id")
    served = ids.map(by_site["demand"].sum()).fillna(0.0)
    total = float(demand["demand"].sum()) or 1.0
    mean = ids.map(by_site["product"].sum() / by_site["demand"].sum())
    return chosen.assign(
        demand_served=served,
        demand_share=served / total,
        demand_points=ids.map(by_site.size()).fillna(0).astype(int),
        mean_time_min=mean,
        cost_mcny=values["cost_mcny"],
        power_mva=values["power_mva"],
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
