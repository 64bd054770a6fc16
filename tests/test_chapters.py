"""The report's chapters: what they say, in which order, and that no number goes without its source."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from shapely import LineString, Point, box

from maps.chapters import (
    assumptions,
    criteria,
    document,
    investment,
    quality,
    robustness,
    rules,
    sites,
    sources,
    summary,
    supply,
)
from maps.document import Block, Cell, Document, Figure, Language, Paragraph, Table
from maps.draft import Draft
from maps.markdown import amount, number, share
from siting.frames import RESULT_FRAMES
from siting.model import (
    Assumption,
    Judgement,
    Label,
    LayerRecord,
    LeftOut,
    Notice,
    Result,
    SourcedTable,
    Study,
    Weighting,
)
from tests.sample import CRS, NASTY_NAMES, SCRIPT_NAME, TABLE_NAME, sample_result

LANGUAGES: tuple[Language, ...] = ("zh", "en")
NAN = float("nan")

RECORD = LayerRecord(
    kind="energy", reference="stations.csv", sha256="0123456789abcdef" * 4, licence="ODbL 1.0",
    attribution="© OpenStreetMap contributors", crs_found="GCJ-02", crs_used="EPSG:4549",
    rows_read=1250, rows_kept=1200, source="OpenStreetMap", date="2026-10-01",
    repairs=("GCJ-02 to WGS 84: 1200 of 1200 coordinates moved", "50 doubles left out"),
    warnings=("sits about 450 m off the roads (450 m east, 0 m south)",),
)  # fmt: skip


def known(**changes: object) -> Result:
    """Return the sample with one layer more whose record is full."""
    result = sample_result()
    return replace(result, provenance=(*result.provenance, replace(RECORD, **changes)))


def only(module: ModuleType, result: Result, language: Language = "en") -> Document:
    """Return a document of one chapter and its sections: quicker than the whole."""
    told = module.chapters(Draft(result=result, language=language))
    return Document(
        language=language, title="", subtitle="", edition="", notice="", approval="", chapters=told
    )


def blocks(told: Document) -> Iterator[Block]:
    return (block for chapter in told.chapters for block in chapter.blocks)


def tables(told: Document) -> dict[str, Table]:
    return {block.key: block for block in blocks(told) if isinstance(block, Table)}


def figures(told: Document) -> dict[str, Figure]:
    return {block.key: block for block in blocks(told) if isinstance(block, Figure)}


def words(told: Document, title: str = "") -> str:
    """Return the paragraphs of a document, or of the chapter of a title."""
    chapters = [c for c in told.chapters if not title or c.title == title]
    return "\n".join(b.text for c in chapters for b in c.blocks if isinstance(b, Paragraph))


def column(table: Table, head: str) -> list[Cell]:
    """Return the cells under a head."""
    place = [column.head for column in table.columns].index(head)
    return [row[place] for row in table.rows]


def texts(told: Document) -> Iterator[str]:
    """Yield every text of a document."""
    yield from (told.title, told.subtitle, told.edition, told.notice, told.approval)
    for chapter in told.chapters:
        yield chapter.title
        for block in chapter.blocks:
            if isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, Figure):
                yield from (block.caption, block.alt)
            else:
                yield from (block.caption, *block.notes)
                yield from (text for c in block.columns for text in (c.head, c.unit))
                yield from (cell for row in block.rows for cell in row if isinstance(cell, str))


@pytest.fixture(scope="module", params=LANGUAGES)
def told(request: pytest.FixtureRequest) -> Document:
    return document(sample_result(), request.param)


@pytest.fixture(scope="module")
def english() -> Document:
    return document(sample_result(), "en")


# The whole


def test_chapters_stand_in_the_order_of_a_layout_plan() -> None:
    titles = [c.title for c in document(sample_result(), "zh").chapters if c.level == 1]
    assert titles == [
        *("摘要", "现状", "需求预测", "布局原则与筛选", "评价指标与权重", "站点布局", "选址理由"),
        *("规划图", "氢源与供应", "设备与接电", "分期实施", "投资估算与经济评价", "减排效益"),
        *("稳健性与敏感性", "规划目标对照", "服务指标", "外部校核", "数据质量", "参数与假设"),
        *("选址规则", "资料来源与许可"),
    ]


def test_both_languages_say_the_same_in_the_same_places() -> None:
    chinese, english = (document(sample_result(), language) for language in LANGUAGES)
    assert [c.level for c in chinese.chapters] == [c.level for c in english.chapters]
    for ours, theirs in zip(blocks(chinese), blocks(english), strict=True):
        assert type(ours) is type(theirs)
        if isinstance(ours, Table) and isinstance(theirs, Table):
            assert (ours.key, len(ours.rows)) == (theirs.key, len(theirs.rows))
            assert len(ours.columns) == len(theirs.columns)


def test_an_english_report_has_no_chinese_of_its_own(english: Document) -> None:
    """Every Chinese text in it comes from the data."""
    data = repr(sample_result().study) + repr([sample_result().notices, sample_result().checks])
    frames = (getattr(sample_result(), name) for name in RESULT_FRAMES)
    data += "".join(frame.to_csv() for frame in frames)
    for text in texts(english):
        for run in re.findall("[\u4e00-\u9fff]+", text):
            assert run in data, text


def test_every_page_bears_the_notice_and_an_empty_field_for_the_approval(told: Document) -> None:
    assert told.notice in {
        "内部研究用图，未经审核",
        "For internal research; not reviewed, not for publication",
    }
    assert told.approval in {"审图号", "Map approval no."}


def test_keys_are_unique_and_rows_as_long_as_their_heads(told: Document) -> None:
    keys = [block.key for block in blocks(told) if not isinstance(block, Paragraph)]
    assert len(keys) == len(set(keys))
    for key in keys:
        assert re.fullmatch(r"[a-z_]+", key)
    for table in tables(told).values():
        assert {len(row) for row in table.rows} <= {len(table.columns)}


def test_keys_stay_unique_for_types_that_differ_in_a_digit() -> None:
    result = sample_result()
    first, second, *_ = result.study.facilities
    names = {first.key: "swap2", second.key: "swap3"}
    kept = tuple(replace(f, key=names.get(f.key, f.key)) for f in result.study.facilities)
    frames = {
        name: frame.assign(facility=frame["facility"].replace(names))
        for name in RESULT_FRAMES
        if "facility" in (frame := getattr(result, name)).columns
    }
    twins = replace(result, study=replace(result.study, facilities=kept), **frames)
    keys = [b.key for b in blocks(document(twins, "en")) if not isinstance(b, Paragraph)]
    assert len(keys) == len(set(keys))
    assert {"sites_swap_", "sites_swap__x"} <= set(keys)


def test_it_holds_no_clock_and_no_path_and_repeats(told: Document) -> None:
    result = sample_result()
    slow = {key: replace(p, seconds=99.5) for key, p in result.plans.items()}
    again = document(replace(result, plans=slow, timings_s={"read": 9.0}), told.language)
    assert repr(again) == repr(told)
    assert not any("/nowhere" in text for text in texts(told))


@pytest.mark.parametrize("text", [*NASTY_NAMES, "a\nb", "\x1b[31mred", "{draft}", "%s"])
def test_text_from_the_data_is_one_line_and_changes_no_shape(text: str) -> None:
    result = known(reference=text, source=text, repairs=(text,), warnings=(text,), licence=text)
    study = replace(result.study, title=Label(zh=text, en=text), sources={text: text})
    named = replace(
        result,
        study=study,
        sites=result.sites.assign(name_zh=text, name_en=text, district=text, type=text),
        notices=(Notice(level="warning", code="x", label=Label(zh=text, en=text)),),
    )
    told = document(named, "zh")
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    assert told.title == shown
    assert shown in column(tables(told)["sites_hydrogen"], "名称")
    for line in texts(told):
        assert line.isprintable(), repr(line)
    plain = tables(only(sites, known(), "zh")) | tables(only(quality, known(), "zh"))
    found = tables(told)
    assert {key: len(found[key].rows) for key in plain} == {
        k: len(v.rows) for k, v in plain.items()
    }


@pytest.mark.parametrize("name", [*RESULT_FRAMES, "everything"])
def test_a_frame_without_rows_breaks_no_chapter(name: str) -> None:
    result = sample_result()
    names = list(RESULT_FRAMES) if name == "everything" else [name]
    frames = {name: getattr(result, name).iloc[:0] for name in names}
    bare = replace(result, **frames)
    if name == "everything":
        bare = replace(bare, layers={}, plans={}, provenance=(), notices=())
    told = document(bare, "zh")
    for table in tables(told).values():
        assert {len(row) for row in table.rows} <= {len(table.columns)}
        for row in table.rows:
            for cell in row:
                assert cell is None or isinstance(cell, str | int | float)
    if name == "everything":
        said = words(told)
        for sentence in ("不作投资估算", "不计算减排效益", "不作分期", "不作对照"):
            assert sentence in said


def test_a_chapter_without_content_is_left_out_or_says_why() -> None:
    result = sample_result()
    none = {
        name: getattr(result, name).iloc[:0]
        for name in ("supply", "checks", "equipment", "roll_out", "economics", "benefits")
    }
    bare = replace(result, **none, sites=result.sites.assign(year=NAN, power_mva=NAN))
    titles = [c.title for c in document(bare, "en").chapters]
    assert not {"Supply", "External checks", "Equipment and grid connection"} & set(titles)
    said = document(bare, "en")
    assert "nothing is phased" in words(said, "Roll-out")
    assert "nothing is estimated" in words(said, "Investment and economics")
    assert "nothing is computed" in words(said, "Benefits")


# Every number with its source


def printed(told: Document) -> list[tuple[Cell, ...]]:
    """Return the rows of all tables of parameters."""
    keys = ("assumptions_", "tables_")
    return [row for key, t in tables(told).items() if key.startswith(keys) for row in t.rows]


def numbers(study: Study) -> Iterator[Assumption | SourcedTable]:
    for owner in (study, *study.facilities):
        yield from owner.assumptions.values()
        yield from owner.tables.values()


def unfolded(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def missing(told: Document, study: Study) -> list[str]:
    """Return the parameters that no row shows with all that belongs to them."""
    rows = printed(told)
    lost = []
    for item in numbers(study):
        trust = {unfolded(item.source), str(item.year), item.confidence}
        label = unfolded(item.label.zh if told.language == "zh" else item.label.en)
        exact = [
            v
            for v in (
                getattr(item, "value", None),
                getattr(item, "low", None),
                getattr(item, "high", None),
            )
            if v is not None
        ]
        if not any(
            row[0] == label and trust <= set(row) and all(v in row for v in exact) for row in rows
        ):
            lost.append(item.key)
    return lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_parameter_is_printed_with_source_year_and_confidence(language: Language) -> None:
    result = sample_result()
    assert list(numbers(result.study))
    assert missing(document(result, language), result.study) == []


NUMBERS = st.builds(
    Assumption,
    key=st.sampled_from(["a", "b", "discount_rate"]),
    label=st.builds(
        Label, zh=st.sampled_from(["甲", "乙"]), en=st.sampled_from(["first", "second"])
    ),
    value=st.floats(-1e9, 1e9),
    unit=st.sampled_from(["kg/day", "CNY/kWh", "share", "made up"]),
    low=st.none() | st.floats(-1e9, 1e9),
    high=st.none() | st.floats(-1e9, 1e9),
    source=st.sampled_from(["own assumption", "GB 50516", "=1+1"]),
    confidence=st.sampled_from("ABC"),
    year=st.integers(1990, 2035),
)


@settings(max_examples=25, deadline=None)
@given(own=st.lists(NUMBERS, max_size=3), shared=st.lists(NUMBERS, max_size=3), twin=st.booleans())
def test_no_parameter_gets_lost_whoever_uses_it(
    *, own: list[Assumption], shared: list[Assumption], twin: bool
) -> None:
    bare = _without_numbers(sample_result())
    first, second, *others = bare.study.facilities
    mine = {item.key: item for item in own}
    both = {item.key: item for item in shared}
    study = replace(
        bare.study,
        assumptions=both,
        facilities=(
            replace(first, assumptions={**both, **mine}),
            replace(second, assumptions=mine if twin else {}),
            *others,
        ),
    )
    told = only(assumptions, replace(bare, study=study), "zh")
    assert missing(told, study) == []
    rows = [
        row for key, t in tables(told).items() if key.startswith("assumptions_") for row in t.rows
    ]
    assert len(rows) == len({*mine.values(), *both.values()})  # what is shared is told once


def _without_numbers(result: Result) -> Result:
    facilities = tuple(replace(f, assumptions={}, tables={}) for f in result.study.facilities)
    empty = {
        name: getattr(result, name).iloc[:0]
        for name in RESULT_FRAMES
        if name not in {"candidates", "demand"}
    }
    return replace(result, study=replace(result.study, facilities=facilities), **empty)


def test_classes_of_a_table_are_shown_with_their_values(english: Document) -> None:
    (row,) = tables(english)["tables_common"].rows
    assert row[:3] == ("freight intensity", "H 3; L 0.5", "relative trips")


def test_weights_and_rules_carry_source_and_confidence(english: Document) -> None:
    weights = tables(english)["weights_hydrogen"]
    assert column(weights, "Weight") == [0.5, 0.3, 0.2]
    assert column(weights, "Confidence") == ["C"] * 3
    assert column(weights, "Source") == ["own assumption | see §3"] * 3
    assert "minutes = 15" in str(column(weights, "Measure")[0])
    rules = tables(english)["rules_hydrogen"]
    assert column(rules, "Clause read") == ["no", "yes"]
    assert column(rules, "Clause")[0] == "行动计划 49 条"
    assert column(rules, "Excluded") == [2, 0]
    assert column(rules, "Which") == ["C004, C005", "—"]


def test_a_survey_is_counted_apart_from_an_exclusion(english: Document) -> None:
    rules = tables(english)["rules_charging"]
    assert column(rules, "Excluded") == [0, 0]
    assert column(rules, "Need a survey") == [1, 1]
    assert column(tables(english)["screening"], "Need a survey") == [0, 1, 0]


def test_long_lists_of_the_excluded_are_cut_but_counted() -> None:
    keys = [f"C{number:03d}" for number in range(30, 0, -1)]
    outcomes = pd.DataFrame(
        {
            "facility": "hydrogen",
            "candidate_id": keys,
            "rule": "on_land",
            "outcome": "fail",
            "margin_m": np.nan,
        }
    )
    found = tables(only(rules, replace(sample_result(), rules=outcomes), "en"))["rules_hydrogen"]
    assert column(found, "Excluded")[1] == 30
    listed = str(column(found, "Which")[1])
    assert listed.startswith("C001, C002")
    assert listed.endswith("C012 …")


def test_judgements_carry_their_matrix_and_consistency() -> None:
    judged = Weighting(
        group="use", method="ahp", items=("demand", "grid"), weights=(0.75, 0.25),
        judgements=(
            Judgement(expert="专家甲 / expert A", importance=2.0, matrix=((1.0, 3.0), (1 / 3, 1.0)), consistency_ratio=0.0625),
        ),
        consistency_ratio=0.03125, note="自评 / own judgement",
    )  # fmt: skip
    result = sample_result()
    first, *others = result.study.facilities
    study = replace(result.study, facilities=(replace(first, weighting=(judged,)), *others))
    told = only(criteria, replace(result, study=study), "zh")
    matrix = tables(told)["judgements_hydrogen_a_a"]
    assert matrix.rows == (("服务范围内需求", 1.0, 3.0), ("变电站距离", 1 / 3, 1.0))
    assert "专家甲（专家权重 2，CR = 0.062）" in matrix.caption
    weights = tables(told)["weights_hydrogen_a"]
    assert column(weights, "权重") == [0.75, 0.25]
    assert weights.notes == ("综合一致性比率 CR = 0.031",)
    assert "层次分析法" in words(told)
    assert "自评" in words(told)
    assert "own judgement" not in words(told)  # the half in the other language


# Sites


def test_sites_stand_in_order_of_rank_with_their_numbers(english: Document) -> None:
    found = tables(english)["sites_hydrogen"]
    assert column(found, "Id") == ["C001", "C003", None]
    assert column(found, "No.") == ["1", "2", "Total"]
    assert column(found, "Position")[0] == "120.19°E, 36.01°N"  # rounded to 0.01 degree
    assert column(found, "Serves") == [1200.0, 700.0, 1900.0]
    assert column(found, "Land") == [3000.0, 3000.0, 6000.0]
    assert column(found, "Year")[:2] == ["2026", "2026"]
    assert found.total
    assert found.is_wide


def test_the_first_in_rank_comes_first() -> None:
    result = sample_result()
    turned = replace(
        result, sites=result.sites.assign(rank=result.sites["rank"].max() - result.sites["rank"])
    )
    found = tables(only(sites, turned, "en"))["sites_hydrogen"]
    assert column(found, "Id")[:2] == ["C003", "C001"]


def test_what_nobody_knows_is_a_column_left_out_or_a_dash(english: Document) -> None:
    heads = {
        key: {c.head for c in tables(english)[f"sites_{key}"].columns}
        for key in ("hydrogen", "charging", "shore_power")
    }
    assert "Cost" in heads["hydrogen"]
    assert "Cost" not in heads["charging"]
    assert ["Power" in heads[key] for key in heads] == [False, False, True]
    assert "Capacity" not in heads["charging"]  # without limit is no number
    result = sample_result()
    nameless = replace(result, sites=result.sites.assign(name_zh=None, name_en=None))
    found = tables(only(sites, nameless, "zh"))["sites_hydrogen"]
    assert column(found, "名称")[:2] == ["—", "—"]


def test_a_station_in_service_is_marked() -> None:
    result = sample_result()
    roles = np.where(result.sites["candidate_id"] == "C003", "existing", result.sites["role"])
    told = document(replace(result, sites=result.sites.assign(role=roles)), "en")
    assert column(tables(told)["sites_hydrogen"], "Status")[:2] == ["", "in service"]
    assert "2 sites (1 in service)" in words(told, "Summary")


def test_an_overloaded_site_is_named() -> None:
    result = sample_result()
    utilisation = np.where(result.sites["candidate_id"] == "C003", 1.25, 0.5)
    told = only(sites, replace(result, sites=result.sites.assign(utilisation=utilisation)), "en")
    assert "to be doubled or enlarged: C003." in words(told)
    assert "to be doubled" not in words(only(sites, result, "en"))


def test_reasons_are_the_strongest_of_each_side(english: Document) -> None:
    found = tables(english)["reasons_hydrogen"]
    assert [str(cell).startswith("much demand") for cell in column(found, "For")] == [True, True]
    assert [str(cell).startswith("far from") for cell in column(found, "Against")] == [True, True]


# Sums


def test_what_is_shared_out_adds_up_to_the_whole(told: Document) -> None:
    result = sample_result()
    for facility in result.study.facilities:
        table = tables(told)[f"demand_district_{facility.key}"]
        mine = result.demand[result.demand["facility"] == facility.key]
        for place, name in (
            (2, "demand_low"),
            (3, "demand_base"),
            (4, "demand_high"),
            (5, "demand"),
        ):
            cells = [float(row[place] or 0) for row in table.rows]
            assert sum(cells[:-1]) == pytest.approx(cells[-1])
            assert cells[-1] == pytest.approx(float(mine[name].sum()))


def test_emissions_balance_over_types_and_districts(english: Document) -> None:
    found = tables(english)
    by_district = found["benefits_by_district"]
    assert [c.head for c in by_district.columns] == ["District", "NOx", "SO2", "PM10", "CO2"]
    *parts, whole = by_district.rows
    for place, substance in enumerate(("NOx", "SO2", "PM10", "CO2"), start=1):
        types = [
            float(row[4] or 0)
            for key, table in found.items()
            if key.startswith("benefits_") and key != "benefits_by_district"
            for row in table.rows
            if row[0] == substance
        ]
        assert sum(float(row[place] or 0) for row in parts) == pytest.approx(
            float(whole[place] or 0)
        )
        assert sum(types) == pytest.approx(float(whole[place] or 0))


def test_local_air_comes_first_and_a_small_carbon_saving_is_said() -> None:
    result = sample_result()
    told = document(result, "en")
    assert [row[0] for row in tables(told)["benefits_hydrogen"].rows] == [
        "NOx",
        "SO2",
        "PM10",
        "CO2",
    ]
    assert "net CO2 is 8.6 % of the gross" in words(told, "Benefits")  # (700 - 640) / 700
    summary = words(told, "Summary")
    assert summary.index("NOx") < summary.index("CO2")
    clean = result.benefits.assign(added_t=0.0, net_t=result.benefits["avoided_t"])
    assert "of the gross. The gain" not in words(document(replace(result, benefits=clean), "en"))


def test_a_rise_of_carbon_is_called_a_rise() -> None:
    result = sample_result()
    worse = result.benefits.assign(added_t=result.benefits["avoided_t"] + 1.0, net_t=-1.0)
    text = words(only(summary, replace(result, benefits=worse), "en"))
    assert "CO2 rises by" in text
    assert "CO2 扣除电网与制氢排放后净增" in words(
        only(summary, replace(result, benefits=worse), "zh"), ""
    )


def test_an_unknown_investment_leaves_the_total_unknown() -> None:
    result = sample_result()
    economics = result.economics.copy()
    is_lost = (economics["facility"] == "charging") & (economics["item"] == "capex_mcny")
    economics.loc[is_lost, "value"] = NAN
    found = tables(only(investment, replace(result, economics=economics), "en"))["investment"]
    cells = column(found, "Investment")
    assert np.isnan(float(cells[1] or 0))
    assert np.isnan(float(cells[-1] or 0))
    whole = tables(only(investment, result, "en"))["investment"]
    assert column(whole, "Investment")[-1] == pytest.approx(3 * 12.5)


def test_the_whole_type_s_return_is_its_own_and_no_sum(english: Document) -> None:
    found = tables(english)["economics_sites_hydrogen"]
    assert found.total
    assert column(found, "internal rate of return") == [0.084, 0.084, 0.084]


def test_supply_that_is_lacking_is_told_as_lacking() -> None:
    result = sample_result()
    row = ("hydrogen", "C003", "", 200.0, "kg/day", NAN, NAN)
    more = pd.DataFrame([row], columns=list(RESULT_FRAMES["supply"]))
    told = only(supply, replace(result, supply=pd.concat([result.supply, more])), "en")
    found = tables(told)["supply_hydrogen"]
    assert column(found, "Source") == ["lacking", "N30", "Total"]
    assert column(found, "Amount") == [200.0, 1000.0, 1200.0]
    assert np.isnan(float(column(found, "Mean cost delivered")[0] or 0))
    assert column(found, "Mean cost delivered")[1] == pytest.approx(4.35)


def test_stations_that_nobody_counted_are_not_zero(english: Document) -> None:
    found = tables(english)["present_state"]
    assert column(found, "In service") == ["—"] * 3
    assert all(np.isnan(float(cell or 0)) for cell in column(found, "Served already"))
    assert "nothing deducted: Hydrogen refuelling, Charging, Shore power" in words(english)


# Certainty


def test_proof_bound_and_gap_of_every_plan_are_told(english: Document) -> None:
    plans = tables(english)["plans"]
    assert column(plans, "Objective") == ["1,900", "7,500", "8,000"]
    assert column(plans, "Bound")[-1] == "10,000"
    assert column(plans, "Gap") == [0.0, 0.0, 0.2]
    assert [str(cell).startswith("stopped") for cell in column(plans, "Status")] == [
        False,
        False,
        True,
    ]
    assert "without proof" in words(english, "Summary")


def test_coverage_given_up_for_better_sites_is_told() -> None:
    result = sample_result()
    facts = {**result.plans["hydrogen"].facts, "score_tolerance_share": 0.01}
    plans = {**result.plans, "hydrogen": replace(result.plans["hydrogen"], facts=facts)}
    assert "up to 1.0 % of the coverage" in words(
        only(robustness, replace(result, plans=plans), "en")
    )
    assert "given up" not in words(only(robustness, result, "en"))


def test_stability_agreement_and_ranks_are_told(english: Document) -> None:
    found = tables(english)
    stable, agreed, ranks = (
        found[f"{name}_hydrogen"] for name in ("stability", "methods", "ranks")
    )
    assert stable.rows[0][1:] == (0.5, "0.125 – 1", "↓ C002", "0 – 0.875", 0.25)
    assert agreed.rows[0] == ("TOPSIS", 0.75, 0.5, 0.5)
    assert ranks.rows[0][:2] == ("1", "C001")
    assert ranks.rows[0][4:] == ("1 – 2", 0.25)
    assert "Ranks under 10000 draws of the weights." in words(english)


def test_every_plan_is_held_against_every_case(english: Document) -> None:
    found = tables(english)["robustness_hydrogen"]
    assert column(found, "Plan")[:2] == ["this plan", "least regret"]
    assert column(found, "high")[0] == pytest.approx(0.8)  # chosen: 0.9 - 0.1 * |3 - 2|
    assert column(found, "Greatest regret")[0] == pytest.approx(0.3)


def test_changes_of_a_factor_run_from_left_to_right(english: Document) -> None:
    found = tables(english)["sensitivity_npv_mcny_hydrogen"]
    assert [c.head for c in found.columns] == ["Factor", "-20 %", "0", "+20 %"]
    for row in found.rows:
        for low, high in pairwise(row[1:]):
            assert float(low or 0) < float(high or 0)


def test_the_scorecard_keeps_item_numbers_and_says_why_not(english: Document) -> None:
    found = tables(english)["scorecard"]
    assert column(found, "Item") == ["44", "42"]
    assert column(found, "Status") == ["partly", "not measurable"]
    assert column(found, "How measured, or why not")[1] == "no number in the plan"
    assert np.isnan(float(column(found, "Reached")[1] or 0))
    assert "2 targets: partly 1, not measurable 1" in words(english, "Scorecard")


def test_figures_of_others_stand_beside_ours_with_the_reason(english: Document) -> None:
    (row,) = tables(english)["checks"].rows
    assert row[1:3] == (73.9, 73.9)
    assert row[4] == "100 %"
    assert row[-1] == "the same source"


# Data


def test_every_layer_says_where_it_comes_from_and_what_became_of_it() -> None:
    assert tables(only(quality, known(), "en"))["layers"].rows[-1] == (
        *("energy", "stations.csv", "OpenStreetMap", "2026-10-01", "GCJ-02 → EPSG:4549"),
        *("1,250 → 1,200", "ODbL 1.0", "0123456789ab"),
    )


def test_what_was_not_changed_is_said_once_and_what_is_not_known_is_a_dash() -> None:
    bare = known(crs_found="", crs_used="", rows_read=1200, source="", date="", licence="")
    row = tables(only(quality, bare, "en"))["layers"].rows[-1]
    assert row == ("energy", "stations.csv", "—", "1,200", "—", "0123456789ab")
    same = tables(only(quality, known(crs_found="EPSG:4549"), "en"))["layers"].rows[-1]
    assert same[4] == "EPSG:4549"


def test_repairs_and_doubts_name_all_layers_that_they_hold_for() -> None:
    result = known()
    twin = replace(RECORD, kind="parks", repairs=("50 doubles left out",))
    told = only(quality, replace(result, provenance=(*result.provenance, twin)), "en")
    repairs, doubts = words(told, "Repairs"), words(told, "Doubts")
    assert "energy, parks: 50 doubles left out" in repairs
    assert "energy: GCJ-02 to WGS 84: 1200 of 1200 coordinates moved" in repairs
    assert "energy, parks: sits about 450 m off the roads (450 m east, 0 m south)" in doubts
    assert "doubles" not in doubts


def test_licences_are_told_with_their_owners() -> None:
    found = tables(only(sources, known(), "en"))["licences"]
    assert found.rows == (
        ("CC BY 4.0", "Qingdao starter pack", "candidates, townships"),
        ("ODbL 1.0", "© OpenStreetMap contributors", "energy"),
    )


def test_what_was_left_out_is_said_with_what_is_missing() -> None:
    result = sample_result()
    first, *others = result.study.facilities
    note = Label(zh="以保护区代替", en="protected areas stand in")
    parts = (
        LeftOut(part="rule", key="redline", label=Label(zh="红线", en="redline"),
                missing="ecological_redline", note=note),
        LeftOut(part="criterion", key="grid", label=Label(zh="变电站", en="substation")),
    )  # fmt: skip
    study = replace(
        result.study,
        facilities=(replace(first, left_out=parts), *others),
        left_out={"airport": Label(zh="没有机位", en="no stands")},
    )
    text = words(only(quality, replace(result, study=study), "en"), "Missing data")
    assert "airport: no stands" in text
    assert (
        'Hydrogen refuelling: rule "redline" left out (no ecological_redline). '
        "protected areas stand in"
    ) in text
    assert 'criterion "substation" left out (no value to use)' in text


def test_notices_are_told_warnings_as_such(english: Document) -> None:
    (notices,) = (c for c in english.chapters if c.title == "Notices")
    kinds = {b.text: b.kind for b in notices.blocks if isinstance(b, Paragraph)}
    assert kinds["the coast is schematic"] == "warning"
    assert kinds[f"1 demand point out of reach {SCRIPT_NAME}"] == "bullet"


def test_distances_to_the_roads_are_told_and_what_reaches_none() -> None:
    result = sample_result()
    demand = result.demand.copy()
    demand.loc[demand["demand_id"] == "D03", "access_m"] = np.nan  # 300 of 2,200 kg/day
    candidates = result.candidates.copy()
    mine = candidates["facility"] == "hydrogen"
    candidates.loc[mine, "access_m"] = [100.0, 200.0, 300.0, 400.0, np.nan]
    told = only(quality, replace(result, demand=demand, candidates=candidates), "en")
    found = tables(told)["access"].rows
    assert found[0][1:6] == ("candidates", 250.0, pytest.approx(385.0), 400.0, 1)
    assert found[1][1:6] == ("demand", 420.0, 420.0, 420.0, 1)
    assert found[1][6] == pytest.approx(300 / 2200)


def edged(layers: Mapping[str, gpd.GeoDataFrame], *, journeys_km: float = 10.0) -> list[Cell]:
    """Return the row of edge effects of demand 2, 9, 12 and 50 km east of the west border."""
    result = sample_result()
    mine = result.demand[result.demand["facility"] == "charging"].iloc[[0, 0, 0, 0]]
    demand = mine.assign(demand=[1.0, 2.0, 3.0, 4.0]).set_geometry(
        [Point(500_000 + 1000 * east, 4_000_000) for east in (2, 9, 12, 50)], crs=CRS
    )
    allocation = result.allocation.assign(distance_km=journeys_km)
    told = only(
        quality, replace(result, demand=demand, allocation=allocation, layers=layers), "en"
    )
    return list(tables(told)["edges"].rows[1][1:])


def frame(*shapes: object) -> gpd.GeoDataFrame:
    n = len(shapes)
    columns = {"id": [str(i) for i in range(n)], "name_zh": ["甲"] * n, "name_en": ["A"] * n}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


DISTRICTS = frame(
    box(500_000, 3_900_000, 540_000, 4_100_000), box(540_000, 3_900_000, 600_000, 4_100_000)
)


def test_demand_near_the_border_is_counted() -> None:
    # The line between districts is no border.
    assert edged({"districts": DISTRICTS}) == [10.0, "2 / 4", pytest.approx(0.3)]
    assert edged({"districts": DISTRICTS}, journeys_km=12.5) == [12.5, "3 / 4", pytest.approx(0.6)]


def test_the_coast_is_no_edge() -> None:
    coast = frame(LineString([(500_000, 3_890_000), (500_000, 4_110_000)]))
    assert edged({"districts": DISTRICTS, "coastline": coast}) == [10.0, "0 / 4", 0.0]
    half = frame(LineString([(500_000, 4_005_000), (500_000, 4_110_000)]))
    assert edged({"districts": DISTRICTS, "coastline": half})[1] == "2 / 4"  # 3 km to the south


def test_gateways_are_edges_with_and_without_districts() -> None:
    gateways = frame(Point(549_000, 4_000_000))
    assert edged({"gateways": gateways}) == [10.0, "1 / 4", pytest.approx(0.4)]
    assert edged({"gateways": gateways, "districts": DISTRICTS})[1] == "3 / 4"


def test_without_a_border_or_journeys_nobody_can_tell() -> None:
    result = sample_result()
    assert "No border is known" in words(only(quality, replace(result, layers={}), "en"))
    unknown = edged({"districts": DISTRICTS}, journeys_km=0.0)
    assert unknown[1] == "—"
    assert all(np.isnan(float(cell or 0)) for cell in (unknown[0], unknown[2]))


def test_the_ground_that_rules_take_is_listed(english: Document) -> None:
    found = tables(english)["ground_hydrogen"]
    # A rule that measures no ground is not listed.
    assert found.rows == (("outside protected areas", 120.5, 120.5, 879.5),)


def test_types_of_places_are_called_by_their_names() -> None:
    wording = {"type_port_gate": Label(zh="港口闸口", en="port gate")}
    told = document(sample_result(), "zh", wording=wording)
    assert column(tables(told)["sites_hydrogen"], "类型")[0] == "港口闸口"
    assert (
        column(tables(document(sample_result(), "zh"))["sites_hydrogen"], "类型")[0] == "port_gate"
    )


def test_units_are_written_in_the_language() -> None:
    heads = {
        language: {
            c.unit
            for c in tables(document(sample_result(), language))["economics_hydrogen"].columns
        }
        for language in LANGUAGES
    }
    assert {"百万元", "百万元/年", "元/kg", "年"} <= heads["zh"]
    assert {"million CNY", "million CNY/yr", "CNY/kg", "years"} <= heads["en"]


def test_a_hostile_name_is_shown_as_it_is() -> None:
    assert TABLE_NAME in "\n".join(texts(document(sample_result(), "en")))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(NAN), "—"),
        (number(None), "—"),
        (number(float("inf")), "—"),
        (number(1234.56, 1), "1,234.6"),
        (amount(0.0), "0"),
        (amount(-0.0), "0"),
        (amount(NAN), "—"),
        (amount(123456.0), "123,500"),
        (amount(0.000243), "0.000243"),
        (share(None), "—"),
        (share(0.12345), "12.3 %"),
    ],
)
def test_numbers_are_for_people_and_the_unknown_is_a_dash(shown: str, expected: str) -> None:
    assert shown == expected
