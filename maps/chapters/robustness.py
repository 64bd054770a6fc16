"""How sure the plan is: proof, other cases, other prices, other weights and other methods."""

from collections.abc import Iterator
from math import isnan

import pandas as pd

from maps import figures
from maps.chapters._alternatives import alternatives
from maps.chapters._blocks import (
    Row,
    by_facility,
    counts,
    note,
    numbers,
    paragraph,
    records,
    shares,
    table,
    under,
    words,
)
from maps.chapters._ranks import agreement, certainty, switches
from maps.chapters.principles import model_name
from maps.document import Block, Chapter, Table
from maps.draft import CASES, MISSING, Draft, amount, known_order, part, plain, share
from siting.model import FacilitySpec, Plan, SolveStatus

_PLANS = ("chosen", "robust", "low", "base", "high")


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on robustness and sensitivity."""
    lead = paragraph(
        draft.say(
            "以下依次检验：选址方案是否最优；需求偏低或偏高时方案是否仍然可用；价格等因素变动时经济性如何变化；"
            "权重与评价方法改变时排序是否稳定。",
            "Tested in turn: whether the choice is optimal; how it fares when demand turns out low or "
            "high; what prices do to the economics; whether ranks hold under other weights and methods.",
        )
    )
    sections = by_facility(draft, _facility)
    return under(
        draft.say("稳健性与敏感性", "Robustness and sensitivity"),
        sections,
        lead=(lead, *_proofs(draft)),
    )


def _proofs(draft: Draft) -> list[Block]:
    plans = [p for p in map(draft.result.plans.get, _keys(draft)) if p is not None]
    if not plans:
        return []
    statuses = {
        SolveStatus.OPTIMAL: draft.say("已证明最优", "proven optimal"),
        SolveStatus.TIME_LIMIT: draft.say(
            "到时限停止：当前最好方案，不保证可重现",
            "stopped by the time limit: the best found, not reproducible",
        ),
    }
    found: list[Block] = [
        table(
            "plans",
            draft.say(
                "选址模型的目标值、上界与差距", "Objective, bound and gap of the location models"
            ),
            (
                words(draft.say("设施", "Facility"), (draft.facility(p.facility) for p in plans)),
                words(draft.say("模型", "Model"), (model_name(draft, p.model) for p in plans)),
                counts(draft.say("站数", "Sites"), (len(p.sites) for p in plans)),
                words(draft.say("目标值", "Objective"), (amount(p.objective) for p in plans)),
                words(draft.say("界", "Bound"), (amount(p.bound) for p in plans)),
                words(draft.say("单位", "Unit"), (draft.unit(p.unit) for p in plans)),
                numbers(
                    draft.say("差距", "Gap"), (p.gap for p in plans), decimals=2, is_share=True
                ),
                words(draft.say("求解状态", "Status"), (statuses[p.status] for p in plans)),
                words(draft.say("模型自述", "Facts"), map(_facts, plans)),
            ),
            is_wide=True,
        )
    ]
    return [*found, *_concessions(draft, plans)]


def _keys(draft: Draft) -> Iterator[str]:
    return (facility.key for facility in draft.result.study.facilities)


def _facts(plan: Plan) -> str:
    return "; ".join(f"{plain(key)} = {amount(value)}" for key, value in plan.facts.items())


def _concessions(draft: Draft, plans: list[Plan]) -> Iterator[Block]:
    for plan in plans:
        given_up = plan.facts.get("score_tolerance_share", 0.0)
        if given_up > 0:
            name = draft.facility(plan.facility)
            yield note(
                draft.say(
                    f"{name}：为选用评分更高的站点，允许让出至多 {share(given_up)} 的覆盖。",
                    f"{name}: up to {share(given_up)} of the coverage is given up on purpose for "
                    "better-scored sites.",
                )
            )


def _facility(draft: Draft, facility: FacilitySpec) -> list[Block | None]:
    return [
        _cases(draft, facility),
        *alternatives(draft, facility),
        *_prices(draft, facility),
        *switches(draft, facility),
        agreement(draft, facility),
        *certainty(draft, facility),
    ]


def _cases(draft: Draft, facility: FacilitySpec) -> Table | None:
    """Return how every plan serves every case of demand; None where that was not looked at."""
    mine = part(draft.result.robustness, facility)
    if mine.empty:
        return None
    plans, cases = known_order(mine["plan"], _PLANS), known_order(mine["case"], CASES)
    found = mine.set_index(["plan", "case"])
    regret = mine.groupby("plan")["regret"].max()
    sizes = mine.groupby("plan")["sites"].first()
    return table(
        f"robustness_{facility.key}",
        draft.say(
            f"{draft.of(facility.label)}：各方案在各需求情形下的服务比例",
            f"{draft.of(facility.label)}: share served by plan and case of demand",
        ),
        (
            words(draft.say("方案", "Plan"), (_plan_name(draft, plan) for plan in plans)),
            numbers(draft.say("站数", "Sites"), (sizes[plan] for plan in plans)),
            *(
                shares(draft.case(case), (_served(found, plan, case) for plan in plans))
                for case in cases
            ),
            shares(draft.say("最大遗憾", "Greatest regret"), (regret[plan] for plan in plans)),
        ),
        notes=(
            draft.say(
                "按时限内可达计服务，不计容量；遗憾为与该情形最优方案之差。",
                "Served: within the time limit, capacities aside. Regret: lost against the best plan "
                "for that case.",
            ),
        ),
    )


def _plan_name(draft: Draft, plan: str) -> str:
    names = {
        "chosen": draft.say("本方案", "this plan"),
        "robust": draft.say("最小最大遗憾方案", "least regret"),
    }
    best = draft.say(f"{draft.case(plan)}时最优", f"best for {draft.case(plan)}")
    return names.get(plan) or best


def _served(found: pd.DataFrame, plan: str, case: str) -> float:
    return float(found["served_share"].get((plan, case), float("nan")))


def _prices(draft: Draft, facility: FacilitySpec) -> list[Block | None]:
    mine = part(draft.result.sensitivity, facility)
    if mine.empty:
        return []
    return [
        figures.sensitivity_chart(draft, facility),
        *(_changes(draft, facility, mine[mine["item"] == item]) for item in _items(mine)),
    ]


def _items(mine: pd.DataFrame) -> list[str]:
    return known_order(mine["item"], ("npv_mcny", "irr", "levelised_cost"))


def _changes(draft: Draft, facility: FacilitySpec, mine: pd.DataFrame) -> Table | None:
    if mine["value"].isna().all():
        return None
    item, unit = str(mine["item"].iloc[0]), str(mine["unit"].iloc[0])
    factors = records(mine.drop_duplicates("factor"))
    changes = sorted(set(mine["change"]))
    found = mine.set_index(["factor", "change"])["value"]
    is_share, with_unit = unit == "share", _item(draft, item, unit)
    return table(
        f"sensitivity_{item}_{facility.key}",
        draft.say(
            f"{draft.of(facility.label)}：{with_unit}随因素变动",
            f"{draft.of(facility.label)}: {with_unit} as one factor changes",
        ),
        (
            words(draft.say("因素", "Factor"), map(draft.labelled, factors)),
            *(
                numbers(
                    _signed(change),
                    _row(found, factors, change),
                    decimals=1 if is_share else 2,
                    is_share=is_share,
                )
                for change in changes
            ),
        ),
    )


def _item(draft: Draft, item: str, unit: str) -> str:
    """Return what an item of the accounts is called, with its unit unless it is a share."""
    heads = {
        "npv_mcny": draft.say("财务净现值", "net present value"),
        "irr": draft.say("内部收益率", "internal rate of return"),
        "levelised_cost": draft.say("平准化成本", "levelised cost"),
    }
    head, shown = heads.get(item, item), draft.unit(unit)
    return head if unit == "share" else draft.say(f"{head}（{shown}）", f"{head} ({shown})")


def _row(found: "pd.Series[float]", factors: list[Row], change: float) -> list[float]:
    return [float(found.get((row["factor"], change), float("nan"))) for row in factors]


def _signed(change: float) -> str:
    return MISSING if isnan(change) else f"{100 * change:+.0f} %" if change else "0"
