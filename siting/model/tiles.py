"""Where a page may load tiles of a background map from."""

from dataclasses import dataclass
from typing import Literal

from siting.model.words import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class TileSource:
    """One source of tiles in Web Mercator.

    ``urls`` are the layers from bottom to top, with the places ``{host}``, ``{z}``, ``{x}``, ``{y}`` and,
    where ``needs_key``, ``{key}``. Tiles of ``crs`` gcj02 show every place where GCJ-02 puts it.
    """

    name: str
    label: Wording
    urls: tuple[str, ...]
    hosts: tuple[str, ...]
    crs: Literal["wgs84", "gcj02"]
    attribution: str
    max_zoom: int
    needs_key: bool
    wants_referrer: bool
