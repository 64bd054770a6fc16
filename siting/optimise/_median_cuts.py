"""Benders cuts of medians: what a point costs at least, given how far sites are open."""

import numpy as np
from numpy.typing import NDArray

from siting.optimise._jit import compiled
from siting.optimise._neighbours import Lists

Rows = tuple[
    NDArray[np.int64], NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]
]  # first entry of each cut and the end, variables, their coefficients, right-hand sides


def cuts_at(lists: Lists, level: NDArray[np.float64]) -> Rows:
    """Return one cut a point: it costs ``level``, less what each nearer open site saves.

    Any level up to ``beyond`` holds. At the prices of a Lagrangian relaxation these cuts together
    give at least its bound, so that the linear program need not find it again.
    """
    n = lists.n_points
    row = np.repeat(np.arange(n), np.diff(lists.start))
    is_nearer = lists.cost < level[row]
    row = row[is_nearer]
    saved = level[row] - lists.cost[is_nearer]
    # The point's own variable comes last in its cut.
    order = np.argsort(np.r_[row, np.arange(n)], kind="stable")
    at = np.r_[lists.site[is_nearer], lists.n_sites + np.arange(n, dtype=np.int32)][order]
    begin = np.r_[0, np.cumsum(np.bincount(row, minlength=n) + 1)]
    return begin, at.astype(np.int32), np.r_[saved, np.ones(n)][order], level


def cuts_broken(
    lists: Lists, shares: NDArray[np.float64], levels: NDArray[np.float64], worth: float
) -> Rows:
    """Return the strongest cut of each point that ``levels`` break by more than ``worth``."""
    rows = (lists.start, lists.site, lists.cost, lists.beyond)
    found: Rows = _strongest(rows, shares, levels, worth, lists.n_sites)
    return found


@compiled
def _strongest(rows, shares, levels, worth, m):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    start, site, cost, beyond = rows
    n = len(start) - 1
    size = 1024
    at_site, slope = np.empty(size, np.int32), np.empty(size)
    begin, level = np.zeros(n + 1, np.int64), np.empty(n)
    n_cuts = used = 0
    for i in range(n):
        total, k = 0.0, start[i]
        while k < start[i + 1]:
            total += shares[site[k]]
            if total >= 1.0 - 1e-9:
                break
            k += 1
        at = cost[k] if k < start[i + 1] else beyond[i]
        value = at
        for q in range(start[i], k):
            value -= (at - cost[q]) * shares[site[q]]
        if value <= levels[i] + worth:
            continue
        while used + (k - start[i]) + 1 > size:
            size *= 2
            more_site, more_slope = np.empty(size, np.int32), np.empty(size)
            more_site[:used], more_slope[:used] = at_site[:used], slope[:used]
            at_site, slope = more_site, more_slope
        for q in range(start[i], k):
            if cost[q] < at:
                at_site[used], slope[used] = site[q], at - cost[q]
                used += 1
        at_site[used], slope[used] = m + i, 1.0
        used += 1
        level[n_cuts] = at
        n_cuts += 1
        begin[n_cuts] = used
    return begin[: n_cuts + 1], at_site[:used], slope[:used], level[:n_cuts]
