"""CSV: text in whatever encoding, cells divided by commas, semicolons or tabs."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from layers._places import place_rows
from layers._raw import RawLayer, place, quote
from layers._text import decode
from siting.errors import InputError, Problem
from siting.model import LayerSpec
from siting.schema import LayerSchema

_DIVIDERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_LONGEST_CELL = 2**30  # the outline of a country as well-known text


def read_table(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of a CSV file, every cell as text.

    Raises
    ------
    InputError
        When the file is no text or not a table. What is wrong with places or CRS is in ``faults``.
    """
    text, repairs = decode(Path(spec.path).read_bytes(), spec)
    divider = _find_divider(text)
    if divider != ",":
        repairs += (f"cells divided by {_DIVIDERS[divider]}",)
    cells, blank = to_cells(spec, _split(spec, text, divider))
    # A comma that divides no cells may divide numbers, either way.
    in_doubt = "?" if divider == ";" else "."
    return place_rows(spec, schema, cells, repairs=repairs + blank, in_doubt=in_doubt)


def to_cells(
    spec: LayerSpec, rows: Sequence[Sequence[str | float | int]]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return rows below their header as a frame, rows without a value left out and told.

    Raises
    ------
    InputError
        When a name stands twice in the header, or a row is longer or shorter.
    """
    header = [str(name).strip() for name in rows[0]] if rows else []
    _check_shape(spec, header, rows)
    index = [i for i, row in enumerate(rows[1:]) if any(str(cell).strip() for cell in row)]
    blank = len(rows[1:]) - len(index)
    kept = [rows[i + 1] for i in index]
    # An object column keeps what a cell of a workbook is: 007 as text is no 7.
    cells = pd.DataFrame(kept, columns=header, index=index, dtype=object)
    return cells, (f"{blank} blank rows left out",) if blank else ()


def _find_divider(text: str) -> str:
    """Return what divides the cells of the first line; the comma where nothing does."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    counts = {mark: _count(head, mark) for mark in _DIVIDERS}
    return max(counts, key=lambda mark: counts[mark])  # the first of equals: the comma


def _count(line: str, mark: str) -> int:
    return line.count(mark) - sum(part.count(mark) for part in line.split('"')[1::2])


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let the module csv read the long outlines that well-known text may hold."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _split(spec: LayerSpec, text: str, divider: str) -> list[list[str]]:
    try:
        with _long_cells():
            # The module csv refuses what pandas would fill in: a short row, an open quote.
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True)
            return [row for row in reader if row]
    except csv.Error as error:
        raise _unreadable(
            spec, "not a CSV table", str(error), "Mend the quotes, or bring it as GeoPackage."
        ) from error


def _check_shape(
    spec: LayerSpec, header: list[str], rows: Sequence[Sequence[str | float | int]]
) -> None:
    """Refuse what would shift cells: a name twice, a row longer or shorter than the header."""
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise _unreadable(spec, "column name repeated", ", ".join(twice), "Rename one of them.")
    ragged = np.array([len(row) != len(header) for row in rows[1:]], dtype=np.bool_)
    if ragged.any():
        names = [f"row {number}" for number in range(1, len(rows))]
        raise _unreadable(
            spec,
            f"rows with more or fewer cells than the {len(header)} columns",
            quote(names, ragged),
            "Quote cells that hold a comma.",
        )


def _unreadable(spec: LayerSpec, what: str, got: str, mend: str) -> InputError:
    return InputError(Problem(where=place(spec), what=what, got=got, mend=mend))
