"""The report's figures: maps on A3 sheets and charts of the type area, drawn when asked for.

Each function returns None where there is nothing to draw. Colours, signs and classes are those of
the interactive map.
"""

from collections.abc import Callable
from functools import partial

from maps import _figure_plates as plates
from maps._figure_base import Pen, plate, safe
from maps._figure_coverage import coverage
from maps._figure_ink import Drawing
from maps._figure_plan import plan
from maps._figure_series import (
    alternatives_chart,
    benefits_chart,
    coverage_chart,
    demand_chart,
    investment_chart,
    rollout_chart,
    sensitivity_chart,
)
from maps.document import Figure
from maps.draft import Draft, amount, numbered_sites, part, ratio, served, share
from siting.model import FacilitySpec

__all__ = [
    "alternatives_chart",
    "benefits_chart",
    "coverage_chart",
    "coverage_plate",
    "demand_chart",
    "demand_plate",
    "investment_chart",
    "overall_plate",
    "phase_plate",
    "plan_plate",
    "rollout_chart",
    "sensitivity_chart",
    "suitability_plate",
]


def overall_plate(draft: Draft) -> Figure | None:
    """Return the map of all sites."""
    sites = draft.result.sites
    if sites.empty:
        return None
    each = draft.say("、", ", ").join(
        f"{draft.of(f.label)} {len(part(sites, f))}" for f in draft.result.study.facilities
    )
    return _plate(
        draft,
        "map_overall",
        draft.say("规划布局总图", "Plan: all types"),
        draft.say(f"全部选定站点的位置：{each}。", f"Places of all sites: {each}."),
        plates.overall,
    )


def plan_plate(draft: Draft, facility: FacilitySpec) -> Figure | None:
    """Return the map of a type's sites, numbered as in their table."""
    sites = numbered_sites(draft.result, facility)
    if sites.empty:
        return None
    met, whole = served(draft.result, facility)
    name = draft.of(facility.label)
    return _plate(
        draft,
        f"map_plan_{facility.key}",
        draft.say(f"{name}规划布局图", f"{name}: plan"),
        draft.say(
            f"{len(sites)} 处站点的位置，编号同站点一览表；服务需求占 {share(ratio(met, whole))}。",
            f"Places of {len(sites)} sites, numbered as in their list; they serve "
            f"{share(ratio(met, whole))} of the demand.",
        ),
        partial(plan, facility=facility),
    )


def suitability_plate(draft: Draft, facility: FacilitySpec) -> Figure | None:
    """Return the map of the candidates' scores."""
    mine = part(draft.result.candidates, facility)
    if mine.empty:
        return None
    name = draft.of(facility.label)
    out = int(mine["is_excluded"].astype(bool).sum())
    return _plate(
        draft,
        f"map_suitability_{facility.key}",
        draft.say(f"{name}适宜性评价图", f"{name}: suitability"),
        draft.say(
            f"{len(mine)} 个候选点按综合评分分级，其中 {out} 个被规则排除；红圈为选定站点。",
            f"{len(mine)} candidates by class of their score, {out} excluded by rules; chosen ones ringed.",
        ),
        partial(plates.suitability, facility=facility),
    )


def coverage_plate(draft: Draft, facility: FacilitySpec) -> Figure | None:
    """Return the map of service areas; None for a type that serves where it stands."""
    result = draft.result
    if part(result.service_areas, facility).empty:
        return None
    demand = part(result.demand, facility)
    met = int(demand["is_covered"].astype(bool).sum())
    name, limit = draft.of(facility.label), amount(facility.service_minutes)
    return _plate(
        draft,
        f"map_coverage_{facility.key}",
        draft.say(f"{name}服务覆盖图", f"{name}: service coverage"),
        draft.say(
            f"选定站点 {limit} 分钟内可达的范围；{len(demand)} 个需求点中 {met} 个已覆盖。",
            f"What is reached from the sites within {limit} min; {met} of {len(demand)} demand points covered.",
        ),
        partial(coverage, facility=facility),
    )


def demand_plate(draft: Draft, facility: FacilitySpec) -> Figure | None:
    """Return the map of the demand in the case that is planned for."""
    mine = part(draft.result.demand, facility)
    whole = float(mine[f"demand_{facility.demand_case}"].sum()) if len(mine) else 0.0
    if not whole > 0:
        return None
    name, case = draft.of(facility.label), draft.case(facility.demand_case)
    amounts = f"{amount(whole)} {draft.unit(facility.demand_unit)}"
    return _plate(
        draft,
        f"map_demand_{facility.key}",
        draft.say(f"{name}需求分布图（{case}）", f"{name}: demand, {case} case"),
        draft.say(
            f"{len(mine)} 个需求点的需求量，合计 {amounts}，圆面积与需求量成正比。",
            f"Demand at {len(mine)} points, {amounts} in all; the area of a circle is its amount.",
        ),
        partial(plates.demand, facility=facility),
    )


def phase_plate(draft: Draft) -> Figure | None:
    """Return the map of sites by year of opening; None where no year is known."""
    years = draft.result.sites["year"].dropna()
    if years.empty:
        return None
    counts = years.value_counts().sort_index()
    each = draft.say("、", ", ").join(f"{year:.0f}: {n}" for year, n in counts.items())
    return _plate(
        draft,
        "map_phases",
        draft.say("分期建设图", "Roll-out"),
        draft.say(f"站点按建成年份着色，各年站数：{each}。", f"Sites by year of opening: {each}."),
        plates.phases,
    )


def _plate(
    draft: Draft, key: str, caption: str, alt: str, draw: Callable[[Pen], Drawing]
) -> Figure:
    return Figure(
        key=safe(key),
        caption=caption,
        alt=alt,
        draw=plate(draw, draft),
        is_plate=True,
    )
