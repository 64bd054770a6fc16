"""The scored ground as the page draws it: a picture of few colours over the map."""

from base64 import b64encode
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pyproj import Transformer

from maps._page_columns import Json, vlq
from maps.style import SURFACE_STEPS, surface_colours
from maps.surfaces import Surface, surfaces
from siting.crs import LONLAT
from siting.model import Result

_MERCATOR: Final = "EPSG:3857"
_PIXELS_PER_CELL: Final = 2  # the edges of turned cells stay within half a cell of where they are
_MOST_PIXELS: Final = 2048
_DIGITS: Final = 7
_MOST_LIVE: Final = 20_000
_LATTICE: Final = (
    16  # pixels; over so few the ways of the two systems differ by metres from straight
)
_BEST: Final = 255
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
    bounds = (west, south, east, north)
    pixels = _classes(found, bounds, (rows, columns))
    degrees = Transformer.from_crs(_MERCATOR, LONLAT, always_xy=True)
    (low, high), (left, right) = degrees.transform([west, east], [south, north])[::-1]
    return {
        "png": "data:image/png;base64," + b64encode(_png(pixels)).decode("ascii"),
        "bounds": [round(value, _DIGITS) for value in (low, left, high, right)],
        "cell_m": found.cell_m,
        "weight_share": round(found.weight_share, 4),
        "live": _live_data(result, found, bounds, (rows, columns)),
    }


def _live_data(
    result: Result,
    surface: Surface,
    bounds: tuple[float, float, float, float],
    shape: tuple[int, int],
) -> dict[str, Json] | None:
    """Return what the page scores the cells with again when the reader changes the weights.

    Returns
    -------
    dict or None
        ``cell``, flat numbers of the shown cells in a grid of ``columns``, as steps; for each of
        ``criteria`` (places in those of the facility type) ``value`` has a byte a cell, 255 best;
        ``size``, columns and rows of the picture; ``x`` and ``y``, the column and row in the grid of
        every ``step``-th corner of a pixel, between which the page goes straight. None where the
        cells are too many to be scored at every move of a slider.
    """
    shown = np.flatnonzero(~np.isnan(surface.suitability))
    frame = result.suitability_values
    rows = frame[frame["facility"] == surface.facility]
    if not 0 < len(shown) <= _MOST_LIVE or rows.empty:
        return None
    facility = next(f for f in result.study.facilities if f.key == surface.facility)
    keys = [criterion.key for criterion in facility.criteria]
    column, row = surface.cells(rows["x"].to_numpy(float), rows["y"].to_numpy(float))
    placed = rows.set_index(row * surface.score.shape[1] + column)
    parts = {str(key): part["value"].reindex(shown) for key, part in placed.groupby("criterion")}
    present = [key for key in keys if key in parts]
    steps_x, steps_y = (
        np.arange(0, size + _LATTICE, _LATTICE, dtype=np.float64) for size in shape[::-1]
    )
    x, y = _under(surface, bounds, shape, (steps_x, steps_y))
    return {
        "cell": {"scale": 1, "vlq": vlq(np.diff(shown, prepend=0))},
        "columns": surface.score.shape[1],
        "criteria": [keys.index(key) for key in present],
        "value": [_bytes(parts[key].to_numpy(float)) for key in present],
        "size": [shape[1], shape[0]],
        "step": _LATTICE,
        "x": np.round(x, 3).tolist(),
        "y": np.round(y, 3).tolist(),
    }


def _bytes(values: NDArray[np.float64]) -> str:
    return b64encode(np.rint(values * _BEST).astype(np.uint8).tobytes()).decode("ascii")


def _under(
    surface: Surface,
    bounds: tuple[float, float, float, float],
    shape: tuple[int, int],
    pixels: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return column and row in the grid of cells under places of the picture, each ``(rows, columns)``."""
    west, south, east, north = bounds
    x = west + pixels[0] * (east - west) / shape[1]
    y = north - pixels[1] * (north - south) / shape[0]
    back = Transformer.from_crs(_MERCATOR, surface.crs, always_xy=True)
    there_x, there_y = back.transform(*np.meshgrid(x, y))
    column = (np.asarray(there_x) - surface.west) / surface.cell_m
    row = (surface.north - np.asarray(there_y)) / surface.cell_m
    return column, row


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
    x, y = (np.arange(size, dtype=np.float64) + 0.5 for size in shape[::-1])
    column, row = (np.floor(at) for at in _under(surface, bounds, shape, (x, y)))
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
