"""Weighted overlay of surfaces with exclusions, strip by strip: score and permission of every cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.errors import ConfigError, InputError, Problem
from siting.surface import limits
from siting.surface.distance import Marks, Rows, distance_rows, n_strips, span, within_rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Term:
    """One criterion of an overlay: worth 0 at ``low`` and 1 at ``high``, straight between.

    ``values`` gives its rows; for ``Marks`` they are the metres to the nearest marked cell. ``low``
    above ``high`` means that less is better. ``weight`` ≥ 0.
    """

    values: Rows | Marks
    weight: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bar:
    """An exclusion: the marked cells and all at most ``clearance_m`` ≥ 0 from one."""

    marks: Marks
    clearance_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strip:
    """Rows of an overlay from row ``start``: ``score`` (NaN = a criterion is not known), ``is_free``."""

    start: int
    score: NDArray[np.float32]
    is_free: NDArray[np.bool_]


def overlay(
    terms: Sequence[Term], bars: Sequence[Bar], *, shape: tuple[int, int], strip_rows: int
) -> Iterator[Strip]:
    """Yield the strips of an overlay from top to bottom; one strip is in memory at a time.

    Parameters
    ----------
    terms
        Criteria; the score is the sum of weight times worth.
    bars
        Exclusions; a cell is free where none reaches it. It keeps its score where one does.
    shape
        Rows and columns, the same for all.
    strip_rows
        Rows at a time; that of all marks.

    Raises
    ------
    ConfigError
        If a weight is below 0, the two ends of a criterion are one, or a clearance is below 0.
    InputError
        If marks have another shape or other strips.
    """
    _check_numbers(terms, bars)
    all_marks = [bar.marks for bar in bars]
    all_marks += [term.values for term in terms if isinstance(term.values, Marks)]
    _check_shapes(all_marks, shape, strip_rows)
    for strip in range(n_strips(shape[0], strip_rows)):
        start, stop = span(strip, shape[0], strip_rows)
        score = np.zeros((stop - start, shape[1]), np.float32)
        for term in terms:
            values = np.asarray(_values(term, strip, start, stop))
            _add_worth(values, *_scale(term), score)
        is_free = np.ones(score.shape, np.bool_)
        for bar in bars:
            is_free &= ~within_rows(bar.marks, strip, bar.clearance_m)
        yield Strip(start=start, score=score, is_free=is_free)


def _values(term: Term, strip: int, start: int, stop: int) -> NDArray[np.generic]:
    if isinstance(term.values, Marks):
        return distance_rows(term.values, strip)
    return term.values(start, stop)


def _add_worth(
    values: NDArray[np.generic], weight: float, low: float, high: float, score: NDArray[np.float32]
) -> None:
    """Do what the compiled kernel does, with whole arrays where there is none."""
    if limits.HAS_NUMBA:
        from siting.surface import kernels  # noqa: PLC0415 - the compiler takes a second to load

        kernels.add_worth(values, weight, low, high, score)
        return
    scale = np.float32(1.0 / (high - low))
    worth = (values.astype(np.float32) - np.float32(low)) * scale
    score += np.float32(weight) * np.clip(worth, np.float32(0.0), np.float32(1.0))


def _scale(term: Term) -> tuple[float, float, float]:
    return term.weight, term.low, term.high


def _check_numbers(terms: Sequence[Term], bars: Sequence[Bar]) -> None:
    problems = [
        Problem(
            where=f"overlay, criterion {k}",
            what="a weight below 0, or ends that are one",
            got=f"weight {term.weight:g}, low {term.low:g}, high {term.high:g}",
            expected="weight ≥ 0 and low different from high, all finite",
        )
        for k, term in enumerate(terms)
        if not (np.isfinite(_scale(term)).all() and term.weight >= 0 and term.low != term.high)
    ]
    problems += [
        Problem(
            where=f"overlay, exclusion {k}",
            what="no clearance",
            got=f"{bar.clearance_m:g} m",
            expected="a finite number ≥ 0",
        )
        for k, bar in enumerate(bars)
        if not (np.isfinite(bar.clearance_m) and bar.clearance_m >= 0)
    ]
    if problems:
        raise ConfigError(*problems)


def _check_shapes(all_marks: Sequence[Marks], shape: tuple[int, int], strip_rows: int) -> None:
    for marks in all_marks:
        if marks.shape != shape or marks.strip_rows != strip_rows:
            raise InputError(
                Problem(
                    where="overlay",
                    what="surfaces do not lie on one another",
                    got=f"{marks.shape} in strips of {marks.strip_rows} rows",
                    expected=f"{shape} in strips of {strip_rows}",
                )
            )
