"""What the report's three writers share: words, numbers as text, and numbering."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite, isnan
from types import MappingProxyType
from typing import Final, TypeAlias

from maps.document import (
    Block,
    Cell,
    Column,
    Document,
    Language,
    Paragraph,
    Table,
)
from maps.markdown import MISSING, amount, number

WORDS: Final[Mapping[Language, Mapping[str, str]]] = MappingProxyType(
    {
        "zh": {
            "contents": "目录",
            "table": "表{}",
            "figure": "图{}",
            "caption": "{} {}",
            "head": "{}（{}）",
            "note": "注：",
            "notes": "注{}：",
            "warning": "注意：",
            "none": "（无）",
            "approval": "{}：",
            "skip": "跳到正文",
            "index": "目录",
            "number": "表号",
            "title": "表名",
            "sheet": "工作表",
            "rows": "行数",
            "remarks": "说明",
        },
        "en": {
            "contents": "Contents",
            "table": "Table {}",
            "figure": "Figure {}",
            "caption": "{}. {}",
            "head": "{} ({})",
            "note": "Note: ",
            "notes": "Note {}: ",
            "warning": "Caution: ",
            "none": "(none)",
            "approval": "{}: ",
            "skip": "Skip to the text",
            "index": "Index",
            "number": "No.",
            "title": "Table",
            "sheet": "Sheet",
            "rows": "Rows",
            "remarks": "Notes",
        },
    }
)
"""The words that the writers add to a document."""

# What neither XML 1.0 nor HTML can hold: controls, surrogates, noncharacters (Unicode 15, 23.7).
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_SHARE_DECIMALS: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading with its number (1, 1.2 …), its id and its level from 1."""

    number: str
    anchor: str
    title: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A block of a document; ``label`` is 表1 or Figure 2, empty for words; ``anchor`` its id."""

    block: Block
    label: str = ""
    anchor: str = ""


Part: TypeAlias = Heading | Item


def plain(text: str) -> str:
    r"""Return text that every format can hold: line ends as ``\n``, unfit characters as U+FFFD.

    Examples
    --------
    >>> plain("a\r\nb\x00"), plain("<b>{{x}}")
    ('a\nb�', '<b>{{x}}')
    """
    return _UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_numeric(column: Column) -> bool:
    """Return whether a column holds numbers, set flush right."""
    return column.decimals is not None or column.is_share


def show(cell: Cell, column: Column) -> str:
    r"""Return a cell as the reader sees it.

    A column with decimals has fixed ones; a number in a column of text is a year or a count when it
    is whole, and shown to four significant digits when not. The unknown is a dash, never 0.

    Examples
    --------
    >>> show(1234.5, Column(head="size", decimals=0)), show(2030, Column(head="year"))
    ('1,234', '2030')
    >>> show(0.25, Column(head="share", is_share=True, decimals=0)), show(None, Column(head="x"))
    ('25\xa0%', '—')
    """
    if isinstance(cell, str):
        return plain(cell)
    if cell is None or isnan(cell):
        return MISSING
    if not isfinite(cell):
        return "∞" if cell > 0 else "-∞"
    if column.is_share:
        return f"{_fixed(100 * cell, share_decimals(column))}\xa0%"
    if column.decimals is not None:
        return _fixed(cell, column.decimals)
    return str(int(cell)) if cell == int(cell) else amount(cell)


def share_decimals(column: Column) -> int:
    """Return how many decimals of a percentage a column of shares shows."""
    return _SHARE_DECIMALS if column.decimals is None else column.decimals


def _fixed(value: float, decimals: int) -> str:
    text = number(value, decimals)
    return text.lstrip("-") if not text.strip("-0.,") else text


def head(column: Column, language: Language) -> str:
    """Return the head of a column, its unit behind it."""
    title = plain(column.head)
    return WORDS[language]["head"].format(title, plain(column.unit)) if column.unit else title


def caption(label: str, text: str, language: Language) -> str:
    """Return a caption with its number."""
    return WORDS[language]["caption"].format(label, plain(text))


def notes(table: Table, language: Language) -> list[str]:
    """Return the notes below a table, numbered where there are several."""
    words = WORDS[language]
    if len(table.notes) == 1:
        return [words["note"] + plain(table.notes[0])]
    return [words["notes"].format(n) + plain(text) for n, text in enumerate(table.notes, start=1)]


def row_head(table: Table) -> int:
    """Return which column names its row: the first that holds only text; else the first."""
    for place, _ in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        if cells and all(isinstance(cell, str) for cell in cells):
            return place
    return 0


def number_parts(document: Document) -> tuple[Part, ...]:
    """Return headings and blocks in order, numbered.

    Levels that are left out are closed up, so that headings never skip one. Tables and figures are
    counted through the whole document.
    """
    counters = {"table": 0, "figure": 0}
    found: list[Part] = []
    path: list[int] = []
    for chapter in document.chapters:
        level = min(chapter.level, len(path) + 1)
        path = [*path[: level - 1], path[level - 1] + 1 if len(path) >= level else 1]
        found.append(
            Heading(
                number=".".join(map(str, path)),
                anchor="-".join(("section", *map(str, path))),
                title=plain(chapter.title),
                level=level,
            )
        )
        found += [_item(block, counters, document.language) for block in chapter.blocks]
    return tuple(found)


def tables(document: Document) -> Iterator[tuple[str, Table]]:
    """Yield the tables of a document with their labels, in order."""
    for part in number_parts(document):
        if isinstance(part, Item) and isinstance(part.block, Table):
            yield part.label, part.block


def _item(block: Block, counters: dict[str, int], language: Language) -> Item:
    if isinstance(block, Paragraph):
        return Item(block=block)
    kind = "table" if isinstance(block, Table) else "figure"
    counters[kind] += 1
    label = WORDS[language][kind].format(counters[kind])
    return Item(block=block, label=label, anchor=f"{kind}-{counters[kind]}")
