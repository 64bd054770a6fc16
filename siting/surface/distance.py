"""Exact Euclidean distance to marked cells, strip by strip, whatever the size of the raster.

The nearest marked row above and below a strip is all that a strip must know of the others. It is
found in one pass over the marks; the marks themselves are kept as bits (50 MB at 20,000 x 20,000).
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from siting.errors import InputError, Problem
from siting.surface.limits import FAR, HAS_NUMBA

Rows: TypeAlias = Callable[[int, int], NDArray[np.generic]]
"""Gives the rows [start, stop) of a raster, shape (stop - start, columns)."""

STRIP_ROWS: Final = 256
_LARGEST: Final = FAR // 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """The marked cells of a raster, ready to be asked for distances strip by strip.

    Parameters
    ----------
    shape
        Rows and columns.
    cell_m
        Height and width of a cell in metres.
    strip_rows
        Rows of a strip; the last may have fewer.
    bits
        Marks (rows, ceil(columns / 8)), packed along the row.
    above, below
        Nearest marked row before and after every strip, shape (n_strips, columns).
    whole
        All distances in metres, where they were found at once without the compiled kernels.
    """

    shape: tuple[int, int]
    cell_m: tuple[float, float]
    strip_rows: int
    bits: NDArray[np.uint8]
    above: NDArray[np.int32]
    below: NDArray[np.int32]
    whole: NDArray[np.float64] | None = None

    def marked(self, strip: int) -> NDArray[np.uint8]:
        """Return the marks of a strip, 0 or 1."""
        start, stop = span(strip, self.shape[0], self.strip_rows)
        return np.unpackbits(self.bits[start:stop], axis=1, count=self.shape[1])

    def gaps(self, strip: int) -> NDArray[np.int32]:
        """Return the rows to the nearest marked cell of the same column, for a strip."""
        marked = self.marked(strip)
        gaps = np.empty(marked.shape, np.int32)
        above, below = self.above[strip].copy(), self.below[strip].copy()
        _kernels().column_gaps(marked, strip * self.strip_rows, above, below, gaps)
        return gaps

    @property
    def ratio(self) -> float:
        """Square of the height of a cell in widths."""
        return (self.cell_m[0] / self.cell_m[1]) ** 2


def n_strips(rows: int, strip_rows: int) -> int:
    """Return how many strips a raster has."""
    return -(-rows // strip_rows)


def span(strip: int, rows: int, strip_rows: int) -> tuple[int, int]:
    """Return the first row of a strip, and the row after its last."""
    return strip * strip_rows, min((strip + 1) * strip_rows, rows)


def mark(
    read: Rows,
    shape: tuple[int, int],
    *,
    cell_m: tuple[float, float],
    strip_rows: int = STRIP_ROWS,
    is_compiled: bool = HAS_NUMBA,
) -> Marks:
    """Read marks once, from top to bottom.

    Parameters
    ----------
    read
        Gives rows of marks; anything but 0 is marked.
    shape
        Rows and columns, each below 2²⁷.
    cell_m
        Height and width of a cell in metres, above 0.
    strip_rows
        Rows read, and later answered, at a time, ≥ 1.
    is_compiled
        False finds all distances at once with SciPy: same answers, memory for the whole raster.

    Raises
    ------
    InputError
        If the shape or the size of a cell is none.
    """
    rows, columns = shape
    _check(shape, cell_m, strip_rows)
    count = n_strips(rows, strip_rows)
    bits = np.empty((rows, -(-columns // 8)), np.uint8)
    first = np.full((count, columns), FAR, np.int32)
    last = np.full((count, columns), -FAR, np.int32)
    whole = None if is_compiled else np.empty(shape, np.bool_)
    for strip in range(count):
        start, stop = span(strip, rows, strip_rows)
        marked = np.ascontiguousarray(np.asarray(read(start, stop)) != 0)
        if whole is not None:
            whole[start:stop] = marked
            continue
        bits[start:stop] = np.packbits(marked, axis=1)
        _kernels().first_and_last(marked.view(np.uint8), start, first[strip], last[strip])
    return Marks(
        shape=shape,
        cell_m=cell_m,
        strip_rows=strip_rows,
        bits=bits,
        above=_before(last),
        below=-_before(-first[::-1])[::-1],
        whole=None if whole is None else _find_whole(whole, cell_m),
    )


def _before(last: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return, for every strip and column, the largest of all strips before it."""
    found = np.full_like(last, -FAR)
    np.maximum.accumulate(last[:-1], axis=0, out=found[1:])
    return found


def distance_rows(marks: Marks, strip: int) -> NDArray[np.float32]:
    """Return the metres from the cells of a strip to the nearest marked cell, centre to centre.

    Returns
    -------
    ndarray
        Metres (rows, columns) ≥ 0, 0 in marked cells; infinite where no cell is marked at all.
    """
    if marks.whole is not None:
        start, stop = span(strip, marks.shape[0], marks.strip_rows)
        return marks.whole[start:stop].astype(np.float32)
    gaps = marks.gaps(strip)
    found = np.empty(gaps.shape, np.float32)
    _kernels().distances(gaps, marks.ratio, marks.cell_m[1], found)
    return found


def within_rows(marks: Marks, strip: int, radius_m: float) -> NDArray[np.bool_]:
    """Tell which cells of a strip lie at most ``radius_m`` (≥ 0) from a marked one."""
    if marks.whole is not None:
        start, stop = span(strip, marks.shape[0], marks.strip_rows)
        return np.asarray(marks.whole[start:stop] <= radius_m)
    gaps = marks.gaps(strip)
    found = np.zeros(gaps.shape, np.bool_)
    _kernels().mark_within(gaps, marks.ratio, radius_m / marks.cell_m[1], found)
    return found


def distance_to(
    marked: NDArray[np.generic], *, cell_m: tuple[float, float]
) -> NDArray[np.float32]:
    """Return the metres from every cell of an array in memory to the nearest cell that is not 0.

    Examples
    --------
    >>> distance_to(np.array([[0, 0, 1]]), cell_m=(10.0, 10.0)).tolist()
    [[20.0, 10.0, 0.0]]
    >>> distance_to(np.zeros((1, 2)), cell_m=(10.0, 10.0)).tolist()
    [[inf, inf]]
    """
    rows, columns = marked.shape
    marks = mark(lambda start, stop: marked[start:stop], (rows, columns), cell_m=cell_m)
    strips = [distance_rows(marks, k) for k in range(n_strips(rows, marks.strip_rows))]
    return np.concatenate(strips)


def _kernels() -> ModuleType:
    from siting.surface import kernels  # noqa: PLC0415 - the compiler takes a second to load

    return kernels


def _find_whole(marked: NDArray[np.bool_], cell_m: tuple[float, float]) -> NDArray[np.float64]:
    """Return all distances at once with SciPy, which takes about 30 bytes a cell."""
    if not marked.any():
        return np.full(marked.shape, np.inf)
    from scipy import ndimage  # noqa: PLC0415 - only needed where nothing is compiled

    found = ndimage.distance_transform_edt(~marked, sampling=cell_m)
    return np.asarray(found, np.float64)


def _check(shape: tuple[int, int], cell_m: tuple[float, float], strip_rows: int) -> None:
    is_shape = min(shape) >= 1 and max(shape) < _LARGEST and strip_rows >= 1
    is_size = all(np.isfinite(side) and side > 0 for side in cell_m)
    if not (is_shape and is_size):
        raise InputError(
            Problem(
                where="raster",
                what="no raster of that shape",
                got=f"{shape[0]} x {shape[1]} cells of {cell_m[0]:g} x {cell_m[1]:g} m",
                expected=f"1 to {_LARGEST - 1} rows and columns, cells larger than 0 m",
            )
        )
