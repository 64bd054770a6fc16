"""Where stations get their hydrogen from: tube trailers from sources that share out what they have."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError, Problem
from siting.facilities._hydrogen_numbers import of_source
from siting.facilities._numbers import number, table
from siting.facilities._transport import share_out
from siting.facilities.registry import CASE_NAMES, SUPPLY_COLUMNS, Chosen
from siting.model import FacilitySpec, Inputs, TravelCosts
from siting.units import DAYS_PER_YEAR, KG_PER_TONNE

_CRITERION = (
    "hydrogen_delivered_cost"  # whose rule of what a source is, and who delivers, holds here
)
_PER_100_KM = 100.0
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Supply:
    """What stations get, by demand case; frames have the sites as index and the cases as columns.

    Parameters
    ----------
    rows
        ``SUPPLY_COLUMNS`` in the planning case. A row without source is hydrogen that no source can
        deliver (no distance, no cost), or, where no source is known at all, hydrogen from the assumed
        distance (with a cost).
    kg_day
        Hydrogen delivered, kg/day, at most what is asked for.
    cost_cny_kg
        Mean cost as delivered, CNY/kg; 0 where nothing is.
    km
        Mean way of a kilogram, km; 0 where nothing is delivered.
    co2_kg_kg
        Mean CO2 of production, kg/kg; 0 where nothing is delivered.
    """

    rows: pd.DataFrame
    kg_day: pd.DataFrame
    cost_cny_kg: pd.DataFrame
    km: pd.DataFrame
    co2_kg_kg: pd.DataFrame


def delivered_cost(facility: FacilitySpec, km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return price at the source and a + b · d of the way, CNY/kg; NaN stays NaN."""
    way = number(facility, "delivery_per_100km") / _PER_100_KM * km
    return np.asarray(
        number(facility, "hydrogen_purchase") + number(facility, "delivery_fixed") + way
    )


def supply(chosen: Chosen) -> Supply:
    """Share the hydrogen of the sources on the market among the sites and the stations in service.

    The cases are solved in turn from low to high and a station keeps what it got in the case before, so
    that more demand in the city takes hydrogen away from nobody.
    """
    facility = chosen.facility
    ids = pd.Index(chosen.sites["candidate_id"], name="candidate_id")
    need = chosen.served.reindex(ids)[list(CASE_NAMES)].fillna(0.0).astype(float)
    found = sources(chosen.inputs, facility)
    if found is None:
        return _from_afar(need, facility)
    at, in_service = _stations(chosen)
    km = _km(found, at, facility, chosen.travel)
    km = np.where(km <= number(facility, "delivery_radius_km"), km, np.nan)
    cost = delivered_cost(facility, km)
    amounts: dict[str, NDArray[np.float64]] = {}
    kept = None
    for case in CASE_NAMES:
        asked = np.concatenate([need[case].to_numpy(), in_service[case]])
        amounts[case] = share_out(asked, found["kg_day"].to_numpy(float), cost, kept=kept)
        kept = amounts[case].sum(axis=0)
    own = {case: amount[:, : len(ids)] for case, amount in amounts.items()}
    co2 = of_source(facility, "source_co2_kg_per_kg", found["id"]).to_numpy(float)
    return Supply(
        rows=_rows(found, need, own, facility, km=km, cost=cost),
        kg_day=pd.DataFrame({c: a.sum(axis=0) for c, a in own.items()}, index=ids),
        cost_cny_kg=_means(own, cost, ids),
        km=_means(own, km, ids),
        co2_kg_kg=_means(own, np.broadcast_to(co2[:, None], km.shape), ids),
    )


def sources(inputs: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame | None:
    """Return the sources on the market with ``kg_day``; None where the study knows of no source at all.

    A source is on the market by its share in ``tables.source_market_share``; one whose capacity is not
    known gives nothing.

    Raises
    ------
    InputError
        If a capacity is in neither t/yr nor kg/day.
    """
    rule = _rule(facility)
    places = inputs.layers.get(str(rule.get("layer", "energy")))
    if places is None or "type" not in places:
        return None
    known = places[places["type"] == str(rule.get("source_type", "h2_source"))]
    if known.empty:
        return None
    share = of_source(facility, "source_market_share", known["id"])
    on_market = known.assign(kg_day=_kg_day(known) * share)
    return on_market[on_market["kg_day"] > 0].sort_values("id", kind="stable")


def _kg_day(places: gpd.GeoDataFrame) -> pd.Series:
    a_day = {"kg/day": 1.0, "t/yr": KG_PER_TONNE / DAYS_PER_YEAR}
    factor = places["unit"].map(a_day)
    strange = factor.isna() & (places["capacity"] > 0)
    if strange.any():
        raise InputError(
            Problem(
                where=f"layer energy, unit of {places.loc[strange, 'id'].iloc[0]}",
                what=f"{strange.sum()} capacities of hydrogen sources are in a unit that is not known",
                got=", ".join(sorted({str(unit) for unit in places.loc[strange, "unit"]})),
                expected=" or ".join(a_day),
                mend="Convert the capacities and their unit.",
            )
        )
    return (places["capacity"] * factor).fillna(0.0)


def _stations(chosen: Chosen) -> tuple[gpd.GeoSeries, Mapping[str, NDArray[np.float64]]]:
    """Return all places that ask for hydrogen, and what the ones in service need by case.

    What they serve is known of all together; each asks for its part by capacity.
    """
    own = chosen.sites.geometry
    none = {case: np.zeros(0) for case in CASE_NAMES}
    places = chosen.inputs.layers.get(chosen.facility.existing_layer or "")
    if places is None or "existing_served" not in chosen.demand or "capacity" not in places:
        return own, none
    for column, allowed in chosen.facility.existing_where.items():
        places = places[places[column].isin(list(allowed))]
    capacity = places["capacity"].fillna(0.0).to_numpy(float)
    if not capacity.sum() > 0:
        return own, none
    served = {
        case: np.minimum(chosen.demand["existing_served"], chosen.demand[f"demand_{case}"]).sum()
        for case in CASE_NAMES
    }
    at = gpd.GeoSeries([*own, *places.geometry], crs=own.crs)
    return at, {case: capacity / capacity.sum() * whole for case, whole in served.items()}


def _km(
    found: gpd.GeoDataFrame, at: gpd.GeoSeries, facility: FacilitySpec, travel: TravelCosts
) -> NDArray[np.float64]:
    if found.empty or not len(at):
        return np.zeros((len(found), len(at)))
    return travel(
        found.geometry.representative_point(),
        at,
        profile=str(_rule(facility).get("profile") or facility.profile),
        measure="distance_km",
    )


def _rule(facility: FacilitySpec) -> Mapping[str, object]:
    """Return the parameters of the criterion that measures delivery, empty where there is none."""
    return next((row.params for row in facility.criteria if row.measure == _CRITERION), {})


def _from_afar(need: pd.DataFrame, facility: FacilitySpec) -> Supply:
    """Bring all hydrogen from the assumed distance: the study knows of no source."""
    km = number(facility, "assumed_source_km")
    cost = float(delivered_cost(facility, np.array([km]))[0])
    asked = need[facility.demand_case]
    asked = asked[asked > 0]
    rows = pd.DataFrame(
        {
            "candidate_id": asked.index,
            "source_id": "",
            "amount": asked.to_numpy(),
            "unit": facility.demand_unit,
            "distance_km": km,
            "cost_cny_per_unit": cost,
        },
        columns=list(SUPPLY_COLUMNS),
    )
    some = need > 0
    return Supply(
        rows=rows,
        kg_day=need,
        cost_cny_kg=some * cost,
        km=some * km,
        co2_kg_kg=some * table(facility, "source_co2_kg_per_kg")["other"],
    )


def _means(
    amounts: Mapping[str, NDArray[np.float64]], of: NDArray[np.float64], ids: pd.Index
) -> pd.DataFrame:
    """Return the mean of a property of source and site over what is delivered, 0 where nothing is."""
    known = np.nan_to_num(of[:, : len(ids)])
    means = {}
    for case, amount in amounts.items():
        whole = amount.sum(axis=0)
        means[case] = (amount * known).sum(axis=0) / np.where(whole > 0, whole, 1.0)
    return pd.DataFrame(means, index=ids)


def _rows(
    found: gpd.GeoDataFrame,
    need: pd.DataFrame,
    own: Mapping[str, NDArray[np.float64]],
    facility: FacilitySpec,
    *,
    km: NDArray[np.float64],
    cost: NDArray[np.float64],
) -> pd.DataFrame:
    """Return who delivers what to whom in the planning case, and what nobody can deliver."""
    amount, asked = own[facility.demand_case], need[facility.demand_case].to_numpy()
    ids, source_ids = need.index.to_numpy(), found["id"].to_numpy()
    source, site = np.nonzero(amount > 0)
    lacking = asked - amount.sum(axis=0)
    short = np.flatnonzero(lacking > _ROUNDING * np.maximum(asked, 1.0))
    nothing = np.full(len(short), np.nan)
    frame = pd.DataFrame(
        {
            "candidate_id": ids[np.concatenate([site, short])],
            "source_id": [*source_ids[source], *([""] * len(short))],
            "amount": np.concatenate([amount[source, site], lacking[short]]),
            "unit": facility.demand_unit,
            "distance_km": np.concatenate([km[source, site], nothing]),
            "cost_cny_per_unit": np.concatenate([cost[source, site], nothing]),
        }
    )
    return frame.sort_values(["candidate_id", "source_id"], kind="stable").reset_index(drop=True)
