"""How high the ground lies above the water that may come."""

import geopandas as gpd
import pandas as pd

from siting.criteria._ground import places, raster
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings
from siting.surface import sample


def flood_height(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    grid: str = "elevation",
    water_level_m: float = 0.0,
) -> FloatSeries:
    """Measure the height of a candidate's ground above a level of the water.

    A first look, no flood model: walls, gates and the way of the water are not in it, and the heights
    of global rasters are off by metres.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the raster of heights.
    grid
        Its name.
    water_level_m
        Level of the water, such as that of a storm surge, above the zero of the raster.

    Returns
    -------
    Series
        Metres (n_candidates,), negative below the level; NaN where the height is not known.
    """
    heights = sample(raster(surroundings, grid), *places(candidates), crs=str(candidates.crs))
    return pd.Series(heights - water_level_m, index=candidates.index, dtype=float)


CRITERION = Criterion(name="flood_height", unit="m", direction=Direction.MAX, measure=flood_height)
