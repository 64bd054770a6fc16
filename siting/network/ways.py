"""The fastest ways themselves: lines along the roads with their time and length."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csgraph
from shapely.ops import substring

from siting.network.costs import Ends, along_same_edge, arriving, leaving
from siting.network.graph import RoadGraph
from siting.network.snap import Snapped


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """The fastest way between two places.

    ``time_ds`` is in 0.1 s and ``length_dm`` in 0.1 m, access legs included; ``line`` starts at
    the origin and ends at the destination; ``warned_edges`` were driven with a notice.
    """

    line: shapely.LineString
    time_ds: int
    length_dm: int
    warned_edges: tuple[str, ...]


class _Step(NamedTuple):
    """A part of an edge, driven from one fraction of its length to another."""

    edge: int
    start: float
    stop: float


class _Join(NamedTuple):
    """One combination of a way out of the origin and a way into the destination."""

    cost: float
    out: int
    into: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Search:
    """A search against the arcs from the destinations' nodes: predecessors are next nodes."""

    cost: NDArray[np.float64]
    following: NDArray[np.int32]
    row: Mapping[int, int]

    def between(self, start: int, stop: int) -> float:
        return float(self.cost[self.row[stop], start])

    def nodes(self, start: int, stop: int) -> list[int]:
        path = [start]
        while path[-1] != stop:
            path.append(int(self.following[self.row[stop], path[-1]]))
        return path


def ways(
    graph: RoadGraph,
    origins: Snapped,
    destinations: Snapped,
    *,
    origin_xy: NDArray[np.float64],
    destination_xy: NDArray[np.float64],
) -> list[Way | None]:
    """Return the fastest way from each origin to the destination in the same row.

    Parameters
    ----------
    graph
        The road graph the places were snapped to.
    origins, destinations
        Snapped places, n each.
    origin_xy, destination_xy
        The places themselves ``(n, 2)``, where the lines start and end.

    Returns
    -------
    list of Way or None
        n ways; None where there is none.
    """
    out = leaving(graph, origins, weight="time_ds")
    into = arriving(graph, destinations, weight="time_ds")
    search = _search(graph, into)
    direct = along_same_edge(graph, origins, destinations, weight="time_ds").diagonal()
    edge_of = _lightest_edges(graph)
    found: list[Way | None] = []
    for i in range(len(origins)):
        join = _best_join(search, out, into, i)
        if not np.isfinite(min(join.cost, direct[i])):
            found.append(None)
            continue
        at, to = float(origins.fraction[i]), float(destinations.fraction[i])
        if direct[i] <= join.cost:
            steps = [_Step(int(origins.edge[i]), at, to)]
        else:
            # Way 0 leaves by the head and comes in by the tail, way 1 the other way round.
            nodes = search.nodes(int(out.node[i, join.out]), int(into.node[i, join.into]))
            steps = _steps(graph, nodes, edge_of)
            if origins.edge[i] >= 0:
                steps.insert(0, _Step(int(origins.edge[i]), at, 1.0 - join.out))
            if destinations.edge[i] >= 0:
                steps.append(_Step(int(destinations.edge[i]), float(join.into), to))
        legs = (
            int(origins.access_ds[i] + destinations.access_ds[i]),
            int(origins.access_dm[i] + destinations.access_dm[i]),
        )
        found.append(_way(graph, steps, legs=legs, ends=(origin_xy[i], destination_xy[i])))
    return found


def _search(graph: RoadGraph, into: Ends) -> _Search:
    stops = np.unique(into.node[into.node >= 0])
    cost, following = csgraph.dijkstra(
        graph.matrix("time_ds").T.tocsr(), indices=stops, return_predecessors=True
    )
    row = {int(node): k for k, node in enumerate(stops)}
    return _Search(cost=cost, following=following, row=row)


def _best_join(search: _Search, out: Ends, into: Ends, i: int) -> _Join:
    joins = [
        _Join(float(out.offset[i, a] + into.offset[i, b]) + search.between(start, stop), a, b)
        for a, b in itertools.product(range(2), range(2))
        if (start := int(out.node[i, a])) >= 0 and (stop := int(into.node[i, b])) >= 0
    ]
    return min(joins, default=_Join(np.inf, 0, 0))


def _lightest_edges(graph: RoadGraph) -> dict[tuple[int, int], int]:
    source, target, w, edge = graph.arcs("time_ds")
    order = np.lexsort((edge, w))[::-1]  # heaviest first, so the lightest stays in the dict
    keys = zip(source[order].tolist(), target[order].tolist(), strict=True)
    return dict(zip(keys, edge[order].tolist(), strict=True))


def _steps(
    graph: RoadGraph, nodes: list[int], edge_of: Mapping[tuple[int, int], int]
) -> list[_Step]:
    steps = []
    for a, b in itertools.pairwise(nodes):
        e = edge_of[a, b]
        steps.append(_Step(e, 0.0, 1.0) if graph.tail[e] == a else _Step(e, 1.0, 0.0))
    return steps


def _way(
    graph: RoadGraph,
    steps: list[_Step],
    *,
    legs: tuple[int, int],
    ends: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Way:
    coords = [ends[0]]
    time_ds, length_dm = legs
    for edge, start, stop in steps:
        part = substring(graph.lines[edge], start, stop, normalized=True)
        coords.extend(shapely.get_coordinates(part))
        time_ds += _part(graph.time_ds[edge], start, stop)
        length_dm += _part(graph.length_dm[edge], start, stop)
    coords.append(ends[1])
    points = np.array(coords)
    moved = np.r_[True, (points[1:] != points[:-1]).any(axis=1)]
    points = points[moved] if moved.sum() > 1 else points[[0, -1]]
    warned = {str(graph.edge_ids[step.edge]) for step in steps if graph.is_warned[step.edge]}
    return Way(
        line=shapely.LineString(points),
        time_ds=time_ds,
        length_dm=length_dm,
        warned_edges=tuple(sorted(warned)),
    )


def _part(w: np.int64, start: float, stop: float) -> int:
    return int(abs(np.rint(w * stop) - np.rint(w * start)))
