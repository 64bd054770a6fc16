"""What is proposed, what it costs, what it brings and how sure that is, in half a page."""

from math import isfinite

import pandas as pd

from maps.chapters._blocks import bullets, paragraph, section
from maps.chapters._money import whole
from maps.document import Chapter
from maps.draft import Draft, amount, is_travelled, part, ratio, served, share
from siting.model import Assumption, FacilitySpec, SolveStatus, SourcedTable

_AIR = ("NOx", "SO2", "PM10")


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the summary."""
    lines = [_proposal(draft, facility) for facility in draft.result.study.facilities]
    more = [_cost(draft), _effect(draft), *_certainty(draft)]
    lead = draft.say(
        f"本报告为“{draft.of(draft.result.study.title)}”的设施布局方案。结论为规划比选依据，"
        "不代替现场踏勘、安全评价和用地审批。",
        f"This report proposes sites for: {draft.of(draft.result.study.title)}. It supports the "
        "comparison of sites and replaces neither survey nor safety assessment nor land approval.",
    )
    blocks = (paragraph(lead), *bullets(line for line in (*lines, *more) if line))
    return section(draft.say("摘要", "Summary"), blocks)


def _proposal(draft: Draft, facility: FacilitySpec) -> str:
    candidates = part(draft.result.candidates, facility)
    eligible = int((~candidates["is_excluded"].astype(bool)).sum())
    sites = part(draft.result.sites, facility)
    standing = int((sites["role"] == "existing").sum())
    met, whole_demand = served(draft.result, facility)
    unit, reach = draft.unit(facility.demand_unit), share(ratio(met, whole_demand))
    limit = amount(facility.service_minutes)
    within = draft.say(f"；服务时限 {limit} 分钟", f", within {limit} min")
    within = within if is_travelled(draft.result, facility) else ""
    in_service = draft.say(f"（含在营 {standing} 处）", f" ({standing} in service)")
    return draft.say(
        f"{draft.of(facility.label)}：在 {eligible} 处合格候选中选定 {len(sites)} 处"
        f"{in_service if standing else ''}，服务待规划需求 {amount(met)} {unit}，占 {reach}{within}。",
        f"{draft.of(facility.label)}: {len(sites)} sites{in_service if standing else ''} out of "
        f"{eligible} eligible candidates serve {amount(met)} {unit}, {reach} of the demand planned "
        f"for{within}.",
    )


def _cost(draft: Draft) -> str:
    found = whole(draft.result.economics, case="base", item="capex_mcny")
    keys = (facility.key for facility in draft.result.study.facilities)
    money = found.reindex([key for key in keys if key in found.index])
    if money.empty:
        return draft.say("投资：本次未作估算。", "Investment: not estimated in this run.")
    each = draft.say("、", ", ").join(
        f"{draft.facility(key)} {amount(value)}" for key, value in money.items()
    )
    unit = draft.unit("mcny")
    return draft.say(
        f"建设投资（基准方案）合计约 {amount(money.sum())} {unit}：{each}。",
        f"Investment in the base case: about {amount(money.sum())} {unit} ({each}).",
    )


def _effect(draft: Draft) -> str:
    benefits = draft.result.benefits
    base = benefits[benefits["case"] == "base"]
    if base.empty:
        return draft.say(
            "减排效益：本次未作计算。", "Emissions avoided: not computed in this run."
        )
    net = base.groupby("substance")[["avoided_t", "net_t"]].sum(min_count=1)
    local = [f"{name} {amount(net['net_t'].get(name))} t" for name in _AIR if name in net.index]
    text = draft.say(
        f"年净减排（基准方案）：{'、'.join(local) or '—'}",
        f"Net emissions avoided a year in the base case: {', '.join(local) or '—'}",
    )
    return text + _carbon(draft, net) + draft.say("。", ".")


def _carbon(draft: Draft, net: pd.DataFrame) -> str:
    """Return the clause on CO2: the net of what the grid or the source adds, and its share of the gross."""
    gross, left = (float(net[name].get("CO2", float("nan"))) for name in ("avoided_t", "net_t"))
    if not isfinite(left):
        return ""
    if left < 0:
        return draft.say(
            f"；CO2 扣除电网与制氢排放后净增 {amount(-left)} t",
            f"; CO2 rises by {amount(-left)} t net of what the grid and the hydrogen source emit",
        )
    return draft.say(
        f"；CO2 扣除电网与制氢排放后 {amount(left)} t（为毛减排量的 {share(ratio(left, gross))}）",
        f"; CO2 {amount(left)} t net of what the grid and the hydrogen source emit "
        f"({share(ratio(left, gross))} of the gross)",
    )


def _certainty(draft: Draft) -> list[str]:
    study = draft.result.study
    open_plans = [p for p in draft.result.plans.values() if p.status is not SolveStatus.OPTIMAL]
    unread = {rule.key for f in study.facilities for rule in f.rules if not rule.verified}
    warnings = sum(item.level == "warning" for item in draft.result.notices)
    proof = (
        draft.say(
            f"{len(open_plans)} 类设施的求解到时限停止，未证明最优",
            f"the solver stopped at its time limit for {len(open_plans)} types, without proof",
        )
        if open_plans
        else draft.say("各类设施的选址方案均已证明最优", "every choice of sites is proven optimal")
    )
    return [
        draft.say("可靠程度：", "Certainty: ")
        + draft.say(
            f"{proof}；{_weak(draft)}；{len(unread)} 条选址规则的条文尚待人工核对；"
            f"数据与方法提示 {warnings} 条，见“数据质量”。",
            f"{proof}; {_weak(draft)}; the clauses of {len(unread)} siting rules are still to be read "
            f'by a person; {warnings} warnings on data and method, see "Data quality".',
        )
    ]


def _weak(draft: Draft) -> str:
    """Return how many of the assumptions are of the lowest confidence."""
    study = draft.result.study
    rows: list[Assumption | SourcedTable] = [*study.assumptions.values(), *study.tables.values()]
    for facility in study.facilities:
        rows += [*facility.assumptions.values(), *facility.tables.values()]
    graded = {(row.key, row.source, row.unit): row.confidence for row in rows}
    weak = sum(grade == "C" for grade in graded.values())
    return draft.say(
        f"{len(graded)} 项参数中 {weak} 项可信度为 C（估计或推断）",
        f"{weak} of {len(graded)} parameters are of confidence C (estimated or inferred)",
    )
