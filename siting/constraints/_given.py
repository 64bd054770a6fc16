"""What a rule is given: the layer, raster or column it names."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import InputError, MissingLayerError, Problem
from siting.model import BlockSource, Inputs, RuleSpec

_GivenT = TypeVar("_GivenT")
_MEND_LAYER: Final = "Add it to the study or take the rule off the facility."


def rows_of(inputs: Inputs, rule: RuleSpec) -> gpd.GeoSeries:
    """Return the shapes of a rule's layer that its ``where`` selects.

    Raises
    ------
    MissingLayerError
        If the study has no such layer, or the layer no such column.
    """
    name = str(rule.params["layer"])
    layer = _named(inputs.layers, name, rule, "layer")
    where: Mapping[str, Sequence[object]] = rule.params.get("where", {})  # type: ignore[assignment]
    for column, values in where.items():
        _require(layer, column, rule, f"layer {name} has")
        layer = layer[layer[column].isin(list(values))]
    return layer.geometry


def area_of(inputs: Inputs, rule: RuleSpec) -> shapely.Geometry:
    """Return the shapes of ``rows_of`` as one."""
    return rows_of(inputs, rule).union_all()


def grid_of(inputs: Inputs, rule: RuleSpec) -> BlockSource:
    """Return the raster that a rule names.

    Raises
    ------
    MissingLayerError
        If the study has none.
    """
    return _named(inputs.grids, str(rule.params["grid"]), rule, "raster")


def column_of(candidates: gpd.GeoDataFrame, rule: RuleSpec) -> pd.Series:
    """Return the candidates' column that a rule names.

    Raises
    ------
    MissingLayerError
        If they have none.
    """
    column = str(rule.params["column"])
    _require(candidates, column, rule, "the candidates have")
    return candidates[column]


def numbers_of(candidates: gpd.GeoDataFrame, rule: RuleSpec) -> NDArray[np.float64]:
    """Return the candidates' column that a rule names as numbers, NaN where empty.

    Raises
    ------
    MissingLayerError, InputError
        If there is none, or a cell is no number.
    """
    cells = column_of(candidates, rule)
    numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    is_text = numbers.isna() & cells.notna() & (cells.astype(str) != "")
    if is_text.any():
        raise InputError(
            Problem(
                where=f"rule {rule.key}, column {cells.name}",
                what=f"{is_text.sum()} of {len(cells)} cells are no numbers",
                got=", ".join(cells[is_text].astype(str).iloc[:5]),
                expected="numbers or empty cells",
                mend="Name a column of numbers in the rule's params.",
            )
        )
    return np.asarray(numbers, dtype=np.float64)


def number(rule: RuleSpec, name: str) -> float:
    """Return a parameter of a rule, 0 where it is not given."""
    return float(rule.params.get(name, 0.0))  # type: ignore[arg-type]


def values_of(rule: RuleSpec) -> list[object]:
    """Return the parameter ``values`` of a rule."""
    values: Sequence[object] = rule.params["values"]  # type: ignore[assignment]
    return list(values)


def _named(given: Mapping[str, _GivenT], name: str, rule: RuleSpec, what: str) -> _GivenT:
    if name not in given:
        raise MissingLayerError(
            Problem(
                where=f"rule {rule.key}",
                what=f"the study has no {what} {name}",
                expected=f"one of {', '.join(sorted(given))}" if given else "",
                mend=_MEND_LAYER,
            )
        )
    return given[name]


def _require(frame: gpd.GeoDataFrame, column: str, rule: RuleSpec, whose: str) -> None:
    if column not in frame:
        raise MissingLayerError(
            Problem(
                where=f"rule {rule.key}",
                what=f"{whose} no column {column}",
                expected=f"one of {', '.join(map(str, frame.columns))}",
                mend="Correct the rule's params.",
            )
        )
