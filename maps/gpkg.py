"""``sites.gpkg``: the result as a GeoPackage that opens styled in QGIS, in EPSG:4326.

The same Result gives the same bytes: every date inside is the study's edition.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from maps.about import describe
from maps.qml import layer_styles
from maps.tables import widen_candidates
from siting.crs import LONLAT, to_crs
from siting.errors import OutputError, Problem
from siting.frames import RESULT_FRAMES
from siting.model import Result
from siting.schema import LAYERS, LayerSchema

GEOMETRY = "geom"

_VERSION = "1.2"  # desktops with GDAL 3.6 and older warn of anything newer
_DECIMALS = 7  # 1 cm
_DATE_OPTION = "OGR_CURRENT_DATE"
_DTYPES = {"text": "string", "number": "float64", "integer": "Int64", "flag": "Int64"}
_TEXTS = frozenset(
    {
        *("facility", "candidate_id", "demand_id", "name_zh", "name_en", "type", "kind"),
        *("district", "confidence", "excluded_by"),
    }
)
_COUNTS = frozenset({"rank", "rank_p05", "rank_p95", "demand_points"})
_KNOWN = frozenset(name for columns in RESULT_FRAMES.values() for name in columns) | _TEXTS
_WIDE = ("raw_", "value_", "contribution_")
_STYLE_TABLE = """CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """A table of the package; no geometry type, no geometry."""

    name: str
    about: str
    geometry: str | None
    frame: pd.DataFrame


def write_gpkg(result: Result, path: Path) -> None:
    """Write ``sites.gpkg``.

    Layers ``candidates`` (with ``raw_…``, ``value_…``, ``contribution_…`` per criterion and
    ``excluded_by``), ``sites``, ``allocation``, ``service_areas``, ``demand``, ``roads``,
    ``districts`` and the table ``metadata``; ``layer_styles`` holds their looks for QGIS. Empty
    frames give empty layers with all columns. Coordinates are rounded to 1e-7 degrees.

    Parameters
    ----------
    path
        A file that does not exist yet.

    Raises
    ------
    OutputError
        If GDAL or SQLite cannot write it.
    """
    stamp = _stamp(result.study.edition)
    layers = _layers(result)
    try:
        with _dated(stamp):
            for layer in layers:
                _write_layer(layer, path)
        _add_styles(path, layer_styles(result.study), stamp)
    except (RuntimeError, ValueError, sqlite3.Error) as error:
        raise OutputError(
            Problem(where=path.name, what="cannot be written", got=str(error))
        ) from error


def _layers(result: Result) -> tuple[_Layer, ...]:
    candidates = widen_candidates(result)
    roads = _input_layer(result, "road_edges")
    districts = _input_layer(result, "districts")
    return (
        _layer("candidates", "候选点 / candidate sites", "Point", _typed(candidates)),
        _layer("sites", "选定站点 / chosen sites", "Point", _typed(result.sites)),
        _layer(
            "allocation", "需求分配 / allocation", "MultiLineString", _typed(result.allocation)
        ),
        _layer(
            "service_areas",
            "服务范围 / service areas",
            "MultiPolygon",
            _typed(result.service_areas),
        ),
        _layer("demand", "需求点 / demand", "Point", _typed(result.demand)),
        _layer("roads", "道路 / roads", "MultiLineString", roads),
        _layer("districts", "区市 / districts", "MultiPolygon", districts),
        _Layer(
            name="metadata", about="说明 / about this plan", geometry=None, frame=_about(result)
        ),
    )


def _layer(name: str, about: str, geometry: str, frame: gpd.GeoDataFrame) -> _Layer:
    return _Layer(name=name, about=about, geometry=geometry, frame=_published(frame))


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


def _published(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame in degrees, rounded, its text free of NUL, which SQLite would cut at."""
    moved = to_crs(frame.reset_index(drop=True), LONLAT)
    rounded = shapely.transform(np.asarray(moved.geometry), _round)
    plain = pd.DataFrame(moved.drop(columns=moved.geometry.name))
    for name in plain.columns[plain.dtypes == "string"]:
        plain[name] = plain[name].str.replace("\x00", "", regex=False)
    places = gpd.GeoSeries(rounded, crs=LONLAT, name=GEOMETRY)
    return gpd.GeoDataFrame(plain, geometry=places).rename_geometry(GEOMETRY)


def _round(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(coordinates, _DECIMALS)


def _about(result: Result) -> pd.DataFrame:
    rows = [(key, value.replace("\x00", "")) for key, value in describe(result)]
    return pd.DataFrame(rows, columns=["key", "value"], dtype="string")


def _write_layer(layer: _Layer, path: Path) -> None:
    options = {"IDENTIFIER": layer.name, "DESCRIPTION": layer.about}
    is_first = not path.exists()
    pyogrio.write_dataframe(
        layer.frame,
        path,
        layer=layer.name,
        driver="GPKG",
        append=not is_first,
        geometry_type=layer.geometry,
        promote_to_multi=str(layer.geometry).startswith("Multi"),
        dataset_options={"VERSION": _VERSION} if is_first else None,
        layer_options=options | ({"GEOMETRY_NAME": GEOMETRY} if layer.geometry else {}),
    )


@contextmanager
def _dated(stamp: str) -> Iterator[None]:
    """Let GDAL take ``stamp`` for the present time inside the block."""
    before = pyogrio.get_gdal_config_option(_DATE_OPTION)
    pyogrio.set_gdal_config_options({_DATE_OPTION: stamp})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE_OPTION: before})


def _stamp(edition: str) -> str:
    """Return the edition as a time stamp; an edition that starts with no date gives 1970-01-01."""
    try:
        day = date.fromisoformat(edition[:10])
    except ValueError:
        day = date(1970, 1, 1)
    return f"{day.isoformat()}T00:00:00.000Z"


def _add_styles(path: Path, styles: Mapping[str, str], stamp: str) -> None:
    with closing(sqlite3.connect(path)) as package, package:
        package.execute(_STYLE_TABLE)
        package.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner,"
            " update_time) VALUES ('', '', ?, ?, 'default', ?, '', 1, ?, '', ?)",
            [(name, GEOMETRY, qml, f"siting: {name}", stamp) for name, qml in styles.items()],
        )
        package.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description,"
            " last_change, srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles',"
            " 'QGIS styles', ?, 0)",
            (stamp,),
        )
