"""Demand that reaches a candidate over the network within a time."""

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def demand_within_reach(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    minutes: float,
    profile: str | None = None,
) -> FloatSeries:
    """Sum the demand from which a candidate is reached within a network time.

    Cumulative opportunities: demand counts in full up to the limit and not beyond it.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the demand left to plan for and the travel costs.
    minutes
        Limit of travel time from demand to candidate, access legs included, > 0.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Demand (n_candidates,) in the facility's unit, ≥ 0; 0 where nothing is within reach.

    References
    ----------
    Geurs and van Wee (2004), location-based accessibility, contour measure.
    """
    require_positive("demand_within_reach", minutes=minutes)
    demand = surroundings.demand
    times = surroundings.travel(
        demand.geometry, candidates.geometry, profile=profile or surroundings.profile
    )
    reached = np.where(times <= minutes, demand["demand"].to_numpy(float)[:, None], 0.0)
    # Summed in the order of demand: with `@` the last bit depends on where a candidate stands.
    return pd.Series(reached.sum(axis=0), index=candidates.index)


CRITERION = Criterion(
    name="demand_within_reach",
    unit="{demand}",
    direction=Direction.MAX,
    measure=demand_within_reach,
)
