"""The registry of facility types' engineering: filled from the sibling files on first call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import pandas as pd

from siting.model import FacilitySpec, Inputs, TravelCosts
from siting.siblings import collect

OFFER_COLUMNS = (
    *("candidate_id", "size", "zh", "en", "capacity"),
    *("cost_mcny", "power_mva", "land_m2", "benefit"),
)
"""What may be built at a candidate, one row a size; ``benefit`` is NaN where it follows from demand."""

EQUIPMENT_COLUMNS = ("candidate_id", "item", "zh", "en", "quantity", "unit")
SUPPLY_COLUMNS = (
    *("candidate_id", "source_id", "amount", "unit", "distance_km"),
    "cost_cny_per_unit",
)
MONEY_COLUMNS = (
    *(
        "candidate_id",
        "case",
        "capex_mcny",
        "fixed_mcny_yr",
        "variable_mcny_yr",
        "revenue_mcny_yr",
    ),
    *("subsidy_mcny_yr", "output_per_yr", "output_unit", "lifetime_yr"),
)
"""Money of a site by demand case: what it costs to build, to keep and to run, and what it brings.

``variable_mcny_yr`` grows with the output, ``fixed_mcny_yr`` does not; revenue is without subsidy.
"""

EMISSION_COLUMNS = ("candidate_id", "case", "substance", "avoided_t", "added_t")
"""Tonnes a year by demand case; substances are NOx, SO2, PM10 and CO2."""

CASE_NAMES = ("low", "base", "high")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """The chosen sites of a facility type, to be equipped.

    Parameters
    ----------
    facility
        The type, with its assumptions and tables and those of the study.
    sites
        Chosen candidates with all their columns, ``size``, ``capacity``, ``power_mva``, ``land_m2`` and
        ``cost_mcny`` of the size chosen, and ``role`` (existing ones are there already); sorted by id.
    served
        Demand served in each case, index ``candidate_id`` of all sites, columns ``low``, ``base``,
        ``high``; demand unit, ≥ 0 and ≤ capacity.
    demand
        The demand points.
    inputs, travel
        Layers of the study, and travel over its roads.
    """

    facility: FacilitySpec
    sites: gpd.GeoDataFrame
    served: pd.DataFrame
    demand: gpd.GeoDataFrame
    inputs: Inputs
    travel: TravelCosts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Equipped:
    """What the chosen sites are built of, cost, bring and avoid; frames after the columns above."""

    equipment: pd.DataFrame
    supply: pd.DataFrame
    money: pd.DataFrame
    emissions: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Engineering:
    """A facility type's engineering, as its file declares it.

    Parameters
    ----------
    name
        What facility files call it.
    assumptions, tables
        Keys that the facility file or its study must bring.
    demand
        Inputs, facility and travel in; out a frame of demand points with ``demand_id``, ``name_zh``,
        ``name_en``, ``kind``, ``demand_low``, ``demand_base``, ``demand_high`` and geometry.
    served
        Demand points, facilities in service, their travel times ``(n_demand, n_existing)`` and the
        facility in; out what is served already ``(n_demand,)``, ≤ demand.
    offers
        Candidates, demand points and facility in; out the sizes that may be built, after
        ``OFFER_COLUMNS``: at least one row a candidate, sorted by candidate and capacity.
    equip
        The chosen sites in; out what they are built of, cost, bring and avoid.
    flows
        Inputs, facility and travel in; out the traffic that brings the demand, columns of the frame
        ``flows`` without ``facility`` and geometry. None: demand comes from no traffic.
    is_on_site
        Whether a site serves only the demand that bears its own id, as a berth does.
    """

    name: str
    assumptions: tuple[str, ...]
    tables: tuple[str, ...]
    demand: Callable[[Inputs, FacilitySpec, TravelCosts], gpd.GeoDataFrame]
    served: Callable[..., pd.Series]
    offers: Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame, FacilitySpec], pd.DataFrame]
    equip: Callable[[Chosen], Equipped]
    flows: Callable[[Inputs, FacilitySpec, TravelCosts], pd.DataFrame] | None = None
    is_on_site: bool = False


@cache
def engineering() -> Mapping[str, Engineering]:
    """Return the engineering of all facility types by name.

    Raises
    ------
    ConfigError
        If two files claim one name.
    """
    import siting.facilities as package  # noqa: PLC0415 - filled on first call, not at import

    return collect(package, "ENGINEERING", Engineering, called="facility type")
