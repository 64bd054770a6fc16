"""The outline of what lies within a limit on a grid, by marching squares."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

# Pieces of the outline in a cell, from side to side with the inside to the left, and the corners that
# are inside where they are drawn. Corners count 1, 2, 4, 8 from the south-west anticlockwise; sides go
# 0…3 from the south anticlockwise. Of two opposite corners (5 and 10) each is cut off by itself, so that
# more inside never leaves anything out.
_PIECES: Final = (
    (0, 3, (1, 5)),
    (1, 0, (2, 10)),
    (2, 1, (4, 5)),
    (3, 2, (8, 10)),
    (1, 3, (3,)),
    (2, 0, (6,)),
    (0, 2, (9,)),
    (3, 1, (12,)),
    (2, 3, (7,)),
    (1, 2, (11,)),
    (0, 1, (13,)),
    (3, 0, (14,)),
)
_CORNERS: Final = ((0, 0), (0, 1), (1, 1), (1, 0))  # (row, column) of the corners in that order
_ALL_IN: Final = 15
# Each side from its western or southern corner, so that cells that share it agree to the last bit:
# (row, column) of that corner, and whether it runs north.
_SIDES: Final = ((0, 0, 0), (0, 1, 1), (1, 0, 0), (0, 0, 1))
_NEAR_CORNER: Final = 1e-3


def outline(
    left: NDArray[np.floating], *, x_m: float, y_m: float, step_m: float
) -> shapely.MultiPolygon:
    """Return the region where something is left, with its holes.

    Parameters
    ----------
    left
        What is left at the points of the grid (rows northwards, columns eastwards), inside where ≥ 0.
        Beyond its border nothing is left.
    x_m, y_m
        Where the first point lies.
    step_m
        Distance between points.

    Returns
    -------
    MultiPolygon
        Its border is where ``left`` passes zero, linear between neighbouring points; empty if nothing
        is inside.

    References
    ----------
    Lorensen and Cline (1987), in the plane.
    """
    field = np.pad(left, 1, constant_values=-1.0)
    row, column, corners = _mixed_cells(field >= 0)
    starts, stops = [], []
    for one, other, kinds in _PIECES:
        those = np.flatnonzero(np.isin(corners, kinds))
        starts.append(_sides(row[those], column[those], one, field.shape[1]))
        stops.append(_sides(row[those], column[those], other, field.shape[1]))
    start, stop = np.concatenate(starts), np.concatenate(stops)
    order = np.argsort(start)
    start, stop = start[order], stop[order]
    # The border stands one step before the first point.
    xy = (_crossings(field, start) - 1.0) * step_m + np.array([x_m, y_m])
    return _polygons([xy[ring] for ring in _rings(np.searchsorted(start, stop).tolist())])


def _mixed_cells(
    is_in: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint8]]:
    """Return the cells with corners inside and outside: row, column, and which corners are in."""
    rows, columns = is_in.shape
    corners = np.zeros((rows - 1, columns - 1), dtype=np.uint8)
    for k, (r, c) in enumerate(_CORNERS):
        corners |= is_in[r : rows - 1 + r, c : columns - 1 + c].astype(np.uint8) << k
    row, column = np.nonzero((corners > 0) & (corners < _ALL_IN))
    return row, column, corners[row, column]


def _sides(
    row: NDArray[np.intp], column: NDArray[np.intp], side: int, n_columns: int
) -> NDArray[np.intp]:
    """Return a number for a side of each cell, the same from both cells it belongs to."""
    down, right, is_north = _SIDES[side]
    numbers: NDArray[np.intp] = 2 * ((row + down) * n_columns + column + right) + is_north
    return numbers


def _crossings(field: NDArray[np.floating], side: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return where zero is passed on numbered sides, (column, row) in steps."""
    at, is_north = side >> 1, side & 1
    flat, n_columns = field.ravel(), field.shape[1]
    a, b = flat[at], flat[at + np.where(is_north, n_columns, 1)]
    # Not at a corner, where outlines of two cells would touch.
    share = np.clip(a / (a - b), _NEAR_CORNER, 1.0 - _NEAR_CORNER)
    return np.column_stack(
        [at % n_columns + share * (1 - is_north), at // n_columns + share * is_north]
    )


def _rings(following: list[int]) -> list[list[int]]:
    """Return the closed walks of a permutation: the outline is passed once everywhere."""
    rings, is_done = [], [False] * len(following)
    for first in range(len(following)):
        ring, at = [], first
        while not is_done[at]:
            is_done[at] = True
            ring.append(at)
            at = following[at]
        if ring:
            rings.append(ring)
    return rings


def _polygons(rings: list[NDArray[np.float64]]) -> shapely.MultiPolygon:
    """Return polygons of rings: those that turn left are shells, the others holes of the least shell."""
    if not rings:
        return shapely.MultiPolygon()
    closed = [shapely.LinearRing(ring) for ring in rings]
    is_shell = shapely.is_ccw(closed)
    shells = [ring for ring, ok in zip(closed, is_shell, strict=True) if ok]
    holes = [ring for ring, ok in zip(closed, is_shell, strict=True) if not ok]
    ground = shapely.polygons(shells)
    within: list[list[shapely.LinearRing]] = [[] for _ in shells]
    corner = shapely.get_point(holes, 0)
    hole, shell = shapely.STRtree(ground).query(corner, predicate="within")
    order = np.lexsort((shapely.area(ground)[shell], hole))
    _, first = np.unique(hole[order], return_index=True)
    for h, s in zip(hole[order][first], shell[order][first], strict=True):
        within[s].append(holes[h])
    return shapely.MultiPolygon(
        [shapely.Polygon(ring, inner) for ring, inner in zip(shells, within, strict=True)]
    )
