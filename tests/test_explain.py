"""Why a site: every criterion and rule in words, in both languages, on any terminal."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from siting.errors import InputError
from siting.explain import explain
from siting.model import Result
from tests.sample import NASTY_NAMES, TEMPLATE_NAME, sample_result


@pytest.fixture(scope="module")
def result() -> Result:
    return sample_result()


def with_hub(result: Result, **cells: Any) -> Result:
    """Return the sample with cells of its hydrogen candidate C001 changed."""
    candidates = result.candidates.copy()
    for column, value in cells.items():
        candidates.loc[rows_of(candidates, "hydrogen", "C001").index, column] = value
    return replace(result, candidates=candidates)


def rows_of(frame: Any, facility: str, candidate: str) -> Any:
    return frame[(frame["facility"] == facility) & (frame["candidate_id"] == candidate)]


def test_every_criterion_is_told_largest_contribution_first(result: Result) -> None:
    said = explain(result, "C001", facilities=["hydrogen"])
    parts = rows_of(result.criteria, "hydrogen", "C001")
    told = [line for line in said.splitlines() if re.match(r" {4}\d\.\d{3} = ", line)]
    amounts = [float(line.split()[0]) for line in told]
    assert amounts == sorted(amounts, reverse=True)
    assert sorted(amounts) == sorted(round(float(x), 3) for x in parts["contribution"])
    specs = {row.key: row.label.en for row in result.study.facilities[0].criteria}
    for key in parts["criterion"]:
        assert any(specs[key] in line for line in told)
    (row,) = rows_of(result.candidates, "hydrogen", "C001").itertuples()
    assert sum(amounts) == pytest.approx(row.score, abs=0.002)
    assert f"score {row.score:.3f}, rank {row.rank:.0f} of " in said


def test_every_rule_is_told_with_clause_and_outcome(result: Result) -> None:
    said = explain(result, "C001", facilities=["hydrogen"]).splitlines()
    for answer in rows_of(result.rules, "hydrogen", "C001").itertuples():
        (spec,) = [rule for rule in result.study.facilities[0].rules if rule.key == answer.rule]
        (line,) = [line for line in said if spec.clause in line]
        word = {"pass": "pass", "fail": "FAIL", "survey": "survey"}[answer.outcome]
        assert line.split()[0] == word
        assert ("clause not verified" in line) is not spec.verified
        assert ("margin" in line) is not np.isnan(answer.margin_m)


def test_whom_it_serves_is_told(result: Result) -> None:
    said = explain(result, "C001", facilities=["hydrogen"])
    served = rows_of(result.allocation, "hydrogen", "C001")
    assert f"serves {len(served)} demand points, " in said
    for row in served.itertuples():
        assert f"({row.time_min:.1f} min, {row.distance_km:.1f} km)" in said


def test_a_candidate_of_several_types_is_told_for_each_in_the_study_s_order(
    result: Result,
) -> None:
    said = explain(result, "C001")
    titles = [line for line in said.splitlines() if "· C001" in line]
    assert [title.split(" · ")[0] for title in titles] == ["Hydrogen refuelling", "Charging"]
    assert explain(result, "C001", facilities=["charging"]) == said.split("\n\n")[1]


def test_the_standing_is_told(result: Result) -> None:
    said = {key: explain(result, key).splitlines()[3] for key in ("C003", "C002", "C005")}
    assert said["C003"].endswith("chosen for the plan")
    assert said["C002"].endswith("not chosen")
    assert said["C005"].endswith("not ranked; excluded by a rule")


def test_chinese_speaks_chinese(result: Result) -> None:
    said = explain(result, "C001", facilities=["hydrogen"], language="zh")
    english = explain(result, "C001", facilities=["hydrogen"], language="en")
    assert said.startswith("加氢站 · C001 前湾集疏运枢纽\n")
    assert "越大越好" in said
    assert "越小越好" in said
    for word in ("score", "chosen", "more is better", "margin", "pass", "demand points"):
        assert word in english
        assert word not in said


def test_an_unknown_score_is_not_a_number_nor_zero(result: Result) -> None:
    said = explain(result, "C004")
    assert "nan" not in said.lower()
    assert "no score, a criterion is not known" in said


def test_an_unknown_position_is_a_question_mark(result: Result) -> None:
    unknown = {"uncertainty_m": np.nan, "access_m": np.nan, "confidence": ""}
    said = explain(with_hub(result, **unknown), "C001", facilities=["hydrogen"])
    assert "position confidence ?, about ? m; road ? m away" in said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_names_are_text_and_stay_on_their_line(result: Result, language: Any) -> None:
    lines = {key: len(explain(result, key).splitlines()) for key in ("C001", "C002")}
    assert lines["C001"] > lines["C002"]  # two facilities, one
    told = ""
    for candidate in result.candidates["candidate_id"].unique():
        said = explain(result, candidate, language=language)
        assert all(line.isprintable() for line in said.split("\n"))
        told += said
    shown = {name for name in NASTY_NAMES if name.isprintable() and name in told}
    assert TEMPLATE_NAME in shown or language == "en"  # not evaluated, not lost
    assert shown


def test_escapes_in_a_name_cannot_reach_the_terminal(result: Result) -> None:
    nasty = with_hub(result, name_en="Hub\x1b]0;pwned\x07\r\n\u202efake")
    title = explain(nasty, "C001", facilities=["hydrogen"]).split("\n")[0]
    assert title == "Hydrogen refuelling · C001 Hub ]0;pwned    fake"


def test_large_numbers_are_not_powers_of_ten(result: Result) -> None:
    criteria = result.criteria.copy()
    criteria.loc[rows_of(criteria, "hydrogen", "C001").index[0], "raw"] = 1_234_567.8
    said = explain(replace(result, criteria=criteria), "C001", facilities=["hydrogen"])
    assert "(1,234,568 kg/day" in said


@pytest.mark.parametrize(
    ("candidate", "facilities", "words"),
    [
        ("X1", (), ["site X1", "no candidate has this id", "one of 11 ids, e.g. B01"]),
        ("", (), ["no candidate has this id"]),
        ("B01", ("hydrogen",), ["in these facilities", "one of 5 ids, e.g. C001"]),
        ("C001", ("petrol",), ["holds no such facility", "petrol", "hydrogen, charging"]),
    ],
)
def test_what_is_not_there_is_told(
    result: Result, candidate: str, facilities: tuple[str, ...], words: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        explain(result, candidate, facilities=facilities)
    (line,) = str(caught.value).splitlines()
    assert all(word in line for word in words), line


def test_every_site_of_the_sample_can_be_explained(result: Result) -> None:
    assert len(result.sites)
    for candidate in result.sites["candidate_id"]:
        assert "chosen for the plan" in explain(result, candidate)
