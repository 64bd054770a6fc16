"""Demand around a candidate, fading with travel time instead of ending at a line."""

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def demand_potential(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    minutes: float,
    profile: str | None = None,
) -> FloatSeries:
    """Sum the demand weighted by a Gaussian of network time that is 0 from a limit on.

    Unlike ``demand_within_reach`` a point that lies a minute beyond a sharp limit does not switch
    the score. The weight is 1 at the candidate and falls to 0 at ``minutes``.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the demand left to plan for and the travel costs.
    minutes
        Limit of travel time from demand to candidate, > 0.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Weighted demand (n_candidates,) in the facility's unit, ≥ 0.

    References
    ----------
    Dai (2010), Black residential segregation, disparities in spatial access to health care
    facilities, and late-stage breast cancer diagnosis in metropolitan Detroit (Gaussian decay).
    """
    require_positive("demand_potential", minutes=minutes)
    demand = surroundings.demand
    times = surroundings.travel(
        demand.geometry, candidates.geometry, profile=profile or surroundings.profile
    )
    at_limit = np.exp(-0.5)
    fading = (np.exp(-0.5 * (times / minutes) ** 2) - at_limit) / (1.0 - at_limit)
    weights = np.where(times <= minutes, fading, 0.0)
    # Summed in the order of demand: with `@` the last bit depends on where a candidate stands.
    total = (demand["demand"].to_numpy(float)[:, None] * weights).sum(axis=0)
    return pd.Series(np.maximum(total, 0.0), index=candidates.index)


CRITERION = Criterion(
    name="demand_potential", unit="{demand}", direction=Direction.MAX, measure=demand_potential
)
