"""The records that travel between the stages.

A run is ``Study + Inputs → Result``. Records are frozen; frames inside them follow ``siting.schema``
and are in the working CRS (metres) unless said otherwise. Nobody changes a frame that was handed over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Progress: TypeAlias = Callable[[float, str], None]
Scalar: TypeAlias = str | int | float | bool
FloatSeries: TypeAlias = "pd.Series[float]"
Where: TypeAlias = Mapping[str, tuple[Scalar, ...]]


class Direction(StrEnum):
    """Whether more of a criterion is better."""

    MAX = "max"
    MIN = "min"


class RuleOutcome(StrEnum):
    """What a siting rule says of a candidate."""

    PASS = "pass"
    FAIL = "fail"
    SURVEY = "survey"  # passes on the map, but by less than the position is certain


class SolveStatus(StrEnum):
    """How a solve ended."""

    OPTIMAL = "optimal"  # proven: no plan is better by more than the gap asked for
    TIME_LIMIT = "time_limit"  # best plan so far, with its bound; exempt from reproducibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The same words in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpec:
    """Where a layer comes from and what its owner says of it.

    ``path`` is resolved; ``reference`` is the same as the user wrote it, free of machine paths.
    ``crs`` overrides nothing: it names the CRS of files that cannot carry one (CSV).
    ``columns`` maps our column names to the file's.
    """

    kind: str
    path: str
    reference: str
    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    attribution: str = ""


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
    """

    key: str
    label: Label
    max_speed_kmh: Mapping[str, float]
    default_max_speed_kmh: float
    banned: Mapping[str, tuple[str, ...]]
    warned: Mapping[str, tuple[str, ...]]
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NormaliseSpec:
    """How raw values become [0, 1]. ``low``/``high`` in the raw unit; None takes the data's.

    ``points`` are pairs of raw value and worth, for ``piecewise``; ``breaks`` the raw values where
    ``fuzzy_near`` and ``target`` turn.
    """

    kind: str
    low: float | None = None
    high: float | None = None
    points: tuple[tuple[float, float], ...] = ()
    breaks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionSpec:
    """One row of a facility's weight table. ``measure`` names an entry of ``siting.criteria``."""

    key: str
    measure: str
    label: Label
    unit: str
    direction: Direction
    weight: float
    normalise: NormaliseSpec
    params: Mapping[str, object]
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One expert's judgements in pairs: entry (i, j) is how many times i matters as much as j."""

    expert: str
    importance: float
    matrix: tuple[tuple[float, ...], ...]
    consistency_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """How the weights of some items were found, for the report.

    ``group`` is empty for the top table; ``items`` are criteria, or groups of criteria.
    ``weights`` sum to 1; they are empty for ``entropy`` and ``critic`` until a run has filled the
    weights of the criteria from its candidates. ``consistency_ratio`` is that of the judgements
    combined, NaN for methods without judgements.
    """

    group: str
    method: str
    items: tuple[str, ...]
    weights: tuple[float, ...]
    judgements: tuple[Judgement, ...] = ()
    consistency_ratio: float = float("nan")
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    """One siting rule. ``verified`` is False until a person has read the clause itself."""

    key: str
    kind: str
    label: Label
    clause: str
    source: str
    verified: bool
    params: Mapping[str, object]
    exempt_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A number the plan rests on, in the open: value, range, source and confidence (A, B or C)."""

    key: str
    label: Label
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """Which location model chooses the sites, with its parameters."""

    kind: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilitySpec:
    """A facility type as its TOML describes it.

    Candidates are the rows of ``candidate_layer`` that match ``candidate_where`` and carry at least
    one of ``candidate_flags`` (none given: all); ``candidate_type`` is the column that tells their
    type. Facilities in
    service those of ``existing_layer`` that match ``existing_where`` (None: not known);
    ``demand_model`` names an entry of ``siting.facilities``; ``demand_case`` is low, base or high.
    ``weighting`` is empty where the weights are stated beside the criteria.
    """

    key: str
    label: Label
    site_label: Label
    colour: str
    profile: str
    candidate_layer: str
    candidate_where: Where
    existing_layer: str | None
    existing_where: Where
    demand_model: str
    demand_case: str
    demand_label: Label
    demand_unit: str
    service_minutes: float
    criteria: tuple[CriterionSpec, ...]
    rules: tuple[RuleSpec, ...]
    model: ModelSpec
    assumptions: Mapping[str, Assumption]
    tables: Mapping[str, Mapping[str, float]]
    candidate_type: str = "type"
    candidate_flags: tuple[str, ...] = ()
    weighting: tuple[Weighting, ...] = ()


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
class Study:
    """Everything that is asked, every default filled in; nothing that is measured."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRecord:
    """What became of a layer on its way in. ``repairs`` are sentences, one per kind of repair."""

    kind: str
    reference: str
    sha256: str
    licence: str
    attribution: str
    crs_found: str
    rows_read: int
    rows_kept: int
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The layers of a study, checked, in the working CRS."""

    crs: str
    layers: Mapping[str, gpd.GeoDataFrame]
    provenance: tuple[LayerRecord, ...]


Impedance: TypeAlias = Literal["time_min", "distance_km"]


class TravelCosts(Protocol):
    """Network travel between places; the only measure of distance the scores know."""

    def __call__(
        self,
        origins: gpd.GeoSeries,
        destinations: gpd.GeoSeries,
        *,
        profile: str,
        measure: Impedance = "time_min",
    ) -> NDArray[np.float64]:
        """Return costs (n_origins, n_destinations); NaN = unreachable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a criterion may look at besides the candidates themselves."""

    layers: Mapping[str, gpd.GeoDataFrame]
    demand: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame
    travel: TravelCosts
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer of a location model.

    Parameters
    ----------
    objective, bound
        In ``unit``; the bound is proven: ``objective ≤ bound`` where the model maximises,
        ``bound ≤ objective`` where it minimises.
    gap
        Distance between the two as a share of the larger, 0 where both are 0.
    seconds
        Wall time of the solve; told in the manifest only.
    facts
        What else the model says of itself (p, budget used, classes after reduction …).
    """

    facility: str
    model: str
    sites: tuple[str, ...]
    objective: float
    bound: float
    gap: float
    unit: str
    status: SolveStatus
    seconds: float = field(compare=False)
    facts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the reader of a result should know. ``level`` is info or warning."""

    level: Literal["info", "warning"]
    code: str
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A whole run: the question, the answer and what they rest on.

    Frames follow ``siting.schema.RESULT_FRAMES``; ``layers`` are the checked inputs that outputs
    draw (districts, land, roads …). Spatial frames share ``crs``.
    """

    study: Study
    crs: str
    candidates: gpd.GeoDataFrame
    criteria: pd.DataFrame
    rules: pd.DataFrame
    methods: pd.DataFrame
    agreement: pd.DataFrame
    stability: pd.DataFrame
    rivals: pd.DataFrame
    reasons: pd.DataFrame
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    allocation: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame
    layers: Mapping[str, gpd.GeoDataFrame]
    plans: Mapping[str, Plan]
    provenance: tuple[LayerRecord, ...]
    notices: tuple[Notice, ...]
    timings_s: Mapping[str, float] = field(default_factory=dict, compare=False)
