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

from siting.errors import NetworkError, Problem
from siting.network.costs import Ends, along_edge, arriving, leaving
from siting.network.graph import RoadGraph
from siting.network.snap import Snapped

_SAME_M = 1e-6


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


class _Stop(NamedTuple):
    """Where a way starts or ends: on an edge (−1: at a node), and the leg between place and road."""

    edge: int
    fraction: float
    leg_ds: int
    leg_dm: int
    leg: NDArray[np.float64]


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

    Raises
    ------
    NetworkError
        If there are not as many destinations as origins.
    """
    if len(origins) != len(destinations):
        raise NetworkError(
            Problem(
                where="ways",
                what="origins and destinations do not pair",
                got=f"{len(origins)} origins and {len(destinations)} destinations",
                expected="a destination for every origin",
            )
        )
    out = leaving(graph, origins, weight="time_ds")
    into = arriving(graph, destinations, weight="time_ds")
    search = _search(graph, into)
    rows = np.arange(len(origins))
    direct = along_edge(graph, (origins, rows), (destinations, rows), weight="time_ds")
    edge_of = _lightest_edges(graph)
    found: list[Way | None] = []
    for i in range(len(origins)):
        a, b = _stop(origins, i, origin_xy[i]), _stop(destinations, i, destination_xy[i])
        join = _best_join(search, out, into, i)
        if not np.isfinite(min(join.cost, direct[i])):
            found.append(None)
        elif direct[i] <= join.cost:
            found.append(_way(graph, [_Step(a.edge, a.fraction, b.fraction)], a, b))
        else:
            nodes = search.nodes(int(out.node[i, join.out]), int(into.node[i, join.into]))
            steps = _steps(graph, nodes, edge_of)
            # Way 0 leaves by the head and comes in by the tail, way 1 the other way round.
            if a.edge >= 0:
                steps.insert(0, _Step(a.edge, a.fraction, 1.0 - join.out))
            if b.edge >= 0:
                steps.append(_Step(b.edge, float(join.into), b.fraction))
            found.append(_way(graph, steps, a, b))
    return found


def _stop(places: Snapped, i: int, place_xy: NDArray[np.float64]) -> _Stop:
    return _Stop(
        edge=int(places.edge[i]),
        fraction=float(places.fraction[i]),
        leg_ds=int(places.access_ds[i]),
        leg_dm=int(places.access_dm[i]),
        leg=np.array([place_xy, places.xy[i]]),
    )


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


def _way(graph: RoadGraph, steps: list[_Step], a: _Stop, b: _Stop) -> Way:
    coords = [a.leg]
    time_ds, length_dm = a.leg_ds + b.leg_ds, a.leg_dm + b.leg_dm
    for edge, start, stop in steps:
        part = substring(graph.lines[edge], start, stop, normalized=True)
        coords.append(shapely.get_coordinates(part))
        time_ds += _part(graph.time_ds[edge], start, stop)
        length_dm += _part(graph.length_dm[edge], start, stop)
    points = np.concatenate([*coords, b.leg[::-1]])
    # Where two parts meet their ends are the same point, to the last digits.
    apart_m = np.hypot(*np.diff(points, axis=0).T)
    kept = points[:-1][apart_m > _SAME_M]
    warned = {
        str(graph.edge_ids[edge])
        for edge, start, stop in steps
        if graph.is_warned[edge] and start != stop
    }
    return Way(
        line=shapely.LineString([a.leg[0], *kept[1:], b.leg[0]]),
        time_ds=time_ds,
        length_dm=length_dm,
        warned_edges=tuple(sorted(warned)),
    )


def _part(w: np.int64, start: float, stop: float) -> int:
    return int(abs(np.rint(w * stop) - np.rint(w * start)))
