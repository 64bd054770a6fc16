"""Near-site lists: for each demand point the sites in order of weighted cost, cut where it pays.

All p-median work reads these lists from the front and stops early, so a list may end before the
last site: what is not listed costs at least ``beyond``, which keeps every bound valid.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from siting.optimise._inputs import Matrix
from siting.optimise._jit import compiled

_BLOCK = 512
_LISTED = 24_000_000  # pairs kept when the matrix is larger: about 600 MB with the mirror
_DETOUR = 2.0  # what an unlisted site is taken to cost while searching; plans are priced exactly


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lists:
    """Rows of demand points (``start``, ``site``, ``cost``) and the same pairs by site.

    ``far`` prices a point with no open site in its list while searching; ``beyond`` is a proven
    lower bound on that price.
    """

    start: NDArray[np.int64]
    site: NDArray[np.int32]
    cost: NDArray[np.float64]
    beyond: NDArray[np.float64]
    far: NDArray[np.float64]
    site_start: NDArray[np.int64]
    point: NDArray[np.int32]
    point_cost: NDArray[np.float64]
    n_sites: int
    is_complete: bool

    @property
    def n_points(self) -> int:
        """Number of demand points."""
        return len(self.start) - 1


def list_costs(
    cost: Matrix,
    weight: NDArray[np.float64],
    is_allowed: NDArray[np.bool_],
    p: int,
    *,
    charges: float = 0.0,
) -> Lists:
    """Return lists of weighted costs, dense or sparse; unreachable pairs are left out.

    A point that is not reached is priced above anything a plan could cost, ``charges`` included.
    """
    (n, m), n_allowed = cost.shape, int(is_allowed.sum())
    if sparse.issparse(cost):
        start, site, value = _sparse_rows(sparse.csr_array(cost), is_allowed)
        return _finish(start, site, value, weight, m, np.full(n, np.inf), (n_allowed, charges))
    keep = m if n * m <= _LISTED else max(_nearest_needed(m, p), _LISTED // n)
    sites, values = np.empty((n, min(keep, m)), np.int32), np.empty((n, min(keep, m)))
    for at in range(0, n, _BLOCK):
        block = np.where(is_allowed, np.asarray(cost[at : at + _BLOCK]), np.inf)
        order = _first_sites(block, keep)
        sites[at : at + _BLOCK] = order
        values[at : at + _BLOCK] = np.take_along_axis(block, order, axis=1)
    beyond = np.full(n, np.inf) if keep >= m else values[:, -1].copy()
    is_reached = np.isfinite(values)
    start = np.r_[0, np.cumsum(is_reached.sum(axis=1))]
    return _finish(
        start, sites[is_reached], values[is_reached], weight, m, beyond, (n_allowed, charges)
    )


def list_distances(
    points_xy: NDArray[np.float64],
    sites_xy: NDArray[np.float64],
    weight: NDArray[np.float64],
    is_allowed: NDArray[np.bool_],
    p: int,
) -> Lists:
    """Return lists of weighted straight distances from coordinates, without a matrix."""
    n, m = len(points_xy), len(sites_xy)
    allowed = np.flatnonzero(is_allowed)
    keep = min(len(allowed), _nearest_needed(m, p))
    tree = cKDTree(sites_xy[allowed])
    values, at = tree.query(points_xy, k=np.arange(1, keep + 1))
    start = np.arange(n + 1, dtype=np.int64) * keep
    beyond = np.full(n, np.inf) if keep == len(allowed) else values[:, -1].copy()
    return _finish(
        start, allowed[at].ravel().astype(np.int32), values.ravel(), weight, m, beyond, (keep, 0.0)
    )


def restrict(lists: Lists, is_kept: NDArray[np.bool_]) -> Lists:
    """Return the lists without sites that are proven to be closed."""
    kept = is_kept[lists.site]
    counts = np.add.reduceat(np.r_[kept, False].astype(np.int64), lists.start[:-1])
    counts[np.diff(lists.start) == 0] = 0
    start = np.r_[0, np.cumsum(counts)]
    return _mirror(
        start,
        lists.site[kept],
        lists.cost[kept],
        (lists.beyond, lists.far),
        lists.n_sites,
        is_complete=lists.is_complete,
    )


def _nearest_needed(m: int, p: int) -> int:
    # An open site is among the nearest m/p on average; eight times that is nearly always enough.
    return max(64, 8 * m // max(p, 1))


def _first_sites(block: NDArray[np.float64], keep: int) -> NDArray[np.int64]:
    if keep >= block.shape[1]:
        return np.argsort(block, axis=1, kind="stable")
    near = np.sort(np.argpartition(block, keep - 1, axis=1)[:, :keep], axis=1)
    inside = np.argsort(np.take_along_axis(block, near, axis=1), axis=1, kind="stable")
    return np.take_along_axis(near, inside, axis=1)


def _sparse_rows(
    cost: sparse.csr_array, is_allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    row = np.repeat(np.arange(cost.shape[0]), np.diff(cost.indptr))
    kept = is_allowed[cost.indices]
    row, site, value = row[kept], cost.indices[kept].astype(np.int32), cost.data[kept]
    order = np.lexsort((site, value, row))
    start = np.r_[0, np.cumsum(np.bincount(row, minlength=cost.shape[0]))]
    return start, site[order], value[order]


def _finish(  # noqa: PLR0917 - private, called in one order
    start: NDArray[np.int64],
    site: NDArray[np.int32],
    value: NDArray[np.float64],
    weight: NDArray[np.float64],
    m: int,
    beyond: NDArray[np.float64],
    most: tuple[int, float],
) -> Lists:
    """Weigh the lists, and price what they leave out."""
    counts = np.diff(start)
    cost = value * np.repeat(weight, counts)
    last = np.where(counts > 0, cost[np.maximum(start[1:], 1) - 1], 0.0) if len(cost) else counts
    # A point that misses sites for good pays more than any plan that serves all could; one that
    # reaches none at all is left out and pays nothing.
    short = np.where((counts > 0) & (counts < most[0]), last.sum() + most[1] + 1.0, last)
    is_cut = np.isfinite(beyond)
    known = np.where(is_cut, beyond, 0.0) * weight
    return _mirror(
        start,
        site,
        cost,
        (np.where(is_cut, known, short), np.where(is_cut, known * _DETOUR, short)),
        m,
        is_complete=not is_cut.any(),
    )


def _mirror(
    start: NDArray[np.int64],
    site: NDArray[np.int32],
    cost: NDArray[np.float64],
    unlisted: tuple[NDArray[np.float64], NDArray[np.float64]],
    m: int,
    *,
    is_complete: bool,
) -> Lists:
    site_start = np.r_[0, np.cumsum(np.bincount(site, minlength=m))].astype(np.int64)
    point, point_cost = _by_site(start.astype(np.int64), site, cost, site_start)
    return Lists(
        start=start.astype(np.int64),
        site=site,
        cost=cost,
        beyond=unlisted[0],
        far=unlisted[1],
        site_start=site_start,
        point=point,
        point_cost=point_cost,
        n_sites=m,
        is_complete=is_complete,
    )


@compiled
def _by_site(
    start: NDArray[np.int64],
    site: NDArray[np.int32],
    cost: NDArray[np.float64],
    site_start: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    point = np.empty(len(site), np.int32)
    point_cost = np.empty(len(site))
    at = site_start[:-1].copy()
    for i in range(len(start) - 1):
        for k in range(start[i], start[i + 1]):
            j = site[k]
            point[at[j]] = i
            point_cost[at[j]] = cost[k]
            at[j] += 1
    return point, point_cost
