"""The plan held against the targets of the city, one by one."""

import numpy as np
import pandas as pd

from siting._measures import Row, measures_of, planned, rows_of
from siting.frames import RESULT_FRAMES
from siting.model import Label, Result

LAYER = "targets"
REACHED, PARTLY, MISSED, PASSED = "reached", "partly", "missed", "passed"
NOT_MEASURABLE, CONTEXT = "not_measurable", "context"

_HOW = {
    CONTEXT: Label(
        zh="作为需求、约束或背景使用，不由设施选址实现",
        en="used as demand, constraint or background; siting does not bring it about",
    ),
    PASSED: Label(zh="规划编制前已达到", en="reached before this plan"),
    NOT_MEASURABLE: Label(
        zh="目标未给出可核算的数量，或现有资料不足以核算",
        en="the target gives no number that can be held against a plan, or the data do not allow it",
    ),
    "": Label(zh="按规划方案统计", en="counted in the plan"),
}
_LEFT_OUT = Label(zh="本次研究未规划此类设施", en="this facility type is not planned in the study")
_TEXTS = ("plan_item", "name_zh", "name_en", "origin", "unit")


def scorecard(result: Result) -> pd.DataFrame:
    """Return what the plan reaches of every target that bears on siting, and how it is measured.

    A target asks for its figure through the columns ``measure``, ``facility``, ``measure_of`` and
    ``measure_factor`` of its row. One that names a facility type but no measure bears on it and cannot
    be measured; one that names neither is context.

    Parameters
    ----------
    result
        A run with the layer ``targets`` among its layers and all frames but scorecard and checks filled.

    Returns
    -------
    DataFrame
        Columns of the frame ``scorecard``, in the order of the targets; no rows without the layer.
        ``status``: *passed* where today's value is at the target already, *reached*, *partly* or *missed*
        by the plan's own figure, *not_measurable* where the target has no number or the plan no
        figure, else *context*.

    Raises
    ------
    InputError
        If targets ask for measures that do not exist.
    """
    targets = result.layers.get(LAYER)
    rows = []
    if targets is not None:
        figures = measures_of(result, targets, name=LAYER)
        rows = [
            _row(result, row, figure)
            for row, figure in zip(rows_of(targets), figures, strict=True)
        ]
    return pd.DataFrame(rows, columns=list(RESULT_FRAMES["scorecard"]))


def _row(result: Result, row: Row, reached: float) -> dict[str, object]:
    status = _status(row, reached)
    how = _how(result, row, status)
    texts = {name: str(row[name]) for name in _TEXTS}
    return {
        **texts,
        "target_id": str(row["id"]),
        "year": row["year"],
        "target": row["value"],
        "now": row["now_value"],
        "reached": reached,
        "status": status,
        "how_zh": how.zh,
        "how_en": how.en,
    }


def _status(row: Row, reached: float) -> str:
    target, now = (float(row[name]) for name in ("value", "now_value"))
    sign = -1.0 if row["better"] == "min" else 1.0
    if sign * now >= sign * target:  # false where either is not known
        return PASSED
    if not row["measure"]:
        return NOT_MEASURABLE if row["facility"] else CONTEXT
    if np.isnan(target) or np.isnan(reached):
        return NOT_MEASURABLE
    if sign * reached >= sign * target:
        return REACHED
    return PARTLY if sign > 0 and reached > 0 else MISSED


def _how(result: Result, row: Row, status: str) -> Label:
    """Return the row's own words, else those of its status."""
    if row["facility"] and planned(result, str(row["facility"])) is None:
        return _LEFT_OUT
    usual = _HOW.get(status, _HOW[""])
    return Label(zh=str(row["how_zh"]) or usual.zh, en=str(row["how_en"]) or usual.en)
