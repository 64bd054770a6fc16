"""Weighted linear combination: the score is the sum of its contributions, exactly."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def weighted_sum(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Combine normalised values.

    Parameters
    ----------
    values
        ``(n_candidates, n_criteria)`` in [0, 1], NaN = not known.
    weights
        ``(n_criteria,)``, ≥ 0, sum 1.

    Returns
    -------
    contributions
        ``(n_candidates, n_criteria)``, weight × value.
    scores
        ``(n_candidates,)`` in [0, 1]; NaN where any value is, since a guess is no score.

    References
    ----------
    Malczewski (2000), On the use of weighted linear combination method in GIS.
    """
    contributions = values * weights[None, :]
    scores = np.zeros(len(values))
    for column in contributions.T:  # one order of addition, whatever the memory layout
        scores = scores + column
    return contributions, np.where(np.isnan(scores), np.nan, np.minimum(scores, 1.0))


def rank(scores: NDArray[np.float64], ids: NDArray[np.object_]) -> NDArray[np.float64]:
    """Rank from 1, best first; equal scores by id; NaN is not ranked.

    Parameters
    ----------
    scores
        ``(n,)``, NaN = not ranked.
    ids
        ``(n,)``, unique; they break ties.

    Returns
    -------
    ndarray
        ``(n,)`` ranks as floats, NaN where the score is.
    """
    order = pd.DataFrame({"score": -scores, "id": ids}).sort_values(["score", "id"]).index
    ranks = np.full(len(scores), np.nan)
    known = order[~np.isnan(scores[order])]
    ranks[known] = np.arange(1, len(known) + 1)
    return ranks
