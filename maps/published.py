"""What of a result goes out as tables: the same layers and columns in every format."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from maps.about import describe
from maps.tables import widen_candidates
from siting.crs import LONLAT, to_crs
from siting.frames import RESULT_FRAMES
from siting.model import Result
from siting.schema import LAYERS, LayerSchema

GEOMETRY = "geom"

_DECIMALS_DEGREES, _DECIMALS_METRES = 7, 2  # 1 cm
_DTYPES = {"text": "string", "number": "float64", "integer": "Int64", "flag": "Int64"}
_TEXTS = frozenset(
    {
        *("facility", "candidate_id", "demand_id", "name_zh", "name_en", "type", "kind"),
        *("district", "confidence", "role", "excluded_by"),
    }
)
_COUNTS = frozenset({"rank", "rank_p05", "rank_p95", "demand_points"})
_KNOWN = frozenset(name for columns in RESULT_FRAMES.values() for name in columns) | _TEXTS
_WIDE = ("raw_", "value_", "contribution_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table to publish; no geometry type, no geometry."""

    name: str
    about: str
    geometry: str | None
    frame: pd.DataFrame


def published(result: Result, crs: str = LONLAT) -> tuple[Table, ...]:
    """Return the tables of a result that leave the house, coordinates rounded to 1 cm.

    ``candidates`` (with ``raw_…``, ``value_…``, ``contribution_…`` per criterion and
    ``excluded_by``), ``sites``, ``allocation``, ``service_areas``, ``demand``, ``roads``,
    ``districts`` and ``metadata`` (no geometry). Empty frames give empty tables with all columns.

    Parameters
    ----------
    crs
        The system of the geometry; in degrees unless asked otherwise.

    Raises
    ------
    CrsError
        If the CRS has no place for the data.
    """
    found = (
        ("candidates", "候选点 / candidate sites", "Point", _typed(widen_candidates(result))),
        ("sites", "选定站点 / chosen sites", "Point", _typed(result.sites)),
        ("allocation", "需求分配 / allocation", "MultiLineString", _typed(result.allocation)),
        (
            "service_areas",
            "服务范围 / service areas",
            "MultiPolygon",
            _typed(result.service_areas),
        ),
        ("demand", "需求点 / demand", "Point", _typed(result.demand)),
        ("roads", "道路 / roads", "MultiLineString", _input_layer(result, "road_edges")),
        ("districts", "区市 / districts", "MultiPolygon", _input_layer(result, "districts")),
    )
    spatial = [
        Table(name=name, about=about, geometry=geometry, frame=_moved(frame, crs))
        for name, about, geometry, frame in found
    ]
    about = "说明 / about this plan"
    return (
        *spatial,
        Table(name="metadata", about=about, geometry=None, frame=_about(result, crs)),
    )


def _typed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a result frame with the same column types whatever is in it, even nothing."""
    known = [str(n) for n in frame.columns if n in _KNOWN or str(n).startswith(_WIDE)]
    return frame.astype({name: _dtype(name) for name in known if name != frame.geometry.name})


def _dtype(column: str) -> str:
    if column in _TEXTS:
        return "string"
    if column in _COUNTS:
        return "Int64"
    return "bool" if column.startswith("is_") else "float64"


def _input_layer(result: Result, kind: str) -> gpd.GeoDataFrame:
    """Return an input layer with exactly the columns of its schema, empty where there is none."""
    schema = LAYERS[kind]
    frame = result.layers.get(kind)
    if frame is None:
        return gpd.GeoDataFrame(
            _columns(pd.DataFrame(index=[]), schema), geometry=[], crs=result.crs
        )
    columns = _columns(pd.DataFrame(frame), schema)
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.array, crs=frame.crs)


def _columns(frame: pd.DataFrame, schema: LayerSchema) -> pd.DataFrame:
    found = frame.reindex(columns=list(schema.names))
    dtypes = {column.name: _DTYPES[column.dtype] for column in schema.columns}
    return found.astype(dtypes)


def _moved(frame: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Return the frame in a CRS, rounded, its text free of NUL, which SQLite would cut at."""
    moved = to_crs(frame.reset_index(drop=True), crs)
    decimals = _DECIMALS_DEGREES if CRS.from_user_input(crs).is_geographic else _DECIMALS_METRES
    rounded = shapely.transform(np.asarray(moved.geometry), lambda xy: np.round(xy, decimals))
    plain = pd.DataFrame(moved.drop(columns=moved.geometry.name))
    for name in plain.columns[plain.dtypes == "string"]:
        plain[name] = plain[name].str.replace("\x00", "", regex=False)
    places = gpd.GeoSeries(rounded, crs=crs, name=GEOMETRY)
    return gpd.GeoDataFrame(plain, geometry=places).rename_geometry(GEOMETRY)


def _about(result: Result, crs: str) -> pd.DataFrame:
    rows = [(key, value.replace("\x00", "")) for key, value in describe(result, crs)]
    return pd.DataFrame(rows, columns=["key", "value"], dtype="string")
