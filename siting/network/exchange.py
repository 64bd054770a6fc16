"""Road graphs from and to others: networkx and osmnx graphs, and plain tables for files."""

from collections.abc import Mapping
from typing import Any, Final

import networkx as nx
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import NetworkError, Problem
from siting.network.csr import digest
from siting.network.graph import RoadGraph
from siting.network.turns import BoolArray, arcs_of
from siting.units import DECIMETRES_PER_METRE, DECISECONDS_PER_SECOND

TABLES: Final = ("nodes", "edges", "dropped", "turns")
_EDGE_COLUMNS = (
    "tail",
    "head",
    "forward",
    "backward",
    "time_ds",
    "length_dm",
    "is_open",
    "is_warned",
)
_TURN_COLUMNS = ("came_by", "leaves_by")
_FLAGS = {"forward", "backward", "is_open", "is_warned"}
_CLOSED = {"motorway", "motorway_link"}


def from_networkx(G: "nx.MultiDiGraph[Any]") -> RoadGraph:
    """Return a networkx or osmnx graph as a road graph; every edge is one way.

    Parameters
    ----------
    G
        Nodes with ``x`` and ``y`` in metres of one projected CRS; edges with ``length`` (m) and
        ``travel_time`` (s), as ``osmnx.add_edge_travel_times`` gives them, and where there are any
        ``geometry``, ``highway``, ``bridge`` and ``tunnel``.

    Returns
    -------
    RoadGraph
        Nodes and edges in the order of G. All of G is kept, connected or not.

    Raises
    ------
    NetworkError
        If the graph is empty, undirected or in degrees, or a length, time or position is absent or
        no finite number ≥ 0.
    """
    if not G.is_directed() or G.number_of_nodes() == 0:
        _refuse("not a directed graph with nodes", str(type(G).__name__), "a MultiDiGraph")
    crs = str(G.graph.get("crs", "")).lower()
    if crs in {"epsg:4326", "wgs84", "epsg:3857"}:
        _refuse("not in metres", crs, "a projected CRS (osmnx.project_graph)")
    names = list(G.nodes)
    xy = np.column_stack([_numbers(dict(G.nodes(data=axis)), axis, signed=True) for axis in "xy"])
    index = {name: i for i, name in enumerate(names)}
    keyed = nx.MultiDiGraph(G) if not G.is_multigraph() else G
    edges = list(keyed.edges(keys=True, data=True))
    ids = [f"{u} {v} {key}" for u, v, key, _ in edges]
    tail, head = (np.array([index[e[end]] for e in edges], dtype=np.int64) for end in (0, 1))
    data = dict(zip(ids, (e[3] for e in edges), strict=True))
    yes = np.ones(len(edges), dtype=bool)
    return RoadGraph(
        node_ids=np.array(names, dtype=object),
        node_xy=xy,
        tail=tail,
        head=head,
        forward=yes,
        backward=~yes,
        time_ds=_whole(data, "travel_time", DECISECONDS_PER_SECOND),
        length_dm=_whole(data, "length", DECIMETRES_PER_METRE),
        is_open=_is_open(data),
        is_warned=~yes,
        edge_ids=np.array(ids, dtype=object),
        lines=_lines(data, xy[tail], xy[head]),
        dropped_nodes=(),
    )


def to_networkx(graph: RoadGraph, *, crs: str | None = None) -> "nx.MultiDiGraph[Any]":
    """Return a road graph as osmnx has them: an edge a direction, ``length`` m, ``travel_time`` s.

    Forbidden turns stay behind: a networkx graph of nodes has no place for them.

    Parameters
    ----------
    graph
        Any road graph.
    crs
        Written to the graph, as osmnx wants it.

    Returns
    -------
    MultiDiGraph
        Nodes by id with ``x`` and ``y``; ``osmid`` of an edge is our edge id.
    """
    G: nx.MultiDiGraph[Any] = nx.MultiDiGraph() if crs is None else nx.MultiDiGraph(crs=crs)
    for name, (x, y) in zip(graph.node_ids, graph.node_xy, strict=True):
        G.add_node(name, x=float(x), y=float(y))
    source, target, _, edge = graph.arcs("time_ds")
    is_back = np.arange(len(edge)) >= graph.forward.sum()
    for u, v, e, back in zip(source, target, edge, is_back, strict=True):
        G.add_edge(
            graph.node_ids[u],
            graph.node_ids[v],
            osmid=graph.edge_ids[e],
            length=int(graph.length_dm[e]) / DECIMETRES_PER_METRE,
            travel_time=int(graph.time_ds[e]) / DECISECONDS_PER_SECOND,
            geometry=shapely.reverse(graph.lines[e]) if back else graph.lines[e],
        )
    return G


def to_tables(graph: RoadGraph) -> dict[str, pd.DataFrame]:
    """Return a road graph as plain tables, for files; lines as well-known binary."""
    edges = {name: getattr(graph, name) for name in _EDGE_COLUMNS}
    nodes = {"id": graph.node_ids.astype(str), "x": graph.node_xy[:, 0], "y": graph.node_xy[:, 1]}
    lines = shapely.to_wkb(graph.lines)
    return {
        "nodes": pd.DataFrame(nodes),
        "edges": pd.DataFrame({"id": graph.edge_ids.astype(str), **edges, "line": lines}),
        "dropped": pd.DataFrame({"id": np.array(graph.dropped_nodes, dtype=object)}),
        "turns": pd.DataFrame(graph.forbidden, columns=list(_TURN_COLUMNS)),
    }


def from_tables(tables: Mapping[str, pd.DataFrame]) -> RoadGraph:
    """Return the road graph of tables, which may come from a file and are checked.

    Raises
    ------
    NetworkError
        If a table or column is absent, an edge ends at no node, a weight is negative or a forbidden
        turn is made of arcs that do not meet.
    """
    wanted = {
        "nodes": {"id", "x", "y"},
        "edges": {"id", "line", *_EDGE_COLUMNS},
        "dropped": {"id"},
        "turns": set(_TURN_COLUMNS),
    }
    for name, columns in wanted.items():
        if name not in tables or not columns <= set(tables[name].columns):
            _refuse(f"table {name} lacks columns", "", ", ".join(sorted(columns)))
    nodes, edges = tables["nodes"], tables["edges"]
    fields: dict[str, NDArray[Any]] = {
        name: edges[name].to_numpy(bool if name in _FLAGS else np.int64) for name in _EDGE_COLUMNS
    }
    for end in ("tail", "head"):
        if ((fields[end] < 0) | (fields[end] >= len(nodes))).any():
            _refuse(f"{end} is no node", str(fields[end].max()), f"0…{len(nodes) - 1}")
    for weight in ("time_ds", "length_dm"):
        if (fields[weight] < 0).any():
            _refuse(f"negative {weight}", str(fields[weight].min()), "0 or more")
    return RoadGraph(
        node_ids=nodes["id"].to_numpy(object),
        node_xy=nodes[["x", "y"]].to_numpy(np.float64),
        edge_ids=edges["id"].to_numpy(object),
        lines=shapely.from_wkb(edges["line"].to_numpy(object)),
        dropped_nodes=tuple(tables["dropped"]["id"]),
        forbidden=_turns(tables["turns"], fields),
        **fields,
    )


def _turns(table: pd.DataFrame, edges: Mapping[str, NDArray[Any]]) -> NDArray[np.int64]:
    pairs = table[list(_TURN_COLUMNS)].to_numpy(np.int64)
    arcs = arcs_of(edges["tail"], edges["head"], edges["forward"], edges["backward"])
    is_arc = (pairs >= 0) & (pairs < len(arcs.start))
    first, second = np.where(is_arc, pairs, 0).T
    if not is_arc.all() or (arcs.stop[first] != arcs.start[second]).any():
        _refuse("forbidden turns are made of arcs that do not meet", "", "arcs that meet")
    return pairs


def content_hash(graph: RoadGraph) -> str:
    """Return SHA-256 over all of a road graph: equal for equal graphs, on every machine."""
    names = "\n".join([*map(str, graph.node_ids), "", *map(str, graph.edge_ids)])
    lines = b"".join(shapely.to_wkb(graph.lines, byte_order=1))
    texts = [np.frombuffer(text, dtype=np.uint8) for text in (names.encode(), lines)]
    columns = [getattr(graph, name) for name in _EDGE_COLUMNS]
    return digest([graph.node_xy, *columns, graph.forbidden, *texts])


def _numbers(values: Mapping[Any, Any], name: str, *, signed: bool = False) -> NDArray[np.float64]:
    try:
        numbers = np.array([float(value) for value in values.values()], dtype=np.float64)
    except (TypeError, ValueError):
        lost = next(key for key, value in values.items() if not _is_number(value))
        _refuse(f"{name} absent or no number", str(lost), "a number on every node and edge")
    if not (np.isfinite(numbers) & (signed | (numbers >= 0))).all():
        _refuse(f"{name} is no finite number ≥ 0", str(numbers.min()), "0 or more")
    return numbers


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _whole(data: Mapping[str, Mapping[str, Any]], name: str, scale: int) -> NDArray[np.int64]:
    numbers = _numbers({key: values.get(name) for key, values in data.items()}, name)
    # A weight of zero would make ties between places that are not the same place.
    weights: NDArray[np.int64] = np.maximum(1, np.rint(numbers * scale)).astype(np.int64)
    return weights


def _is_open(data: Mapping[str, Mapping[str, Any]]) -> BoolArray:
    closed = []
    for values in data.values():
        kind = values.get("highway")
        kinds = set(kind) if isinstance(kind, list) else {kind}
        built = [values.get(part) not in (None, "", "no") for part in ("bridge", "tunnel")]
        closed.append(bool(kinds & _CLOSED) or any(built) or values.get("route") == "ferry")
    return ~np.array(closed, dtype=bool)


def _lines(
    data: Mapping[str, Mapping[str, Any]], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> NDArray[np.object_]:
    lines = np.empty(len(data), dtype=object)
    for i, values in enumerate(data.values()):
        own = values.get("geometry")
        lines[i] = shapely.LineString([start[i], stop[i]]) if own is None else own
    return lines


def _refuse(what: str, got: str, expected: str) -> None:
    raise NetworkError(Problem(where="road graph", what=what, got=got, expected=expected))
