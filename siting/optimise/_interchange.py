"""Fast interchange for medians: the best swap of one open for one closed site, over and over.

Resende and Werneck (2007), A fast swap-based local search procedure for location problems: what
a swap saves is ``gain[in] - loss[out] + extra[in, out]``, and after a swap only the points near
the two sites change their part in it.
"""

import numpy as np
from numpy.typing import NDArray

from siting.optimise._jit import compiled
from siting.optimise._neighbours import Lists

_WORTH = 1e-10  # a swap saves at least this share of the cost, so that rounding cannot cycle


def price(lists: Lists, sites: NDArray[np.int64]) -> float:
    """Return the weighted cost of a plan as the lists know it."""
    is_open = np.zeros(lists.n_sites, dtype=np.bool_)
    is_open[sites] = True
    first = _nearest_two(lists.start, lists.site, lists.cost, lists.far, is_open)[0]
    return float(first.sum())


def nearest_two(
    lists: Lists, sites: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each point's cost to the nearest and the second nearest open site."""
    is_open = np.zeros(lists.n_sites, dtype=np.bool_)
    is_open[sites] = True
    first, second, _, _ = _nearest_two(lists.start, lists.site, lists.cost, lists.far, is_open)
    return first, second


def interchange(
    lists: Lists,
    sites: NDArray[np.int64],
    *,
    is_fixed: NDArray[np.bool_],
    max_swaps: int = 1_000_000,
) -> NDArray[np.int64]:
    """Improve a plan by swaps until none helps.

    Parameters
    ----------
    lists
        Near-site lists.
    sites
        Open sites to start from.
    is_fixed
        ``(n_sites,)`` sites that are not swapped, open or closed.
    max_swaps
        Stop after so many.

    Returns
    -------
    ndarray
        Open sites, ascending.
    """
    improved = _swap(
        (lists.start, lists.site, lists.cost, lists.far),
        (lists.site_start, lists.point, lists.point_cost),
        sites.astype(np.int64),
        is_fixed,
        max_swaps,
        _WORTH,
    )
    return np.sort(improved)


@compiled
def _nearest_two(start, site, cost, far, is_open):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n = len(start) - 1
    first, second = far.copy(), far.copy()
    at_first, at_second = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    for i in range(n):
        _look(start, site, cost, far, is_open, i, first, second, at_first, at_second)
    return first, second, at_first, at_second


@compiled
def _look(start, site, cost, far, is_open, i, first, second, at_first, at_second):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    first[i], second[i], at_first[i], at_second[i] = far[i], far[i], -1, -1
    for k in range(start[i], start[i + 1]):
        if is_open[site[k]]:
            if at_first[i] < 0:
                first[i], at_first[i] = cost[k], site[k]
            else:
                second[i], at_second[i] = cost[k], site[k]
                return


@compiled
def _account(start, site, cost, i, first, second, q, sign, gain, loss, extra):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    """Add (or with sign -1 take away) a point's part in the value of all swaps."""
    near, next_ = first[i], second[i]
    if q >= 0:
        loss[q] += sign * (next_ - near)
    for k in range(start[i], start[i + 1]):
        c = cost[k]
        if c >= next_:
            return
        if c < near:
            gain[site[k]] += sign * (near - c)
        if q >= 0:
            extra[site[k], q] += sign * (next_ - max(c, near))


@compiled
def _best_swap(gain, loss, extra, is_open, is_fixed, sites):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    best, best_in, best_out = 0.0, -1, -1
    for j in range(len(gain)):
        if is_open[j] or is_fixed[j]:
            continue
        for q in range(len(sites)):
            saved = gain[j] - loss[q] + extra[j, q]
            if saved > best and not is_fixed[sites[q]]:
                best, best_in, best_out = saved, j, q
    return best, best_in, best_out


@compiled
def _touch(columns, second, at_first, at_second, j, out, is_touched):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    """Mark the points whose nearest two open sites change when j replaces ``out``."""
    site_start, point, point_cost = columns
    for i in range(len(is_touched)):
        is_touched[i] = at_first[i] == out or at_second[i] == out
    for k in range(site_start[j], site_start[j + 1]):
        if point_cost[k] < second[point[k]]:
            is_touched[point[k]] = True


@compiled
def _swap(rows, columns, opened, is_fixed, max_swaps, worth):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    start, site, cost, far = rows
    m, n, sites = len(columns[0]) - 1, len(start) - 1, opened.copy()
    is_open = np.zeros(m, np.bool_)
    place = np.full(m + 1, -1, np.int64)  # the last is for "no site": index -1
    for q in range(len(sites)):
        is_open[sites[q]] = True
        place[sites[q]] = q
    first, second, at_first, at_second = _nearest_two(start, site, cost, far, is_open)
    gain, loss, extra = np.zeros(m), np.zeros(len(sites)), np.zeros((m, len(sites)))
    for i in range(n):
        q = place[at_first[i]]
        _account(start, site, cost, i, first, second, q, 1.0, gain, loss, extra)
    least = worth * first.sum()
    is_touched = np.zeros(n, np.bool_)
    for _ in range(max_swaps):
        saved, j, q = _best_swap(gain, loss, extra, is_open, is_fixed, sites)
        if j < 0 or saved <= least:
            break
        out = sites[q]
        _touch(columns, second, at_first, at_second, j, out, is_touched)
        for i in range(n):
            if is_touched[i]:
                at = place[at_first[i]]
                _account(start, site, cost, i, first, second, at, -1.0, gain, loss, extra)
        is_open[out], is_open[j] = False, True
        place[out], place[j], sites[q] = -1, q, j
        for i in range(n):
            if is_touched[i]:
                _look(start, site, cost, far, is_open, i, first, second, at_first, at_second)
                at = place[at_first[i]]
                _account(start, site, cost, i, first, second, at, 1.0, gain, loss, extra)
    return sites
