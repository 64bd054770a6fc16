"""Free distance to areas or lines that should be kept away from."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._select import features
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def clearance(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    where: Mapping[str, Sequence[Scalar]] | None = None,
) -> FloatSeries:
    """Measure the straight distance to the nearest feature.

    A set-back is a physical distance over land, so this is the one place where a straight line is
    right; travel is measured over the network everywhere.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer.
    layer, where
        Which layer, and which of its rows.

    Returns
    -------
    Series
        Metres (n_candidates,), 0 inside; NaN where the layer has no such feature.
    """
    barriers = features(surroundings, layer=layer, where=where)
    if barriers.empty:
        return pd.Series(np.nan, index=candidates.index)
    away = candidates.geometry.distance(barriers.geometry.union_all())
    return away.astype(float)


CRITERION = Criterion(name="clearance", unit="m", direction=Direction.MAX, measure=clearance)
