"""Ranks that keep together in memory what is together in a hierarchy."""

import numpy as np

from siting.network.kernels.jit import kernel
from siting.network.kernels.sweep import Arcs, Ints


@kernel
def rows(tail: Ints, head: Ints, weight: Ints, rank: Ints) -> Arcs:
    """Return arcs between nodes as rows by rank."""
    ptr = np.zeros(len(rank) + 1, np.int32)
    for node in tail:
        ptr[rank[node] + 1] += 1
    for row in range(len(rank)):
        ptr[row + 1] += ptr[row]
    free = ptr[:-1].copy()
    to = np.empty(len(tail), np.int32)
    cost = np.empty(len(tail), np.int32)
    for arc in range(len(tail)):
        row = rank[tail[arc]]
        to[free[row]] = rank[head[arc]]
        cost[free[row]] = weight[arc]
        free[row] += 1
    return Arcs(ptr, to, cost)


@kernel
def tree_order(up: Arcs, down: Arcs) -> Ints:
    """Return the ranks in an order that keeps together what is below one, roots first."""
    # Each rank hangs from the lowest above it, as in an elimination tree. A subtree is numbered
    # without gaps: sizes are summed upwards, places given downwards.
    n = len(up.ptr) - 1
    parent = np.full(n, n, np.int32)
    size = np.ones(n + 1, np.int32)
    for rank in range(n):
        for arcs in (up, down):
            for arc in range(arcs.ptr[rank], arcs.ptr[rank + 1]):
                parent[rank] = min(parent[rank], arcs.to[arc])
        size[parent[rank]] += size[rank]
    free = np.zeros(n + 1, np.int32)  # the next place below each; the root's come first
    order = np.empty(n, np.int32)
    for rank in range(n - 1, -1, -1):
        place = free[parent[rank]]
        free[parent[rank]] += size[rank]
        free[rank] = place + 1
        order[place] = rank
    return order


@kernel
def without_place(arcs: Arcs, rank: int, place: Ints) -> int:
    """Return a rank above that has no place, −1 if there is none."""
    for arc in range(arcs.ptr[rank], arcs.ptr[rank + 1]):
        if place[arcs.to[arc]] < 0:
            return int(arcs.to[arc])
    return -1


@kernel
def by_place(up: Arcs, down: Arcs, order: Ints) -> Ints:
    """Return a new rank for each, of the same hierarchy, that follows an order: the first highest."""
    # A rank may hang from others than those above it in the tree, since witnesses spare shortcuts.
    # They go before it: a stack holds what waits for what is above.
    n = len(order)
    place = np.full(n, -1, np.int32)
    stack = np.empty(n, np.int32)
    free = n - 1
    for start in order:
        depth = 0 if place[start] < 0 else -1
        stack[0] = start
        while depth >= 0:
            rank = stack[depth]
            above = without_place(up, rank, place)
            if above < 0:
                above = without_place(down, rank, place)
            if above < 0:
                place[rank] = free
                free -= 1
                depth -= 1
            else:
                depth += 1
                stack[depth] = above
    return place


@kernel
def moved(arcs: Arcs, place: Ints) -> Arcs:
    """Return the same arcs under new ranks."""
    n = len(place)
    old = np.empty(n, np.int32)
    for rank in range(n):
        old[place[rank]] = rank
    ptr = np.zeros(n + 1, np.int32)
    to = np.empty(len(arcs.to), np.int32)
    weight = np.empty(len(arcs.to), np.int32)
    for row in range(n):
        at = ptr[row]
        for arc in range(arcs.ptr[old[row]], arcs.ptr[old[row] + 1]):
            to[at] = place[arcs.to[arc]]
            weight[at] = arcs.weight[arc]
            at += 1
        ptr[row + 1] = at
    return Arcs(ptr, to, weight)
