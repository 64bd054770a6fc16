"""Fast interchange for medians: the best swap of one open for one closed site, over and over.

Resende and Werneck (2007), A fast swap-based local search procedure for location problems: what
a swap saves is ``gain[in] - loss[out] + extra[in, out]``, and after a swap only the points near
the two sites change their part in it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.optimise._jit import compiled
from siting.optimise._neighbours import Lists

_WORTH = 1e-10  # a swap saves at least this share of the cost, so that rounding cannot cycle


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quota:
    """At least ``least`` open sites, ``(n_districts,)``, in each ``district``, ``(n_sites,)``."""

    district: NDArray[np.int64]
    least: NDArray[np.int64]

    def after(self, is_open: NDArray[np.bool_]) -> "Quota":
        """Return what is still owed when these sites are open."""
        there = np.bincount(self.district[is_open], minlength=len(self.least))
        return Quota(district=self.district, least=np.maximum(self.least - there, 0))


def best_sites(
    value: NDArray[np.float64],
    is_open: NDArray[np.bool_],
    is_closed: NDArray[np.bool_],
    p: int,
    quota: Quota | None,
) -> NDArray[np.int64]:
    """Return the p sites of the least value that keep the quota, those that must be open first.

    What each district is owed comes first, then the best of the rest: the least sum there is.
    """
    ranked = np.where(is_open, -np.inf, np.where(is_closed, np.inf, value))
    order = np.argsort(ranked, kind="stable")
    if quota is None:
        return order[:p]
    of = quota.district[order]
    by_district = np.argsort(of, kind="stable")
    first = np.r_[0, np.cumsum(np.bincount(of, minlength=len(quota.least)))][:-1]
    place = np.empty(len(order), dtype=np.int64)
    place[by_district] = np.arange(len(order)) - first[of[by_district]]
    is_owed = place < quota.least[of]
    return np.concatenate([order[is_owed], order[~is_owed]])[:p]


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
    quota: Quota | None = None,
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
    quota
        What districts are owed; the sites to start from keep it, and so does the answer.
    max_swaps
        Stop after so many.

    Returns
    -------
    ndarray
        Open sites, ascending.
    """
    if quota is None:
        quota = Quota(
            district=np.zeros(lists.n_sites, dtype=np.int64), least=np.zeros(1, dtype=np.int64)
        )
    improved = _swap(
        (lists.start, lists.site, lists.cost, lists.far),
        (lists.site_start, lists.point, lists.point_cost),
        sites.astype(np.int64),
        is_fixed,
        (quota.district, quota.least),
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
def _best_swap(gain, loss, extra, is_open, is_fixed, sites, district, spare):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    best, best_in, best_out = 0.0, -1, -1
    for j in range(len(gain)):
        if is_open[j] or is_fixed[j]:
            continue
        for q in range(len(sites)):
            saved = gain[j] - loss[q] + extra[j, q]
            if saved > best and not is_fixed[sites[q]]:
                of = district[sites[q]]
                if of == district[j] or spare[of] > 0:
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
def _swap(rows, columns, opened, is_fixed, quota, max_swaps, worth):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    start, site, cost, far = rows
    district, spare = quota[0], -quota[1]
    m, n, sites = len(columns[0]) - 1, len(start) - 1, opened.copy()
    is_open = np.zeros(m, np.bool_)
    place = np.full(m + 1, -1, np.int64)  # the last is for "no site": index -1
    is_open[sites], place[sites] = True, np.arange(len(sites))
    for j in sites:
        spare[district[j]] += 1
    first, second, at_first, at_second = _nearest_two(start, site, cost, far, is_open)
    gain, loss, extra = np.zeros(m), np.zeros(len(sites)), np.zeros((m, len(sites)))
    for i in range(n):
        at = place[at_first[i]]
        _account(start, site, cost, i, first, second, at, 1.0, gain, loss, extra)
    least = worth * first.sum()
    is_touched = np.zeros(n, np.bool_)
    for _ in range(max_swaps):
        saved, j, q = _best_swap(gain, loss, extra, is_open, is_fixed, sites, district, spare)
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
        spare[district[out]] -= 1
        spare[district[j]] += 1
        for i in range(n):
            if is_touched[i]:
                _look(start, site, cost, far, is_open, i, first, second, at_first, at_second)
                at = place[at_first[i]]
                _account(start, site, cost, i, first, second, at, 1.0, gain, loss, extra)
    return sites
