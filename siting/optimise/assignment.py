"""Who goes where once the sites are chosen: least travel within the sites' capacity."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.model import SolverSettings
from siting.optimise._highs import Answer, MixedIntegerModel, maximise

_SMALLEST_SHARE = 1e-6


class Assignment(NamedTuple):
    """Pairs of demand point and site with the amount served, sorted by both indices."""

    demand: NDArray[np.int64]
    site: NDArray[np.int64]
    amount: NDArray[np.float64]


def assign(
    times_min: NDArray[np.float64],
    demand: NDArray[np.float64],
    *,
    service_min: float,
    capacity: float,
    settings: SolverSettings,
) -> Assignment:
    """Send all demand within the radius to sites, the least travel first.

    Without a capacity everyone goes to the nearest site (ties: the first). With one, demand is
    split among the sites within reach so that the least is served beyond capacity and, of such
    splits, the least time is travelled (a transport problem).

    Parameters
    ----------
    times_min
        ``(n_demand, n_sites)``, NaN = unreachable.
    demand
        ``(n_demand,)``, ≥ 0.
    service_min
        Service radius in minutes.
    capacity
        What a site can serve, in the unit of demand, > 0; infinity is no limit.
    settings
        Time limit of the solve; when it runs out, the nearest pairs are joined first.

    Returns
    -------
    Assignment
        The amounts of a demand point add up to its demand if any site is within the radius.
    """
    near = np.where(np.isnan(times_min) | (times_min > service_min), np.inf, times_min)
    is_served = np.isfinite(near.min(axis=1, initial=np.inf)) & (demand > 0)
    at = np.flatnonzero(is_served)
    nearest = near[at].argmin(axis=1) if len(at) else at
    load = np.bincount(nearest, weights=demand[at], minlength=times_min.shape[1])
    if (load <= capacity).all():
        return Assignment(at, nearest, demand[at])
    k, site = np.nonzero(np.isfinite(near[at]))
    answer = _transport(near[at], demand[at], (k, site), capacity, settings)
    if not answer.is_proven:
        return _nearest_first(near, demand, at, capacity)
    share = answer.values[: len(k)]
    kept = share > _SMALLEST_SHARE
    # What is too small to be a trip goes to the point's other sites, so that nothing is lost.
    sums = np.bincount(k[kept], weights=share[kept], minlength=len(at))
    amount = share[kept] / sums[k[kept]] * demand[at[k[kept]]]
    return Assignment(at[k[kept]], site[kept], amount)


def _transport(
    near: NDArray[np.float64],
    demand: NDArray[np.float64],
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    capacity: float,
    settings: SolverSettings,
) -> Answer:
    """Solve for the share of each point that goes to each site, then each site's overflow."""
    point, site = pairs
    n, (n_points, n_sites) = len(point), near.shape
    weight = demand[point] / demand.sum()
    whole = sparse.csr_array((np.ones(n), (point, np.arange(n))), shape=(n_points, n + n_sites))
    load = sparse.csr_array((weight, (site, np.arange(n))), shape=(n_sites, n))
    minutes = near[point, site]
    # Dearer than any chain of shifts that makes room, so no time saved is worth an overflow.
    overflow = (n_sites + 1) * (1.0 + minutes.max())
    model = MixedIntegerModel(
        gain=-np.concatenate([minutes * weight, np.full(n_sites, overflow)]),
        rows=sparse.csr_array(
            sparse.vstack([whole, sparse.hstack([load, -sparse.eye_array(n_sites)])])
        ),
        low=np.concatenate([np.ones(n_points), np.full(n_sites, -np.inf)]),
        high=np.concatenate([np.ones(n_points), np.full(n_sites, capacity / demand.sum())]),
        n_binary=0,
    )
    return maximise(model, settings=settings, start=None)


def _nearest_first(
    near: NDArray[np.float64],
    demand: NDArray[np.float64],
    at: NDArray[np.int64],
    capacity: float,
) -> Assignment:
    """Fill sites with the nearest pairs first; what finds no room goes to its nearest site."""
    amount = np.zeros_like(near)
    rest, room = demand.copy(), np.full(near.shape[1], float(capacity))
    k, site = np.nonzero(np.isfinite(near[at]))
    point = at[k]
    for pair in np.argsort(near[point, site], kind="stable"):
        i, j = point[pair], site[pair]
        taken = min(rest[i], room[j])
        amount[i, j] += taken
        rest[i] -= taken
        room[j] -= taken
    amount[at, near[at].argmin(axis=1)] += rest[at]
    where, to = np.nonzero(amount > 0)
    return Assignment(where, to, amount[where, to])
