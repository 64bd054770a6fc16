"""The substation a site is fed from: the nearest by road, what it has left, and how many circuits."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.facilities._numbers import number
from siting.facilities.registry import Chosen
from siting.model import FacilitySpec

ASSUMPTIONS = (
    *("feeder_capacity", "feeder_length", "feeder_cost", "simultaneity_share"),
    *("headroom_share", "substation_headroom"),
)
SUBSTATIONS = ("substation_220", "substation_110", "substation_mv", "substation_unknown")
"""Types of the layer energy that a feeder of 10 to 35 kV may start from; 500 kV has none."""


def feeders(chosen: Chosen, drawn_mva: pd.Series) -> pd.DataFrame:
    """Return the substation nearest to each site by road, and what it lacks for its sites together.

    Parameters
    ----------
    chosen
        The sites, the layer ``energy`` and travel.
    drawn_mva
        What each site draws at one time ``(n_sites,)``, ≥ 0, in the order of the sites, whose index
        the answer takes.

    Returns
    -------
    DataFrame
        In the order of the sites: ``substation_id`` ("" where none is reached), ``distance_km``,
        ``headroom_mva`` of that substation and ``shortfall_mva``, the site's part of what its sites
        draw above that; NaN without a substation.
    """
    stations = _stations(chosen)
    nearest, km = _nearest(chosen, stations)
    is_fed = np.isfinite(km)
    frame = pd.DataFrame(index=drawn_mva.index)
    if stations.empty:
        return frame.assign(
            substation_id="", distance_km=np.nan, headroom_mva=np.nan, shortfall_mva=np.nan
        )
    frame["substation_id"] = np.where(is_fed, stations["id"].to_numpy(object)[nearest], "")
    frame["distance_km"] = np.where(is_fed, km, np.nan)
    room = _headroom(stations, chosen.facility)
    frame["headroom_mva"] = np.where(is_fed, room[nearest], np.nan)
    together = drawn_mva.groupby(frame["substation_id"]).transform("sum")
    over = (together - frame["headroom_mva"]).clip(lower=0.0)
    frame["shortfall_mva"] = over * (drawn_mva / together.where(together > 0)).fillna(0.0)
    return frame


def circuits(drawn_mva: pd.Series, facility: FacilitySpec) -> pd.Series:
    """Return the feeder circuits that a supply takes; a site pays its part of one that others share."""
    return drawn_mva / number(facility, "feeder_capacity")


def _stations(chosen: Chosen) -> gpd.GeoDataFrame:
    if "energy" not in chosen.inputs.layers:
        return chosen.sites.iloc[:0]
    energy = chosen.inputs.layers["energy"]
    return energy[energy["type"].isin(SUBSTATIONS)].sort_values("id")


def _nearest(
    chosen: Chosen, stations: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the row of the nearest substation and the way there, infinite where there is none."""
    if stations.empty or chosen.sites.empty:
        n = len(chosen.sites)
        return np.zeros(n, dtype=np.int64), np.full(n, np.inf)
    km = chosen.travel(
        chosen.sites.geometry,
        stations.geometry,
        profile=chosen.facility.profile,
        measure="distance_km",
    )
    away = np.where(np.isnan(km), np.inf, km)
    return away.argmin(axis=1), away.min(axis=1)


def _headroom(stations: gpd.GeoDataFrame, facility: FacilitySpec) -> NDArray[np.float64]:
    """Return what each substation has left: a share of a capacity in MVA, else the assumption."""
    given = stations["capacity"].where(stations["unit"] == "MVA").to_numpy(float)
    known = given * number(facility, "headroom_share")
    return np.where(np.isnan(known), number(facility, "substation_headroom"), known)
