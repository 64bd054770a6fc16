"""Trips over a road graph: places become nodes, so that routes start at them and pass them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from siting.errors import ModelError, Problem
from siting.optimise._flow_cover import BoolArray, FloatArray, IntArray
from siting.optimise._flow_paths import Ties, shortest_trips
from siting.optimise._flow_trips import Trip

_KM_PER_DM = 1e-4
_SECONDS_PER_DS = 0.1


class Roads(Protocol):
    """What is asked of a road graph; ``siting.network.RoadGraph`` answers."""

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        ...

    @property
    def tail(self) -> IntArray:
        """First node of each edge."""
        ...

    @property
    def head(self) -> IntArray:
        """Last node of each edge."""
        ...

    @property
    def forward(self) -> BoolArray:
        """Whether each edge may be driven from tail to head."""
        ...

    @property
    def backward(self) -> BoolArray:
        """Whether each edge may be driven from head to tail."""
        ...

    @property
    def time_ds(self) -> IntArray:
        """Time of each edge, 0.1 s."""
        ...

    @property
    def length_dm(self) -> IntArray:
        """Length of each edge, 0.1 m."""
        ...


class Places(Protocol):
    """What is asked of places joined to it; ``siting.network.Snapped`` answers."""

    @property
    def edge(self) -> IntArray:
        """Edge that each place joins, −1 at a node or nowhere."""
        ...

    @property
    def node(self) -> IntArray:
        """Node that each place joins, −1 along an edge or nowhere."""
        ...

    @property
    def fraction(self) -> FloatArray:
        """Where along the edge."""
        ...

    @property
    def access_ds(self) -> IntArray:
        """Time from the place to the road, 0.1 s."""
        ...

    @property
    def access_dm(self) -> IntArray:
        """Length from the place to the road, 0.1 m."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corridors:
    """Roads with the ends of trips and the candidate sites among their nodes.

    Parameters
    ----------
    tail, head
        Nodes of the directed arcs, ``(n_arcs,)``.
    time_s, length_km
        Of the arcs, ``(n_arcs,)``, > 0.
    n_nodes
        Number of nodes.
    end_node, site_node
        Node of each end of trips and of each site; −1 for those that reach no road. Trips start
        and end at the place itself, its way to the road included. A site stands where its way
        joins the road: vehicles that pass there are taken to pass the site.
    """

    tail: IntArray
    head: IntArray
    time_s: FloatArray
    length_km: FloatArray
    n_nodes: int
    end_node: IntArray
    site_node: IntArray

    def trips(
        self, pairs: Sequence[tuple[int, int, float]], *, ties: Ties = "first"
    ) -> list[Trip]:
        """Return round trips by the fastest ways, measured in kilometres.

        Parameters
        ----------
        pairs
            Numbers of two ends, and flow.
        ties
            As for ``shortest_trips``.

        Returns
        -------
        list of Trip
            One a pair, in order; without routes where an end reaches no road.
        """
        nodes = [(int(self.end_node[a]), int(self.end_node[b]), f) for a, b, f in pairs]
        reached = [pair for pair in nodes if min(pair[:2]) >= 0]
        arcs = (self.tail, self.head, self.time_s)
        found = iter(
            shortest_trips(arcs, reached, n_nodes=self.n_nodes, length=self.length_km, ties=ties)
        )
        return [
            next(found)
            if min(a, b) >= 0
            else Trip(origin=a, destination=b, flow=float(flow), routes=())
            for a, b, flow in nodes
        ]


def corridors(roads: Roads, *, ends: Places, sites: Places) -> Corridors:
    """Return the roads with the places among their nodes.

    Parameters
    ----------
    roads
        A road graph.
    ends
        Where trips start and end, joined to the roads.
    sites
        Candidate sites, joined to the roads.

    Returns
    -------
    Corridors
        Edges are cut where a place joins; places at one point share a node.
    """
    cuts, joined = _cut(roads, (ends, sites))
    tail, head, edge, share = _pieces(roads, cuts)
    time_s = roads.time_ds[edge] * share * _SECONDS_PER_DS
    length_km = roads.length_dm[edge] * share * _KM_PER_DM
    n = roads.n_nodes + len(cuts)
    end_node, site_node = joined
    off = np.flatnonzero((ends.access_dm > 0) & (end_node >= 0))
    new = n + np.arange(len(off))
    leg_s = np.maximum(ends.access_ds[off], 1) * _SECONDS_PER_DS
    leg_km = ends.access_dm[off] * _KM_PER_DM
    road = end_node[off]
    end_node = end_node.copy()
    end_node[off] = new
    return Corridors(
        tail=np.concatenate([tail, new, road]),
        head=np.concatenate([head, road, new]),
        time_s=np.concatenate([time_s, leg_s, leg_s]),
        length_km=np.concatenate([length_km, leg_km, leg_km]),
        n_nodes=n + len(off),
        end_node=end_node,
        site_node=site_node,
    )


def gravity_pairs(
    weight: NDArray[np.float64], cost: NDArray[np.float64], *, exponent: float = 1.5
) -> list[tuple[int, int, float]]:
    """Return every pair of places with the flow ``w_i · w_j / cost^exponent``.

    Parameters
    ----------
    weight
        What each place sends and draws, ``(n,)``, ≥ 0.
    cost
        Time or distance between places, ``(n, n)``; NaN = unreachable.
    exponent
        How fast the flow falls with the cost; 1.5 is Kuby and Lim's.

    Returns
    -------
    list of tuple
        First place, second place (a higher number) and flow; places of no weight left out. The
        nearer way of the two counts. Pairs that cannot reach each other keep a flow of 0.

    Raises
    ------
    ModelError
        If a weight is negative or not a number, or two places are at no distance.
    """
    weights = np.asarray(weight, dtype=float)
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ModelError(
            Problem(where="gravity_pairs, weight", what="negative or not a number", expected="≥ 0")
        )
    apart = np.fmin(cost, cost.T)
    first, second = np.nonzero(np.triu(np.outer(weights, weights) > 0, k=1))
    between = apart[first, second]
    if (between <= 0).any():
        k = int(np.flatnonzero(between <= 0)[0])
        raise ModelError(
            Problem(
                where=f"gravity_pairs, places {first[k]} and {second[k]}",
                what="no distance between them, so no end to their flow",
                got=str(between[k]),
                expected="> 0",
                mend="Merge places at one point.",
            )
        )
    flow = np.nan_to_num(weights[first] * weights[second] / between**exponent, nan=0.0)
    return list(zip(first.tolist(), second.tolist(), flow.tolist(), strict=True))


def _cut(
    roads: Roads, groups: tuple[Places, Places]
) -> tuple[dict[tuple[int, float], int], list[IntArray]]:
    """Return numbers for the points where places join along edges, and each place's node."""
    points = sorted(
        {
            (int(e), float(f))
            for places in groups
            for e, f in zip(places.edge, places.fraction, strict=True)
            if e >= 0
        }
    )
    cuts = {key: roads.n_nodes + k for k, key in enumerate(points)}
    joined = [
        np.array(
            [
                cuts[int(e), float(f)] if e >= 0 else int(n)
                for e, f, n in zip(places.edge, places.fraction, places.node, strict=True)
            ],
            dtype=np.int64,
        )
        for places in groups
    ]
    return cuts, joined


def _pieces(
    roads: Roads, cuts: dict[tuple[int, float], int]
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return the directed arcs of the cut edges: nodes, edge, and share of the edge."""
    stops: dict[int, list[tuple[float, int]]] = {}
    for (edge, fraction), node in cuts.items():
        stops.setdefault(edge, []).append((fraction, node))
    arcs: list[tuple[int, int, int, float]] = []
    for e in range(len(roads.tail)):
        inner = sorted(stops.get(e, []))
        line = [(0.0, int(roads.tail[e])), *inner, (1.0, int(roads.head[e]))]
        for (a, first), (b, last) in itertools.pairwise(line):
            if roads.forward[e]:
                arcs.append((first, last, e, b - a))
            if roads.backward[e]:
                arcs.append((last, first, e, b - a))
    ends = np.array([arc[:3] for arc in arcs], dtype=np.int64)
    share = np.array([arc[3] for arc in arcs], dtype=float)
    return ends[:, 0], ends[:, 1], ends[:, 2], share
