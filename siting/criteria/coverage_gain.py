"""Demand that only a new facility would bring within reach."""

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def coverage_gain(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    minutes: float,
    profile: str | None = None,
) -> FloatSeries:
    """Sum the demand within reach of a candidate and of no facility in service.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings demand, facilities in service and travel costs.
    minutes
        Limit of travel time from demand, > 0.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Demand (n_candidates,) in the facility's unit, ≥ 0; where none is in service, all of it
        within reach.

    References
    ----------
    Church and ReVelle (1974), The maximal covering location problem.
    """
    require_positive("coverage_gain", minutes=minutes)
    demand, travel = surroundings.demand, surroundings.travel
    vehicle = profile or surroundings.profile
    served = travel(demand.geometry, surroundings.existing.geometry, profile=vehicle) <= minutes
    open_demand = np.where(served.any(axis=1), 0.0, demand["demand"].to_numpy(float))
    reach = travel(demand.geometry, candidates.geometry, profile=vehicle) <= minutes
    # Summed in the order of demand: with `@` the last bit depends on where a candidate stands.
    return pd.Series((open_demand[:, None] * reach).sum(axis=0), index=candidates.index)


CRITERION = Criterion(
    name="coverage_gain", unit="{demand}", direction=Direction.MAX, measure=coverage_gain
)
