"""From road frames to the graph of a vehicle profile."""

import logging
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from siting.errors import NetworkError, Problem
from siting.model import VehicleProfile
from siting.network.graph import RoadGraph
from siting.network.turns import (
    Arcs,
    BoolArray,
    IntArray,
    arcs_of,
    forbidden_turns,
    require_turns,
    search_space,
)
from siting.units import METRES_PER_KM, decimetres, deciseconds

MAIN_PART_SHARE = 0.95
"""Share of nodes the largest part must hold; what is smaller counts as islands and is told."""

_CONTROLLED = ("motorway", "motorway_link", "ferry")
_STRUCTURES = ("bridge", "tunnel", "ferry")
_ABSENT = ("", "no")

_log = logging.getLogger(__name__)


def build(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    *,
    profile: VehicleProfile,
    turns: pd.DataFrame | None = None,
) -> RoadGraph:
    """Build the graph of a profile from road frames in the working CRS.

    Parameters
    ----------
    nodes, edges
        Frames after ``siting.schema.LAYERS['road_nodes' | 'road_edges']``, metres.
    profile
        Which edges are closed, how fast the others are driven, and which vehicle classes it is.
    turns
        Turn restrictions, a row each: ``id``, ``from_edge``, ``via_node``, ``to_edge``, ``restriction``
        (OpenStreetMap's ``no_left_turn`` … ``only_straight_on``) and optionally ``except``, vehicle
        classes parted by ``;`` that it does not bind. U-turns at nodes are made where nothing
        forbids them.

    Returns
    -------
    RoadGraph
        The largest strongly connected part of what the profile may use, turns considered; nodes and
        edges by id, whatever the order of the rows.

    Raises
    ------
    NetworkError
        If an edge ends at no node, the profile may use no edge at all or none there and back, the
        roads fall into parts of like size, or a restriction does not belong to the roads.
    """
    nodes, edges = nodes.sort_values("id"), edges.sort_values("id")
    _require_connected(nodes, edges)
    if turns is not None:
        require_turns(turns, edges)
    usable = edges[~_matches(edges, profile.banned)].reset_index(drop=True)
    arcs = _arcs(nodes, usable)
    forbidden = _forbidden(turns, arcs, nodes, usable, profile)
    core = _strong_core(len(nodes), arcs, forbidden)
    inside = core[::2] | core[1::2]
    _require_roads(usable, inside, profile)
    touched, kept = np.zeros((2, len(nodes)), dtype=bool)
    touched[arcs.start], kept[arcs.start[core]] = True, True
    _tell_split(nodes, touched, kept, profile)
    renumbered = np.cumsum(kept) - 1
    ids, forward = nodes["id"].to_numpy(object), core[::2][inside]
    tail, head = arcs.start[::2][inside], arcs.stop[::2][inside]
    usable = usable.loc[inside]
    return RoadGraph(
        node_ids=ids[kept],
        node_xy=shapely.get_coordinates(nodes.geometry.to_numpy())[kept],
        tail=renumbered[tail].astype(np.int64),
        head=renumbered[head].astype(np.int64),
        forward=forward,
        backward=core[1::2][inside],
        time_ds=_times(usable, profile),
        length_dm=_lengths(usable),
        is_open=_is_open(usable),
        is_warned=_matches(usable, profile.warned),
        edge_ids=usable["id"].to_numpy(object),
        lines=usable.geometry.to_numpy(),
        dropped_nodes=tuple(sorted(ids[touched & ~kept])),
        forbidden=_renumbered(forbidden, core, inside),
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


def _arcs(nodes: gpd.GeoDataFrame, usable: gpd.GeoDataFrame) -> Arcs:
    tail, head = _ends(nodes, usable)
    oneway = usable["oneway"].to_numpy() == 1
    return arcs_of(tail, head, np.ones(len(tail), dtype=bool), ~oneway)


def _forbidden(
    turns: pd.DataFrame | None,
    arcs: Arcs,
    nodes: gpd.GeoDataFrame,
    usable: gpd.GeoDataFrame,
    profile: VehicleProfile,
) -> IntArray:
    if turns is None or turns.empty:
        return np.empty((0, 2), dtype=np.int64)
    ids = (frame["id"].to_numpy(object) for frame in (usable, nodes))
    edge_ids, node_ids = ids
    return forbidden_turns(
        turns, arcs, edge_ids=edge_ids, node_ids=node_ids, classes=profile.vehicle_classes
    )


def _strong_core(n_nodes: int, arcs: Arcs, forbidden: IntArray) -> BoolArray:
    """Tell which arcs belong to the largest part in which every arc leads on to every other.

    Source: the strong components of the search space are those of the graph of arcs (line graph)
    whose edges are the turns allowed, since a search node's arcs in may all be followed by its arcs
    out.
    """
    space = search_space(n_nodes, arcs, forbidden)
    n = len(space.node)
    links = sparse.csr_array((np.ones(len(space.arc)), (space.source, space.target)), shape=(n, n))
    _, part = csgraph.connected_components(links, directed=True, connection="strong")
    inner = np.flatnonzero((space.arc >= 0) & (part[space.source] == part[space.target]))
    part_of, arc = part[space.source[inner]], space.arc[inner]
    # A part is as large as the road nodes it stands on; copies of one count once.
    held = np.unique(np.column_stack([part_of, arcs.start[arc]]), axis=0)
    core = np.zeros(len(arcs.start), dtype=bool)
    core[arc[part_of == np.bincount(held[:, 0], minlength=1).argmax()]] = True
    return core


def _renumbered(forbidden: IntArray, core: BoolArray, inside: BoolArray) -> IntArray:
    """Return the forbidden turns between kept arcs, by the numbers of the kept edges."""
    kept = forbidden[core[forbidden].all(axis=1)]
    place = np.cumsum(inside) - 1
    numbers: IntArray = 2 * place[kept >> 1] + (kept & 1)
    return numbers


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


def _tell_split(
    nodes: gpd.GeoDataFrame, touched: BoolArray, kept: BoolArray, profile: VehicleProfile
) -> None:
    """Warn where one-ways, bans and turns leave the vehicle clearly less than the whole."""
    share = kept.sum() / touched.sum()
    if share < MAIN_PART_SHARE:
        problem = Problem(
            where=f"road_edges, profile {profile.key}",
            what="what the vehicle may use falls apart, and only the largest part is used",
            got=f"{share:.0%} of the nodes, without e.g. {nodes['id'].to_numpy()[touched & ~kept][0]}",
            expected=f"at least {MAIN_PART_SHARE:.0%}",
            mend="Check the profile's [banned] table, and oneway in the layer.",
        )
        _log.warning("%s", problem)


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
            closed = closed | ~edges[column].fillna("").isin(_ABSENT).to_numpy()
    is_open: BoolArray = ~closed
    return is_open
