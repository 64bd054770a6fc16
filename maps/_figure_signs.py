"""Signs of places on a map and in its legend."""

from collections.abc import Sequence
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maps._figure_ink import MM_PER_PT, Box, Line, Look, Marks, Shape, rectangle, stroke
from maps._figure_sheet import View

Sample: TypeAlias = Look | Marks
"""What the legend shows: an area or a line by its look, or a sign; its place is of no account."""

Legend: TypeAlias = list[tuple[Sample, str]]
Sizes: TypeAlias = NDArray[np.float64]

SIGN_PT = 8.0
_RING_PT, _EDGE_PT, _CROSS_PT = 1.3, 0.6, 0.9
_STEP_PT = 0.5
_SWATCH_MM = (6.0, 2.3)


def points_of(frame: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y of the places of a frame, to the metre: finer is not drawn."""
    shapes = gpd.GeoSeries(frame["geometry"])
    points = shapes.representative_point()
    return np.round(points.x.to_numpy(), 0), np.round(points.y.to_numpy(), 0)


def places_of(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the places of a frame, shape ``(n, 2)``."""
    return np.column_stack(points_of(frame)) if len(frame) else np.empty((0, 2))


def signs(
    places: NDArray[np.float64],
    view: View,
    *,
    marker: str,
    colour: str,
    sizes: Sizes | float = SIGN_PT,
    edge: str = "white",
    alpha: float = 1.0,
) -> list[Marks]:
    """Return signs at places of the CRS, ``sizes`` points across, the large ones first."""
    across = np.broadcast_to(np.asarray(sizes, dtype=float), len(places))
    # Signs of one size share one drawing.
    steps = np.maximum(np.round(across / _STEP_PT), 1) * _STEP_PT
    spots = view.lay(places)
    is_seen = _is_seen(spots, view, steps)
    look = _look(marker, colour, edge, alpha)
    return [
        Marks(
            marker=marker, size_pt=float(step), places=spots[is_seen & (steps == step)], look=look
        )
        for step in sorted(set(steps[is_seen]), reverse=True)
    ]


def _is_seen(spots: Line, view: View, sizes_pt: Sizes) -> NDArray[np.bool_]:
    left, bottom, width, height = view.box_mm
    room = sizes_pt * MM_PER_PT
    x, y = spots.T
    is_across = (x >= left - room) & (x <= left + width + room)
    seen: NDArray[np.bool_] = is_across & (y >= bottom - room) & (y <= bottom + height + room)
    return seen


def sign(
    *, marker: str, colour: str, size: float = SIGN_PT, edge: str = "white", alpha: float = 1.0
) -> Marks:
    """Return a sign for the legend."""
    look = _look(marker, colour, edge, alpha)
    return Marks(marker=marker, size_pt=size, places=np.zeros((1, 2)), look=look)


def sample(of: Sample, x: float, y: float) -> Shape | Marks:
    """Return what the legend shows at a place of the sheet, its left end in the middle."""
    width, height = _SWATCH_MM
    if isinstance(of, Marks):
        places = np.array([(x + width / 2, y)])
        return Marks(marker=of.marker, size_pt=of.size_pt, places=places, look=of.look)
    if of.fill:
        return rectangle((x, y - height / 2, x + width, y + height / 2), of)
    return stroke([(x, y), (x + width, y)], of)


def boxes(
    places: NDArray[np.float64], view: View, radius_mm: float = SIGN_PT * MM_PER_PT / 2
) -> list[Box]:
    """Return what the signs at places of the CRS take of the sheet, for the labels to avoid."""
    return [
        (x - radius_mm, y - radius_mm, x + radius_mm, y + radius_mm)
        for x, y in view.lay(places).tolist()
    ]


def counted(words: str, n: int, *, is_chinese: bool) -> str:
    """Return words of a legend with how many there are."""
    return f"{words}（{n}）" if is_chinese else f"{words} ({n})"


def _look(marker: str, colour: str, edge: str, alpha: float) -> Look:
    if marker == "x":
        return Look(stroke=colour, width_pt=_CROSS_PT)
    is_ring = colour == "none"
    return Look(
        fill="" if is_ring else _hex(colour),
        stroke=_hex(edge),
        width_pt=_RING_PT if is_ring else _EDGE_PT,
        fill_opacity=alpha,
        stroke_opacity=alpha,
    )


def _hex(colour: str) -> str:
    return "#ffffff" if colour == "white" else colour


def circles(amounts: Sequence[float] | Sizes, largest: float, *, widest_pt: float = 30.0) -> Sizes:
    """Return diameters in points: the area is the amount."""
    least = np.full(len(amounts), 1.5)
    if not largest > 0:
        return least
    across: Sizes = widest_pt * np.sqrt(np.asarray(amounts, dtype=np.float64) / largest)
    shown: Sizes = np.maximum(across, least)
    return shown
