"""Access to many weighted places at once, nearer ones counting more."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import class_weights, features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def gravity_access(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    weight_column: str,
    decay_minutes: float,
    weights: Mapping[str, float] | None = None,
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Sum the weights of places, discounted by network time: Σ w · exp(−t / decay).

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer and the travel costs.
    layer, where
        Which layer, and which of its rows.
    weight_column, weights
        A numeric column, or a column of classes with what each is worth; other classes count 0.
    decay_minutes
        Time after which a place counts 1/e, > 0.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Weighted places (n_candidates,), ≥ 0; places that are not reached count nothing.

    References
    ----------
    Hansen (1959), How accessibility shapes land use.
    """
    require_positive("gravity_access", decay_minutes=decay_minutes)
    places = features(surroundings, layer=layer, where=where)
    times = surroundings.travel(
        candidates.geometry,
        places.geometry.representative_point(),
        profile=profile or surroundings.profile,
    )
    near = np.nan_to_num(np.exp(-times / decay_minutes))
    worth = class_weights(places, layer=layer, column=weight_column, weights=weights)
    # Summed a candidate at a time: with `@` the last bit depends on where a candidate stands.
    return pd.Series((near * worth).sum(axis=1), index=candidates.index)


CRITERION = Criterion(
    name="gravity_access", unit="weighted places", direction=Direction.MAX, measure=gravity_access
)
