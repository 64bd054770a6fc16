"""Small OSM files and cities for the tests of places from OSM."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import shapely
from osmium.osm import mutable
from shapely.geometry.base import BaseGeometry

from layers._osm_city import City
from layers._osm_objects import OsmObject, OsmObjects

Tags = Mapping[str, str]
LON, LAT = 13.0, 52.0
# One metre in degrees at that place, good to a per mille.
EAST_M, NORTH_M = 1 / 68_677.0, 1 / 111_267.0


def spot(east_m: float, north_m: float) -> tuple[float, float]:
    """Return (lon, lat) of a place so many metres from the middle of the test city."""
    return LON + east_m * EAST_M, LAT + north_m * NORTH_M


def square(east_m: float, north_m: float, size_m: float) -> shapely.Polygon:
    """Return a square with its middle there."""
    half = size_m / 2
    low, high = spot(east_m - half, north_m - half), spot(east_m + half, north_m + half)
    return shapely.box(*low, *high)


def line(*places: tuple[float, float]) -> shapely.LineString:
    """Return a line through places in metres."""
    return shapely.LineString([spot(*place) for place in places])


def point(east_m: float, north_m: float) -> shapely.Point:
    return shapely.Point(*spot(east_m, north_m))


def roads(
    *edges: tuple[str, BaseGeometry] | tuple[str, BaseGeometry, int],
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return road frames of (class, line[, oneway]); ends at the same place are one node."""
    places: dict[tuple[float, ...], str] = {}
    rows = []
    for number, (highway, shape, *oneway) in enumerate(edges):
        first, last = (tuple(np.round(shape.coords[end], 9)) for end in (0, -1))
        ends = [places.setdefault(place, f"{len(places)}") for place in (first, last)]
        rows.append(
            {
                "id": f"e{number}",
                "from_id": ends[0],
                "to_id": ends[1],
                "highway": highway,
                "oneway": oneway[0] if oneway else 0,
                "ref": "",
                "name_zh": "",
                "name_en": "",
                "ferry": "",
                "geometry": shape,
            }
        )
    nodes = gpd.GeoDataFrame(
        {"id": list(places.values())},
        geometry=[shapely.Point(place) for place in places],
        crs="EPSG:4326",
    )
    return nodes, gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


CROSS = roads(
    ("residential", line((-900, 0), (0, 0))),
    ("residential", line((0, 0), (900, 0))),
    ("residential", line((0, -900), (0, 0))),
    ("residential", line((0, 0), (0, 900))),
)


def city(
    objects: Iterable[tuple[str, Tags, BaseGeometry]] = (),
    *,
    edges: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame] = CROSS,
    boundary: BaseGeometry | None = None,
    undrawn: Sequence[tuple[str, Tags]] = (),
    box: shapely.Polygon | None = None,
) -> City:
    """Return a city of these objects (id, tags, shape in degrees)."""
    found = OsmObjects(
        objects=tuple(OsmObject(*item) for item in objects), undrawn=tuple(undrawn), box=box
    )
    return City(found, lambda: edges, boundary)


def write_osm(
    path: Path,
    *,
    nodes: Iterable[tuple[int, tuple[float, float], Tags]],
    ways: Mapping[int, tuple[Sequence[int], Tags]] | None = None,
    relations: Mapping[int, tuple[Sequence[tuple[int, str]], Tags]] | None = None,
) -> Path:
    """Write an OSM file: nodes (id, (lon, lat), tags), ways (nodes, tags), relations (ways, tags)."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, place, tags in nodes:
            writer.add_node(mutable.Node(id=number, version=1, location=place, tags=tags))
        for number, (refs, tags) in (ways or {}).items():
            writer.add_way(mutable.Way(id=number, version=1, nodes=list(refs), tags=tags))
        for number, (members, tags) in (relations or {}).items():
            parts = [("w", ref, role) for ref, role in members]
            writer.add_relation(mutable.Relation(id=number, version=1, members=parts, tags=tags))
    return path
