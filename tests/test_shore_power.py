"""Shore power: energy by berth, what is there, what is built, and what it costs and saves."""

import csv
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import siting
from siting.candidates import propose
from siting.errors import ConfigError, InputError, MissingLayerError
from siting.facilities import OFFER_COLUMNS, engineering
from siting.facilities._numbers import table
from siting.model import Inputs
from tests import stubs
from tests.power_cases import (
    berths,
    built,
    configured,
    demand_of,
    offered,
    pack,
    set_to,
    substations,
    with_table,
)
from tests.requirements import require_data

KEY = "shore_power"
QINGDAO = configured(KEY)
# One ship in every call connects, for all the hours but two; nothing is in use.
PLAIN = set_to(QINGDAO, connection_share=1.0, connect_hours=2.0, energy_in_use=0.0)
CASES = ["demand_low", "demand_base", "demand_high"]


def port(**columns: object) -> Inputs:
    return stubs.inputs(berths=berths([0.0], **columns))


class TestDemand:
    def test_a_call_of_a_12_to_14_500_teu_ship_takes_22_mwh_less_the_time_to_connect(self) -> None:
        # Domain notes 4.5: 1.2 MW x 18 h = 22 MWh; 16 MWh a call were seen in 2024.
        whole = demand_of(KEY, port(), set_to(PLAIN, connect_hours=0.0))
        assert whole["demand"].item() == pytest.approx(21.6)
        assert demand_of(KEY, port(), PLAIN)["demand"].item() == pytest.approx(1.2 * 16.0)

    def test_calls_of_qingdaos_high_voltage_berths_are_like_those_of_2024(self) -> None:
        # 1.68 GWh in 106 calls in January to April 2024: 15.8 MWh a call (press, derived).
        layer = pack(KEY).layers["berths"]
        asked = replace(pack(KEY), layers={"berths": layer[layer["cargo"] == "container"]})
        found = demand_of(KEY, asked, set_to(PLAIN, connect_hours=(1.0, 2.0, 3.0)))
        is_hv = (found["_shore_power"] == "HV").to_numpy()
        calls = asked.layers["berths"]["calls_per_year"].to_numpy(float)
        a_call = found["demand_base"].to_numpy()[is_hv].sum() / calls[is_hv].sum()
        assert a_call == pytest.approx(1680.0 / 106.0, rel=0.25)

    def test_cases_take_the_ends_of_share_and_time_that_go_together(self) -> None:
        facility = set_to(PLAIN, connection_share=(0.2, 0.5, 0.8), connect_hours=(1.0, 2.0, 3.0))
        found = demand_of(KEY, port(calls_per_year=100.0), facility)
        wanted = [100 * 1.2 * h * s for h, s in ((15.0, 0.2), (16.0, 0.5), (17.0, 0.8))]
        assert found[CASES].to_numpy()[0] == pytest.approx(wanted)

    def test_a_berths_own_load_comes_before_that_of_its_class(self) -> None:
        found = demand_of(KEY, port(avg_aux_load_kw=500.0), PLAIN)
        assert found["demand"].item() == pytest.approx(0.5 * 16.0)

    @pytest.mark.parametrize(
        "columns",
        [{"exempt": "yes"}, {"berth_hours": 3.0}, {"calls_per_year": 0.0}],
        ids=["exempt", "not above the obliged stay", "no calls"],
    )
    def test_who_need_not_connect_has_no_demand(self, columns: dict[str, object]) -> None:
        assert (demand_of(KEY, port(**columns), PLAIN)[CASES] == 0.0).all(axis=None)

    def test_a_stay_shorter_than_connecting_takes_no_energy_back(self) -> None:
        facility = set_to(PLAIN, minimum_stay_hours=0.0)
        assert (demand_of(KEY, port(berth_hours=1.0), facility)[CASES] == 0.0).all(axis=None)

    def test_no_berths_layer_is_named(self) -> None:
        with pytest.raises(MissingLayerError, match="no layer berths"):
            demand_of(KEY, stubs.inputs(), PLAIN)


class TestBadInput:
    def test_an_unknown_ship_class_names_the_row_and_the_table(self) -> None:
        asked = stubs.inputs(berths=berths([0, 1], ship_class=["tug", "flying saucer"]))
        with pytest.raises(InputError) as caught:
            demand_of(KEY, asked, PLAIN)
        first, second = str(caught.value).splitlines()
        assert "[tables.aux_load_kw, tables.small_craft_load_kw]: 1 rows of ship_class" in first
        assert "got B2: flying saucer, expected one of <1k TEU" in first
        assert "[tables.design_mva]" in second

    @pytest.mark.parametrize("empty", ["", None, math.nan])
    def test_a_berth_without_type_is_named(self, empty: object) -> None:
        with pytest.raises(InputError, match=r"rows of ship_class.*got B1: none"):
            demand_of(KEY, port(ship_class=empty), PLAIN)
        with pytest.raises(InputError, match=r"high_voltage_kv\]: 1 rows of cargo.*got B1: none"):
            demand_of(KEY, port(cargo=empty), PLAIN)

    def test_everything_wrong_with_a_berth_is_told_at_once(self) -> None:
        with pytest.raises(InputError) as caught:
            demand_of(KEY, port(ship_class="?", cargo="!"), PLAIN)
        assert len(str(caught.value).splitlines()) == 4

    def test_text_from_data_stays_on_its_line_and_is_cut(self) -> None:
        with pytest.raises(InputError) as caught:
            demand_of(KEY, port(ship_class="{x}\n" + "y" * 500), PLAIN)
        assert len(str(caught.value).splitlines()) == 2
        assert max(map(len, str(caught.value).splitlines())) <= 600

    def test_negative_prices_shares_above_one_and_parts_that_miss_one_are_told_at_once(
        self,
    ) -> None:
        wrong = set_to(PLAIN, electricity_price=-0.1, connection_share=1.5)
        wrong = with_table(wrong, "fuel_share", **{"MGO 0.1 % S": 0.4})
        with pytest.raises(ConfigError) as caught:
            demand_of(KEY, port(), wrong)
        price, share, parts = str(caught.value).splitlines()
        assert "[assumptions.electricity_price]" in price
        assert "got -0.1, expected a number ≥ 0" in price
        assert "[assumptions.connection_share]" in share
        assert "got 1.5, expected a share" in share
        assert "[tables.fuel_share]: the shares do not add up to 1" in parts

    @pytest.mark.parametrize(
        ("key", "value", "expected"),
        [
            ("power_factor", 0.0, "above 0"),
            ("feeder_capacity", -1.0, "above 0"),
            ("losses_share", 1.0, "below 1"),
        ],
    )
    def test_what_would_divide_by_nothing_is_refused(
        self, key: str, value: float, expected: str
    ) -> None:
        with pytest.raises(ConfigError, match=rf"assumptions\.{key}\].*got {value:g}.*{expected}"):
            demand_of(KEY, port(), set_to(PLAIN, **{key: value}))

    def test_a_low_end_below_zero_is_a_negative_price_too(self) -> None:
        with pytest.raises(ConfigError, match=r"service_fee.*got -0\.2"):
            demand_of(KEY, port(), set_to(PLAIN, service_fee=(-0.2, 0.3, 0.8)))


class TestServedToday:
    def test_use_at_high_voltage_is_spread_and_low_voltage_serves_small_ships(self) -> None:
        facility = set_to(PLAIN, energy_in_use=300.0)
        classes = ["12-14.5k TEU", "12-14.5k TEU", "tug", "12-14.5k TEU"]
        asked = berths(
            [0, 1, 2, 3],
            ship_class=classes,
            calls_per_year=[100.0, 300.0, 50.0, 10.0],
            shore_power=["HV", "HV", "LV", "LV"],
        )
        found = demand_of(KEY, stubs.inputs(berths=asked), facility)
        # 300 MWh at 100:300 calls; a tug needs 0.2 MVA; the last berth 5 MVA, no longer low voltage.
        tug = 50 * 0.06 * 16.0
        assert found["existing_served"].to_list() == pytest.approx([75.0, 225.0, tug, 0.0])
        assert found["demand"].iloc[2] == 0.0

    def test_no_berth_uses_more_than_it_asks_for(self) -> None:
        found = demand_of(KEY, port(shore_power="HV"), set_to(PLAIN, energy_in_use=1e6))
        assert found["existing_served"].item() == found["demand_base"].item()

    @pytest.mark.parametrize("supply", ["none", "unknown"])
    def test_what_is_not_there_or_not_known_serves_nothing(self, supply: str) -> None:
        found = demand_of(KEY, port(shore_power=supply), set_to(PLAIN, energy_in_use=1e6))
        assert found["existing_served"].item() == 0.0

    def test_energy_in_use_at_qingdao_is_all_counted(self) -> None:
        found = demand_of(KEY, pack(KEY), QINGDAO)
        at_hv = found.loc[found["_shore_power"] == "HV", "existing_served"]
        assert at_hv.sum() == pytest.approx(8000.0)


class TestOffers:
    def test_a_new_berth_by_hand(self) -> None:
        # 12-14.5k TEU: 5 MVA at 1.0, all of it through a converter at 1.0; drawn 5 x 0.6 = 3 MVA,
        # 0.3 of a circuit of 7 km at 1.2. It gives 1.2 MW x 8760 h x 0.7.
        _, left, found = offered(KEY, berths([0.0], calls_per_year=100.0), PLAIN)
        (row,) = found.to_dict("records")
        assert tuple(found.columns) == OFFER_COLUMNS
        assert row["power_mva"] == pytest.approx(5.0)
        assert row["cost_mcny"] == pytest.approx(5.0 + 5.0 + 0.3 * 7.0 * 1.2)
        assert row["capacity"] == pytest.approx(1.2 * 8760 * 0.7)
        assert row["land_m2"] == pytest.approx(75.0)
        # 1920 MWh at 10.5 + 2.12 + 0.243 g/kWh
        assert left["demand"].item() == pytest.approx(1920.0)
        assert row["benefit"] == pytest.approx(1920.0 * 12.863 / 1000.0)

    def test_sizes_count_berths_up_to_what_the_demand_needs(self) -> None:
        # A berth gives 7 358 MWh; 900 calls of 19.2 MWh need 17 280.
        places = berths([0.0, 1.0], berths=[6, 2], calls_per_year=900.0)
        _, _, found = offered(KEY, places, PLAIN)
        sizes = found.groupby("candidate_id")["size"].agg(list)
        assert sizes["B1"] == ["berths_1", "berths_2", "berths_3"]
        assert sizes["B2"] == ["berths_1", "berths_2"]
        first = found[found["candidate_id"] == "B1"]
        assert first["capacity"].to_list() == pytest.approx([7358.4, 14716.8, 22075.2])
        assert first["benefit"].is_monotonic_increasing
        assert first["benefit"].iloc[-1] == pytest.approx(17280.0 * 12.863 / 1000.0)

    def test_where_high_voltage_is_there_it_is_renewed_without_feeder_and_converter(self) -> None:
        places = berths([0.0], shore_power="HV", calls_per_year=100.0)
        _, _, found = offered(KEY, places, PLAIN)
        assert found["cost_mcny"].item() == pytest.approx(5.0 * 0.5)

    def test_what_is_in_use_takes_capacity(self) -> None:
        places = berths([0.0], shore_power="HV", calls_per_year=300.0)
        _, left, found = offered(KEY, places, set_to(PLAIN, energy_in_use=1000.0))
        assert left["demand"].item() == pytest.approx(4760.0)
        assert found["capacity"].item() == pytest.approx(7358.4 - 1000.0)

    def test_a_ship_below_1_mva_gets_low_voltage_and_no_feeder(self) -> None:
        places = berths([0.0], ship_class="tug", cargo="harbour craft", calls_per_year=100.0)
        _, _, found = offered(KEY, places, PLAIN)
        assert found["power_mva"].item() == pytest.approx(0.2)
        assert found["cost_mcny"].item() == pytest.approx(0.2 * 0.6)

    def test_a_load_above_that_of_the_class_gets_the_supply_it_needs(self) -> None:
        _, _, found = offered(KEY, berths([0.0], avg_aux_load_kw=9000.0), PLAIN)
        assert found["power_mva"].item() == pytest.approx(9.0 / 0.9)

    def test_only_what_wants_60_hz_pays_for_conversion(self) -> None:
        none = with_table(PLAIN, "share_60hz", container=0.0)
        _, _, found = offered(KEY, berths([0.0], calls_per_year=100.0), none)
        assert found["cost_mcny"].item() == pytest.approx(5.0 + 0.3 * 7.0 * 1.2)

    def test_no_demand_is_offered_one_berth_without_benefit(self) -> None:
        _, _, found = offered(KEY, berths([0.0], calls_per_year=0.0, berths=4), PLAIN)
        assert found["size"].to_list() == ["berths_1"]
        assert found["benefit"].item() == 0.0
        assert np.isfinite(found[["capacity", "cost_mcny", "power_mva"]]).all(axis=None)

    def test_a_berth_without_load_can_give_nothing(self) -> None:
        _, _, found = offered(KEY, berths([0.0], avg_aux_load_kw=0.0), PLAIN)
        assert found["capacity"].to_list() == [0.0]
        assert found["benefit"].to_list() == [0.0]

    def test_every_berth_of_qingdao_is_offered_what_serves_it(self) -> None:
        left = demand_of(KEY, pack(KEY), QINGDAO)
        found = engineering()[KEY].offers(propose(pack(KEY), QINGDAO), left, QINGDAO)
        most = found.groupby("candidate_id")["capacity"].max()
        assert set(most.index) == set(left["demand_id"])
        assert (most >= left.set_index("demand_id")["demand"] - 1e-6).all()
        assert found[list(OFFER_COLUMNS)].notna().all(axis=None)


class TestEquip:
    SITES = berths([0.0, 10.0], calls_per_year=100.0)

    def quantities(self, **given: object) -> pd.Series:
        _, found = built(KEY, self.SITES, PLAIN, **given)
        return found.equipment.set_index(["candidate_id", "item"])["quantity"]

    def test_equipment_of_a_berth_by_hand(self) -> None:
        found = self.quantities(energy=substations([4.0, 30.0]))["B1"].to_dict()
        # Going east is 1.5 times as long in the stub: B1 to N1 4 km x 1.5.
        assert found == pytest.approx(
            {
                "berths": 1.0,
                "supply": 5.0,
                "voltage": 6.6,
                "converter": 5.0,
                "sockets": 2.0,
                "circuits": 0.3,
                "feeder": 6.0,
                "headroom": 30.0,
                "shortfall": 0.0,
            }
        )

    def test_the_nearest_substation_by_road_feeds_a_site(self) -> None:
        _, found = built(KEY, self.SITES, PLAIN, energy=substations([4.0, 9.0]))
        supply = found.supply.set_index("candidate_id")
        assert supply["source_id"].to_dict() == {"B1": "N1", "B2": "N2"}
        assert supply["distance_km"].to_dict() == pytest.approx({"B1": 6.0, "B2": 1.0})
        assert supply["amount"].to_dict() == pytest.approx({"B1": 1920.0, "B2": 1920.0})
        assert (supply["cost_cny_per_unit"] == 650.0).all()

    def test_stations_of_500_kv_and_other_places_feed_no_berth(self) -> None:
        energy = substations([0.0, 4.0], type=["substation_500", "h2_source"])
        _, found = built(KEY, self.SITES, PLAIN, energy=energy)
        assert found.supply.empty

    def test_headroom_is_a_share_of_a_capacity_in_mva_and_shared_by_its_sites(self) -> None:
        energy = substations([5.0], capacity=20.0, unit="MVA")
        found = self.quantities(energy=energy)
        # 20 MVA x 0.2 = 4 for two sites that draw 3 each: 2 lack, 1 each.
        assert found.xs("headroom", level="item").to_list() == pytest.approx([4.0, 4.0])
        assert found.xs("shortfall", level="item").to_list() == pytest.approx([1.0, 1.0])

    def test_a_capacity_in_another_unit_is_not_read_as_mva(self) -> None:
        found = self.quantities(energy=substations([5.0], capacity=220.0, unit="kV"))
        assert found.xs("headroom", level="item").to_list() == [30.0, 30.0]

    def test_high_voltage_that_is_there_asks_nothing_of_the_substation(self) -> None:
        energy = substations([5.0], capacity=1.0, unit="MVA")
        there = berths([0.0], shore_power="HV", calls_per_year=100.0)
        _, found = built(KEY, there, PLAIN, energy=energy)
        amounts = found.equipment.set_index("item")["quantity"]
        assert amounts["circuits"] == amounts["shortfall"] == 0.0

    def test_without_a_substation_the_feeder_has_the_assumed_length(self) -> None:
        _, near = built(KEY, self.SITES, PLAIN, energy=substations([0.0]))
        _, none = built(KEY, self.SITES, PLAIN)
        cost = none.money.set_index("candidate_id")["capex_mcny"]
        assert cost.to_list() == pytest.approx([12.52] * 6)
        assert near.money["capex_mcny"].iloc[0] == pytest.approx(10.0)
        assert none.supply.empty
        lost = none.equipment[none.equipment["item"].isin(["feeder", "headroom", "shortfall"])]
        assert lost["quantity"].isna().all()

    def test_money_by_hand(self) -> None:
        _, found = built(KEY, self.SITES, PLAIN, energy=substations([0.0]))
        base = found.money.query("candidate_id == 'B1' and case == 'base'").iloc[0]
        assert base["capex_mcny"] == pytest.approx(10.0)
        assert base["fixed_mcny_yr"] == pytest.approx(0.3)
        assert base["variable_mcny_yr"] == pytest.approx(1.92 * 0.65)
        assert base["revenue_mcny_yr"] == pytest.approx(1.92 * (0.65 + 0.35))
        assert base["subsidy_mcny_yr"] == 0.0
        assert (base["output_per_yr"], base["output_unit"]) == (pytest.approx(1.92e6), "kWh")
        assert base["lifetime_yr"] == 20.0

    def test_losses_are_bought_and_burnt_at_the_power_station_but_not_sold(self) -> None:
        facility = set_to(PLAIN, losses_share=0.05)
        _, found = built(KEY, self.SITES, facility)
        base = found.money.query("candidate_id == 'B1' and case == 'base'").iloc[0]
        assert base["variable_mcny_yr"] == pytest.approx(1.92 / 0.95 * 0.65)
        assert base["revenue_mcny_yr"] == pytest.approx(1.92)
        co2 = found.emissions.query("substance == 'CO2' and case == 'base'").iloc[0]
        assert co2["avoided_t"] == pytest.approx(1920.0 * 0.6957)
        assert co2["added_t"] == pytest.approx(1920.0 / 0.95 * 0.641)

    def test_an_existing_site_costs_upkeep_but_no_investment(self) -> None:
        _, found = built(KEY, self.SITES, PLAIN, role="existing")
        assert (found.money["capex_mcny"] == 0.0).all()
        assert (found.money["fixed_mcny_yr"] > 0.0).all()

    def test_no_sites_are_no_rows(self) -> None:
        chosen, _ = built(KEY, self.SITES, PLAIN)
        none = replace(chosen, sites=chosen.sites.iloc[:0], served=chosen.served.iloc[:0])
        found = engineering()[KEY].equip(none)
        for frame in (found.equipment, found.supply, found.money, found.emissions):
            assert frame.empty

    def test_boilers_run_on(self) -> None:
        # A berth of VLCCs has a boiler of 3 000 kW beside 1 500 kW of auxiliaries: only these count.
        tanker = {"ship_class": "VLCC", "cargo": "oil", "exempt": "no"}
        found = demand_of(KEY, port(**tanker), PLAIN)
        assert found["demand"].item() == pytest.approx(1.5 * 16.0)


# Ship classes of ours that EPA's package (IMO GHG3, auxiliary engines at berth) has as well.
EPA = {
    "<1k TEU": "container.ship.1000",
    "1-2k TEU": "container.ship.2000",
    "2-3k TEU": "container.ship.3000",
    "3-5k TEU": "container.ship.5000",
    "5-8k TEU": "container.ship.8000",
    "8-12k TEU": "container.ship.12000",
    "12-14.5k TEU": "container.ship.14500",
    ">14.5k TEU": "container.ship.largest",
    "<35k dwt bulk": "bulk.carrier.handysize",
    "35-60k dwt bulk": "bulk.carrier.handymax",
    ">60k dwt bulk": "bulk.carrier.capesize",
    "general cargo <5k dwt": "general.cargo.5000",
    "general cargo 5-25k dwt": "general.cargo.10000",
    "general cargo >25k dwt": "general.cargo.largest",
    "oil 20-80k dwt": "oil.tanker.handymax",
    "oil 80-120k dwt": "oil.tanker.aframax",
    "crude 120-200k dwt": "oil.tanker.suezmax",
    "VLCC": "oil.tanker.vlcc",
    "chemical 20-80k dwt": "chemical.tanker.handymax",
    "LNG >20k": "liquified.gas.tanker.largest",
    "ro-ro <5k GT": "ro.ro.5000",
    "ro-ro >5k GT": "ro.ro.largest",
    "ropax >2k": "ferry.ro.pax.largest",
    "car carrier": "vehicle.carrier.largest",
    "reefer": "reefer",
    "cruise 10-60k GT": "cruise.60000",
    "cruise >60k GT": "cruise.largest",
}


class TestTables:
    def test_loads_are_those_of_the_epa_package(self) -> None:
        with require_data("qingdao", "ship-loads.csv").open(encoding="utf-8") as file:
            rows = [
                row
                for row in csv.DictReader(file)
                if (row["source"], row["engine"]) == ("IMO GHG3", "aux")
            ]
        theirs = {row["subtype"]: float(row["berth_kw"]) for row in rows}
        ours = table(QINGDAO, "aux_load_kw")
        assert set(EPA) == set(ours)
        assert {name: theirs[key] for name, key in EPA.items()} == ours

    def test_every_class_with_a_load_has_a_supply(self) -> None:
        loads = {**table(QINGDAO, "aux_load_kw"), **table(QINGDAO, "small_craft_load_kw")}
        supply = table(QINGDAO, "design_mva")
        assert set(loads) == set(supply)
        short = {name for name, kw in loads.items() if supply[name] * 900.0 < kw}
        # General cargo above 25 000 dwt has EPA's 970 kW: it gets that load over the power factor.
        assert short == {"general cargo >25k dwt"}

    def test_larger_container_ships_need_no_less(self) -> None:
        sizes = [name for name in table(QINGDAO, "design_mva") if "TEU" in name]
        for key in ("design_mva", "aux_load_kw"):
            values = [table(QINGDAO, key)[name] for name in sizes]
            assert values == sorted(values)
        assert len(sizes) == 8

    def test_supplies_keep_within_what_the_standard_allows(self) -> None:
        supply = table(QINGDAO, "design_mva")
        assert max(supply[name] for name in supply if "TEU" in name) <= 7.5
        assert max(supply[name] for name in supply if name.startswith("ro")) <= 6.5
        assert 16.0 <= supply["cruise >60k GT"] <= 20.0
        assert set(table(QINGDAO, "high_voltage_kv").values()) == {6.6, 11.0}
        assert set(table(QINGDAO, "high_voltage_kv")) == set(table(QINGDAO, "share_60hz"))

    def test_loads_of_qingdaos_berths_are_those_of_their_class(self) -> None:
        berths_ = pack(KEY).layers["berths"]
        of_class = {**table(QINGDAO, "aux_load_kw"), **table(QINGDAO, "small_craft_load_kw")}
        other = berths_[berths_["avg_aux_load_kw"] != berths_["ship_class"].map(of_class)]
        # Where the pack has its own estimate: large general cargo and chemical ships, lay-by berths.
        assert set(other["ship_class"]) == {
            "general cargo >25k dwt",
            "chemical 20-80k dwt",
            "lay-by",
        }


class TestPlanOfQingdao:
    def test_energy_and_emissions_balance_over_berths_districts_and_totals(self) -> None:
        result = siting.plan("qingdao", facilities=[KEY])
        sites, benefits = result.sites, result.benefits
        base = benefits[(benefits["case"] == "base") & (benefits["substance"] == "CO2")]
        served = sites.groupby("district")["demand_served"].sum()
        by_district = base.groupby("district")[["avoided_t", "added_t", "net_t"]].sum()
        assert len(by_district) >= 2
        for column, grams in (("avoided_t", 695.7), ("added_t", 641.0), ("net_t", 54.7)):
            wanted = served.loc[by_district.index] * grams / 1000.0
            np.testing.assert_allclose(by_district[column], wanted, rtol=1e-9)
            total = float(sites["demand_served"].sum()) * grams / 1000.0
            assert base[column].sum() == pytest.approx(total)
        sold = result.supply.set_index("candidate_id")["amount"]
        np.testing.assert_allclose(
            sold.loc[sites["candidate_id"]], sites["demand_served"], rtol=1e-9
        )
        # What the choice reckoned with one length of feeder is near what the roads make of it.
        spent, budget = sites["cost_mcny"].sum(), 115.0
        capex = result.economics.query("case == 'base' and item == 'capex_mcny'")
        built_ = capex.loc[capex["candidate_id"] == "", "value"].item()
        assert spent <= budget + 1e-9
        assert built_ == pytest.approx(spent, rel=0.03)
