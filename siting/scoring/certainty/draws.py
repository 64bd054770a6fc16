"""Random weights and inputs, all from a generator that is handed in."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_RAYLEIGH_95: Final = float(np.sqrt(-2.0 * np.log(0.05)))


def draw_weights(
    weights: Values, *, draws: int, concentration: float, rng: np.random.Generator
) -> Values:
    """Draw weights around the given ones from a Dirichlet distribution.

    Their mean is the given weights; the standard deviation of weight w is
    √(w (1 − w) / (concentration + 1)). A weight of 0 stays 0: nobody asked for that criterion.

    Parameters
    ----------
    weights
        ``(n_criteria,)``, ≥ 0, sum 1.
    draws
        How many, ≥ 0.
    concentration
        How close to the given weights, > 0.
    rng
        Source of randomness.

    Returns
    -------
    ndarray
        ``(draws, n_criteria)``, ≥ 0, rows sum to 1.

    References
    ----------
    Butler, Jia and Dyer (1997), Simulation techniques for the sensitivity analysis of
    multi-criteria decision models.
    """
    drawn = np.zeros((draws, len(weights)))
    counted = weights > 0
    # The gamma form of the Dirichlet, since numpy's own refuses weights that underflow to 0.
    parts = rng.standard_gamma(concentration * weights[counted], size=(draws, int(counted.sum())))
    whole = parts.sum(axis=1, keepdims=True)
    shares = np.divide(parts, whole, out=np.zeros_like(parts), where=whole > 0)
    drawn[:, counted] = np.where(whole > 0, shares, weights[counted])
    return drawn


def draw_places(xy: Values, *, uncertainty_m: Values, rng: np.random.Generator) -> Values:
    """Move places by what is not known of their positions.

    ``uncertainty_m`` is read as the radius that holds the true place 95 times of 100; the shift is
    normal in both directions. Unknown uncertainties move nothing.

    Parameters
    ----------
    xy
        ``(n, 2)`` in metres.
    uncertainty_m
        ``(n,)`` in metres, ≥ 0 or NaN.
    rng
        Source of randomness.

    Returns
    -------
    ndarray
        ``(n, 2)`` in metres.
    """
    sigma = np.nan_to_num(uncertainty_m) / _RAYLEIGH_95
    moved: Values = xy + rng.standard_normal(xy.shape) * sigma[:, None]
    return moved


def draw_demand(low: Values, base: Values, high: Values, *, rng: np.random.Generator) -> Values:
    """Draw demand between its cases, all points together.

    The cases differ by city-wide assumptions, so one draw of a triangular distribution with its
    peak at ``base`` moves every point by the same share of its range.

    Parameters
    ----------
    low, base, high
        ``(n,)``, low ≤ base ≤ high.
    rng
        Source of randomness.

    Returns
    -------
    ndarray
        ``(n,)`` between low and high.
    """
    total = float(low.sum()), float(base.sum()), float(high.sum())
    if not total[2] > total[0]:
        return base.copy()
    drawn = rng.triangular(*total)
    if drawn <= total[1]:
        return low + (base - low) * _share(drawn, total[0], total[1])
    return base + (high - base) * _share(drawn, total[1], total[2])


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 1.0
