"""Least network cost from candidates to the features of a layer."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import features
from siting.model import FloatSeries, Impedance, Scalar, Surroundings


def nearest_cost(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    where: Mapping[str, Sequence[Scalar]] | None,
    profile: str | None,
    cost: Impedance,
) -> FloatSeries:
    """Return the least cost to any of the features; NaN where none is reached."""
    targets = features(surroundings, layer=layer, where=where)
    if targets.empty or candidates.empty:
        return pd.Series(np.nan, index=candidates.index)
    costs = surroundings.travel(
        candidates.geometry,
        targets.geometry.representative_point(),
        profile=profile or surroundings.profile,
        measure=cost,
    )
    least = np.where(np.isnan(costs), np.inf, costs).min(axis=1)
    return pd.Series(np.where(np.isinf(least), np.nan, least), index=candidates.index)
