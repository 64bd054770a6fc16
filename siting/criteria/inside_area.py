"""Whether a candidate lies in an area that is wished for, or softly unwelcome."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.criteria._select import features
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Scalar, Surroundings


def inside_area(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    where: Mapping[str, Sequence[Scalar]] | None = None,
    fade_m: float = 0.0,
) -> FloatSeries:
    """Give 1 inside the areas of a layer and less with distance from them.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer.
    layer, where
        Which layer, and which of its rows.
    fade_m
        Straight distance over which the value falls from 1 to 0, ≥ 0; 0 is a sharp edge.

    Returns
    -------
    Series
        Membership (n_candidates,) in [0, 1]; 0 where the layer has no such area.
    """
    areas = features(surroundings, layer=layer, where=where)
    if areas.empty or candidates.empty:
        return pd.Series(0.0, index=candidates.index)
    away = shapely.distance(areas.geometry.union_all(), candidates.geometry.to_numpy())
    is_sharp = fade_m <= 0
    inside = (away <= 0).astype(float) if is_sharp else np.clip(1.0 - away / fade_m, 0.0, 1.0)
    return pd.Series(inside, index=candidates.index)


CRITERION = Criterion(
    name="inside_area", unit="membership", direction=Direction.MAX, measure=inside_area
)
