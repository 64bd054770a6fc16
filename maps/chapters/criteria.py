"""Criteria and weights, with the judgements they come from and their consistency."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from maps.chapters._blocks import (
    by_facility,
    note,
    numbers,
    paragraph,
    table,
    under,
    words,
)
from maps.chapters.principles import params_text
from maps.document import Block, Chapter, Table
from maps.draft import MISSING, Draft, amount, plain
from siting.model import CriterionSpec, FacilitySpec, Judgement, Label, Weighting

_METHODS: Mapping[str, Label] = MappingProxyType(
    {
        "direct": Label(zh="直接给定", en="stated"),
        "swing": Label(zh="摆幅置权", en="swing"),
        "roc": Label(zh="次序质心", en="rank-order centroid"),
        "ahp": Label(zh="层次分析法", en="AHP"),
        "entropy": Label(zh="熵权法", en="entropy"),
        "critic": Label(zh="CRITIC 法", en="CRITIC"),
    }
)
_SCALES: Mapping[str, Label] = MappingProxyType(
    {
        "linear": Label(zh="线性", en="linear"),
        "piecewise": Label(zh="分段线性", en="piecewise linear"),
        "logistic": Label(zh="逻辑斯蒂", en="logistic"),
        "fuzzy_increasing": Label(zh="模糊递增", en="fuzzy, rising"),
        "fuzzy_decreasing": Label(zh="模糊递减", en="fuzzy, falling"),
        "fuzzy_near": Label(zh="模糊邻近", en="fuzzy, near"),
        "rank": Label(zh="名次", en="rank"),
        "target": Label(zh="目标值", en="target"),
    }
)


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on criteria and weights."""
    lead = paragraph(
        draft.say(
            "各指标先按下表的方式化为 0 至 1，再按权重相加为综合评分；判断矩阵附一致性比率 CR，"
            "CR 不大于 0.10 视为一致。",
            "Criteria are brought to 0 … 1 as stated and added by weight. Judgement matrices carry "
            "their consistency ratio CR; up to 0.10 counts as consistent.",
        )
    )
    sections = by_facility(draft, _facility)
    return under(draft.say("评价指标与权重", "Criteria and weights"), sections, lead=(lead,))


def _facility(draft: Draft, facility: FacilitySpec) -> list[Block]:
    return [_weights(draft, facility), *_origins(draft, facility)]


def _weights(draft: Draft, facility: FacilitySpec) -> Table:
    specs = facility.criteria
    directions = {
        "max": draft.say("越大越好", "more is better"),
        "min": draft.say("越小越好", "less is better"),
    }
    return table(
        f"weights_{facility.key}",
        draft.say(
            f"{draft.of(facility.label)}：指标体系与权重",
            f"{draft.of(facility.label)}: criteria and weights",
        ),
        (
            words(draft.say("指标", "Criterion"), (draft.of(s.label) for s in specs)),
            numbers(draft.say("权重", "Weight"), (s.weight for s in specs), decimals=3),
            words(draft.say("单位", "Unit"), (draft.unit(s.unit) or MISSING for s in specs)),
            words(draft.say("方向", "Direction"), (directions[s.direction] for s in specs)),
            words(draft.say("归一化", "Brought to 0 … 1"), (_scale(draft, s) for s in specs)),
            words(draft.say("测度", "Measure"), (_measure(s) for s in specs)),
            words(draft.say("来源", "Source"), (plain(s.source) for s in specs)),
            words(draft.say("可信度", "Confidence"), (s.confidence for s in specs)),
        ),
        is_wide=True,
    )


def _measure(spec: CriterionSpec) -> str:
    """Return what measures a criterion, with its parameters."""
    return f"{spec.measure}: {params_text(spec.params)}" if spec.params else spec.measure


def _scale(draft: Draft, spec: CriterionSpec) -> str:
    scale = spec.normalise
    kind = draft.of(_SCALES[scale.kind]) if scale.kind in _SCALES else scale.kind
    limits = [amount(v) if v is not None else "…" for v in (scale.low, scale.high)]
    if scale.low is not None or scale.high is not None:
        return f"{kind} {limits[0]} – {limits[1]}"
    turns = [amount(point[0]) for point in scale.points] or [amount(b) for b in scale.breaks]
    return f"{kind} {' – '.join(turns)}".strip()


def _origins(draft: Draft, facility: FacilitySpec) -> Iterator[Block]:
    """Yield how the weights were found; a group of one criterion has nothing to tell."""
    labels = {spec.key: draft.of(spec.label) for spec in facility.criteria}
    groups: dict[str, str] = {}
    for found in facility.weighting:
        groups |= dict(zip(found.items, map(draft.of, found.labels), strict=False))
    for place, found in enumerate(facility.weighting):
        if len(found.items) > 1:
            names = labels if found.group else {**labels, **groups}
            title = groups.get(found.group, plain(found.group))
            yield from _weighting(
                draft, found, names, (f"{facility.key}_{_letters(place)}", title)
            )


def _weighting(
    draft: Draft, found: Weighting, labels: Mapping[str, str], key_and_title: tuple[str, str]
) -> Iterator[Block]:
    key, title = key_and_title
    names = [labels.get(item, plain(item)) for item in found.items]
    method = draft.of(_METHODS[found.method]) if found.method in _METHODS else found.method
    of = title or draft.say("各组之间", "between the groups")
    yield paragraph(draft.say(f"{of}的权重：{method}。", f"Weights {of}: {method}."))
    if found.note:
        yield note(draft.side(found.note))
    for place, judgement in enumerate(found.judgements):
        yield _matrix(draft, judgement, names, f"judgements_{key}_{_letters(place)}")
    notes: tuple[str, ...] = ()
    if found.consistency_ratio is not None:
        notes = (
            draft.say("综合一致性比率 CR = ", "Combined CR = ") + f"{found.consistency_ratio:.3f}",
        )
    if found.weights:
        yield table(
            f"weights_{key}",
            draft.say(f"{of}：权重", f"Weights {of}"),
            (
                words(draft.say("项", "Item"), names),
                numbers(draft.say("权重", "Weight"), found.weights, decimals=4),
            ),
            notes=notes,
        )


def _matrix(draft: Draft, judgement: Judgement, names: Sequence[str], key: str) -> Table:
    expert = draft.side(judgement.expert)
    caption = draft.say(
        f"判断矩阵：{expert}（专家权重 {amount(judgement.importance)}，CR = {judgement.consistency_ratio:.3f}）",
        f"Judgement matrix: {expert} (importance {amount(judgement.importance)}, CR = {judgement.consistency_ratio:.3f})",
    )
    columns = zip(*judgement.matrix, strict=True)
    return table(
        key,
        caption,
        (
            words(draft.say("甲比乙", "Row over column"), names),
            *(
                numbers(name, cells, decimals=3)
                for name, cells in zip(names, columns, strict=True)
            ),
        ),
        is_wide=len(names) > 5,  # noqa: PLR2004 - columns that an upright page holds
    )


def _letters(place: int) -> str:
    """Return a number in the letters that keys of tables are made of."""
    return chr(ord("a") + place % 26)
