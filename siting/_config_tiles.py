"""Sources of online tiles, ``config/tiles.toml``; a page has one only where the run names it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from siting._config_files import parse, root, validate
from siting._config_schema import Table
from siting.errors import ConfigError, Problem
from siting.model import TileSource, Wording

_FILE = "tiles.toml"
_START = "https://{host}/"
_PLACES = frozenset({"host", "z", "x", "y", "key"})
_PLACE = re.compile(r"\{([^{}]*)\}")

_Host = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]


class WordsFile(Table):
    """Words in both Chinese scripts and English."""

    zh: str
    zh_hant: str
    en: str


class TilesFile(Table):
    """``[NAME]``: one source."""

    label: WordsFile
    urls: Annotated[list[str], Field(min_length=1)]
    hosts: Annotated[list[_Host], Field(min_length=1)]
    crs: Literal["wgs84", "gcj02"]
    attribution: Annotated[str, Field(min_length=1)]
    max_zoom: Annotated[int, Field(ge=1, le=22)]
    needs_key: bool
    wants_referrer: bool = False


def load_tiles(name: str, *, path: Path | None = None) -> TileSource:
    """Return a source of online tiles by its name.

    Parameters
    ----------
    path
        The file of sources; None is ``config/tiles.toml``.

    Raises
    ------
    ConfigError
        If there is no source of that name, or something in its table is wrong.
    """
    file = path or root() / _FILE
    tables = parse(file)
    if name not in tables:
        raise ConfigError(
            Problem(
                where="--tiles",
                what="no such source of tiles",
                got=repr(name),
                expected=f"one of {', '.join(tables)}",
                mend=f"Correct the name, or add the source to config/{_FILE}.",
            )
        )
    problems: list[Problem] = []
    raw = validate(f"{file.name}: {name}", tables[name], TilesFile, problems)
    if raw is not None:
        problems += _url_problems(f"{file.name}: {name}", raw)
    if raw is None or problems:
        raise ConfigError(*problems)
    return TileSource(
        name=name,
        label=Wording(zh=raw.label.zh, zh_hant=raw.label.zh_hant, en=raw.label.en),
        urls=tuple(raw.urls),
        hosts=tuple(raw.hosts),
        crs=raw.crs,
        attribution=raw.attribution,
        max_zoom=raw.max_zoom,
        needs_key=raw.needs_key,
        wants_referrer=raw.wants_referrer,
    )


def _url_problems(where: str, raw: TilesFile) -> Iterable[Problem]:
    """Hold the addresses against the hosts: none may lead elsewhere, none may bring its own key."""
    wanted = _PLACES if raw.needs_key else _PLACES - {"key"}
    for number, url in enumerate(raw.urls, start=1):
        key = f"{where}: urls {number}"
        if not url.startswith(_START):
            yield Problem(
                where=key, what="does not start with the host", got=url, expected=f"{_START}…"
            )
        found = sorted(_PLACE.findall(url))
        if found != sorted(wanted):
            yield Problem(
                where=key,
                what="not each place once",
                got=", ".join(found) or "none",
                expected=", ".join(sorted(wanted)),
            )
