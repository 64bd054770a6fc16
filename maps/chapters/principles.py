"""How sites are found: the order of the steps, the models, and the ground that rules take."""

from collections.abc import Mapping
from types import MappingProxyType

from maps.chapters._blocks import (
    bullets,
    counts,
    note,
    numbers,
    records,
    section,
    table,
    under,
    words,
)
from maps.document import Chapter, Paragraph, Table
from maps.draft import MISSING, Draft, amount, part, plain
from siting.model import FacilitySpec, Label, RuleOutcome

MODELS: Mapping[str, Label] = MappingProxyType(
    {
        "mclp": Label(zh="最大覆盖", en="maximal covering"),
        "sized": Label(zh="分级定容的最大覆盖", en="covering with sizes and capacities"),
        "capacitated_mclp": Label(zh="有容量限制的最大覆盖", en="capacitated maximal covering"),
        "budget": Label(zh="预算内选择", en="choice within a budget"),
        "lscp": Label(zh="全覆盖最少站点", en="set covering"),
        "p_median": Label(zh="p-中位", en="p-median"),
        "p_center": Label(zh="p-中心", en="p-centre"),
        "capacitated": Label(zh="有容量限制的 p-中位", en="capacitated p-median"),
        "fixed_charge": Label(zh="固定费用选址", en="fixed-charge location"),
        "flow_capture": Label(zh="流量截获", en="flow capture"),
        "flow_refuelling": Label(zh="途中补能", en="flow refuelling"),
        "backup": Label(zh="备用覆盖", en="backup covering"),
        "dispersion": Label(zh="分散布置", en="dispersion"),
    }
)
"""Names of location models; one that is not here is shown by its key."""


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on principles, with the ground that rules take for every facility type."""
    sections = [
        chapter
        for facility in draft.result.study.facilities
        for chapter in section(draft.of(facility.label), (_ground(draft, facility),), level=2)
    ]
    return under(
        draft.say("布局原则与筛选", "Principles and screening"),
        sections,
        lead=(*_principles(draft), _screening(draft)),
    )


def model_name(draft: Draft, kind: str) -> str:
    """Return what a location model is called, with its key."""
    return f"{draft.of(MODELS[kind])} ({kind})" if kind in MODELS else kind


def params_text(params: Mapping[str, object]) -> str:
    """Return parameters as text on one line, a dash where there are none.

    Examples
    --------
    >>> params_text({"minutes": 15.0, "classes": {"a": 1.0}, "types": ("x", "y"), "strict": True})
    'minutes = 15; classes = (a = 1); types = x, y; strict = True'
    """
    return "; ".join(f"{plain(key)} = {_value(value)}" for key, value in params.items()) or MISSING


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"({params_text(value)})"
    if isinstance(value, tuple | list):
        return ", ".join(map(_value, value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return amount(value)
    return plain(str(value))


def _principles(draft: Draft) -> tuple[Paragraph, ...]:
    return bullets(
        (
            draft.say(
                "先排除、后比选：位于禁建范围或不满足硬性规则的候选点不参加评分与选址。",
                "Exclusion before comparison: candidates on barred ground or against a hard rule are "
                "neither scored nor chosen.",
            ),
            draft.say(
                "以路网行程时间计服务范围，不以直线距离代替；不通车的需求点计入未覆盖。",
                "Service is measured by travel time over the roads, not by straight distance; demand "
                "that no road reaches counts as not covered.",
            ),
            draft.say(
                "扣除在营设施已服务的需求，只规划缺口。",
                "What facilities in service take is deducted; only the gap is planned for.",
            ),
            draft.say(
                "在全部站点组合中求解，给出目标值、上界和差距，不逐点挑选。",
                "Sites are chosen together by an optimisation model, with objective, bound and gap.",
            ),
            draft.say(
                "缺失数据不按零处理：未知即标明未知，并列入数据质量。",
                "Missing is not zero: what is unknown is shown as unknown and listed under data quality.",
            ),
        )
    )


def _screening(draft: Draft) -> Table:
    facilities = draft.result.study.facilities
    frames = [part(draft.result.candidates, facility) for facility in facilities]
    excluded = [int(frame["is_excluded"].astype(bool).sum()) for frame in frames]
    return table(
        "screening",
        draft.say("候选点筛选与选址模型", "Screening of candidates and location models"),
        (
            words(draft.say("设施", "Facility"), (draft.of(f.label) for f in facilities)),
            counts(draft.say("候选点", "Candidates"), map(len, frames)),
            counts(draft.say("规则排除", "Excluded by rules"), excluded),
            counts(
                draft.say("需现场核实", "Need a survey"), (_surveys(draft, f) for f in facilities)
            ),
            counts(
                draft.say("评分未知", "Score unknown"),
                (
                    int((frame["score"].isna() & ~frame["is_excluded"].astype(bool)).sum())
                    for frame in frames
                ),
            ),
            numbers(
                draft.say("服务时限", "Service limit"),
                (f.service_minutes for f in facilities),
                unit=draft.unit("min"),
            ),
            words(
                draft.say("选址模型", "Location model"),
                (model_name(draft, f.model.kind) for f in facilities),
            ),
            words(
                draft.say("模型参数", "Parameters"),
                (params_text(f.model.params) for f in facilities),
            ),
        ),
    )


def _surveys(draft: Draft, facility: FacilitySpec) -> int:
    rules = part(draft.result.rules, facility)
    return int(rules.loc[rules["outcome"] == RuleOutcome.SURVEY.value, "candidate_id"].nunique())


def _ground(draft: Draft, facility: FacilitySpec) -> Table | Paragraph:
    """Return the ground that the rules take one after the other, or that none of it is measured."""
    known = part(draft.result.exclusions, facility)
    known = known[known["alone_km2"].notna()]
    if known.empty:
        return note(
            draft.say(
                "本次没有以面积计量的规则；各条规则的结果见“选址规则”。",
                'No rule of this type takes an area that was measured; outcomes stand under "Siting rules".',
            )
        )
    labels = {rule.key: draft.of(rule.label) for rule in facility.rules}
    rows = records(known)
    heads = {
        "alone_km2": draft.say("单独排除", "Takes alone"),
        "removed_km2": draft.say("依次排除", "Takes in turn"),
        "left_km2": draft.say("剩余", "Left"),
    }
    return table(
        f"ground_{facility.key}",
        draft.say(
            f"{draft.of(facility.label)}：规则占用的用地",
            f"{draft.of(facility.label)}: ground that the rules take",
        ),
        (
            words(
                draft.say("规则", "Rule"), (labels.get(row["rule"], row["rule"]) for row in rows)
            ),
            *(
                numbers(head, (row[name] for row in rows), unit="km²", decimals=1)
                for name, head in heads.items()
            ),
        ),
    )
