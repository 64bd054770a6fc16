"""The tables of the report as a workbook: real numbers, a sheet a table, an index in front."""

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell as Slot
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from maps._report_text import (
    WORDS,
    head,
    is_numeric,
    plain,
    share_decimals,
    show,
    tables,
)
from maps._report_widths import column_widths
from maps._report_zip import NO_DATE, without_dates
from maps.document import Cell, Column, Document, Language, Table

_MOST_WIDTH: Final = 82
_NAME_LENGTH, _TEXT_LENGTH, _HEADER_LENGTH = 31, 32767, 120  # Excel specifications and limits
_NAME_UNFIT: Final = re.compile(r"[\[\]:*?/\\']")
# Text that a spreadsheet would run once somebody edits the cell; OWASP, CSV injection.
_ACTIVE: Final = re.compile(r"[=+\-@\t\r＝＋－＠]")
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # ECMA-376 22.4.2.4, ST_Xstring

_HEAD, _TEXT, _NUMBER = "report head", "report text", "report number"
_SUM, _LINK, _TITLE = "report sum", "report link", "report title"


def write_xlsx(document: Document, path: Path) -> None:
    """Write the tables of a document as a workbook.

    The first sheet is an index with captions and notes; every further one is a table with its head in
    row 1, named by the table's key. Numbers are numbers and shares fractions shown as per cent; what is
    missing is an empty cell; text is stored as text whatever it begins with. Same document, same bytes.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    book = Workbook()
    book.properties.creator = ""
    book.properties.title = plain(document.title)
    book.properties.created = book.properties.modified = NO_DATE
    for style in _styles():
        book.add_named_style(style)
    found = list(tables(document))
    names = sheet_names([WORDS[document.language]["index"], *(table.key for _, table in found)])
    _fill_index(book.active, document, names, found)
    for name, (label, table) in zip(names[1:], found, strict=True):
        _fill(book.create_sheet(name), label, table, document)
    book.active.title = names[0]
    path.write_bytes(_save(book))


def sheet_names(keys: Sequence[str]) -> list[str]:
    """Return a legal name for each sheet, no two alike whatever their case.

    Examples
    --------
    >>> sheet_names(["sites", "Sites", "a/b", "history", ""])
    ['sites', 'Sites 2', 'a b', 'history 2', 'sheet']
    """
    taken = {"history"}  # Excel keeps this name for itself
    names: list[str] = []
    for key in keys:
        clean = (
            " ".join(_NAME_UNFIT.sub(" ", plain(key)).split())[:_NAME_LENGTH].strip() or "sheet"
        )
        name, number = clean, 1
        while name.lower() in taken:
            number += 1
            tail = f" {number}"
            name = clean[: _NAME_LENGTH - len(tail)] + tail
        taken.add(name.lower())
        names.append(name)
    return names


def _save(book: Workbook) -> bytes:
    """Return the workbook's bytes; openpyxl's own save writes the time of day into them."""
    target = io.BytesIO()
    ExcelWriter(book, ZipFile(target, "w", ZIP_DEFLATED)).save()
    return without_dates(target.getvalue())


def _styles() -> Iterable[NamedStyle]:
    rule, thin = Side(style="medium", color="1B2733"), Side(style="thin", color="C3CCD4")
    font, bold = (
        Font(name="Microsoft YaHei", size=10),
        Font(name="Microsoft YaHei", size=10, bold=True),
    )
    middle = Alignment(vertical="center", wrap_text=True)
    top = Alignment(vertical="top", wrap_text=True)
    line = Border(bottom=thin)
    yield NamedStyle(
        name=_HEAD,
        font=bold,
        alignment=middle,
        border=Border(top=rule, bottom=rule),
        fill=PatternFill("solid", fgColor="EEF1F4"),
    )
    yield NamedStyle(name=_TEXT, font=font, alignment=top, border=line)
    yield NamedStyle(name=_NUMBER, font=font, alignment=Alignment(vertical="top"), border=line)
    yield NamedStyle(name=_SUM, font=bold, alignment=top, border=Border(top=rule, bottom=rule))
    blue = Font(name="Microsoft YaHei", size=10, color="0A5EA8", underline="single")
    yield NamedStyle(name=_LINK, font=blue, alignment=top, border=line)
    yield NamedStyle(name=_TITLE, font=Font(name="Microsoft YaHei", size=14, bold=True))


def _fill_index(
    sheet: Worksheet, document: Document, names: Sequence[str], found: Sequence[tuple[str, Table]]
) -> None:
    words = WORDS[document.language]
    approval = words["approval"].format(plain(document.approval)) if document.approval else ""
    top = (document.title, document.subtitle, document.edition, document.notice, approval)
    sheet.cell(1, 1).style = _TITLE
    for row, text in enumerate(top, start=1):
        _put_text(sheet.cell(row, 1), text)
    at = len(top) + 2
    for column, key in enumerate(("number", "title", "sheet", "rows", "remarks"), start=1):
        slot = sheet.cell(at, column, words[key])
        slot.style = _HEAD
    for row, (name, (label, table)) in enumerate(zip(names[1:], found, strict=True), start=at + 1):
        remarks = "\n".join(map(plain, table.notes))
        cells: list[str | int] = [label, table.caption, name, len(table.rows), remarks]
        for column, cell in enumerate(cells, start=1):
            slot = sheet.cell(row, column)
            slot.style = _TEXT
            _put(slot, cell)
        link = sheet.cell(row, 3)
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{name}'!A1")
        link.style = _LINK
    for letter, width in zip("ABCDE", (12, 44, 32, 8, 80), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = sheet.cell(at + 1, 1)
    _set_paper(sheet, document, plain(document.title))
    sheet.print_title_rows = f"{at}:{at}"


def _fill(sheet: Worksheet, label: str, table: Table, document: Document) -> None:
    for place, column in enumerate(table.columns, start=1):
        slot = sheet.cell(1, place)
        slot.style = _HEAD
        _put_text(slot, head(column, document.language))
        if is_numeric(column):
            slot.alignment = Alignment(horizontal="right", vertical="center", wrap_text=True)
    last = len(table.rows) + 1
    for number, row in enumerate(table.rows, start=2):
        is_sum = table.total and number == last
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True), start=1):
            slot = sheet.cell(number, place)
            slot.style = _SUM if is_sum else _TEXT if isinstance(cell, str) else _NUMBER
            _put_cell(slot, cell, column)
    _set_view(sheet, table, document.language)
    _set_paper(sheet, document, f"{label} {plain(table.caption)}")
    sheet.print_title_rows = "1:1"


def _set_view(sheet: Worksheet, table: Table, language: Language) -> None:
    sheet.freeze_panes = "A2"
    for place, width in enumerate(column_widths(table, language), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(width + 2, _MOST_WIDTH)
    last = len(table.rows) + 1 - table.total
    if last > 1:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{last}"


def _set_paper(sheet: Worksheet, document: Document, title: str) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddHeader.left.text = _header(title)
    sheet.oddFooter.left.text = _header(document.notice)
    sheet.oddFooter.right.text = "&P / &N"


def _header(text: str) -> str | None:
    """Return text for a page header, where & starts a command; Excel allows 255 characters in all."""
    return " ".join(plain(text).split())[:_HEADER_LENGTH].replace("&", "&&") or None


def _put(slot: Slot, cell: str | int) -> None:
    if isinstance(cell, str):
        _put_text(slot, cell)
    else:
        slot.value = cell


def _put_cell(slot: Slot, cell: Cell, column: Column) -> None:
    """Store a cell as what it is: text, a number with its format, or nothing."""
    if cell is None or cell != cell:  # noqa: PLR0124  # the NaN test
        return
    if isinstance(cell, str):
        _put_text(slot, cell)
    elif cell in {float("inf"), float("-inf")}:
        _put_text(slot, show(cell, column))
    else:
        slot.value = _number(cell)
        slot.number_format = number_format(column)


def _number(cell: float) -> float | int:
    return int(cell) if cell == int(cell) and abs(cell) < 10**15 else float(cell)


def number_format(column: Column) -> str:
    """Return the number format of a column.

    Examples
    --------
    >>> number_format(Column(head="x", decimals=2)), number_format(Column(head="x", is_share=True))
    ('#,##0.00', '0.0%')
    """
    if column.is_share:
        return f"{_digits('0', share_decimals(column))}%"
    return "General" if column.decimals is None else _digits("#,##0", column.decimals)


def _digits(whole: str, decimals: int) -> str:
    return f"{whole}.{'0' * decimals}" if decimals else whole


def _put_text(slot: Slot, text: str) -> None:
    """Store text as text: never a formula, an error value or an escape, now or when edited."""
    words = plain(text)
    if not words:
        return
    kept = _ESCAPED.sub("_x005F_", words)
    if len(kept) > _TEXT_LENGTH:
        kept = kept[: _TEXT_LENGTH - 1] + "…"
    slot.value = kept
    slot.data_type = "s"  # openpyxl takes "=…" for a formula and "#N/A" for an error
    if _ACTIVE.match(words):
        slot.quotePrefix = True
