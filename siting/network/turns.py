"""Forbidden turns: read from a frame, and the nodes that searches need to obey them.

A road's two directions are its arcs: arc ``2·edge`` is driven along the edge's line, arc
``2·edge + 1`` against it.
"""

import itertools
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import NetworkError, Problem

IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

COLUMNS: Final = ("id", "from_edge", "via_node", "to_edge", "restriction")
MANDATORY: Final = ("only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn")
PROHIBITORY: Final = (
    "no_left_turn",
    "no_right_turn",
    "no_straight_on",
    "no_u_turn",
    "no_entry",
    "no_exit",
)


class Arcs(NamedTuple):
    """The arcs of a graph: first and last node ``(2·n_edges,)``, and whether each may be driven."""

    start: IntArray
    stop: IntArray
    is_driven: BoolArray

    def leaving(self, nodes: IntArray) -> tuple[IntArray, IntArray]:
        """Return the driven arcs out of each node, as (position in ``nodes``, arc)."""
        arcs = np.flatnonzero(self.is_driven)
        arcs = arcs[np.argsort(self.start[arcs], kind="stable")]
        low, high = (np.searchsorted(self.start[arcs], nodes, side=s) for s in ("left", "right"))
        count = high - low
        which = np.repeat(np.arange(len(nodes)), count)
        within = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        return which, arcs[low[which] + within]


def arcs_of(tail: IntArray, head: IntArray, forward: BoolArray, backward: BoolArray) -> Arcs:
    """Return the arcs of edges that may be driven along and against their lines."""
    return Arcs(
        start=np.column_stack([tail, head]).ravel(),
        stop=np.column_stack([head, tail]).ravel(),
        is_driven=np.column_stack([forward, backward]).ravel(),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SearchSpace:
    """The nodes between which searches move: the road's own, and a few more at forbidden turns.

    An arc from which a turn is forbidden ends at a copy of its last node that only the arcs that may
    follow leave; so no way can take the turn. Ways that end at such a node come together at one more
    node, and so do those that may turn into an arc that is not for all.

    Parameters
    ----------
    node
        Which road node each search node stands for ``(n_nodes,)``; the first are the road's own, and
        there ways start.
    arrival
        Search node where ways to a road node end ``(n_road_nodes,)``.
    start, stop
        Search nodes from which each arc is entered, as far as a way that ends on it is asked for,
        and to which it leads ``(2·n_edges,)``.
    source, target, arc
        The arcs between search nodes ``(n_arcs,)``; arc −1 costs nothing and is no road.
    """

    node: IntArray
    arrival: IntArray
    start: IntArray
    stop: IntArray
    source: IntArray
    target: IntArray
    arc: IntArray


def search_space(n_nodes: int, arcs: Arcs, forbidden: IntArray) -> SearchSpace:
    """Return the search space of a graph.

    Parameters
    ----------
    n_nodes
        Number of road nodes.
    arcs
        Its arcs.
    forbidden
        Pairs of arcs ``(n, 2)`` that may not follow each other, the first ending where the second
        starts.

    Returns
    -------
    SearchSpace
        Without forbidden turns, the road nodes and driven arcs as they are.
    """
    turned, into = (np.unique(forbidden[:, k]) for k in (0, 1))
    crossing = np.unique(arcs.stop[turned])
    copies = n_nodes + np.arange(len(turned))
    gates = n_nodes + len(turned) + np.arange(len(into))
    sinks = n_nodes + len(turned) + len(into) + np.arange(len(crossing))
    arrival = np.arange(n_nodes)
    arrival[crossing] = sinks
    start, stop = arrival[arcs.start], arcs.stop.copy()
    start[into], stop[turned] = gates, copies
    own = np.flatnonzero(arcs.is_driven)
    # Where a way may stand at a crossing: on the node itself, or on a copy of it.
    places = np.concatenate([crossing, copies])
    at = np.concatenate([crossing, arcs.stop[turned]])
    came_by = np.concatenate([np.full(len(crossing), -1), turned])
    which, follows = arcs.leaving(at)
    is_free = ~_among(np.column_stack([came_by[which], follows]), forbidden)
    is_copied, is_gated = is_free & (came_by[which] >= 0), is_free & np.isin(follows, into)
    free = np.full(int(is_gated.sum()) + len(places), -1)
    return SearchSpace(
        node=np.concatenate([np.arange(n_nodes), arcs.stop[turned], arcs.start[into], crossing]),
        arrival=arrival,
        start=start,
        stop=stop,
        source=np.concatenate(
            [arcs.start[own], places[which[is_copied]], places[which[is_gated]], places]
        ),
        target=np.concatenate(
            [stop[own], stop[follows[is_copied]], start[follows[is_gated]], arrival[at]]
        ),
        arc=np.concatenate([own, follows[is_copied], free]),
    )


def forbidden_turns(
    turns: pd.DataFrame,
    arcs: Arcs,
    *,
    edge_ids: NDArray[np.object_],
    node_ids: NDArray[np.object_],
    classes: tuple[str, ...],
) -> IntArray:
    """Return the turns that a vehicle may not make.

    Parameters
    ----------
    turns
        A row a restriction: ``id``, ``from_edge``, ``via_node``, ``to_edge``, ``restriction`` and,
        where there is one, ``except``: the vehicle classes it does not bind, parted by ``;``.
    arcs
        The arcs of the edges open to the vehicle.
    edge_ids, node_ids
        Their identifiers ``(n_edges,)`` and those of the nodes ``(n_nodes,)``.
    classes
        What the vehicle is, in OpenStreetMap's words, such as ``hgv``.

    Returns
    -------
    ndarray
        Pairs of arcs ``(n, 2)``, sorted. A mandatory turn forbids every other, the U-turn too; several
        from one edge allow each of theirs. One that leads into no road open to the vehicle binds it
        as little as one from a road closed to it.

    References
    ----------
    OpenStreetMap wiki, "Relation:restriction".
    """
    bound = turns[~_is_exempt(turns, classes)]
    edge, node = pd.Index(edge_ids), pd.Index(node_ids)
    banned: set[tuple[int, int]] = set()
    allowed: dict[int, set[int]] = {}
    rows = zip(
        edge.get_indexer(pd.Index(bound["from_edge"])).tolist(),
        node.get_indexer(pd.Index(bound["via_node"])).tolist(),
        edge.get_indexer(pd.Index(bound["to_edge"])).tolist(),
        bound["restriction"].isin(MANDATORY),
        strict=True,
    )
    for first, via, second, is_mandatory in rows:
        came = [a for a in _both(first) if arcs.is_driven[a] and arcs.stop[a] == via]
        goes = [a for a in _both(second) if arcs.is_driven[a] and arcs.start[a] == via]
        if is_mandatory:
            for arc in came if goes else ():
                allowed.setdefault(arc, set()).update(goes)
        else:
            banned.update(itertools.product(came, goes))
    ruled = np.array(sorted(allowed), dtype=np.int64)
    which, follows = arcs.leaving(arcs.stop[ruled])
    pairs = zip(ruled[which].tolist(), follows.tolist(), strict=True)
    banned.update((a, b) for a, b in pairs if b not in allowed[a])
    return np.array(sorted(banned), dtype=np.int64).reshape(-1, 2)


def require_turns(turns: pd.DataFrame, edges: pd.DataFrame) -> None:
    """Refuse restrictions that do not belong to the roads, all problems at once.

    Raises
    ------
    NetworkError
        If a column is absent, a restriction unknown, an edge not there, or an edge does not touch the
        node at which the turn is made.
    """
    absent = [name for name in COLUMNS if name not in turns]
    if absent:
        raise NetworkError(_problem("columns are absent", ", ".join(absent), ", ".join(COLUMNS)))
    ends = edges.set_index("id")[["from_id", "to_id"]]
    known = turns["restriction"].isin(MANDATORY + PROHIBITORY)
    checks = [(~known, "no such restriction", ", ".join(PROHIBITORY + MANDATORY))]
    for column in ("from_edge", "to_edge"):
        is_edge = turns[column].isin(ends.index)
        touched = ends.reindex(turns[column]).eq(turns["via_node"].to_numpy(), axis=0)
        is_apart = ~touched.any(axis=1).to_numpy()
        checks += [
            (~is_edge, f"{column} is no edge", "an id of road_edges"),
            (is_edge & is_apart, f"{column} does not touch via_node", "an edge that ends there"),
        ]
    problems = [
        _problem(what, ", ".join(turns.loc[is_wrong, "id"].astype(str).head(5)), expected)
        for is_wrong, what, expected in checks
        if is_wrong.any()
    ]
    if problems:
        raise NetworkError(*problems)


def _among(pairs: IntArray, listed: IntArray) -> BoolArray:
    """Tell which pairs stand in a list of pairs."""
    first, second = (pd.MultiIndex.from_arrays([p[:, 0], p[:, 1]]) for p in (pairs, listed))
    found: BoolArray = first.isin(second)
    return found


def _is_exempt(turns: pd.DataFrame, classes: tuple[str, ...]) -> BoolArray:
    if "except" not in turns:
        return np.zeros(len(turns), dtype=bool)
    listed = turns["except"].fillna("").astype(str).str.split(";")
    spared = [bool({name.strip() for name in row} & set(classes)) for row in listed]
    return np.array(spared, dtype=bool)


def _both(edge: int) -> tuple[int, ...]:
    return (2 * edge, 2 * edge + 1) if edge >= 0 else ()


def _problem(what: str, got: str, expected: str) -> Problem:
    return Problem(where="turn_restrictions", what=what, got=got, expected=expected)
