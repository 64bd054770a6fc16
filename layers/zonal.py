"""Statistics of a raster by polygon, every cell counted by the share of it that is covered."""

import warnings
from typing import Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource, RasterSource
from numpy.typing import NDArray
from pyproj import CRS
from shapely import Geometry, area, box, intersection

from siting.errors import CrsError, Problem
from siting.model import BlockSource, FloatSeries

Statistic: TypeAlias = Literal["sum", "mean", "min", "max", "count", "majority"]
_MOST_CELLS: Final = 4_000_000  # in memory at a time


class _Blocks(RasterSource):  # type: ignore[misc] # the library has no types
    """A ``BlockSource`` as exactextract asks for it."""

    def __init__(self, grid: BlockSource) -> None:
        super().__init__()
        self._grid = grid

    def res(self) -> tuple[float, float]:
        return self._grid.transform[0], -self._grid.transform[4]

    def extent(self) -> tuple[float, float, float, float]:
        a, _, c, _, e, f = self._grid.transform
        rows, columns = self._grid.shape
        return c, f + e * rows, c + a * columns, f

    def srs_wkt(self) -> str:
        return str(CRS.from_user_input(self._grid.crs).to_wkt())

    def nodata_value(self) -> float:
        return float("nan")

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> NDArray[np.float32]:
        return np.ascontiguousarray(self._grid.read((y0, y0 + ny), (x0, x0 + nx)))


def zonal(
    grid: BlockSource, polygons: gpd.GeoDataFrame, *, statistic: Statistic = "sum"
) -> FloatSeries:
    """Return a statistic of the cells of a raster under every polygon.

    A cell counts by the share of its area that the polygon covers, not by its centre: small polygons
    and those along a border come out right. Only the blocks under polygons are read.

    Parameters
    ----------
    grid
        North up.
    polygons
        Polygons (n,) in any CRS; they may overlap.
    statistic
        ``count`` is the number of cells with a value, in shares of a cell.

    Returns
    -------
    Series
        Values (n,) on the index of the polygons; NaN where no cell with a value lies under one,
        except ``count``, which is 0 there.

    Raises
    ------
    CrsError
        When the polygons have no CRS.

    References
    ----------
    Baston, D. exactextract, https://github.com/isciences/exactextract (Apache-2.0).
    """
    if polygons.crs is None:
        problem = Problem(where="polygons", what="coordinate system missing")
        raise CrsError(problem)
    found = np.full(len(polygons), 0.0 if statistic == "count" else np.nan)
    moved = polygons.geometry.to_crs(grid.crs)
    asked = np.flatnonzero(moved.intersects(box(*_Blocks(grid).extent())).to_numpy())
    if len(asked):
        zones = gpd.GeoDataFrame(geometry=moved.iloc[asked].reset_index(drop=True))
        table = _extract(_Blocks(grid), zones, sorted({statistic, "count"}))
        values, counts = (table[name].to_numpy(float) for name in (statistic, "count"))
        # The library gives 0 where there was nothing to add up; nothing known is not zero.
        found[asked] = np.where(counts > 0, values, found[asked])
    return pd.Series(found, index=polygons.index, name=statistic)


def _extract(source: RasterSource, zones: gpd.GeoDataFrame, asked: list[str]) -> pd.DataFrame:
    with warnings.catch_warnings():
        # The library compares the texts of two CRS, which may differ for one and the same.
        warnings.filterwarnings("ignore", message="Spatial reference system of input features")
        table: pd.DataFrame = exact_extract(
            source, zones, asked, output="pandas", max_cells_in_memory=_MOST_CELLS
        )
    return table


def cover_shares(
    grid: BlockSource, outline: Geometry, *, rows: tuple[int, int]
) -> NDArray[np.float64]:
    """Return which share of every cell of some rows lies in a polygon.

    Parameters
    ----------
    outline
        In the CRS of the raster.
    rows
        First row, and the row after the last.

    Returns
    -------
    ndarray
        Shares (rows, columns) in [0, 1].
    """
    a, _, c, _, e, f = grid.transform
    columns = grid.shape[1]
    start, stop = rows
    flat = np.zeros((stop - start) * columns)
    west, east = c, c + a * columns
    south, north = f + e * stop, f + e * start
    part = intersection(outline, box(west, south, east, north))
    if area(part) > 0:
        source = NumPyRasterSource(
            np.ones((stop - start, columns), np.uint8), west, south, east, north
        )
        zone = gpd.GeoDataFrame(geometry=[part], crs=grid.crs)
        found = _extract(source, zone, ["cell_id", "coverage"])
        flat[np.asarray(found["cell_id"][0], np.int64)] = found["coverage"][0]
    return flat.reshape(stop - start, columns)
