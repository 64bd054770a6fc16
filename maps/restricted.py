"""What may leave the house: which columns of the inputs, and which places only roughly."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.crs import LONLAT, to_crs

SHOWN_EXACTLY: Final = ("h2_station", "h2_station_planned")
"""Energy objects open to the public. The others are told to about a kilometre only
(自然资规〔2023〕2号: no details of power, oil and gas objects on public maps)."""

COARSE_DIGITS: Final = 2
"""Decimals of a degree of a place that must not be shown exactly."""

_NAMED = ("id", "name_zh", "name_en")
_TRUST = ("confidence", "uncertainty_m", "source")

INPUT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "road_edges": (
            *("id", "from_id", "to_id", "ref", "name_zh", "name_en", "highway", "oneway"),
            *("free_flow_kmh", "length_km", "motor_vehicle", "hgv", "hazmat", "bridge", "tunnel"),
            *("ferry", "toll", *_TRUST),
        ),
        "districts": (*_NAMED, *_TRUST),
        "land": (*_NAMED, *_TRUST),
        "protected": (*_NAMED, "kind", "constraint", *_TRUST),
        # No error of the position and no source: they would lead to the place itself.
        "energy": (*_NAMED, "type", "status", "capacity", "unit", "confidence"),
    }
)
"""Columns of each input layer that leave the house; notes are the owner's own."""


def is_restricted(energy: gpd.GeoDataFrame) -> "pd.Series[bool]":
    """Tell which energy objects are shown roughly only; an unknown type is one."""
    types = energy["type"] if "type" in energy else pd.Series(index=energy.index, dtype="object")
    return ~types.isin(SHOWN_EXACTLY)


def coarse_points(
    frame: gpd.GeoDataFrame, which: "pd.Series[bool]", *, crs: str
) -> gpd.GeoDataFrame:
    """Return the frame, in its CRS, with some of its points moved to the nearest 0.01 degree.

    Parameters
    ----------
    which
        Rows to move, on the frame's index.
    crs
        Authority string of the frame's CRS.
    """
    if not which.any():
        return frame
    degrees = to_crs(frame[which], LONLAT).geometry
    rounded = shapely.transform(np.asarray(degrees), lambda xy: np.round(xy, COARSE_DIGITS))
    moved = to_crs(gpd.GeoDataFrame(geometry=rounded, index=degrees.index, crs=LONLAT), crs)
    geometry = frame.geometry.copy()
    geometry[which] = moved.geometry
    return frame.set_geometry(geometry)
