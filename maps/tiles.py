"""Online tiles under the map: what the page is told of them, and which hosts it may ask."""

import re
from typing import Final

from maps._page_columns import Json
from siting.model import TileSource

_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


def tiles_data(source: TileSource) -> dict[str, Json]:
    """Return a source of tiles as the page takes it; a key is never part of it."""
    label = source.label
    return {
        "name": source.name,
        "label": [label.zh, label.en, label.zh_hant],
        "urls": list(source.urls),
        "hosts": list(source.hosts),
        "is_shifted": source.crs == "gcj02",
        "attribution": source.attribution,
        "max_zoom": source.max_zoom,
        "needs_key": source.needs_key,
        "wants_referrer": source.wants_referrer,
    }


def https_source(host: str) -> str:
    """Return a host as a source of a content security policy.

    Raises
    ------
    ValueError
        What could say more than one host: a wildcard, a port, a second word.

    Examples
    --------
    >>> https_source("tile.openstreetmap.org")
    'https://tile.openstreetmap.org'
    """
    if not _HOST.fullmatch(host):
        raise ValueError(f"not the name of a host: {host!r}")
    return f"https://{host}"
