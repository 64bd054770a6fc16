"""Sizes of hydrogen stations: capacity, storage, class, ground, power and cost."""

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.facilities._hydrogen_numbers import STATION_CLASSES, require
from siting.facilities._numbers import number, table
from siting.facilities.registry import OFFER_COLUMNS
from siting.model import FacilitySpec
from siting.units import KVA_PER_MVA, MINUTES_PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A station of one size, by itself or joined to a petrol station.

    ``station_class`` is first, second, third, or empty where the storage is above every class;
    ``storage_kg`` counts fixed vessels, ``trailer_kg`` the trailers that stand at the station.
    """

    key: str
    capacity_kg_day: float
    storage_kg: float
    trailer_bays: int
    trailer_kg: float
    station_class: str
    vessels: int
    compressors: int
    nozzles: int
    dispensers: int
    chillers: int
    power_kw: float
    power_mva: float
    land_m2: float
    capex_mcny: float


def sizes(facility: FacilitySpec, *, is_joint: bool) -> tuple[Size, ...]:
    """Return the sizes of a station from the smallest, each with what it is built of.

    Parameters
    ----------
    facility
        Brings the tables ``station_*`` and the numbers of equipment.
    is_joint
        Whether it shares its ground with a petrol station: less ground, less cost, and the class by
        the sum of petrol and hydrogen.

    References
    ----------
    GB 50516-2010 (2021), tab. 3.0.2A; GB 50156-2021, 3.0.18: both from memory, not verified.
    """
    rates = sorted((rate, key) for key, rate in table(facility, "station_rate_kg").items())
    return tuple(_size(facility, key, is_joint=is_joint) for _, key in rates)


def _size(facility: FacilitySpec, key: str, *, is_joint: bool) -> Size:
    hours = number(facility, "operating_hours")
    capacity = table(facility, "station_rate_kg")[key] * hours / number(facility, "rated_hours")
    storage = capacity * number(facility, "storage_days")
    bays = trailer_bays(facility, capacity)
    held = bays * number(facility, "trailer_payload_kg")
    name = station_class(facility, storage + held, is_joint=is_joint)
    installed = capacity / hours * number(facility, "compressor_peak_factor")  # kg/h
    nozzles = nozzles_for(facility, capacity)
    dispensers = math.ceil(nozzles / number(facility, "nozzles_per_dispenser"))
    power_kw = (
        installed
        * number(facility, "compression_kwh_per_kg")
        * (1.0 + number(facility, "auxiliary_power_share"))
    )
    saved = {w: number(facility, f"joint_{w}_saving") * is_joint for w in ("land", "capex")}
    vessel_kg = table(facility, "vessel_limit_kg")[name or "first"]
    return Size(
        key=key,
        capacity_kg_day=capacity,
        storage_kg=storage,
        trailer_bays=bays,
        trailer_kg=held,
        station_class=name,
        vessels=math.ceil(storage / vessel_kg),
        compressors=math.ceil(installed / number(facility, "compressor_kg_per_hour")),
        nozzles=nozzles,
        dispensers=dispensers,
        chillers=math.ceil(dispensers * number(facility, "chillers_per_dispenser")),
        power_kw=power_kw,
        power_mva=power_kw / number(facility, "station_power_factor") / KVA_PER_MVA,
        land_m2=table(facility, "station_land_m2")[key] * (1.0 - saved["land"]),
        capex_mcny=table(facility, "station_capex_mcny")[key] * (1.0 - saved["capex"]),
    )


def trailer_bays(facility: FacilitySpec, kg_day: float) -> int:
    """Return how many trailers stand at a station at once: trips a day x their stay / opening hours."""
    trips = kg_day / number(facility, "trailer_payload_kg")
    return math.ceil(
        trips * number(facility, "trailer_hours") / number(facility, "operating_hours")
    )


def nozzles_for(facility: FacilitySpec, kg_day: float) -> int:
    """Return the nozzles that the busiest hour needs, each in use for at most its share of the hour."""
    fillings_per_hour = kg_day * number(facility, "peak_hour_share") / number(facility, "fill_kg")
    busy = fillings_per_hour * number(facility, "fill_minutes") / MINUTES_PER_HOUR
    return math.ceil(busy / number(facility, "nozzle_busy_share"))


def station_class(facility: FacilitySpec, hydrogen_kg: float, *, is_joint: bool) -> str:
    """Return the class of a station by the hydrogen it holds, trailers included.

    Joint stations: the lowest class with V / V₀ + G / G₀ ≤ 1, V the petrol in m³, G the hydrogen in kg.

    Returns
    -------
    str
        third, second or first; empty where it holds more than any class allows.
    """
    for name in STATION_CLASSES:
        if is_joint:
            petrol = (
                number(facility, "petrol_volume_m3") / table(facility, "joint_petrol_m3")[name]
            )
            use = petrol + hydrogen_kg / table(facility, "joint_hydrogen_kg")[name]
        else:
            use = hydrogen_kg / table(facility, "storage_limit_kg")[name]
        if use <= 1.0:
            return name
    return ""


def offers(
    candidates: gpd.GeoDataFrame, demand_points: gpd.GeoDataFrame, facility: FacilitySpec
) -> pd.DataFrame:
    """Offer each candidate the sizes that its ground and the classes allow, the smallest always.

    A size that needs more ground than ``land_m2`` says there is, is not offered; where the ground is
    not known every size is, and the survey has to tell. Stations joined to petrol stations stand among
    houses, where first-class stations are barred, so sizes that would make one are not offered there.

    Parameters
    ----------
    candidates
        ``(n_candidates,)`` with ``candidate_id``; ``type`` and ``land_m2`` (m², NaN = not known) where
        they are there.
    demand_points
        Not looked at: which size is worth its cost is left to the location model.
    facility
        Brings the numbers.

    Returns
    -------
    DataFrame
        ``OFFER_COLUMNS``; capacity in kg/day, cost without land in million CNY.

    Raises
    ------
    ConfigError
        If numbers are missing or mean nothing.
    """
    del demand_points
    require(facility)
    is_joint = joint_sites(candidates, facility)
    parts = [
        _offer(candidates[is_joint == joint], size, is_smallest=place == 0, is_joint=joint)
        for joint in (False, True)
        for place, size in enumerate(sizes(facility, is_joint=joint))
    ]
    frame = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    frame = frame[list(OFFER_COLUMNS)]
    return frame.sort_values(["candidate_id", "capacity"], kind="stable").reset_index(drop=True)


def joint_sites(candidates: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.Series:
    """Return which candidates have a petrol station to be joined to."""
    if "type" not in candidates:
        return pd.Series(data=False, index=candidates.index)
    worth = candidates["type"].map(dict(table(facility, "joint_types")))
    return worth.fillna(0.0) > 0


def _offer(
    candidates: gpd.GeoDataFrame, size: Size, *, is_smallest: bool, is_joint: bool
) -> pd.DataFrame:
    ground = (
        candidates["land_m2"] if "land_m2" in candidates else pd.Series(np.nan, candidates.index)
    )
    is_small_enough = ~(ground < size.land_m2)  # not known is not too small
    is_allowed = size.station_class != "" and not (is_joint and size.station_class == "first")
    kept = candidates[(is_small_enough & is_allowed) | is_smallest]
    kg = f"{size.capacity_kg_day:g}"
    return pd.DataFrame(
        {
            "candidate_id": kept["candidate_id"].to_numpy(),
            "size": size.key,
            "zh": f"{'合建站' if is_joint else '独立站'} {kg} kg/d",
            "en": f"{'joint' if is_joint else 'own'} station, {kg} kg/d",
            "capacity": size.capacity_kg_day,
            "cost_mcny": size.capex_mcny,
            "power_mva": size.power_mva,
            "land_m2": size.land_m2,
            "benefit": np.nan,
        }
    )
