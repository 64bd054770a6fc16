"""From the datum of a layer to WGS84: the Chinese shifts taken off, doubtful datums told."""

from collections.abc import Callable
from dataclasses import replace
from warnings import catch_warnings

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.transformer import AreaOfInterest, TransformerGroup

from layers._raw import RawLayer
from siting.crs import LONLAT, Bounds, authority
from siting.datum import CHINA, Places, find_datum, is_shifted, unshift
from siting.model import LayerSpec

_ROUGH_M = 5.0  # worse than a GPS receiver's fix
_CGCS2000 = frozenset({"China 2000", "CGCS2000"})  # within 0.7 m of WGS84, plate motion since 2000
# What sheets of the national map series are moved by on the way to CGCS2000: 2.4 mm to the east and 0.8 mm
# to the north at 1:50 000 (the mapping authority's answers on CGCS2000, read in a mirror). PROJ knows no shift.
_FAR_OFF_M = {"Xian 1980": 130}
_GEOD = Geod(ellps="WGS84")


def to_wgs84(raw: RawLayer) -> tuple[RawLayer, str, str]:
    """Take the shift of GCJ-02 or BD-09 off a layer that is declared to have one.

    Parameters
    ----------
    raw
        As read; its geometry is not changed, missing and empty shapes stay.

    Returns
    -------
    tuple
        The layer in EPSG:4326; a sentence on what was done, for the repairs; a sentence on what is
        doubtful, for the warnings. The layer itself and empty texts where nothing is declared.
    """
    datum = find_datum(raw.spec.crs)
    if datum is None or raw.geometry is None or raw.crs is None:
        return raw, "", ""
    before = _each(raw.geometry, _to_degrees(raw.crs))
    after = _each(before, lambda places: unshift(places, datum))
    start, end = shapely.get_coordinates(before), shapely.get_coordinates(after)
    moved = is_shifted(end)
    done = f"{datum} to WGS 84: {int(moved.sum())} of {len(moved)} coordinates moved"
    if moved.any():
        *_, metres = _GEOD.inv(*start[moved].T, *end[moved].T)
        done += f", by {np.mean(metres):.0f} m on average"
    doubt = "" if moved.all() else _elsewhere(datum, int((~moved).sum()))
    return replace(raw, geometry=after, crs=CRS(LONLAT)), done, doubt


def crs_found(spec: LayerSpec, crs: CRS | None) -> str:
    """Return the CRS of a layer as it was found: GCJ-02 or BD-09 where declared, "" for none."""
    return "" if crs is None else find_datum(spec.crs) or authority(crs)


def doubt_datum(crs: CRS | None, bounds: Bounds) -> str:
    """Say how far off positions may be for want of a good shift from their datum to WGS84.

    Parameters
    ----------
    crs
        Of the layer; None for none.
    bounds
        (west, south, east, north) of the study, degrees.

    Returns
    -------
    str
        A sentence with metres, empty where the shift is known to 5 m.
    """
    if crs is None or crs.datum is None or crs.datum.name in _CGCS2000:
        return ""
    west, south, east, north = bounds
    area = AreaOfInterest(west, south, east, north)
    with catch_warnings(action="ignore"):  # a better shift may need a grid that is not there
        group = TransformerGroup(crs, LONLAT, always_xy=True, area_of_interest=area)
    accuracy_m = group.transformers[0].accuracy if group.transformers else -1.0
    if 0 <= accuracy_m <= _ROUGH_M:
        return ""
    name = crs.datum.name
    if accuracy_m > 0:
        told = f"PROJ knows the shift from {name} to WGS 84 to {accuracy_m:g} m only"
        return f"{authority(crs)}: {told}; positions may be off by as much"
    metres = _FAR_OFF_M.get(name)
    size = f"about {metres} m" if metres else "an unknown distance"
    told = f"PROJ knows no shift from {name} to WGS 84; positions may be off by {size}"
    return f"{authority(crs)}: {told}. Have the layer converted by who holds the parameters"


def _to_degrees(crs: CRS) -> Callable[[Places], Places]:
    if crs.is_geographic:
        return lambda places: places
    transformer = Transformer.from_crs(crs, LONLAT, always_xy=True)
    return lambda places: np.column_stack(transformer.transform(*places.T))


def _each(shapes: NDArray[np.object_], change: Callable[[Places], Places]) -> NDArray[np.object_]:
    """Return the shapes with x and y changed and heights kept."""

    def with_height(places: Places) -> Places:
        return np.column_stack([change(places[:, :2]), places[:, 2:]])

    changed = shapes.copy()
    is_high = np.asarray(shapely.has_z(shapes), np.bool_)
    changed[is_high] = shapely.transform(shapes[is_high], with_height, include_z=True)
    changed[~is_high] = shapely.transform(shapes[~is_high], change)
    return changed


def _elsewhere(datum: str, count: int) -> str:
    west, south, east, north = CHINA
    return (
        f"{datum} is declared, but {count} coordinates lie outside of {west:g} to {east:g} E, "
        f"{south:g} to {north:g} N, where nothing is shifted; they were taken as WGS 84"
    )
