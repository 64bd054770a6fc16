"""Indicators of service before and after a plan, worked out by hand on a line of few places."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import layers
from siting.candidates import districts_of
from siting.config import load_study
from siting.facilities import engineering
from siting.frames import RESULT_FRAMES
from siting.indicators import indicator_kinds, indicators
from siting.indicators._service import service
from siting.indicators.district_gini import gini
from siting.indicators.plan_piles import apportion
from siting.model import FacilitySpec, Grid, Inputs
from tests import stubs
from tests.stubs import assumption, points, shapes

NAN = float("nan")
DOCS = Path(__file__).parents[1] / "docs" / "reference" / "indicators.md"
NUMBERS = {
    "indicator_minutes": assumption(15.0),
    "coverage_radius_m": assumption(900.0),
    "service_area_radius_m": assumption(900.0),
    "vehicles": assumption(1000.0),
    "plan_piles": assumption(100.0),
    "home_kwh_per_vehicle_day": assumption(4.0),
}


def facility(key: str = "charging", **facts: Any) -> FacilitySpec:
    known: dict[str, Any] = {
        "key": key,
        "assumptions": NUMBERS,
        "tables": {
            "pile_kind": {"public": 1.0, "fleet": 1.0},
            "built_up_cover": {"50": 1.0, "10": 0.0},
        },
        "demand_unit": "kWh/day",
        "service_minutes": 10.0,
    }
    return stubs.facility(**(known | facts))


def demand(key: str = "charging") -> gpd.GeoDataFrame:
    """Return two towns in the west and a park and an island in the east, 100 kWh each but for the last."""
    return points(
        [0.0, 10.0, 30.0, (0.0, 2000.0)],
        facility=key,
        demand_id=["T1", "T2", "K1", "T3"],
        kind=["township", "township", "park", "township"],
        district=["W", "W", "E", "E"],
        demand_base=[100.0, 100.0, 100.0, 60.0],
        demand_low=0.0,
        demand_high=1000.0,
        existing_served=[40.0, 0.0, 0.0, 0.0],
        demand=[60.0, 100.0, 100.0, 60.0],
    )


SITES = points(
    [12.0, 32.0],
    facility="charging",
    candidate_id=["C1", "C2"],
    type=["expressway_service_area", "public_parking"],
    district=["W", "E"],
    role="candidate",
    demand_served=[130.0, 100.0],
    capacity=[200.0, 100.0],
)
CANDIDATES = points(
    [12.0, 32.0, 70.0],
    facility="charging",
    candidate_id=["C1", "C2", "C3"],
    type=["expressway_service_area", "public_parking", "expressway_service_area"],
    role="candidate",
)
ALLOCATION = pd.DataFrame(
    {
        "facility": "charging",
        "demand_id": ["T1", "T2", "K1"],
        "candidate_id": ["C1", "C1", "C2"],
        "demand": [30.0, 100.0, 100.0],
    }
)
EQUIPMENT = pd.DataFrame(
    [
        ("charging", "C1", "fast_connectors", 8.0),
        ("charging", "C1", "slow_connectors", 2.0),
        ("charging", "C1", "needed_base", 7.0),
        ("charging", "C2", "fast_connectors", 10.0),
        ("other", "C2", "fast_connectors", 99.0),
    ],
    columns=["facility", "candidate_id", "item", "quantity"],
)
BENEFITS = pd.DataFrame(
    [
        ("charging", site, case, substance, tonnes * (2 if case == "high" else 1))
        for site, per in {"C1": {"NOx": 3.0, "SO2": 1.0, "CO2": 99.0}, "C2": {"NOx": 1.0, "SO2": 1.0}}.items()
        for substance, tonnes in per.items()
        for case in ("base", "high")
    ],
    columns=["facility", "candidate_id", "case", "substance", "avoided_t"],
)  # fmt: skip
ECONOMICS = pd.DataFrame(
    [
        ("charging", "C1", "base", "capex_mcny", 2.0),
        ("charging", "C2", "base", "capex_mcny", 1.0),
        ("charging", "", "base", "capex_mcny", 3.0),
        ("charging", "C1", "base", "npv_mcny", 50.0),
    ],
    columns=["facility", "candidate_id", "case", "item", "value"],
)
TOWNS = points(
    [0.0, 10.0, (0.0, 2000.0)],
    id=["T1", "T2", "T3"],
    name_zh=["甲", "乙", "丙"],
    name_en="",
    population=[30.0, 10.0, 10.0],
)
ROADS = shapes(
    [shapely.LineString([(0, 0), (1, 0)])] * 3,
    highway=["motorway", "motorway", "trunk"],
    oneway=[0, 1, 0],
    length_km=[50.0, 40.0, 500.0],
)
STATIONS = points([8.0], id=["N1"], capacity=[80.0], unit="kWh/day", type=["charging_station"])


def asked_of(
    *facilities: FacilitySpec,
    layers: Mapping[str, gpd.GeoDataFrame] | None = None,
    grids: Mapping[str, Grid] | None = None,
    **frames: pd.DataFrame,
) -> tuple[SimpleNamespace, Inputs]:
    result = SimpleNamespace(
        study=SimpleNamespace(facilities=facilities or (facility(),), assumptions={}),
        **(
            {
                "demand": demand(),
                "sites": SITES,
                "candidates": CANDIDATES,
                "allocation": ALLOCATION,
                "equipment": EQUIPMENT,
                "benefits": BENEFITS,
                "economics": ECONOMICS,
            }
            | frames
        ),
    )
    brought = {"townships": TOWNS, "road_edges": ROADS, "energy": STATIONS}
    given_layers = Inputs(
        crs=stubs.CRS,
        layers=brought if layers is None else layers,
        provenance=(),
        grids=grids or {},
    )
    return result, given_layers


def measured(*facilities: FacilitySpec, **facts: Any) -> pd.DataFrame:
    return indicators(*asked_of(*facilities, **facts), stubs.travel)


def rows(frame: pd.DataFrame, name: str) -> dict[str, tuple[float, float]]:
    found = frame[frame["indicator"] == name]
    return {
        row.district: (row.before, row.after) for row in found.itertuples() if row.facility != ""
    }


def about(**expected: tuple[float, float]) -> Any:
    return {
        {"whole": ""}.get(name, name): pytest.approx(pair, nan_ok=True)
        for name, pair in expected.items()
    }


class TestByHand:
    # Going east is 2 min a km, going west 1. Station N1 stands at 8 km, sites at 12 and 32 km; the
    # island reaches none. To N1: T1 16, T2 2, K1 22 min. To C1: T1 24, T2 4, K1 18; to C2: K1 4.

    def test_demand_within_fifteen_minutes(self) -> None:
        found = rows(measured(), "demand_within")
        assert found == about(whole=(100 / 360, 200 / 360), W=(0.5, 0.5), E=(0.0, 100 / 160))

    def test_the_limit_is_included(self) -> None:
        exact = facility(assumptions=NUMBERS | {"indicator_minutes": assumption(16.0)})
        assert rows(measured(exact), "demand_within")["W"] == pytest.approx((1.0, 1.0))

    def test_mean_time_of_those_who_reach_one(self) -> None:
        found = rows(measured(), "mean_time")
        assert found == about(whole=(40 / 3, 22 / 3), W=(9.0, 9.0), E=(22.0, 4.0))

    def test_demand_served_by_room(self) -> None:
        found = rows(measured(), "demand_served")
        assert found == about(whole=(40 / 360, 270 / 360), W=(0.2, 170 / 200), E=(0.0, 100 / 160))

    def test_the_worst_district(self) -> None:
        found = rows(measured(), "worst_district")
        assert found == about(whole=(0.0, 0.625), E=(0.0, 0.625))

    def test_gini_of_two_districts(self) -> None:
        # 0.85 for 200 and 0.625 for 160: 2 x 200 x 160 x 0.225 / (2 x 360 x 270); before all in W.
        found = rows(measured(), "district_gini")
        assert found == about(whole=(160 / 360, 2 * 200 * 160 * 0.225 / (2 * 360 * 270)))

    def test_use_of_the_capacity(self) -> None:
        found = rows(measured(), "utilisation")
        assert found == about(whole=(40 / 80, 230 / 300), W=(NAN, 0.65), E=(NAN, 1.0))

    def test_two_step_floating_catchment_area(self) -> None:
        # Within 10 min: N1 serves T2 (80 / 100), C1 T2 (200 / 100), C2 K1 (100 / 100).
        found = rows(measured(), "two_step_fca")
        assert found == about(
            whole=(80 / 360, 380 / 360), W=(80 / 200, 280 / 200), E=(0.0, 100 / 160)
        )

    def test_expressways(self) -> None:
        # 50 km both ways and 40 km one way count 70 km; C1 and C3 are service areas, C1 chosen.
        found = measured()
        assert rows(found, "expressway_spacing") == about(whole=(NAN, 70.0))
        assert rows(found, "service_areas_equipped") == about(whole=(0.0, 0.5))

    def test_a_station_close_to_a_service_area_equips_it(self) -> None:
        near = STATIONS.set_geometry(points([70.4]).geometry)
        brought = {"townships": TOWNS, "road_edges": ROADS, "energy": near}
        found = measured(layers=brought)
        assert rows(found, "service_areas_equipped") == about(whole=(0.5, 1.0))
        assert rows(found, "expressway_spacing") == about(whole=(70.0, 35.0))

    def test_vehicles_per_pile_and_connector(self) -> None:
        found = measured()
        assert rows(found, "car_to_pile") == about(whole=(NAN, 10.0))
        assert rows(found, "car_to_connector") == about(whole=(NAN, 50.0))

    def test_what_is_charged_at_home(self) -> None:
        found = rows(measured(), "home_charging")
        assert found == about(whole=(4000.0, 4000.0), W=(3200.0, 3200.0), E=(800.0, 800.0))

    def test_piles_of_the_plan(self) -> None:
        # 50 public by people 3:1:1, 50 for fleets at the park, which is nearest to T2 (20 min, T1 30).
        found = measured()
        assert rows(found, "plan_piles") == about(whole=(NAN, 100.0), W=(NAN, 90.0), E=(NAN, 10.0))
        assert rows(found, "plan_piles_township") == {
            "W 甲": pytest.approx((NAN, 30.0), nan_ok=True),
            "W 乙": pytest.approx((NAN, 60.0), nan_ok=True),
            "E 丙": pytest.approx((NAN, 10.0), nan_ok=True),
        }

    def test_townships_of_one_name_stay_apart(self) -> None:
        brought = {"townships": TOWNS.assign(name_zh="镇"), "energy": STATIONS}
        assert set(rows(measured(layers=brought), "plan_piles_township")) == {
            "W 镇 T1",
            "W 镇 T2",
            "E 镇",
        }

    def test_local_air_per_money(self) -> None:
        found = rows(measured(), "air_per_money")
        assert found == about(whole=(NAN, 6 / 3), W=(NAN, 4 / 2), E=(NAN, 2 / 1))

    def test_all_types_together(self) -> None:
        twin = {
            "demand": pd.concat([demand(), demand("second")]),
            "sites": pd.concat([SITES, SITES.assign(facility="second")]),
            "benefits": pd.concat([BENEFITS, BENEFITS.assign(facility="second")]),
            "economics": pd.concat(
                [ECONOMICS, ECONOMICS.assign(facility="second", value=ECONOMICS["value"] * 3)]
            ),
        }
        found = measured(facility(), facility("second"), **twin)
        overall = found[found["facility"] == ""]
        assert overall["indicator"].to_list() == ["air_per_money"]
        assert overall["after"].to_list() == pytest.approx([12 / 12])
        assert len(found[found["facility"] == "second"]) > 0

    def test_a_type_without_money_leaves_the_types_together_out(self) -> None:
        both = {"demand": pd.concat([demand(), demand("second")])}
        found = measured(facility(), facility("second"), **both)
        assert "" not in set(found["facility"])

    def test_a_study_of_nothing_has_no_indicators(self) -> None:
        result, brought = asked_of()
        result.study.facilities = ()
        found = indicators(result, brought, stubs.travel)
        assert tuple(found.columns) == RESULT_FRAMES["indicators"]
        assert found.empty

    def test_residents_stand_in_for_the_built_up_area(self) -> None:
        near = points([(0.0, 0.8)], id=["N1"], capacity=[1.0], unit="")
        found = measured(layers={"townships": TOWNS, "energy": near})
        assert rows(found, "built_up_coverage") == about(
            whole=(0.6, 0.6), W=(0.75, 0.75), E=(0.0, 0.0)
        )
        told = found[found["indicator"] == "built_up_coverage"].iloc[0]
        assert "stand-in" in told["en"]
        assert "代替" in told["zh"]

    def test_land_cover_tells_the_built_up_area(self) -> None:
        # Cells of 100 m: built up from x = 0 to 2 km, for 1 km of height; a station at its corner
        # covers a quarter of a circle of 900 m.
        codes = np.full((10, 40), 10.0, dtype=np.float32)
        codes[:, :20] = 50.0
        grid = Grid(values=codes, transform=(100.0, 0.0, 0.0, 0.0, -100.0, 1000.0), crs=stubs.CRS)
        districts = shapes([shapely.box(0, 0, 4000, 1000)], id=["D"], name_zh=["W"], name_en=["W"])
        brought = {
            "townships": TOWNS,
            "districts": districts,
            "energy": STATIONS.set_geometry(points([0.0]).geometry),
        }
        found = measured(layers=brought, grids={"land_cover": grid}, sites=SITES.iloc[:0])
        share = np.pi * 0.9**2 / 4 / 2.0
        assert rows(found, "built_up_coverage")[""] == pytest.approx((share, share), abs=0.005)
        assert "land cover" in found[found["indicator"] == "built_up_coverage"].iloc[0]["en"]

    def test_ground_without_buildings_leaves_the_residents(self) -> None:
        codes = np.full((10, 40), 10.0, dtype=np.float32)
        grid = Grid(values=codes, transform=(100.0, 0.0, 0.0, 0.0, -100.0, 1000.0), crs=stubs.CRS)
        districts = shapes([shapely.box(0, 0, 4000, 1000)], id=["D"], name_zh=["W"], name_en=["W"])
        brought = {"townships": TOWNS, "energy": STATIONS}
        for more in ({"districts": districts}, {}):
            found = measured(layers=brought | more, grids={"land_cover": grid})
            told = found[found["indicator"] == "built_up_coverage"].iloc[0]
            assert "stand-in" in told["en"]

    def test_piles_without_fleets_follow_the_people(self) -> None:
        towns_only = demand().iloc[[0, 1, 3]]
        assert rows(measured(demand=towns_only), "plan_piles")["W"][1] == 80.0
        no_kinds = facility(tables={})
        assert rows(measured(no_kinds), "plan_piles")["W"][1] == 80.0
        none = facility(tables={"pile_kind": {"private": 1.0}})
        assert rows(measured(none), "plan_piles") == {}


class TestUnknown:
    def test_without_a_layer_of_facilities_in_service_before_is_not_known(self) -> None:
        found = measured(facility(existing_layer=None))
        for name in ("demand_within", "demand_served", "two_step_fca", "service_areas_equipped"):
            assert np.isnan(rows(found, name)[""][0]), name
            assert rows(found, name)[""][1] > 0, name
        assert np.isnan(rows(found, "district_gini")[""][0])

    def test_a_layer_without_any_in_service_is_known_to_serve_none(self) -> None:
        brought = {"townships": TOWNS, "energy": STATIONS.iloc[:0]}
        found = measured(layers=brought)
        assert rows(found, "demand_within")[""][0] == 0.0
        assert np.isnan(rows(found, "mean_time")[""][0])

    def test_sites_that_are_there_already_count_before(self) -> None:
        there = SITES.assign(role=["candidate", "existing"])
        found = measured(facility(existing_layer=None), sites=there)
        assert rows(found, "demand_within")["E"] == pytest.approx((0.625, 0.625))

    def test_a_capacity_that_is_not_known_gives_no_accessibility(self) -> None:
        brought = {"townships": TOWNS, "energy": STATIONS.assign(capacity=NAN)}
        found = measured(layers=brought)
        assert np.isnan(rows(found, "two_step_fca")[""]).all()
        assert np.isnan(rows(found, "utilisation")[""][0])

    def test_a_capacity_in_another_unit_is_not_known(self) -> None:
        brought = {"townships": TOWNS, "energy": STATIONS.assign(unit="MW")}
        found = measured(layers=brought)
        assert np.isnan(rows(found, "two_step_fca")[""]).all()
        assert np.isnan(rows(found, "utilisation")[""][0])

    def test_sites_without_limit_have_no_utilisation(self) -> None:
        found = measured(sites=SITES.assign(capacity=[np.inf, 100.0]))
        assert rows(found, "utilisation")[""][1] == pytest.approx(1.0)
        assert np.isnan(rows(found, "utilisation")["W"][1])

    def test_money_that_is_not_known_gives_no_ratio(self) -> None:
        gap = ECONOMICS.assign(value=[NAN, 1.0, 3.0, 50.0])
        found = rows(measured(economics=gap), "air_per_money")
        assert np.isnan(found[""][1])
        assert found["E"][1] == pytest.approx(2.0)
        assert rows(measured(economics=ECONOMICS.iloc[:0]), "air_per_money") == {}

    def test_what_a_type_does_not_have_gives_no_rows(self) -> None:
        bare = facility(assumptions={}, tables={})
        kept = set(measured(bare, layers={"energy": STATIONS})["indicator"])
        assert kept == {
            *("demand_served", "mean_time", "worst_district", "district_gini", "utilisation"),
            *("two_step_fca", "air_per_money"),
        }

    def test_where_demand_is_served_on_site_nobody_travels(self) -> None:
        berths = CANDIDATES.assign(candidate_id=["T1", "T2", "K1"])
        found = measured(candidates=berths, demand=demand().iloc[:3])
        names = set(found["indicator"])
        assert not names & {"demand_within", "mean_time", "two_step_fca", "built_up_coverage"}
        assert "demand_served" in names

    def test_no_demand_and_no_sites(self) -> None:
        found = measured(
            demand=demand().iloc[:0],
            sites=SITES.iloc[:0],
            allocation=ALLOCATION.iloc[:0],
            candidates=CANDIDATES.iloc[:0],
            equipment=EQUIPMENT.iloc[:0],
            benefits=BENEFITS.iloc[:0],
            economics=ECONOMICS.iloc[:0],
        )
        assert found.loc[found["indicator"] == "demand_served", "after"].isna().all()
        assert set(found["district"]) == {""}


class TestFrame:
    def test_columns_and_order(self) -> None:
        found = measured()
        assert tuple(found.columns) == RESULT_FRAMES["indicators"]
        assert found[["before", "after"]].dtypes.to_list() == [float, float]
        keys = found[["facility", "indicator"]].apply(tuple, axis=1).to_list()
        assert keys == sorted(keys)
        first = found.drop_duplicates(["facility", "indicator"])
        per_place = first["indicator"] == "plan_piles_township"
        assert (first.loc[~per_place, "district"] == "").all()

    def test_every_indicator_has_words_a_unit_and_a_place_in_the_reference(self) -> None:
        found = measured().drop_duplicates("indicator").set_index("indicator")
        text = DOCS.read_text(encoding="utf-8")
        for name, kind in indicator_kinds().items():
            assert f"`{name}`" in text, name
            assert kind.better in {"max", "min", ""}
            assert found.loc[name, "zh"], name
            assert found.loc[name, "en"], name

    def test_shares_are_shares(self) -> None:
        found = measured()
        pairs = found.loc[found["unit"] == "share", ["before", "after"]].to_numpy()
        known = pairs[~np.isnan(pairs)]
        assert len(known) > 10
        assert ((known >= 0) & (known <= 1)).all()


class TestGini:
    def test_all_alike_is_none(self) -> None:
        assert gini(np.array([0.4, 0.4, 0.4]), np.array([1.0, 5.0, 2.0])) == 0.0

    def test_one_has_all(self) -> None:
        assert gini(np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4)) == pytest.approx(0.75)

    def test_nothing_is_no_inequality(self) -> None:
        assert np.isnan(gini(np.zeros(3), np.ones(3)))

    @given(st.lists(st.tuples(st.floats(0.0, 1e3), st.integers(1, 5)), min_size=1, max_size=8))
    @settings(max_examples=200, deadline=None)
    def test_weights_are_copies_and_the_area_under_lorenz_agrees(
        self, given_: list[tuple[float, int]]
    ) -> None:
        values = np.array([value for value, _ in given_])
        weights = np.array([float(n) for _, n in given_])
        copies = np.sort(np.repeat(values, weights.astype(int)))
        if not copies.sum() > 1e-6:
            return
        # The area under the curve of Lorenz, by trapezoids.
        curve = np.concatenate([[0.0], np.cumsum(copies)]) / copies.sum()
        area = float((curve[1:] + curve[:-1]).sum() / 2 / len(copies))
        assert gini(values, weights) == pytest.approx(1.0 - 2.0 * area, abs=1e-9)
        assert gini(values * 7.0, weights * 3.0) == pytest.approx(gini(values, weights), abs=1e-9)


class TestApportion:
    def test_the_largest_remainders_get_what_is_left(self) -> None:
        assert apportion(10, np.array([1.0, 1.0, 1.0])).tolist() == [4, 3, 3]
        assert apportion(7, np.array([0.0, 0.55, 0.45])).tolist() == [0, 4, 3]

    @given(
        total=st.integers(0, 100_000),
        weights=st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40).filter(
            lambda w: sum(w) > 1
        ),
    )
    @settings(max_examples=200, deadline=None)
    def test_whole_things_add_up_and_stay_near_their_share(
        self, total: int, weights: list[float]
    ) -> None:
        found = apportion(total, np.array(weights))
        exact = np.array(weights) / sum(weights) * total
        assert found.sum() == total
        assert (np.abs(found - exact) < 1.0 + 1e-6).all()


@pytest.mark.real
def test_the_piles_of_qingdao_s_plan_add_up() -> None:
    study = load_study("qingdao", facilities=["charging"])
    keep = {"townships", "parks", "ports", "berths", "candidates", "districts"}
    brought = layers.read(
        replace(study, layers={k: v for k, v in study.layers.items() if k in keep})
    )
    asked = replace(study.facilities[0], profile="car")
    found = engineering()["charging"].demand(brought, asked, stubs.travel)
    found = found.assign(facility="charging", district=districts_of(found.geometry, brought))
    nothing = {"sites": SITES.iloc[:0], "candidates": CANDIDATES.iloc[:0]}
    result, _ = asked_of(asked, demand=found, **nothing)
    spread = rows(indicator_frame(result, brought), "plan_piles")
    assert spread[""][1] == 35_000
    assert len(spread) == 11
    assert sum(after for name, (_, after) in spread.items() if name) == 35_000
    assert min(after for _, after in spread.values()) > 500
    by_town = rows(indicator_frame(result, brought), "plan_piles_township")
    assert len(by_town) == 135
    assert sum(after for _, after in by_town.values()) == 35_000


def indicator_frame(result: SimpleNamespace, brought: Inputs) -> pd.DataFrame:
    given_ = service(result, result.study.facilities[0], brought, stubs.travel)
    parts = [
        indicator_kinds()[name].measure(given_).assign(facility="charging", indicator=name)
        for name in ("plan_piles", "plan_piles_township")
    ]
    return pd.concat(parts)


@given(
    sites=st.lists(st.floats(-50.0, 50.0), max_size=4),
    more=st.lists(st.floats(-50.0, 50.0), max_size=3),
)
@settings(max_examples=30, deadline=None)
def test_more_sites_never_leave_fewer_within_reach(sites: list[float], more: list[float]) -> None:
    def shares(at: list[float]) -> list[float]:
        chosen = points(
            at,
            facility="charging",
            candidate_id=[f"S{i}" for i in range(len(at))],
            type="public_parking",
            district="W",
            role="candidate",
            demand_served=0.0,
            capacity=50.0,
        )
        result, brought = asked_of(sites=chosen)
        given_ = service(result, facility(), brought, stubs.travel)
        names = ("demand_within", "service_areas_equipped", "two_step_fca")
        return [indicator_kinds()[name].measure(given_)["after"].iloc[0] for name in names]

    few, many = shares(sites), shares(sites + more)
    assert all(a <= b + 1e-12 for a, b in zip(few, many, strict=True))
