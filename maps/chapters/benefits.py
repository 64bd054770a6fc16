"""Emissions avoided and added: local air first, CO2 net of what the grid and the source emit."""

from maps import figures
from maps.chapters._blocks import (
    by_facility,
    numbers,
    paragraph,
    section,
    shares,
    table,
    under,
    warning,
    words,
)
from maps.document import Block, Chapter, Table
from maps.draft import CASES, Draft, known_order, part, ratio, text_of
from siting.model import FacilitySpec

SUBSTANCES = ("NOx", "SO2", "PM10", "CO2")
"""Local air first."""


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on benefits, or why there is none."""
    title = draft.say("减排效益", "Benefits")
    if draft.result.benefits.empty:
        none = draft.say(
            "本方案没有排放因子，不计算减排效益。",
            "The study brings no factors of emission: nothing is computed.",
        )
        return section(title, (), otherwise=none)
    lead = draft.say(
        "先列局地大气污染物，后列 CO2。净减排为替代燃料的排放减去供电或制氢的排放；后者按“参数与假设”"
        "所列排放因子计入。电厂排放不在站点所在区市，局地效益按替代燃料的排放计。",
        "Local air first, then CO2. Net is what the fuel replaced would have emitted less what the grid "
        'or the hydrogen source emits, by the factors listed under "Parameters and assumptions". Power '
        "stations stand elsewhere, so the local gain is what is avoided on the spot.",
    )
    chart = figures.benefits_chart(draft)
    opening: list[Block] = [paragraph(lead), *_caution(draft), *([chart] if chart else [])]
    sections = by_facility(draft, _facility)
    districts = section(draft.say("分区市", "By district"), (_districts(draft),), level=2)
    return under(title, (*sections, *districts), lead=opening)


def _caution(draft: Draft) -> list[Block]:
    """Return a warning for every type whose CO2 saving is small or none in the base case."""
    found: list[Block] = []
    for facility in draft.result.study.facilities:
        mine = part(draft.result.benefits, facility)
        base = mine[(mine["case"] == "base") & (mine["substance"] == "CO2")]
        gross, net = float(base["avoided_t"].sum()), float(base["net_t"].sum())
        kept = ratio(net, gross)
        if kept < _SMALL_SHARE:
            name = draft.of(facility.label)
            found.append(
                warning(
                    draft.say(
                        f"{name}：CO2 净减排仅为毛减排的 {100 * kept:.1f} %，主要效益在局地大气，不宜以碳减排为主要理由。",
                        f"{name}: net CO2 is {100 * kept:.1f} % of the gross. The gain is in local air; "
                        "carbon is no main reason for it.",
                    )
                )
            )
    return found


_SMALL_SHARE = 0.25


def _facility(draft: Draft, facility: FacilitySpec) -> list[Block]:
    mine = part(draft.result.benefits, facility)
    if mine.empty:
        return []
    sums = mine.groupby(["substance", "case"])[["avoided_t", "added_t", "net_t"]].sum(min_count=1)
    substances = known_order(mine["substance"], SUBSTANCES)
    cases = known_order(mine["case"], CASES)

    def column(case: str, name: str) -> list[float]:
        return [float(sums[name].get((key, case), float("nan"))) for key in substances]

    avoided, net = column("base", "avoided_t"), column("base", "net_t")
    name, unit = draft.of(facility.label), draft.unit("t/yr")
    columns = [
        (draft.say("替代排放（基准）", "Avoided, base"), avoided),
        (draft.say("新增排放（基准）", "Added, base"), column("base", "added_t")),
    ]
    for case in cases:
        head = draft.say(f"净减排（{draft.case(case)}）", f"Net, {draft.case(case)}")
        columns.append((head, column(case, "net_t")))
    return [
        table(
            f"benefits_{facility.key}",
            draft.say(f"{name}：年减排量", f"{name}: emissions a year"),
            (
                words(draft.say("物质", "Substance"), substances),
                *(numbers(head, cells, unit=unit, decimals=2) for head, cells in columns),
                shares(draft.say("净/毛（基准）", "Net of gross, base"), map(ratio, net, avoided)),
            ),
            is_wide=True,
        )
    ]


def _districts(draft: Draft) -> Table:
    base = draft.result.benefits[draft.result.benefits["case"] == "base"]
    sums = base.assign(district=base["district"].fillna("")).pivot_table(
        index="district", columns="substance", values="net_t", aggfunc="sum"
    )
    substances = known_order(base["substance"], SUBSTANCES)
    return table(
        "benefits_by_district",
        draft.say(
            "分区市净减排（全部设施，基准方案）",
            "Net emissions avoided by district, all types, base case",
        ),
        (
            words(
                draft.say("区市", "District"),
                (text_of(name) or draft.say("未知", "unknown") for name in sums.index),
            ),
            *(
                numbers(
                    key,
                    sums[key],
                    unit=draft.unit("t/yr"),
                    decimals=2,
                    total=float(sums[key].sum()),
                )
                for key in substances
                if key in sums.columns
            ),
        ),
        total=draft.say("合计", "Total"),
    )
