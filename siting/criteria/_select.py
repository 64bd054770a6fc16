"""What several criteria share: the features that are meant, their weights, checked parameters."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import ConfigError, InputError, MissingLayerError, Problem
from siting.model import Scalar, Surroundings


def features(
    surroundings: Surroundings, *, layer: str, where: Mapping[str, Sequence[Scalar]] | None
) -> gpd.GeoDataFrame:
    """Return the rows of a layer whose columns have one of the given values.

    Raises
    ------
    MissingLayerError
        If the study has no such layer or the layer no such column.
    """
    if layer not in surroundings.layers:
        raise MissingLayerError(
            Problem(
                where=f"criterion parameter layer = {layer}",
                what="the study has no such layer",
                expected=f"one of {', '.join(sorted(surroundings.layers))}",
                mend="Add the layer to the study or drop the criterion.",
            )
        )
    frame = surroundings.layers[layer]
    for column, values in (where or {}).items():
        frame = frame[column_of(frame, layer, column).isin(list(values))]
    return frame


def class_weights(
    frame: gpd.GeoDataFrame, *, layer: str, column: str, weights: Mapping[str, float] | None
) -> NDArray[np.float64]:
    """Return a weight a row: the column itself, or what its classes are worth (others: 0).

    Raises
    ------
    MissingLayerError
        If the layer has no such column.
    InputError
        If a weight is not a number ≥ 0: a sum over places cannot leave one out unsaid.
    """
    values = column_of(frame, layer, column)
    if weights is not None:
        return np.asarray(values.map(dict(weights)).fillna(0.0), dtype=np.float64)
    numbers = np.asarray(pd.to_numeric(values, errors="coerce"), dtype=np.float64)
    bad = ~(np.isfinite(numbers) & (numbers >= 0))
    if bad.any():
        raise InputError(
            Problem(
                where=f"layer {layer}, column {column}",
                what=f"{bad.sum()} of {len(bad)} places have no weight",
                got=", ".join(map(str, values.to_numpy()[bad][:5])),
                expected="numbers ≥ 0",
                mend="Fill the cells, or name what each class is worth in the criterion's weights.",
            )
        )
    return numbers


def require_positive(criterion: str, **parameters: float) -> None:
    """Refuse parameters that are not above 0.

    Raises
    ------
    ConfigError
        With one problem a parameter.
    """
    problems = [
        Problem(
            where=f"criterion {criterion}, parameter {name}",
            what="not above 0",
            got=str(value),
            expected="a number above 0",
            mend="Correct the criterion's params.",
        )
        for name, value in parameters.items()
        if not (np.isfinite(value) and value > 0)
    ]
    if problems:
        raise ConfigError(*problems)


def column_of(frame: gpd.GeoDataFrame, layer: str, column: str) -> pd.Series:
    """Return a column of a layer.

    Raises
    ------
    MissingLayerError
        If the layer has no such column.
    """
    if column not in frame:
        raise MissingLayerError(
            Problem(
                where=f"layer {layer}",
                what=f"no column {column}",
                expected=f"one of {', '.join(map(str, frame.columns))}",
                mend="Correct the criterion's params.",
            )
        )
    return frame[column]
