"""The interactive map: one HTML file that opens with no network and explains every site."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from folium import MacroElement, Map
from folium.elements import JSCSSMixin
from folium.template import Template

from maps._page_base import about_data, base_data, lonlat_bounds, style_data
from maps._page_facility import Json, facility_data, pair
from maps.offline import (
    Licence,
    OfflineFigure,
    Raw,
    data_island,
    read_assets,
    script,
    style,
)
from siting.model import Label, Result

PAGE_VERSION: Final = 1
"""Version of the data inside the page; raised when a key changes meaning."""

_WEB: Final = Path(__file__).parent / "web"
_STYLES: Final = ("page.css", "panel.css", "map.css")
# In the order in which they need each other.
_SCRIPTS: Final = (
    "core.js",
    "dom.js",
    "theme.js",
    "labels.js",
    "symbols.js",
    "base.js",
    "facility.js",
    "card.js",
    "panel.js",
    "search.js",
    "icons.js",
    "tree.js",
    "legend.js",
    "about.js",
    "sheet.js",
    "host.js",
    "app.js",
)


class _Start(JSCSSMixin, MacroElement):
    """Links the map's plug-ins and starts our script on it; holds no data."""

    _template = Template(
        "{% macro script(this, kwargs) %}Siting.start({{ this._parent.get_name() }});{% endmacro %}"
    )
    default_js = [("layers_tree", "vendored"), ("fullscreen", "vendored")]  # noqa: RUF012  # folium's way
    default_css = [("layers_tree_css", "vendored"), ("fullscreen_css", "vendored")]  # noqa: RUF012


def render(result: Result, *, wording: Mapping[str, Label]) -> str:
    """Return the map page of a result as HTML.

    The page holds the whole plan: vector base map, candidates with their scores and rules, chosen
    sites with their service areas and what they serve, in Chinese and English. It opens from a
    file, loads nothing and sends nothing. Same result and wording, same text.

    Parameters
    ----------
    wording
        The words of the page by key (config/wording.toml).

    Raises
    ------
    OutputError
        The page's third-party scripts are not installed or were changed.
    """
    assets = read_assets()
    data = page_data(result, wording=wording, licences=assets.licences)
    figure = OfflineFigure(
        assets,
        title=result.study.title.zh,
        lang="zh-Hans",
        head=[
            *(style(_read(name)) for name in _STYLES),
            *(script(_read(name)) for name in _SCRIPTS),
        ],
        body=[Raw(_read("page.html")), data_island(data, name="siting-data")],
    )
    west, south, east, north = lonlat_bounds(result)
    # Leaflet counts (lat, lon); tiles are never asked for.
    canvas = Map(
        location=((south + north) / 2, (west + east) / 2),
        tiles=None,
        zoom_start=9,
        min_zoom=6,
        max_zoom=17,
        zoom_snap=0.25,
        zoom_control=False,
        attribution_control=False,
        fade_animation=False,
        prefer_canvas=True,
    )
    canvas.add_child(_Start())  # type: ignore[no-untyped-call]  # folium declares no types here
    figure.add_child(canvas)
    return figure.render()


def page_data(
    result: Result, *, wording: Mapping[str, Label], licences: tuple[Licence, ...]
) -> dict[str, Json]:
    """Return everything the page knows, as JSON values."""
    study = result.study
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
        "words": {key: pair(label) for key, label in sorted(wording.items())},
        "style": style_data(),
        "base": base_data(result),
        "facilities": [
            facility_data(result, facility, position=position)
            for position, facility in enumerate(study.facilities)
        ],
        "about": about_data(result, licences),
    }


def _read(name: str) -> str:
    return (_WEB / name).read_text(encoding="utf-8").strip()
