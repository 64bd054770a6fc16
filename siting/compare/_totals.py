"""Figures of the whole plan and the whole demand, side by side."""

import math
from collections.abc import Iterator

from siting.compare._sides import Side, Sides

_FIGURES = (
    ("sites", "站点数", "sites"),
    ("demand", "规划需求", "demand to plan for"),
    ("demand_served", "服务的需求", "demand served"),
    ("coverage_share", "覆盖率", "coverage"),
    ("cost_mcny", "投资", "cost"),
    ("power_mva", "用电容量", "power"),
    ("nox_net_t", "NOx 净减排", "NOx avoided, net"),
    ("co2_net_t", "CO2 净减排", "CO2 avoided, net"),
    ("objective", "目标值", "objective"),
    ("bound", "理论界", "bound"),
    ("gap", "与界的差距", "gap"),
)
_CASES = {
    "low": "demand_low",
    "base": "demand_base",
    "high": "demand_high",
    "existing": "existing_served",
    "planned": "demand",
}


def total_rows(sides: Sides) -> Iterator[dict[str, object]]:
    """Yield the rows of the frame ``totals``."""
    a, b = _totals(sides.a), _totals(sides.b)
    for figure, zh, en in _FIGURES:
        row: dict[str, object] = {"facility": sides.key, "figure": figure, "zh": zh, "en": en}
        yield row | _beside(a[figure], b[figure])


def demand_rows(sides: Sides) -> Iterator[dict[str, object]]:
    """Yield the rows of the frame ``demand``."""
    a, b = sides.a.of("demand"), sides.b.of("demand")
    units = sides.a.facility.demand_unit, sides.b.facility.demand_unit
    for case, column in _CASES.items():
        # A demand point is one row of a facility type, so the sum counts it once.
        before, after = float(a[column].sum(skipna=False)), float(b[column].sum(skipna=False))
        row: dict[str, object] = {"facility": sides.key, "case": case}
        yield row | _beside((before, units[0]), (after, units[1]))


def _beside(a: tuple[float, str], b: tuple[float, str]) -> dict[str, object]:
    unit = a[1] if a[1] == b[1] else f"{a[1]} → {b[1]}"
    change = b[0] - a[0] if a[1] == b[1] else math.nan
    return {"unit": unit, "a": a[0], "b": b[0], "change": change}


def _totals(side: Side) -> dict[str, tuple[float, str]]:
    """Return every figure with its unit; a sum with an unknown part is unknown."""
    sites, demand = side.of("sites"), float(side.of("demand")["demand"].sum(skipna=False))
    plan = side.result.plans[side.facility.key]
    served = float(side.of("allocation")["demand"].sum(skipna=False))
    chosen = side.candidates[side.candidates["is_chosen"].astype(bool)]
    unit = side.facility.demand_unit
    return {
        "sites": (float(len(chosen)), ""),
        "demand": (demand, unit),
        "demand_served": (served, unit),
        "coverage_share": (served / demand if demand > 0 else math.nan, "share"),
        "cost_mcny": (float(sites["cost_mcny"].sum(skipna=False)), "million CNY"),
        "power_mva": (float(sites["power_mva"].sum(skipna=False)), "MVA"),
        "nox_net_t": (float(chosen["nox_net_t"].sum(skipna=False)), "t/yr"),
        "co2_net_t": (float(chosen["co2_net_t"].sum(skipna=False)), "t/yr"),
        "objective": (plan.objective, plan.unit),
        "bound": (plan.bound, plan.unit),
        "gap": (plan.gap, "share"),
    }
