"""What the page draws under the candidates, and what it says of its sources."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps._page_columns import Json, number_column, text_column, texts
from maps._page_facility import pair
from maps._page_geometry import (
    Coded,
    code_lines,
    code_polygons,
    line_column,
    placed,
    point_columns,
)
from maps.offline import Licence
from maps.style import (
    LAYER_STYLES,
    SCORE_BREAKS,
    SCORE_COLOURS,
    SCORE_RADII_PX,
    SCORE_TEXT_COLOURS,
    SURFACE_OPACITY,
    surface_colours,
)
from siting.crs import LONLAT, to_crs
from siting.model import Result

AREA_TOLERANCE_M: Final = 20.0
ROAD_TOLERANCE_M: Final = 10.0
MAX_ROADS: Final = 200_000

EVERYWHERE: Final = (-180.0, -60.0, 180.0, 75.0)
"""West, south, east and north where nothing has a place."""

# Drawn widest last, so that an expressway lies on top of the lane it crosses.
ROAD_CLASSES: Final = (
    ("motorway", ("motorway", "motorway_link")),
    ("trunk", ("trunk", "trunk_link")),
    ("primary", ("primary", "primary_link")),
    ("secondary", ("secondary", "secondary_link")),
    ("ferry", ("ferry",)),
    ("minor", ()),
)
# Stations are open to the public; the rest of the energy system is told to about a kilometre only
# (自然资规〔2023〕2号: no details of power, oil and gas objects on public maps).
_SHOWN_EXACTLY: Final = ("h2_station", "h2_station_planned")


def style_data() -> dict[str, Json]:
    """Return the palette, class breaks and layer looks that all outputs share."""
    return {
        "breaks": SCORE_BREAKS,
        "colours": SCORE_COLOURS,
        "text_colours": SCORE_TEXT_COLOURS,
        "radii_px": SCORE_RADII_PX,
        "surface": surface_colours(),
        "surface_opacity": SURFACE_OPACITY,
        "layers": {key: asdict(look) for key, look in LAYER_STYLES.items()},
    }


def base_data(result: Result) -> dict[str, Json]:
    """Return the background: land, districts, coast, protected areas, roads and named places."""
    return {
        "land": code_polygons(_layer(result, "land"), tolerance_m=AREA_TOLERANCE_M),
        "coast": code_lines(_layer(result, "coastline"), tolerance_m=AREA_TOLERANCE_M),
        "city": _city(result),
        "districts": _districts(_layer(result, "districts")),
        "protected": _protected(_layer(result, "protected")),
        "roads": _roads(_layer(result, "road_edges")),
        "towns": _places(_layer(result, "townships"), numeric=("population",)),
        "ports": _places(_layer(result, "ports"), ("role",)),
        "parks": _places(_layer(result, "parks"), ("type", "freight_intensity")),
        "energy": _energy(_layer(result, "energy")),
    }


def about_data(result: Result, licences: Sequence[Licence]) -> dict[str, Json]:
    """Return sources, layers, notices and third-party licences, as the page lists them."""
    return {
        "sources": list(result.study.sources.values()),
        "layers": [
            {
                "kind": record.kind,
                "reference": record.reference,
                "licence": record.licence,
                "attribution": record.attribution,
                "rows": record.rows_kept,
                "repairs": list(record.repairs),
            }
            for record in result.provenance
        ],
        "notices": [{"level": n.level, "label": pair(n.label)} for n in result.notices],
        "licences": [asdict(licence) for licence in licences],
    }


def _layer(result: Result, kind: str) -> gpd.GeoDataFrame:
    """Return a layer in row order; an empty one where the study does not bring it."""
    frame = result.layers.get(kind)
    if frame is None:
        return gpd.GeoDataFrame(geometry=[], crs=result.crs)
    return frame.reset_index(drop=True)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or one of unknown values where the layer does not bring it."""
    return frame[name] if name in frame else pd.Series(np.nan, index=frame.index, dtype="object")


def _names(frame: gpd.GeoDataFrame) -> dict[str, Json]:
    columns = (("id", "id"), ("zh", "name_zh"), ("en", "name_en"))
    return {key: texts(_column(frame, name)) for key, name in columns}


def _city(result: Result) -> list[list[Coded]]:
    """Return the land inside the districts, which may themselves reach into the sea."""
    inside = _layer(result, "districts").geometry.union_all()
    land = _layer(result, "land").geometry
    shape = shapely.intersection(inside, land.union_all()) if len(land) else inside
    frame = gpd.GeoDataFrame(geometry=[shape], crs=result.crs)
    return code_polygons(frame, tolerance_m=AREA_TOLERANCE_M)[0]


def _districts(frame: gpd.GeoDataFrame) -> dict[str, Json]:
    labels = gpd.GeoDataFrame(geometry=frame.geometry.representative_point())
    return {
        **_names(frame),
        **point_columns(labels),
        "area": code_polygons(frame, tolerance_m=AREA_TOLERANCE_M, is_coverage=True),
    }


def _protected(frame: gpd.GeoDataFrame) -> dict[str, Json]:
    return {
        **_names(frame),
        "kind": texts(_column(frame, "kind")),
        "hard": [int(value == "hard") for value in _column(frame, "constraint")],
        "area": code_polygons(frame, tolerance_m=AREA_TOLERANCE_M),
    }


def _roads(frame: gpd.GeoDataFrame) -> dict[str, Json]:
    """Return the roads by class; of a very large network only the classes that fit the page."""
    minor = len(ROAD_CLASSES) - 1
    class_of = {value: row for row, (_, values) in enumerate(ROAD_CLASSES) for value in values}
    classes = _column(frame, "highway").map(class_of).fillna(minor).astype("int64")
    in_class = classes.value_counts().reindex(range(len(ROAD_CLASSES)), fill_value=0).cumsum()
    kept = classes.isin(in_class.index[in_class <= MAX_ROADS])
    shown = frame[kept].reset_index(drop=True)
    return {
        "classes": [name for name, _ in ROAD_CLASSES],
        "class": number_column(classes[kept], digits=0),
        "ref": text_column(_column(shown, "ref")),
        "line": line_column(shown, tolerance_m=ROAD_TOLERANCE_M),
        "left_out": int((~kept).sum()),
    }


def _places(
    frame: gpd.GeoDataFrame,
    worded: Sequence[str] = (),
    *,
    numeric: Sequence[str] = (),
    coarse: pd.Series | None = None,
) -> dict[str, Json]:
    return {
        **_names(frame),
        **point_columns(frame, coarse=coarse),
        **{name: text_column(_column(frame, name)) for name in worded},
        **{name: number_column(_column(frame, name), digits=1) for name in numeric},
    }


def _energy(frame: gpd.GeoDataFrame) -> dict[str, Json]:
    coarse = ~_column(frame, "type").isin(_SHOWN_EXACTLY)
    return _places(frame, ("type", "status", "unit"), numeric=("capacity",), coarse=coarse)


def lonlat_bounds(result: Result) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the study area in degrees."""
    for kind in ("districts", "land"):
        frame = _layer(result, kind)
        if len(frame):
            break
    else:
        frame = result.candidates
    shapes = gpd.GeoDataFrame(geometry=placed(frame.geometry))
    places = to_crs(shapes, LONLAT).geometry.bounds
    low, high = places.min(), places.max()
    bounds = [low["minx"], low["miny"], high["maxx"], high["maxy"]]
    west, south, east, north = bounds if np.isfinite(bounds).all() else EVERYWHERE
    return float(west), float(south), float(east), float(north)
