"""The study area from OSM: its administrative districts, or what stands in for them."""

from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers._osm_city import City, Drawn, Row, Shapes, as_shapes, common, of_dimension
from layers._osm_objects import OsmObject
from layers._osm_tags import count

# Districts are the study area, so they must hold most of the roads (own choice).
COVERED_SHARE: Final = 0.75
# The outline of the roads is widened so that places along the outermost road lie inside.
OUTLINE_M: Final = 200.0
# What is left of a boundary beside its districts counts as a district from this share of it on.
_REST_SHARE = 0.01
_POLYGON = 2
_OUTLINE: Final[Row] = {
    "confidence": "C",
    "source": "OpenStreetMap",
    "note": "",
    "uncertainty_m": np.nan,
}


class StudyArea(NamedTuple):
    """Districts and what they are: whether administrative, and a sentence for the user."""

    drawn: Drawn
    is_administrative: bool


def draw_districts(city: City) -> Drawn:
    """Return the districts of the study area; see ``study_area``."""
    return study_area(city).drawn


@lru_cache(maxsize=4)
def study_area(city: City) -> StudyArea:
    """Find the study area.

    With a boundary: its parts by the finest administrative level of which at least two areas hold
    three quarters of the roads inside, or the boundary as one. Without one: those districts; else the
    one administrative area that holds as much; else the convex outline of the roads, which is that
    of the extract. Only areas that the file holds whole count.
    """
    levels = _levels(city)
    several = next((areas for areas in levels if len(areas) > 1), ())
    if city.boundary is not None:
        return StudyArea(drawn=_told(city, _cut(city.boundary, several)), is_administrative=True)
    chosen = several or next(iter(levels), ())
    if chosen:
        cells = pd.DataFrame([common(item) for item in chosen])
        note = f"administrative areas of level {chosen[0].tags['admin_level']}"
        drawn = Drawn(cells=cells, shapes=as_shapes(item.shape for item in chosen), note=note)
        return StudyArea(drawn=_told(city, drawn), is_administrative=True)
    return StudyArea(drawn=_told(city, _outline(city)), is_administrative=False)


def _told(city: City, drawn: Drawn) -> Drawn:
    return city.told(
        drawn,
        lambda tags: tags.get("type") == "boundary" and tags.get("boundary") == "administrative",
        "no district touches the study area",
    )


def road_middles(city: City) -> tuple[Shapes, NDArray[np.float64]]:
    """Return the middles of the roads (n, degrees) and the roads' lengths in metres (n)."""
    lines = city.roads_metric
    lengths = shapely.length(lines)
    middles = shapely.line_interpolate_point(
        city.roads[1].geometry.to_numpy(), 0.5, normalized=True
    )
    return middles[lengths > 0], lengths[lengths > 0]


def _levels(city: City) -> list[tuple[OsmObject, ...]]:
    """Return the complete areas with roads of each level that holds enough of them, finest first."""
    areas = [
        item
        for item in city.found.objects
        if item.tags.get("boundary") == "administrative"
        and shapely.get_dimensions(item.shape) == _POLYGON
        and count(item.tags.get("admin_level", "")) > 0
    ]
    if not areas or (city.boundary is not None and not city.has_roads):
        return []
    middles, lengths = road_middles(city)
    level_of = np.array([int(item.tags["admin_level"]) for item in areas])
    area, road = shapely.STRtree(middles).query(
        shapely.make_valid(as_shapes(item.shape for item in areas)), "intersects"
    )
    found = []
    for level in sorted(set(level_of.tolist()), reverse=True):
        of_level = level_of[area] == level
        held = lengths[np.unique(road[of_level])].sum()
        if held >= COVERED_SHARE * lengths.sum():
            found.append(tuple(areas[index] for index in np.unique(area[of_level])))
    return found


def _cut(boundary: BaseGeometry, districts: tuple[OsmObject, ...]) -> Drawn:
    """Return the parts of a boundary by districts, and what is left of it."""
    rows: list[Row] = [common(item) for item in districts]
    shapes = [
        of_dimension(shapely.intersection(shapely.make_valid(item.shape), boundary), _POLYGON)
        for item in districts
    ]
    rest = of_dimension(shapely.difference(boundary, shapely.union_all(shapes)), _POLYGON)
    if not districts or rest.area >= _REST_SHARE * boundary.area:
        names = ("其余范围", "rest of the study area") if districts else ("规划范围", "study area")
        rows.append({**_OUTLINE, "id": "rest", "name_zh": names[0], "name_en": names[1]})
        shapes.append(rest)
    drawn = Drawn(cells=pd.DataFrame(rows), shapes=as_shapes(shapes))
    note = "parts of the boundary by administrative areas" if districts else "the boundary as one"
    return replace(drawn.only(~shapely.is_empty(drawn.shapes)), note=note)


def _outline(city: City) -> Drawn:
    hull = shapely.convex_hull(shapely.MultiLineString(list(shapely.get_parts(city.roads_metric))))
    shapes = city.to_degrees([hull.buffer(OUTLINE_M, quad_segs=4)])
    note = "outline of the extract's roads: no whole administrative area holds enough of them"
    row = {
        **_OUTLINE,
        "id": "outline",
        "name_zh": "数据范围",
        "name_en": "extent of the data",
        "note": note,
    }
    return Drawn(cells=pd.DataFrame([row]), shapes=shapes, note=note)
