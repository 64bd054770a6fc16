"""What the tags of a way mean to traffic: direction, who may use it, and how fast it is driven."""

import re
from collections.abc import Mapping
from typing import Final

from layers._osm_tags import names_of
from siting.units import KG_PER_TONNE

DRIVABLE: Final[Mapping[str, float]] = {
    "motorway": 90.0,
    "motorway_link": 45.0,
    "trunk": 85.0,
    "trunk_link": 40.0,
    "primary": 65.0,
    "primary_link": 30.0,
    "secondary": 55.0,
    "secondary_link": 25.0,
    "tertiary": 40.0,
    "tertiary_link": 20.0,
    "unclassified": 25.0,
    "residential": 25.0,
    "living_street": 10.0,
    "service": 15.0,
    "road": 25.0,
}
"""Values of ``highway`` that cars drive, with the km/h of free flow where no limit is tagged.

Source: the car profile of OSRM (its default speeds); ``road`` as ``unclassified``, own assumption.
"""

_WEIGHTS: Final = ("maxweight", "maxweightrating", "maxweightrating:hgv")
# Compressed hydrogen (UN 1049, code B/D) may in tanks pass tunnels of category A only (ADR 8.6.4).
_TUNNEL_CATEGORIES: Final = ("hazmat:B", "hazmat:C", "hazmat:D", "hazmat:E")

KEYS: Final = frozenset(
    (
        *("highway", "oneway", "junction", "access", "vehicle", "motor_vehicle", "motorcar"),
        *(
            "hgv",
            "goods",
            "hazmat",
            *_TUNNEL_CATEGORIES,
            *_WEIGHTS,
            "maxheight",
            "maxwidth",
            "maxspeed",
            "bridge",
            "tunnel",
            "toll",
        ),
        *("name", "name:zh", "name:zh-Hans", "name:zh-Hant", "name:en", "int_name", "ref"),
    )
)
"""The tags that are kept of a way."""

_SHUT: Final = frozenset({"no", "private"})
_CLOSED: Final = frozenset({"no", "private", "agricultural", "forestry", "emergency", "military"})
_LIMITED: Final = frozenset(
    {"destination", "delivery", "permit", "customers", "residents", "discouraged", "unsuitable"}
)
_OPEN: Final = frozenset({"yes", "designated", "official", "permissive"})
# Free flow stays below a limit that is tagged; the share is OSRM's (its ``speed_reduction``).
_OF_LIMIT: Final = 0.8
_KMH_PER_MPH: Final = 1.609344
_KMH_PER_KNOT: Final = 1.852
# Implied limits (km/h) of the values that name a kind of place; they differ between countries by
# some 20 km/h, which the report's confidence C covers.
_IMPLIED: Final = {"walk": 5.0, "living_street": 10.0, "urban": 50.0, "rural": 90.0,
                   "trunk": 100.0, "motorway": 120.0, "none": 130.0,
                   "nsl_single": 96.6, "nsl_dual": 112.7, "nsl_restricted": 48.3}  # fmt: skip
_FASTEST_KMH: Final = 160.0  # no road of the world has a higher limit; what is above was mistyped
_SPEED: Final = re.compile(r"(?:zone:?)?(\d{1,3}(?:\.\d+)?)\s*(mph|km/h|kmh|kph|knots)?")
_AMOUNT: Final = re.compile(r"(\d{1,5}(?:[.,]\d+)?)\s*(t|m|kg)?")
_FEET: Final = re.compile(r"(\d{1,2})\s*(?:'|ft)\s*(?:(\d{1,2})\s*(?:\"|in)?)?")
_M_PER_FOOT: Final = 0.3048
_INCHES_PER_FOOT: Final = 12
# A laden articulated lorry: 4.0 m high in Europe and in China (GB 1589-2016, 4.1.1), 40 t in Europe
# (Directive 96/53/EC), 2.55 m wide in both; below 12 t not even a rigid lorry may pass.
_LORRY_HEIGHT_M, _LORRY_WIDTH_M, _LORRY_T, _RIGID_T = 4.0, 2.55, 40.0, 12.0

Tags = Mapping[str, str]


def is_drivable(tags: Tags) -> bool:
    """Tell whether a way is a road that cars may drive: by its class, and not closed by ``access``."""
    return tags.get("highway") in DRIVABLE and tags.get("access") not in _SHUT


def direction(tags: Tags) -> int:
    """Return 1 for one-way along the way, −1 for one-way against it, 0 for both ways."""
    oneway = tags.get("oneway", "")
    if oneway in {"-1", "reverse"}:
        return -1
    if tags.get("junction") in {"roundabout", "circular"} or oneway in {"yes", "1", "true"}:
        return 1
    is_implied = tags["highway"] in {"motorway", "motorway_link"}
    return 1 if is_implied and oneway == "" else 0


def free_flow_kmh(tags: Tags) -> float:
    """Return the speed of free flow: a share of the limit where one is tagged, else by class."""
    limits = [_limit(part) for part in tags.get("maxspeed", "").split(";")]
    known = [limit for limit in limits if limit is not None]
    if known:
        return max(_OF_LIMIT * min(known), 1.0)
    return DRIVABLE[tags["highway"]]


def motor_vehicle(tags: Tags) -> str:
    """Return yes, restricted or no for cars; the most particular tag decides."""
    return _may(tags, ("motorcar", "motor_vehicle", "vehicle", "access")) or "yes"


def hgv(tags: Tags) -> str:
    """Return yes, restricted or no for heavy lorries, posted weight and height considered."""
    keys = ("hgv", "goods", "motor_vehicle", "vehicle", "access")
    told = _may(tags, keys) or "yes"
    weight = min(_amount(tags.get(key, "")) for key in _WEIGHTS)
    height, width = (_amount(tags.get(key, "")) for key in ("maxheight", "maxwidth"))
    is_too_large = height < _LORRY_HEIGHT_M or width < _LORRY_WIDTH_M
    if told == "no" or weight < _RIGID_T or is_too_large:
        return "no"
    return "restricted" if weight < _LORRY_T else told


def hazmat(tags: Tags) -> str:
    """Return yes, restricted or no for dangerous goods, hydrogen in tunnels considered; or nothing."""
    is_shut = any(tags.get(key) in _CLOSED for key in _TUNNEL_CATEGORIES)
    return "no" if is_shut else _may(tags, ("hazmat",))


def describe(tags: Tags) -> dict[str, object]:
    """Return the columns of ``road_edges`` that tags decide."""
    name_zh, name_en = names_of({key: tags[key] for key in tags if key != "ref"})
    tunnel = tags.get("tunnel", "")
    return {
        "ref": tags.get("ref", ""),
        "name_zh": name_zh,
        "name_en": name_en,
        "highway": tags["highway"],
        "oneway": int(direction(tags) != 0),
        "free_flow_kmh": free_flow_kmh(tags),
        "motor_vehicle": motor_vehicle(tags),
        "hgv": hgv(tags),
        "hazmat": hazmat(tags),
        "bridge": _structure(tags.get("bridge", "")),
        "tunnel": "" if tunnel in {"building_passage", "culvert"} else _structure(tunnel),
        "ferry": "",
        "toll": tags["toll"] if tags.get("toll") in {"yes", "no"} else "",
    }


def closes(tags: Tags) -> bool:
    """Tell whether the barrier at a node keeps motor vehicles out."""
    kind = tags.get("barrier", "")
    told = _may(tags, ("motorcar", "motor_vehicle", "vehicle", "access"))
    if told:
        return told == "no"
    return kind in {
        "bollard",
        "block",
        "jersey_barrier",
        "log",
        "debris",
        "planter",
        "cycle_barrier",
    }


def _may(tags: Tags, keys: tuple[str, ...]) -> str:
    """Return what the first of these tags says: yes, restricted, no, or nothing.

    Of several values (``destination;delivery``) the one that allows most counts.
    """
    grades = ((_OPEN, "yes"), (_LIMITED, "restricted"), (_CLOSED, "no"))
    for key in keys:
        values = {value.strip() for value in tags.get(key, "").split(";")}
        for words, grade in grades:
            if values & words:
                return grade
    return ""


def _limit(text: str) -> float | None:
    """Return a speed limit in km/h, None where the text states none."""
    text = text.strip().lower().rpartition(":")[2]
    found = _SPEED.fullmatch(text)
    if found is None:
        return _IMPLIED.get(text)
    factor = {"mph": _KMH_PER_MPH, "knots": _KMH_PER_KNOT}.get(found[2] or "", 1.0)
    kmh = float(found[1]) * factor
    return kmh if 0 < kmh <= _FASTEST_KMH else None


def _amount(text: str) -> float:
    """Return a weight in tonnes or a size in metres; without one, no limit."""
    text = text.strip().lower()
    if feet := _FEET.fullmatch(text):
        return (int(feet[1]) + int(feet[2] or 0) / _INCHES_PER_FOOT) * _M_PER_FOOT
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return float("inf")
    amount = float(found[1].replace(",", "."))
    return amount / KG_PER_TONNE if found[2] == "kg" else amount


def _structure(value: str) -> str:
    return "" if value == "no" else value
