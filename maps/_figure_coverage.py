"""The map of service coverage: what the sites reach, and which demand they serve."""

from collections.abc import Sequence

import geopandas as gpd

from maps import _figure_ground as ground
from maps._figure_base import Pen, colour_of, marker_of
from maps._figure_compose import Sketch, compose
from maps._figure_ink import Drawing, Item, Look
from maps._figure_panel import Margin
from maps._figure_plates import name_districts, title_of, with_count
from maps._figure_sheet import Bounds, View
from maps._figure_signs import Legend, places_of, sign, signs
from maps.draft import amount, numbered_sites, part
from maps.style import LAYER_STYLES
from siting.model import FacilitySpec
from siting.units import M2_PER_KM2

_OPACITY = 0.28
_MET, _LEFT = LAYER_STYLES["demand_covered"], LAYER_STYLES["demand_open"]
_MET_PT, _LEFT_PT = 3.5, 4.5


def coverage(pen: Pen, facility: FacilitySpec) -> Drawing:
    """Return the map of what the sites reach within the limit, and which demand they serve."""
    result, colour = pen.draft.result, colour_of(pen.draft, facility)
    areas = result.service_areas[result.service_areas["facility"] == facility.key]
    united = gpd.GeoDataFrame(geometry=[areas.geometry.union_all()], crs=result.crs)
    demand = part(result.demand, facility)
    is_met = demand["is_covered"].to_numpy(dtype=bool)
    points, marker = places_of(demand), marker_of(pen.draft, facility)
    sites = places_of(numbered_sites(result, facility))

    def paint(view: View, _hidden: Sequence[Bounds]) -> list[Item]:
        return [
            *ground.fill(united, view, _look(colour)),
            *signs(points[is_met], view, marker="o", colour=_MET.fill, sizes=_MET_PT),
            *signs(
                points[~is_met],
                view,
                marker="o",
                colour=_LEFT.fill,
                sizes=_LEFT_PT,
                edge=_LEFT.stroke,
            ),
            *signs(sites, view, marker=marker, colour=colour),
            *name_districts(view, pen, sites),
        ]

    n_met = int(is_met.sum())
    chosen = with_count(pen, pen.say("选定站点", "chosen site"), len(sites))
    legend: Legend = [(sign(marker=marker, colour=colour), chosen)]
    legend += _legend(pen, facility, colour, (n_met, len(demand) - n_met))
    km2 = f"{float(united.geometry.area.sum()) / M2_PER_KM2:,.0f}"
    fact = pen.say(
        f"服务范围合计 {km2} km²（重叠计一次）", f"{km2} km² reached, overlaps counted once"
    )
    title = title_of(pen, facility, "服务覆盖图", "service coverage")
    margin = Margin(title=title, legend=legend, facts=[fact])
    return compose(pen, Sketch(margin=margin, paint=paint, focus=points))


def _legend(pen: Pen, facility: FacilitySpec, colour: str, sizes: tuple[int, int]) -> Legend:
    limit, (n_met, n_left) = amount(facility.service_minutes), sizes
    reached = pen.say(f"{limit} 分钟服务范围", f"reached within {limit} min")
    met, left = (
        pen.say("已覆盖需求点", "demand covered"),
        pen.say("未覆盖需求点（含部分覆盖）", "demand not or only partly covered"),
    )
    return [
        (_look(colour), reached),
        (sign(marker="o", colour=_MET.fill, size=4), with_count(pen, met, n_met)),
        (
            sign(marker="o", colour=_LEFT.fill, size=5, edge=_LEFT.stroke),
            with_count(pen, left, n_left),
        ),
    ]


def _look(colour: str) -> Look:
    return Look(fill=colour, fill_opacity=_OPACITY)
