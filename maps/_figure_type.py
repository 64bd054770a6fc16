"""Words as outlines: shaped once, drawn as often as they stand on a map."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from maps._figure_ink import Words

EM = text_to_path.FONT_SCALE
"""Units of an outline in the size of its letters."""

# Of the size of letters, above the line they stand on: small p and capital letters of DejaVu Sans.
TOP, BOTTOM, _MIDDLE = 0.76, -0.22, 0.36
_RIGHT = {"left": 0.0, "middle": 0.5, "right": 1.0}
_UP = {"top": TOP, "middle": _MIDDLE, "base": 0.0, "bottom": BOTTOM}


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """The outline of a letter: points ``(n, 2)`` in ``EM`` and matplotlib's path codes.

    ``name`` is that of its font and its place there: equal names, equal outlines.
    """

    name: str
    points: NDArray[np.float64] = field(compare=False)
    codes: NDArray[np.uint8] = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typeset:
    """Letters with their places on the line, and how wide the text is, in ``EM``."""

    glyphs: tuple[Glyph, ...]
    places: tuple[tuple[float, float], ...]
    width: float


@lru_cache(maxsize=4096)
def typeset(text: str, families: Sequence[str], *, is_bold: bool) -> Typeset:
    """Return text set in the first of the families that has each letter.

    Parameters
    ----------
    families
        As a tuple, so that what is set is kept.

    Examples
    --------
    >>> typeset("", ("DejaVu Sans",), is_bold=False).width
    0.0
    """
    if not text:
        return Typeset(glyphs=(), places=(), width=0.0)
    weight = "bold" if is_bold else "normal"
    font = get_font(tuple(_file(family, weight) for family in families))
    font.set_size(EM, text_to_path.DPI)
    # A full stop at the end tells where the text ends, blanks included.
    info, outlines, _ = text_to_path.get_glyphs_with_font(font, f"{text}.")
    letters, (_, width, _, _) = info[:-1], info[-1]
    return Typeset(
        glyphs=tuple(
            Glyph(name=name, points=points, codes=np.asarray(codes, dtype=np.uint8))
            for name, *_ in letters
            for points, codes in (outlines[name],)
        ),
        places=tuple((x, y) for _, x, y, _ in letters),
        width=width,
    )


@lru_cache(maxsize=64)
def _file(family: str, weight: str) -> str:
    return findfont(FontProperties(family=family, weight=weight))


def outline(line: Typeset) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return the points of a whole text in ``EM``, from where its line begins, and their codes."""
    drawn = [
        (glyph.points + np.array(place), glyph.codes)
        for glyph, place in zip(line.glyphs, line.places, strict=True)
        if len(glyph.points)
    ]
    if not drawn:
        return np.empty((0, 2)), np.empty(0, dtype=np.uint8)
    return (
        np.concatenate([points for points, _ in drawn]),
        np.concatenate([codes for _, codes in drawn]),
    )


def origin(words: Words, width: float, *, mm_per_em: float) -> tuple[float, float]:
    """Return where the line of some words begins, in millimetres; ``width`` in ``EM``."""
    return (
        words.x - _RIGHT[words.across] * width / EM * mm_per_em,
        words.y - _UP[words.up] * mm_per_em,
    )
