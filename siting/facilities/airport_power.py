"""Bridge power: electricity and conditioned air for aircraft at the gate, in place of their own unit (APU)."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.facilities import _power_sale
from siting.facilities._airport_stands import TABLES, stand_power
from siting.facilities._emissions import LOCAL_SUBSTANCES, Use, emissions, factors_of, grid_factors
from siting.facilities._equipment import fed_from, ladder, listed
from siting.facilities._feeders import feeders
from siting.facilities._numbers import check_numbers, class_problems, number
from siting.facilities._shares import layer, totals
from siting.facilities.registry import CASE_NAMES, OFFER_COLUMNS, Chosen, Engineering, Equipped
from siting.model import FacilitySpec, Inputs, Role, TravelCosts
from siting.units import DAYS_PER_YEAR, GRAMS_PER_TONNE, KWH_PER_MWH

_SHARES = (
    *("bridge_use_share", "use_today_share", "use_where_equipped_share"),
    *("simultaneity_share", "headroom_share"),
)
_ITEMS = (
    ("stands", "配备桥载设备机位", "stands with bridge power", "stands"),
    ("ground_power", "400 Hz 电源", "400 Hz converters", "kVA"),
    ("conditioned_air", "地面空调接入容量", "connected load of conditioned air", "kVA"),
    ("supply", "供电容量", "supply", "MVA"),
    ("feeder", "至变电站距离", "way by road to the substation", "km"),
    ("headroom", "变电站可用容量", "headroom of the substation", "MVA"),
    ("shortfall", "变电站容量缺口", "what the substation lacks for this site", "MVA"),
)


def demand(inputs: Inputs, facility: FacilitySpec, travel: TravelCosts) -> gpd.GeoDataFrame:
    """Compute the bridge energy of each stand group: turnarounds x hours x load x share that uses it.

    Parameters
    ----------
    inputs
        Brings the stands.
    facility
        Brings hours and loads by aircraft class, and the share that uses bridge power.
    travel
        Not looked at: aircraft are served where they stand.

    Returns
    -------
    GeoDataFrame
        One demand point a stand group, ``demand_id`` its id, MWh/yr.

    Raises
    ------
    InputError, ConfigError
        If a stand has an unknown aircraft class, or a number is out of range.
    """
    del travel
    stands = layer(inputs, "airport_stands", kind="stand", needed_by=facility.key)
    _check_classes(stands, facility, key="id")
    check_numbers(
        facility,
        amounts=("substation_headroom", *_power_sale.AMOUNTS),
        shares=(*_SHARES, *_power_sale.SHARES),
        losses=_power_sale.LOSSES,
    )
    frame = stands[["id", "name_zh", "name_en", "kind", "geometry"]].rename(
        columns={"id": "demand_id"}
    )
    possible = _possible_mwh(stands, facility)
    share = totals(facility.assumptions["bridge_use_share"])
    for case in CASE_NAMES:
        frame[f"demand_{case}"] = possible * getattr(share, case)
    frame["_used"] = possible * _use_today(stands, facility)
    return frame


def served(
    demand_points: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
    times_min: NDArray[np.float64],
    facility: FacilitySpec,
) -> pd.Series:
    """Take off what bridge power gives today, as far as the stands' equipment is known or assumed."""
    del existing, times_min
    return demand_points["_used"].clip(upper=demand_points[f"demand_{facility.demand_case}"])


def offers(
    candidates: gpd.GeoDataFrame, demand_points: gpd.GeoDataFrame, facility: FacilitySpec
) -> pd.DataFrame:
    """Offer equipment at one stand of a group, at two, … up to as many as its demand needs.

    A stand serves the turnarounds it has. Where equipment is there it is only to be used, at no
    cost; where that is not known, the stands that are taken to have it are not offered. Benefit is
    the local air saved, t/yr of NOx + SO2 + PM10.
    """
    _check_classes(candidates, facility, key="candidate_id")
    one = stand_power(candidates, facility).assign(candidate_id=candidates["candidate_id"])
    one["mwh_per_yr"] = _possible_mwh(candidates, facility) / candidates["stands"]
    one["is_there"] = candidates["bridge_power"] == "yes"
    unserved = demand_points.set_index("demand_id")["demand"]
    one["left"] = one["candidate_id"].map(unserved).fillna(0.0)
    lacking = candidates["stands"] * (1.0 - _equipped_share(candidates, facility))
    places = pd.Series(np.maximum(np.ceil(lacking), 1.0), index=candidates.index)
    rows = ladder(one, places, one["left"] / one["mwh_per_yr"])
    rows["capacity"] = rows["equipped"] * rows["mwh_per_yr"]
    grams = factors_of(facility, "apu")
    local = sum((grams[s] for s in LOCAL_SUBSTANCES), start=0.0)
    fuel_kg = np.minimum(rows["capacity"], rows["left"]) * KWH_PER_MWH * rows["fuel_kg_per_kwh"]
    rows["benefit"] = fuel_kg * local / GRAMS_PER_TONNE
    rows["power_mva"] = rows["mva"] * rows["equipped"]
    rows["land_m2"] = 0.0  # it hangs on the bridge
    rows["cost_mcny"] = (rows["mcny"] * rows["equipped"]).where(~rows["is_there"], 0.0)
    rows["size"] = [f"stands_{k}" for k in rows["equipped"]]
    rows["zh"] = [f"{k} 个机位" for k in rows["equipped"]]
    rows["en"] = [f"{k} stand{'s'[: k > 1]}" for k in rows["equipped"]]
    return rows[list(OFFER_COLUMNS)]


def equip(chosen: Chosen) -> Equipped:
    """Equip the stands that each site's size says, and count what that costs, brings and avoids."""
    facility = chosen.facility
    sites = chosen.sites.set_index("candidate_id", drop=False)
    one = stand_power(sites, facility)
    equipped = (sites["power_mva"] / one["mva"]).round()
    drawn = one["mva"] * equipped * number(facility, "simultaneity_share")
    fed = feeders(chosen, drawn)
    worth = one["mcny"] * equipped
    is_new = (sites["role"] != Role.EXISTING.value) & (sites["bridge_power"] != "yes")
    built = pd.DataFrame({"capex_mcny": worth.where(is_new, 0.0), "worth_mcny": worth})
    quantities = pd.DataFrame(
        {
            "stands": equipped,
            "ground_power": one["ground_power_kva"] * equipped,
            "conditioned_air": one["conditioned_air_kva"] * equipped,
            "supply": one["mva"] * equipped,
            "feeder": fed["distance_km"],
            "headroom": fed["headroom_mva"],
            "shortfall": fed["shortfall_mva"],
        }
    )
    sold = chosen.served.loc[sites.index]
    fuel_kg = (sold * KWH_PER_MWH).mul(one["fuel_kg_per_kwh"], axis=0)
    bought = _power_sale.bought_kwh(sold, facility)
    return Equipped(
        equipment=listed(quantities, _ITEMS),
        supply=fed_from(fed, sold, number(facility, "electricity_price")),
        money=_power_sale.money_of_sale(sold, built, facility),
        emissions=emissions(
            avoided=[Use(amount=fuel_kg, grams=factors_of(facility, "apu"))],
            added=[Use(amount=bought, grams=grid_factors(facility))],
        ),
    )


def _check_classes(stands: gpd.GeoDataFrame, facility: FacilitySpec, *, key: str) -> None:
    problems = [
        problem
        for name in TABLES
        for problem in class_problems(stands["aircraft_class"], facility, name, ids=stands[key])
    ]
    if problems:
        raise InputError(*problems)


def _possible_mwh(stands: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.Series:
    """Return what a stand group would take if every turnaround used bridge power, MWh/yr."""
    turns = stands["stands"] * stands["turns_per_day"] * DAYS_PER_YEAR
    return turns * stand_power(stands, facility)["kwh_per_turn"] / KWH_PER_MWH


def _use_today(stands: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.Series:
    """Return the share of a group's turnarounds that use bridge power today."""
    shares = {
        "yes": number(facility, "use_where_equipped_share"),
        "unknown": number(facility, "use_today_share"),
        "none": 0.0,
    }
    return stands["bridge_power"].map(shares).astype(float)


def _equipped_share(stands: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.Series:
    """Return the share of a group's stands that are taken to have equipment where it is not known."""
    is_unknown = stands["bridge_power"] == "unknown"
    return is_unknown.astype(float) * number(facility, "use_today_share")


ENGINEERING = Engineering(
    name="airport_power",
    assumptions=(
        *_SHARES,
        "substation_headroom",
        *_power_sale.ASSUMPTIONS,
        *("grid_nox", "grid_so2", "grid_pm10", "grid_co2"),
    ),
    tables=(*TABLES, "apu"),
    demand=demand,
    served=served,
    offers=offers,
    equip=equip,
    is_on_site=True,
)
