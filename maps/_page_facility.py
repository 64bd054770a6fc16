"""What the page knows of one facility type: its question, its candidates and its answer.

Tables travel as columns (one list per column, rows in the order of the frame). Only the columns
named here leave the house; whatever else an input layer holds stays behind.
"""

from collections.abc import Mapping, Sequence
from math import isfinite, isnan
from typing import TypeAlias

import geopandas as gpd
import pandas as pd

from maps._page_geometry import code_lines, code_polygons, point_columns
from maps.style import facility_colour
from siting.model import Assumption, CriterionSpec, FacilitySpec, Label, Plan, Result

Json: TypeAlias = object

AREA_TOLERANCE_M = 50.0  # a twentieth of the usual buffer
ROUTE_TOLERANCE_M = 20.0


def facility_data(result: Result, facility: FacilitySpec, *, position: int) -> dict[str, Json]:
    """Return everything the page shows of a facility type, as JSON values.

    Parameters
    ----------
    position
        Place of the facility in the study; picks a colour where its file brings none.
    """
    key = facility.key
    candidates = _of(result.candidates, key)
    demand = _of(result.demand, key)
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
        "rules": [
            {
                "key": rule.key,
                "label": pair(rule.label),
                "clause": rule.clause,
                "verified": rule.verified,
            }
            for rule in facility.rules
        ],
        "assumptions": [_assumption(entry) for entry in facility.assumptions.values()],
        "plan": _plan(plan) if plan else None,
        "candidates": _candidates(result, facility, candidates),
        "demand": _demand(demand),
        "sites": _sites(result, key, candidates),
        "routes": _routes(_of(result.allocation, key), candidates, demand),
    }


def pair(label: Label) -> list[str]:
    """Return a label as the page takes it: Chinese, then English."""
    return [label.zh, label.en]


def texts(values: pd.Series) -> list[str]:
    """Return a column of text; an unknown value is empty."""
    return [
        "" if unknown else str(value) for value, unknown in zip(values, values.isna(), strict=True)
    ]


def numbers(values: pd.Series, *, digits: int) -> list[float | None]:
    """Return a column of numbers, rounded; an unknown value is None, a whole one an integer."""
    rounded = pd.to_numeric(values).astype("float64").round(digits)
    return [
        None if isnan(value) else int(value) if value.is_integer() else value
        for value in rounded.tolist()
    ]


def _of(frame: pd.DataFrame, key: str) -> gpd.GeoDataFrame:
    rows = frame[frame["facility"] == key]
    return gpd.GeoDataFrame(rows.reset_index(drop=True))


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
        "id": texts(ids),
        "zh": texts(candidates["name_zh"]),
        "en": texts(candidates["name_en"]),
        "type": texts(candidates["type"]),
        "district": texts(candidates["district"]),
        "confidence": texts(candidates["confidence"]),
        "uncertainty_m": numbers(candidates["uncertainty_m"], digits=0),
        "access_m": numbers(candidates["access_m"], digits=0),
        "excluded": [int(flag) for flag in candidates["is_excluded"]],
        "chosen": [int(flag) for flag in candidates["is_chosen"]],
        "score": numbers(candidates["score"], digits=6),
        "rank": numbers(candidates["rank"], digits=0),
        "rank_low": numbers(candidates["rank_p05"], digits=0),
        "rank_high": numbers(candidates["rank_p95"], digits=0),
        "top_share": numbers(candidates["top_n_share"], digits=3),
        **point_columns(candidates),
        "raw": _matrix(criteria, "criterion", "raw", by_criterion, ids, digits=4),
        "value": _matrix(criteria, "criterion", "value", by_criterion, ids),
        "contribution": _matrix(criteria, "criterion", "contribution", by_criterion, ids),
        "outcome": [texts(column) for column in _columns(rules, "rule", "outcome", by_rule, ids)],
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
        "pass_rival": [at.get(str(key)) for key in told["rival_id"]],
        "pass_criterion": [place.get(str(key)) for key in told["criterion"]],
        "pass_wanted": numbers(told["wanted"].astype(float), digits=4),
    }


def _matrix(
    frame: pd.DataFrame,
    by: str,
    name: str,
    keys: Sequence[str],
    ids: pd.Series,
    *,
    digits: int = 5,
) -> list[list[float | None]]:
    columns = _columns(frame, by, name, keys, ids)
    return [numbers(column, digits=digits) for column in columns]


def _columns(
    frame: pd.DataFrame, by: str, name: str, keys: Sequence[str], ids: pd.Series
) -> list[pd.Series]:
    """Return one column per key with a row per id, in the order asked for."""
    groups = dict(list(frame.set_index("candidate_id").groupby(by)[name]))
    nothing = pd.Series(index=pd.Index([], dtype=ids.dtype), dtype="object")
    return [groups.get(key, nothing).reindex(ids) for key in keys]


def _demand(demand: gpd.GeoDataFrame) -> dict[str, Json]:
    return {
        "id": texts(demand["demand_id"]),
        "zh": texts(demand["name_zh"]),
        "en": texts(demand["name_en"]),
        "kind": texts(demand["kind"]),
        "district": texts(demand["district"]),
        "demand": numbers(demand["demand"], digits=3),
        "low": numbers(demand["demand_low"], digits=3),
        "base": numbers(demand["demand_base"], digits=3),
        "high": numbers(demand["demand_high"], digits=3),
        "existing_served": numbers(demand["existing_served"], digits=3),
        "covered": [int(flag) for flag in demand["is_covered"]],
        **point_columns(demand),
    }


def _sites(result: Result, key: str, candidates: gpd.GeoDataFrame) -> dict[str, Json]:
    """Return the chosen sites, best rank first, each with its service area."""
    sites = _of(result.sites, key)
    sites = sites.sort_values(["rank", "candidate_id"]).reset_index(drop=True)
    areas = _of(result.service_areas, key)
    position = areas["candidate_id"].drop_duplicates()
    shapes = code_polygons(areas, tolerance_m=AREA_TOLERANCE_M)
    area_of = {str(areas["candidate_id"][row]): row for row in position.index}
    rows = [area_of.get(str(name)) for name in sites["candidate_id"]]
    sizes = numbers(areas["area_km2"], digits=1)
    return {
        "candidate": _positions(sites["candidate_id"], candidates["candidate_id"]),
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
    return {
        "candidate": _positions(allocation["candidate_id"], candidates["candidate_id"]),
        "point": _positions(allocation["demand_id"], demand["demand_id"]),
        "time_min": numbers(allocation["time_min"], digits=1),
        "distance_km": numbers(allocation["distance_km"], digits=2),
        "demand": numbers(allocation["demand"], digits=3),
        "line": code_lines(allocation, tolerance_m=ROUTE_TOLERANCE_M),
    }


def _positions(names: pd.Series, among: pd.Series) -> list[int]:
    """Return the row of each name in another column; -1 where it is not there."""
    row_of: Mapping[str, int] = {str(name): row for row, name in enumerate(among)}
    return [row_of.get(str(name), -1) for name in names]
