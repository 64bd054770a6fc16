"""The registry of location models: filled from the sibling files on first call."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from siting.model import ModelSpec, SolverSettings
from siting.optimise.problem import SitingProblem, Solution
from siting.siblings import collect


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationModel:
    """A location model as its file declares it; keyword-only parameters are the TOML's."""

    name: str
    objective_unit: str
    solve: Callable[..., Solution]

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The parameters a facility file may set, by name."""
        found = inspect.signature(self.solve).parameters
        keyword = inspect.Parameter.KEYWORD_ONLY
        return {k: p for k, p in found.items() if p.kind is keyword and k != "settings"}


@cache
def models() -> Mapping[str, LocationModel]:
    """Return all location models by name.

    Raises
    ------
    ConfigError
        If two files claim one name.
    """
    import siting.optimise as package  # noqa: PLC0415 - filled on first call, not at import

    return collect(package, "MODEL", LocationModel, called="location model")


def solve(problem: SitingProblem, spec: ModelSpec, *, settings: SolverSettings) -> Solution:
    """Solve a problem by the model that a facility names."""
    return models()[spec.kind].solve(problem, settings=settings, **spec.params)
