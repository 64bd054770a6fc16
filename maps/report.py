"""``report.md``: the plan in words and tables, Chinese first, English beside."""

from collections.abc import Hashable, Mapping

import pandas as pd

from maps._report_certainty import stability, weight_sources
from maps._report_data import data_quality
from maps.markdown import MISSING, amount, escape, number, share, table
from siting.model import (
    FacilitySpec,
    Label,
    Plan,
    Result,
    RuleOutcome,
    RuleSpec,
    SolveStatus,
)

_STATUS = {
    SolveStatus.OPTIMAL: Label(
        zh="已证明：没有方案能超过上述上界",
        en="proven: no plan exceeds the bound above",
    ),
    SolveStatus.TIME_LIMIT: Label(
        zh="到时限停止：为当前最好方案，不保证可重现",
        en="stopped by the time limit: the best plan found so far, not reproducible",
    ),
}
_MODELS = {
    "mclp": Label(zh="最大覆盖", en="maximal covering"),
    "budget": Label(zh="预算内选择", en="choice within a budget"),
}
_DIRECTIONS = {"max": "越大越好 / more is better", "min": "越小越好 / less is better"}
_LEVELS = {"info": "提示 / note", "warning": "**注意 / warning**"}
_SITE_EXTRAS = {
    "cost_mcny": "费用 / cost (百万元 / million CNY)",
    "power_mva": "功率 / power (MVA)",
}
_MOST_LISTED = 12
_YES, _NO = "是 / yes", "否 / no"


def render_report(result: Result) -> str:
    """Return the report of a result as Markdown text.

    What was asked; for every facility type the choice, its proof, its sites, weights, assumptions
    and rules; notices; data and licences; sources. Text from data is escaped. The same Result
    gives the same text; nothing in it tells when or where it was made.
    """
    lines = _opening(result)
    for facility in result.study.facilities:
        lines += _facility(result, facility)
    lines += _notices(result) + data_quality(result) + _sources(result)
    return "\n".join(lines).rstrip("\n") + "\n"


def _opening(result: Result) -> list[str]:
    study = result.study
    asked = [
        f"- {_both(facility.site_label)}：{_both(facility.demand_label)}，"
        f"{number(facility.service_minutes)} 分钟 / min，{_model(facility.model.kind)}"
        for facility in study.facilities
    ]
    return [
        f"# {escape(study.title.zh)}",
        "",
        escape(study.title.en),
        "",
        f"> **{escape(study.notice.zh)}** / {escape(study.notice.en)}",
        "",
        " · ".join(
            (
                f"版本 / edition {escape(study.edition)}",
                f"坐标系 / CRS {escape(result.crs)}",
                f"种子 / seed {study.seed}",
            )
        ),
        "",
        "## 任务 / What was asked",
        "",
        "设施：需求，服务时限，选址模型 / facility: demand, service limit, location model",
        "",
        *asked,
        "",
    ]


def _facility(result: Result, facility: FacilitySpec) -> list[str]:
    return [
        f"## {_both(facility.label)}",
        "",
        *_summary(result, facility),
        *_site_table(result, facility),
        *_weight_table(facility),
        *weight_sources(facility),
        *stability(result, facility),
        *_assumption_table(facility),
        *_rule_table(result, facility),
        *_ground_table(result, facility),
    ]


def _summary(result: Result, facility: FacilitySpec) -> list[str]:
    mine = _of(result.candidates, facility)
    excluded = int(mine["is_excluded"].sum())
    unscored = int((mine["score"].isna() & ~mine["is_excluded"]).sum())
    demand = _of(result.demand, facility)
    whole = float(demand["demand"].sum())
    covered = float(demand.loc[demand["is_covered"], "demand"].sum())
    unit = escape(facility.demand_unit)
    reach = share(covered / whole if whole else None)
    lines = [
        f"- 候选点 / candidates: {len(mine)}；被规则排除 / excluded by rules: {excluded}",
        f"- 覆盖需求 / demand covered: {amount(covered)} / {amount(whole)} {unit}（{reach}）",
        f"- 未覆盖需求点 / demand points not covered: {int((~demand['is_covered']).sum())}",
    ]
    if unscored:
        lines.append(f"- 评分未知 / score unknown: {unscored}")
    plan = result.plans.get(facility.key)
    return [*lines, *(_plan_lines(plan) if plan else []), ""]


def _plan_lines(plan: Plan) -> list[str]:
    unit = escape(plan.unit)
    facts = "；".join(f"{escape(key)} = {amount(value)}" for key, value in plan.facts.items())
    given_up = plan.facts.get("score_tolerance_share", 0.0)
    concession = (
        f"- 其中为选用评分更高的站点，允许让出至多 {share(given_up)} 的覆盖 / "
        f"of it up to {share(given_up)} is given up on purpose for better-scored sites"
    )
    return [
        f"- 选址模型 / model: {_model(plan.model)}",
        f"- 选定站点数 / sites chosen (p): {len(plan.sites)}",
        f"- 目标值 / objective: {amount(plan.objective)} {unit}",
        f"- 上界 / bound: {amount(plan.bound)} {unit}；差距 / gap: {share(plan.gap)}",
        *([concession] if given_up > 0 else []),
        f"- 求解状态 / status: {_both(_STATUS[plan.status])}",
        *([f"- 模型数据 / model facts: {facts}"] if facts else []),
    ]


def _site_table(result: Result, facility: FacilitySpec) -> list[str]:
    sites = _of(result.sites, facility).sort_values(["rank", "candidate_id"])
    extras = {name: head for name, head in _SITE_EXTRAS.items() if sites[name].notna().any()}
    headers = (
        *("序号 / no.", "编号 / id", "名称 / name", "区市 / district", "类型 / type"),
        *("评分 / score", "名次 / rank"),
        f"服务需求 / demand served ({escape(facility.demand_unit)})",
        *("占比 / share", *extras.values()),
    )
    rows = [
        (
            *(str(place), _cell(site["candidate_id"]), _names(site)),
            *(_cell(site["district"]), _cell(site["type"])),
            *(number(site["score"], 3), number(site["rank"])),
            *(amount(site["demand_served"]), share(site["demand_share"])),
            *(amount(site[name]) for name in extras),
        )
        for place, site in enumerate(sites.to_dict("records"), start=1)
    ]
    return ["### 选定站点 / Chosen sites", "", *table(headers, rows)]


def _weight_table(facility: FacilitySpec) -> list[str]:
    headers = (
        *("指标 / criterion", "权重 / weight", "单位 / unit", "方向 / direction"),
        *("来源 / source", "可信度 / confidence"),
    )
    rows = [
        (
            *(_both(spec.label), number(spec.weight, 2), _cell(spec.unit)),
            *(_DIRECTIONS[spec.direction], _cell(spec.source), _cell(spec.confidence)),
        )
        for spec in facility.criteria
    ]
    return ["### 指标与权重 / Criteria and weights", "", *table(headers, rows)]


def _assumption_table(facility: FacilitySpec) -> list[str]:
    headers = (
        *("参数 / assumption", "取值 / value", "范围 / range", "单位 / unit"),
        *("来源 / source", "可信度 / confidence"),
    )
    rows = [
        (
            *(_both(item.label), amount(item.value)),
            MISSING
            if item.low is None and item.high is None
            else f"{amount(item.low)} … {amount(item.high)}",
            *(_cell(item.unit), _cell(item.source), _cell(item.confidence)),
        )
        for item in facility.assumptions.values()
    ]
    return ["### 假设 / Assumptions", "", *table(headers, rows)]


def _rule_table(result: Result, facility: FacilitySpec) -> list[str]:
    headers = (
        *("规则 / rule", "条款 / clause", "已核对原文 / clause read", "来源 / source"),
        *("排除 / excluded", "需现场核实 / needs survey"),
    )
    outcomes = _of(result.rules, facility)
    rows = [_rule_row(rule, outcomes[outcomes["rule"] == rule.key]) for rule in facility.rules]
    return ["### 选址规则 / Siting rules", "", *table(headers, rows)]


def _ground_table(result: Result, facility: FacilitySpec) -> list[str]:
    """Return the ground that the rules take, one after the other; nothing where none is measured."""
    known = _of(result.exclusions, facility)
    known = known[known["alone_km2"].notna()]
    if known.empty:
        return []
    headers = (
        *("规则 / rule", "单独排除 / takes alone, km²"),
        *("依次排除 / takes in turn, km²", "剩余 / left, km²"),
    )
    labels = {rule.key: _both(rule.label) for rule in facility.rules}
    rows = [
        (
            labels.get(row["rule"], _cell(row["rule"])),
            *(number(row[name], 1) for name in ("alone_km2", "removed_km2", "left_km2")),
        )
        for row in known.to_dict("records")
    ]
    return ["### 规则占用的用地 / Ground that the rules take", "", *table(headers, rows)]


def _rule_row(rule: RuleSpec, outcomes: pd.DataFrame) -> tuple[str, ...]:
    failed = outcomes.loc[outcomes["outcome"] == RuleOutcome.FAIL.value, "candidate_id"]
    close = outcomes.loc[outcomes["outcome"] == RuleOutcome.SURVEY.value, "candidate_id"]
    return (
        *(_both(rule.label), _cell(rule.clause), _YES if rule.verified else f"**{_NO}**"),
        *(_cell(rule.source), _listed(failed), _listed(close)),
    )


def _notices(result: Result) -> list[str]:
    items = [f"- {_LEVELS[notice.level]}: {_both(notice.label)}" for notice in result.notices]
    return ["## 提示 / Notices", "", *(items or ["（无 / none）"]), ""]


def _sources(result: Result) -> list[str]:
    items = [f"- {escape(key)}: {escape(text)}" for key, text in result.study.sources.items()]
    return ["## 来源 / Sources", "", *(items or ["（无 / none）"]), ""]


def _of(frame: pd.DataFrame, facility: FacilitySpec) -> pd.DataFrame:
    return pd.DataFrame(frame[frame["facility"] == facility.key])


def _both(label: Label) -> str:
    return f"{escape(label.zh)} / {escape(label.en)}"


def _names(site: Mapping[Hashable, object]) -> str:
    names = [escape(str(name)) for name in (site["name_zh"], site["name_en"]) if _is_there(name)]
    return " / ".join(name for name in names if name) or MISSING


def _cell(value: object) -> str:
    return (escape(str(value)) if _is_there(value) else "") or MISSING


def _is_there(value: object) -> bool:
    return value is not None and value == value  # noqa: PLR0124 - the NaN test


def _model(kind: str) -> str:
    return f"{_both(_MODELS[kind])} ({escape(kind)})" if kind in _MODELS else escape(kind)


def _listed(keys: pd.Series) -> str:
    """Return how many candidates there are and which, the first dozen by id."""
    if keys.empty:
        return "0"
    known = sorted(keys)
    more = " …" if len(known) > _MOST_LISTED else ""
    return f"{len(known)}（{escape(', '.join(known[:_MOST_LISTED]))}{more}）"
