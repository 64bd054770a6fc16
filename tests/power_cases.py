"""The facility types that sell power, as configured for Qingdao, and small ports and airports to try them on."""

from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import layers
from siting.config import load_study
from siting.facilities import Chosen, Engineering, Equipped, engineering
from siting.model import Assumption, FacilitySpec, Inputs
from tests import stubs

TYPES = ("shore_power", "airport_power")


@cache
def configured(key: str) -> FacilitySpec:
    """Return a facility type of the Qingdao study; its profile is the stub's lorry."""
    return replace(load_study("qingdao", facilities=[key]).facilities[0], profile="truck")


@cache
def pack(key: str) -> Inputs:
    """Return the layers of Qingdao."""
    return layers.read(load_study("qingdao", facilities=[key]))


def set_to(facility: FacilitySpec, **values: float | tuple[float, float, float]) -> FacilitySpec:
    """Return a facility with other numbers: a value without a range, or low, base and high."""

    def changed(row: Assumption, value: float | tuple[float, float, float]) -> Assumption:
        low, base, high = value if isinstance(value, tuple) else (None, value, None)
        return replace(row, value=base, low=low, high=high)

    rows = {key: changed(facility.assumptions[key], value) for key, value in values.items()}
    return replace(facility, assumptions=MappingProxyType({**facility.assumptions, **rows}))


def with_table(facility: FacilitySpec, key: str, **values: float) -> FacilitySpec:
    """Return a facility with another table."""
    table = replace(facility.tables[key], values=MappingProxyType(values))
    return replace(facility, tables=MappingProxyType({**facility.tables, key: table}))


def without(facility: FacilitySpec, *keys: str) -> FacilitySpec:
    """Return a facility that lacks these assumptions and tables."""
    return replace(
        facility,
        assumptions={k: v for k, v in facility.assumptions.items() if k not in keys},
        tables={k: v for k, v in facility.tables.items() if k not in keys},
    )


def berths(km: list[float], **columns: Any) -> gpd.GeoDataFrame:
    """Return berth groups B1, B2 …: one 12-14.5k TEU berth each, 18 h a call, nothing there."""
    ids = [f"B{i + 1}" for i in range(len(km))]
    facts = {
        "id": ids,
        "name_zh": ids,
        "name_en": "",
        "cargo": "container",
        "ship_class": "12-14.5k TEU",
        "berths": 1,
        "calls_per_year": 1.0,
        "berth_hours": 18.0,
        "avg_aux_load_kw": np.nan,
        "shore_power": "none",
        "exempt": "no",
    }
    return stubs.points(km, **(facts | columns))


def stands(km: list[float], **columns: Any) -> gpd.GeoDataFrame:
    """Return stand groups S1, S2 …: ten narrow-body stands each, 3 turns a day, equipment not known."""
    ids = [f"S{i + 1}" for i in range(len(km))]
    facts = {
        "id": ids,
        "name_zh": ids,
        "name_en": "",
        "aircraft_class": "C",
        "stands": 10,
        "turns_per_day": 3.0,
        "bridge_power": "unknown",
    }
    return stubs.points(km, **(facts | columns))


def substations(km: list[float], **columns: Any) -> gpd.GeoDataFrame:
    """Return substations N1, N2 … of 220 kV whose capacity is not given."""
    facts = {
        "id": [f"N{i + 1}" for i in range(len(km))],
        "type": "substation_220",
        "capacity": np.nan,
        "unit": "",
    }
    return stubs.points(km, **(facts | columns))


def demand_of(key: str, inputs: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame:
    """Return what is left to plan for, as the run finds it."""
    kind = engineering()[key]
    frame = kind.demand(inputs, facility, stubs.travel).reset_index(drop=True)
    none = stubs.points([])
    taken = kind.served(frame, none, np.empty((len(frame), 0)), facility)
    frame["existing_served"] = taken
    frame["demand"] = frame[f"demand_{facility.demand_case}"] - taken
    return frame


def offered(
    key: str, places: gpd.GeoDataFrame, facility: FacilitySpec
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Return candidates, demand and offers of a small port or airport."""
    left = demand_of(key, stubs.inputs(**{facility.candidate_layer: places}), facility)
    candidates = places.rename(columns={"id": "candidate_id"})
    return candidates, left, engineering()[key].offers(candidates, left, facility)


def built(
    key: str,
    places: gpd.GeoDataFrame,
    facility: FacilitySpec,
    *,
    role: str = "candidate",
    **given: gpd.GeoDataFrame,
) -> tuple[Chosen, Equipped]:
    """Build the largest offer at every place, and equip it; demand of every case is served."""
    candidates, left, offers = offered(key, places, facility)
    largest = offers.drop_duplicates("candidate_id", keep="last")
    sites = candidates.merge(largest.drop(columns=["zh", "en"]), on="candidate_id").assign(
        role=role
    )
    sites = sites.sort_values("candidate_id", ignore_index=True)
    served = left.set_index("demand_id")[["demand_low", "demand_base", "demand_high"]]
    served = served.set_axis(["low", "base", "high"], axis=1).loc[sites["candidate_id"]]
    served = served.rename_axis("candidate_id")
    chosen = Chosen(
        facility=facility,
        sites=sites,
        served=served,
        demand=left,
        inputs=stubs.inputs(**given),
        travel=stubs.travel,
    )
    kind: Engineering = engineering()[key]
    return chosen, kind.equip(chosen)
