"""The charging piles that the plan names, spread over townships and districts."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.indicators._people import townships
from siting.indicators._rows import nothing, sum_rows
from siting.indicators._service import NAN, Service
from siting.indicators.registry import Indicator
from siting.model import Label

_LABEL = Label(zh="行动计划充电桩分配", en="piles of the plan, by district")
_TOWNSHIP = "township"
_UNIT = "piles"


def plan_piles(service: Service) -> pd.DataFrame:
    """Spread ``plan_piles`` over districts: public piles by population, fleet piles by freight.

    Returns
    -------
    DataFrame
        Whole piles that add up to the plan's number; before is NaN, since piles in service are not
        known. No rows without ``plan_piles`` and townships.
    """
    found = piles_by_township(service)
    if found is None:
        return nothing()
    piles = found["piles"].to_numpy(float)
    unknown = np.full(len(piles), NAN)
    return sum_rows(_LABEL, _UNIT, found["district"], before=unknown, after=piles)


def piles_by_township(service: Service) -> pd.DataFrame | None:
    """Return ``id``, ``name``, ``district`` and ``piles`` of each township; None where none are planned.

    Fleet piles, in the proportion of ``pile_kind``, go to the township nearest by road to each place
    of demand that is no township (ports, parks, gates), by its demand.
    """
    total = service.given("plan_piles")
    towns = townships(service)
    people = towns["population"].to_numpy(float)
    if total is None or not people.sum() > 0:
        return None
    kinds = service.facility.tables.get("pile_kind")
    parts = {"public": 1.0} if kinds is None else dict(kinds.values)
    fleet = _fleet(service, towns.geometry)
    weights = people / people.sum() * parts.get("public", 0.0)
    if fleet.sum() > 0:
        weights = weights + fleet / fleet.sum() * parts.get("fleet", 0.0)
    if not weights.sum() > 0:
        return None
    name = towns["name_zh"].where(towns["name_zh"] != "", towns["name_en"])
    return pd.DataFrame(
        {
            "id": towns["id"].to_numpy(),
            "name": name.to_numpy(),
            "district": towns["district"].to_numpy(),
            "piles": apportion(round(total), weights),
        }
    )


def apportion(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Share out whole things by weight, by the largest remainder.

    Parameters
    ----------
    total
        How many, ≥ 0.
    weights
        ``(n,)``, ≥ 0, not all 0.

    Returns
    -------
    ndarray
        ``(n,)`` whole numbers that add up to the total, each less than 1 from its exact share.
        Equal remainders go to the first.
    """
    exact = weights / math.fsum(weights) * total
    whole = np.floor(exact).astype(np.int64)
    left = total - int(whole.sum())
    first = np.argsort(-(exact - whole), kind="stable")[:left]
    whole[first] += 1
    return whole


def _fleet(service: Service, towns: gpd.GeoSeries) -> NDArray[np.float64]:
    """Return the demand of freight places by the township nearest to each."""
    is_freight = (service.demand["kind"] != _TOWNSHIP).to_numpy(bool) & (service.amount > 0)
    weights = np.zeros(len(towns))
    if not is_freight.any():
        return weights
    places = service.demand[is_freight].geometry
    minutes = service.travel(places, towns, profile=service.facility.profile)
    away = np.where(np.isnan(minutes), np.inf, minutes)
    is_reached = np.isfinite(away.min(axis=1))
    nearest = away.argmin(axis=1)[is_reached]
    np.add.at(weights, nearest, service.amount[is_freight][is_reached])
    return weights


INDICATOR = Indicator(name="plan_piles", better="", measure=plan_piles)
