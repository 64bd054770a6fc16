"""The service of one facility type before and after its plan: who is how far from what."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.model import FacilitySpec, Inputs, Result, Role, TravelCosts

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Service:
    """What the indicators of a facility type are worked out from.

    Parameters
    ----------
    facility, result, inputs, travel
        The type, the result it is part of, the layers and the travel over the roads.
    amount
        Demand of the planned case ``(n_demand,)``, facilities in service not taken off.
    demand, sites, candidates
        Rows of the type in the frames of the result.
    existing
        Facilities in service; None where they are not known.
    to_existing, to_sites
        Minutes ``(n_demand, n)``, NaN = unreachable. Sites that are there already count as both.
    is_on_site
        Whether every demand point is a candidate itself, as berths are: nobody travels.
    """

    facility: FacilitySpec
    result: Result
    inputs: Inputs
    travel: TravelCosts
    amount: NDArray[np.float64]
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame | None
    to_existing: NDArray[np.float64]
    to_sites: NDArray[np.float64]
    is_on_site: bool

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """Which sites are there already ``(n_sites,)``."""
        return (self.sites["role"] == Role.EXISTING).to_numpy(bool)

    @property
    def is_before_known(self) -> bool:
        """Whether anything is known of what is in service."""
        return self.existing is not None or bool(self.is_open.any())

    @property
    def districts(self) -> NDArray[np.object_]:
        """District of each demand point ``(n_demand,)``."""
        return self.demand["district"].astype(str).to_numpy(object)

    def nearest_before(self) -> NDArray[np.float64]:
        """Return the minutes to the nearest facility in service ``(n_demand,)``, infinite where none."""
        return _nearest(np.hstack([self.to_existing, self.to_sites[:, self.is_open]]))

    def nearest_after(self) -> NDArray[np.float64]:
        """Return the minutes to the nearest facility, chosen ones included ``(n_demand,)``."""
        return _nearest(np.hstack([self.to_existing, self.to_sites]))

    def given(self, key: str) -> float | None:
        """Return an assumption of the type or the study; None where there is none."""
        row = self.facility.assumptions.get(key) or self.result.study.assumptions.get(key)
        return None if row is None else row.value


def service(
    result: Result, facility: FacilitySpec, inputs: Inputs, travel: TravelCosts
) -> Service:
    """Gather what the indicators of a facility type need."""
    demand, sites, candidates = (
        _of(frame, facility.key) for frame in (result.demand, result.sites, result.candidates)
    )
    existing = in_service(inputs, facility)
    is_on_site = _is_on_site(demand, candidates)
    there = sites.iloc[:0] if existing is None else existing
    if is_on_site:
        to_existing, to_sites = (np.full((len(demand), len(f)), np.nan) for f in (there, sites))
    else:
        to_existing, to_sites = (
            travel(demand.geometry, f.geometry.representative_point(), profile=facility.profile)
            for f in (there, sites)
        )
    return Service(
        facility=facility,
        result=result,
        inputs=inputs,
        travel=travel,
        amount=np.asarray(demand[f"demand_{facility.demand_case}"], dtype=np.float64),
        demand=demand,
        sites=sites,
        candidates=candidates,
        existing=existing,
        to_existing=to_existing,
        to_sites=to_sites,
        is_on_site=is_on_site,
    )


def in_service(inputs: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame | None:
    """Return the facilities in service, None where the study does not know them."""
    if facility.existing_layer is None or facility.existing_layer not in inputs.layers:
        return None
    frame = inputs.layers[facility.existing_layer]
    for column, values in facility.existing_where.items():
        frame = frame[frame[column].isin(list(values))]
    return frame.reset_index(drop=True)


def capacity_of(existing: gpd.GeoDataFrame | None, facility: FacilitySpec) -> NDArray[np.float64]:
    """Return the capacities of facilities in service in the demand unit, NaN where not known."""
    if existing is None or "capacity" not in existing:
        return np.full(0 if existing is None else len(existing), np.nan)
    unit = existing["unit"] if "unit" in existing else pd.Series("", index=existing.index)
    is_ours = unit.fillna("").astype(str).isin(("", facility.demand_unit))
    return np.asarray(existing["capacity"].where(is_ours), dtype=np.float64)


def _of(frame: gpd.GeoDataFrame, key: str) -> gpd.GeoDataFrame:
    return frame[frame["facility"] == key].reset_index(drop=True)


def _is_on_site(demand: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame) -> bool:
    return len(demand) > 0 and bool(demand["demand_id"].isin(candidates["candidate_id"]).all())


def _nearest(minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    if not minutes.shape[1]:
        return np.full(len(minutes), np.inf)
    nearest: NDArray[np.float64] = np.where(np.isnan(minutes), np.inf, minutes).min(axis=1)
    return nearest
