"""The part of the report on where weights come from and how sure the ranks are."""

from collections.abc import Hashable, Mapping, Sequence
from math import isnan

import pandas as pd

from maps.markdown import MISSING, escape, number, share, table
from siting.model import FacilitySpec, Judgement, Label, Result, Weighting

_METHODS = {
    "direct": Label(zh="直接给定", en="stated"),
    "swing": Label(zh="摆幅置权", en="swing"),
    "roc": Label(zh="次序质心", en="rank-order centroid"),
    "ahp": Label(zh="层次分析法", en="AHP"),
    "entropy": Label(zh="熵权法", en="entropy"),
    "critic": Label(zh="CRITIC", en="CRITIC"),
}
_COMBINED = {
    "wlc": Label(zh="加权线性组合", en="weighted sum"),
    "topsis": Label(zh="逼近理想解", en="TOPSIS"),
    "weighted_product": Label(zh="加权乘积", en="weighted product"),
    "vikor": Label(zh="折衷排序", en="VIKOR"),
    "promethee": Label(zh="PROMETHEE II", en="PROMETHEE II"),
    "owa": Label(zh="有序加权（偏谨慎）", en="OWA, careful"),
    "lexicographic": Label(zh="字典序筛选", en="lexicographic screening"),
}
_FEW = 12


def weight_sources(facility: FacilitySpec) -> list[str]:
    """Return how the weights were found: judgement matrices with CR; nothing where they are stated."""
    groups: dict[str, str] = {}
    for found in facility.weighting:
        groups |= dict(zip(found.items, map(_both, found.labels), strict=False))
    lines: list[str] = []
    for found in facility.weighting:
        # The one criterion of a group has all its weight: nothing to tell.
        if len(found.items) > 1:
            lines += _weighting(facility, found, groups)
    return lines


def stability(result: Result, facility: FacilitySpec) -> list[str]:
    """Return the tables of certainty: switch points, other methods, ranks under other weights."""
    return [
        *_switches(result, facility),
        *_methods(result, facility),
        *_ranks(result, facility),
    ]


def _weighting(facility: FacilitySpec, found: Weighting, groups: Mapping[str, str]) -> list[str]:
    labels = {spec.key: _both(spec.label) for spec in facility.criteria}
    labels = labels if found.group else {**labels, **groups}
    names = [labels.get(item, escape(item)) for item in found.items]
    title = "### 权重来源 / Where the weights come from"
    if found.group:
        title += f": {groups.get(found.group, escape(found.group))}"
    lines = [title, "", f"{_both(_METHODS[found.method])}（{escape(found.method)}）"]
    lines += ["", escape(found.note)] if found.note else []
    lines.append("")
    short = [name.partition(" / ")[0] for name in names]
    for judgement in found.judgements:
        lines += _matrix(judgement, names, short)
    if found.consistency_ratio is not None:
        lines += [f"- 综合一致性比率 / combined CR: {number(found.consistency_ratio, 3)}", ""]
    rows = [(name, number(weight, 4)) for name, weight in zip(names, found.weights, strict=False)]
    return [*lines, *table(("指标 / criterion", "权重 / weight"), rows)]


def _matrix(judgement: Judgement, names: Sequence[str], short: Sequence[str]) -> list[str]:
    headers = ("判断矩阵 / judgements", *short)
    rows = [
        (name, *(number(cell, 3) for cell in cells))
        for name, cells in zip(names, judgement.matrix, strict=True)
    ]
    expert = (
        f"- 专家 / expert: {escape(judgement.expert)}（{number(judgement.importance, 2)}），"
        f"一致性比率 / CR: {number(judgement.consistency_ratio, 3)}"
    )
    return [expert, "", *table(headers, rows)]


def _switches(result: Result, facility: FacilitySpec) -> list[str]:
    known = _of(result.stability, facility)
    if known.empty:
        return []
    labels = {spec.key: _both(spec.label) for spec in facility.criteria}
    headers = (
        *("指标 / criterion", "权重 / weight"),
        *("首位不变 / first place stays", "其外首位 / beyond it"),
        *("入选集合不变 / top N stays", "一阶指数 / first-order index"),
    )
    rows = [
        (
            *(labels[row["criterion"]], number(row["weight"], 2)),
            *(_range(row["first_low"], row["first_high"]), _beyond(row)),
            *(_range(row["top_low"], row["top_high"]), number(row["first_order"], 3)),
        )
        for row in known.to_dict("records")
    ]
    note = (
        "逐个改变权重，其余按比例缩放；N 为规划站点数 / one weight at a time, the others in "
        "proportion; N is the number of sites planned"
    )
    return ["### 权重稳定性 / Stability under other weights", "", note, "", *table(headers, rows)]


def _methods(result: Result, facility: FacilitySpec) -> list[str]:
    known = _of(result.agreement, facility)
    if known.empty:
        return []
    headers = ("方法 / method", "Spearman", "Kendall", "前 N 名重合 / same top N")
    rows = [
        (
            *(_method(row["method"]), number(row["spearman"], 3)),
            *(number(row["kendall"], 3), share(row["top_n_share"])),
        )
        for row in known.to_dict("records")
    ]
    return ["### 与其他方法比较 / Beside other methods", "", *table(headers, rows)]


def _ranks(result: Result, facility: FacilitySpec) -> list[str]:
    mine = _of(result.candidates, facility)
    best = mine[mine["rank"].notna()].sort_values("rank").head(_FEW)
    if best.empty:
        return []
    settings = result.study.certainty
    drawn = f"{settings.weight_draws} 次权重抽样 / draws of the weights"
    if settings.input_draws:
        drawn += f"，{settings.input_draws} 次位置与需求抽样 / draws of positions and demand"
    headers = (
        *("名次 / rank", "编号 / id", "评分 / score"),
        *("90 % 名次区间 / 90 % of ranks", "进入前 N 名 / in the top N"),
    )
    rows = [
        (
            *(number(row["rank"]), escape(str(row["candidate_id"])), number(row["score"], 3)),
            f"{number(row['rank_p05'])} – {number(row['rank_p95'])}",
            share(row["top_n_share"]),
        )
        for row in best.to_dict("records")
    ]
    return ["### 名次的把握 / How sure the ranks are", "", drawn, "", *table(headers, rows)]


def _beyond(row: Mapping[Hashable, object]) -> str:
    below, above = escape(str(row["below_id"])), escape(str(row["above_id"]))
    found = [f"↓ {below}"] if below else []
    found += [f"↑ {above}"] if above else []
    return " ".join(found) or MISSING


def _range(low: float, high: float) -> str:
    start = "0" if isnan(low) else number(low, 3)
    end = "1" if isnan(high) else number(high, 3)
    return f"{start} – {end}"


def _method(key: str) -> str:
    return _both(_COMBINED[key]) if key in _COMBINED else escape(key)


def _of(frame: pd.DataFrame, facility: FacilitySpec) -> pd.DataFrame:
    return pd.DataFrame(frame[frame["facility"] == facility.key])


def _both(label: Label) -> str:
    zh, en = escape(label.zh), escape(label.en)
    return zh if zh == en else f"{zh} / {en}"
