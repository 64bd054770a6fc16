"""``sites.gpkg``: the result as a GeoPackage that opens styled in QGIS.

The same Result gives the same bytes: every date inside is the study's edition.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pyogrio

from maps._column_words import column_aliases
from maps._gpkg_metadata import add_metadata
from maps._gpkg_qgis import StoredStyle, add_column_names, add_project, add_styles
from maps._looks import layer_looks
from maps._qgis_document import project_name
from maps._qgis_project import qgis_project
from maps.about import describe, describe_layer
from maps.published import GEOMETRY, Table, published
from maps.qml import qml
from maps.sld import sld
from siting.crs import LONLAT
from siting.errors import OutputError, Problem
from siting.model import Result

# Tables that are an input as it was read.
_INPUTS = {
    "roads": "road_edges",
    "districts": "districts",
    "land": "land",
    "protected": "protected",
    "energy": "energy",
}
_VERSION = "1.2"  # desktops with GDAL 3.6 and older warn of anything newer
_DATE_OPTION = "OGR_CURRENT_DATE"


def write_gpkg(result: Result, path: Path, *, crs: str = LONLAT) -> None:
    """Write ``sites.gpkg``: the tables of ``maps.published``.

    ``layer_styles`` holds their looks (QML and SLD), ``gpkg_data_columns`` the names of their
    columns, ``qgis_projects`` a project that shows them; ``gpkg_metadata`` the same rows as the
    table ``metadata``, and on layers that are inputs where they come from, for GDAL and QGIS.

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
        with closing(sqlite3.connect(path)) as package, package:
            _add_metadata(package, result, crs, stamp)
            _add_for_qgis(package, result, layers, file_name=path.name, crs=crs, stamp=stamp)
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


def _add_for_qgis(
    package: sqlite3.Connection,
    result: Result,
    tables: Sequence[Table],
    *,
    file_name: str,
    crs: str,
    stamp: str,
) -> None:
    study = result.study
    aliases = {table.name: column_aliases(("fid", *_columns(table)), study) for table in tables}
    add_column_names(package, aliases)
    looks = layer_looks(study)
    styles = [
        StoredStyle(
            layer=table.name,
            geometry=GEOMETRY,
            qml=qml(looks[table.name], aliases[table.name]),
            sld=sld(table.name, looks[table.name]),
        )
        for table in tables
        if table.geometry is not None
    ]
    add_styles(package, styles, stamp=stamp)
    project = qgis_project(result, tables, aliases, file_name=file_name, crs=crs)
    add_project(package, project_name(study), project, stamp=stamp)


def _columns(table: Table) -> list[str]:
    return [str(name) for name in table.frame.columns if name != GEOMETRY]


def _add_metadata(package: sqlite3.Connection, result: Result, crs: str, stamp: str) -> None:
    records = {record.kind: record for record in result.provenance}
    tables = {
        table: describe_layer(records[kind]) for table, kind in _INPUTS.items() if kind in records
    }
    add_metadata(package, describe(result, crs), tables, stamp=stamp)
