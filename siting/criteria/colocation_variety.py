"""Kinds of places beside a candidate that could share land, staff or customers with it."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import column_of, features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def colocation_variety(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    distance_km: float,
    layer_column: str = "type",
    where: Mapping[str, Sequence[Scalar]] | None = None,
    profile: str | None = None,
) -> FloatSeries:
    """Count the different classes of features within a network distance.

    Classes, not features: ten parks beside each other are one chance to build together.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer and the travel costs.
    layer, where
        Which layer, and which of its rows.
    distance_km
        Limit by road, > 0.
    layer_column
        Column of classes.
    profile
        Vehicle; the facility's own by default.

    Returns
    -------
    Series
        Classes (n_candidates,), ≥ 0.
    """
    require_positive("colocation_variety", distance_km=distance_km)
    places = features(surroundings, layer=layer, where=where)
    km = surroundings.travel(
        candidates.geometry,
        places.geometry.representative_point(),
        profile=profile or surroundings.profile,
        measure="distance_km",
    )
    is_near = km <= distance_km
    kinds = column_of(places, layer, layer_column).astype(str).to_numpy()
    found = np.zeros(len(candidates))
    for kind in np.unique(kinds):
        found += is_near[:, kinds == kind].any(axis=1)
    return pd.Series(found, index=candidates.index)


CRITERION = Criterion(
    name="colocation_variety", unit="classes", direction=Direction.MAX, measure=colocation_variety
)
