"""One layer between reading and reprojecting: its rows, columns and shapes checked and repaired."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from layers._columns import check_columns, count_trimmed
from layers._geometry import Shapes, check_shapes, drop_strays
from layers._raw import RawLayer
from layers._rows import drop_copies, keep_rows
from layers._text import find_mojibake
from siting.errors import InputError, SitingError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checked:
    """A layer; ``table`` and ``shapes`` have the rows of ``raw``, None where it is too broken to go on.

    ``source`` is the layer as it was read; ``repairs`` and ``warnings`` are what there is to tell.
    """

    source: RawLayer
    raw: RawLayer
    table: pd.DataFrame | None
    shapes: Shapes | None
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_layer(source: RawLayer, raw: RawLayer) -> tuple[Checked, list[SitingError]]:
    """Check and repair a layer.

    Parameters
    ----------
    source
        As its reader gave it.
    raw
        The same in the coordinate system in which it is to be read.

    Returns
    -------
    tuple
        The layer and everything that is wrong with it.
    """
    raw, copies = drop_copies(replace(source, geometry=raw.geometry, crs=raw.crs))
    raw, shapes, wrong = check_shapes(raw)
    table, problems, numbers = check_columns(raw)
    trimmed = count_trimmed(raw)
    spaces = (f"spaces trimmed from {trimmed} cells",) if trimmed else ()
    repairs = (*source.repairs, *copies, *(shapes.repairs if shapes else ()), *numbers, *spaces)
    warnings = (*source.warnings, *(shapes.warnings if shapes else ()), *_tell_mojibake(table))
    checked = Checked(
        source=source,
        raw=raw,
        table=table,
        shapes=shapes,
        repairs=repairs,
        warnings=warnings,
    )
    return checked, [*raw.faults, *(InputError(problem) for problem in problems), *wrong]


def _tell_mojibake(table: pd.DataFrame | None) -> tuple[str, ...]:
    """Say of which columns the text looks as if it had been read in a wrong encoding long ago."""
    if table is None:
        return ()
    columns = [name for name in table.columns if pd.api.types.is_string_dtype(table[name].dtype)]
    found = {name: find_mojibake(table[name].unique().tolist()) for name in columns}
    return tuple(
        f"column {name}: text looks as if read in a wrong encoding, such as {text[:40]!r}"
        for name, text in found.items()
        if text
    )


def check_strays(layer: Checked, centre: tuple[float, float]) -> tuple[Checked, list[SitingError]]:
    """Take rows that lie elsewhere from a layer; all its shapes where those rows are too many."""
    if layer.shapes is None:
        return layer, []
    keep, told, faults = drop_strays(layer.raw, layer.shapes, centre)
    if faults:
        return replace(layer, shapes=None), faults
    if keep.all():
        return layer, []
    shapes = layer.shapes
    number = np.cumsum(keep) - 1  # of the rows that stay
    stays = keep[shapes.rows]
    shapes = replace(
        shapes,
        geometry=shapes.geometry[keep],
        lonlat=shapes.lonlat[stays],
        rows=number[shapes.rows[stays]],
        lost=shapes.lost + int((~keep).sum()),
    )
    table = None if layer.table is None else layer.table[keep].reset_index(drop=True)
    raw = keep_rows(layer.raw, keep)
    return replace(layer, raw=raw, table=table, shapes=shapes, repairs=layer.repairs + told), []
