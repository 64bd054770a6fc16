"""The ground of every map: land, protected areas, districts, roads and coast, as fine as the scale shows."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import ceil

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from maps._figure_base import Pen
from maps._figure_ink import Layer, Look, Shape, rectangle
from maps._figure_labels import Tag
from maps._figure_sheet import View
from maps._figure_signs import Legend
from maps.style import LAYER_STYLES, LayerStyle

_DETAIL_MM, _BEYOND_MM = 0.12, 3.0
_SMALL_MM2 = 0.05
_PT_PER_PX = 0.75
_MAIN_ROADS = ("motorway", "trunk")
_MAIN_WIDTH, _OTHER_WIDTH = 1.0, 0.45
_KINDS = ("land", "protected", "road_edges", "districts", "coastline")
_EMPTY = "#f7f6f2"


class _Frames:
    """Frames of a result, equal only to themselves: what is drawn of them is kept."""

    def __init__(self, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
        self.of = {kind: layers[kind] for kind in _KINDS if kind in layers}

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.of.values())))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Frames)
            and self.of.keys() == other.of.keys()
            and all(frame is other.of[kind] for kind, frame in self.of.items())
        )


def draw(view: View, pen: Pen) -> Layer:
    """Return the ground of a view; the same one for the same layers, whatever is drawn on it."""
    return _ground(_Frames(pen.draft.result.layers), view)


# All maps of a report share the whole view, and the maps of both languages their cut-outs.
@lru_cache(maxsize=64)
def _ground(frames: _Frames, view: View) -> Layer:
    layers = frames.of
    left, bottom, width, height = view.box_mm
    sea = LAYER_STYLES["sea"].fill if "land" in layers else _EMPTY
    found = [rectangle((left, bottom, left + width, bottom + height), Look(fill=sea))]
    if "land" in layers:
        found += fill(layers["land"], view, look_of(LAYER_STYLES["land"]))
    if (hard := _protected(layers)) is not None:
        found += fill(hard, view, look_of(LAYER_STYLES["protected_hard"]))
    if "road_edges" in layers:
        main, other = _roads(layers["road_edges"])
        roads = LAYER_STYLES["roads"]
        found += lines(_once(other), view, look_of(roads, _OTHER_WIDTH))
        found += lines(_once(main), view, look_of(roads, _MAIN_WIDTH))
    if "districts" in layers:
        found += fill(layers["districts"], view, look_of(LAYER_STYLES["districts"]))
    if "coastline" in layers:
        found += lines(layers["coastline"], view, look_of(LAYER_STYLES["coastline"]))
    return Layer(items=tuple(found), clip=view.box_mm, is_ground=True)


def explain(pen: Pen) -> Legend:
    """Return what of the ground the legend explains."""
    layers, say = pen.draft.result.layers, pen.say
    legend: Legend = []
    if _protected(layers) is not None:
        look = look_of(LAYER_STYLES["protected_hard"])
        legend.append((look, say("自然保护地", "protected area")))
    if "road_edges" in layers:
        main, other = _roads(layers["road_edges"])
        roads = LAYER_STYLES["roads"]
        if len(main):
            words = say("高速公路、快速路", "expressway, trunk road")
            legend.append((look_of(roads, _MAIN_WIDTH), words))
        if len(other):
            legend.append((look_of(roads, _OTHER_WIDTH), say("其他道路", "other road")))
    if "districts" in layers:
        look = look_of(LAYER_STYLES["districts"])
        legend.append((look, say("区市界（示意）", "district border (schematic)")))
    return legend


# Every map asks, and each cut-out: a pen per language.
@lru_cache(maxsize=2)
def district_tags(pen: Pen) -> tuple[Tag, ...]:
    """Return the names of the districts as labels at a point inside each."""
    districts = pen.draft.result.layers.get("districts")
    if districts is None or districts.empty:
        return ()
    points = districts.geometry.representative_point()
    rows = districts.drop(columns="geometry").to_dict("records")
    return tuple(
        Tag(x=x, y=y, text=name, size_pt=11, colour="#5d6873", is_bold=True)
        for x, y, (number, row) in zip(points.x, points.y, enumerate(rows, start=1), strict=True)
        if (name := pen.name(row, otherwise=str(number)))
    )


def look_of(style: LayerStyle, width: float = 1.0) -> Look:
    """Return a style of the interactive map on paper; ``width`` multiplies that of its line."""
    return Look(
        fill=style.fill,
        fill_opacity=style.fill_opacity,
        stroke=style.stroke,
        width_pt=style.width_px * _PT_PER_PX * width,
        dash=style.dash,
        is_round=not style.dash,
    )


def fill(frame: gpd.GeoDataFrame, view: View, look: Look) -> list[Shape]:
    """Return areas as one shape, nothing where none is seen."""
    rings = [view.lay(ring) for shape in _coarse(frame, view) for ring in _areas(shape, view)]
    return [Shape(lines=tuple(rings), look=look)] if rings else []


def lines(frame: gpd.GeoDataFrame, view: View, look: Look) -> list[Shape]:
    """Return lines as one shape, nothing where none is seen."""
    parts = [view.lay(line) for shape in _coarse(frame, view) for line in _lines(shape)]
    return [Shape(lines=tuple(parts), look=look, is_closed=False)] if parts else []


def _protected(layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
    """Return the areas that no site may stand in, None where the study says nothing of them."""
    frame = layers.get("protected")
    if frame is None or "constraint" not in frame.columns:
        return None
    return frame[frame["constraint"] == "hard"]


def _roads(roads: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the main roads and the others."""
    if "highway" not in roads.columns:
        return roads, roads.iloc[:0]
    is_main = roads["highway"].isin(_MAIN_ROADS)
    return roads[is_main], roads[~is_main]


def _once(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return roads drawn one way only: the way back lies on top of the way there."""
    ends = shapely.normalize(np.asarray(frame.geometry, dtype=object))
    _, first = np.unique(shapely.to_wkb(ends), return_index=True) if len(ends) else (None, [])
    return frame.iloc[np.sort(np.asarray(first, dtype=int))]


def _coarse(frame: gpd.GeoDataFrame, view: View) -> Iterator[BaseGeometry]:
    """Yield the shapes that the view holds, without the detail that its scale does not show."""
    shapes = np.asarray(frame.geometry, dtype=object)
    x0, y0, x1, y1 = view.bounds
    room = _BEYOND_MM * view.metres_per_mm  # edges of what is cut off lie outside the frame
    seen = shapes[shapely.intersects(shapely.envelope(shapes), shapely.box(x0, y0, x1, y1))]
    for shape in shapely.simplify(seen, _DETAIL_MM * view.metres_per_mm):
        cut = shapely.clip_by_rect(shape, x0 - room, y0 - room, x1 + room, y1 + room)
        if not cut.is_empty:
            yield cut


def _areas(shape: BaseGeometry, view: View) -> Iterator[NDArray[np.float64]]:
    least = _SMALL_MM2 * view.metres_per_mm**2
    for piece in shapely.get_parts(shape):
        if piece.geom_type == "Polygon" and piece.area >= least:
            turned = orient(piece)  # a hole is one by turning the other way
            holes = (ring for ring in turned.interiors if shapely.Polygon(ring).area >= least)
            # The first point again is left to the end of the area.
            yield from (shapely.get_coordinates(ring)[:-1] for ring in (turned.exterior, *holes))


def _lines(shape: BaseGeometry) -> Iterator[NDArray[np.float64]]:
    for piece in shapely.get_parts(shape):
        if "Line" in piece.geom_type:
            yield shapely.get_coordinates(piece)


def nice_step(largest: float, parts: Iterable[float] = (1.0, 0.5, 0.2, 0.1)) -> float:
    """Return the largest round number that is not above a value."""
    if largest <= 0:
        return 0.0
    power = 10.0 ** ceil(np.log10(largest))
    return next((part * power for part in parts if part * power <= largest), largest)
