"""What shore power at a berth group is built of and costs, for every number of its berths."""

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.facilities._feeders import circuits
from siting.facilities._numbers import number, table
from siting.facilities._ships import (
    aux_load_kw,
    berth_mva,
    is_high_voltage,
    share_60hz,
    voltage_kv,
)
from siting.model import FacilitySpec
from siting.units import HOURS_PER_YEAR, KWH_PER_MWH

ASSUMPTIONS = ("converter_cost", "sockets_per_berth", "land_per_mva", "connected_time_share")
TABLES = ("supply_mcny_per_mva",)


def berth_supply(berths: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.DataFrame:
    """Return the supply of one berth of each group, index as given.

    Returns
    -------
    DataFrame
        ``mva``, ``kv``, ``converter_mva``, ``is_high`` (falls under the high-voltage standard),
        ``is_renewal`` (high-voltage equipment with converter and feeder is there), ``mcny`` without
        feeder, and ``mwh_per_yr`` that one berth can give.
    """
    one = pd.DataFrame({"mva": berth_mva(berths, facility)}, index=berths.index)
    one["kv"] = voltage_kv(berths, facility)
    one["is_high"] = is_high_voltage(one["mva"], facility)
    one["is_renewal"] = one["is_high"] & (berths["shore_power"] == "HV")
    one["converter_mva"] = one["mva"] * share_60hz(berths, facility)
    rates = table(facility, "supply_mcny_per_mva")
    kind = np.where(one["is_high"], "high voltage", "low voltage")
    kind = np.where(one["is_renewal"], "renewal of high voltage", kind)
    rate = pd.Series(kind, index=one.index).map(dict(rates)).astype(float)
    converter = one["converter_mva"].where(~one["is_renewal"], 0.0)
    one["mcny"] = one["mva"] * rate + converter * number(facility, "converter_cost")
    hours = HOURS_PER_YEAR * number(facility, "connected_time_share")
    one["mwh_per_yr"] = aux_load_kw(berths, facility) * hours / KWH_PER_MWH
    return one


def feeder_circuits(
    one: pd.DataFrame, equipped: pd.Series, facility: FacilitySpec
) -> tuple[pd.Series, pd.Series]:
    """Return what a group draws at one time (MVA), and the feeder circuits that it needs anew.

    ``equipped`` is the number of berths with supply, in the order of ``one``. Where high voltage is
    there, so is its feeder; low voltage comes from the network of the quay.
    """
    drawn = one["mva"] * equipped * number(facility, "simultaneity_share")
    is_fed_anew = one["is_high"] & ~one["is_renewal"]
    return drawn, circuits(drawn, facility).where(is_fed_anew, 0.0)


def feeder_mcny(
    new_circuits: pd.Series, length_km: pd.Series | float, facility: FacilitySpec
) -> pd.Series:
    """Return what new feeder circuits of a length cost, million CNY."""
    return new_circuits * length_km * number(facility, "feeder_cost")
