"""Scores worked out by hand, and the examples in the documentation of scores and units."""

import doctest
import importlib
import math

import numpy as np
import pytest

from siting.model import Direction, NormaliseSpec
from siting.scoring import normalise, rank, weighted_sum

NAN = math.nan


@pytest.mark.parametrize("module", ["siting.scoring.normalise", "siting.units"])
def test_the_examples_in_the_documentation_hold(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, None, [0.0, 0.25, 1.0, NAN]),  # 10 … 50
        (0.0, None, [0.2, 0.4, 1.0, NAN]),
        (None, 30.0, [0.0, 0.5, 1.0, NAN]),  # 50 is cut to 30
        (20.0, 40.0, [0.0, 0.0, 1.0, NAN]),
        (0.0, 100.0, [0.1, 0.2, 0.5, NAN]),
        (60.0, None, [0.5, 0.5, 0.5, NAN]),  # all are below: no difference is left
        (None, 5.0, [0.5, 0.5, 0.5, NAN]),
    ],
)
def test_a_line_between_stated_bounds_or_those_of_the_data(
    low: float | None, high: float | None, expected: list[float]
) -> None:
    raw = np.array([10.0, 20.0, 50.0, NAN])
    spec = NormaliseSpec(kind="linear", low=low, high=high)
    np.testing.assert_allclose(normalise(raw, spec=spec, direction=Direction.MAX), expected)
    turned = [1.0 - value for value in expected]
    np.testing.assert_allclose(normalise(raw, spec=spec, direction=Direction.MIN), turned)


def test_stated_bounds_keep_the_value_of_a_column_without_differences() -> None:
    spec = NormaliseSpec(kind="linear", low=0.0, high=20.0)
    values = normalise(np.array([5.0, 5.0]), spec=spec, direction=Direction.MAX)
    np.testing.assert_array_equal(values, [0.25, 0.25])


def test_no_values_and_nothing_known() -> None:
    spec = NormaliseSpec(kind="linear")
    assert normalise(np.array([]), spec=spec, direction=Direction.MIN).shape == (0,)
    nothing = normalise(np.array([NAN, NAN]), spec=spec, direction=Direction.MIN)
    assert np.isnan(nothing).all()


def test_a_score_and_its_contributions_by_hand() -> None:
    values = np.array([[1.0, 0.5, 0.0], [0.2, NAN, 1.0]])
    contributions, scores = weighted_sum(values, np.array([0.5, 0.3, 0.2]))
    np.testing.assert_allclose(contributions, [[0.5, 0.15, 0.0], [0.1, NAN, 0.2]])
    np.testing.assert_allclose(scores, [0.65, NAN])


def test_weights_that_round_above_one_score_no_more_than_one() -> None:
    weights = np.array([0.5, 0.5 + 1e-15])
    assert weights.sum() > 1.0
    assert weighted_sum(np.ones((1, 2)), weights)[1][0] == 1.0


def test_a_criterion_without_weight_still_has_to_be_known() -> None:
    assert np.isnan(weighted_sum(np.array([[1.0, NAN]]), np.array([1.0, 0.0]))[1][0])


def test_ranks_by_hand() -> None:
    ids = np.array(["C3", "C1", "C2", "C4", "C0"], dtype=object)
    ranks = rank(np.array([0.5, 0.9, 0.5, NAN, 0.5]), ids)
    np.testing.assert_array_equal(ranks, [4.0, 1.0, 3.0, NAN, 2.0])
    assert rank(np.array([]), np.array([], dtype=object)).shape == (0,)
