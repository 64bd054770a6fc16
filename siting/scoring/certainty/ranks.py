"""Ranks under many draws of the weights, and what they add up to.

A score in [0, 1] and the place of its candidate share one integer: the score in the upper 50 bits,
the place in the lower 13. Sorting plain integers is several times as fast as sorting indices, ties
go to the earlier candidate, and scores that differ by rounding only count as ties. More than
8,191 candidates take the slower way.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Ranks = NDArray[np.uint16]

MOST: Final = 65_535
"""Candidates that a rank of 16 bits can count."""

_SCORE_BITS: Final = 50
_PLACE_BITS: Final = 13
_DRAWS_AT_A_TIME: Final = 250
_THREADS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """Where candidates come out over all draws: bounds of 90 % of the ranks, share in the top."""

    rank_p05: Values
    rank_p95: Values
    top_share: Values


def rank_draws(values: Values, weights: Values) -> Ranks:
    """Rank candidates by their weighted sum under every draw of the weights.

    Parameters
    ----------
    values
        ``(n_candidates, n_criteria)`` in [0, 1], in the order that breaks ties. A candidate with
        NaN comes after all that are known.
    weights
        ``(n_draws, n_criteria)``, ≥ 0, rows sum to 1.

    Returns
    -------
    ndarray
        ``(n_candidates, n_draws)``, from 1, best first.

    Raises
    ------
    ValueError
        If there are more candidates than 16 bits can count.
    """
    n, draws = len(values), len(weights)
    if n > MOST:
        message = f"{n} candidates, at most {MOST} can be ranked"
        raise ValueError(message)
    ranks = np.empty((n, draws), dtype=np.uint16)
    starts = range(0, draws, _DRAWS_AT_A_TIME) if n else range(0)

    def fill(start: int) -> None:
        here = slice(start, start + _DRAWS_AT_A_TIME)
        ranks[:, here] = _rank_rows(weights[here] @ values.T).T

    # Sorting releases the interpreter, so threads share the work; each fills its own columns.
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(fill, starts))
    return ranks


def spread(ranks: Ranks, *, top: int) -> Spread:
    """Return the 5 % and 95 % quantiles of each candidate's rank, and how often it is in the top.

    Parameters
    ----------
    ranks
        ``(n_candidates, n_draws)``, from 1.
    top
        Ranks that count as the top, ≥ 1.

    Returns
    -------
    Spread
        Quantiles are ranks that occur, the lowest below which at least that share of the draws
        does not fall; all NaN without a draw.
    """
    n, draws = ranks.shape
    found = np.full((3, n), np.nan)
    for i in range(n if draws else 0):
        # Ranks are small integers: counting them beats sorting them.
        through = np.cumsum(np.bincount(ranks[i], minlength=top + 1))
        found[0, i] = np.searchsorted(through, 0.05 * draws)
        found[1, i] = np.searchsorted(through, 0.95 * draws)
        found[2, i] = through[top] / draws
    return Spread(rank_p05=found[0], rank_p95=found[1], top_share=found[2])


def beats(ranks: Ranks) -> Values:
    """Return how often each candidate comes before each other one.

    Parameters
    ----------
    ranks
        ``(n_candidates, n_draws)``, distinct in every draw.

    Returns
    -------
    ndarray
        ``(n_candidates, n_candidates)``: share of draws in which row beats column; 0.5 on the
        diagonal, and (i, j) + (j, i) = 1.
    """
    n, draws = ranks.shape
    share = np.full((n, n), 0.5)
    for i in range(n - 1):
        wins = np.count_nonzero(ranks[i] < ranks[i + 1 :], axis=1) / max(draws, 1)
        share[i, i + 1 :] = wins
        share[i + 1 :, i] = 1.0 - wins
    return share


def _rank_rows(scores: Values) -> Ranks:
    order = _packed_order(scores) if scores.shape[1] < 1 << _PLACE_BITS else _order(scores)
    ranks = np.empty(scores.shape, dtype=np.uint16)
    counted = np.arange(1, scores.shape[1] + 1, dtype=np.uint16)
    np.put_along_axis(ranks, order, counted[None, :], axis=1)
    return ranks


def _packed_order(scores: Values) -> NDArray[np.int64]:
    worst = float(1 << _SCORE_BITS)
    lost = np.where(np.isnan(scores), worst - 1.0, (1.0 - np.minimum(scores, 1.0)) * (worst - 2.0))
    key = lost.astype(np.int64)
    key <<= _PLACE_BITS
    key |= np.arange(scores.shape[1])
    key.sort(axis=1)
    key &= (1 << _PLACE_BITS) - 1
    return key


def _order(scores: Values) -> NDArray[np.int64]:
    return np.argsort(-np.nan_to_num(scores, nan=-1.0), axis=1, kind="stable")
