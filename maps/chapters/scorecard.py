"""The targets of the action plan and others, one by one: what the plan reaches, and how that is measured."""

from collections.abc import Mapping
from types import MappingProxyType

from maps.chapters._blocks import Field, paragraph, records, section, table, words
from maps.document import Cell, Chapter, Column
from maps.draft import MISSING, Draft, text_of
from siting.model import Label

_STATUS: Mapping[str, Label] = MappingProxyType(
    {
        "reached": Label(zh="达到", en="reached"),
        "partly": Label(zh="部分达到", en="partly"),
        "missed": Label(zh="未达到", en="missed"),
        "passed": Label(zh="规划前已达到", en="passed before the plan"),
        "not_measurable": Label(zh="无法测算", en="not measurable"),
        "context": Label(zh="背景目标", en="context"),
    }
)


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the scorecard, or why there is none."""
    title = draft.say("规划目标对照", "Scorecard")
    frame = draft.result.scorecard
    if frame.empty:
        none = draft.say(
            "本方案未提供目标清单，不作对照。",
            "The study brings no list of targets to compare with.",
        )
        return section(title, (), otherwise=none)
    rows = records(frame)
    say = draft.say
    fields = (
        words(say("条目", "Item"), (text_of(r["plan_item"]) or MISSING for r in rows)),
        words(say("目标", "Target"), map(draft.named, rows)),
        words(say("出处", "Origin"), (_origin(draft, text_of(r["origin"])) for r in rows)),
        words(say("目标年", "Year"), (draft.year(float(r["year"])) for r in rows)),
        words(say("单位", "Unit"), (draft.unit(text_of(r["unit"])) or MISSING for r in rows)),
        mixed(say("目标值", "Wanted"), [r["target"] for r in rows]),
        mixed(say("现状值", "Now"), [r["now"] for r in rows]),
        mixed(say("方案达到", "Reached"), [r["reached"] for r in rows]),
        words(say("结论", "Status"), (_status(draft, r["status"]) for r in rows)),
        words(
            say("测算方法或无法测算的原因", "How measured, or why not"),
            (_how(draft, r) for r in rows),
        ),
    )
    card = table(
        "scorecard",
        say("行动计划及其他目标对照表", "Targets and what the plan reaches"),
        fields,
        is_wide=True,
    )
    return section(title, (paragraph(_tally(draft, [str(r["status"]) for r in rows])), card))


def mixed(head: str, cells: list[float]) -> Field:
    """Return a column of numbers of different units, shown to four significant digits."""
    values: tuple[Cell, ...] = tuple(float(cell) for cell in cells)
    return Field(column=Column(head=head), cells=values)


def _tally(draft: Draft, statuses: list[str]) -> str:
    found = [
        f"{draft.of(label)} {statuses.count(key)}"
        for key, label in _STATUS.items()
        if key in statuses
    ]
    lead = draft.say(f"共 {len(statuses)} 项目标：", f"{len(statuses)} targets: ")
    more = draft.say(
        "。“背景目标”与选址无直接关系，仅列出备查；现状值的日期见数据来源。",
        ". Context targets do not depend on sites and are listed for reference.",
    )
    return lead + draft.say("、", ", ").join(found) + more


def _status(draft: Draft, key: object) -> str:
    known = _STATUS.get(str(key))
    return draft.of(known) if known else text_of(key)


def _origin(draft: Draft, key: str) -> str:
    known = {"action_plan": draft.say("行动计划", "action plan")}
    return known.get(key, key) or MISSING


def _how(draft: Draft, row: Mapping[object, object]) -> str:
    order = ("how_zh", "how_en") if draft.language == "zh" else ("how_en", "how_zh")
    return next((text for name in order if (text := text_of(row[name]))), MISSING)
