"""Surfaces: four criteria, a 300 m buffer and the distance to roads, from GeoTIFF to GeoTIFF.

The peer is the same work with whole arrays: NumPy, and SciPy's exact distance transform. Each engine
runs in a process of its own, so that its memory is its own; ours reads through ``layers.raster``,
block by block. The answers are compared first, grey level by grey level, on a smaller raster.

``bench_surface.py`` measures 10,000² cells; ``bench_surface.py 20000`` also measures ours, and the
bare reading and writing, at 20,000², where the whole arrays would not fit into most machines.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import numpy as np
import rasterio
import scipy
from numpy.typing import NDArray
from rasterio.windows import Window
from scipy import ndimage

from layers.raster import RasterBlocks
from siting.surface import Bar, Marks, Term, distance_to, mark, overlay

WEIGHTS = (0.4, 0.3, 0.2, 0.05)
ROAD_WEIGHT, ROAD_M, BUFFER_M, CELL_M = 0.05, 2550.0, 300.0, 10.0
NAMES = ("c0", "c1", "c2", "c3", "barred", "road")
STRIP = 256
CHECKED = 2_000
ROUNDS = {"io": 3, "numpy": 3, "ours": 5}
SEED = 20251123
GOAL, GOAL_BYTES = 8.0, 2 * 1024**3


def profile(n: int) -> dict[str, object]:
    """Return how the rasters are stored: tiles of 512, not compressed."""
    transform = rasterio.transform.from_origin(500_000.0, 4_000_000.0, CELL_M, CELL_M)
    return {
        "driver": "GTiff", "height": n, "width": n, "count": 1, "dtype": "uint8", "tiled": True,
        "blockxsize": 512, "blockysize": 512, "crs": "EPSG:4549", "transform": transform,
    }  # fmt: skip


def make(folder: Path, n: int) -> None:
    """Write four smooth criteria, squares that are barred and a net of straight roads."""
    rng = np.random.default_rng(SEED)
    for k in range(4):
        with rasterio.open(folder / f"c{k}.tif", "w", **profile(n)) as file:
            for y in range(0, n, 512):
                rows = np.arange(y, min(y + 512, n))[:, None]
                wave = np.sin(rows / (300.0 + 50 * k)) * np.cos(np.arange(n) / (400.0 - 30 * k))
                window = Window(0, y, n, len(rows))
                file.write((wave * 100 + 120).astype(np.uint8), 1, window=window)
    barred, road = np.zeros((n, n), np.uint8), np.zeros((n, n), np.uint8)
    for y, x, side in zip(
        *rng.integers(0, n, (2, n // 4)), rng.integers(3, 60, n // 4), strict=True
    ):
        barred[y : y + side, x : x + side] = 1
    road[rng.integers(0, n, n // 100), :] = 1
    road[:, rng.integers(0, n, n // 200)] = 1
    for name, cells in (("barred", barred), ("road", road)):
        with rasterio.open(folder / f"{name}.tif", "w", **profile(n)) as file:
            file.write(cells, 1)


def whole(folder: Path, name: str) -> NDArray[np.uint8]:
    """Read a raster at once."""
    with rasterio.open(folder / f"{name}.tif") as file:
        return file.read(1)


def run_numpy(folder: Path, n: int) -> None:
    """Do it with whole arrays."""
    is_barred = ndimage.distance_transform_edt(whole(folder, "barred") == 0) * CELL_M <= BUFFER_M
    away_m = (ndimage.distance_transform_edt(whole(folder, "road") == 0) * CELL_M).astype(
        np.float32
    )
    score = ROAD_WEIGHT * 255 * (1 - np.minimum(away_m / ROAD_M, 1))
    for name, weight in zip(NAMES, WEIGHTS, strict=False):
        score += weight * whole(folder, name).astype(np.float64)
    score[is_barred] = 0
    with rasterio.open(folder / "numpy.tif", "w", **profile(n)) as file:
        file.write(score.astype(np.uint8), 1)


def run_ours(folder: Path, n: int) -> None:
    """Do it strip by strip."""
    sources = {name: blocks(folder, name, n) for name in NAMES}

    def marks(name: str) -> Marks:
        source = sources[name]
        return mark(
            lambda start, stop: source.read((start, stop), (0, n)),
            (n, n),
            cell_m=(CELL_M, CELL_M),
            strip_rows=STRIP,
        )

    def rows(name: str) -> object:
        return lambda start, stop: sources[name].read((start, stop), (0, n))

    terms = [
        Term(values=rows(name), weight=weight, low=0.0, high=255.0)
        for name, weight in zip(NAMES, WEIGHTS, strict=False)
    ]
    terms.append(Term(values=marks("road"), weight=ROAD_WEIGHT, low=ROAD_M, high=0.0))
    bars = [Bar(marks=marks("barred"), clearance_m=BUFFER_M)]
    with rasterio.open(folder / "ours.tif", "w", **profile(n)) as file:
        for strip in overlay(terms, bars, shape=(n, n), strip_rows=STRIP):
            grey = (strip.score * np.float32(255)).astype(np.uint8)
            grey[~strip.is_free] = 0
            file.write(grey, 1, window=Window(0, strip.start, n, len(grey)))


def run_io(folder: Path, n: int) -> None:
    """Only read and write."""
    with rasterio.open(folder / "io.tif", "w", **profile(n)) as file:
        for y in range(0, n, 512):
            window = Window(0, y, n, min(512, n - y))
            for name in NAMES:
                with rasterio.open(folder / f"{name}.tif") as source:
                    cells = source.read(1, window=window)
            file.write(cells, 1, window=window)


def blocks(folder: Path, name: str, n: int) -> RasterBlocks:
    """Return a raster as the product reads it."""
    return RasterBlocks(
        path=str(folder / f"{name}.tif"), band=1, shape=(n, n), crs="EPSG:4549", nodata=None,
        transform=(CELL_M, 0.0, 500_000.0, 0.0, -CELL_M, 4_000_000.0),
    )  # fmt: skip


def child(engine: str, folder: Path, n: int) -> None:
    """Warm the compiler up, run one engine and print wall, processor seconds and peak bytes."""
    if engine == "ours":
        distance_to(np.eye(3), cell_m=(CELL_M, CELL_M))
        with tempfile.TemporaryDirectory() as small:
            make(Path(small), 512)
            run_ours(Path(small), 512)
    wall, cpu = time.perf_counter(), time.process_time()
    {"io": run_io, "numpy": run_numpy, "ours": run_ours}[engine](folder, n)
    print(time.perf_counter() - wall, time.process_time() - cpu, peak_bytes())


def peak_bytes() -> int:
    """Return the most memory this program has had; ru_maxrss would count that of its parent too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (row for row in status.splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def measure(engine: str, folder: Path, n: int) -> tuple[float, float]:
    """Run an engine in fresh processes; print and return median processor seconds and peak."""
    found = []
    for _ in range(ROUNDS[engine]):
        command = [sys.executable, __file__, engine, str(folder), str(n)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        found.append([float(text) for text in done.stdout.split()])
    walls, cpus, peaks = zip(*found, strict=True)
    print(
        f"{engine:<6} {n:>6}²  cpu {statistics.median(cpus):6.2f} s ({min(cpus):.2f} … {max(cpus):.2f})"
        f"   wall {statistics.median(walls):6.2f} s ({min(walls):.2f} … {max(walls):.2f})"
        f"   peak {max(peaks) / 1e6:6.0f} MB"
    )
    return statistics.median(cpus), max(peaks)


def compare(folder: Path) -> None:
    """Refuse to measure engines that disagree by more than the rounding of one grey level."""
    make(folder, CHECKED)
    run_numpy(folder, CHECKED)
    run_ours(folder, CHECKED)
    apart = np.abs(whole(folder, "numpy").astype(int) - whole(folder, "ours"))
    print(
        f"agreement on {CHECKED}²: at most {apart.max()} grey level apart, {(apart > 0).mean():.2%}"
    )
    if apart.max() > 1:
        sys.exit("the engines disagree")


def main() -> None:
    """Compare, then time."""
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores; "
        f"numpy {np.__version__}, scipy {scipy.__version__}, numba {numba.__version__}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare(folder)
        make(folder, 10_000)
        floor, _ = measure("io", folder, 10_000)
        peer, _ = measure("numpy", folder, 10_000)
        ours, _ = measure("ours", folder, 10_000)
        print(
            f"peer / ours {peer / ours:.1f} (goal {GOAL:g}); ours / reading and writing {ours / floor:.1f}"
        )
        if "20000" in sys.argv[1:]:
            make(folder, 20_000)
            floor, _ = measure("io", folder, 20_000)
            ours, peak = measure("ours", folder, 20_000)
            print(
                f"ours / reading and writing {ours / floor:.1f}; peak below 2 GiB: {peak < GOAL_BYTES}"
            )


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in ROUNDS:
        child(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
