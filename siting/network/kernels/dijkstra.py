"""Dijkstra's search from many sources, cut off at a limit (Dijkstra 1959)."""

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.heap import pop, push
from siting.network.kernels.jit import FAR, kernel

Ints = NDArray[np.int32]
_NODE = (1 << 32) - 1  # the low half of a heap key is the node, the high half its cost


@kernel
def search(
    indptr: Ints,
    head: Ints,
    weight: Ints,
    source: int,
    limit: int,
    cost: Ints,
    touched: Ints,
    heap: NDArray[np.int64],
) -> int:
    """Fill ``cost`` (FAR before) for what lies within the limit; return how many are touched."""
    # Invariant: a node popped with its own cost is final; later keys of it are larger and skipped.
    # An arc is relaxed once, so that n_arcs + 1 keys of room are enough.
    cost[source] = 0
    touched[0] = source
    n_touched = 1
    heap[0] = source
    size = 1
    while size > 0:
        key = pop(heap, size)
        size -= 1
        node = key & _NODE
        here = np.int64(key >> 32)
        if here > cost[node]:
            continue
        for arc in range(indptr[node], indptr[node + 1]):
            to = head[arc]
            there = here + weight[arc]
            if there < cost[to] and there <= limit:
                if cost[to] == FAR:
                    touched[n_touched] = to
                    n_touched += 1
                cost[to] = there
                push(heap, size, (there << 32) | to)
                size += 1
    return n_touched


@kernel
def rows(
    indptr: Ints,
    head: Ints,
    weight: Ints,
    sources: Ints,
    targets: Ints,
    limit: int,
    out: Ints,
) -> None:
    """Fill ``out`` (n_sources, n_targets) with costs, FAR where beyond the limit."""
    n = len(indptr) - 1
    cost = np.full(n, FAR, np.int32)
    touched = np.empty(n, np.int32)
    heap = np.empty(len(head) + 1, np.int64)
    for i in range(len(sources)):
        n_touched = search(indptr, head, weight, sources[i], limit, cost, touched, heap)
        for j in range(len(targets)):
            out[i, j] = cost[targets[j]]
        for k in range(n_touched):
            cost[touched[k]] = FAR
