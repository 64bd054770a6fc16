"""What the criteria of the ground share: the raster that is meant, and the places of candidates."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.errors import MissingLayerError, Problem
from siting.model import BlockSource, Surroundings


def raster(surroundings: Surroundings, grid: str) -> BlockSource:
    """Return the raster of a kind.

    Raises
    ------
    MissingLayerError
        If the study has none.
    """
    if grid not in surroundings.grids:
        raise MissingLayerError(
            Problem(
                where=f"criterion parameter grid = {grid}",
                what="the study has no such raster",
                expected=f"one of {', '.join(sorted(surroundings.grids))}"
                if surroundings.grids
                else "",
                mend="Add the raster under [grids] or drop the criterion.",
            )
        )
    return surroundings.grids[grid]


def places(candidates: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y (n,) of the candidates in the working CRS."""
    x, y = shapely.get_coordinates(candidates.geometry.to_numpy()).T
    return np.asarray(x, np.float64), np.asarray(y, np.float64)
