"""The registry of criteria: filled from the sibling files on first call."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np

from siting.model import CriterionSpec, Direction, FloatSeries, Surroundings
from siting.siblings import collect


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A measure of candidates, as its file declares it.

    ``unit`` may be ``{demand}``, which stands for the facility's demand unit. ``direction`` is the
    usual one; a facility may turn it where the same measure serves two ends (near to a port is
    good, near to an existing station is not). ``is_of_place`` is False where the measure asks for more
    than where a candidate is: for columns of its own row, or for the other candidates.
    """

    name: str
    unit: str
    direction: Direction
    measure: Callable[..., FloatSeries]
    is_of_place: bool = True

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The parameters a facility file may set, by name."""
        found = inspect.signature(self.measure).parameters
        return {k: p for k, p in found.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}


@cache
def criteria() -> Mapping[str, Criterion]:
    """Return all criteria by name.

    Raises
    ------
    ConfigError
        If two files claim one name.
    """
    import siting.criteria as package  # noqa: PLC0415 - filled on first call, not at import

    return collect(package, "CRITERION", Criterion, called="criterion")


def measure(
    spec: CriterionSpec, candidates: gpd.GeoDataFrame, surroundings: Surroundings
) -> FloatSeries:
    """Measure candidates by one row of a facility's weight table.

    Parameters
    ----------
    spec
        Which criterion, with which parameters.
    candidates
        Points (n_candidates,) in the working CRS, with the columns of their layer.
    surroundings
        Layers, demand and travel.

    Returns
    -------
    Series
        Raw values (n_candidates,) in ``spec.unit`` on the candidates' index; NaN = not known,
        never infinite.
    """
    values = criteria()[spec.measure].measure(candidates, surroundings, **spec.params)
    raw = values.astype(float).replace([np.inf, -np.inf], np.nan)
    return raw.reindex(candidates.index).rename(spec.key)
