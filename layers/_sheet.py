"""Workbooks (.xlsx): one sheet, its header row found below titles, numbers as numbers."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from layers._archive import check_archive
from layers._places import place_rows
from layers._raw import GEOMETRY_COLUMNS, RawLayer, place, quote
from layers._table import to_cells
from siting.aliases import ALIASES, fold
from siting.errors import InputError, Problem, SitingError
from siting.model import LayerSpec
from siting.schema import LayerSchema

_Cell: TypeAlias = str | float | int
_Rows: TypeAlias = list[list[object]]

_TITLE_ROWS: Final = 20  # how far down a header is looked for
# What openpyxl and the module zipfile raise over damaged bytes; damaged XML is a SyntaxError.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, LookupError, ValueError),
    *(TypeError, AttributeError, EOFError, OSError, RuntimeError, NotImplementedError),
)


def read_sheet(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of a sheet: the only one, or the one that ``layer`` or the kind names.

    Cells are what the workbook stores: numbers, text, dates as ISO text; of formulas the value that the
    office program last stored.

    Raises
    ------
    InputError
        When the file is no workbook, the sheet is not there, or a formula has no stored value. What is
        wrong with places or CRS is in ``faults``.
    """
    check_archive(spec, "a workbook (.xlsx)")
    name = _choose_sheet(spec)
    rows = _values(spec, name, stored=True)
    if _has_formulas(spec):
        _check_formulas(spec, rows, _values(spec, name, stored=False))
    first = _find_header(spec, schema, rows)
    told = (f"header found in row {first + 1} of the sheet",) if first else ()
    cells, blank = to_cells(spec, _trimmed(rows[first:]))
    return place_rows(spec, schema, cells, repairs=told + blank)


@contextmanager
def _telling(spec: LayerSpec) -> Iterator[None]:
    """Tell what goes wrong in a workbook that is no workbook inside as one problem."""
    try:
        yield
    except SitingError:
        raise
    except _BROKEN as error:
        raise InputError(
            Problem(
                where=place(spec),
                what="file cannot be read as a workbook",
                got=str(error).strip("'\"").replace(spec.path, spec.reference),
                expected="an .xlsx file",
                mend="Open it in an office program and save it again.",
            )
        ) from error


@contextmanager
def _opened(spec: LayerSpec, *, stored: bool) -> Iterator[openpyxl.Workbook]:
    # Opened here, since openpyxl keeps a file open that it cannot make sense of.
    with _telling(spec), Path(spec.path).open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions, which hold no data
        book = openpyxl.load_workbook(file, read_only=True, data_only=stored, keep_links=False)
        try:
            yield book
        finally:
            book.close()


def _choose_sheet(spec: LayerSpec) -> str:
    with _opened(spec, stored=True) as book:
        names = [str(sheet.title) for sheet in book.worksheets]
    if spec.layer is None and len(names) == 1:
        return names[0]
    wanted = spec.layer or spec.kind
    if wanted in names:
        return wanted
    found = ", ".join(names)
    is_named = spec.layer is not None
    raise InputError(
        Problem(
            where=place(spec),
            what="workbook has no sheet of this name"
            if is_named
            else "workbook has several sheets",
            got=repr(spec.layer) if is_named else found,
            expected=found if is_named else f"one, or one named {spec.kind}",
            mend='Name the sheet: layer = "its name".',
        )
    )


def _values(spec: LayerSpec, name: str, *, stored: bool) -> _Rows:
    """Return every cell of a sheet; formulas as their stored value, or as their text."""
    with _opened(spec, stored=stored) as book:
        sheet = book[name]
        sheet.reset_dimensions()  # what a program wrote there may be wrong
        return [list(row) for row in sheet.iter_rows(values_only=True)]


def _has_formulas(spec: LayerSpec) -> bool:
    with _telling(spec), zipfile.ZipFile(spec.path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f>" in data or b"<f " in data for data in map(archive.read, sheets))


def _check_formulas(spec: LayerSpec, rows: _Rows, formulas: _Rows) -> None:
    empty = [
        f"row {number}"
        for number, (values, texts) in enumerate(zip(rows, formulas, strict=True), start=1)
        if any(
            value is None and isinstance(text, str) and text.startswith("=")
            for value, text in zip(values, texts, strict=True)
        )
    ]
    if empty:
        raise InputError(
            Problem(
                where=place(spec),
                what="formulas without a stored value",
                got=quote(empty, np.ones(len(empty), dtype=np.bool_)),
                expected="values",
                mend="Open it in an office program and save it again, or paste the values.",
            )
        )


def _find_header(spec: LayerSpec, schema: LayerSchema, rows: _Rows) -> int:
    """Return the row with the most names that mean a column; without one the first that is filled."""
    names = (*schema.names, *GEOMETRY_COLUMNS)
    known = {fold(name) for name in (*names, *spec.columns.values())}
    known |= {fold(n) for name in names for group in ALIASES.get(name, ()) for n in group}
    hits = [
        sum(isinstance(c, str) and fold(c) in known for c in row) for row in rows[:_TITLE_ROWS]
    ]
    most = max(hits, default=0)
    if most:
        return hits.index(most)
    return next((i for i, row in enumerate(rows) if any(c is not None for c in row)), 0)


def _trimmed(rows: _Rows) -> list[list[_Cell]]:
    """Return rows of plain cells, as wide as the header; columns without a name are left out."""
    header = [_plain(cell) for cell in rows[0]] if rows else []
    named = [index for index, name in enumerate(header) if str(name).strip()]
    return [[_plain(row[i]) if i < len(row) else "" for i in named] for row in rows]


def _plain(cell: object) -> _Cell:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, datetime):
        return str(cell.date() if cell.time() == time.min else cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return cell if isinstance(cell, str | int | float) else str(cell)
