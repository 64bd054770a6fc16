"""What the sites cost to build and to run, and what they bring."""

from maps import figures
from maps.chapters._blocks import (
    by_facility,
    note,
    numbers,
    paragraph,
    records,
    section,
    table,
    under,
    words,
)
from maps.chapters._money import item_fields, whole
from maps.document import Block, Chapter, Table
from maps.draft import CASES, Draft, known_order, numbered_sites, part
from siting.model import FacilitySpec


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on investment and economics, or why there is none."""
    title = draft.say("投资估算与经济评价", "Investment and economics")
    if draft.result.economics.empty:
        none = draft.say(
            "本方案没有造价与价格参数，不作投资估算。",
            "The study brings neither costs nor prices: nothing is estimated.",
        )
        return section(title, (), otherwise=none)
    lead = draft.say(
        "金额为不变价，价格水平年见各参数；未知者以“—”表示，不按零计入。投资口径见各造价参数的说明。"
        "平准化成本不含补贴；内部收益率或投资回收期为“—”者，表示寿命期内不能收回投资。",
        "Money is in constant prices of the years of the parameters; what is not known is a dash, never "
        "zero. What investment includes is said with its parameters. The levelised cost is without subsidy; a dash for the "
        "rate of return or the payback says that the money does not come back within the lifetime.",
    )
    chart = figures.investment_chart(draft)
    opening: list[Block] = [paragraph(lead), _overview(draft), *([chart] if chart else [])]
    sections = by_facility(draft, _facility)
    return under(title, sections, lead=opening)


def _overview(draft: Draft) -> Table:
    facilities = draft.result.study.facilities
    say, unit, economics = draft.say, draft.unit("mcny"), draft.result.economics
    heads = (
        ("capex_mcny", say("建设投资", "Investment"), unit, 1),
        ("opex_mcny_yr", say("年运行成本", "Running cost"), draft.unit("million CNY/yr"), 1),
        ("revenue_mcny_yr", say("年收入", "Revenue"), draft.unit("million CNY/yr"), 1),
        ("npv_mcny", say("财务净现值", "NPV"), unit, 1),
    )
    fields = []
    for item, head, of, decimals in heads:
        found = whole(economics, case="base", item=item)
        values = [float(found.get(f.key, float("nan"))) for f in facilities]
        total = sum(values)  # unknown as soon as one part is: NaN stays NaN
        fields.append(numbers(head, values, unit=of, decimals=decimals, total=total))
    return table(
        "investment",
        say("投资估算汇总（基准方案）", "Investment, base case"),
        (words(say("设施", "Facility"), (draft.of(f.label) for f in facilities)), *fields),
        total=say("合计", "Total"),
    )


def _facility(draft: Draft, facility: FacilitySpec) -> list[Block]:
    mine = part(draft.result.economics, facility)
    if mine.empty:
        none = draft.say("未作经济评价。", "No economics for this type.")
        return [note(none)]
    all_sites = mine[mine["candidate_id"] == ""]
    cases = known_order(all_sites["case"], CASES)
    name = draft.of(facility.label)
    by_case = table(
        f"economics_{facility.key}",
        draft.say(f"{name}：经济指标", f"{name}: economics by case"),
        (
            words(draft.say("方案", "Case"), map(draft.case, cases)),
            *item_fields(draft, all_sites, index="case", order=cases),
        ),
        is_wide=True,
    )
    return [by_case, *_sites(draft, facility)]


def _sites(draft: Draft, facility: FacilitySpec) -> list[Block]:
    mine = part(draft.result.economics, facility)
    base = mine[(mine["case"] == "base") & (mine["candidate_id"] != "")]
    if base.empty:
        return []
    sites = numbered_sites(draft.result, facility)
    sites = sites[sites["candidate_id"].isin(base["candidate_id"])]
    rows, name = records(sites), draft.of(facility.label)
    return [
        table(
            f"economics_sites_{facility.key}",
            draft.say(
                f"{name}：各站经济指标（基准方案）", f"{name}: economics of each site, base case"
            ),
            (
                words(draft.say("序号", "No."), (row["number"] for row in rows)),
                words(draft.say("站点", "Site"), map(draft.named, rows)),
                *item_fields(
                    draft,
                    base,
                    index="candidate_id",
                    order=list(sites["candidate_id"]),
                    with_total=facility,
                ),
            ),
            is_wide=True,
            total=draft.say("全部", "All"),
        )
    ]
