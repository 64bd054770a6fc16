"""The scored ground of a result as grids, and as cloud optimised GeoTIFFs with their QGIS styles."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import array_bounds
from rasterio.warp import calculate_default_transform, reproject

from maps.qml import raster_qml
from siting.errors import OutputError, Problem
from siting.model import Result

SURFACE_FOLDER: Final = "surfaces"

_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
_BANDS: Final = (
    "适宜性（规则禁止处无值） / suitability, no value where a rule bars",
    "得分（不计规则） / score, rules apart",
)
# Tiles of 256 and overviews make a small file quick to pan in QGIS as well.
_COG: Final = {"compress": "DEFLATE", "blocksize": 256, "overview_resampling": "average"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """The scored ground of a facility type, north up, in the working CRS of the result.

    Parameters
    ----------
    score
        ``(rows, columns)`` in [0, 1]; NaN outside the land and where it is not known.
    is_barred
        ``(rows, columns)`` whether a rule bars the centre of the cell.
    west, north
        The upper left corner, metres.
    cell_m
        Side of a cell.
    weight_share
        Part of the weight that the place decides, (0, 1].
    """

    facility: str
    crs: str
    score: NDArray[np.float32]
    is_barred: NDArray[np.bool_]
    west: float
    north: float
    cell_m: float
    weight_share: float

    @property
    def suitability(self) -> NDArray[np.float32]:
        """The score where no rule bars the cell, NaN elsewhere."""
        return np.where(self.is_barred, np.float32(np.nan), self.score)

    def cells(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return column and row of the cells in which places of the working CRS lie."""
        column = np.floor((x - self.west) / self.cell_m).astype(np.int64)
        return column, np.floor((self.north - y) / self.cell_m).astype(np.int64)


def surfaces(result: Result) -> tuple[Surface, ...]:
    """Return the scored ground of every facility type that has any, in the order of the study."""
    frame = result.suitability
    known = (facility.key for facility in result.study.facilities)
    parts = ((key, frame[frame["facility"] == key]) for key in known)
    return tuple(_surface(key, rows, result.crs) for key, rows in parts if len(rows))


def write_surfaces(result: Result, folder: Path, *, crs: str | None = None) -> tuple[Path, ...]:
    """Write ``<facility>.tif`` and its style ``<facility>.qml`` for every scored ground.

    The rasters are cloud optimised GeoTIFFs of two bands of 32-bit floats: suitability, without a
    value where a rule bars the ground, and the score without the rules. Same result, same bytes.

    Parameters
    ----------
    folder
        Where to write; made if there is anything to write.
    crs
        Authority string; the working CRS of the result, where cells are square, unless asked
        otherwise. Cells are moved to the nearest, never mixed.

    Returns
    -------
    tuple[Path, ...]
        The files, empty where no facility type has a scored ground.

    Raises
    ------
    OutputError
        If the key of a facility type cannot be a file name.
    """
    written: list[Path] = []
    for surface in surfaces(result):
        if not _KEY.fullmatch(surface.facility):
            raise OutputError(
                Problem(
                    where="facility types",
                    what="a key cannot be a file name",
                    got=surface.facility,
                    expected="small letters, digits and underscores",
                )
            )
        folder.mkdir(exist_ok=True)
        raster, style = (folder / f"{surface.facility}.{end}" for end in ("tif", "qml"))
        _write_cog(surface, raster, crs or surface.crs)
        style.write_text(raster_qml(), encoding="utf-8", newline="\n")
        written += [raster, style]
    return tuple(written)


def _surface(key: str, rows: pd.DataFrame, crs: str) -> Surface:
    cell_m = float(rows["cell_m"].iloc[0])
    column = np.floor(rows["x"].to_numpy(float) / cell_m).astype(np.int64)
    row = -np.floor(rows["y"].to_numpy(float) / cell_m).astype(np.int64)
    left, top = int(column.min()), int(row.min())
    shape = int(row.max()) - top + 1, int(column.max()) - left + 1
    score = np.full(shape, np.nan, dtype=np.float32)
    is_barred = np.zeros(shape, dtype=np.bool_)
    score[row - top, column - left] = rows["score"].to_numpy(float)
    is_barred[row - top, column - left] = rows["is_barred"].to_numpy(bool)
    return Surface(
        facility=key,
        crs=crs,
        score=score,
        is_barred=is_barred,
        west=left * cell_m,
        north=(1 - top) * cell_m,
        cell_m=cell_m,
        weight_share=float(rows["weight_share"].iloc[0]),
    )


def _write_cog(surface: Surface, path: Path, crs: str) -> None:
    bands = np.stack([surface.suitability, surface.score])
    transform = Affine(surface.cell_m, 0, surface.west, 0, -surface.cell_m, surface.north)
    if crs != surface.crs:
        bands, transform = _moved(bands, transform, surface.crs, crs)
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "nodata": np.nan,
        "count": len(bands),
        "height": bands.shape[1],
        "width": bands.shape[2],
        "crs": crs,
        "transform": transform,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(bands)
            raster.descriptions = _BANDS
            raster.update_tags(
                facility=surface.facility, weight_share=f"{surface.weight_share:.4f}"
            )
        with memory.open() as raster:
            copy(raster, path, driver="COG", **_COG)


def _moved(
    bands: NDArray[np.float32], transform: Affine, crs: str, into: str
) -> tuple[NDArray[np.float32], Affine]:
    count, rows, columns = bands.shape
    bounds = array_bounds(rows, columns, transform)
    moved, width, height = calculate_default_transform(crs, into, columns, rows, *bounds)
    target = np.full((count, height, width), np.nan, dtype=np.float32)
    reproject(
        bands,
        target,
        src_transform=transform,
        src_crs=crs,
        src_nodata=np.nan,
        dst_transform=moved,
        dst_crs=into,
        dst_nodata=np.nan,
        resampling=Resampling.nearest,
    )
    return target, moved
