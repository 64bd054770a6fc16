"""Where configuration lies and how its files are read; every problem is kept, none stops the rest."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from siting._config_schema import problem_of
from siting.errors import ConfigError, MissingFileError, Problem

_TOML = ".toml"
_STARTER = "starter:"
# Every part starts with a letter or digit, so that no reference leaves its pack.
_IN_PACK = re.compile(r"starter:\w[\w-]*(/\w[\w.-]*)+")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_FileT = TypeVar("_FileT", bound=BaseModel)


def root() -> Path:
    """Return the configuration folder: installed inside the package, else beside the source."""
    inside = Path(str(resources.files("siting"))) / "_config"
    return inside if inside.is_dir() else inside.parent.parent / "config"


def builtin(folder: str) -> Mapping[str, Path]:
    """Return the files of a configuration folder by name, such as ``facilities``."""
    return {path.stem: path for path in sorted((root() / folder).glob(f"*{_TOML}"))}


def find(
    item: str, folder: str, *, study: Path, where: str, problems: list[Problem]
) -> Path | None:
    """Return the file of a built-in name, or of a path that counts from the study's folder."""
    known = builtin(folder)
    is_path = item.endswith(_TOML)
    path = study.parent / item if is_path else known.get(item)
    if path is not None and path.is_file():
        return path
    problems.append(
        Problem(
            where=where,
            what="no such file" if is_path else "unknown name",
            got=repr(item),
            expected=f"one of {', '.join(known)}, or the path of a TOML file",
            mend="Check the spelling; a path counts from the folder of the study.",
        )
    )
    return None


def study_path(study: str | Path) -> Path:
    """Return the file of a built-in study, or the path itself.

    Raises
    ------
    MissingFileError
        If there is neither.
    """
    known = builtin("studies")
    if str(study) in known:
        return known[str(study)]
    path = Path(study)
    if path.is_file():
        return path
    raise MissingFileError(
        Problem(
            where=f"study {study}",
            what="neither a built-in study nor a file",
            expected=f"the path of a TOML file, or one of {', '.join(known)}",
            mend="Check the spelling, and the folder that the path counts from.",
        )
    )


def texts(raw: object) -> list[str]:
    """Return the texts of a list, or the keys of a table, that may not have been checked yet."""
    return [item for item in raw if isinstance(item, str)] if isinstance(raw, list | dict) else []


def chosen(
    offered: Sequence[str], wanted: Sequence[str], study: Path, problems: list[Problem]
) -> dict[str, str]:
    """Return the facilities to plan by key, each with the name or path that the study gives it."""
    keys: dict[str, str] = {}
    for item in offered:
        key = Path(item).stem
        where = f"{study.name}: facilities"
        if key in keys:
            got = " and ".join(repr(name) for name in (keys[key], item))
            mend = "Take one out, or rename its file."
            problems.append(Problem(where=where, what="named twice", got=got, mend=mend))
        elif not _KEY.fullmatch(key):
            expected = "a file name of a-z, 0-9 and _, such as hydrogen.toml"
            what = "not a name for a facility"
            problems.append(Problem(where=where, what=what, got=repr(item), expected=expected))
        else:
            keys[key] = item
    if unknown := unknown_facilities(study.name, list(keys), wanted):
        problems.append(unknown)
    return {key: item for key, item in keys.items() if not wanted or key in wanted}


def unknown_facilities(study: str, known: Sequence[str], wanted: Sequence[str]) -> Problem | None:
    """Return the problem of facilities that a study does not have, if any."""
    absent = [key for key in wanted if key not in known]
    if not absent:
        return None
    return Problem(
        where=study,
        what="the study has no such facility",
        got=", ".join(absent),
        expected=f"one of {', '.join(known)}",
        mend="Check the spelling of --facility.",
    )


def data_path(file: str, *, study: Path, where: str, problems: list[Problem]) -> Path:
    """Resolve a data reference: of an embedded pack, or a path that counts from the study's folder."""
    if not file.startswith(_STARTER):
        return Path(os.path.realpath(study.parent / file))  # resolve() stumbles over loops
    if not _IN_PACK.fullmatch(file):
        problems.append(
            Problem(
                where=where,
                what="not a file of an embedded pack",
                got=repr(file),
                expected="starter:<pack>/<file>",
                mend="Name a file inside the pack, or give a path of your own.",
            )
        )
    return Path(str(resources.files("layers"))) / "starter" / file.removeprefix(_STARTER)


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
                mend="Check the path." if missing else "Mend that place, or save it as UTF-8.",
            )
        ) from error


def read(path: Path, schema: type[_FileT], problems: list[Problem]) -> _FileT | None:
    """Return a checked file, or None after adding what is wrong with it to ``problems``."""
    try:
        return validate(path.name, parse(path), schema, problems)
    except (ConfigError, MissingFileError) as error:
        problems.extend(error.problems)
    return None


def validate(
    name: str, tables: Mapping[str, Any], schema: type[_FileT], problems: list[Problem]
) -> _FileT | None:
    """Return checked tables, or None after adding what is wrong with them to ``problems``."""
    try:
        return schema.model_validate(tables)
    except ValidationError as error:
        problems.extend(_problems(name, tables, error))
    return None


def _problems(where: str, tables: Mapping[str, Any], error: ValidationError) -> Iterable[Problem]:
    for item in error.errors(include_url=False):
        key = f"{where}: {_key(tables, item['loc'])}"
        if item["type"] == "extra_forbidden":
            mend = "Check the spelling, or remove it."
            yield Problem(where=key, what="unknown key", got=repr(item["input"]), mend=mend)
        elif item["type"] == "missing":
            yield Problem(where=key, what="missing", mend="Add the key.")
        else:
            yield problem_of(key, item["msg"], item["input"])


def _key(tables: Mapping[str, Any], place: Sequence[str | int]) -> str:
    """Return where a value stands, rows of a list by their own ``key`` where they have one."""
    at: Any = tables
    parts = []
    for part in place:
        is_inside = part in at if isinstance(at, dict) else isinstance(at, list)
        at = at[part] if is_inside else None
        own = at.get("key") if isinstance(part, int) and isinstance(at, dict) else None
        parts.append(own if isinstance(own, str) else str(part))
    return ".".join(parts)
