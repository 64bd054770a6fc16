"""The kinds of rules: what each asks of a candidate, and with which parameters.

On the very edge, a limit to stay within is kept and a distance to keep away is not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.constraints._given import area_of, column_of, grid_of, number, numbers_of, values_of
from siting.model import Inputs, RuleSpec, Scalar
from siting.surface import sample, sample_slope_deg

Flags: TypeAlias = NDArray[np.bool_]
Margins: TypeAlias = NDArray[np.float64]

_FACE: Final = 2  # dimensions of a polygon


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What a rule says of candidates (n,).

    ``margin_m`` is NaN where nothing is measured in metres; ``is_open`` where no map can tell.
    """

    is_met: Flags
    margin_m: Margins
    is_open: Flags


Check: TypeAlias = Callable[[gpd.GeoDataFrame, Inputs, RuleSpec], Answer]


def _inside(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> Answer:
    """Lie within the layer's polygons, or within ``tolerance_m`` of them."""
    depth_m = _signed_depth(candidates, area_of(inputs, rule))
    margin_m = depth_m + number(rule, "tolerance_m")
    return _measured(margin_m >= 0, margin_m)


def _outside(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> Answer:
    """Keep ``clearance_m`` from the layer's features.

    With ``screening`` a candidate that fails by no more than its position is certain is for a survey:
    a distance of a few metres cannot be judged on a map that is tens of metres off.
    """
    depth_m = _signed_depth(candidates, area_of(inputs, rule))
    margin_m = -depth_m - number(rule, "clearance_m")
    is_open = np.zeros(len(candidates), dtype=np.bool_)
    if rule.params.get("screening", False):
        unsure_m = candidates["uncertainty_m"].fillna(0.0).to_numpy(float)
        is_open = (margin_m <= 0) & (-margin_m <= unsure_m)
    return Answer(is_met=margin_m > 0, margin_m=margin_m, is_open=is_open)


def _at_least(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> Answer:
    """Bring at least ``minimum`` in a column; an empty cell passes, since nothing is known."""
    del inputs
    values = numbers_of(candidates, rule)
    return _told(np.isnan(values) | (values >= number(rule, "minimum")))


def _at_most(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> Answer:
    """Bring at most ``maximum`` in a column of metres; an empty cell fails: no road was reached."""
    del inputs
    margin_m = number(rule, "maximum") - numbers_of(candidates, rule)
    return _measured(np.nan_to_num(margin_m, nan=-1.0) >= 0, margin_m)


def _not_one_of(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> Answer:
    """Bear none of ``values`` in a column."""
    del inputs
    return _told(~column_of(candidates, rule).isin(values_of(rule)).to_numpy())


def _survey(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> Answer:
    """Say that no map can answer this rule."""
    del inputs, rule
    return _told(np.ones(len(candidates), np.bool_), np.ones(len(candidates), np.bool_))


def _slope_at_most(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> Answer:
    """Lie on ground of at most ``maximum_deg``; where the height is not known, go and look."""
    slope = sample_slope_deg(grid_of(inputs, rule), *_xy(candidates), crs=inputs.crs)
    return _told(~(slope > number(rule, "maximum_deg")), np.isnan(slope))


def _cover_not_one_of(candidates: gpd.GeoDataFrame, inputs: Inputs, rule: RuleSpec) -> Answer:
    """Lie on none of the land covers ``values``; where the cover is not known, go and look."""
    cover = sample(grid_of(inputs, rule), *_xy(candidates), crs=inputs.crs)
    return _told(~np.isin(cover, np.asarray(values_of(rule), float)), np.isnan(cover))


CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "inside": _inside,
        "outside": _outside,
        "at_least": _at_least,
        "at_most": _at_most,
        "not_one_of": _not_one_of,
        "survey": _survey,
        "slope_at_most": _slope_at_most,
        "cover_not_one_of": _cover_not_one_of,
    }
)
"""Every kind a rule may name."""

PARAMETERS: Final[Mapping[str, tuple[Mapping[str, object], Mapping[str, object]]]] = (
    MappingProxyType(
        {
            "inside": (
                {"layer": str},
                {"where": Mapping[str, Sequence[Scalar]], "tolerance_m": float},
            ),
            "outside": (
                {"layer": str},
                {
                    "where": Mapping[str, Sequence[Scalar]],
                    "clearance_m": float,
                    "screening": bool,
                },
            ),
            "at_least": ({"column": str, "minimum": float}, {}),
            "at_most": ({"column": str, "maximum": float}, {}),
            "not_one_of": ({"column": str, "values": Sequence[Scalar]}, {}),
            "survey": ({}, {}),
            "slope_at_most": ({"grid": str, "maximum_deg": float}, {}),
            "cover_not_one_of": ({"grid": str, "values": Sequence[int]}, {}),
        }
    )
)
"""Parameters of each kind with their types: those that must be given, and those that may."""


def _measured(is_met: Flags, margin_m: Margins) -> Answer:
    return Answer(is_met=is_met, margin_m=margin_m, is_open=np.zeros(len(is_met), np.bool_))


def _told(is_met: Flags, is_open: Flags | None = None) -> Answer:
    """Return an answer without metres."""
    nothing = np.zeros(len(is_met), np.bool_)
    return Answer(
        is_met=is_met,
        margin_m=np.full(len(is_met), np.nan),
        is_open=nothing if is_open is None else is_open,
    )


def _xy(candidates: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = shapely.get_coordinates(candidates.geometry.to_numpy()).T
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def _signed_depth(candidates: gpd.GeoDataFrame, area: shapely.Geometry) -> Margins:
    """Return the distance to the boundary, positive inside the area, negative outside.

    An area without features is infinitely far away; lines and points have no inside.
    """
    points = candidates.geometry.to_numpy()
    if shapely.is_empty(area):
        return np.full(len(points), -np.inf)
    parts = shapely.get_parts(area)
    is_face = shapely.get_dimensions(parts) == _FACE
    edge = shapely.union_all(np.where(is_face, shapely.boundary(parts), parts))
    away = shapely.distance(edge, points)
    return np.asarray(np.where(shapely.intersects(area, points), away, -away), dtype=float)
