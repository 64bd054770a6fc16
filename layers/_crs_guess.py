"""Which coordinate systems would put a layer where the rest of its study lies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Proj
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import CRSError, ProjError

from layers._raw import RawLayer, place
from siting.crs import LONLAT, authority
from siting.datum import BD09, GCJ02, Places, is_shifted
from siting.errors import CrsError, Problem, SitingError

_Centre = tuple[float, float]

_SAMPLE, _MOST_NAMED = 200, 6
_NEAR_DEG = 1.5  # half a zone: the next one puts the layer three degrees away
_WIDEST_DEG = 15.0
_WIDE_BUT_COMMON: Final = frozenset({"3857", "3035"})  # Web Mercator, Europe's grid
_FIRST: Final = ("CGCS2000", "WGS 84", "ETRS89", "SIRGAS 2000", "NAD83", "JGD", "KGD")
_LAST: Final = ("WGS 72", "New Beijing")
# Zone numbers in front of the easting: 13 to 23 in zones of 6 degrees, 25 to 45 in zones of 3.
_ZONE_M, _ZONES_6, _ZONES_3 = 1_000_000, (13, 23, 4491), (25, 45, 4513)
_WEB_MERCATOR_M = 20_037_509
_EAST_M, _NORTH_M = (100_000, 900_000), (0, 10_000_000)


def advise(
    faults: Sequence[SitingError], raws: Iterable[RawLayer], placed: Sequence[Places]
) -> list[SitingError]:
    """Add to every fault in a layer's CRS the systems that its coordinates would fit.

    Parameters
    ----------
    faults
        Of any kind; those that are no ``CrsError``, or tell of no layer with coordinates, stay.
    raws
        The layers that were read.
    placed
        The places, (n, 2) in degrees, of the layers in which nothing is wrong.

    Returns
    -------
    list[SitingError]
        As many as came in, in the same order.
    """
    if not any(isinstance(fault, CrsError) for fault in faults):
        return list(faults)
    middles = [np.median(lonlat, axis=0) for lonlat in placed if len(lonlat)]
    lon, lat = np.median(middles, axis=0).tolist() if middles else (None, None)
    centre = None if lon is None or lat is None else (lon, lat)
    hints = {place(raw.spec): _hint(raw, centre) for raw in raws if raw.geometry is not None}
    return [
        CrsError(*(_with_hint(problem, hints) for problem in fault.problems))
        if isinstance(fault, CrsError)
        else fault
        for fault in faults
    ]


def _with_hint(problem: Problem, hints: dict[str, str]) -> Problem:
    hint = hints.get(problem.where, "")
    return replace(problem, mend=f"{problem.mend} {hint}".strip()) if hint else problem


def _hint(raw: RawLayer, centre: _Centre | None) -> str:
    """Return a sentence with the systems that fit the coordinates of a layer; empty for none."""
    places = shapely.get_coordinates(np.asarray(raw.geometry, dtype=object))
    places = places[np.isfinite(places).all(axis=1)]
    if not len(places):
        return ""
    sample = places[:: -(-len(places) // _SAMPLE)]
    own = "" if raw.crs is None else authority(raw.crs)
    for read, words in (
        (sample, "They would fit"),
        (sample[:, ::-1], "Exchanged, they would fit"),
    ):
        found = [name for name in _names(read, centre) if not own or not name.startswith(own)]
        if found:
            return f"{words} {', '.join(found[:_MOST_NAMED])}."
    return ""


def _names(places: Places, centre: _Centre | None) -> Iterator[str]:
    """Yield what fits, the likeliest first."""
    if _is_degrees(places):
        if centre is None or _is_near(places, centre):
            yield from (
                (LONLAT, "EPSG:4490", GCJ02, BD09) if is_shifted(places).all() else (LONLAT,)
            )
    elif centre is None:
        yield from _by_digits(places)
    else:
        yield from _by_place(places, centre)


def _is_degrees(places: Places) -> bool:
    return bool((np.abs(places) <= (180.0, 90.0)).all())


def _is_near(lonlat: NDArray[np.float64], centre: _Centre) -> bool:
    middle = np.median(lonlat, axis=0)
    return bool(np.isfinite(lonlat).all() and (np.abs(middle - centre) < _NEAR_DEG).all())


def _by_digits(places: Places) -> Iterator[str]:
    """Yield what the sizes of the numbers alone allow."""
    east, north = places.T
    zone = int(east[0] // _ZONE_M)
    rest = east - zone * _ZONE_M
    if (north < _NORTH_M[0]).any() or (north > _NORTH_M[1]).any():
        return
    if (rest < _EAST_M[0]).any() or (rest > _EAST_M[1]).any():
        return
    if zone == 0:
        yield "a zone without number in front: EPSG:4534 to 4554 (CGCS2000) or a UTM zone"
    for first, last, code in (_ZONES_6, _ZONES_3):
        if first <= zone <= last:
            yield f"EPSG:{code + zone - first} (CGCS2000, zone {zone})"
    if zone and (np.abs(places) < _WEB_MERCATOR_M).all():
        yield "EPSG:3857 (Web Mercator)"


def _by_place(places: Places, centre: _Centre) -> list[str]:
    """Return the projected systems of the area that put the places near its centre."""
    lon, lat = centre
    west, east = max(lon - _NEAR_DEG, -180.0), min(lon + _NEAR_DEG, 180.0)
    infos = query_crs_info(
        auth_name="EPSG",
        pj_types=PJType.PROJECTED_CRS,
        area_of_interest=AreaOfInterest(west, lat, east, lat),
    )
    fitting = {}
    for info in infos:
        area = info.area_of_use
        is_local = area is not None and 0 < area.east - area.west <= _WIDEST_DEG
        if not is_local and info.code not in _WIDE_BUT_COMMON:
            continue
        if _is_near(_unprojected(places, info.code), centre):
            fitting[f"EPSG:{info.code} ({info.name.split(' / ')[0]})"] = _rank(info.name)
    return sorted(fitting, key=lambda name: (fitting[name], name))


def _unprojected(places: Places, code: str) -> Places:
    """Return degrees without any shift of the datum, a hundred times faster than with it."""
    try:
        return np.column_stack(Proj(f"EPSG:{code}")(places[:, 0], places[:, 1], inverse=True))
    except (CRSError, ProjError):  # PROJ lists a few that it cannot compute
        return np.full_like(places, np.nan)


def _rank(name: str) -> int:
    if name.startswith(_LAST):
        return len(_FIRST) + 1
    return next((i for i, start in enumerate(_FIRST) if name.startswith(start)), len(_FIRST))
