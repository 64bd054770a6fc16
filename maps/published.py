"""What of a result goes out as tables: the same layers and columns in every format."""

from dataclasses import dataclass, replace
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from maps.about import describe
from maps.restricted import INPUT_COLUMNS, coarse_points, is_restricted
from maps.tables import widen_candidates
from siting.crs import LONLAT, to_crs
from siting.frames import RESULT_FRAMES, TEXT_COLUMNS
from siting.model import Result
from siting.schema import LAYERS

GEOMETRY = "geom"
_FrameT = TypeVar("_FrameT", bound=pd.DataFrame)

_DECIMALS_DEGREES, _DECIMALS_METRES = 7, 2  # 1 cm
_DTYPES = {"text": "string", "number": "float64", "integer": "Int64", "flag": "Int64"}
_COUNTS = frozenset({"rank", "rank_p05", "rank_p95", "demand_points", "year"})
_FIGURES = {
    "equipment": "设备配置 / equipment of the sites",
    "supply": "氢源供应 / supply of hydrogen",
    "economics": "投资与经济性 / costs and returns",
    "sensitivity": "敏感性 / sensitivity",
    "benefits": "减排效益 / emissions avoided",
    "roll_out": "分期建设 / roll-out by year",
    "robustness": "稳健性 / robustness",
    "curve": "覆盖率曲线 / coverage by number of sites",
    "front": "费用与覆盖率 / cost and coverage",
    "standing": "站点不可替代性 / which sites are needed",
    "scorecard": "目标对照 / targets",
    "indicators": "服务指标 / indicators of service",
    "checks": "外部核对 / published figures beside ours",
}
"""Frames of figures without places, and what they are."""

_PLAN = {
    "candidates": ("候选点 / candidate sites", "Point"),
    "sites": ("选定站点 / chosen sites", "Point"),
    "allocation": ("需求分配 / allocation", "MultiLineString"),
    "service_areas": ("服务范围 / service areas", "MultiPolygon"),
    "demand": ("需求点 / demand", "Point"),
    "flows": ("货流 / flows", "MultiLineString"),
}
"""Frames with places, what they are and the type of their geometry."""

_INPUTS = {
    "roads": ("road_edges", "道路 / roads", "MultiLineString"),
    "districts": ("districts", "区市 / districts", "MultiPolygon"),
    "land": ("land", "陆域 / land", "MultiPolygon"),
    "protected": ("protected", "保护区 / protected areas", "MultiPolygon"),
    "energy": ("energy", "能源设施 / energy", "Point"),
}
"""Input layers: their kind, what they are and the type of their geometry."""

_PROVENANCE = (
    *("kind", "reference", "licence", "attribution", "crs", "crs_used", "hash", "rows"),
    *("rows_read", "repairs", "warnings", "source", "date"),
)
_ROWS = dict.fromkeys(("rows", "rows_read"), "int64")
_KNOWN = frozenset(name for columns in RESULT_FRAMES.values() for name in columns) | TEXT_COLUMNS
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
    ``excluded_by``), ``sites``, ``allocation``, ``service_areas``, ``demand``, ``flows``, inputs as
    ``maps.restricted`` allows (``roads``, ``districts``, ``land``, ``protected``, ``energy``), and
    without geometry the figures of the plan, ``provenance`` and ``metadata``. Columns that are not
    promised stay in the house. Empty frames give empty tables with all columns.

    Parameters
    ----------
    crs
        The system of the geometry; in degrees unless asked otherwise.

    Raises
    ------
    CrsError
        If the CRS has no place for the data.
    """
    wide = widen_candidates(replace(result, candidates=_promised(result.candidates, "candidates")))
    frames = {"candidates": _typed(wide)}
    frames |= {
        name: _typed(_promised(getattr(result, name), name))
        for name in _PLAN
        if name != "candidates"
    }
    spatial = [
        Table(name=name, about=about, geometry=geometry, frame=_moved(frames[name], crs))
        for name, (about, geometry) in _PLAN.items()
    ]
    spatial += [
        Table(name=name, about=about, geometry=geometry, frame=_moved(_input(result, kind), crs))
        for name, (kind, about, geometry) in _INPUTS.items()
    ]
    figures = [
        Table(name=name, about=text, geometry=None, frame=_plain(_typed(_figures(result, name))))
        for name, text in _FIGURES.items()
    ]
    provenance, about = "数据来源 / provenance", "说明 / about this plan"
    return (
        *spatial,
        *figures,
        Table(name="provenance", about=provenance, geometry=None, frame=_provenance(result)),
        Table(name="metadata", about=about, geometry=None, frame=_about(result, crs)),
    )


def _promised(frame: _FrameT, name: str) -> _FrameT:
    """Return the columns of a result frame that its schema promises, and no other."""
    chosen: _FrameT = frame[list(RESULT_FRAMES[name])]
    return chosen


def _figures(result: Result, name: str) -> pd.DataFrame:
    """Return a frame of figures; ways from a restricted source to whole kilometres only.

    Several exact distances would give the place away.
    """
    frame = pd.DataFrame(_promised(getattr(result, name), name))
    energy = result.layers.get("energy")
    if name != "supply" or energy is None:
        return frame
    hidden = set(energy.loc[is_restricted(energy), "id"])
    distance = frame["distance_km"].astype(float)
    rough = distance.where(~frame["source_id"].isin(hidden), distance.round())
    return frame.assign(distance_km=rough)


def _typed(frame: _FrameT) -> _FrameT:
    """Return a result frame with the same column types whatever is in it, even nothing."""
    known = [str(n) for n in frame.columns if n in _KNOWN or str(n).startswith(_WIDE)]
    shape = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    typed = frame.astype({name: dtype_of(name) for name in known if name != shape})
    # No format but Parquet tells an infinite number, such as a capacity without limit.
    endless = [
        name for name in typed.columns[typed.dtypes == "float64"] if np.isinf(typed[name]).any()
    ]
    return typed.assign(**{name: typed[name].replace(np.inf, np.nan) for name in endless})


def dtype_of(column: str) -> str:
    """Return the type of a column of a result frame, which one without rows does not show."""
    if column in TEXT_COLUMNS:
        return "string"
    if column in _COUNTS:
        return "Int64"
    return "bool" if column.startswith("is_") else "float64"


def _input(result: Result, kind: str) -> gpd.GeoDataFrame:
    """Return an input layer with exactly the columns that may leave, empty where there is none."""
    wanted = INPUT_COLUMNS[kind]
    dtypes = {c.name: _DTYPES[c.dtype] for c in LAYERS[kind].columns if c.name in wanted}
    frame = result.layers.get(kind)
    if frame is None:
        frame = gpd.GeoDataFrame(geometry=[], crs=result.crs)
    columns = pd.DataFrame(frame).reindex(columns=list(wanted)).astype(dtypes)
    layer = gpd.GeoDataFrame(columns, geometry=frame.geometry.array, crs=frame.crs)
    if kind != "energy":
        return layer
    rough = is_restricted(layer)
    return coarse_points(layer.assign(is_rounded=rough.astype(bool)), rough, crs=result.crs)


def _moved(frame: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Return the frame in a CRS, rounded."""
    moved = to_crs(frame.reset_index(drop=True), crs)
    decimals = _DECIMALS_DEGREES if CRS.from_user_input(crs).is_geographic else _DECIMALS_METRES
    rounded = shapely.transform(np.asarray(moved.geometry), lambda xy: np.round(xy, decimals))
    plain = _plain(pd.DataFrame(moved.drop(columns=moved.geometry.name)))
    places = gpd.GeoSeries(rounded, crs=crs, name=GEOMETRY)
    return gpd.GeoDataFrame(plain, geometry=places).rename_geometry(GEOMETRY)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its text free of NUL, which SQLite would cut at."""
    clean = frame.copy()
    for name in clean.columns[clean.dtypes == "string"]:
        clean[name] = clean[name].str.replace("\x00", "", regex=False)
    return clean


def _about(result: Result, crs: str) -> pd.DataFrame:
    rows = [(key, value.replace("\x00", "")) for key, value in describe(result, crs)]
    return pd.DataFrame(rows, columns=["key", "value"], dtype="string")


def _provenance(result: Result) -> pd.DataFrame:
    """Return a row for every layer and raster read, in the order of reading."""
    rows = [
        {
            "kind": record.kind,
            "reference": record.reference,
            "licence": record.licence,
            "attribution": record.attribution,
            "crs": record.crs_found,
            "crs_used": record.crs_used,
            "hash": record.sha256,
            "rows": record.rows_kept,
            "rows_read": record.rows_read,
            "repairs": "; ".join(record.repairs),
            "warnings": "; ".join(record.warnings),
            "source": record.source,
            "date": record.date,
        }
        for record in result.provenance
    ]
    frame = pd.DataFrame(rows, columns=list(_PROVENANCE))
    return _plain(frame.astype(dict.fromkeys(_PROVENANCE, "string") | _ROWS))
