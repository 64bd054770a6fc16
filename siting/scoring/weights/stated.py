"""Weights from numbers that somebody states: direct weights, or the points of SWING."""

import numpy as np
from numpy.typing import NDArray

from siting.errors import ConfigError, Problem


def stated(points: NDArray[np.float64], *, where: str) -> NDArray[np.float64]:
    """Divide points by their sum.

    For SWING the points say how much the swing of a criterion from its worst to its best value
    matters, 100 for the one that matters most; for direct weights they are the weights.

    Parameters
    ----------
    points
        ``(n_criteria,)``, finite, ≥ 0, at least one above 0.
    where
        What the points belong to, for the message.

    Returns
    -------
    ndarray
        ``(n_criteria,)``, sum 1.

    Raises
    ------
    ConfigError
        If a number is negative or not finite, or none is above 0.

    References
    ----------
    von Winterfeldt and Edwards (1986), Decision analysis and behavioral research, ch. 8.

    Examples
    --------
    >>> stated(np.array([100.0, 60.0, 40.0]), where="example")
    array([0.5, 0.3, 0.2])
    """
    is_usable = np.isfinite(points) & (points >= 0)
    if not is_usable.all() or not points.sum() > 0:
        raise ConfigError(
            Problem(
                where=where,
                what="not weights",
                got=str(points.tolist()),
                expected="numbers ≥ 0, at least one above 0",
            )
        )
    shares: NDArray[np.float64] = points / points.sum()
    return shares
