"""What is given: checked layers and rasters, and what a criterion may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.model.words import Impedance


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRecord:
    """What became of a layer or raster on its way in.

    ``repairs`` are sentences, one per kind of repair; ``warnings`` what was found and left as it
    is. ``crs_used`` is the system the data were brought into. Rows of a raster are its cells.
    """

    kind: str
    reference: str
    sha256: str
    licence: str
    attribution: str
    crs_found: str
    rows_read: int
    rows_kept: int
    repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    crs_used: str = ""
    source: str = ""
    date: str = ""


class BlockSource(Protocol):
    """A raster of one band that is read block by block, whatever its size.

    ``transform`` is affine, (a, b, c, d, e, f) with x = a * column + b * row + c and
    y = d * column + e * row + f, of the upper left corner of a cell; ``crs`` an authority string.
    """

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        ...

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """The affine transform from (column, row) to (x, y)."""
        ...

    @property
    def crs(self) -> str:
        """Authority string of the CRS."""
        ...

    def read(self, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[np.float32]:
        """Return the cells [rows[0], rows[1]) x [columns[0], columns[1]), NaN = no data."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """A raster in memory; a ``BlockSource``. ``values`` are (rows, columns), NaN = no data."""

    values: NDArray[np.float32]
    transform: tuple[float, float, float, float, float, float]
    crs: str

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.values.shape[0], self.values.shape[1]

    def read(self, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[np.float32]:
        """Return a view of a block."""
        return self.values[rows[0] : rows[1], columns[0] : columns[1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The layers of a study, checked, in the working CRS; rasters stay in their own."""

    crs: str
    layers: Mapping[str, gpd.GeoDataFrame]
    provenance: tuple[LayerRecord, ...]
    grids: Mapping[str, BlockSource] = field(default_factory=dict)


class TravelCosts(Protocol):
    """Network travel between places; the only measure of distance the scores know."""

    def __call__(
        self,
        origins: gpd.GeoSeries,
        destinations: gpd.GeoSeries,
        *,
        profile: str,
        measure: Impedance = "time_min",
    ) -> NDArray[np.float64]:
        """Return costs (n_origins, n_destinations); NaN = unreachable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a criterion may look at besides the candidates themselves."""

    layers: Mapping[str, gpd.GeoDataFrame]
    demand: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame
    travel: TravelCosts
    profile: str
    grids: Mapping[str, BlockSource] = field(default_factory=dict)
