"""A 4-ary heap of 64-bit keys that carry their payload in the low bits: one compare, one word."""

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.jit import inlined, kernel


@inlined
def push(heap: NDArray[np.int64], size: int, key: int) -> None:
    """Add a key to the heap of ``size`` keys; the heap has room for it."""
    # Invariant: heap[(i − 1) // 4] ≤ heap[i] for every i outside the path from the hole to the root.
    hole = size
    while hole > 0:
        parent = (hole - 1) >> 2
        if heap[parent] <= key:
            break
        heap[hole] = heap[parent]
        hole = parent
    heap[hole] = key


@inlined
def pop(heap: NDArray[np.int64], size: int) -> int:
    """Take the smallest of ``size`` ≥ 1 keys; ``size − 1`` are left."""
    least = int(heap[0])
    last = size - 1
    key = heap[last]
    hole = 0
    while True:
        first = 4 * hole + 1
        if first >= last:
            break
        child, smallest = first, heap[first]
        for other in range(first + 1, min(first + 4, last)):
            if heap[other] < smallest:
                child, smallest = other, heap[other]
        if smallest >= key:
            break
        heap[hole] = smallest
        hole = child
    heap[hole] = key
    return least


@kernel
def grown(array: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a copy with twice the room."""
    larger = np.empty(2 * len(array), array.dtype)
    larger[: len(array)] = array
    return larger
