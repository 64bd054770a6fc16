"""Flow refuelling: equal to brute force, honest about what cannot be refuelled."""

import math
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from siting.errors import ModelError
from siting.model import SolveStatus
from siting.optimise.flow_refuelling import (
    Route,
    Tank,
    Trip,
    drives_through,
    flow_refuelling,
    shortest_trips,
)
from siting.optimise.roles import SiteRole
from tests.cover_cases import role_numbers
from tests.flow_cases import best_of_all, both_ways, trips_on

# A road of four towns, 10 km apart.
ROAD = both_ways([(0, 1, 10), (1, 2, 10), (2, 3, 10)])


def road_trip(origin: int, destination: int, flow: float = 1.0) -> Trip:
    return shortest_trips(ROAD, [(origin, destination, flow)], n_nodes=4)[0]


def flow_through(trips: list[Trip], sites: tuple[int, ...], tank: Tank) -> float:
    driven = drives_through(trips, np.array(sites, dtype=np.int64), tank)
    return sum(trip.flow for trip, ok in zip(trips, driven, strict=True) if ok)


@settings(max_examples=80)
@given(
    case=trips_on(),
    data=st.data(),
    tank=st.builds(
        Tank,
        range=st.sampled_from([1.0, 2.5, 4.0, 6.0, 9.0, 30.0]),
        start_share=st.sampled_from([0.0, 0.5, 1.0]),
        end_share=st.sampled_from([0.0, 0.5, 1.0]),
    ),
)
def test_flow_refuelling_equals_brute_force(
    case: tuple[int, list[Trip]], data: st.DataObject, tank: Tank
) -> None:
    n, trips = case
    roles = data.draw(role_numbers(n))
    new = [j for j, r in enumerate(roles) if r in {SiteRole.CANDIDATE, SiteRole.REQUIRED}]
    needed = roles.count(SiteRole.REQUIRED)
    if not new:
        return
    p = data.draw(st.integers(max(1, needed), len(new)))
    fixed = [j for j, r in enumerate(roles) if r == SiteRole.EXISTING]

    def value(chosen: tuple[int, ...]) -> float:
        sites = {new[k] for k in chosen} | set(fixed)
        if any(r == SiteRole.REQUIRED and j not in sites for j, r in enumerate(roles)):
            return -1.0
        return flow_through(trips, tuple(sorted(sites)), tank)

    best, _ = best_of_all(len(new), p, value)
    plan = flow_refuelling(trips, range(n), p=p, tank=tank, roles=roles)
    assert plan.objective == best
    assert plan.bound == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert plan.status is SolveStatus.OPTIMAL
    assert flow_through(trips, tuple(plan.sites.tolist()), tank) == plan.objective
    assert len(set(plan.sites.tolist()) - set(fixed)) <= p
    assert set(fixed) <= set(plan.sites.tolist())


@pytest.mark.parametrize(
    ("tank", "sites", "is_refuelled"),
    [
        (20.0, [1], False),  # 20 km on to the end and back is too far on 20 km
        (40.0, [1], True),  # half a tank to the station, a whole one there and back
        (39.0, [1], False),
        (20.0, [1, 2], True),
        (19.9, [1, 2], False),  # half a tank does not reach the first station
        (60.0, [0], True),
        (59.0, [0], False),
        (1000.0, [], False),  # repeated for ever, every trip needs a station
    ],
)
def test_a_tank_lasts_as_far_as_it_lasts(
    tank: float, sites: list[int], *, is_refuelled: bool
) -> None:
    trip = road_trip(0, 3)
    assert flow_through([trip], tuple(sites), Tank(range=tank)) == float(is_refuelled)


def test_a_single_drive_may_begin_full_and_end_empty() -> None:
    trips = shortest_trips(ROAD, [(0, 3, 5.0)], n_nodes=4, round_trip=False)
    full = Tank(range=30.0, start_share=1.0, end_share=0.0)
    plan = flow_refuelling(trips, range(4), p=1, tank=full)
    assert (plan.sites.tolist(), plan.objective) == ([], 5.0)
    assert plan.facts["needs_no_station_flow"] == 5.0
    short = Tank(range=20.0, start_share=1.0, end_share=0.0)
    assert flow_refuelling(trips, range(4), p=1, tank=short).sites.tolist() in ([1], [2])


def test_any_of_several_routes_will_do() -> None:
    """Two ways of one length round a lake; the station may stand on either, and only there."""
    lake = both_ways([(0, 1, 5), (1, 3, 5), (0, 2, 5), (2, 3, 5)])
    tank = Tank(range=10.0)
    first = shortest_trips(lake, [(0, 3, 1.0)], n_nodes=4, ties="first")
    any_ = shortest_trips(lake, [(0, 3, 1.0)], n_nodes=4, ties="any")
    assert flow_refuelling(first, [2], p=1, tank=tank).objective == 0.0
    assert flow_refuelling(any_, [2], p=1, tank=tank).objective == 1.0


def test_a_site_near_the_road_but_off_the_trip_does_not_count() -> None:
    spur = both_ways([(0, 1, 4), (1, 2, 4), (1, 3, 1)])
    trips = shortest_trips(spur, [(0, 2, 1.0)], n_nodes=4)
    assert flow_refuelling(trips, [3], p=1, tank=Tank(range=8.0)).objective == 0.0
    assert flow_refuelling(trips, [1], p=1, tank=Tank(range=8.0)).objective == 1.0


def test_trips_that_no_plan_refuels_are_told_and_stay_in_the_total() -> None:
    arcs = both_ways([(0, 1, 10), (1, 2, 50)])
    trips = shortest_trips(arcs, [(0, 1, 1.0), (0, 2, 2.0), (0, 3, 4.0)], n_nodes=4)
    plan = flow_refuelling(trips, range(4), p=4, tank=Tank(range=20.0))
    assert plan.objective == 1.0
    assert plan.facts["flow_total"] == 7.0
    assert (plan.facts["out_of_range_trips"], plan.facts["out_of_range_flow"]) == (1.0, 2.0)
    assert (plan.facts["unreachable_trips"], plan.facts["unreachable_flow"]) == (1.0, 4.0)
    assert plan.facts["trips_refuelled"] == 1.0


def test_stations_that_add_nothing_are_not_built() -> None:
    plan = flow_refuelling([road_trip(1, 2)], range(4), p=3, tank=Tank(range=20.0))
    assert len(plan.sites) == 1


def test_existing_stations_are_open_and_not_counted() -> None:
    roles = [SiteRole.CANDIDATE, SiteRole.EXISTING, SiteRole.CANDIDATE, SiteRole.FORBIDDEN]
    plan = flow_refuelling([road_trip(0, 3)], range(4), p=1, tank=Tank(range=20.0), roles=roles)
    assert plan.sites.tolist() == [1, 2]
    assert plan.objective == 1.0


def test_a_solve_out_of_time_still_has_a_plan_and_a_bound() -> None:
    rng = np.random.default_rng(3)
    n = 60
    edges = [(v, int(rng.integers(v)), int(rng.integers(1, 9))) for v in range(1, n)]
    edges += [(int(a), int(b), 5) for a, b in rng.integers(n, size=(60, 2)) if a != b]
    pairs = [(int(a), int(b), float(rng.random())) for a, b in rng.integers(n, size=(400, 2))]
    trips = shortest_trips(both_ways(edges), pairs, n_nodes=n)
    plan = flow_refuelling(trips, range(n), p=8, tank=Tank(range=15.0), time_limit_s=1e-3)
    assert plan.status is SolveStatus.TIME_LIMIT
    assert 0 < plan.objective <= plan.bound <= plan.facts["flow_total"]
    assert plan.gap > 0


def test_a_plan_that_does_not_drive_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        import_module("siting.optimise.flow_refuelling"),
        "drives_through",
        lambda trips, *_: np.zeros(len(trips), dtype=bool),
    )
    with pytest.raises(ModelError, match="trip from 0 to 3: driving it again contradicts"):
        flow_refuelling([road_trip(0, 3)], range(4), p=4, tank=Tank(range=60.0))


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"range": 0.0}, "vehicle, range: no distance"),
        ({"range": -1.0}, "vehicle, range: no distance"),
        ({"range": math.nan}, "vehicle, range: no distance"),
        ({"range": math.inf}, "vehicle, range: no distance"),
        ({"range": 1.0, "start_share": 1.1}, "vehicle, start_share: no share"),
        ({"range": 1.0, "end_share": math.nan}, "vehicle, end_share: no share"),
    ],
)
def test_a_tank_that_no_vehicle_has_is_refused(given_: dict[str, float], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Tank(**given_)


BACKWARDS = Route(nodes=np.array([0, 1]), along=np.array([0.0, -1.0]))
EMPTY = Route(nodes=np.array([], dtype=int), along=np.array([]))
NOWHERE = Route(nodes=np.array([0, 1]), along=np.array([0.0, math.nan]))
LATE = Route(nodes=np.array([0, 1]), along=np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trips": []}, "trips: there are none"),
        ({"candidates": []}, "candidates: there are none"),
        ({"trips": [road_trip(0, 1, -1.0)]}, "trip 0 from 0 to 1: no flow"),
        ({"trips": [road_trip(0, 1, math.nan)]}, "trip 0 from 0 to 1: no flow"),
        *(
            (
                {"trips": [Trip(origin=0, destination=1, flow=1.0, routes=(route,))]},
                "a route is empty, runs backwards",
            )
            for route in (BACKWARDS, EMPTY, NOWHERE, LATE)
        ),
        ({"p": 0}, "p: out of range"),
        ({"p": 5}, "p: out of range"),
        ({"p": 1, "roles": [1, 1, 0, 0]}, "smallest p that would do is 2"),
        ({"roles": [4, 1]}, "roles: not one role a site"),
        ({"time_limit_s": 0}, "time_limit_s: not a time"),
        ({"gap": -0.1}, "gap: not a share"),
    ],
)
def test_bad_input_is_refused(change: dict[str, object], message: str) -> None:
    given_: dict[str, object] = {
        "trips": [road_trip(0, 3)], "candidates": [0, 1, 2, 3], "p": 2, "tank": Tank(range=20.0),
    }  # fmt: skip
    with pytest.raises(ModelError, match=message):
        flow_refuelling(**(given_ | change))  # type: ignore[arg-type]


def test_several_candidates_may_share_a_node_and_some_reach_no_road() -> None:
    roles = [SiteRole.FORBIDDEN, SiteRole.CANDIDATE, SiteRole.CANDIDATE]
    plan = flow_refuelling([road_trip(0, 2)], [1, 1, -1], p=1, tank=Tank(range=20.0), roles=roles)
    assert (plan.sites.tolist(), plan.objective) == ([1], 1.0)


def test_a_trip_from_a_town_to_itself_needs_nothing() -> None:
    trip = shortest_trips(ROAD, [(2, 2, 3.0)], n_nodes=4)[0]
    assert flow_refuelling([trip], range(4), p=1, tank=Tank(range=5.0)).objective == 3.0
