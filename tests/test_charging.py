"""Public charging: where it arises, classes of hubs, and what hubs are built of, cost and avoid."""

import doctest
import math
from dataclasses import replace
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import layers
from siting.config import load_study
from siting.errors import ConfigError, InputError, MissingLayerError
from siting.facilities import Chosen, Equipped, engineering
from siting.facilities._charging_equip import connectors_needed, queue_of
from siting.facilities._charging_hubs import hubs, session_hours
from siting.facilities.queueing import smallest_servers
from siting.facilities.registry import EQUIPMENT_COLUMNS, MONEY_COLUMNS, OFFER_COLUMNS
from siting.model import FacilitySpec, Inputs
from tests import stubs
from tests.freight_city import amounts, city, spec, with_numbers, without
from tests.requirements import ROOT
from tests.stubs import ISLAND_Y, points

CHARGING = engineering()["charging"]
CASES = ("low", "base", "high")


def areas(*, is_reached: bool = True) -> gpd.GeoDataFrame:
    """Return candidates, one of them an expressway service area."""
    far = (0.0, 2 * ISLAND_Y / 1000)
    return points(
        [12.0 if is_reached else far, 13.0],
        id=["C1", "C2"],
        name_zh=["C1", "C2"],
        name_en="",
        type=["expressway_service_area", "public_parking"],
    )


@cache
def hand() -> FacilitySpec:
    """Return the facility type with totals and splits that can be shared out by hand."""
    return with_numbers(
        spec("charging"),
        vehicles=(50.0, 100.0, 400.0),
        public_kwh_per_vehicle_day=(2.0, 2.0, 3.0),
        truck_kwh_per_day=(30.0, 60.0, 60.0),
        tables={
            "public_split": {"residential": 0.5, "destination": 0.3, "corridor": 0.2},
            "destination_worth": {"poi_commercial": 2.0, "renewal": 1.0},
            "truck_split": {"ports": 0.5, "parks": 0.5},
            "freight_weight": {"H": 3.0, "M": 1.0, "L": 0.5},
        },
    )


def demand_of(asked: Inputs, facility: FacilitySpec | None = None) -> gpd.GeoDataFrame:
    return CHARGING.demand(asked, facility or hand(), stubs.travel)


class TestDemand:
    def test_is_spread_by_hand(self) -> None:
        # Cars 100 x 2 = 200 kWh: 100 near homes by 3:1, 60 at K3 and K4 by 2:1, 40 at the service
        # area. Trucks 60: 30 to ports by 1:1:0 (as tonnage), 30 to parks by 3:1.
        found = demand_of(city(candidates=areas()))
        assert amounts(found) == pytest.approx(
            {
                "T1": 75.0,
                "T2": 25.0,
                "K3": 40.0,
                "K4": 20.0,
                "C1": 40.0,
                "P1": 15.0,
                "P2": 15.0,
                "P3": 0.0,
                "K1": 22.5,
                "K2": 7.5,
            }
        )
        kinds = dict(zip(found["demand_id"], found["kind"], strict=True))
        assert [kinds[i] for i in ("T1", "K3", "C1", "P1")] == [
            "township",
            "park",
            "corridor",
            "port",
        ]
        trucks = dict(zip(found["demand_id"], found["_truck"], strict=True))
        assert {i: v for i, v in trucks.items() if v} == pytest.approx(
            {"P1": 15.0, "P2": 15.0, "K1": 22.5, "K2": 7.5}
        )

    def test_a_place_of_cars_and_trucks_has_both(self) -> None:
        worth = with_numbers(hand(), {"destination_worth": {"park": 1.0}})
        found = demand_of(city(candidates=areas()), worth).set_index("demand_id")
        assert found.loc["K1", "demand_base"] == pytest.approx(22.5 + 60.0)
        assert found.loc["K1", "_truck"] == pytest.approx(22.5)

    @pytest.mark.parametrize(
        ("case", "total"), [("low", 50 * 2 + 30), ("base", 100 * 2 + 60), ("high", 400 * 3 + 60)]
    )
    @pytest.mark.parametrize("known", ["all", "no candidates", "unreached"])
    def test_totals_hold_whatever_places_are_known(
        self, case: str, total: float, known: str
    ) -> None:
        asked = city(candidates=areas(is_reached=known != "unreached"))
        found = demand_of(without(asked, "candidates") if known == "no candidates" else asked)
        assert found[f"demand_{case}"].sum() == pytest.approx(total)
        assert ("C1" in set(found["demand_id"])) == (known == "all")

    def test_a_part_without_places_goes_to_the_others(self) -> None:
        found = amounts(demand_of(city()))  # 200 by 0.5 : 0.3
        assert found["T1"] == pytest.approx(200 * 5 / 8 * 0.75)
        assert found["K3"] == pytest.approx(200 * 3 / 8 * 2 / 3)

    def test_people_alone_will_do(self) -> None:
        alone = without(city(), "parks", "ports", "berths", "gateways")
        none = with_numbers(hand(), truck_kwh_per_day=0.0)
        assert amounts(demand_of(alone, none)) == pytest.approx({"T1": 150.0, "T2": 50.0})
        no_home = with_numbers(none, {"public_split": {"destination": 1.0}})
        assert demand_of(alone, no_home)["demand_base"].sum() == pytest.approx(200.0)

    def test_without_people_there_is_no_demand_to_spread(self) -> None:
        with pytest.raises(MissingLayerError, match="no layer townships"):
            demand_of(without(city(), "townships"))

    @pytest.mark.parametrize(
        "split",
        [{}, {"residential": 0.0}, {"home": 1.0}, {"residential": 2.0, "corridor": -1.0}],
        ids=["empty", "all zero", "misspelt", "negative"],
    )
    def test_a_split_that_would_lose_demand_is_refused(self, split: dict[str, float]) -> None:
        with pytest.raises(ConfigError, match=r"tables\.public_split.*not a split"):
            demand_of(city(), with_numbers(hand(), {"public_split": split}))


class TestHubs:
    def test_the_smallest_class_by_hand(self) -> None:
        # A car: 25 kWh / 60 kW + 5 min = 0.5 h. Three connectors of 120 kW, one of 360 kW; slow:
        # 5 % of the energy in the busiest hour over 7 kW x 0.85.
        facility = spec("charging")
        assert session_hours(facility, "car") == pytest.approx(0.5)
        hub = hubs(facility, "public_parking")[0]
        assert hub.counts == {"fast": 3, "high_power": 1, "truck": 0, "slow": 2}
        assert hub.queue == 4
        assert hub.load_kva == pytest.approx((3 * 120 + 360 + 2 * 7) * 0.65 / 0.95 / 0.9)
        assert hub.transformers == 1
        bays = 3 * (0.05 + 0.02) + (0.30 + 0.02) + 2 * (0.004 + 0.005)
        assert hub.cost_mcny == pytest.approx(bays + 0.52 + 0.3)
        assert hub.land_m2 == pytest.approx(6 * 30 + 30)

    def test_trucks_have_their_bays_by_type_of_site(self) -> None:
        hub = hubs(spec("charging"), "port_gate")[-1]
        assert hub.counts["truck"] == 20
        assert hub.counts["high_power"] == 5
        assert hub.counts["fast"] == 15
        kw = 15 * 120 + 25 * 360 + hub.counts["slow"] * 7
        assert hub.transformers == math.ceil(kw * 0.65 / 0.95 / 0.9 / 800)

    @pytest.mark.parametrize(
        "kind", ["public_parking", "port_gate", "expressway_service_area", "never heard of"]
    )
    def test_capacity_is_what_the_connectors_just_serve(self, kind: str) -> None:
        facility = spec("charging")
        for hub in hubs(facility, kind):
            for share, most in ((1.0, hub.queue), (1.001, hub.queue + 1)):
                kwh_per_hour = hub.capacity * share * 0.95 * 0.10
                needed = smallest_servers(
                    kwh_per_hour / 25.0, 2.0, wait=hub.wait_h, utilisation=0.85, variation=0.7
                )
                assert needed == most

    def test_who_may_wait_longer_is_served_by_less(self) -> None:
        facility = spec("charging")
        city_hub, road_hub = (
            hubs(facility, kind)[0] for kind in ("petrol_cluster", "expressway_service_area")
        )
        assert (city_hub.wait_h, road_hub.wait_h) == (10 / 60, 15 / 60)
        assert road_hub.capacity > city_hub.capacity

    def test_more_never_costs_less(self) -> None:
        for kind in ("public_parking", "port_gate", "industrial_park"):
            classes = hubs(spec("charging"), kind)
            for name in ("queue", "capacity", "cost_mcny", "load_kva", "transformers", "land_m2"):
                values = [getattr(hub, name) for hub in classes]
                assert values == sorted(values), name

    @pytest.mark.parametrize(
        ("numbers", "told"),
        [
            ({"electricity_price": -0.5}, r"electricity_price.*got -0.5.*≥ 0"),
            ({"losses_share": 1.0}, r"losses_share.*below 1"),
            ({"high_power_share": 1.1}, r"high_power_share.*a share, 0 to 1"),
            ({"peak_hour_share": 0.0}, "peak_hour_share.*above 0"),
            ({"utilisation_limit": 1.2}, "utilisation_limit.*at most 1"),
            ({"slow_energy_share": 1.0}, "slow_energy_share.*below 1"),
            ({"transformer_kva": 0.0}, "transformer_kva.*above 0"),
            ({"tables": {"hub_fast": {"few": 2.5}}}, r"hub_fast.*few = 2.5.*whole numbers"),
            ({"tables": {"hub_fast": {"none": 0.0}}}, r"hub_fast.*none = 0"),
            ({"tables": {"session_kw": {"car": 0.0, "truck": 1.0}}}, r"session_kw.*car = 0"),
            ({"tables": {"session_kwh": {"car": 25.0}}}, r"session_kwh.*no row truck"),
            ({"tables": {"handling_min": {"car": -1.0, "truck": 1.0}}}, r"handling_min.*car = -1"),
            ({"tables": {"wait_limit_min": {"sea": 1.0}}}, r"wait_limit_min.*no row city"),
            ({"tables": {"bay_m2": {"fast": 30.0}}}, r"bay_m2.*no row slow, high_power, truck"),
            ({"tables": {"truck_bay_share": {"port_gate": 2.0}}}, r"truck_bay_share.*at most 1"),
            ({"tables": {"destination_worth": {"park": -2.0}}}, r"destination_worth.*park = -2"),
        ],
    )  # fmt: skip
    def test_a_number_that_allows_no_hub_is_named(
        self, numbers: dict[str, object], told: str
    ) -> None:
        with pytest.raises(ConfigError, match=f"facility charging.*{told}"):
            hubs(with_numbers(spec("charging"), **numbers), "petrol_cluster")

    def test_all_that_is_wrong_is_told_at_once(self) -> None:
        wrong = with_numbers(spec("charging"), {"bay_m2": {}}, lifetime=0.0, service_fee=-1.0)
        with pytest.raises(ConfigError) as told:
            hubs(wrong, "petrol_cluster")
        assert len(told.value.problems) == 3


class TestOffers:
    def test_the_ground_limits_the_class_and_the_smallest_stays(self) -> None:
        sites = stubs.candidates([0, 1, 2], land_m2=[400.0, 10.0, np.nan])
        found = CHARGING.offers(sites, stubs.demand([], []), spec("charging"))
        assert list(found.columns) == list(OFFER_COLUMNS)
        sizes = found.groupby("candidate_id")["size"].apply(list).to_dict()
        every = ["fast_4", "fast_8", "fast_16", "fast_24", "fast_40"]
        assert sizes == {"C0": every[:2], "C1": every[:1], "C2": every}
        assert found["benefit"].isna().all()
        assert (found["power_mva"] > 0).all()

    def test_unknown_ground_allows_all(self) -> None:
        found = CHARGING.offers(stubs.candidates([0]), stubs.demand([], []), spec("charging"))
        assert len(found) == 5
        assert found["capacity"].is_monotonic_increasing

    def test_no_candidates_no_offers(self) -> None:
        found = CHARGING.offers(stubs.candidates([]), stubs.demand([], []), spec("charging"))
        assert list(found.columns) == list(OFFER_COLUMNS)
        assert found.empty


def chosen(
    served: list[list[float]], *, role: str = "candidate", size: str = "fast_8", **facts: object
) -> Chosen:
    """Return hubs 0, 1 … km along the road; towns at 0 km, a port at 1 km, with demand 300 and 100."""
    facility = spec("charging")
    hub = {h.size: h for h in hubs(facility, "petrol_cluster")}.get(size)
    sites = stubs.candidates(list(range(len(served)))).assign(
        role=role, size=size, cost_mcny=hub.cost_mcny if hub else np.nan
    )
    demand = stubs.demand(
        [0, 1], [300.0, 100.0], kind=["township", "port"], _truck=[0.0, 100.0]
    ).assign(**{f"demand_{case}": [300.0, 100.0] for case in CASES})
    known = {
        "facility": facility,
        "sites": sites,
        "served": pd.DataFrame(served, index=sites["candidate_id"], columns=list(CASES)),
        "demand": demand,
        "inputs": city(),
        "travel": stubs.travel,
    }
    return Chosen(**(known | facts))


def equipped(*args: object, **facts: object) -> Equipped:
    return CHARGING.equip(chosen(*args, **facts))


def quantity(found: Equipped, site: str, item: str) -> float:
    rows = found.equipment[found.equipment["candidate_id"] == site].set_index("item")
    return float(rows.loc[item, "quantity"])


class TestEquipment:
    def test_the_class_is_built_and_the_need_told(self) -> None:
        found = equipped([[500.0, 2000.0, 3500.0]])
        assert list(found.equipment.columns) == list(EQUIPMENT_COLUMNS)
        assert quantity(found, "C0", "fast_connectors") == 6
        assert quantity(found, "C0", "high_power_connectors") == 2
        assert "truck_connectors" not in set(found.equipment["item"])
        # Cars only: 2000 x 0.95 x 0.1 / 25 = 7.6 sessions of half an hour.
        needed = smallest_servers(7.6, 2.0, wait=10 / 60, utilisation=0.85, variation=0.7)
        assert quantity(found, "C0", "needed_base") == needed
        needs = [quantity(found, "C0", f"needed_{case}") for case in CASES]
        assert needs == sorted(needs)
        assert needs[-1] <= 8
        assert 0 < quantity(found, "C0", "mean_wait_min") < 10

    def test_trucks_have_their_part_of_the_demand_nearest(self) -> None:
        # C0 is nearest to the towns, C1 to the port: only C1 serves trucks.
        found = equipped([[1000.0] * 3, [1000.0] * 3])
        per_site = found.emissions[found.emissions["case"] == "base"].set_index(
            ["candidate_id", "substance"]
        )["avoided_t"]
        kwh = 1000.0 * 365
        assert per_site["C0", "CO2"] == pytest.approx(kwh / 0.15 * 0.07 * 2287.0 / 1e6)
        assert per_site["C1", "CO2"] == pytest.approx(kwh / 1.5 * 0.35 * 2660.0 / 1e6)

    def test_a_site_nearest_to_none_takes_the_mix_around_it(self) -> None:
        found = equipped([[1000.0] * 3, [1000.0] * 3, [1000.0] * 3])
        kwh = 1000.0 * 365
        car, truck = kwh / 0.15 * 0.07 * 2287.0 / 1e6, kwh / 1.5 * 0.35 * 2660.0 / 1e6
        rows = found.emissions.set_index(["candidate_id", "case", "substance"])["avoided_t"]
        assert rows["C2", "base", "CO2"] == pytest.approx(0.75 * car + 0.25 * truck)

    def test_the_grid_adds_what_is_drawn_with_losses(self) -> None:
        facility = with_numbers(spec("charging"), losses_share=0.2, grid_co2=500.0)
        found = equipped([[0.0, 1000.0, 2000.0]], facility=facility).emissions
        rows = found.set_index(["case", "substance"])["added_t"]
        assert rows["base", "CO2"] == pytest.approx(365000.0 / 0.8 * 500.0 / 1e6)
        assert rows["low", "CO2"] == 0.0
        assert rows["high", "CO2"] == pytest.approx(2 * rows["base", "CO2"])

    def test_emissions_balance_over_sites(self) -> None:
        # All of one kind: what the sites avoid adds up to what their energy as a whole would.
        parts = equipped([[100.0, 200.0, 300.0], [10.0, 20.0, 30.0]], demand=_cars_only())
        whole = equipped([[110.0, 220.0, 330.0]], demand=_cars_only())
        for column in ("avoided_t", "added_t"):
            sums = [
                found.emissions.groupby(["case", "substance"])[column].sum()
                for found in (parts, whole)
            ]
            pd.testing.assert_series_equal(*sums)

    def test_money_by_hand(self) -> None:
        facility = with_numbers(
            spec("charging"),
            electricity_price=0.6,
            service_fee=0.4,
            subsidy=0.1,
            losses_share=0.2,
            upkeep_share=0.05,
        )
        found = equipped([[0.0, 1000.0, 2000.0]], facility=facility).money
        assert list(found.columns) == list(MONEY_COLUMNS)
        base = found.set_index("case").loc["base"]
        cost = hubs(facility, "petrol_cluster")[1].cost_mcny
        assert base["capex_mcny"] == cost
        assert base["fixed_mcny_yr"] == pytest.approx(0.05 * cost)
        assert base["output_per_yr"] == 365000.0
        assert base["variable_mcny_yr"] == pytest.approx(365000 / 0.8 * 0.6 / 1e6)
        assert base["revenue_mcny_yr"] == pytest.approx(0.365)
        assert base["subsidy_mcny_yr"] == pytest.approx(0.0365)
        assert base["lifetime_yr"] == 10.0

    def test_a_hub_that_is_there_costs_nothing_to_build_but_is_kept(self) -> None:
        found = equipped([[0.0, 10.0, 20.0]], role="existing").money
        assert (found["capex_mcny"] == 0.0).all()
        assert (found["fixed_mcny_yr"] > 0.0).all()

    def test_no_demand_needs_nothing_and_divides_nothing(self) -> None:
        found = equipped([[0.0, 0.0, 0.0]])
        for item in ("needed_low", "needed_base", "needed_high", "mean_wait_min", "wait_p95_min"):
            assert quantity(found, "C0", item) == 0.0
        assert (found.emissions[["avoided_t", "added_t"]] == 0.0).all(axis=None)
        assert (found.money[["variable_mcny_yr", "revenue_mcny_yr"]] == 0.0).all(axis=None)

    def test_no_sites_no_rows(self) -> None:
        found = equipped([])
        for frame in (found.equipment, found.money, found.emissions, found.supply):
            assert frame.empty

    def test_a_size_that_is_no_class_is_told(self) -> None:
        with pytest.raises(
            InputError, match=r"site C0: its size is no class.*got standard.*fast_4"
        ):
            equipped([[1.0, 2.0, 3.0]], size="standard")


def _cars_only() -> gpd.GeoDataFrame:
    frame = stubs.demand([0], [300.0], kind=["township"], _truck=[0.0])
    return frame.assign(**{f"demand_{case}": [300.0] for case in CASES})


class TestQueue:
    def test_sessions_of_cars_and_trucks_mix(self) -> None:
        # 1000 kWh, 95 through the line in the busiest hour: 47.5 kWh of cars in 1.9 sessions of
        # 0.5 h, 47.5 kWh of trucks in 0.2375 sessions of 1 h + 10 min.
        line = queue_of(spec("charging"), 1000.0, 0.5)
        cars, trucks, hours = 1.9, 0.2375, 1.0 + 10 / 60
        assert line.arrivals == pytest.approx(cars + trucks)
        mean = (cars * 0.5 + trucks * hours) / (cars + trucks)
        assert line.hours == pytest.approx(mean)
        square = (cars * 0.25 + trucks * hours**2) / (cars + trucks) * (1 + 0.7**2)
        assert line.variation == pytest.approx(math.sqrt(square / mean**2 - 1))

    def test_one_kind_alone_varies_as_it_does(self) -> None:
        assert queue_of(spec("charging"), 1000.0, 0.0).variation == pytest.approx(0.7)
        assert queue_of(spec("charging"), 1000.0, 1.0).variation == pytest.approx(0.7)

    @given(
        kwh=st.just(0.0) | st.floats(1e-6, 1e5),
        more=st.floats(1.0, 3.0),
        trucks=st.floats(0.0, 1.0),
    )
    @settings(max_examples=100, deadline=None)
    def test_more_demand_never_needs_fewer_connectors(
        self, kwh: float, more: float, trucks: float
    ) -> None:
        facility = spec("charging")
        few, many = (
            connectors_needed(facility, queue_of(facility, amount, trucks), 10 / 60)
            for amount in (kwh, kwh * more)
        )
        assert few <= many
        assert (few == 0) == (kwh == 0.0)

    @pytest.mark.parametrize("trucks", [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])
    @pytest.mark.parametrize("kind", ["petrol_cluster", "expressway_service_area"])
    def test_a_hub_at_capacity_has_connectors_enough_for_any_mix(
        self, trucks: float, kind: str
    ) -> None:
        facility = spec("charging")
        for hub in hubs(facility, kind):
            line = queue_of(facility, hub.capacity, trucks)
            assert connectors_needed(facility, line, hub.wait_h) <= hub.queue


def test_the_page_on_charging_says_what_python_answers() -> None:
    page = ROOT / "docs" / "explanation" / "charging.md"
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert tried >= 6
    assert failed == 0


def test_trucks_on_a_coal_grid_are_told_as_they_are() -> None:
    facility = with_numbers(spec("charging"), grid_co2=641.0)
    trucks = _cars_only().assign(kind="port", _truck=300.0)
    found = equipped([[0.0, 1000.0, 2000.0]], facility=facility, demand=trucks).emissions
    base = found[(found["case"] == "base") & (found["substance"] == "CO2")].iloc[0]
    km = 365_000 / 1.5
    assert base["avoided_t"] / km * 1e6 == pytest.approx(931.0)
    assert base["added_t"] / km * 1e6 == pytest.approx(1034.0, abs=0.5)


@pytest.mark.real
def test_the_totals_of_qingdao_are_those_of_the_assumptions() -> None:
    study = load_study("qingdao", facilities=["charging"])
    keep = {"townships", "parks", "ports", "berths", "candidates"}
    asked = replace(study, layers={k: v for k, v in study.layers.items() if k in keep})
    [facility] = study.facilities
    found = CHARGING.demand(
        layers.read(asked),
        replace(facility, profile="car"),
        lambda a, b, **_: np.ones((len(a), len(b))),
    )
    expected = {
        "low": 131_400 * 1.2 + 95e3,
        "base": 265e3 * 2.4 + 285e3,
        "high": 530e3 * 3.6 + 570e3,
    }
    for case, total in expected.items():
        assert found[f"demand_{case}"].sum() == pytest.approx(total)
    by_kind = found.groupby("kind")["demand_base"].sum()
    assert by_kind["township"] == pytest.approx(0.6 * 265e3 * 2.4)
    assert by_kind["corridor"] == pytest.approx(0.15 * 265e3 * 2.4)
    assert found["_truck"].sum() == pytest.approx(285e3)
