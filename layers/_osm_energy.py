"""Energy from OSM: substations by voltage, power plants, charging and hydrogen stations in service."""

from typing import Final

import numpy as np
import shapely

from layers._osm_city import City, Drawn, Row, as_shapes
from layers._osm_objects import OsmObject, Tags
from layers._osm_tags import count, power_mw, voltage_kv

# A substation counts by its highest voltage; classes of China's grid with what stands near them
# elsewhere: 380-765 kV, 200-345 kV, 60-154 kV, and the rest of medium voltage.
SUBSTATION_STEPS_KV: Final = (
    (380.0, "substation_500"),
    (200.0, "substation_220"),
    (60.0, "substation_110"),
    (0.0, "substation_mv"),
)
SUBSTATION_UNKNOWN: Final = "substation_unknown"
GENERATOR_MIN_MW: Final = 1.0
# What a public charging point gives a day: about 2 h at 20 kW (own assumption, C).
KWH_PER_POINT_DAY: Final = 40.0

_SUBSTATIONS: Final = ("substation", "sub_station", "station")
_MEDIUM_VOLTAGE: Final = ("distribution", "minor_distribution", "industrial", "traction")
_HYDROGEN_KEYS: Final = (
    "fuel:h2",
    "fuel:hydrogen",
    "fuel:H35",
    "fuel:H70",
    "fuel:GH2",
    "fuel:LH2",
)
_GREEN: Final = ("solar", "wind")


def is_hydrogen(tags: Tags) -> bool:
    """Tell whether a fuel station sells hydrogen."""
    return tags.get("amenity") == "fuel" and any(tags.get(key) == "yes" for key in _HYDROGEN_KEYS)


def substation_type(tags: Tags) -> str:
    """Return the type of a substation by its highest voltage, or by what else is said of it."""
    kv = voltage_kv(tags)
    if np.isnan(kv):
        kind = tags.get("substation", "")
        return "substation_mv" if kind in _MEDIUM_VOLTAGE else SUBSTATION_UNKNOWN
    return next(name for least, name in SUBSTATION_STEPS_KV if kv >= least)


def draw_energy(city: City) -> Drawn:
    """Return energy places; capacities only where OSM states them, in the row's ``unit``."""
    found = [(item, _row(item.tags)) for item in city.found.objects]
    rows = [(item, row) for item, row in found if row]
    drawn = city.points(_outside_plants(rows))
    note = (
        "capacities of substations are not in OSM; a charging point counts "
        f"{KWH_PER_POINT_DAY:g} kWh/day (own assumption, C)"
    )
    why = "no substation, power plant, charging or hydrogen station in the file"
    return city.told(drawn, _row, why, note)


def _row(tags: Tags) -> Row:
    """Return the columns of an energy place; empty for what is none."""
    power = tags.get("power", "")
    if is_hydrogen(tags):
        return _energy("h2_station", float("nan"), "kg/day")
    if tags.get("amenity") == "charging_station":
        points = count(tags.get("capacity", ""))
        note = f"{points:g} points x {KWH_PER_POINT_DAY:g} kWh/day (own assumption)"
        row = _energy("charging_station", points * KWH_PER_POINT_DAY, "kWh/day")
        return row if np.isnan(points) else {**row, "note": note, "confidence": "C"}
    if power in _SUBSTATIONS:
        kv = voltage_kv(tags)
        note = "voltage not stated" if np.isnan(kv) else f"{kv:g} kV"
        return {**_energy(substation_type(tags), float("nan"), "MVA"), "note": note}
    return _plant(tags) if power in {"plant", "generator"} else {}


def _plant(tags: Tags) -> Row:
    power = tags["power"]
    mw = power_mw(tags.get(f"{power}:output:electricity", ""))
    if power == "generator" and not mw >= GENERATOR_MIN_MW:  # a roof's panels, or nobody knows
        return {}
    source = tags.get(f"{power}:source", "")
    kind = "wind_pv" if source in _GREEN else "power_plant"
    return {**_energy(kind, mw, "MW"), "note": source}


def _energy(kind: str, capacity: float, unit: str) -> Row:
    return {"type": kind, "capacity": capacity, "unit": unit, "status": "existing"}


def _outside_plants(rows: list[tuple[OsmObject, Row]]) -> list[tuple[OsmObject, Row]]:
    """Leave out the generators within the area of a plant: the plant counts them."""
    plants = [item.shape for item, _ in rows if item.tags.get("power") == "plant"]
    if not plants:
        return rows
    tree = shapely.STRtree(shapely.make_valid(as_shapes(plants)))
    places = shapely.point_on_surface(
        shapely.make_valid(as_shapes(item.shape for item, _ in rows))
    )
    covered = set(tree.query(places, "within")[0].tolist())
    return [
        (item, row)
        for index, (item, row) in enumerate(rows)
        if not (item.tags.get("power") == "generator" and index in covered)
    ]
