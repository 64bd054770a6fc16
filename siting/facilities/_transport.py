"""The transport problem: sources that share out what they have among places that ask for it."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from siting.errors import ModelError, Problem

_ROUNDING = 1e-9


def share_out(
    need: NDArray[np.float64],
    capacity: NDArray[np.float64],
    cost: NDArray[np.float64],
    *,
    kept: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Deliver as much as sources can, and that as cheaply as possible: a transport problem.

    Parameters
    ----------
    need
        ``(n_stations,)`` kg/day, ≥ 0.
    capacity
        ``(n_sources,)`` kg/day, ≥ 0.
    cost
        ``(n_sources, n_stations)`` CNY/kg, ≥ 0; NaN = cannot deliver there.
    kept
        What each station gets at least ``(n_stations,)``, as it did when less was asked for.

    Returns
    -------
    ndarray
        ``(n_sources, n_stations)`` kg/day; optimal, by the solver's proof.

    Raises
    ------
    ModelError
        If the solver finds no answer.
    """
    source, station = np.nonzero(~np.isnan(cost))
    amount = np.zeros(cost.shape)
    if not len(source) or not need.sum() > 0:
        return amount
    least = np.zeros(len(need)) if kept is None else np.minimum(kept, need)
    amount[source, station] = _solve(need, capacity, cost, least, pairs=(source, station))
    return _within(amount, need, capacity)


def _solve(
    need: NDArray[np.float64],
    capacity: NDArray[np.float64],
    cost: NDArray[np.float64],
    least: NDArray[np.float64],
    *,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.float64]:
    """Return what goes over each pair of source and station; what a station lacks is a variable."""
    (source, station), (m, n), k = pairs, cost.shape, len(pairs[0])
    price, ones, column = cost[pairs], np.ones(k), np.arange(k)
    # To serve one kg more, each source at most once passes a kg on: dearer than that is not to serve.
    short = (m + 1.0) * (price.max() + 1.0)
    scale = max(float(need.max()), 1.0)
    out = sparse.csr_array((ones, (source, column)), shape=(m, k))
    into = sparse.csr_array((ones, (station, column)), shape=(n, k))
    found = linprog(
        np.concatenate([price, np.full(n, short)]),
        A_ub=sparse.hstack([out, sparse.csr_array((m, n))]),
        b_ub=np.minimum(capacity, need.sum()) / scale,
        A_eq=sparse.hstack([into, sparse.eye_array(n)]),
        b_eq=need / scale,
        bounds=[(0, None)] * k + [(0, gap / scale + _ROUNDING) for gap in need - least],
        method="highs",
    )
    if found.status != 0:
        what = "the transport problem is not solved"
        raise ModelError(Problem(where="hydrogen supply", what=what, got=found.message))
    return np.where(found.x[:k] > _ROUNDING, found.x[:k] * scale, 0.0)


def _within(
    amount: NDArray[np.float64], need: NDArray[np.float64], capacity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Take off what the solver's tolerance lets pass above need and capacity."""
    for most, axis in ((need, 0), (capacity, 1)):
        whole = amount.sum(axis=axis)
        factor = np.minimum(most / np.where(whole > 0, whole, 1.0), 1.0)
        amount = amount * np.expand_dims(factor, axis)
    return amount
