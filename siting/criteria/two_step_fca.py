"""How well the surroundings of a candidate are supplied today, rivals for the supply counted."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.criteria._select import column_of, features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def two_step_fca(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    minutes: float,
    layer: str | None = None,
    capacity_column: str | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Measure supply per demand by the two-step floating catchment area.

    First every facility shares its capacity among the demand within reach of it; then a candidate
    adds up the shares of the facilities within its own reach. Little of it is a gap to fill.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings demand, facilities in service, layers and travel costs.
    minutes
        Reach of a facility, network time, > 0.
    layer
        The supply; the facilities in service by default.
    capacity_column
        Capacity of each facility; 1 each by default. Unknown capacities count 0.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Capacity per unit of demand (n_candidates,), ≥ 0; 0 where no facility is within reach.

    References
    ----------
    Luo and Wang (2003), Measures of spatial accessibility to health care in a GIS environment.
    """
    require_positive("two_step_fca", minutes=minutes)
    supply = (
        surroundings.existing if layer is None else features(surroundings, layer=layer, where=None)
    )
    places = supply.geometry.representative_point()
    vehicle = profile or surroundings.profile
    capacity = (
        np.ones(len(supply))
        if capacity_column is None
        else np.nan_to_num(column_of(supply, "supply", capacity_column).to_numpy(float))
    )
    travel = surroundings.travel
    from_demand = travel(surroundings.demand.geometry, places, profile=vehicle) <= minutes
    from_site = travel(candidates.geometry, places, profile=vehicle) <= minutes
    ratio = supply_ratio(
        from_demand.astype(float),
        demand=surroundings.demand["demand"].to_numpy(float),
        capacity=capacity,
    )
    # Summed a candidate at a time: with `@` the last bit depends on where a candidate stands.
    return pd.Series((from_site * ratio).sum(axis=1), index=candidates.index)


def supply_ratio(
    reach: NDArray[np.float64],
    *,
    demand: NDArray[np.float64],
    capacity: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return each facility's capacity per unit of demand that competes for it, the first step.

    Parameters
    ----------
    reach
        ``(n_demand, n_facilities)``, ≥ 0: 1 within reach and 0 beyond, or a decay of distance.
    demand, capacity
        ``(n_demand,)`` and ``(n_facilities,)``, ≥ 0.

    Returns
    -------
    ndarray
        ``(n_facilities,)``; 0 where no demand competes. ``reach @ ratio`` is the second step.
    """
    rivals = demand @ reach
    return np.divide(capacity, rivals, out=np.zeros_like(rivals), where=rivals > 0)


CRITERION = Criterion(
    name="two_step_fca",
    unit="capacity per {demand}",
    direction=Direction.MIN,
    measure=two_step_fca,
)
