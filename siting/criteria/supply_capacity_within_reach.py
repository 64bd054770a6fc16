"""Capacity of the sources from which a candidate can be supplied by road."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import column_of, features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def supply_capacity_within_reach(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    distance_km: float,
    unit: str,
    layer: str = "energy",
    capacity_column: str = "capacity",
    unit_column: str = "unit",
    unknown_capacity: float | None = None,
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Sum the capacities of sources whose road to the candidate is short enough.

    Capacities in another unit than asked for are unknown here: nothing is converted by guess.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the sources and the travel costs.
    distance_km
        Longest road from source to candidate, > 0.
    unit
        Unit of the capacities that count.
    layer, capacity_column, unit_column, where
        Layer of the sources, its columns, and which of its rows.
    unknown_capacity
        What a source without a capacity counts, in ``unit``: an assumption to be named beside the
        criterion. None: a candidate that only such sources reach is unknown.
    profile
        Vehicle that delivers; the facility's own by default.

    Returns
    -------
    Series
        ``unit`` (n_candidates,), ≥ 0; 0 where no source is within reach.
    """
    require_positive("supply_capacity_within_reach", distance_km=distance_km)
    sources = features(surroundings, layer=layer, where=where)
    km = surroundings.travel(
        sources.geometry,
        candidates.geometry,
        profile=profile or surroundings.profile,
        measure="distance_km",
    )
    known = column_of(sources, layer, unit_column).eq(unit).to_numpy()
    capacity = np.where(known, column_of(sources, layer, capacity_column).to_numpy(float), np.nan)
    if unknown_capacity is not None:
        capacity = np.where(np.isnan(capacity), unknown_capacity, capacity)
    is_near = km <= distance_km
    has_known = is_near[~np.isnan(capacity)].any(axis=0)
    # Summed in the order of sources: with `@` the last bit depends on where a candidate stands.
    total = (np.nan_to_num(capacity)[:, None] * is_near).sum(axis=0)
    hidden = is_near.any(axis=0) & ~has_known
    return pd.Series(np.where(hidden, np.nan, total), index=candidates.index)


CRITERION = Criterion(
    name="supply_capacity_within_reach",
    unit="capacity",
    direction=Direction.MAX,
    measure=supply_capacity_within_reach,
)
