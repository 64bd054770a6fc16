"""Where hydrogen is asked for: trucks between freight places, buses at depots, sanitation by people."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.facilities._gravity import Trips, calibrate, own_costs
from siting.facilities._hydrogen_numbers import require
from siting.facilities._numbers import number, table
from siting.facilities._shares import Totals, freight_places, gather, layer, spread, totals
from siting.facilities.registry import CASE_NAMES
from siting.frames import RESULT_FRAMES
from siting.model import FacilitySpec, Inputs, TravelCosts

FLOW_COLUMNS = tuple(c for c in RESULT_FRAMES["flows"] if c not in ("facility", "geometry"))
MOST_FLOWS = 500
"""Pairs in the frame of flows: those that bring the most; every other pair is in the demand alone."""

_KM_PER_RATE = 100.0  # consumption is per 100 km
_DIRECTIONS = 2.0
_GATE = "gateway"
_DEPOT = "bus_depot"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TruckTrips:
    """Truck trips between freight places, and the hydrogen they burn if all of them ran on it.

    Parameters
    ----------
    places
        ``(n,)`` as demand points, one row a place and layer; ``share`` of all trip ends, sum 1.
    trips
        Trips as shares of all; rows and columns add up to ``share``.
    minutes, km
        ``(n, n)``; on the diagonal half the way to the nearest other place.
    kg
        ``(n, n)``, kg per trip of the whole, so that only its proportions matter.
    """

    places: gpd.GeoDataFrame
    trips: Trips
    minutes: NDArray[np.float64]
    km: NDArray[np.float64]
    kg: NDArray[np.float64]


def demand(inputs: Inputs, facility: FacilitySpec, travel: TravelCosts) -> gpd.GeoDataFrame:
    """Spread the city's hydrogen demand over the places where vehicles start, end and enter.

    Truck trips between ports, parks and city gates follow a doubly constrained gravity model over the
    truck network; each trip's hydrogen (km × kg/100 km, with a part of the way beyond a gate) is filled
    up near its two ends. Buses fill up in the townships nearest to their depots, sanitation vehicles by
    population.

    Parameters
    ----------
    inputs
        Brings ports, berths, parks, gateways and townships, and the candidates of type ``bus_depot``.
    facility
        Brings the total (kg/day, three cases), the shares of trucks and buses, the split, the classes of
        trucks and the mean time of a trip.
    travel
        Travel over the roads with the facility's profile.

    Returns
    -------
    GeoDataFrame
        Demand points in kg/day; the three cases add up to the three totals.

    Raises
    ------
    ConfigError
        If numbers are missing or mean nothing.
    MissingLayerError, InputError
        If a layer that is given a part of the demand is missing, or its weights add up to nothing.
    """
    require(facility)
    total = totals(facility.assumptions["hydrogen_demand"])
    trucks = number(facility, "truck_share")
    buses = (1.0 - trucks) * number(facility, "bus_share")
    towns = layer(inputs, "townships", kind="township", needed_by=facility.key)
    people = towns["population"].to_numpy(float)
    depots = _depots_by_town(inputs, towns, facility, travel)
    found = truck_trips(inputs, facility, travel) if _has_trucks(facility) else None
    return gather(
        [
            *([] if found is None else [_by_place(found, _part(total, trucks), facility)]),
            spread(towns, people if depots is None else depots, _part(total, buses)),
            spread(towns, people, _part(total, 1.0 - trucks - buses)),
        ]
    )


def truck_trips(inputs: Inputs, facility: FacilitySpec, travel: TravelCosts) -> TruckTrips:
    """Return the truck trips of a day between freight places and what hydrogen they would burn."""
    parts = freight_places(inputs, facility, Totals(low=1.0, base=1.0, high=1.0))
    places = pd.concat(parts, ignore_index=True).rename(columns={"demand_base": "share"})
    at = places.geometry
    minutes = own_costs(travel(at, at, profile=facility.profile))
    km = own_costs(travel(at, at, profile=facility.profile, measure="distance_km"))
    trips = calibrate(
        places["share"].to_numpy(float), minutes, number(facility, "truck_trip_minutes")
    )
    beyond = number(facility, "outside_km") * number(facility, "gate_refuel_share")
    outside = (places["kind"] == _GATE).to_numpy() * beyond
    way = np.nan_to_num(km) + outside[:, None] + outside[None, :]
    kg = trips.amount * way / _KM_PER_RATE * truck_kg_per_100km(facility)
    return TruckTrips(places=places, trips=trips, minutes=minutes, km=km, kg=kg)


def truck_kg_per_100km(facility: FacilitySpec) -> float:
    """Return the hydrogen use of the mean truck, kg/100 km."""
    return mean_truck(facility, table(facility, "truck_kg_per_100km"))


def mean_truck(facility: FacilitySpec, of: Mapping[str, float]) -> float:
    """Return a number of truck classes, weighted by the kilometres of each class."""
    share = table(facility, "truck_class_share")
    whole = sum(share.values())
    return sum(part * of[name] for name, part in share.items()) / whole


def flows(inputs: Inputs, facility: FacilitySpec, travel: TravelCosts) -> pd.DataFrame:
    """Return the truck traffic between places that brings the demand.

    Parameters
    ----------
    inputs, facility, travel
        As of ``demand``.

    Returns
    -------
    DataFrame
        The columns of the frame ``flows`` without ``facility`` and geometry, sorted by origin and
        destination, at most ``MOST_FLOWS`` pairs. ``trips_per_day`` are heavy trucks of all fuels,
        scaled to the counts of ``tables.gate_counts``, NaN without a count; ``amount_*`` (kg/day) is the
        part of a trip's hydrogen that may be bought on the way. It is part of what the demand points
        of the two ends ask for, not on top of it.
    """
    require(facility)
    if not _has_trucks(facility):
        return pd.DataFrame(columns=list(FLOW_COLUMNS))
    found = truck_trips(inputs, facility, travel)
    scale = trips_scale(found, facility)
    frame = _pairs(found, 0.0 if np.isnan(scale) else scale)
    total = _part(totals(facility.assumptions["hydrogen_demand"]), number(facility, "truck_share"))
    share = found.kg / (found.kg.sum() or 1.0) * number(facility, "en_route_share")
    for case in CASE_NAMES:
        frame[f"amount_{case}"] = share.ravel() * getattr(total, case)
    frame = frame[frame["origin_id"] != frame["destination_id"]]
    sums = ["trips_per_day", *(f"amount_{case}" for case in CASE_NAMES)]
    how = dict.fromkeys(("kind", "time_min", "distance_km"), "first") | dict.fromkeys(sums, "sum")
    pair = ["origin_id", "destination_id"]
    kept = frame.groupby(pair, sort=True, as_index=False).agg(how)
    kept = kept[kept["amount_high"] > 0].nlargest(MOST_FLOWS, "amount_high").sort_index()
    if np.isnan(scale):
        kept["trips_per_day"] = np.nan
    return kept[list(FLOW_COLUMNS)].reset_index(drop=True)


def trips_scale(found: TruckTrips, facility: FacilitySpec) -> float:
    """Return the heavy-truck trips of a day in all, NaN without a count at any gate.

    A count (vehicles/day of both directions and all classes) times the share of heavy trucks, half of it
    inwards, over the gate's share of all trips.
    """
    table = facility.tables.get("gate_counts")
    counts = found.places["demand_id"].map({} if table is None else dict(table.values))
    is_counted = counts.notna() & (found.places["kind"] == _GATE) & (found.places["share"] > 0)
    if not is_counted.any():
        return float("nan")
    inwards = float(counts[is_counted].sum()) * number(facility, "heavy_truck_share") / _DIRECTIONS
    return inwards / float(found.places.loc[is_counted, "share"].sum())


def _pairs(found: TruckTrips, trips_per_day: float) -> pd.DataFrame:
    ids = found.places["demand_id"].to_numpy()
    kinds = found.places["kind"].to_numpy()
    n = len(ids)
    origin, destination = np.repeat(np.arange(n), n), np.tile(np.arange(n), n)
    return pd.DataFrame(
        {
            "origin_id": ids[origin],
            "destination_id": ids[destination],
            "kind": [f"{a}-{b}" for a, b in zip(kinds[origin], kinds[destination], strict=True)],
            "trips_per_day": found.trips.amount.ravel() * trips_per_day,
            "time_min": found.minutes.ravel(),
            "distance_km": found.km.ravel(),
        }
    )


def _by_place(found: TruckTrips, total: Totals, facility: FacilitySpec) -> gpd.GeoDataFrame:
    """Give each place its part of the hydrogen of every trip that starts or ends there."""
    at_origin = number(facility, "origin_refuel_share")
    kg = at_origin * found.kg.sum(axis=1) + (1.0 - at_origin) * found.kg.sum(axis=0)
    # Where no trip has any length, as of a single place, the trips themselves are the measure.
    weights = kg if kg.sum() > 0 else found.places["share"].to_numpy(float)
    return spread(found.places.rename(columns={"demand_id": "id"}), weights, total)


def _depots_by_town(
    inputs: Inputs, towns: gpd.GeoDataFrame, facility: FacilitySpec, travel: TravelCosts
) -> NDArray[np.float64] | None:
    """Return the depots nearest to each township by road, None where no depot is known."""
    places = inputs.layers.get(facility.candidate_layer)
    if places is None or facility.candidate_type not in places or towns.empty:
        return None
    depots = places[places[facility.candidate_type] == _DEPOT]
    if depots.empty:
        return None
    minutes = travel(depots.geometry, towns.geometry, profile=facility.profile)
    reached = ~np.isnan(minutes).all(axis=1)
    if not reached.any():
        return None
    order = np.argsort(towns["id"].to_numpy(str), kind="stable")  # ties go to the first id
    nearest = order[np.nanargmin(minutes[reached][:, order], axis=1)]
    return np.bincount(nearest, minlength=len(towns)).astype(np.float64)


def _has_trucks(facility: FacilitySpec) -> bool:
    """Whether there are lorries to serve; where they would be matters only then."""
    total = totals(facility.assumptions["hydrogen_demand"])
    return total.high > 0 and number(facility, "truck_share") > 0


def _part(total: Totals, share: float) -> Totals:
    return Totals(**{case: getattr(total, case) * share for case in CASE_NAMES})
