"""Siting rules worked out by hand: outcomes, margins, surveys, exemptions, errors."""

import math

import numpy as np
import pandas as pd
import pytest
import shapely

from siting.constraints import CHECKS, PARAMETERS, screen
from siting.errors import InputError, MissingLayerError
from siting.frames import RESULT_FRAMES
from tests import stubs
from tests.stubs import candidates, inputs, rule, shapes

NAN = math.nan

# A square of 10 km with a hole of 6 km in the middle.
RING = shapely.box(0, 0, 10000, 10000) - shapely.box(2000, 2000, 8000, 8000)
AREAS = inputs(
    areas=shapes(
        [RING, shapely.box(20000, 0, 22000, 2000)], id=["A0", "A1"], constraint=["hard", "soft"]
    ),
    coast=shapes([shapely.LineString([(0, 0), (0, 10000)])], id=["L0"]),
)
SPOTS = [(1, 5), (3, 5), (-2, 5), (21, 1), (0, 5)]  # in, in the hole, out, in the second, edge


def outcomes(frame: pd.DataFrame) -> list[str]:
    return frame["outcome"].to_list()


def same(frame: pd.DataFrame, margins_m: list[float]) -> None:
    np.testing.assert_allclose(frame["margin_m"], margins_m, rtol=0, atol=1e-6)


def test_every_kind_states_its_parameters() -> None:
    assert PARAMETERS.keys() == CHECKS.keys()


def test_inside_measures_to_the_edge_and_a_hole_is_outside() -> None:
    found = screen(candidates(SPOTS), AREAS, [rule("inside", layer="areas")])
    assert outcomes(found) == ["pass", "fail", "fail", "pass", "pass"]
    same(found, [1000.0, -1000.0, -2000.0, 1000.0, 0.0])


def test_inside_forgives_up_to_the_tolerance() -> None:
    found = screen(candidates(SPOTS), AREAS, [rule("inside", layer="areas", tolerance_m=1000.0)])
    assert outcomes(found) == ["pass", "pass", "fail", "pass", "pass"]
    same(found, [2000.0, 0.0, -1000.0, 2000.0, 1000.0])


def test_outside_is_the_other_way_round_and_the_edge_is_not_outside() -> None:
    found = screen(candidates(SPOTS), AREAS, [rule("outside", layer="areas")])
    assert outcomes(found) == ["fail", "pass", "pass", "fail", "fail"]
    same(found, [-1000.0, 1000.0, 2000.0, -1000.0, 0.0])


def test_outside_keeps_a_clearance_and_only_from_what_where_says() -> None:
    rules = [rule("outside", layer="areas", where={"constraint": ("hard",)}, clearance_m=1000.0)]
    found = screen(candidates(SPOTS), AREAS, rules)
    assert outcomes(found) == ["fail", "fail", "pass", "pass", "fail"]
    same(found, [-2000.0, 0.0, 1000.0, 10000.0, -1000.0])


def test_a_line_has_no_inside() -> None:
    frame = candidates([(0.05, 5), (0.5, 5), (0, 5), (0, 13)])
    found = screen(frame, AREAS, [rule("outside", layer="coast", clearance_m=100.0)])
    assert outcomes(found) == ["fail", "pass", "fail", "pass"]
    same(found, [-50.0, 400.0, -100.0, 2900.0])
    on_it = screen(frame, AREAS, [rule("inside", layer="coast")])
    assert outcomes(on_it) == ["fail", "fail", "pass", "fail"]


def test_neighbours_are_one_area_without_a_seam() -> None:
    halves = inputs(
        areas=shapes([shapely.box(0, 0, 5000, 10000), shapely.box(5000, 0, 10000, 10000)])
    )
    found = screen(candidates([(5, 5)]), halves, [rule("inside", layer="areas")])
    same(found, [5000.0])


def test_areas_and_lines_in_one_layer() -> None:
    mixed = inputs(
        areas=shapes(
            [shapely.box(0, 0, 2000, 2000), shapely.LineString([(5000, 0), (5000, 2000)])]
        )
    )
    found = screen(candidates([(1, 1), (4, 1), (5, 1)]), mixed, [rule("outside", layer="areas")])
    assert outcomes(found) == ["fail", "pass", "fail"]
    same(found, [-1000.0, 1000.0, 0.0])


@pytest.mark.parametrize(("kind", "expected"), [("inside", "fail"), ("outside", "pass")])
def test_where_nothing_is_left_nothing_is_measured(kind: str, expected: str) -> None:
    rules = [rule(kind, layer="areas", where={"constraint": ("none such",)})]
    found = screen(candidates(SPOTS, uncertainty_m=500.0), AREAS, rules)
    assert outcomes(found) == [expected] * 5
    assert found["margin_m"].isna().all()


def test_a_pass_by_less_than_the_position_is_certain_is_a_survey() -> None:
    frame = candidates([(1, 5)] * 4 + [(3, 5)], uncertainty_m=[999.0, 1000.0, 1001.0, NAN, 9e9])
    found = screen(frame, AREAS, [rule("inside", layer="areas")])
    # A fail stays a fail, however uncertain.
    assert outcomes(found) == ["pass", "pass", "survey", "pass", "fail"]


def test_at_least_passes_what_is_not_known() -> None:
    frame = candidates([0] * 4, land_m2=[1640.0, 1639.9, NAN, 1e9], uncertainty_m=500.0)
    found = screen(frame, AREAS, [rule("at_least", column="land_m2", minimum=1640.0)])
    assert outcomes(found) == ["pass", "fail", "pass", "pass"]
    assert found["margin_m"].isna().all()


def test_at_most_fails_what_is_not_known() -> None:
    frame = candidates([0] * 4, access_m=[3000.0, 3000.1, NAN, 2600.0], uncertainty_m=401.0)
    found = screen(frame, AREAS, [rule("at_most", column="access_m", maximum=3000.0)])
    assert outcomes(found) == ["survey", "fail", "fail", "survey"]
    same(found, [0.0, -0.1, NAN, 400.0])


def test_not_one_of_reads_text_and_numbers() -> None:
    frame = candidates([0] * 3, exempt=["yes", "no", ""], floors=[1, 2, 3])
    by_text = screen(frame, AREAS, [rule("not_one_of", column="exempt", values=["yes"])])
    by_number = screen(frame, AREAS, [rule("not_one_of", column="floors", values=[2, 3])])
    assert outcomes(by_text) == ["fail", "pass", "pass"]
    assert outcomes(by_number) == ["pass", "fail", "fail"]


def test_survey_answers_survey() -> None:
    found = screen(candidates([0, 1]), AREAS, [rule("survey")])
    assert outcomes(found) == ["survey", "survey"]
    assert found["margin_m"].isna().all()


@pytest.mark.parametrize(
    "broken",
    [
        rule("outside", layer="areas", exempt_types=("port_gate",)),
        rule("survey", exempt_types=("port_gate",)),
        rule("at_least", column="land_m2", minimum=9.0, exempt_types=("port_gate",)),
    ],
    ids=lambda broken: broken.kind,
)
def test_exempt_types_pass_without_a_margin(broken: object) -> None:
    frame = candidates([(1, 5), (1, 5)], type=["port_gate", "hub"], land_m2=1.0)
    found = screen(frame, AREAS, [broken])
    assert outcomes(found)[0] == "pass"
    assert outcomes(found)[1] != "pass"
    assert math.isnan(found["margin_m"][0])


def test_a_candidate_that_fails_several_rules_says_all_in_their_order() -> None:
    frame = candidates([(1, 5), (-2, 5)], candidate_id=["C9", "C1"], land_m2=[1.0, 1.0])
    rules = [
        rule("survey"),
        rule("outside", layer="areas"),
        rule("at_least", column="land_m2", minimum=2.0),
    ]
    found = screen(frame, AREAS, rules)
    assert tuple(found.columns) == RESULT_FRAMES["rules"]
    assert found[["candidate_id", "rule", "outcome"]].to_numpy().tolist() == [
        ["C1", "the_survey", "survey"],
        ["C1", "the_outside", "pass"],
        ["C1", "the_at_least", "fail"],
        ["C9", "the_survey", "survey"],
        ["C9", "the_outside", "fail"],
        ["C9", "the_at_least", "fail"],
    ]
    assert (found["facility"] == "test").all()


def test_no_rules_and_no_candidates() -> None:
    columns = list(RESULT_FRAMES["rules"])
    assert list(screen(candidates([0]), AREAS, []).columns) == columns
    rules = [rule("inside", layer="areas"), rule("outside", layer="coast")]
    nobody = screen(candidates([0]).iloc[:0], AREAS, rules)
    assert (list(nobody.columns), len(nobody)) == (columns, 0)


def test_candidates_are_left_alone() -> None:
    frame = candidates(SPOTS, land_m2=1.0)
    before = frame.copy(deep=True)
    screen(frame, AREAS, [rule("inside", layer="areas"), rule("survey")])
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))


@pytest.mark.parametrize("kind", ["inside", "outside"])
def test_a_missing_layer_is_named_with_those_there_are(kind: str) -> None:
    with pytest.raises(MissingLayerError, match=rf"the_{kind}.*no layer rivers.*areas, coast"):
        screen(candidates([0]), AREAS, [rule(kind, layer="rivers")])


@pytest.mark.parametrize("kind", ["inside", "outside"])
def test_a_missing_column_to_select_by_is_named(kind: str) -> None:
    with pytest.raises(MissingLayerError, match=rf"the_{kind}: layer areas has no column level"):
        screen(candidates([0]), AREAS, [rule(kind, layer="areas", where={"level": ("1",)})])


@pytest.mark.parametrize(
    "asked",
    [
        rule("at_least", column="slots", minimum=1.0),
        rule("at_most", column="slots", maximum=1.0),
        rule("not_one_of", column="slots", values=[1]),
    ],
    ids=lambda asked: asked.kind,
)
def test_a_missing_column_of_the_candidates_is_named(asked: object) -> None:
    with pytest.raises(MissingLayerError, match="candidates have no column slots"):
        screen(candidates([0]), AREAS, [asked])


@pytest.mark.parametrize(
    "asked",
    [
        rule("at_least", column="type", minimum=1.0),
        rule("at_most", column="type", maximum=1.0),
    ],
    ids=lambda asked: asked.kind,
)
def test_words_are_no_numbers(asked: object) -> None:
    with pytest.raises(InputError, match=r"column type: 2 of 2 cells are no numbers.*petrol"):
        screen(candidates([0, 1]), AREAS, [asked])


def test_the_working_crs_of_the_stubs_is_metric() -> None:
    assert stubs.candidates([0]).crs.axis_info[0].unit_name == "metre"
