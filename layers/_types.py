"""Shapes of the type that a kind of layer has: collections opened, areas to points, rows to parts."""

from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from layers._raw import RawLayer, as_texts
from layers._rows import RowFault
from siting.schema import GeometryKind

_TYPES: Final[dict[GeometryKind, tuple[str, ...]]] = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
_ONE_PART: Final = {"road_edges": ("LineString",)}  # an edge has two ends
_NODES: Final = "road_nodes"  # edges name them: none may be split or moved into an area
_TRUST: Final = "uncertainty_m"
_DIMENSION: Final[dict[GeometryKind, int]] = {"point": 0, "line": 1, "polygon": 2}


def fit_types(raw: RawLayer) -> tuple[RawLayer, tuple[str, ...]]:
    """Return a layer with shapes brought to the type of its kind where that is no guess.

    A collection of one part becomes that part; of a mixed collection the parts of the kind's dimension
    stay; an area in a layer of points becomes a point inside; a row of several points becomes as many
    rows, unless it carries an amount, which cannot be divided. What does not fit stays as it is.
    """
    if raw.geometry is None or raw.schema.geometry == "none":
        return raw, ()
    geometry = single(raw.geometry)
    repairs: list[str] = []
    mixed = shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION
    if mixed.any() and raw.spec.kind not in _ONE_PART:
        geometry, opened = _without_other_parts(geometry, mixed, _DIMENSION[raw.schema.geometry])
        if opened:
            repairs.append(f"parts of another type left out of {opened} mixed shapes")
    areas = (shapely.get_dimensions(geometry) == _DIMENSION["polygon"]) & shapely.is_valid(
        geometry
    )
    areas &= ~shapely.is_empty(geometry)
    if raw.schema.geometry == "point" and raw.spec.kind != _NODES and areas.any():
        geometry[areas] = shapely.point_on_surface(geometry[areas])
        repairs.append(f"a point inside taken for {int(areas.sum())} areas")
    raw = replace(raw, geometry=geometry)
    return _split_points(raw, geometry, tuple(repairs))


def wrong_types(raw: RawLayer, geometry: NDArray[np.object_]) -> RowFault:
    """Find shapes that are there but not of the kind's type."""
    allowed = _ONE_PART.get(raw.spec.kind, _TYPES[raw.schema.geometry])
    types = np.array(["" if shape is None else shape.geom_type for shape in geometry])
    wrong = (types != "") & ~np.isin(types, allowed)
    found = ", ".join(sorted(set(types[wrong].tolist())))
    return RowFault(wrong, f"wrong geometry type {found}", " or ".join(allowed))


def single(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shapes with collections of one part opened."""
    opened = geometry.copy()
    alone = shapely.get_num_geometries(geometry) == 1
    opened[alone] = shapely.get_geometry(geometry[alone], 0)
    return opened


def _without_other_parts(
    geometry: NDArray[np.object_], mixed: NDArray[np.bool_], dimension: int
) -> tuple[NDArray[np.object_], int]:
    """Return the shapes with mixed collections cut down to one dimension, and how many were."""
    opened = geometry.copy()
    count = 0
    for index in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapely.get_parts(geometry[index]))
        kept = parts[shapely.get_dimensions(parts) == dimension]
        if len(kept):
            multi = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[
                dimension
            ]
            opened[index] = single(np.array([multi(kept)], dtype=object))[0]
            count += len(kept) < len(parts)
    return opened, count


def _split_points(
    raw: RawLayer, geometry: NDArray[np.object_], repairs: tuple[str, ...]
) -> tuple[RawLayer, tuple[str, ...]]:
    several = shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOINT
    several &= shapely.get_num_geometries(geometry) > 1
    several &= ~_carries_amount(raw)
    if raw.schema.geometry != "point" or raw.spec.kind == _NODES or not several.any():
        return raw, repairs
    counts = np.where(several, shapely.get_num_geometries(geometry), 1)
    rows = np.repeat(np.arange(len(geometry)), counts)
    part = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    split = geometry[rows]
    split[several[rows]] = shapely.get_geometry(split[several[rows]], part[several[rows]])
    cells = raw.cells.iloc[rows]
    theirs = raw.spec.columns.get("id", "id")
    if theirs in cells:
        ids = zip(as_texts(cells[theirs]), several[rows], part, strict=True)
        names = [f"{name}-{number + 1}" if of else name for name, of, number in ids]
        cells = cells.assign(**{theirs: names})
    told = f"{int(several.sum())} rows of several points split into {int(several[rows].sum())}"
    return replace(raw, cells=cells, geometry=split), (*repairs, told)


def _carries_amount(raw: RawLayer) -> NDArray[np.bool_]:
    """Find rows with a number that would be counted once for each part."""
    carries = np.zeros(len(raw.cells), dtype=np.bool_)
    for column in raw.schema.columns:
        theirs = raw.spec.columns.get(column.name, column.name)
        if column.dtype in {"number", "integer"} and column.name != _TRUST and theirs in raw.cells:
            carries |= np.array([text != "" for text in as_texts(raw.cells[theirs])])
    return carries
