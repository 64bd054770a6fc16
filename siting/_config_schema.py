"""What the TOML files look like. Read by ``siting.config`` only; pydantic stays in these two."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

Scalar: TypeAlias = str | int | float | bool
_Number: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
_Positive: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_NotNegative: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Key: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_Confidence: TypeAlias = Literal["A", "B", "C"]


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
    edition: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
    seed: Annotated[int, Field(ge=0)] = 0
    facilities: Annotated[list[str], Field(min_length=1)]
    notice: LabelFile
    sources: dict[str, str] = {}
    access: AccessFile = AccessFile()
    service_area: ServiceAreaFile = ServiceAreaFile()
    solver: SolverFile = SolverFile()
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


class RulesFile(_Table):
    """A file of siting rules: every table besides ``schema_version`` is one."""

    schema_version: Literal[1]
    rules: dict[_Key, RuleFile]

    @model_validator(mode="before")
    @classmethod
    def _collect(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        rows = {key: row for key, row in value.items() if key != "schema_version"}
        return {"schema_version": value.get("schema_version"), "rules": rows}


class NormaliseFile(_Table):
    """How raw values become [0, 1]."""

    kind: str
    low: _Number | None = None
    high: _Number | None = None


class CriterionFile(_Table):
    """One row of a facility's weight table."""

    key: _Key
    measure: str
    label: LabelFile
    unit: str | None = None
    direction: Literal["max", "min"] | None = None
    weight: _NotNegative
    normalise: NormaliseFile
    params: dict[str, object] = {}
    source: str
    confidence: _Confidence


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
    value: _Number
    low: _Number | None = None
    high: _Number | None = None
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
