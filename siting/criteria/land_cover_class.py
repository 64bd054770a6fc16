"""What the land cover under a candidate is worth."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.criteria._ground import places, raster
from siting.criteria.registry import Criterion
from siting.errors import ConfigError, Problem
from siting.model import Direction, FloatSeries, Surroundings
from siting.surface import sample


def land_cover_class(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    classes: Mapping[str, float],
    grid: str = "land_cover",
) -> FloatSeries:
    """Give the worth of the class of land cover that a candidate lies on.

    Parameters
    ----------
    candidates
        Points (n_candidates,).
    surroundings
        Brings the raster of land cover.
    classes
        Worth by code, such as ``{ "50" = 1.0 }``, ≥ 0.
    grid
        Name of the raster.

    Returns
    -------
    Series
        Worth (n_candidates,); NaN where the code has none or the cover is not known.

    Raises
    ------
    ConfigError
        If a code is no whole number.
    """
    codes = sample(raster(surroundings, grid), *places(candidates), crs=str(candidates.crs))
    worth = np.full(len(codes), np.nan)
    for code, value in classes.items():
        worth[codes == _code(code)] = value
    return pd.Series(worth, index=candidates.index, dtype=float)


def _code(text: str) -> int:
    if not text.isdecimal():
        raise ConfigError(
            Problem(
                where="criterion land_cover_class, parameter classes",
                what="no code of a land cover",
                got=repr(text),
                expected='whole numbers as text, such as "50"',
            )
        )
    return int(text)


CRITERION = Criterion(
    name="land_cover_class", unit="class worth", direction=Direction.MAX, measure=land_cover_class
)
