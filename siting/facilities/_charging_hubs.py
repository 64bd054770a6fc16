"""Classes of charging hubs: connectors, power, ground, cost, and the energy they can deliver."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.facilities._charging_numbers import CITY, VEHICLES, require
from siting.facilities._numbers import number, table
from siting.facilities.queueing import largest_arrivals
from siting.facilities.registry import OFFER_COLUMNS
from siting.model import FacilitySpec
from siting.units import KVA_PER_MVA, MINUTES_PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """One class of hub at one type of site.

    Parameters
    ----------
    size
        Key of the class, of the table ``hub_fast``.
    counts
        Connectors by kind.
    wait_h
        The longest mean wait in the busiest hour.
    capacity
        kWh/day that keep the wait and the utilisation within their limits even when all come by the
        kind of vehicle that takes least from a connector.
    load_kva
        Largest load: rated power x simultaneity / power factor / loading of the transformer.
    transformers
        Box substations that carry it.
    land_m2, cost_mcny
        Ground and investment.
    """

    size: str
    counts: Mapping[str, int]
    wait_h: float
    capacity: float
    load_kva: float
    transformers: int
    land_m2: float
    cost_mcny: float

    @property
    def queue(self) -> int:
        """Connectors that serve the one line."""
        return sum(n for kind, n in self.counts.items() if kind != "slow")


def offers(
    candidates: gpd.GeoDataFrame, demand_points: gpd.GeoDataFrame, facility: FacilitySpec
) -> pd.DataFrame:
    """Offer the classes of hubs that fit the ground of each candidate.

    A class that needs more ground than the candidate has (``land_m2``) is not offered, but the
    smallest always is; where the ground is not known every class is.

    Returns
    -------
    DataFrame
        After ``OFFER_COLUMNS``: kWh/day, million CNY, MVA, m²; sorted by candidate and capacity.
        ``benefit`` is NaN: it follows from the demand served.

    Raises
    ------
    ConfigError
        If an assumption makes no hub possible.
    """
    del demand_points
    rows = pd.concat(
        [_rows(facility, kind) for kind in sorted(set(candidates["type"].astype(str)))]
        or [pd.DataFrame(columns=[*OFFER_COLUMNS, "type", "rank"])]
    )
    ground = (
        candidates["land_m2"] if "land_m2" in candidates else pd.Series(np.nan, candidates.index)
    )
    places = pd.DataFrame(
        {
            "candidate_id": candidates["candidate_id"].to_numpy(),
            "type": candidates["type"].astype(str).to_numpy(),
            "ground": ground.to_numpy(float),
        }
    )
    offered = places.merge(rows.drop(columns="candidate_id"), on="type")
    has_room = ~(offered["land_m2"] > offered["ground"])  # NaN: not known
    kept = offered[has_room | (offered["rank"] == 0)]
    sorted_rows = kept.sort_values(["candidate_id", "capacity"], kind="stable")
    return sorted_rows[list(OFFER_COLUMNS)].reset_index(drop=True)


def hubs(facility: FacilitySpec, site_type: str) -> tuple[Hub, ...]:
    """Return the classes of hubs at a type of site, smallest first.

    Raises
    ------
    ConfigError
        If numbers mean nothing or rows are missing, all at once.
    """
    require(facility)
    classes = table(facility, "hub_fast")
    in_order = sorted(classes.items(), key=lambda row: (row[1], row[0]))
    return tuple(_hub(facility, site_type, size, int(n)) for size, n in in_order)


def session_hours(facility: FacilitySpec, vehicle: str) -> float:
    """Return how long a vehicle holds a fast connector: charging and handling."""
    kwh = table(facility, "session_kwh")[vehicle]
    kw = table(facility, "session_kw")[vehicle]
    handling = table(facility, "handling_min")[vehicle]
    return kwh / kw + handling / MINUTES_PER_HOUR


def fast_share(facility: FacilitySpec) -> float:
    """Return the share of a hub's energy that goes through the fast connectors, above 0."""
    return 1.0 - number(facility, "slow_energy_share")


def _rows(facility: FacilitySpec, site_type: str) -> pd.DataFrame:
    classes = hubs(facility, site_type)
    unit = facility.tables["hub_fast"].unit
    return pd.DataFrame(
        {
            "candidate_id": "",
            "type": site_type,
            "rank": np.arange(len(classes)),
            "size": [hub.size for hub in classes],
            "zh": [f"{hub.queue} 个快速补能位" for hub in classes],
            "en": [f"{unit}: {hub.queue}" for hub in classes],
            "capacity": [hub.capacity for hub in classes],
            "cost_mcny": [hub.cost_mcny for hub in classes],
            "power_mva": [hub.load_kva / KVA_PER_MVA for hub in classes],
            "land_m2": [hub.land_m2 for hub in classes],
            "benefit": np.nan,
        }
    )


def _hub(facility: FacilitySpec, site_type: str, size: str, fast: int) -> Hub:
    waits = table(facility, "wait_limit_min")
    wait_h = waits.get(site_type, waits[CITY]) / MINUTES_PER_HOUR
    capacity = _fast_capacity(facility, fast, wait_h) / fast_share(facility)
    counts = {"slow": _slow(facility, capacity), **_bays(facility, site_type, fast)}
    load_kva = _load_kva(facility, counts)
    transformers = math.ceil(load_kva / number(facility, "transformer_kva"))
    stations = transformers * number(facility, "transformer_mcny") + number(
        facility, "connection_mcny"
    )
    return Hub(
        size=size,
        counts=counts,
        wait_h=wait_h,
        capacity=capacity,
        load_kva=load_kva,
        transformers=transformers,
        land_m2=_sum(facility, "bay_m2", counts)
        + transformers * number(facility, "transformer_m2"),
        cost_mcny=_sum(facility, "connector_mcny", counts)
        + _sum(facility, "bay_mcny", counts)
        + stations,
    )


def _fast_capacity(facility: FacilitySpec, fast: int, wait_h: float) -> float:
    """Return kWh/day through the fast connectors: sessions in the busiest hour x kWh / its share."""
    kwh = table(facility, "session_kwh")
    in_peak = min(
        kwh[vehicle]
        * largest_arrivals(
            fast,
            1.0 / session_hours(facility, vehicle),
            wait=wait_h,
            utilisation=number(facility, "utilisation_limit"),
            variation=number(facility, "service_variation"),
        )
        for vehicle in VEHICLES
    )
    return in_peak / number(facility, "peak_hour_share")


def _slow(facility: FacilitySpec, capacity: float) -> int:
    """Return the slow connectors that give their share in the busiest hour, nobody waiting long."""
    share = 1.0 - fast_share(facility)
    kwh = capacity * share * number(facility, "peak_hour_share")
    each = table(facility, "connector_kw")["slow"] * number(facility, "utilisation_limit")
    return math.ceil(kwh / each)


def _bays(facility: FacilitySpec, site_type: str, fast: int) -> Mapping[str, int]:
    trucks = _nearest(fast * table(facility, "truck_bay_share").get(site_type, 0.0))
    high = _nearest((fast - trucks) * number(facility, "high_power_share"))
    return {"fast": fast - trucks - high, "high_power": high, "truck": trucks}


def _load_kva(facility: FacilitySpec, counts: Mapping[str, int]) -> float:
    power = _sum(facility, "connector_kw", counts) * number(facility, "simultaneity")
    return power / number(facility, "power_factor") / number(facility, "transformer_loading")


def _sum(facility: FacilitySpec, key: str, counts: Mapping[str, int]) -> float:
    """Add up a table over the connectors."""
    values = table(facility, key)
    return math.fsum(n * values[kind] for kind, n in counts.items())


def _nearest(number_of_bays: float) -> int:
    """Round halves up: a share of more bays is never fewer bays."""
    return math.floor(number_of_bays + 0.5)
