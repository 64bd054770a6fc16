"""How stable the ranking is: weights that turn it, other methods, ranks under drawn weights."""

from collections.abc import Mapping
from math import isnan
from types import MappingProxyType

from maps.chapters._blocks import Row, numbers, paragraph, records, shares, table, words
from maps.document import Block, Table
from maps.draft import MISSING, Draft, part, plain
from siting.model import FacilitySpec, Label

_COMBINED: Mapping[str, Label] = MappingProxyType(
    {
        "wlc": Label(zh="加权线性组合", en="weighted sum"),
        "topsis": Label(zh="逼近理想解", en="TOPSIS"),
        "weighted_product": Label(zh="加权乘积", en="weighted product"),
        "vikor": Label(zh="折衷排序", en="VIKOR"),
        "promethee": Label(zh="PROMETHEE II", en="PROMETHEE II"),
        "owa": Label(zh="有序加权（偏谨慎）", en="OWA, careful"),
        "lexicographic": Label(zh="字典序筛选", en="lexicographic screening"),
    }
)
_FEW = 12


def switches(draft: Draft, facility: FacilitySpec) -> list[Block]:
    """Return in which range of each weight the first place and the top N stay."""
    known = part(draft.result.stability, facility)
    if known.empty:
        return []
    labels = {spec.key: draft.of(spec.label) for spec in facility.criteria}
    rows = records(known)
    say = draft.say
    note = say(
        "逐个改变权重，其余按比例缩放；N 为规划站点数。↓ 和 ↑ 为低于下限、高于上限时的首位。",
        "One weight at a time, the others in proportion; N is the number of sites planned. ↓ and ↑ take "
        "the first place below and above the range.",
    )
    first = (_range(row["first_low"], row["first_high"]) for row in rows)
    top = (_range(row["top_low"], row["top_high"]) for row in rows)
    names = (labels.get(row["criterion"], row["criterion"]) for row in rows)
    index = (row["first_order"] for row in rows)
    return [
        table(
            f"stability_{facility.key}",
            say(
                f"{draft.of(facility.label)}：权重稳定区间",
                f"{draft.of(facility.label)}: stability under other weights",
            ),
            (
                words(say("指标", "Criterion"), names),
                numbers(say("权重", "Weight"), (r["weight"] for r in rows), decimals=3),
                words(say("首位不变", "First place stays"), first),
                words(say("其外首位", "Beyond it"), map(_beyond, rows)),
                words(say("入选集合不变", "Top N stays"), top),
                numbers(say("一阶指数", "First-order index"), index, decimals=3),
            ),
            notes=(note,),
            is_wide=True,
        )
    ]


def agreement(draft: Draft, facility: FacilitySpec) -> Table | None:
    """Return how other methods rank the candidates beside the plan's own; None where none was asked."""
    rows = records(part(draft.result.agreement, facility))
    if not rows:
        return None
    return table(
        f"methods_{facility.key}",
        draft.say(
            f"{draft.of(facility.label)}：与其他评价方法比较",
            f"{draft.of(facility.label)}: beside other methods",
        ),
        (
            words(draft.say("方法", "Method"), (_method(draft, r["method"]) for r in rows)),
            numbers("Spearman", (r["spearman"] for r in rows), decimals=3),
            numbers("Kendall", (r["kendall"] for r in rows), decimals=3),
            shares(draft.say("前 N 名重合", "Same top N"), (r["top_n_share"] for r in rows)),
        ),
    )


def certainty(draft: Draft, facility: FacilitySpec) -> list[Block]:
    """Return the ranks of the best candidates under drawn weights (and inputs)."""
    mine = part(draft.result.candidates, facility)
    rows = records(mine[mine["rank"].notna()].sort_values(["rank", "candidate_id"]).head(_FEW))
    if not rows:
        return []
    settings = draft.result.study.certainty
    drawn = draft.say(
        f"名次由 {settings.weight_draws} 次权重抽样得出",
        f"Ranks under {settings.weight_draws} draws of the weights",
    )
    if settings.input_draws:
        drawn += draft.say(
            f"，另有 {settings.input_draws} 次位置与需求抽样",
            f" and {settings.input_draws} draws of positions and demand",
        )
    return [
        paragraph(drawn + draft.say("。", ".")),
        table(
            f"ranks_{facility.key}",
            draft.say(
                f"{draft.of(facility.label)}：前 {len(rows)} 名的把握",
                f"{draft.of(facility.label)}: how sure the first {len(rows)} ranks are",
            ),
            (
                words(draft.say("名次", "Rank"), (f"{r['rank']:.0f}" for r in rows)),
                words(draft.say("编号", "Id"), (plain(str(r["candidate_id"])) for r in rows)),
                words(draft.say("名称", "Name"), map(draft.named, rows)),
                numbers(draft.say("评分", "Score"), (r["score"] for r in rows), decimals=3),
                words(draft.say("90 % 名次区间", "90 % of ranks"), map(_spread, rows)),
                shares(draft.say("进入前 N 名", "In the top N"), (r["top_n_share"] for r in rows)),
            ),
        ),
    ]


def _spread(row: Row) -> str:
    ends = (row["rank_p05"], row["rank_p95"])
    return MISSING if any(map(isnan, ends)) else " – ".join(f"{end:.0f}" for end in ends)


def _beyond(row: Row) -> str:
    below, above = plain(str(row["below_id"])), plain(str(row["above_id"]))
    found = [f"↓ {below}"] if below else []
    found += [f"↑ {above}"] if above else []
    return " ".join(found) or MISSING


def _range(low: float, high: float) -> str:
    start = "0" if isnan(low) else f"{low:.3f}"
    end = "1" if isnan(high) else f"{high:.3f}"
    return f"{start} – {end}"


def _method(draft: Draft, key: str) -> str:
    return draft.of(_COMBINED[key]) if key in _COMBINED else plain(key)
