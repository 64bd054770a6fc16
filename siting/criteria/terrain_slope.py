"""How steep the ground is."""

import geopandas as gpd
import pandas as pd

from siting.criteria._ground import places, raster
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings
from siting.surface import sample_slope_deg


def terrain_slope(
    candidates: gpd.GeoDataFrame, surroundings: Surroundings, *, grid: str = "elevation"
) -> FloatSeries:
    """Measure the slope of the ground over the cell of a candidate and its eight neighbours.

    What must be levelled costs money and holds water badly. A raster smooths: at cells of 30 m a
    terrace of 20 m looks like a slope.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the raster of heights.
    grid
        Its name.

    Returns
    -------
    Series
        Degrees (n_candidates,) in [0, 90); NaN beyond the raster and where one of the nine heights
        is not known.
    """
    heights = raster(surroundings, grid)
    slope = sample_slope_deg(heights, *places(candidates), crs=str(candidates.crs))
    return pd.Series(slope, index=candidates.index, dtype=float)


CRITERION = Criterion(
    name="terrain_slope", unit="deg", direction=Direction.MIN, measure=terrain_slope
)
