"""What each rule takes away of the study area: alone, and after those before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.constraints._checks import CHECKS
from siting.constraints._given import grid_of, number, rows_of
from siting.errors import MissingLayerError, Problem
from siting.frames import RESULT_FRAMES
from siting.model import BlockSource, FacilitySpec, Inputs, RuleSpec
from siting.surface import cell_sizes_m

_STUDY_AREA: Final = ("districts", "land")
_VECTOR: Final = ("inside", "outside")
_RASTER: Final = ("slope_at_most", "cover_not_one_of")
_M2_PER_KM2: Final = 1e6
_DIGITS: Final = 6  # of km²: below a square metre is noise of the geometry
_MOST_CELLS: Final = 1_000_000
_ARC: Final = 32  # segments of a quarter of a circle: its area errs by 0.04 %


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """Cells of the study area that raster rules are asked of: centres (n,) and km² of each."""

    centres: gpd.GeoDataFrame
    each_km2: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Taken:
    """What a rule takes away: a shape, or a mask of cells."""

    shape: shapely.Geometry | None = None
    cells: NDArray[np.bool_] | None = None


def exclusions(inputs: Inputs, facilities: Sequence[FacilitySpec]) -> pd.DataFrame:
    """Return the area that each rule removes from the study area (a waterfall).

    The study area is that of the districts, else of the land. Rules with a layer are measured
    exactly as shapes; those with a raster by the cells whose centre they bar, at most a million of
    equal size, scaled to the same total. Types of candidates that a rule exempts are not looked at.

    Parameters
    ----------
    inputs
        The layers and rasters, in the working CRS.
    facilities
        Whose rules, in the order of their files.

    Returns
    -------
    DataFrame
        After ``siting.frames.RESULT_FRAMES['exclusions']``, sorted by facility, rules in their
        order. km²; NaN for rules without an area (a column of the candidates, a survey).
    """
    study = study_area(inputs)
    rules = {rule.key: rule for facility in facilities for rule in facility.rules}
    cells = _cells(study, inputs, list(rules.values()))
    taken = {
        key: found
        for key, rule in rules.items()
        if (found := _taken(rule, inputs, study, cells)) is not None
    }
    frames = [
        _waterfall(facility, taken, study, cells)
        for facility in sorted(facilities, key=lambda facility: facility.key)
    ]
    columns = list(RESULT_FRAMES["exclusions"])
    rows = [row for frame in frames for row in frame]
    return pd.DataFrame(rows, columns=columns)


def free_ground(inputs: Inputs, rules: Sequence[RuleSpec]) -> shapely.Geometry:
    """Return the part of the study area that no rule with a layer bars.

    Raises
    ------
    MissingLayerError
        If the study has no area: neither districts nor land.
    """
    left = study_area(inputs)
    if shapely.is_empty(left):
        raise MissingLayerError(
            Problem(
                where="study: layers",
                what="no layer says where the study area is",
                expected=" or ".join(_STUDY_AREA),
                mend="Add the layer to the study.",
            )
        )
    for rule in rules:
        if rule.kind in _VECTOR:
            left = shapely.difference(left, _barred_shape(rule, inputs, left))
    return left


def is_barred(
    places: gpd.GeoSeries, inputs: Inputs, rules: Sequence[RuleSpec]
) -> NDArray[np.bool_]:
    """Tell which places a rule with a raster bars; where it is not known, it bars none."""
    frame = gpd.GeoDataFrame(geometry=places)
    found = np.zeros(len(places), np.bool_)
    for rule in rules:
        if rule.kind in _RASTER:
            answer = CHECKS[rule.kind](frame, inputs, rule)
            found |= ~answer.is_met & ~answer.is_open
    return found


def _waterfall(
    facility: FacilitySpec,
    taken: Mapping[str, _Taken],
    study: shapely.Geometry,
    cells: _Cells | None,
) -> list[tuple[str, str, float, float, float]]:
    """Take one rule after the other; cells count while their centre is in the shape that is left."""
    left, left_km2 = study, _km2(study)
    barred = np.zeros(0 if cells is None else len(cells.centres), np.bool_)
    rows: list[tuple[str, str, float, float, float]] = []
    for rule in facility.rules:
        found = taken.get(rule.key)
        if found is None:
            rows.append((facility.key, rule.key, np.nan, np.nan, left_km2))
            continue
        alone_km2 = 0.0
        if found.shape is not None:
            alone_km2 = _km2(found.shape)
            left = shapely.difference(left, found.shape)
        if cells is not None and found.cells is not None:
            alone_km2 = float(found.cells.sum()) * cells.each_km2
            barred |= found.cells
        after_km2 = _km2(left) - _barred_km2(left, barred, cells)
        after_km2 = round(min(max(after_km2, 0.0), left_km2), _DIGITS)
        removed_km2 = round(left_km2 - after_km2, _DIGITS)
        rows.append((facility.key, rule.key, round(alone_km2, _DIGITS), removed_km2, after_km2))
        left_km2 = after_km2
    return rows


def _barred_km2(left: shapely.Geometry, barred: NDArray[np.bool_], cells: _Cells | None) -> float:
    """Return the area of the barred cells whose centre lies in what is left."""
    if cells is None or not barred.any():
        return 0.0
    shapely.prepare(left)
    inside = shapely.intersects(left, cells.centres.geometry.to_numpy()[barred])
    return float(inside.sum()) * cells.each_km2


def _km2(shape: shapely.Geometry) -> float:
    return round(float(shapely.area(shape)) / _M2_PER_KM2, _DIGITS)


def _taken(
    rule: RuleSpec, inputs: Inputs, study: shapely.Geometry, cells: _Cells | None
) -> _Taken | None:
    if rule.kind in _VECTOR:
        return _Taken(shape=_barred_shape(rule, inputs, study))
    if rule.kind in _RASTER and cells is not None:
        return _Taken(cells=is_barred(cells.centres.geometry, inputs, [rule]))
    return None


def _barred_shape(rule: RuleSpec, inputs: Inputs, study: shapely.Geometry) -> shapely.Geometry:
    """Return the part of the study area that a rule with a layer bars."""
    reach_m = number(rule, "clearance_m") + number(rule, "tolerance_m")
    shapes = rows_of(inputs, rule).to_numpy()
    shapely.prepare(study)
    near = shapes[shapely.dwithin(study, shapes, reach_m)] if reach_m else shapes
    area = shapely.union_all(shapely.buffer(near, reach_m, quad_segs=_ARC) if reach_m else near)
    if rule.kind == "inside":
        return shapely.difference(study, area)
    return shapely.intersection(study, area)


def study_area(inputs: Inputs) -> shapely.Geometry:
    """Return the area of the districts, else of the land; empty where neither is given."""
    for name in _STUDY_AREA:
        if name in inputs.layers and not inputs.layers[name].empty:
            return inputs.layers[name].geometry.union_all()
    return shapely.Polygon()


def _cells(study: shapely.Geometry, inputs: Inputs, rules: Sequence[RuleSpec]) -> _Cells | None:
    """Return the cells that raster rules are asked of, no finer than the finest raster."""
    grids = [grid_of(inputs, rule) for rule in rules if rule.kind in _RASTER]
    if not grids or shapely.is_empty(study):
        return None
    whole_m2 = shapely.area(study)
    side_m = max(min(map(_side_m, grids)), (whole_m2 / _MOST_CELLS) ** 0.5)
    west, south, east, north = shapely.bounds(study)
    x = np.arange(west + side_m / 2, east + side_m / 2, side_m)
    y = np.arange(south + side_m / 2, north + side_m / 2, side_m)
    shapely.prepare(study)
    xs, ys = (values.ravel() for values in np.meshgrid(x, y))
    is_in = shapely.contains_xy(study, xs, ys)
    if not is_in.any():
        return None
    centres = gpd.GeoDataFrame(
        geometry=gpd.GeoSeries(shapely.points(xs[is_in], ys[is_in]), crs=inputs.crs)
    )
    return _Cells(centres=centres, each_km2=whole_m2 / _M2_PER_KM2 / len(centres))


def _side_m(grid: BlockSource) -> float:
    """Return the side of a square as large as the raster's middle cell."""
    height_m, width_m = cell_sizes_m(grid, np.array([grid.shape[0] // 2]))
    return float((height_m[0] * width_m[0]) ** 0.5)
