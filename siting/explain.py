"""Why a site: its score by parts, the rules it meets and fails, and whom it serves, in words."""

from collections.abc import Iterator, Sequence
from typing import Literal

import pandas as pd

from siting.errors import InputError, Problem
from siting.model import CriterionSpec, FacilitySpec, Label, Result, RuleSpec

Language = Literal["zh", "en"]

_WORDS = {
    "zh": {
        "score": "得分 {score:.3f}，排名 {rank} / {ranked}",
        "no_rank": "得分 {score:.3f}，未排名",
        "chosen": "已选入方案",
        "not_chosen": "未选入方案",
        "excluded": "被规则排除",
        "criteria": "指标贡献（贡献 = 权重 × 标准化值）",
        "rules": "规则",
        "serves": "服务对象：{n} 个需求点，{amount:,.0f} {unit}（占 {share:.1%}），平均 {time:.1f} 分钟",
        "serves_none": "无需求点分配到此处",
        "pass": "通过",
        "fail": "不通过",
        "survey": "需踏勘",
        "margin": "余量 {m:,.0f} m",
        "unverified": "条文未核对",
        "position": "位置可信度 {confidence}，误差约 {uncertainty:,.0f} m；距道路 {access:,.0f} m",
    },
    "en": {
        "score": "score {score:.3f}, rank {rank} of {ranked}",
        "no_rank": "score {score:.3f}, not ranked",
        "chosen": "chosen for the plan",
        "not_chosen": "not chosen",
        "excluded": "excluded by a rule",
        "criteria": "criteria (contribution = weight x normalised value)",
        "rules": "rules",
        "serves": "serves {n} demand points, {amount:,.0f} {unit} ({share:.1%}), {time:.1f} min on "
        "average",
        "serves_none": "no demand point is allocated to it",
        "pass": "pass",
        "fail": "FAIL",
        "survey": "survey",
        "margin": "margin {m:,.0f} m",
        "unverified": "clause not verified",
        "position": "position confidence {confidence}, about {uncertainty:,.0f} m; road {access:,.0f} m "
        "away",
    },
}


def explain(
    result: Result,
    candidate_id: str,
    *,
    facilities: Sequence[str] = (),
    language: Language = "en",
) -> str:
    """Explain a candidate for every facility type it was considered for.

    Parameters
    ----------
    result
        A run, fresh or read back.
    candidate_id
        The candidate, chosen or not.
    facilities
        Facility types to explain; none given explains all.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        Lines of plain text.

    Raises
    ------
    InputError
        If no candidate has that id.
    """
    rows = result.candidates[result.candidates["candidate_id"] == candidate_id]
    if facilities:
        rows = rows[rows["facility"].isin(list(facilities))]
    if rows.empty:
        known = sorted(set(result.candidates["candidate_id"]))
        raise InputError(
            Problem(
                where=f"site {candidate_id}",
                what="no candidate has this id" + (" in these facilities" if facilities else ""),
                expected=f"one of {len(known)} ids, e.g. {', '.join(known[:3])}",
                mend="Look the id up in scores.csv or on the map.",
            )
        )
    specs = {facility.key: facility for facility in result.study.facilities}
    parts = [
        "\n".join(_lines(result, specs[row["facility"]], row, language))
        for _, row in rows.iterrows()
    ]
    return "\n\n".join(parts)


def _lines(
    result: Result, facility: FacilitySpec, row: pd.Series, language: Language
) -> Iterator[str]:
    words = _WORDS[language]
    title = _say(Label(zh=row["name_zh"], en=row["name_en"]), language)
    yield f"{_say(facility.label, language)} · {row['candidate_id']} {title}"
    yield f"  {row['type']}, {row['district']}"
    yield f"  {words['position']}".format(
        confidence=row["confidence"] or "?",
        uncertainty=row["uncertainty_m"],
        access=row["access_m"],
    )
    standing = "chosen" if row["is_chosen"] else "excluded" if row["is_excluded"] else "not_chosen"
    yield f"  {_standing(result, facility, row, words)}; {words[standing]}"
    yield from _criteria(result, facility, row, language)
    yield from _rules(result, facility, row, language)
    yield from _served(result, facility, row, words)


def _standing(
    result: Result, facility: FacilitySpec, row: pd.Series, words: dict[str, str]
) -> str:
    if pd.isna(row["rank"]):
        return words["no_rank"].format(score=row["score"])
    same = result.candidates["facility"] == facility.key
    ranked = int(result.candidates.loc[same, "rank"].notna().sum())
    return words["score"].format(score=row["score"], rank=int(row["rank"]), ranked=ranked)


def _of(frame: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    same = (frame["facility"] == row["facility"]) & (frame["candidate_id"] == row["candidate_id"])
    found: pd.DataFrame = frame[same]
    return found


def _criteria(
    result: Result, facility: FacilitySpec, row: pd.Series, language: Language
) -> Iterator[str]:
    specs: dict[str, CriterionSpec] = {spec.key: spec for spec in facility.criteria}
    yield f"  {_WORDS[language]['criteria']}"
    table = _of(result.criteria, row).sort_values(
        ["contribution", "criterion"], ascending=[False, True]
    )
    for _, part in table.iterrows():
        spec = specs[part["criterion"]]
        bar = "█" * round(20 * part["value"]) if pd.notna(part["value"]) else "?"
        yield (
            f"    {part['contribution']:.3f} = {part['weight']:.2f} x {part['value']:.2f}  "
            f"{bar:<20} {_say(spec.label, language)} "
            f"({part['raw']:,.4g} {spec.unit}, {spec.direction})"
        )


def _rules(
    result: Result, facility: FacilitySpec, row: pd.Series, language: Language
) -> Iterator[str]:
    words = _WORDS[language]
    specs: dict[str, RuleSpec] = {rule.key: rule for rule in facility.rules}
    yield f"  {words['rules']}"
    for _, answer in _of(result.rules, row).iterrows():
        rule = specs[answer["rule"]]
        margin = answer["margin_m"]
        facts = [] if pd.isna(margin) else [words["margin"].format(m=margin)]
        facts += [] if rule.verified else [words["unverified"]]
        tail = f" ({'; '.join(facts)})" if facts else ""
        said = f"{words[answer['outcome']]:<7} {_say(rule.label, language)}"
        yield f"    {said} — {rule.clause}{tail}"


def _served(
    result: Result, facility: FacilitySpec, row: pd.Series, words: dict[str, str]
) -> Iterator[str]:
    served = _of(result.allocation, row)
    if served.empty:
        if row["is_chosen"]:
            yield f"  {words['serves_none']}"
        return
    site = _of(result.sites, row).iloc[0]
    yield f"  {words['serves']}".format(
        n=len(served),
        amount=site["demand_served"],
        unit=facility.demand_unit,
        share=site["demand_share"],
        time=site["mean_time_min"],
    )
    names = result.demand.set_index(["facility", "demand_id"])
    for _, part in served.sort_values("demand", ascending=False).head(5).iterrows():
        point = names.loc[(row["facility"], part["demand_id"])]
        yield (
            f"    {part['demand']:>10,.0f}  {point['name_zh']} {point['name_en']} "
            f"({part['time_min']:.1f} min, {part['distance_km']:.1f} km)"
        )


def _say(label: Label, language: Language) -> str:
    said = label.zh if language == "zh" else label.en
    return str(said or label.zh or label.en)
