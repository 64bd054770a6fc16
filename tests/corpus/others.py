"""OSM files and rasters that are not whole or do not say where they are."""

from pathlib import Path
from typing import Any

import numpy as np
import osmium
import rasterio
from rasterio.transform import from_origin

from siting.model import LayerSpec
from tests.builders import point_to
from tests.corpus.base import TOWNS, Make, named


def _osm(share: float) -> Make:
    """Make a file of some fuel stations and cut it off."""

    def make(folder: Path) -> LayerSpec:
        path = folder / "city.osm.pbf"
        with osmium.SimpleWriter(str(path)) as writer:
            for number in range(1, 200):
                place = (120.38 + number / 1000, 36.07)
                node = osmium.osm.mutable.Node(
                    id=number, location=place, tags={"amenity": "fuel", "name": f"站{number}"}
                )
                writer.add_node(node)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
        return point_to(path, "candidates")

    return make


def _raster(share: float, **facts: Any) -> Make:
    """Make a raster of people and cut it off."""

    def make(folder: Path) -> LayerSpec:
        path = folder / "people.tif"
        profile = {"crs": "EPSG:4326", "nodata": -1.0} | facts
        cells = np.ones((40, 40), dtype=np.float32)
        place = from_origin(120.3, 36.2, 0.01, 0.01)
        with rasterio.open(
            path, "w", driver="GTiff", width=40, height=40, count=1, dtype="float32",
            transform=place, **profile,
        ) as file:  # fmt: skip
            file.write(cells, 1)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
        return point_to(path, "townships")

    return make


CASES = {
    "OSM file cut off": (_osm(0.6), "city.osm.pbf: <…>cannot be read<…>"),
    "OSM file cut off in its header": (_osm(0.01), "city.osm.pbf: <…>cannot be read<…>"),
    "table for OSM file": (
        named("city.osm.pbf", TOWNS.encode(), "candidates"),
        "city.osm.pbf: <…>cannot be read<…>",
    ),
    "raster cut off": (_raster(0.6), "<…>(people.tif): <…>cannot be read<…>"),
    "raster without CRS": (
        _raster(1.0, crs=None),
        "<…>(people.tif): coordinate system missing<…>",
    ),
}
