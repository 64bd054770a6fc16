"""Power of the nearest substation, where it is given."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import column_of, features
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def grid_headroom(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    headroom_share: float,
    layer: str = "energy",
    capacity_column: str = "capacity",
    unknown_mva: float | None = None,
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Measure the headroom of the substation nearest by road, as a share of its capacity.

    Load is not public, so headroom is an assumed share of a published capacity. A station without
    a capacity gives none, unless an assumption is stated for it.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the substations and the travel costs.
    headroom_share
        Share of the capacity that is free, in [0, 1]; an assumption to be named beside it.
    layer, capacity_column, where
        Layer of the substations, its column in MVA, and which of its rows.
    unknown_mva
        Capacity assumed of a substation that gives none, MVA; None leaves it unknown.
    profile
        Vehicle whose roads the feeder follows; the facility's own by default.

    Returns
    -------
    Series
        MVA (n_candidates,), ≥ 0; NaN where none is reached or its capacity is not known.
    """
    stations = features(surroundings, layer=layer, where=where)
    if stations.empty or candidates.empty:
        return pd.Series(np.nan, index=candidates.index)
    km = surroundings.travel(
        candidates.geometry,
        stations.geometry,
        profile=profile or surroundings.profile,
        measure="distance_km",
    )
    capacity = column_of(stations, layer, capacity_column).to_numpy(float)
    if unknown_mva is not None:
        capacity = np.where(np.isnan(capacity), unknown_mva, capacity)
    away = np.where(np.isnan(km), np.inf, km)
    nearest = capacity[away.argmin(axis=1)] * headroom_share
    is_reached = np.isfinite(away.min(axis=1))
    return pd.Series(np.where(is_reached, nearest, np.nan), index=candidates.index)


CRITERION = Criterion(
    name="grid_headroom", unit="MVA", direction=Direction.MAX, measure=grid_headroom
)
