"""What the files of a package define, by name: the one way registries are filled."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Protocol, TypeVar

from siting.errors import ConfigError, Problem


class Named(Protocol):
    """Anything a registry keeps."""

    @property
    def name(self) -> str:
        """The name that configuration files use."""
        ...


_NamedT = TypeVar("_NamedT", bound=Named)


def collect(
    package: ModuleType, attribute: str, kind: type[_NamedT], *, called: str
) -> Mapping[str, _NamedT]:
    """Return what the modules of a package define under one attribute, by name.

    Parameters
    ----------
    package
        Its modules are imported in the order of their names.
    attribute
        What a module calls its entry; modules without it are passed over.
    kind
        Type of the entries.
    called
        What an entry is, for the message.

    Raises
    ------
    ConfigError
        If two modules claim one name.
    """
    found: dict[str, _NamedT] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        entry = getattr(import_module(f"{package.__name__}.{info.name}"), attribute, None)
        if not isinstance(entry, kind):
            continue
        if entry.name in found:
            raise ConfigError(
                Problem(
                    where=f"{package.__name__.replace('.', '/')}/{info.name}.py",
                    what=f"{called} {entry.name} is defined twice",
                    expected=f"one file a {called.rsplit(maxsplit=1)[-1]}",
                )
            )
        found[entry.name] = entry
    return MappingProxyType(found)
