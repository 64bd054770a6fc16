"""The registry of demand models: filled from the sibling files on first call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import pandas as pd

from siting.model import FacilitySpec, Inputs
from siting.siblings import collect


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandModel:
    """A facility type's engineering, as its file declares it.

    Parameters
    ----------
    name
        What facility files call it.
    assumptions, tables
        Keys that the facility file must bring.
    demand
        Inputs and facility in; out a frame of demand points with ``demand_id``, ``name_zh``,
        ``name_en``, ``kind``, ``demand_low``, ``demand_base``, ``demand_high`` and geometry.
    served
        Demand points, facilities in service, their travel times ``(n_demand, n_existing)`` and the
        facility in; out what is served already ``(n_demand,)``, ≤ demand.
    is_on_site
        Whether a site serves only the demand that bears its own id, as a berth does.
    site_values
        Candidates, demand and facility in; out ``benefit``, ``cost_mcny`` and ``power_mva`` on the
        candidates' index, NaN where the type has no such figure.
    """

    name: str
    assumptions: tuple[str, ...]
    tables: tuple[str, ...]
    demand: Callable[[Inputs, FacilitySpec], gpd.GeoDataFrame]
    served: Callable[..., pd.Series]
    site_values: Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame, FacilitySpec], pd.DataFrame]
    is_on_site: bool = False


@cache
def demand_models() -> Mapping[str, DemandModel]:
    """Return all demand models by name.

    Raises
    ------
    ConfigError
        If two files claim one name.
    """
    import siting.facilities as package  # noqa: PLC0415 - filled on first call, not at import

    return collect(package, "DEMAND_MODEL", DemandModel, called="demand model")
