"""Contraction hierarchies as records: built, checked, and to and from plain arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from siting.errors import NetworkError, Problem
from siting.model import Progress
from siting.network._contraction import contracted
from siting.network.csr import CsrGraph, Ints, fits_32_bits

Arrays: TypeAlias = Mapping[str, NDArray[np.generic]]
Load: TypeAlias = Callable[[str], Arrays | None]
Save: TypeAlias = Callable[[str, Arrays], None]

_VERSION = "2"
_FIELDS = (
    "rank",
    "up_ptr",
    "up_to",
    "up_weight",
    "down_ptr",
    "down_to",
    "down_weight",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hierarchy:
    """A graph's nodes by rank with the arcs and shortcuts to higher ranks.

    Parameters
    ----------
    graph_hash
        ``content_hash`` of the graph it was made from.
    rank
        Rank of each node ``(n_nodes,)``, a permutation. Ranks below one rank that hang from it lie
        next to each other, so that near ranks are near places.
    up_ptr, up_to, up_weight
        Arcs out of each rank to higher ones.
    down_ptr, down_to, down_weight
        Arcs into each rank from higher ones.
    """

    graph_hash: str
    rank: Ints
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
    if not np.array_equal(np.sort(fields["rank"]), np.arange(n)):
        _refuse("rank is no permutation of the nodes", str(len(fields["rank"])))
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
    rank, up, down = contracted(graph, progress=progress)
    return Hierarchy(
        graph_hash=graph.content_hash,
        rank=rank,
        up_ptr=up.ptr,
        up_to=up.to,
        up_weight=up.weight,
        down_ptr=down.ptr,
        down_to=down.to,
        down_weight=down.weight,
    )


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
