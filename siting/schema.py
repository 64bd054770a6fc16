"""Columns, units and ranges of every frame: what layers must bring and what a result holds."""

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
_NAMED = (_ID, _text("name_zh"), _text("name_en"))
_TRUST = (
    Column(name="confidence", required=False, choices=("A", "B", "C")),
    _number("uncertainty_m", "m", required=False),
    _text("source", required=False),
    _text("note", required=False),
)
_YES_NO = ("yes", "restricted", "no")


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
        Column(name="hgv", choices=_YES_NO, required=False),
        Column(name="hazmat", choices=_YES_NO, required=False),
        _text("bridge", required=False),
        _text("tunnel", required=False),
        _text("ferry", required=False),
        Column(name="toll", choices=("yes", "no"), required=False),
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
        _text("district", filled=True),
        _number("population", "persons", filled=True),
    ),
    _layer("districts", "polygon", "administrative districts", *_NAMED),
    _layer("land", "polygon", "land against sea", *_NAMED),
    _layer("coastline", "line", "the coast", *_NAMED),
    _layer(
        "protected",
        "polygon",
        "nature, forest and drinking-water protection",
        *_NAMED,
        _text("kind", filled=True),
        Column(name="constraint", choices=("hard", "soft"), filled=True),
    ),
    _layer("ports", "point", "port areas", *_NAMED, _text("role")),
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
    ),
)

LAYERS: Mapping[str, LayerSchema] = MappingProxyType({layer.kind: layer for layer in _LAYERS})
"""Every layer kind a study may bring."""

SCHEMA_VERSION = 2
"""Version of the stored result; raised when a frame below changes meaning."""

RESULT_FRAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # One row per (facility, candidate_id), sorted by both. score in [0, 1] or NaN; rank counts
        # from 1 among the candidates that no rule excludes; access_m is the straight leg to the road.
        # rank_p05 … rank_p95 holds 90 % of the ranks under other weights (and inputs, where drawn);
        # top_n_share is how often the rank is at most the number of sites planned. NaN: not ranked.
        "candidates": (
            "facility",
            "candidate_id",
            "name_zh",
            "name_en",
            "type",
            "district",
            "confidence",
            "uncertainty_m",
            "access_m",
            "is_excluded",
            "is_chosen",
            "score",
            "rank",
            "rank_p05",
            "rank_p95",
            "top_n_share",
            "geometry",
        ),
        # One row per (facility, candidate_id, criterion). raw in the criterion's unit, value in
        # [0, 1] with 1 best, contribution = weight x value; contributions add up to the score.
        "criteria": (
            "facility",
            "candidate_id",
            "criterion",
            "raw",
            "value",
            "weight",
            "contribution",
        ),
        # One row per (facility, candidate_id, rule). margin_m > 0 clears the rule, NaN has no metres.
        "rules": ("facility", "candidate_id", "rule", "outcome", "margin_m"),
        # One row per (facility, candidate_id, method), ranked candidates only: the same values and
        # weights combined in other ways. Scores of different methods are on different scales.
        "methods": ("facility", "candidate_id", "method", "score", "rank"),
        # One row per (facility, method): rank correlation with the plan's own score, and the share
        # of its top N that the method has in its own.
        "agreement": ("facility", "method", "spearman", "kendall", "top_n_share"),
        # One row per (facility, criterion): the range of the weight, the others in proportion, in
        # which the first place and the top N stay (NaN: to the end of [0, 1]), who takes the first
        # place beyond it, and the first-order index of the weight on the ranking.
        "stability": (
            *("facility", "criterion", "weight", "first_low", "first_high"),
            *("below_id", "above_id", "top_low", "top_high", "first_order"),
        ),
        # One row per pair of the 200 best ranked, candidate_id before rival_id in rank: share of
        # the draws in which it comes first.
        "rivals": ("facility", "candidate_id", "rival_id", "beats_share"),
        # Sentences on a candidate: side is for, against or pass (what would have to change to pass
        # the next better site), place counts from 1 for the strongest.
        "reasons": ("facility", "candidate_id", "side", "place", "criterion", "zh", "en"),
        # One row per (facility, demand_id). demand_* in the facility's demand unit for the three
        # cases; existing_served is what present stations take; demand is what is left to plan for.
        "demand": (
            "facility",
            "demand_id",
            "name_zh",
            "name_en",
            "kind",
            "district",
            "demand_low",
            "demand_base",
            "demand_high",
            "existing_served",
            "demand",
            "is_covered",
            "access_m",
            "geometry",
        ),
        # One row per chosen site, sorted by (facility, candidate_id).
        # demand_served and demand_share (of all demand) of the demand allocated to it.
        "sites": (
            "facility",
            "candidate_id",
            "name_zh",
            "name_en",
            "type",
            "district",
            "score",
            "rank",
            "demand_served",
            "demand_share",
            "demand_points",
            "mean_time_min",
            "cost_mcny",
            "power_mva",
            "geometry",
        ),
        # One row per demand point and site that serves it; the line follows the roads.
        "allocation": (
            "facility",
            "demand_id",
            "candidate_id",
            "time_min",
            "distance_km",
            "demand",
            "geometry",
        ),
        # One polygon per chosen site that others travel to: roads reached within limit_min, buffered by the access distance.
        "service_areas": ("facility", "candidate_id", "limit_min", "area_km2", "geometry"),
    }
)
"""Columns of every frame of a ``Result``, in order."""
