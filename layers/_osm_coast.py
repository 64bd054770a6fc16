"""Coastline and land from OSM: the coast has land on its left; polygons are closed at the extract's edge.

References
----------
OpenStreetMap wiki, Tag:natural=coastline: drawn so that the land is on the left side and the water on
the right side of the way.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from layers._osm_city import MARGIN_M, SOURCE, City, Drawn, Row, Shapes, moved, nothing
from layers._osm_objects import OsmObject
from siting.crs import LONLAT

# Loose ends of the coast (cut extracts, gaps) are joined to each other or to the edge up to here.
BRIDGE_M: Final = 2_000.0
EDGE_M: Final = 500.0
# The side of a piece of coast is looked up this far from it, less along short pieces.
_ASIDE_M = 1.0
_ASIDE_SHARE = 0.05
# A face with this share of coast on its wrong side is open somewhere: nobody knows what it is.
_OPEN_SHARE = 0.3
_OPEN_FACES_SHARE = 0.1


def draw_coastline(city: City) -> Drawn:
    """Return the coast, drawn with the land on its left."""
    rows: list[tuple[OsmObject, Row]] = [(item, {}) for item in _coast(city)]
    drawn = city.surroundings(rows)
    return drawn if len(drawn.shapes) else replace(drawn, why="no natural=coastline in the file")


def draw_land(city: City) -> Drawn:
    """Return the land within the extract, or within the box of the boundary and a margin round it.

    The edge of the extract closes what the coast leaves open; each face is land where the coast round
    it has it on the left. Loose ends up to 2 km apart are joined. Faces that only joins and the edge
    enclose are land where roads run in them.
    """
    coast = [part for item in _coast(city) for part in shapely.get_parts(item.shape)]
    if not coast:
        return nothing("no natural=coastline in the file: all of it counts as land")
    # A box in degrees is a box in this projection; metres are true near the middle of the city.
    flat = f"+proj=eqc +lat_ts={city.middle.y:.6f} +datum=WGS84 +units=m"
    lines = moved(coast, LONLAT, flat)
    extent = _extent(city, lines, flat)
    chains = shapely.get_parts(
        shapely.line_merge(shapely.MultiLineString(list(lines)), directed=True)
    )
    joins = _joins(chains, extent)
    noded = shapely.union_all([extent.exterior, *chains, *joins])
    faces = shapely.get_parts(shapely.polygonize([noded]))
    faces = faces[shapely.intersects(extent, shapely.point_on_surface(faces))]
    left, right = _sides(lines, faces)
    sure = np.minimum(left, right) < _OPEN_SHARE * np.maximum(left + right, 1e-9)
    sizes = shapely.area(faces)
    if sizes[~sure & (left + right > 0)].sum() > _OPEN_FACES_SHARE * sizes.sum():
        return nothing("the coastline of the file is open: no telling land from sea")
    is_land = np.where(left + right > 0, left > right, _has_roads(city, faces, flat))
    land = shapely.union_all(faces[is_land])
    land = _widened(land, extent)
    return _rows(moved(_parts(land), flat, LONLAT), len(joins))


def _coast(city: City) -> list[OsmObject]:
    return [
        item
        for item in city.found.objects
        if item.tags.get("natural") == "coastline" and shapely.get_dimensions(item.shape) == 1
    ]


def _extent(city: City, lines: Shapes, flat: str) -> Polygon:
    """Return the box in metres within which land is told from sea: the data's, near the boundary."""
    known = [moved(city.roads[1].geometry, LONLAT, flat)] if city.has_roads else []
    if city.found.box is not None:
        known.append(moved([city.found.box], LONLAT, flat))
    bounds = shapely.total_bounds(np.concatenate(known) if known else lines)
    if city.boundary is not None:
        near = shapely.total_bounds(moved([city.boundary], LONLAT, flat))
        near += (-MARGIN_M, -MARGIN_M, MARGIN_M, MARGIN_M)
        low, high = np.maximum(bounds[:2], near[:2]), np.minimum(bounds[2:], near[2:])
        bounds = np.concatenate([low, high]) if (low < high).all() else near
    return Polygon(shapely.box(*bounds))


def _joins(chains: Shapes, extent: Polygon) -> list[BaseGeometry]:
    """Return straight lines from the loose ends within the extent to each other or to its edge."""
    is_open = ~shapely.is_closed(chains)
    ends = shapely.get_point(chains[is_open], -1)
    starts = shapely.get_point(chains[is_open], 0)
    ends = ends[shapely.contains_properly(extent, ends)]
    starts = starts[shapely.contains_properly(extent, starts)]
    offers: list[tuple[float, int, int]] = []  # metres, end or -1, start or -1
    between = shapely.distance(ends[:, None], starts[None, :])
    offers += [(float(between[i, j]), int(i), int(j)) for i, j in np.argwhere(between <= BRIDGE_M)]
    for points, is_end in ((ends, True), (starts, False)):
        away = shapely.distance(points, extent.exterior)
        offers += [
            (float(away[i]), int(i) if is_end else -1, -1 if is_end else int(i))
            for i in np.flatnonzero(away <= BRIDGE_M)
        ]
    joins: list[BaseGeometry] = []
    used_ends, used_starts = {-1}, {-1}
    for _, end, start in sorted(offers):
        if (end in used_ends and end >= 0) or (start in used_starts and start >= 0):
            continue
        used_ends.add(end)
        used_starts.add(start)
        tail = ends[end] if end >= 0 else starts[start]
        head = starts[start] if min(end, start) >= 0 else extent.exterior
        joins.append(_past(shapely.shortest_line(tail, head)))
    return joins


def _past(line: BaseGeometry) -> BaseGeometry:
    """Return a line a millimetre longer, so that it meets the edge whatever the rounding."""
    (x0, y0), (x1, y1) = shapely.get_coordinates(line)
    length = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-9)
    grow = 1.0 + 1e-3 / length
    return shapely.LineString([(x0, y0), (x0 + (x1 - x0) * grow, y0 + (y1 - y0) * grow)])


def _sides(lines: Shapes, faces: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the metres of coast that have each face (n) on their left and on their right."""
    start, stop = _pieces(lines)
    along = stop - start
    metres = np.hypot(along[:, 0], along[:, 1])
    keep = metres > 0
    start, along, metres = start[keep], along[keep], metres[keep]
    middle = start + along / 2
    aside = np.minimum(_ASIDE_M, _ASIDE_SHARE * metres)[:, None]
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / metres[:, None] * aside
    tree = shapely.STRtree(faces)

    def metres_within(points: NDArray[np.float64]) -> NDArray[np.float64]:
        piece, face = tree.query(shapely.points(points), "within")
        return np.bincount(face, weights=metres[piece], minlength=len(faces)).astype(np.float64)

    return metres_within(middle + normal), metres_within(middle - normal)


def _pieces(lines: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first and last points (n, 2) of the straight pieces of lines."""
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    return vertices[:-1][joined], vertices[1:][joined]


def _has_roads(city: City, faces: Shapes, flat: str) -> NDArray[np.bool_]:
    if not city.has_roads:
        return np.zeros(len(faces), dtype=np.bool_)
    found = shapely.STRtree(moved(city.roads[1].geometry, LONLAT, flat)).query(faces, "contains")[
        0
    ]
    return np.isin(np.arange(len(faces)), found)


def _widened(land: BaseGeometry, extent: Polygon) -> BaseGeometry:
    """Push the edges of the extract outwards with whatever land ends at them.

    The outline of the study area is a little wider than the data; places there are on land as well.
    """
    west, south, east, north = extent.bounds
    for x, out in ((west, -EDGE_M), (east, EDGE_M)):
        land = land.union(_pushed(land, [(x, south), (x, north)], (out, 0.0)))
    for y, out in ((south, -EDGE_M), (north, EDGE_M)):
        edge = [(west - EDGE_M, y), (east + EDGE_M, y)]
        land = land.union(_pushed(land, edge, (0.0, out)))
    return land


def _pushed(
    land: BaseGeometry, edge: list[tuple[float, float]], out: tuple[float, float]
) -> BaseGeometry:
    """Return the boxes that the land along an edge covers when moved outwards."""
    # Looked up a millimetre inside: a vertex on the edge is on it but for the rounding.
    line = shapely.LineString(np.subtract(edge, np.sign(out) * 1e-3))
    parts = shapely.get_parts(shapely.get_parts(shapely.intersection(land, line)))
    low = shapely.bounds(parts[shapely.length(parts) > 0])
    far = low + np.tile(out, 2)
    return shapely.union_all(
        shapely.box(*np.minimum(low, far)[:, :2].T, *np.maximum(low, far)[:, 2:].T)
    )


def _parts(land: BaseGeometry) -> Shapes:
    """Return the polygons of the land, the largest first."""
    parts = shapely.get_parts(shapely.get_parts(land))
    parts = parts[shapely.get_dimensions(parts) > 1]
    west, south, _, _ = shapely.bounds(parts).T
    return np.asarray(parts[np.lexsort((south, west, -shapely.area(parts)))], dtype=object)


def _rows(parts: Shapes, joined: int) -> Drawn:
    rows = [
        {"id": f"land_{number}", "confidence": "B", "source": SOURCE}
        for number in range(1, len(parts) + 1)
    ]
    note = f"{joined} loose ends of the coast joined" if joined else ""
    why = "" if len(parts) else "the file's coast encloses no land"
    return Drawn(cells=pd.DataFrame(rows), shapes=parts, why=why, note=note)
