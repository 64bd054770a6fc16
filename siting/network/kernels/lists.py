"""Arcs of a graph that changes: a linked list a node, in one pool of slots.

A slot is a row of four: where the arc leads, its weight, how many original arcs it stands for, and
the next slot of the list. The four lie together, so that a step along a list costs one cache line.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.jit import kernel

Ints = NDArray[np.int32]

TO, WEIGHT, HOPS, NEXT = 0, 1, 2, 3
USED, FREE = 0, 1


class Lists(NamedTuple):
    """``first`` (n_nodes,) slot of each list, −1 if empty; ``slots`` (room, 4); ``state`` (2,).

    ``state`` holds the number of slots ever used and the first slot that was given back (−1: none).
    """

    first: Ints
    slots: Ints
    state: Ints


def empty_lists(n_nodes: int, room: int) -> Lists:
    """Return lists without arcs."""
    return Lists(
        first=np.full(n_nodes, -1, np.int32),
        slots=np.empty((room, 4), np.int32),
        state=np.array([0, -1], np.int32),
    )


def with_room(lists: Lists, room: int) -> Lists:
    """Return the same lists with at least this many slots never used."""
    wanted = int(lists.state[USED]) + room
    if wanted <= len(lists.slots):
        return lists
    slots = np.empty((max(wanted, 3 * len(lists.slots) // 2), 4), np.int32)
    slots[: lists.state[USED]] = lists.slots[: lists.state[USED]]
    return lists._replace(slots=slots)


@kernel
def degree(lists: Lists, node: int) -> int:
    """Count the arcs of a node."""
    count = 0
    slot = lists.first[node]
    while slot >= 0:
        count += 1
        slot = lists.slots[slot, NEXT]
    return count


@kernel
def put(lists: Lists, node: int, to: int, weight: int, hops: int) -> None:
    """Add an arc, or make the arc to the same node lighter; the pool has room for it."""
    # Invariant: a list names a node at most once.
    slots = lists.slots
    slot = lists.first[node]
    while slot >= 0:
        if slots[slot, TO] == to:
            if weight < slots[slot, WEIGHT]:
                slots[slot, WEIGHT] = weight
                slots[slot, HOPS] = hops
            return
        slot = slots[slot, NEXT]
    slot = lists.state[FREE]
    if slot >= 0:
        lists.state[FREE] = slots[slot, NEXT]
    else:
        slot = lists.state[USED]
        lists.state[USED] = slot + 1
    slots[slot, TO] = to
    slots[slot, WEIGHT] = weight
    slots[slot, HOPS] = hops
    slots[slot, NEXT] = lists.first[node]
    lists.first[node] = slot


@kernel
def drop(lists: Lists, node: int, to: int) -> None:
    """Take the arc to a node out of the list and give its slot back."""
    slots = lists.slots
    before = -1
    slot = lists.first[node]
    while slot >= 0 and slots[slot, TO] != to:
        before = slot
        slot = slots[slot, NEXT]
    if slot < 0:
        return
    if before < 0:
        lists.first[node] = slots[slot, NEXT]
    else:
        slots[before, NEXT] = slots[slot, NEXT]
    slots[slot, NEXT] = lists.state[FREE]
    lists.state[FREE] = slot


@kernel
def fill(lists: Lists, tail: Ints, head: Ints, weight: Ints) -> None:
    """Add arcs; loops are left out, they are part of no shortest way."""
    for arc in range(len(tail)):
        if tail[arc] != head[arc]:
            put(lists, tail[arc], head[arc], weight[arc], 1)
