"""What can be wrong with a raster: its file, its header, its values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from rasterio.errors import RasterioError

from siting.errors import InputError, MissingFileError, Problem
from siting.model import GridSpec
from siting.schema import GRIDS

_MOST_CELLS: Final = 4_000_000_000
_MOST_BLOCK_CELLS: Final = 500_000_000
_SCALARS: Final = frozenset("iuf")  # numpy kinds of whole and real numbers


def place_of(spec: GridSpec) -> str:
    """Name a raster as the user would look it up."""
    return f"grid {spec.kind} ({spec.reference})"


def check_there(spec: GridSpec) -> None:
    """Refuse a file that is not there or empty."""
    path, where, got = Path(spec.path), place_of(spec), spec.reference
    if not path.exists():
        mend = "Check the path; it counts from the folder of the study."
        raise MissingFileError(
            Problem(where=where, what="file not found", got=got, expected="a GeoTIFF", mend=mend)
        )
    if not path.is_file() or path.stat().st_size == 0:
        what = "file is empty" if path.is_file() else "not a file but a directory"
        raise InputError(Problem(where=where, what=what, got=got, expected="a GeoTIFF"))


def header_problems(spec: GridSpec, profile: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong before any cell is looked at."""
    where, problems = place_of(spec), []
    rows, columns = profile["shape"]
    if rows * columns > _MOST_CELLS:
        got, most = f"{rows} x {columns} cells", f"at most {_MOST_CELLS:,} cells"
        mend = "Cut the raster to the study: gdalwarp -te, or a larger cell."
        problems.append(
            Problem(where=where, what="raster too large", got=got, expected=most, mend=mend)
        )
    if max(high * wide for high, wide in profile["blocks"]) > _MOST_BLOCK_CELLS:
        what, mend = "stored in one piece", "Write it in tiles: gdal_translate -co TILED=YES."
        problems.append(Problem(where=where, what=what, mend=mend))
    if spec.band > profile["bands"]:
        got, expected = f"band {spec.band}", f"1 to {profile['bands']}"
        problems.append(Problem(where=where, what="no such band", got=got, expected=expected))
    elif np.dtype(profile["dtypes"][spec.band - 1]).kind not in _SCALARS:
        got = str(profile["dtypes"][spec.band - 1])
        what, expected = "cells are no plain numbers", "integers or floats"
        problems.append(Problem(where=where, what=what, got=got, expected=expected))
    _, b, _, d, e, _ = profile["transform"]
    if not profile["is_placed"]:
        what = "the file does not say where its cells lie"
        mend = "Bring the file that was not stripped of it, or run gdal_translate -a_ullr -a_srs."
        problems.append(Problem(where=where, what=what, expected="a GeoTIFF", mend=mend))
    elif b or d or e > 0:
        what, mend = "raster is rotated or upside down", "Run gdalwarp to turn it north up."
        problems.append(Problem(where=where, what=what, expected="rows from north", mend=mend))
    stated, carried = spec.nodata, profile["nodata"]
    if stated is not None and carried is not None and stated != carried:
        what = "the file and the study name different values for no data"
        got, mend = f"{carried:g} in the file, {stated:g} in the study", "Take nodata out."
        problems.append(Problem(where=where, what=what, got=got, mend=mend))
    return problems


def value_problems(spec: GridSpec, kept: int, found: tuple[float, float]) -> list[Problem]:
    """Return what is wrong with the values: how many there are, and their range."""
    where, schema = place_of(spec), GRIDS[spec.kind]
    if not kept:
        mend = "Check the band and nodata, or take the raster out of the study."
        return [Problem(where=where, what="no cell has a value", mend=mend)]
    low = -np.inf if schema.minimum is None else schema.minimum
    high = np.inf if schema.maximum is None else schema.maximum
    if low <= found[0] and found[1] <= high:
        return []
    beyond = found[0] if found[0] < low else found[1]
    return [
        Problem(
            where=where,
            what=f"values that {schema.about} cannot have",
            got=f"{found[0]:g} to {found[1]:g}",
            expected=f"{low:g} to {high:g} {schema.unit}",
            mend=f"If {beyond:g} stands for no data, add nodata = {beyond:g}; else check the band.",
        )
    ]


def nodata_warnings(spec: GridSpec, profile: Mapping[str, Any]) -> tuple[str, ...]:
    """Tell where no value stands for no data."""
    is_named = profile["nodata"] is not None or spec.nodata is not None
    if is_named or profile["masked"][spec.band - 1]:
        return ()
    return ("the file names no value for no data: every cell counts",)


def unreadable(where: str, error: RasterioError) -> Problem:
    """Return the problem of a file that GDAL cannot read."""
    return Problem(
        where=where,
        what="file cannot be read as a GeoTIFF",
        got=str(error.__cause__ or error),
        expected="a whole GeoTIFF",
        mend="Fetch it again; other formats: gdal_translate -of GTiff.",
    )
