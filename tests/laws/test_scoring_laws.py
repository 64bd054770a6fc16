"""What holds for the straight line, for the weighted sum and for ranks, whatever the numbers."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from siting.model import Direction, NormaliseSpec
from siting.scoring import normalise, rank, weighted_sum

EXACT = 1e-12

# The whole range of floats, from the smallest to the largest, and what is not known.
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_cells = st.one_of(_numbers, st.just(math.nan))
_columns = st.lists(_cells, max_size=12).map(lambda cells: np.array(cells, dtype=float))
_directions = st.sampled_from(list(Direction))
_plain = st.lists(
    st.integers(-10_000, 10_000).map(lambda n: n / 10.0), min_size=2, max_size=12, unique=True
).map(lambda cells: np.array(cells, dtype=float))


@st.composite
def _specs(draw: st.DrawFn) -> NormaliseSpec:
    bounds = sorted(draw(st.lists(_numbers, min_size=2, max_size=2, unique=True)))
    return NormaliseSpec(
        kind="linear",
        low=draw(st.sampled_from([None, bounds[0]])),
        high=draw(st.sampled_from([None, bounds[1]])),
    )


@given(raw=_columns, spec=_specs(), direction=_directions)
@settings(max_examples=300)
def test_values_lie_between_zero_and_one_and_unknown_stays_unknown(
    raw: NDArray[np.float64], spec: NormaliseSpec, direction: Direction
) -> None:
    before = raw.copy()
    values = normalise(raw, spec=spec, direction=direction)
    assert values.shape == raw.shape
    assert values.dtype == np.float64
    np.testing.assert_array_equal(np.isnan(values), np.isnan(raw))
    known = values[~np.isnan(values)]
    assert ((known >= 0.0) & (known <= 1.0)).all()
    np.testing.assert_array_equal(raw, before)


@given(raw=_columns, spec=_specs())
@settings(max_examples=300)
def test_more_is_never_worse_and_equal_is_equal(
    raw: NDArray[np.float64], spec: NormaliseSpec
) -> None:
    known = np.sort(raw[~np.isnan(raw)])
    values = normalise(known, spec=spec, direction=Direction.MAX)
    assert (np.diff(values) >= 0).all()
    is_same = known[1:] == known[:-1]
    assert (np.diff(values)[is_same] == 0).all()


@given(raw=_columns, spec=_specs())
def test_turning_the_direction_turns_the_value(
    raw: NDArray[np.float64], spec: NormaliseSpec
) -> None:
    up = normalise(raw, spec=spec, direction=Direction.MAX)
    down = normalise(raw, spec=spec, direction=Direction.MIN)
    np.testing.assert_array_equal(down, 1.0 - up)


@given(raw=_plain, direction=_directions)
def test_the_worst_and_the_best_of_the_data_are_zero_and_one(
    raw: NDArray[np.float64], direction: Direction
) -> None:
    values = normalise(raw, spec=NormaliseSpec(kind="linear"), direction=direction)
    assert (values.min(), values.max()) == (0.0, 1.0)
    best = raw.argmax() if direction is Direction.MAX else raw.argmin()
    assert values[best] == 1.0


@given(n=st.integers(1, 6), number=_numbers, direction=_directions)
def test_a_column_without_differences_is_worth_one_half(
    n: int, number: float, direction: Direction
) -> None:
    values = normalise(
        np.array([number] * n + [math.nan]), spec=NormaliseSpec(kind="linear"), direction=direction
    )
    np.testing.assert_array_equal(values, [0.5] * n + [math.nan])


@given(raw=_plain, factor=st.sampled_from([1e-12, 0.001, 0.3, 60.0, 1e9]), direction=_directions)
def test_the_unit_does_not_matter(
    raw: NDArray[np.float64], factor: float, direction: Direction
) -> None:
    spec = NormaliseSpec(kind="linear")
    np.testing.assert_allclose(
        normalise(raw * factor, spec=spec, direction=direction),
        normalise(raw, spec=spec, direction=direction),
        rtol=0,
        atol=EXACT,
    )
    stated = replace(spec, low=-700.0, high=500.0)
    np.testing.assert_allclose(
        normalise(
            raw * factor,
            spec=replace(spec, low=-700.0 * factor, high=500.0 * factor),
            direction=direction,
        ),
        normalise(raw, spec=stated, direction=direction),
        rtol=0,
        atol=EXACT,
    )


@given(raw=_columns, spec=_specs(), direction=_directions, order=st.permutations(range(12)))
def test_the_order_of_candidates_does_not_matter(
    raw: NDArray[np.float64], spec: NormaliseSpec, direction: Direction, order: list[int]
) -> None:
    rows = [i for i in order if i < len(raw)]
    np.testing.assert_array_equal(
        normalise(raw[rows], spec=spec, direction=direction),
        normalise(raw, spec=spec, direction=direction)[rows],
    )


@st.composite
def _questions(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n, m = draw(st.integers(0, 6)), draw(st.integers(1, 6))
    cell = st.one_of(st.floats(0.0, 1.0), st.just(0.0), st.just(1.0), st.just(math.nan))
    values = draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n))
    parts = np.array(draw(st.lists(st.integers(0, 100), min_size=m, max_size=m)), dtype=float)
    parts[0] += 1.0
    return np.array(values, dtype=float).reshape(n, m), parts / parts.sum()


@given(question=_questions())
@settings(max_examples=200)
def test_contributions_add_up_to_the_score(
    question: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    values, weights = question
    contributions, scores = weighted_sum(values, weights)
    np.testing.assert_array_equal(contributions, values * weights)
    np.testing.assert_allclose(contributions.sum(axis=1), scores, rtol=0, atol=EXACT)
    np.testing.assert_array_equal(np.isnan(scores), np.isnan(values).any(axis=1))
    known = scores[~np.isnan(scores)]
    assert ((known >= 0.0) & (known <= 1.0)).all()


@given(question=_questions(), order=st.permutations(range(6)))
def test_a_score_does_not_depend_on_the_others(
    question: tuple[NDArray[np.float64], NDArray[np.float64]], order: list[int]
) -> None:
    values, weights = question
    rows = [i for i in order if i < len(values)]
    scores = weighted_sum(values, weights)[1]
    np.testing.assert_array_equal(weighted_sum(values[rows], weights)[1], scores[rows])
    turned = weighted_sum(np.asfortranarray(values), weights)[1]
    np.testing.assert_array_equal(turned, scores)


@given(question=_questions(), row=st.integers(0, 5), column=st.integers(0, 5))
def test_a_better_value_never_lowers_the_score(
    question: tuple[NDArray[np.float64], NDArray[np.float64]], row: int, column: int
) -> None:
    values, weights = np.nan_to_num(question[0]), question[1]
    better = values.copy()
    better[row % max(len(values), 1) :, column % values.shape[1]] = 1.0
    assert (weighted_sum(better, weights)[1] >= weighted_sum(values, weights)[1]).all()


_scores = st.lists(
    st.one_of(st.sampled_from([0.0, -0.0, 0.25, 0.5, 1.0, math.nan]), st.floats(0.0, 1.0)),
    max_size=10,
).map(lambda cells: np.array(cells, dtype=float))


@given(scores=_scores, order=st.permutations(range(10)))
@settings(max_examples=200)
def test_ranks_are_by_score_then_id_whatever_the_order(
    scores: NDArray[np.float64], order: list[int]
) -> None:
    ids = np.array([f"C{i:03d}" for i in range(len(scores))], dtype=object)
    ranks = rank(scores, ids)
    best_first = sorted((-s, i) for s, i in zip(scores, ids, strict=True) if not math.isnan(s))
    expected = {name: place for place, (_, name) in enumerate(best_first, start=1)}
    assert [expected.get(name) for name in ids] == [None if math.isnan(r) else r for r in ranks]
    rows = [i for i in order if i < len(scores)]
    np.testing.assert_array_equal(rank(scores[rows], ids[rows]), ranks[rows])


@pytest.mark.parametrize("span", [5e-324, 1e-300, 1.0, 1e300, np.finfo(float).max])
@pytest.mark.parametrize("direction", Direction)
def test_the_smallest_and_the_largest_spans_are_told_apart(
    span: float, direction: Direction
) -> None:
    raw = np.array([-span, 0.0, span])
    expected = [0.0, 0.5, 1.0]
    values = normalise(raw, spec=NormaliseSpec(kind="linear"), direction=direction)
    np.testing.assert_array_equal(
        values, expected if direction is Direction.MAX else expected[::-1]
    )
