"""Ports and parks from OSM: where goods and lorries start and end."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from layers._osm_city import City, Drawn, Row, as_shapes
from layers._osm_objects import OsmObject, Tags

# Own assumptions (confidence C): areas below these are workshops and shops, not freight places.
INDUSTRY_MIN_M2: Final = 20_000.0
TRADE_MIN_M2: Final = 10_000.0
LOGISTICS_MIN_M2: Final = 5_000.0
# Freight intensity by size (own assumption, C): H from here on, M from there on, L below.
_INDUSTRY_STEPS_M2 = (500_000.0, 100_000.0)
_LOGISTICS_STEPS_M2 = (20_000.0, 0.0)

_LOGISTICS: Final = ("depot", "distributor", "logistics", "warehouse")
_MARINA = "marina"


def is_port(tags: Tags) -> bool:
    """Tell whether an object is a port, a harbour or a ferry terminal, no mere marina."""
    if tags.get("leisure") == _MARINA or tags.get("seamark:harbour:category", "").startswith(
        _MARINA
    ):
        return False
    return (
        tags.get("landuse") in {"harbour", "port"}
        or tags.get("industrial") == "port"
        or tags.get("harbour") == "yes"
        or tags.get("seamark:type") == "harbour"
        or tags.get("amenity") == "ferry_terminal"
    )


def draw_ports(city: City) -> Drawn:
    """Return ports; ``role`` says what OSM calls them.

    A node or area within a larger port is a part of it and no port of its own.
    """
    found = [item for item in city.found.objects if is_port(item.tags)]
    kept = _outermost(found)
    drawn = city.points([(item, {"role": _role(item.tags)}) for item in kept])
    inner = len(found) - len(kept)
    note = "no tonnage in OSM: every port has the same weight"
    note = f"{note}; {inner} parts of larger ports not counted" if inner else note
    return city.told(drawn, is_port, "no port, harbour or ferry terminal in the file", note)


def draw_parks(city: City) -> Drawn:
    """Return industrial, logistics and trading areas and airports, with their freight intensity.

    ``freight_intensity`` is H, M or L by kind and area, an own assumption of confidence C.
    """
    found, areas = parks_of(city)
    rows: list[tuple[OsmObject, Row]] = []
    for item, area_m2 in zip(found, areas.tolist(), strict=True):
        kind = park_type(item.tags)
        row: Row = {
            "type": kind,
            "freight_intensity": freight_intensity(kind, area_m2),
            "confidence": "C",
            "note": f"{area_m2 / 10_000:.1f} ha in OSM; freight intensity by kind and area",
        }
        rows.append((item, row))
    drawn = city.points(rows)
    why = (
        f"no industrial area from {INDUSTRY_MIN_M2 / 10_000:g} ha, trading area from "
        f"{TRADE_MIN_M2 / 10_000:g} ha, warehouse from {LOGISTICS_MIN_M2 / 10_000:g} ha or airport in the file"
    )
    note = "freight intensity by kind and area (own assumption, C)"
    return city.told(drawn, park_type, why, note)


def parks_of(city: City) -> tuple[list[OsmObject], np.ndarray]:
    """Return the parks among the objects and their areas (n,) in m²; airports may be points."""
    found = [
        item for item in city.found.objects if park_type(item.tags) and not is_port(item.tags)
    ]
    areas = city.areas_m2(item.shape for item in found)
    large = [
        is_large(park_type(item.tags), float(area))
        for item, area in zip(found, areas, strict=True)
    ]
    chosen = [item for item, keep in zip(found, large, strict=True) if keep]
    kept = set(map(id, _outermost(chosen)))
    mask = np.array([id(item) in kept for item in found], dtype=np.bool_)
    return [item for item in found if id(item) in kept], areas[mask]


def park_type(tags: Tags) -> str:
    """Return the type of a park as the facility types name it, "" for what is none."""
    if tags.get("aeroway") == "aerodrome":
        return "airport_cargo" if "iata" in tags else "airport_ga"
    if (
        tags.get("landuse") == "logistics"
        or tags.get("industrial") in _LOGISTICS
        or tags.get("building") == "warehouse"
    ):
        return "logistics"
    return {"industrial": "park", "commercial": "poi_commercial", "retail": "poi_commercial"}.get(
        tags.get("landuse", ""), ""
    )


def is_large(kind: str, area_m2: float) -> bool:
    """Tell whether an area of a type of park counts; airports do whatever is drawn of them."""
    least = {
        "park": INDUSTRY_MIN_M2,
        "poi_commercial": TRADE_MIN_M2,
        "logistics": LOGISTICS_MIN_M2,
    }
    return area_m2 >= least.get(kind, 0.0)


def freight_intensity(kind: str, area_m2: float) -> str:
    """Return H, M or L (own assumption, C)."""
    steps = {"park": _INDUSTRY_STEPS_M2, "logistics": _LOGISTICS_STEPS_M2}.get(kind)
    if steps is None:
        return "M" if kind == "airport_cargo" else "L"
    return "H" if area_m2 >= steps[0] else "M" if area_m2 >= steps[1] else "L"


def _role(tags: Tags) -> str:
    if tags.get("amenity") == "ferry_terminal":
        return "ferry terminal"
    if tags.get("landuse") == "port" or tags.get("industrial") == "port":
        return tags.get("port", "") or "port"
    return tags.get("seamark:harbour:category", "").replace("_", " ") or "harbour"


def _outermost(found: Sequence[OsmObject]) -> list[OsmObject]:
    """Return the objects that do not lie within a larger one; of equal ones the first."""
    shapes = shapely.make_valid(as_shapes(item.shape for item in found))
    sizes = shapely.area(shapes)
    inner, outer = shapely.STRtree(shapes).query(shapely.point_on_surface(shapes), "within")
    is_part = (sizes[outer] > sizes[inner]) | ((sizes[outer] == sizes[inner]) & (outer < inner))
    parts = set(inner[is_part].tolist())
    return [item for index, item in enumerate(found) if index not in parts]
