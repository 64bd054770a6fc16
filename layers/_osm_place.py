"""The boundary of a named place, from the administrative areas that an OSM file draws."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import shapely

from layers._osm_objects import OsmObject, file_key, read_objects
from siting.errors import InputError, Problem

_NAMES: Final = ("name", "name:en", "name:zh", "name:zh-Hans", "name:zh-Hant", "int_name", "official_name")  # fmt: skip
_SHOWN: Final = 20


def write_place(osm: Path, place: str, into: Path) -> None:
    """Write the boundary of a place as GeoJSON; of several of that name the largest.

    Parameters
    ----------
    osm
        The OSM file.
    place
        A name of the place in any language that OSM has, upper or lower case.
    into
        The file to write.

    Raises
    ------
    InputError
        If no administrative area of the file bears the name.
    """
    areas = [found for found in read_objects(file_key(str(osm))).objects if _is_area(found)]
    named = [found for found in areas if place.casefold() in _names_of(found)]
    if not named:
        known = sorted({found.tags.get("name", "") for found in areas} - {""})
        raise InputError(
            Problem(
                where=f"--place {place!r}",
                what=f"no administrative boundary of that name in {osm.name}",
                got=", ".join(known[:_SHOWN]) or "no boundary at all",
                mend="Take one of these names, or bring the polygon: --boundary FILE.",
            )
        )
    largest = max(named, key=lambda found: float(shapely.area(found.shape)))
    frame = gpd.GeoDataFrame(
        {"id": [largest.id], "name": [place]}, geometry=[largest.shape], crs="EPSG:4326"
    )
    into.write_text(frame.to_json(), encoding="utf-8")


def _is_area(found: OsmObject) -> bool:
    is_boundary = found.tags.get("boundary") == "administrative"
    return is_boundary and found.shape.geom_type in {"Polygon", "MultiPolygon"}


def _names_of(found: OsmObject) -> set[str]:
    return {found.tags[key].casefold() for key in _NAMES if key in found.tags}
