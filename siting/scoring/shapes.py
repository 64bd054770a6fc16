"""Curves from raw values to worth beside the straight line.

``logistic`` and ``rank`` rise with the raw value; the criterion's direction turns them. The others
say themselves what is good and are never turned: their break points are statements about the
raw unit ("a station wants 2 to 8 km to the next one"), and turning them would contradict them.

Decided for all of them: NaN stays NaN; values beyond the last break point get what that point has,
so an outlier moves nobody else (rank excepted, where it takes one place); equal raw values get
equal worth.
"""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siting.errors import ConfigError, Problem
from siting.model import NormaliseSpec

Values = NDArray[np.float64]

_NEAR_BREAKS: Final = 4
_TARGET_BREAKS: Final = 3
_LOG_81: Final = float(np.log(81.0))  # a logistic takes ln 81 of its exponent from 0.1 to 0.9


def logistic(raw: Values, spec: NormaliseSpec) -> Values:
    """Rise in an S, 0.1 at ``low`` and 0.9 at ``high``, never quite 0 or 1.

    Bounds that are not given are the data's own; a constant then gives 0.5.
    """
    known = raw[~np.isnan(raw)]
    if not len(known):
        return raw.copy()
    low = float(known.min()) if spec.low is None else spec.low
    high = float(known.max()) if spec.high is None else spec.high
    if high <= low:
        return np.where(np.isnan(raw), np.nan, 0.5)
    exponent = _LOG_81 * ((raw - low) / (high - low) - 0.5)
    worth: Values = 1.0 / (1.0 + np.exp(-np.clip(exponent, -700.0, 700.0)))
    return worth


def rank(raw: Values, spec: NormaliseSpec) -> Values:
    """Give the share of the others that a value beats, ties counting half.

    The only curve that looks at the other candidates alone: an outlier is worth no more than the
    next best, and distances between values do not count. One value, or only equal ones, give 0.5.
    """
    del spec
    known = np.flatnonzero(~np.isnan(raw))
    worth = np.full(len(raw), np.nan)
    if len(known) == 1:
        worth[known] = 0.5
    if len(known) > 1:
        ordered = np.sort(raw[known])
        below = np.searchsorted(ordered, raw[known], side="left")
        not_above = np.searchsorted(ordered, raw[known], side="right")
        worth[known] = (below + not_above - 1) / 2 / (len(known) - 1)
    return worth


def piecewise(raw: Values, spec: NormaliseSpec) -> Values:
    """Go straight from point to point of ``points``, pairs of raw value and worth in [0, 1]."""
    x = np.array([point[0] for point in spec.points])
    worth = np.array([point[1] for point in spec.points])
    return np.where(np.isnan(raw), np.nan, np.interp(raw, x, worth))


def fuzzy_increasing(raw: Values, spec: NormaliseSpec) -> Values:
    """Rise smoothly from 0 at ``low`` to 1 at ``high``: Zadeh's S function.

    References
    ----------
    Zadeh (1975), The concept of a linguistic variable and its application to approximate
    reasoning I.
    """
    return _s_curve(raw, *_bounds(spec))


def fuzzy_decreasing(raw: Values, spec: NormaliseSpec) -> Values:
    """Fall smoothly from 1 at ``low`` to 0 at ``high``: 1 less the S function."""
    return 1.0 - _s_curve(raw, *_bounds(spec))


def fuzzy_near(raw: Values, spec: NormaliseSpec) -> Values:
    """Be 1 between the two inner ``breaks`` and fall smoothly to 0 at the outer ones."""
    a, b, c, d = spec.breaks
    return np.minimum(_s_curve(raw, a, b), 1.0 - _s_curve(raw, c, d))


def target(raw: Values, spec: NormaliseSpec) -> Values:
    """Be 1 at the middle one of three ``breaks`` and fall straight to 0 at the outer ones."""
    low, best, high = spec.breaks
    worth = np.interp(raw, [low, best, high], [0.0, 1.0, 0.0])
    return np.where(np.isnan(raw), np.nan, worth)


def check_shape(where: str, spec: NormaliseSpec) -> None:
    """Refuse break points that are missing, in disorder or out of [0, 1].

    Raises
    ------
    ConfigError
        With every problem of the curve.
    """
    found = [*_point_problems(where, spec), *_break_problems(where, spec)]
    if found:
        raise ConfigError(*found)


def _point_problems(where: str, spec: NormaliseSpec) -> list[Problem]:
    if spec.kind != "piecewise":
        return [_not_taken(where, spec, "points")] if spec.points else []
    x = [point[0] for point in spec.points]
    is_rising = len(x) > 1 and all(a < b for a, b in pairwise(x))
    is_worth = all(0.0 <= point[1] <= 1.0 for point in spec.points)
    if is_rising and is_worth:
        return []
    return [
        Problem(
            where=where,
            what="the points of a piecewise normalisation are not usable",
            got=str([list(point) for point in spec.points]),
            expected="two or more pairs [raw, worth], raw values rising, worth in [0, 1]",
        )
    ]


def _break_problems(where: str, spec: NormaliseSpec) -> list[Problem]:
    wanted = {"fuzzy_near": _NEAR_BREAKS, "target": _TARGET_BREAKS}.get(spec.kind)
    if wanted is None:
        found = [_not_taken(where, spec, "breaks")] if spec.breaks else []
        is_unbounded = spec.low is None or spec.high is None
        if spec.kind.startswith("fuzzy") and is_unbounded:
            expected = "low and high, the break points of the membership"
            found.append(Problem(where=where, what="no bounds", expected=expected))
        return found
    rising = pairwise(spec.breaks)
    if len(spec.breaks) == wanted and all(a < b for a, b in rising):
        return []
    return [
        Problem(
            where=where,
            what=f"the breaks of {spec.kind} are not usable",
            got=str(list(spec.breaks)),
            expected=f"{wanted} raw values, rising",
        )
    ]


def _not_taken(where: str, spec: NormaliseSpec, name: str) -> Problem:
    return Problem(where=where, what=f"{spec.kind} takes no {name}", mend=f"Take {name} out.")


def _bounds(spec: NormaliseSpec) -> tuple[float, float]:
    if spec.low is None or spec.high is None:
        message = f"{spec.kind} without break points"
        raise ValueError(message)
    return spec.low, spec.high


def _s_curve(raw: Values, low: float, high: float) -> Values:
    share = (np.clip(raw, low, high) - low) / (high - low)
    worth: Values = np.where(share <= 0.5, 2.0 * share**2, 1.0 - 2.0 * (1.0 - share) ** 2)  # noqa: PLR2004 - the middle
    return np.where(np.isnan(raw), np.nan, worth)
