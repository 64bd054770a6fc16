"""The charts of service: demand by case, share served by year and by number of sites, indicators."""

from collections.abc import Sequence
from math import isfinite

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet
from matplotlib.ticker import PercentFormatter

from maps._figure_base import (
    CASE_COLOURS,
    GRID,
    Pen,
    bare,
    brief,
    colour_of,
    marker_of,
)
from maps._figure_ink import FAINT, INK
from maps._figure_panel import wrapped
from maps.draft import CASES, part

_DOWN, _UP = "#b8703f", "#3d6b8c"
_SUBSTANCES = ("NOx", "SO2", "PM10", "CO2")
_NAME_WIDTH, _TITLE_WIDTH = 46, 22
_SHORT_CASES = {"low": ("低", "low"), "base": ("基准", "base"), "high": ("高", "high")}
_BEFORE = "#b9b9b9"


def demand(sheet: Sheet, pen: Pen) -> None:
    """Draw the demand of each type in its three cases, a panel a type as units differ."""
    facilities = pen.draft.result.study.facilities
    panels = np.atleast_1d(sheet.subplots(1, len(facilities)))
    for axes, facility in zip(panels, facilities, strict=True):
        mine = part(pen.draft.result.demand, facility)
        values = [float(mine[f"demand_{case}"].sum()) for case in CASES]
        bars = axes.bar(
            range(len(CASES)), values, color=[CASE_COLOURS[c] for c in CASES], width=0.62
        )
        axes.bar_label(bars, [brief(v) for v in values], padding=2, fontsize=8)
        names = [
            pen.say(*_SHORT_CASES[case]) + (" *" if case == facility.demand_case else "")
            for case in CASES
        ]
        axes.set_xticks(range(len(CASES)), names)
        axes.set_yticks([])
        axes.set_ylim(0, max(values, default=0) * 1.15 or 1)
        unit = pen.draft.unit(facility.demand_unit)
        name = wrapped(pen.text(pen.draft.of(facility.label)), 4 * _TITLE_WIDTH // len(panels))
        axes.set_title("\n".join((*name, pen.text(unit))), fontsize=8.5)
        bare(axes)
    fit(sheet)


def service_by_year(sheet: Sheet, pen: Pen, frame: pd.DataFrame) -> None:
    """Draw the share served by year, a line a type, beside the money spent in each year."""
    left, right = sheet.subplots(1, 2, width_ratios=(3, 2))
    years = sorted(set(frame["year"]))
    for facility in pen.draft.result.study.facilities:
        mine = frame[frame["facility"] == facility.key].sort_values("year")
        look = {"color": colour_of(pen.draft, facility), "marker": marker_of(pen.draft, facility)}
        if len(mine):
            name = pen.text(pen.draft.of(facility.label))
            left.plot(mine["year"], mine["served_share"], lw=1.6, label=name, **look)
    whole = frame[frame["facility"] == ""].sort_values("year")
    left.plot(
        whole["year"], whole["served_share"], color=INK, lw=2.2, label=pen.say("全部", "all types")
    )
    ideal = pen.say("全部，前瞻最优", "all types, ideal")
    left.plot(whole["year"], whole["ideal_share"], color=INK, lw=1.0, ls=(0, (4, 3)), label=ideal)
    left.set_xticks(years, [f"{year:.0f}" for year in years])
    left.set_ylim(-0.03, 1.04)
    left.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    left.grid(axis="y", color=GRID, lw=0.6)
    left.set_title(pen.say("服务需求比例", "share of demand served"))
    left.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3)
    bare(left)
    _spending(right, pen, frame, years)
    fit(sheet)


def _spending(axes: Axes, pen: Pen, frame: pd.DataFrame, years: Sequence[float]) -> None:
    whole = frame[frame["facility"] == ""].set_index("year")
    spent = [float(whole["spent_mcny"].get(year, np.nan)) for year in years]
    bars = axes.bar(range(len(years)), spent, color=_UP, width=0.6)
    axes.bar_label(bars, [brief(v) for v in spent], padding=2, fontsize=8)
    given = [float(whole["budget_mcny"].get(year, np.nan)) for year in years]
    axes.scatter(
        range(len(years)),
        given,
        marker="_",
        s=500,
        color=INK,
        lw=1.2,
        label=pen.say("当年预算", "budget of the year"),
    )
    axes.set_xticks(range(len(years)), [f"{year:.0f}" for year in years])
    axes.set_yticks([])
    axes.margins(y=0.15)
    axes.set_ylim(bottom=0)
    unit = pen.draft.unit("mcny")
    axes.set_title(pen.say(f"支出（{unit}）", f"spent ({unit})"))
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.1))
    bare(axes)


def alternatives(sheet: Sheet, pen: Pen, curve: pd.DataFrame, front: pd.DataFrame) -> None:
    """Draw the share served over the number of sites and over the money, a panel each where known."""
    heads = {
        "sites": pen.say("站点数", "number of sites"),
        "cost_mcny": pen.say(
            f"最低费用（{pen.draft.unit('mcny')}）", f"least cost ({pen.draft.unit('mcny')})"
        ),
    }
    known = [(f, x) for f, x in ((curve, "sites"), (front, "cost_mcny")) if len(f) > 1]
    panels = np.atleast_1d(sheet.subplots(1, len(known), sharey=True))
    for axes, (frame, column) in zip(panels, known, strict=True):
        rows = frame.sort_values(column)
        axes.plot(rows[column], rows["served_share"], color=_UP, marker="o", ms=3, lw=1.4)
        if "bound_share" in rows.columns:
            axes.plot(rows[column], rows["bound_share"], color=FAINT, lw=0.8, ls=(0, (4, 3)))
        if "is_plan" in rows.columns:
            plan = rows[rows["is_plan"].astype(bool)]
            axes.scatter(
                plan[column],
                plan["served_share"],
                color=_DOWN,
                s=46,
                zorder=3,
                label=pen.say("本方案的站点数", "number of the plan"),
            )
            axes.legend(frameon=False, fontsize=8, loc="lower right")
        axes.set_ylim(0, 1.04)
        axes.set_xlim(left=0)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        axes.set_xlabel(heads[column])
        axes.grid(color=GRID, lw=0.5)
        bare(axes)
    panels[0].set_title(
        pen.say("服务需求比例（不计容量）", "share of demand served, capacities aside"), loc="left"
    )
    fit(sheet)


def before_after(sheet: Sheet, pen: Pen, frame: pd.DataFrame) -> None:
    """Draw every indicator that is a share, before and after the plan."""
    axes = sheet.subplots()
    rows = frame.to_dict("records")
    for place, row in enumerate(rows):
        _change(axes, place, float(row["before"]), float(row["after"]))
    names = [
        pen.text(f"{pen.draft.facility(row['facility'])} {pen.draft.labelled(row)}")
        for row in rows
    ]
    lines = ["\n".join(wrapped(name, _NAME_WIDTH, most=2)) for name in names]
    axes.set_yticks(range(len(rows)), lines, fontsize=7.5, linespacing=1.0)
    axes.invert_yaxis()
    axes.set_xlim(-0.02, 1.2)
    axes.set_xticks((0, 0.5, 1))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.scatter([], [], color=_BEFORE, s=34, label=pen.say("规划前", "before"))
    axes.scatter([], [], color=_UP, s=40, label=pen.say("规划后", "after"))
    axes.legend(frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    axes.grid(axis="x", color=GRID, lw=0.5)
    axes.set_axisbelow(True)
    bare(axes)
    fit(sheet)


def _change(axes: Axes, place: int, before: float, after: float) -> None:
    """Draw one indicator: where it was, where it comes to, and the way between."""
    if isfinite(before) and isfinite(after):
        axes.plot((before, after), (place, place), color=_BEFORE, lw=2.2, zorder=1)
    axes.scatter([before], [place], color=_BEFORE, s=34, zorder=2)
    axes.scatter([after], [place], color=_UP, s=40, zorder=3)
    if isfinite(after):
        end = max(after, before) if isfinite(before) else after
        axes.annotate(
            f"{100 * after:.0f} %",
            (end, place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )


def fit(sheet: Sheet) -> None:
    sheet.tight_layout(pad=0.6, w_pad=1.2)
