"""Demand that stands at the candidate itself, such as the ships at a berth."""

import geopandas as gpd

from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def demand_at_site(candidates: gpd.GeoDataFrame, surroundings: Surroundings) -> FloatSeries:
    """Read the demand point that bears the candidate's id.

    Parameters
    ----------
    candidates
        Points (n_candidates,) with ``candidate_id``.
    surroundings
        Brings the demand left to plan for.

    Returns
    -------
    Series
        Demand (n_candidates,) in the facility's unit, ≥ 0; 0 where there is none.
    """
    demand = surroundings.demand.set_index("demand_id")["demand"]
    ids = candidates["candidate_id"]
    return ids.map(demand).astype(float).where(ids.isin(demand.index), 0.0)


CRITERION = Criterion(
    name="demand_at_site",
    unit="{demand}",
    direction=Direction.MAX,
    measure=demand_at_site,
    is_of_place=False,
)
