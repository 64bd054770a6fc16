"""Columns, units and ranges of every layer a study may bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

Dtype: TypeAlias = Literal["text", "number", "integer", "flag"]
GeometryKind: TypeAlias = Literal["point", "line", "polygon", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: meaning of its values, not of its storage.

    ``required`` columns must be there; ``filled`` ones must have a value in every row.
    Bounds are inclusive, in ``unit``. A ``flag`` is 0 or 1.
    """

    name: str
    dtype: Dtype = "text"
    unit: str = ""
    required: bool = True
    filled: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSchema:
    """What a layer of one kind must look like. ``id`` is unique and filled in every kind."""

    kind: str
    geometry: GeometryKind
    columns: tuple[Column, ...]
    about: str

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in their order."""
        return tuple(column.name for column in self.columns)


def _text(name: str, *, filled: bool = False, required: bool = True) -> Column:
    return Column(name=name, filled=filled, required=required)


def _number(
    name: str, unit: str, *, low: float | None = 0.0, filled: bool = False, required: bool = True
) -> Column:
    return Column(
        name=name, dtype="number", unit=unit, minimum=low, filled=filled, required=required
    )


def _flag(name: str) -> Column:
    return Column(name=name, dtype="flag", minimum=0, maximum=1, filled=True)


_ID = _text("id", filled=True)
_NAMED = (_ID, _text("name_zh", required=False), _text("name_en", required=False))
_TRUST = (
    Column(name="confidence", required=False, choices=("A", "B", "C")),
    _number("uncertainty_m", "m", required=False),
    _text("source", required=False),
    _text("note", required=False),
)
# How a figure of the plan is found: a measure, the facility type, what of it, and the factor to the row's unit.
_MEASURED = (
    _text("measure", required=False),
    _text("facility", required=False),
    _text("measure_of", required=False),
    _number("measure_factor", "row's unit per unit of the measure", required=False),
)
_YES_NO = ("yes", "restricted", "no")
_TURNS = (
    *("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit"),
    *("only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn"),
)


def _layer(kind: str, geometry: GeometryKind, about: str, *columns: Column) -> LayerSchema:
    return LayerSchema(kind=kind, geometry=geometry, columns=(*columns, *_TRUST), about=about)


_LAYERS = (
    _layer("road_nodes", "point", "junctions and ends of the road graph", *_NAMED, _text("kind")),
    _layer(
        "road_edges",
        "line",
        "roads between two nodes",
        _ID,
        _text("from_id", filled=True),
        _text("to_id", filled=True),
        _text("ref"),
        _text("name_zh"),
        _text("name_en"),
        _text("highway", filled=True),
        _flag("oneway"),
        _number("free_flow_kmh", "km/h", low=1.0, filled=True),
        _number("length_km", "km", filled=True),
        Column(name="motor_vehicle", choices=_YES_NO, required=False),
        Column(name="hgv", choices=_YES_NO, required=False),
        Column(name="hazmat", choices=_YES_NO, required=False),
        _text("bridge", required=False),
        _text("tunnel", required=False),
        _text("ferry", required=False),
        Column(name="toll", choices=("yes", "no"), required=False),
    ),
    _layer(
        "turn_restrictions",
        "none",
        "turns that may not, or alone may, be taken at a node of the road graph",
        _ID,
        _text("from_edge", filled=True),
        _text("via_node", filled=True),
        _text("to_edge", filled=True),
        Column(name="restriction", choices=_TURNS, filled=True),
        _text("except", required=False),
    ),
    _layer(
        "candidates",
        "point",
        "places where a facility may stand",
        *_NAMED,
        _text("type", filled=True),
        _number("land_m2", "m²", required=False),
        _flag("suits_hydrogen"),
        _flag("suits_charging_car"),
        _flag("suits_charging_truck"),
        _flag("suits_charging_bus"),
    ),
    _layer(
        "townships",
        "point",
        "where people live",
        *_NAMED,
        _text("district", required=False),  # empty: the one it lies in
        _number("population", "persons", filled=True),
        # Where nobody counted, population is a proxy in proportion to the length of homes' streets.
        Column(name="basis", choices=("census", "raster", "road_length"), required=False),
    ),
    _layer("districts", "polygon", "administrative districts", *_NAMED),
    _layer("land", "polygon", "land against sea", *_NAMED),
    _layer("coastline", "line", "the coast", *_NAMED),
    _layer("water", "polygon", "lakes, rivers and basins", *_NAMED),
    _layer("permanent_farmland", "polygon", "permanent basic farmland (永久基本农田)", *_NAMED),
    _layer("ecological_redline", "polygon", "ecological redline (生态保护红线)", *_NAMED),
    _layer("growth_boundary", "polygon", "urban growth boundary (城镇开发边界)", *_NAMED),
    _layer("public_buildings", "polygon", "schools, hospitals and the like", *_NAMED),
    _layer("railways", "line", "railways above ground", *_NAMED),
    _layer(
        "power_lines",
        "line",
        "overhead power lines",
        *_NAMED,
        _number("voltage_kv", "kV", required=False),
    ),
    _layer(
        "protected",
        "polygon",
        "nature, forest and drinking-water protection",
        *_NAMED,
        _text("kind", filled=True),
        Column(name="constraint", choices=("hard", "soft"), filled=True),
    ),
    _layer("ports", "point", "port areas", *_NAMED, _text("role", required=False)),
    _layer(
        "berths",
        "point",
        "berths or groups of like berths",
        *_NAMED,
        _text("port_area", filled=True),
        _text("cargo", filled=True),
        _text("ship_class", filled=True),
        _number("tonnage_class_t", "t"),
        _number("berths", "berths", low=1, filled=True),
        _number("calls_per_year", "calls/yr", filled=True),
        _number("berth_hours", "h/call", filled=True),
        _number("avg_aux_load_kw", "kW", filled=True),
        Column(name="shore_power", choices=("HV", "LV", "none", "unknown"), filled=True),
        Column(name="exempt", choices=("yes", "no"), filled=True),
    ),
    _layer(
        "airport_stands",
        "point",
        "groups of like aircraft stands with a passenger bridge",
        *_NAMED,
        _text("airport", required=False),
        _text("aircraft_class", filled=True),
        _number("stands", "stands", low=1, filled=True),
        _number("turns_per_day", "turnarounds a stand and day", filled=True),
        Column(name="bridge_power", choices=("yes", "none", "unknown"), filled=True),
    ),
    _layer(
        "parks",
        "point",
        "industrial parks, logistics hubs, intermodal nodes",
        *_NAMED,
        _text("type", filled=True),
        Column(name="freight_intensity", choices=("H", "M", "L"), filled=True),
        _text("plan_item", required=False),
    ),
    _layer(
        "energy",
        "point",
        "substations, hydrogen sources and stations, power plants",
        *_NAMED,
        _text("type", filled=True),
        _number("capacity", "see unit"),
        _text("unit"),
        _text("status"),
    ),
    _layer(
        "gateways",
        "point",
        "where trunk roads leave the study area",
        *_NAMED,
        Column(
            name="truck_share", dtype="number", unit="share", minimum=0, maximum=1, filled=True
        ),
    ),
    _layer(
        "targets",
        "none",
        "figures of the city's plan",
        *_NAMED,
        _text("plan_item"),
        _number("value", "see unit"),
        _text("unit"),
        Column(name="year", dtype="integer", required=False),
        _number("now_value", "see unit", required=False),
        _text("now_year", required=False),
        _text("status", required=False),
        _text("origin", required=False),
        # Whether more is better (empty: more), and how the plan is held against it.
        Column(name="better", choices=("max", "min"), required=False),
        *_MEASURED,
        _text("how_zh", required=False),
        _text("how_en", required=False),
    ),
    _layer(
        "published",
        "none",
        "published figures that a plan is held against",
        *_NAMED,
        _number("value", "see unit", low=None),
        _text("unit"),
        Column(name="year", dtype="integer", required=False),
        *_MEASURED,
        _text("why_zh", required=False),
        _text("why_en", required=False),
    ),
)

LAYERS: Mapping[str, LayerSchema] = MappingProxyType({layer.kind: layer for layer in _LAYERS})
"""Every layer kind a study may bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSchema:
    """What the cells of a raster of one kind hold; bounds are inclusive, in ``unit``."""

    kind: str
    unit: str
    about: str
    minimum: float | None = None
    maximum: float | None = None


_GRIDS = (
    GridSchema(
        kind="population", unit="persons/cell", about="persons counted in the cell", minimum=0.0
    ),
    GridSchema(
        kind="population_density", unit="persons/km²", about="persons per area", minimum=0.0
    ),
    GridSchema(
        kind="elevation",
        unit="m",
        about="height of the ground above the sea",
        minimum=-500.0,
        maximum=9000.0,
    ),
    GridSchema(kind="land_cover", unit="class", about="code of the land cover", minimum=0.0),
)

GRIDS: Mapping[str, GridSchema] = MappingProxyType({grid.kind: grid for grid in _GRIDS})
"""Every kind of raster a study may bring."""
