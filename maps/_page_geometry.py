"""Geometry as the page takes it: longitude and latitude, rounded, and coded to be small."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps._page_columns import PLAIN_ROWS, Json, number_column, vlq
from siting.crs import LONLAT, to_crs

DIGITS: Final = 5  # about 1 m
COARSE_DIGITS: Final = 2  # about 1 km; for places that must not be shown exactly
_STEPS_PER_DEGREE: Final = 10**DIGITS

Coded: TypeAlias = list[int]
"""x0, y0, dx1, dy1, dx2, … in steps of 0.00001 degree, (lon, lat) order."""


def point_columns(
    frame: gpd.GeoDataFrame, *, coarse: pd.Series | None = None
) -> Mapping[str, list[float | None] | dict[str, Json]]:
    """Return ``lon`` and ``lat`` of every row's point, None where it has no place; packed where they are many.

    Parameters
    ----------
    coarse
        Rows, on the frame's index, whose place is only told to 0.01 degree.
    """
    places = to_crs(gpd.GeoDataFrame(geometry=placed(frame.geometry)), LONLAT).geometry
    columns = {}
    for name, values in (("lon", places.x), ("lat", places.y)):
        known = values
        if coarse is not None:
            known = known.where(~coarse, known.round(COARSE_DIGITS))
        columns[name] = number_column(known, digits=DIGITS)
    return columns


def line_column(
    frame: gpd.GeoDataFrame, *, tolerance_m: float
) -> list[list[Coded]] | dict[str, Json]:
    """Return the parts of every row's line as ``code_lines`` does; packed where the rows are many.

    Packed are the number of parts of each row, the vertices of each part, and the steps from each vertex to
    the next, on from the last vertex of the part before.
    """
    if len(frame) <= PLAIN_ROWS:
        return code_lines(frame, tolerance_m=tolerance_m)
    lines = _simplified(frame, tolerance_m).to_numpy()
    parts, row = shapely.get_parts(lines, return_index=True)
    places, part = shapely.get_coordinates(parts, return_index=True)
    known = np.isfinite(places).all(axis=1)
    steps, part = np.rint(places[known] * _STEPS_PER_DEGREE).astype(np.int64), part[known]
    is_new = (np.diff(steps, axis=0, prepend=0) != 0).any(axis=1)
    is_new |= np.diff(part, prepend=-1) != 0
    steps, part = steps[is_new], part[is_new]
    return {
        "parts": vlq(np.bincount(row, minlength=len(frame))),
        "sizes": vlq(np.bincount(part, minlength=len(parts))),
        "steps": vlq(np.diff(steps, axis=0, prepend=0).ravel()),
    }


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
    shapes = placed(frame.geometry)
    if is_coverage and len(shapes) and bool(shapely.coverage_is_valid(shapes.to_numpy())):
        simple = shapely.coverage_simplify(shapes.to_numpy(), tolerance_m)
        shapes = gpd.GeoSeries(simple, index=frame.index, crs=frame.crs)
    else:
        shapes = shapes.simplify(tolerance_m, preserve_topology=True)
    return to_crs(gpd.GeoDataFrame(geometry=shapes), LONLAT).geometry


def placed(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the shapes without those that have a coordinate that is no number, which cannot be drawn."""
    places, row = shapely.get_coordinates(shapes.to_numpy(), return_index=True)
    lost = np.zeros(len(shapes), dtype=bool)
    lost[row[~np.isfinite(places).all(axis=1)]] = True
    return gpd.GeoSeries(shapes.mask(lost, None)) if lost.any() else shapes


def _parts(shape: shapely.Geometry | None) -> list[shapely.Geometry]:
    parts = [] if shape is None else shapely.get_parts(shape).tolist()
    return [part for part in parts if not part.is_empty]


def _code(shape: shapely.Geometry) -> Coded:
    """Return the shape's vertices as integer steps from one to the next."""
    places = shapely.get_coordinates(shape)
    places = places[np.isfinite(places).all(axis=1)]
    steps = np.rint(places * _STEPS_PER_DEGREE).astype(np.int64)
    moves = np.diff(steps, axis=0)
    moves = moves[(moves != 0).any(axis=1)]
    return [int(value) for value in np.vstack([steps[:1], moves]).ravel()]
