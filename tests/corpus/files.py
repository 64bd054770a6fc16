"""Files that are not there, not whole, or not what their name says."""

import sqlite3
from pathlib import Path

import pandas as pd

from siting.model import LayerSpec
from tests.builders import point_to
from tests.corpus.base import (
    TOWNS,
    cut,
    frame,
    named,
    towns,
    without,
    workbook,
    write,
    written,
)


def _directory(folder: Path) -> LayerSpec:
    (folder / "towns.csv").mkdir()
    return point_to(folder / "towns.csv", "townships")


def _loop(folder: Path) -> LayerSpec:
    (folder / "towns.csv").symlink_to(folder / "other.csv")
    (folder / "other.csv").symlink_to(folder / "towns.csv")
    return point_to(folder / "towns.csv", "townships")


def _dangling(folder: Path) -> LayerSpec:
    (folder / "towns.csv").symlink_to(folder / "gone.csv")
    return point_to(folder / "towns.csv", "townships")


def _two_layers(folder: Path) -> LayerSpec:
    for name in ("a", "b"):
        write(frame(), folder / "towns.gpkg", layer=name)
    return point_to(folder / "towns.gpkg", "townships")


def _database(folder: Path) -> LayerSpec:
    """Make a SQLite file that is no GeoPackage."""
    with sqlite3.connect(folder / "towns.gpkg") as connection:
        connection.execute("create table t (a)")
    connection.close()
    return point_to(folder / "towns.gpkg", "townships")


def _wrong_page(folder: Path) -> LayerSpec:
    """Make a shapefile in Latin-1 whose .cpg says UTF-8."""
    write(frame(name_zh=["São João"] * 40), folder / "towns.shp", encoding="ISO-8859-1")
    (folder / "towns.cpg").write_text("UTF-8", encoding="ascii")
    return point_to(folder / "towns.shp", "townships")


_EMPTY = "file is empty (got 0 bytes). Copy or download it again."


def _broken_prj(folder: Path) -> LayerSpec:
    write(frame(), folder / "towns.shp", encoding="UTF-8")
    (folder / "towns.prj").write_bytes(b'LOCAL_CS["x\xc3("]')
    return point_to(folder / "towns.shp", "townships")


_LATIN = TOWNS.replace("香港中路街道", "São João").replace("市南区", "Sé")
_MIXED = TOWNS.encode() + TOWNS.splitlines()[1].replace("T1", "T2").encode("gb18030")

CASES = {
    "no bytes": (
        towns(""),
        "layer townships (townships.csv): file is empty (got 0 bytes). Copy or download it again.",
    ),
    "no bytes in a database": (
        named("towns.gpkg", b""),
        "layer townships (towns.gpkg): file is empty (got 0 bytes). Copy or download it again.",
    ),
    "no file": (
        lambda folder: point_to(folder / "gone.csv", "townships"),
        "layer townships (gone.csv): file not found (got gone.csv, expected a file). Check the path; it counts from the folder of the study.",
    ),
    "directory": (
        _directory,
        "layer townships (towns.csv): not a file but a directory (got towns.csv, expected a file). Name the file inside it.",
    ),
    "symlink loop": (
        _loop,
        "layer townships (towns.csv): a link that leads nowhere (got towns.csv, expected a file). Name the file itself.",
    ),
    "link to nothing": (
        _dangling,
        "layer townships (towns.csv): a link that leads nowhere (got towns.csv, expected a file). Name the file itself.",
    ),
    "old Excel": (
        named("towns.xls", b"\xd0\xcf\x11\xe0"),
        "layer townships (towns.xls): old Excel format (got .xls, expected .xlsx). Save it as .xlsx or as CSV UTF-8.",
    ),
    "GeoPackage cut off": (
        cut("towns.gpkg", 0.6),
        "layer townships (towns.gpkg): file cannot be read as vector data (got <…>, expected GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv). Open it in QGIS, or copy or download it again.",
    ),
    "FlatGeobuf cut off": (
        cut("towns.fgb", 0.6),
        "layer townships (towns.fgb): file cannot be read as vector data (got <…>, expected GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv). Open it in QGIS, or copy or download it again.",
    ),
    "FlatGeobuf cut off in its header": (
        cut("towns.fgb", 0.01),
        "layer townships (towns.fgb): file holds no layer. Copy or download it again.",
    ),
    "GeoJSON cut off": (
        cut("towns.geojson", 0.6),
        "layer townships (towns.geojson): file cannot be read as vector data (got <…>, expected GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv). Open it in QGIS, or copy or download it again.",
    ),
    "KML cut off": (
        cut("towns.kml", 0.6, driver="KML"),
        "layer townships (towns.kml): file cannot be read as vector data (got <…>, expected GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv). Open it in QGIS, or copy or download it again.",
    ),
    "GeoParquet cut off": (
        cut("towns.parquet", 0.6),
        "layer townships (towns.parquet): file cannot be read as Parquet (got <…>, expected a whole GeoParquet file). Copy or download it again.",
    ),
    "shapes cut off": (
        cut("towns.shp", 0.6),
        "layer townships (towns.shp): shapefile is cut off (.shp) (got 732 bytes of 1220, expected the whole file). Copy or download it again.",
    ),
    "index of shapes cut off": (
        cut("towns.shp", 0.6, part=".shx"),
        "layer townships (towns.shp): shapefile is cut off (.shx) (got 252 bytes of 420, expected the whole file). Copy or download it again.",
    ),
    "table of shapes cut off": (
        cut("towns.shp", 0.6, part=".dbf"),
        "layer townships (towns.shp): shapefile is cut off (.dbf) (got 4374 bytes of 7289, expected the whole file). Copy or download it again.",
    ),
    "header of shapes cut off": (
        cut("towns.shp", 0.01),
        "layer townships (towns.shp): shapefile is cut off (.shp) (got 12 bytes, expected the whole file). Copy or download it again.",
    ),
    "noise in .prj": (
        _broken_prj,
        "layer townships (towns.shp): file cannot be read as vector data (got coordinate system, expected GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv). Open it in QGIS, or copy or download it again.",
    ),
    "no .shx": (
        without("towns.shp", ".shx"),
        "layer townships (towns.shp): shapefile is not complete (got no .shx, expected .shp, .shx and .dbf beside each other). Copy all files of this name.",
    ),
    "no .dbf": (
        without("towns.shp", ".dbf"),
        "layer townships (towns.shp): shapefile is not complete (got no .dbf, expected .shp, .shx and .dbf beside each other). Copy all files of this name.",
    ),
    "no .shx and no .dbf": (
        without("towns.shp", ".shx", ".dbf"),
        "layer townships (towns.shp): shapefile is not complete (got no .shx and no .dbf, expected .shp, .shx and .dbf beside each other). Copy all files of this name.",
    ),
    "web page for GeoJSON": (
        named("towns.geojson", b"<html>404 not found</html>"),
        "layer townships (towns.geojson): file cannot be read as vector data (got <…>, expected GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv). Open it in QGIS, or copy or download it again.",
    ),
    "noise for GeoPackage": (
        named("towns.gpkg", bytes(range(256)) * 9),
        "layer townships (towns.gpkg): file cannot be read as vector data (got <…>, expected GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv). Open it in QGIS, or copy or download it again.",
    ),
    "database that is no GeoPackage": (
        _database,
        "layer townships (towns.gpkg): file cannot be read as vector data (got <…>, expected GeoJSON, GeoPackage or another format of GDAL; CSV needs the suffix .csv). Open it in QGIS, or copy or download it again.",
    ),
    "workbook for CSV": (
        lambda folder: point_to(
            Path(workbook(["id"], ["T1"])(folder).path).rename(folder / "towns.csv"), "townships"
        ),
        "layer townships (towns.csv): not text but binary data (got an archive or a workbook (PK)). Name the right file.",
    ),
    "CSV for workbook": (
        named("towns.xlsx", TOWNS.encode()),
        "layer townships (towns.xlsx): archive cannot be read (got <…>, expected a workbook (.xlsx)). Copy or download it again.",
    ),
    "CSV for Parquet": (
        named("towns.parquet", TOWNS.encode()),
        "layer townships (towns.parquet): file cannot be read as Parquet (got <…>, expected a whole GeoParquet file). Copy or download it again.",
    ),
    "two layers": (
        _two_layers,
        'layer townships (towns.gpkg): file holds several layers (got a, b, expected one layer, or one named townships). Name the layer that is meant: layer = "its name".',
    ),
    "no such layer": (
        written("towns.gpkg", frame(), spec={"layer": "Straßen"}, layer="towns"),
        "layer townships (towns.gpkg): file has no layer of this name (got 'Straßen', expected towns). Name the layer that is meant: layer = \"its name\".",
    ),
    "table without geometry": (
        written("towns.gpkg", pd.DataFrame(frame().drop(columns="geometry"))),
        "layer townships (towns.gpkg): file holds a table without geometry",
    ),
    "Parquet without geo metadata": (
        written("towns.parquet", pd.DataFrame(frame().drop(columns="geometry"))),
        "layer townships (towns.parquet): Parquet without geo metadata (got id, name_zh, population, expected GeoParquet, or columns lon and lat, or wkt). Write it with GeoDataFrame.to_parquet, or say which columns: columns = { lon = … }.",
    ),
    "two encodings in one table": (
        named("towns.csv", _MIXED),
        "layer townships (towns.csv): text in two encodings (got line 2 in UTF-8, line 3 not). Save it again as UTF-8.",
    ),
    "neither UTF-8 nor GBK": (
        named("towns.csv", _LATIN.encode("latin-1")),
        'layer townships (towns.csv): text is neither UTF-8 nor GBK (got byte 0xe3 in line 2). Save it as UTF-8, or name it: encoding = "GB18030" (or what it is).',
    ),
    "not the encoding named": (
        named("towns.csv", TOWNS.encode("gb18030"), encoding="UTF-8"),
        'layer townships (towns.csv): text is not UTF-8 (got byte 50). Save it as UTF-8, or name it: encoding = "GB18030" (or what it is).',
    ),
    "no such encoding": (
        towns(TOWNS, encoding="GB-2312-80x"),
        "layer townships (townships.csv): encoding: unknown encoding (got 'GB-2312-80x', expected such as UTF-8, GB18030, Big5 or ISO-8859-1)",
    ),
    "no encoding of text": (
        towns(TOWNS, encoding="rot13"),
        "layer townships (townships.csv): encoding: unknown encoding (got 'rot13', expected such as UTF-8, GB18030, Big5 or ISO-8859-1)",
    ),
    "UTF-16 cut off": (
        named("towns.csv", TOWNS.encode("utf-16")[:-1]),
        'layer townships (towns.csv): text is not UTF-16 (got byte 204). Save it as UTF-8, or name it: encoding = "GB18030" (or what it is).',
    ),
    "zero bytes in text": (
        named("towns.csv", TOWNS.encode() + b"\0\0\1\0"),
        "layer townships (towns.csv): not text but binary data (got zero bytes). Name the right file.",
    ),
    "wrong code page": (
        _wrong_page,
        'layer townships (towns.shp): text is not UTF-8 (got .cpg says UTF-8, and neither UTF-8 nor GBK, expected text in one encoding). Say what it is: encoding = "GB18030", say.',
    ),
}
