"""Plans beside the plan: more or fewer sites, other money, and which sites any good plan has."""

import pandas as pd

from maps import figures
from maps.chapters._blocks import counts, numbers, paragraph, records, shares, table, words
from maps.document import Block, Table
from maps.draft import Draft, known_order, part, text_of
from siting.model import FacilitySpec

_STANDINGS = ("always", "sometimes", "never", "undecided")
_MOST = 40


def alternatives(draft: Draft, facility: FacilitySpec) -> list[Block]:
    """Return what other numbers of sites and other money would serve, and who can stand in for whom."""
    blocks = (
        figures.alternatives_chart(draft, facility),
        _curve(draft, facility),
        _front(draft, facility),
        *_standing(draft, facility),
    )
    return [block for block in blocks if block is not None]


def _curve(draft: Draft, facility: FacilitySpec) -> Table | None:
    rows = records(part(draft.result.curve, facility).sort_values("sites"))
    if not rows:
        return None
    say, name = draft.say, draft.of(facility.label)
    return table(
        f"curve_{facility.key}",
        say(f"{name}：站点数与服务比例", f"{name}: number of sites and share served"),
        (
            counts(say("站点数", "Sites"), (row["sites"] for row in rows)),
            shares(
                say("最多可服务", "Most that can be served"), (row["served_share"] for row in rows)
            ),
            shares(say("上界", "Bound"), (row["bound_share"] for row in rows)),
            shares(say("末站新增", "The last site adds"), (row["gain_share"] for row in rows)),
            words(
                "",
                (say("本方案", "the plan") if row["is_plan"] else "" for row in rows),
                is_optional=True,
            ),
        ),
        notes=(say("按时限内可达计，不计容量。", "Within the time limit, capacities aside."),),
    )


def _front(draft: Draft, facility: FacilitySpec) -> Table | None:
    rows = records(part(draft.result.front, facility).sort_values("cost_mcny"))
    if not rows:
        return None
    say, name = draft.say, draft.of(facility.label)
    return table(
        f"front_{facility.key}",
        say(f"{name}：费用与服务比例", f"{name}: cost and share served"),
        (
            numbers(
                say("最低费用", "Least cost"),
                (r["cost_mcny"] for r in rows),
                unit=draft.unit("mcny"),
                decimals=1,
            ),
            shares(say("服务比例", "Share served"), (row["served_share"] for row in rows)),
            counts(say("站点数", "Sites"), (row["sites"] for row in rows)),
        ),
        notes=(say("按最小规格的造价，不计容量。", "Smallest sizes, capacities aside."),),
    )


def _standing(draft: Draft, facility: FacilitySpec) -> list[Block]:
    mine = part(draft.result.standing, facility)
    if mine.empty:
        return []
    say = draft.say
    names = {
        "always": say(
            "必选：凡达到最优覆盖 99 % 的方案都有", "in every plan within 99 % of the most"
        ),
        "sometimes": say("可选：部分此类方案有", "in some of them"),
        "never": say("不选：此类方案都没有", "in none of them"),
        "undecided": say("未判定", "not decided in the time given"),
    }
    kinds = known_order(mine["standing"], _STANDINGS)
    sizes = [int((mine["standing"] == kind).sum()) for kind in kinds]
    tally = table(
        f"standing_{facility.key}",
        say(
            f"{draft.of(facility.label)}：候选点的可替代性",
            f"{draft.of(facility.label)}: which candidates can be done without",
        ),
        (
            words(say("类别", "Standing"), (names.get(kind, kind) for kind in kinds)),
            counts(say("候选点数", "Candidates"), sizes, total=sum(sizes)),
        ),
        total=say("合计", "Total"),
    )
    return [tally, *_replacements(draft, facility, mine)]


def _replacements(draft: Draft, facility: FacilitySpec, mine: pd.DataFrame) -> list[Block]:
    known = part(draft.result.candidates, facility)
    names = {text_of(row["candidate_id"]): draft.named(row) for row in records(known)}
    pairs = [
        (text_of(row["candidate_id"]), other)
        for row in records(mine)
        if (other := text_of(row["stands_in_for"]))
    ]
    if not pairs:
        return []
    say, shown = draft.say, pairs[:_MOST]
    lead = say(
        f"有 {len(pairs)} 个候选点可以替代方案中的站点，总覆盖不低于最优的 99 %。",
        f"{len(pairs)} candidates can replace a site of the plan, with at least 99 % of the most covered.",
    )
    return [
        paragraph(lead),
        table(
            f"stand_ins_{facility.key}",
            say(
                f"{draft.of(facility.label)}：可替代的站点",
                f"{draft.of(facility.label)}: sites and who can replace them",
            ),
            (
                words(say("候选点", "Candidate"), (key for key, _ in shown)),
                words(say("名称", "Name"), (names.get(key, key) for key, _ in shown)),
                words(say("可替代", "Replaces"), (other for _, other in shown)),
                words(
                    say("被替代站点名称", "Name of the site"),
                    (names.get(other, other) for _, other in shown),
                ),
            ),
        ),
    ]
