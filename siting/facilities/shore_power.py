"""Shore power: the energy ships use at berth that present supply does not cover."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError, Problem
from siting.facilities._shares import CASES, layer
from siting.facilities.registry import DemandModel
from siting.model import FacilitySpec, Inputs
from siting.units import KG_PER_TONNE, KVA_PER_MVA, KWH_PER_MWH


def demand(inputs: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame:
    """Compute the shore energy of each berth: calls x hours connected x auxiliary load.

    Only calls long enough to be obliged count; the time to connect and disconnect is taken off;
    a share of calls connects (low, base, high). Exempt berths have no demand.

    Parameters
    ----------
    inputs
        Brings the berths.
    facility
        Brings connection share, connecting time and the obliged stay.

    Returns
    -------
    GeoDataFrame
        One demand point a berth, ``demand_id`` the berth's id, MWh/yr.
    """
    berths = layer(inputs, "berths", kind="berth", needed_by=facility.key)
    given = facility.assumptions
    hours = berths["berth_hours"] - given["connect_hours"].value
    is_obliged = (berths["berth_hours"] > given["minimum_stay_hours"].value) & (
        berths["exempt"] != "yes"
    )
    energy = berths["calls_per_year"] * hours.clip(lower=0.0) * berths["avg_aux_load_kw"]
    possible = (energy / KWH_PER_MWH).where(is_obliged, 0.0)
    share = given["connection_share"]
    low = share.value if share.low is None else share.low
    high = share.value if share.high is None else share.high
    frame = berths[["id", "name_zh", "name_en", "kind", "geometry"]].rename(
        columns={"id": "demand_id"}
    )
    for case, factor in zip(CASES, (low, share.value, high), strict=True):
        frame[f"demand_{case}"] = possible * factor
    # What present supply can carry is decided berth by berth, so its marks travel along.
    frame["_shore_power"] = berths["shore_power"]
    frame["_design_mva"] = _design_mva(berths, facility)
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
    given = facility.assumptions
    supply = demand_points["_shore_power"]
    at_hv = amount.where(supply == "HV", 0.0)
    in_use = at_hv / (float(at_hv.sum()) or 1.0) * given["energy_in_use"].value
    is_small = demand_points["_design_mva"] < given["low_voltage_limit"].value
    by_lv = amount.where((supply == "LV") & is_small, 0.0)
    return (in_use + by_lv).clip(upper=amount)


def site_values(
    candidates: gpd.GeoDataFrame, demand_points: gpd.GeoDataFrame, facility: FacilitySpec
) -> pd.DataFrame:
    """Compute what equipping a berth avoids (t/yr of NOx + SO2 + PM10), costs and needs.

    Local air comes first; CO2 is left out here because on today's grid it is a small, net figure.
    Emission factors are g/kWh, so MWh x g/kWh gives kg.
    """
    unserved = demand_points.set_index("demand_id")["demand"]
    energy = candidates["candidate_id"].map(unserved).fillna(0.0)
    factor = sum(facility.assumptions[key].value for key in ("nox", "so2", "pm10"))
    power = _design_mva(candidates, facility) * candidates["berths"]
    rate = candidates["shore_power"].map(dict(facility.tables["cost_mcny_per_mva"]))
    return pd.DataFrame(
        {
            "benefit": energy * factor / KG_PER_TONNE,
            "cost_mcny": power * rate,
            "power_mva": power,
        }
    )


def _design_mva(berths: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.Series:
    """Return the supply of one berth: average load times what the cargo's ships need at most."""
    table = facility.tables["design_kva_per_average_kw"]
    ratio = berths["cargo"].map(dict(table)).astype(float)
    unknown = sorted(set(berths["cargo"][ratio.isna()]))
    if unknown:
        raise InputError(
            Problem(
                where=f"facility {facility.key}, [tables.design_kva_per_average_kw]",
                what="no supply is given for a cargo",
                got=", ".join(unknown[:5]),
                expected=f"one of {', '.join(table)}",
                mend="Add the cargo to the table.",
            )
        )
    return berths["avg_aux_load_kw"] * ratio / KVA_PER_MVA


DEMAND_MODEL = DemandModel(
    name="shore_power",
    assumptions=(
        "connection_share",
        "connect_hours",
        "minimum_stay_hours",
        "energy_in_use",
        "low_voltage_limit",
        "nox",
        "so2",
        "pm10",
    ),
    tables=("design_kva_per_average_kw", "cost_mcny_per_mva"),
    demand=demand,
    served=served,
    site_values=site_values,
    is_on_site=True,
)
