"""What several criteria share: picking the features of a layer that are meant."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.errors import MissingLayerError, Problem
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
        if column not in frame:
            raise MissingLayerError(
                Problem(
                    where=f"layer {layer}",
                    what=f"no column {column} to select by",
                    expected=f"one of {', '.join(map(str, frame.columns))}",
                )
            )
        frame = frame[frame[column].isin(list(values))]
    return frame


def class_weights(
    frame: gpd.GeoDataFrame, *, column: str, weights: Mapping[str, float] | None
) -> NDArray[np.float64]:
    """Return a weight a row: the column itself, or what its classes are worth (others: 0)."""
    if weights is None:
        return np.asarray(frame[column], dtype=np.float64)
    return np.asarray(frame[column].map(dict(weights)).fillna(0.0), dtype=np.float64)
