"""Compiled kernels of the exact Euclidean distance and of the overlay, one strip of rows at a time.

Distances are those of Felzenszwalb & Huttenlocher (2012, Theory of Computing 8, 415-428) and
Meijster et al. (2000): first down and up every column, then the lower envelope of parabolas along
every row. A parabola's height is ``ratio * gap²`` with ``ratio`` = (cell height / cell width)², so
that everything is counted in cell widths; with square cells all comparisons are between whole
numbers below 2⁵³ and therefore exact.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from siting.surface.limits import FAR

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

_NONE: Final = FAR >> 1  # a gap at least as large goes to such a cell, since rasters are smaller


def _compiled(function: _Kernel) -> _Kernel:
    """Compile on first call and keep the result on disk; strict floats, other threads may run."""
    return cast("_Kernel", njit(nogil=True, cache=True)(function))


@_compiled
def first_and_last(
    marked: NDArray[np.uint8], start: int, first: NDArray[np.int32], last: NDArray[np.int32]
) -> None:
    """Note the first and the last marked row of every column of a strip that begins at ``start``."""
    rows, columns = marked.shape
    for y in range(rows):
        for x in range(columns):
            if marked[y, x]:
                last[x] = start + y
                first[x] = min(first[x], start + y)


@_compiled
def column_gaps(
    marked: NDArray[np.uint8],
    start: int,
    above: NDArray[np.int32],
    below: NDArray[np.int32],
    gaps: NDArray[np.int32],
) -> None:
    """Fill the rows to the nearest marked cell of the same column, also outside the strip.

    ``above`` and ``below`` are the nearest marked rows before and after the strip; both are used up.
    """
    rows, columns = marked.shape
    for y in range(rows):
        for x in range(columns):
            above[x] = start + y if marked[y, x] else above[x]
            gaps[y, x] = start + y - above[x]
    for back in range(rows):
        y = rows - 1 - back
        for x in range(columns):
            below[x] = start + y if marked[y, x] else below[x]
            gaps[y, x] = min(gaps[y, x], below[x] - start - y)


@_compiled
def envelope(
    gaps: NDArray[np.int32], ratio: float, seats: NDArray[np.int32], ends: NDArray[np.float64]
) -> int:
    """Find the parabolas that are lowest somewhere along a row; return how many.

    ``seats[k]`` is the column of the k-th and ``ends[k]`` the last column where it is lowest.
    """
    n = 0
    for x in range(len(gaps)):
        if gaps[x] >= _NONE:
            continue
        height = ratio * gaps[x] * gaps[x] + np.float64(x) * x
        while n > 0:
            seat = seats[n - 1]
            cut = np.floor(
                (height - ratio * gaps[seat] * gaps[seat] - np.float64(seat) * seat)
                / (2.0 * (x - seat))
            )
            if n > 1 and cut <= ends[n - 2]:
                n -= 1
                continue
            ends[n - 1] = cut
            break
        seats[n] = x
        n += 1
    return n


@_compiled
def distances(
    gaps: NDArray[np.int32], ratio: float, width_m: float, found: NDArray[np.float32]
) -> None:
    """Fill the distance in metres to the nearest marked cell; infinite where there is none."""
    rows, columns = gaps.shape
    seats = np.empty(columns, np.int32)
    ends = np.empty(columns, np.float64)
    for y in range(rows):
        n = envelope(gaps[y], ratio, seats, ends)
        if n == 0:
            found[y, :] = np.inf
            continue
        ends[n - 1] = columns
        k, x = 0, 0
        for k in range(n):
            seat = seats[k]
            rise = ratio * gaps[y, seat] * gaps[y, seat]
            until = min(np.int64(ends[k]), columns - 1)
            while x <= until:
                away = np.float64(x - seat)
                found[y, x] = width_m * np.sqrt(away * away + rise)
                x += 1


@_compiled
def mark_within(
    gaps: NDArray[np.int32], ratio: float, radius: float, found: NDArray[np.bool_]
) -> None:
    """Set the cells at most ``radius`` cell widths from a marked one; others stay as they are.

    A column at a gap below the radius reaches a run of cells to both sides, so that the union of all
    runs of a row is the answer: no distance is computed.
    """
    rows, columns = gaps.shape
    square = radius * radius
    steps = np.zeros(columns + 1, np.int32)  # runs that begin in a column less those that ended
    for y in range(rows):
        steps[:] = 0
        for x in range(columns):
            rise = ratio * gaps[y, x] * gaps[y, x]
            if rise > square or gaps[y, x] >= _NONE:
                continue
            reach = np.int64(np.sqrt(square - rise))
            # The root may be rounded over or under a whole number.
            if np.float64(reach + 1) * (reach + 1) + rise <= square:
                reach += 1
            elif np.float64(reach) * reach + rise > square:
                reach -= 1
            begin, end = max(x - reach, np.int64(0)), min(x + reach + 1, np.int64(columns))
            steps[begin] += 1
            steps[end] -= 1
        runs = 0
        for x in range(columns):
            runs += steps[x]
            if runs > 0:
                found[y, x] = True


@_compiled
def add_worth(
    values: NDArray[Any], weight: float, low: float, high: float, score: NDArray[np.float32]
) -> None:
    """Add the weighted worth of values to a score: 0 at ``low``, 1 at ``high``, straight between."""
    rows, columns = values.shape
    scale = np.float32(1.0 / (high - low))
    foot, share = np.float32(low), np.float32(weight)
    nothing, whole = np.float32(0.0), np.float32(1.0)
    for y in range(rows):
        for x in range(columns):
            worth = (np.float32(values[y, x]) - foot) * scale
            # NaN must stay NaN, which max() and min() of a compiler do not promise.
            worth = nothing if worth < nothing else worth  # noqa: FURB136
            worth = whole if worth > whole else worth  # noqa: FURB136
            score[y, x] += share * worth
