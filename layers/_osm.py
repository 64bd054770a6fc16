"""OSM files: every kind of layer that can be derived from one, and what a city's file lacks.

The file is read once for all kinds and kept while it does not change; so are the layers derived of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layers._crs import declared_crs
from layers._osm_area import draw_districts
from layers._osm_candidates import draw_candidates
from layers._osm_city import City, Drawn, as_shapes, nothing
from layers._osm_coast import draw_coastline, draw_land
from layers._osm_energy import draw_energy
from layers._osm_freight import draw_parks, draw_ports
from layers._osm_gates import draw_gateways
from layers._osm_nature import (
    draw_power_lines,
    draw_protected,
    draw_public_buildings,
    draw_railways,
    draw_water,
)
from layers._osm_objects import FileKey, OsmObjects, file_key, read_objects
from layers._osm_people import draw_townships
from layers._osm_roads import read_roads
from layers._raw import RawLayer, place
from siting.crs import LONLAT, to_crs
from siting.errors import CrsError, InputError, NetworkError, Problem
from siting.model import LayerSpec
from siting.schema import LAYERS, LayerSchema

_ROAD_KINDS: Final = ("road_nodes", "road_edges", "turn_restrictions")
_AUTHORITY: Final = "drawn by the authority and not in OSM: bring its file"
_BERTHS: Final = (
    "no ships, calls or hours at berth in OSM (piers and quays in the file: {}): bring a table"
)
_DRAW: Final[Mapping[str, Callable[[City], Drawn]]] = MappingProxyType(
    {
        "candidates": draw_candidates,
        "townships": draw_townships,
        "districts": draw_districts,
        "land": draw_land,
        "coastline": draw_coastline,
        "water": draw_water,
        "permanent_farmland": lambda _: nothing(_AUTHORITY),
        "ecological_redline": lambda _: nothing(_AUTHORITY),
        "growth_boundary": lambda _: nothing(_AUTHORITY),
        "public_buildings": draw_public_buildings,
        "railways": draw_railways,
        "power_lines": draw_power_lines,
        "protected": draw_protected,
        "ports": draw_ports,
        "airport_stands": lambda _: nothing("OSM tells no class, turns or bridge power of stands"),
        "parks": draw_parks,
        "berths": lambda city: nothing(_BERTHS.format(_quays(city))),
        "energy": draw_energy,
        "gateways": draw_gateways,
        "targets": lambda _: nothing("figures of a plan are not in OSM: bring a table"),
        "published": lambda _: nothing("published figures are not in OSM: bring a table"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What an OSM file has for one kind of layer.

    ``why`` tells why there are no rows, "" where there are; ``note`` what was assumed or left out.
    """

    rows: int
    why: str = ""
    note: str = ""


def read_osm(spec: LayerSpec, schema: LayerSchema) -> RawLayer:
    """Return the rows of a kind of layer, derived from an OSM file.

    Parameters
    ----------
    spec
        ``path`` is an .osm.pbf or .osm file; ``boundary`` the file of a polygon to which places, not
        roads, are cut.
    schema
        What the rows must look like.

    Raises
    ------
    InputError
        When the file or the boundary cannot be read, or the file has nothing of this kind.
    """
    drawn = _derive(file_key(spec.path), _boundary_key(spec.boundary), spec.kind)
    if not len(drawn.cells):
        raise InputError(
            Problem(
                where=place(spec),
                what=f"nothing in the OSM file makes this layer: {drawn.why}",
                mend="Bring the layer in a file of your own, or take it out of the study.",
            )
        )
    is_placed = schema.geometry != "none"
    return RawLayer(
        spec=spec,
        schema=schema,
        cells=drawn.cells.copy(),
        geometry=drawn.shapes.copy(),
        crs=declared_crs(spec, CRS.from_user_input(LONLAT)) if is_placed else None,
        warnings=(drawn.note,) if drawn.note else (),
    )


def survey(path: str, boundary: str | None = None) -> Mapping[str, Survey]:
    """Tell for every kind of layer how many rows an OSM file has, and why some have none.

    Parameters
    ----------
    path
        The OSM file.
    boundary
        The file of a polygon to which places are cut.

    Raises
    ------
    InputError
        When the file or the boundary cannot be read.
    """
    key, cut = file_key(path), _boundary_key(boundary)
    _city(key, cut)
    return MappingProxyType({kind: _survey_kind(key, cut, kind) for kind in LAYERS})


def _survey_kind(key: FileKey, cut: FileKey | None, kind: str) -> Survey:
    try:
        drawn = _derive(key, cut, kind)
    except (InputError, NetworkError) as error:  # such as a file without roads
        return Survey(rows=0, why=str(error.problems[0]))
    return Survey(rows=len(drawn.cells), why=drawn.why, note=drawn.note)


@lru_cache(maxsize=4)
def _city(key: FileKey, cut: FileKey | None) -> City:
    def read() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        roads = read_roads(key.path)
        return gpd.GeoDataFrame(roads["road_nodes"]), gpd.GeoDataFrame(roads["road_edges"])

    found, boundary = read_objects(key), _read_boundary(cut)
    if cut is not None and boundary is not None:
        _check_overlap(found, boundary, Path(cut.path).name)
    return City(found, read, boundary)


def _check_overlap(found: OsmObjects, boundary: BaseGeometry, name: str) -> None:
    """Refuse a boundary that lies elsewhere than the file."""
    shapes = [found.box] if found.box is not None else [item.shape for item in found.objects]
    if not shapes:
        return
    extent = shapely.box(*shapely.total_bounds(shapes))
    if not boundary.intersects(extent):
        raise InputError(
            Problem(
                where=f"boundary {name}",
                what="lies outside the OSM file",
                got=_degrees(boundary),
                expected=f"some of {_degrees(extent)}",
                mend="Take the extract of that place, or check the CRS of the boundary.",
            )
        )


def _degrees(shape: BaseGeometry) -> str:
    west, south, east, north = shape.bounds
    return f"{west:.2f} to {east:.2f} E, {south:.2f} to {north:.2f} N"


@lru_cache(maxsize=64)
def _derive(key: FileKey, cut: FileKey | None, kind: str) -> Drawn:
    """Return a layer with the columns of its schema, sorted by id."""
    if kind in _ROAD_KINDS:
        return _road_layer(key, kind)
    drawn = _DRAW[kind](_city(key, cut))
    if not len(drawn.cells):
        return drawn
    order = np.argsort(drawn.cells["id"].to_numpy(object), kind="stable")
    cells = drawn.cells.iloc[order].reset_index(drop=True)
    names = [name for name in LAYERS[kind].names if name in cells]
    return Drawn(cells=cells[names], shapes=drawn.shapes[order], note=drawn.note)


def _road_layer(key: FileKey, kind: str) -> Drawn:
    frame = read_roads(key.path)[kind]
    if LAYERS[kind].geometry == "none":
        why = "" if len(frame) else "no turn restriction in the file"
        nowhere = np.full(len(frame), None, dtype=object)
        return Drawn(cells=pd.DataFrame(frame), shapes=nowhere, why=why)
    shapes = np.asarray(frame["geometry"], dtype=object)
    return Drawn(cells=pd.DataFrame(frame.drop(columns="geometry")), shapes=shapes)


def _quays(city: City) -> int:
    return sum(item.tags.get("man_made") in {"pier", "quay"} for item in city.found.objects)


def _boundary_key(path: str | None) -> FileKey | None:
    return None if path is None else file_key(path)


@lru_cache(maxsize=4)
def _read_boundary(key: FileKey | None) -> BaseGeometry | None:
    """Read the polygon of a boundary, of any CRS, into degrees.

    Raises
    ------
    InputError
        When the file cannot be read, names no CRS or holds no polygon.
    """
    if key is None:
        return None
    where = f"boundary {Path(key.path).name}"
    try:
        frame = pyogrio.read_dataframe(key.path)
    except (RuntimeError, UnicodeDecodeError, shapely.errors.ShapelyError) as error:
        got = str(error).replace(key.path, Path(key.path).name)
        raise InputError(
            Problem(where=where, what="file cannot be read", got=got, expected="a polygon")
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise CrsError(
            Problem(
                where=where, what="coordinate system missing", expected="a file that names its CRS"
            )
        )
    shapes = shapely.make_valid(np.asarray(to_crs(frame, LONLAT).geometry, dtype=object))
    polygons = shapely.get_parts(shapely.get_parts(shapes))
    polygons = polygons[shapely.area(polygons) > 0]
    if not len(polygons):
        raise InputError(
            Problem(where=where, what="file holds no polygon", expected="the area of the study")
        )
    return shapely.union_all(as_shapes(polygons))
