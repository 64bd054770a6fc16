"""Criteria of access, supply and co-location on small worlds that can be worked out by hand.

A kilometre is 1 minute by car and 2 by truck; going east it is twice the time and 1.5 times as
long (``tests.stubs.travel``).
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.typing import NDArray

from siting.criteria import measure
from siting.errors import MissingLayerError
from siting.model import Surroundings
from tests import stubs


def _value(name: str, at: float, around: Surroundings, **params: object) -> float:
    found = measure(stubs.criterion(name, **params), stubs.candidates([at]), around)
    return float(found.iloc[0])


def test_two_step_fca_shares_a_facility_among_its_demand() -> None:
    # Facility at 0 with 10: demand at 2 (2 min west) and at −1 (2 min east) are in reach, 9 is not.
    around = stubs.surroundings(
        demand_points=stubs.demand([2, -1, 9], [30.0, 20.0, 70.0]),
        supply=stubs.points([0.0], capacity=[10.0]),
    )
    params = {"minutes": 3.0, "layer": "supply", "capacity_column": "capacity"}
    assert _value("two_step_fca", 1.0, around, **params) == pytest.approx(10 / 50)
    assert _value("two_step_fca", 4.0, around, **params) == 0.0


def test_huff_share_splits_by_time_squared() -> None:
    # Demand at 4: the candidate at 0 is 4 min away, the one in service at 2 is 2: 1/16 to 1/4.
    around = stubs.surroundings(
        demand_points=stubs.demand([4], [100.0]), existing=stubs.points([2.0])
    )
    assert _value("huff_share", 0.0, around) == pytest.approx(100 * (1 / 16) / (1 / 16 + 1 / 4))
    alone = stubs.surroundings(demand_points=stubs.demand([4], [100.0]))
    assert _value("huff_share", 0.0, alone) == pytest.approx(100.0)


def test_opportunities_count_in_full_up_to_the_limit() -> None:
    around = stubs.surroundings(places=stubs.points([-1, -3, -3.1], persons=[5.0, 7.0, 11.0]))
    params = {"layer": "places", "minutes": 3.0}
    assert _value("opportunities_within_reach", 0.0, around, **params) == 2.0
    weighed = _value("opportunities_within_reach", 0.0, around, weight_column="persons", **params)
    assert weighed == 12.0


def test_nearest_k_is_a_mean_and_unknown_with_fewer() -> None:
    around = stubs.surroundings(places=stubs.points([-1, -3, -50]))
    assert _value("nearest_k_mean_time", 0.0, around, layer="places", k=2) == 2.0
    assert np.isnan(_value("nearest_k_mean_time", 0.0, around, layer="places", k=4))


def test_mean_time_of_demand_counts_the_unreached_at_the_limit() -> None:
    far = (0.0, 2 * stubs.ISLAND_Y / 1000)
    around = stubs.surroundings(demand_points=stubs.demand([4, 40, far], [2.0, 1.0, 1.0]))
    found = _value("demand_weighted_mean_time", 0.0, around, beyond_minutes=20.0)
    assert found == pytest.approx((2 * 4 + 20 + 20) / 4)


def test_colocation_counts_classes_not_places() -> None:
    places = stubs.points([-1, -1.5, -2, -9], type=["park", "park", "depot", "port"])
    around = stubs.surroundings(places=places)
    params = {"layer": "places", "distance_km": 2.0}
    assert _value("colocation_variety", 0.0, around, **params) == 2.0


def test_plan_items_count_once_and_cells_may_name_several() -> None:
    items = ["35; 86", "86", None, "44"]
    around = stubs.surroundings(places=stubs.points([-1, -2, -2, -9], plan_item=items))
    assert _value("plan_places", 0.0, around, layer="places", minutes=3.0) == 2.0


def test_corridor_flow_catches_trips_with_a_short_detour() -> None:
    # West to east 0 → 10 takes 20 min. A candidate at 5 lies on the way; at 11 it takes 22 + 1.
    around = stubs.surroundings(
        gates=stubs.points([0.0, 20.0], truck_share=[0.75, 0.25]), ports=stubs.points([10.0])
    )
    params = {
        "origins": "gates",
        "destinations": "ports",
        "detour_minutes": 2.0,
        "share_column": "truck_share",
    }
    assert _value("corridor_flow", 5.0, around, **params) == pytest.approx(0.75)
    assert _value("corridor_flow", 11.0, around, **params) == pytest.approx(0.25)
    assert _value("corridor_flow", 10.0, around, **params) == pytest.approx(1.0)
    nobody = stubs.surroundings(
        gates=stubs.points([0.0], truck_share=[0.0]), ports=around.layers["ports"]
    )
    assert np.isnan(_value("corridor_flow", 5.0, nobody, **params))


def test_coverage_gain_leaves_out_what_is_covered() -> None:
    around = stubs.surroundings(
        demand_points=stubs.demand([1, 2, 9], [10.0, 20.0, 40.0]), existing=stubs.points([1.9])
    )
    # The one in service at 1.9 covers what lies at 2 (0.1 min) and at 1 (1.8 min going east).
    assert _value("coverage_gain", 0.0, around, minutes=1.0) == 10.0
    assert _value("coverage_gain", 0.0, around, minutes=2.0) == 0.0


def test_capacity_in_reach_counts_its_own_unit_and_says_what_it_assumes() -> None:
    sources = stubs.points(
        [1, 2, 3, 90],
        type="h2_source",
        capacity=[5.0, 7.0, np.nan, 9.0],
        unit=["t/d", "MW", "t/d", "t/d"],
    )
    around = stubs.surroundings(energy=sources)
    params = {"distance_km": 10.0, "unit": "t/d"}
    name = "supply_capacity_within_reach"
    assert _value(name, 0.0, around, **params) == 5.0
    assert _value(name, 0.0, around, unknown_capacity=2.0, **params) == 5.0 + 2.0 + 2.0
    hidden = stubs.surroundings(energy=sources.iloc[1:3])
    assert np.isnan(_value(name, 0.0, hidden, **params))
    assert _value(name, 300.0, around, **params) == 0.0


def test_headroom_needs_a_capacity_or_a_named_assumption() -> None:
    around = stubs.surroundings(energy=stubs.points([-1.0, -8.0], capacity=[np.nan, 240.0]))
    assert np.isnan(_value("grid_headroom", 0.0, around, headroom_share=0.3))
    assumed = _value("grid_headroom", 0.0, around, headroom_share=0.3, unknown_mva=100.0)
    assert assumed == pytest.approx(30.0)
    assert _value("grid_headroom", -8.0, around, headroom_share=0.25) == 60.0


def test_provision_is_the_share_of_facilities_over_the_share_of_demand() -> None:
    areas = stubs.shapes(
        [shapely.box(-1e4, -1, 0, 1), shapely.box(0, -1, 1e4, 1)],
        name_zh=["西", "东"],
        name_en=["west", "east"],
    )
    around = stubs.surroundings(
        districts=areas,
        demand_points=stubs.demand([-5, 5], [25.0, 75.0], district=["西", "东"]),
        existing=stubs.points([-4.0, -3.0, 6.0, 7.0]),
    )
    frame = stubs.candidates([-5, 5, 0], district=["西", "东", "北"])
    found = measure(stubs.criterion("district_provision"), frame, around)
    np.testing.assert_allclose(found, [0.5 / 0.25, 0.5 / 0.75, np.nan])


def test_demand_potential_fades_to_nothing_at_the_limit() -> None:
    around = stubs.surroundings(demand_points=stubs.demand([0, 2, 4], [1.0, 10.0, 100.0]))
    half = (np.exp(-0.125) - np.exp(-0.5)) / (1 - np.exp(-0.5))
    found = _value("demand_potential", 0.0, around, minutes=4.0)
    assert found == pytest.approx(1.0 + 10.0 * half)


def test_circuity_is_road_over_straight() -> None:
    around = stubs.surroundings(places=stubs.points([4.0]))
    assert _value("access_circuity", 0.0, around, layer="places") == pytest.approx(1.5)
    assert _value("access_circuity", 9.0, around, layer="places") == pytest.approx(1.0)


def test_the_best_road_in_front_counts() -> None:
    roads = stubs.shapes(
        [shapely.LineString([(-9, 40), (9, 40)]), shapely.LineString([(-9, 200), (9, 200)])],
        highway=["residential", "motorway"],
    )
    around = stubs.surroundings(road_edges=roads)
    params = {"classes": {"residential": 0.4, "motorway": 1.0}}
    assert _value("road_class_nearby", 0.0, around, radius_m=100.0, **params) == 0.4
    assert _value("road_class_nearby", 0.0, around, radius_m=300.0, **params) == 1.0
    assert _value("road_class_nearby", 0.0, around, radius_m=10.0, **params) == 0.0


def test_detour_compares_two_vehicles_and_is_none_where_they_drive_alike() -> None:
    around = stubs.surroundings(places=stubs.points([4.0]))
    params = {"layer": "places", "profile": "truck", "free_profile": "car"}
    assert _value("profile_detour", 0.0, around, **params) == 0.0

    def limping(*places: Any, profile: str, **options: Any) -> NDArray[np.float64]:
        return stubs.travel(*places, profile=profile, **options) * (2 if profile == "truck" else 1)

    # 4 km west for the car; twice as far for the truck, which may not take the tunnel.
    assert _value("profile_detour", 0.0, replace(around, travel=limping), **params) == 4.0


def test_products_and_occupancy_of_berths() -> None:
    frame = stubs.candidates([0, 1, 2], kw=[1000.0, 500.0, np.nan], calls_per_year=[1095.0, 4380.0, 1.0],
                             berth_hours=[16.0, 8.0, 1.0], berths=[4.0, 2.0, 0.0])  # fmt: skip
    params = {"columns": ["kw", "berth_hours"], "factor": 0.001}
    found = measure(stubs.criterion("attribute_product", **params), frame, stubs.surroundings())
    np.testing.assert_allclose(found, [16.0, 4.0, np.nan])
    busy = measure(stubs.criterion("berth_occupancy"), frame, stubs.surroundings())
    np.testing.assert_allclose(busy, [0.5, 1.0, np.nan])  # 4380 x 8 = 2 x 8760 x 2, cut at 1


def test_membership_of_an_area_is_sharp_or_fades() -> None:
    around = stubs.surroundings(areas=stubs.shapes([shapely.box(-500, -500, 500, 500)]))
    assert _value("inside_area", 0.4, around, layer="areas") == 1.0
    assert _value("inside_area", 0.9, around, layer="areas") == 0.0
    assert _value("inside_area", 0.9, around, layer="areas", fade_m=800.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("colocation_variety", {"distance_km": 1.0}),
        ("plan_places", {"minutes": 1.0}),
        ("road_class_nearby", {"classes": {}, "radius_m": 1.0}),
        ("grid_headroom", {"headroom_share": 0.5}),
    ],
)
def test_a_column_of_the_layer_that_is_not_there_is_named(
    name: str, params: dict[str, object]
) -> None:
    around = stubs.surroundings(bare=stubs.points([1.0], id=["x"]))
    with pytest.raises(MissingLayerError, match="layer bare: no column"):
        _value(name, 0.0, around, layer="bare", **params)


def test_an_index_of_any_kind_comes_back() -> None:
    frame = stubs.candidates([0, 1, 2]).set_index(pd.Index(["x", "y", "z"]))
    around = stubs.surroundings(demand_points=stubs.demand([1], [5.0]))
    for name in ("coverage_gain", "demand_potential"):
        found = measure(stubs.criterion(name, minutes=5.0), frame, around)
        assert found.index.tolist() == ["x", "y", "z"]
