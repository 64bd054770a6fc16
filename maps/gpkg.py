"""``sites.gpkg``: the result as a GeoPackage that opens styled in QGIS.

The same Result gives the same bytes: every date inside is the study's edition.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pyogrio

from maps._gpkg_metadata import add_metadata
from maps.about import describe, describe_layer
from maps.published import GEOMETRY, Table, published
from maps.qml import layer_styles
from siting.crs import LONLAT
from siting.errors import OutputError, Problem
from siting.model import Result

# Tables that are an input as it was read.
_INPUTS = {"roads": "road_edges", "districts": "districts"}
_VERSION = "1.2"  # desktops with GDAL 3.6 and older warn of anything newer
_DATE_OPTION = "OGR_CURRENT_DATE"
_STYLE_TABLE = """CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME)"""


def write_gpkg(result: Result, path: Path, *, crs: str = LONLAT) -> None:
    """Write ``sites.gpkg``: the tables of ``maps.published``.

    ``layer_styles`` holds their looks for QGIS; ``gpkg_metadata`` the same rows as the table
    ``metadata``, and on ``roads`` and ``districts`` where they come from, for GDAL and QGIS.

    Parameters
    ----------
    path
        A file that does not exist yet.
    crs
        The system of the geometry.

    Raises
    ------
    OutputError
        If GDAL or SQLite cannot write it.
    """
    stamp = _stamp(result.study.edition)
    layers = published(result, crs)
    try:
        with _dated(stamp):
            for layer in layers:
                _write_layer(layer, path)
        _add_styles(path, layer_styles(result.study), stamp)
        _add_metadata(path, result, crs, stamp)
    except (RuntimeError, ValueError, sqlite3.Error) as error:
        raise OutputError(
            Problem(where=path.name, what="cannot be written", got=str(error))
        ) from error


def _write_layer(layer: Table, path: Path) -> None:
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


def _add_metadata(path: Path, result: Result, crs: str, stamp: str) -> None:
    records = {record.kind: record for record in result.provenance}
    tables = {
        table: describe_layer(records[kind]) for table, kind in _INPUTS.items() if kind in records
    }
    with closing(sqlite3.connect(path)) as package, package:
        add_metadata(package, describe(result, crs), tables, stamp=stamp)
