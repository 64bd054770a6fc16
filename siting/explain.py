"""Why a site: its score by parts, the rules it meets and fails, and whom it serves, in words."""

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import pandas as pd

from siting.errors import InputError, Problem
from siting.model import CriterionSpec, FacilitySpec, Label, Result, RuleSpec
from siting.units import METRES_PER_KM

Language = Literal["zh", "en"]

_WHOLE = 1000.0

_WORDS = {
    "zh": {
        "score": "得分 {score:.3f}，排名 {rank} / {ranked}",
        "no_rank": "得分 {score:.3f}，未排名",
        "no_score": "缺少指标值，无得分",
        "spread": "权重变动时 90% 的排名在 {low:.0f}–{high:.0f}；进入前 {top} 名的比例 {share:.0%}",
        "spread_inputs": "权重、位置与需求变动时 90% 的排名在 {low:.0f}–{high:.0f}；"
        "进入前 {top} 名的比例 {share:.0%}",
        "rival": "优于前一名 {who} 的概率 {share:.0%}，两者相距 {km:.1f} km（直线）",
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
        "max": "越大越好",
        "min": "越小越好",
        "position": "位置可信度 {confidence}，误差约 {uncertainty}；距道路 {access}",
    },
    "en": {
        "score": "score {score:.3f}, rank {rank} of {ranked}",
        "no_rank": "score {score:.3f}, not ranked",
        "no_score": "no score, a criterion is not known",
        "spread": "under other weights 90 % of its ranks are {low:.0f} to {high:.0f}; "
        "in the top {top} in {share:.0%} of the draws",
        "spread_inputs": "under other weights, positions and demand 90 % of its ranks are "
        "{low:.0f} to {high:.0f}; in the top {top} in {share:.0%} of the draws",
        "rival": "beats the next better site {who} in {share:.0%} of the draws; {km:.1f} km away "
        "(straight)",
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
        "max": "more is better",
        "min": "less is better",
        "position": "position confidence {confidence}, about {uncertainty}; road {access} away",
    },
}


_HEADS = {
    "zh": {"for": "有利因素", "against": "不利因素", "pass": "超过更优候选点需要"},
    "en": {"for": "for it", "against": "against it", "pass": "to pass better sites"},
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
        If no candidate has that id, or the result has no such facility.
    """
    specs = {facility.key: facility for facility in result.study.facilities}
    _require_known(list(specs), facilities)
    kept = result.candidates[result.candidates["facility"].isin(list(facilities or specs))]
    rows = kept[kept["candidate_id"] == candidate_id]
    if rows.empty:
        known = sorted(set(kept["candidate_id"]))
        raise InputError(
            Problem(
                where=f"site {candidate_id}",
                what="no candidate has this id" + (" in these facilities" if facilities else ""),
                expected=f"one of {len(known)} ids, e.g. {', '.join(known[:3])}",
                mend="Look the id up in scores.csv or on the map.",
            )
        )
    by_facility = {row["facility"]: row for _, row in rows.iterrows()}
    parts = [
        "\n".join(map(_printable, _lines(result, spec, by_facility[key], language)))
        for key, spec in specs.items()
        if key in by_facility
    ]
    return "\n\n".join(parts)


def _require_known(known: Sequence[str], wanted: Sequence[str]) -> None:
    absent = [key for key in wanted if key not in known]
    if absent:
        raise InputError(
            Problem(
                where="result",
                what="holds no such facility",
                got=", ".join(absent),
                expected=f"one of {', '.join(known)}",
                mend="Check the spelling of --facility.",
            )
        )


def _printable(line: str) -> str:
    """Blank out what names from data could do to a terminal: escapes, line breaks, direction marks."""
    return "".join(c if c.isprintable() else " " for c in line)


def _lines(
    result: Result, facility: FacilitySpec, row: pd.Series, language: Language
) -> Iterator[str]:
    words = _WORDS[language]
    title = _say(Label(zh=row["name_zh"], en=row["name_en"]), language)
    yield f"{_say(facility.label, language)} · {row['candidate_id']} {title}"
    yield f"  {row['type']}, {row['district']}"
    yield f"  {words['position']}".format(
        confidence=row["confidence"] or "?",
        uncertainty=_metres(row["uncertainty_m"]),
        access=_metres(row["access_m"]),
    )
    standing = "chosen" if row["is_chosen"] else "excluded" if row["is_excluded"] else "not_chosen"
    yield f"  {_standing(result, facility, row, words)}; {words[standing]}"
    yield from _spread(result, facility, row, words)
    yield from _reasons(result, row, language)
    yield from _criteria(result, facility, row, language)
    yield from _rules(result, facility, row, language)
    yield from _served(result, facility, row, words)


def _standing(
    result: Result, facility: FacilitySpec, row: pd.Series, words: dict[str, str]
) -> str:
    if pd.isna(row["score"]):
        return words["no_score"]
    if pd.isna(row["rank"]):
        return words["no_rank"].format(score=row["score"])
    same = result.candidates["facility"] == facility.key
    ranked = int(result.candidates.loc[same, "rank"].notna().sum())
    return words["score"].format(score=row["score"], rank=int(row["rank"]), ranked=ranked)


def _spread(
    result: Result, facility: FacilitySpec, row: pd.Series, words: dict[str, str]
) -> Iterator[str]:
    """Say how sure the rank is, and how sure it is against the candidate one place better."""
    if pd.isna(row["rank_p05"]):
        return
    top = max(len(result.plans[facility.key].sites), 1)
    said = "spread_inputs" if result.study.certainty.input_draws else "spread"
    yield f"  {words[said]}".format(
        low=row["rank_p05"], high=row["rank_p95"], top=top, share=row["top_n_share"]
    )
    peers = result.candidates[result.candidates["facility"] == facility.key]
    better = peers[peers["rank"] == row["rank"] - 1]
    rivals = result.rivals
    against = (rivals["facility"] == facility.key) & (rivals["rival_id"] == row["candidate_id"])
    pair = rivals[against & rivals["candidate_id"].isin(better["candidate_id"])]
    if not pair.empty:
        away = better.geometry.iloc[0].distance(row["geometry"])
        yield f"  {words['rival']}".format(
            who=pair["candidate_id"].iloc[0],
            share=1.0 - pair["beats_share"].iloc[0],
            km=away / METRES_PER_KM,
        )


def _reasons(result: Result, row: pd.Series, language: Language) -> Iterator[str]:
    table = _of(result.reasons, row)
    for side in ("for", "against", "pass"):
        said = table[table["side"] == side].sort_values("place")
        if not said.empty:
            yield f"  {_HEADS[language][side]}"
        for sentence in said[language]:
            yield f"    {sentence}"


def _of(frame: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    same = (frame["facility"] == row["facility"]) & (frame["candidate_id"] == row["candidate_id"])
    found: pd.DataFrame = frame[same]
    return found


def _criteria(
    result: Result, facility: FacilitySpec, row: pd.Series, language: Language
) -> Iterator[str]:
    specs: dict[str, CriterionSpec] = {spec.key: spec for spec in facility.criteria}
    words = _WORDS[language]
    yield f"  {words['criteria']}"
    table = _of(result.criteria, row).sort_values(
        ["contribution", "criterion"], ascending=[False, True]
    )
    for _, part in table.iterrows():
        spec = specs[part["criterion"]]
        is_known = not math.isnan(part["value"])
        amount = f"{part['contribution']:.3f}" if is_known else "?"
        value = f"{part['value']:.2f}" if is_known else "?"
        bar = "█" * round(20 * part["value"]) if is_known else ""
        yield (
            f"    {amount:>5} = {part['weight']:.2f} x {value:>4}  {bar:<20} "
            f"{_say(spec.label, language)} "
            f"({_figure(part['raw'])} {spec.unit}, {words[spec.direction]})"
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


def _metres(value: float) -> str:
    return "? m" if math.isnan(value) else f"{value:,.0f} m"


def _figure(value: float) -> str:
    """Return a number with four significant digits, but never as a power of ten."""
    if math.isnan(value):
        return "?"
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.4g}"


def _say(label: Label, language: Language) -> str:
    said = label.zh if language == "zh" else label.en
    return str(said or label.zh or label.en)
