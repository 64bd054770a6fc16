"""Shortest routes on a network of arcs, with a stated rule where several are equally short."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse import csgraph

from siting.errors import ModelError, Problem
from siting.optimise._flow_cover import FloatArray, IntArray
from siting.optimise._flow_trips import Route, Trip

Ties: TypeAlias = Literal["first", "any"]

_EQUAL = 1e-9
MOST_ROUTES = 1000
"""Equally short routes between two nodes beyond which the rule "any" is refused."""


def shortest_trips(
    arcs: tuple[ArrayLike, ArrayLike, ArrayLike],
    pairs: Sequence[tuple[int, int, float]],
    *,
    n_nodes: int,
    length: ArrayLike | None = None,
    ties: Ties = "first",
    round_trip: bool = True,
) -> list[Trip]:
    """Return trips by the shortest routes of a directed network.

    Parameters
    ----------
    arcs
        Tail node, head node and cost > 0 of each directed arc. Of parallel arcs the cheapest
        counts, the first of equals.
    pairs
        Origin, destination and flow of each trip.
    n_nodes
        Number of nodes.
    length
        Length of each arc where routes are chosen by something else (time); None: the cost.
    ties
        ``first`` drives the route whose nodes come first in order, node by node; ``any`` leaves
        the choice among all equally short ones to the driver. Published optima of flow models
        hold for one such rule only.
    round_trip
        Whether the trip goes on back to its origin, by the reverse of the way out where that is
        a shortest way back, else by the first shortest way back.

    Returns
    -------
    list of Trip
        One a pair, in order. Where the destination (or, of a round trip, the way back) cannot be
        reached, the trip has no route.

    Raises
    ------
    ModelError
        If a node is out of range, a cost or length is not a number above 0, or there are more
        equally short routes than can be listed.
    """
    wrong = [p for p in pairs if not (0 <= p[0] < n_nodes and 0 <= p[1] < n_nodes)]
    if wrong:
        raise _bad("pairs", "no such node", str(wrong[0][:2]), f"0 to {n_nodes - 1}")
    search = _search(_network(arcs, length, n_nodes), pairs)
    found = []
    for origin, destination, flow in pairs:
        there = search.routes(origin, destination, ties)
        if round_trip:
            there = [tour for r in there if (tour := search.and_back(r)) is not None]
        found.append(
            Trip(origin=origin, destination=destination, flow=float(flow), routes=tuple(there))
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Search:
    """Costs to every node that a trip drives to, and the arcs that lead there."""

    cost: sparse.csr_array
    length: sparse.csr_array
    to: FloatArray
    row: Mapping[int, int]

    def routes(self, origin: int, destination: int, ties: Ties) -> list[Route]:
        """Return the shortest routes, the first in node order first; one unless ``any``."""
        to = self.to[self.row[destination]]
        if not np.isfinite(to[origin]):
            return []
        if ties == "first":
            path = [origin]
            while path[-1] != destination:
                path.append(self._next(path[-1], to)[0])
            return [self._route(path)]
        done: list[list[int]] = []
        open_paths = [[origin]]
        while open_paths:
            path = open_paths.pop()
            if path[-1] == destination:
                done.append(path)
            else:
                open_paths.extend([*path, n] for n in reversed(self._next(path[-1], to)))
            if len(done) + len(open_paths) > MOST_ROUTES:
                pair = f"{origin} to {destination}"
                raise _bad("ties", "too many equally short routes", pair, f"≤ {MOST_ROUTES}")
        return [self._route(path) for path in done]

    def and_back(self, route: Route) -> Route | None:
        """Return the tour; the way back is the reverse of the way out where that is shortest."""
        origin, destination = int(route.nodes[0]), int(route.nodes[-1])
        to = self.to[self.row[origin]]
        if not np.isfinite(to[destination]):
            return None
        back = route.nodes[::-1].tolist()
        if all(b in self._next(a, to) for a, b in itertools.pairwise(back)):
            return route.then(self._route(back))
        return route.then(self.routes(destination, origin, "first")[0])

    def _next(self, node: int, to: FloatArray) -> list[int]:
        """Return the nodes that come next on shortest ways, ascending."""
        heads, cost = _row(self.cost, node)
        left = cost + to[heads]
        return [int(h) for h in heads[left <= to[node] * (1 + _EQUAL)]]

    def _route(self, path: list[int]) -> Route:
        steps = [
            lengths[np.searchsorted(heads, b)]
            for a, b in itertools.pairwise(path)
            for heads, lengths in [_row(self.length, a)]
        ]
        return Route(
            nodes=np.array(path, dtype=np.int64), along=np.concatenate([[0.0], np.cumsum(steps)])
        )


def _row(matrix: sparse.csr_array, node: int) -> tuple[IntArray, FloatArray]:
    start, stop = matrix.indptr[node : node + 2]
    return matrix.indices[start:stop], matrix.data[start:stop]


def _search(
    network: tuple[sparse.csr_array, sparse.csr_array], pairs: Sequence[tuple[int, int, float]]
) -> _Search:
    cost, length = network
    ends = np.unique(np.array([p[:2] for p in pairs], dtype=np.int64).ravel())
    to = np.empty((0, cost.shape[0]))
    if len(ends):
        to = csgraph.dijkstra(cost.T.tocsr(), indices=ends)
    row = {int(node): k for k, node in enumerate(ends)}
    return _Search(cost=cost, length=length, to=to, row=row)


def _network(
    arcs: tuple[ArrayLike, ArrayLike, ArrayLike], length: ArrayLike | None, n_nodes: int
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return cost and length of the arcs as matrices with the same entries, sorted by head."""
    tail, head = (np.asarray(a, dtype=np.int64) for a in arcs[:2])
    cost = np.asarray(arcs[2], dtype=float)
    metres = cost if length is None else np.asarray(length, dtype=float)
    for name, values in (("cost", cost), ("length", metres)):
        bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        if len(bad):
            raise _bad(f"arcs, {name}", "not a length", str(values[bad[0]]), "a number > 0")
    ends = np.concatenate([tail, head])
    outside = ends[(ends < 0) | (ends >= n_nodes)]
    if len(outside):
        raise _bad("arcs", "no such node", str(outside[0]), f"0 to {n_nodes - 1}")
    order = np.lexsort((cost, head, tail))
    tail, head, cost, metres = tail[order], head[order], cost[order], metres[order]
    is_first = np.ones(len(tail), dtype=bool)
    is_first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    keep = is_first & (tail != head)
    at: tuple[IntArray, IntArray] = (tail[keep], head[keep])
    shape = (n_nodes, n_nodes)
    matrices = [sparse.csr_array((v[keep], at), shape=shape) for v in (cost, metres)]
    return matrices[0], matrices[1]


def _bad(where: str, what: str, got: str, expected: str) -> ModelError:
    return ModelError(
        Problem(where=f"shortest_trips, {where}", what=what, got=got, expected=expected)
    )
