"""The sheet of a map: where on the paper it is and what of the land it shows."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from maps._figure_ink import A3_MM, Box, Line
from siting.model import Result
from siting.units import METRES_PER_KM

Bounds: TypeAlias = tuple[float, float, float, float]
"""Of the CRS: smallest x, smallest y, largest x, largest y."""

MARGIN_MM, TITLE_MM, GAP_MM = 8.0, 17.0, 4.0
_PANEL_MM = (112.0, 205.0)
_VIEW_MARGIN = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where on the sheet the map is, in millimetres, and what it shows, in the CRS.

    ``box_mm`` is left, bottom, width, height.
    """

    box_mm: Box
    left: float
    bottom: float
    metres_per_mm: float

    @property
    def bounds(self) -> Bounds:
        """Smallest x, smallest y, largest x, largest y."""
        _, _, width, height = self.box_mm
        scale = self.metres_per_mm
        return self.left, self.bottom, self.left + width * scale, self.bottom + height * scale

    def to_mm(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place of the CRS is on the sheet."""
        return (
            self.box_mm[0] + (x - self.left) / self.metres_per_mm,
            self.box_mm[1] + (y - self.bottom) / self.metres_per_mm,
        )

    def lay(self, points: NDArray[np.float64]) -> Line:
        """Return where places of the CRS, shape ``(n, 2)``, are on the sheet."""
        corner, origin = np.array(self.box_mm[:2]), np.array((self.left, self.bottom))
        laid: Line = corner + (points - origin) / self.metres_per_mm
        return laid

    def to_crs(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Return the place of the CRS at a point of the sheet."""
        return (
            self.left + (x_mm - self.box_mm[0]) * self.metres_per_mm,
            self.bottom + (y_mm - self.box_mm[1]) * self.metres_per_mm,
        )


def view_of(result: Result) -> View:
    """Return the view that holds the study, the wider side of the sheet left to the panel.

    The study is its districts, else its land, else its candidates and demand.
    """
    x0, y0, x1, y1 = _extent(result)
    width, height = A3_MM[0] - 2 * MARGIN_MM, A3_MM[1] - 2 * MARGIN_MM - TITLE_MM
    wanted = height * (x1 - x0) / (y1 - y0)
    panel = min(max(width - wanted - GAP_MM, _PANEL_MM[0]), _PANEL_MM[1])
    box = (MARGIN_MM, MARGIN_MM, width - panel - GAP_MM, height)
    scale = max((x1 - x0) / box[2], (y1 - y0) / box[3])
    return View(
        box_mm=box,
        left=(x0 + x1 - box[2] * scale) / 2,
        bottom=(y0 + y1 - box[3] * scale) / 2,
        metres_per_mm=scale,
    )


def _extent(result: Result) -> tuple[float, float, float, float]:
    frames = [result.layers[kind] for kind in ("districts", "land") if kind in result.layers]
    frames = [f for f in frames if len(f)][:1] + [
        f for f in (result.candidates, result.demand) if len(f)
    ]
    shapes = [shapely.box(*frame.total_bounds) for frame in frames]
    if not shapes:
        return 0.0, 0.0, METRES_PER_KM, METRES_PER_KM
    x0, y0, x1, y1 = shapely.total_bounds(shapes)
    room = max(x1 - x0, y1 - y0, METRES_PER_KM) * _VIEW_MARGIN
    return x0 - room, y0 - room, x1 + room, y1 + room
