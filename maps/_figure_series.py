"""The report's charts, drawn when asked for."""

from collections.abc import Callable
from functools import partial

from matplotlib.figure import Figure as Sheet

from maps import _figure_charts as charts, _figure_money as money
from maps._figure_base import CHART_WIDTH_MM, Pen, chart, safe
from maps.document import Figure
from maps.draft import Draft, amount, part, share
from siting.model import FacilitySpec

_CHART_MM, _TALL_MM, _ROW_MM = 62.0, 74.0, 9.0


def demand_chart(draft: Draft) -> Figure | None:
    """Return the chart of demand by case."""
    facilities = draft.result.study.facilities
    if draft.result.demand.empty or not facilities:
        return None
    each = []
    for facility in facilities:
        mine = part(draft.result.demand, facility)
        low, base, high = (
            amount(float(mine[f"demand_{c}"].sum())) for c in ("low", "base", "high")
        )
        each.append(
            f"{draft.of(facility.label)} {low} / {base} / {high} {draft.unit(facility.demand_unit)}"
        )
    return _chart(
        draft,
        "chart_demand",
        draft.say(
            "各类设施需求（低、基准、高方案）",
            "Demand of each type in the low, base and high case",
        ),
        draft.say("；", "; ").join(each),
        charts.demand,
    )


def rollout_chart(draft: Draft) -> Figure | None:
    """Return the chart of service and spending by year; None without a roll-out."""
    frame = draft.result.roll_out
    if frame.empty:
        return None
    last = frame[frame["year"] == frame["year"].max()]
    each = draft.say("、", ", ").join(
        f"{draft.facility(key)} {share(value)}"
        for key, value in zip(last["facility"], last["served_share"], strict=True)
        if key
    )
    year = f"{frame['year'].max():.0f}"
    return _chart(
        draft,
        "chart_roll_out",
        draft.say("服务比例与支出（分期）", "Share served and money spent by period"),
        draft.say(f"{year} 年服务比例：{each}。", f"Share served in {year}: {each}."),
        partial(charts.service_by_year, frame=frame),
        height_mm=_TALL_MM,
    )


def investment_chart(draft: Draft) -> Figure | None:
    """Return the chart of investment and yearly money, base case; None without economics."""
    economics = draft.result.economics
    base = economics[(economics["candidate_id"] == "") & (economics["case"] == "base")]
    capex = base[base["item"] == "capex_mcny"].set_index("facility")["value"].astype(float)
    if capex.empty:
        return None
    unit = draft.unit("mcny")
    each = draft.say("、", ", ").join(
        f"{draft.of(facility.label)} {amount(float(capex[facility.key]))}"
        for facility in draft.result.study.facilities
        if facility.key in capex.index
    )
    return _chart(
        draft,
        "chart_investment",
        draft.say("投资与年收支（基准方案）", "Investment and money a year, base case"),
        draft.say(f"建设投资（{unit}）：{each}。", f"Investment in {unit}: {each}."),
        partial(money.investment, economics=economics),
    )


def sensitivity_chart(draft: Draft, facility: FacilitySpec) -> Figure | None:
    """Return the tornado of a type: its net present value, else its levelised cost; None without."""
    frame = part(draft.result.sensitivity, facility)
    heads = {
        "npv_mcny": draft.say("财务净现值", "net present value"),
        "levelised_cost": draft.say("平准化成本", "levelised cost"),
    }
    for item, head in heads.items():
        mine = frame[frame["item"] == item]
        if not mine["value"].notna().any() or mine.loc[mine["change"] == 0, "value"].isna().all():
            continue
        unit = draft.unit(str(mine["unit"].iloc[0]))
        title = draft.say(f"{head}（{unit}）", f"{head} ({unit})")
        name = draft.of(facility.label)
        rows = int(mine["factor"].nunique())
        return _chart(
            draft,
            f"chart_sensitivity_{facility.key}",
            draft.say(f"{name}：{head}敏感性", f"{name}: sensitivity of the {head}"),
            draft.say(
                f"各因素单独变动时{title}的变化，数值见下表。",
                f"{title} as one factor changes; the numbers are in the table below.",
            ),
            partial(money.tornado, mine=mine, title=title),
            height_mm=22 + rows * _ROW_MM,
        )
    return None


def alternatives_chart(draft: Draft, facility: FacilitySpec) -> Figure | None:
    """Return the chart of what other numbers of sites and other money would serve; None without."""
    curve, front = part(draft.result.curve, facility), part(draft.result.front, facility)
    panels = [frame for frame in (curve, front) if len(frame) > 1]
    if not panels:
        return None
    name = draft.of(facility.label)
    return _chart(
        draft,
        f"chart_alternatives_{facility.key}",
        draft.say(f"{name}：站点数、费用与服务比例", f"{name}: sites, cost and share served"),
        draft.say(
            "不同站点数和不同费用所能服务的比例，数值见下表。",
            "The share that other numbers of sites and other money would serve; numbers in the tables below.",
        ),
        partial(charts.alternatives, curve=curve, front=front),
    )


def benefits_chart(draft: Draft) -> Figure | None:
    """Return the chart of emissions avoided; None without benefits."""
    frame = draft.result.benefits
    if frame.empty:
        return None
    base = frame[frame["case"] == "base"].groupby("substance")["net_t"].sum(min_count=1)
    each = draft.say("、", ", ").join(
        f"{key} {amount(float(value))} t" for key, value in base.items()
    )
    return _chart(
        draft,
        "chart_benefits",
        draft.say("年减排量", "Emissions avoided a year"),
        draft.say(f"基准方案净减排：{each}。", f"Net in the base case: {each}."),
        money.benefits,
        height_mm=26 + 12 * int(frame["facility"].nunique()),
    )


def coverage_chart(draft: Draft) -> Figure | None:
    """Return the chart of the indicators that are shares; None without any."""
    frame = draft.result.indicators
    mine = frame[(frame["district"].fillna("") == "") & (frame["unit"] == "share")]
    mine = mine[mine["after"].notna()]
    if mine.empty:
        return None
    return _chart(
        draft,
        "chart_indicators",
        draft.say("服务指标：规划前后（比例类）", "Indicators before and after the plan (shares)"),
        draft.say("各指标规划前后的数值见上表。", "The numbers are in the table above."),
        partial(charts.before_after, frame=mine),
        height_mm=24 + 6.5 * len(mine),
    )


def _chart(
    draft: Draft,
    key: str,
    caption: str,
    alt: str,
    draw: Callable[[Sheet, Pen], None],
    *,
    height_mm: float = _CHART_MM,
) -> Figure:
    return Figure(
        key=safe(key),
        caption=caption,
        alt=alt,
        draw=chart(draw, draft, (CHART_WIDTH_MM, height_mm)),
    )
