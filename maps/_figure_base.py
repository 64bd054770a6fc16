"""What all figures share: fonts, colours, sizes on paper, and bytes that are the same every time."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from math import isfinite
from typing import Any, Literal, TypeAlias

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet

from maps import fonts
from maps._figure_ink import A3_MM, FAINT, INK, Drawing
from maps._figure_png import to_png
from maps._figure_record import record
from maps._figure_svg import to_svg
from maps.draft import MISSING, Draft, plain, text_of
from maps.style import facility_colour
from siting.model import FacilitySpec

Ending: TypeAlias = Literal["svg", "png"]

CHART_WIDTH_MM = 165.0
"""Type area of an upright A4 page."""

GRID = "#d9d9d9"
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
CASE_COLOURS: Mapping[str, str] = {"low": "#9fb8c8", "base": "#3d6b8c", "high": "#12344d"}
_DPI_PLATE, _DPI_CHART = 170, 200
_LONG, _WIDE = 24, 0x2E7F
_WHOLE_FROM = 100.0
_FONT_PT = 9.0
_SETTINGS: dict[Any, object] = {
    "font.size": _FONT_PT,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.6,
    "axes.labelcolor": INK,
    "axes.titlesize": _FONT_PT + 0.5,
    "axes.unicode_minus": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """How words reach a drawing.

    Without a Chinese font on the machine the words are English, and a name that cannot be drawn is
    its number.
    """

    draft: Draft
    family: str | None

    def text(self, text: str) -> str:
        """Return text with a box for what no font can draw."""
        return fonts.legible(plain(text), family=self.family)

    def say(self, zh: str, en: str) -> str:
        """Return the words of the language that is drawn."""
        return self.text(self.draft.say(zh, en))

    def name(
        self, row: Mapping[Hashable, object], *, otherwise: str = "", length: int = _LONG
    ) -> str:
        """Return the name of a place, cut where it is long; ``otherwise`` if it cannot be drawn."""
        name = self.draft.named(row)
        if not fonts.is_legible(name, family=self.family):
            name = text_of(row.get("name_en"))
        if not name or not fonts.is_legible(name, family=self.family):
            return otherwise
        return short(name, length)


def pen_for(draft: Draft) -> Pen:
    """Return the pen for this machine's fonts."""
    family = fonts.chinese_family()
    return Pen(draft=draft if family else replace(draft, language="en"), family=family)


def short(name: str, length: int = _LONG) -> str:
    """Return a name cut to a number of half-width characters, a Chinese one counting two.

    Examples
    --------
    >>> short("Qianwan", 4), short("前湾集疏运枢纽", 8)
    ('Qia…', '前湾集…')
    """
    if width_of(name) <= length:
        return name
    cut = name
    while width_of(cut) > length - 1:
        cut = cut[:-1]
    return f"{cut}…"


def brief(value: float) -> str:
    """Return a number for a chart, to three significant digits below 100, whole above.

    Examples
    --------
    >>> brief(6.6891), brief(1016.3), brief(float("nan")), brief(-0.0)
    ('6.69', '1,016', '—', '0')
    """
    if not isfinite(value):
        return MISSING
    text = f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{float(f'{value:.3g}'):g}"
    return "0" if text == "-0" else text


def em_width(text: str) -> float:
    """Return about how wide text is, in its own size."""
    return sum(1.0 if ord(c) > _WIDE else 0.58 for c in text)


def width_of(text: str) -> int:
    """Return the width of text in half-width characters."""
    return sum(2 if ord(c) > _WIDE else 1 for c in text)


def chart(
    draw: Callable[[Sheet, Pen], None], draft: Draft, size_mm: tuple[float, float]
) -> Callable[[Ending], bytes]:
    """Return what writes a chart as SVG or PNG; it is drawn once, when first asked for."""
    make = cache(partial(_recorded, draw, draft, size_mm))
    return partial(_written, make, draft, size_mm, _DPI_CHART)


def plate(compose: Callable[[Pen], Drawing], draft: Draft) -> Callable[[Ending], bytes]:
    """Return what writes a map as SVG or PNG; it is composed once, when first asked for."""
    make = cache(partial(_composed, compose, draft))
    return partial(_written, make, draft, A3_MM, _DPI_PLATE)


def _composed(compose: Callable[[Pen], Drawing], draft: Draft) -> Drawing:
    return compose(pen_for(draft))


def _recorded(
    draw: Callable[[Sheet, Pen], None], draft: Draft, size_mm: tuple[float, float]
) -> Drawing:
    with _settings():
        pen = pen_for(draft)
        return record(lambda sheet: draw(sheet, pen), size_mm, _families(draft))


def _written(
    make: Callable[[], Drawing],
    draft: Draft,
    size_mm: tuple[float, float],
    dpi: int,
    ending: Ending,
) -> bytes:
    """Return a drawing as a file, the same bytes each time."""
    if ending == "svg":
        return to_svg(make(), size_mm, _families(draft))
    return to_png(make(), size_mm, _families(draft), dpi=dpi)


def _families(draft: Draft) -> list[str]:
    return fonts.families(is_chinese=draft.language == "zh")


@contextmanager
def _settings() -> Iterator[None]:
    """Draw with the report's settings: a style of the user's own must not change a report."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def colour_of(draft: Draft, facility: FacilitySpec) -> str:
    """Return the colour of a facility type, that of the map."""
    return facility_colour(facility.key, facility.colour, position=place_of(draft, facility))


def marker_of(draft: Draft, facility: FacilitySpec) -> str:
    """Return the sign of a facility type: shape repeats what the colour says."""
    return MARKERS[place_of(draft, facility) % len(MARKERS)]


def place_of(draft: Draft, facility: FacilitySpec) -> int:
    """Return the place of a facility type in the study."""
    return [f.key for f in draft.result.study.facilities].index(facility.key)


def bare(axes: Axes) -> None:
    """Take the frame off a chart, but for the line the bars stand on."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)


def safe(key: str) -> str:
    """Return a key of small letters and underscores."""
    return "".join(c if c.isascii() and (c.islower() or c == "_") else "_" for c in key.lower())
