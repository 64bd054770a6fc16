"""CSV: text in UTF-8, places as lon and lat columns or as well-known text."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers._crs import declared_crs
from layers._raw import GEOMETRY_COLUMNS, RawLayer, as_texts, place, quote, row_names
from siting.errors import CrsError, InputError, Problem, SitingError
from siting.model import LayerSpec
from siting.schema import LayerSchema


def read_table(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of a CSV file, every cell as text.

    Raises
    ------
    InputError
        When the file is not UTF-8 or not a table. What is wrong with places or CRS is in ``faults``.
    """
    cells = _read_cells(spec)
    if schema.geometry == "none":
        nowhere = np.full(len(cells), None, dtype=object)
        return RawLayer(spec=spec, schema=schema, cells=cells, geometry=nowhere, crs=None)
    faults: list[SitingError] = []
    geometry, crs = None, None
    try:
        crs = declared_crs(spec, None)
    except CrsError as error:
        faults.append(error)
    try:
        geometry = _read_geometry(spec, schema, cells)
    except InputError as error:
        faults.append(error)
    return RawLayer(
        spec=spec, schema=schema, cells=cells, geometry=geometry, crs=crs, faults=tuple(faults)
    )


def _read_cells(spec: LayerSpec) -> pd.DataFrame:
    try:
        text = Path(spec.path).read_bytes().decode("utf-8-sig")
        # The module csv refuses what pandas would fill in: a short row, an open quote.
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except UnicodeDecodeError as error:
        raise _unreadable(
            spec, "text is not UTF-8", f"byte {error.start}", "Save it as CSV UTF-8."
        ) from error
    except csv.Error as error:
        raise _unreadable(
            spec, "not a CSV table", str(error), "Mend the quotes, or bring it as GeoPackage."
        ) from error
    header = [name.strip() for name in rows[0]] if rows else []
    _check_shape(spec, header, rows)
    return pd.DataFrame(rows[1:], columns=header, dtype="str")


def _check_shape(spec: LayerSpec, header: list[str], rows: list[list[str]]) -> None:
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


def _read_geometry(
    spec: LayerSpec, schema: LayerSchema, cells: pd.DataFrame
) -> NDArray[np.object_]:
    """Return the places of the rows, None where blank."""
    x_name, y_name, wkt_name = (spec.columns.get(name, name) for name in GEOMETRY_COLUMNS)
    has_xy = x_name in cells and y_name in cells
    if wkt_name in cells and not (has_xy and schema.geometry == "point"):
        return _from_wkt(spec, cells)
    if has_xy:
        return _from_lonlat(spec, cells)
    raise InputError(
        Problem(
            where=place(spec),
            what="no columns to place the rows by",
            got=", ".join(cells.columns),
            expected=f"{x_name} and {y_name}, or {wkt_name}",
            mend='Say which they are: columns = { lon = "…", lat = "…" } or { wkt = "…" }.',
        )
    )


def _from_lonlat(spec: LayerSpec, cells: pd.DataFrame) -> NDArray[np.object_]:
    problems, ordinates = [], []
    for name in ("lon", "lat"):
        texts = pd.Series(as_texts(cells[spec.columns.get(name, name)]), dtype="str")
        values = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
        wrong = np.isnan(values) & (texts != "").to_numpy(np.bool_)
        if wrong.any():
            problems.append(
                Problem(
                    where=place(spec, name),
                    what=f"not a number: {texts[int(np.argmax(wrong))][:40]!r}",
                    got=quote(row_names(spec, cells), wrong),
                    expected="decimal degrees, or metres in a projected CRS",
                )
            )
        ordinates.append(values)
    if problems:
        raise InputError(*problems)
    x, y = ordinates
    known = ~(np.isnan(x) | np.isnan(y))
    geometry = np.full(len(x), None, dtype=object)
    geometry[known] = shapely.points(x[known], y[known])
    return geometry


def _from_wkt(spec: LayerSpec, cells: pd.DataFrame) -> NDArray[np.object_]:
    texts = np.array(as_texts(cells[spec.columns.get("wkt", "wkt")]), dtype=object)
    texts[texts == ""] = None
    geometry = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    wrong = shapely.is_missing(geometry) & np.array([text is not None for text in texts])
    if wrong.any():
        raise InputError(
            Problem(
                where=place(spec, "wkt"),
                what=f"not well-known text: {texts[int(np.argmax(wrong))][:40]!r}",
                got=quote(row_names(spec, cells), wrong),
                expected="such as POINT (120.38 36.07)",
            )
        )
    return geometry
