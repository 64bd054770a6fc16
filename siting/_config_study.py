"""What the TOML of a study, a vehicle profile and a file of rules look like."""

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from siting._config_schema import (
    AssumptionFile,
    Confidence,
    Key,
    LabelFile,
    NotNegative,
    Positive,
    SiteRolesFile,
    SourcedTableFile,
    Table,
    Year,
)


def _day(text: str) -> str:
    try:
        is_day = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    if not is_day:
        raise ValueError("not a day, such as 2026-11-23")
    return text


_Day: TypeAlias = Annotated[str, AfterValidator(_day)]


class AccessFile(Table):
    """``[access]`` of a study."""

    speed_kmh: Positive = 25.0
    detour_ratio: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.3
    max_distance_m: Positive = 3000.0


class ServiceAreaFile(Table):
    """``[service_area]`` of a study."""

    buffer_m: Positive = 1000.0


class SolverFile(Table):
    """``[solver]`` of a study."""

    time_limit_s: Positive = 60.0
    gap: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.0


class CertaintyFile(Table):
    """``[certainty]`` of a study."""

    weight_draws: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    weight_concentration: Positive = 50.0
    input_draws: Annotated[int, Field(ge=0, le=10_000)] = 0


class RollOutFile(Table):
    """``[roll_out]`` of a study: one entry a period in each list."""

    years: Annotated[list[Year], Field(min_length=1)]
    budget_mcny: list[NotNegative]
    demand_share: list[Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]]
    worth: dict[str, NotNegative] = Field(default_factory=dict)
    source: Annotated[str, Field(min_length=1)]
    confidence: Confidence

    @model_validator(mode="after")
    def _one_entry_a_period(self) -> "RollOutFile":
        if not len(self.years) == len(self.budget_mcny) == len(self.demand_share):
            raise ValueError("years, budget_mcny and demand_share differ in length")
        if self.years != sorted(set(self.years)):
            raise ValueError("the years do not rise")
        if self.demand_share != sorted(self.demand_share):
            raise ValueError("demand_share falls")
        return self


class DecidedSitesFile(SiteRolesFile):
    """``[roles.NAME]`` of a study: sites that are decided or announced before the choice."""

    source: Annotated[str, Field(min_length=1)]
    confidence: Confidence


class LayerDefaultsFile(Table):
    """``[layer_defaults]``: what holds of every layer that does not say otherwise."""

    crs: str | None = None
    licence: str = ""
    attribution: str = ""
    source: str = ""
    date: str = ""


class LayerFile(Table):
    """One row of ``[layers]``: a file, or a table of a database."""

    file: Annotated[str, Field(min_length=1)] | None = None
    database: Annotated[str, Field(pattern=r"^postgres(ql)?://")] | None = None
    layer: Annotated[str, Field(min_length=1)] | None = None
    encoding: str | None = None
    crs: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    boundary: str | None = None
    licence: str | None = None
    attribution: str | None = None
    source: str | None = None
    date: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "LayerFile":
        if (self.file is None) == (self.database is None):
            raise ValueError("a layer comes from either a file or a database")
        if self.database is not None and self.layer is None:
            raise ValueError('a layer from a database names its table: layer = "schema.table"')
        return self


class GridFile(Table):
    """One row of ``[grids]``."""

    file: Annotated[str, Field(min_length=1)]
    band: Annotated[int, Field(ge=1)] = 1
    crs: str | None = None
    nodata: Annotated[float, Field(allow_inf_nan=False)] | None = None
    licence: str | None = None
    attribution: str | None = None
    source: str | None = None
    date: str | None = None


class StudyFile(Table):
    """A study."""

    schema_version: Literal[1]
    title: LabelFile
    crs: str = "auto"
    edition: _Day
    seed: Annotated[int, Field(ge=0)] = 0
    facilities: Annotated[list[str], Field(min_length=1)]
    notice: LabelFile
    sources: dict[str, str] = Field(default_factory=dict)
    access: AccessFile = AccessFile()
    service_area: ServiceAreaFile = ServiceAreaFile()
    solver: SolverFile = SolverFile()
    certainty: CertaintyFile = CertaintyFile()
    layer_defaults: LayerDefaultsFile = LayerDefaultsFile()
    layers: dict[str, LayerFile]
    grids: dict[str, GridFile] = Field(default_factory=dict)
    missing_data: Literal["refuse", "leave_out"] = "refuse"
    left_out: dict[str, LabelFile] = Field(default_factory=dict)
    assumptions: dict[Key, AssumptionFile] = Field(default_factory=dict)
    tables: dict[Key, SourcedTableFile] = Field(default_factory=dict)
    roll_out: RollOutFile | None = None
    roles: dict[Key, DecidedSitesFile] = Field(default_factory=dict)


class ProfileFile(Table):
    """A vehicle profile."""

    schema_version: Literal[1]
    label: LabelFile
    source: str
    confidence: Confidence
    default_max_speed_kmh: Positive
    max_speed_kmh: dict[str, Positive] = Field(default_factory=dict)
    banned: dict[str, list[str]] = Field(default_factory=dict)
    warned: dict[str, list[str]] = Field(default_factory=dict)
    vehicle_classes: list[str] = Field(default_factory=list)


class RuleFile(Table):
    """One siting rule."""

    kind: str
    label: LabelFile
    clause: str
    source: str
    verified: bool
    params: dict[str, object]
    exempt_types: list[str] = Field(default_factory=list)
    absent: LabelFile | None = None


class RulesFile(BaseModel):
    """A file of siting rules: every table besides ``schema_version`` is one."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    __pydantic_extra__: dict[str, RuleFile]

    schema_version: Literal[1]

    @property
    def rules(self) -> dict[str, RuleFile]:
        """The rules by key."""
        return self.__pydantic_extra__
