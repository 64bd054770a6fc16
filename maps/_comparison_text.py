"""A document as plain text for a terminal: tables in columns, whatever the script of their cells."""

import unicodedata
from collections.abc import Iterator, Sequence

from maps._report_text import head, show
from maps.document import Document, Language, Paragraph, Table

_WIDEST = 48
_GAP = "  "


def render_text(document: Document) -> str:
    """Return headings, paragraphs and tables as lines; nothing in them reaches the terminal but text.

    Wide characters count two columns (Unicode 15, annex 11); cells of more than 48 columns are cut,
    except in the last column.
    """
    lines = [document.title, document.subtitle]
    for chapter in document.chapters:
        lines += ["", f"{'#' * chapter.level} {chapter.title}"]
        for block in chapter.blocks:
            if isinstance(block, Table):
                lines += ["", f"[{block.caption}]", *_rows(block, document.language)]
            elif isinstance(block, Paragraph):
                lines.append(f"- {block.text}" if block.kind == "bullet" else block.text)
    return "\n".join(_printable(line).rstrip() for line in lines)


def _rows(table: Table, language: Language) -> Iterator[str]:
    heads = [head(column, language) for column in table.columns]
    rows = [
        [show(cell, column) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    cells = [
        [*(_cut(_printable(cell)) for cell in row[:-1]), _printable(row[-1])]
        for row in (heads, *rows)
    ]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield _line(row, widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        f"{cell}{' ' * (width - _width(cell))}" for cell, width in zip(cells, widths, strict=True)
    )
    return _GAP.join(padded)


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _cut(text: str) -> str:
    if _width(text) <= _WIDEST:
        return text
    while _width(text) >= _WIDEST:
        text = text[:-1]
    return f"{text}…"


def _printable(line: str) -> str:
    """Blank out what text from data could do to a terminal: escapes, line breaks, direction marks."""
    return "".join(c if c.isprintable() else " " for c in line)
