"""Witness searches: is there another way that is no longer (Geisberger et al. 2008)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.heap import pop, push
from siting.network.kernels.jit import FAR, kernel
from siting.network.kernels.lists import HOPS, NEXT, TO, WEIGHT, Lists

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

_LOW = (1 << 32) - 1


class Work(NamedTuple):
    """What contraction writes on; all of it is empty (FAR) between two witness searches.

    ``need`` is −1 but for the targets of a search: the cost at which a way is good enough.
    ``last`` is, for the targets, what the last arc of such a way costs at least. ``short`` (room, 4)
    are the shortcuts of the node looked at: from, to, weight, hops.
    """

    cost: Ints
    need: Ints
    last: Ints
    touched: Ints
    heap: Longs
    short: Ints


@kernel
def witness(
    out: Lists, work: Work, ends: tuple[int, int], n_targets: int, reach: int, settle: int
) -> int:
    """Search from ends[0] leaving out ends[1] until all targets are near enough; return touched.

    Nodes further than ``reach`` are on no way that is good enough, unless they are targets.
    """
    # Costs found are costs of ways that exist, so that a search cut short, here after ``settle``
    # nodes, may only fail to find a witness: a shortcut too many is slower, never wrong.
    cost, need, touched, heap, slots = work.cost, work.need, work.touched, work.heap, out.slots
    source, left_out = ends
    cost[source] = 0
    touched[0] = source
    n_touched = 1
    heap[0] = source
    size = 1
    settled = 0
    while size > 0 and settled < settle:
        key = pop(heap, size)
        size -= 1
        node = key & _LOW
        here = np.int64(key >> 32)
        if here > cost[node]:
            continue
        settled += 1
        slot = out.first[node]
        while slot >= 0:
            to = slots[slot, TO]
            there = here + slots[slot, WEIGHT]
            slot = slots[slot, NEXT]
            if there >= cost[to] or to == left_out or (there > reach and there > need[to]):
                continue
            if cost[to] == FAR:
                touched[n_touched] = to
                n_touched += 1
            n_targets -= 1 if there <= need[to] < cost[to] else 0
            cost[to] = there
            if n_targets == 0:
                return n_touched
            if there <= reach and size < len(heap):
                push(heap, size, (there << 32) | to)
                size += 1
    return n_touched


@kernel
def set_last(out: Lists, into: Lists, work: Work, node: int) -> None:
    """Note the lightest arc into each target of a node, the node's own left out."""
    slot = out.first[node]
    while slot >= 0:
        target = out.slots[slot, TO]
        least = FAR
        arc = into.first[target]
        while arc >= 0:
            if into.slots[arc, TO] != node:
                least = min(least, into.slots[arc, WEIGHT])
            arc = into.slots[arc, NEXT]
        work.last[target] = least
        slot = out.slots[slot, NEXT]


@kernel
def set_needs(out: Lists, work: Work, node: int, source: int, first_part: int) -> tuple[int, int]:
    """Note what a way from the source through the node costs; return how many and the reach."""
    reach = -1
    count = 0
    slot = out.first[node]
    while slot >= 0:
        to = out.slots[slot, TO]
        if to != source:
            through = first_part + out.slots[slot, WEIGHT]
            work.need[to] = through
            reach = max(reach, through - work.last[to])
            count += 1
        slot = out.slots[slot, NEXT]
    return count, reach


@kernel
def list_needs(out: Lists, work: Work, node: int, source: int, hops: int, n_short: int) -> int:
    """List a shortcut for every need not met, and clear the needs; return how many are listed."""
    slot = out.first[node]
    while slot >= 0:
        to = out.slots[slot, TO]
        if work.cost[to] > work.need[to] >= 0:
            work.short[n_short, 0] = source
            work.short[n_short, 1] = to
            work.short[n_short, 2] = work.need[to]
            work.short[n_short, 3] = hops + out.slots[slot, HOPS]
            n_short += 1
        work.need[to] = -1
        slot = out.slots[slot, NEXT]
    return n_short


@kernel
def shortcuts(out: Lists, into: Lists, work: Work, node: int, settle: int) -> int:
    """List the shortcuts that the node's contraction needs; return how many."""
    # Invariant: without the node, u → t is no longer than u → node → t or a shortcut is listed.
    n_short = 0
    set_last(out, into, work, node)
    slot = into.first[node]
    while slot >= 0:
        source = into.slots[slot, TO]
        count, reach = set_needs(out, work, node, source, into.slots[slot, WEIGHT])
        if count > 0:
            n_touched = witness(out, work, (source, node), count, reach, settle)
            n_short = list_needs(out, work, node, source, into.slots[slot, HOPS], n_short)
            for i in range(n_touched):
                work.cost[work.touched[i]] = FAR
        slot = into.slots[slot, NEXT]
    return n_short


def new_work(n_nodes: int) -> Work:
    """Return room for the searches in a graph of so many nodes."""
    return Work(
        cost=np.full(n_nodes, FAR, np.int32),
        need=np.full(n_nodes, -1, np.int32),
        last=np.empty(n_nodes, np.int32),
        touched=np.empty(n_nodes, np.int32),
        heap=np.empty(1 << 16, np.int64),
        short=np.empty((1 << 14, 4), np.int32),
    )


def with_room(work: Work, room: int) -> Work:
    """Return room for at least so many shortcuts at once."""
    if room <= len(work.short):
        return work
    return work._replace(short=np.empty((room, 4), np.int32))
