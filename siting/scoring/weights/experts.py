"""Several experts made one: aggregation of individual judgements."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def combine(
    matrices: Sequence[NDArray[np.float64]], *, importance: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the geometric mean of pairwise matrices, cell by cell.

    Only the geometric mean keeps the combined matrix reciprocal.

    Parameters
    ----------
    matrices
        One or more ``(n, n)``, > 0, same items in the same order.
    importance
        ``(n_experts,)``, ≥ 0, with a sum above 0; equal by default.

    Returns
    -------
    ndarray
        ``(n, n)``.

    References
    ----------
    Aczél and Saaty (1983), Procedures for synthesizing ratio judgements.
    """
    shares = np.ones(len(matrices)) if importance is None else importance
    logs = np.stack([np.log(matrix) for matrix in matrices])
    mean: NDArray[np.float64] = np.exp(np.tensordot(shares / shares.sum(), logs, axes=1))
    return mean
