"""A facility type of two results: its candidates by id, and which of them are the same place."""

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.crs import to_crs
from siting.model import FacilitySpec, Result
from siting.units import METRES_PER_KM

_SITE_FIGURES = ["size", "year", "demand_served", "cost_mcny"]
_RELATIVE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """A facility type of one result; ``candidates`` are indexed by id, in the CRS of A."""

    result: Result
    facility: FacilitySpec
    candidates: gpd.GeoDataFrame

    def of(self, name: str) -> pd.DataFrame:
        """Return the rows of a frame of the result that are of this facility type."""
        frame = getattr(self.result, name)
        found: pd.DataFrame = pd.DataFrame(frame[frame["facility"] == self.facility.key])
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sides:
    """A facility type before (a) and after (b).

    ``common`` are the candidates that stand on both sides at the same place: an id that names a
    place farther away than ``takeover_km`` is another place.
    """

    a: Side
    b: Side
    common: frozenset[str]
    takeover_km: float

    @property
    def key(self) -> str:
        """The facility type."""
        return self.a.facility.key

    @property
    def has_one_unit(self) -> bool:
        """Whether the demand is measured alike on both sides."""
        return self.a.facility.demand_unit == self.b.facility.demand_unit

    def sites(self) -> list[str]:
        """Return the ids of the common candidates that either plan chose, sorted."""
        chosen = {i for side in (self.a, self.b) for i in chosen_ids(side)}
        return sorted(chosen & self.common)


def pair_sides(a: Result, b: Result, key: str, *, takeover_km: float) -> Sides:
    """Return a facility type that both results have."""
    first, second = _side(a, key, a.crs), _side(b, key, a.crs)
    both = first.candidates.index.intersection(second.candidates.index)
    start, end = first.candidates.loc[both].geometry, second.candidates.loc[both].geometry
    away_m = start.distance(end, align=False).to_numpy(float)
    near = both[away_m <= takeover_km * METRES_PER_KM]
    return Sides(a=first, b=second, common=frozenset(near), takeover_km=takeover_km)


def chosen_ids(side: Side) -> list[str]:
    """Return the sites of the plan, sorted."""
    return sorted(side.candidates.index[side.candidates["is_chosen"].astype(bool)])


def is_other(a: object, b: object) -> bool:
    """Tell whether two cells differ; two unknown ones do not, nor do numbers by their last digits."""
    if isinstance(a, str) or isinstance(b, str):
        return a != b
    x, y = float(a), float(b)  # type: ignore[arg-type]
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) != math.isnan(y)
    return not (x == y or math.isclose(x, y, rel_tol=_RELATIVE, abs_tol=_RELATIVE))


def _side(result: Result, key: str, crs: str) -> Side:
    facility = next(spec for spec in result.study.facilities if spec.key == key)
    rows = result.candidates[result.candidates["facility"] == key]
    rows = rows if result.crs == crs else to_crs(gpd.GeoDataFrame(rows), crs)
    indexed = gpd.GeoDataFrame(rows.set_index("candidate_id"))
    sites = result.sites[result.sites["facility"] == key].set_index("candidate_id")
    for name in _SITE_FIGURES:
        indexed[name] = sites[name].reindex(indexed.index)
    indexed["size"] = indexed["size"].astype(object).where(indexed["size"].notna(), "")
    for name, substance in (("nox_net_t", "NOx"), ("co2_net_t", "CO2")):
        indexed[name] = _net_t(result, facility, substance).reindex(indexed.index)
    return Side(result=result, facility=facility, candidates=indexed)


def _net_t(result: Result, facility: FacilitySpec, substance: str) -> "pd.Series[float]":
    """Return the emissions that each site avoids, of the case that was planned for."""
    rows = result.benefits
    kept = rows[
        (rows["facility"] == facility.key)
        & (rows["case"] == facility.demand_case)
        & (rows["substance"] == substance)
    ]
    found: pd.Series[float] = kept.groupby("candidate_id")["net_t"].sum(min_count=1)
    return found.astype(np.float64)
