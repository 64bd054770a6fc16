"""The working coordinate system: choose it, check it, bring frames into it.

A run measures in one projected metric CRS. Coordinates are (x, y) = (lon, lat) everywhere, whatever
axis order an authority declares; pyproj is never asked without ``always_xy``.
"""

from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError

from siting.errors import CrsError, Problem

LONLAT: Final = "EPSG:4326"
AUTO: Final = "auto"
Bounds: TypeAlias = tuple[float, float, float, float]

_GK_FIRST, _GK_FIRST_MERIDIAN, _GK_LAST_MERIDIAN, _GK_STEP_DEG = 4534, 75, 135, 3
# Two degrees off its central meridian a Gauss-Krueger zone errs as much (about 400 ppm at 36 N) as
# UTM does on its own; half a degree past the 1.5 that divide the zones is the usual overlap.
_GK_REACH_DEG = 2.0
_UTM_SOUTH_DEG, _UTM_NORTH_DEG, _MAX_SCALE_ERROR = -80.0, 84.0, 0.02
# A frame may reach past the area of use (a country outline round a city), but not lie elsewhere.
_AREA_MARGIN_DEG = 10.0
# Swapped coordinates lie far from the others, and their mirror image among them. No metric CRS spans
# a study of which a part lies 20 degrees from the middle.
_FAR_DEG, _NEAR_SHARE, _STRAY_DEG = 5.0, 0.2, 20.0
_WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
_find_way = lru_cache(maxsize=32)(Transformer.from_crs)  # PROJ takes a tenth of a second each time


class Misplaced(NamedTuple):
    """Masks of coordinates that cannot be: x and y ``swapped``, or ``outside`` for another reason."""

    swapped: NDArray[np.bool_]
    outside: NDArray[np.bool_]


def find_crs(
    text: str, *, where: str, mend: str = "Look the code up at the data's source."
) -> CRS:
    """Return the CRS of an authority string; ``where`` and ``mend`` go into the message.

    Raises
    ------
    CrsError
        When the text names no CRS.

    Examples
    --------
    >>> find_crs("EPSG:4549", where="study: crs").name
    'CGCS2000 / 3-degree Gauss-Kruger CM 120E'
    """
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise _error(
            where=where,
            what="unknown coordinate system",
            got=repr(text),
            expected="an authority and code such as EPSG:4549",
            mend=mend,
        ) from error


def authority(crs: CRS) -> str:
    """Return ``AUTHORITY:code`` of a CRS, or its name where it has no code."""
    code = crs.to_authority(min_confidence=70)
    return ":".join(code) if code else str(crs.name)


def working_crs(spec: str, lonlat_bounds: Bounds) -> str:
    """Choose or check the projected metric CRS in which a study is measured.

    ``auto`` takes the CGCS2000 3-degree zone (EPSG:4534 … 4554) whose area in EPSG's list holds the
    middle of the study and whose central meridian is within 2 degrees of it all, else the UTM zone.

    Parameters
    ----------
    spec
        ``auto`` or an authority string.
    lonlat_bounds
        (west, south, east, north) of the study in degrees, WGS84.

    Returns
    -------
    str
        Authority string of the CRS; its scale errs by less than 2 % over the bounds.

    Raises
    ------
    CrsError
        When the CRS is unknown, geographic, not in metres or does not fit the bounds, or when no
        single zone fits them.

    Examples
    --------
    >>> working_crs("auto", (119.5, 35.5, 121.1, 37.2))
    'EPSG:4549'
    >>> working_crs("auto", (24.8, 60.1, 25.2, 60.3))
    'EPSG:32635'
    """
    _check_bounds(lonlat_bounds)
    if spec == AUTO:
        return _suggest(lonlat_bounds)
    crs = find_crs(spec, where="study: crs", mend=_advice(lonlat_bounds))
    reason = _unfit(crs, lonlat_bounds)
    if reason:
        raise _error(
            what=reason,
            got=f"{spec}, {crs.name}",
            expected="a projected CRS in metres that fits the study",
            mend=_advice(lonlat_bounds),
        )
    return authority(crs)


def to_crs(gdf: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Return a frame in another CRS, same index and order, (x, y) = (lon, lat) kept.

    Raises
    ------
    CrsError
        When the frame has no CRS, or a place has no image in the new one.
    """
    if gdf.crs is None:
        raise _error(
            where="frame",
            what="coordinate system missing",
            expected=f"a CRS to come from on the way to {crs}",
            mend="Name the CRS of the data.",
        )
    # PROJ knows shifts to WGS84 that it leaves out on the way to others (Beijing 1954 to CGCS2000: 72 m).
    is_sheer = gdf.crs.datum == CRS.from_user_input(crs).datum
    moved = (gdf if is_sheer else gdf.to_crs(LONLAT)).to_crs(crs)
    if not np.isfinite(shapely.get_coordinates(np.asarray(moved.geometry))).all():
        raise _error(
            where="frame",
            what=f"coordinates have no image in {crs}",
            got=authority(gdf.crs),
            expected="places inside the area of both systems",
            mend="Check the CRS of the data.",
        )
    return moved


def to_lonlat(x: ArrayLike, y: ArrayLike, crs: CRS) -> NDArray[np.float64]:
    """Return coordinates in WGS84 degrees, shape (n, 2); rows with no image are not finite."""
    columns = np.asarray(x, np.float64), np.asarray(y, np.float64)
    return np.column_stack(_find_way(crs, LONLAT, always_xy=True).transform(*columns))


def find_misplaced(x: ArrayLike, y: ArrayLike, crs: CRS) -> Misplaced:
    """Find coordinates that their CRS cannot have: outside its area, or inside only when swapped.

    A latitude beyond 90 degrees gives swapped lon/lat away without knowing the place; a projected
    coordinate is judged by where it falls, within 10 degrees of the area of use.

    Parameters
    ----------
    x, y
        Finite coordinates, shape (n,), in the unit of the CRS.

    Returns
    -------
    Misplaced
        Two masks, shape (n,), never both true.

    Examples
    --------
    >>> find_misplaced([36.07], [120.38], CRS("EPSG:4326")).swapped.tolist()
    [True]
    >>> find_misplaced([], [], CRS("EPSG:4326")).outside.tolist()
    []
    """
    outside = ~_inside(x, y, crs)
    swapped = outside & _inside(y, x, crs)
    return Misplaced(swapped=swapped, outside=outside & ~swapped)


def find_strays(lonlat: NDArray[np.float64], centre: tuple[float, float]) -> Misplaced:
    """Find places that do not belong to a study, judged by where the rest of it lies.

    Needed where both readings are possible (Monaco, 7.4 E 43.7 N, against Somalia): a place, a row of
    shape (n, 2) in degrees, is swapped when it is more than 5 degrees from the centre of the study
    and its mirror image at less than a fifth of that; it is outside beyond 20 degrees.
    """
    middle = np.asarray(centre, np.float64)
    own = np.abs(lonlat - middle).sum(axis=1)
    mirrored = np.abs(lonlat[:, ::-1] - middle).sum(axis=1)
    swapped = (own > _FAR_DEG) & (mirrored < _NEAR_SHARE * own)
    return Misplaced(swapped=swapped, outside=(own > _STRAY_DEG) & ~swapped)


def _inside(x: ArrayLike, y: ArrayLike, crs: CRS) -> NDArray[np.bool_]:
    """Tell which coordinates the CRS can have."""
    lonlat = np.column_stack([x, y]) if crs.is_geographic else to_lonlat(x, y, crs)
    west, south, east, north = _WORLD if crs.is_geographic else _area_of(crs)
    fits = (lonlat >= (west, south)) & (lonlat <= (east, north))
    return np.asarray(fits.all(axis=1), np.bool_)


def _area_of(crs: CRS) -> Bounds:
    """Return the area of use widened by the margin; the world where none is known."""
    area, margin = crs.area_of_use, _AREA_MARGIN_DEG
    if area is None or area.west > area.east:
        return _WORLD
    return (area.west - margin, area.south - margin, area.east + margin, area.north + margin)


def _check_bounds(bounds: Bounds) -> None:
    west, south, east, north = bounds
    if not (_WORLD[0] <= west <= east <= _WORLD[2] and _WORLD[1] <= south <= north <= _WORLD[3]):
        raise _error(
            what="the data lie nowhere on Earth",
            got=", ".join(f"{value:g}" for value in bounds),
            expected="west, south, east, north in degrees",
            mend="Check the coordinates and their CRS.",
        )


def _error(
    *, what: str, expected: str, mend: str, got: str = "", where: str = "study: crs"
) -> CrsError:
    return CrsError(Problem(where=where, what=what, got=got, expected=expected, mend=mend))


def _unfit(crs: CRS, bounds: Bounds) -> str:
    """Say why a CRS cannot be the working CRS; empty when it can."""
    if not crs.is_projected or crs.is_compound:
        return "coordinate system is not projected"
    if any(axis.unit_name != "metre" for axis in crs.axis_info):
        return f"coordinate system counts in {crs.axis_info[0].unit_name}, not metres"
    if crs.to_authority(min_confidence=70) is None:
        return "coordinate system has no authority code"
    if crs.coordinate_operation and "Pseudo Mercator" in crs.coordinate_operation.method_name:
        return "Web Mercator is for pictures; its metres are not metres"
    error = _scale_error(crs, bounds)
    if error > _MAX_SCALE_ERROR:
        size = "beyond measure" if not np.isfinite(error) else f"by up to {error:.1%}"
        return f"coordinate system does not fit the study, lengths err {size}"
    return ""


def _scale_error(crs: CRS, bounds: Bounds) -> float:
    """Return the largest relative length error at the corners and the middle of the bounds."""
    west, south, east, north = bounds
    lon = np.array([west, east, west, east, (west + east) / 2])
    lat = np.array([south, south, north, north, (south + north) / 2])
    factors = Proj(crs).get_factors(lon, lat, errcheck=False)
    return float(np.abs(np.r_[factors.meridional_scale, factors.parallel_scale] - 1).max())


def _suggest(bounds: Bounds) -> str:
    """Return the metric CRS that fits best, or raise where one zone cannot do."""
    code = _gauss_krueger(bounds) or _utm(bounds)
    if code is None or _scale_error(CRS.from_epsg(code), bounds) > _MAX_SCALE_ERROR:
        west, south, east, north = bounds
        raise _error(
            what="no single metric zone fits the study",
            got=f"{west:.2f} to {east:.2f} E, {south:.2f} to {north:.2f} N",
            expected="an area within about 10 degrees of longitude, 80 S to 84 N",
            mend="Check that every layer lies in the study area (swapped lon/lat, wrong CRS).",
        )
    return f"EPSG:{code}"


def _gauss_krueger(bounds: Bounds) -> int | None:
    west, south, east, north = bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    meridian = _GK_STEP_DEG * round(lon / _GK_STEP_DEG)
    if not _GK_FIRST_MERIDIAN <= meridian <= _GK_LAST_MERIDIAN:
        return None
    code = _GK_FIRST + (meridian - _GK_FIRST_MERIDIAN) // _GK_STEP_DEG
    area = CRS.from_epsg(code).area_of_use
    is_there = area is not None and (
        area.west <= lon <= area.east and area.south <= lat <= area.north
    )
    is_near = meridian - _GK_REACH_DEG <= west and east <= meridian + _GK_REACH_DEG
    return code if is_there and is_near else None


def _utm(bounds: Bounds) -> int | None:
    west, south, east, north = bounds
    if south < _UTM_SOUTH_DEG or north > _UTM_NORTH_DEG:
        return None
    zone = min(int(((west + east) / 2 + 180) // 6) + 1, 60)
    return (32600 if south + north >= 0 else 32700) + zone


def _advice(bounds: Bounds) -> str:
    try:
        return f"Take {_suggest(bounds)}, or crs = {AUTO!r}."
    except CrsError as error:
        return str(error)
