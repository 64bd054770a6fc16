"""How much of a layer lies within reach of a candidate."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import class_weights, features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def opportunities_within_reach(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    minutes: float,
    weight_column: str | None = None,
    weights: Mapping[str, float] | None = None,
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Count the features reached within a network time, each in full or by its weight.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer and the travel costs.
    layer, where
        Which layer, and which of its rows.
    minutes
        Limit of travel time from candidate to feature, > 0.
    weight_column, weights
        A numeric column, or a column of classes with what each is worth; by default all count 1.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Features or their weights (n_candidates,), ≥ 0.

    References
    ----------
    Geurs and van Wee (2004), location-based accessibility, contour measure.
    """
    require_positive("opportunities_within_reach", minutes=minutes)
    places = features(surroundings, layer=layer, where=where)
    times = surroundings.travel(
        candidates.geometry,
        places.geometry.representative_point(),
        profile=profile or surroundings.profile,
    )
    worth = (
        np.ones(len(places))
        if weight_column is None
        else class_weights(places, layer=layer, column=weight_column, weights=weights)
    )
    # Summed a candidate at a time: with `@` the last bit depends on where a candidate stands.
    return pd.Series(((times <= minutes) * worth).sum(axis=1), index=candidates.index)


CRITERION = Criterion(
    name="opportunities_within_reach",
    unit="features",
    direction=Direction.MAX,
    measure=opportunities_within_reach,
)
