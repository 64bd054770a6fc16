"""How far one weight may move before the first place, or the top, changes hands.

One weight at a time: it moves between 0 and 1 and the others keep their proportions. Every score is
then a straight line in that weight, so the switch points are crossings and need no search.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_AT_THE_END: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The range of one weight within which the first place, and the top N, stay.

    A bound is NaN where nothing changes up to the end of [0, 1]; ``below`` and ``above`` are the
    rows that take the first place beyond the bounds, −1 for nobody.
    """

    first_low: float
    first_high: float
    below: int
    above: int
    top_low: float
    top_high: float


def switches(values: Values, weights: Values, *, top: int) -> tuple[Switch, ...]:
    """Find the switch points of every weight.

    Parameters
    ----------
    values
        ``(n_candidates, n_criteria)`` in [0, 1], nothing missing, in the order that breaks ties.
    weights
        ``(n_criteria,)``, ≥ 0, sum 1.
    top
        How many places count as the top, ≥ 1.

    Returns
    -------
    tuple of Switch
        One a criterion; all NaN where one candidate or none is there.
    """
    scores = values @ weights
    order = np.lexsort((np.arange(len(scores)), -scores))
    return tuple(
        _switch(values[:, k], scores, float(weights[k]), order, top) for k in range(len(weights))
    )


def _switch(
    column: Values, scores: Values, weight: float, order: NDArray[np.int64], top: int
) -> Switch:
    rest = 1.0 - weight
    # The score where this criterion weighs nothing; it has no others to lean on where it is all.
    others = (scores - weight * column) / rest if rest > 0 else np.zeros_like(scores)
    slope = column - others
    first = _crossings(scores, slope, weight, order[:1], order[1:])
    best = _crossings(scores, slope, weight, order[:top], order[top:])
    return Switch(
        first_low=first[0],
        first_high=first[1],
        below=first[2],
        above=first[3],
        top_low=best[0],
        top_high=best[1],
    )


def _crossings(
    scores: Values,
    slope: Values,
    weight: float,
    inside: NDArray[np.int64],
    outside: NDArray[np.int64],
) -> tuple[float, float, int, int]:
    """Return the nearest weights at which one of the outside overtakes one of the inside."""
    if not len(inside) or not len(outside):
        return float("nan"), float("nan"), -1, -1
    lead = scores[inside][:, None] - scores[outside][None, :]
    gains = slope[outside][None, :] - slope[inside][:, None]
    step = np.divide(lead, gains, out=np.full_like(lead, np.nan), where=gains != 0)
    low, row_low = _nearest(step, weight, gains < 0, end=0.0)
    high, row_high = _nearest(-step, weight, gains > 0, end=1.0)
    return low, high, _at(outside, row_low), _at(outside, row_high)


def _nearest(
    step: Values, weight: float, counts: NDArray[np.bool_], *, end: float
) -> tuple[float, int]:
    """Return the crossing nearest to the weight towards ``end``, and its column."""
    # Steps come as minus the way to go, so the nearest crossing is the largest one.
    usable = np.where(counts & ~np.isnan(step), step, -np.inf)
    place = int(np.argmax(usable))
    nearest = float(usable.flat[place])
    # At the very end all other criteria are gone, which is no switch of a weight.
    if not np.isfinite(nearest) or abs(nearest) > abs(end - weight) - _AT_THE_END:
        return float("nan"), -1
    return weight + (nearest if end == 0.0 else -nearest), place % step.shape[1]


def _at(rows: NDArray[np.int64], place: int) -> int:
    return int(rows[place]) if place >= 0 else -1
