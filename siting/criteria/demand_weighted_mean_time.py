"""How far the demand as a whole has to travel to a candidate."""

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def demand_weighted_mean_time(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    beyond_minutes: float,
    profile: str | None = None,
) -> FloatSeries:
    """Average the network time from all demand, the cost of the 1-median at each candidate.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings demand and travel costs.
    beyond_minutes
        What demand that cannot reach the candidate, or only later, counts as; > 0. Without it a
        candidate cut off from far demand would look central.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Minutes (n_candidates,), at most ``beyond_minutes``; NaN where there is no demand.

    References
    ----------
    Hakimi (1964), Optimum locations of switching centers, the absolute median.
    """
    require_positive("demand_weighted_mean_time", beyond_minutes=beyond_minutes)
    demand = surroundings.demand
    weights = demand["demand"].to_numpy(float)
    if not weights.sum() > 0:
        return pd.Series(np.nan, index=candidates.index)
    times = surroundings.travel(
        demand.geometry, candidates.geometry, profile=profile or surroundings.profile
    )
    counted = np.fmin(times, beyond_minutes)
    # Summed in the order of demand: with `@` the last bit depends on where a candidate stands.
    total = (weights[:, None] * counted).sum(axis=0)
    return pd.Series(total / weights.sum(), index=candidates.index)


CRITERION = Criterion(
    name="demand_weighted_mean_time",
    unit="min",
    direction=Direction.MIN,
    measure=demand_weighted_mean_time,
)
