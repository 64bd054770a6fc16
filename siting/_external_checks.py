"""The plan's figures beside published ones, and why they differ."""

import math

import pandas as pd

from siting._measures import Row, measures_of, rows_of
from siting.frames import RESULT_FRAMES
from siting.model import Result

LAYER = "published"


def checks(result: Result) -> pd.DataFrame:
    """Return our figure beside each published one, with the sentence that explains the difference.

    A row asks for our figure as a target does (see ``siting._measures``); one without a measure is shown
    with NaN and says why.

    Parameters
    ----------
    result
        A run with the layer ``published`` among its layers and all frames but checks filled.

    Returns
    -------
    DataFrame
        Columns of the frame ``checks``, in the order of the layer; no rows without it. ``ours`` and
        ``published`` are in ``unit``; ``source`` ends with the year and the confidence of the row.

    Raises
    ------
    InputError
        If rows ask for measures that do not exist.
    """
    published = result.layers.get(LAYER)
    rows = []
    if published is not None:
        ours = measures_of(result, published, name=LAYER)
        rows = [_row(row, figure) for row, figure in zip(rows_of(published), ours, strict=True)]
    return pd.DataFrame(rows, columns=list(RESULT_FRAMES["checks"]))


def _row(row: Row, ours: float) -> dict[str, object]:
    return {
        "check": str(row["id"]),
        "zh": str(row["name_zh"]),
        "en": str(row["name_en"]),
        "ours": ours,
        "published": row["value"],
        "unit": str(row["unit"]),
        "source": _source(row),
        "why_zh": str(row["why_zh"]),
        "why_en": str(row["why_en"]),
    }


def _source(row: Row) -> str:
    number = float(row["year"])
    year = "" if math.isnan(number) else f"{number:.0f}"
    marks = ", ".join(part for part in (year, str(row["confidence"])) if part)
    return f"{row['source']} ({marks})" if marks else str(row["source"])
