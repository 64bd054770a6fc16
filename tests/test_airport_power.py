"""Bridge power at airports: energy by aircraft class, what is there, what is built and saved."""

import csv
import json
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import LineString

from siting.candidates import propose
from siting.errors import ConfigError, InputError, MissingLayerError
from siting.facilities import OFFER_COLUMNS, engineering
from siting.facilities._emissions import factors_of
from siting.facilities._numbers import table
from siting.model import Inputs
from tests import stubs
from tests.power_cases import (
    built,
    configured,
    demand_of,
    offered,
    pack,
    set_to,
    stands,
    substations,
    with_table,
)
from tests.requirements import require_data

KEY = "airport_power"
QINGDAO = configured(KEY)
PLAIN = set_to(QINGDAO, bridge_use_share=(0.6, 0.9, 1.0), use_today_share=0.5)
CASES = ["demand_low", "demand_base", "demand_high"]
# 10 stands x 3 turns x 365 days x 85 kW x 0.83 h
POSSIBLE = 10 * 3 * 365 * 85.0 * 0.83 / 1000.0


def airport(**columns: object) -> Inputs:
    return stubs.inputs(airport_stands=stands([0.0], **columns))


class TestDemand:
    def test_energy_is_turnarounds_times_hours_times_load_times_share(self) -> None:
        found = demand_of(KEY, airport(), PLAIN)
        assert found[CASES].to_numpy()[0] == pytest.approx([POSSIBLE * s for s in (0.6, 0.9, 1.0)])

    @pytest.mark.parametrize(
        ("equipment", "today"), [("unknown", 0.5), ("yes", 0.9), ("none", 0.0)]
    )
    def test_what_is_used_today_is_taken_off(self, equipment: str, today: float) -> None:
        found = demand_of(KEY, airport(bridge_power=equipment), PLAIN)
        assert found["existing_served"].item() == pytest.approx(POSSIBLE * today)
        assert found["demand"].item() == pytest.approx(POSSIBLE * (0.9 - today), abs=1e-9)

    def test_no_more_is_used_than_asked_for(self) -> None:
        facility = set_to(PLAIN, use_today_share=1.0)
        found = demand_of(KEY, airport(), facility)
        assert found["existing_served"].item() == found["demand_base"].item()

    def test_larger_aircraft_take_more_a_turnaround(self) -> None:
        classes = ["C", "D", "E", "F"]
        asked = stubs.inputs(airport_stands=stands([0, 1, 2, 3], aircraft_class=classes))
        energy = demand_of(KEY, asked, PLAIN)["demand_base"]
        assert energy.is_monotonic_increasing

    def test_a_stand_without_turns_has_no_demand(self) -> None:
        assert (demand_of(KEY, airport(turns_per_day=0.0), PLAIN)[CASES] == 0.0).all(axis=None)

    def test_an_unknown_class_names_the_row_and_each_table(self) -> None:
        with pytest.raises(InputError) as caught:
            demand_of(KEY, airport(aircraft_class="Z"), PLAIN)
        lines = str(caught.value).splitlines()
        assert len(lines) == 7
        assert "[tables.connected_hours]: 1 rows of aircraft_class" in lines[0]
        assert all("got S1: Z, expected one of C, D, E, F" in line for line in lines)

    def test_a_negative_fee_and_a_share_above_one_are_told_at_once(self) -> None:
        wrong = set_to(PLAIN, service_fee=-1.0, bridge_use_share=1.2)
        with pytest.raises(ConfigError) as caught:
            demand_of(KEY, airport(), wrong)
        assert len(str(caught.value).splitlines()) == 2

    def test_no_layer_of_stands_is_named(self) -> None:
        with pytest.raises(MissingLayerError, match="no layer airport_stands"):
            demand_of(KEY, stubs.inputs(), PLAIN)


class TestOffers:
    def test_a_group_without_equipment_by_hand(self) -> None:
        # 0.9 of the energy of ten stands needs nine of them: 9 x 1.72 million CNY, 9 x 203 kVA.
        _, left, found = offered(KEY, stands([0.0], bridge_power="none"), PLAIN)
        assert tuple(found.columns) == OFFER_COLUMNS
        assert found["size"].to_list() == [f"stands_{k}" for k in range(1, 10)]
        last = found.iloc[-1]
        assert last["capacity"] == pytest.approx(POSSIBLE * 0.9)
        assert last["capacity"] >= left["demand"].item() - 1e-9
        assert last["cost_mcny"] == pytest.approx(9 * 1.72)
        assert last["power_mva"] == pytest.approx(9 * 0.203)
        # 85 kWh replace 130 kg of fuel at 8.75 + 0.8 + 0.31 g/kg
        fuel_t = POSSIBLE * 0.9 / 85.0 * 130.0
        assert last["benefit"] == pytest.approx(fuel_t * 9.86 / 1000.0)

    def test_stands_taken_to_have_equipment_are_not_equipped_again(self) -> None:
        _, _, found = offered(KEY, stands([0.0]), PLAIN)
        assert len(found) == 4  # 0.4 of the energy is left; five of ten stands lack equipment
        _, _, most = offered(KEY, stands([0.0]), set_to(PLAIN, bridge_use_share=1.0))
        assert len(most) == 5

    def test_equipment_that_is_there_costs_nothing_to_use(self) -> None:
        facility = set_to(PLAIN, bridge_use_share=1.0)
        _, left, found = offered(KEY, stands([0.0], bridge_power="yes"), facility)
        assert left["demand"].item() == pytest.approx(POSSIBLE * 0.1)
        assert found["cost_mcny"].to_list() == [0.0]
        assert found["benefit"].item() > 0.0

    def test_no_demand_is_offered_one_stand_without_benefit(self) -> None:
        _, _, found = offered(KEY, stands([0.0], turns_per_day=0.0), PLAIN)
        assert found["size"].to_list() == ["stands_1"]
        assert found["benefit"].to_list() == [0.0]

    def test_every_group_of_qingdao_is_offered_what_serves_it(self) -> None:
        left = demand_of(KEY, pack(KEY), QINGDAO)
        found = engineering()[KEY].offers(propose(pack(KEY), QINGDAO), left, QINGDAO)
        most = found.groupby("candidate_id")["capacity"].max()
        assert (most >= left.set_index("demand_id")["demand"] - 1e-9).all()
        assert found.notna().all(axis=None)


class TestEquip:
    SITES = stands([0.0], bridge_power="none")

    def test_equipment_by_hand(self) -> None:
        _, found = built(KEY, self.SITES, PLAIN, energy=substations([-2.0]))
        amounts = found.equipment.set_index("item")["quantity"].to_dict()
        assert amounts == pytest.approx(
            {
                "stands": 9.0,
                "ground_power": 810.0,
                "conditioned_air": 1017.0,
                "supply": 1.827,
                "feeder": 2.0,
                "headroom": 30.0,
                "shortfall": 0.0,
            }
        )
        assert found.supply["source_id"].to_list() == ["N1"]

    def test_emissions_by_hand(self) -> None:
        _, found = built(KEY, self.SITES, PLAIN)
        sold = POSSIBLE * 0.9
        fuel_t = sold / 85.0 * 130.0
        base = found.emissions[found.emissions["case"] == "base"].set_index("substance")
        assert base.loc["CO2", "avoided_t"] == pytest.approx(fuel_t * 3.16)
        assert base.loc["NOx", "avoided_t"] == pytest.approx(fuel_t * 8.75 / 1000.0)
        assert base.loc["CO2", "added_t"] == pytest.approx(sold * 0.641)
        # The unit burns 1.5 kg for a kWh at the gate: most of its CO2 is saved on any grid.
        assert base.loc["CO2", "added_t"] < 0.15 * base.loc["CO2", "avoided_t"]

    def test_money_by_hand(self) -> None:
        _, found = built(KEY, self.SITES, PLAIN)
        base = found.money[found.money["case"] == "base"].iloc[0]
        sold = POSSIBLE * 0.9 / 1000.0
        assert base["capex_mcny"] == pytest.approx(9 * 1.72)
        assert base["fixed_mcny_yr"] == pytest.approx(9 * 1.72 * 0.04)
        assert base["variable_mcny_yr"] == pytest.approx(sold * 0.65)
        assert base["revenue_mcny_yr"] == pytest.approx(sold * 2.15)
        assert base["output_per_yr"] == pytest.approx(sold * 1e6)

    def test_equipment_that_is_there_needs_no_investment(self) -> None:
        facility = set_to(PLAIN, bridge_use_share=1.0)
        _, found = built(KEY, stands([0.0], bridge_power="yes"), facility)
        assert (found.money["capex_mcny"] == 0.0).all()
        assert (found.money["fixed_mcny_yr"] > 0.0).all()

    def test_no_sites_are_no_rows(self) -> None:
        chosen, _ = built(KEY, self.SITES, PLAIN)
        none = replace(chosen, sites=chosen.sites.iloc[:0], served=chosen.served.iloc[:0])
        found = engineering()[KEY].equip(none)
        for frame in (found.equipment, found.supply, found.money, found.emissions):
            assert frame.empty

    def test_a_missing_factor_is_named(self) -> None:
        lame = with_table(PLAIN, "apu", NOx=8.75, SO2=0.8, CO2=3160.0)
        with pytest.raises(ConfigError, match=r"tables\.apu\.values\]: no emission factor PM10"):
            offered(KEY, self.SITES, lame)


class TestQingdao:
    def rows(self) -> list[dict[str, str]]:
        path = files("layers") / "starter" / "qingdao" / "airport_stands.csv"
        return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))

    def test_stands_and_bridges_are_the_published_numbers(self) -> None:
        # 76 contact stands (青岛晚报 2019-02-13); 97 bridges (encyclopaedia, 2023): one at C, two at E,
        # three at F.
        counted = dict.fromkeys("CEF", 0)
        for row in self.rows():
            counted[row["aircraft_class"]] += int(row["stands"])
        assert sum(counted.values()) == 76
        assert (
            sum(counted[key] * bridges for key, bridges in zip("CEF", (1, 2, 3), strict=True))
            == 97
        )

    def test_turnarounds_fit_the_movements_of_the_airport(self) -> None:
        # 12 094 movements in September 2021, 298 000 a year by design: half of them are departures.
        turns = sum(int(row["stands"]) * float(row["turns_per_day"]) for row in self.rows()) * 365
        assert 0.5 * 12_094 * 12 * 0.7 < turns < 0.5 * 298_000

    def test_stands_lie_between_the_runways(self) -> None:
        path = require_data("qingdao", "osm_aeroways.geojson")
        lines = [
            LineString(feature["geometry"]["coordinates"])
            for feature in json.loads(path.read_text(encoding="utf-8"))["features"]
            if feature["properties"]["aeroway"] == "runway"
        ]
        east, west = (
            next(line for line in lines if line.distance(shapely.Point(lon, 36.36)) < 0.005)
            for lon in (120.1015, 120.0760)
        )
        to_m = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True)
        between = shapely.convex_hull(
            shapely.transform(shapely.union_all([east, west]), to_m.transform, interleaved=False)
        )
        for row in self.rows():
            place = shapely.Point(to_m.transform(float(row["lon"]), float(row["lat"])))
            assert between.covers(place), row["id"]
            assert between.exterior.distance(place) > 300.0, row["id"]

    def test_what_bridge_power_saves_is_near_what_the_old_airport_said(self) -> None:
        # 青岛早报 2014-02-11: nearly 30 000 t CO2 a year if all aircraft at bridges shut their unit
        # down, 155 kg of fuel and 492 kg of CO2 an hour.
        stands_ = pack(KEY).layers["airport_stands"]
        turns = stands_["stands"] * stands_["turns_per_day"] * 365.0
        hours, burnt = (
            stands_["aircraft_class"].map(dict(table(QINGDAO, key)))
            for key in ("connected_hours", "apu_kg_per_hour")
        )
        fuel_t = (turns * hours * burnt).sum() / 1000.0
        co2_a_kg = factors_of(QINGDAO, "apu")["CO2"] / 1000.0
        assert np.average(burnt, weights=turns * hours) == pytest.approx(155.0, rel=0.05)
        assert co2_a_kg == pytest.approx(492.0 / 155.0, rel=0.01)
        assert fuel_t * co2_a_kg == pytest.approx(30_000.0, rel=0.10)

    def test_stands_of_hangzhou_would_cost_what_they_did(self) -> None:
        # 杭州萧山机场 2017: 123.86 million CNY for 42, 10 and 5 stands of 60, 90 and 110 tons.
        cost = table(QINGDAO, "stand_mcny")
        assert 42 * cost["C"] + 10 * cost["E"] + 5 * cost["F"] == pytest.approx(123.86, rel=0.002)
