"""Indicators of service before and after the plan, for the whole and by district."""

import pandas as pd

from maps import figures
from maps.chapters._blocks import Field, Row, paragraph, records, section, table, under, words
from maps.chapters.scorecard import mixed
from maps.document import Block, Chapter, Table
from maps.draft import MISSING, Draft, share, text_of


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on indicators, or why there is none."""
    title = draft.say("服务指标", "Indicators of service")
    frame = draft.result.indicators
    if frame.empty:
        none = draft.say("本次未计算服务指标。", "No indicators were computed in this run.")
        return section(title, (), otherwise=none)
    lead = draft.say(
        "“规划前”为现状在营设施的水平，“规划后”为全部站点建成后的水平；↑ 越大越好，↓ 越小越好。",
        "Before: with what is in service today; after: with all sites built. ↑ more is better, ↓ less is.",
    )
    whole = frame[frame["district"].fillna("") == ""]
    chart = figures.coverage_chart(draft)
    opening: list[Block] = [paragraph(lead)]
    opening += [_table(draft, whole)] if len(whole) else []
    opening += [chart] if chart else []
    below = frame[frame["district"].fillna("") != ""]
    sections = [
        chapter
        for key in dict.fromkeys(below["facility"])
        for chapter in section(
            draft.say(f"{draft.facility(key)}：分区市", f"{draft.facility(key)} by district"),
            (_districts(draft, below[below["facility"] == key], str(key)),),
            level=2,
        )
    ]
    return under(title, sections, lead=opening)


def _table(draft: Draft, whole: pd.DataFrame) -> Table:
    rows = records(whole)
    say = draft.say
    return table(
        "indicators",
        say("服务指标：规划前后", "Indicators before and after the plan"),
        (
            words(say("设施", "Facility"), (draft.facility(r["facility"]) for r in rows)),
            words(say("指标", "Indicator"), map(draft.labelled, rows)),
            words("", (_arrow(r) for r in rows)),
            *_values(draft, rows),
        ),
    )


def _districts(draft: Draft, mine: pd.DataFrame, key: str) -> Table:
    rows = records(mine.sort_values(["indicator", "district"], kind="stable"))
    say = draft.say
    return table(
        f"indicators_{key or 'all'}",
        say(
            f"{draft.facility(key)}：分区市服务指标",
            f"{draft.facility(key)}: indicators by district",
        ),
        (
            words(say("指标", "Indicator"), map(draft.labelled, rows)),
            words(say("区市", "District"), (text_of(r["district"]) for r in rows)),
            *_values(draft, rows),
        ),
    )


def _values(draft: Draft, rows: list[Row]) -> list[Field]:
    """Return the columns before, after and unit; shares as percentages."""
    is_share = [r["unit"] == "share" for r in rows]
    if all(is_share):
        return [words(head, (share(float(r[name])) for r in rows)) for head, name in _heads(draft)]
    fields = [
        mixed(
            head, [100 * r[name] if of else r[name] for r, of in zip(rows, is_share, strict=True)]
        )
        for head, name in _heads(draft)
    ]
    units = (
        "%" if of else draft.unit(text_of(r["unit"])) or MISSING
        for r, of in zip(rows, is_share, strict=True)
    )
    return [*fields, words(draft.say("单位", "Unit"), units)]


def _heads(draft: Draft) -> tuple[tuple[str, str], ...]:
    return (
        (draft.say("规划前", "Before"), "before"),
        (draft.say("规划后", "After"), "after"),
    )


def _arrow(row: Row) -> str:
    return {"max": "↑", "min": "↓"}.get(str(row["better"]), "")
