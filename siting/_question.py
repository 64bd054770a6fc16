"""One facility type up to the choice: candidates, scores, rules, demand and what may be built."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting import scoring
from siting._allocation import access_m, demand_left, in_service, times_to_serve
from siting._equipping import largest, offers_for, size_table
from siting._ranking import score
from siting._roles import give_roles
from siting.candidates import propose
from siting.constraints import screen
from siting.errors import InputError, ModelError, Problem
from siting.facilities import Engineering, engineering
from siting.model import FacilitySpec, Inputs, Role, RuleOutcome, Study, Surroundings
from siting.network import NetworkTravel
from siting.optimise import SitingProblem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """A facility type up to the choice; ``eligible`` are the candidates' rows put to the model."""

    candidates: gpd.GeoDataFrame
    criteria: pd.DataFrame
    rules: pd.DataFrame
    demand: gpd.GeoDataFrame
    times_min: NDArray[np.float64]
    offers: pd.DataFrame
    eligible: NDArray[np.int64]
    n_existing: int
    spec: FacilitySpec
    engineering: Engineering
    surroundings: Surroundings


def ask(study: Study, inputs: Inputs, facility: FacilitySpec, travel: NetworkTravel) -> Question:
    """Bring a facility type to the point where only the choice is left."""
    kind = engineering()[facility.demand_model]
    candidates = propose(inputs, facility)
    candidates["access_m"] = access_m(candidates.geometry, travel, facility.profile)
    existing = in_service(inputs, facility)
    demand = demand_left(inputs, facility, kind, existing, travel)
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
    times = times_to_serve(candidates, demand, kind, facility, travel)
    return Question(
        candidates=candidates,
        criteria=criteria,
        rules=rules,
        demand=demand,
        times_min=times,
        offers=offers_for(candidates, demand, kind, facility),
        eligible=eligible,
        n_existing=len(existing),
        spec=ranking.facility,
        engineering=kind,
        surroundings=surroundings,
    )


def problem_of(asked: Question, facility: FacilitySpec, travel: NetworkTravel) -> SitingProblem:
    """Put the question on plain arrays."""
    left = asked.candidates.iloc[asked.eligible]
    ids = left["candidate_id"].to_numpy(object)
    most = largest(asked.offers).loc[ids]
    return SitingProblem(
        candidate_ids=ids,
        times_min=asked.times_min[:, asked.eligible],
        site_times_min=travel(left.geometry, left.geometry, profile=facility.profile),
        demand=asked.demand["demand"].to_numpy(float),
        scores=left["score"].to_numpy(float),
        benefit=most["benefit"].to_numpy(float),
        cost=most["cost_mcny"].to_numpy(float),
        sizes=size_table(asked.offers, ids),
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
