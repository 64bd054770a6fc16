"""One palette and one set of class breaks for the map, the GeoPackage and every other output.

Colours are told apart under the common kinds of colour blindness: the score ramp is five steps
of cividis (Nuñez, Anderton & Renslow 2018), the facility hues are those of Okabe & Ito (2008).
"""

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from types import MappingProxyType

SCORE_BREAKS: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8)
"""Inner limits of the score classes. Fixed, so that the top class means good, not just best here."""

SCORE_COLOURS: tuple[str, ...] = ("#00224e", "#434e6c", "#7d7c78", "#bcae6c", "#fee838")
"""Fill of each score class, worst to best."""

SCORE_TEXT_COLOURS: tuple[str, ...] = ("#ffffff", "#ffffff", "#000000", "#000000", "#000000")
"""Text that stays legible on each score fill (contrast of at least 4.5 to 1)."""

SURFACE_STEPS: int = 20
"""Colours of the scored ground, finer than the classes, so that its slopes can be seen."""

SURFACE_OPACITY: float = 0.75
"""Of the scored ground, so that land, coast and roads show through."""

SCORE_RADII_PX: tuple[float, ...] = (4.0, 5.0, 6.0, 7.0, 8.0)
"""Radius of each score class: size repeats what the colour says."""

NO_SCORE = -1
"""Class of a candidate whose score is unknown; drawn like an excluded one."""

FACILITY_COLOURS: Mapping[str, str] = MappingProxyType(
    {"hydrogen": "#0072b2", "charging": "#009e73", "shore_power": "#d55e00"}
)
"""Fallback hues; a facility's own ``colour`` comes first."""

OTHER_FACILITY_COLOURS: tuple[str, ...] = ("#cc79a7", "#56b4e9", "#e69f00", "#5b4a8a")
"""Fallback hues of facility types not named above, in the order of the study."""

_HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerStyle:
    """How a background layer looks: stroke and fill as ``#rrggbb``, widths in pixels.

    An empty ``fill`` leaves the inside open; ``dash`` is a stroke pattern in pixels.
    """

    stroke: str
    width_px: float
    fill: str = ""
    fill_opacity: float = 1.0
    dash: tuple[float, ...] = ()
    radius_px: float = 0.0


LAYER_STYLES: Mapping[str, LayerStyle] = MappingProxyType(
    {
        "sea": LayerStyle(stroke="#d6e4ee", width_px=0.0, fill="#d6e4ee"),
        "land": LayerStyle(stroke="#6b7b8a", width_px=0.8, fill="#f5f3ee"),
        "coastline": LayerStyle(stroke="#6b7b8a", width_px=1.0),
        "districts": LayerStyle(stroke="#6e7d8c", width_px=1.0, dash=(4.0, 3.0)),
        "roads": LayerStyle(stroke="#a8916a", width_px=1.5),
        "protected_hard": LayerStyle(
            stroke="#3f6b3a", width_px=1.0, fill="#7fa67a", fill_opacity=0.45
        ),
        "protected_soft": LayerStyle(
            stroke="#3f6b3a", width_px=1.0, fill="#7fa67a", fill_opacity=0.2, dash=(3.0, 3.0)
        ),
        "ports": LayerStyle(stroke="#ffffff", width_px=1.0, fill="#33475b", radius_px=5.0),
        "parks": LayerStyle(stroke="#ffffff", width_px=1.0, fill="#7a5c3e", radius_px=4.0),
        "energy": LayerStyle(stroke="#ffffff", width_px=1.0, fill="#5b4a8a", radius_px=4.0),
        "demand_covered": LayerStyle(
            stroke="#ffffff", width_px=0.5, fill="#4a5560", radius_px=3.0
        ),
        "demand_open": LayerStyle(stroke="#b3261e", width_px=1.2, fill="#ffffff", radius_px=3.0),
        "excluded": LayerStyle(stroke="#7a7a7a", width_px=1.0, fill="#ffffff", radius_px=3.0),
        "allocation": LayerStyle(stroke="#555555", width_px=1.0),
        "service_areas": LayerStyle(stroke="#555555", width_px=1.0, fill_opacity=0.15),
    }
)
"""Looks of everything but the score and the facilities; both take their colour from above."""


CHANGE_STYLES: Mapping[str, LayerStyle] = MappingProxyType(
    {
        "kept": LayerStyle(stroke="#ffffff", width_px=1.5, fill="#52606c", radius_px=5.5),
        "moved": LayerStyle(stroke="#ffffff", width_px=1.5, fill="#0072b2", radius_px=8.0),
        "dropped": LayerStyle(stroke="#ffffff", width_px=1.5, fill="#c04a00", radius_px=8.0),
        "added": LayerStyle(stroke="#ffffff", width_px=1.5, fill="#00795a", radius_px=8.5),
    }
)
"""Looks of what became of a site from one plan to another; each also has a shape and a word of its own."""


def score_class(score: float) -> int:
    """Return the class of a score.

    A score on a break falls into the lower class, as QGIS does with its graduated ranges, so
    that the map and the GeoPackage agree.

    Parameters
    ----------
    score
        In [0, 1], or NaN for unknown.

    Returns
    -------
    int
        0 (worst) to 4 (best), or ``NO_SCORE`` for NaN.

    Examples
    --------
    >>> score_class(0.2), score_class(0.81), score_class(float("nan"))
    (0, 4, -1)
    """
    return NO_SCORE if isnan(score) else bisect_left(SCORE_BREAKS, score)


def score_ranges() -> tuple[tuple[float, float], ...]:
    """Return lower and upper limit of every score class, worst to best, from 0 to 1."""
    limits = (0.0, *SCORE_BREAKS, 1.0)
    return tuple(pairwise(limits))


def class_middles() -> tuple[float, ...]:
    """Return the middle of every score class, worst to best: there the ramp has the class's colour."""
    return tuple((low + high) / 2 for low, high in score_ranges())


def surface_colours() -> tuple[str, ...]:
    """Return the fill of each of ``SURFACE_STEPS`` equal steps of the score, worst to best.

    Between the middles of the classes the colours go over into each other; below the first and
    above the last they stay.

    Examples
    --------
    >>> surface_colours()[0], surface_colours()[-1]
    ('#00224e', '#fee838')
    """
    middles = class_middles()
    channels = [[int(colour[at : at + 2], 16) for colour in SCORE_COLOURS] for at in (1, 3, 5)]
    steps = [(step + 0.5) / SURFACE_STEPS for step in range(SURFACE_STEPS)]
    found = []
    for score in steps:
        at = min(max(bisect_left(middles, score), 1), len(middles) - 1)
        share = (score - middles[at - 1]) / (middles[at] - middles[at - 1])
        share = min(max(share, 0.0), 1.0)
        parts = (round(c[at - 1] + share * (c[at] - c[at - 1])) for c in channels)
        found.append("#" + "".join(f"{part:02x}" for part in parts))
    return tuple(found)


def facility_colour(key: str, colour: str, *, position: int = 0) -> str:
    """Return the colour of a facility type as ``#rrggbb``, lower case.

    Parameters
    ----------
    key
        The facility's key; picks the fallback.
    colour
        What the facility file says. Anything but ``#rrggbb`` is ignored: text from a file must
        never reach a style sheet.
    position
        Place of the facility in the study, for fallbacks of types without a hue of their own.

    Examples
    --------
    >>> facility_colour("hydrogen", "#0072B2")
    '#0072b2'
    >>> facility_colour("charging", "red;} body{display:none")
    '#009e73'
    """
    if _HEX_COLOUR.fullmatch(colour):
        return colour.lower()
    others = OTHER_FACILITY_COLOURS
    return FACILITY_COLOURS.get(key, others[position % len(others)])
