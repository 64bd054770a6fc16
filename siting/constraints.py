"""Siting rules: what a candidate must meet, apart from how good it is.

Each rule answers pass, fail or survey with a margin; a candidate may fail several and says all.
A pass by less than the position is certain (``uncertainty_m``) is a survey: go and look. On the
very edge, a limit to stay within is kept and a distance to keep away is not.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import InputError, MissingLayerError, Problem
from siting.model import Inputs, RuleOutcome, RuleSpec, Scalar

Margins: TypeAlias = NDArray[np.float64]
Check: TypeAlias = Callable[
    [gpd.GeoDataFrame, Inputs, RuleSpec], tuple[NDArray[np.bool_], Margins]
]

_FACE: Final = 2  # dimensions of a polygon


def screen(
    candidates: gpd.GeoDataFrame, inputs: Inputs, rules: Sequence[RuleSpec]
) -> pd.DataFrame:
    """Ask every rule of every candidate.

    Parameters
    ----------
    candidates
        Points (n_candidates,) with ``facility``, ``candidate_id``, ``type``, ``uncertainty_m``.
    inputs
        The layers that rules look at.
    rules
        The facility's rules, in the order of its file.

    Returns
    -------
    DataFrame
        After ``siting.frames.RESULT_FRAMES['rules']``, (n_candidates x n_rules) rows, sorted by
        candidate, then in the order of the rules. ``margin_m`` is NaN where nothing is measured.

    Raises
    ------
    MissingLayerError, InputError
        If a layer or column that a rule names is missing, or its numbers are none.
    """
    answers = [_ask(candidates, inputs, rule) for rule in rules]
    columns = ["facility", "candidate_id", "rule", "outcome", "margin_m"]
    if not answers:
        return pd.DataFrame({c: pd.Series(dtype=object) for c in columns})
    frame = pd.concat(answers, ignore_index=True)[columns]
    return frame.sort_values(["candidate_id"], kind="stable").reset_index(drop=True)


def _ask(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> pd.DataFrame:
    is_met, margin_m = CHECKS[rule.kind](candidates, inputs, rule)
    is_exempt = candidates["type"].isin(rule.exempt_types).to_numpy()
    unsure_m = candidates["uncertainty_m"].fillna(0.0).to_numpy(float)
    outcome = np.where(is_met, RuleOutcome.PASS.value, RuleOutcome.FAIL.value).astype(object)
    is_close = is_met & ~np.isnan(margin_m) & (margin_m < unsure_m)
    if rule.kind == "survey":
        is_close = np.ones(len(candidates), dtype=bool)
    outcome[is_close] = RuleOutcome.SURVEY.value
    outcome[is_exempt] = RuleOutcome.PASS.value
    return pd.DataFrame(
        {
            "facility": candidates["facility"].to_numpy(),
            "candidate_id": candidates["candidate_id"].to_numpy(),
            "rule": rule.key,
            "outcome": outcome,
            "margin_m": np.where(is_exempt | np.isinf(margin_m), np.nan, margin_m),
        }
    )


def _inside(
    candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec
) -> tuple[NDArray[np.bool_], Margins]:
    """Lie within the layer's polygons, or within ``tolerance_m`` of them."""
    area = _area(inputs, rule)
    margin_m = _signed_depth(candidates, area) + _number(rule, "tolerance_m")
    return margin_m >= 0, margin_m


def _outside(
    candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec
) -> tuple[NDArray[np.bool_], Margins]:
    """Keep ``clearance_m`` from the layer's features."""
    area = _area(inputs, rule)
    margin_m = -_signed_depth(candidates, area) - _number(rule, "clearance_m")
    return margin_m > 0, margin_m


def _at_least(
    candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec
) -> tuple[NDArray[np.bool_], Margins]:
    """Bring at least ``minimum`` in a column; an empty cell passes, since nothing is known."""
    del inputs
    values = _numbers(candidates, rule)
    return np.isnan(values) | (values >= _number(rule, "minimum")), _no_metres(candidates)


def _at_most(
    candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec
) -> tuple[NDArray[np.bool_], Margins]:
    """Bring at most ``maximum`` in a column of metres; an empty cell fails: no road was reached."""
    del inputs
    margin_m = _number(rule, "maximum") - _numbers(candidates, rule)
    return np.nan_to_num(margin_m, nan=-1.0) >= 0, margin_m


def _not_one_of(
    candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec
) -> tuple[NDArray[np.bool_], Margins]:
    """Bear none of ``values`` in a column."""
    del inputs
    values = list(rule.params["values"])  # type: ignore[call-overload]
    return ~_column(candidates, rule).isin(values).to_numpy(), _no_metres(candidates)


def _survey(
    candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec
) -> tuple[NDArray[np.bool_], Margins]:
    """Say that no map can answer this rule."""
    del inputs, rule
    return np.ones(len(candidates), dtype=bool), _no_metres(candidates)


CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "inside": _inside,
        "outside": _outside,
        "at_least": _at_least,
        "at_most": _at_most,
        "not_one_of": _not_one_of,
        "survey": _survey,
    }
)
"""Every kind a rule may name."""

PARAMETERS: Final[Mapping[str, tuple[Mapping[str, object], Mapping[str, object]]]] = (
    MappingProxyType(
        {
            "inside": (
                {"layer": str},
                {"where": Mapping[str, Sequence[Scalar]], "tolerance_m": float},
            ),
            "outside": (
                {"layer": str},
                {"where": Mapping[str, Sequence[Scalar]], "clearance_m": float},
            ),
            "at_least": ({"column": str, "minimum": float}, {}),
            "at_most": ({"column": str, "maximum": float}, {}),
            "not_one_of": ({"column": str, "values": Sequence[Scalar]}, {}),
            "survey": ({}, {}),
        }
    )
)
"""Parameters of each kind with their types: those that must be given, and those that may."""


def _signed_depth(candidates: gpd.GeoDataFrame, area: shapely.Geometry) -> Margins:
    """Return the distance to the boundary, positive inside the area, negative outside.

    An area without features is infinitely far away; lines and points have no inside.
    """
    points = candidates.geometry.to_numpy()
    if shapely.is_empty(area):
        return np.full(len(points), -np.inf)
    parts = shapely.get_parts(area)
    is_face = shapely.get_dimensions(parts) == _FACE
    edge = shapely.union_all(np.where(is_face, shapely.boundary(parts), parts))
    away = shapely.distance(edge, points)
    return np.asarray(np.where(shapely.intersects(area, points), away, -away), dtype=float)


def _area(inputs: Inputs, rule: RuleSpec) -> shapely.Geometry:
    name = str(rule.params["layer"])
    if name not in inputs.layers:
        raise MissingLayerError(
            Problem(
                where=f"rule {rule.key}",
                what=f"the study has no layer {name}",
                expected=f"one of {', '.join(sorted(inputs.layers))}",
                mend="Add the layer to the study or take the rule off the facility.",
            )
        )
    layer = inputs.layers[name]
    where: Mapping[str, Sequence[object]] = rule.params.get("where", {})  # type: ignore[assignment]
    for column, values in where.items():
        _require(layer, column, rule, f"layer {name} has")
        layer = layer[layer[column].isin(list(values))]
    return layer.geometry.union_all()


def _column(candidates: gpd.GeoDataFrame, rule: RuleSpec) -> pd.Series:
    column = str(rule.params["column"])
    _require(candidates, column, rule, "the candidates have")
    return candidates[column]


def _numbers(candidates: gpd.GeoDataFrame, rule: RuleSpec) -> NDArray[np.float64]:
    cells = _column(candidates, rule)
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


def _number(rule: RuleSpec, name: str) -> float:
    return float(rule.params.get(name, 0.0))  # type: ignore[arg-type]


def _no_metres(candidates: gpd.GeoDataFrame) -> Margins:
    return np.full(len(candidates), np.nan)
