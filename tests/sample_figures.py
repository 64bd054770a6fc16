"""The figures of the sample Result: what its sites are built of, cost and avoid, and by when."""

import geopandas as gpd
import pandas as pd
from shapely import LineString

from siting.frames import RESULT_FRAMES

CASES = {"low": 0.5, "base": 1.0, "high": 1.5}
_MONEY = (
    ("capex_mcny", "投资", "investment", 12.5, "million CNY"),
    ("opex_mcny_yr", "年运行费", "operating cost", 2.0, "million CNY/yr"),
    ("revenue_mcny_yr", "年收入", "revenue", 3.5, "million CNY/yr"),
    ("subsidy_mcny_yr", "年补贴", "subsidy", 0.2, "million CNY/yr"),
    ("output_per_yr", "年供应量", "output", 120.0, "t/yr"),
    ("levelised_cost", "平准化成本", "levelised cost", 31.4, "CNY/kg"),
    ("npv_mcny", "净现值", "net present value", 1.75, "million CNY"),
    ("irr", "内部收益率", "internal rate of return", 0.084, "share"),
    ("payback_yr", "投资回收期", "payback", float("nan"), "yr"),
)


def figures(sites: gpd.GeoDataFrame, nasty: str) -> dict[str, pd.DataFrame]:
    """Return every frame of figures, by name; ``nasty`` is a text that tries to break outputs."""
    keys = list(zip(sites["facility"], sites["candidate_id"], sites["district"], strict=True))
    rows = {
        "equipment": [
            (f, c, item, zh, en, quantity, unit)
            for f, c, _ in keys
            for item, zh, en, quantity, unit in (
                ("dispensers", f"加注机 {nasty}", f"dispensers {nasty}", 2.0, "pcs"),
                ("storage_kg", "储氢量", "hydrogen stored", float("nan"), "kg"),
            )
        ],
        "supply": [
            (f, c, "N30", 500.0, "kg/day", 18.5, 4.35) for f, c, _ in keys if f == "hydrogen"
        ],
        "economics": [
            (f, c, case, item, zh, en, value * factor, unit)
            for f, c in [*((f, c) for f, c, _ in keys), *((f, "") for f in dict.fromkeys(sites["facility"]))]
            for case, factor in CASES.items()
            for item, zh, en, value, unit in _MONEY
        ],
        "sensitivity": [
            (f, factor, zh, factor, change, item, value * (1 + change), unit)
            for f in dict.fromkeys(sites["facility"])
            for factor, zh in (("price", "价格"), ("capex", "投资"))
            for change in (-0.2, 0.0, 0.2)
            for item, value, unit in (("npv_mcny", 3.5, "million CNY"), ("irr", 0.08, "share"))
        ],
        "benefits": [
            (f, c, d, case, substance, avoided * factor, added * factor, (avoided - added) * factor)
            for f, c, d in keys
            for case, factor in CASES.items()
            for substance, avoided, added in (
                ("NOx", 12.0, 0.5), ("SO2", 2.0, 0.25), ("PM10", 0.5, 0.0), ("CO2", 700.0, 640.0)
            )
        ],
        "roll_out": [
            (year, f, budget, spent, n, share, share + 0.02, share - 0.01)
            for year, share in ((2026, 0.3), (2028, 0.6), (2030, 0.9))
            for f, budget, spent, n in (("", 40.0, 37.5, 3), ("hydrogen", float("nan"), 25.0, 2))
        ],
        "robustness": [
            ("hydrogen", plan, case, 0.9 - 0.1 * abs(i - j), 0.1 * abs(i - j), 2)
            for i, plan in enumerate(("low", "base", "high", "chosen", "robust"))
            for j, case in enumerate(CASES)
        ],
        "curve": [
            ("hydrogen", n, 0.4 * n, 0.4 * n, 0.4, n == 2) for n in (1, 2)
        ],
        "front": [("hydrogen", 12.5, 0.4, 1), ("hydrogen", 25.0, 0.8, 2)],
        "standing": [
            ("hydrogen", "C001", "always", ""), ("hydrogen", "C002", "sometimes", "C003"),
            ("hydrogen", "C003", "sometimes", ""),
        ],
        "scorecard": [
            ("G30", "44", "充电桩保有量", "Charging piles", "action_plan", 2025, "piles", 35000.0,
             float("nan"), 12000.0, "partly", f"规划接口数 {nasty}", f"connectors planned {nasty}"),
            ("G25", "42", "靠港船舶使用岸电", "Ships using shore power", "action_plan", 2025, "",
             float("nan"), float("nan"), float("nan"), "not_measurable", "计划未给数值", "no number in the plan"),
        ],
        "indicators": [
            (f, "within_15_min", "15 分钟内需求占比", "demand within 15 min", d, 0.2, 0.85, "share", "max")
            for f in dict.fromkeys(sites["facility"])
            for d in ("", "黄岛区")
        ],
        "checks": [
            ("h2_2030", "2030 年日需氢量", "hydrogen a day in 2030", 73.9, 73.9, "t/day", f"市规划 {nasty}",
             "同源", "the same source"),
        ],
        "reach": [(f, "D01", c, 6.5) for f, c, _ in keys if f == "hydrogen"],
    }  # fmt: skip
    return {
        name: pd.DataFrame(values, columns=list(RESULT_FRAMES[name]))
        for name, values in rows.items()
    }


def flows(demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one flow with a line and one without."""
    points = demand.set_index(["facility", "demand_id"]).geometry
    line = LineString([points["hydrogen", "D01"], points["hydrogen", "D02"]])
    rows = [
        ("hydrogen", "D01", "D02", "truck", 120.0, 35.0, 41.5, 100.0, 200.0, 400.0, line),
        ("hydrogen", "D02", "D01", "truck", 110.0, 36.0, 42.5, 90.0, 180.0, 360.0, None),
    ]
    columns = list(RESULT_FRAMES["flows"])
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=demand.crs)
