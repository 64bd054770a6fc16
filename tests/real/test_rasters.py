"""Real rasters: heights of Monaco and Rongcheng, people of Shandong."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from layers._population import PER_KM2, read_population
from layers.raster import RasterBlocks, open_grid
from layers.zonal import zonal
from siting.errors import InputError
from siting.model import GridSpec, LayerSpec
from siting.schema import LAYERS
from siting.surface import cell_sizes_m, sample, sample_slope_deg
from tests.requirements import require_data

pytestmark = pytest.mark.real

LONLAT = "EPSG:4326"


def opened(kind: str, *parts: str) -> RasterBlocks:
    path = require_data(*parts)
    return open_grid(GridSpec(kind=kind, path=str(path), reference=path.name))[0]


def test_monaco_is_steep_and_its_harbour_is_not() -> None:
    grid = opened("elevation", "osm", "monaco_srtm.tif")
    # Port Hercule's quay; the slope of Tête de Chien above Cap-d'Ail.
    x, y = np.array([7.4255, 7.4010]), np.array([43.7353, 43.7300])
    harbour, hill = sample_slope_deg(grid, x, y, crs=LONLAT)
    assert harbour < 10
    assert hill > 20
    heights = sample(grid, x, y, crs=LONLAT)
    assert heights[0] < 30
    assert heights[1] > 150


def test_slopes_are_those_of_horns_formula_cell_by_cell() -> None:
    grid = opened("elevation", "osm", "monaco_srtm.tif")
    z = grid.read((0, 108), (0, 228)).astype(float)
    a, _, c, _, e, f = grid.transform
    height_m, width_m = cell_sizes_m(grid, np.arange(108))
    rng = np.random.default_rng(5)
    rows, columns = rng.integers(1, 107, 100), rng.integers(1, 227, 100)
    found = sample_slope_deg(grid, c + a * (columns + 0.5), f + e * (rows + 0.5), crs=LONLAT)
    kernel = np.array([1.0, 2.0, 1.0])
    for r, k, slope in zip(rows, columns, found, strict=True):
        across = (
            (kernel @ z[r - 1 : r + 2, k + 1] - kernel @ z[r - 1 : r + 2, k - 1]) / 8 / width_m[r]
        )
        along = (
            (kernel @ z[r + 1, k - 1 : k + 2] - kernel @ z[r - 1, k - 1 : k + 2]) / 8 / height_m[r]
        )
        expected = np.degrees(np.arctan(np.hypot(across, along)))
        if np.isnan(z[r, k]) or np.isnan(expected):
            assert np.isnan(slope)
        else:
            assert slope == pytest.approx(expected, rel=1e-5)


def test_a_sea_of_heights_is_no_gap(recwarn: pytest.WarningsRecorder) -> None:
    path = require_data("raster", "aster_dem_30m_rongcheng_shandong.tif")
    _, record = open_grid(GridSpec(kind="elevation", path=str(path), reference=path.name))
    assert record.rows_kept == record.rows_read == 900 * 1440
    assert record.warnings == ("the file names no value for no data: every cell counts",)
    assert not recwarn.list


def test_people_of_the_two_rasters_agree_over_shandong_inland() -> None:
    # A window of whole cells of both, away from the coast, where density is per area of land.
    window = gpd.GeoDataFrame(geometry=[shapely.box(115.5, 35.0, 118.5, 37.0)], crs=LONLAT)
    counted = zonal(
        opened("population", "raster", "gpw_popcount_unadj2020_30min_shandong.tif"), window
    )[0]
    density = opened("population_density", "raster", "gpw_popdensity_2020_15min_shandong.tif")
    height_m, width_m = cell_sizes_m(density, np.arange(6, 14))
    cells = density.read((6, 14), (4, 16))
    spread = float((cells * (height_m * width_m)[:, None]).sum() / 1e6)
    assert counted == pytest.approx(spread, rel=0.06)  # the count is adjusted to UN totals


def test_qingdao_has_its_people_as_townships() -> None:
    path = require_data("raster", "gpw_popdensity_2020_15min_qingdao.tif")
    asked = LayerSpec(
        kind="townships", path=str(path), reference=path.name, columns={"population": PER_KM2}
    )
    raw = read_population(asked, LAYERS["townships"])
    with rasterio.open(path) as file:
        cells = file.read(1, masked=True)
    assert len(raw.cells) == int((cells > 0).sum())
    # The window reaches beyond the city of 10 million (census of 2020).
    assert 10e6 < raw.cells[PER_KM2].sum() < 40e6


def test_a_density_is_not_taken_for_heights() -> None:
    path = require_data("raster", "gpw_popdensity_2020_15min_shandong.tif")
    with pytest.raises(InputError, match=r"values that height of the ground .* cannot have"):
        open_grid(GridSpec(kind="elevation", path=str(path), reference=path.name))
