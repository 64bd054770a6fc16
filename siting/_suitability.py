"""How suitable the ground is, cell by cell: what a candidate would score there for its place alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting import scoring
from siting._allocation import access_m
from siting.candidates import districts_of
from siting.constraints import free_ground, is_barred, study_area
from siting.criteria import criteria, measure
from siting.frames import RESULT_FRAMES
from siting.model import CriterionSpec, FacilitySpec, Inputs, Surroundings
from siting.network import NetworkTravel

_SIDES_M: Final = tuple(step * 10.0**power for power in range(1, 6) for step in (1.0, 2.0, 5.0))
"""Sides of cells that a reader can count with."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """The scored cells of a facility type, and the values that their scores are the sum of."""

    suitability: pd.DataFrame
    suitability_values: pd.DataFrame


def suitability(
    facility: FacilitySpec,
    measured: pd.DataFrame,
    surroundings: Surroundings,
    inputs: Inputs,
    *,
    travel: NetworkTravel,
) -> Ground:
    """Score the land of the study area as if a candidate stood in the centre of every cell.

    Criteria that ask for more than the place are left out, and the weights of the others are scaled
    to sum to 1. Bounds that a criterion takes from its candidates stay those of the candidates, so
    that a cell and a candidate at one place have the same values.

    Parameters
    ----------
    facility
        With all its weights; its ``suitability`` says how many cells, its rules what is barred.
    measured
        The rows of ``criteria`` with the raw values of the candidates.
    surroundings, inputs
        What the criteria look at, and the layers and rasters that the rules look at.
    travel
        The roads; the places of the cells are not kept in it.

    Returns
    -------
    Ground
        Frames after ``siting.frames.RESULT_FRAMES``, cells from north to south, each row from west
        to east; empty where none is asked for, no area is given or no criterion is of places.
    """
    specs = [spec for spec in facility.criteria if criteria()[spec.measure].is_of_place]
    weight_share = sum(spec.weight for spec in specs)
    area = _ground(inputs)
    if facility.suitability is None or not weight_share > 0 or shapely.is_empty(area):
        return Ground(**{name: _none(name) for name in ("suitability", "suitability_values")})
    cell_m = _side_m(area, facility.suitability.most_cells)
    centres = _centres(area, cell_m)
    points = gpd.GeoSeries(shapely.points(centres), crs=inputs.crs)
    cells = gpd.GeoDataFrame({"district": districts_of(points, inputs)}, geometry=points)
    is_near = ~np.isnan(access_m(points, travel, facility.profile))
    once = replace(surroundings, travel=travel.forgetful())
    near = cells[is_near].reset_index(drop=True)
    values = _values(specs, near, measured, once)
    weights = np.array([spec.weight for spec in specs])
    scores = np.full(len(cells), np.nan)
    scores[is_near] = scoring.weighted_sum(values, weights / weights.sum())[1]
    told = pd.DataFrame(
        {
            "facility": facility.key,
            "x": centres[:, 0],
            "y": centres[:, 1],
            "cell_m": cell_m,
            "is_barred": _is_barred(points, inputs, facility),
            "score": scores,
            "weight_share": weight_share,
        }
    )
    by_criterion = _by_criterion(facility.key, specs, centres[is_near], values)
    return Ground(suitability=told, suitability_values=by_criterion)


def _by_criterion(
    facility: str,
    specs: Sequence[CriterionSpec],
    centres: NDArray[np.float64],
    values: NDArray[np.float64],
) -> pd.DataFrame:
    """Return the values of the cells, a row a cell and criterion."""
    return pd.DataFrame(
        {
            "facility": facility,
            "x": np.repeat(centres[:, 0], len(specs)),
            "y": np.repeat(centres[:, 1], len(specs)),
            "criterion": np.tile([spec.key for spec in specs], len(centres)),
            "value": values.ravel(),
        }
    )


def _none(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(RESULT_FRAMES[name]))


def _ground(inputs: Inputs) -> shapely.Geometry:
    """Return the land of the study area: districts may reach into the sea."""
    area = study_area(inputs)
    land = inputs.layers.get("land")
    if land is None or land.empty:
        return area
    return shapely.intersection(area, land.geometry.union_all())


def _side_m(area: shapely.Geometry, most_cells: int) -> float:
    """Return the smallest round side with which the area has at most so many cells."""
    finest_m = (float(shapely.area(area)) / most_cells) ** 0.5
    return next((side for side in _SIDES_M if side >= finest_m), _SIDES_M[-1])


def _centres(area: shapely.Geometry, cell_m: float) -> NDArray[np.float64]:
    """Return x and y (n, 2) of the cells, counted from the origin of the CRS, whose centre lies in the area."""
    west, south, east, north = shapely.bounds(area) / cell_m
    x = (np.arange(np.floor(west), np.ceil(east)) + 0.5) * cell_m
    y = (np.arange(np.floor(south), np.ceil(north)) + 0.5)[::-1] * cell_m
    xs, ys = (values.ravel() for values in np.meshgrid(x, y))
    shapely.prepare(area)
    is_in = shapely.contains_xy(area, xs, ys)
    return np.column_stack([xs[is_in], ys[is_in]])


def _values(
    specs: Sequence[CriterionSpec],
    cells: gpd.GeoDataFrame,
    measured: pd.DataFrame,
    surroundings: Surroundings,
) -> NDArray[np.float64]:
    """Return what the places of the cells are worth, ``(n_cells, n_criteria)``."""
    values = [
        scoring.normalise_beside(
            np.asarray(measure(spec, cells, surroundings), dtype=np.float64),
            known=_raw(measured, spec.key),
            spec=spec.normalise,
            direction=spec.direction,
        )
        for spec in specs
    ]
    return np.column_stack(values)


def _is_barred(points: gpd.GeoSeries, inputs: Inputs, facility: FacilitySpec) -> NDArray[np.bool_]:
    free = free_ground(inputs, facility.rules)
    shapely.prepare(free)
    is_free = shapely.contains_xy(free, points.x.to_numpy(), points.y.to_numpy())
    return ~is_free | is_barred(points, inputs, facility.rules)


def _raw(measured: pd.DataFrame, criterion: str) -> NDArray[np.float64]:
    """Return what a criterion measured of the candidates."""
    rows = measured.loc[measured["criterion"] == criterion, "raw"]
    return np.asarray(rows, dtype=np.float64)
