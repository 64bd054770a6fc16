"""Where cars and heavy trucks charge in public: near homes, at destinations, on the way, at freight places."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import ConfigError, Problem
from siting.facilities._numbers import table
from siting.facilities._shares import Totals, freight_places, gather, layer, spread, totals
from siting.facilities.registry import CASE_NAMES
from siting.model import FacilitySpec, Inputs, TravelCosts

TRUCK_COLUMN = "_truck"
"""The part of each demand point that is heavy trucks' in the planned case, in the demand unit."""

_SPLIT = ("residential", "destination", "corridor")


def demand(inputs: Inputs, facility: FacilitySpec, travel: TravelCosts) -> gpd.GeoDataFrame:
    """Spread public charging: cars by where they stand, heavy trucks over freight places.

    Cars are vehicles x public kWh a vehicle and day. ``public_split`` says how much of it arises near
    homes (townships, by population), at destinations (parks and centres, by ``destination_worth``)
    and on the way (candidates on expressways, by ``corridor_worth``); a part without places goes to
    the others, so the totals hold in every city. What is charged at home is not public and not here.

    Parameters
    ----------
    inputs
        Brings townships; parks, ports, berths, gateways and candidates where known.
    facility
        Brings vehicles, kWh a vehicle and day, truck kWh a day, and the splits.

    Returns
    -------
    GeoDataFrame
        Demand points in kWh/day, a case taking the same end of every assumption, with the part of
        heavy trucks in ``TRUCK_COLUMN``.

    Raises
    ------
    ConfigError, InputError, MissingLayerError
        If a split means nothing, weights add up to nothing, or a layer is missing.
    """
    trucks = freight_places(inputs, facility, totals(facility.assumptions["truck_kwh_per_day"]))
    cars = _cars(inputs, facility, travel)
    is_nothing = sum(float(part["demand_high"].sum()) for part in cars) <= 0
    places = gather(trucks if trucks and is_nothing else [*trucks, *cars])
    by_truck = gather(trucks).set_index("demand_id") if trucks else places.iloc[:0]
    part = by_truck[f"demand_{facility.demand_case}"] if trucks else pd.Series(dtype=float)
    places[TRUCK_COLUMN] = places["demand_id"].map(part).astype(float).fillna(0.0)
    return places


def _cars(inputs: Inputs, facility: FacilitySpec, travel: TravelCosts) -> list[gpd.GeoDataFrame]:
    vehicles = totals(facility.assumptions["vehicles"])
    each = totals(facility.assumptions["public_kwh_per_vehicle_day"])
    known = _places(inputs, facility, travel)
    split = {name: part for name, part in _split(facility).items() if name in known}
    whole = sum(split.values())
    if not whole > 0:
        split, whole = {_SPLIT[0]: 1.0}, 1.0
    return [
        spread(
            *known[name],
            Totals(
                **{c: getattr(vehicles, c) * getattr(each, c) * part / whole for c in CASE_NAMES}
            ),
        )
        for name, part in split.items()
        if part > 0
    ]


def _places(
    inputs: Inputs, facility: FacilitySpec, travel: TravelCosts
) -> Mapping[str, tuple[gpd.GeoDataFrame, NDArray[np.float64]]]:
    """Return the places of each part and their weights; a part without weight is not there.

    A place that no road joins to a township cannot be charged at, and its part goes to the others.
    """
    towns = layer(inputs, "townships", kind="township", needed_by=facility.key)
    known = {"residential": (towns, towns["population"].to_numpy(float))}
    for name, source, kind, column, worths in (
        ("destination", "parks", "park", "type", "destination_worth"),
        (
            "corridor",
            facility.candidate_layer,
            "corridor",
            facility.candidate_type,
            "corridor_worth",
        ),
    ):
        if source not in inputs.layers:
            continue
        worth = dict(table(facility, worths))
        given = layer(inputs, source, kind=kind, needed_by=facility.key)
        drawing = given.loc[given[column].astype(str).map(worth).fillna(0.0) > 0]
        minutes = travel(drawing.geometry, towns.geometry, profile=facility.profile)
        places = drawing.iloc[np.flatnonzero(np.isfinite(minutes).any(axis=1))]
        if not places.empty:
            known[name] = (places, places[column].astype(str).map(worth).to_numpy(float))
    return known


def _split(facility: FacilitySpec) -> Mapping[str, float]:
    split = table(facility, "public_split")
    is_good = set(split) <= set(_SPLIT) and sum(split.values()) > 0
    if not is_good or min(split.values(), default=0.0) < 0:
        raise ConfigError(
            Problem(
                where=f"facility {facility.key}, [tables.public_split]",
                what="not a split of the cars' public charging",
                got=_told(split),
                expected=f"parts ≥ 0 of {', '.join(_SPLIT)}, one at least above 0",
                mend="Correct the table; what is given to other names would be lost.",
            )
        )
    return split


def _told(values: Mapping[str, float]) -> str:
    parts: Sequence[str] = [f"{key} = {value:g}" for key, value in values.items()]
    return ", ".join(parts)
