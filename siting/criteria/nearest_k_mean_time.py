"""Time to the nearest few features, so that no single one decides."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def nearest_k_mean_time(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    k: int,
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Average the network times to the k nearest features of a layer.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer and the travel costs.
    layer, where
        Which layer, and which of its rows.
    k
        How many, ≥ 1.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Minutes (n_candidates,); NaN where fewer than k are reached.
    """
    require_positive("nearest_k_mean_time", k=k)
    places = features(surroundings, layer=layer, where=where)
    if len(places) < k or candidates.empty:
        return pd.Series(np.nan, index=candidates.index)
    times = surroundings.travel(
        candidates.geometry,
        places.geometry.representative_point(),
        profile=profile or surroundings.profile,
    )
    nearest = np.sort(times, axis=1)[:, :k]  # NaN sorts last
    return pd.Series(nearest.mean(axis=1), index=candidates.index)


CRITERION = Criterion(
    name="nearest_k_mean_time", unit="min", direction=Direction.MIN, measure=nearest_k_mean_time
)
