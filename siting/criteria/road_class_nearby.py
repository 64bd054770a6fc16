"""The best road that passes a candidate."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.criteria._select import class_weights, features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def road_class_nearby(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    classes: Mapping[str, float],
    radius_m: float,
    layer: str = "road_edges",
    layer_column: str = "highway",
) -> FloatSeries:
    """Look up the worth of the best road class within a straight distance.

    A station wants a city road at its door; how far a road may be is a matter of frontage, which
    is measured straight.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the roads.
    classes
        Worth of each road class, in [0, 1] by custom; other classes count 0.
    radius_m
        Distance in metres, > 0.
    layer, layer_column
        Layer of roads and its column of classes.

    Returns
    -------
    Series
        Worth (n_candidates,), ≥ 0; 0 where no road passes.

    References
    ----------
    GB 50156-2021 clause 4.0.3: near city roads, away from the junctions of main roads.
    """
    require_positive("road_class_nearby", radius_m=radius_m)
    roads = features(surroundings, layer=layer, where=None)
    worth = class_weights(roads, layer=layer, column=layer_column, weights=classes)
    tree = shapely.STRtree(roads.geometry.to_numpy())
    site, road = tree.query(candidates.geometry.to_numpy(), predicate="dwithin", distance=radius_m)
    best = np.zeros(len(candidates))
    np.maximum.at(best, site, worth[road])
    return pd.Series(best, index=candidates.index)


CRITERION = Criterion(
    name="road_class_nearby",
    unit="class worth",
    direction=Direction.MAX,
    measure=road_class_nearby,
)
