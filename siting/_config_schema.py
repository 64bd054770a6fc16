"""What a facility's TOML looks like, and what to say of values that do not fit."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from siting.errors import Problem
from siting.model import Role

Scalar: TypeAlias = str | int | float | bool
Number: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
Positive: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Key: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Confidence: TypeAlias = Literal["A", "B", "C"]
Year: TypeAlias = Annotated[int, Field(ge=1900, le=2100)]

_SHOULD_BE = "Input should be "


class Table(BaseModel):
    """A table that knows all its keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class LabelFile(Table):
    """Words in both languages."""

    zh: str
    en: str


class SiteRolesFile(Table):
    """Candidate ids by role; who is not named may be chosen."""

    required: list[str] = []
    existing: list[str] = []
    forbidden: list[str] = []

    @model_validator(mode="after")
    def _one_role_each(self) -> "SiteRolesFile":
        named = [*self.required, *self.existing, *self.forbidden]
        twice = sorted({key for key in named if named.count(key) > 1})
        if twice:
            raise ValueError(f"sites named more than once: {', '.join(twice[:5])}")
        return self

    @property
    def roles(self) -> Mapping[str, Role]:
        """The role of each candidate that is named."""
        rows = (
            (Role.REQUIRED, self.required),
            (Role.EXISTING, self.existing),
            (Role.FORBIDDEN, self.forbidden),
        )
        return {key: role for role, keys in rows for key in keys}


class NormaliseFile(Table):
    """How raw values become [0, 1]."""

    kind: str
    low: Number | None = None
    high: Number | None = None
    points: list[Annotated[list[Number], Field(min_length=2, max_length=2)]] = []
    breaks: list[Number] = []


class CriterionFile(Table):
    """One row of a facility's weight table."""

    key: Key
    measure: str
    label: LabelFile
    unit: str | None = None
    direction: Literal["max", "min"] | None = None
    weight: NotNegative | None = None
    normalise: NormaliseFile
    params: dict[str, object] = {}
    source: str
    confidence: Confidence


class ExpertFile(Table):
    """One row of ``[[weights.experts]]``: judgements in pairs, fractions as text."""

    expert: Annotated[str, Field(min_length=1)]
    importance: Positive = 1.0
    matrix: list[list[Positive | str]]


class WeightTableFile(Table):
    """How the weights of some items are found.

    ``roc`` needs ``order`` (item → place from 1), ``swing`` and ``direct`` need ``points``, ``ahp``
    needs ``experts``; ``entropy`` and ``critic`` need the candidates only.
    """

    method: Literal["direct", "swing", "roc", "ahp", "entropy", "critic"]
    order: dict[str, Annotated[int, Field(ge=1)]] = {}
    points: dict[str, NotNegative] = {}
    experts: list[ExpertFile] = []
    allow_inconsistent: bool = False
    note: str = ""


class GroupFile(WeightTableFile):
    """One row of ``[weights.groups]``: criteria, and how they are weighed inside the group."""

    label: LabelFile | None = None
    criteria: Annotated[list[str], Field(min_length=1)]


class WeightsFile(WeightTableFile):
    """``[weights]`` of a facility: over all criteria, or over groups of them."""

    groups: dict[Key, GroupFile] = {}


class SurfaceFile(Table):
    """``surface`` of ``[candidates]``: how places are drawn from the ground that no rule bars."""

    cell_m: Positive
    spacing_m: Positive
    minimum_area_m2: NotNegative = 0.0
    road_m: Positive | None = None
    maximum_slope_deg: Annotated[float, Field(gt=0, lt=90, allow_inf_nan=False)] | None = None


class CandidatesFile(Table):
    """``[candidates]`` of a facility."""

    layer: str
    type: str = "type"
    where: dict[str, list[Scalar]] = {}
    flags: list[str] = []
    surface: SurfaceFile | None = None


class SuitabilityFile(Table):
    """``[suitability]`` of a facility: the score of the ground between the candidates, cell by cell."""

    most_cells: Annotated[int, Field(ge=100, le=100_000)]


class ExistingFile(Table):
    """``[existing]`` of a facility."""

    layer: str
    where: dict[str, list[Scalar]] = {}


class DemandFile(Table):
    """``[demand]`` of a facility."""

    model: str
    case: Literal["low", "base", "high"]
    label: LabelFile
    unit: str


class ModelFile(Table):
    """``[model]`` of a facility."""

    kind: str
    params: dict[str, object] = {}


class AssumptionFile(Table):
    """One row of ``[assumptions]``."""

    label: LabelFile
    value: NotNegative
    low: NotNegative | None = None
    high: NotNegative | None = None
    unit: str
    source: Annotated[str, Field(min_length=1)]
    confidence: Confidence
    year: Year

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


class SourcedTableFile(Table):
    """One row of ``[tables]``: numbers by class, of one unit and one source."""

    label: LabelFile
    unit: str
    values: Annotated[dict[str, Number], Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    confidence: Confidence
    year: Year

    @model_validator(mode="after")
    def _not_negative(self) -> "SourcedTableFile":
        low = min(self.values, key=self.values.__getitem__)
        if self.values[low] < 0 and self.unit != "change":
            message = f"values are ≥ 0 unless the unit is change ({low} = {self.values[low]:g})"
            raise ValueError(message)
        return self


class NumbersFile(Table):
    """Numbers that hold in any city; also what a facility and a study may say of their own."""

    assumptions: dict[Key, AssumptionFile] = {}
    tables: dict[Key, SourcedTableFile] = {}


class EngineeringFile(NumbersFile):
    """A file of ``config/engineering``."""

    schema_version: Literal[1]


class FacilityFile(NumbersFile):
    """A facility type."""

    schema_version: Literal[1]
    label: LabelFile
    site_label: LabelFile
    colour: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
    profile: str
    service_minutes: Positive
    rules: list[str]
    candidates: CandidatesFile
    existing: ExistingFile | None = None
    suitability: SuitabilityFile | None = None
    demand: DemandFile
    model: ModelFile
    criteria: Annotated[list[CriterionFile], Field(min_length=1)]
    weights: WeightsFile | None = None


def problem_of(where: str, message: str, got: object) -> Problem:
    """Put pydantic's message about a value into our words."""
    if message.startswith(_SHOULD_BE):
        expected = message.removeprefix(_SHOULD_BE)
        return Problem(where=where, what="wrong value", got=repr(got), expected=expected)
    what = message.removeprefix("Value error, ")
    return Problem(where=where, what=what[:1].lower() + what[1:], got=repr(got))
