"""What is asked: a study, every default filled in; nothing that is measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from siting.model.facility import Assumption, FacilitySpec, SourcedTable
from siting.model.words import Label, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpec:
    """Where a layer comes from and what its owner says of it.

    ``path`` is a resolved file, or the address of a database with what it takes to log in;
    ``reference`` is the same as the user wrote it, free of machine paths and of passwords.
    ``layer`` is the layer, sheet or table inside; ``encoding`` that of text which does not say.
    ``crs`` overrides nothing: it names the CRS of files that cannot carry one (CSV), or GCJ-02 and
    BD-09, which no file can carry. ``columns`` maps our column names to the file's. ``boundary`` is
    the file of the polygon to which places from OSM are cut. ``date`` is the day of the data.
    """

    kind: str
    path: str = field(repr=False)
    reference: str
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    boundary: str | None = None
    licence: str = ""
    attribution: str = ""
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSpec:
    """Where a raster comes from; ``crs`` and ``nodata`` only for files that do not carry them."""

    kind: str
    path: str = field(repr=False)
    reference: str
    band: int = 1
    crs: str | None = None
    nodata: float | None = None
    licence: str = ""
    attribution: str = ""
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLeg:
    """The way from a place to the road network.

    ``detour_ratio`` ≥ 1 turns the straight line to the road into a length; a place farther than
    ``max_distance_m`` (straight) from every road it may use is a problem, not a guess.
    """

    speed_kmh: float
    detour_ratio: float
    max_distance_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleProfile:
    """What a vehicle may drive on and how fast.

    ``banned`` maps an edge column to the values that close the edge; ``warned`` to those that are
    driven with a notice. Speeds are the edge's free flow capped by ``max_speed_kmh`` of its class.
    ``vehicle_classes`` says what it is in OpenStreetMap's words (``hgv``, ``bus``, ``psv`` …): turn
    restrictions that except one of them do not bind it.
    """

    key: str
    label: Label
    max_speed_kmh: Mapping[str, float]
    default_max_speed_kmh: float
    banned: Mapping[str, tuple[str, ...]]
    warned: Mapping[str, tuple[str, ...]]
    source: str
    confidence: str
    vehicle_classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverSettings:
    """Limits of a solve: wall seconds and relative gap that counts as optimal."""

    time_limit_s: float
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CertaintySettings:
    """How the certainty of the ranks is found.

    ``weight_draws`` weights are drawn around the given ones (a weight w varies by
    √(w (1 − w) / (weight_concentration + 1)), one standard deviation); with ``input_draws`` above 0
    positions and demand are drawn too, and every such draw measures the criteria again.
    """

    weight_draws: int = 10_000
    weight_concentration: float = 50.0
    input_draws: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOutSpec:
    """When what may be built: one entry a period, in order.

    ``budget_mcny`` is for all facility types together and adds up: what a period leaves is there in
    the next. ``demand_share`` is the part of the planned demand that is there in a period, (0, 1],
    never falling. ``worth`` weighs the types' shares of demand served (not named: 1).
    """

    years: tuple[int, ...]
    budget_mcny: tuple[float, ...]
    demand_share: tuple[float, ...]
    worth: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    confidence: str = "C"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Everything that is asked, every default filled in; nothing that is measured.

    ``missing_data`` says what becomes of a criterion or rule without data: the run is refused, or it
    goes on without it and says so. ``left_out`` tells why a facility type is not planned. ``roles``
    are those of single candidates by facility type; who is not named may be chosen. ``assumptions``
    and ``tables`` (prices, factors of emission …) hold for every facility type that brings no own.
    ``roll_out`` is None where nothing is said of years.
    """

    name: str
    title: Label
    crs: str
    edition: str
    seed: int
    layers: Mapping[str, LayerSpec]
    access: AccessLeg
    service_area_buffer_m: float
    profiles: Mapping[str, VehicleProfile]
    facilities: tuple[FacilitySpec, ...]
    solver: SolverSettings
    notice: Label
    sources: Mapping[str, str]
    certainty: CertaintySettings = CertaintySettings()
    grids: Mapping[str, GridSpec] = field(default_factory=dict)
    missing_data: Literal["refuse", "leave_out"] = "refuse"
    left_out: Mapping[str, Label] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, Role]] = field(default_factory=dict)
    assumptions: Mapping[str, Assumption] = field(default_factory=dict)
    tables: Mapping[str, SourcedTable] = field(default_factory=dict)
    roll_out: RollOutSpec | None = None
