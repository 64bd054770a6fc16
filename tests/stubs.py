"""Small worlds for tests of the stages: travel that can be worked out by hand, specs, points."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.model import (
    Assumption,
    CriterionSpec,
    Direction,
    FacilitySpec,
    Impedance,
    Inputs,
    Label,
    ModelSpec,
    NormaliseSpec,
    RuleSpec,
    SolverSettings,
    SourcedTable,
    Surroundings,
)
from siting.optimise import SitingProblem

CRS = "EPSG:4549"
ISLAND_Y = 1.0e6
"""Places north of this reach one another, and nothing else."""
WORDS = Label(zh="测试", en="test")
SOLVER = SolverSettings(time_limit_s=10.0, gap=0.0)

_SLOWNESS = MappingProxyType({"car": 1.0, "truck": 2.0})


def travel(
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    profile: str,
    measure: Impedance = "time_min",
) -> NDArray[np.float64]:
    """Return straight costs that tell there from back, vehicles apart, and time from length.

    A kilometre is 1 minute by car and 2 by truck. Going east, where x grows, it is twice the time
    and 1.5 times as long.
    """
    a, b = (shapely.get_coordinates(places.to_numpy()) for places in (origins, destinations))
    assert len(a) == len(origins), "travel is between points"
    assert len(b) == len(destinations), "travel is between points"
    km = np.hypot(*(a[:, None, :] - b[None, :, :]).transpose(2, 0, 1)) / 1000.0
    is_east = b[None, :, 0] > a[:, None, 0]
    slowness = _SLOWNESS[profile]
    cost = km * (
        np.where(is_east, 2.0, 1.0) * slowness
        if measure == "time_min"
        else np.where(is_east, 1.5, 1.0)
    )
    is_apart = (a[:, None, 1] > ISLAND_Y) != (b[None, :, 1] > ISLAND_Y)
    return np.where(is_apart, np.nan, cost)


def points(km: Sequence[float | tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    """Return points at these places in kilometres (a number lies on the x axis) with columns."""
    xy = [(at, 0.0) if isinstance(at, int | float) else at for at in km]
    places = [shapely.Point(1000.0 * x, 1000.0 * y) for x, y in xy]
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(places, crs=CRS), crs=CRS)


def shapes(geometries: Sequence[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    """Return shapes in metres with columns."""
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometries, crs=CRS), crs=CRS)


def candidates(km: Sequence[float | tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    """Return candidates C0, C1 … of one facility at these places."""
    facts = {
        "facility": "test",
        "candidate_id": [f"C{i}" for i in range(len(km))],
        "type": "petrol_cluster",
        "district": "市南区",
        "uncertainty_m": 0.0,
    } | columns
    return points(km, **facts)


def demand(
    km: Sequence[float | tuple[float, float]], amount: Sequence[float], **columns: Any
) -> gpd.GeoDataFrame:
    """Return demand points D0, D1 … at these places."""
    facts = {
        "demand_id": [f"D{i}" for i in range(len(km))],
        "demand": np.array(amount, dtype=float),
        "district": "市南区",
    } | columns
    return points(km, **facts)


def inputs(**layers: gpd.GeoDataFrame) -> Inputs:
    """Return inputs with these layers."""
    return Inputs(crs=CRS, layers=layers, provenance=())


def surroundings(
    *,
    demand_points: gpd.GeoDataFrame | None = None,
    existing: gpd.GeoDataFrame | None = None,
    **layers: gpd.GeoDataFrame,
) -> Surroundings:
    """Return surroundings with these layers, travelled by car."""
    return Surroundings(
        layers=layers,
        demand=demand([], []) if demand_points is None else demand_points,
        existing=points([]) if existing is None else existing,
        travel=travel,
        profile="car",
    )


def criterion(measure: str, *, key: str = "key", **params: object) -> CriterionSpec:
    """Return a row of a weight table."""
    return CriterionSpec(
        key=key,
        measure=measure,
        label=WORDS,
        unit="",
        direction=Direction.MAX,
        weight=1.0,
        normalise=NormaliseSpec(kind="linear"),
        params=params,
        source="test",
        confidence="C",
    )


def rule(kind: str, *, exempt_types: tuple[str, ...] = (), **params: object) -> RuleSpec:
    """Return a siting rule that bears the name of its kind."""
    return RuleSpec(
        key=f"the_{kind}",
        kind=kind,
        label=WORDS,
        clause="",
        source="test",
        verified=True,
        params=params,
        exempt_types=exempt_types,
    )


def assumption(value: float, low: float | None = None, high: float | None = None) -> Assumption:
    """Return a number the plan rests on."""
    return Assumption(
        key="",
        label=WORDS,
        value=value,
        unit="",
        low=low,
        high=high,
        source="test",
        confidence="C",
        year=2026,
    )


def sourced(values: Mapping[str, float], unit: str = "") -> SourcedTable:
    """Return a table of an engineer's numbers."""
    return SourcedTable(
        key="", label=WORDS, unit=unit, values=values, source="test", confidence="C", year=2026
    )


def facility(
    *,
    assumptions: Mapping[str, Assumption] | None = None,
    tables: Mapping[str, Mapping[str, float] | SourcedTable] | None = None,
    **facts: Any,
) -> FacilitySpec:
    """Return a facility type."""
    known: dict[str, Any] = {
        "key": "test",
        "label": WORDS,
        "site_label": WORDS,
        "colour": "#000000",
        "profile": "car",
        "candidate_layer": "candidates",
        "candidate_where": {},
        "existing_layer": "energy",
        "existing_where": {},
        "demand_model": "hydrogen",
        "demand_case": "base",
        "demand_label": WORDS,
        "demand_unit": "kg/day",
        "service_minutes": 15.0,
        "criteria": (),
        "rules": (),
        "model": ModelSpec(kind="mclp", params={}),
        "assumptions": assumptions or {},
        "tables": {
            key: table if isinstance(table, SourcedTable) else sourced(table)
            for key, table in (tables or {}).items()
        },
    }
    return FacilitySpec(**(known | facts))


def problem(times_min: Any, **facts: Any) -> SitingProblem:
    """Return a siting question; what is not given is 1 a demand point and 0.5 a candidate."""
    times = np.array(times_min, dtype=float)
    n_demand, n = times.shape
    known: dict[str, Any] = {
        "candidate_ids": np.array([f"C{j:03d}" for j in range(n)], dtype=object),
        "times_min": times,
        "site_times_min": np.full((n, n), np.nan),
        "demand": np.ones(n_demand),
        "scores": np.full(n, 0.5),
        "benefit": np.full(n, np.nan),
        "cost": np.full(n, np.nan),
        "service_min": 10.0,
    }
    plain = ("service_min", "sizes", "is_required", "is_existing")
    arrays = {k: np.asarray(v, dtype=float) for k, v in facts.items() if k not in plain}
    return SitingProblem(**(known | arrays | {k: facts[k] for k in plain if k in facts}))
