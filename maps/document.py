"""A report as data: what its chapters say, before anything decides how it looks.

``maps.chapters`` writes documents from a Result; ``maps.report_html``, ``maps.report_docx`` and
``maps.report_xlsx`` turn them into files. Texts are plain and of one language; none is markup.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]
Cell: TypeAlias = str | float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Words; ``kind`` is text, note (small print), warning or bullet."""

    text: str
    kind: Literal["text", "note", "warning", "bullet"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; ``decimals`` is None for text, and the unit stands in the head."""

    head: str
    unit: str = ""
    decimals: int | None = None
    is_share: bool = False  # 0.25 is shown as 25 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption; ``key`` names it in the workbook, ``[a-z_]+``, unique in the document.

    Cells are raw values: None and NaN are shown as a dash, numbers by their column. ``total`` marks
    that the last row is a sum.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    total: bool = False
    is_wide: bool = False  # wants a landscape page


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """A picture with a caption and the words for who cannot see it.

    ``draw`` takes the file ending, svg or png, and returns the bytes; ``is_plate`` is a map that
    fills an A3 page of its own.
    """

    key: str
    caption: str
    alt: str
    draw: Callable[[Literal["svg", "png"]], bytes] = field(repr=False)
    is_plate: bool = False


Block: TypeAlias = Paragraph | Table | Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter or a section of one; ``level`` counts from 1."""

    title: str
    level: Literal[1, 2, 3]
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report in one language.

    ``notice`` is the line that every page bears; ``approval`` labels the empty field for the number
    of the map approval.
    """

    language: Language
    title: str
    subtitle: str
    edition: str
    notice: str
    approval: str
    chapters: tuple[Chapter, ...]
