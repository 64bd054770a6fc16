"""The product of numbers that the candidate's own row carries."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from siting.criteria.attribute import attribute
from siting.criteria.registry import Criterion
from siting.model import Direction, FloatSeries, Surroundings


def attribute_product(
    candidates: gpd.GeoDataFrame,
    surroundings: Surroundings,
    *,
    columns: Sequence[str],
    factor: float = 1.0,
) -> FloatSeries:
    """Multiply numeric columns, such as load and hours to the energy of one call.

    Parameters
    ----------
    candidates
        Points (n_candidates,) with the columns of their layer.
    surroundings
        Not looked at.
    columns
        Names of the columns, one or more.
    factor
        Multiplied in, for the unit of the product.

    Returns
    -------
    Series
        Product (n_candidates,) in the unit the facility file states; NaN where a cell is empty.
    """
    product = pd.Series(factor, index=candidates.index, dtype=float)
    for column in columns:
        product = product * attribute(candidates, surroundings, column=column)
    return product


CRITERION = Criterion(
    name="attribute_product",
    unit="",
    direction=Direction.MAX,
    measure=attribute_product,
    is_of_place=False,
)
