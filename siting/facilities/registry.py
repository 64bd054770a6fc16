"""The registry of demand models: filled from the sibling files on first call."""

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from siting.errors import ConfigError, Problem
from siting.model import FacilitySpec, Inputs


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

    found: dict[str, DemandModel] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        model = getattr(import_module(f"siting.facilities.{info.name}"), "DEMAND_MODEL", None)
        if model is None:
            continue
        if model.name in found:
            raise ConfigError(
                Problem(
                    where=f"siting/facilities/{info.name}.py",
                    what=f"demand model {model.name} is defined twice",
                    expected="one file a model",
                )
            )
        found[model.name] = model
    return MappingProxyType(found)
