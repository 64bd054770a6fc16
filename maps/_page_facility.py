"""What the page knows of one facility type: its question, its candidates and its answer.

Tables travel as columns (one list per column, rows in the order of the frame). Only the columns
named here leave the house; whatever else an input layer holds stays behind.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Final

import geopandas as gpd
import pandas as pd

from maps._page_columns import (
    Json,
    doubles,
    flag_column,
    number_column,
    numbers,
    positions,
    text_column,
)
from maps._page_geometry import code_polygons, line_column, point_columns
from maps._page_layers import facility_layers
from maps._page_many import check_ids, left_out, thin_candidates, thin_demand
from maps._page_reach import reach_data
from maps.style import facility_colour
from siting.model import Assumption, CriterionSpec, FacilitySpec, Label, Plan, Result, RuleSpec

AREA_TOLERANCE_M: Final = 50.0  # a twentieth of the usual buffer
ROUTE_TOLERANCE_M: Final = 20.0
MAX_ROUTES: Final = 10_000  # drawn along the roads; above it from end to end


def facility_data(result: Result, facility: FacilitySpec, *, position: int) -> dict[str, Json]:
    """Return everything the page shows of a facility type, as JSON values.

    Parameters
    ----------
    position
        Place of the facility in the study; picks a colour where its file brings none.

    Raises
    ------
    OutputError
        Two candidates or two demand points have the same id.
    """
    key = facility.key
    every_candidate, every_point = _of(result.candidates, key), _of(result.demand, key)
    check_ids(every_candidate, "candidate_id", where=f"candidates of {key}")
    check_ids(every_point, "demand_id", where=f"demand points of {key}")
    candidates, demand = thin_candidates(every_candidate), thin_demand(every_point)
    plan = result.plans.get(key)
    profile = result.study.profiles.get(facility.profile)
    return {
        "key": key,
        "label": pair(facility.label),
        "site_label": pair(facility.site_label),
        "colour": facility_colour(key, facility.colour, position=position),
        "profile": pair(profile.label) if profile else None,
        "minutes": facility.service_minutes,
        "demand_case": facility.demand_case,
        "demand_label": pair(facility.demand_label),
        "demand_unit": facility.demand_unit,
        "criteria": [_criterion(criterion) for criterion in facility.criteria],
        "rules": [_rule(rule) for rule in facility.rules],
        "assumptions": [_assumption(entry) for entry in facility.assumptions.values()],
        "plan": _plan(plan) if plan else None,
        "candidates": {
            "left_out": len(every_candidate) - len(candidates),
            **_candidates(result, facility, candidates),
        },
        "demand": {"left_out": left_out(every_point, demand), **_demand(demand)},
        "sites": _sites(result, key, candidates),
        "routes": _routes(_of(result.allocation, key), candidates, demand),
        # Counted over a part of the points, coverage would be wrong.
        "reach": reach_data(result, key, candidates, demand)
        if len(demand) == len(every_point)
        else None,
        **facility_layers(result, facility, demand=demand, sites=sites_of(result, key)),
    }


def pair(label: Label) -> list[str]:
    """Return a label as the page takes it: Chinese, then English."""
    return [label.zh, label.en]


def _of(frame: pd.DataFrame, key: str) -> gpd.GeoDataFrame:
    rows = frame[frame["facility"] == key]
    return gpd.GeoDataFrame(rows.reset_index(drop=True))


def _rule(rule: RuleSpec) -> dict[str, Json]:
    return {
        "key": rule.key,
        "label": pair(rule.label),
        "clause": rule.clause,
        "verified": rule.verified,
    }


def _criterion(criterion: CriterionSpec) -> dict[str, Json]:
    return {
        "key": criterion.key,
        "label": pair(criterion.label),
        "unit": criterion.unit,
        "direction": criterion.direction.value,
        "weight": criterion.weight,
        "source": criterion.source,
        "confidence": criterion.confidence,
    }


def _assumption(entry: Assumption) -> dict[str, Json]:
    return {
        "label": pair(entry.label),
        "value": entry.value,
        "low": entry.low,
        "high": entry.high,
        "unit": entry.unit,
        "source": entry.source,
        "confidence": entry.confidence,
    }


def _plan(plan: Plan) -> dict[str, Json]:
    return {
        "model": plan.model,
        "objective": _known(plan.objective),
        "bound": _known(plan.bound),
        "gap": _known(plan.gap),
        "unit": plan.unit,
        "status": plan.status.value,
        "facts": {name: _known(value) for name, value in sorted(plan.facts.items())},
    }


def _known(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _candidates(
    result: Result, facility: FacilitySpec, candidates: gpd.GeoDataFrame
) -> dict[str, Json]:
    """Return the candidates with a matrix [criterion or rule][candidate] for each measure."""
    ids = candidates["candidate_id"]
    criteria = _of(result.criteria, facility.key)
    rules = _of(result.rules, facility.key)
    by_criterion = [criterion.key for criterion in facility.criteria]
    by_rule = [rule.key for rule in facility.rules]
    return {
        "id": text_column(ids),
        "zh": text_column(candidates["name_zh"]),
        "en": text_column(candidates["name_en"]),
        "type": text_column(candidates["type"]),
        "district": text_column(candidates["district"]),
        "confidence": text_column(candidates["confidence"]),
        "uncertainty_m": number_column(candidates["uncertainty_m"], digits=0),
        "access_m": number_column(candidates["access_m"], digits=0),
        "role": text_column(candidates["role"]),
        "excluded": flag_column(candidates["is_excluded"]),
        "chosen": flag_column(candidates["is_chosen"]),
        "score": number_column(candidates["score"], digits=6),
        "rank": number_column(candidates["rank"], digits=0),
        "rank_low": number_column(candidates["rank_p05"], digits=0),
        "rank_high": number_column(candidates["rank_p95"], digits=0),
        "top_share": number_column(candidates["top_n_share"], digits=3),
        **point_columns(candidates),
        "raw": _matrix(criteria, "criterion", "raw", by_criterion, ids, digits=4),
        "value": [
            doubles(column)
            for column in _columns(criteria, "criterion", "value", by_criterion, ids)
        ],
        "outcome": [
            text_column(column) for column in _columns(rules, "rule", "outcome", by_rule, ids)
        ],
        "margin_m": _matrix(rules, "rule", "margin_m", by_rule, ids, digits=0),
        **_passing(_of(result.reasons, facility.key), by_criterion, ids),
    }


def _passing(
    reasons: pd.DataFrame, by_criterion: Sequence[str], ids: pd.Series
) -> dict[str, Json]:
    """Return, for each candidate, the nearest better site and the change that would pass it, by index."""
    nearest = reasons[(reasons["side"] == "pass") & (reasons["place"] == 1)]
    told = nearest.set_index("candidate_id").reindex(ids)
    at = {str(key): row for row, key in enumerate(ids)}
    place = {key: k for k, key in enumerate(by_criterion)}
    return {
        "pass_rival": number_column(told["rival_id"].astype(str).map(at), digits=0),
        "pass_criterion": number_column(told["criterion"].astype(str).map(place), digits=0),
        "pass_wanted": number_column(told["wanted"].astype(float), digits=4),
    }


def _matrix(
    frame: pd.DataFrame,
    by: str,
    name: str,
    keys: Sequence[str],
    ids: pd.Series,
    *,
    digits: int = 5,
) -> list[list[float | None] | dict[str, Json]]:
    columns = _columns(frame, by, name, keys, ids)
    return [number_column(column, digits=digits) for column in columns]


def _columns(
    frame: pd.DataFrame, by: str, name: str, keys: Sequence[str], ids: pd.Series
) -> list[pd.Series]:
    """Return one column per key with a row per id, in the order asked for."""
    groups = dict(list(frame.set_index("candidate_id").groupby(by)[name]))
    nothing = pd.Series(index=pd.Index([], dtype=ids.dtype), dtype="object")
    return [groups.get(key, nothing).reindex(ids) for key in keys]


def _demand(demand: gpd.GeoDataFrame) -> dict[str, Json]:
    return {
        "id": text_column(demand["demand_id"]),
        "zh": text_column(demand["name_zh"]),
        "en": text_column(demand["name_en"]),
        "kind": text_column(demand["kind"]),
        "district": text_column(demand["district"]),
        "demand": doubles(demand["demand"]),
        "low": number_column(demand["demand_low"], digits=3),
        "base": number_column(demand["demand_base"], digits=3),
        "high": number_column(demand["demand_high"], digits=3),
        "existing_served": number_column(demand["existing_served"], digits=3),
        "covered": flag_column(demand["is_covered"]),
        **point_columns(demand),
    }


def sites_of(result: Result, key: str) -> gpd.GeoDataFrame:
    """Return the chosen sites of a facility type in the order of the page, best rank first."""
    sites = _of(result.sites, key).sort_values(["rank", "candidate_id"])
    return gpd.GeoDataFrame(sites.reset_index(drop=True))


def _sites(result: Result, key: str, candidates: gpd.GeoDataFrame) -> dict[str, Json]:
    """Return the chosen sites, best rank first, each with its service area."""
    sites = sites_of(result, key)
    areas = _of(result.service_areas, key)
    position = areas["candidate_id"].drop_duplicates()
    shapes = code_polygons(areas, tolerance_m=AREA_TOLERANCE_M)
    area_of = {str(areas["candidate_id"][row]): row for row in position.index}
    rows = [area_of.get(str(name)) for name in sites["candidate_id"]]
    sizes = numbers(areas["area_km2"], digits=1)
    return {
        "candidate": positions(sites["candidate_id"], candidates["candidate_id"]),
        "demand_served": numbers(sites["demand_served"], digits=3),
        "demand_share": numbers(sites["demand_share"], digits=6),
        "demand_points": numbers(sites["demand_points"], digits=0),
        "mean_time_min": numbers(sites["mean_time_min"], digits=1),
        "cost_mcny": numbers(sites["cost_mcny"], digits=2),
        "power_mva": numbers(sites["power_mva"], digits=2),
        "area": [[] if row is None else shapes[row] for row in rows],
        "area_km2": [None if row is None else sizes[row] for row in rows],
    }


def _routes(
    allocation: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, demand: gpd.GeoDataFrame
) -> dict[str, Json]:
    """Return who is served by whom; the way of each only where they are not too many to be told apart."""
    point = pd.Series(positions(allocation["demand_id"], demand["demand_id"]), dtype="int64")
    routes = allocation[(point >= 0).to_numpy()]
    site = pd.Series(positions(routes["candidate_id"], candidates["candidate_id"]), dtype="int64")
    is_drawn = len(routes) <= MAX_ROUTES
    return {
        "candidate": number_column(site, digits=0),
        "point": number_column(point[point >= 0], digits=0),
        "time_min": number_column(routes["time_min"], digits=1),
        "distance_km": number_column(routes["distance_km"], digits=2),
        "demand": number_column(routes["demand"], digits=3),
        "line": line_column(routes, tolerance_m=ROUTE_TOLERANCE_M) if is_drawn else None,
    }
