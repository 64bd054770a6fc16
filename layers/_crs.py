"""Which coordinate system a layer is in: what its file says and what the study says."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pyproj import CRS

from layers._raw import place
from siting.crs import LONLAT, authority, find_crs
from siting.datum import find_datum
from siting.errors import CrsError, Problem
from siting.model import LayerSpec
from siting.schema import GRIDS

_WEB_MERCATOR: Final = "EPSG:3857"
_OPENSTREETMAP: Final = frozenset({".pbf", ".osm"})

# What design institutes write, beside the codes that PROJ knows. Three digits of a zone would be lost
# in such a name, so it stands for longitude and latitude only.
_SPOKEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("wgs84", "gps"), LONLAT),
        **dict.fromkeys(("cgcs2000", "2000国家大地坐标系", "国家2000", "大地2000"), "EPSG:4490"),
        **dict.fromkeys(("beijing54", "beijing1954", "北京54", "北京1954"), "EPSG:4214"),
        **dict.fromkeys(("xian80", "xian1980", "西安80", "西安1980"), "EPSG:4610"),
    }
)


def declared_crs(spec: LayerSpec, found: CRS | None) -> CRS:
    """Return the CRS in which the coordinates of a layer are to be read.

    For GCJ-02 and BD-09 that is the CRS of their degrees (or of their Web Mercator); the shift itself is
    taken off right after reading, by ``layers._datum``.

    Parameters
    ----------
    spec
        Its ``crs`` is what the study says, None where it says nothing.
    found
        What the file carries, None where it carries none.

    Raises
    ------
    CrsError
        When neither names one, or they name different ones.
    """
    if spec.crs is None:
        if found is not None:
            return found
        raise CrsError(
            Problem(
                where=place(spec),
                what="coordinate system missing",
                expected="the CRS of its coordinates",
                mend='Give the file one, or add crs = "EPSG:4326" (or what it is) to the layer.',
            )
        )
    if find_datum(spec.crs) is not None:
        return _shifted_crs(spec, found)
    named = find_crs(_SPOKEN.get(_folded(spec.crs), spec.crs), where=place(spec))
    if found is None or found.equals(named, ignore_axis_order=True):
        return named
    raise CrsError(
        Problem(
            where=place(spec),
            what="the file and the study name different coordinate systems",
            got=f"{authority(found)} in the file, {authority(named)} in the study",
            expected="the same",
            mend="Take crs out of the layer; the file's own is used. If that is wrong, mend the file.",
        )
    )


def _shifted_crs(spec: LayerSpec, found: CRS | None) -> CRS:
    """Return what the degrees of GCJ-02 or BD-09 are written in."""
    why = _never_shifted(spec)
    if why:
        raise CrsError(
            Problem(
                where=place(spec),
                what=f"{find_datum(spec.crs)} cannot be taken off {why}",
                expected="a layer of points, lines or polygons from a Chinese web map",
                mend="Take crs out of the layer, or bring the data in WGS84.",
            )
        )
    if found is None or found.is_geographic:
        return CRS(LONLAT)
    if authority(found) == _WEB_MERCATOR:
        return found
    raise CrsError(
        Problem(
            where=place(spec),
            what=f"{find_datum(spec.crs)} has no coordinates in metres",
            got=f"{authority(found)} in the file",
            expected="longitude and latitude, or Web Mercator",
            mend="Take crs out of the layer; the file's own is used.",
        )
    )


def _never_shifted(spec: LayerSpec) -> str:
    """Say what data GCJ-02 and BD-09 are not taken off; empty for those they are."""
    if spec.kind in GRIDS:
        return "a raster: its cells would no longer lie in rows"
    is_osm = Path(spec.path).suffix.lower() in _OPENSTREETMAP
    return "OpenStreetMap, which is in WGS84" if is_osm else ""


def _folded(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
