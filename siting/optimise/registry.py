"""The registry of location models: filled from the sibling files on first call."""

import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType

from siting.errors import ConfigError, Problem
from siting.model import ModelSpec, SolverSettings
from siting.optimise.problem import SitingProblem, Solution


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

    found: dict[str, LocationModel] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        model = getattr(import_module(f"siting.optimise.{info.name}"), "MODEL", None)
        if model is None:
            continue
        if model.name in found:
            raise ConfigError(
                Problem(
                    where=f"siting/optimise/{info.name}.py",
                    what=f"location model {model.name} is defined twice",
                    expected="one file a model",
                )
            )
        found[model.name] = model
    return MappingProxyType(found)


def solve(problem: SitingProblem, spec: ModelSpec, *, settings: SolverSettings) -> Solution:
    """Solve a problem by the model that a facility names."""
    return models()[spec.kind].solve(problem, settings=settings, **spec.params)
