"""What closed roads cost a restricted vehicle on its way to a candidate."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.criteria._select import features
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def profile_detour(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    profile: str,
    free_profile: str,
    where: Mapping[str, Sequence[Scalar]] | None = None,
) -> FloatSeries:
    """Measure how many kilometres more one vehicle drives than another from the nearest feature.

    Hydrogen trailers may not use tunnels and some bridges; this tells which candidates that hurts.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer and the travel costs.
    layer, where
        Where the trips start.
    profile, free_profile
        The restricted vehicle and the one it is compared with.

    Returns
    -------
    Series
        Kilometres (n_candidates,), ≥ 0; NaN where either vehicle reaches it from nowhere.
    """
    starts = features(surroundings, layer=layer, where=where)
    if starts.empty or candidates.empty:
        return pd.Series(np.nan, index=candidates.index)

    def least(vehicle: str) -> NDArray[np.float64]:
        km = surroundings.travel(
            starts.geometry.representative_point(),
            candidates.geometry,
            profile=vehicle,
            measure="distance_km",
        )
        away: NDArray[np.float64] = np.where(np.isnan(km), np.inf, km).min(axis=0)
        return away

    bound, free = least(profile), least(free_profile)
    known = np.isfinite(bound) & np.isfinite(free)
    more = np.full(len(candidates), np.nan)
    more[known] = np.maximum(bound[known] - free[known], 0.0)
    return pd.Series(more, index=candidates.index)


CRITERION = Criterion(
    name="profile_detour", unit="km", direction=Direction.MIN, measure=profile_detour
)
