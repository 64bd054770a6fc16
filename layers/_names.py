"""Which column of the file is which of ours: exact names, names the study maps, known other names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from layers._raw import RawLayer, as_texts
from siting.aliases import ALIASES, fold
from siting.model import LayerSpec

_BY_SCRIPT: Final = {"name_zh": True, "name_en": False}
_DBF_NAME: Final = 10  # a shapefile cuts the names of its columns there
_DBF: Final = frozenset({".shp", ".dbf"})


class Naming(NamedTuple):
    """A layer's ``columns`` with what was recognised, told in ``repairs``; ``unclear`` as in RawLayer."""

    columns: Mapping[str, str]
    repairs: tuple[str, ...]
    unclear: Mapping[str, tuple[str, ...]]


def recognise(spec: LayerSpec, wanted: Sequence[str], cells: pd.DataFrame) -> Naming:
    """Find columns of ours that a file has under another name.

    A column that is there, or that the study maps, is left alone; so is one that could be several.

    Parameters
    ----------
    spec
        Its ``columns`` are what the study maps.
    wanted
        Names of ours.
    cells
        Under the file's names.
    """
    columns = dict(spec.columns)
    repairs: list[str] = []
    unclear: dict[str, tuple[str, ...]] = {}
    taken = {*columns.values(), *(name for name in wanted if name in cells)}
    free = [name for name in map(str, cells.columns) if name and name not in taken]
    for ours in wanted:
        if ours in columns or ours in cells:
            continue
        found = _matches(ours, free, cells) or _cut(ours, wanted, free, spec)
        if len(found) == 1:
            columns[ours] = found[0]
            repairs.append(f"column {found[0]} read as {ours}")
        elif found:
            unclear[ours] = found
    return Naming(columns, tuple(repairs), unclear)


def name_columns(raw: RawLayer) -> RawLayer:
    """Return a layer with its columns recognised and, where it has no ids, its rows numbered."""
    naming = recognise(raw.spec, raw.schema.names, raw.cells)
    spec = replace(raw.spec, columns=naming.columns)
    repairs = raw.repairs + naming.repairs
    unclear = {**raw.unclear, **naming.unclear}
    cells = raw.cells
    theirs = spec.columns.get("id", "id")
    is_named = theirs in cells and any(as_texts(cells[theirs]))
    if not is_named and "id" not in unclear and "id" not in raw.spec.columns and len(cells):
        numbers = [str(index + 1) for index in range(len(cells))]
        cells = cells.assign(**{theirs: numbers})
        repairs += (f"no ids: rows numbered 1 to {len(cells)}",)
    return replace(raw, spec=spec, cells=cells, repairs=repairs, unclear=unclear)


def _matches(ours: str, free: Sequence[str], cells: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns of the file that may be one of ours: those of the best group of names."""
    for group in ((ours,), *ALIASES.get(ours, ())):
        names = {fold(name) for name in group}
        found = tuple(name for name in free if fold(name) in names)
        if ours in _BY_SCRIPT and group == ("name",):
            found = tuple(n for n in found if _has_han(cells[n]) == _BY_SCRIPT[ours])
        if found:
            return found
    return ()


def _cut(
    ours: str, wanted: Sequence[str], free: Sequence[str], spec: LayerSpec
) -> tuple[str, ...]:
    """Return the column of a shapefile that is ours cut after ten letters, and no other's."""
    if Path(spec.path).suffix.lower() not in _DBF or len(ours) <= _DBF_NAME:
        return ()
    start = ours[:_DBF_NAME]
    if sum(name.startswith(start) for name in wanted) > 1:
        return ()
    return tuple(name for name in free if name.lower() == start)


def _has_han(cells: pd.Series) -> bool:
    return any("\u3400" <= c <= "\u9fff" for text in as_texts(cells) for c in text)
