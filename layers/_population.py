"""Where people live, from a raster of population: a point for about every square kilometre."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Geod

from layers._raw import RawLayer, place
from layers.raster import RasterBlocks, open_grid
from layers.zonal import cover_shares
from siting.crs import to_lonlat
from siting.errors import CrsError, InputError, Problem
from siting.model import GridSpec, LayerSpec
from siting.schema import LayerSchema

PER_CELL: Final = "persons_per_cell"
PER_KM2: Final = "persons_per_km2"

_SIDE_M: Final = 1000.0
_MOST_POINTS: Final = 200_000
_CELLS_AT_ONCE: Final = 4_000_000
_KIND: Final = "townships"
_GEOD: Final = Geod(ellps="WGS84")


class _Squares(NamedTuple):
    """Squares with people: numbers of their rows and columns, persons, and where those live."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    persons: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def read_population(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the townships that a raster of population stands for.

    Cells are counted together in squares of about 1 km (cells larger than that stay single); a
    square's point is the mean place of its people. Squares without people are left out. With a
    boundary, cells on its edge count by the share of their area inside.

    Parameters
    ----------
    spec
        A GeoTIFF. ``columns = { population = "persons_per_cell" }`` says what its cells hold, or
        ``"persons_per_km2"``; nothing said is persons per cell. ``layer`` is the number of the band.
    schema
        That of townships; no other layer can come from a raster.

    Returns
    -------
    RawLayer
        ``id`` (row and column of the square, counted from the raster's upper left corner), names
        (empty), population in persons, ``basis`` = raster, points in the CRS of the raster.

    Raises
    ------
    InputError, CrsError, MissingFileError
        When the raster is wrong (see ``layers.raster.open_grid``), nobody lives in it, or it has so
        many squares that it must be cut first.
    """
    theirs = _check_asked(spec, schema)
    kind = "population_density" if theirs == PER_KM2 else "population"
    grid, record = open_grid(_grid_spec(spec, kind))
    crs = CRS.from_user_input(grid.crs)
    size = _square(grid, crs)
    outline = _outline(spec, crs)
    squares = _join(list(_squares(grid, crs, size, outline, is_density=theirs == PER_KM2)))
    _check_found(spec, squares)
    cells = pd.DataFrame(
        {
            "id": [f"P{r}-{c}" for r, c in zip(squares.row, squares.column, strict=True)],
            "name_zh": "",
            "name_en": "",
            theirs: squares.persons,
            "basis": "raster",
        }
    )
    points = np.asarray(shapely.points(squares.x, squares.y), dtype=object)
    return RawLayer(
        spec=spec,
        schema=schema,
        cells=cells,
        geometry=points,
        crs=crs,
        warnings=record.warnings,
    )


def _check_asked(spec: LayerSpec, schema: LayerSchema) -> str:
    """Return the name under which the study knows the cells; refuse what a raster cannot be."""
    problems = []
    if schema.kind != _KIND:
        problems.append(
            Problem(
                where=place(spec),
                what="a raster cannot be this layer",
                got=spec.reference,
                expected=f"a layer of {schema.geometry}s; a raster of population as {_KIND}",
                mend="Name other rasters under [grids].",
            )
        )
    theirs = spec.columns.get("population", PER_CELL)
    if theirs not in (PER_CELL, PER_KM2):
        problems.append(
            Problem(
                where=f"{place(spec)}: columns.population",
                what="unknown unit of the cells",
                got=repr(theirs),
                expected=f"{PER_CELL} or {PER_KM2}",
            )
        )
    if spec.layer is not None and not (spec.layer.isdecimal() and int(spec.layer) >= 1):
        problems.append(
            Problem(
                where=f"{place(spec)}: layer",
                what="no number of a band",
                got=repr(spec.layer),
                expected='1 or more, such as layer = "1"',
            )
        )
    if problems:
        raise InputError(*problems)
    return theirs if "population" in spec.columns else "population"


def _grid_spec(spec: LayerSpec, kind: str) -> GridSpec:
    return GridSpec(
        kind=kind,
        path=spec.path,
        reference=spec.reference,
        band=int(spec.layer or 1),
        crs=spec.crs,
    )


def _square(grid: RasterBlocks, crs: CRS) -> tuple[int, int]:
    """Return how many rows and columns of cells make a square of about 1 km."""
    a, _, c, _, e, f = grid.transform
    x, y = c + a * grid.shape[1] / 2, f + e * grid.shape[0] / 2
    (lon, lat), (east, _), (_, south) = to_lonlat([x, x + a, x], [y, y, y + e], crs)
    *_, width_m = _GEOD.inv(lon, lat, east, lat)
    *_, height_m = _GEOD.inv(lon, lat, lon, south)
    return max(1, round(_SIDE_M / height_m)), max(1, round(_SIDE_M / width_m))


def _outline(spec: LayerSpec, crs: CRS) -> shapely.Geometry | None:
    """Return the boundary as one polygon in the CRS of the raster."""
    if spec.boundary is None:
        return None
    where = f"{place(spec)}: boundary"
    try:
        frame = gpd.read_file(spec.boundary)
    except (DataSourceError, DataLayerError) as error:
        what, expected = "boundary cannot be read", "a file of polygons"
        raise InputError(Problem(where=where, what=what, expected=expected)) from error
    if getattr(frame, "crs", None) is None:  # a table without shapes is no GeoDataFrame
        raise CrsError(Problem(where=where, what="boundary has no coordinate system"))
    outline = frame.geometry.make_valid().to_crs(crs).union_all()
    if shapely.area(outline) == 0:
        raise InputError(Problem(where=where, what="boundary encloses nothing"))
    shapely.prepare(outline)
    return outline


def _squares(
    grid: RasterBlocks,
    crs: CRS,
    size: tuple[int, int],
    outline: shapely.Geometry | None,
    *,
    is_density: bool,
) -> Iterator[_Squares]:
    """Yield the squares of the raster, some rows of squares at a time."""
    rows, columns = grid.shape
    step = size[0] * max(1, _CELLS_AT_ONCE // (size[0] * columns))
    for start in range(0, rows, step):
        stop = min(start + step, rows)
        persons = np.nan_to_num(grid.read((start, stop), (0, columns)).astype(np.float64))
        if is_density:
            persons *= _areas_km2(grid, crs, start, stop)[:, None]
        if outline is not None:
            persons *= cover_shares(grid, outline, rows=(start, stop))
        yield _count(grid, persons, start, size)


def _count(
    grid: RasterBlocks, persons: NDArray[np.float64], start: int, size: tuple[int, int]
) -> _Squares:
    """Add up the cells of every square, and their places by the people in them."""
    a, _, c, _, e, f = grid.transform
    high, wide = np.arange(persons.shape[0]), np.arange(persons.shape[1])
    corners = high[:: size[0]], wide[:: size[1]]

    def together(cells: NDArray[np.float64]) -> NDArray[np.float64]:
        lines = np.add.reduceat(cells, corners[0], axis=0)
        return np.asarray(np.add.reduceat(lines, corners[1], axis=1), np.float64)

    total = together(persons)
    row, column = np.nonzero(total > 0)
    mean_column = together(persons * (wide + 0.5))[row, column] / total[row, column]
    mean_row = together(persons * (high + 0.5)[:, None])[row, column] / total[row, column]
    return _Squares(
        row=row + start // size[0],
        column=column,
        persons=total[row, column],
        x=c + a * mean_column,
        y=f + e * (start + mean_row),
    )


def _areas_km2(grid: RasterBlocks, crs: CRS, start: int, stop: int) -> NDArray[np.float64]:
    """Return the area on the ellipsoid of the cells of some rows, in the middle column."""
    a, _, c, _, e, f = grid.transform
    west = c + a * (grid.shape[1] // 2)
    x = np.array([west, west + a, west + a, west])
    areas = []
    for row in range(start, stop):
        top, bottom = f + e * row, f + e * (row + 1)
        corners = to_lonlat(x, [bottom, bottom, top, top], crs)
        area_m2, _ = _GEOD.polygon_area_perimeter(corners[:, 0], corners[:, 1])
        areas.append(abs(area_m2) / 1e6)
    return np.asarray(areas, np.float64)


def _join(parts: list[_Squares]) -> _Squares:
    return _Squares(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _check_found(spec: LayerSpec, squares: _Squares) -> None:
    count = len(squares.persons)
    if 0 < count <= _MOST_POINTS:
        return
    what = (
        "more squares with people than a study can use" if count else "nobody lives in the raster"
    )
    raise InputError(
        Problem(
            where=place(spec),
            what=what,
            got=f"{count} squares of 1 km",
            expected=f"1 to {_MOST_POINTS}",
            mend='Cut it to the study: add boundary = "FILE" to the layer.',
        )
    )
