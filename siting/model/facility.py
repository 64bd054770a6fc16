"""What is asked of a facility type: criteria, weights, rules, assumptions and the location model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from siting.model.words import Direction, Label, Where


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

    ``group`` is empty for the top table; ``items`` are criteria, or groups of criteria, whose names
    are in ``labels`` then (empty: they have none).
    ``weights`` sum to 1; they are empty for ``entropy`` and ``critic`` until a run has filled the
    weights of the criteria from its candidates. ``consistency_ratio`` is that of the judgements
    combined, None for methods without judgements.
    """

    group: str
    method: str
    items: tuple[str, ...]
    weights: tuple[float, ...]
    judgements: tuple[Judgement, ...] = ()
    consistency_ratio: float | None = None
    note: str = ""
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    """One siting rule. ``verified`` is False until a person has read the clause itself.

    ``absent`` is what the report says where the study lacks the layer of the rule, and what stands
    in for it; the rule is left out then. None: the layer must be there.
    """

    key: str
    kind: str
    label: Label
    clause: str
    source: str
    verified: bool
    params: Mapping[str, object]
    exempt_types: tuple[str, ...] = ()
    absent: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A number the plan rests on, in the open: value, range, source and confidence (A, B or C).

    ``year`` is that of the value: of the measurement, the price level or the own estimate.
    """

    key: str
    label: Label
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    confidence: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedTable:
    """Numbers by class that the plan rests on, all of one unit and one source."""

    key: str
    label: Label
    unit: str
    values: Mapping[str, float]
    source: str
    confidence: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """Which location model chooses the sites, with its parameters."""

    kind: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A part of a facility type that was left out because its data are missing.

    ``part`` is a criterion or a rule; ``missing`` the layer or raster that the study lacks, or
    empty where it is there and has nothing for it. ``note`` is what to say besides.
    """

    part: Literal["criterion", "rule"]
    key: str
    label: Label
    missing: str = ""
    note: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSurface:
    """How candidates are drawn from the ground that no rule of the facility bars.

    Free cells of ``cell_m`` that touch make a patch of at least ``minimum_area_m2``; drawn cells are
    ``spacing_m`` apart, within ``road_m`` of a road, on slopes up to ``maximum_slope_deg`` (None: any).
    """

    cell_m: float
    spacing_m: float
    minimum_area_m2: float = 0.0
    road_m: float | None = None
    maximum_slope_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitabilitySpec:
    """The surface of suitability: as fine as ``most_cells`` square cells of a round side allow."""

    most_cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilitySpec:
    """A facility type as its TOML describes it.

    Candidates are the rows of ``candidate_layer`` that match ``candidate_where`` and carry at least
    one of ``candidate_flags`` (none given: all); ``candidate_type`` is the column that tells their
    type; ``candidate_surface`` adds places drawn from free ground. Facilities in service are those of ``existing_layer`` that match ``existing_where`` (None: not known);
    ``demand_model`` names an entry of ``siting.facilities``; ``demand_case`` is low, base or high.
    ``assumptions`` and ``tables`` are the facility's own and those of the study that it does not replace.
    ``weighting`` is empty where the weights are stated beside the criteria; ``suitability`` is None
    where the ground between the candidates is not scored.
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
    tables: Mapping[str, SourcedTable]
    candidate_type: str = "type"
    candidate_flags: tuple[str, ...] = ()
    weighting: tuple[Weighting, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    candidate_surface: CandidateSurface | None = None
    suitability: SuitabilitySpec | None = None
