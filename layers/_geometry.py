"""Shapes and places: what is wrong with them, and what may be repaired."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from layers._raw import RawLayer, place, quote, row_names
from layers._rows import RowFault, keep_rows, settle, tell_doubles
from layers._types import fit_types, single, wrong_types
from siting.crs import Misplaced, authority, find_misplaced, find_strays, to_lonlat
from siting.errors import CrsError, InputError, Problem, SitingError

# Left over where two outlines of one border were laid over each other; nothing can stand there.
_SLIVER_M2: Final = 1.0
_SLIVER_WIDTH_M: Final = 0.1
_JOINS: Final = "road_edges"  # one without length joins two nodes at one place, as OSM has them
_M_PER_DEG: Final = 111_200.0  # of latitude; within 0.5 % everywhere, enough for slivers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shapes:
    """Checked geometry of a layer in its own CRS; ``lonlat`` (n, 2) and ``rows`` (n,) its vertices.

    ``lost`` counts the rows that were left out.
    """

    geometry: NDArray[np.object_]
    lonlat: NDArray[np.float64]
    rows: NDArray[np.intp]
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    lost: int = 0


def check_shapes(raw: RawLayer) -> tuple[RawLayer, Shapes | None, list[SitingError]]:
    """Return the rows of a layer that have a place, their geometry, 2D and valid, and what is wrong.

    Types are fitted, heights dropped, invalid polygons made valid (GEOS ``structure`` method). Rows
    without a shape, with one of another type, beyond repair, of no width, or in no possible place are
    left out while they are few. All that is told as repairs. The shapes are None where the layer is to
    be refused.
    """
    if raw.geometry is None:
        return raw, None, []
    if raw.schema.geometry == "none":
        return raw, _nowhere(raw.geometry), []
    whole, crs, (fitted, repairs) = raw, raw.crs, fit_types(raw)
    geometry = np.asarray(fitted.geometry, dtype=object)
    done = settle(fitted, [*_absent(geometry), wrong_types(fitted, geometry)])
    if done.problems:
        return whole, None, [InputError(*done.problems)]
    lost = int((~done.keep).sum())
    raw = keep_rows(fitted, done.keep)
    geometry, mended = _flat_and_valid(geometry[done.keep])
    repairs += done.repairs + mended
    done = settle(raw, _unusable(raw, geometry), lost=lost)
    if done.problems or crs is None:
        return whole, None, [InputError(problem) for problem in done.problems]
    lost += int((~done.keep).sum())
    raw = replace(keep_rows(raw, done.keep), geometry=geometry[done.keep])
    shapes, faults = _locate(raw, crs, repairs + done.repairs, lost)
    return (whole, None, faults) if shapes is None else (*shapes, faults)


def make_valid(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], int]:
    """Return the shapes with invalid polygons repaired, and how many were.

    A polygon that encloses nothing comes out empty.
    """
    mended = geometry.copy()
    broken = first = _invalid_areas(geometry)
    # GEOS 3.14 returns two triangles that share an edge for a ring that runs along itself; from those it
    # makes their union.
    for _ in range(2):
        mended[broken] = single(
            shapely.make_valid(mended[broken], method="structure", keep_collapsed=False)
        )
        broken = _invalid_areas(mended)
    return mended, int(first.sum())


def _invalid_areas(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    return ~shapely.is_valid(geometry) & (shapely.get_dimensions(geometry) > 1)


def drop_strays(
    raw: RawLayer, shapes: Shapes, centre: tuple[float, float]
) -> tuple[NDArray[np.bool_], tuple[str, ...], list[SitingError]]:
    """Find the rows that lie nowhere near the rest of the study, or would if swapped.

    Returns
    -------
    tuple
        A mask of the rows that stay, what to tell of the others, and the errors where they are many.
    """
    return _settle_misplaced(raw, find_strays(shapes.lonlat, centre), shapes.rows, shapes.lost)


def _locate(
    raw: RawLayer, crs: CRS, repairs: tuple[str, ...], lost: int
) -> tuple[tuple[RawLayer, Shapes] | None, list[SitingError]]:
    """Return the rows whose coordinates their CRS can have."""
    geometry = np.asarray(raw.geometry, dtype=object)
    vertices, rows = shapely.get_coordinates(geometry, return_index=True)
    misplaced = find_misplaced(vertices[:, 0], vertices[:, 1], crs)
    keep, told, faults = _settle_misplaced(raw, misplaced, rows, lost)
    if faults:
        return None, faults
    raw = keep_rows(raw, keep)
    geometry = geometry[keep]
    vertices, rows = shapely.get_coordinates(geometry, return_index=True)
    shapes = Shapes(
        geometry=geometry,
        lonlat=to_lonlat(vertices[:, 0], vertices[:, 1], crs),
        rows=rows,
        repairs=repairs + told,
        warnings=tell_doubles(raw, geometry),
        lost=lost + int((~keep).sum()),
    )
    return (raw, shapes), []


def _settle_misplaced(
    raw: RawLayer, misplaced: Misplaced, rows: NDArray[np.intp], lost: int
) -> tuple[NDArray[np.bool_], tuple[str, ...], list[SitingError]]:
    """Refuse swapped coordinates, which can be mended; leave out other impossible ones while few."""
    crs = authority(raw.crs) if isinstance(raw.crs, CRS) else ""
    swapped = RowFault(
        _rows_of(misplaced.swapped, rows, len(raw.cells)),
        "lon and lat (x and y) are swapped",
        "x = lon or easting, y = lat or northing",
        'Exchange them; in a CSV columns = { lon = "lat", lat = "lon" } does it.',
    )
    outside = RowFault(
        _rows_of(misplaced.outside, rows, len(raw.cells)),
        f"coordinates out of range for {crs} or far from the rest of the study",
        "places in the study area",
        "Check the coordinates and the CRS of the layer; clip a wider background to the study.",
    )
    done = settle(raw, [outside], lost=lost)
    faults: list[SitingError] = [CrsError(problem) for problem in done.problems]
    if swapped.rows.any():
        faults.insert(0, CrsError(_refusal(raw, swapped)))
    return done.keep, done.repairs, faults


def _refusal(raw: RawLayer, fault: RowFault) -> Problem:
    return Problem(
        where=place(raw.spec),
        what=fault.what,
        got=quote(row_names(raw.spec, raw.cells), fault.rows),
        expected=fault.expected,
        mend=fault.mend,
    )


def _rows_of(mask: NDArray[np.bool_], rows: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    hit = np.zeros(count, dtype=np.bool_)
    hit[rows[mask]] = True
    return hit


def _nowhere(geometry: NDArray[np.object_]) -> Shapes:
    return Shapes(geometry=geometry, lonlat=np.empty((0, 2)), rows=np.empty(0, dtype=np.intp))


def _absent(geometry: NDArray[np.object_]) -> tuple[RowFault, ...]:
    """Find rows that are nowhere."""
    vertices, rows = shapely.get_coordinates(geometry, return_index=True)
    finite = np.asarray(np.isfinite(vertices).all(axis=1), np.bool_)
    endless = _rows_of(~finite, rows, len(geometry))
    missing, empty = shapely.is_missing(geometry), shapely.is_empty(geometry)
    return (
        RowFault(missing, "geometry missing or unreadable (null)", "a place in every row"),
        RowFault(empty, "geometry is empty", "a shape with coordinates"),
        RowFault(endless, "coordinates are NaN or infinite", "finite numbers"),
    )


def _flat_and_valid(
    geometry: NDArray[np.object_],
) -> tuple[NDArray[np.object_], tuple[str, ...]]:
    repairs: tuple[str, ...] = ()
    heights = int(shapely.has_z(geometry).sum())
    if heights:
        geometry = shapely.force_2d(geometry)
        repairs += (f"heights dropped from {heights} shapes",)
    geometry, mended = make_valid(geometry)
    if mended:
        repairs += (f"{mended} invalid polygons made valid",)
    return geometry, repairs


def _unusable(raw: RawLayer, geometry: NDArray[np.object_]) -> tuple[RowFault, ...]:
    """Find what no repair can save: polygons without area, lines without length, slivers."""
    broken = shapely.is_empty(geometry)
    if raw.spec.kind != _JOINS:
        broken |= ~shapely.is_valid(geometry)
    beyond = RowFault(
        broken,
        "invalid geometry, beyond repair",
        "lines with a length, polygons with an area",
        "Draw these again.",
    )
    if raw.schema.geometry != "polygon" or raw.crs is None:
        return (beyond,)
    area_m2, around_m = _in_metres(geometry, raw.crs)
    thin = 2 * area_m2 < _SLIVER_WIDTH_M * around_m
    sliver = RowFault(
        ~broken & (thin | (area_m2 < _SLIVER_M2)),
        "polygon is a sliver",
        f"at least {_SLIVER_M2:g} m² and {_SLIVER_WIDTH_M:g} m of mean width",
        "Check the unit of the coordinates.",
    )
    return beyond, sliver


def _in_metres(
    geometry: NDArray[np.object_], crs: CRS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return areas and perimeters, good enough to tell a sliver."""
    if crs.is_geographic:
        middle = (
            float(np.median(shapely.get_coordinates(geometry)[:, 0])) if len(geometry) else 0.0
        )

        def scale(places: NDArray[np.float64]) -> NDArray[np.float64]:
            # The sinusoidal projection: areas are true everywhere, lengths near the middle.
            narrow = np.cos(np.radians(places[:, 1]))
            return np.column_stack([(places[:, 0] - middle) * narrow, places[:, 1]]) * _M_PER_DEG

        geometry, unit_m = shapely.transform(geometry, scale), 1.0
    else:
        unit_m = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
    return shapely.area(geometry) * unit_m**2, shapely.length(geometry) * unit_m
