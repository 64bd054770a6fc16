"""What the sites are built of, and the power they ask of the grid."""

import pandas as pd

from maps.chapters._blocks import (
    Row,
    by_facility,
    counts,
    known_sum,
    numbers,
    paragraph,
    records,
    table,
    under,
    words,
)
from maps.document import Block, Chapter, Table
from maps.draft import Draft, amount, numbered_sites, part, text_of
from siting.model import FacilitySpec


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter on equipment and grid connection; nothing where neither is known."""
    sections = by_facility(draft, _facility)
    if not sections:
        return ()
    lead = paragraph(
        draft.say(
            "变电站可接入余量未公开，本报告给出接电需求，不代替电网接入系统设计；余量作为假设处的取值见“参数与假设”。",
            "What substations can still take is not public: the power asked for is stated here and "
            'replaces no connection study. Where headroom is assumed, see "Parameters and assumptions".',
        )
    )
    blocks = [block for block in (_power(draft),) if block]
    return under(
        draft.say("设备与接电", "Equipment and grid connection"), sections, lead=(lead, *blocks)
    )


def _power(draft: Draft) -> Table | None:
    """Return the power of all sites by district and facility type; None where none is known."""
    sites = pd.DataFrame(draft.result.sites.drop(columns="geometry"))
    sites = sites[sites["power_mva"].notna()]
    if sites.empty:
        return None
    sums = sites.assign(district=sites["district"].fillna("")).pivot_table(
        index="district", columns="facility", values="power_mva", aggfunc="sum"
    )
    keys = [f.key for f in draft.result.study.facilities if f.key in sums.columns]
    whole = sums[keys].sum(axis=1)
    return table(
        "power_by_district",
        draft.say("分区市接电容量", "Power by district"),
        (
            words(
                draft.say("区市", "District"),
                (text_of(name) or draft.say("未知", "unknown") for name in sums.index),
            ),
            *(
                numbers(
                    draft.facility(key),
                    sums[key],
                    unit="MVA",
                    decimals=1,
                    total=known_sum(sums[key]),
                )
                for key in keys
            ),
            numbers(
                draft.say("合计", "All"), whole, unit="MVA", decimals=1, total=known_sum(whole)
            ),
        ),
        total=draft.say("合计", "Total"),
    )


def _facility(draft: Draft, facility: FacilitySpec) -> list[Block]:
    mine = part(draft.result.equipment, facility)
    if mine.empty:
        return []
    return [_totals(draft, facility, mine), _sites(draft, facility, mine)]


def _totals(draft: Draft, facility: FacilitySpec, mine: pd.DataFrame) -> Table:
    groups = mine.groupby("item", sort=False)
    rows = records(mine.drop_duplicates("item"))
    sums, sizes = groups["quantity"].sum(min_count=1), groups["candidate_id"].nunique()
    return table(
        f"equipment_{facility.key}",
        draft.say(
            f"{draft.of(facility.label)}：设备汇总",
            f"{draft.of(facility.label)}: equipment of all sites",
        ),
        (
            words(draft.say("设备", "Item"), map(draft.labelled, rows)),
            counts(draft.say("站数", "Sites"), (sizes[row["item"]] for row in rows)),
            numbers(
                draft.say("数量", "Quantity"), (sums[row["item"]] for row in rows), decimals=1
            ),
            words(draft.say("单位", "Unit"), (draft.unit(text_of(row["unit"])) for row in rows)),
        ),
    )


def _sites(draft: Draft, facility: FacilitySpec, mine: pd.DataFrame) -> Table:
    sites = records(numbered_sites(draft.result, facility))
    lists: dict[str, list[str]] = {}
    for row in records(mine):
        lists.setdefault(str(row["candidate_id"]), []).append(_piece(draft, row))
    kept = [row for row in sites if str(row["candidate_id"]) in lists]
    return table(
        f"equipment_sites_{facility.key}",
        draft.say(
            f"{draft.of(facility.label)}：各站设备",
            f"{draft.of(facility.label)}: equipment of each site",
        ),
        (
            words(draft.say("序号", "No."), (row["number"] for row in kept)),
            words(draft.say("站点", "Site"), map(draft.named, kept)),
            words(
                draft.say("设备配置", "Equipment"),
                (draft.say("；", "; ").join(lists[str(row["candidate_id"])]) for row in kept),
            ),
            numbers(
                draft.say("接电容量", "Power"),
                (row["power_mva"] for row in kept),
                unit="MVA",
                decimals=2,
                is_optional=True,
            ),
        ),
        is_wide=True,
    )


def _piece(draft: Draft, row: Row) -> str:
    return f"{draft.labelled(row)} {amount(row['quantity'])} {draft.unit(text_of(row['unit']))}".strip()
