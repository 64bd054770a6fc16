"""Rows of a table to a layer: places from lon and lat columns or from well-known text."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from layers._crs import declared_crs
from layers._names import recognise
from layers._numbers import find_decimal, to_numbers
from layers._raw import GEOMETRY_COLUMNS, RawLayer, as_texts, place, quote, row_names
from siting.errors import CrsError, InputError, Problem, SitingError
from siting.model import LayerSpec
from siting.schema import LayerSchema

_LON_LAT = ("lon", "lat")


def place_rows(
    spec: LayerSpec,
    schema: LayerSchema,
    cells: pd.DataFrame,
    *,
    repairs: tuple[str, ...] = (),
    in_doubt: str = ".",
) -> RawLayer:
    """Return the rows of a table as a layer.

    Parameters
    ----------
    spec, schema
        Of the layer.
    cells
        Rows under the file's own column names.
    repairs
        What the reader has to tell.
    in_doubt
        Decimal mark where no cell proves one; ``?`` refuses numbers that depend on it.
    """
    wanted = () if schema.geometry == "none" else GEOMETRY_COLUMNS
    naming = recognise(spec, wanted, cells)
    spec = replace(spec, columns=naming.columns)
    decimal = find_decimal(_numeric_texts(spec, schema, cells), in_doubt=in_doubt)
    if decimal == ",":
        repairs += ("decimal commas read",)
    raw = RawLayer(
        spec=spec,
        schema=schema,
        cells=cells,
        geometry=np.full(len(cells), None, dtype=object),
        crs=None,
        repairs=repairs + naming.repairs,
        decimal=decimal,
    )
    return raw if schema.geometry == "none" else _placed(raw, naming.unclear)


def with_shapes(
    spec: LayerSpec,
    schema: LayerSchema,
    frame: gpd.GeoDataFrame,
    *,
    repairs: tuple[str, ...] = (),
) -> RawLayer:
    """Return the rows of a file that carries geometry and, mostly, its CRS."""
    cells = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    if schema.geometry == "none":
        return place_rows(spec, schema, cells, repairs=repairs)
    crs, faults = _declared(spec, _crs_of(frame))
    return RawLayer(
        spec=spec,
        schema=schema,
        cells=cells,
        geometry=np.asarray(frame.geometry, dtype=object),
        crs=crs,
        faults=faults,
        repairs=repairs,
    )


def has_places(spec: LayerSpec, schema: LayerSchema, cells: pd.DataFrame) -> bool:
    """Tell whether a table says where its rows are."""
    naming = recognise(spec, GEOMETRY_COLUMNS, cells)
    here = {name for name in GEOMETRY_COLUMNS if naming.columns.get(name, name) in cells}
    return schema.geometry == "none" or "wkt" in here or set(_LON_LAT) <= here


def _numeric_texts(spec: LayerSpec, schema: LayerSchema, cells: pd.DataFrame) -> Iterable[str]:
    numeric = [c.name for c in schema.columns if c.dtype in {"number", "integer"}]
    for name in (*numeric, *_LON_LAT):
        theirs = spec.columns.get(name, name)
        if theirs in cells:
            yield from (cell for cell in cells[theirs].tolist() if isinstance(cell, str))


def _placed(raw: RawLayer, unclear: Mapping[str, tuple[str, ...]]) -> RawLayer:
    """Return the layer with its places and CRS, what is wrong with them in ``faults``."""
    crs, faults = _declared(raw.spec, None)
    geometry = None
    try:
        geometry = _read_geometry(raw, unclear)
    except InputError as error:
        faults += (error,)
    return replace(raw, geometry=geometry, crs=crs, faults=faults)


def _declared(spec: LayerSpec, found: CRS | None) -> tuple[CRS | None, tuple[SitingError, ...]]:
    try:
        return declared_crs(spec, found), ()
    except CrsError as error:
        return None, (error,)


def _crs_of(frame: gpd.GeoDataFrame) -> CRS | None:
    # A GeoPackage without CRS is read as GDAL's "Undefined geographic SRS" or "… Cartesian SRS".
    return None if frame.crs is None or "ndefined" in frame.crs.name else frame.crs


def _read_geometry(raw: RawLayer, unclear: Mapping[str, tuple[str, ...]]) -> NDArray[np.object_]:
    """Return the places of the rows, None where blank."""
    spec, cells = raw.spec, raw.cells
    x_name, y_name, wkt_name = (spec.columns.get(name, name) for name in GEOMETRY_COLUMNS)
    has_xy = x_name in cells and y_name in cells
    if wkt_name in cells and not (has_xy and raw.schema.geometry == "point"):
        return _from_wkt(spec, cells)
    if has_xy:
        return _from_lonlat(raw)
    for ours, theirs in unclear.items():
        raise InputError(unclear_column(spec, ours, theirs))
    raise InputError(
        Problem(
            where=place(spec),
            what="no columns to place the rows by",
            got=", ".join(map(str, cells.columns)),
            expected=f"{x_name} and {y_name}, or {wkt_name}",
            mend='Say which they are: columns = { lon = "…", lat = "…" } or { wkt = "…" }.',
        )
    )


def unclear_column(spec: LayerSpec, ours: str, theirs: tuple[str, ...]) -> Problem:
    """Say that several columns of the file may be one of ours."""
    return Problem(
        where=place(spec),
        what=f"several columns may be {ours}",
        got=", ".join(theirs),
        expected="one of them named",
        mend=f'Say which: columns = {{ {ours} = "its name" }}.',
    )


def _from_lonlat(raw: RawLayer) -> NDArray[np.object_]:
    problems, ordinates = [], []
    for name in _LON_LAT:
        texts = as_texts(raw.cells[raw.spec.columns.get(name, name)])
        values = to_numbers(texts, raw.decimal).numbers
        wrong = np.isnan(values) & np.array([text != "" for text in texts], dtype=np.bool_)
        if wrong.any():
            first = texts[int(np.argmax(wrong))][:40]
            need = "decimal degrees, or metres in a projected CRS"
            problems.append(
                Problem(
                    where=place(raw.spec, name),
                    what=f"not a number: {first!r}",
                    got=quote(row_names(raw.spec, raw.cells), wrong),
                    expected=f"{need}, with a point" if raw.decimal == "?" else need,
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
