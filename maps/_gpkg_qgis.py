"""What a GeoPackage holds for QGIS and GDAL besides layers: names of columns, styles, a project."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_SCHEMA_EXTENSION = "http://www.geopackage.org/spec120/#extension_schema"
_DATA_COLUMNS = (
    """CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
    scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
    """CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
    mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name))""",
    """CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
    min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))""",
)
_STYLES = """CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME)"""
_PROJECTS = "CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStyle:
    """A layer's style in both languages of styles."""

    layer: str
    geometry: str
    qml: str
    sld: str


def add_column_names(package: sqlite3.Connection, tables: Mapping[str, Mapping[str, str]]) -> None:
    """Write the names to show for the columns of each table, by the schema extension."""
    for statement in _DATA_COLUMNS:
        package.execute(statement)
    package.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
        [
            (name, _SCHEMA_EXTENSION)
            for name in ("gpkg_data_columns", "gpkg_data_column_constraints")
        ],
    )
    package.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name) VALUES (?, ?, ?)",
        [
            (table, column, alias)
            for table, aliases in tables.items()
            for column, alias in aliases.items()
        ],
    )


def add_styles(package: sqlite3.Connection, styles: Iterable[StoredStyle], *, stamp: str) -> None:
    """Write the default style of each layer where QGIS looks for it."""
    package.execute(_STYLES)
    package.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
        " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner,"
        " update_time) VALUES ('', '', ?, ?, 'default', ?, ?, 1, ?, '', ?)",
        [(s.layer, s.geometry, s.qml, s.sld, f"siting: {s.layer}", stamp) for s in styles],
    )
    package.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description,"
        " last_change, srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles',"
        " 'QGIS styles', ?, 0)",
        (stamp,),
    )


def add_project(package: sqlite3.Connection, name: str, content: bytes, *, stamp: str) -> None:
    """Write a QGIS project (a ``.qgz`` file) as QGIS itself does: in hexadecimal digits."""
    package.execute(_PROJECTS)
    said = f'{{"last_modified_time": "{stamp[:19]}", "last_modified_user": "siting"}}'
    package.execute("INSERT INTO qgis_projects VALUES (?, ?, ?)", (name, said, content.hex()))
