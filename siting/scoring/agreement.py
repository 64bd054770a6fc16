"""How far two orders of the same candidates agree."""

import numpy as np
from numpy.typing import NDArray

_BLOCK = 512


def spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return Spearman's rank correlation, ties ranked by their mean.

    Parameters
    ----------
    a, b
        Scores ``(n,)``; candidates with NaN in either are left out.

    Returns
    -------
    float
        In [−1, 1]; NaN for fewer than two candidates or where one order is all ties.

    Examples
    --------
    >>> float(spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 15.0])))
    0.5
    """
    first, second = _both(a, b)
    x, y = _mean_ranks(first), _mean_ranks(second)
    x, y = x - x.mean() if len(x) else x, y - y.mean() if len(y) else y
    whole = float(np.sqrt((x @ x) * (y @ y)))
    return float(np.clip(x @ y / whole, -1.0, 1.0)) if whole > 0 else float("nan")


def kendall(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return Kendall's τ-b, the share of pairs in the same order less those in the other.

    Parameters and returns as of ``spearman``.

    References
    ----------
    Kendall (1945), The treatment of ties in ranking problems.
    """
    first, second = _both(a, b)
    together, untied_a, untied_b = 0.0, 0.0, 0.0
    for start in range(0, len(first), _BLOCK):
        here = slice(start, start + _BLOCK)
        x = np.sign(first[here, None] - first[None, :])
        y = np.sign(second[here, None] - second[None, :])
        together += float((x * y).sum())
        untied_a += float(np.abs(x).sum())
        untied_b += float(np.abs(y).sum())
    whole = float(np.sqrt(untied_a * untied_b))
    return float(np.clip(together / whole, -1.0, 1.0)) if whole > 0 else float("nan")


def _both(
    a: NDArray[np.float64], b: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = ~(np.isnan(a) | np.isnan(b))
    return a[known], b[known]


def _mean_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    through = np.searchsorted(ordered, values, side="right")
    return (below + through + 1) / 2
