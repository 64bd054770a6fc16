"""What holds for every criterion. A new file is covered as soon as it stands in ``EXAMPLES``."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from siting.criteria import criteria, measure
from siting.errors import ConfigError, MissingLayerError
from siting.model import Direction, Grid, Surroundings
from tests import stubs

MINUTES = 12.0
RADIUS_M = 6000.0
A = 2.5
B = 10.0
WORTH = {"a": 1.0, "b": 0.5}

Mask = Callable[[gpd.GeoDataFrame, Surroundings], NDArray[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class Example:
    """Good parameters of a criterion, and what must come out of any world.

    ``is_unknown`` tells where NaN is right; the signs say what one more place, and more demand,
    may do to a value (None: either way).
    """

    params: Mapping[str, object]
    is_unknown: Mask
    one_more_place: int | None = 0
    more_demand: int | None = 0


def never(frame: gpd.GeoDataFrame, _: Surroundings) -> NDArray[np.bool_]:
    return np.zeros(len(frame), dtype=bool)


def no_place_reached(frame: gpd.GeoDataFrame, world: Surroundings) -> NDArray[np.bool_]:
    return np.array([not _reached(world.layers["places"], spot) for spot in frame.geometry], bool)


def no_place_at_all(frame: gpd.GeoDataFrame, world: Surroundings) -> NDArray[np.bool_]:
    return np.full(len(frame), world.layers["places"].empty)


def empty_cell(frame: gpd.GeoDataFrame, _: Surroundings) -> NDArray[np.bool_]:
    return frame["land_m2"].isna().to_numpy(bool)


def class_not_in_table(frame: gpd.GeoDataFrame, _: Surroundings) -> NDArray[np.bool_]:
    return ~frame["type"].isin(list(WORTH)).to_numpy(bool)


def district_not_reached(frame: gpd.GeoDataFrame, world: Surroundings) -> NDArray[np.bool_]:
    facilities = world.existing if len(world.existing) else frame
    known = {
        row.district
        for row in world.demand.itertuples()
        if row.demand > 0 and _reached(facilities, row.geometry)
    }
    return ~frame["district"].isin(known).to_numpy(bool)


def _reached(places: gpd.GeoDataFrame, spot: shapely.Point) -> bool:
    return any((p.y > stubs.ISLAND_Y) == (spot.y > stubs.ISLAND_Y) for p in places.geometry)


def fewer_than_two_reached(frame: gpd.GeoDataFrame, world: Surroundings) -> NDArray[np.bool_]:
    reached = [
        sum((p.y > stubs.ISLAND_Y) == (spot.y > stubs.ISLAND_Y) for p in world.layers["places"].geometry)
        for spot in frame.geometry
    ]  # fmt: skip
    return np.array(reached, dtype=int) < 2


def no_demand_at_all(frame: gpd.GeoDataFrame, world: Surroundings) -> NDArray[np.bool_]:
    return np.full(len(frame), not world.demand["demand"].sum() > 0)


def no_trips(frame: gpd.GeoDataFrame, world: Surroundings) -> NDArray[np.bool_]:
    # Every place is a destination of itself, so any weight is a trip.
    return np.full(len(frame), not world.layers["places"]["weight"].sum() > 0)


def district_without_demand(frame: gpd.GeoDataFrame, world: Surroundings) -> NDArray[np.bool_]:
    if world.existing.empty or world.layers["places"].empty:
        return np.ones(len(frame), dtype=bool)
    asked = world.demand.groupby("district")["demand"].sum()
    return ~frame["district"].isin(asked.index[asked > 0]).to_numpy(bool)


# 41 x 41 cells of 1 km round the origin, in the CRS of the stubs; a column of it holds no data.
HEIGHTS = Grid(
    values=np.where(
        np.arange(41) == 7, np.nan, np.add.outer(np.arange(41.0) ** 2, 9.0 * np.arange(41.0))
    ).astype(np.float32),
    transform=(1000.0, 0.0, -20500.0, 0.0, -1000.0, 20500.0),
    crs=stubs.CRS,
)


def on_ground(**given: Any) -> Surroundings:
    return replace(stubs.surroundings(**given), grids={"elevation": HEIGHTS})


def _cell(frame: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = (values.to_numpy(float) for values in (frame.geometry.x, frame.geometry.y))
    return np.floor((20500.0 - y) / 1000.0), np.floor((x + 20500.0) / 1000.0)


def no_height(frame: gpd.GeoDataFrame, _: Surroundings) -> NDArray[np.bool_]:
    row, column = _cell(frame)
    return (column == 7) | (row < 0)


def no_height_around(frame: gpd.GeoDataFrame, _: Surroundings) -> NDArray[np.bool_]:
    row, column = _cell(frame)
    is_edge = (column <= 0) | (column >= 40) | (row <= 0) | (row >= 40)
    return (np.abs(column - 7) <= 1) | is_edge


def neither_0_nor_589_high(frame: gpd.GeoDataFrame, _: Surroundings) -> NDArray[np.bool_]:
    row, column = _cell(frame)
    return ~np.isin(row**2 + 9 * column, [0, 589])


EXAMPLES = {
    "flood_height": Example(params={"water_level_m": 2.0}, is_unknown=no_height),
    "terrain_slope": Example(params={}, is_unknown=no_height_around),
    "land_cover_class": Example(
        params={"grid": "elevation", "classes": {"0": 1.0, "589": 0.5}},
        is_unknown=neither_0_nor_589_high,
    ),
    "access_circuity": Example(
        params={"layer": "places"}, is_unknown=no_place_reached, one_more_place=None
    ),
    "attribute_product": Example(
        params={"columns": ["land_m2", "uncertainty_m"], "factor": 2.0}, is_unknown=empty_cell
    ),
    "berth_occupancy": Example(
        params={
            "calls_column": "land_m2",
            "hours_column": "uncertainty_m",
            "berths_column": "berths",
        },
        is_unknown=empty_cell,
    ),
    "colocation_variety": Example(
        params={"layer": "places", "distance_km": MINUTES, "layer_column": "id"},
        is_unknown=never,
        one_more_place=1,
    ),
    "corridor_flow": Example(
        params={
            "origins": "places",
            "destinations": "places",
            "detour_minutes": MINUTES,
            "share_column": "weight",
        },
        is_unknown=no_trips,
        one_more_place=None,
    ),
    "coverage_gain": Example(params={"minutes": MINUTES}, is_unknown=never, more_demand=1),
    "demand_potential": Example(params={"minutes": MINUTES}, is_unknown=never, more_demand=1),
    "demand_weighted_mean_time": Example(
        params={"beyond_minutes": MINUTES}, is_unknown=no_demand_at_all, more_demand=None
    ),
    "district_provision": Example(
        params={"layer": "places"},
        is_unknown=district_without_demand,
        one_more_place=None,
        more_demand=None,
    ),
    "grid_headroom": Example(
        params={"layer": "places", "headroom_share": 0.5, "capacity_column": "weight"},
        is_unknown=no_place_reached,
        one_more_place=None,
    ),
    "huff_share": Example(params={}, is_unknown=never, more_demand=1),
    "inside_area": Example(
        params={"layer": "places", "fade_m": RADIUS_M}, is_unknown=never, one_more_place=1
    ),
    "nearest_k_mean_time": Example(
        params={"layer": "places", "k": 2}, is_unknown=fewer_than_two_reached, one_more_place=-1
    ),
    "opportunities_within_reach": Example(
        params={"layer": "places", "minutes": MINUTES, "weight_column": "weight"},
        is_unknown=never,
        one_more_place=1,
    ),
    "plan_places": Example(
        params={"layer": "places", "minutes": MINUTES, "layer_column": "id"},
        is_unknown=never,
        one_more_place=1,
    ),
    "profile_detour": Example(
        params={"layer": "places", "profile": "truck", "free_profile": "car"},
        is_unknown=no_place_reached,
        one_more_place=None,
    ),
    "road_class_nearby": Example(
        params={
            "layer": "places",
            "layer_column": "type",
            "classes": {"h2_source": 0.7},
            "radius_m": RADIUS_M,
        },
        is_unknown=never,
        one_more_place=1,
    ),
    "supply_capacity_within_reach": Example(
        params={
            "layer": "places",
            "distance_km": MINUTES,
            "unit": "h2_source",
            "unit_column": "type",
            "capacity_column": "weight",
        },
        is_unknown=never,
        one_more_place=1,
    ),
    "two_step_fca": Example(params={"minutes": MINUTES}, is_unknown=never, more_demand=None),
    "attribute": Example(params={"column": "land_m2"}, is_unknown=empty_cell),
    "attribute_class": Example(
        params={"column": "type", "classes": WORTH}, is_unknown=class_not_in_table
    ),
    "clearance": Example(
        params={"layer": "places"}, is_unknown=no_place_at_all, one_more_place=-1
    ),
    "demand_at_site": Example(params={}, is_unknown=never, more_demand=1),
    "demand_within_reach": Example(
        params={"minutes": MINUTES, "profile": "truck"}, is_unknown=never, more_demand=1
    ),
    # More demand shifts a mean either way; its laws are in tests/test_criteria.py.
    "district_equity": Example(params={}, is_unknown=district_not_reached, more_demand=None),
    "gravity_access": Example(
        params={"layer": "places", "weight_column": "weight", "decay_minutes": MINUTES},
        is_unknown=never,
        one_more_place=1,
    ),
    "hydrogen_delivered_cost": Example(
        params={"layer": "places", "fixed_cny_per_kg": A, "cny_per_kg_100km": B},
        is_unknown=no_place_reached,
        one_more_place=-1,
    ),
    "population_exposure": Example(
        params={"layer": "places", "weight_column": "weight", "radius_m": RADIUS_M},
        is_unknown=never,
        one_more_place=1,
    ),
    "travel_distance_to_nearest": Example(
        params={"layer": "places"}, is_unknown=no_place_reached, one_more_place=-1
    ),
    "travel_time_to_nearest": Example(
        params={"layer": "places"}, is_unknown=no_place_reached, one_more_place=-1
    ),
}

# One without an example fails once, in the test that says so.
NAMES = sorted(EXAMPLES.keys() & criteria().keys())
each_criterion = pytest.mark.parametrize("name", NAMES)

# On a grid of 10 m, so that a hundred metres and the number that says so are the same; some on an
# island that no road reaches.
_spots = st.tuples(
    st.integers(-2000, 2000).map(lambda n: n / 100.0),
    st.one_of(
        st.integers(-2000, 2000).map(lambda n: n / 100.0),
        st.just(2 * stubs.ISLAND_Y / 1000.0),
    ),
)
_amounts = st.one_of(st.just(0.0), st.floats(1e-3, 1e6))
_districts = st.sampled_from(["市南区", "市北区", "黄岛区"])


@st.composite
def worlds(draw: st.DrawFn, least: int = 0) -> tuple[gpd.GeoDataFrame, Surroundings]:
    spots = draw(st.lists(_spots, min_size=least, max_size=6))
    n = len(spots)
    frame = stubs.candidates(
        spots,
        type=draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=n, max_size=n)),
        district=draw(st.lists(_districts, min_size=n, max_size=n)),
        berths=4.0,
        land_m2=np.array(
            draw(st.lists(st.one_of(_amounts, st.just(np.nan)), min_size=n, max_size=n)),
            dtype=float,
        ),
    )
    places = draw(st.lists(st.tuples(_spots, _amounts), max_size=5))
    asked = draw(st.lists(st.tuples(_spots, _amounts, _districts), max_size=6))
    world = on_ground(
        places=_places(places),
        demand_points=stubs.demand(
            [spot for spot, _, _ in asked],
            [amount for _, amount, _ in asked],
            # Some demand stands at candidates, as that of ships does.
            demand_id=[f"{'CD'[i % 2]}{i}" for i in range(len(asked))],
            district=[district for _, _, district in asked],
        ),
        existing=stubs.points(draw(st.lists(_spots, max_size=2))),
    )
    numbered = frame.set_index(pd.Index(range(100, 100 + n)))
    return numbered, world


def _places(rows: list[tuple[tuple[float, float], float]]) -> gpd.GeoDataFrame:
    return stubs.points(
        [spot for spot, _ in rows],
        id=[f"P{i}" for i in range(len(rows))],
        type="h2_source",
        name_zh=[
            f"{'市南区市北区黄岛区'[3 * (i % 3) : 3 * (i % 3) + 3]}" for i in range(len(rows))
        ],
        name_en="",
        weight=np.array([weight for _, weight in rows], dtype=float),
    )


def value(name: str, frame: gpd.GeoDataFrame, world: Surroundings, **other: Any) -> pd.Series:
    return measure(stubs.criterion(name, **{**EXAMPLES[name].params, **other}), frame, world)


def test_every_criterion_has_an_example() -> None:
    assert sorted(EXAMPLES) == sorted(criteria())


@each_criterion
def test_is_declared_in_full(name: str) -> None:
    known = criteria()[name]
    assert known.name == name == known.measure.__name__
    assert known.measure.__module__ == f"siting.criteria.{name}"
    assert isinstance(known.direction, Direction)
    is_open = name in {"attribute", "attribute_product"}
    assert known.unit or is_open, "only columns of any unit may leave it open"
    assert all(p.annotation is not p.empty for p in known.parameters.values())
    doc = inspect.getdoc(known.measure) or ""
    assert all(f"{word}\n---" in doc for word in ("Parameters", "Returns"))
    assert all(parameter in doc for parameter in known.parameters)
    assert set(EXAMPLES[name].params) <= set(known.parameters)


@each_criterion
@given(world=worlds())
@settings(max_examples=20)
def test_answers_on_the_same_index_with_numbers_and_nan_only_as_documented(
    name: str, world: tuple[gpd.GeoDataFrame, Surroundings]
) -> None:
    frame, around = world
    values = value(name, frame, around)
    pd.testing.assert_index_equal(values.index, frame.index)
    assert values.dtype == np.float64
    assert values.name == "key"
    assert not np.isinf(values).any()
    expected = EXAMPLES[name].is_unknown(frame, around)
    np.testing.assert_array_equal(values.isna().to_numpy(), expected)


@each_criterion
@given(world=worlds())
@settings(max_examples=12)
def test_leaves_what_it_is_given_alone(
    name: str, world: tuple[gpd.GeoDataFrame, Surroundings]
) -> None:
    frame, around = world
    given_frames = [frame, around.demand, around.existing, *around.layers.values()]
    before = [each.copy(deep=True) for each in given_frames]
    first = value(name, frame, around)
    for now, then in zip(given_frames, before, strict=True):
        assert_geodataframe_equal(now, then)
    pd.testing.assert_series_equal(value(name, frame, around), first)


@each_criterion
@given(world=worlds(least=2), order=st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_gives_a_candidate_the_same_value_wherever_it_stands(
    name: str, world: tuple[gpd.GeoDataFrame, Surroundings], order: Any
) -> None:
    frame, around = world
    rows = list(range(len(frame)))
    order.shuffle(rows)
    shuffled = frame.iloc[rows]
    pd.testing.assert_series_equal(
        value(name, shuffled, around).sort_index(), value(name, frame, around), check_exact=True
    )


@pytest.mark.parametrize("name", [name for name in NAMES if criteria()[name].is_of_place])
@given(world=worlds(least=2))
@settings(max_examples=20)
def test_a_measure_of_places_asks_neither_for_the_row_nor_for_the_others(
    name: str, world: tuple[gpd.GeoDataFrame, Surroundings]
) -> None:
    frame, around = world
    bare = frame[["district", "geometry"]].iloc[1:]
    pd.testing.assert_series_equal(
        value(name, bare, around), value(name, frame, around).iloc[1:], check_exact=True
    )


@each_criterion
def test_candidates_on_one_spot_have_one_value(name: str) -> None:
    rng = np.random.default_rng(7)
    frame = stubs.candidates([0.5] * 41, type="a", land_m2=3.0, berths=4.0)
    frame["candidate_id"] = "C0"
    around = on_ground(
        places=_places([((x, y), w) for x, y, w in rng.uniform(0.1, 9, (33, 3))]),
        demand_points=stubs.demand(
            list(rng.uniform(-5, 5, 33)),
            list(rng.uniform(0, 1e3, 33)),
            demand_id=[f"C{i}" for i in range(33)],
        ),
        existing=stubs.points([3.0, 4.0]),
    )
    # To the last bit: where equal sites differ, the order of the file decides instead of the id.
    assert len(set(value(name, frame, around))) == 1


@each_criterion
@given(world=worlds(least=1))
@settings(max_examples=12)
def test_does_not_depend_on_the_order_of_places_and_demand(
    name: str, world: tuple[gpd.GeoDataFrame, Surroundings]
) -> None:
    frame, around = world
    turned = replace(
        around,
        demand=around.demand[::-1],
        existing=around.existing[::-1],
        layers={"places": around.layers["places"][::-1]},
    )
    pd.testing.assert_series_equal(
        value(name, frame, turned), value(name, frame, around), rtol=1e-12, atol=0.0
    )


def _not_less(more: NDArray[np.float64], less: NDArray[np.float64]) -> bool:
    return bool(np.all(more >= less - 1e-9 * np.abs(np.nan_to_num(less, posinf=0.0))))


@each_criterion
@given(world=worlds(least=1), spot=_spots, weight=_amounts)
@settings(max_examples=20)
def test_one_more_place_moves_it_one_way_only(
    name: str,
    world: tuple[gpd.GeoDataFrame, Surroundings],
    spot: tuple[float, float],
    weight: float,
) -> None:
    frame, around = world
    places = pd.concat([around.layers["places"], _places([(spot, weight)])], ignore_index=True)
    before = value(name, frame, around)
    after = value(name, frame, replace(around, layers={"places": places}))
    sign = EXAMPLES[name].one_more_place
    if sign is None:
        assert len(after) == len(before)
    elif sign == 0:
        pd.testing.assert_series_equal(after, before)
    elif sign > 0:
        assert _not_less(after.to_numpy(), before.to_numpy())
    else:  # what is not reached is farther than anything
        assert _not_less(before.fillna(np.inf).to_numpy(), after.fillna(np.inf).to_numpy())


@pytest.mark.parametrize("name", sorted(n for n, e in EXAMPLES.items() if e.more_demand == 1))
@given(world=worlds(least=1), extra=st.floats(0.0, 1e3), row=st.integers(0, 5))
@settings(max_examples=20)
def test_more_demand_never_lowers_it(
    name: str, world: tuple[gpd.GeoDataFrame, Surroundings], extra: float, row: int
) -> None:
    frame, around = world
    raised = around.demand.copy()
    raised["demand"] += np.where(np.arange(len(raised)) == row, extra, 0.0)
    after = value(name, frame, replace(around, demand=raised))
    assert _not_less(after.to_numpy(), value(name, frame, around).to_numpy())


@pytest.mark.parametrize("name", sorted(n for n, e in EXAMPLES.items() if e.more_demand == 0))
@given(world=worlds(least=1))
@settings(max_examples=10)
def test_the_others_do_not_look_at_demand(
    name: str, world: tuple[gpd.GeoDataFrame, Surroundings]
) -> None:
    frame, around = world
    without = replace(around, demand=stubs.demand([], []), existing=stubs.points([]))
    pd.testing.assert_series_equal(value(name, frame, without), value(name, frame, around))


@each_criterion
def test_no_candidate_gives_no_value(name: str) -> None:
    around = on_ground(places=_places([((1.0, 0.0), 2.0)]), demand_points=stubs.demand([0], [1.0]))
    frame = stubs.candidates([1], land_m2=5.0, berths=4.0).iloc[:0]
    values = value(name, frame, around)
    assert len(values) == 0
    assert values.dtype == np.float64


def _that_take(parameter: str) -> list[str]:
    return [name for name in NAMES if parameter in criteria()[name].parameters]


@pytest.mark.parametrize("name", _that_take("layer"))
def test_a_layer_that_is_not_there_is_named(name: str) -> None:
    frame = stubs.candidates([0, 1])
    with pytest.raises(MissingLayerError, match=r"rivers.*no such layer.*places"):
        value(name, frame, on_ground(places=_places([])), layer="rivers")


@pytest.mark.parametrize("name", _that_take("where"))
def test_a_column_to_select_by_that_is_not_there_is_named(name: str) -> None:
    around = on_ground(places=_places([((0.0, 0.0), 1.0)]))
    with pytest.raises(MissingLayerError, match=r"layer places: no column colour"):
        value(name, stubs.candidates([0]), around, where={"colour": ("red",)})


@pytest.mark.parametrize("name", _that_take("where"))
def test_where_picks_rows(name: str) -> None:
    places = _places([((1.0, 0.0), 2.0), ((3.0, 0.0), 1.0)])
    frame = stubs.candidates([0])
    one = value(name, frame, on_ground(places=places), where={"id": ("P1",)})
    only = value(name, frame, on_ground(places=places.iloc[1:]))
    pd.testing.assert_series_equal(one, only)


@pytest.mark.parametrize("name", _that_take("weight_column"))
def test_a_weight_column_that_is_not_there_is_named(name: str) -> None:
    around = on_ground(places=_places([((0.0, 0.0), 1.0)]))
    with pytest.raises(MissingLayerError, match=r"layer places: no column persons"):
        value(name, stubs.candidates([0]), around, weight_column="persons")


@pytest.mark.parametrize("name", _that_take("column"))
def test_a_candidate_column_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(MissingLayerError, match=r"candidates have no such column"):
        value(name, stubs.candidates([0]), on_ground(), column="slope_deg")


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        (name, parameter)
        for parameter in ("minutes", "decay_minutes", "radius_m")
        for name in _that_take(parameter)
    ],
)
def test_a_reach_must_be_above_zero(name: str, parameter: str, bad: float) -> None:
    around = on_ground(places=_places([]))
    with pytest.raises(ConfigError, match=f"{name}, parameter {parameter}: not above 0"):
        value(name, stubs.candidates([0]), around, **{parameter: bad})


@pytest.mark.parametrize("name", sorted({*_that_take("profile")} - {"profile_detour"}))
def test_the_profile_named_in_the_params_drives(name: str) -> None:
    places = _places([((8.0, 0.0), 2.0), ((9.0, 0.0), 2.0)])
    asked = stubs.demand([8], [3.0])
    existing = stubs.points([8])
    around = on_ground(places=places, demand_points=asked, existing=existing)
    seen: list[str] = []

    def spy(*args: Any, profile: str, **kwargs: Any) -> NDArray[np.float64]:
        seen.append(profile)
        return stubs.travel(*args, profile=profile, **kwargs)

    params = {k: v for k, v in EXAMPLES[name].params.items() if k != "profile"}
    for named, driven in ({}, "car"), ({"profile": "truck"}, "truck"):
        seen.clear()
        spec = stubs.criterion(name, **params, **named)
        measure(spec, stubs.candidates([0]), replace(around, travel=spy))
        assert set(seen) == {driven}
