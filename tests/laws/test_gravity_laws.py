"""Laws of the gravity model: what is balanced, what stays, and which way the mean trip goes."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.optimize import brentq

from siting.facilities._gravity import calibrate, own_costs, spread_trips

Array = NDArray[np.float64]


@st.composite
def places(draw: st.DrawFn, largest: int = 7) -> tuple[Array, Array]:
    """Draw trip ends and minutes between places; some have no trips, some are out of reach."""
    n = draw(st.integers(1, largest))
    ends = draw(arrays(float, n, elements=st.one_of(st.just(0.0), st.floats(0.01, 1e4))))
    cell = st.one_of(st.floats(0.0, 300.0), st.just(float("nan")))
    return ends, own_costs(draw(arrays(float, (n, n), elements=cell)))


@given(places(), st.floats(0.0, 0.5))
@settings(max_examples=100)
def test_rows_and_columns_add_up_and_nothing_is_negative(
    case: tuple[Array, Array], beta: float
) -> None:
    ends, minutes = case
    trips = spread_trips(ends, minutes, beta).amount
    assert (trips >= 0).all()
    np.testing.assert_allclose(trips.sum(axis=1), ends, rtol=1e-9, atol=1e-9 * max(ends.max(), 1))
    np.testing.assert_allclose(trips.sum(axis=0), ends, rtol=1e-9, atol=1e-9 * max(ends.max(), 1))


@given(places(), st.floats(0.0, 0.1))
@settings(max_examples=60)
def test_who_cannot_come_back_does_not_go(case: tuple[Array, Array], beta: float) -> None:
    ends, minutes = case
    trips = spread_trips(ends, minutes, beta).amount
    n = len(ends)
    reach = ~np.isnan(minutes) | np.eye(n, dtype=bool)
    for _ in range(n):
        reach = reach | (reach.astype(int) @ reach.astype(int) > 0)
    assert (trips[~(reach & reach.T)] == 0).all()


@given(places(), st.floats(0.0, 0.2), st.floats(1e-3, 0.2))
@settings(max_examples=60)
def test_a_steeper_impedance_shortens_the_mean_trip(
    case: tuple[Array, Array], beta: float, more: float
) -> None:
    ends, minutes = case
    minutes = np.where(np.isnan(minutes), 120.0, minutes)  # rounding of slow balancing aside
    flat, steep = (spread_trips(ends, minutes, b).mean_minutes for b in (beta, beta + more))
    assert steep <= flat + 1e-6 * max(flat, 1.0)


@given(places(), st.floats(1e-3, 1e3))
@settings(max_examples=60)
def test_trips_grow_with_their_ends(case: tuple[Array, Array], factor: float) -> None:
    ends, minutes = case
    once, more = (spread_trips(ends * f, minutes, 0.02).amount for f in (1.0, factor))
    np.testing.assert_allclose(
        more, once * factor, rtol=1e-6, atol=1e-6 * factor * (ends.max() + 1)
    )


@given(places(), st.floats(0.0, 50.0))
@settings(max_examples=60)
def test_minutes_that_every_trip_from_a_place_takes_change_nothing(
    case: tuple[Array, Array], wait: float
) -> None:
    ends, minutes = case
    minutes = np.where(np.isnan(minutes), 120.0, minutes)
    later = minutes + wait * (np.arange(len(ends)) == 0)[:, None]
    once, again = (spread_trips(ends, m, 0.02).amount for m in (minutes, later))
    np.testing.assert_allclose(once, again, atol=2e-3 * ends.sum())  # slow near a star


@given(places(), st.floats(5.0, 200.0))
@settings(max_examples=60)
def test_calibration_meets_the_mean_or_an_end_of_its_range(
    case: tuple[Array, Array], wanted: float
) -> None:
    ends, minutes = case
    found = calibrate(ends, minutes, wanted)
    if found.impedance_per_min == 0:
        assert found.mean_minutes <= wanted
    elif found.impedance_per_min < 4.0 / wanted:
        assert found.mean_minutes == pytest.approx(wanted, rel=1e-4)
    else:
        assert found.mean_minutes >= wanted


@given(
    arrays(float, 3, elements=st.floats(1.0, 100.0)),
    arrays(float, (3, 3), elements=st.floats(0.0, 60.0)),
    st.floats(0.0, 0.1),
)
@settings(max_examples=60)
def test_three_places_follow_the_closed_form(ends: Array, minutes: Array, beta: float) -> None:
    """One number is free; the product of trips one way round over the other is that of the weights."""
    a, b, c = ends
    t = minutes
    ratio = np.exp(-beta * (t[0, 1] + t[1, 2] + t[2, 0] - t[0, 2] - t[2, 1] - t[1, 0]))

    def around(x: float) -> tuple[Array, float]:
        trips = np.array(
            [[0.0, x, a - x], [a + b - c - x, 0.0, c - a + x], [c - b + x, b - x, 0.0]]
        )
        one, other = (
            trips[0, 1] * trips[1, 2] * trips[2, 0],
            trips[0, 2] * trips[2, 1] * trips[1, 0],
        )
        return trips, one - ratio * other

    low, high = max(0.0, a - c, b - c), min(a, b, a + b - c)
    assume(high - low > 1e-3)
    assume(2.0 * max(ends) < 0.95 * sum(ends))  # near a star balancing comes to rest slowly
    x = brentq(lambda x: around(x)[1], low, high, xtol=1e-12)
    trips = spread_trips(ends, minutes, beta).amount
    np.testing.assert_allclose(trips, around(x)[0], rtol=1e-4, atol=1e-4)


@given(places(), st.floats(0.0, 0.1))
@settings(max_examples=60)
def test_nobody_goes_to_where_he_is_but_for_want_of_others(
    case: tuple[Array, Array], beta: float
) -> None:
    ends, minutes = case
    minutes = np.where(np.isnan(minutes), 120.0, minutes)
    own = np.diag(spread_trips(ends, minutes, beta).amount)
    rest = np.maximum(2.0 * ends - ends.sum(), 0.0)
    np.testing.assert_allclose(own, rest, atol=2e-3 * ends.sum())


def test_own_costs_are_half_the_way_to_the_nearest_other_place() -> None:
    costs = np.array([[0.0, 8.0, np.nan], [6.0, 0.0, np.nan], [np.nan, np.nan, 0.0]])
    found = own_costs(costs)
    # the third reaches none: the mean of 8 and 6, halved
    np.testing.assert_array_equal(np.diag(found), [4.0, 3.0, 3.5])
    assert found[0, 1] == 8.0
    assert own_costs(np.zeros((1, 1)))[0, 0] == 0.0
    assert costs[0, 0] == 0.0, "the argument is left alone"
