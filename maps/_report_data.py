"""The part of the report on the data: where they come from, what was done to them, what they cannot tell."""

from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from maps.markdown import MISSING, amount, escape, number, share, table
from siting.model import FacilitySpec, Label, LayerRecord, LeftOut, Result

_HASH_DIGITS = 12
# A shore is no edge: nobody beyond it would be served from elsewhere.
_SHORE_M, _BORDER_DETAIL_M = 2000.0, 50.0
_REACH_QUANTILE = 0.95


def data_quality(result: Result) -> list[str]:
    """Return the section on data quality as lines of Markdown.

    Layers and rasters with source, licence, CRS and hash; repairs and doubts; what is missing and was
    left out; how far places lie from the roads and which demand reaches none; how much of the demand
    lies so near the edge that sites beyond it might serve it.
    """
    return [
        "## 数据质量 / Data quality",
        "",
        *_sources(result.provenance),
        *_findings(result.provenance),
        *_missing(result),
        *_access(result),
        *_edges(result),
    ]


def _sources(records: Sequence[LayerRecord]) -> list[str]:
    headers = (
        *("图层 / layer", "文件 / file", "来源 / source", "日期 / date"),
        *("坐标系：原有 → 使用 / CRS found → used", "行数：读入 → 使用 / rows read → kept"),
        *("许可 / licence", "署名 / attribution", "SHA-256"),
    )
    return table(headers, [_source_row(record) for record in records])


def _source_row(record: LayerRecord) -> tuple[str, ...]:
    return (
        *(_cell(record.kind), _cell(record.reference), _cell(record.source), _cell(record.date)),
        _change(_cell(record.crs_found), _cell(record.crs_used)),
        _change(number(record.rows_read), number(record.rows_kept)),
        *(_cell(record.licence), _cell(record.attribution)),
        _cell(record.sha256[:_HASH_DIGITS]),
    )


def _change(before: str, after: str) -> str:
    return before if after in {before, MISSING} else f"{before} → {after}"


def _findings(records: Sequence[LayerRecord]) -> list[str]:
    """Return repairs and warnings, each sentence once with the layers it holds for."""
    parts = (
        ("修复 / Repairs", [(r.kind, words) for r in records for words in r.repairs]),
        ("存疑 / Doubts", [(r.kind, words) for r in records for words in r.warnings]),
    )
    lines: list[str] = []
    for title, found in parts:
        lines += [f"### {title}", "", *_listed(found), ""]
    return lines


def _listed(found: Iterable[tuple[str, str]]) -> list[str]:
    kinds: dict[str, list[str]] = {}
    for kind, words in found:
        kinds.setdefault(words, []).append(kind)
    items = [f"- {escape(', '.join(of))}: {escape(words)}" for words, of in kinds.items()]
    return items or ["（无 / none）"]


def _missing(result: Result) -> list[str]:
    """Return the facility types, criteria and rules that were left out, and for want of what."""
    study = result.study
    items = [f"- {escape(key)}: {_both(why)}" for key, why in sorted(study.left_out.items())]
    for facility in study.facilities:
        items += [f"- {_both(facility.label)}: {_left_out(part)}" for part in facility.left_out]
    return ["### 缺少的数据 / Missing data", "", *(items or ["（无 / none）"]), ""]


def _left_out(part: LeftOut) -> str:
    kind = {"criterion": "指标 / criterion", "rule": "规则 / rule"}[part.part]
    why = (
        f"缺 {part.missing} / no {part.missing}" if part.missing else "无可用值 / no value to use"
    )
    note = f"。{_both(part.note)}" if part.note else ""
    return f"{kind} {_both(part.label)} 未计入 / left out（{escape(why)}）{note}"


def _access(result: Result) -> list[str]:
    headers = (
        *("设施 / facility", "对象 / places"),
        *("中位 / median (m)", "95 % (m)", "最大 / most (m)"),
        *("不通车 / reach no road", "占需求 / share of demand"),
    )
    rows = [row for facility in result.study.facilities for row in _access_rows(result, facility)]
    note = (
        "到道路的直线距离；不通车者计入未覆盖 / straight distance to the road; what reaches none counts "
        "as not covered"
    )
    return [
        "### 到路网的距离 / Distance to the roads",
        "",
        note,
        "",
        *table(headers, rows),
    ]


def _access_rows(result: Result, facility: FacilitySpec) -> list[tuple[str, ...]]:
    candidates, demand = _of(result.candidates, facility), _of(result.demand, facility)
    cut_off = demand["access_m"].isna()
    lost = _share_of(demand.loc[cut_off, "demand"], demand["demand"])
    name = _both(facility.label)
    return [
        (name, "候选点 / candidates", *_spread(candidates["access_m"]), MISSING),
        (name, "需求点 / demand", *_spread(demand["access_m"]), lost),
    ]


def _spread(metres: pd.Series) -> tuple[str, ...]:
    """Return median, 95 % quantile and maximum, and how many are unknown."""
    known = metres.dropna()
    sizes = [known.median(), known.quantile(_REACH_QUANTILE), known.max()]
    return (*(number(size) for size in sizes), number(len(metres) - len(known)))


def _edges(result: Result) -> list[str]:
    """Return how much of the demand might be served across the edge of the study."""
    edge = _edge(result.layers)
    title = "### 边缘效应 / Edge effects"
    if edge is None:
        return [title, "", "研究范围边界未知，无法判断 / no border is known: cannot tell", ""]
    headers = (
        *("设施 / facility", "服务路径 95 % / 95 % of journeys (km)"),
        *("边界附近需求点 / demand points near the edge", "占需求 / share of demand"),
    )
    rows = [_edge_row(result, facility, edge) for facility in result.study.facilities]
    note = (
        "距陆上边界或市界通道的直线距离不超过服务路径 95 % 分位的需求；界外站点与需求不在研究内，"
        "这些地方的结果偏低或偏高 / demand whose straight distance to the border on land, or to a gateway, "
        "is within 95 % of the journeys to a site; what lies beyond is not in the study, so results there "
        "may be too low or too high"
    )
    return [title, "", note, "", *table(headers, rows)]


def _edge_row(result: Result, facility: FacilitySpec, edge: BaseGeometry) -> tuple[str, ...]:
    name = _both(facility.label)
    journeys_km = _of(result.allocation, facility)["distance_km"]
    reach_km = float(journeys_km.quantile(_REACH_QUANTILE)) if len(journeys_km) else 0.0
    if not reach_km > 0:  # served where they are, as ships are
        return (name, MISSING, MISSING, MISSING)
    demand = _of(result.demand, facility)
    is_near = _distance_m(demand, edge) <= reach_km * 1000
    of_all = _share_of(demand.loc[is_near, "demand"], demand["demand"])
    return (name, amount(reach_km), f"{int(is_near.sum())} / {len(demand)}", of_all)


def _edge(layers: Mapping[str, gpd.GeoDataFrame]) -> BaseGeometry | None:
    """Return the border of the districts away from the coast, and the gateways; None without both."""
    parts: list[BaseGeometry] = []
    districts, gateways = layers.get("districts"), layers.get("gateways")
    if districts is not None and len(districts):
        border = shapely.boundary(shapely.union_all(_coarse(districts)))
        coast = layers.get("coastline")
        if coast is not None and len(coast):
            shore = shapely.union_all(shapely.buffer(_coarse(coast), _SHORE_M))
            border = shapely.difference(border, shore)
        parts.append(border)
    if gateways is not None and len(gateways):
        parts += gateways.geometry.tolist()
    edge = shapely.geometrycollections(parts)
    return None if shapely.is_empty(edge) else edge


def _coarse(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the shapes of a layer as fine as a share of the demand needs them."""
    shapes = np.asarray(frame.geometry, dtype=object)
    return shapely.simplify(shapes, np.full(len(shapes), _BORDER_DETAIL_M))


def _distance_m(frame: gpd.GeoDataFrame, edge: BaseGeometry) -> NDArray[np.float64]:
    shapely.prepare(edge)
    return np.asarray(shapely.distance(np.asarray(frame.geometry), edge), dtype=np.float64)


def _share_of(part: pd.Series, whole: pd.Series) -> str:
    total = float(whole.sum())
    return share(float(part.sum()) / total if total else None)


def _of(frame: gpd.GeoDataFrame, facility: FacilitySpec) -> gpd.GeoDataFrame:
    return frame[frame["facility"] == facility.key]


def _cell(text: str) -> str:
    return escape(text) or MISSING


def _both(label: Label) -> str:
    return f"{escape(label.zh)} / {escape(label.en)}"
