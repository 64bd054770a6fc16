"""Covering sets reduced exactly: points with the same covering sites merge, dominated rows and sites go.

The merge compares a 64-bit sum of random keys a site, then checks every point against the first
of its class, so that no collision can join what differs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.optimise._jit import compiled

_SEEDS = range(8)
_OVERLAPS = 3e7  # products of the overlap matrix above which dominance costs more than it saves


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cover:
    """Classes of demand points: the sites that cover each and the weight they carry together.

    ``into`` is the class of each point, -1 for points that no site covers or that weigh nothing.
    """

    rows: sparse.csr_array
    weight: NDArray[np.float64]
    into: NDArray[np.int64]


def merge(covers: sparse.csr_array, weight: NDArray[np.float64]) -> Cover:
    """Merge points with identical covering sets; drop those without any, or without weight."""
    start = covers.indptr.astype(np.int64)
    useful = np.flatnonzero((np.diff(start) > 0) & (weight > 0))
    keys, first, into = _classes(start, covers.indices, useful, covers.shape[1])
    classes = np.full(covers.shape[0], -1, dtype=np.int64)
    classes[useful] = into
    # Weights are added in order of size, so that the sums do not depend on the order of points.
    if not (weight == np.floor(weight)).all():
        order = np.argsort(weight[useful], kind="stable")
        useful, into = useful[order], into[order]
    total = np.bincount(into, weights=weight[useful], minlength=len(keys)).astype(float)
    rows = covers[first]
    rows = sparse.csr_array((np.ones(rows.nnz), rows.indices, rows.indptr), shape=rows.shape)
    return Cover(rows=rows, weight=total, into=classes)


def keep_sites(covers: sparse.csr_array, is_kept: NDArray[np.bool_]) -> sparse.csr_array:
    """Return the cover without the other sites' entries; the columns stay."""
    if is_kept.all():
        return covers
    kept = is_kept[covers.indices]
    start = np.r_[0, np.cumsum(kept)][covers.indptr]
    return sparse.csr_array(
        (covers.data[kept], covers.indices[kept], start.astype(covers.indptr.dtype)),
        shape=covers.shape,
    )


def dominated_sites(
    rows: sparse.csr_array, cost: NDArray[np.float64], is_fixed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return sites that another, no dearer site replaces everywhere; of equals the first stays."""
    degree = np.diff(rows.indptr).astype(float)
    size = np.asarray(rows.sum(axis=0)).ravel()
    if (degree**2).sum() > _OVERLAPS:
        return np.asarray((size == 0) & ~is_fixed)
    shared = sparse.coo_array(rows.T @ rows)
    a, b = shared.coords
    is_inside = (shared.data >= size[a] - 0.5) & (a != b) & (cost[b] <= cost[a])
    is_equal = (size[a] == size[b]) & (cost[a] == cost[b])
    replaced = is_inside & (~is_equal | (b < a))
    gone = np.zeros(rows.shape[1], dtype=bool)
    gone[a[replaced]] = True
    return np.asarray((gone | (size == 0)) & ~is_fixed)


def dominated_rows(rows: sparse.csr_array) -> NDArray[np.bool_]:
    """Return rows that are covered whenever another, smaller row is."""
    size = np.diff(rows.indptr).astype(float)
    reach = np.asarray(rows.sum(axis=0)).ravel()
    if (reach**2).sum() > _OVERLAPS:
        return np.zeros(rows.shape[0], dtype=bool)
    shared = sparse.coo_array(rows @ rows.T)
    a, b = shared.coords
    # Row b lies inside row a: whatever covers b covers a.
    is_over = (shared.data >= size[b] - 0.5) & (a != b) & ((size[a] > size[b]) | (b < a))
    gone = np.zeros(rows.shape[0], dtype=bool)
    gone[a[is_over]] = True
    return gone


def greedy_cover(rows: sparse.csr_array, cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """Cover all rows, the most rows for the cost first; drop what turns out superfluous."""
    columns = sparse.csc_array(rows)
    chosen = _greedy(
        rows.indptr.astype(np.int64),
        rows.indices.astype(np.int64),
        columns.indptr.astype(np.int64),
        columns.indices.astype(np.int64),
        cost,
    )
    return np.sort(chosen)


def _classes(
    start: NDArray[np.int64], indices: NDArray[np.int32], useful: NDArray[np.int64], m: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    for seed in _SEEDS:
        key = np.random.default_rng(seed).integers(1, 2**62, size=m)
        sums = _row_sums(start, indices, useful, key)
        keys, first, into = np.unique(sums, return_index=True, return_inverse=True)
        first, into = useful[first], into.ravel()
        if _is_same(start, indices, useful, first[into] if len(first) else first):
            return keys, first, into
    every = np.arange(len(useful))  # no key separates them: nothing is merged, nothing is wrong
    return every, useful, every


@compiled
def _row_sums(
    start: NDArray[np.int64],
    indices: NDArray[np.int32],
    useful: NDArray[np.int64],
    key: NDArray[np.int64],
) -> NDArray[np.int64]:
    sums = np.zeros(len(useful), np.int64)
    for r in range(len(useful)):
        total = np.int64(0)
        for k in range(start[useful[r]], start[useful[r] + 1]):
            total ^= key[indices[k]]
        sums[r] = total
    return sums


@compiled
def _is_same(
    start: NDArray[np.int64],
    indices: NDArray[np.int32],
    rows: NDArray[np.int64],
    others: NDArray[np.int64],
) -> bool:
    for r in range(len(rows)):
        a, b = start[rows[r]], start[others[r]]
        size = start[rows[r] + 1] - a
        if start[others[r] + 1] - b != size:
            return False
        for k in range(size):
            if indices[a + k] != indices[b + k]:
                return False
    return True


@compiled
def _greedy(  # noqa: C901 - a kernel: calls would cost more than they explain
    start: NDArray[np.int64],
    site: NDArray[np.int64],
    site_start: NDArray[np.int64],
    row: NDArray[np.int64],
    cost: NDArray[np.float64],
) -> NDArray[np.int64]:
    n, m = len(start) - 1, len(site_start) - 1
    times, left = np.zeros(n, np.int64), n
    new = (site_start[1:] - site_start[:-1]).copy()
    chosen = np.zeros(m, np.bool_)
    while left > 0:
        best, rate = -1, 0.0
        for j in range(m):
            here = new[j] / max(cost[j], 1e-12)
            if new[j] > 0 and here > rate:
                best, rate = j, here
        if best < 0:
            break
        chosen[best] = True
        for k in range(site_start[best], site_start[best + 1]):
            i = row[k]
            times[i] += 1
            if times[i] == 1:
                left -= 1
                for e in range(start[i], start[i + 1]):
                    new[site[e]] -= 1
    for j in np.argsort(-cost):
        if not chosen[j]:
            continue
        needed = False
        for k in range(site_start[j], site_start[j + 1]):
            needed = needed or times[row[k]] == 1
        if not needed:
            chosen[j] = False
            for k in range(site_start[j], site_start[j + 1]):
                times[row[k]] -= 1
    return np.flatnonzero(chosen)
