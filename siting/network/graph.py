"""The road graph of one vehicle profile: arrays in, arrays out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from siting.errors import NetworkError, Problem
from siting.model import VehicleProfile
from siting.network.csr import CsrGraph, lightest
from siting.units import METRES_PER_KM, decimetres, deciseconds

IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
Weight: TypeAlias = Literal["time_ds", "length_dm"]

MAIN_PART_SHARE = 0.95
"""Share of nodes the largest part must hold; what is smaller counts as islands and is told."""

_CONTROLLED = ("motorway", "motorway_link", "ferry")
_STRUCTURES = ("bridge", "tunnel", "ferry")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadGraph:
    """Nodes and directed arcs that a vehicle may use, with integer weights.

    Only the largest strongly connected part is kept, so that every place on it reaches every
    other; what was cut off is told by ``dropped_nodes``.

    Parameters
    ----------
    node_ids, node_xy
        Identifiers ``(n_nodes,)`` and working coordinates ``(n_nodes, 2)`` in metres.
    tail, head
        Node index of each edge's first and last vertex, ``(n_edges,)``.
    forward, backward
        Whether the edge may be driven along, and against, its geometry.
    time_ds, length_dm
        Travel time in 0.1 s and length in 0.1 m of a whole edge, ``(n_edges,)``, ≥ 1.
    is_open
        Whether a place may join the edge anywhere; expressways, bridges, tunnels and ferries are
        entered at their nodes only.
    is_warned
        Whether the profile drives the edge with a notice.
    edge_ids, lines
        Identifiers and geometries ``(n_edges,)``; lines run from tail to head.
    dropped_nodes
        Nodes of allowed roads outside the largest strongly connected part.
    """

    node_ids: NDArray[np.object_]
    node_xy: NDArray[np.float64]
    tail: IntArray
    head: IntArray
    forward: BoolArray
    backward: BoolArray
    time_ds: IntArray
    length_dm: IntArray
    is_open: BoolArray
    is_warned: BoolArray
    edge_ids: NDArray[np.object_]
    lines: NDArray[np.object_]
    dropped_nodes: tuple[str, ...]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_ids)

    def weights(self, weight: Weight) -> IntArray:
        """Return the integer weights of a measure, ``time_ds`` or ``length_dm``."""
        if weight not in ("time_ds", "length_dm"):
            raise NetworkError(
                Problem(
                    where="weight",
                    what="no such measure of the road graph",
                    got=str(weight),
                    expected="time_ds or length_dm",
                )
            )
        return self.time_ds if weight == "time_ds" else self.length_dm

    def arcs(self, weight: Weight) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Return directed arcs as (from, to, weight, edge); each two-way edge gives two."""
        w = self.weights(weight)
        edges = np.arange(len(self.tail), dtype=np.int64)
        ahead, back = edges[self.forward], edges[self.backward]
        source = np.concatenate([self.tail[ahead], self.head[back]])
        target = np.concatenate([self.head[ahead], self.tail[back]])
        edge = np.concatenate([ahead, back])
        return source, target, w[edge], edge

    def csr(self, weight: Weight, *, companion: Weight | None = None) -> CsrGraph:
        """Return the arcs in rows; of parallel arcs the lightest by weight, companion and edge."""
        source, target, w, edge = self.arcs(weight)
        second = None if companion is None else self.weights(companion)[edge]
        by = (w, edge) if second is None else (w, second, edge)
        keep = lightest(source, target, *by)
        starts = np.searchsorted(source[keep], np.arange(self.n_nodes + 1))
        return CsrGraph(
            indptr=starts.astype(np.int32),
            indices=target[keep].astype(np.int32),
            weights=w[keep],
            companion=None if second is None else second[keep],
            edge=edge[keep],
        )

    def matrix(self, weight: Weight) -> sparse.csr_array:
        """Return the arcs as a CSR matrix; of parallel arcs the lightest counts."""
        return self.csr(weight).matrix()


def build(
    nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, *, profile: VehicleProfile
) -> RoadGraph:
    """Build the graph of a profile from road frames in the working CRS.

    Parameters
    ----------
    nodes, edges
        Frames after ``siting.schema.LAYERS['road_nodes' | 'road_edges']``, metres.
    profile
        Which edges are closed and how fast the others are driven.

    Returns
    -------
    RoadGraph
        The largest strongly connected part of what the profile may use; nodes and edges by id,
        whatever the order of the rows.

    Raises
    ------
    NetworkError
        If an edge ends at no node, the profile may use no edge at all or none there and back, or
        the roads fall into parts of like size.
    """
    nodes, edges = nodes.sort_values("id"), edges.sort_values("id")
    _require_connected(nodes, edges)
    usable = edges[~_matches(edges, profile.banned)].reset_index(drop=True)
    tail, head = _ends(nodes, usable)
    oneway = usable["oneway"].to_numpy() == 1
    kept = _strong_core(tail, head, oneway, len(nodes))
    inside = kept[tail] & kept[head]
    _require_roads(usable, inside, profile)
    usable, oneway = usable[inside], oneway[inside]
    renumbered = np.cumsum(kept) - 1
    touched = np.zeros(len(nodes), dtype=bool)
    touched[tail] = touched[head] = True
    ids = nodes["id"].to_numpy(object)
    return RoadGraph(
        node_ids=ids[kept],
        node_xy=shapely.get_coordinates(nodes.geometry.to_numpy())[kept],
        tail=renumbered[tail[inside]].astype(np.int64),
        head=renumbered[head[inside]].astype(np.int64),
        forward=np.ones(len(usable), dtype=bool),
        backward=~oneway,
        time_ds=_times(usable, profile),
        length_dm=_lengths(usable),
        is_open=_is_open(usable),
        is_warned=_matches(usable, profile.warned),
        edge_ids=usable["id"].to_numpy(object),
        lines=usable.geometry.to_numpy(),
        dropped_nodes=tuple(sorted(ids[touched & ~kept])),
    )


def expressway_nodes(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the nodes where an expressway can be joined or left: those of motorway edges."""
    ends = edges[edges["highway"].isin(_CONTROLLED[:2])]
    names = set(ends["from_id"]) | set(ends["to_id"])
    return nodes[nodes["id"].isin(names)].reset_index(drop=True)


def _ends(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> tuple[IntArray, IntArray]:
    """Return the node indices of the edges' first and last vertices."""
    index = pd.Index(nodes["id"])
    tail, head = (
        index.get_indexer(edges[column]).astype(np.int64) for column in ("from_id", "to_id")
    )
    lost = (tail < 0) | (head < 0)
    if lost.any():
        raise NetworkError(
            Problem(
                where="road_edges",
                what="edges end at no node of road_nodes",
                got=", ".join(edges["id"].to_numpy()[lost][:5]),
                expected="from_id and to_id among the nodes' ids",
            )
        )
    return tail, head


def _require_roads(usable: gpd.GeoDataFrame, inside: BoolArray, profile: VehicleProfile) -> None:
    if inside.any():
        return
    where = f"road_edges, profile {profile.key}"
    if usable.empty:
        problem = Problem(
            where=where,
            what="no road is open to this vehicle",
            expected="at least one edge that is not banned",
            mend="Check the profile's [banned] table against the values in the layer.",
        )
    else:
        problem = Problem(
            where=where,
            what="no two nodes can be driven between there and back",
            expected="an edge open both ways, or one-way edges that make a circle",
            mend="Check oneway in the layer and the profile's [banned] table.",
        )
    raise NetworkError(problem)


def _require_connected(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> None:
    pairs = _ends(nodes, edges)
    links = sparse.csr_array((np.ones(len(edges)), pairs), shape=(len(nodes), len(nodes)))
    n_parts, part = csgraph.connected_components(links, directed=False)
    sizes = np.bincount(part)
    share = sizes.max(initial=0) / max(len(nodes), 1)
    if n_parts > 1 and share < MAIN_PART_SHARE:
        outside = nodes["id"].to_numpy()[part != sizes.argmax()]
        raise NetworkError(
            Problem(
                where="road_edges",
                what=f"the road graph falls into {n_parts} parts",
                got=f"the largest has {share:.0%} of the nodes; outside it e.g. {outside[0]}",
                expected=f"one part with at least {MAIN_PART_SHARE:.0%}",
                mend="Join the parts, or leave the islands out of the layer.",
            )
        )


def _strong_core(tail: IntArray, head: IntArray, oneway: BoolArray, n: int) -> BoolArray:
    source = np.concatenate([tail, head[~oneway]])
    target = np.concatenate([head, tail[~oneway]])
    links = sparse.csr_array((np.ones(len(source)), (source, target)), shape=(n, n))
    _, part = csgraph.connected_components(links, directed=True, connection="strong")
    core: BoolArray = part == np.bincount(part, minlength=1).argmax()
    return core


def _matches(edges: gpd.GeoDataFrame, table: Mapping[str, tuple[str, ...]]) -> BoolArray:
    hit = np.zeros(len(edges), dtype=bool)
    for column, values in table.items():
        if column in edges:
            hit |= edges[column].isin(values).to_numpy()
    return hit


def _times(edges: gpd.GeoDataFrame, profile: VehicleProfile) -> IntArray:
    caps = edges["highway"].map(dict(profile.max_speed_kmh)).fillna(profile.default_max_speed_kmh)
    speed_kmh = np.minimum(edges["free_flow_kmh"].to_numpy(), caps.to_numpy())
    length_m = edges["length_km"].to_numpy() * METRES_PER_KM
    pairs = zip(length_m, speed_kmh, strict=True)
    # A weight of zero would make ties between places that are not the same place.
    return np.array([max(1, deciseconds(m, v)) for m, v in pairs], dtype=np.int64)


def _lengths(edges: gpd.GeoDataFrame) -> IntArray:
    lengths = edges["length_km"].to_numpy() * METRES_PER_KM
    return np.array([max(1, decimetres(length)) for length in lengths], dtype=np.int64)


def _is_open(edges: gpd.GeoDataFrame) -> BoolArray:
    closed = edges["highway"].isin(_CONTROLLED).to_numpy()
    for column in _STRUCTURES:
        if column in edges:
            closed = closed | (edges[column].fillna("") != "").to_numpy()
    is_open: BoolArray = ~closed
    return is_open
