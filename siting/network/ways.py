"""The ways of least cost themselves: lines along the roads with their time and length."""

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
from siting.network.csr import Ints
from siting.network.graph import RoadGraph, Weight
from siting.network.snap import Snapped, at_nodes
from siting.network.turns import IntArray

_SAME_M = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """The way of least cost between two places.

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
    """A search against the arcs from the destinations' nodes: predecessors are next nodes.

    ``indptr`` and ``indices`` are the rows of all arcs, and ``arc`` says which of the graph each is.
    """

    cost: NDArray[np.float64]
    following: NDArray[np.int32]
    row: Mapping[int, int]
    indptr: Ints
    indices: Ints
    arc: IntArray

    def between(self, start: int, stop: int) -> float:
        return float(self.cost[self.row[stop], start])

    def steps(self, start: int, stop: int) -> list[_Step]:
        """Return the edges of the way, leaving out the arcs that are no road."""
        path = [start]
        while path[-1] != stop:
            path.append(int(self.following[self.row[stop], path[-1]]))
        arcs = (self._arc(a, b) for a, b in itertools.pairwise(path))
        # An odd arc runs against its edge's line.
        return [_Step(arc >> 1, float(arc & 1), 1.0 - (arc & 1)) for arc in arcs if arc >= 0]

    def _arc(self, a: int, b: int) -> int:
        low, high = self.indptr[a], self.indptr[a + 1]
        return int(self.arc[low + np.searchsorted(self.indices[low:high], b)])


def path(
    graph: RoadGraph, origin: int, destination: int, *, weight: Weight = "time_ds"
) -> Way | None:
    """Return the way of least cost from node to node.

    Parameters
    ----------
    graph
        The road graph.
    origin, destination
        Node indices.
    weight
        What is least: ``time_ds`` or ``length_dm``.

    Returns
    -------
    Way or None
        Its ``weight`` is exactly what ``cost_matrix`` says; None where it says NaN. From a node to
        itself it costs nothing, and its line has no length.

    Raises
    ------
    NetworkError
        If there is no such node.
    """
    ends = [at_nodes(graph, [node]) for node in (origin, destination)]
    xy = [place.xy for place in ends]
    (way,) = ways(graph, ends[0], ends[1], origin_xy=xy[0], destination_xy=xy[1], weight=weight)
    return way


def ways(
    graph: RoadGraph,
    origins: Snapped,
    destinations: Snapped,
    *,
    origin_xy: NDArray[np.float64],
    destination_xy: NDArray[np.float64],
    weight: Weight = "time_ds",
) -> list[Way | None]:
    """Return the way of least cost from each origin to the destination in the same row.

    Parameters
    ----------
    graph
        The road graph the places were snapped to.
    origins, destinations
        Snapped places, n each.
    origin_xy, destination_xy
        The places themselves ``(n, 2)``, where the lines start and end.
    weight
        What is least: ``time_ds`` or ``length_dm``.

    Returns
    -------
    list of Way or None
        n ways; None where there is none. Their ``weight`` is exactly what ``place_costs`` says.

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
    out = leaving(graph, origins, weight=weight)
    into = arriving(graph, destinations, weight=weight)
    search = _search(graph, into, weight)
    rows = np.arange(len(origins))
    direct = along_edge(graph, (origins, rows), (destinations, rows), weight=weight)
    found: list[Way | None] = []
    for i in range(len(origins)):
        a, b = _stop(origins, i, origin_xy[i]), _stop(destinations, i, destination_xy[i])
        joins = _best_joins(search, out, into, i)
        if np.isfinite(direct[i]) and not (joins and joins[0].cost < direct[i]):
            along = [[_Step(a.edge, a.fraction, b.fraction)]]
        else:
            along = [_steps(search, join, (a, out.node[i]), (b, into.node[i])) for join in joins]
        # Of ways of one cost the shorter, which does not pass the place and come back to it.
        ready = (_way(graph, steps, a, b) for steps in along)
        found.append(min(ready, key=lambda way: way.length_dm, default=None))
    return found


def _stop(places: Snapped, i: int, place_xy: NDArray[np.float64]) -> _Stop:
    return _Stop(
        edge=int(places.edge[i]),
        fraction=float(places.fraction[i]),
        leg_ds=int(places.access_ds[i]),
        leg_dm=int(places.access_dm[i]),
        leg=np.array([place_xy, places.xy[i]]),
    )


def _search(graph: RoadGraph, into: Ends, weight: Weight) -> _Search:
    stops = np.unique(into.node[into.node >= 0])
    rows, arc = graph.csr_and_arcs(weight)
    cost, following = csgraph.dijkstra(
        rows.matrix().T.tocsr(), indices=stops, return_predecessors=True
    )
    row = {int(node): k for k, node in enumerate(stops)}
    return _Search(
        cost=cost, following=following, row=row, indptr=rows.indptr, indices=rows.indices, arc=arc
    )


def _best_joins(search: _Search, out: Ends, into: Ends, i: int) -> list[_Join]:
    joins = [
        _Join(float(out.offset[i, a] + into.offset[i, b]) + search.between(start, stop), a, b)
        for a, b in itertools.product(range(2), range(2))
        if (start := int(out.node[i, a])) >= 0 and (stop := int(into.node[i, b])) >= 0
    ]
    least = min((join.cost for join in joins), default=np.inf)
    return [join for join in joins if join.cost == least < np.inf]


def _steps(
    search: _Search, join: _Join, start: tuple[_Stop, IntArray], stop: tuple[_Stop, IntArray]
) -> list[_Step]:
    (a, out), (b, into) = start, stop
    steps = search.steps(int(out[join.out]), int(into[join.into]))
    # Way 0 leaves by the head and comes in by the tail, way 1 the other way round.
    if a.edge >= 0:
        steps.insert(0, _Step(a.edge, a.fraction, 1.0 - join.out))
    if b.edge >= 0:
        steps.append(_Step(b.edge, float(join.into), b.fraction))
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
