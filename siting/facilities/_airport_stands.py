"""What an aircraft at the gate draws by its class, and what its own unit would burn.

Classes are the code letters of ICAO Annex 14: C narrow body, D and E wide body, F very large.
"""

import geopandas as gpd
import pandas as pd

from siting.facilities._numbers import by_class
from siting.model import FacilitySpec
from siting.units import KVA_PER_MVA

TABLES = (
    *("connected_hours", "ground_power_kw", "conditioned_air_kw"),
    *("ground_power_kva", "conditioned_air_kva", "apu_kg_per_hour", "stand_mcny"),
)


def stand_power(stands: gpd.GeoDataFrame, facility: FacilitySpec) -> pd.DataFrame:
    """Return the power of one stand of each group, index as given.

    Returns
    -------
    DataFrame
        ``kwh_per_turn``; ``fuel_kg_per_kwh`` that the aircraft's unit burns for a kWh that the bridge
        would give; ``ground_power_kva``, ``conditioned_air_kva`` and ``mva`` connected; ``mcny``.
    """
    ids = stands["id" if "id" in stands else "candidate_id"]
    of = {name: by_class(stands["aircraft_class"], facility, name, ids=ids) for name in TABLES}
    load_kw = of["ground_power_kw"] + of["conditioned_air_kw"]
    connected = of["ground_power_kva"] + of["conditioned_air_kva"]
    return pd.DataFrame(
        {
            "kwh_per_turn": load_kw * of["connected_hours"],
            "fuel_kg_per_kwh": of["apu_kg_per_hour"] / load_kw,
            "ground_power_kva": of["ground_power_kva"],
            "conditioned_air_kva": of["conditioned_air_kva"],
            "mva": connected / KVA_PER_MVA,
            "mcny": of["stand_mcny"],
        },
        index=stands.index,
    )
