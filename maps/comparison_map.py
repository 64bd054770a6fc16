"""Two plans on two maps that move together: one HTML file that opens with no network."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from maps._comparison_map import comparison_data
from maps._page_base import lonlat_bounds
from maps._page_shell import Shell, draw
from maps.offline import read_assets
from siting.model import Label, Result

_SHELL: Final = Shell(
    styles=("page.css", "panel.css", "map.css", "decide.css", "compare.css"),
    # In the order in which they need each other.
    scripts=(
        "core.js",
        "columns.js",
        "grid.js",
        "dom.js",
        "theme.js",
        "labels.js",
        "symbols.js",
        "many.js",
        "dots.js",
        "lines.js",
        "base.js",
        "card.js",
        "icons.js",
        "about.js",
        "sheet.js",
        "sync.js",
        "pair.js",
        "comparecard.js",
        "comparepanel.js",
        "compare.js",
    ),
    body="compare.html",
    start="compare",
)


def render_comparison(
    results: tuple[Result, Result],
    frames: Mapping[str, pd.DataFrame],
    *,
    labels: Mapping[str, Label],
    names: tuple[str, str],
    only: tuple[Sequence[Label], Sequence[Label]],
    takeover_km: float,
    wording: Mapping[str, Label],
) -> str:
    """Return the page of two maps as HTML: before on the left, after on the right.

    Every site says by shape, colour and word whether it was kept, moved, dropped or added, and a card
    gives the reasons that ``siting.compare`` found. Same input, same text; it loads and sends nothing.

    Parameters
    ----------
    results, names
        Before and after, and what the reader calls them.
    frames, labels, only, takeover_km
        The parts of a ``siting.compare.Comparison`` of the two.
    wording
        The words of the page by key (config/wording.toml).

    Raises
    ------
    OutputError
        The page's third-party scripts are not installed or were changed.
    """
    assets = read_assets()
    data = comparison_data(
        results,
        frames,
        labels=labels,
        names=names,
        only=only,
        takeover_km=takeover_km,
        wording=wording,
        licences=assets.licences,
    )
    title = results[1].study.title.zh
    return draw(_SHELL, assets, title=title, data=data, bounds=lonlat_bounds(results[1]))
