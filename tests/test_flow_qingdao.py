"""Which sites keep trucks from running dry between ports, parks and city gates of Qingdao."""

import itertools
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import layers
import siting
from siting.config import load_study
from siting.model import SolverSettings, SolveStatus
from siting.network import NetworkTravel, network_travel
from siting.optimise.curves import coverage_by_sites
from siting.optimise.flow_refuelling import (
    Corridors,
    Tank,
    corridors,
    drives_through,
    flow_refuelling,
    gravity_pairs,
    refuelling_coverage,
)
from siting.optimise.pareto import cheapest
from siting.optimise.problem import SitingProblem

pytestmark = pytest.mark.real

PROFILE = "heavy_truck"
FREIGHT = {"H": 3.0, "M": 2.0, "L": 1.0}


@dataclass(frozen=True, kw_only=True)
class Freight:
    """The pack's ends of truck trips and its candidates for hydrogen."""

    ends: gpd.GeoDataFrame
    weight: np.ndarray
    candidates: gpd.GeoDataFrame
    travel: NetworkTravel

    @property
    def corridors(self) -> Corridors:
        return corridors(
            self.travel.graph(PROFILE),
            ends=self.travel.snap(self.ends.geometry, profile=PROFILE),
            sites=self.travel.snap(self.candidates.geometry, profile=PROFILE),
        )


@cache
def freight() -> Freight:
    study = load_study("qingdao", facilities=["hydrogen"])
    inputs = layers.read(study)
    ports, gates = inputs.layers["ports"], inputs.layers["gateways"]
    parks = inputs.layers["parks"]
    busy = parks[parks["freight_intensity"] == "H"]
    weight = [
        *np.full(len(ports), 10.0),
        *(gates["truck_share"] * 50),
        *busy["freight_intensity"].map(FREIGHT),
    ]
    ends = pd.concat([ports, gates, busy], ignore_index=True)[["id", "geometry"]]
    found = inputs.layers["candidates"]
    return Freight(
        ends=gpd.GeoDataFrame(ends, crs=inputs.crs),
        weight=np.array(weight),
        candidates=found[found["suits_hydrogen"] == 1].reset_index(drop=True),
        travel=network_travel(
            inputs.layers["road_nodes"],
            inputs.layers["road_edges"],
            profiles={PROFILE: study.profiles[PROFILE]},
            access=study.access,
        ),
    )


def test_trips_take_as_long_as_the_network_says() -> None:
    case = freight()
    places = case.ends.geometry
    minutes = case.travel(places, places, profile=PROFILE)
    n = len(places)
    roads = case.corridors
    pairs = [(a, b, 1.0) for a in range(0, n, 7) for b in range(n) if a != b]
    seconds = {
        (int(t), int(h)): float(s)
        for t, h, s in sorted(
            zip(roads.tail, roads.head, roads.time_s, strict=True), key=lambda arc: -arc[2]
        )
    }
    for (a, b, _), trip in zip(pairs, roads.trips(pairs), strict=True):
        nodes = trip.routes[0].nodes.tolist()
        assert (nodes[0], nodes[-1]) == (roads.end_node[a], roads.end_node[a])
        drive = sum(seconds[step] for step in itertools.pairwise(nodes)) / 60
        assert drive == pytest.approx(minutes[a, b] + minutes[b, a], abs=0.05)


def test_hydrogen_trucks_do_not_run_dry_in_qingdao() -> None:
    case = freight()
    places = case.ends.geometry
    roads = case.corridors
    minutes = case.travel(places, places, profile=PROFILE)
    trips = roads.trips(gravity_pairs(case.weight, minutes))
    assert all(trip.routes for trip in trips)
    before = 0.0
    for p in (2, 5):
        plan = flow_refuelling(trips, roads.site_node, p=p, tank=Tank(range=150.0))
        assert plan.status is SolveStatus.OPTIMAL
        assert plan.gap < 1e-6
        assert plan.objective > before
        before = plan.objective
    assert 0.3 < plan.facts["flow_share"] < 0.7
    further = flow_refuelling(trips, roads.site_node, p=5, tank=Tank(range=400.0))
    assert further.objective >= plan.objective


def test_the_fewest_sites_between_the_port_and_weifang() -> None:
    case = freight()
    roads = case.corridors
    ids = case.ends["id"].tolist()
    (trip,) = roads.trips([(ids.index("PA1"), ids.index("GW_G309W"), 1.0)])
    there_and_back_km = float(trip.routes[0].along[-1])
    assert 200 < there_and_back_km < 400
    fewest = []
    for share in (1.0, 0.5, 0.3):
        tank = Tank(range=share * there_and_back_km)
        coverage, _ = refuelling_coverage([trip], roads.site_node, tank)
        plan = cheapest(coverage, [1.0], np.ones(coverage.n_sites), share=1.0)
        assert drives_through([trip], roads.site_node[plan.sites], tank).all()
        fewest.append(plan.objective)
    assert fewest == sorted(fewest)
    assert fewest[0] == 1.0
    assert fewest[-1] > 1.0


def test_a_gap_between_candidates_that_no_tank_bridges_is_told() -> None:
    """Along S16 the pack has no candidate for the last 80 km to the gate towards Weifang."""
    case = freight()
    roads = case.corridors
    ids = case.ends["id"].tolist()
    trips = roads.trips([(ids.index("PA1"), ids.index("GW_S16W"), 1.0)])
    plan = flow_refuelling(trips, roads.site_node, p=9, tank=Tank(range=140.0))
    assert (plan.objective, plan.facts["out_of_range_trips"]) == (0.0, 1.0)


def test_the_curve_of_the_hydrogen_study_meets_its_plan() -> None:
    result = siting.plan("qingdao", facilities=["hydrogen"])
    plan = result.plans["hydrogen"]
    candidates = result.candidates[result.candidates["rank"].notna()]
    spec = result.study.facilities[0]
    times = freight().travel(result.demand.geometry, candidates.geometry, profile=spec.profile)
    n = len(candidates)
    problem = SitingProblem(
        candidate_ids=candidates["candidate_id"].to_numpy(object),
        times_min=times,
        site_times_min=np.zeros((n, n)),
        demand=result.demand["demand"].to_numpy(float),
        scores=np.zeros(n),
        benefit=np.zeros(n),
        cost=np.zeros(n),
        service_min=spec.service_minutes,
    )
    most = len(plan.sites)
    curve = coverage_by_sites(
        problem, most_sites=most, settings=SolverSettings(time_limit_s=60.0, gap=0.0)
    )
    assert (np.diff(curve.served) >= 0).all()
    assert curve.served[-1] >= plan.objective * (1 - 1e-9)
    assert curve.bound == pytest.approx(curve.served, rel=1e-6)
