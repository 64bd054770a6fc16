"""What ships at a berth draw, what supply they need, and what their engines emit.

Only auxiliary engines are replaced; boilers run on.

References
----------
US EPA Marine Emissions Tools (loads at berth, emission factors); IEC/IEEE 80005-1 and 80005-3.
"""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import ConfigError, InputError, Problem
from siting.facilities._emissions import SUBSTANCES
from siting.facilities._numbers import by_class, class_problems, number, table
from siting.model import FacilitySpec
from siting.units import KVA_PER_MVA

ASSUMPTIONS = ("power_factor", "low_voltage_limit", "low_voltage_kv")
TABLES = (
    *("aux_load_kw", "small_craft_load_kw", "design_mva", "high_voltage_kv", "share_60hz"),
    *("engine_share", "fuel_share", "marine_nox", "marine_so2", "marine_pm10", "marine_co2"),
)
_LOADS = ("aux_load_kw", "small_craft_load_kw")
# Where the factor of a substance stands, and by what it is told apart.
_FACTORS = {
    "NOx": ("marine_nox", "engine_share"),
    "SO2": ("marine_so2", "fuel_share"),
    "PM10": ("marine_pm10", "fuel_share"),
    "CO2": ("marine_co2", "fuel_share"),
}


def check_ships(berths: gpd.GeoDataFrame, facility: FacilitySpec, *, key: str) -> None:
    """Refuse berths whose ship class or cargo the tables do not know; ``key`` is the column of ids.

    Raises
    ------
    InputError
        One line a table.
    """
    ids = berths[key]
    wanted = (
        ("ship_class", _LOADS),
        ("ship_class", ("design_mva",)),
        ("cargo", ("high_voltage_kv",)),
        ("cargo", ("share_60hz",)),
    )
    problems = [
        problem
        for column, tables in wanted
        for problem in class_problems(berths[column], facility, *tables, ids=ids)
    ]
    if problems:
        raise InputError(*problems)


def aux_load_kw(berths: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.Series:
    """Return the average load of a ship's auxiliary engines at each berth, kW.

    A berth's own figure comes before that of its ship class.
    """
    of_class = by_class(berths["ship_class"], facility, *_LOADS, ids=_ids(berths))
    return berths["avg_aux_load_kw"].astype(float).fillna(of_class)


def berth_mva(berths: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.Series:
    """Return the supply that one berth needs, MVA: that of its ship class, or of a higher load."""
    of_class = by_class(berths["ship_class"], facility, "design_mva", ids=_ids(berths))
    load = aux_load_kw(berths, facility) / number(facility, "power_factor") / KVA_PER_MVA
    return pd.Series(np.maximum(of_class, load), index=berths.index)


def is_high_voltage(mva: pd.Series, facility: FacilitySpec) -> pd.Series:
    """Tell which supplies fall under the high-voltage standard."""
    return mva >= number(facility, "low_voltage_limit")


def voltage_kv(berths: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.Series:
    """Return the voltage at which ships are supplied, kV."""
    high = by_class(berths["cargo"], facility, "high_voltage_kv", ids=_ids(berths))
    is_high = is_high_voltage(berth_mva(berths, facility), facility)
    return high.where(is_high, number(facility, "low_voltage_kv"))


def share_60hz(berths: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.Series:
    """Return the share of a berth's supply that passes a frequency converter, [0, 1]."""
    return by_class(berths["cargo"], facility, "share_60hz", ids=_ids(berths))


def engine_factors(facility: FacilitySpec) -> Mapping[str, float]:
    """Return what a kWh of ships' auxiliary engines emits, g/kWh by substance.

    The mix of engines and fuels (``engine_share``, ``fuel_share``) weighs the factors.

    Raises
    ------
    ConfigError
        If the mix names an engine or a fuel without a factor, one line each.
    """
    problems = [
        Problem(
            where=f"facility {facility.key}, [tables.{factors}.values]",
            what=f"no emission factor for {name} of [tables.{mix}]",
            expected=f"one of {', '.join(table(facility, factors))}",
            mend="Add the factor with its source, or correct the mix.",
        )
        for factors, mix in _FACTORS.values()
        for name in table(facility, mix)
        if name not in table(facility, factors)
    ]
    if problems:
        raise ConfigError(*problems)
    return {substance: _mixed(facility, *_FACTORS[substance]) for substance in SUBSTANCES}


def _mixed(facility: FacilitySpec, factors: str, mix: str) -> float:
    grams = table(facility, factors)
    return sum((share * grams[name] for name, share in table(facility, mix).items()), start=0.0)


def _ids(berths: gpd.GeoDataFrame) -> pd.Series:
    return berths["id" if "id" in berths else "candidate_id"]
