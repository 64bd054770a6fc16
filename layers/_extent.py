"""How much of a study a raster covers."""

from typing import Final

import numpy as np
from pyproj import CRS, Transformer

from siting.crs import LONLAT, Bounds, to_lonlat
from siting.errors import InputError, Problem
from siting.model import BlockSource

_SIDE: Final = 50


def cover_warnings(grid: BlockSource, bounds: Bounds, *, where: str) -> tuple[str, ...]:
    """Return a warning where a raster does not cover the whole study.

    Parameters
    ----------
    bounds
        (west, south, east, north) of the study in degrees; 50 x 50 places in it are asked.
    where
        How to name the raster.

    Raises
    ------
    InputError
        When it covers none of it.
    """
    west, south, east, north = bounds
    lon, lat = np.meshgrid(np.linspace(west, east, _SIDE), np.linspace(south, north, _SIDE))
    step = Transformer.from_crs(LONLAT, CRS.from_user_input(grid.crs), always_xy=True)
    x, y = step.transform(lon.ravel(), lat.ravel())
    a, _, c, _, e, f = grid.transform
    with np.errstate(invalid="ignore"):
        column, row = (np.asarray(x) - c) / a, (np.asarray(y) - f) / e
        is_in = (column >= 0) & (column <= grid.shape[1]) & (row >= 0) & (row <= grid.shape[0])
    share = float(is_in.mean())
    if share == 0 and _is_apart(grid, bounds):
        raise InputError(
            Problem(
                where=where,
                what="the raster lies outside the study",
                got=f"no cell within {west:.2f} to {east:.2f} E, {south:.2f} to {north:.2f} N",
                expected="a raster of the study area",
                mend="Check the file, its CRS and the study's layers.",
            )
        )
    if share == 1:
        return ()
    return (f"covers {share:.0%} of the study's bounding box; beyond it nothing is known",)


def _is_apart(grid: BlockSource, bounds: Bounds) -> bool:
    """Tell whether not even the frame of a raster, which may be tiny, touches the study."""
    a, _, c, _, e, f = grid.transform
    rows, columns = grid.shape
    along = np.linspace(0.0, 1.0, _SIDE)
    column, row = (
        values.ravel() * n
        for values, n in zip(np.meshgrid(along, along), (columns, rows), strict=True)
    )
    lonlat = to_lonlat(c + a * column, f + e * row, CRS.from_user_input(grid.crs))
    west, south, east, north = bounds
    known = lonlat[np.isfinite(lonlat).all(axis=1)]
    if not len(known):
        return True
    low, high = known.min(axis=0), known.max(axis=0)
    return bool(low[0] > east or high[0] < west or low[1] > north or high[1] < south)
