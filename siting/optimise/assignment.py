"""Who goes where once the sites are chosen: least travel within the sites' capacity."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.model import SolverSettings
from siting.optimise._highs import MixedIntegerModel, maximise

_OVERFLOW_MINUTES = 1.0e4
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
        Time limit of the solve.

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
    return _transport(near, demand, at, capacity, settings)


def _transport(
    near: NDArray[np.float64],
    demand: NDArray[np.float64],
    at: NDArray[np.int64],
    capacity: float,
    settings: SolverSettings,
) -> Assignment:
    k, site = np.nonzero(np.isfinite(near[at]))
    point, pairs, n_sites = at[k], len(k), near.shape[1]
    total = float(demand[at].sum())
    weight = demand[point] / total
    # Variables: share of the point that goes to the site, then overflow of each site, of total.
    whole = sparse.csr_array(
        (np.ones(pairs), (k, np.arange(pairs))), shape=(len(at), pairs + n_sites)
    )
    load = sparse.hstack(
        [
            sparse.csr_array((weight, (site, np.arange(pairs))), shape=(n_sites, pairs)),
            -sparse.eye_array(n_sites),
        ]
    )
    minutes = near[point, site] * weight
    model = MixedIntegerModel(
        gain=-np.concatenate([minutes, np.full(n_sites, _OVERFLOW_MINUTES)]),
        rows=sparse.csr_array(sparse.vstack([whole, load])),
        low=np.concatenate([np.ones(len(at)), np.full(n_sites, -np.inf)]),
        high=np.concatenate([np.ones(len(at)), np.full(n_sites, capacity / total)]),
        n_binary=0,
    )
    share = maximise(model, settings=settings, start=None).values[:pairs]
    kept = share > _SMALLEST_SHARE
    # What is too small to be a trip goes to the point's other sites, so that nothing is lost.
    sums = np.bincount(k[kept], weights=share[kept], minlength=len(at))
    amount = share[kept] / sums[k[kept]] * demand[point[kept]]
    return Assignment(point[kept], site[kept], amount)
