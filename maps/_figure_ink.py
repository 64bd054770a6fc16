"""What a figure is made of: shapes, signs and words in millimetres of the sheet, layer upon layer.

A figure is data before it is a picture: it is drawn once, and ``maps._figure_svg`` and
``maps._figure_png`` write it as often as a report asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Box: TypeAlias = tuple[float, float, float, float]
"""Of the sheet, in millimetres."""

Line: TypeAlias = NDArray[np.float64]
"""Points of the sheet, shape ``(n, 2)``, millimetres from its lower left corner."""

INK, FAINT = "#222222", "#6b6b6b"
A3_MM = (420.0, 297.0)
MM_PER_INCH = 25.4
MM_PER_PT = MM_PER_INCH / 72
HALO_PT, HALO_OPACITY = 2.2, 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How something is drawn; colours as ``#rrggbb``, an empty one is left out.

    ``dash`` counts in widths of the line.
    """

    fill: str = ""
    fill_opacity: float = 1.0
    stroke: str = ""
    width_pt: float = 0.0
    dash: tuple[float, ...] = ()
    is_round: bool = False
    stroke_opacity: float = 1.0


# Compared by identity: the writers keep what they made of a shape that several maps share.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """Lines, or areas whose holes turn the other way."""

    lines: tuple[Line, ...]
    look: Look
    is_closed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """An outline with curves: points and matplotlib's path codes, ``n`` of each."""

    points: Line
    codes: NDArray[np.uint8]
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """Signs of one kind and size at several places; ``marker`` as matplotlib names it."""

    marker: str
    size_pt: float
    places: Line
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Text of one line; ``across`` and ``up`` say which point of it stands at x, y.

    ``has_halo`` sets it off from the lines below.
    """

    x: float
    y: float
    text: str
    size_pt: float
    colour: str = INK
    is_bold: bool = False
    has_halo: bool = False
    across: Literal["left", "middle", "right"] = "left"
    up: Literal["top", "middle", "base", "bottom"] = "top"


Item: TypeAlias = Shape | Curve | Marks | Words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """Items in the order in which they are drawn; nothing is seen outside ``clip``.

    ``clip`` is left, bottom, width, height; ``is_ground`` marks what several maps stand on.
    """

    items: tuple[Item, ...]
    clip: Box | None = None
    is_ground: bool = False


Drawing: TypeAlias = tuple[Layer, ...]


def rectangle(box: Box, look: Look) -> Shape:
    """Return a box, given as left, bottom, right, top, as a shape."""
    left, bottom, right, top = box
    return polygon([(left, bottom), (right, bottom), (right, top), (left, top)], look)


def polygon(points: Sequence[tuple[float, float]], look: Look) -> Shape:
    """Return an area."""
    return Shape(lines=(np.array(points, dtype=np.float64),), look=look)


def stroke(points: Sequence[tuple[float, float]], look: Look) -> Shape:
    """Return a line."""
    line = np.array(points, dtype=np.float64)
    return Shape(lines=(line,), look=look, is_closed=False)


def texts(drawing: Drawing) -> list[str]:
    """Return all words of a drawing, in order."""
    return [item.text for layer in drawing for item in layer.items if isinstance(item, Words)]
