"""What is left of a graph, moved together in memory while it is contracted.

Contraction takes its time waiting for memory. Lists that stand side by side, those of neighbours
near each other, make it several times faster.
"""

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.jit import kernel
from siting.network.kernels.lists import NEXT, TO, WEIGHT, Ints, Lists, degree


@kernel
def breadth_first(out: Lists, into: Lists, is_left: NDArray[np.bool_]) -> Ints:
    """Return the nodes that are left, neighbours near each other."""
    is_seen = ~is_left
    order = np.empty(is_left.sum(), np.int32)
    count = 0
    head = 0
    for start in range(len(is_left)):
        if is_seen[start]:
            continue
        is_seen[start] = True
        order[count] = start
        count += 1
        while head < count:
            for lists in (out, into):
                slot = lists.first[order[head]]
                while slot >= 0:
                    to = lists.slots[slot, TO]
                    if not is_seen[to]:
                        is_seen[to] = True
                        order[count] = to
                        count += 1
                    slot = lists.slots[slot, NEXT]
            head += 1
    return order


@kernel
def packed(lists: Lists, order: Ints, room: int) -> Lists:
    """Return the lists of some nodes, which lead to these only, renumbered by their order."""
    number = np.full(len(lists.first), -1, np.int32)
    n_slots = 0
    for new in range(len(order)):
        number[order[new]] = new
        n_slots += degree(lists, order[new])
    first = np.full(len(order), -1, np.int32)
    slots = np.empty((n_slots + room, 4), np.int32)
    at = 0
    for new in range(len(order)):
        slot = lists.first[order[new]]
        if slot >= 0:
            first[new] = at
        while slot >= 0:
            slots[at] = lists.slots[slot]
            slots[at, TO] = number[lists.slots[slot, TO]]
            slot = lists.slots[slot, NEXT]
            slots[at, NEXT] = at + 1 if slot >= 0 else -1
            at += 1
    return Lists(first, slots, np.array([at, -1], np.int32))


@kernel
def arcs_of(lists: Lists, nodes: Ints, name: Ints) -> tuple[Ints, Ints, Ints]:
    """Return tails, heads and weights of the arcs of some nodes, each node by its name."""
    count = 0
    for node in nodes:
        count += degree(lists, node)
    tail, head, weight = (
        np.empty(count, np.int32),
        np.empty(count, np.int32),
        np.empty(count, np.int32),
    )
    at = 0
    for node in nodes:
        slot = lists.first[node]
        while slot >= 0:
            tail[at] = name[node]
            head[at] = name[lists.slots[slot, TO]]
            weight[at] = lists.slots[slot, WEIGHT]
            at += 1
            slot = lists.slots[slot, NEXT]
    return tail, head, weight
