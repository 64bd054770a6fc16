"""Checks that all location models share; what passes is finite, non-negative and of one size."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem

Matrix: TypeAlias = "NDArray[np.float64] | sparse.csr_array"
_TWO_D = 2
_SHOWN = 5
_EXACT = 2.0**53  # whole numbers up to here are exact as floats


def read_costs(cost: object, *, where: str) -> Matrix:
    """Return costs (n_demand, n_sites) as floats.

    Dense: NaN and infinity are unreachable. Sparse: what is not stored is unreachable, a stored
    zero is a cost of nothing.
    """
    if sparse.issparse(cost):
        matrix = sparse.csr_array(cost, dtype=float)
        values = matrix.data
        _refuse(not np.isfinite(values).all(), where, "cost", "stored values that are no number")
    else:
        matrix = _array(cost, where, "cost")
        _refuse(matrix.ndim != _TWO_D, where, "cost", "not a matrix", str(matrix.shape))
        matrix = np.where(np.isnan(matrix), np.inf, matrix)
        values = matrix
    _refuse(0 in matrix.shape, where, "cost", "no demand point or no site", str(matrix.shape))
    least = values.min(initial=np.inf)  # nothing is stored where nobody reaches anything
    _refuse(bool(least < 0), where, "cost", "negative values", str(least))
    return matrix


def read_cover(covers: object, *, where: str) -> sparse.csr_array:
    """Return which sites cover which demand points, CSR with sorted indices and no zeros."""
    if not sparse.issparse(covers):
        dense = np.asarray(covers)
        _refuse(dense.ndim != _TWO_D, where, "covers", "not a matrix", str(dense.shape))
        _refuse(
            dense.dtype.kind not in "biuf" or bool((dense != dense).any()),  # noqa: PLR0124 - NaN
            where,
            "covers",
            "values that are neither yes nor no",
        )
        covers = dense != 0
    matrix = sparse.csr_array(covers)
    _refuse(0 in matrix.shape, where, "covers", "no demand point or no site", str(matrix.shape))
    if not (matrix.data != 0).all():
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    return matrix


def read_amounts(
    values: ArrayLike | None, n: int, *, where: str, name: str
) -> NDArray[np.float64]:
    """Return ``n`` finite numbers ≥ 0, e.g. demand or cost; None is one each."""
    amounts = np.ones(n) if values is None else _array(values, where, name)
    if amounts.ndim == 0:
        amounts = np.full(n, float(amounts))
    _refuse(amounts.shape != (n,), where, name, "wrong size", str(amounts.shape), f"({n},)")
    bad = np.flatnonzero(~(np.isfinite(amounts) & (amounts >= 0)))
    if len(bad):
        got = f"{amounts[bad[0]]} at {bad[0]}" + (
            f" and {len(bad) - 1} more" if bad[1:].any() else ""
        )
        _refuse(True, where, name, "negative or not a number", got, "numbers ≥ 0")  # noqa: FBT003
    return amounts


def read_demand(demand: ArrayLike, n: int, *, where: str) -> NDArray[np.float64]:
    """Return demand ``(n,)``: finite, ≥ 0, and not all zero."""
    amounts = read_amounts(demand, n, where=where, name="demand")
    _refuse(not (amounts > 0).any(), where, "demand", "there is none", "all zero", "some demand")
    return amounts


def check_count(p: int, low: int, high: int, *, where: str, name: str = "p") -> int:
    """Return p, or refuse it outside ``low`` … ``high``."""
    whole = np.issubdtype(np.asarray(p).dtype, np.integer)
    _refuse(not whole, where, name, "not a whole number", str(p), f"{low} to {high}")
    if not low <= p <= high:
        raise ModelError(
            Problem(
                where=f"{where}, {name}",
                what="out of range",
                got=str(p),
                expected=f"{low} to {high}",
                mend="Ask for fewer sites than may be chosen, and at least those required.",
            )
        )
    return int(p)


def check_limits(*, time_limit_s: float, gap: float, where: str) -> None:
    """Refuse a time limit or gap that is no number ≥ 0."""
    _refuse(not time_limit_s > 0, where, "time_limit_s", "not a time", str(time_limit_s), "> 0")
    _refuse(not 0 <= gap < 1, where, "gap", "not a share", str(gap), "0 ≤ gap < 1")


def refuse_unserved(points: Sequence[int] | NDArray[np.int64], *, where: str, reach: str) -> None:
    """Refuse demand points that no site can serve, naming the first of them."""
    if len(points):
        listed = ", ".join(map(str, points[:_SHOWN])) + (" …" if len(points) > _SHOWN else "")
        raise ModelError(
            Problem(
                where=f"{where}, demand",
                what=f"{len(points)} demand points that no allowed site {reach}",
                got=f"points {listed}",
                mend='Add sites, widen the reach, or pass unreachable="leave_out".',
            )
        )


def is_whole(*arrays: NDArray[np.float64]) -> bool:
    """Whether all sums of these numbers are whole and exact, so that bounds may be rounded."""
    total = 0.0
    for values in arrays:
        finite = values[np.isfinite(values)]
        if not (finite == np.floor(finite)).all():
            return False
        total += float(finite.sum())
    return total < _EXACT


def _array(values: object, where: str, name: str) -> NDArray[np.float64]:
    try:
        return np.array(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ModelError(
            Problem(where=f"{where}, {name}", what="not numbers", got=str(error))
        ) from error


def _refuse(  # noqa: PLR0917 - a guard reads better in one line
    is_bad: bool,  # noqa: FBT001 - a guard, not an option
    where: str,
    name: str,
    what: str,
    got: str = "",
    expected: str = "",
) -> None:
    if is_bad:
        raise ModelError(Problem(where=f"{where}, {name}", what=what, got=got, expected=expected))


def some_numbers(sites: ArrayLike, there: NDArray[np.int64], *, where: str) -> NDArray[np.int64]:
    """Return rising numbers of sites; refuse those that are not there."""
    asked = np.asarray(sites)
    is_good = len(asked) and np.isin(asked, there).all() and (np.diff(asked) > 0).all()
    what = "not rising numbers of sites on the curve"
    _refuse(not is_good, where, "sites", what, str(asked[:5]), f"{there[0]} to {there[-1]}")
    return asked.astype(np.int64)
