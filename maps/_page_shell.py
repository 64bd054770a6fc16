"""The frame of an interactive page: our styles and scripts around a folium map, in one file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from folium import MacroElement, Map
from folium.elements import JSCSSMixin
from folium.template import Template

from maps._page_columns import Json
from maps.offline import Assets, OfflineFigure, Raw, data_island, script, style
from siting.model import Label, Wording

_WEB: Final = Path(__file__).parent / "web"


class _Start(JSCSSMixin, MacroElement):
    """Links the map's plug-ins and starts our script on it; holds no data."""

    _template = Template(
        "{% macro script(this, kwargs) %}Siting.start({{ this._parent.get_name() }});{% endmacro %}"
    )
    default_js = [("layers_tree", "vendored"), ("fullscreen", "vendored")]  # noqa: RUF012  # folium's way
    default_css = [("layers_tree_css", "vendored"), ("fullscreen_css", "vendored")]  # noqa: RUF012


class _StartCompare(MacroElement):
    """Starts our script of two maps; holds no data and needs no plug-in."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "Siting.startCompare({{ this._parent.get_name() }});{% endmacro %}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Which of our own files a page is made of, by name and in order, and what starts it."""

    styles: Sequence[str]
    scripts: Sequence[str]
    body: str
    start: Literal["plan", "compare"]


def draw(
    shell: Shell,
    assets: Assets,
    *,
    title: str,
    data: Mapping[str, Json],
    bounds: tuple[float, float, float, float],
    image_hosts: Sequence[str] = (),
) -> str:
    """Return a page as HTML.

    Parameters
    ----------
    data
        What the page's script reads.
    bounds
        West, south, east and north of the map in degrees.
    image_hosts
        The hosts that the page may load images from, besides what it holds itself.
    """
    figure = OfflineFigure(
        assets,
        title=title,
        lang="zh-Hans",
        head=[
            *(style(read_web(name)) for name in shell.styles),
            *(script(read_web(name)) for name in shell.scripts),
        ],
        body=[Raw(read_web(shell.body)), data_island(data, name="siting-data")],
        image_hosts=image_hosts,
    )
    west, south, east, north = bounds
    # Leaflet counts (lat, lon); folium itself never asks for tiles.
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
    if shell.start == "plan":
        canvas.add_child(_Start())  # type: ignore[no-untyped-call]  # folium declares no types here
    else:
        canvas.add_child(_StartCompare())  # type: ignore[no-untyped-call]
    figure.add_child(canvas)
    return figure.render()


def words_data(wording: Mapping[str, Label]) -> dict[str, Json]:
    """Return words in the order of the page's languages; the third only where they have it."""
    return {key: _languages(label) for key, label in sorted(wording.items())}


def _languages(label: Label) -> list[str]:
    hant = [label.zh_hant] if isinstance(label, Wording) else []
    return [label.zh, label.en, *hant]


def read_web(name: str) -> str:
    """Return one of our own files of the page."""
    return (_WEB / name).read_text(encoding="utf-8").strip()
