"""What every facility type promises, and what freight places and facilities in service have in common."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from siting.errors import ConfigError, InputError, MissingLayerError
from siting.facilities import Chosen, Engineering, Equipped, engineering
from siting.facilities._emissions import SUBSTANCES
from siting.facilities._shares import serve_nearest
from siting.facilities.registry import (
    CASE_NAMES,
    EMISSION_COLUMNS,
    EQUIPMENT_COLUMNS,
    MONEY_COLUMNS,
    OFFER_COLUMNS,
    SUPPLY_COLUMNS,
)
from siting.model import FacilitySpec, Inputs
from tests import power_cases, stubs
from tests.freight_city import amounts, city, named, sites_of, spec, with_numbers, without
from tests.stubs import inputs, points

NAN = math.nan
HYDROGEN = spec("hydrogen")
OF_LORRIES = ("hydrogen", "charging")
each_of_lorries = pytest.mark.parametrize("model", OF_LORRIES)


def of(model: str, asked: Inputs, facility: FacilitySpec) -> gpd.GeoDataFrame:
    return engineering()[model].demand(asked, facility, stubs.travel)


class TestFreightPlaces:
    """Where lorries are served, whatever they run on."""

    @each_of_lorries
    def test_ships_without_freight_bring_no_trucks(self, model: str) -> None:
        asked = city()
        berths = asked.layers["berths"]
        dry = berths[berths["cargo"].isin(["container", "dry bulk", "general"])]
        assert amounts(of(model, city(berths=dry), spec(model))) == pytest.approx(
            amounts(of(model, asked, spec(model)))
        )

    @each_of_lorries
    def test_a_part_of_the_split_that_is_zero_needs_no_layer(self, model: str) -> None:
        two = {"truck_split": {"ports": 1.0, "parks": 1.0, "gateways": 0.0}}
        found = of(model, without(city(), "gateways"), with_numbers(spec(model), two))
        whole = of(model, city(), spec(model))
        assert found["demand_base"].sum() == pytest.approx(whole["demand_base"].sum())

    @pytest.mark.parametrize("layer", ["townships", "ports", "parks", "gateways"])
    def test_a_missing_layer_is_named(self, layer: str) -> None:
        with pytest.raises(
            MissingLayerError, match=rf"facility hydrogen, demand.*no layer {layer}"
        ):
            of("hydrogen", without(city(), layer), HYDROGEN)

    @each_of_lorries
    @pytest.mark.parametrize(
        "split",
        [{"ports": 0.0}, {}, {"port": 0.4, "parks": 0.6}, {"ports": 2.0, "parks": -1.0}],
        ids=["all zero", "empty", "misspelt", "negative"],
    )
    def test_a_split_that_would_lose_demand_is_refused(
        self, model: str, split: Mapping[str, float]
    ) -> None:
        with pytest.raises(ConfigError, match=r"tables\.truck_split"):
            of(model, city(), with_numbers(spec(model), {"truck_split": split}))

    @each_of_lorries
    def test_a_class_without_weight_is_refused(self, model: str) -> None:
        some = with_numbers(spec(model), {"freight_weight": {"H": 3.0}})
        with pytest.raises(ConfigError, match=r"freight_weight.*got M.*one of H"):
            of(model, city(), some)

    def test_weights_that_add_up_to_nothing_are_refused(self) -> None:
        empty = named([0], ["T1"], population=[0.0])
        with pytest.raises(InputError, match=r"1 places: their weights add up to nothing"):
            of("hydrogen", city(townships=empty), HYDROGEN)

    def test_two_places_with_one_id_are_refused_and_one_place_twice_is_summed(self) -> None:
        elsewhere = named([20, 21], ["K1", "G2"], truck_share=[0.75, 0.25])
        with pytest.raises(InputError, match=r"places of different layers bear one id.*got K1"):
            of("hydrogen", city(gateways=elsewhere), HYDROGEN)
        there = named([5, 11], ["K1", "G2"], truck_share=[0.75, 0.25])
        found = of("hydrogen", city(gateways=there), HYDROGEN)
        assert found["demand_id"].is_unique
        whole = HYDROGEN.assumptions["hydrogen_demand"].value
        assert found["demand_base"].sum() == pytest.approx(whole)
        assert amounts(found)["K1"] > amounts(found)["G2"]


def served(
    asked: list[float], existing: gpd.GeoDataFrame, times: object, **facts: Any
) -> list[float]:
    demand = pd.DataFrame({"demand_base": asked, "demand_high": np.array(asked) * 2.0})
    model = engineering()["hydrogen"]
    facility = replace(HYDROGEN, **({"demand_case": "base", "service_minutes": 15.0} | facts))
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


def _places() -> gpd.GeoDataFrame:
    """Return candidates of several types beside the city."""
    return stubs.candidates(
        [0.5, 2.5, 5.5, 9.5],
        type=["petrol_cluster", "port_gate", "logistics_hub", "expressway_service_area"],
        land_m2=[4000.0, NAN, 3000.0, 900.0],
    )


def _of(layer: Callable[..., gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    return layer([0, 1, 2]).rename(columns={"id": "candidate_id"})


EXAMPLES: Mapping[str, tuple[Callable[[], Inputs], Callable[[], gpd.GeoDataFrame]]] = {
    "hydrogen": (city, _places),
    "charging": (city, _places),
    "shore_power": (
        lambda: inputs(berths=power_cases.berths([0, 1, 2], shore_power=["HV", "LV", "none"])),
        lambda: _of(power_cases.berths),
    ),
    "airport_power": (
        lambda: inputs(airport_stands=power_cases.stands([0, 1, 2])),
        lambda: _of(power_cases.stands),
    ),
}
each_model = pytest.mark.parametrize("name", sorted(EXAMPLES.keys() & engineering().keys()))


def left_over(name: str) -> gpd.GeoDataFrame:
    """Return the demand of an example with what is left to plan for: all."""
    frame = of(name, EXAMPLES[name][0](), spec(name))
    return frame.assign(existing_served=0.0, demand=frame[f"demand_{spec(name).demand_case}"])


def offers_of(name: str) -> pd.DataFrame:
    return engineering()[name].offers(EXAMPLES[name][1](), left_over(name), spec(name))


def equipped(name: str, shares: tuple[float, float, float]) -> Equipped:
    """Return what the largest size at every candidate is built of, serving shares of its capacity."""
    sites = sites_of(EXAMPLES[name][1](), offers_of(name))
    index = pd.Index(sites["candidate_id"], name="candidate_id")
    served = {
        case: sites["capacity"].to_numpy(float) * share
        for case, share in zip(CASE_NAMES, shares, strict=True)
    }
    return engineering()[name].equip(
        Chosen(
            facility=spec(name),
            sites=sites,
            served=pd.DataFrame(served, index=index),
            demand=left_over(name),
            inputs=EXAMPLES[name][0](),
            travel=stubs.travel,
        )
    )


class TestEveryModel:
    def test_has_an_example_here(self) -> None:
        assert sorted(EXAMPLES) == sorted(engineering())

    @each_model
    def test_is_told_all_it_needs_by_its_files(self, name: str) -> None:
        known = engineering()[name]
        assert known.name == name
        assert set(known.assumptions) <= set(spec(name).assumptions)
        assert set(known.tables) <= set(spec(name).tables)

    @each_model
    def test_brings_demand_points_as_promised_and_leaves_its_inputs_alone(self, name: str) -> None:
        asked = EXAMPLES[name][0]()
        before = {key: layer.copy(deep=True) for key, layer in asked.layers.items()}
        found = of(name, asked, spec(name))
        for key, layer in asked.layers.items():
            assert_geodataframe_equal(layer, before[key])
        promised = [
            "demand_id",
            "name_zh",
            "name_en",
            "kind",
            *(f"demand_{c}" for c in CASE_NAMES),
        ]
        assert set(promised) <= set(found.columns)
        assert found["demand_id"].is_unique
        assert found.crs == stubs.CRS
        assert all(isinstance(place, shapely.Point) for place in found.geometry)
        cases = found[[f"demand_{case}" for case in CASE_NAMES]].to_numpy(float)
        assert (cases >= 0).all()
        assert (np.diff(cases, axis=1) >= 0).all(), "low ≤ base ≤ high"
        assert cases.sum() > 0

    @each_model
    def test_serves_no_more_than_is_asked_for(self, name: str) -> None:
        facility = spec(name)
        demand = of(name, EXAMPLES[name][0](), facility)
        existing = points([0, 6], id=["N1", "N2"], capacity=[1e9, 40.0], unit=facility.demand_unit)
        times = stubs.travel(demand.geometry, existing.geometry, profile="car")
        taken = engineering()[name].served(demand, existing, times, facility)
        amount = demand[f"demand_{facility.demand_case}"]
        pd.testing.assert_index_equal(taken.index, demand.index)
        assert ((taken >= 0) & (taken <= amount)).all()

    @each_model
    def test_offers_every_candidate_something(self, name: str) -> None:
        candidates, found = EXAMPLES[name][1](), offers_of(name)
        assert tuple(found.columns) == OFFER_COLUMNS
        assert set(found["candidate_id"]) == set(candidates["candidate_id"])
        assert not found.duplicated(["candidate_id", "size"]).any()
        steps = found.groupby("candidate_id")[["capacity", "cost_mcny"]].diff().dropna()
        assert (steps >= 0).all(axis=None), "sorted by capacity, and cost never falls with size"
        assert found[["size", "zh", "en"]].ne("").all(axis=None)

    @each_model
    def test_equips_with_the_frames_promised(self, name: str) -> None:
        found, ids = equipped(name, (0.2, 0.4, 0.8)), set(EXAMPLES[name][1]()["candidate_id"])
        for frame, columns in (
            (found.equipment, EQUIPMENT_COLUMNS),
            (found.supply, SUPPLY_COLUMNS),
            (found.money, MONEY_COLUMNS),
            (found.emissions, EMISSION_COLUMNS),
        ):
            assert tuple(frame.columns) == columns
            assert set(frame["candidate_id"]) <= ids
        assert len(found.money) == len(ids) * len(CASE_NAMES)
        assert len(found.emissions) == len(ids) * len(CASE_NAMES) * len(SUBSTANCES)
        assert not (found.equipment["quantity"] < 0).any(), "NaN is not known"

    @each_model
    def test_serves_more_for_more(self, name: str) -> None:
        found = equipped(name, (0.2, 0.4, 0.8))
        for frame, columns in (
            (found.money, ["output_per_yr", "revenue_mcny_yr", "subsidy_mcny_yr"]),
            (found.emissions, ["avoided_t"]),
        ):
            keys = [k for k in ("candidate_id", "substance") if k in frame]
            for column in columns:
                by_case = frame.pivot_table(index=keys, columns="case", values=column)
                assert (by_case["base"] >= by_case["low"] - 1e-9).all(), column
                assert (by_case["high"] >= by_case["base"] - 1e-9).all(), column
        assert found.money["output_per_yr"].sum() > 0

    @each_model
    def test_serves_nobody_without_a_division_by_nothing(self, name: str) -> None:
        found = equipped(name, (0.0, 0.0, 0.0))
        assert (found.money["output_per_yr"] == 0).all()
        assert (found.money["revenue_mcny_yr"] == 0).all()
        assert (found.emissions[["avoided_t", "added_t"]] == 0).all(axis=None)


def test_two_files_cannot_claim_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = ModuleType("twin")
    known = engineering()["hydrogen"]
    twin.ENGINEERING = Engineering(
        name="hydrogen",
        assumptions=(),
        tables=(),
        demand=known.demand,
        served=known.served,
        offers=known.offers,
        equip=known.equip,
    )
    monkeypatch.setattr("siting.siblings.import_module", lambda _: twin)
    with pytest.raises(ConfigError, match="facility type hydrogen is defined twice"):
        engineering.__wrapped__()
