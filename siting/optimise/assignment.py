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
    capacity: float | NDArray[np.float64],
    settings: SolverSettings,
) -> Assignment:
    """Send demand within the radius to sites: as much as they can serve, with the least travel.

    Without a capacity everyone goes to the nearest site (ties: the first). With one, demand is
    split among the sites within reach so that the most is served and, of such splits, the least
    time is travelled (a transport problem); what finds no room is not served.

    Parameters
    ----------
    times_min
        ``(n_demand, n_sites)``, NaN = unreachable.
    demand
        ``(n_demand,)``, ≥ 0.
    service_min
        Service radius in minutes.
    capacity
        What a site can serve, one number for all or ``(n_sites,)``, in the unit of demand, ≥ 0;
        infinity is no limit.
    settings
        Time limit of the solve; when it runs out, the nearest pairs are joined first.

    Returns
    -------
    Assignment
        No point gets more than its demand, no site serves more than its capacity.
    """
    near = np.where(np.isnan(times_min) | (times_min > service_min), np.inf, times_min)
    is_served = np.isfinite(near.min(axis=1, initial=np.inf)) & (demand > 0)
    at = np.flatnonzero(is_served)
    room = np.broadcast_to(np.asarray(capacity, dtype=float), near.shape[1])
    nearest = near[at].argmin(axis=1) if len(at) else at
    load = np.bincount(nearest, weights=demand[at], minlength=times_min.shape[1])
    if (load <= room).all():
        return Assignment(at, nearest, demand[at])
    k, site = np.nonzero(np.isfinite(near[at]))
    answer = _transport(near[at], demand[at], (k, site), room, settings)
    if not answer.is_proven:
        return _nearest_first(near, demand, at, room)
    share = answer.values[: len(k)]
    kept = share > _SMALLEST_SHARE  # less is no trip
    return Assignment(at[k[kept]], site[kept], share[kept] * demand[at[k[kept]]])


def _transport(
    near: NDArray[np.float64],
    demand: NDArray[np.float64],
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    room: NDArray[np.float64],
    settings: SolverSettings,
) -> Answer:
    """Solve for the share of each point that goes to each site within its reach."""
    point, site = pairs
    n, (n_points, n_sites) = len(point), near.shape
    weight = demand[point] / demand.sum()
    whole = sparse.csr_array((np.ones(n), (point, np.arange(n))), shape=(n_points, n))
    load = sparse.csr_array((weight, (site, np.arange(n))), shape=(n_sites, n))
    minutes = near[point, site]
    # Worth more than any chain of shifts that makes room, so no time saved is worth a customer.
    worth = (n_sites + 1) * (1.0 + minutes.max())
    model = MixedIntegerModel(
        gain=(worth - minutes) * weight,
        rows=sparse.csr_array(sparse.vstack([whole, load])),
        low=np.full(n_points + n_sites, -np.inf),
        high=np.concatenate([np.ones(n_points), np.minimum(room / demand.sum(), 1.0)]),
        n_binary=0,
    )
    return maximise(model, settings=settings, start=None)


def _nearest_first(
    near: NDArray[np.float64],
    demand: NDArray[np.float64],
    at: NDArray[np.int64],
    room: NDArray[np.float64],
) -> Assignment:
    """Fill sites with the nearest pairs first; what finds no room is not served."""
    amount = np.zeros_like(near)
    rest, left = demand.copy(), room.copy()
    k, site = np.nonzero(np.isfinite(near[at]))
    point = at[k]
    for pair in np.argsort(near[point, site], kind="stable"):
        i, j = point[pair], site[pair]
        taken = min(rest[i], left[j])
        amount[i, j] += taken
        rest[i] -= taken
        left[j] -= taken
    where, to = np.nonzero(amount > 0)
    return Assignment(where, to, amount[where, to])
