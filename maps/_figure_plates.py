"""The other maps: all sites, suitability, phases and demand."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from maps import _figure_ground as ground, _figure_labels as labels
from maps._figure_base import Pen, colour_of, marker_of
from maps._figure_compose import Sketch, compose
from maps._figure_ink import Drawing, Item, Look, Marks
from maps._figure_panel import Margin
from maps._figure_sheet import Bounds, View
from maps._figure_signs import Legend, boxes, circles, counted, places_of, sign, signs
from maps.draft import amount, numbered_sites, part
from maps.style import (
    LAYER_STYLES,
    NO_SCORE,
    SCORE_COLOURS,
    score_class,
    score_ranges,
)
from siting.model import FacilitySpec

_YEAR_COLOURS = ("#1b7837", "#e08214", "#7b3294", "#2166ac", "#b2182b", "#4d4d4d")
_RING, _RING_PT, _EDGE = "#c1121f", 12.5, "#333333"
_OUT, _OUT_PT = LAYER_STYLES["excluded"].stroke, 4.5
_UNPHASED, _ALPHA = "#555555", 0.6
_FLOW, _FLOW_PT = "#7a4f9a", 0.6
_LARGEST = 40  # points that a cut-out must make legible
_LEGEND_SHARES = (1.0, 0.3, 0.08)


def overall(pen: Pen) -> Drawing:
    """Return the map of the sites of all types."""
    result = pen.draft.result
    looks = [
        (places_of(numbered_sites(result, f)), marker_of(pen.draft, f), colour_of(pen.draft, f), f)
        for f in result.study.facilities
    ]
    everywhere = places_of(result.sites)

    def paint(view: View, _hidden: Sequence[Bounds]) -> list[Item]:
        found: list[Item] = []
        for sites, marker, colour, _ in looks:
            found += signs(sites, view, marker=marker, colour=colour)
        return found + name_districts(view, pen, everywhere)

    legend: Legend = [
        (sign(marker=marker, colour=colour), with_count(pen, pen.draft.of(f.label), len(sites)))
        for sites, marker, colour, f in looks
    ]
    fact = pen.say("编号见各类规划布局图与站点一览表。", "Numbers: maps and lists of each type.")
    margin = Margin(title=pen.say("规划布局总图", "Plan: all types"), legend=legend, facts=[fact])
    return compose(pen, Sketch(margin=margin, paint=paint, focus=everywhere))


def suitability(pen: Pen, facility: FacilitySpec) -> Drawing:
    """Return the map of all candidates by the class of their score, chosen ones ringed, the excluded crossed."""
    mine = part(pen.draft.result.candidates, facility)
    is_out = mine["is_excluded"].to_numpy(dtype=bool)
    classes = np.where(is_out, NO_SCORE, [score_class(float(score)) for score in mine["score"]])
    places = places_of(mine)
    chosen = places[mine["is_chosen"].to_numpy(dtype=bool)]

    def paint(view: View, _hidden: Sequence[Bounds]) -> list[Item]:
        found: list[Item] = []
        for number in range(NO_SCORE, len(SCORE_COLOURS)):
            found += _scored(places[classes == number], view, number)
        found += signs(chosen, view, marker="o", colour="none", sizes=_RING_PT, edge=_RING)
        return found + name_districts(view, pen, places)

    fact = pen.say(
        "综合评分 0 – 1，1 为最适宜；分级固定，与交互地图一致。",
        "Score 0 – 1, 1 is best; classes are fixed, those of the interactive map.",
    )
    legend = _score_legend(pen, [int((classes == n).sum()) for n in range(len(SCORE_COLOURS))])
    n_out = int((classes == NO_SCORE).sum())
    out = with_count(pen, pen.say("被规则排除或评分未知", "excluded, or score unknown"), n_out)
    ringed = with_count(pen, pen.say("选定站点", "chosen site"), len(chosen))
    legend += [
        (sign(marker="x", colour=_OUT, size=5), out),
        (sign(marker="o", colour="none", size=11, edge=_RING), ringed),
    ]
    title = title_of(pen, facility, "适宜性评价图", "suitability")
    margin = Margin(title=title, legend=legend, facts=[fact])
    return compose(pen, Sketch(margin=margin, paint=paint, focus=places[classes != NO_SCORE]))


def _scored(places: NDArray[np.float64], view: View, number: int) -> list[Marks]:
    """Return the candidates of a class of scores: size repeats what the colour says."""
    if number == NO_SCORE:
        return signs(places, view, marker="x", colour=_OUT, sizes=_OUT_PT)
    colour = SCORE_COLOURS[number]
    return signs(places, view, marker="o", colour=colour, sizes=5.0 + number, edge=_EDGE)


def _score_legend(pen: Pen, sizes: Sequence[int]) -> Legend:
    """Return the classes of scores, the best on top, with how many candidates each has."""
    return [
        (
            sign(marker="o", colour=SCORE_COLOURS[number], size=5.0 + number, edge=_EDGE),
            with_count(pen, f"{low:.1f} – {high:.1f}", sizes[number]),
        )
        for number, (low, high) in reversed(list(enumerate(score_ranges())))
    ]


def phases(pen: Pen) -> Drawing:
    """Return the map of the sites of all types by the year in which they open."""
    result = pen.draft.result
    years = sorted(set(result.sites["year"].dropna()))
    colours = dict(zip(years, _cycle(len(years)), strict=True))
    everywhere = places_of(result.sites)
    looks = [
        (marker_of(pen.draft, f), sites["year"].to_numpy(dtype=float), places_of(sites))
        for f in result.study.facilities
        for sites in (numbered_sites(result, f),)
    ]

    def paint(view: View, _hidden: Sequence[Bounds]) -> list[Item]:
        found: list[Item] = []
        for marker, year, places in looks:
            rest = places[np.isnan(year)]
            found += signs(rest, view, marker=marker, colour="white", edge=_UNPHASED)
        for marker, year, places in looks:
            for opening, colour in colours.items():
                found += signs(places[year == opening], view, marker=marker, colour=colour)
        return found + name_districts(view, pen, everywhere)

    legend = _phase_legend(pen, colours)
    margin = Margin(title=pen.say("分期建设图", "Roll-out"), legend=legend)
    return compose(pen, Sketch(margin=margin, paint=paint, focus=everywhere))


def _phase_legend(pen: Pen, colours: Mapping[float, str]) -> Legend:
    """Return the years by colour, with how many sites open in each, and the types by sign."""
    opened = pen.draft.result.sites["year"]
    legend: Legend = [
        (
            sign(marker="o", colour=colour, size=9),
            with_count(pen, pen.say(f"{year:.0f} 年", f"{year:.0f}"), int((opened == year).sum())),
        )
        for year, colour in colours.items()
    ]
    n_rest = int(opened.isna().sum())
    if n_rest:
        words = with_count(pen, pen.say("未排期或在营", "not phased, or in service"), n_rest)
        legend.append((sign(marker="o", colour="white", edge=_UNPHASED), words))
    legend += [
        (sign(marker=marker_of(pen.draft, f), colour="#888888"), pen.text(pen.draft.of(f.label)))
        for f in pen.draft.result.study.facilities
    ]
    return legend


def demand(pen: Pen, facility: FacilitySpec) -> Drawing:
    """Return the map of the demand as circles whose area is its amount, over the traffic that brings it."""
    colour, column = colour_of(pen.draft, facility), f"demand_{facility.demand_case}"
    points = part(pen.draft.result.demand, facility)
    points = points[points[column] > 0].sort_values([column, "demand_id"], ascending=[False, True])
    amounts, places = points[column].to_numpy(dtype=float), places_of(points)
    across = circles(amounts, float(amounts.max()))
    bands = _flows(pen, facility)

    def paint(view: View, _hidden: Sequence[Bounds]) -> list[Item]:
        found: list[Item] = []
        for band, flows in bands:
            look = Look(stroke=_FLOW, width_pt=_FLOW_PT * band, is_round=True)
            found += ground.lines(flows, view, look)
        found += signs(places, view, marker="o", colour=colour, sizes=across, alpha=_ALPHA)
        return found + name_districts(view, pen, places[:0])

    unit, case = pen.draft.unit(facility.demand_unit), pen.draft.case(facility.demand_case)
    legend = _demand_legend(pen, facility, float(amounts.max()))
    if bands:
        words = pen.say("交通流，线宽为所带来的需求", "traffic; width: demand it brings")
        legend.append((Look(stroke=_FLOW, width_pt=2.0), words))
    whole = amount(float(amounts.sum()))
    facts = [
        pen.say(
            f"{case}：合计 {whole} {unit}，{len(points)} 个需求点",
            f"Case {case}: {whole} {unit} at {len(points)} points",
        ),
        pen.say("圆面积与需求量成正比。", "The area of a circle is its amount."),
    ]
    margin = Margin(
        title=title_of(pen, facility, "需求分布图", "demand"), legend=legend, facts=facts
    )
    return compose(pen, Sketch(margin=margin, paint=paint, focus=places[:_LARGEST]))


def _demand_legend(pen: Pen, facility: FacilitySpec, largest: float) -> Legend:
    """Return circles of round amounts."""
    colour, unit = colour_of(pen.draft, facility), pen.draft.unit(facility.demand_unit)
    steps = list(dict.fromkeys(ground.nice_step(largest * k) for k in _LEGEND_SHARES))
    return [
        (
            sign(marker="o", colour=colour, size=float(across), alpha=_ALPHA),
            pen.text(f"{amount(step)} {unit}"),
        )
        for step, across in zip(steps, circles(steps, largest), strict=True)
    ]


def _flows(pen: Pen, facility: FacilitySpec) -> list[tuple[int, gpd.GeoDataFrame]]:
    """Return the traffic with lines in bands of its amount, 1 to 4."""
    flows = pen.draft.result.flows
    mine = flows[(flows["facility"] == facility.key) & flows.geometry.notna()]
    if mine.empty:
        return []
    amounts = mine[f"amount_{facility.demand_case}"].to_numpy(dtype=float)
    largest = float(amounts.max())
    bands = np.ceil(4 * amounts / largest) if largest > 0 else np.ones(len(mine))
    return [(band, gpd.GeoDataFrame(mine[bands == band])) for band in range(1, 5)]


def name_districts(view: View, pen: Pen, around: NDArray[np.float64]) -> list[Item]:
    """Return the names of the districts where no sign at some places is in the way."""
    return labels.draw(labels.place(ground.district_tags(pen), view, boxes(around, view)))


def _cycle(n: int) -> list[str]:
    return [_YEAR_COLOURS[place % len(_YEAR_COLOURS)] for place in range(n)]


def with_count(pen: Pen, words: str, n: int) -> str:
    """Return words of the legend with how many there are."""
    return counted(pen.text(words), n, is_chinese=pen.draft.language == "zh")


def title_of(pen: Pen, facility: FacilitySpec, zh: str, en: str) -> str:
    """Return the title of a type's map."""
    name = pen.draft.of(facility.label)
    return pen.say(f"{name}{zh}", f"{name}: {en}")
