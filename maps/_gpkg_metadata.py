"""The metadata tables of a GeoPackage: what the plan and its data are, where GDAL and QGIS look for it."""

import sqlite3
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

# What GDAL itself writes and reads back as metadata of a data set or of a layer.
_STANDARD = "http://gdal.org"
_SPECIFICATION = "http://www.geopackage.org/spec120/#extension_metadata"
_TABLES = (
    """CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
    scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
    """CREATE TABLE IF NOT EXISTS gpkg_metadata (
    id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
    md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml',
    metadata TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (
    reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
    timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
    CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
    CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id))""",
)


def add_metadata(
    package: sqlite3.Connection,
    whole: Iterable[tuple[str, str]],
    tables: Mapping[str, Iterable[tuple[str, str]]],
    *,
    stamp: str,
) -> None:
    """Write metadata into an open GeoPackage by its extension for them.

    Parameters
    ----------
    whole
        (key, value) pairs on the package.
    tables
        The same on single tables, by the name of the table.
    stamp
        Time stamp of the entries, ISO 8601 with milliseconds and Z.
    """
    for statement in _TABLES:
        package.execute(statement)
    package.executemany(
        "INSERT OR IGNORE INTO gpkg_extensions VALUES (?, NULL, 'gpkg_metadata', ?, 'read-write')",
        [(name, _SPECIFICATION) for name in ("gpkg_metadata", "gpkg_metadata_reference")],
    )
    parts = [
        ("geopackage", None, whole),
        *(("table", name, rows) for name, rows in tables.items()),
    ]
    for scope, table, rows in parts:
        written = package.execute(
            "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata)"
            " VALUES ('dataset', ?, 'text/xml', ?)",
            (_STANDARD, _to_xml(rows)),
        )
        package.execute(
            "INSERT INTO gpkg_metadata_reference VALUES (?, ?, NULL, NULL, ?, ?, NULL)",
            (scope, table, stamp, written.lastrowid),
        )


def _to_xml(rows: Iterable[tuple[str, str]]) -> str:
    root = ET.Element("GDALMultiDomainMetadata")
    domain = ET.SubElement(root, "Metadata")
    for key, value in rows:
        ET.SubElement(domain, "MDI", key=_plain(key)).text = _plain(value)
    return ET.tostring(root, encoding="unicode")


def _plain(text: str) -> str:
    """Return text without what XML cannot hold: control characters and lone surrogates."""
    return "".join(c if c.isprintable() else " " for c in text)
