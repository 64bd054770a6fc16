"""A number that the candidate's own row carries."""

import geopandas as gpd
import pandas as pd

from siting.criteria.registry import Criterion
from siting.errors import InputError, MissingLayerError, Problem
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

    Raises
    ------
    MissingLayerError, InputError
        If the candidates have no such column, or it does not hold numbers.
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
    cells = candidates[column]
    numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    is_text = numbers.isna() & cells.notna() & (cells.astype(str) != "")
    if is_text.any():
        raise InputError(
            Problem(
                where=f"criterion attribute, column {column}",
                what=f"{is_text.sum()} of {len(cells)} cells are no numbers",
                got=", ".join(cells[is_text].astype(str).iloc[:5]),
                expected="numbers or empty cells",
                mend="Use attribute_class for a column of classes.",
            )
        )
    return numbers


CRITERION = Criterion(
    name="attribute", unit="", direction=Direction.MAX, measure=attribute, is_of_place=False
)
