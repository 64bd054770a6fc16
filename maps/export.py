"""A result in other formats and coordinate systems: GeoPackage, GeoParquet, GeoJSON, Shapefile, XLSX, COG."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

import geopandas as gpd
import pandas as pd
import pyogrio

from maps.gpkg import write_gpkg
from maps.published import Table, published
from maps.surfaces import write_surfaces
from maps.tables import guard_formula
from maps.target import check_target, whole
from siting.crs import LONLAT
from siting.errors import OutputError, Problem
from siting.model import Result

Writer: TypeAlias = Callable[[Result, Path, str], None]

_FIELD = 10  # characters of a name in a dBASE file
_TEXT_BYTES = 254
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def export(
    result: Result, directory: Path, *, file_format: str, crs: str = LONLAT
) -> tuple[Path, ...]:
    """Write the tables of ``maps.published``, or its surfaces, into a new folder: whole or not at all.

    Parameters
    ----------
    directory
        A folder that does not exist, or is empty.
    file_format
        A key of ``FORMATS``.
    crs
        Authority string of the system of the geometry, and of the columns x and y of XLSX.

    Returns
    -------
    tuple[Path, ...]
        The files, sorted by name.

    Raises
    ------
    OutputError
        If the folder is taken or cannot be written, or there is no such format.
    CrsError
        If the CRS is not known, or has no place for the data.
    """
    if file_format not in FORMATS:
        expected = f"one of {', '.join(FORMATS)}"
        raise OutputError(
            Problem(where="format", what="not known", got=repr(file_format), expected=expected)
        )
    target = check_target(directory)
    try:
        with whole(target) as folder:
            FORMATS[file_format](result, folder, crs)
    except (OSError, RuntimeError) as error:
        if isinstance(error, OutputError):
            raise
        problem = Problem(
            where=str(directory), what="cannot be written", got=str(error), mend="Make room."
        )
        raise OutputError(problem) from error
    return tuple(sorted(target.iterdir()))


def _write_gpkg(result: Result, folder: Path, crs: str) -> None:
    write_gpkg(result, folder / "sites.gpkg", crs=crs)


def _write_parquet(result: Result, folder: Path, crs: str) -> None:
    for table in published(result, crs):
        table.frame.to_parquet(folder / f"{table.name}.parquet", index=False)


def _write_geojson(result: Result, folder: Path, crs: str) -> None:
    for table in _spatial(result, crs):
        # A text in braces is a text: GDAL would take it for JSON and write what it makes of it.
        path, plain = folder / f"{table.name}.geojson", {"AUTODETECT_JSON_STRINGS": "NO"}
        _write_vector(table, table.frame, path, "GeoJSON", **plain)


def _write_shapefile(result: Result, folder: Path, crs: str) -> None:
    """Write Shapefiles in UTF-8; ``fields.csv`` says what their short names stand for."""
    named: list[tuple[str, str, str]] = []
    for table in _spatial(result, crs):
        short = short_names([str(name) for name in table.frame.columns if name != "geom"])
        named += [(table.name, field, name) for name, field in short.items()]
        frame = gpd.GeoDataFrame(_plain(table.frame).rename(columns=short))
        _write_vector(
            table, frame, folder / f"{table.name}.shp", "ESRI Shapefile", ENCODING="UTF-8"
        )
    with (folder / "fields.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("table", "field", "column"), *named])


def _write_xlsx(result: Result, folder: Path, crs: str) -> None:
    """Write a workbook, a sheet a table; points have x and y, other shapes stay out."""
    with pd.ExcelWriter(folder / "sites.xlsx", engine="openpyxl") as book:
        for table in published(result, crs):
            frame = pd.DataFrame(table.frame)
            if isinstance(table.frame, gpd.GeoDataFrame):
                frame = pd.DataFrame(table.frame.drop(columns="geom"))
                if table.geometry == "Point":
                    places = table.frame.geometry
                    frame = frame.assign(x=places.x.to_numpy(), y=places.y.to_numpy())
            # A spreadsheet runs text that begins as a formula does.
            texts = frame.columns[frame.dtypes == "string"]
            guarded = {name: frame[name].map(_cell, na_action="ignore") for name in texts}
            frame.assign(**guarded).to_excel(book, sheet_name=table.name, index=False)


def _cell(text: str) -> str:
    """Return text for a cell: no formula, and without control characters, which XLSX cannot hold."""
    return guard_formula(_CONTROLS.sub("", text))


def _write_rasters(result: Result, folder: Path, crs: str) -> None:
    """Write the scored ground as cloud optimised GeoTIFFs; refuse where there is none."""
    if not write_surfaces(result, folder, crs=crs):
        raise OutputError(
            Problem(
                where="format cog",
                what="no facility type of the result has a scored ground",
                expected="[suitability] in the file of a facility type",
                mend="Add it and run again, or choose another format.",
            )
        )


FORMATS: Final[Mapping[str, Writer]] = MappingProxyType(
    {
        "gpkg": _write_gpkg,
        "parquet": _write_parquet,
        "geojson": _write_geojson,
        "shp": _write_shapefile,
        "xlsx": _write_xlsx,
        "cog": _write_rasters,
    }
)
"""Every format by its name."""


def short_names(names: Sequence[str]) -> Mapping[str, str]:
    """Return a name of at most ten characters for each, no two alike; short ones keep theirs.

    Examples
    --------
    >>> dict(short_names(["score", "contribution_grid", "contribution_gap"]))
    {'score': 'score', 'contribution_grid': 'contributi', 'contribution_gap': 'contrib_01'}
    """
    taken = {name.lower() for name in names if len(name) <= _FIELD}
    found: dict[str, str] = {}
    for name in names:
        short, number = name[:_FIELD], 0
        while len(name) > _FIELD and short.lower() in taken:
            number += 1
            tail = f"_{number:02d}"
            short = f"{name[: _FIELD - len(tail)]}{tail}"
        taken.add(short.lower())
        found[name] = short
    return found


def _spatial(result: Result, crs: str) -> list[Table]:
    return [table for table in published(result, crs) if table.geometry is not None]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose flags are 0 or 1 and whose text fits a dBASE field, whole characters."""
    flags = {name: frame[name].astype("int32") for name in frame.columns[frame.dtypes == "bool"]}
    texts = {
        name: frame[name].map(_cut, na_action="ignore")
        for name in frame.columns[frame.dtypes == "string"]
    }
    return frame.assign(**flags, **texts)


def _cut(text: str) -> str:
    return text.encode()[:_TEXT_BYTES].decode(errors="ignore")


def _write_vector(
    table: Table, frame: pd.DataFrame, path: Path, driver: str, **options: str
) -> None:
    pyogrio.write_dataframe(
        frame,
        path,
        driver=driver,
        geometry_type=table.geometry,
        promote_to_multi=str(table.geometry).startswith("Multi"),
        layer_options=options or None,
    )
