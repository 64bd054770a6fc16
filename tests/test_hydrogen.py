"""Hydrogen: trips and their fuel, sizes, supply, money and emissions, worked out by hand."""

import math
from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

import layers
from siting.config import load_study
from siting.errors import ConfigError, InputError
from siting.facilities import Chosen, Equipped, engineering
from siting.facilities._hydrogen_demand import (
    FLOW_COLUMNS,
    MOST_FLOWS,
    demand,
    flows,
    trips_scale,
    truck_trips,
)
from siting.facilities._hydrogen_equip import diesel_l_per_kg
from siting.facilities._hydrogen_sizes import nozzles_for, offers, sizes, station_class
from siting.facilities._hydrogen_supply import delivered_cost, sources
from siting.facilities._numbers import number, table
from siting.facilities._transport import share_out
from siting.facilities.registry import (
    EMISSION_COLUMNS,
    EQUIPMENT_COLUMNS,
    MONEY_COLUMNS,
    OFFER_COLUMNS,
    SUPPLY_COLUMNS,
)
from siting.model import FacilitySpec, Inputs
from siting.network import NetworkTravel, network_travel
from tests import stubs
from tests.freight_city import NAN, amounts, city, named, sites_of, spec, with_numbers, without
from tests.stubs import inputs, points

HYDROGEN = spec("hydrogen")
# One class of truck of 10 kg/100 km, no way beyond the gates, trips as long as they like.
PLAIN = with_numbers(
    HYDROGEN,
    {
        "truck_class_share": {"t49": 1.0, "t31": 0.0, "t18": 0.0},
        "truck_kg_per_100km": {"t49": 10.0, "t31": 1.0, "t18": 1.0},
        "truck_split": {"ports": 0.5, "gateways": 0.5},
        "gate_counts": {"elsewhere": 500.0},
    },
    hydrogen_demand=(100.0, 1000.0, 8000.0),
    truck_share=0.6,
    bus_share=0.75,
    truck_trip_minutes=1e6,
    outside_km=20.0,
    gate_refuel_share=0.5,
    en_route_share=0.3,
)


def a_port(**other: gpd.GeoDataFrame) -> Inputs:
    """Return a port, gates 10 and 20 km to the east of it, and two towns."""
    layers_ = {
        "townships": named([0, 1], ["T1", "T2"], population=[30000.0, 10000.0]),
        "ports": named([0], ["P"]),
        "gateways": named([10, 20], ["G1", "G2"], truck_share=[0.5, 0.5]),
    }
    return inputs(**(layers_ | other))


# Half of all trip ends are at the port, so all trips are between it and a gate, a quarter of them each. Eastward
# 15 and 30 km, westward 10 and 20, and half of 20 km beyond the gate.
KM = np.array([[0.0, 25.0, 40.0], [20.0, 0.0, 0.0], [30.0, 0.0, 0.0]])
AT = {"P": 57.5 / 115, "G1": 22.5 / 115, "G2": 35.0 / 115}


class TestTrips:
    def test_fuel_of_trips_by_hand(self) -> None:
        found = truck_trips(a_port(), PLAIN, stubs.travel)
        np.testing.assert_allclose(found.trips.amount, 0.25 * (KM > 0))
        np.testing.assert_allclose(found.kg, 0.25 * KM * 10.0 / 100.0)

    def test_demand_by_hand(self) -> None:
        # 600 by trucks; 300 by buses and 100 by sanitation vehicles go by people, 3:1.
        found = demand(a_port(), PLAIN, stubs.travel)
        assert amounts(found) == pytest.approx(
            {key: 600.0 * part for key, part in AT.items()} | {"T1": 300.0, "T2": 100.0}
        )
        assert dict(zip(found["demand_id"], found["kind"], strict=True)) == {
            "G1": "gateway",
            "G2": "gateway",
            "P": "port",
            "T1": "township",
            "T2": "township",
        }

    def test_fuel_bought_at_the_origin_by_hand(self) -> None:
        # the port starts 25 + 40, a gate 20 and 30
        home = with_numbers(PLAIN, origin_refuel_share=1.0)
        found = amounts(demand(a_port(), home, stubs.travel))
        wanted = {"P": 600 * 65 / 115, "G1": 600 * 20 / 115, "G2": 600 * 30 / 115}
        assert {k: found[k] for k in wanted} == pytest.approx(wanted)

    def test_the_mean_truck_is_that_of_the_kilometres(self) -> None:
        tables = {
            "truck_class_share": {"t49": 2.0, "t31": 1.0, "t18": 1.0},
            "truck_kg_per_100km": {"t49": 10.0, "t31": 8.0, "t18": 4.0},
        }
        mixed = truck_trips(a_port(), with_numbers(PLAIN, tables), stubs.travel)
        np.testing.assert_allclose(mixed.kg, 0.25 * KM * 8.0 / 100.0)

    @pytest.mark.parametrize(("case", "total"), [("low", 100.0), ("base", 1000.0), ("high", 8e3)])
    def test_nothing_is_lost_in_any_case(self, case: str, total: float) -> None:
        found = demand(
            city(), with_numbers(HYDROGEN, hydrogen_demand=(100.0, 1e3, 8e3)), stubs.travel
        )
        assert found[f"demand_{case}"].sum() == pytest.approx(total, rel=1e-12)

    def test_trip_ends_are_shared_out_by_kind_tonnage_intensity_and_gate(self) -> None:
        split = {"truck_split": {"ports": 3.0, "parks": 2.0, "gateways": 1.0}}
        weights = {"freight_weight": {"H": 3.0, "M": 1.0, "L": 0.5}}
        asked = with_numbers(HYDROGEN, split | weights)
        found = truck_trips(city(), asked, stubs.travel).places.set_index("demand_id")["share"]
        # ports 10 000:10 000:0 t, parks 3:1, gates 3:1
        wanted = {"P1": 3, "P2": 3, "P3": 0, "K1": 3, "K2": 1, "G1": 1.5, "G2": 0.5}
        assert (found * 12).to_dict() == pytest.approx(wanted)

    def test_ports_have_equal_trips_where_berths_are_not_known(self) -> None:
        found = truck_trips(without(city(), "berths"), HYDROGEN, stubs.travel).places
        share = found.loc[found["kind"] == "port", "share"].to_numpy()
        np.testing.assert_allclose(share, share[0])

    def test_a_place_alone_gets_it_all(self) -> None:
        lonely = with_numbers(PLAIN, {"truck_split": {"ports": 1.0}})
        found = amounts(demand(without(a_port(), "gateways"), lonely, stubs.travel))
        assert found["P"] == pytest.approx(600.0)

    def test_a_place_that_reaches_no_other_keeps_its_trips(self) -> None:
        island = named([0], ["P"]).set_geometry(gpd.GeoSeries.from_xy([0.0], [2e6], crs=stubs.CRS))
        found = truck_trips(a_port(ports=island), PLAIN, stubs.travel)
        assert found.trips.amount[0].tolist() == [0.5, 0.0, 0.0]
        total = demand(a_port(ports=island), PLAIN, stubs.travel)["demand_base"].sum()
        assert total == pytest.approx(1000.0)

    def test_without_trucks_no_freight_place_is_needed(self) -> None:
        bare = without(city(), "ports", "parks", "gateways", "berths")
        found = demand(bare, with_numbers(HYDROGEN, truck_share=0.0), stubs.travel)
        assert set(found["demand_id"]) == {"T1", "T2"}
        assert flows(bare, with_numbers(HYDROGEN, truck_share=0.0), stubs.travel).empty

    def test_no_demand_at_all_is_no_demand_anywhere(self) -> None:
        nothing = with_numbers(HYDROGEN, hydrogen_demand=(0.0, 0.0, 0.0))
        found = demand(city(), nothing, stubs.travel)
        assert (found[["demand_low", "demand_base", "demand_high"]] == 0).all(axis=None)

    def test_longer_trips_wanted_are_longer_trips(self) -> None:
        short, long = (
            truck_trips(city(), with_numbers(HYDROGEN, truck_trip_minutes=m), stubs.travel)
            for m in (3.3, 3.8)
        )
        assert short.trips.mean_minutes == pytest.approx(3.3, rel=1e-4)
        assert long.trips.mean_minutes == pytest.approx(3.8, rel=1e-4)
        assert (short.trips.amount * short.km).sum() < (long.trips.amount * long.km).sum()


class TestBuses:
    def depots(self, km: list[float], types: list[str]) -> gpd.GeoDataFrame:
        return named(km, [f"C{i}" for i in range(len(km))], type=types)

    def test_fill_up_in_the_township_nearest_to_their_depot(self) -> None:
        # 0.9 km: T1 is 0.9 min to the west, T2 0.2 min to the east; two depots at T2, one at T1.
        places = self.depots([0.9, 1.5, 0.0, 0.0], ["bus_depot"] * 3 + ["petrol_cluster"])
        found = amounts(demand(a_port(candidates=places), PLAIN, stubs.travel))
        assert found["T1"] == pytest.approx(300.0 / 3 + 75.0)
        assert found["T2"] == pytest.approx(300.0 * 2 / 3 + 25.0)

    def test_a_tie_goes_to_the_first_id(self) -> None:
        towns = named([2, 2], ["T2", "T1"], population=[1.0, 1.0])
        places = self.depots([3.0], ["bus_depot"])
        asked = a_port(candidates=places, townships=towns)
        found = amounts(demand(asked, PLAIN, stubs.travel))
        assert (found["T1"], found["T2"]) == pytest.approx((350.0, 50.0))

    def test_go_by_people_where_no_depot_is_known_or_reached(self) -> None:
        afar = self.depots([0.0], ["bus_depot"]).set_geometry(
            gpd.GeoSeries.from_xy([0.0], [2e6], crs=stubs.CRS)
        )
        by_people = amounts(demand(a_port(), PLAIN, stubs.travel))
        for places in (afar, self.depots([0.0], ["petrol_cluster"])):
            found = amounts(demand(a_port(candidates=places), PLAIN, stubs.travel))
            assert found == pytest.approx(by_people)


class TestFlows:
    def test_by_hand(self) -> None:
        found = flows(a_port(), PLAIN, stubs.travel)
        assert tuple(found.columns) == FLOW_COLUMNS
        assert found["origin_id"].to_list() == ["G1", "G2", "P", "P"]
        assert found["destination_id"].to_list() == ["P", "P", "G1", "G2"]
        assert found["kind"].to_list() == ["gateway-port"] * 2 + ["port-gateway"] * 2
        assert found["time_min"].to_list() == [10.0, 20.0, 20.0, 40.0]
        assert found["distance_km"].to_list() == [10.0, 20.0, 15.0, 30.0]
        wanted = 0.3 * 600 * np.array([20.0, 30.0, 25.0, 40.0]) / 115
        np.testing.assert_allclose(found["amount_base"], wanted)
        np.testing.assert_allclose(found["amount_high"], wanted * 8)
        np.testing.assert_allclose(found["amount_low"], wanted / 10)
        assert found["trips_per_day"].isna().all(), "no count, no number of trips"

    def test_trips_are_scaled_to_the_count_of_a_gate(self) -> None:
        # 1000 vehicles, a quarter of them heavy, half inwards: 125 are a quarter of all trips.
        counted = with_numbers(PLAIN, {"gate_counts": {"G1": 1000.0}}, heavy_truck_share=0.25)
        found = flows(a_port(), counted, stubs.travel)
        assert found["trips_per_day"].to_list() == pytest.approx([125.0] * 4)

    def test_a_count_at_a_place_that_is_no_gate_tells_nothing(self) -> None:
        counted = with_numbers(PLAIN, {"gate_counts": {"P": 1000.0}})
        assert flows(a_port(), counted, stubs.travel)["trips_per_day"].isna().all()

    def test_run_between_demand_points_and_are_part_of_what_these_ask_for(self) -> None:
        points_of = demand(city(), HYDROGEN, stubs.travel)
        found = flows(city(), HYDROGEN, stubs.travel)
        assert {*found["origin_id"], *found["destination_id"]} <= set(points_of["demand_id"])
        assert (found["origin_id"] != found["destination_id"]).all()
        most = HYDROGEN.assumptions["en_route_share"].value * 0.75 * 73_900.0
        assert 0 < found["amount_high"].sum() < most
        assert not found.duplicated(["origin_id", "destination_id"]).any()

    def test_the_largest_are_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = flows(city(), HYDROGEN, stubs.travel)
        monkeypatch.setattr("siting.facilities._hydrogen_demand.MOST_FLOWS", 3)
        kept = flows(city(), HYDROGEN, stubs.travel)
        np.testing.assert_allclose(
            np.sort(kept["amount_high"]), np.sort(whole["amount_high"])[-3:]
        )


class TestPublishedFigures:
    """Facts of the domain reading that the numbers in the files must agree with."""

    def test_the_cases_bracket_today_and_the_plan_of_2030(self) -> None:
        given_ = HYDROGEN.assumptions["hydrogen_demand"]
        days = (pd.Timestamp("2025-07-31") - pd.Timestamp("2021-08-01")).days
        assert given_.low == pytest.approx(1_000_000 / days, rel=0.01)  # 1000 t in four years
        assert given_.high == pytest.approx(3e8 * 0.0899 / 365, rel=1e-3)  # 300 M Nm³ a year
        assert given_.value == pytest.approx(math.sqrt(given_.low * given_.high), rel=0.01)

    def test_a_vehicle_of_the_plan_asks_for_about_one_filling(self) -> None:
        per_vehicle = HYDROGEN.assumptions["hydrogen_demand"].high / 8000
        assert per_vehicle == pytest.approx(9.2, abs=0.05)
        row = HYDROGEN.assumptions["fill_kg"]
        assert row.low <= per_vehicle <= row.high

    def test_a_station_of_the_plan_fits_the_largest_size_only(self) -> None:
        per_station = HYDROGEN.assumptions["hydrogen_demand"].high / 50
        assert per_station == pytest.approx(1480, rel=0.002)
        fits = [s.key for s in sizes(HYDROGEN, is_joint=False) if s.capacity_kg_day >= per_station]
        assert fits == ["kg2000"]

    def test_zibo(self) -> None:
        small = sizes(HYDROGEN, is_joint=False)[0]
        assert (small.capacity_kg_day, small.land_m2, small.dispensers) == (500.0, 1640.0, 2)
        assert small.capacity_kg_day / 50 == HYDROGEN.assumptions["fill_kg"].value

    def test_chongqing(self) -> None:
        middle = sizes(HYDROGEN, is_joint=False)[1]
        assert (middle.capacity_kg_day, middle.capex_mcny) == (1000.0, 20.0)
        assert middle.capacity_kg_day / 100 == HYDROGEN.assumptions["fill_kg"].value

    def test_delivery_over_100_km_is_10_and_a_fixed_part(self) -> None:
        low = with_numbers(HYDROGEN, hydrogen_purchase=0.0)
        found = delivered_cost(low, np.array([0.0, 100.0, NAN]))
        np.testing.assert_allclose(found, [2.5, 12.5, NAN])

    def test_a_source_is_one_for_the_criterion_and_for_the_supply(self) -> None:
        [facility] = load_study("qingdao", facilities=["hydrogen"]).facilities
        [row] = [c for c in facility.criteria if c.measure == "hydrogen_delivered_cost"]
        share = table(facility, "source_market_share")
        assert list(row.params["where"]["id"]) == [k for k, v in share.items() if v > 0]
        assert share["other"] == 0.0
        for key, param in (
            ("delivery_fixed", "fixed_cny_per_kg"),
            ("delivery_per_100km", "cny_per_kg_100km"),
        ):
            assert facility.assumptions[key].value == row.params[param]


def some_candidates(**columns: object) -> gpd.GeoDataFrame:
    facts = {
        "type": ["port_gate", "petrol_cluster", "logistics_hub", "port_gate"],
        "land_m2": [4000.0, 4000.0, NAN, 500.0],
    } | columns
    return stubs.candidates([0, 1, 2, 3], **facts)


class TestSizes:
    def test_equipment_of_the_three_sizes_by_hand(self) -> None:
        # trailers: 2, 4, 8 a day of 4 h in 12 h; busiest hour: 7.5, 15, 30 vehicles of 12 min / 0.7
        found = sizes(HYDROGEN, is_joint=False)
        assert [s.trailer_bays for s in found] == [1, 2, 3]
        assert [s.nozzles for s in found] == [3, 5, 9]
        assert [s.dispensers for s in found] == [2, 3, 5]
        # 62.5, 125 and 250 kg/h by machines of 85
        assert [s.compressors for s in found] == [1, 2, 3]
        assert [s.power_kw for s in found] == pytest.approx([203.125, 406.25, 812.5])
        assert found[1].power_mva == pytest.approx(406.25 / 0.9 / 1000)
        # fixed vessels of 800 kg at most (third class)
        assert [s.vessels for s in found] == [1, 2, 3]
        assert [s.station_class for s in found] == ["third"] * 3

    def test_stations_open_longer_serve_more(self) -> None:
        all_day = sizes(with_numbers(HYDROGEN, operating_hours=24.0), is_joint=False)
        assert [s.capacity_kg_day for s in all_day] == [1000.0, 2000.0, 4000.0]
        assert [s.power_kw for s in all_day] == pytest.approx([203.125, 406.25, 812.5])

    @pytest.mark.parametrize(
        ("kg", "name"),
        [
            (0, "third"),
            (3000, "third"),
            (3001, "second"),
            (5000, "second"),
            (8000, "first"),
            (8001, ""),
        ],
    )
    def test_class_by_storage(self, kg: float, name: str) -> None:
        assert station_class(HYDROGEN, kg, is_joint=False) == name

    @pytest.mark.parametrize(
        ("kg", "name"),
        [
            (500, "third"),
            (501, "second"),
            (2000, "second"),
            (2001, "first"),
            (5000, "first"),
            (5001, ""),
        ],
    )
    def test_class_of_a_joint_station_counts_90_m3_of_petrol(self, kg: float, name: str) -> None:
        assert station_class(HYDROGEN, kg, is_joint=True) == name

    def test_a_joint_station_saves_ground_and_money(self) -> None:
        own, joint = (sizes(HYDROGEN, is_joint=j)[0] for j in (False, True))
        assert joint.land_m2 == pytest.approx(own.land_m2 * 0.7)
        assert joint.capex_mcny == pytest.approx(own.capex_mcny * 0.9)
        assert joint.power_mva == own.power_mva

    def test_offers_follow_ground_and_class(self) -> None:
        found = offers(some_candidates(), points([]), HYDROGEN)
        assert tuple(found.columns) == OFFER_COLUMNS
        assert found.groupby("candidate_id")["size"].apply(list).to_dict() == {
            "C0": ["kg500", "kg1000", "kg2000"],
            "C1": ["kg500", "kg1000"],  # 2000 kg beside petrol would be first class
            "C2": ["kg500", "kg1000", "kg2000"],  # ground not known
            "C3": ["kg500"],  # too little ground for any, and the smallest stays
        }
        assert found["benefit"].isna().all()
        assert found.loc[found["candidate_id"] == "C0", "cost_mcny"].to_list() == [
            12.0,
            20.0,
            32.0,
        ]

    def test_offers_need_neither_type_nor_ground_nor_candidates(self) -> None:
        bare = some_candidates().drop(columns=["type", "land_m2"])
        assert len(offers(bare, points([]), HYDROGEN)) == 4 * 3
        none = offers(bare.iloc[:0], points([]), HYDROGEN)
        assert tuple(none.columns) == OFFER_COLUMNS
        assert none.empty

    def test_offers_are_in_the_order_of_candidates_and_leave_them_alone(self) -> None:
        mixed = some_candidates().iloc[[2, 0, 3, 1]]
        before = mixed.copy(deep=True)
        found = offers(mixed, points([]), HYDROGEN)
        assert found["candidate_id"].is_monotonic_increasing
        assert (found.groupby("candidate_id")["capacity"].diff().dropna() > 0).all()
        pd.testing.assert_frame_equal(pd.DataFrame(mixed), pd.DataFrame(before))

    def test_a_size_that_no_class_allows_is_not_offered(self) -> None:
        hoard = with_numbers(HYDROGEN, storage_days=4.0)
        found = offers(some_candidates().iloc[:1], points([]), hoard)
        assert found["size"].to_list() == ["kg500", "kg1000"]  # 2000 kg would hold 8750 kg

    @given(
        days=st.floats(0.0, 3.0),
        payload=st.floats(50.0, 1000.0),
        fill=st.floats(1.0, 30.0),
        hours=st.floats(1.0, 24.0),
        is_joint=st.booleans(),
    )
    def test_a_larger_size_never_has_less(
        self, days: float, payload: float, fill: float, hours: float, *, is_joint: bool
    ) -> None:
        asked = with_numbers(
            HYDROGEN,
            storage_days=days,
            trailer_payload_kg=payload,
            fill_kg=fill,
            operating_hours=hours,
        )
        rank = {"third": 0, "second": 1, "first": 2, "": 3}
        found = sizes(asked, is_joint=is_joint)
        for name in (
            *("capacity_kg_day", "storage_kg", "trailer_bays", "compressors", "nozzles"),
            *("dispensers", "chillers", "power_mva", "land_m2", "capex_mcny"),
        ):
            assert np.all(np.diff([getattr(s, name) for s in found]) >= 0), name
        assert np.all(np.diff([rank[s.station_class] for s in found]) >= 0)

    @given(st.floats(0.0, 1e5), st.floats(0.0, 1e5))
    def test_more_demand_never_needs_fewer_nozzles(self, a: float, b: float) -> None:
        few, many = sorted((a, b))
        assert nozzles_for(HYDROGEN, few) <= nozzles_for(HYDROGEN, many)
        assert nozzles_for(HYDROGEN, 0.0) == 0


@st.composite
def markets(
    draw: st.DrawFn,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Draw what stations need, what sources have, and integer costs, some of them none."""
    m, n = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    few = st.integers(0, 20)
    need = draw(st.lists(few, min_size=n, max_size=n))
    capacity = draw(st.lists(few, min_size=m, max_size=m))
    cell = st.one_of(st.integers(0, 30), st.just(NAN))
    cost = draw(st.lists(cell, min_size=m * n, max_size=m * n))
    return np.array(need, float), np.array(capacity, float), np.array(cost, float).reshape(m, n)


class TestSharingOut:
    @given(markets())
    @settings(max_examples=60)
    def test_equals_the_cheapest_greatest_flow_of_networkx(
        self, market: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
    ) -> None:
        need, capacity, cost = market
        graph = nx.DiGraph()
        for i, most in enumerate(capacity):
            graph.add_edge("from", f"s{i}", capacity=int(most), weight=0)
        for j, most in enumerate(need):
            graph.add_edge(f"t{j}", "to", capacity=int(most), weight=0)
        for i, j in np.argwhere(~np.isnan(cost)):
            graph.add_edge(f"s{i}", f"t{j}", weight=int(cost[i, j]))
        flow = nx.max_flow_min_cost(graph, "from", "to")
        amount = share_out(need, capacity, cost)
        assert amount.sum() == pytest.approx(sum(flow["from"].values()), abs=1e-6)
        assert np.nansum(amount * cost) == pytest.approx(nx.cost_of_flow(graph, flow), abs=1e-5)
        assert (amount.sum(axis=0) <= need * (1 + 1e-12)).all()
        assert (amount.sum(axis=1) <= capacity * (1 + 1e-12)).all()
        assert (amount[np.isnan(cost)] == 0).all()

    @given(markets(), st.floats(1.0, 5.0))
    @settings(max_examples=60)
    def test_nobody_loses_when_all_need_more(
        self,
        market: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
        more: float,
    ) -> None:
        need, capacity, cost = market
        before = share_out(need, capacity, cost).sum(axis=0)
        after = share_out(need * more, capacity, cost, kept=before).sum(axis=0)
        assert (after >= before - 1e-6).all()

    def test_nothing_asked_for_and_nobody_there(self) -> None:
        assert (share_out(np.zeros(2), np.ones(1), np.ones((1, 2))) == 0).all()
        assert share_out(np.ones(2), np.zeros(0), np.zeros((0, 2))).shape == (0, 2)
        assert (share_out(np.ones(2), np.ones(1), np.full((1, 2), NAN)) == 0).all()


def energy(**columns: object) -> gpd.GeoDataFrame:
    """Return two sources and a station in service, at 0, 40 and 2 km."""
    facts = {
        "type": ["h2_source", "h2_source", "h2_station"],
        "capacity": [365.0, 500.0, 1000.0],
        "unit": ["t/yr", "kg/day", "kg/day"],
    } | columns
    return named([0, 40, 2], ["N1", "N2", "N3"], **facts)


ON_MARKET = {
    "source_market_share": {"other": 1.0},
    "source_co2_kg_per_kg": {"N2": 2.0, "other": 10.0},
}


def equipped(
    served: list[tuple[float, float, float]],
    *,
    facility: FacilitySpec | None = None,
    role: str = "candidate",
    case: str = "base",
    demand_points: gpd.GeoDataFrame | None = None,
    **layers: gpd.GeoDataFrame,
) -> Equipped:
    """Equip candidates at 10, 20 … km of the largest size."""
    asked = with_numbers(HYDROGEN, ON_MARKET) if facility is None else facility
    asked = replace(asked, demand_case=case)
    candidates = stubs.candidates([10.0 * (k + 1) for k in range(len(served))], type="port_gate")
    sites = sites_of(candidates, offers(candidates, points([]), asked), role=role)
    index = pd.Index(sites["candidate_id"], name="candidate_id")
    return engineering()["hydrogen"].equip(
        Chosen(
            facility=asked,
            sites=sites,
            served=pd.DataFrame(served, index=index, columns=["low", "base", "high"]),
            demand=stubs.demand([], []) if demand_points is None else demand_points,
            inputs=inputs(**({"energy": energy()} | layers)),
            travel=stubs.travel,
        )
    )


class TestSupply:
    def test_the_nearest_source_that_has_enough_comes_first(self) -> None:
        # N1 at 0 km has 1000 kg/day and is 15, 30 km of road away; N2 at 40 km has 500, 30 and 20 away.
        found = equipped([(0, 600, 0), (0, 700, 0)]).supply
        assert tuple(found.columns) == SUPPLY_COLUMNS
        # C1 is nearer to N2, C0 to N1: 500 of C1's 700 come from N2.
        assert found["candidate_id"].to_list() == ["C0", "C1", "C1"]
        assert found["source_id"].to_list() == ["N1", "N1", "N2"]
        assert found["amount"].to_list() == pytest.approx([600.0, 200.0, 500.0])
        assert found["distance_km"].to_list() == pytest.approx([15.0, 30.0, 20.0])
        price = 18.0 + 2.5
        assert found["cost_cny_per_unit"].to_list() == pytest.approx(
            [price + 1.5, price + 3.0, price + 2.0]
        )

    def test_what_no_source_has_is_told(self) -> None:
        found = equipped([(0, 900, 0), (0, 900, 0)]).supply
        lacking = found[found["source_id"] == ""]
        assert lacking["amount"].sum() == pytest.approx(1800.0 - 1500.0)
        assert lacking[["distance_km", "cost_cny_per_unit"]].isna().all(axis=None)
        assert found["amount"].sum() == pytest.approx(1800.0)

    def test_who_had_hydrogen_keeps_it_when_others_ask(self) -> None:
        # N1 has 1000 kg; C1 took 700 of it before C0, which is nearer, asks for 900.
        lean = with_numbers(HYDROGEN, {"source_market_share": {"N1": 1.0, "other": 0.0}})
        found = equipped([(0, 0, 900), (0, 700, 700)], facility=lean, case="high").supply
        delivered = found[found["source_id"] == "N1"].set_index("candidate_id")["amount"]
        assert delivered.to_dict() == pytest.approx({"C0": 300.0, "C1": 700.0})

    def test_what_is_beyond_the_radius_is_not_delivered(self) -> None:
        near = with_numbers(HYDROGEN, ON_MARKET, delivery_radius_km=15.0)
        found = equipped([(0, 100, 0), (0, 100, 0)], facility=near).supply
        assert found["source_id"].to_list() == ["N1", ""]
        exact = with_numbers(HYDROGEN, ON_MARKET, delivery_radius_km=14.9)
        assert equipped([(0, 100, 0)], facility=exact).supply["source_id"].to_list() == [""]

    def test_only_what_is_on_the_market_counts(self) -> None:
        table = {"source_market_share": {"N2": 0.5, "other": 0.0}}
        found = sources(inputs(energy=energy()), with_numbers(HYDROGEN, table))
        assert found is not None
        assert dict(zip(found["id"], found["kg_day"], strict=True)) == {"N2": 250.0}
        none = with_numbers(HYDROGEN, {"source_market_share": {"other": 0.0}})
        assert equipped([(0, 100, 0)], facility=none).supply["source_id"].to_list() == [""]

    def test_a_source_of_unknown_capacity_gives_nothing_and_a_strange_unit_is_refused(
        self,
    ) -> None:
        unknown = inputs(energy=energy(capacity=[NAN, 500.0, 1.0], unit=["", "kg/day", ""]))
        found = sources(unknown, with_numbers(HYDROGEN, ON_MARKET))
        assert found is not None
        assert found["id"].to_list() == ["N2"]
        strange = inputs(energy=energy(unit=["MW", "kg/day", "kg/day"]))
        with pytest.raises(InputError, match=r"unit of N1.*got MW, expected kg/day or t/yr"):
            sources(strange, with_numbers(HYDROGEN, ON_MARKET))

    @pytest.mark.parametrize("has_layer", [True, False])
    def test_where_no_source_is_known_a_distance_is_assumed(self, *, has_layer: bool) -> None:
        substations = energy(type="substation_220") if has_layer else points([], id=[], type=[])
        found = equipped([(0, 600, 0), (0, 0, 0)], energy=substations)
        assert found.supply["candidate_id"].to_list() == ["C0"]
        assert found.supply["source_id"].to_list() == [""]
        assert found.supply["distance_km"].to_list() == [100.0]
        assert found.supply["cost_cny_per_unit"].to_list() == [18.0 + 2.5 + 10.0]
        sold = found.money.query("case == 'base'")["output_per_yr"]
        assert sold.to_list() == pytest.approx([600.0 * 365, 0.0])

    def test_stations_in_service_take_their_part(self) -> None:
        # The station at 2 km serves 800 of N1's 1000 kg, 3 km of road from it.
        points_of = stubs.demand([2], [0.0], existing_served=[800.0], demand_low=[0.0])
        points_of = points_of.assign(demand_base=[900.0], demand_high=[900.0])
        lean = with_numbers(HYDROGEN, {"source_market_share": {"N1": 1.0, "other": 0.0}})
        lean = replace(lean, existing_where={"type": ("h2_station",)})
        found = equipped([(0, 600, 0)], facility=lean, demand_points=points_of).supply
        assert found.set_index("source_id")["amount"].to_dict() == pytest.approx(
            {"N1": 200.0, "": 400.0}
        )

    @given(st.lists(st.tuples(*[st.integers(0, 2000)] * 3).map(sorted), min_size=1, max_size=4))
    @settings(max_examples=12)
    def test_more_demand_is_never_less_hydrogen_or_money(self, asked: list[list[int]]) -> None:
        found = equipped([(low, base, high) for low, base, high in asked])
        for column in ("output_per_yr", "revenue_mcny_yr"):
            by_case = found.money.pivot_table(index="candidate_id", columns="case", values=column)
            assert (by_case["base"] >= by_case["low"] - 0.01).all(), column
            assert (by_case["high"] >= by_case["base"] - 0.01).all(), column
        spent = found.money.groupby("case")["variable_mcny_yr"].sum()
        assert spent["low"] <= spent["base"] + 1e-6 <= spent["high"] + 2e-6
        need = sum(base for _, base, _ in asked)
        assert found.supply["amount"].sum() == pytest.approx(need, rel=1e-6, abs=1e-4)


class TestMoney:
    def test_by_hand(self) -> None:
        asked = with_numbers(HYDROGEN, ON_MARKET, hydrogen_subsidy=15.0, electricity_price=0.6)
        found = equipped([(100, 200, 400)], facility=asked).money
        assert tuple(found.columns) == MONEY_COLUMNS
        assert found["case"].to_list() == ["low", "base", "high"]
        assert found["output_per_yr"].to_list() == pytest.approx([36500.0, 73000.0, 146000.0])
        assert set(found["output_unit"]) == {"kg/yr"}
        np.testing.assert_allclose(found["capex_mcny"], 32.0)
        np.testing.assert_allclose(found["fixed_mcny_yr"], 32.0 * 0.09)
        each = (
            18.0 + 2.5 + 1.5 + 2.5 * 1.3 * 0.6
        )  # 15 km from N1, compression and what goes with it
        np.testing.assert_allclose(found["variable_mcny_yr"], found["output_per_yr"] * each / 1e6)
        np.testing.assert_allclose(found["revenue_mcny_yr"], found["output_per_yr"] * 35.0 / 1e6)
        np.testing.assert_allclose(found["subsidy_mcny_yr"], found["output_per_yr"] * 15.0 / 1e6)
        assert set(found["lifetime_yr"]) == {15.0}

    def test_purchases_equal_the_supply(self) -> None:
        free = with_numbers(HYDROGEN, ON_MARKET, electricity_price=0.0)
        found = equipped([(0, 600, 600), (0, 1200, 1200)], facility=free)
        rows = found.supply.dropna()
        bought = (rows["amount"] * rows["cost_cny_per_unit"]).sum() * 365 / 1e6
        spent = found.money.query("case == 'base'")["variable_mcny_yr"].sum()
        assert spent == pytest.approx(bought)

    def test_what_exists_costs_nothing_to_build_and_its_upkeep_still(self) -> None:
        found = equipped([(1, 2, 3)], role="existing").money
        assert (found["capex_mcny"] == 0.0).all()
        np.testing.assert_allclose(found["fixed_mcny_yr"], 32.0 * 0.09)

    def test_a_site_that_serves_nobody_has_figures_and_no_supply(self) -> None:
        found = equipped([(0, 0, 0)])
        assert found.supply.empty
        numbers = found.money.select_dtypes("number")
        assert np.isfinite(numbers).all(axis=None)
        assert (found.money["output_per_yr"] == 0.0).all()
        assert (found.emissions[["avoided_t", "added_t"]] == 0.0).all(axis=None)
        trips = found.equipment.set_index("item")["quantity"]["trailer_trips"]
        assert trips == 0.0

    def test_what_is_not_delivered_is_not_sold(self) -> None:
        found = equipped([(0, 2000, 2000)]).money
        assert found["output_per_yr"].to_list() == pytest.approx([0.0, 1500 * 365, 1500 * 365])


class TestEquipment:
    def test_of_the_largest_size(self) -> None:
        found = equipped([(100, 500, 2000)]).equipment
        assert tuple(found.columns) == EQUIPMENT_COLUMNS
        assert found.set_index("item")["quantity"].to_dict() == pytest.approx(
            {
                "station_class": 3.0,
                "storage": 2000.0,
                "vessels": 3.0,
                "trailer_bays": 3.0,
                "trailer_trips": 2.0,  # 500 kg of 250 a trip
                "compressors": 3.0,
                "chillers": 5.0,
                "dispensers": 5.0,
                "nozzles": 9.0,
                "power": 812.5,
                "land": 4000.0,
            }
        )
        assert found[["zh", "en", "unit"]].ne("").all(axis=None)

    def test_a_size_that_is_not_offered_is_named(self) -> None:
        candidates = stubs.candidates([10.0])
        sites = sites_of(candidates, offers(candidates, points([]), HYDROGEN)).assign(size="huge")
        chosen = Chosen(
            facility=HYDROGEN,
            sites=sites,
            served=pd.DataFrame({"low": [0.0], "base": [0.0], "high": [0.0]}, index=["C0"]),
            demand=stubs.demand([], []),
            inputs=inputs(),
            travel=stubs.travel,
        )
        with pytest.raises(InputError, match=r"size that is not offered.*got huge.*one of kg500"):
            engineering()["hydrogen"].equip(chosen)

    def test_a_site_at_a_petrol_station_is_equipped_as_joint(self) -> None:
        candidates = stubs.candidates([10.0], type="petrol_cluster")
        sites = sites_of(candidates, offers(candidates, points([]), HYDROGEN))
        chosen = Chosen(
            facility=HYDROGEN,
            sites=sites,
            served=pd.DataFrame({"low": [0.0], "base": [0.0], "high": [0.0]}, index=["C0"]),
            demand=stubs.demand([], []),
            inputs=inputs(),
            travel=stubs.travel,
        )
        found = engineering()["hydrogen"].equip(chosen).equipment.set_index("item")["quantity"]
        assert (found["station_class"], found["land"]) == (2.0, pytest.approx(2600 * 0.7))


DIESEL = {"diesel_truck": {"NOx": 8.0, "SO2": 0.02, "PM10": 0.1, "CO2": 2700.0}}


class TestEmissions:
    def test_diesel_of_a_kilogram_by_hand(self) -> None:
        tables = {
            "truck_class_share": {"t49": 0.5, "t31": 0.0, "t18": 0.5},
            "truck_kg_per_100km": {"t49": 10.0, "t31": 9.0, "t18": 5.0},
            "diesel_l_per_100km": {"t49": 35.0, "t31": 1.0, "t18": 25.0, "bus": 26.0},
        }
        asked = with_numbers(HYDROGEN, tables, truck_share=0.75, bus_kg_per_100km=6.5)
        assert diesel_l_per_kg(asked) == pytest.approx(0.75 * 30.0 / 7.5 + 0.25 * 26.0 / 6.5)

    def test_by_hand(self) -> None:
        asked = with_numbers(
            HYDROGEN,
            ON_MARKET | DIESEL,
            grid_co2=600.0,
            grid_nox=0.2,
            grid_so2=0.1,
            grid_pm10=0.05,
            trailer_diesel_l_per_100km=40.0,
        )
        found = equipped([(100, 200, 400)], facility=asked).emissions
        assert tuple(found.columns) == EMISSION_COLUMNS
        base = found[found["case"] == "base"].set_index("substance")
        kg = 200.0 * 365
        litres = kg * diesel_l_per_kg(asked)
        kwh = kg * 2.5 * 1.3
        way = kg / 250.0 * 2 * 15.0 / 100.0 * 40.0  # litres of the trailers, there and back
        assert base.loc["CO2", "avoided_t"] == pytest.approx(litres * 2700 / 1e6)
        assert base.loc["CO2", "added_t"] == pytest.approx(
            kg * 10.0 / 1e3 + kwh * 600 / 1e6 + way * 2700 / 1e6
        )
        assert base.loc["NOx", "avoided_t"] == pytest.approx(litres * 8.0 / 1e6)
        assert base.loc["NOx", "added_t"] == pytest.approx(kwh * 0.2 / 1e6 + way * 8.0 / 1e6)
        assert base.loc["PM10", "added_t"] == pytest.approx(kwh * 0.05 / 1e6 + way * 0.1 / 1e6)

    def test_production_is_that_of_the_source(self) -> None:
        only = {"source_market_share": {"N2": 1.0, "other": 0.0}}
        clean = with_numbers(HYDROGEN, ON_MARKET | only | DIESEL, grid_co2=0.0)
        clean = with_numbers(clean, trailer_diesel_l_per_100km=0.0)
        found = equipped([(0, 100, 100)], facility=clean).emissions
        co2 = found.query("case == 'base' and substance == 'CO2'")["added_t"].item()
        assert co2 == pytest.approx(100 * 365 * 2.0 / 1e3)


class TestNumbers:
    def test_everything_wrong_is_told_at_once(self) -> None:
        wrong = with_numbers(
            HYDROGEN,
            {"truck_kg_per_100km": {"t49": 0.0, "t18": 5.0}, "diesel_l_per_100km": {"t49": 35.0}},
            pump_price=-1.0,
            fill_kg=0.0,
            en_route_share=1.5,
        )
        with pytest.raises(ConfigError) as caught:
            offers(some_candidates(), points([]), wrong)
        told = str(caught.value).splitlines()
        for part in (
            "assumptions.pump_price.value: wrong value (got -1, expected 0 or more)",
            "assumptions.fill_kg.value: wrong value (got 0, expected above 0)",
            "assumptions.en_route_share.value: wrong value (got 1.5, expected 0 to 1)",
            "tables.truck_kg_per_100km.values.t49: wrong value (got 0, expected above 0)",
            "tables.truck_kg_per_100km.values.t31: missing",
            "tables.diesel_l_per_100km.values.bus: missing",
        ):
            assert sum(part in line for line in told) == 1, part

    @pytest.mark.parametrize("end", ["low", "high"])
    def test_the_ends_of_a_range_count_too(self, end: str) -> None:
        rows = dict(HYDROGEN.assumptions)
        rows["hydrogen_purchase"] = replace(rows["hydrogen_purchase"], **{end: -3.0})
        with pytest.raises(ConfigError, match=rf"hydrogen_purchase\.{end}: wrong value \(got -3"):
            demand(city(), replace(HYDROGEN, assumptions=rows), stubs.travel)

    def test_a_missing_number_is_named(self) -> None:
        rows = {k: v for k, v in HYDROGEN.assumptions.items() if k != "grid_co2"}
        tables = {k: v for k, v in HYDROGEN.tables.items() if k != "diesel_truck"}
        with pytest.raises(ConfigError) as caught:
            offers(
                some_candidates(), points([]), replace(HYDROGEN, assumptions=rows, tables=tables)
            )
        assert "assumptions.grid_co2: missing" in str(caught.value)
        assert "tables.diesel_truck: missing" in str(caught.value)

    def test_a_larger_station_must_not_be_cheaper(self) -> None:
        prices = {"station_capex_mcny": {"kg500": 12.0, "kg1000": 20.0, "kg2000": 19.0}}
        with pytest.raises(ConfigError, match=r"station_capex_mcny\.values\.kg2000.*at least 20"):
            offers(some_candidates(), points([]), with_numbers(HYDROGEN, prices))

    def test_classes_that_add_up_to_nothing_are_refused(self) -> None:
        none = {"truck_class_share": {"t49": 0.0, "t31": 0.0, "t18": 0.0}}
        with pytest.raises(ConfigError, match=r"truck_class_share.*add up to nothing"):
            demand(city(), with_numbers(HYDROGEN, none), stubs.travel)


@pytest.fixture(scope="module")
def qingdao() -> tuple[Inputs, NetworkTravel, FacilitySpec]:
    """Return the embedded pack, travel over its roads, and the facility type as configured."""
    study = load_study("qingdao", facilities=["hydrogen"])
    given_ = layers.read(study)
    travel = network_travel(
        given_.layers["road_nodes"],
        given_.layers["road_edges"],
        profiles=study.profiles,
        access=study.access,
    )
    return given_, travel, study.facilities[0]


Qingdao = tuple[Inputs, NetworkTravel, FacilitySpec]


class TestQingdao:
    def test_demand_has_the_ids_of_its_layers_and_the_totals(self, qingdao: Qingdao) -> None:
        given_, travel, facility = qingdao
        found = demand(given_, facility, travel)
        names = ("ports", "parks", "gateways", "townships")
        assert set(found["demand_id"]) <= {i for n in names for i in given_.layers[n]["id"]}
        sums = found[["demand_low", "demand_base", "demand_high"]].sum().to_list()
        assert sums == pytest.approx([680.0, 7100.0, 73900.0], rel=1e-12)
        by_kind = found.groupby("kind")["demand_base"].sum() / 7100.0
        assert by_kind["township"] == pytest.approx(0.25)
        assert (by_kind > 0.1).all(), "no kind of place takes it all"

    def test_trips_take_the_time_asked_for_and_pass_the_counted_gate(
        self, qingdao: Qingdao
    ) -> None:
        given_, travel, facility = qingdao
        found = truck_trips(given_, facility, travel)
        assert found.trips.mean_minutes == pytest.approx(55.0, rel=1e-4)
        assert 0.005 < found.trips.impedance_per_min < 0.1
        trips = found.trips.amount * trips_scale(found, facility)
        at_g20 = (found.places["demand_id"] == "GW_G20").to_numpy()
        both_ways = trips[at_g20].sum() + trips[:, at_g20].sum()
        assert both_ways / number(facility, "heavy_truck_share") == pytest.approx(44_100.0)

    def test_trucks_at_qianwan_are_of_the_order_of_its_containers(self, qingdao: Qingdao) -> None:
        """30.87 M TEU in 2024, 2.2 M of them by rail and 5 M transhipped, at 1 to 2 TEU a truck."""
        given_, travel, facility = qingdao
        found = truck_trips(given_, facility, travel)
        at_port = (found.places["demand_id"] == "PA1").to_numpy()
        leaving = (found.trips.amount[at_port].sum()) * trips_scale(found, facility)
        by_road = (30.87e6 - 2.2e6 - 5e6) / 365
        assert by_road / 2 / 2 < leaving < by_road  # boxes out are half of all; empty trips on top

    def test_hydrogen_is_a_small_part_of_all_trucks_fuel_today_and_in_the_plan(
        self, qingdao: Qingdao
    ) -> None:
        given_, travel, facility = qingdao
        found = truck_trips(given_, facility, travel)
        if_all = found.kg.sum() * trips_scale(found, facility)
        part = np.array([680.0, 7100.0, 73900.0]) * 0.75 / if_all
        assert part[0] < 0.002
        assert 0.02 < part[2] < 0.2

    def test_ways_from_the_refinery_are_longer_than_straight(self, qingdao: Qingdao) -> None:
        given_, travel, facility = qingdao
        found = sources(given_, facility)
        assert found is not None
        assert found["id"].to_list() == ["N30"]
        assert found["kg_day"].item() == pytest.approx(4500e3 / 365)
        ports = given_.layers["ports"].set_index("id")
        to = ports.loc[["PA5"]].geometry
        [[km]] = travel(found.geometry, to, profile="hydrogen_trailer", measure="distance_km")
        straight = 54.0  # ± 3 km
        assert straight - 3 < km < 1.5 * straight

    def test_flows_pass_the_corridors_in_good_time(self, qingdao: Qingdao) -> None:
        given_, travel, facility = qingdao
        found = flows(given_, facility, travel)
        assert len(found) == MOST_FLOWS
        assert found["trips_per_day"].gt(0).all()
        whole = 0.3 * 0.75 * 73_900.0
        assert 0.3 * whole < found["amount_high"].sum() < whole
