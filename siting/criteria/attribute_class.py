"""What the class of a candidate is worth."""

from collections.abc import Mapping

import geopandas as gpd

from siting.criteria.registry import Criterion
from siting.errors import MissingLayerError, Problem
from siting.model import Direction, FloatSeries, Surroundings


def attribute_class(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    column: str,
    classes: Mapping[str, float],
) -> FloatSeries:
    """Look up the worth of each candidate's class in a table.

    Parameters
    ----------
    candidates
        Points (n_candidates,) with the columns of their layer.
    surroundings
        Not looked at.
    column
        Column of classes.
    classes
        Worth of each class, in [0, 1] by custom.

    Returns
    -------
    Series
        Worth (n_candidates,); NaN where the class is not in the table.

    Raises
    ------
    MissingLayerError
        If the candidates have no such column.
    """
    del surroundings
    if column not in candidates:
        raise MissingLayerError(
            Problem(
                where=f"criterion attribute_class, column {column}",
                what="the candidates have no such column",
                expected=f"one of {', '.join(map(str, candidates.columns))}",
            )
        )
    return candidates[column].map(dict(classes)).astype(float)


CRITERION = Criterion(
    name="attribute_class",
    unit="class worth",
    direction=Direction.MAX,
    measure=attribute_class,
    is_of_place=False,
)
