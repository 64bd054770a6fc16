"""A small, complete, hand-made Result around Qingdao bay, with names that try to break outputs."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd
from shapely import LineString, MultiPolygon, Point, Polygon, box

from siting import model
from tests.sample_figures import figures, flows

CRS = "EPSG:4549"

TEMPLATE_NAME = "{{7*7}}"
STATEMENT_NAME = "50{% cost %}{# c #}"
SCRIPT_NAME = "</script><img src=x onerror=\"window.pwned='yes'\">"
FORMULA_NAME = "=cmd|'/c calc'!A1"
SEPARATOR_NAME = "行\u2028分隔\u2029\"双'引`号"
TABLE_NAME = "a | b `c` *d* [e](javascript:f) # <b>g</b>"
NASTY_NAMES = (
    TEMPLATE_NAME,
    STATEMENT_NAME,
    SCRIPT_NAME,
    FORMULA_NAME,
    SEPARATOR_NAME,
    TABLE_NAME,
)
"""Every hostile text in the sample; outputs must show each literally."""

_CRITERIA = {
    "demand": (
        "demand_within_reach",
        "服务范围内需求",
        "demand within reach",
        "kg/day",
        "max",
        0.5,
    ),
    "grid": (
        "travel_distance_to_nearest",
        "变电站距离",
        "distance to a substation",
        "km",
        "min",
        0.3,
    ),
    "equity": ("district_equity", "区域均衡", "equity between districts", "share", "max", 0.2),
}
_LOOKS = {
    "hydrogen": ("加氢站", "Hydrogen refuelling", "#0072B2", "kg/day", "mclp", 15.0),
    "charging": ("充电站", "Charging", "#009E73", "kWh/day", "mclp", 10.0),
    "shore_power": ("港口岸电", "Shore power", "#D55E00", "MWh/yr", "budget", 15.0),
}
# facility, id, name_zh, name_en, type, district, lon, lat, values of the criteria, excluded, chosen
_CANDIDATES = (
    ("hydrogen", "C001", "前湾集疏运枢纽", "Qianwan hub", "port_gate", "黄岛区", 120.19, 36.01, (0.9, 0.8, 0.5), 0, 1),
    ("hydrogen", "C002", TEMPLATE_NAME, SCRIPT_NAME, "petrol_cluster", "市北区", 120.36, 36.10, (0.6, 0.9, 0.4), 0, 0),
    ("hydrogen", "C003", "胶州湾互通", FORMULA_NAME, "interchange", "胶州市", 120.05, 36.24, (0.7, 0.5, 1.0), 0, 1),
    ("hydrogen", "C004", SEPARATOR_NAME, "Lost place", "petrol_cluster", "城阳区", 120.40, 36.28, (float("nan"), 0.2, 0.1), 1, 0),
    ("hydrogen", "C005", "中山公园", STATEMENT_NAME, "petrol_cluster", "市南区", 120.34, 36.06, (0.1, 0.3, 0.2), 1, 0),
    ("charging", "C001", "前湾集疏运枢纽", "Qianwan hub", "port_gate", "黄岛区", 120.19, 36.01, (0.4, 0.8, 0.5), 0, 0),
    ("charging", "C006", "青岛站停车场", "Railway station park", "public_parking", "市南区", 120.31, 36.06, (1.0, 0.7, 0.2), 0, 1),
    ("charging", "C007", TABLE_NAME, "+1 centre", "public_parking", "城阳区", 120.39, 36.30, (0.2, 0.2, 0.2), 0, 0),
    ("charging", "C008", "红岛停车场", "@Hongdao", "public_parking", "城阳区", 120.25, 36.22, (0.3, 0.1, 0.9), 0, 1),
    ("shore_power", "B01", "前湾集装箱泊位", "Qianwan container berths", "container", "黄岛区", 120.21, 36.01, (1.0, 1.0, 0.6), 0, 1),
    ("shore_power", "B02", "邮轮母港", "Cruise terminal", "cruise", "市北区", 120.31, 36.09, (0.6, 0.6, 0.6), 0, 0),
    ("shore_power", "B03", "黄岛油泊位", "Huangdao oil berths", "oil", "黄岛区", 120.23, 36.06, (0.8, 0.4, 0.6), 1, 0),
)  # fmt: skip
# facility, id, name_zh, name_en, kind, district, lon, lat, demand, candidate that serves it, minutes
_DEMAND = (
    ("hydrogen", "D01", "前湾港区", "Qianwan port", "port", "黄岛区", 120.21, 36.02, 1200.0, "C001", 6.5),
    ("hydrogen", "D02", "胶州物流园", "Jiaozhou logistics", "park", "胶州市", 120.03, 36.26, 700.0, "C003", 8.25),
    ("hydrogen", "D03", SCRIPT_NAME, TABLE_NAME, "park", "崂山区", 120.46, 36.16, 300.0, "", 0.0),
    ("charging", "T01", "中山路街道", "Zhongshanlu", "township", "市南区", 120.317, 36.066, 5400.0, "C006", 3.0),
    ("charging", "T02", "红岛街道", "Hongdao", "township", "城阳区", 120.26, 36.21, 2100.0, "C008", 2.5),
    ("charging", "T03", "城阳街道", "Chengyang", "township", "城阳区", 120.38, 36.31, 900.0, "", 0.0),
    ("shore_power", "B01", "前湾集装箱泊位", "Qianwan container berths", "container", "黄岛区", 120.21, 36.01, 8000.0, "B01", 0.0),
    ("shore_power", "B02", "邮轮母港", "Cruise terminal", "cruise", "市北区", 120.31, 36.09, 2500.0, "", 0.0),
)  # fmt: skip
_RULES = {
    "protected_area": ("不占自然保护地", "outside protected areas", "行动计划 49 条", False),
    "on_land": ("位于陆域", "on land", "land against sea", True),
}


def sample_result() -> model.Result:
    """Return the sample, the same every time."""
    candidates, criteria = _candidates()
    demand = _demand(_DEMAND)
    allocation = _allocation(candidates, demand)
    sites = _sites(candidates, demand, allocation)
    return model.Result(
        study=_study(),
        crs=CRS,
        candidates=candidates,
        criteria=criteria,
        rules=_rules(candidates),
        exclusions=_exclusions(),
        suitability=_suitability(),
        suitability_values=_suitability_values(),
        methods=_methods(candidates),
        agreement=_agreement(),
        stability=_stability(),
        rivals=_rivals(),
        reasons=_reasons(candidates),
        demand=demand,
        sites=sites,
        allocation=allocation,
        service_areas=_service_areas(),
        flows=flows(demand),
        **figures(sites, SCRIPT_NAME + FORMULA_NAME),
        layers=_layers(),
        plans={key: _plan(key, candidates) for key in _LOOKS},
        provenance=(
            _record("candidates", 12, ("1 duplicate row dropped: | C001 |",)),
            _record("townships", 3, ()),
        ),
        notices=(
            _notice(
                "warning",
                "schematic_coast",
                "海岸线为示意 " + TABLE_NAME,
                "the coast is schematic",
            ),
            _notice(
                "info",
                "unreachable",
                "1 个需求点不可达",
                f"1 demand point out of reach {SCRIPT_NAME}",
            ),
        ),
        timings_s={"read": 0.5, "solve": 0.25},
    )


def _frame(rows: Sequence[Mapping[str, object]], shapes: Sequence[object]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(pd.DataFrame(list(rows)), geometry=list(shapes), crs="EPSG:4326")
    return frame.to_crs(CRS)


def _candidates() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    rows, parts, shapes = [], [], []
    for facility, key, zh, en, kind, district, lon, lat, values, excluded, chosen in _CANDIDATES:
        shares = [c[5] * v for c, v in zip(_CRITERIA.values(), values, strict=True)]
        rows.append(
            {
                "facility": facility, "candidate_id": key, "name_zh": zh, "name_en": en,
                "type": kind, "district": district, "confidence": "C", "uncertainty_m": 1500.0,
                "access_m": 250.0, "role": "candidate", "is_excluded": bool(excluded), "is_chosen": bool(chosen),
                "score": sum(shares),
            }
        )  # fmt: skip
        parts += [
            {
                "facility": facility, "candidate_id": key, "criterion": criterion,
                "raw": value * 40, "value": value, "weight": spec[5], "contribution": share,
            }
            for (criterion, spec), value, share in zip(_CRITERIA.items(), values, shares, strict=True)
        ]  # fmt: skip
        shapes.append(Point(lon, lat))
    frame = _frame(rows, shapes)
    kept = frame["score"].where(~frame["is_excluded"])
    ranks = kept.groupby(frame["facility"]).rank(ascending=False, method="first")
    spread = {
        "rank": ranks,
        "rank_p05": ranks,
        "rank_p95": ranks + 1.0,
        "top_n_share": ranks / 4.0,
    }
    for name, values in spread.items():
        frame.insert(frame.columns.get_loc("geometry"), name, values)
    order = ["facility", "candidate_id"]
    return (
        frame.sort_values(order, ignore_index=True),
        pd.DataFrame(parts).sort_values([*order, "criterion"], ignore_index=True),
    )


def _rules(candidates: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = [
        {
            "facility": facility, "candidate_id": key, "rule": rule,
            "outcome": "fail" if excluded and rule == "protected_area" else "survey" if key == "C007" else "pass",
            "margin_m": float("nan") if rule == "on_land" else -120.5 if excluded else 800.25,
        }
        for facility, key, excluded in zip(
            candidates["facility"], candidates["candidate_id"], candidates["is_excluded"], strict=True
        )
        for rule in sorted(_RULES)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _methods(candidates: gpd.GeoDataFrame) -> pd.DataFrame:
    ranked = candidates[candidates["rank"].notna()]
    rows = [
        {"facility": facility, "candidate_id": key, "method": method, "score": score, "rank": rank}
        for facility, key, score, rank in zip(
            ranked["facility"],
            ranked["candidate_id"],
            ranked["score"],
            ranked["rank"],
            strict=True,
        )
        for method in ("topsis", "wlc")
    ]
    return pd.DataFrame(rows)


def _agreement() -> pd.DataFrame:
    rows = [
        {"facility": facility, "method": method, "spearman": rho, "kendall": tau, "top_n_share": share}
        for facility in sorted(_LOOKS)
        for method, rho, tau, share in (("topsis", 0.75, 0.5, 0.5), ("wlc", 1.0, 1.0, 1.0))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _stability() -> pd.DataFrame:
    nan = float("nan")
    rows = [
        {
            "facility": facility, "criterion": key, "weight": spec[5], "first_low": 0.125,
            "first_high": nan, "below_id": "C002" if facility == "hydrogen" else "", "above_id": "",
            "top_low": nan, "top_high": 0.875, "first_order": 0.25,
        }
        for facility in sorted(_LOOKS)
        for key, spec in _CRITERIA.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _exclusions() -> pd.DataFrame:
    nan = float("nan")
    areas = {"protected_area": (120.5, 120.5, 879.5), "on_land": (nan, nan, 879.5)}
    rows = [
        {"facility": facility, "rule": rule, "alone_km2": a, "removed_km2": b, "left_km2": c}
        for facility in sorted(_LOOKS)
        for rule, (a, b, c) in areas.items()
    ]
    return pd.DataFrame(rows)


def _suitability() -> pd.DataFrame:
    """Cells of 5 km round the bay: a row of each score class, one barred, one without a score."""
    west, north = 515_000.0, 4_015_000.0
    rows = [
        {
            "facility": "hydrogen", "x": west + 2500.0 + 5000.0 * column, "y": north - 2500.0 - 5000.0 * row,
            "cell_m": 5000.0, "is_barred": (row, column) == (1, 1),
            "score": float("nan") if (row, column) == (2, 2) else round(0.1 + 0.2 * row + 0.01 * column, 6),
            "weight_share": 0.8,
        }
        for row in range(5)
        for column in range(4)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _suitability_values() -> pd.DataFrame:
    """Return values of two criteria that add up to the scores with 2 : 1 of the weight, as the study has them."""
    cells = _suitability()
    known = cells[cells["score"].notna()]
    first, second = list(_CRITERIA)[:2]
    share = _CRITERIA[first][5] / (_CRITERIA[first][5] + _CRITERIA[second][5])
    low = known["score"] * 1.05
    parts = [
        known.assign(criterion=first, value=low),
        known.assign(criterion=second, value=(known["score"] - share * low) / (1 - share)),
    ]
    rows = pd.concat(parts).sort_values(["y", "x"], ascending=[False, True], kind="stable")
    return rows[["facility", "x", "y", "criterion", "value"]].reset_index(drop=True)


def _rivals() -> pd.DataFrame:
    pairs = (
        ("charging", "C006", "C001"),
        ("hydrogen", "C001", "C003"),
        ("hydrogen", "C001", "C002"),
    )
    rows = [
        {"facility": facility, "candidate_id": a, "rival_id": b, "beats_share": 0.75}
        for facility, a, b in pairs
    ]
    return pd.DataFrame(rows)


def _reasons(candidates: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = [
        {
            "facility": facility, "candidate_id": key, "side": side, "place": 1, "criterion": criterion,
            "rival_id": "C001" if side == "pass" else "", "wanted": 0.5 if side == "pass" else float("nan"),
            "zh": f"{zh} {SEPARATOR_NAME}", "en": f"{en} {SCRIPT_NAME}",
        }
        for facility, key in zip(candidates["facility"], candidates["candidate_id"], strict=True)
        for side, criterion, zh, en in (
            ("for", "demand", "需求大", "much demand"),
            ("against", "grid", "离变电站远", "far from a substation"),
            ("pass", "equity", "超过前一名", "to pass the next one"),
        )
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _demand(table: Sequence[tuple[object, ...]]) -> gpd.GeoDataFrame:
    rows, shapes = [], []
    for facility, key, zh, en, kind, district, lon, lat, demand, site, _ in table:
        rows.append(
            {
                "facility": facility, "demand_id": key, "name_zh": zh, "name_en": en, "kind": kind,
                "district": district, "demand_low": demand / 2, "demand_base": demand,
                "demand_high": demand * 2, "existing_served": 0.0, "demand": demand,
                "is_covered": bool(site), "access_m": 420.0,
            }
        )  # fmt: skip
        shapes.append(Point(lon, lat))
    return _frame(rows, shapes).sort_values(["facility", "demand_id"], ignore_index=True)


def _allocation(candidates: gpd.GeoDataFrame, demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    sites = candidates.set_index(["facility", "candidate_id"]).geometry
    places = demand.set_index(["facility", "demand_id"]).geometry
    rows, shapes = [], []
    for facility, key, *_, amount, site, minutes in _DEMAND:
        if not site:
            continue
        start, end = places[(facility, key)], sites[(facility, site)]
        rows.append(
            {
                "facility": facility, "demand_id": key, "candidate_id": site, "time_min": minutes,
                "distance_km": minutes * 0.8, "demand": amount,
            }
        )  # fmt: skip
        corner = Point(end.x + 1.0, start.y)
        shapes.append(LineString([start, corner, Point(end.x, end.y)]))
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=CRS)
    return frame.sort_values(["facility", "demand_id"], ignore_index=True)


def _sites(
    candidates: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, allocation: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    chosen = candidates[candidates["is_chosen"]].reset_index(drop=True)
    keys = ["facility", "candidate_id"]
    served = allocation.groupby(keys, as_index=False).agg(
        demand_served=("demand", "sum"), demand_points=("demand", "size"), mean_time_min=("time_min", "mean")
    )  # fmt: skip
    frame = chosen.merge(served, on=keys, how="left")
    whole = frame["facility"].map(demand.groupby("facility")["demand"].sum())
    return frame.assign(
        demand_share=frame["demand_served"] / whole,
        size=["standard" for _ in range(len(frame))],
        size_zh=["标准型 " + TEMPLATE_NAME for _ in range(len(frame))],
        size_en=["standard " + SCRIPT_NAME for _ in range(len(frame))],
        capacity=[float("inf") if f == "charging" else 2000.0 for f in frame["facility"]],
        utilisation=[float("nan") if f == "charging" else 0.6 for f in frame["facility"]],
        land_m2=[3000.0 if f == "hydrogen" else float("nan") for f in frame["facility"]],
        year=[2026.0 if f == "hydrogen" else float("nan") for f in frame["facility"]],
        cost_mcny=[float("nan") if f == "charging" else 12.5 for f in frame["facility"]],
        power_mva=[7.5 if f == "shore_power" else float("nan") for f in frame["facility"]],
    )[
        [
            *(
                "facility",
                "candidate_id",
                "name_zh",
                "name_en",
                "type",
                "district",
                "role",
                "score",
                "rank",
            ),
            *("demand_served", "demand_share", "demand_points", "mean_time_min"),
            *("size", "size_zh", "size_en", "capacity", "utilisation", "land_m2", "cost_mcny"),
            *("power_mva", "year", "geometry"),
        ]
    ]


def _service_areas() -> gpd.GeoDataFrame:
    def ring(lon: float, lat: float, size: float) -> Polygon:
        inner = box(lon - size / 3, lat - size / 3, lon + size / 3, lat + size / 3)
        return box(lon - size, lat - size, lon + size, lat + size) - inner

    rows, shapes = [], []
    for facility, key, *_, lon, lat, _values, _excluded, chosen in _CANDIDATES:
        if chosen:
            rows.append(
                {"facility": facility, "candidate_id": key, "limit_min": _LOOKS[facility][5]}
            )
            island = box(lon + 0.06, lat, lon + 0.07, lat + 0.01)
            whole = ring(lon, lat, 0.04)
            shapes.append(MultiPolygon([whole, island]) if key == "C003" else whole)
    frame = _frame(rows, shapes)
    frame.insert(3, "area_km2", frame.area / 1e6)
    return frame.sort_values(["facility", "candidate_id"], ignore_index=True)


def _layers() -> dict[str, gpd.GeoDataFrame]:
    def named(key: str, zh: str, en: str, **more: object) -> dict[str, object]:
        return {"id": key, "name_zh": zh, "name_en": en, **more}

    west, middle, east = (
        box(119.9, 35.9, 120.2, 36.4),
        box(120.2, 35.9, 120.36, 36.4),
        box(120.36, 35.9, 120.6, 36.4),
    )
    land = box(119.9, 35.9, 120.6, 36.4) - box(120.22, 36.03, 120.30, 36.2)
    edge = {"ref": "G22", "name_zh": "青兰高速", "name_en": TEMPLATE_NAME, "highway": "motorway", "oneway": 0,
            "free_flow_kmh": 100.0, "length_km": 12.5, "tunnel": None}  # fmt: skip
    return {
        "districts": _frame(
            [named("X1", "黄岛区", "Huangdao"), named("X2", "城阳区", SCRIPT_NAME), named("X3", TEMPLATE_NAME, "Laoshan")],
            [west, middle, east],
        ),
        "land": _frame([named("L1", "陆域", "land")], [land]),
        "coastline": _frame([named("S1", "胶州湾", "Jiaozhou bay")], [LineString([(120.22, 36.03), (120.3, 36.03), (120.3, 36.2)])]),
        "road_nodes": _frame(
            [named("N1", "前湾", "Qianwan", kind="junction"), named("N2", "胶州", "Jiaozhou", kind="interchange")],
            [Point(120.19, 36.02), Point(120.05, 36.24)],
        ),
        "road_edges": _frame(
            [
                {"id": "E1", "from_id": "N1", "to_id": "N2", **edge},
                {"id": "E2", "from_id": "N2", "to_id": "N1", **edge, "highway": "trunk", "tunnel": "胶州湾隧道"},
            ],
            [LineString([(120.19, 36.02), (120.1, 36.1), (120.05, 36.24)]), LineString([(120.05, 36.24), (120.19, 36.02)])],
        ),
        "protected": _frame(
            [
                named("P1", "崂山", "Laoshan", kind="scenic", constraint="hard"),
                named("P2", SEPARATOR_NAME, FORMULA_NAME, kind="water", constraint="soft"),
            ],
            [box(120.5, 36.1, 120.6, 36.2), box(120.4, 36.3, 120.45, 36.35)],
        ),
        "ports": _frame([named("PA1", "前湾港区", "Qianwan port area", role="container")], [Point(120.215, 36.012)]),
        "parks": _frame(
            [named("K01", TABLE_NAME, "Bonded zone", type="bonded_zone", freight_intensity="H")], [Point(120.175, 36.022)]
        ),
        "energy": _frame(
            [named("N01", "黄埠岭", "Daocheng", type="substation_500", capacity=float("nan"), unit="MVA", status="existing")],
            [Point(120.43, 36.26)],
        ),
    }  # fmt: skip


def _label(zh: str, en: str) -> model.Label:
    return model.Label(zh=zh, en=en)


def _facility(key: str) -> model.FacilitySpec:
    zh, en, colour, unit, kind, minutes = _LOOKS[key]
    return model.FacilitySpec(
        key=key,
        label=_label(zh, en),
        site_label=_label(zh, en.lower()),
        colour=colour,
        profile="car",
        candidate_layer="candidates",
        candidate_where={"type": ("port_gate", "interchange")} if key == "hydrogen" else {},
        existing_layer=None,
        existing_where={},
        demand_model=key,
        demand_case="base",
        demand_label=_label("需求", "demand"),
        demand_unit=unit,
        service_minutes=minutes,
        criteria=tuple(
            model.CriterionSpec(
                key=name,
                measure=measure,
                label=_label(label_zh, label_en),
                unit=unit if name == "demand" else own_unit,
                direction=model.Direction(direction),
                weight=weight,
                normalise=model.NormaliseSpec(kind="linear", low=0.0, high=40.0),
                params={"minutes": 15.0, "classes": {"a": 1.0}, "types": ("x", "y"), "strict": True},
                source="own assumption | see §3",
                confidence="C",
            )
            for name, (measure, label_zh, label_en, own_unit, direction, weight) in _CRITERIA.items()
        ),
        rules=tuple(
            model.RuleSpec(
                key=name,
                kind="outside",
                label=_label(rule_zh, rule_en),
                clause=clause,
                source="rules file",
                verified=verified,
                params={"layer": "protected", "where": {"constraint": ("hard",)}},
                exempt_types=("container",),
            )
            for name, (rule_zh, rule_en, clause, verified) in _RULES.items()
        ),
        model=model.ModelSpec(kind=kind, params={"sites": 2}),
        assumptions={
            "share": model.Assumption(
                key="share", label=_label("占比", "share"), value=0.5, unit="share", low=0.2,
                high=None, source=f"own assumption {TABLE_NAME}", confidence="C", year=2026,
            )
        },
        tables={
            "freight_weight": model.SourcedTable(
                key="freight_weight", label=_label("货运强度", "freight intensity"), unit="relative trips",
                values={"H": 3.0, "L": 0.5}, source="own assumption", confidence="C", year=2026,
            )
        },
    )  # fmt: skip


def _study() -> model.Study:
    return model.Study(
        name="sample",
        title=_label("青岛样例《甲 & 乙》", 'Qingdao sample <b>"A & B"</b>'),
        crs=CRS,
        edition="2026-11-23",
        seed=20251123,
        layers={
            kind: model.LayerSpec(
                kind=kind, path=f"/nowhere/{kind}.csv", reference=f"starter:qingdao/{kind}.csv",
                crs="EPSG:4326", columns={"population": "pop_2020"}, licence="CC BY 4.0",
                attribution="Qingdao starter pack",
            )
            for kind in ("candidates", "townships")
        },
        access=model.AccessLeg(speed_kmh=25.0, detour_ratio=1.3, max_distance_m=3000.0),
        service_area_buffer_m=1000.0,
        profiles={
            "car": model.VehicleProfile(
                key="car", label=_label("小汽车", "car"), max_speed_kmh={"motorway": 120.0},
                default_max_speed_kmh=60.0, banned={"tunnel": ("no",)}, warned={},
                source="own assumption", confidence="B",
            )
        },
        facilities=tuple(_facility(key) for key in _LOOKS),
        solver=model.SolverSettings(time_limit_s=60.0, gap=0.0),
        notice=_label("内部研究用图，未经审核", "For internal research; not reviewed, not for publication"),
        sources={"plan": "行动计划（2023—2025年）", "pack": "hand-compiled, CC BY 4.0"},
        roll_out=model.RollOutSpec(
            years=(2026, 2028, 2030), budget_mcny=(10.0, 20.0, 10.0), demand_share=(0.3, 0.6, 1.0)
        ),
    )  # fmt: skip


def _plan(key: str, candidates: gpd.GeoDataFrame) -> model.Plan:
    chosen = candidates[candidates["is_chosen"] & (candidates["facility"] == key)]
    served = sum(float(row[8]) for row in _DEMAND if row[0] == key and row[9])
    late = key == "shore_power"
    return model.Plan(
        facility=key,
        model=_LOOKS[key][4],
        sites=tuple(chosen["candidate_id"]),
        objective=served,
        bound=served * 1.25 if late else served,
        gap=0.2 if late else 0.0,
        unit=_LOOKS[key][3],
        status=model.SolveStatus.TIME_LIMIT if late else model.SolveStatus.OPTIMAL,
        seconds=0.125,
        facts={"p": float(len(chosen))},
    )


def _record(kind: str, rows: int, repairs: tuple[str, ...]) -> model.LayerRecord:
    return model.LayerRecord(
        kind=kind, reference=f"starter:qingdao/{kind}.csv", sha256="ab" * 32, licence="CC BY 4.0",
        attribution="Qingdao starter pack", crs_found="EPSG:4326", rows_read=rows + len(repairs),
        rows_kept=rows, repairs=repairs,
    )  # fmt: skip


def _notice(level: str, code: str, zh: str, en: str) -> model.Notice:
    known = "warning" if level == "warning" else "info"
    return model.Notice(level=known, code=code, label=_label(zh, en))
