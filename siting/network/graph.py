"""The road graph of one vehicle profile as a record: nodes, edges, arcs and forbidden turns."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import NetworkError, Problem
from siting.network.csr import CsrGraph, lightest
from siting.network.turns import BoolArray, IntArray, SearchSpace, arcs_of, search_space

Weight: TypeAlias = Literal["time_ds", "length_dm"]


def _no_turns() -> IntArray:
    return np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadGraph:
    """Nodes and directed arcs that a vehicle may use, with integer weights.

    ``build`` keeps only the largest strongly connected part, so that every place on it reaches every
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
    forbidden
        Turns that may not be made ``(n_turns, 2)``: the arc a way comes by and the arc it may not
        leave by; arc ``2·edge`` runs along the edge's line, ``2·edge + 1`` against it.
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
    forbidden: IntArray = field(default_factory=_no_turns)
    _spaces: list[SearchSpace] = field(default_factory=list, init=False, repr=False)
    _rows: dict[tuple[str, str | None], tuple[CsrGraph, IntArray]] = field(
        default_factory=dict, init=False, repr=False
    )

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_ids)

    @property
    def space(self) -> SearchSpace:
        """The nodes and arcs of searches: the graph's own, and more where turns are forbidden."""
        if not self._spaces:  # kept, since every query needs it
            arcs = arcs_of(self.tail, self.head, self.forward, self.backward)
            self._spaces.append(search_space(self.n_nodes, arcs, self.forbidden))
        return self._spaces[0]

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
        """Return the arcs of searches in rows.

        Of parallel arcs the lightest by weight, companion and edge is kept. Nodes beyond the graph's
        own, and arcs of edge −1 that cost nothing, are those of ``space``.
        """
        return self.csr_and_arcs(weight, companion=companion)[0]

    def csr_and_arcs(
        self, weight: Weight, *, companion: Weight | None = None
    ) -> tuple[CsrGraph, IntArray]:
        """Return the arcs of searches in rows, and which arc of the graph each is, or −1."""
        key = (weight, companion)
        if (
            key not in self._rows
        ):  # kept with its hash, which every query over a hierarchy compares
            self._rows[key] = self._in_rows(weight, companion)
        return self._rows[key]

    def _in_rows(self, weight: Weight, companion: Weight | None) -> tuple[CsrGraph, IntArray]:
        space = self.space
        w = self._weights_of(space.arc, weight)
        second = None if companion is None else self._weights_of(space.arc, companion)
        by = (w, space.arc) if second is None else (w, second, space.arc)
        keep = lightest(space.source, space.target, *by)
        starts = np.searchsorted(space.source[keep], np.arange(len(space.node) + 1))
        rows = CsrGraph(
            indptr=starts.astype(np.int32),
            indices=space.target[keep].astype(np.int32),
            weights=w[keep],
            companion=None if second is None else second[keep],
            edge=space.arc[keep] >> 1,
        )
        return rows, space.arc[keep]

    def _weights_of(self, arc: IntArray, weight: Weight) -> IntArray:
        return np.where(arc >= 0, np.append(self.weights(weight), 0)[arc >> 1], 0)

    def matrix(self, weight: Weight) -> sparse.csr_array:
        """Return the arcs of searches as a matrix; of parallel arcs the lightest counts."""
        return self.csr(weight).matrix()


def own_nodes(graph: RoadGraph, name: str, nodes: ArrayLike) -> IntArray:
    """Return indices of the graph's own nodes as they should be, or refuse them.

    Raises
    ------
    NetworkError
        If they are no whole numbers ``(n,)``, or one is out of range.
    """
    index = np.asarray(nodes)
    if index.ndim != 1 or (len(index) and not np.issubdtype(index.dtype, np.integer)):
        got, expected = str(index.dtype), "whole numbers (n,)"
    elif len(index) and (index.min() < 0 or index.max() >= graph.n_nodes):
        got = str(index[(index < 0) | (index >= graph.n_nodes)][0])
        expected = f"0…{graph.n_nodes - 1}"
    else:
        return index.astype(np.int64)
    where, what = f"network costs, {name}", "node index out of range or not an index"
    raise NetworkError(Problem(where=where, what=what, got=got, expected=expected))
