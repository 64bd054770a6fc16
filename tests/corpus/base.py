"""Good layers to damage, and the ways to write them."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from openpyxl import Workbook
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from siting.model import LayerSpec
from tests.builders import GOOD_LAYERS, make_layer, point_to

TOWNS = GOOD_LAYERS["townships"]
HEADER, ROW = TOWNS.splitlines()
SQUARE = Polygon([(120.37, 36.05), (120.40, 36.05), (120.40, 36.08), (120.37, 36.08)])
Make = Callable[[Path], LayerSpec]


def change(text: str, old: str, new: str) -> str:
    if old not in text:
        message = f"{old!r} is not in the text"
        raise ValueError(message)
    return text.replace(old, new)


def towns(text: str, **spec: Any) -> Make:
    """Make a CSV of townships."""
    return lambda folder: make_layer(folder, "townships", text, **spec)


def towns_with(old: str, new: str, **spec: Any) -> Make:
    """Make the good townships with one thing replaced."""
    return towns(change(TOWNS, old, new), **spec)


def named(name: str, data: bytes, kind: str = "townships", **spec: Any) -> Make:
    """Make a file of these bytes."""

    def make(folder: Path) -> LayerSpec:
        (folder / name).write_bytes(data)
        return point_to(folder / name, kind, **spec)

    return make


def frame(count: int = 40, **columns: Any) -> gpd.GeoDataFrame:
    """Return good townships in a row, some of it changed."""
    facts = {
        "id": [f"T{number:02}" for number in range(count)],
        "name_zh": ["香港中路街道"] * count,
        "population": [1000 + number for number in range(count)],
    }
    points = [Point(120.38 + number / 1000, 36.07) for number in range(count)]
    return gpd.GeoDataFrame(facts | columns, geometry=points, crs="EPSG:4326")


def polygons(*shapes: BaseGeometry | None) -> gpd.GeoDataFrame:
    ids = [f"D{number}" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"id": ids}, geometry=list(shapes), crs="EPSG:4326")


def write(table: pd.DataFrame, path: Path, **options: Any) -> None:
    """Write a frame in the format of the suffix."""
    if path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        pyogrio.write_dataframe(table, path, **options)


def written(
    name: str, table: pd.DataFrame, kind: str = "townships", *, spec: Any = None, **options: Any
) -> Make:
    """Make a vector file of a frame."""

    def make(folder: Path) -> LayerSpec:
        write(table, folder / name, **options)
        return point_to(folder / name, kind, **(spec or {}))

    return make


def cut(name: str, share: float, *, part: str | None = None, **options: Any) -> Make:
    """Make a vector file and cut it, or one of its parts, off."""

    def make(folder: Path) -> LayerSpec:
        write(frame(), folder / name, **options)
        path = folder / name if part is None else (folder / name).with_suffix(part)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        return point_to(folder / name, "townships")

    return make


def without(name: str, *parts: str) -> Make:
    """Make a shapefile and take parts of it away."""

    def make(folder: Path) -> LayerSpec:
        write(frame(), folder / name, encoding="UTF-8")
        for part in parts:
            (folder / name).with_suffix(part).unlink()
        return point_to(folder / name, "townships")

    return make


def workbook(*rows: list[Any], sheets: tuple[str, ...] = ("Sheet1",), **spec: Any) -> Make:
    """Make a workbook with the same rows on every sheet."""

    def make(folder: Path) -> LayerSpec:
        book = Workbook()
        for name in sheets:
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        del book["Sheet"]
        book.save(folder / "towns.xlsx")
        return point_to(folder / "towns.xlsx", "townships", **({"crs": "EPSG:4326"} | spec))

    return make


def archive(
    *members: tuple[str | zipfile.ZipInfo, bytes], name: str = "towns.zip", **spec: Any
) -> Make:
    """Make a ZIP archive."""

    def make(folder: Path) -> LayerSpec:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as file:
            for member, data in members:
                file.writestr(member, data)
        return point_to(folder / name, "townships", **({"crs": "EPSG:4326"} | spec))

    return make
