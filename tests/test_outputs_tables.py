"""scores.csv and the wide candidate table; the shared classes and colours."""

import csv
import io
import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maps import style
from maps.tables import guard_formula, render_scores, widen_candidates
from siting.model import Result
from tests.sample import FORMULA_NAME, NASTY_NAMES, sample_result


def _rows(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render_scores(result), newline="")))


def _row(rows: list[dict[str, str]], facility: str, key: str) -> dict[str, str]:
    (row,) = (r for r in rows if (r["facility"], r["candidate_id"]) == (facility, key))
    return row


def test_a_row_per_facility_and_candidate_sorted_whatever_the_order_before() -> None:
    result = sample_result()
    turned = replace(result, candidates=result.candidates.iloc[::-1])
    keys = [(row["facility"], row["candidate_id"]) for row in _rows(turned)]
    assert keys == sorted(
        zip(result.candidates["facility"], result.candidates["candidate_id"], strict=True)
    )
    assert len(keys) == 12


def test_columns_stand_in_the_promised_order() -> None:
    header = render_scores(sample_result()).splitlines()[0].split(",")
    assert header == [
        *("facility", "candidate_id", "name_zh", "name_en", "type", "district", "lon", "lat"),
        *("score", "rank", "rank_p05", "rank_p95", "top_n_share"),
        *("role", "is_chosen", "is_excluded", "excluded_by"),
        *("raw_demand", "raw_grid", "raw_equity"),
        *("contribution_demand", "contribution_grid", "contribution_equity"),
    ]


def test_values_are_those_of_the_result_and_contributions_add_up() -> None:
    rows = _rows(sample_result())
    row = _row(rows, "hydrogen", "C001")
    assert (row["lon"], row["lat"]) == ("120.19", "36.01")
    assert (row["score"], row["rank"], row["is_chosen"]) == ("0.79", "1", "true")
    assert (row["raw_demand"], row["contribution_demand"]) == ("36", "0.45")
    for row in rows:
        parts = [row[name] for name in row if name.startswith("contribution_")]
        if row["score"]:
            assert sum(map(float, parts)) == pytest.approx(float(row["score"]), abs=2e-6)


def test_the_same_id_in_two_facilities_keeps_its_own_numbers() -> None:
    rows = _rows(sample_result())
    assert _row(rows, "charging", "C001")["raw_demand"] == "16"
    assert _row(rows, "hydrogen", "C001")["raw_demand"] == "36"


def test_unknown_is_empty_not_zero_and_exclusions_name_their_rule() -> None:
    row = _row(_rows(sample_result()), "hydrogen", "C004")
    assert [row[n] for n in ("score", "rank", "raw_demand", "contribution_demand")] == [""] * 4
    assert (row["is_excluded"], row["excluded_by"]) == ("true", "protected_area")
    rules = sample_result().rules.assign(outcome="fail")
    row = _row(_rows(replace(sample_result(), rules=rules)), "hydrogen", "C001")
    assert row["excluded_by"] == "on_land;protected_area"


def test_a_survey_does_not_exclude() -> None:
    assert not _row(_rows(sample_result()), "charging", "C007")["excluded_by"]


@pytest.mark.parametrize(
    "text",
    [FORMULA_NAME, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"],
)
def test_text_is_never_a_formula(text: str) -> None:
    assert guard_formula(text) == "'" + text
    result = sample_result()
    named = replace(result, candidates=result.candidates.assign(name_zh=text))
    assert {row["name_zh"] for row in _rows(named)} == {"'" + text}


def test_hostile_names_are_shown_literally_and_break_no_row() -> None:
    result = sample_result()
    text = 'a\r\nb,c"d\re\nf'
    named = replace(result, candidates=result.candidates.assign(name_zh=text, district=";"))
    assert {row["name_zh"] for row in _rows(named)} == {text}
    shown = {row[name] for row in _rows(result) for name in ("name_zh", "name_en")}
    for name in set(NASTY_NAMES) - {FORMULA_NAME}:
        assert name in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1e-7, "0"),
        (-1e-9, "0"),
        (1234567.1234567, "1234567.123457"),
        (-2.5, "-2.5"),
        (100.0, "100"),
    ],
)
def test_numbers_have_six_decimals_at_most(value: float, shown: str) -> None:
    result = sample_result()
    criteria = result.criteria.assign(raw=value)
    assert {row["raw_grid"] for row in _rows(replace(result, criteria=criteria))} == {shown}


def test_no_candidates_leave_the_header() -> None:
    result = sample_result()
    bare = replace(
        result,
        candidates=result.candidates.iloc[:0],
        criteria=result.criteria.iloc[:0],
        rules=result.rules.iloc[:0],
    )
    assert len(render_scores(bare).splitlines()) == 1
    assert not len(widen_candidates(bare))


def test_widening_keeps_rows_index_and_argument() -> None:
    result = sample_result()
    candidates = result.candidates.set_index(np.arange(100, 112))
    before = candidates.copy()
    wide = widen_candidates(replace(result, candidates=candidates))
    assert list(wide.index) == list(candidates.index)
    assert wide.crs == candidates.crs
    pd.testing.assert_frame_equal(pd.DataFrame(candidates), pd.DataFrame(before))
    assert wide.loc[100, "value_demand"] == pytest.approx(0.4)


def test_a_criterion_of_one_facility_is_unknown_for_the_others() -> None:
    result = sample_result()
    mine = (result.criteria["criterion"] != "grid") | (result.criteria["facility"] == "hydrogen")
    wide = widen_candidates(replace(result, criteria=result.criteria[mine]))
    assert set(wide.loc[wide["raw_grid"].notna(), "facility"]) == {"hydrogen"}


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.0, 0), (0.2, 0), (0.2000001, 1), (0.4, 1), (0.5, 2), (0.8, 3), (0.81, 4), (1.0, 4)],
)
def test_a_score_on_a_break_falls_into_the_lower_class(score: float, expected: int) -> None:
    assert style.score_class(score) == expected
    low, high = style.score_ranges()[expected]
    assert low <= score <= high


def test_an_unknown_score_has_no_class() -> None:
    assert style.score_class(float("nan")) == style.NO_SCORE


def test_classes_colours_and_sizes_go_together() -> None:
    ranges = style.score_ranges()
    sizes = (style.SCORE_COLOURS, style.SCORE_TEXT_COLOURS, style.SCORE_RADII_PX)
    assert {len(ranges)} == {len(items) for items in sizes}
    assert (ranges[0][0], ranges[-1][1]) == (0.0, 1.0)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(ranges))


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_score_ramp_gets_lighter_step_by_step_and_its_text_is_legible() -> None:
    lights = [_luminance(colour) for colour in style.SCORE_COLOURS]
    assert all(b > 1.4 * a for a, b in itertools.pairwise(lights))
    pairs = zip(style.SCORE_COLOURS, style.SCORE_TEXT_COLOURS, strict=True)
    assert min(_contrast(*pair) for pair in pairs) >= 4.5


@pytest.mark.parametrize(
    "colour", ["red", "#12345", "#1234567", "#12345g", "url(x)", "", "#123456;"]
)
def test_only_a_hex_colour_leaves_a_facility_file(colour: str) -> None:
    assert style.facility_colour("hydrogen", colour) == "#0072b2"
    assert style.facility_colour("ferry", colour, position=5) == style.OTHER_FACILITY_COLOURS[1]
    assert style.facility_colour("ferry", "#ABCDEF") == "#abcdef"
