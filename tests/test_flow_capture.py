"""Flow capturing: a trip counts when it passes an open site, and only then."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from siting.errors import ModelError
from siting.model import SolveStatus
from siting.optimise.flow_capture import flow_capture
from siting.optimise.flow_refuelling import Trip, shortest_trips
from tests.flow_cases import best_of_all, both_ways, trips_on


@settings(max_examples=60)
@given(case=trips_on(), p=st.integers(1, 3))
def test_flow_capture_equals_brute_force(case: tuple[int, list[Trip]], p: int) -> None:
    n, trips = case
    p = min(p, n)

    def captured(sites: tuple[int, ...]) -> float:
        return sum(
            trip.flow
            for trip in trips
            if any(set(sites) & set(route.nodes.tolist()) for route in trip.routes)
        )

    plan = flow_capture(trips, range(n), p=p)
    best, _ = best_of_all(n, p, captured)
    assert plan.objective == best
    assert plan.bound == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert plan.status is SolveStatus.OPTIMAL
    assert captured(tuple(plan.sites.tolist())) == best


def test_the_busiest_site_is_not_always_the_best_pair() -> None:
    """Hodgson's point: flows already captured do not count again."""
    star = both_ways([(0, 1, 1), (1, 2, 1), (2, 3, 1), (4, 5, 1)])
    trips = shortest_trips(star, [(0, 3, 10.0), (1, 2, 5.0), (4, 5, 4.0)], n_nodes=6)
    plan = flow_capture(trips, range(6), p=2)
    assert plan.objective == 19.0
    assert len({1, 2} & set(plan.sites.tolist())) == 1


def test_what_cannot_be_captured_is_told() -> None:
    road = both_ways([(0, 1, 1), (1, 2, 1)])
    trips = shortest_trips(road, [(0, 1, 1.0), (1, 2, 2.0), (0, 3, 4.0)], n_nodes=4)
    plan = flow_capture(trips, [0], p=1)
    assert plan.objective == 1.0
    assert plan.facts["missed_flow"] == 2.0
    assert plan.facts["unreachable_flow"] == 4.0
    assert plan.facts["flow_share"] == pytest.approx(1 / 7)


def test_a_plan_that_counts_otherwise_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        import_module("siting.optimise.flow_capture"), "_flow_past", lambda *_: 0.5
    )
    trips = shortest_trips(both_ways([(0, 1, 1)]), [(0, 1, 1.0)], n_nodes=2)
    with pytest.raises(ModelError, match="counting the trips again contradicts the plan"):
        flow_capture(trips, range(2), p=1)


@pytest.mark.parametrize("p", [0, 3, -1])
def test_p_out_of_range_is_refused(p: int) -> None:
    trips = shortest_trips(both_ways([(0, 1, 1)]), [(0, 1, 1.0)], n_nodes=2)
    with pytest.raises(ModelError, match="flow capture, p: out of range"):
        flow_capture(trips, np.arange(2), p=p)
