"""From chosen sites to built ones: sizes, what they serve in each demand case, what they are built of."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import ModelError, Problem
from siting.facilities import CASE_NAMES, OFFER_COLUMNS, Chosen, Engineering, Equipped
from siting.model import FacilitySpec, Role, SolverSettings
from siting.optimise import SiteSizes, Solution, assign

_FIT = 1e-9  # shares of a capacity: sums are no more exact


def offers_for(
    candidates: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    engineering: Engineering,
    facility: FacilitySpec,
) -> pd.DataFrame:
    """Return what may be built at the candidates, after ``OFFER_COLUMNS``, in their order.

    Raises
    ------
    ModelError
        If a candidate is offered nothing: the facility's engineering is wrong.
    """
    offers = engineering.offers(candidates, demand, facility)[list(OFFER_COLUMNS)]
    place = pd.Series(np.arange(len(candidates)), index=candidates["candidate_id"])
    offers = offers.assign(_place=offers["candidate_id"].map(place))
    offers = offers.sort_values(["_place", "capacity", "size"], kind="stable")
    without = sorted(set(candidates["candidate_id"]) - set(offers["candidate_id"]))
    if without:
        raise ModelError(
            Problem(
                where=f"facility {facility.key}, sizes",
                what="nothing is offered to candidates",
                got=", ".join(without[:5]),
                expected="at least one size each",
            )
        )
    return offers.drop(columns="_place").reset_index(drop=True)


def size_table(offers: pd.DataFrame, candidate_ids: NDArray[np.object_]) -> SiteSizes:
    """Return the sizes of some candidates on plain arrays, in the order of the candidates."""
    mine = offers_at(offers, candidate_ids)
    place = pd.Series(np.arange(len(candidate_ids)), index=candidate_ids)
    return SiteSizes(
        site=mine["candidate_id"].map(place).to_numpy(np.int64),
        capacity=mine["capacity"].to_numpy(float),
        cost=mine["cost_mcny"].to_numpy(float),
    )


def offers_at(offers: pd.DataFrame, candidate_ids: NDArray[np.object_]) -> pd.DataFrame:
    """Return the offers of some candidates, rows in the order of ``size_table``."""
    return offers[offers["candidate_id"].isin(candidate_ids)].reset_index(drop=True)


def largest(offers: pd.DataFrame) -> pd.DataFrame:
    """Return the largest offer of each candidate, by candidate."""
    return offers.drop_duplicates("candidate_id", keep="last").set_index("candidate_id")


def sized_sites(
    sites: gpd.GeoDataFrame, offers: pd.DataFrame, solution: Solution
) -> gpd.GeoDataFrame:
    """Add what is built at each site: the size the model chose, else the largest there is."""
    if solution.rows is None:
        built = largest(offers).loc[sites["candidate_id"]]
    else:
        built = offers.iloc[solution.rows].set_index("candidate_id").loc[sites["candidate_id"]]
    return _built(sites, built)


def fitted(
    sites: gpd.GeoDataFrame, offers: pd.DataFrame, load: NDArray[np.float64]
) -> gpd.GeoDataFrame:
    """Give each site the smallest size that serves its load ``(n_sites,)``."""
    need = pd.Series(load * (1.0 - _FIT), index=sites["candidate_id"].to_numpy())
    mine = offers[offers["candidate_id"].isin(need.index)]
    need = need.clip(upper=largest(mine)["capacity"].reindex(need.index))
    enough = mine[mine["capacity"] >= mine["candidate_id"].map(need).astype(float)]
    smallest = enough.drop_duplicates("candidate_id").set_index("candidate_id")
    return _built(sites, smallest.loc[sites["candidate_id"]])


def _built(sites: gpd.GeoDataFrame, built: pd.DataFrame) -> gpd.GeoDataFrame:
    """Take over what is built; what an existing site has is built and paid for already."""
    is_new = (sites["role"] != Role.EXISTING.value).to_numpy()
    cost = built["cost_mcny"].to_numpy(float)
    return sites.assign(
        size=built["size"].to_numpy(),
        size_zh=built["zh"].to_numpy(),
        size_en=built["en"].to_numpy(),
        capacity=built["capacity"].to_numpy(float),
        land_m2=built["land_m2"].to_numpy(float),
        power_mva=built["power_mva"].to_numpy(float),
        cost_mcny=np.where(is_new, cost, 0.0),
    )


def served_by_case(
    sites: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    times_min: NDArray[np.float64],
    facility: FacilitySpec,
    settings: SolverSettings,
) -> pd.DataFrame:
    """Return what each site serves in the three cases: index ``candidate_id``, demand unit.

    ``times_min`` is ``(n_demand, n_sites)``; the demand of a case is what facilities in service
    leave of it (columns ``_left_<case>``).
    """
    served = {}
    for case in CASE_NAMES:
        to = assign(
            times_min,
            demand[f"_left_{case}"].to_numpy(float),
            service_min=facility.service_minutes,
            capacity=sites["capacity"].to_numpy(float),
            settings=settings,
        )
        served[case] = np.bincount(to.site, weights=to.amount, minlength=len(sites))
    return pd.DataFrame(served, index=pd.Index(sites["candidate_id"], name="candidate_id"))


def equip(engineering: Engineering, chosen: Chosen) -> Equipped:
    """Let the facility type's engineering equip the sites; every frame names the facility."""
    equipped = engineering.equip(chosen)
    named = {
        name: getattr(equipped, name).assign(facility=chosen.facility.key)
        for name in ("equipment", "supply", "money", "emissions")
    }
    return replace(equipped, **named)


def utilisation(load: NDArray[np.float64], capacity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the part of the capacity that is used; NaN where the capacity has no limit or is 0."""
    limited = np.where(np.isfinite(capacity) & (capacity > 0), capacity, np.nan)
    return np.asarray(load / limited)
