"""Weights from nothing but the order of importance."""

import numpy as np
from numpy.typing import NDArray

from siting.errors import ConfigError, Problem


def rank_order(places: NDArray[np.int64], *, where: str) -> NDArray[np.float64]:
    """Return rank-order centroid weights; equal places share the mean of what they span.

    The centroid is the mean of all weights that respect the order.

    Parameters
    ----------
    places
        ``(n_criteria,)``, ≥ 1, 1 the most important. Gaps do not matter, only the order does.
    where
        What the places belong to, for the message.

    Returns
    -------
    ndarray
        ``(n_criteria,)``, > 0, sum 1.

    Raises
    ------
    ConfigError
        If there is no criterion or a place is below 1.

    References
    ----------
    Barron and Barrett (1996), Decision quality using ranked attribute weights: w_k is the mean of
    1/i over i = k … n, divided by nothing else than n.

    Examples
    --------
    >>> rank_order(np.array([1, 2]), where="example")
    array([0.75, 0.25])
    """
    n = len(places)
    if n == 0 or (places < 1).any():
        raise ConfigError(
            Problem(
                where=where,
                what="not an order of importance",
                got=str(places.tolist()),
                expected="a place from 1 on for every criterion",
            )
        )
    centroid = np.cumsum(1.0 / np.arange(n, 0, -1))[::-1] / n
    order = np.argsort(places, kind="stable")
    weights = np.empty(n)
    weights[order] = centroid
    _, group = np.unique(places, return_inverse=True)
    shared = np.bincount(group, weights=weights) / np.bincount(group)
    ties: NDArray[np.float64] = shared[group]
    whole: NDArray[np.float64] = ties / ties.sum()
    return whole
