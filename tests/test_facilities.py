"""Demand, supply and cost of each facility type, worked out by hand."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from siting.errors import ConfigError, InputError, MissingLayerError
from siting.facilities import DemandModel, demand_models
from siting.facilities._shares import CASES, serve_nearest
from siting.model import FacilitySpec, Inputs
from tests import stubs
from tests.stubs import assumption, inputs, points

NAN = math.nan


def named(km: list[float], ids: list[str], **columns: object) -> gpd.GeoDataFrame:
    return points(km, id=ids, name_zh=ids, name_en="", **columns)


def city(**other: gpd.GeoDataFrame) -> Inputs:
    """Return two towns, three ports, five parks and two gates with figures easy to share out."""
    layers = {
        "townships": named([0, 1], ["T1", "T2"], population=[30000.0, 10000.0]),
        "ports": named([2, 3, 4], ["P1", "P2", "P3"]),
        "berths": named(
            [2, 2, 3, 3, 4, 4],
            ["B1", "B2", "B3", "B4", "B5", "B6"],
            port_area=["P1", "P1", "P2", "P2", "P1", "P3"],
            cargo=["container", "dry bulk", "general", "oil", "cruise", "ship repair"],
            exempt=["no", "no", "no", "yes", "no", "no"],
            calls_per_year=[10.0, 5.0, 2.0, 900.0, 900.0, 900.0],
            tonnage_class_t=[1000.0, NAN, 5000.0, 9e5, 9e5, 9e5],
        ),
        "parks": named(
            [5, 6, 7, 8, 9],
            ["K1", "K2", "K3", "K4", "K5"],
            type=["park", "hub", "poi_commercial", "renewal", "airport_ga"],
            freight_intensity=["H", "M", "H", "H", "H"],
        ),
        "gateways": named([10, 11], ["G1", "G2"], truck_share=[0.75, 0.25]),
    }
    return inputs(**(layers | other))


HYDROGEN = stubs.facility(
    assumptions={
        "hydrogen_demand": assumption(1000.0, 100.0, 8000.0),
        "truck_share": assumption(0.6, 0.5, 0.9),
    },
    tables={
        "truck_split": {"ports": 3.0, "parks": 2.0, "gateways": 1.0},
        "freight_weight": {"H": 3.0, "M": 1.0, "L": 0.5},
    },
)
CHARGING = stubs.facility(
    demand_unit="kWh/day",
    assumptions={
        "vehicles": assumption(100.0, 50.0, 400.0),
        "public_kwh_per_vehicle_day": assumption(2.0, None, 3.0),
        "truck_kwh_per_day": assumption(60.0, 30.0),
    },
    tables={
        "truck_split": {"ports": 0.5, "parks": 0.5},
        "freight_weight": {"H": 3.0, "M": 1.0, "L": 0.5},
    },
)


def amounts(frame: gpd.GeoDataFrame, case: str = "base") -> dict[str, float]:
    return dict(zip(frame["demand_id"], frame[f"demand_{case}"], strict=True))


def of(model: str, asked: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame:
    return demand_models()[model].demand(asked, facility)


class TestHydrogen:
    def test_is_spread_by_hand(self) -> None:
        # 600 by truck: 300 to ports by 10000:10000:0 t, 200 to parks by 3:1, 100 to gates by 3:1.
        # 400 by people: 3:1.
        found = of("hydrogen", city(), HYDROGEN)
        assert amounts(found) == pytest.approx(
            {
                "G1": 75.0,
                "G2": 25.0,
                "K1": 150.0,
                "K2": 50.0,
                "P1": 150.0,
                "P2": 150.0,
                "P3": 0.0,
                "T1": 300.0,
                "T2": 100.0,
            }
        )
        assert list(amounts(found)) == sorted(amounts(found))
        kinds = dict(zip(found["demand_id"], found["kind"], strict=True))
        assert {kinds[i] for i in ("G1", "K1", "P1", "T1")} == {
            "gateway",
            "park",
            "port",
            "township",
        }

    @pytest.mark.parametrize(("case", "total"), [("low", 100.0), ("base", 1000.0), ("high", 8e3)])
    def test_nothing_is_lost_in_any_case(self, case: str, total: float) -> None:
        assert of("hydrogen", city(), HYDROGEN)[f"demand_{case}"].sum() == pytest.approx(total)

    def test_ships_without_freight_bring_no_trucks(self) -> None:
        asked = city()
        berths = asked.layers["berths"]
        dry = berths[berths["cargo"].isin(["container", "dry bulk", "general"])]
        assert amounts(of("hydrogen", city(berths=dry), HYDROGEN)) == pytest.approx(
            amounts(of("hydrogen", asked, HYDROGEN))
        )

    def test_ports_share_alike_where_berths_are_not_known(self) -> None:
        layers = dict(city().layers)
        del layers["berths"]
        found = amounts(of("hydrogen", inputs(**layers), HYDROGEN))
        assert [found[i] for i in ("P1", "P2", "P3")] == pytest.approx([100.0] * 3)

    def test_a_part_of_the_split_that_is_zero_needs_no_layer(self) -> None:
        layers = dict(city().layers)
        del layers["gateways"]
        tables = HYDROGEN.tables | {"truck_split": {"ports": 1.0, "parks": 1.0, "gateways": 0.0}}
        found = of("hydrogen", inputs(**layers), replace(HYDROGEN, tables=tables))
        assert found["demand_base"].sum() == pytest.approx(1000.0)

    @pytest.mark.parametrize("layer", ["townships", "ports", "parks", "gateways"])
    def test_a_missing_layer_is_named(self, layer: str) -> None:
        layers = dict(city().layers)
        del layers[layer]
        with pytest.raises(MissingLayerError, match=rf"facility test, demand.*no layer {layer}"):
            of("hydrogen", inputs(**layers), HYDROGEN)

    @pytest.mark.parametrize(
        "split",
        [{"ports": 0.0}, {}, {"port": 0.4, "parks": 0.6}, {"ports": 2.0, "parks": -1.0}],
        ids=["all zero", "empty", "misspelt", "negative"],
    )
    def test_a_split_that_would_lose_demand_is_refused(self, split: Mapping[str, float]) -> None:
        tables = HYDROGEN.tables | {"truck_split": split}
        with pytest.raises(ConfigError, match=r"tables\.truck_split.*not a split"):
            of("hydrogen", city(), replace(HYDROGEN, tables=tables))

    def test_a_class_without_weight_is_refused(self) -> None:
        tables = HYDROGEN.tables | {"freight_weight": {"H": 3.0}}
        with pytest.raises(ConfigError, match=r"freight_weight.*got M.*one of H"):
            of("hydrogen", city(), replace(HYDROGEN, tables=tables))

    def test_weights_that_add_up_to_nothing_are_refused(self) -> None:
        empty = named([0], ["T1"], population=[0.0])
        with pytest.raises(InputError, match=r"1 places: their weights add up to nothing"):
            of("hydrogen", city(townships=empty), HYDROGEN)

    def test_two_places_with_one_id_are_refused_and_one_place_twice_is_summed(self) -> None:
        elsewhere = named([20, 21], ["K1", "G2"], truck_share=[0.75, 0.25])
        with pytest.raises(InputError, match=r"places of different layers bear one id.*got K1"):
            of("hydrogen", city(gateways=elsewhere), HYDROGEN)
        there = named([5, 11], ["K1", "G2"], truck_share=[0.75, 0.25])
        found = amounts(of("hydrogen", city(gateways=there), HYDROGEN))
        assert found["K1"] == pytest.approx(150.0 + 75.0)
        assert sum(found.values()) == pytest.approx(1000.0)


class TestCharging:
    def test_is_spread_by_hand(self) -> None:
        # Cars 100 x 2 kWh by people 3:1; trucks 60: 30 to ports by 1:1:0, 30 to parks by 3:1.
        found = of("charging", city(), CHARGING)
        assert amounts(found) == pytest.approx(
            {"K1": 22.5, "K2": 7.5, "P1": 15.0, "P2": 15.0, "P3": 0.0, "T1": 150.0, "T2": 50.0}
        )

    @pytest.mark.parametrize(
        ("case", "total"),
        [("low", 50 * 2.0 + 30), ("base", 100 * 2.0 + 60), ("high", 400 * 3.0 + 60)],
    )
    def test_a_case_takes_the_same_end_of_every_assumption(self, case: str, total: float) -> None:
        assert of("charging", city(), CHARGING)[f"demand_{case}"].sum() == pytest.approx(total)


def served(
    asked: list[float], existing: gpd.GeoDataFrame, times: object, **facts: object
) -> list[float]:
    demand = pd.DataFrame({"demand_base": asked, "demand_high": np.array(asked) * 2.0})
    model = demand_models()["hydrogen"]
    facility = replace(HYDROGEN, service_minutes=15.0, **facts)
    return model.served(demand, existing, np.array(times, dtype=float), facility).to_list()


class TestServedByFacilitiesInService:
    def test_the_nearest_pairs_come_first_within_radius_and_capacity(self) -> None:
        # Station 0 gives 5 to D1 (2 min) first, what is left to D0; station 1 gives D0 the rest.
        existing = points([0, 1], id=["N1", "N2"], capacity=[8.0, 4.0], unit="kg/day")
        found = served([10.0, 5.0, 7.0], existing, [[3, 4], [2, 16], [16, NAN]])
        assert found == [7.0, 5.0, 0.0]

    def test_the_radius_is_included(self) -> None:
        existing = points([0], id=["N1"], capacity=[9.0], unit="kg/day")
        assert served([1.0, 1.0], existing, [[15.0], [15.01]]) == [1.0, 0.0]

    def test_the_case_of_the_facility_is_served(self) -> None:
        existing = points([0], id=["N1"], capacity=[9.0], unit="kg/day")
        assert served([3.0], existing, [[1.0]], demand_case="high") == [6.0]

    def test_what_capacity_is_not_known_gives_nothing(self) -> None:
        gap = points([0, 1], id=["N1", "N2"], capacity=[NAN, 2.0], unit=["kg/day", ""])
        assert served([5.0], gap, [[1.0, 2.0]]) == [2.0]
        assert served([5.0], points([0], id=["N1"]), [[1.0]]) == [0.0]
        assert served([5.0], points([], id=[]), np.empty((1, 0))) == [0.0]

    def test_a_capacity_in_another_unit_is_refused(self) -> None:
        other = points([0, 1], id=["N1", "N2"], capacity=[1.0, 2.0], unit=["kg/day", "MW"])
        with pytest.raises(InputError, match=r"unit of N2.*got MW, expected kg/day"):
            served([5.0], other, [[1.0, 2.0]])
        unknown = points([0, 1], id=["N1", "N2"], capacity=[1.0, NAN], unit=["kg/day", "MW"])
        assert served([5.0], unknown, [[1.0, 2.0]]) == [1.0]

    @given(data=st.data())
    @settings(max_examples=200)
    def test_no_more_is_served_than_asked_for_or_there(self, data: st.DataObject) -> None:
        m, n = data.draw(st.integers(0, 5)), data.draw(st.integers(0, 4))
        some = st.floats(0.0, 1e9, allow_subnormal=False)

        def draw(size: int, cell: st.SearchStrategy[float]) -> NDArray[np.float64]:
            return np.array(data.draw(st.lists(cell, min_size=size, max_size=size)), dtype=float)

        demand, capacity = draw(m, some), draw(n, some)
        times = draw(m * n, st.one_of(st.floats(0.0, 30.0), st.just(NAN))).reshape(m, n)
        taken = serve_nearest(demand, capacity, times, 15.0)
        assert ((taken >= 0) & (taken <= demand)).all()
        assert taken.sum() <= capacity.sum() * (1.0 + 1e-12)
        is_near = (times <= 15.0).any(axis=1)
        assert (taken[~is_near] == 0).all()
        if n == 1 and taken.sum() < capacity[0] * (
            1.0 - 1e-9
        ):  # something is left: all are content
            np.testing.assert_allclose(taken[is_near], demand[is_near])


SHORE_POWER = stubs.facility(
    candidate_layer="berths",
    candidate_type="cargo",
    demand_model="shore_power",
    demand_unit="MWh/yr",
    assumptions={
        "connection_share": assumption(0.5, 0.2, 0.8),
        "connect_hours": assumption(2.0, 1.0, 3.0),
        "minimum_stay_hours": assumption(3.0),
        "energy_in_use": assumption(300.0),
        "low_voltage_limit": assumption(1.0),
        "nox": assumption(10.0),
        "so2": assumption(2.0),
        "pm10": assumption(0.5),
    },
    tables={
        "design_kva_per_average_kw": {"container": 4.0, "general": 2.5, "oil": 5.0},
        "cost_mcny_per_mva": {"HV": 0.5, "LV": 2.0, "none": 2.0},
    },
)

# calls/yr x (h − 2) x kW / 1000: 1000 × 10 × 100, 100 × 10 × 400, no stay, exempt, 2000 × 1 × 500,
# 100 × 10 × 200, 3000 × 10 × 100
BERTHS = named(
    [0, 1, 2, 3, 4, 5, 6],
    ["B1", "B2", "B3", "B4", "B5", "B6", "B7"],
    cargo=["container", "general", "general", "oil", "general", "general", "container"],
    calls_per_year=[1000.0, 100.0, 500.0, 900.0, 2000.0, 100.0, 3000.0],
    berth_hours=[12.0, 12.0, 3.0, 36.0, 3.5, 12.0, 12.0],
    avg_aux_load_kw=[100.0, 400.0, 300.0, 1250.0, 500.0, 200.0, 100.0],
    berths=[2, 1, 1, 1, 3, 1, 1],
    shore_power=["HV", "LV", "none", "none", "none", "LV", "HV"],
    exempt=["no", "no", "no", "yes", "no", "no", "no"],
)


class TestShorePower:
    demand = staticmethod(lambda: of("shore_power", inputs(berths=BERTHS), SHORE_POWER))

    def test_energy_is_calls_times_hours_connected_times_load_times_share(self) -> None:
        found = self.demand()
        assert amounts(found) == pytest.approx(
            {
                "B1": 1000 * 10 * 100 / 1000 * 0.5,
                "B2": 100 * 10 * 400 / 1000 * 0.5,
                "B3": 0.0,  # not above the obliged stay
                "B4": 0.0,  # exempt
                "B5": 2000 * 1.5 * 500 / 1000 * 0.5,
                "B6": 100 * 10 * 200 / 1000 * 0.5,
                "B7": 3000 * 10 * 100 / 1000 * 0.5,
            }
        )
        np.testing.assert_allclose(found["demand_low"], found["demand_base"] * 0.4)
        np.testing.assert_allclose(found["demand_high"], found["demand_base"] * 1.6)
        assert (found["kind"] == "berth").all()

    def test_a_stay_shorter_than_connecting_takes_no_energy_back(self) -> None:
        given_ = SHORE_POWER.assumptions | {"minimum_stay_hours": assumption(0.0)}
        short = BERTHS.assign(berth_hours=1.0)
        found = of("shore_power", inputs(berths=short), replace(SHORE_POWER, assumptions=given_))
        assert (found["demand_base"] == 0.0).all()

    def test_use_at_high_voltage_is_spread_and_low_voltage_serves_small_ships(self) -> None:
        # In use 300 MWh over B1:B7 = 500:1500. LV: B2 needs 400 kW x 2.5 = 1 MVA, which is no
        # longer low voltage; B6 needs 0.5 MVA and is served in full.
        found = self.demand()
        taken = demand_models()["shore_power"].served(
            found, points([]), np.empty((7, 0)), SHORE_POWER
        )
        assert taken.to_list() == pytest.approx([75.0, 0.0, 0.0, 0.0, 0.0, 100.0, 225.0])

    def test_no_berth_uses_more_than_it_asks_for(self) -> None:
        given_ = SHORE_POWER.assumptions | {"energy_in_use": assumption(1e6)}
        facility = replace(SHORE_POWER, assumptions=given_)
        found = self.demand()
        taken = demand_models()["shore_power"].served(
            found, points([]), np.empty((7, 0)), facility
        )
        assert (taken <= found["demand_base"]).all()
        assert taken.iloc[0] == found["demand_base"].iloc[0]

    def test_no_high_voltage_anywhere_uses_none(self) -> None:
        none = inputs(berths=BERTHS.assign(shore_power="none"))
        found = of("shore_power", none, SHORE_POWER)
        taken = demand_models()["shore_power"].served(
            found, points([]), np.empty((7, 0)), SHORE_POWER
        )
        assert (taken == 0.0).all()

    def test_benefit_cost_and_power_of_a_berth_group(self) -> None:
        left = pd.DataFrame({"demand_id": ["B1", "B5"], "demand": [400.0, 1000.0]})
        candidates = BERTHS.rename(columns={"id": "candidate_id"}).iloc[[0, 4, 1]]
        found = demand_models()["shore_power"].site_values(candidates, left, SHORE_POWER)
        assert found.index.to_list() == [0, 4, 1]
        # t/yr = MWh x 12.5 g/kWh / 1000; MVA = kW x ratio / 1000 x berths; MCNY = MVA x rate
        assert found["benefit"].to_list() == pytest.approx([5.0, 12.5, 0.0])
        assert found["power_mva"].to_list() == pytest.approx([0.4 * 2, 1.25 * 3, 1.0])
        assert found["cost_mcny"].to_list() == pytest.approx([0.8 * 0.5, 3.75 * 2, 2.0])

    def test_a_supply_without_a_price_has_no_cost(self) -> None:
        candidates = BERTHS.rename(columns={"id": "candidate_id"}).assign(shore_power="unknown")
        left = pd.DataFrame({"demand_id": ["B1"], "demand": [400.0]})
        found = demand_models()["shore_power"].site_values(candidates, left, SHORE_POWER)
        assert found["cost_mcny"].isna().all()

    def test_cargo_that_the_table_does_not_know_is_named(self) -> None:
        strange = inputs(berths=BERTHS.assign(cargo=["container", "cruise", *["LNG"] * 5]))
        with pytest.raises(InputError, match=r"design_kva_per_average_kw.*got LNG, cruise"):
            of("shore_power", strange, SHORE_POWER)

    def test_no_berths_layer_is_named(self) -> None:
        with pytest.raises(MissingLayerError, match="no layer berths"):
            of("shore_power", inputs(), SHORE_POWER)


EXAMPLES: Mapping[str, tuple[Callable[[], Inputs], FacilitySpec]] = {
    "hydrogen": (city, HYDROGEN),
    "charging": (city, CHARGING),
    "shore_power": (lambda: inputs(berths=BERTHS), SHORE_POWER),
}
each_model = pytest.mark.parametrize("name", sorted(EXAMPLES.keys() & demand_models().keys()))


class TestEveryModel:
    def test_has_an_example_here(self) -> None:
        assert sorted(EXAMPLES) == sorted(demand_models())

    @each_model
    def test_states_what_it_needs(self, name: str) -> None:
        known, facility = demand_models()[name], EXAMPLES[name][1]
        assert known.name == name
        assert set(known.assumptions) == set(facility.assumptions)
        assert set(known.tables) == set(facility.tables)

    @each_model
    def test_brings_demand_points_as_promised_and_leaves_its_inputs_alone(self, name: str) -> None:
        asked, facility = EXAMPLES[name][0](), EXAMPLES[name][1]
        before = {key: layer.copy(deep=True) for key, layer in asked.layers.items()}
        found = demand_models()[name].demand(asked, facility)
        for key, layer in asked.layers.items():
            assert_geodataframe_equal(layer, before[key])
        promised = ["demand_id", "name_zh", "name_en", "kind", *(f"demand_{c}" for c in CASES)]
        assert set(promised) <= set(found.columns)
        assert found["demand_id"].is_unique
        assert found.crs == stubs.CRS
        assert all(isinstance(place, shapely.Point) for place in found.geometry)
        cases = found[[f"demand_{case}" for case in CASES]].to_numpy(float)
        assert (cases >= 0).all()
        assert (np.diff(cases, axis=1) >= 0).all(), "low ≤ base ≤ high"

    @each_model
    def test_serves_no_more_than_is_asked_for(self, name: str) -> None:
        asked, facility = EXAMPLES[name][0](), EXAMPLES[name][1]
        demand = demand_models()[name].demand(asked, facility)
        existing = points([0, 6], id=["N1", "N2"], capacity=[1e9, 40.0], unit=facility.demand_unit)
        times = stubs.travel(demand.geometry, existing.geometry, profile="car")
        taken = demand_models()[name].served(demand, existing, times, facility)
        amount = demand[f"demand_{facility.demand_case}"]
        pd.testing.assert_index_equal(taken.index, demand.index)
        assert ((taken >= 0) & (taken <= amount)).all()
        assert taken.sum() > 0

    @each_model
    def test_gives_each_candidate_its_values(self, name: str) -> None:
        facility = EXAMPLES[name][1]
        candidates = BERTHS.rename(columns={"id": "candidate_id"}).set_index(
            pd.Index(range(7, 14))
        )
        left = pd.DataFrame({"demand_id": ["B1"], "demand": [400.0]})
        found = demand_models()[name].site_values(candidates, left, facility)
        assert list(found.columns) == ["benefit", "cost_mcny", "power_mva"]
        pd.testing.assert_index_equal(found.index, candidates.index)


def test_two_files_cannot_claim_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = ModuleType("twin")
    known = demand_models()["hydrogen"]
    twin.DEMAND_MODEL = DemandModel(
        name="hydrogen",
        assumptions=(),
        tables=(),
        demand=known.demand,
        served=known.served,
        site_values=known.site_values,
    )
    monkeypatch.setattr("siting.siblings.import_module", lambda _: twin)
    with pytest.raises(ConfigError, match="demand model hydrogen is defined twice"):
        demand_models.__wrapped__()
