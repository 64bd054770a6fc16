"""Cells of a raster: which one a place lies in, how large it is, how steep the ground.

A raster stays in its own CRS. Metres come from the ellipsoid, so that degrees, feet and the
stretched metres of a Mercator raster are measured alike.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer

from siting.crs import to_lonlat
from siting.model import BlockSource

_BLOCK: Final = 512
_GEOD: Final = Geod(ellps="WGS84")


def cell_sizes_m(
    grid: BlockSource, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return height and width in metres of the cells of some rows, measured in the middle column.

    Parameters
    ----------
    grid
        Its columns run east and its rows south or north (no rotation).
    rows
        Row numbers (n,).

    Returns
    -------
    tuple
        Heights and widths (n,), above 0.
    """
    a, _, c, _, e, f = grid.transform
    crs = CRS.from_user_input(grid.crs)
    x, y = c + a * (grid.shape[1] // 2 + 0.5), f + e * (rows + 0.5)
    half_a, half_e = np.full(len(rows), abs(a) / 2), np.full(len(rows), abs(e) / 2)
    west, east = to_lonlat(x - half_a, y, crs), to_lonlat(x + half_a, y, crs)
    south = to_lonlat(np.full(len(rows), x), y - half_e, crs)
    north = to_lonlat(np.full(len(rows), x), y + half_e, crs)
    return _apart_m(south, north), _apart_m(west, east)


def sample(
    grid: BlockSource, x: NDArray[np.float64], y: NDArray[np.float64], *, crs: str
) -> NDArray[np.float32]:
    """Return the value of the cell that each place lies in.

    Parameters
    ----------
    grid
        The raster; only the blocks with places in them are read.
    x, y
        Coordinates (n,) in ``crs``.

    Returns
    -------
    ndarray
        Values (n,); NaN outside the raster and where it has no data.
    """
    return _by_block(grid, x, y, crs=crs, take=_take_value)


def sample_slope_deg(
    grid: BlockSource, x: NDArray[np.float64], y: NDArray[np.float64], *, crs: str
) -> NDArray[np.float32]:
    """Return how steep the ground is at places, after the heights of a cell and its 8 neighbours.

    Parameters
    ----------
    grid
        Heights in metres.
    x, y
        Coordinates (n,) in ``crs``.

    Returns
    -------
    ndarray
        Degrees (n,) in [0, 90); NaN where one of the nine heights is not known.

    References
    ----------
    Horn, B. K. P. (1981). Hill shading and the reflectance map. Proceedings of the IEEE 69, 14-47.
    """
    return _by_block(grid, x, y, crs=crs, take=_take_slope)


def slope_deg(
    heights: NDArray[np.float32], height_m: NDArray[np.float64], width_m: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the slope of the inner cells of a block of heights, after Horn (1981).

    Parameters
    ----------
    heights
        Metres (rows + 2, columns + 2).
    height_m, width_m
        Sizes of the cells of each inner row in metres (rows,).

    Returns
    -------
    ndarray
        Degrees (rows, columns) in [0, 90), NaN where one of the nine heights is not known.

    Examples
    --------
    >>> ramp = np.tile(np.arange(3, dtype=np.float32), (3, 1))
    >>> slope_deg(ramp, np.ones(1), np.ones(1)).round(3).tolist()
    [[45.0]]
    """
    z = heights.astype(np.float64)
    west = z[:-2, :-2] + 2 * z[1:-1, :-2] + z[2:, :-2]
    east = z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:]
    north = z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:]
    south = z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:]
    across = (east - west) / (8 * width_m[:, None])
    along = (south - north) / (8 * height_m[:, None])
    middle = np.where(np.isnan(z[1:-1, 1:-1]), np.nan, 0.0)  # Horn leaves the cell itself out
    steep = np.degrees(np.arctan(np.hypot(across, along)) + middle)
    return np.asarray(steep, np.float32)


_Take = Callable[[BlockSource, NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]


def _by_block(
    grid: BlockSource, x: NDArray[np.float64], y: NDArray[np.float64], *, crs: str, take: _Take
) -> NDArray[np.float32]:
    """Ask each block of the raster once for all places in it."""
    row, column = _cells(grid, x, y, crs)
    found = np.full(len(row), np.nan, np.float32)
    rows, columns = grid.shape
    is_in = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    inside = np.flatnonzero(is_in)
    block = (row[inside] // _BLOCK) * (columns // _BLOCK + 1) + column[inside] // _BLOCK
    order = np.argsort(block, kind="stable")
    parts = np.split(inside[order], np.flatnonzero(np.diff(block[order])) + 1)
    for part in parts if len(inside) else ():
        found[part] = take(grid, row[part], column[part])
    return found


def _cells(
    grid: BlockSource, x: NDArray[np.float64], y: NDArray[np.float64], crs: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row and column of the cell of each place; -1 where the raster's CRS has no image."""
    step = Transformer.from_crs(crs, grid.crs, always_xy=True)
    east, north = (np.asarray(values, np.float64) for values in step.transform(x, y))
    a, _, c, _, e, f = grid.transform
    with np.errstate(invalid="ignore"):
        row, column = np.floor((north - f) / e), np.floor((east - c) / a)
    beyond = max(grid.shape) + 1.0
    bad = ~(np.isfinite(row) & np.isfinite(column))
    row, column = (np.where(bad, -1.0, np.clip(v, -1.0, beyond)) for v in (row, column))
    return row.astype(np.int64), column.astype(np.int64)


def _take_value(
    grid: BlockSource, row: NDArray[np.int64], column: NDArray[np.int64]
) -> NDArray[np.float32]:
    top, left = int(row.min()), int(column.min())
    values = grid.read((top, int(row.max()) + 1), (left, int(column.max()) + 1))
    return np.asarray(values[row - top, column - left], np.float32)


def _take_slope(
    grid: BlockSource, row: NDArray[np.int64], column: NDArray[np.int64]
) -> NDArray[np.float32]:
    top, left = int(row.min()), int(column.min())
    bottom, right = int(row.max()) + 1, int(column.max()) + 1
    heights = _read_around(grid, (top, bottom), (left, right))
    height_m, width_m = cell_sizes_m(grid, np.arange(top, bottom))
    return slope_deg(heights, height_m, width_m)[row - top, column - left]


def _read_around(
    grid: BlockSource, rows: tuple[int, int], columns: tuple[int, int]
) -> NDArray[np.float32]:
    """Return a block with a frame of one cell, NaN beyond the edge of the raster."""
    (top, bottom), (left, right) = rows, columns
    found = np.full((bottom - top + 2, right - left + 2), np.nan, np.float32)
    r0, r1 = max(top - 1, 0), min(bottom + 1, grid.shape[0])
    c0, c1 = max(left - 1, 0), min(right + 1, grid.shape[1])
    inner = found[r0 - top + 1 : r1 - top + 1, c0 - left + 1 : c1 - left + 1]
    inner[:] = grid.read((r0, r1), (c0, c1))
    return found


def _apart_m(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    *_, away_m = _GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    return np.asarray(away_m, np.float64)
