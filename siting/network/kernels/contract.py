"""Contraction hierarchies: nodes leave the graph one by one, shortcuts keep its distances.

References
----------
Geisberger, Sanders, Schultes and Delling (2008): contraction hierarchies, witness search, and an
order by edge difference, here as a quotient with the depth of the hierarchy added.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.heap import pop, push
from siting.network.kernels.jit import kernel
from siting.network.kernels.lists import HOPS, NEXT, TO, Lists, degree, drop, put
from siting.network.kernels.witness import Work, shortcuts

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

_LOW = (1 << 32) - 1
_SCALE = 1000.0  # priorities are kept to a thousandth, as integers
SIZE, DONE = 0, 1
FINISHED, PAUSED, NO_ROOM = 0, 1, 2


class Order(NamedTuple):
    """The queue of nodes by priority, and what became of them.

    ``key`` is a node's priority, ``rank`` its place in the hierarchy (−1 while it is in the graph),
    ``level`` 1 + the highest level below it, ``is_stale`` whether its neighbours have changed.
    ``state`` holds the size of the queue and the number of nodes contracted.
    """

    queue: Longs
    key: Ints
    rank: Ints
    level: Ints
    is_stale: NDArray[np.bool_]
    state: Longs


@kernel
def priority(out: Lists, into: Lists, work: Work, node: int, level: int, n_short: int) -> int:
    """Return how late to contract a node: its level, and what it adds over what it removes."""
    removed = 0
    removed_hops = 0
    for lists in (out, into):
        slot = lists.first[node]
        while slot >= 0:
            removed += 1
            removed_hops += lists.slots[slot, HOPS]
            slot = lists.slots[slot, NEXT]
    if removed == 0:
        return int(_SCALE * level)
    added_hops = 0
    for i in range(n_short):
        added_hops += work.short[i, 3]
    return int(_SCALE * (level + n_short / removed + added_hops / removed_hops))


@kernel
def enqueue(order: Order, node: int, key: int) -> None:
    """Put a node into the queue under a new priority."""
    order.key[node] = key
    push(order.queue, order.state[SIZE], (key << 32) | node)
    order.state[SIZE] += 1


@kernel
def forget(lists: Lists, others: Lists, order: Order, node: int) -> None:
    """Take a node out of its neighbours' lists; its own lists stay: they lead upwards."""
    slot = lists.first[node]
    while slot >= 0:
        neighbour = lists.slots[slot, TO]
        drop(others, neighbour, node)
        order.level[neighbour] = max(order.level[neighbour], order.level[node] + 1)
        order.is_stale[neighbour] = True
        slot = lists.slots[slot, NEXT]


@kernel
def contract(out: Lists, into: Lists, work: Work, order: Order, node: int, n_short: int) -> None:
    """Take a node out of the graph and put the listed shortcuts in."""
    forget(out, into, order, node)
    forget(into, out, order, node)
    for i in range(n_short):
        u, t, weight, hops = work.short[i]
        put(out, u, t, weight, hops)
        put(into, t, u, weight, hops)
    order.rank[node] = order.state[DONE]
    order.state[DONE] += 1


@kernel
def has_room(out: Lists, into: Lists, work: Work, node: int) -> bool:
    """Tell whether the contraction of a node surely fits in what is allotted."""
    pairs = degree(out, node) * degree(into, node)
    free = min(len(out.slots) - out.state[0], len(into.slots) - into.state[0])
    return pairs <= free and pairs <= len(work.short)


@kernel
def rate(out: Lists, into: Lists, work: Work, order: Order, start: int, settle: int) -> int:
    """Give nodes from ``start`` on a priority; return the first not rated for want of room."""
    for node in range(start, len(order.key)):
        if not has_room(out, into, work, node):
            return node
        n_short = shortcuts(out, into, work, node, settle)
        order.key[node] = priority(out, into, work, node, 0, n_short)
    return len(order.key)


@kernel
def advance(out: Lists, into: Lists, work: Work, order: Order, quota: int, settle: int) -> int:
    """Contract up to ``quota`` nodes; return FINISHED, PAUSED or NO_ROOM."""
    # Lazy order: a node whose neighbours have changed is rated again when it comes to the top, and
    # put back if another is due before it. A node stands in the queue once.
    for _ in range(quota):
        while True:
            if order.state[SIZE] == 0:
                return FINISHED
            node = order.queue[0] & _LOW
            if not has_room(out, into, work, node):
                return NO_ROOM
            pop(order.queue, order.state[SIZE])
            order.state[SIZE] -= 1
            n_short = shortcuts(out, into, work, node, settle)
            if not order.is_stale[node]:
                break
            order.is_stale[node] = False
            key = priority(out, into, work, node, order.level[node], n_short)
            if order.state[SIZE] == 0 or key <= order.queue[0] >> 32:
                break
            enqueue(order, node, key)
        contract(out, into, work, order, node, n_short)
    return PAUSED


def new_order(n_nodes: int) -> Order:
    """Return an order in which no node is rated or stands in the queue."""
    return Order(
        queue=np.empty(n_nodes + 1, np.int64),
        key=np.zeros(n_nodes, np.int32),
        rank=np.full(n_nodes, -1, np.int32),
        level=np.zeros(n_nodes, np.int32),
        is_stale=np.zeros(n_nodes, np.bool_),
        state=np.zeros(2, np.int64),
    )


def enqueue_all(order: Order) -> None:
    """Put all nodes into the queue, which is empty."""
    n = len(order.key)
    keys = (order.key.astype(np.int64) << 32) | np.arange(n)
    order.queue[:n] = np.sort(keys)  # sorted keys are a heap
    order.state[SIZE] = n


@kernel
def room_wanted(out: Lists, into: Lists, order: Order) -> int:
    """Return the most shortcuts that one contraction may need now."""
    most = 0
    for node in range(len(order.rank)):
        if order.rank[node] < 0:
            most = max(most, degree(out, node) * degree(into, node))
    return most
