"""Which weight moves the ranking most: first-order variance-based indices from given draws."""

import numpy as np
from numpy.typing import NDArray


def first_order(
    inputs: NDArray[np.float64], output: NDArray[np.float64], *, classes: int = 0
) -> NDArray[np.float64]:
    """Return the share of the output's variance that each input explains by itself.

    Draws are sorted by an input into classes of equal size; the variance of the class means over
    the whole variance is the index. It needs no design of its own, so the draws of the weights
    serve; weights that sum to one are not independent, and their indices need not add up to one.

    Parameters
    ----------
    inputs
        ``(n_draws, n_inputs)``.
    output
        ``(n_draws,)``, such as the mean change of rank.
    classes
        How many; by default the cube root of the draws, at least 2.

    Returns
    -------
    ndarray
        ``(n_inputs,)`` in [0, 1]; 0 for an input that never changes, NaN where the output never
        does or there are too few draws.

    References
    ----------
    Saltelli et al. (2008), Global sensitivity analysis: the primer, ch. 4; Plischke, Borgonovo and
    Smith (2013), Global sensitivity measures from given data, eq. 10.
    """
    n, m = inputs.shape
    k = classes or max(2, int(np.cbrt(n)))
    whole = float(output.var()) if n else 0.0
    if n < 2 * k or not whole > 0:
        return np.full(m, np.nan)
    found = np.zeros(m)
    bounds = np.linspace(0, n, k + 1).astype(np.int64)
    sizes = np.diff(bounds)
    for j in range(m):
        if np.ptp(inputs[:, j]) == 0:
            continue
        ordered = output[np.argsort(inputs[:, j], kind="stable")]
        means = np.add.reduceat(ordered, bounds[:-1]) / sizes
        between = float(sizes @ (means - output.mean()) ** 2) / n
        # Means of a class vary by chance too: that part is taken off.
        chance = (k - 1) / (n - 1)
        found[j] = max(0.0, (between / whole - chance) / (1.0 - chance))
    return np.minimum(found, 1.0)
