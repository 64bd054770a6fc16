"""The words of causes, in both languages; facts are put in, never parsed."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from siting.model import Label

_WHOLE = 1000.0

WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "layers": Label(
            zh="数据不同的图层（{n}）：{items}", en="layers with other data ({n}): {items}"
        ),
        "settings": Label(
            zh="不同的设置（{n}）：{items}", en="settings that differ ({n}): {items}"
        ),
        "demand": Label(zh="规划需求 {a} → {b} {unit}", en="demand to plan for {a} → {b} {unit}"),
        "gap": Label(
            zh="与理论界的差距 A {a}、B {b}：差距之内的其他站点组合可能同样好",
            en="gap to the bound {a} in A, {b} in B: other sites may be as good within it",
        ),
        "went": Label(zh="在 B 中不是候选点", en="is no candidate in B"),
        "came": Label(zh="在 A 中不是候选点", en="was no candidate in A"),
        "role": Label(zh="指定角色 {a} → {b}", en="role {a} → {b}"),
        "rule": Label(zh="规则“{rule}”：{a} → {b}", en="rule “{rule}”: {a} → {b}"),
        "unknown": Label(
            zh="得分 {a} → {b}：有一侧指标值缺失", en="score {a} → {b}: a criterion is not known"
        ),
        "score": Label(
            zh="得分 {a} → {b}：权重变化 {weight}，指标值变化 {value}；变化最大的是“{criterion}” {most}",
            en="score {a} → {b}: {weight} by weights, {value} by values; most by “{criterion}”, {most}",
        ),
        "reach": Label(
            zh="可达需求 {a} → {b} {unit}：新增 {came} 点、减少 {went} 点 {points}，其余点需求量变化 {amount}",
            en="demand within reach {a} → {b} {unit}: {points} by {came} points that came and {went} "
            "that went, {amount} by other demand at the rest",
        ),
        "taken_by": Label(
            zh="原服务的需求在 B 中由 {items} {unit} 服务",
            en="of what it served, B serves from {items} {unit}",
        ),
        "taken_from": Label(
            zh="所服务的需求在 A 中由 {items} {unit} 服务",
            en="of what it serves, A served from {items} {unit}",
        ),
        "nothing": Label(
            zh="该点自身的数据、规则与得分均无变化；变化来自方案的整体选择",
            en="nothing about this place differs; the plan as a whole was chosen anew",
        ),
    }
)

OUTCOMES: Mapping[str, Label] = MappingProxyType(
    {
        "pass": Label(zh="通过", en="pass"),
        "fail": Label(zh="不通过", en="fail"),
        "survey": Label(zh="需踏勘", en="survey"),
        "": Label(zh="未要求", en="not asked"),
    }
)


ROLES: Mapping[str, Label] = MappingProxyType(
    {
        "candidate": Label(zh="候选", en="candidate"),
        "required": Label(zh="必选", en="required"),
        "existing": Label(zh="已有", en="existing"),
        "forbidden": Label(zh="禁选", en="forbidden"),
    }
)


def amount(value: float, *, is_change: bool = False) -> str:
    """Return an amount with four significant digits, whole from 1000 on.

    Examples
    --------
    >>> amount(12345.6), amount(0.5, is_change=True), amount(float("nan"))
    ('12,346', '+0.5', '?')
    """
    if math.isnan(value):
        return "?"
    sign = "+" if is_change else ""
    return f"{value:{sign},.0f}" if abs(value) >= _WHOLE else f"{value:{sign}.4g}"
