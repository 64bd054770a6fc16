"""Criteria worked out by hand. A kilometre is a minute by car, twice that and 1.5 km going east."""

import math
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import shapely

import siting.criteria
from siting.criteria import criteria, measure
from siting.criteria.registry import Criterion
from siting.errors import ConfigError, InputError
from siting.model import Direction, Surroundings
from tests import stubs
from tests.stubs import candidates, demand, points, shapes, surroundings

NAN = math.nan
ISLAND = (0.0, 2000.0)


def value(name: str, frame: pd.DataFrame, world: Surroundings, **params: object) -> list[float]:
    return measure(stubs.criterion(name, **params), frame, world).to_list()


def same(found: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-12)


class TestTravelToNearest:
    world = surroundings(
        ports=points([0, 10, ISLAND], id=["P0", "P1", "P2"], role=["a", "b", "b"])
    )

    def test_time_is_from_the_candidate_and_takes_the_lesser(self) -> None:
        # From 4 km: 4 min west to P0, 12 min east to P1. From 8: 8 or 4. From 12: 12 or 2.
        found = value("travel_time_to_nearest", candidates([4, 8, 12]), self.world, layer="ports")
        same(found, [4.0, 4.0, 2.0])

    def test_a_slower_vehicle_takes_longer(self) -> None:
        found = value(
            "travel_time_to_nearest", candidates([4]), self.world, layer="ports", profile="truck"
        )
        same(found, [8.0])

    def test_distance_is_in_kilometres_along_the_way(self) -> None:
        # From 4 km: 4 km west or 9 km east; from 8: 8 or 3; on the island: to P2, which is there.
        frame = candidates([4, 8, (0.0, 2003.0)])
        found = value("travel_distance_to_nearest", frame, self.world, layer="ports")
        same(found, [4.0, 3.0, 3.0])

    def test_where_leaves_only_some(self) -> None:
        found = value(
            "travel_time_to_nearest",
            candidates([4]),
            self.world,
            layer="ports",
            where={"role": ("b",)},
        )
        same(found, [12.0])

    def test_what_is_not_reached_is_not_known(self) -> None:
        frame = candidates([ISLAND, 1])
        found = value(
            "travel_time_to_nearest", frame, self.world, layer="ports", where={"role": ("a",)}
        )
        same(found, [NAN, 1.0])

    def test_areas_are_reached_at_a_point_within(self) -> None:
        park = shapes([shapely.box(9000, -1000, 11000, 1000)], id=["K"])
        found = value(
            "travel_time_to_nearest", candidates([12]), surroundings(parks=park), layer="parks"
        )
        same(found, [2.0])


class TestDemandWithinReach:
    def test_counts_who_arrives_in_time_the_limit_included(self) -> None:
        # To C0 at 5 km: D0 comes east from 0 (10 min), D1 west from 12 (7 min), D2 stands there.
        world = surroundings(demand_points=demand([0, 12, 5], [100.0, 20.0, 3.0]))
        frame = candidates([5])
        for minutes, expected in ((10.0, 123.0), (9.99, 23.0), (7.0, 23.0), (6.99, 3.0)):
            same(value("demand_within_reach", frame, world, minutes=minutes), [expected])

    def test_is_zero_where_nobody_comes(self) -> None:
        world = surroundings(demand_points=demand([0], [100.0]))
        same(value("demand_within_reach", candidates([ISLAND]), world, minutes=60.0), [0.0])

    def test_more_minutes_never_reach_less(self) -> None:
        rng = np.random.default_rng(3)
        world = surroundings(
            demand_points=demand(rng.uniform(0, 30, 40).tolist(), rng.uniform(0, 9, 40).tolist())
        )
        frame = candidates(rng.uniform(0, 30, 10).tolist())
        found = [value("demand_within_reach", frame, world, minutes=m) for m in (1.0, 5.0, 20.0)]
        assert (np.diff(found, axis=0) >= 0).all()


def test_demand_at_site_is_that_of_its_own_id() -> None:
    asked = demand([0, 1, 2], [5.0, 0.0, NAN], demand_id=["C0", "C1", "C3"])
    world = surroundings(demand_points=asked)
    # C2 has no demand point, that of C3 is not known: missing is not zero.
    same(value("demand_at_site", candidates([9, 9, 9, 9]), world), [5.0, 0.0, 0.0, NAN])


class TestDistrictEquity:
    frame = candidates([0, 10, 20], district=["北", "南", "西"])

    def test_is_the_mean_time_weighted_by_demand(self) -> None:
        # Station at 10 km. 北: 100 at 0 km (20 min east), 300 at 12 km (2 min west) → 6.5 min.
        asked = demand([0, 12, 14], [100.0, 300.0, 50.0], district=["北", "北", "南"])
        world = surroundings(demand_points=asked, existing=points([10]))
        same(value("district_equity", self.frame, world), [6.5, 4.0, NAN])

    def test_the_nearest_candidate_stands_in_where_no_station_is(self) -> None:
        asked = demand([1, 13], [1.0, 1.0], district=["北", "南"])
        world = surroundings(demand_points=asked)
        same(value("district_equity", self.frame, world), [1.0, 3.0, NAN])

    def test_demand_without_weight_or_way_says_nothing(self) -> None:
        asked = demand([1, ISLAND, 4], [0.0, 5.0, 2.0], district=["北", "南", "西"])
        world = surroundings(demand_points=asked, existing=points([0]))
        same(value("district_equity", self.frame, world), [NAN, NAN, 4.0])

    def test_one_more_station_never_lengthens_the_wait(self) -> None:
        rng = np.random.default_rng(5)
        asked = demand(
            rng.uniform(0, 30, 30).tolist(),
            rng.uniform(1, 9, 30).tolist(),
            district=["北", "南", "西"] * 10,
        )
        few, more = (
            value("district_equity", self.frame, surroundings(demand_points=asked, existing=at))
            for at in (points([2]), points([2, 17]))
        )
        assert (np.array(more) <= np.array(few)).all()


class TestGravityAccess:
    world = surroundings(parks=points([0, 10], id=["K0", "K1"], kind=["H", "L"], trips=[3.0, 1.0]))

    def test_discounts_by_time(self) -> None:
        # From 4 km: 3 at 4 min and 1 at 12 min.
        found = value(
            "gravity_access",
            candidates([4, ISLAND]),
            self.world,
            layer="parks",
            weight_column="trips",
            decay_minutes=8.0,
        )
        same(found, [3.0 * math.exp(-0.5) + math.exp(-1.5), 0.0])

    def test_classes_not_in_the_table_are_worth_nothing(self) -> None:
        found = value(
            "gravity_access",
            candidates([0]),
            self.world,
            layer="parks",
            weight_column="kind",
            weights={"H": 7.0},
            decay_minutes=8.0,
        )
        same(found, [7.0])

    def test_an_area_counts_from_within(self) -> None:
        world = surroundings(parks=shapes([shapely.box(-1000, -1000, 1000, 1000)], trips=[2.0]))
        found = value(
            "gravity_access",
            candidates([4]),
            world,
            layer="parks",
            weight_column="trips",
            decay_minutes=4.0,
        )
        same(found, [2.0 * math.exp(-1.0)])

    @pytest.mark.parametrize("weight", [NAN, -1.0, math.inf])
    def test_a_place_without_weight_is_told_rather_than_left_out(self, weight: float) -> None:
        world = surroundings(parks=points([0, 1], trips=[3.0, weight]))
        with pytest.raises(InputError, match=r"column trips: 1 of 2 places have no weight"):
            value(
                "gravity_access",
                candidates([0]),
                world,
                layer="parks",
                weight_column="trips",
                decay_minutes=8.0,
            )

    def test_a_column_of_words_needs_a_table(self) -> None:
        with pytest.raises(InputError, match=r"2 of 2 .*got H, L.*weights"):
            value(
                "gravity_access",
                candidates([0]),
                self.world,
                layer="parks",
                weight_column="kind",
                decay_minutes=8.0,
            )


class TestHydrogenDeliveredCost:
    world = surroundings(
        energy=points(
            [0, 100, 50],
            id=["N0", "N1", "N2"],
            type=["h2_source", "h2_source", "substation_220"],
        )
    )
    params = {"fixed_cny_per_kg": 2.5, "cny_per_kg_100km": 10.0}  # noqa: RUF012 - only read

    def test_is_what_the_road_from_the_source_costs(self) -> None:
        # From the source: 60 km from N1 west, 60 km from N0 would be 90 km by road.
        frame = candidates([40, 10, ISLAND])
        found = value("hydrogen_delivered_cost", frame, self.world, **self.params)
        same(found, [2.5 + 6.0, 2.5 + 1.5, NAN])

    def test_where_narrows_the_sources_but_never_to_other_types(self) -> None:
        frame = candidates([10])
        only = value(
            "hydrogen_delivered_cost", frame, self.world, where={"id": ("N1",)}, **self.params
        )
        none = value(
            "hydrogen_delivered_cost", frame, self.world, where={"id": ("N2",)}, **self.params
        )
        same(only, [2.5 + 9.0])
        same(none, [NAN])


class TestClearance:
    def test_is_straight_and_zero_inside(self) -> None:
        world = surroundings(
            protected=shapes(
                [shapely.box(0, 0, 1000, 1000), shapely.box(5000, 0, 6000, 1000)],
                constraint=["hard", "soft"],
            )
        )
        frame = candidates([(0.5, 0.5), (4.0, 5.0), (4.5, 0.5)])
        same(
            value("clearance", frame, world, layer="protected"),
            [0.0, math.hypot(1000.0, 4000.0), 500.0],
        )
        hard = value("clearance", frame, world, layer="protected", where={"constraint": ("hard",)})
        same(hard, [0.0, 5000.0, 3500.0])

    def test_the_hole_of_an_area_is_outside(self) -> None:
        ring = shapely.box(0, 0, 10000, 10000) - shapely.box(2000, 2000, 8000, 8000)
        world = surroundings(protected=shapes([ring]))
        same(value("clearance", candidates([(5, 5), (1, 1)]), world, layer="protected"), [3000, 0])


def test_population_exposure_counts_within_the_circle_its_rim_included() -> None:
    world = surroundings(
        townships=points([(3, 4), (0, 5.001), (0, 0), ISLAND], persons=[10.0, 100.0, 1.0, 7.0])
    )
    found = value(
        "population_exposure",
        candidates([0, (0, 5), 90]),
        world,
        layer="townships",
        weight_column="persons",
        radius_m=5000.0,
    )
    same(found, [11.0, 111.0, 0.0])


class TestAttribute:
    def test_reads_numbers_and_keeps_gaps(self) -> None:
        whole = pd.array([4, None], dtype="Int64")
        frame = candidates([0, 1], land_m2=[1640.0, NAN], slots=whole, text=["7", ""])
        same(value("attribute", frame, surroundings(), column="land_m2"), [1640.0, NAN])
        same(value("attribute", frame, surroundings(), column="slots"), [4.0, NAN])
        same(value("attribute", frame, surroundings(), column="text"), [7.0, NAN])

    def test_no_value_is_infinite(self) -> None:
        frame = candidates([0, 1], land_m2=[math.inf, 1.0])
        same(value("attribute", frame, surroundings(), column="land_m2"), [NAN, 1.0])

    def test_a_column_of_words_is_refused(self) -> None:
        frame = candidates([0, 1], land="large")
        with pytest.raises(InputError, match=r"column land: 2 of 2 cells are no numbers"):
            value("attribute", frame, surroundings(), column="land")


def test_attribute_class_looks_up_and_knows_no_others() -> None:
    frame = candidates([0, 1, 2], type=["hub", "depot", "field"])
    worth = {"hub": 1, "depot": 0.25}
    found = value("attribute_class", frame, surroundings(), column="type", classes=worth)
    same(found, [1.0, 0.25, NAN])


def test_two_files_cannot_claim_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    known = criteria()["clearance"]
    twin = ModuleType("twin")
    twin.CRITERION = Criterion(
        name="clearance", unit="m", direction=Direction.MAX, measure=known.measure
    )
    monkeypatch.setattr("siting.siblings.import_module", lambda _: twin)
    with pytest.raises(ConfigError, match="criterion clearance is defined twice"):
        criteria.__wrapped__()
    assert siting.criteria.criteria() is criteria(), "filled once"
