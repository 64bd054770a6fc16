"""A number that the candidate's own row carries."""

import geopandas as gpd
import pandas as pd

from siting.criteria.registry import Criterion
from siting.errors import MissingLayerError, Problem
from siting.model import Direction, FloatSeries, Surroundings


def attribute(
    candidates: gpd.GeoDataFrame, surroundings: Surroundings, *, column: str
) -> FloatSeries:
    """Read a numeric column of the candidates.

    Parameters
    ----------
    candidates
        Points (n_candidates,) with the columns of their layer.
    surroundings
        Not looked at.
    column
        Name of the column.

    Returns
    -------
    Series
        Values (n_candidates,) in the column's unit; NaN where the cell is empty.
    """
    del surroundings
    if column not in candidates:
        raise MissingLayerError(
            Problem(
                where=f"criterion attribute, column {column}",
                what="the candidates have no such column",
                expected=f"one of {', '.join(map(str, candidates.columns))}",
            )
        )
    return pd.to_numeric(candidates[column], errors="coerce").astype(float)


CRITERION = Criterion(name="attribute", unit="", direction=Direction.MAX, measure=attribute)
