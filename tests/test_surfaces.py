"""The scored ground as GeoTIFF, as QGIS style and as picture on the page: the same cells in the same colours."""

import subprocess
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring

import numpy as np
import pandas as pd
import pytest
import rasterio
from click.testing import CliRunner
from PIL import Image
from pyproj import Transformer

from maps._page_surface import surface_data
from maps.export import export
from maps.qml import DOCTYPE, raster_qml
from maps.store import write_result
from maps.style import SCORE_COLOURS, SURFACE_STEPS, class_middles, surface_colours
from maps.surfaces import surfaces, write_surfaces
from siting.cli import main
from siting.errors import OutputError
from siting.frames import RESULT_FRAMES
from siting.model import Result
from tests.requirements import require_osgeo
from tests.sample import sample_result

LONLAT = "EPSG:4326"

# Rasterio multiplies its transforms in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")


@pytest.fixture(scope="module")
def result() -> Result:
    return sample_result()


@pytest.fixture(scope="module")
def cells(result: Result) -> pd.DataFrame:
    return result.suitability


def bare(result: Result) -> Result:
    return replace(result, suitability=pd.DataFrame(columns=list(RESULT_FRAMES["suitability"])))


@pytest.mark.parametrize("crs", [None, LONLAT, "EPSG:32651"])
def test_the_raster_has_every_cell_where_it_lies(
    result: Result, cells: pd.DataFrame, tmp_path: Path, crs: str | None
) -> None:
    raster, style = write_surfaces(result, tmp_path / "surfaces", crs=crs)
    assert (raster.name, style.name) == ("hydrogen.tif", "hydrogen.qml")
    with rasterio.open(raster) as opened:
        into = opened.crs.to_string()
        assert into == (crs or result.crs)
        x, y = Transformer.from_crs(result.crs, into, always_xy=True).transform(
            cells["x"], cells["y"]
        )
        found = np.array(list(opened.sample(zip(x, y, strict=True))))
        assert opened.count == len(opened.descriptions) == 2
        assert np.isnan(opened.nodata)
        assert opened.tags()["facility"] == "hydrogen"
        assert opened.tags()["weight_share"] == "0.8000"
    score = cells["score"].to_numpy(np.float32)
    np.testing.assert_array_equal(found[:, 1], score)
    np.testing.assert_array_equal(found[:, 0], np.where(cells["is_barred"], np.nan, score))


def test_the_raster_is_cloud_optimised_by_gdal_and_the_same_every_time(
    result: Result, tmp_path: Path
) -> None:
    raster, _ = write_surfaces(result, tmp_path / "one")
    again, _ = write_surfaces(result, tmp_path / "two")
    assert raster.read_bytes() == again.read_bytes()
    script = "osgeo_utils.samples.validate_cloud_optimized_geotiff"
    command = [require_osgeo(), "-m", script, str(raster)]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "is a valid cloud optimized GeoTIFF" in told.stdout


def test_what_is_not_asked_for_leaves_no_file(result: Result, tmp_path: Path) -> None:
    assert write_surfaces(bare(result), tmp_path / "surfaces") == ()
    assert not (tmp_path / "surfaces").exists()
    assert surface_data(bare(result), "hydrogen") is None
    assert surface_data(result, "charging") is None
    with pytest.raises(OutputError, match="no facility type of the result has a scored ground"):
        export(bare(result), tmp_path / "out", file_format="cog")
    assert not (tmp_path / "out").exists()


def test_a_key_that_leads_elsewhere_is_refused(
    result: Result, cells: pd.DataFrame, tmp_path: Path
) -> None:
    key = "../hydrogen"
    first, *others = result.study.facilities
    study = replace(result.study, facilities=(replace(first, key=key), *others))
    hostile = replace(result, study=study, suitability=cells.assign(facility=key))
    with pytest.raises(OutputError, match="cannot be a file name"):
        write_surfaces(hostile, tmp_path / "surfaces")
    assert list(tmp_path.iterdir()) == []


def test_export_writes_rasters_in_the_system_asked_for(result: Result, tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "result").mkdir(parents=True)
    write_result(result, run / "result")
    out = tmp_path / "rasters"
    called = ["export", str(run), "--format", "cog", "--crs", "4549", "--out", str(out)]
    told = CliRunner().invoke(main, called)
    assert told.exit_code == 0, told.output
    assert {path.name for path in out.iterdir()} == {"hydrogen.tif", "hydrogen.qml"}
    with rasterio.open(out / "hydrogen.tif") as opened:
        assert opened.crs.to_string() == "EPSG:4549"


def test_the_picture_has_the_colour_of_every_cell_at_its_place(
    result: Result, cells: pd.DataFrame
) -> None:
    data = surface_data(result, "hydrogen")
    assert data is not None
    image = Image.open(BytesIO(b64decode(str(data["png"]).removeprefix("data:image/png;base64,"))))
    assert image.mode == "P"
    pixels = np.asarray(image.convert("RGBA"))
    to_mercator = Transformer.from_crs(LONLAT, "EPSG:3857", always_xy=True)
    south, west, north, east = data["bounds"]
    (left, right), (low, high) = to_mercator.transform([west, east], [south, north])
    there = Transformer.from_crs(result.crs, "EPSG:3857", always_xy=True)
    x, y = there.transform(cells["x"].to_numpy(), cells["y"].to_numpy())
    column = np.floor((x - left) / (right - left) * image.width).astype(int)
    row = np.floor((high - y) / (high - low) * image.height).astype(int)
    for at, cell in enumerate(cells.itertuples()):
        shown = pixels[row[at], column[at]]
        if cell.is_barred or np.isnan(cell.score):
            assert shown[3] == 0
            continue
        step = min(int(np.ceil(cell.score * SURFACE_STEPS)) - 1, SURFACE_STEPS - 1)
        assert "#" + bytes(shown[:3]).hex() == surface_colours()[step]
        assert shown[3] == 255
    assert (data["cell_m"], data["weight_share"]) == (5000.0, 0.8)


def test_ramp_style_and_classes_share_their_colours() -> None:
    text = raster_qml()
    assert text.startswith(DOCTYPE)
    items = fromstring(text.removeprefix(DOCTYPE)).iter("item")  # noqa: S314 - our own text
    ramp = {float(item.attrib["value"]): item.attrib["color"] for item in items}
    assert tuple(ramp) == pytest.approx(class_middles())
    assert tuple(ramp.values()) == SCORE_COLOURS
    middles = (np.arange(SURFACE_STEPS) + 0.5) / SURFACE_STEPS
    for middle, colour in zip(middles, surface_colours(), strict=True):
        for at, channel in enumerate((1, 3, 5)):
            ends = [int(value[channel : channel + 2], 16) for value in SCORE_COLOURS]
            expected = np.interp(middle, class_middles(), ends)
            assert bytes.fromhex(colour[1:])[at] == pytest.approx(expected, abs=0.51)


def test_grids_are_north_up_and_only_as_large_as_the_cells(
    result: Result, cells: pd.DataFrame
) -> None:
    (found,) = surfaces(result)
    assert found.score.shape == found.is_barred.shape == (5, 4)
    assert found.west == cells["x"].min() - 2500
    assert found.north == cells["y"].max() + 2500
    assert found.score[0, 0] == np.float32(cells.loc[cells["y"].idxmax(), "score"])
    assert np.isnan(found.suitability[1, 1])
    assert not np.isnan(found.score[1, 1])


def test_explain_tells_what_the_ground_scores_and_of_what(
    result: Result, cells: pd.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "result").mkdir()
    write_result(result, tmp_path / "result")
    back = Transformer.from_crs(result.crs, LONLAT, always_xy=True)

    def lines(cell: pd.Series, *more: str) -> list[str]:
        lon, lat = back.transform(cell["x"] + 2400, cell["y"] - 2400)
        called = ["explain", str(tmp_path), "--facility", "hydrogen", f"--at={lon:.7f},{lat:.7f}"]
        told = CliRunner().invoke(main, [*called, *more])
        assert told.exit_code == 0, told.output
        return told.stdout.splitlines()

    cell = cells.iloc[-1]
    *_, head, demand, grid = lines(cell)
    score = 100 * cell["score"]
    assert head == f"  = the place scores {score:.1f} of 100 (cell of 5,000 m, 80% of the weight)"
    assert demand.startswith("    demand within reach · weight 62% × value ")
    points = [float(line.rsplit("= ", 1)[1]) for line in (demand, grid)]
    assert sum(points) == pytest.approx(score, abs=0.11)
    assert any("区位得分" in line for line in lines(cell, "--lang", "zh"))
    unknown = cells[cells["score"].isna()].iloc[0]
    assert not any("scores" in line for line in lines(unknown))
