"""What a site must keep away from, from OSM: protected areas, water, public buildings, railways, lines."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from layers._osm_city import City, Drawn, Row
from layers._osm_objects import OsmObject, Tags
from layers._osm_tags import voltage_kv

# IUCN classes 1-4 keep building out; 12 is drinking water. 5 and 6 (landscape, sustainable use) and
# the national classes above restrict it. Without a class an area counts as hard, to be cautious.
_HARD_CLASSES: Final = ("1", "1a", "1b", "2", "3", "4", "12")
_PUBLIC_AMENITIES: Final = (
    *("cinema", "college", "hospital", "kindergarten", "library", "nursing_home", "school"),
    *("social_facility", "theatre", "university"),
)
_PUBLIC_BUILDINGS: Final = ("college", "hospital", "kindergarten", "school", "university")
# A node of a school stands for a building of this radius round it (own assumption, C).
NODE_RADIUS_M: Final = 20.0
_TUNNELS: Final = ("no", "")
_POLYGON, _LINE, _POINT = 2, 1, 0


def draw_protected(city: City) -> Drawn:
    """Return protected areas; ``constraint`` by their IUCN class, hard where none is stated."""
    note = "hard for IUCN classes 1-4, drinking water and areas without a class"
    why = "no protected area or nature reserve in the file"
    return _draw(city, _protected_row, _POLYGON, why, note=note)


def _protected_row(tags: Tags) -> Row | None:
    kind = tags.get("boundary", "")
    if kind not in {"protected_area", "national_park"}:
        kind = "nature_reserve" if tags.get("leisure") == "nature_reserve" else ""
    if not kind:
        return None
    iucn = tags.get("protect_class", "")
    is_hard = not iucn or iucn.lower() in _HARD_CLASSES or kind == "national_park"
    note = f"protect_class {iucn}" if iucn else "no protect_class"
    return {"kind": kind, "constraint": "hard" if is_hard else "soft", "note": note}


def draw_water(city: City) -> Drawn:
    """Return lakes, rivers drawn as areas, docks, basins and reservoirs; the sea is not among them."""
    return _draw(city, _water_row, _POLYGON, "no water drawn as an area in the file")


def _water_row(tags: Tags) -> Row | None:
    is_water = (
        tags.get("natural") == "water"
        or tags.get("waterway") in {"riverbank", "dock"}
        or tags.get("landuse") in {"reservoir", "basin"}
    )
    return {} if is_water else None


def draw_railways(city: City) -> Drawn:
    """Return railways above ground; trams run in streets and are left out."""
    return _draw(city, _railway_row, _LINE, "no railway above ground in the file")


def _railway_row(tags: Tags) -> Row | None:
    has_rails = tags.get("railway") in {"rail", "light_rail", "narrow_gauge", "monorail", "subway"}
    is_below = tags.get("tunnel", "") not in _TUNNELS or tags.get("covered") == "yes"
    return {"note": tags["railway"]} if has_rails and not is_below else None


def draw_power_lines(city: City) -> Drawn:
    """Return overhead lines with the highest voltage they carry, empty where not stated."""
    return _draw(city, _power_line_row, _LINE, "no overhead power line in the file")


def _power_line_row(tags: Tags) -> Row | None:
    is_overhead = tags.get("power") in {"line", "minor_line"}
    return {"voltage_kv": voltage_kv(tags)} if is_overhead else None


def draw_public_buildings(city: City) -> Drawn:
    """Return schools, hospitals and the like; a node stands for a circle of 20 m, confidence C."""
    why = "no school, hospital or other public building in the file"
    drawn = _draw(city, _public_row, _POLYGON, why, keep_points=True)
    if not len(drawn.shapes):
        return drawn
    is_point = shapely.get_dimensions(drawn.shapes) == _POINT
    shapes = drawn.shapes.copy()
    rounds = shapely.buffer(city.to_metric(shapes[is_point]), NODE_RADIUS_M, quad_segs=4)
    shapes[is_point] = city.to_degrees(rounds)
    cells = drawn.cells.copy()
    cells.loc[is_point, "confidence"] = "C"
    cells.loc[is_point, "note"] += f", a node in OSM: circle of {NODE_RADIUS_M:g} m"
    return replace(drawn, cells=cells, shapes=shapes)


def _public_row(tags: Tags) -> Row | None:
    kind = next(
        (
            tags[key]
            for key, values in (("amenity", _PUBLIC_AMENITIES), ("building", _PUBLIC_BUILDINGS))
            if tags.get(key) in values
        ),
        "stadium" if tags.get("leisure") == "stadium" else "",
    )
    kind = kind or ("museum" if tags.get("tourism") == "museum" else "")
    return {"note": kind} if kind else None


def _draw(
    city: City,
    row_of: Callable[[Tags], Row | None],
    dimension: int,
    why: str,
    *,
    keep_points: bool = False,
    note: str = "",
) -> Drawn:
    """Draw the objects that have a row and the dimension of the layer."""
    rows: list[tuple[OsmObject, Row]] = []
    for item in city.found.objects:
        row = row_of(item.tags)
        size = int(np.asarray(shapely.get_dimensions(item.shape)))
        if row is not None and (size == dimension or (keep_points and size == _POINT)):
            rows.append((item, row))
    is_area = dimension == _POLYGON
    return city.told(
        city.surroundings(rows), lambda tags: is_area and row_of(tags) is not None, why, note
    )
