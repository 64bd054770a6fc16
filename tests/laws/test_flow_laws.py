"""What every flow model must obey, whatever the network."""

import numpy as np
from hypothesis import given, settings, strategies as st

from siting.model import SolveStatus
from siting.optimise.curves import coverage_curve
from siting.optimise.flow_capture import flow_capture
from siting.optimise.flow_refuelling import (
    Tank,
    Trip,
    drives_through,
    flow_refuelling,
    refuelling_coverage,
)
from siting.optimise.phasing import roll_out
from tests.flow_cases import trips_on

TANKS = st.sampled_from([1.0, 2.0, 3.5, 5.0, 8.0, 12.0, 40.0])


@settings(max_examples=40)
@given(case=trips_on(), tank=TANKS, longer=st.sampled_from([1.0, 1.3, 2.0, 4.0]))
def test_a_longer_range_never_refuels_less(
    case: tuple[int, list[Trip]], tank: float, longer: float
) -> None:
    n, trips = case
    less, more = (
        flow_refuelling(trips, range(n), p=2, tank=Tank(range=r)).objective
        for r in (tank, tank * longer)
    )
    assert more >= less


@settings(max_examples=40)
@given(case=trips_on(), tank=TANKS)
def test_more_stations_never_serve_less(case: tuple[int, list[Trip]], tank: float) -> None:
    n, trips = case
    refuelled = [
        flow_refuelling(trips, range(n), p=p, tank=Tank(range=tank)).objective
        for p in range(1, n + 1)
    ]
    captured = [flow_capture(trips, range(n), p=p).objective for p in range(1, n + 1)]
    assert refuelled == sorted(refuelled)
    assert captured == sorted(captured)


@settings(max_examples=40)
@given(case=trips_on(), tank=TANKS, p=st.integers(1, 3))
def test_a_refuelled_trip_is_a_captured_trip(
    case: tuple[int, list[Trip]], tank: float, p: int
) -> None:
    n, trips = case
    p = min(p, n)
    refuelled = flow_refuelling(trips, range(n), p=p, tank=Tank(range=tank))
    assert refuelled.objective <= flow_capture(trips, range(n), p=p).objective


@settings(max_examples=40)
@given(case=trips_on(), tank=TANKS, p=st.integers(1, 3))
def test_every_answer_carries_its_proof_and_repeats(
    case: tuple[int, list[Trip]], tank: float, p: int
) -> None:
    n, trips = case
    p = min(p, n)
    one, two = (flow_refuelling(trips, range(n), p=p, tank=Tank(range=tank)) for _ in range(2))
    assert one.sites.tolist() == two.sites.tolist()
    assert one.facts == two.facts
    assert one.status is SolveStatus.OPTIMAL
    assert one.objective <= one.bound <= one.facts["flow_total"]
    assert one.gap < 1e-6


@settings(max_examples=40)
@given(case=trips_on(), tank=TANKS, p=st.integers(1, 3), seed=st.integers(0, 9))
def test_the_order_of_trips_changes_nothing_but_the_plan_among_equals(
    case: tuple[int, list[Trip]], tank: float, p: int, seed: int
) -> None:
    n, trips = case
    shuffled = [trips[k] for k in np.random.default_rng(seed).permutation(len(trips))]
    one, two = (
        flow_refuelling(t, range(n), p=min(p, n), tank=Tank(range=tank)).objective
        for t in (trips, shuffled)
    )
    assert one == two


@settings(max_examples=30)
@given(case=trips_on(most_nodes=5), tank=TANKS)
def test_curve_and_model_agree_on_trips(case: tuple[int, list[Trip]], tank: float) -> None:
    n, trips = case
    if not any(trip.flow for trip in trips):
        return
    coverage, _ = refuelling_coverage(trips, range(n), Tank(range=tank))
    curve = coverage_curve(coverage, [trip.flow for trip in trips], most_sites=n)
    single = [
        flow_refuelling(trips, range(n), p=p, tank=Tank(range=tank)).objective
        for p in range(1, n + 1)
    ]
    assert curve.served.tolist() == single


@settings(max_examples=30)
@given(case=trips_on(most_nodes=4), tank=TANKS, data=st.data())
def test_a_roll_out_of_stations_equals_brute_force(
    case: tuple[int, list[Trip]], tank: float, data: st.DataObject
) -> None:
    """Stations opened year by year refuel what the simulated trucks say, and no order does better."""
    n, trips = case
    flow = np.array([[trip.flow, data.draw(st.integers(0, 9))] for trip in trips], dtype=float)
    vehicle = Tank(range=tank)
    coverage, _ = refuelling_coverage(trips, range(n), vehicle)
    found = roll_out(coverage, flow, np.ones(n), [1, 1])

    def refuelled(sites: set[int], year: int) -> float:
        stations = np.array(sorted(sites), dtype=np.int64)
        return float(flow[drives_through(trips, stations, vehicle), year].sum())

    none = range(-1, n)
    best = max(refuelled({a} - {-1}, 0) + refuelled({a, b} - {-1}, 1) for a in none for b in none)
    assert found.plan.objective == best
