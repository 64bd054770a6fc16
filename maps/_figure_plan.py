"""The plan of one type: numbered sites by class, with names where they are few."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maps import _figure_ground as ground, _figure_labels as labels
from maps._figure_base import Pen, colour_of, marker_of
from maps._figure_compose import Sketch, compose
from maps._figure_ink import MM_PER_PT, Drawing, Item
from maps._figure_labels import Placed, Tag
from maps._figure_panel import LIST_WIDTH, Margin
from maps._figure_sheet import Bounds, View
from maps._figure_signs import (
    SIGN_PT,
    Legend,
    Sizes,
    boxes,
    counted,
    places_of,
    sign,
    signs,
)
from maps.draft import amount, is_travelled, numbered_sites, ratio, served, share, text_of
from siting.model import FacilitySpec

MOST_NAMES = 25
"""More sites than these are keyed by number; the names stand in the list beside the map."""

_SMALLEST_PT, _LARGEST_PT = 7.0, 12.0
_LABEL_PT = 8.0
_MOST_CLASSES = 6


def plan(pen: Pen, facility: FacilitySpec) -> Drawing:
    """Return the map of the sites of one type."""
    sites = numbered_sites(pen.draft.result, facility)
    colour, marker = colour_of(pen.draft, facility), marker_of(pen.draft, facility)
    legend, sizes = _classes(pen, sites, colour, marker)
    is_open = (sites["role"] == "existing").to_numpy(dtype=bool)
    places = places_of(sites)
    named = _tags(pen, sites, places, sizes)

    def paint(view: View, hidden: Sequence[Bounds]) -> list[Item]:
        found = _label(view, pen, _seen(named, view, hidden), places)
        old, new, across = places[is_open], places[~is_open], sizes[is_open]
        return [
            *labels.leaders(found, view),
            *signs(new, view, marker=marker, colour=colour, sizes=sizes[~is_open]),
            *signs(old, view, marker=marker, colour="white", sizes=across, edge=colour),
            *labels.draw(found),
        ]

    if is_open.any():
        hollow = sign(marker=marker, colour="white", edge=colour)
        legend.append((hollow, pen.say("在营", "in service")))
    margin = Margin(
        title=pen.say(
            f"{pen.draft.of(facility.label)}规划布局图", f"{pen.draft.of(facility.label)}: plan"
        ),
        legend=legend,
        facts=_facts(pen, facility, len(sites)),
        listed=_listed(pen, sites),
    )
    return compose(pen, Sketch(margin=margin, paint=paint, focus=places))


def _facts(pen: Pen, facility: FacilitySpec, n: int) -> list[str]:
    met, whole = served(pen.draft.result, facility)
    unit, reach = pen.draft.unit(facility.demand_unit), share(ratio(met, whole))
    limit = amount(facility.service_minutes)
    facts = [
        pen.say(
            f"站点 {n} 处，服务待规划需求的 {reach}（共 {amount(whole)} {unit}）",
            f"{n} sites serve {reach} of the demand planned for ({amount(whole)} {unit})",
        )
    ]
    if is_travelled(pen.draft.result, facility):
        facts.append(pen.say(f"服务时限 {limit} 分钟", f"within {limit} min"))
    return facts


def _classes(pen: Pen, sites: pd.DataFrame, colour: str, marker: str) -> tuple[Legend, Sizes]:
    """Return the legend of the classes built, by capacity, and how large every site's sign is."""
    is_chinese = pen.draft.language == "zh"
    # By what they are called: a key may stand for sizes that differ from site to site.
    order = ("size_zh", "size_en") if is_chinese else ("size_en", "size_zh")
    named = [
        text_of(a) or text_of(b) for a, b in zip(*(sites[name] for name in order), strict=True)
    ]
    keys = sorted(set(named) - {""}, key=lambda key: (_capacity(sites, named, key), key))
    if not keys or len(keys) > _MOST_CLASSES:
        words = counted(pen.say("选定站点", "chosen site"), len(sites), is_chinese=is_chinese)
        return [(sign(marker=marker, colour=colour), words)], np.full(len(sites), SIGN_PT)
    steps = np.linspace(_SMALLEST_PT, _LARGEST_PT, len(keys)) if len(keys) > 1 else [9.0]
    across: Mapping[str, float] = dict(zip(keys, map(float, steps), strict=True))
    legend: Legend = []
    for key in keys:
        text = counted(pen.text(key), named.count(key), is_chinese=is_chinese)
        legend.append((sign(marker=marker, colour=colour, size=across[key]), text))
    return legend, np.array([across.get(name, _SMALLEST_PT) for name in named])


def _capacity(sites: pd.DataFrame, named: Sequence[str], key: str) -> float:
    mine = sites.loc[[name == key for name in named], "capacity"]
    middle = float(mine.astype(float).median())
    return middle if isfinite(middle) else float("inf")


def _label(view: View, pen: Pen, tags: Sequence[Tag], places: NDArray[np.float64]) -> list[Placed]:
    """Label sites by number and name where they are few, else by number; then the districts."""
    around = boxes(places, view, 0.8)
    found = labels.place(tags, view, around)
    placed = {id(item.tag) for item in found}
    rest = [replace(t, text=t.text.split()[0]) for t in tags if id(t) not in placed]
    found += labels.place(rest, view, [item.box for item in found] + around)
    taken = [item.box for item in found] + boxes(places, view)
    return [*labels.place(ground.district_tags(pen), view, taken), *found]


def _tags(pen: Pen, sites: pd.DataFrame, places: NDArray[np.float64], sizes: Sizes) -> list[Tag]:
    with_names = len(sites) <= MOST_NAMES
    rows = sites.drop(columns="geometry").to_dict("records")
    return [
        Tag(
            x=x,
            y=y,
            radius_mm=float(across) * MM_PER_PT / 2,
            size_pt=_LABEL_PT,
            is_bold=not with_names,
            text=f"{row['number']} {pen.name(row) if with_names else ''}".strip(),
        )
        for (x, y), across, row in zip(places.tolist(), sizes, rows, strict=True)
    ]


def _seen(tags: Sequence[Tag], view: View, hidden: Sequence[Bounds]) -> list[Tag]:
    """Return the labels of a view, without those of its cut-outs."""
    seen = (tag for tag in tags if _is_in(tag, view.bounds))
    return [tag for tag in seen if not any(_is_in(tag, bounds) for bounds in hidden)]


def _is_in(tag: Tag, bounds: Bounds) -> bool:
    return bounds[0] <= tag.x <= bounds[2] and bounds[1] <= tag.y <= bounds[3]


def _listed(pen: Pen, sites: pd.DataFrame) -> list[tuple[str, str]]:
    rows = sites.drop(columns="geometry").to_dict("records")
    return [
        (
            str(row["number"]),
            pen.name(row, otherwise=text_of(row["candidate_id"]), length=LIST_WIDTH),
        )
        for row in rows
    ]
