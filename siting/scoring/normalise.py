"""Raw values to [0, 1], 1 best. What happens to ties, constants, NaN and outliers is decided here.

- equal raw values get equal values;
- a criterion that is the same everywhere tells sites apart by nothing: all get 0.5;
- NaN stays NaN: what is not known is not zero;
- values beyond the stated bounds are cut to them, so one outlier cannot squeeze the others
  where the facility file states bounds.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siting.model import Direction, NormaliseSpec

CONSTANT_VALUE: Final = 0.5
"""What a criterion without differences is worth everywhere."""


def normalise(
    raw: NDArray[np.float64], *, spec: NormaliseSpec, direction: Direction
) -> NDArray[np.float64]:
    """Turn raw values into [0, 1].

    Parameters
    ----------
    raw
        Raw values (n,), NaN = not known.
    spec
        Kind and bounds; a bound that is not given is the data's own.
    direction
        ``max``: more is better; ``min``: less is better.

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
    return rising if direction is Direction.MAX else 1.0 - rising


def linear(raw: NDArray[np.float64], spec: NormaliseSpec) -> NDArray[np.float64]:
    """Rise linearly from ``low`` to ``high``, flat beyond them."""
    known = raw[~np.isnan(raw)]
    if not len(known):
        return raw.copy()
    low = float(known.min()) if spec.low is None else spec.low
    high = float(known.max()) if spec.high is None else spec.high
    if high <= low:
        return np.where(np.isnan(raw), np.nan, CONSTANT_VALUE)
    # Halved first, so that bounds of opposite sign near the largest float do not overflow.
    share: NDArray[np.float64] = np.clip((raw / 2 - low / 2) / (high / 2 - low / 2), 0.0, 1.0)
    return share


NORMALISERS: Final[
    Mapping[str, Callable[[NDArray[np.float64], NormaliseSpec], NDArray[np.float64]]]
] = MappingProxyType({"linear": linear})
"""Every kind a facility file may name."""
