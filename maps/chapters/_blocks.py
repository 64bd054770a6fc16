"""Pieces of chapters: paragraphs, columns, and tables that leave out what nobody filled."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import pandas as pd

from maps.document import Block, Cell, Chapter, Column, Paragraph, Table
from maps.draft import Draft
from siting.model import FacilitySpec

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column with its cells; ``is_optional`` leaves it out where no cell says anything."""

    column: Column
    cells: Sequence[Cell]
    is_optional: bool = False
    total: Cell = None


def paragraph(text: str) -> Paragraph:
    """Return plain words."""
    return Paragraph(text=text)


def note(text: str) -> Paragraph:
    """Return small print."""
    return Paragraph(text=text, kind="note")


def warning(text: str) -> Paragraph:
    """Return words of caution."""
    return Paragraph(text=text, kind="warning")


def bullets(texts: Iterable[str]) -> tuple[Paragraph, ...]:
    """Return one bullet a text."""
    return tuple(Paragraph(text=text, kind="bullet") for text in texts)


def words(head: str, cells: Iterable[object], *, is_optional: bool = False) -> Field:
    """Return a column of text."""
    return Field(
        column=Column(head=head),
        cells=tuple(cell if cell is None else str(cell) for cell in cells),
        is_optional=is_optional,
    )


def numbers(
    head: str,
    cells: Iterable[Any],
    *,
    unit: str = "",
    decimals: int = 0,
    is_share: bool = False,
    is_optional: bool = False,
    total: float | None = None,
) -> Field:
    """Return a column of numbers; NaN and None are unknown."""
    return Field(
        column=Column(head=head, unit=unit, decimals=decimals, is_share=is_share),
        cells=tuple(None if cell is None else float(cell) for cell in cells),
        is_optional=is_optional,
        total=total,
    )


def counts(head: str, cells: Iterable[Any], *, total: int | None = None) -> Field:
    """Return a column of whole numbers without thousands of a unit."""
    return Field(
        column=Column(head=head, decimals=0), cells=tuple(int(cell) for cell in cells), total=total
    )


def shares(head: str, cells: Iterable[Any], *, is_optional: bool = False) -> Field:
    """Return a column of shares, shown as percentages with one decimal."""
    return numbers(head, cells, decimals=1, is_share=True, is_optional=is_optional)


def table(
    key: str,
    caption: str,
    fields: Iterable[Field],
    *,
    notes: Sequence[str] = (),
    is_wide: bool = False,
    total: str = "",
) -> Table:
    """Return a table of columns; with ``total`` as a name, the sums of the columns as the last row."""
    kept = [field for field in fields if not field.is_optional or _says_something(field.cells)]
    rows = list(zip(*(field.cells for field in kept), strict=True))
    if total and rows:
        rows.append((total, *(field.total for field in kept[1:])))
    return Table(
        key=safe_key(key),
        caption=caption,
        columns=tuple(field.column for field in kept),
        rows=tuple(rows),
        notes=tuple(notes),
        total=bool(total and rows),
        is_wide=is_wide,
    )


def section(
    title: str, blocks: Iterable[Block | None], *, level: int = 1, otherwise: str = ""
) -> tuple[Chapter, ...]:
    """Return a chapter of the blocks that are there; without any, ``otherwise`` or nothing."""
    kept = tuple(block for block in blocks if block is not None)
    if not kept and otherwise:
        kept = (paragraph(otherwise),)
    return (Chapter(title=title, level=_LEVELS[level], blocks=kept),) if kept else ()


def by_facility(
    draft: Draft, blocks: Callable[[Draft, FacilitySpec], Iterable[Block | None]]
) -> tuple[Chapter, ...]:
    """Return a section of each facility type that has anything to say, in the order of the study."""
    return tuple(
        chapter
        for facility in draft.result.study.facilities
        for chapter in section(draft.of(facility.label), blocks(draft, facility), level=2)
    )


def under(
    title: str, sections: Iterable[Chapter], *, lead: Iterable[Block] = ()
) -> tuple[Chapter, ...]:
    """Return a chapter with its sections; nothing where it has none and says nothing itself."""
    below, opening = tuple(sections), tuple(lead)
    return (Chapter(title=title, level=1, blocks=opening), *below) if below or opening else ()


def records(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a frame, geometry left aside."""
    plain = pd.DataFrame(frame)
    names = [name for name in plain.columns if name != "geometry"]
    return [
        dict(zip(names, row, strict=True)) for row in zip(*(plain[n] for n in names), strict=True)
    ]


def safe_key(key: str) -> str:
    """Return a key of small letters and underscores.

    Examples
    --------
    >>> safe_key("sites_h2-new")
    'sites_h__new'
    """
    return re.sub(r"[^a-z_]", "_", key.lower())


def known_sum(values: "Iterable[float]") -> float | None:
    """Return the sum of what is known, None where nothing is."""
    known = list(_known(values))
    return sum(known) if known else None


def _known(values: Iterable[float]) -> Iterator[float]:
    return (float(value) for value in values if isfinite(value))


def _says_something(cells: Sequence[Cell]) -> bool:
    return any(
        cell not in {None, "", "—"} and not (isinstance(cell, float) and cell != cell)  # noqa: PLR0124 - the NaN test
        for cell in cells
    )


_LEVELS: dict[int, Any] = {1: 1, 2: 2, 3: 3}
