"""A layer as its file has it, before any check of the values, and the words to speak of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from siting.errors import SitingError
from siting.model import LayerSpec
from siting.schema import LayerSchema

_QUOTED = 5
GEOMETRY_COLUMNS = ("lon", "lat", "wkt")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawLayer:
    """Rows of a file under the file's own column names.

    ``geometry`` and ``crs`` are None where they could not be read, which ``faults`` tells; for kinds
    without geometry ``crs`` is None and every place is None. The index of ``cells`` counts the rows of
    the file from 0. ``repairs`` and ``warnings`` are what the reader has to tell; ``unclear`` maps a
    column of ours to the columns of the file that could each be it. ``decimal`` is the mark in numbers
    that are text: ``.``, ``,``, ``?`` where 1,234 may be either, "" where the reader cannot say.
    """

    spec: LayerSpec
    schema: LayerSchema
    cells: pd.DataFrame
    geometry: NDArray[np.object_] | None
    crs: CRS | None
    faults: tuple[SitingError, ...] = ()
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unclear: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decimal: str = ""


def place(spec: LayerSpec, column: str = "") -> str:
    """Name a layer, and a column by both its names, as the user would look it up."""
    layer = f"layer {spec.kind} ({spec.reference})"
    if not column:
        return layer
    theirs = spec.columns.get(column, column)
    return f"{layer}: column {column}" + (f" ({theirs} in the file)" if theirs != column else "")


def row_names(spec: LayerSpec, cells: pd.DataFrame) -> list[str]:
    """Name every row by its id, or by its number in the file (counted from 1) where it has none."""
    column = spec.columns.get("id", "id")
    numbers = [f"row {index + 1}" for index in cells.index.tolist()]
    if column not in cells:
        return numbers
    texts = as_texts(cells[column])
    return [text or number for text, number in zip(texts, numbers, strict=True)]


def as_texts(cells: pd.Series) -> list[str]:
    """Return cells as trimmed text, "" where empty.

    Whole floats lose the ``.0`` of a column with gaps, dates the time of a day's start.
    """
    values = cells.tolist()
    if cells.dtype != np.dtype(object):
        # Most columns of a large layer hold few different values. (Of an object column 1 and True are
        # one key and two texts.)
        known = {value: _as_text(value) for value in set(values)}
        return [known[value] for value in values]
    return [_as_text(value) for value in values]


def quote(names: Sequence[str], rows: NDArray[np.bool_]) -> str:
    """Count the rows of a mask and quote the first five."""
    found = np.flatnonzero(rows)
    shown = ", ".join(names[index] for index in found[:_QUOTED])
    more = ", …" if len(found) > _QUOTED else ""
    return f"{len(found)} row{'' if len(found) == 1 else 's'}: {shown}{more}"


def _as_text(cell: object) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, float):
        if np.isnan(cell):
            return ""
        return str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, datetime):
        return str(cell.date() if cell.time() == time.min else cell)
    return str(cell)
