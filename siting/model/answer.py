"""What is answered: plans, notices and the whole result of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import pandas as pd

from siting.model.asked import Study
from siting.model.given import LayerRecord
from siting.model.words import Label, SolveStatus


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

    Frames follow ``siting.frames.RESULT_FRAMES``; ``layers`` are the checked inputs that outputs
    draw (districts, land, roads …). Spatial frames share ``crs``.
    """

    study: Study
    crs: str
    candidates: gpd.GeoDataFrame
    criteria: pd.DataFrame
    rules: pd.DataFrame
    exclusions: pd.DataFrame
    suitability: pd.DataFrame
    suitability_values: pd.DataFrame
    methods: pd.DataFrame
    agreement: pd.DataFrame
    stability: pd.DataFrame
    rivals: pd.DataFrame
    reasons: pd.DataFrame
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    allocation: gpd.GeoDataFrame
    service_areas: gpd.GeoDataFrame
    reach: pd.DataFrame
    flows: gpd.GeoDataFrame
    equipment: pd.DataFrame
    supply: pd.DataFrame
    economics: pd.DataFrame
    sensitivity: pd.DataFrame
    benefits: pd.DataFrame
    roll_out: pd.DataFrame
    robustness: pd.DataFrame
    curve: pd.DataFrame
    front: pd.DataFrame
    standing: pd.DataFrame
    scorecard: pd.DataFrame
    indicators: pd.DataFrame
    checks: pd.DataFrame
    layers: Mapping[str, gpd.GeoDataFrame]
    plans: Mapping[str, Plan]
    provenance: tuple[LayerRecord, ...]
    notices: tuple[Notice, ...]
    timings_s: Mapping[str, float] = field(default_factory=dict, compare=False)
