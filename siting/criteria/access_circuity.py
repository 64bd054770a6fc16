"""How much longer the road to a feature is than the straight line."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.criteria._select import features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings
from siting.units import METRES_PER_KM


def access_circuity(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    least_km: float = 0.5,
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Measure the road over the straight distance to the feature nearest by road.

    A high value betrays a place behind a bay, a fence or a motorway: near on the map, far to
    drive.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer and the travel costs.
    layer, where
        Which layer, and which of its rows.
    least_km
        Shorter straight distances count as this, > 0, since ratios of tiny lengths say nothing.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Ratio (n_candidates,), > 0; NaN where no feature is reached.
    """
    require_positive("access_circuity", least_km=least_km)
    places = features(surroundings, layer=layer, where=where)
    if places.empty or candidates.empty:
        return pd.Series(np.nan, index=candidates.index)
    points = places.geometry.representative_point()
    km = surroundings.travel(
        candidates.geometry,
        points,
        profile=profile or surroundings.profile,
        measure="distance_km",
    )
    by_road = np.where(np.isnan(km), np.inf, km)
    nearest = by_road.argmin(axis=1)
    least = by_road.min(axis=1)
    straight_m = shapely.distance(candidates.geometry.to_numpy(), points.to_numpy()[nearest])
    ratio = least / np.maximum(straight_m / METRES_PER_KM, least_km)
    return pd.Series(np.where(np.isinf(least), np.nan, ratio), index=candidates.index)


CRITERION = Criterion(
    name="access_circuity",
    unit="road / straight",
    direction=Direction.MIN,
    measure=access_circuity,
)
