"""From surface to sites: places for a facility, drawn from the ground that no rule of it bars."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.candidates import DRAWN
from siting.constraints import free_ground, is_barred
from siting.errors import ConfigError, MissingLayerError, Problem
from siting.model import CandidateSurface, FacilitySpec, Inputs
from siting.schema import LAYERS
from siting.surface import STRIP_ROWS, Term, mark, overlay, sample_slope_deg

TYPE: Final = "free_ground"
"""Type of a drawn candidate."""

_HEIGHTS: Final = "elevation"
_ROADS: Final = "road_edges"
_MOST_CELLS: Final = 25_000_000
# A place is worth as much for the room around it as for the road beside it (own assumption).
_ROOM_WEIGHT, _ROAD_WEIGHT = 0.5, 0.5
_ROOM_CELLS: Final = 5.0  # from here on more room is worth no more


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """Cells over the study area: numbers of the first column and row, free ones, way to the road."""

    column: int
    row: int
    cell_m: float
    is_free: NDArray[np.bool_]
    road_m: NDArray[np.float64]

    def centres(self, cells: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return x and y (n, 2) of cells by their number."""
        row, column = np.divmod(cells, self.is_free.shape[1])
        return np.column_stack([self.column + column + 0.5, self.row + row + 0.5]) * self.cell_m


def with_drawn(inputs: Inputs, facility: FacilitySpec) -> Inputs:
    """Return the inputs with the layer of places drawn for a facility, if it asks for them.

    Parameters
    ----------
    inputs
        Layers and rasters in the working CRS; the study area is that of the districts, else the land.
    facility
        Its ``candidate_surface`` says how, its rules what is barred.

    Returns
    -------
    Inputs
        With the layer ``siting.candidates.DRAWN``: a row a place, sorted by id, in the columns of the
        layer ``candidates``; ``land_m2`` is the area of its patch, ``uncertainty_m`` half the diagonal
        of a cell. Ids are column and row of the cell, counted from the origin of the CRS, so that
        they stay when the study area changes.

    Raises
    ------
    ConfigError
        If the cells are too many or the spacing is below the size of a cell.
    MissingLayerError
        If there is no study area, or a slope is asked for without a raster of heights.
    """
    asked = facility.candidate_surface
    if asked is None:
        return inputs
    from scipy import ndimage  # noqa: PLC0415 - most runs draw nothing

    ground = _ground(inputs, facility, asked)
    patches, count = ndimage.label(ground.is_free)
    areas_m2 = np.bincount(patches.ravel(), minlength=count + 1) * asked.cell_m**2
    areas_m2[0] = 0.0
    is_free = ground.is_free & (areas_m2[patches] >= max(asked.minimum_area_m2, 1e-9))
    cells = _spread(_worth(ground, is_free, asked), is_free, asked)
    places = _places(ground.centres(cells), areas_m2[patches.ravel()[cells]], inputs, asked)
    return Inputs(
        crs=inputs.crs,
        layers={**inputs.layers, DRAWN: places},
        provenance=inputs.provenance,
        grids=inputs.grids,
    )


def _ground(inputs: Inputs, facility: FacilitySpec, asked: CandidateSurface) -> _Ground:
    """Cut the study area into cells and find out which are free."""
    free = free_ground(inputs, facility.rules)
    _check_asked(facility, asked, inputs, free)
    if shapely.is_empty(free):
        nothing = np.zeros((1, 1), np.bool_)
        nowhere = np.full((1, 1), np.inf)
        return _Ground(column=0, row=0, cell_m=asked.cell_m, is_free=nothing, road_m=nowhere)
    west, south, east, north = shapely.bounds(free) / asked.cell_m
    # One cell more to each side, so that the edge of the study area is an edge of the free ground.
    left, low = int(np.floor(west)) - 1, int(np.floor(south)) - 1
    shape = int(np.ceil(north)) + 1 - low, int(np.ceil(east)) + 1 - left
    x = (left + np.arange(shape[1]) + 0.5) * asked.cell_m
    y = (low + np.arange(shape[0]) + 0.5) * asked.cell_m
    shapely.prepare(free)
    xs, ys = (values.ravel() for values in np.meshgrid(x, y))
    is_free = shapely.contains_xy(free, xs, ys)
    road_m = np.full(len(xs), np.inf)
    inside = np.flatnonzero(is_free)
    points = gpd.GeoSeries(shapely.points(xs[inside], ys[inside]), crs=inputs.crs)
    road_m[inside] = _to_road_m(points, inputs)
    bad = is_barred(points, inputs, facility.rules)
    if asked.road_m is not None:
        bad |= road_m[inside] > asked.road_m
    if asked.maximum_slope_deg is not None:
        heights = inputs.grids[_HEIGHTS]
        slope = sample_slope_deg(heights, xs[inside], ys[inside], crs=inputs.crs)
        bad |= ~(
            slope <= asked.maximum_slope_deg
        )  # where the height is not known, nothing is drawn
    is_free[inside[bad]] = False
    return _Ground(
        column=left,
        row=low,
        cell_m=asked.cell_m,
        is_free=is_free.reshape(shape),
        road_m=road_m.reshape(shape),
    )


def _worth(
    ground: _Ground, is_free: NDArray[np.bool_], asked: CandidateSurface
) -> NDArray[np.float32]:
    """Return how good a cell is, in [0, 1]: room around it, and a road beside it."""
    rows, columns = shape = is_free.shape
    side = (asked.cell_m, asked.cell_m)
    walls = mark(lambda start, stop: ~is_free[start:stop], shape, cell_m=side)
    reach_m = asked.road_m or asked.spacing_m
    terms = [
        Term(values=walls, weight=_ROOM_WEIGHT, low=0.0, high=_ROOM_CELLS * asked.cell_m),
        Term(
            values=lambda start, stop: ground.road_m[start:stop],
            weight=_ROAD_WEIGHT,
            low=reach_m,
            high=0.0,
        ),
    ]
    strips = overlay(terms, (), shape=(rows, columns), strip_rows=STRIP_ROWS)
    return np.concatenate([strip.score for strip in strips])


def _spread(
    worth: NDArray[np.float32], is_free: NDArray[np.bool_], asked: CandidateSurface
) -> NDArray[np.intp]:
    """Take the best free cell, bar those nearer than the spacing, and so on; ties by number."""
    left = is_free.copy()
    rows, columns = left.shape
    # Centres exactly one spacing apart are far enough.
    reach = int(np.ceil(asked.spacing_m / asked.cell_m))
    step = np.arange(-reach, reach + 1) * asked.cell_m
    disc = np.hypot(step[:, None], step[None, :]) < asked.spacing_m
    numbers = np.flatnonzero(left)
    taken = []
    for cell in numbers[np.argsort(-worth.ravel()[numbers], kind="stable")]:
        row, column = divmod(int(cell), columns)
        if not left[row, column]:
            continue
        taken.append(cell)
        top, start = max(row - reach, 0), max(column - reach, 0)
        bottom, end = min(row + reach + 1, rows), min(column + reach + 1, columns)
        near = disc[
            top - row + reach : bottom - row + reach, start - column + reach : end - column + reach
        ]
        left[top:bottom, start:end] &= ~near
    return np.sort(np.asarray(taken, dtype=np.intp))


def _places(
    centres: NDArray[np.float64],
    areas_m2: NDArray[np.float64],
    inputs: Inputs,
    asked: CandidateSurface,
) -> gpd.GeoDataFrame:
    """Return the drawn places in the columns of a layer of candidates."""
    numbers = np.floor(centres / asked.cell_m).astype(np.int64)
    known = pd.DataFrame(
        {
            "id": [f"S{column}-{row}" for column, row in numbers],
            "name_zh": [f"空地 {column}-{row}" for column, row in numbers],
            "name_en": [f"free ground {column}-{row}" for column, row in numbers],
            "type": TYPE,
            "land_m2": areas_m2,
            "confidence": "C",
            "uncertainty_m": asked.cell_m / 2**0.5,
            "source": "drawn from the ground that no rule bars",
            "note": "",
        }
    )
    flags = {c.name: 0 for c in LAYERS["candidates"].columns if c.dtype == "flag"}
    points = gpd.GeoSeries(shapely.points(centres), crs=inputs.crs)
    frame = gpd.GeoDataFrame(known.assign(**flags), geometry=points, crs=inputs.crs)
    return frame.sort_values("id", kind="stable", ignore_index=True)


def _to_road_m(points: gpd.GeoSeries, inputs: Inputs) -> NDArray[np.float64]:
    """Return the straight way from places to the nearest road."""
    if points.empty or _ROADS not in inputs.layers or inputs.layers[_ROADS].empty:
        return np.full(len(points), np.inf)
    tree = shapely.STRtree(inputs.layers[_ROADS].geometry.to_numpy())
    _, away = tree.query_nearest(points.to_numpy(), return_distance=True, all_matches=False)
    return np.asarray(away, np.float64)


def _check_asked(
    facility: FacilitySpec, asked: CandidateSurface, inputs: Inputs, free: shapely.Geometry
) -> None:
    where = f"facility {facility.key}, candidates.surface"
    if asked.maximum_slope_deg is not None and _HEIGHTS not in inputs.grids:
        raise MissingLayerError(
            Problem(
                where=where,
                what=f"the study has no raster {_HEIGHTS}",
                expected="heights of the ground, since a slope is asked for",
                mend="Add the raster under [grids], or take maximum_slope_deg out.",
            )
        )
    west, south, east, north = shapely.bounds(free)
    cells = (east - west) * (north - south) / asked.cell_m**2
    if cells > _MOST_CELLS:
        raise ConfigError(
            Problem(
                where=f"{where}.cell_m",
                what="too many cells",
                got=f"{cells:.0f} cells of {asked.cell_m:g} m",
                expected=f"at most {_MOST_CELLS}",
                mend="Take larger cells, or a smaller study area.",
            )
        )
    if asked.spacing_m < asked.cell_m:
        raise ConfigError(
            Problem(
                where=f"{where}.spacing_m",
                what="places would be nearer than cells",
                got=f"{asked.spacing_m:g} m",
                expected=f"at least cell_m, {asked.cell_m:g} m",
            )
        )
