"""What an OSM file says of places: the tagged objects that some kind of layer is made of.

One reading of the file through libosmium, whose filters drop every other object before Python sees
it. What stays in memory is these objects and, while the file is read, the locations of its nodes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import osmium
import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from siting.errors import InputError, MissingFileError, Problem

Tags = Mapping[str, str]

_CHOSEN: Final[Mapping[str, str]] = {
    "aeroway": "aerodrome",
    "amenity": "bus_garage bus_station charging_station cinema college ferry_terminal fuel hospital"
    " kindergarten library nursing_home parking school social_facility theatre university",
    "boundary": "administrative national_park protected_area",
    "building": "college hospital kindergarten school university warehouse",
    "harbour": "yes",
    "highway": "motorway_junction rest_area services",
    "industrial": "depot distributor logistics port warehouse",
    "landuse": "basin commercial depot harbour industrial logistics port reservoir retail",
    "leisure": "nature_reserve stadium",
    "man_made": "pier quay",
    "natural": "coastline water",
    "place": "borough city hamlet neighbourhood quarter suburb town village",
    "power": "generator line minor_line plant station sub_station substation",
    "railway": "light_rail monorail narrow_gauge rail subway",
    "seamark:type": "harbour",
    "tourism": "museum",
    "waterway": "dock riverbank",
}
_LINES: Final[Mapping[str, str]] = {
    "natural": "coastline",
    "power": "line minor_line",
    "railway": "light_rail monorail narrow_gauge rail subway",
}
_AREA_RELATIONS: Final = ("multipolygon", "boundary")
_RING_NODES = 4
# Past this many bytes the locations of the nodes go to a temporary file instead of memory.
_LARGE_BYTES = 500_000_000
_HALF_TURN_DEG = 180.0


class OsmObject(NamedTuple):
    """A node (n1), way (w1) or area relation (r1) with its tags and shape (degrees, WGS84)."""

    id: str
    tags: Tags
    shape: BaseGeometry


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OsmObjects:
    """The tagged objects of a file, in its order.

    ``undrawn`` are areas that the file holds only in part (cut extracts) or that close to nothing;
    ``box`` is the bounding box of the header, None where it states none.
    """

    objects: tuple[OsmObject, ...]
    undrawn: tuple[tuple[str, Tags], ...]
    box: Polygon | None


class FileKey(NamedTuple):
    """A file in a certain state: what was computed of it holds as long as the key is the same."""

    path: str
    mtime_ns: int
    size: int


def file_key(path: str) -> FileKey:
    """Return the key of a file.

    Raises
    ------
    MissingFileError
        When it is not there.
    """
    try:
        found = Path(path).stat()
    except OSError as error:
        raise MissingFileError(
            Problem(
                where=Path(path).name,
                what="file not found",
                got=error.strerror or "",
                expected="an OSM file",
            )
        ) from error
    return FileKey(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=2)
def read_objects(key: FileKey) -> OsmObjects:
    """Read the tagged objects of an OSM file once per state of the file.

    Lines whose nodes are missing in part keep the stretches that are there. A closed way that no
    line tag claims is an area, crossing itself or not.

    Raises
    ------
    InputError
        When it is no OSM file, cut short, a history, or lies across the antimeridian.
    """
    name = Path(key.path).name
    objects: dict[str, OsmObject] = {}
    undrawn: dict[str, Tags] = {}
    try:
        box = _read_box(key.path, name)
        for entity in _processor(key):
            found = _draw(entity)
            if found is None:
                continue
            if found.shape.is_empty:
                undrawn[found.id] = found.tags
            else:
                objects.setdefault(found.id, found)  # extracts that were joined repeat objects
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise InputError(
            Problem(
                where=name,
                what="OSM file cannot be read",
                got=str(error).replace(key.path, name),
                expected="a whole .osm.pbf or .osm file",
                mend="Download or copy it again.",
            )
        ) from error
    drawn = tuple(objects.values())
    _check_turn(drawn, name)
    missed = tuple(item for item in undrawn.items() if item[0] not in objects)
    return OsmObjects(objects=drawn, undrawn=missed, box=box)


def _processor(key: FileKey) -> Iterator[object]:
    wanted = osmium.filter.TagFilter(
        *((name, value) for name, values in _CHOSEN.items() for value in values.split())
    )
    storage = "sparse_file_array" if key.size > _LARGE_BYTES else "flex_mem"
    processor = osmium.FileProcessor(key.path).with_locations(storage)
    return iter(processor.with_areas(wanted).with_filter(wanted))


def _read_box(path: str, name: str) -> Polygon | None:
    header = osmium.FileProcessor(path).header
    if header.has_multiple_object_versions:
        raise InputError(
            Problem(
                where=name,
                what="OSM file holds the history of its objects",
                expected="one version of each",
                mend="Take the extract without history.",
            )
        )
    box = header.box()
    if not box.valid() or box.size() <= 0:
        return None
    low, high = box.bottom_left, box.top_right
    return shapely.box(low.lon, low.lat, high.lon, high.lat)


def _draw(entity: object) -> OsmObject | None:
    """Return an object with its shape, empty where it cannot be drawn; None where it is told twice."""
    if isinstance(entity, osmium.osm.Node):
        shape = Point(entity.lon, entity.lat) if entity.location.valid() else Point()
        return OsmObject(f"n{entity.id}", dict(entity.tags), shape)
    if isinstance(entity, osmium.osm.Way):
        tags = dict(entity.tags)
        return OsmObject(f"w{entity.id}", tags, _way_shape(entity, tags))
    if isinstance(entity, osmium.osm.Relation):
        if entity.tags.get("type") not in _AREA_RELATIONS:
            return None
        # Its area, where it has one, comes by itself, before or after.
        return OsmObject(f"r{entity.id}", dict(entity.tags), Polygon())
    if isinstance(entity, osmium.osm.Area) and not entity.from_way():
        return OsmObject(f"r{entity.orig_id()}", dict(entity.tags), _area_shape(entity))
    return None


def _way_shape(way: osmium.osm.Way, tags: Tags) -> BaseGeometry:
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
        else:
            runs.append([])
    if is_line(tags) or not way.is_closed():
        lines = [LineString(run) for run in runs if len(set(run)) > 1]
        return lines[0] if len(lines) == 1 else MultiLineString(lines)
    is_ring = len(runs) == 1 and len(runs[0]) >= _RING_NODES
    return Polygon(runs[0]) if is_ring else Polygon()


def is_line(tags: Tags) -> bool:
    """Tell whether tags say that a closed way is a line round something, not an area."""
    return any(tags.get(key) in values.split() for key, values in _LINES.items())


def _area_shape(area: osmium.osm.Area) -> BaseGeometry:
    rings = []
    for outer in area.outer_rings():
        holes = [_ring(inner) for inner in area.inner_rings(outer)]
        rings.append(Polygon(_ring(outer), holes))
    return rings[0] if len(rings) == 1 else shapely.MultiPolygon(rings)


def _ring(nodes: osmium.osm.NodeRefList) -> list[tuple[float, float]]:
    return [(node.lon, node.lat) for node in nodes]


def _check_turn(objects: Sequence[OsmObject], name: str) -> None:
    west, _, east, _ = shapely.total_bounds([found.shape for found in objects])
    if east - west > _HALF_TURN_DEG:
        raise InputError(
            Problem(
                where=name,
                what="places lie on both sides of the antimeridian",
                got=f"longitudes {west:.2f} to {east:.2f}",
                expected="an extract less than half the Earth wide",
                mend="Take an extract of one side of 180 degrees.",
            )
        )
