"""What the TOML files look like, and what to say of values that do not fit."""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from siting.errors import Problem

Scalar: TypeAlias = str | int | float | bool
_Number: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
_Positive: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_NotNegative: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Key: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_Confidence: TypeAlias = Literal["A", "B", "C"]

_SHOULD_BE = "Input should be "


def _day(text: str) -> str:
    try:
        is_day = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    if not is_day:
        raise ValueError("not a day, such as 2026-11-23")
    return text


_Day: TypeAlias = Annotated[str, AfterValidator(_day)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class LabelFile(_Table):
    """Words in both languages."""

    zh: str
    en: str


class AccessFile(_Table):
    """``[access]`` of a study."""

    speed_kmh: _Positive = 25.0
    detour_ratio: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.3
    max_distance_m: _Positive = 3000.0


class ServiceAreaFile(_Table):
    """``[service_area]`` of a study."""

    buffer_m: _Positive = 1000.0


class SolverFile(_Table):
    """``[solver]`` of a study."""

    time_limit_s: _Positive = 60.0
    gap: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.0


class CertaintyFile(_Table):
    """``[certainty]`` of a study."""

    weight_draws: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    weight_concentration: _Positive = 50.0
    input_draws: Annotated[int, Field(ge=0, le=10_000)] = 0


class LayerDefaultsFile(_Table):
    """``[layer_defaults]``: what holds of every layer that does not say otherwise."""

    crs: str | None = None
    licence: str = ""
    attribution: str = ""


class LayerFile(_Table):
    """One row of ``[layers]``."""

    file: Annotated[str, Field(min_length=1)]
    crs: str | None = None
    columns: dict[str, str] = {}
    licence: str | None = None
    attribution: str | None = None


class StudyFile(_Table):
    """A study."""

    schema_version: Literal[1]
    title: LabelFile
    crs: str = "auto"
    edition: _Day
    seed: Annotated[int, Field(ge=0)] = 0
    facilities: Annotated[list[str], Field(min_length=1)]
    notice: LabelFile
    sources: dict[str, str] = {}
    access: AccessFile = AccessFile()
    service_area: ServiceAreaFile = ServiceAreaFile()
    solver: SolverFile = SolverFile()
    certainty: CertaintyFile = CertaintyFile()
    layer_defaults: LayerDefaultsFile = LayerDefaultsFile()
    layers: dict[str, LayerFile]


class ProfileFile(_Table):
    """A vehicle profile."""

    schema_version: Literal[1]
    label: LabelFile
    source: str
    confidence: _Confidence
    default_max_speed_kmh: _Positive
    max_speed_kmh: dict[str, _Positive] = {}
    banned: dict[str, list[str]] = {}
    warned: dict[str, list[str]] = {}


class RuleFile(_Table):
    """One siting rule."""

    kind: str
    label: LabelFile
    clause: str
    source: str
    verified: bool
    params: dict[str, object]
    exempt_types: list[str] = []


class RulesFile(BaseModel):
    """A file of siting rules: every table besides ``schema_version`` is one."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    __pydantic_extra__: dict[str, RuleFile]

    schema_version: Literal[1]

    @property
    def rules(self) -> dict[str, RuleFile]:
        """The rules by key."""
        return self.__pydantic_extra__


class NormaliseFile(_Table):
    """How raw values become [0, 1]."""

    kind: str
    low: _Number | None = None
    high: _Number | None = None
    points: list[Annotated[list[_Number], Field(min_length=2, max_length=2)]] = []
    breaks: list[_Number] = []


class CriterionFile(_Table):
    """One row of a facility's weight table."""

    key: _Key
    measure: str
    label: LabelFile
    unit: str | None = None
    direction: Literal["max", "min"] | None = None
    weight: _NotNegative | None = None
    normalise: NormaliseFile
    params: dict[str, object] = {}
    source: str
    confidence: _Confidence


class ExpertFile(_Table):
    """One row of ``[[weights.experts]]``: judgements in pairs, fractions as text."""

    expert: Annotated[str, Field(min_length=1)]
    importance: _Positive = 1.0
    matrix: list[list[_Positive | str]]


class WeightTableFile(_Table):
    """How the weights of some items are found.

    ``roc`` needs ``order`` (item → place from 1), ``swing`` and ``direct`` need ``points``, ``ahp``
    needs ``experts``; ``entropy`` and ``critic`` need the candidates only.
    """

    method: Literal["direct", "swing", "roc", "ahp", "entropy", "critic"]
    order: dict[str, Annotated[int, Field(ge=1)]] = {}
    points: dict[str, _NotNegative] = {}
    experts: list[ExpertFile] = []
    allow_inconsistent: bool = False
    note: str = ""


class GroupFile(WeightTableFile):
    """One row of ``[weights.groups]``: criteria, and how they are weighed inside the group."""

    criteria: Annotated[list[str], Field(min_length=1)]


class WeightsFile(WeightTableFile):
    """``[weights]`` of a facility: over all criteria, or over groups of them."""

    groups: dict[_Key, GroupFile] = {}


class CandidatesFile(_Table):
    """``[candidates]`` of a facility."""

    layer: str
    type: str = "type"
    where: dict[str, list[Scalar]] = {}
    flags: list[str] = []


class ExistingFile(_Table):
    """``[existing]`` of a facility."""

    layer: str
    where: dict[str, list[Scalar]] = {}


class DemandFile(_Table):
    """``[demand]`` of a facility."""

    model: str
    case: Literal["low", "base", "high"]
    label: LabelFile
    unit: str


class ModelFile(_Table):
    """``[model]`` of a facility."""

    kind: str
    params: dict[str, object] = {}


class AssumptionFile(_Table):
    """One row of ``[assumptions]``."""

    label: LabelFile
    value: _NotNegative
    low: _NotNegative | None = None
    high: _NotNegative | None = None
    unit: str
    source: Annotated[str, Field(min_length=1)]
    confidence: _Confidence

    @model_validator(mode="after")
    def _in_order(self) -> "AssumptionFile":
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            message = f"low ≤ value ≤ high does not hold ({low:g}, {self.value:g}, {high:g})"
            raise ValueError(message)
        if self.unit == "share" and high > 1:
            message = f"a share is at most 1 ({high:g})"
            raise ValueError(message)
        return self


class FacilityFile(_Table):
    """A facility type."""

    schema_version: Literal[1]
    label: LabelFile
    site_label: LabelFile
    colour: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
    profile: str
    service_minutes: _Positive
    rules: list[str]
    candidates: CandidatesFile
    existing: ExistingFile | None = None
    demand: DemandFile
    model: ModelFile
    assumptions: dict[_Key, AssumptionFile] = {}
    tables: dict[_Key, dict[str, _NotNegative]] = {}
    criteria: Annotated[list[CriterionFile], Field(min_length=1)]
    weights: WeightsFile | None = None


def problem_of(where: str, message: str, got: object) -> Problem:
    """Put pydantic's message about a value into our words."""
    if message.startswith(_SHOULD_BE):
        expected = message.removeprefix(_SHOULD_BE)
        return Problem(where=where, what="wrong value", got=repr(got), expected=expected)
    what = message.removeprefix("Value error, ")
    return Problem(where=where, what=what[:1].lower() + what[1:], got=repr(got))
