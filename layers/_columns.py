"""From a file's cells to the columns of the schema, with everything wrong in them."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers._numbers import Numbers, find_decimal, is_in_doubt, to_numbers
from layers._places import unclear_column
from layers._raw import GEOMETRY_COLUMNS, RawLayer, as_texts, place, quote, row_names
from siting.errors import Problem
from siting.schema import Column

_FLAGS = (0.0, 1.0)


def check_columns(
    raw: RawLayer,
) -> tuple[pd.DataFrame | None, list[Problem], tuple[str, ...]]:
    """Return the schema's columns of a layer and every problem in them.

    Text is trimmed, "" where empty; numbers are float64, NaN where not filled; flags are int8.
    Columns that are neither required nor in the file come out empty. Numbers that are text are read,
    units beside them are not.

    Parameters
    ----------
    raw
        Rows under the file's own column names.

    Returns
    -------
    tuple
        The frame (same rows and order), None when a column is missing, the problems, and what was
        repaired.
    """
    raw = raw if raw.decimal else replace(raw, decimal=_find_decimal(raw))
    problems = _check_mapping(raw) + _check_present(raw)
    names = row_names(raw.spec, raw.cells)
    columns: dict[str, pd.Series] = {}
    repairs: list[str] = []
    for column in raw.schema.columns:
        theirs = raw.spec.columns.get(column.name, column.name)
        if theirs in raw.cells:
            values, found, told = _check_cells(raw, column, raw.cells[theirs], names)
            columns[column.name] = values
            problems += found
            repairs += told
        elif not column.required:
            columns[column.name] = _empty(column, len(raw.cells))
    problems += _check_unique(raw, columns.get("id"))
    is_complete = len(columns) == len(raw.schema.columns)
    return (pd.DataFrame(columns) if is_complete else None), problems, tuple(repairs)


def count_trimmed(raw: RawLayer) -> int:
    """Count the cells of the schema's columns with spaces round them."""
    theirs = (raw.spec.columns.get(name, name) for name in raw.schema.names)
    columns = [raw.cells[name] for name in theirs if name in raw.cells]
    texts = (cells for cells in columns if not pd.api.types.is_numeric_dtype(cells.dtype))
    return sum(
        count
        for cells in texts
        for cell, count in Counter(filter(_is_text, cells.tolist())).items()
        if cell != cell.strip()
    )


def _is_text(cell: object) -> bool:
    return isinstance(cell, str)


def _check_mapping(raw: RawLayer) -> list[Problem]:
    """Refuse a mapping that maps nothing: a name of ours or of the file that does not exist."""
    known = (*raw.schema.names, *GEOMETRY_COLUMNS)
    problems = [
        Problem(
            where=f"{place(raw.spec)}: columns",
            what="no such column in this kind of layer",
            got=repr(ours),
            expected=", ".join(known),
            mend="Write columns as { our name = file's name }.",
        )
        for ours in raw.spec.columns
        if ours not in known
    ]
    return problems + [
        Problem(
            where=f"{place(raw.spec)}: columns",
            what=f"the file has no column for {ours}",
            got=repr(theirs),
            expected=f"one of {', '.join(map(str, raw.cells.columns))}",
        )
        for ours, theirs in raw.spec.columns.items()
        if ours in known and theirs not in raw.cells
    ]


def _check_present(raw: RawLayer) -> list[Problem]:
    missing = [
        column.name
        for column in raw.schema.columns
        if column.required and column.name not in raw.spec.columns and column.name not in raw.cells
    ]
    unclear = [
        unclear_column(raw.spec, name, raw.unclear[name])
        for name in missing
        if name in raw.unclear
    ]
    missing = [name for name in missing if name not in raw.unclear]
    if not missing:
        return unclear
    return [
        *unclear,
        Problem(
            where=place(raw.spec),
            what=f"missing column{'' if len(missing) == 1 else 's'} {', '.join(missing)}",
            got=", ".join(map(str, raw.cells.columns)),
            expected="these columns or a mapping",
            mend=f'If the file names it otherwise: columns = {{ {missing[0]} = "its name" }}.',
        ),
    ]


def _check_cells(
    raw: RawLayer, column: Column, cells: pd.Series, names: list[str]
) -> tuple[pd.Series, list[Problem], list[str]]:
    """Return one column in its type, what is wrong with it and what was repaired."""
    texts = np.array(as_texts(cells), dtype=object)
    repairs: list[str] = []
    blank = texts == ""
    found: list[tuple[NDArray[np.bool_], str, str]] = []
    if column.filled:
        found.append((blank, "not filled", "a value in every row"))
    if column.dtype == "text":
        values = pd.Series(texts, dtype="str")
        if column.choices:
            wrong = ~blank & ~np.isin(texts, column.choices)
            found.append(
                (wrong, _example("unknown value", texts, wrong), " or ".join(column.choices))
            )
    else:
        numbers, mended = _to_numbers(cells, texts, raw.decimal)
        if mended and raw.decimal != ",":
            repairs.append(f"column {column.name}: {mended} numbers read from text")
        found += _check_numbers(column, numbers, texts)
        values = _typed(column, numbers)
    return (
        values,
        [
            Problem(
                where=place(raw.spec, column.name),
                what=what,
                got=quote(names, rows),
                expected=need,
            )
            for rows, what, need in found
            if rows.any()
        ],
        repairs,
    )


def _find_decimal(raw: RawLayer) -> str:
    """Return the decimal mark that the numbers of a file prove, the point where none does."""
    texts = (
        cell
        for column in raw.schema.columns
        if column.dtype in {"number", "integer"}
        and (theirs := raw.spec.columns.get(column.name, column.name)) in raw.cells
        and not pd.api.types.is_numeric_dtype(raw.cells[theirs].dtype)
        for cell in raw.cells[theirs].tolist()
        if isinstance(cell, str)
    )
    return find_decimal(texts, in_doubt=".")


def _to_numbers(cells: pd.Series, texts: NDArray[np.object_], decimal: str) -> Numbers:
    """Return numbers, NaN where blank or no number."""
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return Numbers(cells.to_numpy(dtype=np.float64, na_value=np.nan), 0)
    return to_numbers(texts.tolist(), decimal)


def _check_numbers(
    column: Column, numbers: NDArray[np.float64], texts: NDArray[np.object_]
) -> list[tuple[NDArray[np.bool_], str, str]]:
    """Return masks of the rows that are wrong, with what is wrong and what would be right."""
    unit = f" {column.unit}" if column.unit else ""
    known = texts != ""
    no_number = known & np.isnan(numbers)
    found = [
        (no_number, _example("not a number", texts, no_number), _digits(texts, no_number)),
        (np.isinf(numbers), "not a finite number", "a finite number"),
    ]
    finite = np.isfinite(numbers)
    if column.dtype == "flag":
        wrong = finite & ~np.isin(numbers, _FLAGS)
        return [*found, (wrong, _example("not a flag", texts, wrong), "0 or 1")]
    if column.minimum is not None:
        wrong = finite & (numbers < column.minimum)
        need = f"at least {column.minimum:g}{unit}"
        found.append((wrong, _example("too small", texts, wrong), need))
    if column.maximum is not None:
        wrong = finite & (numbers > column.maximum)
        need = f"at most {column.maximum:g}{unit}"
        found.append((wrong, _example("too large", texts, wrong), need))
    if column.dtype == "integer":
        wrong = finite & (numbers != np.round(numbers))
        found.append((wrong, _example("not whole", texts, wrong), "a whole number"))
    return found


def _digits(texts: NDArray[np.object_], wrong: NDArray[np.bool_]) -> str:
    """Say how a number is written; of one that may be either, that it is in doubt."""
    if any(map(is_in_doubt, texts[wrong])):
        return "digits, point as decimal mark; a comma may be a decimal or a thousands mark here"
    return "digits, point as decimal mark"


def _typed(column: Column, numbers: NDArray[np.float64]) -> pd.Series:
    if column.dtype == "flag" and np.isin(numbers, _FLAGS).all():
        return pd.Series(numbers.astype(np.int8))
    return pd.Series(numbers)


def _empty(column: Column, rows: int) -> pd.Series:
    if column.dtype == "text":
        return pd.Series([""] * rows, dtype="str")
    return pd.Series(np.full(rows, np.nan))


def _example(what: str, texts: NDArray[np.object_], rows: NDArray[np.bool_]) -> str:
    """Add the first of the wrong values, cut, so that the message shows one."""
    return f"{what}: {texts[int(np.argmax(rows))][:40]!r}" if rows.any() else what


def _check_unique(raw: RawLayer, ids: pd.Series | None) -> list[Problem]:
    if ids is None:
        return []
    repeated = sorted(set(ids[ids.duplicated() & (ids != "")]))
    if not repeated:
        return []
    return [
        Problem(
            where=place(raw.spec, "id"),
            what="id repeated",
            got=quote(repeated, np.ones(len(repeated), dtype=np.bool_)).replace("row", "id", 1),
            expected="every id once",
        )
    ]
