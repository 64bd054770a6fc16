"""What several indicators share: ratios of sums for the whole and for each district."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from siting.model import Label

ROW_COLUMNS = ("zh", "en", "district", "before", "after", "unit")
"""Columns of an indicator's rows; district "" is the whole."""


class Ratio(NamedTuple):
    """A ratio of sums, part over whole, one entry a place; NaN anywhere in a sum is not known."""

    part: NDArray[np.float64]
    whole: NDArray[np.float64]


def ratio_rows(
    label: Label, unit: str, districts: ArrayLike, *, before: Ratio, after: Ratio
) -> pd.DataFrame:
    """Return the ratio of sums before and after, for the whole and for each district.

    Parameters
    ----------
    label, unit
        What is measured.
    districts
        District of each place ``(n_places,)``; places in "" count for the whole only.
    before, after
        Parts and wholes ``(n_places,)``.

    Returns
    -------
    DataFrame
        After ``ROW_COLUMNS``, the whole first; NaN where the whole is 0. Districts are told where
        there are two at least.
    """
    return told(
        label,
        unit,
        [(name, _ratio(before, here), _ratio(after, here)) for name, here in _parts(districts)],
    )


def sum_rows(
    label: Label,
    unit: str,
    districts: ArrayLike,
    *,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
) -> pd.DataFrame:
    """Return the sums before and after, for the whole and for each district; as ``ratio_rows``."""
    return told(
        label,
        unit,
        [
            (name, float(before[here].sum()), float(after[here].sum()))
            for name, here in _parts(districts)
        ],
    )


def told(label: Label, unit: str, rows: list[tuple[str, float, float]]) -> pd.DataFrame:
    """Return rows of district, before and after with their label and unit."""
    frame = pd.DataFrame(rows, columns=["district", "before", "after"])
    return frame.assign(zh=label.zh, en=label.en, unit=unit)[list(ROW_COLUMNS)]


def nothing() -> pd.DataFrame:
    """Return no rows: the indicator has no meaning for this facility type."""
    return pd.DataFrame(columns=list(ROW_COLUMNS))


def by_district(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the districts, sorted by name."""
    return rows[rows["district"] != ""].reset_index(drop=True)


def _parts(districts: ArrayLike) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return the whole and the districts, with the places in each."""
    names = np.asarray(districts, dtype=object).astype(str)
    known = sorted(set(names) - {""})
    whole = [("", np.ones(len(names), dtype=bool))]
    return whole + [(name, names == name) for name in known if len(known) > 1]


def _ratio(values: Ratio, here: NDArray[np.bool_]) -> float:
    whole = float(values.whole[here].sum())
    return float(values.part[here].sum()) / whole if whole > 0 else float("nan")
