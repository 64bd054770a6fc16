"""Dense and sparse answers by sweeps down a contraction hierarchy, on all cores."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from scipy import sparse as matrices

from siting.model import Progress
from siting.network.csr import CsrGraph, Ints, Longs
from siting.network.engines import Floats, spread, whole_limit
from siting.network.hierarchy import Hierarchy, build_hierarchy

if TYPE_CHECKING:
    from siting.network.kernels.gather import Sheet
    from siting.network.kernels.rows import Columns
    from siting.network.kernels.sweep import Arcs, Costs, Desk, Risen

Tool = TypeVar("Tool")

_LANES = 64
_LANES_16 = 128
_PART = 2_048  # targets: what lies above them stays in the cache with its costs
_SMALL_PART = 64
_PARTS = 8  # at least, where there are targets enough, so that all cores have work to the end
_MOST_16 = 2**16 - 2
_MOST_32 = 2**31 - 1


def hierarchy_of(
    graph: CsrGraph, at_hand: Hierarchy | None, progress: Progress | None
) -> Hierarchy:
    """Return the hierarchy at hand, or build one."""
    return build_hierarchy(graph, progress=progress) if at_hand is None else at_hand


def dense(
    hierarchy: Hierarchy,
    sources: Ints,
    targets: Ints,
    *,
    cutoff: float,
    is_turned: bool,
    progress: Progress | None,
) -> Floats:
    """Return costs (n_targets, n_sources); ``is_turned`` measures against the arcs."""
    from siting.network.kernels import gather  # noqa: PLC0415 - numba takes a second

    up, down = arcs(hierarchy, is_turned=is_turned)
    desks, limit = Pool(lambda: _desk(hierarchy.n_nodes)), whole_limit(cutoff)
    risen, columns = _rise(up, hierarchy.rank[sources], desks, limit=limit)
    parts, size = _in_parts(hierarchy.rank[targets])
    costs = np.empty((len(targets), len(sources)))

    def fill(start: int) -> None:
        rows = parts[start : start + size]
        with desks.one() as desk:
            ranks = hierarchy.rank[targets[rows]]
            gather.dense(down, risen, columns, ranks, rows, limit, desk, costs)

    spread(fill, range(0, len(targets), size), progress=progress)
    return costs


def sparse(
    hierarchy: Hierarchy,
    sources: Ints,
    targets: Ints,
    *,
    cutoff: float,
    is_turned: bool,
    progress: Progress | None,
) -> matrices.csr_array:
    """Return costs within the cutoff (n_targets, n_sources), columns ascending."""
    from siting.network.kernels import gather, rows  # noqa: PLC0415 - numba takes a second

    up, down = arcs(hierarchy, is_turned=is_turned)
    desks, limit = Pool(lambda: _desk(hierarchy.n_nodes)), whole_limit(cutoff)
    risen, order = _rise(up, hierarchy.rank[sources], desks, limit=limit)
    is_narrow = len(sources) <= _MOST_16 + 2
    columns: Columns = order.astype(np.uint16) if is_narrow else order.astype(np.int32)
    parts, size = _in_parts(hierarchy.rank[targets])

    sheets = Pool(lambda: _sheet(size, risen, columns))

    def find(start: int) -> "tuple[Ints, Columns, Costs]":
        ranks = hierarchy.rank[targets[parts[start : start + size]]]
        with desks.one() as desk, sheets.one() as sheet:
            count = gather.sparse(down, risen, columns, ranks, limit, desk, sheet)
            n = int(count.sum())
            return count, sheet.column[:n].copy(), sheet.cost[:n].copy()

    starts = range(0, len(targets), size)
    found = spread(find, starts, progress=progress)
    indptr = np.zeros(len(targets) + 1, dtype=np.int64)
    indptr[1:][parts] = np.concatenate([count for count, _, _ in found])
    np.cumsum(indptr, out=indptr)
    column, cost = (np.empty(indptr[-1], dtype=np.int32) for _ in range(2))
    for start in starts:
        rows.place(parts[start : start + size], *found.pop(0), indptr, (column, cost))
    return _matrix(indptr, column, cost, n_columns=len(sources))


def _matrix(indptr: Longs, column: Ints, cost: Ints, *, n_columns: int) -> matrices.csr_array:
    if indptr[-1] <= _MOST_32:  # or the columns would be made as wide as the row starts
        indptr = indptr.astype(np.int32)
    found = matrices.csr_array((cost, column, indptr), shape=(len(indptr) - 1, n_columns))
    found.has_canonical_format = True
    return found


class Pool(Generic[Tool]):
    """Tools for as many threads as ask, handed on from one to the next."""

    def __init__(self, make: Callable[[], Tool]) -> None:
        self._make = make
        self._free: SimpleQueue[Tool] = SimpleQueue()

    @contextmanager
    def one(self) -> Iterator[Tool]:
        """Lend a tool; after an error it is not lent again."""
        try:
            tool = self._free.get_nowait()
        except Empty:
            tool = self._make()
        yield tool
        self._free.put(tool)


def _desk(n_nodes: int) -> "Desk":
    from siting.network.kernels import sweep  # noqa: PLC0415 - as above

    return sweep.Desk(
        is_seen=np.zeros(n_nodes, dtype=np.bool_),
        found=np.empty(n_nodes, dtype=np.int32),
        at=np.full(n_nodes, -1, dtype=np.int32),
    )


def _sheet(size: int, risen: "Risen", columns: "Columns") -> "Sheet":
    from siting.network.kernels import gather, rows  # noqa: PLC0415 - as above

    shape = (size, (len(risen.ptr) - 1) * risen.cost.shape[1])
    n = shape[0] * shape[1]
    cost = risen.cost.dtype
    return gather.Sheet(
        np.empty(shape, cost), np.empty(n, columns.dtype), np.empty(n, cost), rows.WORD
    )


def arcs(hierarchy: Hierarchy, *, is_turned: bool) -> "tuple[Arcs, Arcs]":
    """Return the arcs to climb and the arcs to fall along; ``is_turned`` goes against them."""
    from siting.network.kernels import sweep  # noqa: PLC0415 - as above

    h = hierarchy
    up = sweep.Arcs(h.up_ptr, h.up_to, h.up_weight)
    down = sweep.Arcs(h.down_ptr, h.down_to, h.down_weight)
    return (down, up) if is_turned else (up, down)


def _in_parts(ranks: Ints) -> tuple[Longs, int]:
    """Return an order that keeps neighbours together, and how many of it make a part."""
    size = min(_PART, max(_SMALL_PART, -(-len(ranks) // _PARTS)))
    return np.argsort(ranks, kind="stable"), size


def _rise(up: "Arcs", ranks: Ints, desks: "Pool[Desk]", *, limit: int) -> "tuple[Risen, Longs]":
    """Return what blocks of neighbouring sources reach, and which source each lane is."""
    from siting.network.kernels import jit, sweep  # noqa: PLC0415 - as above

    order = np.argsort(ranks, kind="stable")
    lanes = _lanes(len(ranks), most=_LANES_16 if limit <= _MOST_16 else _LANES)
    is_narrow = limit <= _MOST_16
    none: Costs = np.empty(0, dtype=np.uint16) if is_narrow else np.empty(0, dtype=np.int32)
    far = _MOST_16 + 1 if is_narrow else int(jit.FAR)

    def climb(start: int) -> "tuple[Ints, Costs]":
        with desks.one() as desk:
            part = ranks[order[start : start + lanes]]
            found: tuple[Ints, Costs] = sweep.rise(up, part, lanes, far, none, desk)
        return found

    blocks = spread(climb, range(0, len(ranks), lanes), progress=None)
    ptr = np.cumsum([0, *(len(node) for node, _ in blocks)])
    node, cost = (np.concatenate(part) for part in zip(*blocks, strict=True))
    least = cost.min(axis=1).astype(np.int32)
    return sweep.Risen(ptr, node, cost, least, far), order


def _lanes(n_sources: int, *, most: int) -> int:
    # Fewer than 16 cost as much as 16: that many fill one vector register, or twice.
    return min(most, max(16, -(-n_sources // 16) * 16))
