"""Raw values to [0, 1], 1 best. What happens to ties, constants, NaN and outliers is decided here.

- equal raw values get equal values, and better raw values never get worse ones;
- where bounds are the data's own, a criterion that is the same everywhere tells sites apart by
  nothing: all get 0.5;
- NaN stays NaN: what is not known is not zero;
- values beyond the stated bounds are cut to them, so one outlier cannot squeeze the others
  where the facility file states bounds.

The curves beside the straight line are in ``siting.scoring.shapes``, with what holds of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siting.model import Direction, NormaliseSpec
from siting.scoring import shapes

CONSTANT_VALUE: Final = 0.5
"""What a criterion without differences is worth everywhere."""

_LARGE: Final = float(np.finfo(np.float64).max) / 4


def normalise(
    raw: NDArray[np.float64], *, spec: NormaliseSpec, direction: Direction
) -> NDArray[np.float64]:
    """Turn raw values into [0, 1].

    Parameters
    ----------
    raw
        Raw values (n,), finite, or NaN = not known.
    spec
        Kind and bounds; a bound that is not given is the data's own.
    direction
        ``max``: more is better; ``min``: less is better. Kinds of ``SELF_DIRECTED`` say themselves
        what is good and are not turned by it.

    Returns
    -------
    ndarray
        Values (n,) in [0, 1], 1 best, NaN where raw is NaN.

    Examples
    --------
    >>> spec = NormaliseSpec(kind="linear", low=0.0, high=10.0)
    >>> normalise(np.array([0.0, 5.0, 20.0]), spec=spec, direction=Direction.MIN)
    array([1. , 0.5, 0. ])
    >>> normalise(np.array([]), spec=spec, direction=Direction.MAX)
    array([], dtype=float64)
    """
    rising = NORMALISERS[spec.kind](raw, spec)
    is_final = direction is Direction.MAX or spec.kind in SELF_DIRECTED
    return rising if is_final else 1.0 - rising


def normalise_beside(
    raw: NDArray[np.float64],
    *,
    known: NDArray[np.float64],
    spec: NormaliseSpec,
    direction: Direction,
) -> NDArray[np.float64]:
    """Turn raw values of further places into [0, 1] as they would be worth among known ones.

    Parameters
    ----------
    raw
        Raw values (m,) of the places, finite or NaN.
    known
        Raw values (n,) that were normalised before; bounds that are not given are theirs, and
        ``rank`` counts which of them a place beats.
    spec, direction
        As of ``normalise``.

    Returns
    -------
    ndarray
        Values (m,) in [0, 1], 1 best, NaN where raw is NaN, or everywhere if nothing is known.

    Examples
    --------
    >>> spec = NormaliseSpec(kind="linear", low=0.0)
    >>> known = np.array([2.0, 10.0])
    >>> normalise_beside(np.array([5.0, 20.0]), known=known, spec=spec, direction=Direction.MAX)
    array([0.5, 1. ])
    """
    told = np.sort(known[~np.isnan(known)])
    if not len(told):
        return np.full(len(raw), np.nan)
    if spec.kind == "rank":
        beaten = np.searchsorted(told, raw, "left") + np.searchsorted(told, raw, "right")
        rising = np.where(np.isnan(raw), np.nan, beaten / 2 / len(told))
        return rising if direction is Direction.MAX else 1.0 - rising
    low, high = float(told[0]), float(told[-1])
    bounded = replace(
        spec,
        low=low if spec.low is None else spec.low,
        high=high if spec.high is None else spec.high,
    )
    return normalise(raw, spec=bounded, direction=direction)


def linear(raw: NDArray[np.float64], spec: NormaliseSpec) -> NDArray[np.float64]:
    """Rise linearly from ``low`` to ``high``, flat beyond them."""
    known = raw[~np.isnan(raw)]
    if not len(known):
        return raw.copy()
    low = float(known.min()) if spec.low is None else spec.low
    high = float(known.max()) if spec.high is None else spec.high
    if high <= low:
        return np.where(np.isnan(raw), np.nan, CONSTANT_VALUE)
    # Cut first and, near the largest float only, halved: neither overflow nor underflow.
    cut = np.clip(raw, low, high)
    half = 0.5 if max(-low, high) > _LARGE else 1.0
    share: NDArray[np.float64] = (cut * half - low * half) / (high * half - low * half)
    return share


NORMALISERS: Final[
    Mapping[str, Callable[[NDArray[np.float64], NormaliseSpec], NDArray[np.float64]]]
] = MappingProxyType(
    {
        "linear": linear,
        "piecewise": shapes.piecewise,
        "logistic": shapes.logistic,
        "fuzzy_increasing": shapes.fuzzy_increasing,
        "fuzzy_decreasing": shapes.fuzzy_decreasing,
        "fuzzy_near": shapes.fuzzy_near,
        "rank": shapes.rank,
        "target": shapes.target,
    }
)
"""Every kind a facility file may name."""

SELF_DIRECTED: Final = frozenset(
    {"piecewise", "fuzzy_increasing", "fuzzy_decreasing", "fuzzy_near", "target"}
)
"""Kinds whose break points say what is good, whatever the direction of the criterion."""
