"""What is built in which year, under which budget, and what each year then serves."""

import pandas as pd

from maps import figures
from maps.chapters._blocks import (
    counts,
    numbers,
    paragraph,
    records,
    section,
    shares,
    table,
    words,
)
from maps.document import Chapter, Table
from maps.draft import Draft, part


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on the roll-out, or why there is none."""
    title = draft.say("分期实施", "Roll-out")
    frame = draft.result.roll_out
    if frame.empty:
        none = draft.say(
            "本方案未给出年度预算，不作分期。", "No yearly budgets are given: nothing is phased."
        )
        return section(title, (), otherwise=none)
    lead = draft.say(
        "各期站点逐期累加，先建的站点在后期保留；上期结余可用于下期。“前瞻最优”为仅为该年规划所能达到的比例，"
        "“逐期最优”为不考虑后期、以当期累计资金所能达到的比例；与“服务比例”之差即分期的代价。",
        "Sites add up from period to period and stay; money left is there in the next. Ideal: the share "
        "that a plan for that year alone would serve; step: with all money so far and no look ahead. The "
        "difference to the share served is the price of phasing.",
    )
    blocks = (
        paragraph(lead),
        _money(draft),
        _openings(draft),
        figures.rollout_chart(draft),
        figures.phase_plate(draft),
    )
    return section(title, blocks)


def _money(draft: Draft) -> Table:
    frame = draft.result.roll_out.sort_values(["year", "facility"], kind="stable")
    rows = records(frame)
    say, unit = draft.say, draft.unit("mcny")
    return table(
        "roll_out",
        say("分期投资与服务比例", "Money and service by period"),
        (
            words(say("年份", "Year"), (draft.year(row["year"]) for row in rows)),
            words(say("设施", "Facility"), (draft.facility(row["facility"]) for row in rows)),
            numbers(
                say("预算", "Budget"), (row["budget_mcny"] for row in rows), unit=unit, decimals=1
            ),
            numbers(
                say("支出", "Spent"), (row["spent_mcny"] for row in rows), unit=unit, decimals=1
            ),
            counts(say("累计站数", "Sites so far"), (row["sites"] for row in rows)),
            shares(say("服务比例", "Served"), (row["served_share"] for row in rows)),
            shares(say("前瞻最优", "Ideal"), (row["ideal_share"] for row in rows)),
            shares(say("逐期最优", "Step"), (row["step_share"] for row in rows)),
        ),
        is_wide=True,
    )


def _openings(draft: Draft) -> Table | None:
    """Return how many sites open in each year by facility type; None where no year is known."""
    facilities = draft.result.study.facilities
    years = sorted(set(draft.result.sites["year"].dropna()))
    if not years:
        return None
    frames = [part(draft.result.sites, facility)["year"] for facility in facilities]
    later = draft.say("未排期", "not phased")
    return table(
        "openings",
        draft.say("各年新建站数", "Sites opened by year"),
        (
            words(draft.say("年份", "Year"), [*(draft.year(year) for year in years), later]),
            *(
                counts(
                    draft.of(facility.label),
                    [*(int((frame == year).sum()) for year in years), int(frame.isna().sum())],
                    total=len(frame),
                )
                for facility, frame in zip(facilities, frames, strict=True)
            ),
        ),
        total=draft.say("合计", "Total"),
    )


def opening_years(sites: pd.DataFrame) -> list[float]:
    """Return the years in which sites open, in order."""
    return sorted(set(sites["year"].dropna()))
