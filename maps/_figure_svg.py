"""A figure as SVG: whole numbers of a twentieth of a millimetre, letters as outlines drawn once."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from numpy.typing import NDArray

from maps._figure_ink import (
    HALO_OPACITY,
    HALO_PT,
    MM_PER_PT,
    Box,
    Curve,
    Drawing,
    Item,
    Layer,
    Line,
    Look,
    Marks,
    Shape,
    Words,
)
from maps._figure_type import EM, Glyph, origin, typeset

PER_MM = 20
"""Units of the drawing in a millimetre: finer is not seen on paper."""

_PER_EM = 200
_COMMANDS: Mapping[int, tuple[str, int]] = {
    int(Path.MOVETO): ("M", 1),
    int(Path.LINETO): ("l", 1),
    int(Path.CURVE3): ("q", 2),
    int(Path.CURVE4): ("c", 3),
}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_DECIMALS = 2


def to_svg(drawing: Drawing, size_mm: tuple[float, float], families: Sequence[str]) -> bytes:
    """Return a figure as SVG that needs no font; the same figure gives the same bytes.

    Parameters
    ----------
    size_mm
        Width and height of the sheet.
    families
        The fonts to draw with, the first that has a letter wins.
    """
    writer = _Writer(size_mm[1], tuple(families))
    body = "".join(writer.layer(layer) for layer in drawing)
    width, height = (_whole(side) for side in size_mm)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size_mm[0]:g}mm" height="{size_mm[1]:g}mm" '
        f'viewBox="0 0 {width} {height}"><rect width="{width}" height="{height}" fill="#fff"/>'
        f"<defs>{''.join(writer.defs)}</defs>{body}</svg>"
    )
    # A report holds it between double quotes, where single ones stay as they are.
    return svg.replace('"', "'").encode()


class _Writer:
    """Writes layers, and remembers what is drawn once and used often."""

    def __init__(self, height_mm: float, families: tuple[str, ...]) -> None:
        self.height_mm = height_mm
        self.families = families
        self.defs: list[str] = []
        self.names: dict[object, str] = {}

    def layer(self, layer: Layer) -> str:
        body = "".join(self._item(item) for item in layer.items)
        if layer.clip is None or not body:
            return body
        return f'<g clip-path="url(#{self._clip(layer.clip)})">{body}</g>'

    def _item(self, item: Item) -> str:
        if isinstance(item, Shape):
            return f'<path{style(item.look)} d="{_outline(item, self.height_mm)}"/>'
        if isinstance(item, Curve):
            turned = (item.points * (1, -1) + (0, self.height_mm)) * PER_MM
            return f'<path{style(item.look)} d="{_path(np.rint(turned * 10) / 10, item.codes)}"/>'
        return self._marks(item) if isinstance(item, Marks) else self._words(item)

    def _clip(self, box: Box) -> str:
        left, bottom, width, height = box
        sides = f'width="{_whole(width)}" height="{_whole(height)}"'
        corner = f'x="{_whole(left)}" y="{_whole(self.height_mm - bottom - height)}"'
        return self._name(box, f'<clipPath id="{{}}"><rect {corner} {sides}/></clipPath>')

    def _marks(self, marks: Marks) -> str:
        outline = _sign(marks.marker, marks.size_pt)
        sign = self._name((marks.marker, marks.size_pt), f'<path id="{{}}" d="{outline}"/>')
        x, y = _units(marks.places, self.height_mm).T
        uses = "".join(
            f'<use href="#{sign}" x="{across}" y="{down}"/>'
            for across, down in zip(x.tolist(), y.tolist(), strict=True)
        )
        return f"<g{style(marks.look)}>{uses}</g>"

    def _words(self, words: Words) -> str:
        line = typeset(words.text, self.families, is_bold=words.is_bold)
        mm = words.size_pt * MM_PER_PT
        x, y = origin(words, line.width, mm_per_em=mm)
        uses = "".join(
            f'<use href="#{self._letter(glyph)}" x="{_short(across)}"{_shift(up)}/>'
            for glyph, (across, up) in zip(line.glyphs, line.places, strict=True)
            if len(glyph.points)
        )
        place = f"translate({_whole(x)} {_whole(self.height_mm - y)})"
        scale = f"scale({_text(mm * PER_MM / _PER_EM, 4)})"
        halo = _halo(mm) if words.has_halo else ""
        return (
            f'<g fill="{words.colour}"{halo} transform="{place}{scale}">{uses}</g>' if uses else ""
        )

    def _letter(self, glyph: Glyph) -> str:
        return self.names.get(glyph) or self._name(
            glyph, f'<path id="{{}}" d="{_letter(glyph)}"/>'
        )

    def _name(self, key: object, definition: str) -> str:
        """Return the name under which something is defined, defining it the first time."""
        if key not in self.names:
            self.names[key] = _base36(len(self.names))
            self.defs.append(definition.format(self.names[key]))
        return self.names[key]


def style(look: Look) -> str:
    """Return the look as attributes of an element."""
    parts = [f' fill="{look.fill or "none"}"']
    if look.fill and look.fill_opacity < 1:
        parts.append(f' fill-opacity="{_text(look.fill_opacity)}"')
    if look.stroke and look.width_pt:
        width = look.width_pt * MM_PER_PT * PER_MM
        parts.append(f' stroke="{look.stroke}" stroke-width="{_text(width)}"')
        if look.stroke_opacity < 1:
            parts.append(f' stroke-opacity="{_text(look.stroke_opacity)}"')
        if look.dash:
            parts.append(
                f' stroke-dasharray="{" ".join(_text(part * width) for part in look.dash)}"'
            )
        if look.is_round:
            parts.append(' stroke-linejoin="round" stroke-linecap="round"')
    return "".join(parts)


def _halo(mm_per_em: float) -> str:
    width = _text(HALO_PT * MM_PER_PT / mm_per_em * _PER_EM)
    line = f'stroke="#fff" stroke-width="{width}" stroke-opacity="{HALO_OPACITY}"'
    return f' {line} stroke-linejoin="round" paint-order="stroke"'


@lru_cache(maxsize=1024)
def _outline(shape: Shape, height_mm: float) -> str:
    end = "z" if shape.is_closed else ""
    return "".join(
        f"M{_joined(points[:1])}l{_joined(np.diff(points, axis=0))}{end}"
        for points in (_units(line, height_mm) for line in shape.lines)
        if len(points) > 1
    )


def _units(line: Line, height_mm: float) -> NDArray[np.int64]:
    turned = np.column_stack((line[:, 0], height_mm - line[:, 1]))
    return np.rint(turned * PER_MM).astype(np.int64)


@lru_cache(maxsize=64)
def _sign(marker: str, size_pt: float) -> str:
    points, codes = unit_sign(marker)
    scale = size_pt * MM_PER_PT * PER_MM
    return _path(np.rint(points * (scale, -scale) * 10) / 10, codes)


@lru_cache(maxsize=4096)
def _letter(glyph: Glyph) -> str:
    scale = _PER_EM / EM
    return _path(np.rint(glyph.points * (scale, -scale)), glyph.codes)


def _path(points: NDArray[np.float64], codes: NDArray[np.uint8]) -> str:
    """Return an outline of lines and curves, each point told from where the pen stands."""
    return "".join(_pieces(points, codes.tolist()))


def _pieces(points: NDArray[np.float64], codes: Sequence[int]) -> Iterator[str]:
    at, here, start = 0, np.zeros(2), np.zeros(2)
    while at < len(codes):
        if codes[at] == Path.CLOSEPOLY:
            here, at = start, at + 1
            yield "z"
            continue
        name, count = _COMMANDS[codes[at]]
        part = points[at : at + count]
        yield name + _joined(part - (here if name != "M" else 0.0))
        here, at = part[-1], at + count
        start = here if name == "M" else start


@lru_cache(maxsize=32)
def unit_sign(marker: str) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return points and codes of a sign that is 1 across."""
    style = MarkerStyle(marker)
    path = style.get_path().transformed(style.get_transform())
    points = np.asarray(path.vertices, dtype=np.float64)
    if path.codes is None:
        codes = np.array([Path.MOVETO] + [Path.LINETO] * (len(points) - 1), dtype=np.uint8)
        return points, codes
    return points, np.asarray(path.codes, dtype=np.uint8)


def _joined(points: NDArray[np.int64] | NDArray[np.float64]) -> str:
    return " ".join(f"{value:g}" for value in points.ravel().tolist()).replace(" -", "-")


def _whole(mm: float) -> int:
    return round(mm * PER_MM)


def _short(em: float) -> int:
    return round(em * _PER_EM / EM)


def _shift(up: float) -> str:
    return f' y="{-_short(up)}"' if _short(up) else ""


def _text(value: float, decimals: int = _DECIMALS) -> str:
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def _base36(number: int) -> str:
    """Return a short name that begins with a letter."""
    text = ""
    while number or not text:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return f"i{text}"
