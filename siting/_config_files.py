"""Where configuration lies and how its files are read; every problem is kept, none stops the rest."""

import re
import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from siting.errors import ConfigError, MissingFileError, Problem

_STARTER = "starter:"
_FileT = TypeVar("_FileT", bound=BaseModel)


def root() -> Path:
    """Return the configuration folder: installed inside the package, else beside the source."""
    inside = Path(str(resources.files("siting"))) / "_config"
    return inside if inside.is_dir() else inside.parent.parent / "config"


def beside(item: str, folder: str, study: Path) -> Path:
    """Resolve a built-in key, or a path relative to the study that names it."""
    return study.parent / item if item.endswith(".toml") else root() / folder / f"{item}.toml"


def data_path(file: str, study: Path) -> Path:
    """Resolve a data reference: of an embedded pack, or a path relative to the study."""
    if file.startswith(_STARTER) and not re.search(r"\.\.|\\|//", file):
        return Path(str(resources.files("layers"))) / "starter" / file.removeprefix(_STARTER)
    return study.parent / file


def parse(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises
    ------
    MissingFileError, ConfigError
        If the file is not there or is no TOML in UTF-8.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        missing = isinstance(error, FileNotFoundError)
        kind = MissingFileError if missing else ConfigError
        raise kind(
            Problem(
                where=path.name,
                what="no such file" if missing else "not a readable TOML file",
                got="" if missing else str(error),
                expected="a TOML file in UTF-8",
            )
        ) from error


def read(path: Path, schema: type[_FileT], problems: list[Problem]) -> _FileT | None:
    """Return a checked file, or None after adding what is wrong with it to ``problems``."""
    try:
        return schema.model_validate(parse(path))
    except ValidationError as error:
        problems.extend(_problems(path.name, error))
    except (ConfigError, MissingFileError) as error:
        problems.extend(error.problems)
    return None


def _problems(where: str, error: ValidationError) -> Iterable[Problem]:
    for item in error.errors(include_url=False):
        key = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            yield Problem(
                where=f"{where}: {key}",
                what="unknown key",
                got=repr(item["input"]),
                mend="Check the spelling, or remove it.",
            )
        elif item["type"] == "missing":
            yield Problem(where=f"{where}: {key}", what="missing", mend="Add the key.")
        else:
            message = item["msg"][0].lower() + item["msg"][1:]
            yield Problem(where=f"{where}: {key}", what=message, got=repr(item["input"]))
