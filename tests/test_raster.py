"""Rasters from files: what is read, what is refused and with which words, statistics by polygon."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray
from rasterio.transform import Affine

from layers._population import PER_CELL, PER_KM2, read_population
from layers.raster import open_grid, read_grids
from layers.zonal import cover_shares, zonal
from siting.errors import CrsError, InputError, MissingFileError, SitingError
from siting.model import Grid, GridSpec, LayerSpec
from siting.schema import LAYERS
from siting.surface import cell_sizes_m

UTM = "EPSG:32650"


def from_origin(west: float, north: float, wide: float, high: float) -> Affine:
    # That of rasterio multiplies in a way its own dependency warns of.
    return Affine(wide, 0.0, west, 0.0, -high, north)


NORTH_UP = from_origin(400_000.0, 4_000_000.0, 100.0, 100.0)


def write(path: Path, cells: NDArray[Any], **facts: Any) -> Path:
    profile = {
        "driver": "GTiff", "height": cells.shape[-2], "width": cells.shape[-1], "count": 1,
        "dtype": cells.dtype, "crs": UTM, "transform": NORTH_UP, "nodata": -9999.0,
    } | facts  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(cells, *([] if cells.ndim == 3 else [1]))
    return path


def spec(path: Path, kind: str = "elevation", **more: Any) -> GridSpec:
    return GridSpec(kind=kind, path=str(path), reference=path.name, **more)


HEIGHTS = np.arange(12, dtype=np.float32).reshape(3, 4)


def message(error: pytest.ExceptionInfo[SitingError]) -> str:
    (line,) = str(error.value).splitlines()
    return line


# -- reading ---------------------------------------------------------------------------------------


def test_blocks_are_the_cells_and_no_data_is_nan(tmp_path: Path) -> None:
    cells = HEIGHTS.copy()
    cells[1, 2] = -9999.0
    grid, record = open_grid(spec(write(tmp_path / "a.tif", cells)))
    assert (grid.shape, grid.crs, grid.transform) == ((3, 4), UTM, tuple(NORTH_UP)[:6])
    expected = np.where(cells == -9999.0, np.nan, cells)
    np.testing.assert_array_equal(grid.read((0, 3), (0, 4)), expected)
    np.testing.assert_array_equal(grid.read((1, 3), (1, 3)), expected[1:3, 1:3])
    assert (record.rows_read, record.rows_kept, record.warnings) == (12, 11, ())
    assert (record.crs_found, record.crs_used, len(record.sha256)) == (UTM, UTM, 64)


def test_a_block_is_read_without_the_rest(tmp_path: Path) -> None:
    cells = np.random.default_rng(0).random((700, 800)).astype(np.float32)
    path = write(tmp_path / "a.tif", cells, tiled=True, blockxsize=256, blockysize=256)
    grid, _ = open_grid(spec(path))
    np.testing.assert_array_equal(grid.read((250, 520), (700, 800)), cells[250:520, 700:800])


def test_scale_and_offset_of_the_file_are_applied(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.array([[0, 10, 200]], np.uint8), nodata=0)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.5,), (100.0,)
    grid, _ = open_grid(spec(path))
    np.testing.assert_array_equal(grid.read((0, 1), (0, 3)), [[np.nan, 105.0, 200.0]])


def test_infinite_and_nan_cells_are_no_data(tmp_path: Path) -> None:
    cells = np.array([[np.inf, -np.inf, np.nan, 3.0]], np.float32)
    grid, record = open_grid(spec(write(tmp_path / "a.tif", cells, nodata=None)))
    np.testing.assert_array_equal(grid.read((0, 1), (0, 4)), [[np.nan, np.nan, np.nan, 3.0]])
    assert record.rows_kept == 1


def test_a_raster_without_nodata_is_taken_whole_and_says_so(tmp_path: Path) -> None:
    _, record = open_grid(spec(write(tmp_path / "a.tif", HEIGHTS, nodata=None)))
    assert record.warnings == ("the file names no value for no data: every cell counts",)


def test_the_study_names_the_nodata_that_the_file_lacks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", HEIGHTS, nodata=None)
    grid, record = open_grid(spec(path, nodata=5.0))
    assert np.isnan(grid.read((1, 2), (1, 2))).all()
    assert (record.rows_kept, record.warnings) == (11, ())


def test_the_study_names_the_crs_that_the_file_lacks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", HEIGHTS, crs=None)
    grid, record = open_grid(spec(path, crs=UTM))
    assert grid.crs == record.crs_found == UTM


def test_the_band_is_chosen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.stack([HEIGHTS, HEIGHTS + 100]), count=2)
    grid, _ = open_grid(spec(path, band=2))
    np.testing.assert_array_equal(grid.read((0, 3), (0, 4)), HEIGHTS + 100)


def test_what_lies_partly_outside_warns_and_what_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.tif", HEIGHTS, crs="EPSG:4326", transform=from_origin(120, 36.3, 0.1, 0.1)
    )
    covered = (120.05, 36.05, 120.35, 36.25)
    assert open_grid(spec(path), bounds=covered)[1].warnings == ()
    (half,) = open_grid(spec(path), bounds=(119.6, 36.05, 120.399, 36.25))[1].warnings
    assert half.startswith("covers 50% of the study's bounding box")
    with pytest.raises(InputError, match=r"lies outside the study.*10.00 to 11.00 E"):
        open_grid(spec(path), bounds=(10, 50, 11, 51))


def test_a_run_gets_what_is_right_and_hears_of_all_that_is_wrong(tmp_path: Path) -> None:
    good = write(tmp_path / "good.tif", HEIGHTS)
    specs = {
        "elevation": spec(good),
        "population": spec(tmp_path / "gone.tif", "population"),
        "land_cover": spec(write(tmp_path / "bad.tif", HEIGHTS, crs=None), "land_cover"),
    }
    grids, records, faults = read_grids(specs, (115, 36, 120, 37))
    assert (list(grids), [r.kind for r in records]) == (["elevation"], ["elevation"])
    assert records[0].warnings == (
        "covers 0% of the study's bounding box; beyond it nothing is known",
    )
    assert [type(fault) for fault in faults] == [MissingFileError, CrsError]


# -- what is refused -------------------------------------------------------------------------------


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"grid elevation \(a.tif\): file not found"):
        open_grid(spec(tmp_path / "a.tif"))


def test_a_folder_and_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a file but a directory"):
        open_grid(spec(tmp_path))
    (tmp_path / "a.tif").touch()
    with pytest.raises(InputError, match="file is empty"):
        open_grid(spec(tmp_path / "a.tif"))


def test_a_symlink_loop(tmp_path: Path) -> None:
    (tmp_path / "a.tif").symlink_to(tmp_path / "b.tif")
    (tmp_path / "b.tif").symlink_to(tmp_path / "a.tif")
    with pytest.raises(MissingFileError, match="file not found"):
        open_grid(spec(tmp_path / "a.tif"))


@pytest.mark.parametrize("text", ["not a raster", "<VRTDataset rasterXSize='1' rasterYSize='1'/>"])
def test_what_is_no_geotiff_is_not_opened_by_any_other_driver(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.tif").write_text(text)
    with pytest.raises(InputError, match="cannot be read as a GeoTIFF"):
        open_grid(spec(tmp_path / "a.tif"))


def test_a_torn_file(tmp_path: Path) -> None:
    cells = np.random.default_rng(0).random((300, 300)).astype(np.float32)
    path = write(tmp_path / "a.tif", cells)
    path.write_bytes(path.read_bytes()[:-50_000])
    with pytest.raises(InputError, match=r"cannot be read as a GeoTIFF.*Fetch it again"):
        open_grid(spec(path))


def test_a_file_torn_after_it_was_checked(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", HEIGHTS)
    grid, _ = open_grid(spec(path))
    path.write_bytes(b"II*")
    with pytest.raises(InputError, match=r"a\.tif: file cannot be read"):
        grid.read((0, 1), (0, 1))


def test_no_crs_anywhere(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="coordinate system missing"):
        open_grid(spec(write(tmp_path / "a.tif", HEIGHTS, crs=None)))


def test_two_crs(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="name different coordinate systems"):
        open_grid(spec(write(tmp_path / "a.tif", HEIGHTS), crs="EPSG:32651"))


def test_two_values_for_no_data(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"different values for no data.*-9999 in the file, 0 in"):
        open_grid(spec(write(tmp_path / "a.tif", HEIGHTS), nodata=0.0))


@pytest.mark.parametrize(
    "transform",
    [NORTH_UP @ Affine.rotation(20.0), Affine(100.0, 0.0, 4e5, 0.0, 100.0, 4e6)],
    ids=["rotated", "south up"],
)
def test_rows_that_do_not_run_from_north(tmp_path: Path, transform: Affine) -> None:
    with pytest.raises(InputError, match=r"rotated or upside down.*gdalwarp"):
        open_grid(spec(write(tmp_path / "a.tif", HEIGHTS, transform=transform)))


@pytest.mark.filterwarnings("ignore:The given matrix is equal to Affine.identity")
def test_a_picture_that_lies_nowhere(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", HEIGHTS, transform=Affine.identity())
    with pytest.raises(InputError, match="does not say where its cells lie"):
        open_grid(spec(path))


def test_a_band_that_is_not_there_and_complex_numbers(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such band \(got band 2, expected 1 to 1\)"):
        open_grid(spec(write(tmp_path / "a.tif", HEIGHTS), band=2))
    path = write(tmp_path / "b.tif", HEIGHTS.astype(np.complex64), nodata=None)
    with pytest.raises(InputError, match=r"cells are no plain numbers.*complex64"):
        open_grid(spec(path))


def test_nothing_but_no_data(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no cell has a value"):
        open_grid(spec(write(tmp_path / "a.tif", np.full((3, 3), -9999.0, np.float32))))


def test_a_forgotten_nodata_is_found_by_the_range(tmp_path: Path) -> None:
    cells = HEIGHTS.copy()
    cells[0, 0] = -32768.0
    with pytest.raises(InputError) as caught:
        open_grid(spec(write(tmp_path / "a.tif", cells, nodata=None)))
    assert "got -32768 to 11, expected -500 to 9000 m" in message(caught)
    assert "add nodata = -32768" in message(caught)


def test_everything_wrong_in_the_header_is_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", HEIGHTS, transform=NORTH_UP @ Affine.rotation(20.0))
    with pytest.raises(InputError) as caught:
        open_grid(spec(path, band=3, nodata=0.0))
    assert len(caught.value.problems) == 3


# -- zonal statistics ------------------------------------------------------------------------------


def in_memory(cells: NDArray[np.float32], crs: str = UTM) -> Grid:
    return Grid(values=cells, transform=tuple(NORTH_UP)[:6], crs=crs)


def shares(grid: Grid, polygon: shapely.Geometry) -> NDArray[np.float64]:
    """Return the covered share of every cell, cell by cell: the oracle."""
    a, _, c, _, e, f = grid.transform
    rows, columns = grid.shape
    return np.array(
        [
            [
                shapely.box(c + a * x, f + e * (y + 1), c + a * (x + 1), f + e * y)
                .intersection(polygon)
                .area
                / abs(a * e)
                for x in range(columns)
            ]
            for y in range(rows)
        ]
    )


@settings(max_examples=40, deadline=None)
@given(
    corners=st.lists(
        st.tuples(st.floats(399_900, 400_900), st.floats(3_999_300, 4_000_100)),
        min_size=3,
        max_size=7,
    ),
    seed=st.integers(0, 99),
)
def test_zonal_statistics_are_those_of_covered_areas(
    corners: list[tuple[float, float]], seed: int
) -> None:
    polygon = shapely.convex_hull(shapely.MultiPoint(corners))
    if polygon.area < 1.0:
        return
    rng = np.random.default_rng(seed)
    cells = rng.integers(1, 50, (6, 8)).astype(np.float32)
    cells[rng.random((6, 8)) < 0.2] = np.nan
    grid = in_memory(cells)
    weights = np.where(np.isnan(cells), 0.0, shares(grid, polygon))
    zone = gpd.GeoDataFrame(geometry=[polygon], crs=UTM)
    whole = weights.sum()
    assert zonal(grid, zone, statistic="count")[0] == pytest.approx(whole, abs=1e-4)
    if whole > 1e-6:
        total = np.nansum(cells * weights)
        assert zonal(grid, zone)[0] == pytest.approx(total, rel=1e-4, abs=1e-3)
        assert zonal(grid, zone, statistic="mean")[0] == pytest.approx(total / whole, rel=1e-4)


def test_zones_keep_their_index_and_nothing_known_is_not_zero() -> None:
    cells = HEIGHTS.copy()
    cells[:, 0] = np.nan
    zones = gpd.GeoDataFrame(
        geometry=[
            shapely.box(400_100, 3_999_700, 400_400, 4_000_000),
            shapely.box(0, 0, 1, 1),
            shapely.box(400_000, 3_999_700, 400_100, 4_000_000),
        ],
        index=["all", "elsewhere", "no data"],
        crs=UTM,
    )
    found = zonal(in_memory(cells), zones)
    assert found["all"] == np.nansum(cells)
    assert found[["elsewhere", "no data"]].isna().all()
    assert zonal(in_memory(cells), zones, statistic="count").tolist() == [9.0, 0.0, 0.0]


def test_zones_come_in_any_crs_but_not_without() -> None:
    zones = gpd.GeoDataFrame(
        geometry=[shapely.box(400_100, 3_999_700, 400_400, 4_000_000)], crs=UTM
    )
    turned = zonal(in_memory(HEIGHTS), zones.to_crs("EPSG:4326"))
    assert turned[0] == pytest.approx(zonal(in_memory(HEIGHTS), zones)[0], rel=0.01)
    with pytest.raises(CrsError, match="coordinate system missing"):
        zonal(in_memory(HEIGHTS), gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]))


def test_cover_shares_are_exact_and_add_up_over_strips() -> None:
    grid = in_memory(HEIGHTS)
    outline = shapely.Polygon([(400_030, 3_999_650), (400_370, 3_999_720), (400_210, 4_000_050)])
    parts = [cover_shares(grid, outline, rows=rows) for rows in ((0, 1), (1, 3))]
    np.testing.assert_allclose(np.concatenate(parts), shares(grid, outline), atol=1e-6)
    beside = cover_shares(grid, shapely.box(0, 0, 1, 1), rows=(0, 3))
    np.testing.assert_array_equal(beside, np.zeros((3, 4)))


# -- population ------------------------------------------------------------------------------------


def people(path: Path, **more: Any) -> LayerSpec:
    return LayerSpec(kind="townships", path=str(path), reference=path.name, **more)


def table(asked: LayerSpec) -> gpd.GeoDataFrame:
    raw = read_population(asked, LAYERS["townships"])
    return gpd.GeoDataFrame(raw.cells, geometry=raw.geometry, crs=raw.crs)


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 37), columns=st.integers(1, 37), seed=st.integers(0, 99))
def test_nobody_is_lost_and_everybody_stays_in_his_square(
    tmp_path_factory: pytest.TempPathFactory, rows: int, columns: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 9, (rows, columns)).astype(np.float32)
    cells[rng.random(cells.shape) < 0.3] = -9999.0
    cells[0, 0] = 1.0
    path = write(tmp_path_factory.mktemp("p") / "p.tif", cells)
    found = table(people(path))
    known = np.where(cells < 0, 0, cells)
    assert found["population"].sum() == known.sum()
    for key, row in found.set_index("id").iterrows():
        y, x = (int(part) for part in key[1:].split("-"))
        square = known[10 * y : 10 * y + 10, 10 * x : 10 * x + 10]
        assert row["population"] == square.sum()
        high, wide = np.indices(square.shape) + 0.5
        mean = [(square * wide).sum(), (square * high).sum()] / square.sum()
        assert row.geometry.x == pytest.approx(400_000 + 100 * (10 * x + mean[0]))
        assert row.geometry.y == pytest.approx(4_000_000 - 100 * (10 * y + mean[1]))
    assert found["id"].is_unique
    assert set(found["basis"]) == {"raster"}


def test_density_is_multiplied_by_the_area_on_the_ellipsoid(tmp_path: Path) -> None:
    path = write(
        tmp_path / "d.tif",
        np.full((2, 2), 100.0, np.float32),
        crs="EPSG:4326",
        transform=from_origin(120.0, 37.0, 0.25, 0.25),
    )
    found = table(people(path, columns={"population": PER_KM2}))
    grid, _ = open_grid(spec(path, "population_density"))
    high, wide = cell_sizes_m(grid, np.array([0, 1]))
    expected = np.repeat(100.0 * high * wide / 1e6, 2)
    np.testing.assert_allclose(found[PER_KM2], expected, rtol=1e-4)
    counted = table(people(path, columns={"population": PER_CELL}))
    assert counted[PER_CELL].tolist() == [100.0] * 4


def test_a_boundary_cuts_cells_by_their_share(tmp_path: Path) -> None:
    cells = np.full((20, 20), 8.0, np.float32)
    path = write(tmp_path / "p.tif", cells)
    outline = shapely.box(400_050, 3_998_775, 401_025, 4_000_100)
    boundary = tmp_path / "b.gpkg"
    gpd.GeoDataFrame(geometry=[outline], crs=UTM).to_file(boundary)
    found = table(people(path, boundary=str(boundary)))
    assert found["population"].sum() == pytest.approx(8.0 * 9.75 * 12.25)
    assert found["id"].tolist() == ["P0-0", "P0-1", "P1-0", "P1-1"]
    elsewhere = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 9, 9)], crs=UTM)
    elsewhere.to_file(boundary)
    with pytest.raises(InputError, match="nobody lives in the raster"):
        table(people(path, boundary=str(boundary)))


def test_what_population_cannot_be(tmp_path: Path) -> None:
    path = write(tmp_path / "p.tif", HEIGHTS)
    with pytest.raises(InputError) as caught:
        read_population(
            LayerSpec(
                kind="ports",
                path=str(path),
                reference="p.tif",
                layer="x",
                columns={"population": "n"},
            ),
            LAYERS["ports"],
        )
    assert [p.what for p in caught.value.problems] == [
        "a raster cannot be this layer",
        "unknown unit of the cells",
        "no number of a band",
    ]


def test_a_boundary_that_is_none(tmp_path: Path) -> None:
    path = write(tmp_path / "p.tif", HEIGHTS)
    bad = tmp_path / "b.geojson"
    bad.write_text("no")
    with pytest.raises(InputError, match="boundary cannot be read"):
        table(people(path, boundary=str(bad)))
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=UTM)
    line.to_file(bad)
    with pytest.raises(InputError, match="boundary encloses nothing"):
        table(people(path, boundary=str(bad)))


def test_a_country_must_be_cut_first(tmp_path: Path) -> None:
    cells = np.ones((500, 401), np.uint8)
    path = write(tmp_path / "p.tif", cells, transform=from_origin(0, 0, 1000, 1000), nodata=0)
    with pytest.raises(InputError, match=r"more squares with people.*200500 squares.*boundary"):
        table(people(path))
