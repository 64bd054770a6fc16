"""Independent evaluator: what a plan is worth, counted again from the question and the sites alone.

Nothing here is shared with the solvers, on purpose: no merged classes, no near-site lists, no
solver variables. A plan whose own figures do not stand up raises and never leaves.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from siting.errors import ModelError, Problem

_RELATIVE = 1e-6
_BLOCK = 4096


def covered_demand(
    covers: sparse.csr_array, demand: NDArray[np.float64], sites: NDArray[np.int64], times: int = 1
) -> float:
    """Return the demand of the points that at least ``times`` of the sites cover."""
    chosen = np.zeros(covers.shape[1], dtype=np.int32)
    chosen[sites] = 1
    pattern = sparse.csr_array(
        (np.ones(len(covers.indices), dtype=np.int32), covers.indices, covers.indptr),
        shape=covers.shape,
    )
    return float(demand[pattern @ chosen >= times].sum())


def captured_demand(
    covers: sparse.csr_array,
    demand: NDArray[np.float64],
    sites: NDArray[np.int64],
    rivals: NDArray[np.int64],
    cost: NDArray[np.float64] | sparse.csr_array | None = None,
) -> float:
    """Return the demand of points that a site of ours covers nearer than every rival that does.

    Without costs a point that a rival covers is the rival's.
    """
    ours, theirs = (np.asarray(covers[:, of].toarray() != 0) for of in (sites, rivals))
    if cost is None:
        return float(demand[ours.any(axis=1) & ~theirs.any(axis=1)].sum())
    near, far = (
        np.where(of, _dense(cost, at), np.inf).min(axis=1, initial=np.inf)
        for of, at in ((ours, sites), (theirs, rivals))
    )
    return float(demand[near < far].sum())


def huff_demand(
    pull: sparse.csr_array,
    demand: NDArray[np.float64],
    sites: NDArray[np.int64],
    rivals: NDArray[np.int64],
) -> float:
    """Return the demand that turns to our sites when each takes its share of all pull."""
    ours, theirs = (np.asarray(pull[:, of].sum(axis=1)).ravel() for of in (sites, rivals))
    everyone = ours + theirs
    share = np.divide(ours, everyone, out=np.zeros(len(ours)), where=everyone > 0)
    return float((share * demand).sum())


def uncovered(covers: sparse.csr_array, sites: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the points that none of the sites covers."""
    counts = np.asarray(covers[:, sites].astype(bool).sum(axis=1)).ravel()
    return np.flatnonzero(counts == 0)


def first_covering(matrix: sparse.csr_array, sites: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first covering site of each point, -1 for none."""
    part = sparse.csr_array(matrix[:, sites])
    at = np.full(matrix.shape[0], -1, dtype=np.int64)
    has = np.diff(part.indptr) > 0
    part.sort_indices()
    at[has] = sites[part.indices[part.indptr[:-1][has]]]
    return at


def nearest(
    cost: NDArray[np.float64] | sparse.csr_array, sites: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the cheapest of the sites for each point (ties: the first) and its cost; -1, inf."""
    n = cost.shape[0]
    if len(sites) == 0:
        return np.full(n, -1), np.full(n, np.inf)
    if sparse.issparse(cost):
        return _nearest_stored(sparse.csr_array(cost), sites)
    at, value = np.empty(n, dtype=np.int64), np.empty(n)
    for first in range(0, n, _BLOCK):
        part = np.asarray(cost[first : first + _BLOCK])[:, sites]
        part = np.where(np.isnan(part), np.inf, part)
        best = part.argmin(axis=1)
        at[first : first + _BLOCK] = sites[best]
        value[first : first + _BLOCK] = part.min(axis=1)
    at[np.isinf(value)] = -1
    return at, value


def nearest_on_plane(
    points_xy: NDArray[np.float64], sites_xy: NDArray[np.float64], sites: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the straight-nearest of the sites for each point and its distance; -1, inf."""
    if len(sites) == 0:
        return np.full(len(points_xy), -1), np.full(len(points_xy), np.inf)
    distance, at = cKDTree(sites_xy[sites]).query(points_xy)
    return sites[at], distance


def total_cost(
    cost: NDArray[np.float64] | sparse.csr_array,
    weight: NDArray[np.float64],
    allocation: NDArray[np.int64],
) -> float:
    """Return the weighted cost of an allocation; points at -1 cost nothing."""
    served = np.flatnonzero(allocation >= 0)
    if sparse.issparse(cost):
        matrix = sparse.csr_array(cost)
        pairs = zip(served.tolist(), allocation[served].tolist(), strict=True)
        values = np.array([_stored(matrix, i, j) for i, j in pairs])
    else:
        values = np.asarray(cost)[served, allocation[served]]
    return float((values * weight[served]).sum())


def loads(
    demand: NDArray[np.float64], allocation: NDArray[np.int64], n_sites: int
) -> NDArray[np.float64]:
    """Return the demand allocated to each site ``(n_sites,)``."""
    served = allocation >= 0
    load = np.bincount(allocation[served], weights=demand[served], minlength=n_sites)
    return load.astype(float)


def certify_shares(
    where: str,
    shares: sparse.csr_array,
    demand: NDArray[np.float64],
    capacity: NDArray[np.float64],
    sites: NDArray[np.int64],
) -> None:
    """Stop an allocation that uses a closed site or overfills an open one."""
    is_open = np.zeros(shares.shape[1], dtype=bool)
    is_open[sites] = True
    load = np.asarray(shares.T @ demand).ravel()
    certify_at_most(where, "capacity", load, np.where(is_open, capacity, 0.0))


def smallest_distance(distances: NDArray[np.float64], sites: NDArray[np.int64]) -> float:
    """Return the smallest distance between two of the sites, infinite for fewer than two."""
    part = np.minimum(distances, distances.T)[np.ix_(sites, sites)].astype(float)
    np.fill_diagonal(part, np.inf)
    return float(part.min(initial=np.inf))


def certify(where: str, claimed: float, counted: float, *, share: float = _RELATIVE) -> None:
    """Stop a plan whose value is not what the solver says.

    Raises
    ------
    ModelError
        If the two differ by more than rounding.
    """
    allowed = share * max(1.0, abs(claimed), abs(counted))
    if not abs(claimed - counted) <= allowed:
        _stop(where, "the plan is not worth what the solver promised", counted, claimed)


def certify_at_most(
    where: str, what: str, found: NDArray[np.float64] | float, limit: NDArray[np.float64] | float
) -> None:
    """Stop a plan that breaks a limit by more than rounding."""
    over = np.asarray(found, dtype=float) - np.asarray(limit, dtype=float)
    scale = np.maximum(1.0, np.abs(np.asarray(limit, dtype=float)))
    if not (over <= _RELATIVE * scale).all():
        _stop(where, f"the plan breaks its limit of {what}", float(over.max()), 0.0)


def certify_sites(
    where: str,
    sites: NDArray[np.int64],
    must: NDArray[np.bool_],
    may: NDArray[np.bool_],
) -> None:
    """Stop a plan with a forbidden or repeated site, or without a required or existing one."""
    chosen = np.bincount(sites, minlength=len(must))
    if (chosen > 1).any() or (chosen[~may] > 0).any() or (chosen[must] == 0).any():
        _stop(where, "the plan breaks the roles of sites", float(len(sites)), float(must.sum()))


def _dense(
    cost: NDArray[np.float64] | sparse.csr_array, sites: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the columns of these sites; what a sparse matrix does not store is infinite."""
    if not sparse.issparse(cost):
        return np.asarray(cost)[:, sites]
    part = sparse.coo_array(sparse.csr_array(cost)[:, sites])
    table = np.full(part.shape, np.inf)
    table[part.coords] = part.data
    return table


def _nearest_stored(
    cost: sparse.csr_array, sites: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    n = cost.shape[0]
    is_open = np.zeros(cost.shape[1], dtype=bool)
    is_open[sites] = True
    kept = is_open[cost.indices]
    row = np.repeat(np.arange(n), np.diff(cost.indptr))[kept]
    site, value = cost.indices[kept].astype(np.int64), cost.data[kept]
    order = np.lexsort((site, value, row))
    points, first = np.unique(row[order], return_index=True)
    at, least = np.full(n, -1, dtype=np.int64), np.full(n, np.inf)
    at[points], least[points] = site[order][first], value[order][first]
    return at, least


def _stored(cost: sparse.csr_array, i: int, j: int) -> float:
    row = slice(cost.indptr[i], cost.indptr[i + 1])
    found = np.flatnonzero(cost.indices[row] == j)
    return float(cost.data[row][found[0]]) if len(found) else float("inf")


def _stop(where: str, what: str, got: float, expected: float) -> None:
    raise ModelError(
        Problem(
            where=where,
            what=what,
            got=f"{got:.9g}",
            expected=f"{expected:.9g}",
            mend="Please report this question; no plan was given.",
        )
    )
