"""Geometry as the page takes it: longitude and latitude, rounded, and coded to be small."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.crs import LONLAT, to_crs

DIGITS: Final = 5  # about 1 m
COARSE_DIGITS: Final = 2  # about 1 km; for places that must not be shown exactly
_STEPS_PER_DEGREE: Final = 10**DIGITS

Coded: TypeAlias = list[int]
"""x0, y0, dx1, dy1, dx2, … in steps of 0.00001 degree, (lon, lat) order."""


def point_columns(
    frame: gpd.GeoDataFrame, *, coarse: pd.Series | None = None
) -> Mapping[str, list[float | None]]:
    """Return ``lon`` and ``lat`` of every row's point, None where it has no place.

    Parameters
    ----------
    coarse
        Rows, on the frame's index, whose place is only told to 0.01 degree.
    """
    places = to_crs(frame, LONLAT).geometry
    columns = {}
    for name, values in (("lon", places.x), ("lat", places.y)):
        rounded = values.round(DIGITS)
        if coarse is not None:
            rounded = rounded.where(~coarse, values.round(COARSE_DIGITS))
        columns[name] = [None if np.isnan(value) else float(value) for value in rounded]
    return columns


def code_lines(frame: gpd.GeoDataFrame, *, tolerance_m: float) -> list[list[Coded]]:
    """Return the parts of every row's line, simplified in the frame's metric CRS."""
    lines = _simplified(frame, tolerance_m)
    return [[_code(part) for part in _parts(line)] for line in lines]


def code_polygons(
    frame: gpd.GeoDataFrame, *, tolerance_m: float, is_coverage: bool = False
) -> list[list[list[Coded]]]:
    """Return the polygons of every row, each a list of rings with the outer one first.

    Parameters
    ----------
    is_coverage
        The rows share borders, which must stay shared when they are simplified.
    """
    return [
        [
            [_code(ring) for ring in (part.exterior, *part.interiors)]
            for part in _parts(polygon)
            if isinstance(part, shapely.Polygon)
        ]
        for polygon in _simplified(frame, tolerance_m, is_coverage=is_coverage)
    ]


def _simplified(
    frame: gpd.GeoDataFrame, tolerance_m: float, *, is_coverage: bool = False
) -> gpd.GeoSeries:
    shapes = frame.geometry
    if is_coverage and len(shapes) and bool(shapely.coverage_is_valid(shapes.to_numpy())):
        simple = shapely.coverage_simplify(shapes.to_numpy(), tolerance_m)
        shapes = gpd.GeoSeries(simple, index=frame.index, crs=frame.crs)
    else:
        shapes = shapes.simplify(tolerance_m, preserve_topology=True)
    return to_crs(gpd.GeoDataFrame(geometry=shapes), LONLAT).geometry


def _parts(shape: shapely.Geometry | None) -> list[shapely.Geometry]:
    parts = [] if shape is None else shapely.get_parts(shape).tolist()
    return [part for part in parts if not part.is_empty]


def _code(shape: shapely.Geometry) -> Coded:
    """Return the shape's vertices as integer steps from one to the next."""
    steps = np.rint(shapely.get_coordinates(shape) * _STEPS_PER_DEGREE).astype(np.int64)
    moves = np.diff(steps, axis=0)
    moves = moves[(moves != 0).any(axis=1)]
    return [int(value) for value in np.vstack([steps[:1], moves]).ravel()]
