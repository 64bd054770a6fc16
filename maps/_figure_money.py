"""The charts of money and emissions: investment, tornado, benefits."""

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet
from numpy.typing import NDArray

from maps._figure_base import (
    GRID,
    Pen,
    bare,
    brief,
    colour_of,
)
from maps._figure_charts import fit
from maps._figure_ink import FAINT, INK
from maps.draft import known_order
from siting.model import FacilitySpec

_DOWN, _UP = "#b8703f", "#3d6b8c"
_SUBSTANCES = ("NOx", "SO2", "PM10", "CO2")
_BEFORE = "#b9b9b9"

_YEARLY = ("opex_mcny_yr", "revenue_mcny_yr", "subsidy_mcny_yr")


def investment(sheet: Sheet, pen: Pen, economics: pd.DataFrame) -> None:
    """Draw what each type costs to build, and what it costs and brings a year, base case."""
    facilities = pen.draft.result.study.facilities
    base = economics[(economics["candidate_id"] == "") & (economics["case"] == "base")]
    values = base.set_index(["facility", "item"])["value"].astype(float)

    def of(item: str) -> list[float]:
        return [float(values.get((f.key, item), np.nan)) for f in facilities]

    left, right = sheet.subplots(1, 2, width_ratios=(1, 1))
    rows, names = np.arange(len(facilities)), [pen.text(pen.draft.of(f.label)) for f in facilities]
    bars = left.barh(
        rows, of("capex_mcny"), color=[colour_of(pen.draft, f) for f in facilities], height=0.55
    )
    left.bar_label(bars, [brief(v) for v in of("capex_mcny")], padding=3, fontsize=8)
    unit = pen.text(pen.draft.unit("mcny"))
    left.set_title("\n".join((pen.say("建设投资", "investment"), unit)))
    _yearly(right, pen, rows, {item: of(item) for item in _YEARLY})
    for axes in (left, right):
        axes.set_yticks(rows, names if axes is left else [""] * len(rows))
        axes.set_xticks([])
        axes.margins(x=0.18)
        axes.invert_yaxis()
        axes.axvline(0, color=FAINT, lw=0.6)
        bare(axes)
        axes.spines["bottom"].set_visible(False)
    fit(sheet)


def _yearly(
    axes: Axes, pen: Pen, rows: NDArray[np.int64], values: Mapping[str, list[float]]
) -> None:
    """Draw what each type costs and brings a year, three bars a type."""
    parts = (
        ("opex_mcny_yr", pen.say("运行成本", "running cost"), _DOWN, -0.25),
        ("revenue_mcny_yr", pen.say("收入（不含补贴）", "revenue without subsidy"), _UP, 0.0),
        ("subsidy_mcny_yr", pen.say("补贴", "subsidy"), "#9fb8c8", 0.25),
    )
    for item, label, colour, shift in parts:
        bars = axes.barh(rows + shift, values[item], color=colour, height=0.23, label=label)
        axes.bar_label(bars, [brief(v) for v in values[item]], padding=3, fontsize=7)
    unit = pen.text(pen.draft.unit("million CNY/yr"))
    axes.set_title("\n".join((pen.say("年收支", "money a year"), unit)))
    axes.legend(
        frameon=False,
        fontsize=8,
        loc="upper right",
        bbox_to_anchor=(1.0, -0.02),
        ncols=3,
        columnspacing=1.0,
        handlelength=1.2,
    )


def tornado(sheet: Sheet, pen: Pen, mine: pd.DataFrame, title: str) -> None:
    """Draw how far each factor moves one item of the accounts, the strongest on top."""
    axes = sheet.subplots()
    base = float(mine.loc[mine["change"] == 0, "value"].iloc[0])
    spans = []
    for factor, rows in mine.groupby("factor", sort=True):
        known = rows[rows["value"].notna()].sort_values("change")
        if len(known) > 1 and known["value"].max() > known["value"].min():
            name = pen.text(pen.draft.labelled(known.iloc[0].to_dict()))
            low, high = known.iloc[0], known.iloc[-1]
            spans.append((abs(high["value"] - low["value"]), str(factor), name, low, high))
    spans.sort(key=lambda span: (-span[0], span[1]))
    for row, (_, _, _, low, high) in enumerate(spans):
        for end, colour in ((low, _DOWN), (high, _UP)):
            axes.barh(row, end["value"] - base, left=base, color=colour, height=0.55)
            is_right = end["value"] >= base
            axes.annotate(
                f"{brief(end['value'])}  ({100 * end['change']:+.0f} %)", (end["value"], row), xytext=(4 if is_right else -4, 0),
                textcoords="offset points", va="center", ha="left" if is_right else "right", fontsize=8,
            )  # fmt: skip
    axes.axvline(base, color=INK, lw=0.9)
    axes.set_yticks(range(len(spans)), [span[2] for span in spans])
    axes.invert_yaxis()
    axes.margins(x=0.45)
    axes.set_title(pen.text(title))
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(axis="x", color=GRID, lw=0.5)
    axes.set_axisbelow(True)
    bare(axes)
    fit(sheet)


def benefits(sheet: Sheet, pen: Pen) -> None:
    """Draw what is avoided net by substance, a panel each: base case, whiskers from low to high."""
    result = pen.draft.result
    frame = result.benefits
    substances = known_order(frame["substance"], _SUBSTANCES)
    facilities = [f for f in result.study.facilities if f.key in set(frame["facility"])]
    sums = frame.groupby(["substance", "facility", "case"])[["avoided_t", "net_t"]].sum(
        min_count=1
    )
    panels = np.atleast_1d(sheet.subplots(1, len(substances)))
    for place, (axes, substance) in enumerate(zip(panels, substances, strict=True)):
        _substance(axes, pen, sums, substance, facilities)
        axes.set_yticks(
            range(len(facilities)),
            [pen.text(pen.draft.of(f.label)) for f in facilities]
            if place == 0
            else [""] * len(facilities),
        )
        axes.invert_yaxis()
    sheet.supxlabel(
        pen.say(
            "t/年。浅色：替代排放（毛）；深色与数字：净减排（基准方案）；横线：低至高方案",
            "t a year. Light: avoided, gross; dark and number: net, base case; line: low to high case",
        ),
        fontsize=8,
        color=FAINT,
    )
    fit(sheet)


def _substance(
    axes: Axes, pen: Pen, sums: pd.DataFrame, substance: str, facilities: Sequence[FacilitySpec]
) -> None:
    del pen

    def of(column: str, facility: FacilitySpec, case: str) -> float:
        return float(sums[column].get((substance, facility.key, case), np.nan))

    for row, facility in enumerate(facilities):
        gross, net = of("avoided_t", facility, "base"), of("net_t", facility, "base")
        axes.barh(row, gross, color="#cfd8df", height=0.6)
        axes.barh(row, net, color=_UP if not net < 0 else _DOWN, height=0.34)
        ends = (of("net_t", facility, "low"), of("net_t", facility, "high"))
        if all(map(isfinite, ends)):
            axes.plot(ends, (row, row), color=INK, lw=0.9, marker="|", markersize=5)
        at = max([v for v in (gross, net, *ends, 0.0) if isfinite(v)])
        axes.annotate(
            brief(net),
            (at, row),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
        )
    axes.axvline(0, color=FAINT, lw=0.6)
    axes.set_title(substance)
    axes.set_xticks([])
    axes.margins(x=0.42)
    bare(axes)
    axes.spines["bottom"].set_visible(False)
