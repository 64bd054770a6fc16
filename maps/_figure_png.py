"""Figures as pictures: drawn by matplotlib's renderer, in few colours, as maps and charts have them."""

from collections.abc import Sequence
from functools import lru_cache, partial
from io import BytesIO

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import NDArray
from PIL import Image

from maps._figure_ink import (
    HALO_OPACITY,
    HALO_PT,
    MM_PER_INCH,
    MM_PER_PT,
    Box,
    Curve,
    Drawing,
    Item,
    Layer,
    Look,
    Shape,
    Words,
)
from maps._figure_svg import unit_sign
from maps._figure_type import EM, origin, outline, typeset

Pixels = NDArray[np.uint8]

_COLOURS = 64
# Harder packing takes ten times as long and saves a twentieth.
_PACKED = 6
_NEARLY_WHITE = 250


def to_png(
    drawing: Drawing, size_mm: tuple[float, float], families: Sequence[str], *, dpi: int
) -> bytes:
    """Return a map as PNG; the same map gives the same bytes.

    Parameters
    ----------
    size_mm
        Width and height of the sheet.
    families
        The fonts to draw with, the first that has a letter wins.
    """
    is_shared = bool(drawing) and drawing[0].is_ground
    renderer, pixels = _paper(size_mm, dpi)
    if is_shared:
        pixels[:] = _ground(drawing[0], size_mm, dpi)
    for layer in drawing[is_shared:]:
        _draw(renderer, layer, tuple(families), dpi)
    return packed(pixels, dpi=dpi)


def packed(pixels: Pixels, *, dpi: int) -> bytes:
    """Return a picture as PNG of few colours, white as white.

    Parameters
    ----------
    pixels
        Opaque, shape ``(height, width, 4)``.
    """
    image = Image.fromarray(pixels).convert("RGB")
    few = image.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = np.array(few.getpalette(), dtype=np.uint8).reshape(-1, 3)
    palette[(palette >= _NEARLY_WHITE).all(axis=1)] = 255
    few.putpalette(palette.tobytes())
    target = BytesIO()
    few.save(target, format="png", compress_level=_PACKED, dpi=(dpi, dpi))
    return target.getvalue()


def _paper(size_mm: tuple[float, float], dpi: int) -> tuple[RendererBase, Pixels]:
    """Return a renderer and the white pixels that it draws on."""
    width, height = (round(side / MM_PER_INCH * dpi) for side in size_mm)
    # matplotlib has no types for this class.
    renderer = RendererAgg(width, height, dpi)  # type: ignore[no-untyped-call]
    pixels: Pixels = np.asarray(renderer.buffer_rgba())  # type: ignore[no-untyped-call]
    pixels[:] = 255
    return renderer, pixels


# All maps of a report stand on the same ground.
@lru_cache(maxsize=1)
def _ground(ground: Layer, size_mm: tuple[float, float], dpi: int) -> Pixels:
    renderer, pixels = _paper(size_mm, dpi)
    _draw(renderer, ground, (), dpi)
    return pixels.copy()


def _draw(renderer: RendererBase, layer: Layer, families: tuple[str, ...], dpi: int) -> None:
    scale = dpi / MM_PER_INCH
    for item in layer.items:
        context = renderer.new_gc()
        if layer.clip is not None:
            context.set_clip_rectangle(_pixels(layer.clip, scale))
        _draw_item(renderer, context, item, families, scale)
        context.restore()


def _pixels(box: Box, scale: float) -> Bbox:
    left, bottom, width, height = (side * scale for side in box)
    return Bbox.from_bounds(left, bottom, width, height)


def _draw_item(
    renderer: RendererBase,
    context: GraphicsContextBase,
    item: Item,
    families: tuple[str, ...],
    scale: float,
) -> None:
    place = Affine2D().scale(scale)
    if isinstance(item, Words):
        _draw_words(renderer, context, item, families, place)
        return
    face = _set(context, item.look)
    if isinstance(item, Shape):
        renderer.draw_path(context, _path(item), place, face)
        return
    if isinstance(item, Curve):
        renderer.draw_path(context, Path(item.points, item.codes), place, face)
        return
    sign = Path(*unit_sign(item.marker))
    size = Affine2D().scale(item.size_pt * MM_PER_PT * scale)
    renderer.draw_markers(context, sign, size, Path(item.places), place, face)


def _draw_words(
    renderer: RendererBase,
    context: GraphicsContextBase,
    words: Words,
    families: tuple[str, ...],
    place: Affine2D,
) -> None:
    letters = _letters(words, families)
    if not len(np.asarray(letters.vertices)):
        return
    context.set_snap(False)
    if words.has_halo:
        context.set_linewidth(HALO_PT)
        context.set_joinstyle("round")
        context.set_foreground(to_rgba("white", HALO_OPACITY), isRGBA=True)
        renderer.draw_path(context, letters, place, None)
    context.set_linewidth(0.0)
    renderer.draw_path(context, letters, place, to_rgba(words.colour))


def _set(context: GraphicsContextBase, look: Look) -> tuple[float, float, float, float] | None:
    """Give a context the line of a look; return the colour of its fill."""
    has_line = bool(look.stroke and look.width_pt)
    context.set_linewidth(look.width_pt if has_line else 0.0)
    if has_line:
        context.set_foreground(to_rgba(look.stroke, look.stroke_opacity), isRGBA=True)
    if look.dash:
        context.set_dashes(0, [part * look.width_pt for part in look.dash])
    context.set_joinstyle("round" if look.is_round else "miter")
    context.set_capstyle("round" if look.is_round else "butt")
    return to_rgba(look.fill, look.fill_opacity) if look.fill else None


def _path(shape: Shape) -> Path:
    make = partial(np.full, dtype=np.uint8)
    points, codes = [], []
    for line in shape.lines:
        steps = make(len(line), Path.LINETO)
        steps[0] = Path.MOVETO
        points.append(line)
        codes.append(steps)
        if shape.is_closed:
            points.append(line[:1])
            codes.append(make(1, Path.CLOSEPOLY))
    return Path(np.concatenate(points), np.concatenate(codes))


def _letters(words: Words, families: tuple[str, ...]) -> Path:
    """Return the outline of words, in millimetres."""
    line = typeset(words.text, families, is_bold=words.is_bold)
    mm = words.size_pt * MM_PER_PT
    points, codes = outline(line)
    return Path(np.array(origin(words, line.width, mm_per_em=mm)) + points * (mm / EM), codes)
