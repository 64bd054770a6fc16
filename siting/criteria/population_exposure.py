"""People who breathe the air beside a site."""

import geopandas as gpd
import pandas as pd
import shapely

from siting.criteria._select import class_weights, features, require_positive
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def population_exposure(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    layer: str,
    weight_column: str,
    radius_m: float,
) -> FloatSeries:
    """Sum the people who live within a straight distance; air does not follow roads.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the layer of population points.
    layer, weight_column
        Layer and its column of persons.
    radius_m
        Distance in metres, > 0.

    Returns
    -------
    Series
        Persons (n_candidates,), ≥ 0.
    """
    require_positive("population_exposure", radius_m=radius_m)
    places = features(surroundings, layer=layer, where=None)
    living = class_weights(places, layer=layer, column=weight_column, weights=None)
    tree = shapely.STRtree(places.geometry.to_numpy())
    site, place = tree.query(
        candidates.geometry.to_numpy(), predicate="dwithin", distance=radius_m
    )
    persons = pd.Series(living[place]).groupby(site).sum()
    total = persons.reindex(range(len(candidates)), fill_value=0.0)
    return pd.Series(total.to_numpy(), index=candidates.index)


CRITERION = Criterion(
    name="population_exposure",
    unit="persons",
    direction=Direction.MAX,
    measure=population_exposure,
)
