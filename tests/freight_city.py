"""A city of few places on a line with figures easy to share out, and facility types with their real numbers."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np

from siting.config import load_study
from siting.model import FacilitySpec, Inputs, SourcedTable
from tests.stubs import inputs, points

NAN = float("nan")


def named(km: list[float], ids: list[str], **columns: object) -> gpd.GeoDataFrame:
    """Return named places at these kilometres of the x axis."""
    return points(km, id=ids, name_zh=ids, name_en="", **columns)


def city(**other: gpd.GeoDataFrame) -> Inputs:
    """Return two towns, three ports, five parks and two gates."""
    layers = {
        "townships": named([0, 1], ["T1", "T2"], population=[30000.0, 10000.0]),
        "ports": named([2, 3, 4], ["P1", "P2", "P3"]),
        "berths": named(
            [2, 2, 3, 3, 4, 4],
            ["B1", "B2", "B3", "B4", "B5", "B6"],
            port_area=["P1", "P1", "P2", "P2", "P1", "P3"],
            cargo=["container", "dry bulk", "general", "oil", "cruise", "ship repair"],
            exempt=["no", "no", "no", "yes", "no", "no"],
            calls_per_year=[10.0, 5.0, 2.0, 900.0, 900.0, 900.0],
            tonnage_class_t=[1000.0, NAN, 5000.0, 9e5, 9e5, 9e5],
        ),
        "parks": named(
            [5, 6, 7, 8, 9],
            ["K1", "K2", "K3", "K4", "K5"],
            type=["park", "hub", "poi_commercial", "renewal", "airport_ga"],
            freight_intensity=["H", "M", "H", "H", "H"],
        ),
        "gateways": named([10, 11], ["G1", "G2"], truck_share=[0.75, 0.25]),
    }
    return inputs(**(layers | other))


def without(asked: Inputs, *names: str) -> Inputs:
    """Return the inputs less some layers."""
    return replace(asked, layers={k: v for k, v in asked.layers.items() if k not in names})


@cache
def spec(model: str) -> FacilitySpec:
    """Return Qingdao's facility type of a model with all its numbers, travelling by the stub's car."""
    [facility] = load_study("qingdao", facilities=[model]).facilities
    return replace(facility, profile="car", criteria=())


def with_numbers(
    facility: FacilitySpec,
    tables: Mapping[str, Mapping[str, float]] | None = None,
    **values: float | tuple[float, float, float],
) -> FacilitySpec:
    """Return the facility with other assumptions (a number, or low, base and high) and tables."""
    rows = dict(facility.assumptions)
    for key, given in values.items():
        low, base, high = given if isinstance(given, tuple) else (None, given, None)
        rows[key] = replace(rows[key], value=base, low=low, high=high)
    known: dict[str, SourcedTable] = dict(facility.tables)
    for key, numbers in (tables or {}).items():
        any_table = next(iter(known.values()))
        known[key] = replace(known.get(key, any_table), values=numbers)
    return replace(facility, assumptions=rows, tables=known)


def amounts(frame: gpd.GeoDataFrame, case: str = "base") -> dict[str, float]:
    """Return demand by id."""
    return dict(zip(frame["demand_id"], frame[f"demand_{case}"], strict=True))


def sites_of(
    candidates: gpd.GeoDataFrame, offers: Any, *, role: str = "candidate"
) -> gpd.GeoDataFrame:
    """Return all candidates as chosen sites, each of its largest size."""
    largest = offers.drop_duplicates("candidate_id", keep="last").set_index("candidate_id")
    mine = largest.loc[candidates["candidate_id"]]
    built = {
        name: mine[name].to_numpy()
        for name in ("size", "capacity", "cost_mcny", "power_mva", "land_m2")
    }
    return candidates.assign(role=role, score=np.nan, **built)
