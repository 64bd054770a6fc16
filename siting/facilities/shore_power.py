"""Shore power: the energy ships use at berth that present supply does not cover."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.facilities import _berth_supply, _feeders, _power_sale, _ships
from siting.facilities._berth_equipment import equip
from siting.facilities._berth_supply import berth_supply, feeder_circuits, feeder_mcny
from siting.facilities._emissions import LOCAL_SUBSTANCES
from siting.facilities._equipment import ladder
from siting.facilities._numbers import check_numbers, number
from siting.facilities._shares import layer, totals
from siting.facilities.registry import CASE_NAMES, OFFER_COLUMNS, Engineering
from siting.model import FacilitySpec, Inputs, TravelCosts
from siting.units import KG_PER_TONNE, KWH_PER_MWH

_OWN = ("connection_share", "connect_hours", "minimum_stay_hours", "energy_in_use")
_SHARES = ("connection_share", "connected_time_share", "simultaneity_share", "headroom_share")
# The demand of a case takes that end of the share that connects, and the other of the time it takes.
_LONGEST = {"low": "high", "base": "base", "high": "low"}


def demand(inputs: Inputs, facility: FacilitySpec, travel: TravelCosts) -> gpd.GeoDataFrame:
    """Compute the shore energy of each berth: calls x hours connected x auxiliary load.

    Only calls long enough to be obliged count; the time to connect and disconnect is taken off; a
    share of calls connects. The low case has the small share and the long time to connect. Exempt
    berths have no demand.

    Parameters
    ----------
    inputs
        Brings the berths.
    facility
        Brings shares, times and loads.
    travel
        Not looked at: ships are served where they lie.

    Returns
    -------
    GeoDataFrame
        One demand point a berth group, ``demand_id`` its id, MWh/yr.

    Raises
    ------
    InputError, ConfigError
        If a berth has no or an unknown ship class or cargo, or a number is out of range.
    """
    del travel
    berths = layer(inputs, "berths", kind="berth", needed_by=facility.key)
    _ships.check_ships(berths, facility, key="id")
    check_numbers(
        facility,
        amounts=(*_OWN, *_power_sale.AMOUNTS, "converter_cost", "feeder_cost"),
        shares=(*_SHARES, *_power_sale.SHARES),
        divisors=("power_factor", "feeder_capacity"),
        losses=_power_sale.LOSSES,
        parts=("engine_share", "fuel_share"),
    )
    frame = berths[["id", "name_zh", "name_en", "kind", "geometry"]].rename(
        columns={"id": "demand_id"}
    )
    load = _ships.aux_load_kw(berths, facility)
    is_obliged = (berths["berth_hours"] > number(facility, "minimum_stay_hours")) & (
        berths["exempt"] != "yes"
    )
    share, lost = (
        totals(facility.assumptions[key]) for key in ("connection_share", "connect_hours")
    )
    for case in CASE_NAMES:
        hours = (berths["berth_hours"] - getattr(lost, _LONGEST[case])).clip(lower=0.0)
        energy = berths["calls_per_year"] * hours * load / KWH_PER_MWH * getattr(share, case)
        frame[f"demand_{case}"] = energy.where(is_obliged, 0.0)
    # What present supply can carry is decided berth by berth, so its marks travel along.
    frame["_shore_power"] = berths["shore_power"]
    frame["_design_mva"] = _ships.berth_mva(berths, facility)
    return frame


def served(
    demand_points: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
    times_min: NDArray[np.float64],
    facility: FacilitySpec,
) -> pd.Series:
    """Take off what berths have: today's use at high voltage, all that low voltage can carry.

    Low voltage serves ships below the limit of the high-voltage standard; above it the berth needs
    high voltage and low-voltage supply covers nothing.
    """
    del existing, times_min
    amount = demand_points[f"demand_{facility.demand_case}"]
    supply = demand_points["_shore_power"]
    at_hv = amount.where(supply == "HV", 0.0)
    in_use = at_hv / (float(at_hv.sum()) or 1.0) * number(facility, "energy_in_use")
    is_high = _ships.is_high_voltage(demand_points["_design_mva"], facility)
    by_lv = amount.where((supply == "LV") & ~is_high, 0.0)
    return (in_use + by_lv).clip(upper=amount)


def offers(
    candidates: gpd.GeoDataFrame, demand_points: gpd.GeoDataFrame, facility: FacilitySpec
) -> pd.DataFrame:
    """Offer supply at one berth of a group, at two, … up to as many as its demand needs.

    A berth gives what its average load takes in the part of the year in which a ship can be
    connected, less what is in use already. The feeder has the assumed length: where it starts is
    known of chosen sites only. Benefit is the local air saved, t/yr of NOx + SO2 + PM10; CO2 is
    left out because on today's grid it is a small, net figure.
    """
    _ships.check_ships(candidates, facility, key="candidate_id")
    one = berth_supply(candidates, facility)
    one = one.assign(candidate_id=candidates["candidate_id"])
    left, in_use = (_of_own(one, demand_points, name) for name in ("demand", "existing_served"))
    needed = one.assign(left=left, in_use=in_use)
    rows = ladder(needed, candidates["berths"], (left + in_use) / one["mwh_per_yr"])
    rows["capacity"] = (rows["equipped"] * rows["mwh_per_yr"] - rows["in_use"]).clip(lower=0.0)
    factors = _ships.engine_factors(facility)
    grams = sum((factors[substance] for substance in LOCAL_SUBSTANCES), start=0.0)
    rows["benefit"] = np.minimum(rows["capacity"], rows["left"]) * grams / KG_PER_TONNE
    rows["power_mva"] = rows["mva"] * rows["equipped"]
    rows["land_m2"] = rows["power_mva"] * number(facility, "land_per_mva")
    _, new = feeder_circuits(rows, rows["equipped"], facility)
    feeder = feeder_mcny(new, number(facility, "feeder_length"), facility)
    rows["cost_mcny"] = rows["mcny"] * rows["equipped"] + feeder
    rows["size"] = [f"berths_{k}" for k in rows["equipped"]]
    rows["zh"] = [f"{k} 个泊位 x {mva:.3g} MVA" for k, mva in _pairs(rows)]
    rows["en"] = [f"{k} berth{'s'[: k > 1]} x {mva:.3g} MVA" for k, mva in _pairs(rows)]
    return rows[list(OFFER_COLUMNS)]


def _pairs(rows: pd.DataFrame) -> list[tuple[int, float]]:
    return list(zip(rows["equipped"], rows["mva"], strict=True))


def _of_own(rows: pd.DataFrame, demand_points: gpd.GeoDataFrame, column: str) -> pd.Series:
    """Return a column of the demand that bears the candidate's own id, 0 without one."""
    if column not in demand_points:
        return pd.Series(0.0, index=rows.index)
    return rows["candidate_id"].map(demand_points.set_index("demand_id")[column]).fillna(0.0)


ENGINEERING = Engineering(
    name="shore_power",
    assumptions=(
        *_OWN,
        *_ships.ASSUMPTIONS,
        *_berth_supply.ASSUMPTIONS,
        *_feeders.ASSUMPTIONS,
        *_power_sale.ASSUMPTIONS,
        *("grid_nox", "grid_so2", "grid_pm10", "grid_co2"),
    ),
    tables=(*_ships.TABLES, *_berth_supply.TABLES),
    demand=demand,
    served=served,
    offers=offers,
    equip=equip,
    is_on_site=True,
)
