"""Through traffic that passes a candidate on its way between two sets of places."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import class_weights, features
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def corridor_flow(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    origins: str,
    destinations: str,
    detour_minutes: float,
    share_column: str,
    origins_where: Mapping[str, Sequence[Scalar]] | None = None,
    destinations_where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Measure the share of trips that can call at a candidate with little detour.

    The trips of an origin go in equal parts to the destinations it reaches; a trip is caught where
    going by the candidate takes at most ``detour_minutes`` longer than the fastest way.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layers and the travel costs.
    origins, destinations, origins_where, destinations_where
        Layers where trips start and end, and which of their rows.
    detour_minutes
        Longest detour, ≥ 0.
    share_column
        Column of the origins with the trips of each.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Share of all trips (n_candidates,) in [0, 1]; NaN where there are no trips.

    References
    ----------
    Berman, Bertsimas and Larson (1995), Locating discretionary service facilities II.
    """
    starts = features(surroundings, layer=origins, where=origins_where)
    ends = features(surroundings, layer=destinations, where=destinations_where)
    trips = class_weights(starts, layer=origins, column=share_column, weights=None)
    vehicle, travel = profile or surroundings.profile, surroundings.travel
    direct = travel(starts.geometry, ends.geometry, profile=vehicle)
    there = travel(starts.geometry, candidates.geometry, profile=vehicle)
    onward = travel(candidates.geometry, ends.geometry, profile=vehicle)
    made = ~np.isnan(direct)
    parts = made / np.maximum(made.sum(axis=1, keepdims=True), 1) * trips[:, None]
    if not parts.sum() > 0:
        return pd.Series(np.nan, index=candidates.index)
    caught = [
        parts[there[:, [i]] + onward[[i], :] <= direct + detour_minutes].sum()
        for i in range(len(candidates))
    ]
    share = np.minimum(np.array(caught, dtype=float) / parts.sum(), 1.0)
    return pd.Series(share, index=candidates.index)


CRITERION = Criterion(
    name="corridor_flow", unit="share of trips", direction=Direction.MAX, measure=corridor_flow
)
