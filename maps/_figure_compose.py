"""A map with what stands beside it: ground, content, panel, and enlarged cut-outs of dense places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from maps import _figure_ground as ground
from maps._figure_base import Pen
from maps._figure_ink import INK, Box, Drawing, Item, Layer, Look, Shape, Words, rectangle
from maps._figure_panel import Margin, furnish, scale_text
from maps._figure_sheet import Bounds, View, view_of

Paint = Callable[[View, Sequence[Bounds]], Sequence[Item]]
"""Returns the content of a map, what is on top last; what lies in the bounds is labelled in a cut-out."""

_ZOOM = 4.0
_FEWEST = 4
_LEAST_MM, _MOST_MM = 62.0, 118.0
_HEAD_MM, _GAP_MM = 7.0, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A map to be drawn: what stands beside it, its content, and the places that must be legible."""

    margin: Margin
    paint: Paint
    focus: NDArray[np.float64]


def compose(pen: Pen, sketch: Sketch) -> Drawing:
    """Return a map, with up to two cut-outs where its places are dense."""
    view = view_of(pen.draft.result)
    margin = replace(sketch.margin, legend=[*sketch.margin.legend, *ground.explain(pen)])
    furniture, room = furnish(view, pen, margin)
    cuts = cut_outs(sketch.focus, view, _places(room))
    content = list(sketch.paint(view, [cut.bounds for cut in cuts]))
    inner: list[Layer] = []
    for letter, cut in zip("AB", cuts, strict=False):
        content += _frame(view, cut, letter)
        inner.append(ground.draw(cut, pen))
        inner.append(Layer(items=tuple(sketch.paint(cut, [])), clip=cut.box_mm))
        furniture += _heading(pen, cut, letter)
    furniture += [_edge(part) for part in (view, *cuts)]
    return (
        ground.draw(view, pen),
        Layer(items=tuple(content), clip=view.box_mm),
        *inner,
        Layer(items=tuple(furniture)),
    )


def _heading(pen: Pen, cut: View, letter: str) -> list[Item]:
    """Return the name of a cut-out and its scale."""
    left, bottom, width, height = cut.box_mm
    y, words = bottom + height + 1.2, pen.say(f"局部放大 {letter}", f"Cut-out {letter}")
    scale = scale_text(pen, cut)
    return [
        Words(x=left, y=y, text=words, size_pt=10, is_bold=True, up="bottom"),
        Words(x=left + width, y=y, text=scale, size_pt=8, across="right", up="bottom"),
    ]


def _edge(view: View) -> Shape:
    left, bottom, width, height = view.box_mm
    return rectangle((left, bottom, left + width, bottom + height), Look(stroke=INK, width_pt=0.8))


def _places(room: Box) -> list[Box]:
    """Return where cut-outs fit into the room that the panel leaves: left, bottom, width, height."""
    left, bottom, right, top = room
    height = min(top - bottom - _HEAD_MM - _GAP_MM, _MOST_MM)
    width = (right - left - _GAP_MM) / 2
    if height < _LEAST_MM:
        return []
    if width >= _LEAST_MM:
        return [(left, bottom, width, height), (left + width + _GAP_MM, bottom, width, height)]
    return [(left, bottom, right - left, height)]


def cut_outs(focus: NDArray[np.float64], view: View, places: Sequence[Box]) -> list[View]:
    """Return views of the densest places, none overlapping another."""
    if not len(focus):
        return []
    x, y = focus.T
    is_left = np.ones(len(x), dtype=bool)
    found: list[View] = []
    for place in places:
        scale = view.metres_per_mm / _ZOOM
        half = (place[2] * scale / 2 * 0.9, place[3] * scale / 2 * 0.9)
        near = (np.abs(x[:, None] - x) <= half[0]) & (np.abs(y[:, None] - y) <= half[1]) & is_left
        sizes = np.where(is_left, near.sum(axis=1), 0)
        best = int(np.argmax(sizes))
        if sizes[best] < _FEWEST:
            break
        inside = near[best]
        cut = _around(x[inside], y[inside], place, view)
        if any(_overlap(cut.bounds, other.bounds) for other in found):
            break
        found.append(cut)
        x0, y0, x1, y1 = cut.bounds
        is_left &= ~((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))
    return found


def _around(x: np.ndarray, y: np.ndarray, place: Box, view: View) -> View:
    """Return the view of a cut-out with some places in its middle, inside that of the map."""
    scale = view.metres_per_mm / _ZOOM
    x0, y0, x1, y1 = view.bounds
    width, height = place[2] * scale, place[3] * scale
    left = min(max(float(x.min() + x.max() - width) / 2, x0), x1 - width)
    bottom = min(max(float(y.min() + y.max() - height) / 2, y0), y1 - height)
    return View(box_mm=place, left=left, bottom=bottom, metres_per_mm=scale)


def _overlap(a: Bounds, b: Bounds) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _frame(view: View, cut: View, letter: str) -> list[Item]:
    """Return the frame on the map of what a cut-out shows."""
    x0, y0, x1, y1 = cut.bounds
    (left, bottom), (right, top) = view.to_mm(x0, y0), view.to_mm(x1, y1)
    return [
        rectangle((left, bottom, right, top), Look(stroke=INK, width_pt=0.9)),
        Words(x=left + 0.7, y=top - 0.7, text=letter, size_pt=9, is_bold=True),
    ]
