"""Graphs for the network benchmarks: Porto as it is, and a made city of any size.

Weights are whole 0.1 s, so that every engine can be compared to the last digit. Only the largest
strongly connected part is kept, because some peers return nonsense for pairs without a way.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SPEED_KMH = {
    "motorway": 110, "trunk": 90, "primary": 60, "secondary": 50, "tertiary": 40,
    "motorway_link": 50, "trunk_link": 45, "primary_link": 40, "secondary_link": 35,
    "tertiary_link": 30, "residential": 30, "living_street": 10, "service": 15,
}  # fmt: skip
OTHER_KMH = 30
DS_PER_HOUR = 36_000

SMALL_LEFT_OUT_SHARE = 0.25
SMALL_ONEWAY_SHARE = 0.12
EVERY = {110.0: (128, 64), 80.0: (32, 16), 50.0: (8, 4)}  # rows of a road class: every, from

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """A directed graph in CSR form with coordinates in metres; parallel arcs already thinned."""

    name: str
    indptr: Numbers
    head: Numbers
    weight: Numbers
    xy: NDArray[np.float64]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.indptr) - 1

    @property
    def tail(self) -> Numbers:
        """Tail of every arc."""
        return np.repeat(np.arange(self.n_nodes), np.diff(self.indptr))


def finish(name: str, arcs: tuple[Numbers, Numbers, Numbers], xy: NDArray[np.float64]) -> Made:
    """Keep the lightest of parallel arcs and the largest strongly connected part."""
    tail, head, weight = arcs
    order = np.lexsort((weight, head, tail))
    tail, head, weight = tail[order], head[order], weight[order]
    first = np.r_[True, (np.diff(tail) != 0) | (np.diff(head) != 0)] & (tail != head)
    tail, head, weight = tail[first], head[first], weight[first]
    n = len(xy)
    _, part = csgraph.connected_components(
        sparse.csr_array((weight, (tail, head)), shape=(n, n)), connection="strong"
    )
    kept = part == np.bincount(part).argmax()
    number = np.cumsum(kept) - 1
    inside = kept[tail] & kept[head]
    tail, head, weight = number[tail[inside]], number[head[inside]], weight[inside]
    indptr = np.searchsorted(tail, np.arange(kept.sum() + 1))
    return Made(name=name, indptr=indptr, head=head, weight=weight, xy=xy[kept])


def porto() -> Made:
    """Return the drivable roads of Porto (OpenStreetMap contributors, ODbL)."""
    folder = Path(os.environ.get("SITING_TEST_DATA") or DATA) / "osm"
    columns = ["u", "v", "highway", "oneway", "length_m"]
    edges = pd.read_parquet(folder / "porto_drive_edges.parquet", columns=columns)
    import geopandas as gpd  # noqa: PLC0415 - only Porto needs it

    nodes = gpd.read_parquet(folder / "porto_drive_nodes.parquet").to_crs("EPSG:3763")
    index = pd.Index(nodes["osmid"])
    u, v = (index.get_indexer(edges[end]) for end in ("u", "v"))
    kmh = edges["highway"].map(SPEED_KMH).fillna(OTHER_KMH).to_numpy()
    weight = np.maximum(1, np.rint(edges["length_m"] / 1000 / kmh * DS_PER_HOUR)).astype(np.int64)
    along, against = (edges["oneway"] >= 0).to_numpy(), (edges["oneway"] <= 0).to_numpy()
    arcs = (np.r_[u[along], v[against]], np.r_[v[along], u[against]])
    weights = np.r_[weight[along], weight[against]]
    xy = np.column_stack([nodes.geometry.x, nodes.geometry.y])
    return finish("porto", (*arcs, weights), xy)


def city(side: int, *, seed: int = 1) -> Made:
    """Return a made city of ``side`` × ``side`` crossings.

    A perturbed grid at 180 m with four road classes, a quarter of the smallest roads left out, one
    in eight of those one-way, and on average one shape node an edge: 330 gives 279,000 nodes, 660
    gives 1.1 million.
    """
    rng = np.random.default_rng(seed)
    crossing = np.arange(side * side).reshape(side, side)
    grid = np.column_stack([np.tile(np.arange(side), side), np.repeat(np.arange(side), side)])
    xy = (grid + rng.normal(0, 0.25, grid.shape)) * 180.0
    kmh_of = _class_kmh(np.arange(side))
    tail = np.r_[crossing[:, :-1].ravel(), crossing[:-1].ravel()]
    head = np.r_[crossing[:, 1:].ravel(), crossing[1:].ravel()]
    kmh = np.r_[np.repeat(kmh_of, side - 1), np.tile(kmh_of, side - 1)]
    is_small = kmh == kmh.min()
    built = ~is_small | (rng.random(len(tail)) > SMALL_LEFT_OUT_SHARE)
    tail, head, kmh, is_small = tail[built], head[built], kmh[built], is_small[built]
    is_oneway = is_small & (rng.random(len(tail)) < SMALL_ONEWAY_SHARE)
    metres = np.hypot(*(xy[tail] - xy[head]).T) * (1 + rng.exponential(0.12, len(tail)))
    shapes = rng.poisson(1.0, len(tail))
    return _with_shapes(f"city{side}", (tail, head, metres / kmh, is_oneway), shapes, xy)


def _class_kmh(row: Numbers) -> NDArray[np.float64]:
    is_class = [row % every == start for every, start in EVERY.values()]
    return np.select(is_class, list(EVERY), 30.0)


def _with_shapes(
    name: str,
    edges: tuple[Numbers, Numbers, NDArray[np.float64], NDArray[np.bool_]],
    shapes: Numbers,
    xy: NDArray[np.float64],
) -> Made:
    """Cut each edge at its shape nodes and give two-way edges an arc each way."""
    tail, head, m_per_kmh, is_oneway = edges
    parts = shapes + 1
    edge = np.repeat(np.arange(len(tail)), parts)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(parts) - parts, parts)
    shape_id = len(xy) + np.repeat(np.cumsum(shapes) - shapes, parts) + step
    start = np.where(step == 0, tail[edge], shape_id - 1)
    stop = np.where(step == shapes[edge], head[edge], shape_id)
    weight = m_per_kmh[edge] / parts[edge] / 1000 * DS_PER_HOUR
    weight = np.maximum(1, np.rint(weight)).astype(np.int64)
    at = np.repeat(np.arange(len(tail)), shapes)
    share = (np.arange(len(at)) - np.repeat(np.cumsum(shapes) - shapes, shapes) + 1) / parts[at]
    between = xy[tail[at]] * (1 - share)[:, None] + xy[head[at]] * share[:, None]
    back = ~is_oneway[edge]
    arcs = (np.r_[start, stop[back]], np.r_[stop, start[back]], np.r_[weight, weight[back]])
    return finish(name, arcs, np.concatenate([xy, between]))
