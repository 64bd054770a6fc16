"""The sites themselves, a table a facility type."""

from math import isfinite

import geopandas as gpd
import pandas as pd

from maps.chapters._blocks import (
    Field,
    Row,
    by_facility,
    counts,
    known_sum,
    note,
    numbers,
    paragraph,
    records,
    shares,
    table,
    under,
    words,
)
from maps.document import Block, Chapter, Table
from maps.draft import MISSING, Draft, numbered_sites, text_of
from siting.crs import LONLAT
from siting.model import FacilitySpec

_DECIMALS = 2


def chapters(draft: Draft) -> tuple[Chapter, ...]:
    """Return the chapter with the tables of sites."""
    lead = paragraph(
        draft.say(
            "站点按综合评分名次排列，序号与各图一致。坐标为 WGS 84 经纬度，按公开地图的精度要求取两位小数"
            "（约 1 km），仅示位置，不作定点依据。",
            "Sites stand in the order of their score; numbers are those of the maps. Coordinates are "
            "WGS 84, rounded to 0.01° (about 1 km) as befits maps for the public: they show the place, "
            "not the plot.",
        )
    )
    sections = by_facility(draft, _facility)
    return under(draft.say("站点布局", "Sites"), sections, lead=(lead,))


def _facility(draft: Draft, facility: FacilitySpec) -> list[Block]:
    sites = numbered_sites(draft.result, facility)
    if sites.empty:
        return [paragraph(draft.say("本次没有选定站点。", "No site was chosen."))]
    blocks: list[Block] = [_table(draft, facility, sites)]
    if classes := _classes(draft, facility, sites):
        blocks.append(classes)
    over = sites[sites["utilisation"] > 1 + 1e-6]
    if len(over):
        listed = ", ".join(over["candidate_id"].astype(str))
        blocks.append(
            note(
                draft.say(
                    f"分配量超过单站能力、需多站或扩容：{listed}。",
                    f"Allocated more than one station can serve, to be doubled or enlarged: {listed}.",
                )
            )
        )
    return blocks


def _table(draft: Draft, facility: FacilitySpec, sites: pd.DataFrame) -> Table:
    rows = records(sites)
    return table(
        f"sites_{facility.key}",
        draft.say(
            f"{draft.of(facility.label)}站点一览表", f"{draft.of(facility.label)}: list of sites"
        ),
        (
            *_places(draft, sites, rows),
            *_build(draft, facility, rows),
            *_worth(draft, facility, rows),
        ),
        is_wide=True,
        total=draft.say("合计", "Total"),
    )


def _places(draft: Draft, sites: pd.DataFrame, rows: list[Row]) -> list[Field]:
    say = draft.say
    return [
        words(say("序号", "No."), (row["number"] for row in rows)),
        words(say("编号", "Id"), (text_of(row["candidate_id"]) for row in rows)),
        words(say("名称", "Name"), map(draft.named, rows)),
        words(say("区市", "District"), (text_of(row["district"]) or MISSING for row in rows)),
        words(say("坐标", "Position"), _positions(sites)),
        words(say("类型", "Type"), (draft.kind(row["type"]) for row in rows)),
        words(
            say("性质", "Status"),
            (
                {"existing": say("在营", "in service"), "required": say("指定", "required")}.get(
                    str(row["role"]), ""
                )
                for row in rows
            ),
            is_optional=True,
        ),
    ]


def _build(draft: Draft, facility: FacilitySpec, rows: list[Row]) -> list[Field]:
    say, unit = draft.say, draft.unit(facility.demand_unit)
    capacity = [row["capacity"] if isfinite(row["capacity"]) else None for row in rows]
    return [
        words(
            say("等级/规模", "Class, size"), (size(draft, row) for row in rows), is_optional=True
        ),
        numbers(
            say("能力", "Capacity"), capacity, unit=unit, is_optional=True, total=_sum(capacity)
        ),
        shares(
            say("容量利用率", "Utilisation"),
            (row["utilisation"] for row in rows),
            is_optional=True,
        ),
        *(
            numbers(
                head, values, unit=of, decimals=decimals, is_optional=True, total=known_sum(values)
            )
            for head, name, of, decimals in (
                (say("用地", "Land"), "land_m2", "m²", 0),
                (say("投资", "Cost"), "cost_mcny", draft.unit("mcny"), 1),
                (say("接电容量", "Power"), "power_mva", "MVA", 2),
            )
            for values in ([row[name] for row in rows],)
        ),
        words(
            say("建成年份", "Year"),
            ("" if not isfinite(row["year"]) else draft.year(row["year"]) for row in rows),
            is_optional=True,
        ),
    ]


def _worth(draft: Draft, facility: FacilitySpec, rows: list[Row]) -> list[Field]:
    say = draft.say
    met = [row["demand_served"] for row in rows]
    return [
        numbers(say("综合评分", "Score"), (row["score"] for row in rows), decimals=3),
        numbers(say("名次", "Rank"), (row["rank"] for row in rows)),
        numbers(
            say("服务需求", "Serves"),
            met,
            unit=draft.unit(facility.demand_unit),
            total=known_sum(met),
        ),
        shares(say("占比", "Share"), (row["demand_share"] for row in rows)),
    ]


def size(draft: Draft, row: Row) -> str:
    """Return the class that is built at a site, empty where nothing is said of sizes."""
    order = ("size_zh", "size_en") if draft.language == "zh" else ("size_en", "size_zh")
    return next((text for name in order if (text := text_of(row.get(name)))), "")


def _positions(sites: pd.DataFrame) -> list[str]:
    shapes = gpd.GeoSeries(sites["geometry"], crs=sites["geometry"].crs)
    points = shapes.representative_point().to_crs(LONLAT)
    return [
        f"{x:.{_DECIMALS}f}°E, {y:.{_DECIMALS}f}°N"
        for x, y in zip(points.x, points.y, strict=True)
    ]


def _classes(draft: Draft, facility: FacilitySpec, sites: pd.DataFrame) -> Table | None:
    """Return how many sites are built of each class; None where nothing is said of sizes."""
    named = sites.assign(built=[size(draft, row) for row in records(sites)])
    named = named[named["built"] != ""]
    if named.empty:
        return None
    groups = named.groupby("built", sort=False)
    found = groups["capacity"].agg(["size", "first"]).sort_values(["first", "size"], kind="stable")
    cost, land = groups["cost_mcny"].sum(min_count=1), groups["land_m2"].sum(min_count=1)
    return table(
        f"classes_{facility.key}",
        draft.say(
            f"{draft.of(facility.label)}：分级汇总", f"{draft.of(facility.label)}: sites by class"
        ),
        (
            words(draft.say("等级/规模", "Class, size"), found.index),
            counts(draft.say("站数", "Sites"), found["size"], total=int(found["size"].sum())),
            numbers(
                draft.say("用地", "Land"),
                land[found.index],
                unit="m²",
                is_optional=True,
                total=known_sum(land),
            ),
            numbers(
                draft.say("投资", "Cost"),
                cost[found.index],
                unit=draft.unit("mcny"),
                decimals=1,
                is_optional=True,
                total=known_sum(cost),
            ),
        ),
        total=draft.say("合计", "Total"),
    )


def _sum(values: list[float | None]) -> float | None:
    return known_sum(value for value in values if value is not None)
