"""How much demand there is, in which case, where and of which kind."""

import pandas as pd

from maps import figures
from maps.chapters._blocks import (
    Field,
    by_facility,
    counts,
    note,
    numbers,
    paragraph,
    records,
    table,
    under,
    words,
)
from maps.document import Block, Chapter, Table
from maps.draft import CASES, Draft, part, text_of
from siting.model import FacilitySpec

_AMOUNTS = tuple(f"demand_{case}" for case in CASES)


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on demand, a section a facility type."""
    lead = draft.say(
        "需求按低、基准、高三个方案给出，不以单一数值代表；带 * 者为选址所用方案。"
        "计算所用参数及其来源、年份和可信度见“参数与假设”。",
        "Demand is given in three cases, never as one number; * marks the case that sites are planned "
        'for. Parameters with source, year and confidence stand under "Parameters and assumptions".',
    )
    chart = figures.demand_chart(draft)
    opening: list[Block] = [paragraph(lead), _totals(draft), *([chart] if chart else [])]
    sections = by_facility(draft, _facility)
    return under(draft.say("需求预测", "Demand"), sections, lead=opening)


def _totals(draft: Draft) -> Table:
    facilities = draft.result.study.facilities
    sums = [part(draft.result.demand, f)[list(_AMOUNTS)].sum() for f in facilities]
    columns = [
        numbers(draft.case(case), (row[f"demand_{case}"] for row in sums), decimals=0)
        for case in CASES
    ]
    return table(
        "demand_totals",
        draft.say("各方案需求总量", "Demand by case"),
        (
            words(draft.say("设施", "Facility"), (draft.of(f.label) for f in facilities)),
            words(draft.say("需求", "Demand"), (draft.of(f.demand_label) for f in facilities)),
            words(draft.say("单位", "Unit"), (draft.unit(f.demand_unit) for f in facilities)),
            *columns,
            words(
                draft.say("选址所用方案 *", "Planned for *"),
                (draft.case(f.demand_case) for f in facilities),
            ),
        ),
    )


def _facility(draft: Draft, facility: FacilitySpec) -> list[Block | None]:
    mine = part(draft.result.demand, facility)
    if mine.empty:
        none = draft.say("本次没有需求点。", "There are no demand points in this run.")
        return [note(none)]
    by_district = _by(draft, mine, "district", facility)
    by_kind = _by(draft, mine, "kind", facility) if len(set(mine["kind"])) > 1 else None
    return [by_district, by_kind, _flows(draft, facility), figures.demand_plate(draft, facility)]


def _by(draft: Draft, mine: pd.DataFrame, column: str, facility: FacilitySpec) -> Table:
    heads = {
        "district": (draft.say("区市", "District"), draft.say("分区市需求", "Demand by district")),
        "kind": (draft.say("需求类别", "Kind"), draft.say("分类别需求", "Demand by kind")),
    }
    named = mine.assign(
        group=[
            draft.kind(key) if column == "kind" else text_of(key) or draft.say("未知", "unknown")
            for key in mine[column].fillna("")
        ]
    )
    sums = named.groupby("group", sort=True)[[*_AMOUNTS, "demand"]].sum()
    sizes = named.groupby("group", sort=True).size()
    order = sums["demand"].sort_values(ascending=False, kind="stable").index
    sums, sizes = sums.loc[order], sizes.loc[order]
    head, caption = heads[column]
    unit = draft.unit(facility.demand_unit)
    return table(
        f"demand_{column}_{facility.key}",
        f"{draft.of(facility.label)}：{caption}"
        if draft.language == "zh"
        else f"{draft.of(facility.label)}: {caption}",
        (
            words(head, sums.index),
            counts(draft.say("需求点数", "Demand points"), sizes, total=int(sizes.sum())),
            *(_case(draft, sums, case, unit) for case in CASES),
            numbers(
                draft.say("待规划", "To plan for"),
                sums["demand"],
                unit=unit,
                total=float(sums["demand"].sum()),
            ),
        ),
        total=draft.say("合计", "Total"),
    )


def _case(draft: Draft, sums: pd.DataFrame, case: str, unit: str) -> Field:
    values = sums[f"demand_{case}"]
    return numbers(draft.case(case), values, unit=unit, total=float(values.sum()))


def _flows(draft: Draft, facility: FacilitySpec) -> Table | None:
    """Return the traffic that brings the demand, by kind; None where there is none."""
    mine = part(draft.result.flows, facility)
    if mine.empty:
        return None
    amounts = [f"amount_{case}" for case in CASES]
    sums = mine.groupby("kind", sort=True)[["trips_per_day", *amounts]].sum()
    mean = mine.groupby("kind", sort=True)["distance_km"].mean()
    rows = records(sums.reset_index())
    unit = draft.unit(facility.demand_unit)
    return table(
        f"flows_{facility.key}",
        draft.say("带来需求的交通流", "Traffic that brings the demand"),
        (
            words(draft.say("类别", "Kind"), (draft.kind(row["kind"]) for row in rows)),
            counts(draft.say("起讫点对数", "Pairs"), mine.groupby("kind", sort=True).size()),
            numbers(draft.say("日车次", "Trips a day"), (row["trips_per_day"] for row in rows)),
            numbers(draft.say("平均运距", "Mean distance"), mean, unit="km", decimals=1),
            *(
                numbers(draft.case(case), (row[f"amount_{case}"] for row in rows), unit=unit)
                for case in CASES
            ),
        ),
    )
