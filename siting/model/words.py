"""Words that all records share: labels, choices and types of plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

import pandas as pd  # noqa: TC002 - the hints of records are read at run time

Progress: TypeAlias = Callable[[float, str], None]
Scalar: TypeAlias = str | int | float | bool
FloatSeries: TypeAlias = "pd.Series[float]"
Where: TypeAlias = Mapping[str, tuple[Scalar, ...]]
Impedance: TypeAlias = Literal["time_min", "distance_km"]


class Direction(StrEnum):
    """Whether more of a criterion is better."""

    MAX = "max"
    MIN = "min"


class RuleOutcome(StrEnum):
    """What a siting rule says of a candidate."""

    PASS = "pass"
    FAIL = "fail"
    SURVEY = "survey"  # passes on the map, but by less than the position is certain


class Role(StrEnum):
    """What a planner says of a candidate before the choice."""

    CANDIDATE = "candidate"  # may be chosen
    REQUIRED = "required"  # must be chosen; counts and costs as any other
    EXISTING = "existing"  # is open already: serves, but neither counts nor costs
    FORBIDDEN = "forbidden"  # must not be chosen


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
class Wording(Label):
    """Words of the page in both Chinese scripts and English."""

    zh_hant: str
