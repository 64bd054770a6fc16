"""Shapes and places: what is wrong with them, and the little that may be repaired."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from layers._raw import RawLayer, place, quote, row_names
from siting.crs import Misplaced, authority, find_misplaced, find_strays, to_lonlat
from siting.errors import CrsError, InputError, Problem, SitingError
from siting.schema import GeometryKind

_TYPES: dict[GeometryKind, tuple[str, ...]] = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
_ONE_PART = {"road_edges": ("LineString",)}  # an edge has two ends


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shapes:
    """Checked geometry of a layer in its own CRS; ``lonlat`` (n, 2) and ``rows`` (n,) its vertices."""

    geometry: NDArray[np.object_]
    lonlat: NDArray[np.float64]
    rows: NDArray[np.intp]
    repairs: tuple[str, ...]


def check_shapes(raw: RawLayer) -> tuple[Shapes | None, list[SitingError]]:
    """Return the geometry of a layer, 2D and valid, and everything that is wrong with it.

    A multi-part shape of one part becomes that part, heights are dropped, invalid polygons are made
    valid (GEOS ``structure`` method); the last two are told as repairs. None where a shape is missing
    or in no possible place.
    """
    if raw.geometry is None:
        return None, []
    if raw.schema.geometry == "none":
        return _nowhere(raw.geometry), []
    geometry = _single(raw.geometry)
    problems = _check_presence(raw, geometry) + _check_types(raw, geometry)
    if problems:
        return None, [InputError(*problems)]
    repairs = []
    heights = int(shapely.has_z(geometry).sum())
    if heights:
        geometry = shapely.force_2d(geometry)
        repairs.append(f"heights dropped from {heights} shapes")
    geometry, mended = make_valid(geometry)
    if mended:
        repairs.append(f"{mended} invalid polygons made valid")
    faults: list[SitingError] = [InputError(p) for p in _check_validity(raw, geometry)]
    if raw.crs is None:
        return None, faults
    vertices, rows = shapely.get_coordinates(geometry, return_index=True)
    misplaced = find_misplaced(vertices[:, 0], vertices[:, 1], raw.crs)
    faults += tell_misplaced(raw, misplaced, rows)
    if faults:
        return None, faults
    lonlat = to_lonlat(vertices[:, 0], vertices[:, 1], raw.crs)
    return Shapes(geometry=geometry, lonlat=lonlat, rows=rows, repairs=tuple(repairs)), []


def make_valid(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], int]:
    """Return the shapes with invalid polygons repaired, and how many were.

    A polygon that encloses nothing comes out empty.
    """
    broken = ~shapely.is_valid(geometry) & (shapely.get_dimensions(geometry) > 1)
    mended = geometry.copy()
    mended[broken] = _single(
        shapely.make_valid(geometry[broken], method="structure", keep_collapsed=False)
    )
    return mended, int(broken.sum())


def check_strays(raw: RawLayer, shapes: Shapes, centre: tuple[float, float]) -> list[SitingError]:
    """Tell the rows that lie nowhere near the rest of the study, or would if swapped."""
    return tell_misplaced(raw, find_strays(shapes.lonlat, centre), shapes.rows)


def tell_misplaced(
    raw: RawLayer, misplaced: Misplaced, rows: NDArray[np.intp]
) -> list[SitingError]:
    """Turn masks over vertices into one error for swapped and one for other impossible places."""
    names = row_names(raw.spec, raw.cells)
    crs = authority(raw.crs) if isinstance(raw.crs, CRS) else ""
    told = (
        (
            misplaced.swapped,
            "lon and lat (x and y) are swapped",
            "x = lon or easting, y = lat or northing",
            'Exchange them; in a CSV columns = { lon = "lat", lat = "lon" } does it.',
        ),
        (
            misplaced.outside,
            f"coordinates out of range for {crs} or far from the rest of the study",
            "places in the study area",
            "Check the coordinates and the CRS of the layer; clip a wider background to the study.",
        ),
    )
    faults: list[SitingError] = []
    for mask, what, expected, mend in told:
        hit = np.zeros(len(names), dtype=np.bool_)
        hit[rows[mask]] = True
        if hit.any():
            got = quote(names, hit)
            faults.append(
                CrsError(
                    Problem(
                        where=place(raw.spec), what=what, got=got, expected=expected, mend=mend
                    )
                )
            )
    return faults


def _nowhere(geometry: NDArray[np.object_]) -> Shapes:
    return Shapes(
        geometry=geometry, lonlat=np.empty((0, 2)), rows=np.empty(0, dtype=np.intp), repairs=()
    )


def _single(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shapes with collections of one part opened."""
    opened = geometry.copy()
    alone = shapely.get_num_geometries(geometry) == 1
    opened[alone] = shapely.get_geometry(geometry[alone], 0)
    return opened


def _check_presence(raw: RawLayer, geometry: NDArray[np.object_]) -> list[Problem]:
    names = row_names(raw.spec, raw.cells)
    missing = shapely.is_missing(geometry)
    empty = shapely.is_empty(geometry)
    vertices, rows = shapely.get_coordinates(geometry, return_index=True)
    endless = np.zeros(len(geometry), dtype=np.bool_)
    endless[rows[~np.isfinite(vertices).all(axis=1)]] = True
    told = (
        (missing, "geometry missing or unreadable (null)", "a place in every row"),
        (empty, "geometry is empty", "a shape with coordinates"),
        (endless, "coordinates are NaN or infinite", "finite numbers"),
    )
    return [
        Problem(where=place(raw.spec), what=what, got=quote(names, mask), expected=expected)
        for mask, what, expected in told
        if mask.any()
    ]


def _check_types(raw: RawLayer, geometry: NDArray[np.object_]) -> list[Problem]:
    allowed = _ONE_PART.get(raw.spec.kind, _TYPES[raw.schema.geometry])
    types = np.array(["" if shape is None else shape.geom_type for shape in geometry])
    wrong = (types != "") & ~np.isin(types, allowed)
    if not wrong.any():
        return []
    found = ", ".join(sorted(set(types[wrong])))
    return [
        Problem(
            where=place(raw.spec),
            what=f"wrong geometry type {found}",
            got=quote(row_names(raw.spec, raw.cells), wrong),
            expected=" or ".join(allowed),
        )
    ]


def _check_validity(raw: RawLayer, geometry: NDArray[np.object_]) -> list[Problem]:
    """Tell what no repair can save: polygons without area, lines without length."""
    broken = ~shapely.is_valid(geometry) | shapely.is_empty(geometry)
    if not broken.any():
        return []
    return [
        Problem(
            where=place(raw.spec),
            what="invalid geometry, beyond repair",
            got=quote(row_names(raw.spec, raw.cells), broken),
            expected="lines with a length, polygons with an area",
            mend="Draw these again.",
        )
    ]
