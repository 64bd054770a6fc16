"""Charts by matplotlib, taken down as shapes and words: drawn once, written as SVG and PNG."""

from collections.abc import Callable, Sequence
from math import cos, radians, sin
from typing import Literal

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase, GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure as Sheet
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Transform
from matplotlib.typing import ColorType

from maps._figure_ink import MM_PER_INCH, MM_PER_PT, Box, Curve, Drawing, Item, Layer, Look, Words
from maps._figure_type import BOTTOM, EM, TOP, Typeset, outline, typeset

_PER_INCH = 72
_BOLD = 600


def record(
    draw: Callable[[Sheet], None], size_mm: tuple[float, float], families: Sequence[str]
) -> Drawing:
    """Return what a function draws on a sheet of matplotlib.

    Parameters
    ----------
    size_mm
        Width and height of the sheet.
    families
        The fonts to draw with, the first that has a letter wins.
    """
    inches = (size_mm[0] / MM_PER_INCH, size_mm[1] / MM_PER_INCH)
    sheet = Sheet(figsize=inches, dpi=_PER_INCH)
    renderer = _Recorder(size_mm, tuple(families))
    _Canvas(sheet, renderer)
    draw(sheet)
    sheet.draw(renderer)
    return renderer.drawing()


class _Canvas(FigureCanvasBase):
    """Gives a sheet the renderer that measures its words while it is laid out."""

    def __init__(self, sheet: Sheet, renderer: RendererBase) -> None:
        super().__init__(sheet)
        self._renderer = renderer

    def get_renderer(self) -> RendererBase:
        return self._renderer


class _Recorder(RendererBase):
    """Notes what matplotlib draws, in points from the lower left corner."""

    def __init__(self, size_mm: tuple[float, float], families: tuple[str, ...]) -> None:
        super().__init__()
        self._size_pt = (size_mm[0] / MM_PER_PT, size_mm[1] / MM_PER_PT)
        self._families = families
        self._noted: list[tuple[Box | None, list[Item]]] = []

    def drawing(self) -> Drawing:
        return tuple(Layer(items=tuple(items), clip=clip) for clip, items in self._noted)

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self._size_pt

    def points_to_pixels(self, points: float) -> float:  # type: ignore[override]  # arrays are not used here
        return points

    def flipy(self) -> bool:
        return False

    def get_text_width_height_descent(
        self,
        s: str,
        prop: FontProperties,
        ismath: bool | Literal["TeX"],  # noqa: FBT001  # matplotlib's signature
    ) -> tuple[float, float, float]:
        del ismath
        line, size = self._set(s, prop), prop.get_size_in_points()
        return line.width / EM * size, (TOP - BOTTOM) * size, -BOTTOM * size

    def draw_text(  # noqa: PLR0917  # matplotlib's signature
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: bool | Literal["TeX"] = False,  # noqa: FBT001, FBT002  # matplotlib's signature
        mtext: Text | None = None,
    ) -> None:
        del ismath, mtext
        colour, mm = to_hex(gc.get_rgb()), MM_PER_PT
        size = prop.get_size_in_points()
        if not angle:
            words = Words(
                x=x * mm,
                y=y * mm,
                text=s,
                size_pt=size,
                colour=colour,
                is_bold=_is_bold(prop),
                up="base",
            )
            self._note(words, None)
            return
        turn = np.array(
            [
                [cos(radians(angle)), sin(radians(angle))],
                [-sin(radians(angle)), cos(radians(angle))],
            ]
        )
        points, codes = outline(self._set(s, prop))
        places = (np.array((x, y)) + points * (size / EM) @ turn) * mm
        self._note(Curve(points=places, codes=codes, look=Look(fill=colour)), None)

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: ColorType | None = None,
    ) -> None:
        turned = transform.transform_path(path).cleaned()
        look = _look(gc, rgbFace)
        # The last code says only that the path ends.
        codes = np.asarray(turned.codes, dtype=np.uint8)[:-1]
        points = np.asarray(turned.vertices, dtype=np.float64)[:-1] * MM_PER_PT
        if (look.fill or look.stroke) and len(points):
            self._note(Curve(points=points, codes=codes, look=look), _clip(gc))

    def _set(self, text: str, prop: FontProperties) -> Typeset:
        return typeset(text, self._families, is_bold=_is_bold(prop))

    def _note(self, item: Item, clip: Box | None) -> None:
        if isinstance(item, Curve) and clip is not None and _is_within(item, clip):
            clip = None
        if not self._noted or self._noted[-1][0] != clip:
            self._noted.append((clip, []))
        self._noted[-1][1].append(item)


def _is_bold(prop: FontProperties) -> bool:
    weight = prop.get_weight()
    return weight >= _BOLD if isinstance(weight, int) else weight == "bold"


def _look(gc: GraphicsContextBase, face: ColorType | None) -> Look:
    """Return the look that a context and the colour of a fill ask for."""
    line = to_rgba(gc.get_rgb())
    fill = (0.0, 0.0, 0.0, 0.0) if face is None else to_rgba(face)
    # An opacity that is forced holds for both.
    forced = gc.get_alpha() if gc.get_forced_alpha() else None
    face_opacity, line_opacity = (part[3] if forced is None else forced for part in (fill, line))
    is_filled = face is not None and face_opacity > 0
    width = float(gc.get_linewidth()) if line_opacity > 0 else 0.0
    dash = gc.get_dashes()[1]
    steps = np.atleast_1d(np.asarray(dash, dtype=np.float64)) if dash is not None else np.empty(0)
    return Look(
        fill=to_hex(fill) if is_filled else "",
        fill_opacity=face_opacity,
        stroke=to_hex(line) if width else "",
        stroke_opacity=line_opacity,
        width_pt=width,
        dash=tuple((steps / width).tolist()) if width else (),
    )


def _clip(gc: GraphicsContextBase) -> Box | None:
    found = gc.get_clip_rectangle()
    if found is None:
        return None
    return (
        found.x0 * MM_PER_PT,
        found.y0 * MM_PER_PT,
        found.width * MM_PER_PT,
        found.height * MM_PER_PT,
    )


def _is_within(item: Curve, clip: Box) -> bool:
    """Return whether a clip cuts nothing off; only then it is left out."""
    room = item.look.width_pt * MM_PER_PT / 2
    low, high = item.points.min(axis=0) - room, item.points.max(axis=0) + room
    left, bottom, width, height = clip
    return bool(
        low[0] >= left
        and low[1] >= bottom
        and high[0] <= left + width
        and high[1] <= bottom + height
    )
