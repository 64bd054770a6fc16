"""What holds for every way to combine values, to weigh criteria, and to doubt the ranks."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from siting.model import Direction, NormaliseSpec
from siting.scoring import METHODS, NORMALISERS, SELF_DIRECTED, aggregate, normalise
from siting.scoring.aggregate import owa, wlc
from siting.scoring.agreement import kendall, spearman
from siting.scoring.certainty import (
    beats,
    draw_demand,
    draw_places,
    draw_weights,
    rank_draws,
    spread,
    switches,
)
from siting.scoring.weights import (
    check_matrix,
    combine,
    consistency,
    critic,
    eigenvector,
    entropy,
    rank_order,
    spread as spread_groups,
    stated,
)

Values = NDArray[np.float64]
TINY = 1e-9

each_method = pytest.mark.parametrize("method", sorted(METHODS))

_SPECS = {
    "linear": NormaliseSpec(kind="linear", low=-2.0, high=5.0),
    "piecewise": NormaliseSpec(kind="piecewise", points=((-3.0, 0.1), (0.0, 0.4), (4.0, 1.0))),
    "logistic": NormaliseSpec(kind="logistic", low=-2.0, high=5.0),
    "fuzzy_increasing": NormaliseSpec(kind="fuzzy_increasing", low=-2.0, high=5.0),
    "fuzzy_decreasing": NormaliseSpec(kind="fuzzy_decreasing", low=-2.0, high=5.0),
    "fuzzy_near": NormaliseSpec(kind="fuzzy_near", breaks=(-4.0, -1.0, 1.0, 6.0)),
    "rank": NormaliseSpec(kind="rank"),
    "target": NormaliseSpec(kind="target", breaks=(-4.0, 1.0, 6.0)),
}
_GOES = {"fuzzy_decreasing": -1, "fuzzy_near": 0, "target": 0}
each_curve = pytest.mark.parametrize("kind", sorted(NORMALISERS))

_shares = st.integers(0, 64).map(lambda n: n / 64.0)  # exact, so that ties are ties
_raw = arrays(float, st.integers(0, 12), elements=st.one_of(st.floats(-8, 8), st.just(np.nan)))


@st.composite
def questions(draw: st.DrawFn, *, least: int = 1) -> tuple[Values, Values]:
    n, m = draw(st.integers(least, 9)), draw(st.integers(1, 5))
    values = draw(arrays(float, (n, m), elements=_shares))
    points = draw(arrays(float, m, elements=st.integers(0, 9).map(float)))
    points[draw(st.integers(0, m - 1))] += 1.0
    return values, points / points.sum()


def test_every_curve_has_an_example() -> None:
    assert sorted(_SPECS) == sorted(NORMALISERS)


@each_curve
@given(raw=_raw, direction=st.sampled_from(Direction))
def test_a_curve_stays_in_its_range_and_keeps_what_is_unknown(
    kind: str, raw: Values, direction: Direction
) -> None:
    before = raw.copy()
    worth = normalise(raw, spec=_SPECS[kind], direction=direction)
    np.testing.assert_array_equal(raw, before)
    np.testing.assert_array_equal(np.isnan(worth), np.isnan(raw))
    known = worth[~np.isnan(worth)]
    assert ((known >= 0) & (known <= 1)).all()


@each_curve
@given(raw=_raw, direction=st.sampled_from(Direction))
def test_a_curve_goes_the_way_it_says(kind: str, raw: Values, direction: Direction) -> None:
    sign = _GOES.get(kind, 1)
    if kind not in SELF_DIRECTED and direction is Direction.MIN:
        sign = -sign
    known = np.sort(raw[~np.isnan(raw)])
    steps = np.diff(normalise(known, spec=_SPECS[kind], direction=direction))
    if sign:
        assert (sign * steps >= -1e-12).all()
    else:  # up to the best place, then down
        turns = np.sign(steps[np.abs(steps) > 1e-12])
        assert (np.diff(turns) <= 0).all()


@each_curve
@given(raw=_raw, factor=st.sampled_from([0.001, 1000.0, 3.6, 1 / 1.609]))
def test_a_curve_does_not_depend_on_the_unit(kind: str, raw: Values, factor: float) -> None:
    spec = _SPECS[kind]
    scaled = NormaliseSpec(
        kind=kind,
        low=None if spec.low is None else spec.low * factor,
        high=None if spec.high is None else spec.high * factor,
        points=tuple((x * factor, y) for x, y in spec.points),
        breaks=tuple(x * factor for x in spec.breaks),
    )
    # Different values must not become one by rounding of the factor.
    rounded = np.round(raw, 6)
    a = normalise(rounded, spec=spec, direction=Direction.MAX)
    b = normalise(rounded * factor, spec=scaled, direction=Direction.MAX)
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("kind", "raw", "worth"),
    [
        ("piecewise", [-9, -3, 0, 2, 4, 99], [0.1, 0.1, 0.4, 0.7, 1.0, 1.0]),
        ("logistic", [-2, 1.5, 5], [0.1, 0.5, 0.9]),
        ("fuzzy_increasing", [-2, -0.25, 1.5, 3.25, 5], [0, 0.125, 0.5, 0.875, 1]),
        ("fuzzy_decreasing", [-2, -0.25, 1.5, 3.25, 5], [1, 0.875, 0.5, 0.125, 0]),
        ("fuzzy_near", [-4, -2.5, -1, 0, 1, 3.5, 6], [0, 0.5, 1, 1, 1, 0.5, 0]),
        ("target", [-4, -1.5, 1, 3.5, 6, 50], [0, 0.5, 1, 0.5, 0, 0]),
        ("rank", [7, 1, 1e9, 1], [2 / 3, 1 / 6, 1, 1 / 6]),
    ],
)
def test_break_points_are_met(kind: str, raw: list[float], worth: list[float]) -> None:
    found = normalise(np.array(raw, dtype=float), spec=_SPECS[kind], direction=Direction.MAX)
    np.testing.assert_allclose(found, worth, atol=1e-12)


@each_method
@given(question=questions())
def test_a_method_gives_finite_scores_and_changes_nothing(
    method: str, question: tuple[Values, Values]
) -> None:
    values, weights = question
    before = values.copy()
    scores = aggregate(values, weights, method=method)
    np.testing.assert_array_equal(values, before)
    assert scores.shape == (len(values),)
    assert np.isfinite(scores).all()
    low = -1.0 if method == "promethee" else 0.0
    assert ((scores >= low - TINY) & (scores <= 1 + TINY)).all()


@each_method
@given(question=questions(least=2), order=st.randoms(use_true_random=False))
def test_a_method_does_not_depend_on_the_order_of_candidates(
    method: str, question: tuple[Values, Values], order: object
) -> None:
    values, weights = question
    rows = list(range(len(values)))
    order.shuffle(rows)  # type: ignore[attr-defined]
    scores = aggregate(values, weights, method=method)
    turned = aggregate(values[rows], weights, method=method)
    np.testing.assert_allclose(turned, scores[rows], rtol=0, atol=1e-12)


@each_method
@given(question=questions(least=2))
def test_a_method_never_puts_a_dominated_candidate_first(
    method: str, question: tuple[Values, Values]
) -> None:
    values, weights = question
    values[1] = np.minimum(values[0], values[1])
    scores = aggregate(values, weights, method=method)
    assert scores[0] >= scores[1] - TINY


@each_method
@given(question=questions(least=2))
def test_a_method_leaves_out_what_is_unknown(method: str, question: tuple[Values, Values]) -> None:
    values, weights = question
    values[0, 0] = np.nan
    scores = aggregate(values, weights, method=method)
    assert np.isnan(scores[0])
    rest = aggregate(values[1:], weights, method=method)
    np.testing.assert_array_equal(scores[1:], rest)


@each_method
def test_a_method_takes_one_candidate_and_none(method: str) -> None:
    weights = np.array([0.25, 0.75])
    assert np.isfinite(aggregate(np.array([[0.5, 1.0]]), weights, method=method)).all()
    assert aggregate(np.empty((0, 2)), weights, method=method).shape == (0,)


@given(question=questions())
def test_owa_without_an_attitude_to_risk_is_the_weighted_sum(
    question: tuple[Values, Values],
) -> None:
    values, weights = question
    np.testing.assert_allclose(owa(values, weights, risk=1.0), wlc(values, weights), atol=1e-12)


@given(question=questions())
def test_owa_lies_between_the_worst_and_the_best_value(question: tuple[Values, Values]) -> None:
    values, weights = question
    counted = values[:, weights > 0]
    careful, bold = owa(values, weights, risk=60.0), owa(values, weights, risk=0.02)
    assert (careful >= counted.min(axis=1) - TINY).all()
    assert (bold <= counted.max(axis=1) + TINY).all()
    assert (careful <= bold + TINY).all()


@given(
    points=arrays(float, st.integers(1, 8), elements=st.floats(0, 1e6)),
    extra=st.floats(1e-3, 1e3),
)
def test_stated_weights_sum_to_one_in_the_proportions_stated(points: Values, extra: float) -> None:
    points[0] += extra
    weights = stated(points, where="test")
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(weights * points.sum(), points, rtol=1e-9, atol=1e-300)


@given(places=arrays(np.int64, st.integers(1, 9), elements=st.integers(1, 9)))
def test_rank_order_weights_sum_to_one_and_follow_the_order(places: NDArray[np.int64]) -> None:
    weights = rank_order(places, where="test")
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (weights > 0).all()
    for i, j in np.argwhere(places[:, None] < places[None, :]):
        assert weights[i] > weights[j]
    for i, j in np.argwhere(places[:, None] == places[None, :]):
        assert weights[i] == weights[j]


@given(points=arrays(float, st.integers(1, 10), elements=st.floats(0.1, 9.0)))
def test_ahp_finds_the_weights_behind_a_consistent_matrix(points: Values) -> None:
    weights = points / points.sum()
    matrix = weights[:, None] / weights[None, :]
    np.testing.assert_allclose(eigenvector(matrix), weights, rtol=1e-9)
    found = consistency(matrix)
    assert found.ratio == pytest.approx(0.0, abs=1e-9)
    assert found.row == found.column == -1
    check_matrix(matrix, items=[f"c{i}" for i in range(len(points))], where="test")


@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4))
def test_experts_combine_to_a_reciprocal_matrix_in_any_order(seeds: list[int]) -> None:
    matrices = []
    for seed in seeds:
        upper = np.triu(np.exp(np.random.default_rng(seed).uniform(-2, 2, (4, 4))), 1)
        matrices.append(np.where(upper > 0, upper, 0) + np.eye(4) + _back(upper))
    mean = combine(matrices)
    np.testing.assert_allclose(mean * mean.T, 1.0, rtol=1e-9)
    np.testing.assert_allclose(combine(matrices[::-1]), mean, rtol=1e-9)
    first = combine(matrices, importance=np.eye(len(matrices))[0])
    np.testing.assert_allclose(first, matrices[0], rtol=1e-9)


def _back(upper: Values) -> Values:
    return np.divide(1.0, upper.T, out=np.zeros_like(upper), where=upper.T > 0)


@pytest.mark.parametrize("find", [entropy, critic])
@given(question=questions())
def test_objective_weights_sum_to_one_and_ignore_the_order(
    find: object, question: tuple[Values, Values]
) -> None:
    values, _ = question
    weights = find(values)  # type: ignore[operator]
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (weights >= 0).all()
    np.testing.assert_allclose(find(values[::-1]), weights, atol=1e-9)  # type: ignore[operator]
    same = np.ptp(values, axis=0) == 0
    if same.any() and not same.all():
        assert weights[same] == pytest.approx(0.0, abs=1e-12)


def test_groups_multiply_through() -> None:
    whole = spread_groups({"a": 0.6, "b": 0.4}, {"a": {"x": 0.5, "y": 0.5}, "b": {"z": 1.0}})
    assert whole == pytest.approx({"x": 0.3, "y": 0.3, "z": 0.4})


@given(question=questions(), seed=st.integers(0, 99), concentration=st.floats(0.5, 500))
@settings(max_examples=50)
def test_drawn_weights_sum_to_one_and_leave_zero_alone(
    question: tuple[Values, Values], seed: int, concentration: float
) -> None:
    _, weights = question
    rng = np.random.default_rng(seed)
    drawn = draw_weights(weights, draws=20, concentration=concentration, rng=rng)
    np.testing.assert_allclose(drawn.sum(axis=1), 1.0, atol=1e-12)
    assert (drawn >= 0).all()
    assert (drawn[:, weights == 0] == 0).all()
    again = np.random.default_rng(seed)
    same = draw_weights(weights, draws=20, concentration=concentration, rng=again)
    np.testing.assert_array_equal(same, drawn)


@given(question=questions(), seed=st.integers(0, 99))
@settings(max_examples=50)
def test_ranks_of_draws_are_orders_and_agree_with_scores(
    question: tuple[Values, Values], seed: int
) -> None:
    values, weights = question
    drawn = draw_weights(weights, draws=30, concentration=5.0, rng=np.random.default_rng(seed))
    ranks = rank_draws(values, drawn)
    n = len(values)
    assert (np.sort(ranks, axis=0) == np.arange(1, n + 1)[:, None]).all()
    scores = values @ drawn.T
    for d in range(30):
        ordered = scores[np.argsort(ranks[:, d]), d]
        assert (np.diff(ordered) <= 1e-12).all()


@given(question=questions(), top=st.integers(1, 9))
@settings(max_examples=50)
def test_spread_holds_nine_tenths_of_the_ranks(question: tuple[Values, Values], top: int) -> None:
    values, weights = question
    drawn = draw_weights(weights, draws=200, concentration=5.0, rng=np.random.default_rng(1))
    ranks = rank_draws(values, drawn)
    found = spread(ranks, top=top)
    assert (found.rank_p05 <= found.rank_p95).all()
    expected = np.quantile(ranks, [0.05, 0.95], axis=1, method="inverted_cdf")
    np.testing.assert_array_equal(found.rank_p05, expected[0])
    np.testing.assert_array_equal(found.rank_p95, expected[1])
    np.testing.assert_allclose(found.top_share, (ranks <= top).mean(axis=1))
    assert found.top_share.sum() == pytest.approx(min(top, len(values)))


@given(question=questions())
@settings(max_examples=50)
def test_one_beats_the_other_or_is_beaten(question: tuple[Values, Values]) -> None:
    values, weights = question
    drawn = draw_weights(weights, draws=60, concentration=5.0, rng=np.random.default_rng(2))
    ranks = rank_draws(values, drawn)
    share = beats(ranks)
    np.testing.assert_allclose(share + share.T, 1.0)
    for i in range(len(values)):
        for j in range(len(values)):
            if i != j:
                assert share[i, j] == pytest.approx((ranks[i] < ranks[j]).mean())


def _leader(values: Values, weights: Values, k: int, weight: float) -> Values:
    others = np.delete(weights, k)
    moved = np.insert(others / others.sum() * (1 - weight), k, weight)
    return values @ moved


@given(question=questions(least=2), k=st.integers(0, 4))
@settings(max_examples=150)
def test_the_leader_stays_inside_the_switch_points_and_goes_outside(
    question: tuple[Values, Values], k: int
) -> None:
    values, weights = question
    k %= len(weights)
    if weights[k] == 1.0:
        return
    found = switches(values, weights, top=1)[k]
    lead = np.lexsort((np.arange(len(values)), -(values @ weights)))[0]
    low = 0.0 if np.isnan(found.first_low) else found.first_low
    high = 1.0 if np.isnan(found.first_high) else found.first_high
    assert low - TINY <= weights[k] <= high + TINY
    for weight in np.linspace(low, high, 7):
        scores = _leader(values, weights, k, weight)
        assert scores[lead] >= scores.max() - 1e-7
    for edge, beyond, who in ((low, -1e-4, found.below), (high, 1e-4, found.above)):
        if who >= 0 and 0 < edge + beyond < 1:
            scores = _leader(values, weights, k, edge + beyond)
            assert scores[who] > scores[lead]
    assert (found.top_low, found.top_high) == pytest.approx(
        (found.first_low, found.first_high), nan_ok=True
    )


@given(
    a=arrays(float, 7, elements=st.integers(0, 9).map(float)),
    b=arrays(float, 7, elements=st.integers(0, 9).map(float)),
)
def test_agreement_is_symmetric_and_one_with_itself(a: Values, b: Values) -> None:
    for measure in (spearman, kendall):
        assert measure(a, b) == pytest.approx(measure(b, a), nan_ok=True)
        assert measure(a, -b) == pytest.approx(-measure(a, b), nan_ok=True)
        if len(set(a)) > 1:
            assert measure(a, a) == pytest.approx(1.0)
        else:
            assert np.isnan(measure(a, b))


@given(
    cases=arrays(float, (5, 3), elements=st.floats(0, 1e4)),
    seed=st.integers(0, 50),
    shift=st.floats(0, 5000),
)
def test_drawn_inputs_stay_where_they_may(cases: Values, seed: int, shift: float) -> None:
    low, base, high = np.sort(cases, axis=1).T
    rng = np.random.default_rng(seed)
    drawn = draw_demand(low, base, high, rng=rng)
    slack = 1e-9 * (1 + high)
    assert ((drawn >= low - slack) & (drawn <= high + slack)).all()
    xy = np.zeros((2, 2))
    moved = draw_places(xy, uncertainty_m=np.array([shift, np.nan]), rng=rng)
    assert (moved[1] == 0).all()
    assert (np.abs(moved[0]) <= 4 * shift + TINY).all()
