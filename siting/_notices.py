"""What a reader of the result should know before using it."""

from collections.abc import Iterable, Sequence

from siting._planning import FacilityPlan
from siting.model import FacilitySpec, Label, LeftOut, Notice, Result, RuleOutcome, SolveStatus
from siting.network import NetworkTravel

_FULL = 0.995  # what is left is told in the plan's own gap


def notices(
    result: Result, travel: NetworkTravel, plans: Sequence[FacilityPlan]
) -> tuple[Notice, ...]:
    """Return notices in a fixed order: facility by facility, then the network and the rules."""
    found: list[Notice] = []
    for facility, plan in zip(result.study.facilities, plans, strict=True):
        found += _of_facility(facility, plan)
    return (
        *found,
        *_on_years(result, plans),
        *_on_study(result),
        *_on_roads(travel),
        *_on_rules(result),
    )


def _on_years(result: Result, plans: Sequence[FacilityPlan]) -> Iterable[Notice]:
    """Say which types have no years because what they cost is not known."""
    if result.study.roll_out is None:
        return
    for plan in plans:
        if plan.sites["cost_mcny"].isna().any():
            yield _warning(
                "no_years",
                f"{plan.spec.label.zh}：造价未知，未排分期",
                f"{plan.spec.label.en}: costs are not known, so no years are told",
            )


def _on_study(result: Result) -> Iterable[Notice]:
    """Say which facility types are not planned, and which layers seem to lie elsewhere."""
    for key, why in sorted(result.study.left_out.items()):
        yield _warning(
            "facility_left_out", f"未规划 {key}：{why.zh}", f"{key} is not planned: {why.en}"
        )
    for record in result.provenance:
        for doubt in record.warnings:
            if "m off" in doubt:
                kind = record.kind
                yield _warning("layer_doubt", f"图层 {kind}：{doubt}", f"layer {kind}: {doubt}")


def _on_roads(travel: NetworkTravel) -> Iterable[Notice]:
    for profile, graph in sorted(travel.graphs.items()):
        if graph.dropped_nodes:
            names = ", ".join(graph.dropped_nodes[:5])
            yield _warning(
                "network_islands",
                f"{len(graph.dropped_nodes)} 个路网节点对车型 {profile} 不连通（{names}），未用",
                f"{len(graph.dropped_nodes)} road nodes are cut off for {profile} ({names}); "
                "left out",
            )


def _on_rules(result: Result) -> Iterable[Notice]:
    """Say which rules were not checked for want of data, and whose clauses nobody has read."""
    facilities = result.study.facilities
    without = {p.key: p for f in facilities for p in f.left_out if p.part == "rule"}
    if without:
        yield _warning(
            "rules_left_out",
            f"{len(without)} 条规则缺图层，未检查："
            + "；".join(
                p.note.zh if p.note else _lacking(p, p.label.zh) for p in without.values()
            ),
            f"{len(without)} rules were not checked for want of a layer: "
            + "; ".join(
                p.note.en if p.note else _lacking(p, p.label.en) for p in without.values()
            ),
        )
    unverified = sorted({r.key for f in facilities for r in f.rules if not r.verified})
    if unverified:
        yield _warning(
            "rules_unverified",
            f"{len(unverified)} 条规则的条文未经人工核对：{', '.join(unverified)}",
            f"the clauses of {len(unverified)} rules were not read by a person: "
            f"{', '.join(unverified)}",
        )


def _of_facility(facility: FacilitySpec, plan: FacilityPlan) -> Iterable[Notice]:
    yield from _on_missing(plan.spec)
    yield from _on_data(facility, plan)
    yield from _on_existing(facility, plan)
    yield from _on_plan(facility, plan)
    yield from _on_certainty(facility, plan)


def _on_missing(facility: FacilitySpec) -> Iterable[Notice]:
    """Say which criteria were left out because their data are missing."""
    zh, en = facility.label.zh, facility.label.en
    criteria = [part for part in facility.left_out if part.part == "criterion"]
    if criteria:
        yield _warning(
            "criteria_left_out",
            f"{zh}：{len(criteria)} 项指标缺数据，未计分，其余权重按比例放大："
            + "、".join(_lacking(part, part.label.zh) for part in criteria),
            f"{en}: {len(criteria)} criteria have no data and are left out, the other weights scaled up: "
            + ", ".join(_lacking(part, part.label.en) for part in criteria),
        )


def _lacking(part: LeftOut, label: str) -> str:
    return f"{label} ({part.missing})" if part.missing else label


def _on_data(facility: FacilitySpec, plan: FacilityPlan) -> Iterable[Notice]:
    """Say what is missing or unreached."""
    zh, en = facility.label.zh, facility.label.en
    unreached = plan.demand["access_m"].isna()
    if unreached.any():
        ids = ", ".join(plan.demand.loc[unreached, "demand_id"].head(5))
        yield _warning(
            "demand_unreached",
            f"{zh}：{unreached.sum()} 个需求点不通车（{ids}），计入未覆盖",
            f"{en}: {unreached.sum()} demand points reach no road the vehicle may use ({ids}); "
            "they count as not covered",
        )
    unknown = plan.candidates["score"].isna() & ~plan.candidates["is_excluded"]
    if unknown.any():
        ids = ", ".join(plan.candidates.loc[unknown, "candidate_id"].head(5))
        yield _warning(
            "score_unknown",
            f"{zh}：{unknown.sum()} 个候选点缺少指标值（{ids}），不参与排序",
            f"{en}: {unknown.sum()} candidates lack a criterion ({ids}) and are not ranked",
        )


def _on_existing(facility: FacilitySpec, plan: FacilityPlan) -> Iterable[Notice]:
    """Say what is not known of the facilities in service."""
    zh, en = facility.label.zh, facility.label.en
    if facility.existing_layer is None and not plan.demand["existing_served"].any():
        yield _warning(
            "existing_unknown",
            f"{zh}：缺少现状设施数据，未扣除已有能力",
            f"{en}: no data on present facilities; nothing is taken off for them",
        )
    if facility.existing_layer is not None and not plan.n_existing:
        yield _warning(
            "existing_none",
            f"{zh}：图层 {facility.existing_layer} 中没有在运设施，未扣除已有能力",
            f"{en}: no row of {facility.existing_layer} is a facility in service; "
            "nothing is taken off for them",
        )


def _on_plan(facility: FacilitySpec, plan: FacilityPlan) -> Iterable[Notice]:
    """Say what limits the plan itself."""
    zh, en = facility.label.zh, facility.label.en
    if plan.warned_edges:
        yield _info(
            "restricted_roads",
            f"{zh}：分配路径经过 {len(plan.warned_edges)} 条限行路段，需通行证",
            f"{en}: ways use {len(plan.warned_edges)} restricted roads that need a pass",
        )
    asked = int(plan.plan.facts.get("sites_asked", 0))
    if len(plan.sites) < asked:
        yield _warning(
            "fewer_sites",
            f"{zh}：要求 {asked} 个站点，只选出 {len(plan.sites)} 个",
            f"{en}: {asked} sites were asked for, {len(plan.sites)} are chosen; "
            "more serve nobody or stand too near to others",
        )
    yield from _on_supply(facility, plan)
    served = float(plan.sites["demand_served"].sum())
    within = float(
        plan.demand.loc[plan.demand["demand_id"].isin(plan.reach["demand_id"]), "demand"].sum()
    )
    if within > 0 and served < within * _FULL and plan.plan.model == "sized":
        share = 1.0 - served / within
        yield _info(
            "capacity_binds",
            f"{zh}：服务半径内有 {share:.0%} 的需求因站点数量与规模有限未能服务",
            f"{en}: {share:.0%} of the demand within reach of some candidate is not served for want of "
            "sites or capacity",
        )


def _on_supply(facility: FacilitySpec, plan: FacilityPlan) -> Iterable[Notice]:
    """Say how much of what the sites sell no known source can deliver."""
    supply = plan.equipped.supply
    lacking = float(supply.loc[supply["source_id"] == "", "amount"].sum())
    if lacking > 0:
        share = lacking / float(supply["amount"].sum())
        yield _warning(
            "supply_short",
            f"{facility.label.zh}：已知在市氢源缺 {lacking:,.0f} {facility.demand_unit}，"
            f"占站点需求的 {share:.0%}；缺口按外购计价",
            f"{facility.label.en}: {lacking:,.0f} {facility.demand_unit}, {share:.0%} of what the sites sell, "
            "has no known source on the market; its cost is that of supply from outside",
        )


def _on_certainty(facility: FacilitySpec, plan: FacilityPlan) -> Iterable[Notice]:
    """Say what has to be looked at, and what may come out otherwise next time."""
    zh, en = facility.label.zh, facility.label.en
    surveys = plan.rules.loc[plan.rules["outcome"] == RuleOutcome.SURVEY.value, "candidate_id"]
    if len(surveys):
        yield _info(
            "needs_survey",
            f"{zh}：{surveys.nunique()} 个候选点至少一条规则需现场核实",
            f"{en}: {surveys.nunique()} candidates need a site survey for some rule",
        )
    if plan.plan.status is SolveStatus.TIME_LIMIT:
        yield _warning(
            "time_limit",
            f"{zh}：求解达到时限，结果可能不可复现，差距 {plan.plan.gap:.2%}",
            f"{en}: the solve was stopped by its time limit; the plan may differ from run to run, "
            f"gap {plan.plan.gap:.2%}",
        )


def _info(code: str, zh: str, en: str) -> Notice:
    return Notice(level="info", code=code, label=Label(zh=zh, en=en))


def _warning(code: str, zh: str, en: str) -> Notice:
    return Notice(level="warning", code=code, label=Label(zh=zh, en=en))
