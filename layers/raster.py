"""GeoTIFF: checked once from edge to edge, then read block by block in its own CRS."""

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.windows import Window

from layers._crs import declared_crs
from layers._extent import cover_warnings
from layers._raster_checks import (
    check_there,
    header_problems,
    nodata_warnings,
    place_of,
    unreadable,
    value_problems,
)
from siting.crs import Bounds, authority
from siting.errors import CrsError, InputError, Problem, SitingError
from siting.model import BlockSource, GridSpec, LayerRecord, LayerSpec

_ROWS_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterBlocks:
    """A band of a GeoTIFF as a ``BlockSource``; every read opens the file, so threads may share it.

    ``path`` is a file of this machine, never an address: GDAL would follow one.
    """

    path: str
    band: int
    shape: tuple[int, int]
    transform: tuple[float, float, float, float, float, float]
    crs: str
    nodata: float | None

    def read(self, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[np.float32]:
        """Return the cells [rows[0], rows[1]) x [columns[0], columns[1]), NaN = no data.

        Raises
        ------
        InputError
            If the file cannot be read any more.
        """
        window = Window(columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0])
        try:
            with _opened(self.path) as file:
                cells = file.read(self.band, window=window)
                is_whole = _flags(file)[self.band - 1] == {"all_valid"}
                known = None if is_whole else file.read_masks(self.band, window=window) > 0
                scale, offset = file.scales[self.band - 1], file.offsets[self.band - 1]
        except RasterioError as error:
            raise InputError(unreadable(Path(self.path).name, error)) from error
        values = np.asarray(cells, np.float32)
        if cells.dtype.kind == "f":
            values[np.isinf(values)] = np.nan
        if known is not None:
            values[~known] = np.nan
        if self.nodata is not None:
            values[cells == self.nodata] = np.nan
        if (scale, offset) != (1.0, 0.0):
            values = values * np.float32(scale) + np.float32(offset)
        return values


def read_grids(
    specs: Mapping[str, GridSpec], bounds: Bounds
) -> tuple[dict[str, BlockSource], list[LayerRecord], list[SitingError]]:
    """Open every raster of a study; see ``open_grid``.

    Parameters
    ----------
    specs
        By kind.
    bounds
        (west, south, east, north) of the study in degrees.

    Returns
    -------
    tuple
        The rasters that are right, a record for each, and what is wrong with the others.
    """
    grids: dict[str, BlockSource] = {}
    records: list[LayerRecord] = []
    faults: list[SitingError] = []
    for kind, spec in specs.items():
        try:
            grids[kind], record = open_grid(spec, bounds=bounds)
        except SitingError as error:
            faults.append(error)
        else:
            records.append(record)
    return grids, records, faults


def open_grid(spec: GridSpec, *, bounds: Bounds | None = None) -> tuple[RasterBlocks, LayerRecord]:
    """Check a GeoTIFF and return it with the record of what was found.

    All blocks are read once: a torn file, a raster without one value and values that its kind cannot
    have are found here, not in the middle of a run. A raster that names no value for "no data" is
    taken as whole, with a warning.

    Parameters
    ----------
    spec
        Path, band, and CRS and "no data" where the file lacks them.
    bounds
        (west, south, east, north) of the study in degrees; None is not compared.

    Raises
    ------
    MissingFileError
        When the file is not there.
    CrsError
        When neither the file nor the study names a CRS, or they name different ones.
    InputError
        When it is no GeoTIFF, or anything in it is wrong; all that is wrong at once.
    """
    check_there(spec)
    where = place_of(spec)
    try:
        with _opened(spec.path) as file:
            profile = _facts(file)
    except RasterioError as error:
        raise InputError(unreadable(where, error)) from error
    problems = header_problems(spec, profile)
    if problems:
        raise InputError(*problems)
    crs = _crs(spec, profile["crs"])
    grid = RasterBlocks(
        path=spec.path,
        band=spec.band,
        shape=profile["shape"],
        transform=profile["transform"],
        crs=crs,
        nodata=spec.nodata if profile["nodata"] is None else None,
    )
    kept, found = _scan(grid, spec)
    problems = value_problems(spec, kept, found)
    if problems:
        raise InputError(*problems)
    warned = nodata_warnings(spec, profile)
    if bounds is not None:
        warned += cover_warnings(grid, bounds, where=where)
    return grid, _record(spec, grid, kept, warned)


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    """Open a GeoTIFF, and nothing that would lead GDAL to other files or addresses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told as a problem of its own
        with rasterio.open(path, driver="GTiff", sharing=False) as file:
            yield file


def _facts(file: Any) -> dict[str, Any]:
    return {
        "shape": file.shape,
        "bands": file.count,
        "dtypes": file.dtypes,
        "transform": tuple(file.transform)[:6],
        "is_placed": not file.transform.is_identity,
        "crs": file.crs,
        "nodata": file.nodata,
        "blocks": file.block_shapes,
        "masked": [bool(flags & {"alpha", "per_dataset"}) for flags in _flags(file)],
    }


def _flags(file: Any) -> list[set[str]]:
    return [{flag.name for flag in flags} for flags in file.mask_flag_enums]


def _crs(spec: GridSpec, found: Any) -> str:
    """Return the CRS of the raster, by the same rule as that of a layer."""
    as_layer = LayerSpec(kind=spec.kind, path=spec.path, reference=spec.reference, crs=spec.crs)
    try:
        carried = None if found is None else CRS.from_wkt(found.to_wkt())
    except CRSError as error:
        problem = Problem(where=place_of(spec), what="unknown coordinate system in the file")
        raise CrsError(problem) from error
    crs = declared_crs(as_layer, carried)
    code = crs.to_authority(min_confidence=70)
    return authority(crs) if code else crs.to_wkt()


def _scan(grid: RasterBlocks, spec: GridSpec) -> tuple[int, tuple[float, float]]:
    """Count the cells with a value and return the range of their values."""
    kept, low, high = 0, np.inf, -np.inf
    rows, columns = grid.shape
    for start in range(0, rows, _ROWS_AT_ONCE):
        try:
            values = grid.read((start, min(start + _ROWS_AT_ONCE, rows)), (0, columns))
        except InputError as error:
            cause = error.__cause__
            broken = cause if isinstance(cause, RasterioError) else RasterioIOError()
            raise InputError(unreadable(place_of(spec), broken)) from error
        known = values[~np.isnan(values)]
        if len(known):
            kept += len(known)
            low, high = min(low, float(known.min())), max(high, float(known.max()))
    return kept, (low, high)


def _record(spec: GridSpec, grid: RasterBlocks, kept: int, warned: tuple[str, ...]) -> LayerRecord:
    crs = authority(CRS.from_user_input(grid.crs))
    with Path(spec.path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return LayerRecord(
        kind=spec.kind,
        reference=spec.reference,
        sha256=digest,
        licence=spec.licence,
        attribution=spec.attribution,
        source=spec.source,
        date=spec.date,
        crs_found=crs,
        crs_used=crs,
        rows_read=grid.shape[0] * grid.shape[1],
        rows_kept=kept,
        warnings=warned,
    )
