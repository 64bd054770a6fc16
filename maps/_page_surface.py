"""The scored ground as the page draws it: a picture of few colours over the map."""

from base64 import b64encode
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pyproj import Transformer

from maps._page_columns import Json
from maps.style import SURFACE_STEPS, surface_colours
from maps.surfaces import Surface, surfaces
from siting.crs import LONLAT
from siting.model import Result

_MERCATOR: Final = "EPSG:3857"
_PIXELS_PER_CELL: Final = 2  # the edges of turned cells stay within half a cell of where they are
_MOST_PIXELS: Final = 2048
_DIGITS: Final = 7
_NOTHING: Final = SURFACE_STEPS


def surface_data(result: Result, key: str) -> dict[str, Json] | None:
    """Return the scored ground of a facility type, None where it has none.

    Returns
    -------
    dict or None
        ``png``, a picture as ``data:`` address in Web Mercator, in the colours of
        ``maps.style.surface_colours``, clear where a rule bars or nothing is known; ``bounds``, south, west, north and
        east of it in degrees; ``cell_m``; ``weight_share``, the part of the weight that is in it.
    """
    found = next((surface for surface in surfaces(result) if surface.facility == key), None)
    if found is None:
        return None
    west, south, east, north = _mercator_bounds(found)
    columns, rows = _size(found, east - west, north - south)
    pixels = _classes(found, (west, south, east, north), (rows, columns))
    degrees = Transformer.from_crs(_MERCATOR, LONLAT, always_xy=True)
    (low, high), (left, right) = degrees.transform([west, east], [south, north])[::-1]
    return {
        "png": "data:image/png;base64," + b64encode(_png(pixels)).decode("ascii"),
        "bounds": [round(value, _DIGITS) for value in (low, left, high, right)],
        "cell_m": found.cell_m,
        "weight_share": round(found.weight_share, 4),
    }


def _mercator_bounds(surface: Surface) -> tuple[float, float, float, float]:
    rows, columns = surface.score.shape
    edges = (
        surface.west,
        surface.north - rows * surface.cell_m,
        surface.west + columns * surface.cell_m,
        surface.north,
    )
    there = Transformer.from_crs(surface.crs, _MERCATOR, always_xy=True)
    west, south, east, north = there.transform_bounds(*edges)
    return west, south, east, north


def _size(surface: Surface, width_m: float, height_m: float) -> tuple[int, int]:
    """Return columns and rows of the picture; square pixels of about half a cell."""
    wide = surface.score.shape[1] * _PIXELS_PER_CELL
    wide = min(wide, _MOST_PIXELS, int(_MOST_PIXELS * width_m / height_m))
    columns = max(wide, 1)
    return columns, max(round(columns * height_m / width_m), 1)


def _classes(
    surface: Surface, bounds: tuple[float, float, float, float], shape: tuple[int, int]
) -> NDArray[np.uint8]:
    """Return the step of the score under the centre of every pixel."""
    west, south, east, north = bounds
    x = west + (np.arange(shape[1]) + 0.5) * (east - west) / shape[1]
    y = north - (np.arange(shape[0]) + 0.5) * (north - south) / shape[0]
    back = Transformer.from_crs(_MERCATOR, surface.crs, always_xy=True)
    there_x, there_y = back.transform(*np.meshgrid(x, y))
    column = np.floor((np.asarray(there_x) - surface.west) / surface.cell_m)
    row = np.floor((surface.north - np.asarray(there_y)) / surface.cell_m)
    rows, columns = surface.score.shape
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    scores = np.full(shape, np.nan)
    at = row[inside].astype(np.int64), column[inside].astype(np.int64)
    scores[inside] = surface.suitability[at]
    # A score on a break falls into the lower step, as in maps.style.score_class.
    breaks = np.arange(1, SURFACE_STEPS, dtype=np.float32) / np.float32(SURFACE_STEPS)
    found = np.searchsorted(breaks, scores, side="left")
    return np.where(np.isnan(scores), _NOTHING, found).astype(np.uint8)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(pixels, mode="P")
    colours = [bytes.fromhex(colour[1:]) for colour in surface_colours()]
    image.putpalette(b"".join([*colours, b"\xff\xff\xff"]))
    target = BytesIO()
    image.save(target, format="png", transparency=_NOTHING, optimize=True)
    return target.getvalue()
