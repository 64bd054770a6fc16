"""report.md says what was chosen and why, and shows every name literally."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from maps.markdown import amount, escape, number, share, table
from maps.report import render_report
from siting.frames import RESULT_FRAMES
from siting.model import Judgement, Label, Result, Weighting
from tests.sample import (
    FORMULA_NAME,
    NASTY_NAMES,
    SCRIPT_NAME,
    TABLE_NAME,
    TEMPLATE_NAME,
    sample_result,
)


@pytest.fixture(scope="module")
def report() -> str:
    return render_report(sample_result())


def _section(report: str, title: str) -> str:
    start = report.index(f"## {title}")
    rest = report[start + 3 :]
    return rest[: match.start()] if (match := re.search(r"^## ", rest, re.MULTILINE)) else rest


def _tables(report: str) -> Iterator[list[list[str]]]:
    """Cells of every table, split at the pipes that Markdown takes for borders."""
    for block in re.findall(r"(?:^\|.*\|\n)+", report, re.MULTILINE):
        yield [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in block.splitlines()
        ]


def test_it_tells_per_facility_what_was_chosen_and_how_sure_it_is(report: str) -> None:
    text = _section(report, "港口岸电 / Shore power")
    for said in (
        "候选点 / candidates: 3；被规则排除 / excluded by rules: 1",
        "demand covered: 8,000 / 10,500 MWh/yr（76.2 %）",
        "预算内选择 / choice within a budget (budget)",
        "sites chosen (p): 1",
        "objective: 8,000 MWh/yr",
        "bound: 10,000 MWh/yr；差距 / gap: 20.0 %",
        "stopped by the time limit",
    ):
        assert said in text
    assert "proven: no plan exceeds the bound" in _section(report, "加氢站 / Hydrogen refuelling")
    assert "stopped by" not in _section(report, "加氢站 / Hydrogen refuelling")


def test_every_table_has_the_same_number_of_cells_in_each_row(report: str) -> None:
    tables = list(_tables(report))
    assert len(tables) == 3 * 8 + 3
    for rows in tables:
        assert {len(row) for row in rows} == {len(rows[0])}


def test_sites_stand_in_order_of_rank_with_their_numbers(report: str) -> None:
    sites, *_ = _tables(_section(report, "加氢站 / Hydrogen refuelling"))
    assert [row[1] for row in sites[2:]] == ["C001", "C003"]
    assert sites[2] == [
        *("1", "C001", "前湾集疏运枢纽 / Qianwan hub", "黄岛区", "port\\_gate"),
        *("0.790", "1", "1,200", "54.5 %", "12.5"),
    ]


def test_the_first_in_rank_comes_first() -> None:
    result = sample_result()
    turned = replace(
        result, sites=result.sites.assign(rank=result.sites["rank"].max() - result.sites["rank"])
    )
    sites, *_ = _tables(_section(render_report(turned), "加氢站 / Hydrogen refuelling"))
    assert [row[1] for row in sites[2:]] == ["C003", "C001"]


def test_cost_and_power_are_shown_where_known(report: str) -> None:
    heads = {
        name: next(_tables(_section(report, name)))[0]
        for name in ("充电站 / Charging", "加氢站 / Hydrogen", "港口岸电 / Shore power")
    }
    assert [sum("cost" in h for h in heads[name]) for name in heads] == [0, 1, 1]
    assert [sum("power (MVA)" in h for h in heads[name]) for name in heads] == [0, 0, 1]


def test_stability_agreement_and_ranks_are_told(report: str) -> None:
    _, _, stable, agreed, ranks, *_ = _tables(_section(report, "加氢站 / Hydrogen refuelling"))
    assert stable[2][1:] == ["0.50", "0.125 – 1", "↓ C002", "0 – 0.875", "0.250"]
    assert agreed[2] == ["逼近理想解 / TOPSIS", "0.750", "0.500", "50.0 %"]
    assert ranks[2] == ["1", "C001", "0.790", "1 – 2", "25.0 %"]
    assert "10000 次权重抽样" in report


def test_judgements_carry_their_matrix_and_consistency() -> None:
    result = sample_result()
    judged = Weighting(
        group="use",
        method="ahp",
        items=("demand", "grid"),
        weights=(0.75, 0.25),
        judgements=(
            Judgement(
                expert=TABLE_NAME,
                importance=2.0,
                matrix=((1.0, 3.0), (1 / 3, 1.0)),
                consistency_ratio=0.0625,
            ),
        ),
        consistency_ratio=0.03125,
        note=SCRIPT_NAME,
    )
    first, *others = result.study.facilities
    study = replace(result.study, facilities=(replace(first, weighting=(judged,)), *others))
    report = render_report(replace(result, study=study))
    _, _, matrix, weights, *_ = _tables(_section(report, "加氢站 / Hydrogen refuelling"))
    assert matrix[2:] == [
        ["服务范围内需求 / demand within reach", "1.000", "3.000"],
        ["变电站距离 / distance to a substation", "0.333", "1.000"],
    ]
    assert [row[1] for row in weights[2:]] == ["0.7500", "0.2500"]
    assert "一致性比率 / CR: 0.062" in report
    assert "combined CR: 0.031" in report
    assert "层次分析法 / AHP" in report
    assert SCRIPT_NAME not in report
    assert escape(TABLE_NAME) in report


def test_weights_assumptions_and_rules_carry_their_sources(report: str) -> None:
    _, weights, *_, assumptions, rules, _ = _tables(
        _section(report, "加氢站 / Hydrogen refuelling")
    )
    assert weights[3] == [
        *("变电站距离 / distance to a substation", "0.30", "km", "越小越好 / less is better"),
        *("own assumption \\| see §3", "C"),
    ]
    assert assumptions[2][1:4] == ["0.5", "0.2 … —", "share"]
    assert rules[2] == [
        *(
            "不占自然保护地 / outside protected areas",
            "行动计划 49 条",
            "**否 / no**",
            "rules file",
        ),
        *("2（C004, C005）", "0"),
    ]
    assert rules[3][2] == "是 / yes"


def test_a_survey_is_counted_apart_from_an_exclusion(report: str) -> None:
    *_, rules, _ = _tables(_section(report, "充电站 / Charging"))
    assert [row[-2:] for row in rules[2:]] == [["0", "1（C007）"]] * 2


def test_long_lists_are_cut_but_counted() -> None:
    result = sample_result()
    keys = [f"C{number:03d}" for number in range(30, 0, -1)]
    rules = pd.DataFrame(
        {
            "facility": "hydrogen",
            "candidate_id": keys,
            "rule": "on_land",
            "outcome": "fail",
            "margin_m": np.nan,
        }
    )
    text = render_report(replace(result, rules=rules))
    assert "30（C001, C002, C003, C004, C005, C006, C007, C008, C009, C010, C011, C012 …）" in text


def test_notices_data_sources_and_the_not_approved_line_are_there(report: str) -> None:
    assert "> **内部研究用图，未经审核** / For internal research" in report
    assert "**注意 / warning**: 海岸线为示意" in _section(report, "提示 / Notices")
    assert "Qingdao starter pack" in _section(report, "数据质量 / Data quality")
    assert "- pack: hand-compiled, CC BY 4.0" in _section(report, "来源 / Sources")


def test_it_holds_no_clock_and_no_path_and_repeats(report: str) -> None:
    slow = {key: replace(p, seconds=99.5) for key, p in sample_result().plans.items()}
    assert render_report(replace(sample_result(), plans=slow, timings_s={"read": 9.0})) == report
    assert "/nowhere" not in report


def _with_name(text: str) -> Result:
    result = sample_result()
    study = replace(result.study, title=Label(zh=text, en=text), sources={text: text})
    return replace(
        result,
        study=study,
        sites=result.sites.assign(name_zh=text, name_en=text, district=text, type=text),
        notices=tuple(replace(n, label=Label(zh=text, en=text)) for n in result.notices),
        provenance=tuple(
            replace(r, reference=text, repairs=(text,), warnings=(text,), source=text, date=text)
            for r in result.provenance
        ),
    )


@pytest.mark.parametrize(
    "text", [*NASTY_NAMES, "x\n\n# y\n| a |", "1. z", "- z", "```\nz", "&lt;b&gt;"]
)
def test_a_hostile_name_changes_no_line_and_opens_no_tag(text: str) -> None:
    report = render_report(_with_name(text))
    plain = render_report(_with_name("name"))
    assert len(report.splitlines()) == len(plain.splitlines())
    assert report.count("\n#") == plain.count("\n#")
    assert not re.search(r"<\s*[a-z/!]", report, re.IGNORECASE)
    for rows, expected in zip(_tables(report), _tables(plain), strict=True):
        assert [len(row) for row in rows] == [len(row) for row in expected]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (TEMPLATE_NAME, "\\{\\{7\\*7\\}\\}"),
        (SCRIPT_NAME, "&lt;/script&gt;&lt;img src=x onerror=\"window.pwned='yes'\"&gt;"),
        (FORMULA_NAME, "\\=cmd\\|'/c calc'!A1"),
        (TABLE_NAME, "a \\| b \\`c\\` \\*d\\* \\[e\\](javascript:f) \\# &lt;b&gt;g&lt;/b&gt;"),
        ("12) x", "&#49;2) x"),
        ("2026-11-23", "2026-11-23"),
        ("\x1b[31m\u202eevil", "\\[31m evil"),
        ("", ""),
    ],
)
def test_escaping_shows_text_literally(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(text=st.text())
def test_escaped_text_is_one_line_without_tags_or_borders(text: str) -> None:
    shown = escape(text)
    assert shown.splitlines() in ([], [shown])
    assert "<" not in shown
    assert ">" not in shown
    assert not re.search(r"(?<!\\)(?:\\\\)*[|`*_\[\]]", shown)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(float("nan")), "—"),
        (number(None), "—"),
        (number(float("inf")), "—"),
        (number(1234.56, 1), "1,234.6"),
        (amount(0.0), "0"),
        (amount(-0.0), "0"),
        (amount(float("nan")), "—"),
        (amount(123456.0), "123,500"),
        (share(None), "—"),
        (share(0.12345), "12.3 %"),
        ("".join(table(("a",), [])), "（无 / none）"),
    ],
)
def test_numbers_are_for_people_and_the_unknown_is_a_dash(shown: str, expected: str) -> None:
    assert shown == expected


def test_a_result_with_nothing_in_it_still_gives_a_report() -> None:
    result = sample_result()
    frames = {name: getattr(result, name).iloc[:0] for name in RESULT_FRAMES}
    bare = replace(result, **frames, layers={}, plans={}, provenance=(), notices=())
    report = render_report(bare)
    assert report.count("（无 / none）") == 3 + 1 + 4
    assert "demand covered: 0 / 0 kg/day（—）" in report


def test_an_unknown_score_is_told_and_a_nameless_site_has_a_dash() -> None:
    result = sample_result()
    assert "score unknown" not in render_report(result)  # the only one is excluded anyway
    candidates = result.candidates.assign(is_excluded=False)
    nameless = result.sites.assign(name_zh=None, name_en=None)
    report = render_report(replace(result, candidates=candidates, sites=nameless))
    assert "score unknown: 1" in _section(report, "加氢站 / Hydrogen refuelling")
    sites, *_ = _tables(_section(report, "加氢站 / Hydrogen refuelling"))
    assert sites[2][2] == "—"


def test_the_ground_that_rules_take_is_listed() -> None:
    text = render_report(sample_result())
    (_, after) = text.split("### 规则占用的用地 / Ground that the rules take", 1)[:2]
    rows = [line for line in after.split("###")[0].splitlines() if line.startswith("|")][2:]
    assert len(rows) == 1  # a rule that measures no ground is not listed
    assert [cell.strip() for cell in rows[0].split("|")[2:5]] == ["120.5", "120.5", "879.5"]
