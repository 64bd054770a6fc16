"""Rules about the ground, distances too fine for a map, the area each rule takes, one place asked."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

from siting.constraints import exclusions, free_ground, screen, screen_place
from siting.errors import MissingLayerError
from siting.frames import RESULT_FRAMES
from siting.model import Grid, Inputs, RuleSpec
from tests import stubs
from tests.stubs import candidates, facility, inputs, rule, shapes

# 10 x 10 km; west of x = 4 km flat and covered by 50, east of it rising by a metre in two, cover 80.
STUDY = shapely.box(0, 0, 10_000, 10_000)
COLUMN = np.arange(100.0)
HEIGHT = np.broadcast_to(np.maximum(COLUMN - 40, 0.0) * 50.0, (100, 100)).astype(np.float32)
COVER = np.where(COLUMN < 40, 50.0, 80.0) * np.ones((100, 1))
PLACED: dict[str, Any] = {"transform": (100.0, 0.0, 0.0, 0.0, -100.0, 10_000.0), "crs": stubs.CRS}
SLOPE = np.degrees(
    np.arctan(0.5)
)  # the metres of the CRS are 0.3 % too long so far from its middle


def world(**layers: gpd.GeoDataFrame) -> Inputs:
    given = inputs(districts=shapes([STUDY], id=["X"]), **layers)
    grids = {
        "elevation": Grid(values=HEIGHT, **PLACED),
        "land_cover": Grid(values=COVER.astype(np.float32), **PLACED),
    }
    return replace(given, grids=grids)


def waterfall(given: Inputs, *rules: RuleSpec) -> pd.DataFrame:
    return exclusions(given, [replace(facility(), rules=rules)])


# -- raster rules ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "expected"), [(SLOPE - 0.2, "fail"), (SLOPE + 0.2, "pass")])
def test_a_slope_is_allowed_up_to_its_limit_and_looked_at_where_it_is_not_known(
    limit: float, expected: str
) -> None:
    asked = [rule("slope_at_most", grid="elevation", maximum_deg=float(limit))]
    found = screen(candidates([(2, 5), (7, 5), (20, 5)], uncertainty_m=900.0), world(), asked)
    assert found["outcome"].to_list() == ["pass", expected, "survey"]
    assert found["margin_m"].isna().all()


def test_a_land_cover_is_not_one_of_these() -> None:
    asked = [rule("cover_not_one_of", grid="land_cover", values=[80, 90])]
    found = screen(candidates([(2, 5), (7, 5), (20, 5)]), world(), asked)
    assert found["outcome"].to_list() == ["pass", "fail", "survey"]


@pytest.mark.parametrize(
    "asked",
    [
        rule("slope_at_most", grid="heights", maximum_deg=1.0),
        rule("cover_not_one_of", grid="heights", values=[1]),
    ],
    ids=lambda asked: asked.kind,
)
def test_a_missing_raster_is_named_with_those_there_are(asked: RuleSpec) -> None:
    with pytest.raises(MissingLayerError, match=r"no raster heights.*elevation, land_cover"):
        screen(candidates([0]), world(), [asked])


# -- screening -------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(away_m=st.floats(0, 200), unsure_m=st.floats(0, 200))
def test_a_screening_never_fails_within_the_certainty_of_the_position(
    away_m: float, unsure_m: float
) -> None:
    line = shapes([shapely.LineString([(0, -9e3), (0, 9e3)])])
    frame = candidates([(away_m / 1000.0, 0.0)], uncertainty_m=unsure_m)
    given_rules = [
        rule("outside", layer="rails", clearance_m=50.0, screening=True),
        replace(rule("outside", layer="rails", clearance_m=50.0), key="hard"),
    ]
    soft, hard = screen(frame, inputs(rails=line), given_rules)["outcome"]
    margin_m = frame.geometry.x[0] - 50.0
    assert hard == ("fail" if margin_m <= 0 else "survey" if margin_m < unsure_m else "pass")
    assert soft == (
        "fail"
        if margin_m < -unsure_m
        else "pass"
        if margin_m >= unsure_m > -1 and margin_m > 0
        else "survey"
    )


def test_the_setbacks_that_are_shipped_are_not_verified_and_name_their_clause() -> None:
    from siting._config_layers import load_rules  # noqa: PLC0415 - only this test looks at files

    problems: list[Any] = []
    rules = load_rules(problems)
    assert problems == []
    fire = {
        key: r for key, r in rules.items() if key.endswith("_setback") and key != "coast_setback"
    }
    assert len(fire) == 5
    for found in fire.values():
        assert not found.verified
        assert "GB 50516" in found.clause
        assert found.params["screening"] is True
    lines = ("permanent_farmland", "ecological_redline", "growth_boundary")
    assert [rules[key].kind for key in lines] == ["outside", "outside", "inside"]
    for key in (*lines, "gentle_slope", "public_building_setback", "railway_setback"):
        stands_in = rules[key].absent
        assert stands_in is not None
        assert stands_in.zh != stands_in.en


# -- the area each rule takes ----------------------------------------------------------------------


def test_a_waterfall_worked_out_by_hand() -> None:
    given = world(
        nature=shapes([shapely.box(0, 0, 2000, 10_000), shapely.box(-5000, 0, 0, 10_000)]),
        town=shapes([shapely.box(1000, 0, 9000, 10_000)]),
    )
    found = waterfall(
        given,
        replace(rule("inside", layer="town"), key="in_town"),
        replace(rule("outside", layer="nature"), key="no_nature"),
        replace(rule("at_least", column="land_m2", minimum=1.0), key="land"),
        replace(rule("cover_not_one_of", grid="land_cover", values=[80]), key="dry"),
        replace(rule("slope_at_most", grid="elevation", maximum_deg=5.0), key="flat"),
    )
    assert tuple(found.columns) == RESULT_FRAMES["exclusions"]
    assert found["rule"].to_list() == ["in_town", "no_nature", "land", "dry", "flat"]
    nan = np.nan
    np.testing.assert_allclose(found["alone_km2"], [20, 20, nan, 60, 57.82], atol=0.7)
    np.testing.assert_allclose(found["removed_km2"], [20, 10, nan, 50, 0], atol=0.7)
    np.testing.assert_allclose(found["left_km2"], [80, 70, 70, 20, 20], atol=0.7)
    # Shapes are exact, whatever stands beside them.
    assert found["alone_km2"][:2].to_list() == [20.0, 20.0]
    assert found["left_km2"][:3].to_list() == [80.0, 70.0, 70.0]


def test_a_clearance_takes_a_round_strip() -> None:
    given = world(wells=shapes([shapely.Point(5000, 5000)]))
    found = waterfall(given, rule("outside", layer="wells", clearance_m=1000.0))
    assert found["alone_km2"][0] == pytest.approx(np.pi, rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(
    boxes=st.lists(
        st.tuples(*[st.integers(-2, 11)] * 2, *[st.integers(1, 6)] * 2, st.booleans()), max_size=4
    )
)
def test_what_is_removed_adds_up_and_never_exceeds_what_is_removed_alone(
    boxes: list[tuple[int, int, int, int, bool]],
) -> None:
    layers, rules = {}, []
    for k, (x, y, wide, high, is_inside) in enumerate(boxes):
        layers[f"l{k}"] = shapes([shapely.box(*(1000 * v for v in (x, y, x + wide, y + high)))])
        kind = "inside" if is_inside else "outside"
        rules.append(replace(rule(kind, layer=f"l{k}"), key=f"r{k}"))
    given = world(**layers)
    found = waterfall(given, *rules)
    total = found["removed_km2"].sum() + (found["left_km2"].iloc[-1] if len(found) else 100.0)
    assert total == pytest.approx(100.0, abs=1e-4)
    assert (found["removed_km2"] <= found["alone_km2"] + 1e-6).all()
    assert (found["left_km2"].diff().dropna() <= 0).all()
    left = free_ground(given, rules)
    assert left.area / 1e6 == pytest.approx(found["left_km2"].iloc[-1] if len(found) else 100.0)
    # What is left is where every rule passes: asked at random places well inside or outside.
    rng = np.random.default_rng(0)
    places = rng.uniform(0.05, 9.95, (20, 2))
    outcomes = screen(candidates([tuple(p) for p in places]), given, rules)
    failed = set(outcomes.loc[outcomes["outcome"] == "fail", "candidate_id"])
    is_free = shapely.contains_xy(left, *(1000 * places.T))
    assert failed == {f"C{i}" for i in np.flatnonzero(~is_free)}


def test_without_a_study_area_nothing_is_removed_but_nothing_can_be_drawn() -> None:
    given = inputs(nature=shapes([shapely.box(0, 0, 1, 1)]))
    found = waterfall(given, rule("outside", layer="nature"))
    assert found[["alone_km2", "removed_km2", "left_km2"]].to_numpy().tolist() == [[0.0, 0.0, 0.0]]
    with pytest.raises(MissingLayerError, match="where the study area is"):
        free_ground(given, [])


def test_facilities_are_sorted_and_share_their_rules() -> None:
    given = world(nature=shapes([shapely.box(0, 0, 2000, 10_000)]))
    rules = (rule("outside", layer="nature"),)
    kinds = [replace(facility(), key=key, rules=rules) for key in ("z", "a")]
    found = exclusions(given, kinds)
    assert found["facility"].to_list() == ["a", "z"]
    assert found["removed_km2"].to_list() == [20.0, 20.0]


# -- one place -------------------------------------------------------------------------------------


def test_a_place_learns_every_clause_that_forbids_it_and_what_could_not_be_asked() -> None:
    given = world(nature=shapes([shapely.box(6000, 0, 8000, 10_000)]))
    rules = [
        rule("outside", layer="nature"),
        rule("slope_at_most", grid="elevation", maximum_deg=5.0),
        rule("inside", layer="growth"),
        rule("at_least", column="land_m2", minimum=1.0),
        rule("cover_not_one_of", grid="land_cover", values=[10]),
    ]
    found = screen_place(shapely.Point(6500, 5000), given, rules)
    assert found["outcome"].to_list() == ["fail", "fail", "survey", "survey", "pass"]
    assert found["missing"].to_list() == ["", "", "layer growth", "column land_m2", ""]
    assert found["margin_m"][0] == -500.0
    assert found["clause"].to_list() == [r.clause for r in rules]
    assert found["verified"].to_list() == [r.verified for r in rules]


def test_an_uncertain_place_is_for_a_survey_and_no_rules_give_no_rows() -> None:
    given = world(nature=shapes([shapely.box(6000, 0, 8000, 10_000)]))
    rules = [rule("outside", layer="nature")]
    place = shapely.Point(5900, 5000)
    assert screen_place(place, given, rules)["outcome"].item() == "pass"
    assert screen_place(place, given, rules, uncertainty_m=101)["outcome"].item() == "survey"
    assert screen_place(place, given, []).empty
