"""How much of what sites can serve is used."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.errors import ModelError, Problem
from siting.optimise._inputs import read_amounts


def utilisation(amount: ArrayLike, site: ArrayLike, capacity: ArrayLike) -> NDArray[np.float64]:
    """Return how much of each site's capacity is used, ``(n_sites,)``; above 1 is overload.

    Parameters
    ----------
    amount, site
        What is served, and the index of the site that serves it, ``(n,)`` each.
    capacity
        What each site can serve, ``(n_sites,)``, > 0; infinity makes a use of 0.
    """
    able = np.asarray(capacity, dtype=float)
    where = "utilisation"
    sites = np.asarray(site, dtype=np.int64)
    load = read_amounts(np.asarray(amount), len(sites), where=where, name="amount")
    if np.isnan(able).any() or (able <= 0).any() or not np.isin(sites, np.arange(len(able))).all():
        raise ModelError(
            Problem(where=where, what="a capacity is not above 0, or a site is not there")
        )
    used: NDArray[np.float64] = np.bincount(sites, weights=load, minlength=len(able)) / able
    return used
