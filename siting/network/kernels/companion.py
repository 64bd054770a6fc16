"""Search by cost, and among ways of least cost by a second measure, such as their length."""

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.heap import grown, pop, push
from siting.network.kernels.jit import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
_NODE = (1 << 32) - 1


@kernel
def search_both(
    indptr: Ints,
    head: Ints,
    weight: Ints,
    second: Longs,
    source: int,
    limit: int,
    cost: Ints,
    other: Longs,
) -> None:
    """Fill ``cost`` (FAR before) and ``other``: least pairs (cost, other), cost first."""
    # Pairs are ordered and sums keep the order, so the least pair is unique, whatever the engine.
    # A node not yet popped stands in the heap under its cost; a popped one gains a better second
    # measure over arcs of weight zero only, and is then looked at again.
    heap = np.empty(1024, np.int64)
    cost[source] = 0
    other[source] = 0
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
            too = other[node] + second[arc]
            if there > limit or there > cost[to] or (there == cost[to] and too >= other[to]):
                continue
            is_waiting = there == cost[to] and there > here
            cost[to] = there
            other[to] = too
            if not is_waiting:
                if size == len(heap):
                    heap = grown(heap)
                push(heap, size, (there << 32) | to)
                size += 1
