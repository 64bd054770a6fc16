"""The interactive map: one HTML file that opens with no network and explains every site."""

from collections.abc import Mapping
from typing import Final

from maps._page_base import about_data, base_data, lonlat_bounds, style_data
from maps._page_columns import Json
from maps._page_facility import facility_data, pair
from maps._page_layers import initials_data, phases_data
from maps._page_shell import Shell, draw, words_data
from maps.offline import Licence, read_assets
from maps.tiles import tiles_data
from siting.model import Label, Result, TileSource

PAGE_VERSION: Final = 1
"""Version of the data inside the page; raised when a key changes meaning."""

_STYLES: Final = ("page.css", "panel.css", "map.css", "decide.css", "compare.css")
# In the order in which they need each other.
_SCRIPTS: Final = (
    "core.js",
    "columns.js",
    "grid.js",
    "decide.js",
    "text.js",
    "dom.js",
    "theme.js",
    "labels.js",
    "symbols.js",
    "stamp.js",
    "many.js",
    "dots.js",
    "lines.js",
    "base.js",
    "live.js",
    "filter.js",
    "flows.js",
    "surface.js",
    "exclusions.js",
    "crowd.js",
    "facility.js",
    "card.js",
    "sizing.js",
    "table.js",
    "weights.js",
    "changes.js",
    "filters.js",
    "phases.js",
    "picture.js",
    "save.js",
    "measure.js",
    "panel.js",
    "simplify.js",
    "search.js",
    "icons.js",
    "tree.js",
    "notes.js",
    "legend.js",
    "about.js",
    "sheet.js",
    "host.js",
    "pointer.js",
    "sync.js",
    "beside.js",
    "app.js",
)
_TILE_SCRIPTS: Final = ("gcj02.js", "tiles.js")


def render(
    result: Result, *, wording: Mapping[str, Label], tiles: TileSource | None = None
) -> str:
    """Return the map page of a result as HTML.

    The page holds the whole plan: vector base map, candidates with their scores and rules, chosen
    sites with their service areas and what they serve, in both Chinese scripts and English. It opens from a
    file, loads nothing and sends nothing. Same result and wording, same text.

    Parameters
    ----------
    wording
        The words of the page by key (config/wording.toml).
    tiles
        An online background that the reader may switch on; then, and only then, the page's policy
        names the hosts of these tiles.

    Raises
    ------
    OutputError
        The page's third-party scripts are not installed or were changed.
    """
    assets = read_assets()
    data = page_data(result, wording=wording, licences=assets.licences)
    extra = () if tiles is None else _TILE_SCRIPTS
    if tiles is not None:
        data |= {"tiles": tiles_data(tiles)}
    return draw(
        Shell(styles=_STYLES, scripts=(*_SCRIPTS, *extra), body="page.html", start="plan"),
        assets,
        title=result.study.title.zh,
        data=data,
        bounds=lonlat_bounds(result),
        image_hosts=() if tiles is None else tiles.hosts,
    )


def page_data(
    result: Result, *, wording: Mapping[str, Label], licences: tuple[Licence, ...]
) -> dict[str, Json]:
    """Return everything the page knows, as JSON values."""
    study = result.study
    base = base_data(result)
    facilities = [
        facility_data(result, facility, position=position)
        for position, facility in enumerate(study.facilities)
    ]
    return {
        "version": PAGE_VERSION,
        "study": {
            "name": study.name,
            "title": pair(study.title),
            "notice": pair(study.notice),
            "edition": study.edition,
            "crs": result.crs,
        },
        "bounds": [round(value, 5) for value in lonlat_bounds(result)],
        "words": words_data(wording),
        "style": style_data(),
        "base": base,
        "facilities": facilities,
        "phases": phases_data(result),
        "initials": initials_data(facilities, base),
        "about": about_data(result, licences),
    }
