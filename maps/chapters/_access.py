"""How far places lie from the roads, and how much demand lies so near the edge that others may serve it."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from maps.chapters._blocks import counts, numbers, paragraph, shares, table, words
from maps.document import Block
from maps.draft import MISSING, Draft, part, ratio
from siting.model import FacilitySpec
from siting.units import METRES_PER_KM

# A shore is no edge: nobody beyond it would be served from elsewhere.
_SHORE_M, _BORDER_DETAIL_M = 2000.0, 50.0
_REACH_QUANTILE = 0.95


def access(draft: Draft) -> list[Block]:
    """Return how far candidates and demand lie from the roads, and which reach none."""
    say = draft.say
    places = [
        (facility, head, part(frame, facility))
        for facility in draft.result.study.facilities
        for head, frame in (
            (say("候选点", "candidates"), draft.result.candidates),
            (say("需求点", "demand"), draft.result.demand),
        )
    ]
    metres = [frame["access_m"].astype(float) for _, _, frame in places]
    return [
        table(
            "access",
            say("到道路的直线距离", "Straight distance to the road"),
            (
                words(
                    say("设施", "Facility"),
                    (draft.of(facility.label) for facility, _, _ in places),
                ),
                words(say("对象", "Places"), (head for _, head, _ in places)),
                numbers(say("中位", "Median"), (m.median() for m in metres), unit="m"),
                numbers("95 %", (m.quantile(_REACH_QUANTILE) for m in metres), unit="m"),
                numbers(say("最大", "Most"), (m.max() for m in metres), unit="m"),
                counts(say("不通车", "Reach no road"), (m.isna().sum() for m in metres)),
                shares(
                    say("占需求", "Share of demand"), (_cut_off(frame) for _, _, frame in places)
                ),
            ),
            notes=(say("不通车者计入未覆盖。", "What reaches no road counts as not covered."),),
        )
    ]


def _cut_off(frame: pd.DataFrame) -> float:
    """Return the share of the demand that reaches no road; NaN for candidates, which have none."""
    if "demand" not in frame.columns:
        return float("nan")
    lost = frame.loc[frame["access_m"].isna(), "demand"]
    return ratio(float(lost.sum()), float(frame["demand"].sum()))


def edges(draft: Draft) -> list[Block]:
    """Return how much of the demand might be served across the edge of the study."""
    say, edge = draft.say, _edge(draft.result.layers)
    if edge is None:
        unknown = say("研究范围边界未知，无法判断。", "No border is known: cannot tell.")
        return [paragraph(unknown)]
    note = say(
        "距陆上边界或市界通道的直线距离不超过服务路径 95 % 分位的需求；界外站点与需求不在研究内，"
        "这些地方的结果可能偏低或偏高。",
        "Demand whose straight distance to the border on land, or to a gateway, is within 95 % of the "
        "journeys to a site. What lies beyond is not in the study: results there may be too low or too high.",
    )
    facilities = draft.result.study.facilities
    rows = [_edge_row(draft, facility, edge) for facility in facilities]
    return [
        table(
            "edges",
            say("边界附近的需求", "Demand near the edge"),
            (
                words(say("设施", "Facility"), (draft.of(f.label) for f in facilities)),
                numbers(
                    say("服务路径 95 %", "95 % of journeys"),
                    (row[0] for row in rows),
                    unit="km",
                    decimals=1,
                ),
                words(say("边界附近需求点", "Points near the edge"), (row[1] for row in rows)),
                shares(say("占需求", "Share of demand"), (row[2] for row in rows)),
            ),
            notes=(note,),
        )
    ]


def _edge_row(
    draft: Draft, facility: FacilitySpec, edge: BaseGeometry
) -> tuple[float, str, float]:
    unknown = float("nan")
    journeys_km = part(draft.result.allocation, facility)["distance_km"].astype(float)
    reach_km = float(journeys_km.quantile(_REACH_QUANTILE)) if len(journeys_km) else 0.0
    if not reach_km > 0:  # served where they are, as ships are
        return (unknown, MISSING, unknown)
    demand = draft.result.demand[draft.result.demand["facility"] == facility.key]
    is_near = _distance_m(demand, edge) <= reach_km * METRES_PER_KM
    near, whole = float(demand.loc[is_near, "demand"].sum()), float(demand["demand"].sum())
    return (reach_km, f"{int(is_near.sum())} / {len(demand)}", ratio(near, whole))


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
