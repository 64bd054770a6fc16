"""Contraction hierarchies as records: built, checked, and to and from plain arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from siting.errors import NetworkError, Problem
from siting.model import Progress
from siting.network.csr import CsrGraph, Ints, fits_32_bits

if TYPE_CHECKING:
    from siting.network.kernels.lists import Lists

Arrays: TypeAlias = Mapping[str, NDArray[np.generic]]
Load: TypeAlias = Callable[[str], Arrays | None]
Save: TypeAlias = Callable[[str, Arrays], None]

_VERSION = "1"
_FIELDS = (
    "rank",
    "lane_order",
    "up_ptr",
    "up_to",
    "up_weight",
    "down_ptr",
    "down_to",
    "down_weight",
)
_SETTLE_TO_RATE = 30
_SETTLE = 60
_ROUND = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hierarchy:
    """A graph's nodes by rank with the arcs and shortcuts to higher ranks.

    Parameters
    ----------
    graph_hash
        ``content_hash`` of the graph it was made from.
    rank
        Rank of each node ``(n_nodes,)``, a permutation.
    lane_order
        Place of each rank in an order that keeps neighbours together ``(n_nodes,)``.
    up_ptr, up_to, up_weight
        Arcs out of each rank to higher ones.
    down_ptr, down_to, down_weight
        Arcs into each rank from higher ones.
    """

    graph_hash: str
    rank: Ints
    lane_order: Ints
    up_ptr: Ints
    up_to: Ints
    up_weight: Ints
    down_ptr: Ints
    down_to: Ints
    down_weight: Ints

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.rank)

    @property
    def n_arcs(self) -> int:
        """Number of arcs and shortcuts, both ways together."""
        return len(self.up_to) + len(self.down_to)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the hierarchy as plain arrays, for a cache."""
        return {name: getattr(self, name) for name in _FIELDS}


def from_arrays(arrays: Arrays, *, graph: CsrGraph) -> Hierarchy:
    """Return the hierarchy of a graph from plain arrays that are not to be trusted.

    Parameters
    ----------
    arrays
        What ``Hierarchy.to_arrays`` gave, after any detour.
    graph
        The graph it belongs to.

    Raises
    ------
    NetworkError
        If an array is absent or of another type, or would lead a search out of bounds or astray.
    """
    if set(arrays) != set(_FIELDS):
        _refuse("not its arrays", ", ".join(sorted(arrays)))
    for name in _FIELDS:
        if arrays[name].dtype != np.int32 or arrays[name].ndim != 1:
            _refuse(f"{name} is of another type", str(arrays[name].dtype))
    fields = {name: np.ascontiguousarray(arrays[name], dtype=np.int32) for name in _FIELDS}
    n = graph.n_nodes
    for name in ("rank", "lane_order"):
        if not np.array_equal(np.sort(fields[name]), np.arange(n)):
            _refuse(f"{name} is no permutation of the nodes", str(len(fields[name])))
    for way in ("up", "down"):
        _require_upward(way, n, *(fields[f"{way}_{part}"] for part in ("ptr", "to", "weight")))
    return Hierarchy(graph_hash=graph.content_hash, **fields)


def _require_upward(way: str, n: int, ptr: Ints, to: Ints, weight: Ints) -> None:
    is_rows = len(ptr) == n + 1 and ptr[0] == 0 and bool((np.diff(ptr) >= 0).all())
    if not (is_rows and ptr[-1] == len(to) == len(weight)):
        _refuse(f"{way} arcs are no rows", f"{len(ptr)} starts, {len(to)} arcs")
    tail = np.repeat(np.arange(n), np.diff(ptr))
    if (to <= tail).any() or (to >= n).any() or (weight < 0).any():
        _refuse(f"{way} arcs lead elsewhere than to higher ranks", "")


def _refuse(what: str, got: str) -> None:
    raise NetworkError(
        Problem(where="hierarchy", what=what, got=got, mend="Build it again from its graph.")
    )


def build_hierarchy(graph: CsrGraph, *, progress: Progress | None = None) -> Hierarchy:
    """Contract a graph.

    Parameters
    ----------
    graph
        Any graph whose ways cost less than 2^30.
    progress
        Called with the share of nodes contracted; may raise to cancel.

    Returns
    -------
    Hierarchy
        The same for the same graph, on every machine.

    Raises
    ------
    NetworkError
        If ways may cost 2^30 or more, or numba is not installed.
    """
    if not fits_32_bits(graph):
        _refuse("ways may cost more than it can count", "2^30 or more")
    from siting.network.kernels import contract, lists, witness  # noqa: PLC0415 - numba takes a second

    n, tail, weight = graph.n_nodes, graph.tails, graph.weights.astype(np.int32)
    out, into = (lists.empty_lists(n, 3 * len(tail) // 2 + 64) for _ in range(2))
    lists.fill(out, tail, graph.indices, weight)
    lists.fill(into, graph.indices, tail, weight)
    work, order = witness.new_work(n), contract.new_order(n)
    rated, status = 0, contract.PAUSED
    while status != contract.FINISHED:
        if progress is not None:
            progress(int(order.state[contract.DONE]) / max(n, 1), "contracting the road graph")
        if rated < n:
            rated = contract.rate(out, into, work, order, rated, _SETTLE_TO_RATE)
        if rated == n:
            status = contract.advance(out, into, work, order, _ROUND, _SETTLE)
        if rated < n or status == contract.NO_ROOM:
            room = contract.room_wanted(out, into, order)
            out, into = lists.with_room(out, room), lists.with_room(into, room)
            work = witness.with_room(work, room)
    up, down = _rows(out, order.rank), _rows(into, order.rank)
    return Hierarchy(
        graph_hash=graph.content_hash,
        rank=order.rank,
        lane_order=contract.lane_order(up[0], up[1], down[0], down[1]),
        up_ptr=up[0],
        up_to=up[1],
        up_weight=up[2],
        down_ptr=down[0],
        down_to=down[1],
        down_weight=down[2],
    )


def _rows(arcs: "Lists", rank: Ints) -> tuple[Ints, Ints, Ints]:
    from siting.network.kernels import lists  # noqa: PLC0415 - as above

    ptr = np.zeros(len(rank) + 1, dtype=np.int32)
    ptr[rank + 1] = lists.degrees(arcs)
    np.cumsum(ptr, out=ptr)
    to, weight = np.empty((2, ptr[-1]), dtype=np.int32)
    lists.to_rows(arcs, rank, ptr, to, weight)
    return ptr, to, weight


def prepare(
    graph: CsrGraph,
    *,
    load: Load | None = None,
    save: Save | None = None,
    progress: Progress | None = None,
) -> Hierarchy:
    """Return the hierarchy of a graph from a store, or build it and store it.

    Parameters
    ----------
    graph
        Any graph whose ways cost less than 2^30.
    load, save
        The store, as ``layers.cache.ArrayCache`` has them: arrays by key. What it returns is checked,
        and built again if it is wrong.
    progress
        As in ``build_hierarchy``.
    """
    key = f"hierarchy-{_VERSION}-{graph.content_hash}"
    stored = None if load is None else load(key)
    if stored is not None:
        try:
            return from_arrays(stored, graph=graph)
        except NetworkError:
            pass
    built = build_hierarchy(graph, progress=progress)
    if save is not None:
        save(key, built.to_arrays())
    return built
