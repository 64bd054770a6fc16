"""What to call the columns of the published tables in Chinese and English, units among them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from siting.model import CriterionSpec, Study

COLUMN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "fid": "序号 / row",
        # Keys and names
        "id": "编号 / id",
        "facility": "设施类型 / facility type",
        "candidate_id": "候选点编号 / candidate id",
        "demand_id": "需求点编号 / demand id",
        "origin_id": "起点编号 / origin id",
        "destination_id": "终点编号 / destination id",
        "source_id": "来源编号 / source id",
        "target_id": "目标编号 / target id",
        "from_id": "起始节点 / from node",
        "to_id": "终止节点 / to node",
        "name_zh": "中文名称 / Chinese name",
        "name_en": "英文名称 / English name",
        "zh": "中文说明 / in Chinese",
        "en": "英文说明 / in English",
        "type": "类型 / type",
        "kind": "类别 / kind",
        "district": "区市 / district",
        "role": "规划角色 / role",
        "key": "键 / key",
        "value": "值 / value",
        "unit": "单位 / unit",
        "item": "项目 / item",
        "case": "需求情景 / demand case",
        "year": "年份 / year",
        "status": "状态 / status",
        "note": "备注 / note",
        "source": "来源 / source",
        # Trust
        "confidence": "可信度 / confidence (A–C)",
        "uncertainty_m": "位置误差（m） / position error (m)",
        "is_rounded": "位置已模糊 / place told to 0.01° only",
        # Candidates and sites
        "access_m": "到道路直线距离（m） / straight line to the road (m)",
        "is_excluded": "被规则排除 / excluded by a rule",
        "excluded_by": "排除规则 / rules that exclude it",
        "is_chosen": "选定 / chosen",
        "score": "综合得分（0–1） / score (0–1)",
        "rank": "排名 / rank",
        "rank_p05": "排名下限（90%） / rank, low end (90 %)",
        "rank_p95": "排名上限（90%） / rank, high end (90 %)",
        "top_n_share": "进入前列的比例 / share of draws in the top N",
        "demand_served": "服务的需求 / demand served",
        "demand_share": "占全部需求的比例 / share of all demand",
        "demand_points": "需求点数 / demand points",
        "mean_time_min": "平均行程时间（分钟） / mean travel time (min)",
        "size": "规模代码 / size class",
        "size_zh": "规模 / size in Chinese",
        "size_en": "规模（英文） / size in English",
        "capacity": "服务能力 / capacity",
        "utilisation": "利用率 / utilisation",
        "land_m2": "用地（m²） / land (m²)",
        "cost_mcny": "投资（百万元） / cost (CNY million)",
        "power_mva": "用电容量（MVA） / power (MVA)",
        # Demand, allocation, service areas, flows
        "demand_low": "需求：低 / demand, low",
        "demand_base": "需求：基准 / demand, base",
        "demand_high": "需求：高 / demand, high",
        "existing_served": "现有设施已满足 / met by facilities in service",
        "demand": "待规划需求 / demand to plan for",
        "is_covered": "已覆盖 / covered",
        "time_min": "行程时间（分钟） / travel time (min)",
        "distance_km": "距离（km） / distance (km)",
        "limit_min": "服务时间（分钟） / service time (min)",
        "area_km2": "面积（km²） / area (km²)",
        "trips_per_day": "日车次 / trips a day",
        "amount_low": "带来的需求：低 / demand it brings, low",
        "amount_base": "带来的需求：基准 / demand it brings, base",
        "amount_high": "带来的需求：高 / demand it brings, high",
        # Roads, protected areas, energy
        "ref": "道路编号 / road number",
        "highway": "道路等级 / road class",
        "oneway": "单行 / one-way",
        "free_flow_kmh": "自由流速度（km/h） / free-flow speed (km/h)",
        "length_km": "长度（km） / length (km)",
        "motor_vehicle": "机动车 / motor vehicles",
        "hgv": "货车 / heavy vehicles",
        "hazmat": "危险品 / dangerous goods",
        "bridge": "桥梁 / bridge",
        "tunnel": "隧道 / tunnel",
        "ferry": "轮渡 / ferry",
        "toll": "收费 / toll",
        "constraint": "约束（hard 禁止，soft 限制） / constraint (hard, soft)",
        # Figures of the plan
        "quantity": "数量 / quantity",
        "amount": "数量 / amount",
        "cost_cny_per_unit": "单位成本（元） / cost per unit (CNY)",
        "factor": "因素 / factor",
        "change": "变化比例 / change (share)",
        "substance": "排放物 / substance",
        "avoided_t": "减少排放（t/年） / avoided (t/yr)",
        "added_t": "新增排放（t/年） / added (t/yr)",
        "net_t": "净减排（t/年） / net (t/yr)",
        "budget_mcny": "预算（百万元） / budget (CNY million)",
        "spent_mcny": "支出（百万元） / spent (CNY million)",
        "sites": "站点数 / sites",
        "served_share": "覆盖率 / share served",
        "ideal_share": "单年最优覆盖率 / share of a plan for that year alone",
        "step_share": "逐年最优覆盖率 / share without looking ahead",
        "plan": "方案 / plan",
        "regret": "遗憾值 / regret (share)",
        "bound_share": "可证明上界 / proven bound (share)",
        "gain_share": "每站增量 / gain a site (share)",
        "is_plan": "本方案 / this plan",
        "standing": "不可替代性 / standing",
        "stands_in_for": "可替代的站点 / stands in for",
        "plan_item": "规划条目 / item of the plan",
        "origin": "出处 / origin",
        "target": "目标值 / target",
        "now": "现状值 / now",
        "reached": "达到值 / reached",
        "how_zh": "计算方法 / how, in Chinese",
        "how_en": "计算方法（英文） / how, in English",
        "indicator": "指标 / indicator",
        "before": "规划前 / before",
        "after": "规划后 / after",
        "better": "优化方向 / which way is better",
        "check": "核对项 / check",
        "ours": "本方案 / ours",
        "published": "公开数据 / published",
        "why_zh": "差异原因 / why, in Chinese",
        "why_en": "差异原因（英文） / why, in English",
        # Provenance
        "reference": "数据文件 / reference",
        "licence": "许可 / licence",
        "attribution": "署名 / attribution",
        "crs": "坐标系 / CRS as found",
        "crs_used": "处理所用坐标系 / CRS used",
        "hash": "校验值（SHA-256） / hash (SHA-256)",
        "rows": "采用行数 / rows kept",
        "rows_read": "读入行数 / rows read",
        "repairs": "修复 / repairs",
        "warnings": "警告 / warnings",
        "date": "数据日期 / date of the data",
    }
)
"""A name for every column whose name is fixed."""

_MEASURES = {
    "raw_": ("原值", "raw"),
    "value_": ("标准化值", "value (0–1)"),
    "contribution_": ("得分贡献", "contribution to the score"),
}


def column_aliases(columns: Iterable[str], study: Study) -> dict[str, str]:
    """Return a name to show for each column, no two alike, in the same order.

    Columns per criterion are named by the criterion's label in the study, the unit beside raw
    values where all types of facilities have the same; an unknown column keeps its own name.
    """
    specs: dict[str, list[CriterionSpec]] = {}
    for facility in study.facilities:
        for spec in facility.criteria:
            specs.setdefault(spec.key, []).append(spec)
    found: dict[str, str] = {}
    for column in columns:
        alias = COLUMN_WORDS.get(column) or _measured(column, specs) or column
        # GeoPackage wants the names of a table's columns to differ.
        found[column] = f"{alias} [{column}]" if alias in found.values() else alias
    return found


def _measured(column: str, specs: Mapping[str, list[CriterionSpec]]) -> str:
    for stem, (zh, en) in _MEASURES.items():
        of = specs.get(column.removeprefix(stem), []) if column.startswith(stem) else []
        if of:
            units = {spec.unit for spec in of}
            unit = f" ({units.pop()})" if stem == "raw_" and len(units) == 1 else ""
            text = f"{zh}：{of[0].label.zh} / {en}: {of[0].label.en}{unit}"
            return "".join(character for character in text if character.isprintable())
    return ""
