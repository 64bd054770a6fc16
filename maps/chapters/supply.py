"""Where the hydrogen comes from and what it costs as delivered."""

from math import isfinite

import pandas as pd

from maps.chapters._blocks import (
    by_facility,
    counts,
    numbers,
    paragraph,
    records,
    table,
    under,
    words,
)
from maps.document import Block, Chapter, Table
from maps.draft import Draft, numbered_sites, part, text_of
from siting.model import FacilitySpec


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on supply; nothing where no site is supplied from elsewhere."""
    sections = by_facility(draft, _facility)
    if not sections:
        return ()
    lead = paragraph(
        draft.say(
            "各站由最近且尚有余量的氢源经路网运输供应；到站成本含运输，不含站内压缩与加注。"
            "现有氢源余量之外的部分列为“氢源缺口”，其运距与成本未知。",
            "Every station is supplied by road from the nearest source that has enough left. The cost "
            "is as delivered, before compression and dispensing. What no source can deliver is "
            "listed as lacking; its distance and cost are not known.",
        )
    )
    return under(draft.say("氢源与供应", "Supply"), sections, lead=(lead,))


def _facility(draft: Draft, facility: FacilitySpec) -> list[Block]:
    mine = part(draft.result.supply, facility)
    return [] if mine.empty else [_sources(draft, facility, mine), _sites(draft, facility, mine)]


def _sources(draft: Draft, facility: FacilitySpec, mine: pd.DataFrame) -> Table:
    amounts = mine["amount"].astype(float)
    cost, way = mine["cost_cny_per_unit"].astype(float), mine["distance_km"].astype(float)
    weighted = mine.assign(amount=amounts, money=amounts * cost, way=amounts * way)
    groups = weighted.groupby("source_id", sort=True)
    sums = groups[["amount", "money", "way"]].sum(min_count=1)
    unit, km = draft.unit(facility.demand_unit), sums["way"] / sums["amount"]
    names = [_source(draft, key, float(sums["money"][key])) for key in sums.index]
    stations, whole = int(mine["candidate_id"].nunique()), float(sums["amount"].sum())
    return table(
        f"supply_{facility.key}",
        draft.say("氢源供应量与到站成本", "Sources, amounts and cost as delivered"),
        (
            words(draft.say("氢源", "Source"), names),
            counts(draft.say("供应站数", "Stations"), groups.size(), total=stations),
            numbers(draft.say("供应量", "Amount"), sums["amount"], unit=unit, total=whole),
            numbers(draft.say("平均运距", "Mean distance"), km, unit="km", decimals=1),
            numbers(
                draft.say("平均到站成本", "Mean cost delivered"),
                sums["money"] / sums["amount"],
                unit=_money_unit(draft, facility),
                decimals=2,
            ),
        ),
        total=draft.say("合计", "Total"),
    )


def _sites(draft: Draft, facility: FacilitySpec, mine: pd.DataFrame) -> Table:
    sites = numbered_sites(draft.result, facility)
    sites = sites.assign(place=[draft.named(row) for row in records(sites)])
    known = sites[["candidate_id", "number", "place"]]
    rows = records(mine.merge(known, on="candidate_id").sort_values(["number", "source_id"]))
    sources = [_source(draft, r["source_id"], float(r["cost_cny_per_unit"])) for r in rows]
    km = [row["distance_km"] for row in rows]
    return table(
        f"supply_sites_{facility.key}",
        draft.say("各站氢源", "Supply of each station"),
        (
            words(draft.say("序号", "No."), (row["number"] for row in rows)),
            words(draft.say("站点", "Station"), (row["place"] for row in rows)),
            words(draft.say("氢源", "Source"), sources),
            numbers(
                draft.say("供应量", "Amount"),
                (row["amount"] for row in rows),
                unit=draft.unit(facility.demand_unit),
            ),
            numbers(draft.say("运距", "Distance"), km, unit="km", decimals=1),
            numbers(
                draft.say("到站成本", "Cost delivered"),
                (row["cost_cny_per_unit"] for row in rows),
                unit=_money_unit(draft, facility),
                decimals=2,
            ),
        ),
    )


def _source(draft: Draft, key: object, cost: float) -> str:
    """Return the name of a source; one without a place is assumed, or lacking where it has no cost."""
    if not text_of(key):
        if isfinite(cost):
            return draft.say("假定氢源", "assumed source")
        return draft.say("氢源缺口", "lacking")
    energy = draft.result.layers.get("energy")
    known = [] if energy is None else records(energy[energy["id"].astype(str) == str(key)])
    return draft.named(known[0]) if known else text_of(key)


def _money_unit(draft: Draft, facility: FacilitySpec) -> str:
    """Return CNY a unit of what is supplied: kg of kg/day."""
    return draft.unit(f"CNY/{facility.demand_unit.partition('/')[0]}")
