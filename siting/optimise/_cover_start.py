"""A first plan for covering: greedy, then each site exchanged for the best other one."""

import numpy as np
from numpy.typing import NDArray

from siting.optimise._jit import compiled


def conflict_lists(
    conflicts: NDArray[np.int64], m: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each of m sites those it must not be chosen with, as starts and sites."""
    both = np.vstack([conflicts, conflicts[:, ::-1]])
    order = np.argsort(both[:, 0], kind="stable")
    start = np.r_[0, np.cumsum(np.bincount(both[:, 0], minlength=m))].astype(np.int64)
    return start, both[order, 1].copy()


@compiled
def greedy_swap(tables, weight, state, p, sweeps):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, C901, PLR0912
    """Greedy, then swap each site for the best other one; state 0 free, 1 open, 2 shut."""
    start, site, site_start, row, near_start, near = tables
    m = len(site_start) - 1
    times, gain = np.zeros(len(start) - 1, np.int64), _first_gains(site_start, row, weight)
    shut, chosen, count = state > 1, np.zeros(m, np.bool_), 0
    for turn in range(m + p):
        best = -1
        if turn < m:
            best = turn if state[turn] == 1 else -1
        elif count < p:
            for j in range(m):
                if not chosen[j] and not shut[j] and (best < 0 or gain[j] > gain[best]):
                    best = j
            if best >= 0 and gain[best] <= 0:
                break
        if best < 0:
            continue
        chosen[best], count = True, count + 1
        for k in range(near_start[best], near_start[best + 1]):
            shut[near[k]] = True
        _flip(start, site, site_start, row, weight, times, gain, best, 1)
    for _ in range(sweeps):
        improved = False
        for out in range(m):
            if not chosen[out] or state[out] == 1:
                continue
            _flip(start, site, site_start, row, weight, times, gain, out, -1)
            chosen[out], best = False, out
            for j in range(m):
                if not chosen[j] and not shut[j] and gain[j] > gain[best] * (1 + 1e-12):
                    best = j
            improved, chosen[best] = improved or best != out, True
            _flip(start, site, site_start, row, weight, times, gain, best, 1)
        if not improved:
            break
    return chosen


@compiled
def _first_gains(site_start, row, weight):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    gain = np.zeros(len(site_start) - 1)
    for j in range(len(gain)):
        for k in range(site_start[j], site_start[j + 1]):
            gain[j] += weight[row[k]]
    return gain


@compiled
def _flip(start, site, site_start, row, weight, times, gain, j, by):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    """Open (by 1) or close (by -1) a site and keep the gains of all sites right."""
    for k in range(site_start[j], site_start[j + 1]):
        i = row[k]
        before = times[i]
        times[i] += by
        if before == 0 or times[i] == 0:
            for e in range(start[i], start[i + 1]):
                gain[site[e]] -= by * weight[i]
