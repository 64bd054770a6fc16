"""Rows that cannot stay: left out and told while they are few, refused when they are many."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers._raw import RawLayer, place, quote, row_names
from siting.errors import Problem

LOST_SHARE: Final = 0.05
"""The largest share of a layer's rows that may be left out; above it the layer is refused."""

_WHOLE: Final = frozenset({"road_nodes", "road_edges"})  # without an edge every way is another


class RowFault(NamedTuple):
    """Rows that something is wrong with, in the words of a refusal."""

    rows: NDArray[np.bool_]
    what: str
    expected: str
    mend: str = ""


class Settled(NamedTuple):
    """``keep`` is a mask of the rows that stay; either ``repairs`` or ``problems`` tell of the others."""

    keep: NDArray[np.bool_]
    repairs: tuple[str, ...]
    problems: list[Problem]


def settle(raw: RawLayer, faults: Sequence[RowFault], *, lost: int = 0) -> Settled:
    """Leave rows out that are at fault, or refuse the layer.

    At most 5 % of the rows may go, ``lost`` of them having gone before, and none of a road graph: more
    is no slip but a file that its owner must mend. Rows with several faults are told once each.

    Examples
    --------
    Two rows of 75 are left out; one of ten is refused.
    """
    hit = np.zeros(len(raw.cells), dtype=np.bool_)
    for fault in faults:
        hit |= fault.rows
    told = [fault for fault in faults if fault.rows.any()]
    if not told:
        return Settled(~hit, (), [])
    names = row_names(raw.spec, raw.cells)
    share = 0.0 if raw.spec.kind in _WHOLE else LOST_SHARE
    if lost + int(hit.sum()) <= share * (len(hit) + lost):
        sentences = tuple(f"left out for {f.what}: {quote(names, f.rows)}" for f in told)
        return Settled(~hit, sentences, [])
    problems = [
        Problem(
            where=place(raw.spec),
            what=fault.what,
            got=quote(names, fault.rows),
            expected=fault.expected,
            mend=fault.mend,
        )
        for fault in told
    ]
    return Settled(np.ones(len(hit), dtype=np.bool_), (), problems)


def keep_rows(raw: RawLayer, keep: NDArray[np.bool_]) -> RawLayer:
    """Return a layer with the rows of a mask; row numbers stay those of the file."""
    if keep.all():
        return raw
    geometry = None if raw.geometry is None else raw.geometry[keep]
    return replace(raw, cells=raw.cells[keep], geometry=geometry)


def drop_copies(raw: RawLayer) -> tuple[RawLayer, tuple[str, ...]]:
    """Return a layer without rows that repeat an earlier one in every cell and in their place."""
    is_numbered = any(sentence.startswith("no ids: ") for sentence in raw.repairs)
    theirs = raw.spec.columns.get("id", "id")
    if not is_numbered and (theirs not in raw.cells or not raw.cells[theirs].duplicated().any()):
        return raw, ()  # without an id twice there is no row twice
    facts = raw.cells.drop(columns=theirs) if is_numbered else raw.cells
    texts = pd.DataFrame(
        {number: facts.iloc[:, number].map(str) for number in range(facts.shape[1])}
    )
    if raw.geometry is not None:
        texts["geometry"] = shapely.to_wkb(raw.geometry)
    copies = texts.duplicated().to_numpy()
    if not copies.any():
        return raw, ()
    named = quote(row_names(raw.spec, raw.cells), copies)
    return keep_rows(raw, ~copies), (f"left out as copies of an earlier row: {named}",)


def tell_doubles(raw: RawLayer, geometry: NDArray[np.object_]) -> tuple[str, ...]:
    """Say which rows lie exactly where another lies, with other facts: they stay."""
    doubles = pd.Series(shapely.to_wkb(geometry)).duplicated(keep=False).to_numpy()
    if not doubles.any():
        return ()
    return (f"same shape as another row: {quote(row_names(raw.spec, raw.cells), doubles)}",)
