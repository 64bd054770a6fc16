"""Candidates from OSM: places where a station may stand, by type, and what each type suits."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

from layers._osm_city import City, Drawn, Row, as_shapes
from layers._osm_energy import is_hydrogen
from layers._osm_freight import draw_ports, park_type, parks_of
from layers._osm_groups import leaders, neighbours
from layers._osm_objects import OsmObject, Tags
from layers._osm_tags import count

# Car parks count from this size on (own assumption, C): room for a row of chargers.
PARKING_MIN_M2: Final = 2_500.0
PARKING_MIN_SPACES: Final = 100.0
# Two fuel stations closer than this are told to each other: both sides of a road, or mapped twice.
TWIN_M: Final = 100.0
# Exits of one interchange: nodes within this distance of the first are one candidate.
INTERCHANGE_M: Final = 500.0
# highway=services is also put on yards in towns; a service area lies along an expressway.
SERVICE_TO_EXPRESSWAY_M: Final = 500.0
_EXPRESSWAYS: Final = ("motorway", "motorway_link", "trunk", "trunk_link")

_FLAGS: Final = (
    "suits_hydrogen",
    "suits_charging_car",
    "suits_charging_truck",
    "suits_charging_bus",
)
# Which type suits what; own assumption (C) in line with the types of the facility files.
SUITS: Final[Mapping[str, tuple[int, int, int, int]]] = {
    "petrol_cluster": (1, 1, 1, 0),
    "expressway_service_area": (1, 1, 1, 0),
    "expressway_interchange": (1, 1, 1, 0),
    "logistics_hub": (1, 1, 1, 0),
    "industrial_park": (1, 1, 1, 0),
    "port_gate": (1, 0, 1, 0),
    "bus_depot": (1, 0, 0, 1),
    "public_parking": (0, 1, 0, 0),
}
_PRIVATE: Final = ("no", "permit", "private")
_GARAGES: Final = ("multi-storey", "underground")  # large whatever is drawn of them
_PARK_TYPES: Final = {"park": "industrial_park", "logistics": "logistics_hub"}
_HALVES_OF_A_STOP: Final = ("platform", "stop_position")


def candidate_type(tags: Tags) -> str:
    """Return the type of candidate an object is by its own tags, "" for none."""
    amenity = tags.get("amenity", "")
    if amenity == "fuel":
        return "petrol_cluster"
    if tags.get("highway") in {"services", "rest_area"}:
        return "expressway_service_area"
    if tags.get("highway") == "motorway_junction":
        return "expressway_interchange"
    is_depot = amenity in {"bus_garage", "bus_station"} or tags.get("landuse") == "depot"
    if is_depot and tags.get("public_transport") not in _HALVES_OF_A_STOP:
        return "bus_depot"
    if amenity == "parking" and tags.get("access") not in _PRIVATE:
        return "public_parking"
    return ""


def draw_candidates(city: City) -> Drawn:
    """Return candidates of every type.

    Fuel stations stay one row an object of OSM; a twin within 100 m is told in ``note``. The exits of
    an interchange become one candidate, car parks count from a stated size on, industrial areas,
    logistics and ports are represented by a point inside them. ``land_m2`` is the area drawn in OSM,
    empty where that is no plot (a node, a roof, a whole park).
    """
    groups: dict[str, list[OsmObject]] = {name: [] for name in SUITS}
    for item in city.held([item for item in city.found.objects if candidate_type(item.tags)]):
        groups[candidate_type(item.tags)].append(item)
    small = len(groups["public_parking"])
    groups["public_parking"] = _large_parking(city, groups["public_parking"])
    small -= len(groups["public_parking"])
    groups["expressway_service_area"] = _near_expressway(city, groups["expressway_service_area"])
    rows = _fuel_rows(city, groups.pop("petrol_cluster"))
    rows += _interchange_rows(city, groups.pop("expressway_interchange"))
    for kind, items in groups.items():
        land = city.areas_m2(item.shape for item in items)
        rows += [(item, _row(item, kind, area)) for item, area in zip(items, land, strict=True)]
    own = {item.id for item, _ in rows}
    rows += [(item, row) for item, row in _area_rows(city) if item.id not in own]
    note = f"{small} car parks too small or of unknown size left out" if small else ""
    why = "no place of any candidate type in the file"
    return city.told(city.points(rows), candidate_type, why, note)


def _row(item: OsmObject, kind: str, area_m2: float, note: str = "") -> Row:
    is_plot = area_m2 > 0 and item.tags.get("building", "no") == "no"
    land: Row = {"land_m2": round(area_m2)} if is_plot else {}
    flags = dict(zip(_FLAGS, SUITS[kind], strict=True))
    if is_hydrogen(item.tags):
        flags["suits_hydrogen"] = 0  # it is one already
    return {"type": kind, **flags, **land, "note": note}


def _large_parking(city: City, items: list[OsmObject]) -> list[OsmObject]:
    areas = city.areas_m2(item.shape for item in items)
    return [
        item
        for item, area in zip(items, areas, strict=True)
        if area >= PARKING_MIN_M2
        or count(item.tags.get("capacity", "")) >= PARKING_MIN_SPACES
        or item.tags.get("parking") in _GARAGES
    ]


def _near_expressway(city: City, items: list[OsmObject]) -> list[OsmObject]:
    if not items or not city.has_roads:
        return items
    is_expressway = city.roads[1]["highway"].isin(_EXPRESSWAYS).to_numpy()
    roads = shapely.STRtree(city.roads_metric[is_expressway])
    places = shapely.make_valid(city.to_metric(item.shape for item in items))
    near = set(roads.query(places, "dwithin", distance=SERVICE_TO_EXPRESSWAY_M)[0].tolist())
    return [item for index, item in enumerate(items) if index in near]


def _fuel_rows(city: City, items: list[OsmObject]) -> list[tuple[OsmObject, Row]]:
    places = city.to_metric(shapely.centroid(as_shapes(item.shape for item in items)))
    twins = neighbours(places, TWIN_M)
    rows = []
    for index, (item, area) in enumerate(
        zip(items, city.areas_m2(item.shape for item in items), strict=True)
    ):
        note = ""
        if index in twins:
            twin, metres = twins[index]
            note = f"{items[twin].id} is {metres:.0f} m away: one site with two entrances, or mapped twice"
        rows.append((item, _row(item, "petrol_cluster", area, note)))
    return rows


def _interchange_rows(city: City, items: list[OsmObject]) -> list[tuple[OsmObject, Row]]:
    """Return one row a group of exits; it stands for the exits that have no plot of land yet."""
    places = city.to_metric(item.shape for item in items)
    groups = leaders(places, INTERCHANGE_M)
    sizes = np.bincount(groups, minlength=len(items))
    rows: list[tuple[OsmObject, Row]] = []
    for index in np.unique(groups).tolist():
        row = _row(
            items[index], "expressway_interchange", 0.0, f"exits of motorways: {sizes[index]}"
        )
        rows.append((items[index], {**row, "confidence": "C", "uncertainty_m": INTERCHANGE_M}))
    return rows


def _area_rows(city: City) -> list[tuple[OsmObject, Row]]:
    """Return rows for the parks and ports: a place somewhere in them, no plot."""
    by_id = {item.id: item for item in city.found.objects}
    chosen = [
        (item, _PARK_TYPES[park_type(item.tags)])
        for item in parks_of(city)[0]
        if park_type(item.tags) in _PARK_TYPES
    ]
    ports = draw_ports(city).cells
    chosen += [(by_id[name], "port_gate") for name in ports.get("id", [])]
    note = "a place within the area; the plot is still to be found"
    return [(item, {**_row(item, kind, 0.0, note), "confidence": "C"}) for item, kind in chosen]
