"""A city in OSM, as far as its places need it: objects, roads, boundary, metres; and what is drawn of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from layers._osm_objects import OsmObject, OsmObjects, Tags
from layers._osm_tags import names_of
from siting.crs import AUTO, LONLAT, to_crs, working_crs
from siting.errors import SitingError

# Shapes that rules measure distances to are kept this far round a boundary, so that a setback from
# across it still bites; no setback of the rules is longer.
MARGIN_M = 5000.0
_PLACED_M = 50.0  # how far off the place of a node or of a small area may be (own assumption)
SOURCE: Final = "OpenStreetMap"
Shapes = NDArray[np.object_]
Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A layer of one kind: rows (n) and their shapes in degrees (n).

    ``why`` tells why there are no rows, "" where there are; ``note`` what was assumed or left out.
    """

    cells: pd.DataFrame
    shapes: Shapes
    why: str = ""
    note: str = ""

    def only(self, rows: NDArray[np.bool_]) -> "Drawn":
        """Return the rows of a mask (n)."""
        cells = self.cells[rows].reset_index(drop=True)
        return Drawn(cells=cells, shapes=self.shapes[rows], why=self.why, note=self.note)


class City:
    """What is known of a city; computed when first asked for, never changed.

    Parameters
    ----------
    found
        The tagged objects of the file.
    read_roads
        Returns the frames ``road_nodes`` and ``road_edges`` in degrees.
    boundary
        Polygon in degrees to which places are cut, None for the whole file.
    """

    def __init__(
        self,
        found: OsmObjects,
        read_roads: Callable[[], tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]],
        boundary: BaseGeometry | None = None,
    ) -> None:
        self.found = found
        self.boundary = boundary
        self._read_roads = read_roads

    @cached_property
    def roads(self) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Road nodes and edges without ferries, in degrees."""
        nodes, edges = self._read_roads()
        if "ferry" in edges:
            edges = edges[~edges["ferry"].fillna("").isin(("yes", "ferry"))]
        return nodes, edges.reset_index(drop=True)

    @cached_property
    def has_roads(self) -> bool:
        """Whether the file has a road graph; a study may bring its roads from elsewhere."""
        try:
            return len(self.roads[1]) > 0
        except SitingError:
            return False

    @cached_property
    def middle(self) -> Point:
        """The middle of the city in degrees, whatever far-off shapes the file holds."""
        if self.boundary is not None:
            return self.boundary.centroid
        if self.found.box is not None:
            return self.found.box.centroid
        shapes = as_shapes(found.shape for found in self.found.objects)
        if not len(shapes):
            shapes = np.asarray(self.roads[1].geometry, dtype=object)
        return Point(np.median(shapely.get_coordinates(shapely.centroid(shapes)), axis=0))

    @cached_property
    def crs(self) -> str:
        """The metric CRS in which the city is measured."""
        return working_crs(AUTO, (self.middle.x, self.middle.y, self.middle.x, self.middle.y))

    def to_metric(self, shapes: Iterable[BaseGeometry]) -> Shapes:
        """Return shapes (degrees) in metres of ``crs``."""
        return moved(shapes, LONLAT, self.crs)

    def to_degrees(self, shapes: Iterable[BaseGeometry]) -> Shapes:
        """Return shapes in metres of ``crs`` in degrees."""
        return moved(shapes, self.crs, LONLAT)

    @cached_property
    def boundary_metric(self) -> BaseGeometry | None:
        """The boundary in metres."""
        return None if self.boundary is None else self.to_metric([self.boundary])[0]

    @cached_property
    def roads_metric(self) -> Shapes:
        """The lines of the road edges in metres, cut to the boundary; empty where outside."""
        lines = self.to_metric(self.roads[1].geometry)
        if self.boundary_metric is None:
            return lines
        shapely.prepare(self.boundary_metric)
        inside = shapely.contains_properly(self.boundary_metric, lines)
        cut = lines.copy()
        cut[~inside] = shapely.intersection(lines[~inside], self.boundary_metric)
        return cut

    def areas_m2(self, shapes: Iterable[BaseGeometry]) -> NDArray[np.float64]:
        """Return areas (n,), 0 for points and lines; what crosses itself counts once."""
        return np.asarray(shapely.area(shapely.make_valid(self.to_metric(shapes))), np.float64)

    def points(self, rows: Sequence[tuple[OsmObject, Row]]) -> Drawn:
        """Draw rows as points within their shapes, those within the boundary.

        ``uncertainty_m`` is the radius of a circle of the area's size, at least 50 m, unless the row
        states it.
        """
        if not rows:
            return nothing()
        drawn = shapely.make_valid(as_shapes(found.shape for found, _ in rows))
        radii = np.sqrt(self.areas_m2(drawn) / np.pi)
        cells = pd.DataFrame(
            [
                {**common(found), "uncertainty_m": round(max(float(radius), _PLACED_M)), **row}
                for (found, row), radius in zip(rows, radii, strict=True)
            ]
        )
        return self.inside(Drawn(cells=cells, shapes=shapely.point_on_surface(drawn)))

    def told(
        self, drawn: Drawn, is_wanted: Callable[[Tags], object], why: str, note: str = ""
    ) -> Drawn:
        """Say of a layer why it is empty or what was assumed, and how many areas the file cuts off."""
        cut = sum(bool(is_wanted(tags)) for _, tags in self.found.undrawn)
        broken = f"areas left out because cut off or broken: {cut}" if cut else ""
        if len(drawn.shapes):
            return replace(drawn, note="; ".join(filter(None, (note, drawn.note, broken))))
        return replace(drawn, why="; ".join(filter(None, (why, broken))))

    def held(self, items: Sequence[OsmObject]) -> list[OsmObject]:
        """Return the objects of which a point inside lies within the boundary."""
        if self.boundary is None or not items:
            return list(items)
        shapes = shapely.make_valid(as_shapes(item.shape for item in items))
        within = shapely.intersects(self.boundary, shapely.point_on_surface(shapes))
        return [item for item, keep in zip(items, within, strict=True) if keep]

    def inside(self, drawn: Drawn) -> Drawn:
        """Keep the points within the boundary."""
        if self.boundary is None or not len(drawn.shapes):
            return drawn
        return drawn.only(shapely.intersects(self.boundary, drawn.shapes))

    def surroundings(self, rows: Sequence[tuple[OsmObject, Row]]) -> Drawn:
        """Draw rows with their own shapes, clipped to a margin round the boundary's box."""
        if not rows:
            return nothing()
        cells = pd.DataFrame([{**common(found), **row} for found, row in rows])
        shapes = as_shapes(found.shape for found, _ in rows)
        drawn = Drawn(cells=cells, shapes=self.clip(shapes))
        return drawn.only(~shapely.is_empty(drawn.shapes))

    def clip(self, shapes: Shapes) -> Shapes:
        """Return shapes cut to a margin round the boundary's box, empty where outside."""
        if self.boundary_metric is None:
            return shapes
        round_it = shapely.box(*shapely.bounds(self.boundary_metric)).buffer(MARGIN_M)
        window = shapely.box(*shapely.bounds(self.to_degrees([round_it])[0]))
        cut = shapes.copy()
        crossing = ~shapely.within(shapely.envelope(shapes), window)
        whole = shapely.make_valid(shapes[crossing])
        cut[crossing] = [
            of_dimension(part, int(size))
            for part, size in zip(
                shapely.intersection(whole, window), shapely.get_dimensions(whole), strict=True
            )
        ]
        return cut


def nothing(why: str = "") -> Drawn:
    """Return a layer without rows."""
    return Drawn(cells=pd.DataFrame(), shapes=as_shapes([]), why=why)


def of_dimension(shape: BaseGeometry, dimension: int) -> BaseGeometry:
    """Return what of a shape has a dimension (1 lines, 2 polygons), empty where nothing has."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    kept: list[Any] = list(parts[shapely.get_dimensions(parts) == dimension])
    if len(kept) == 1:
        one: BaseGeometry = kept[0]
        return one
    return shapely.MultiPolygon(kept) if dimension > 1 else shapely.MultiLineString(kept)


def as_shapes(shapes: Iterable[BaseGeometry]) -> Shapes:
    """Return shapes as an array (n,) of objects."""
    found = list(shapes)
    array = np.empty(len(found), dtype=object)
    array[:] = found
    return array


def common(found: OsmObject) -> Row:
    """Return the columns that every place from OSM has."""
    chinese, english = names_of(found.tags)
    return {
        "id": found.id,
        "name_zh": chinese,
        "name_en": english,
        "confidence": "B",
        "source": SOURCE,
        "note": "",
    }


def moved(shapes: Iterable[BaseGeometry], origin: str, target: str) -> Shapes:
    """Return shapes of one CRS in another."""
    frame = gpd.GeoDataFrame(geometry=as_shapes(shapes), crs=origin)
    return np.asarray(to_crs(frame, target).geometry, dtype=object)
