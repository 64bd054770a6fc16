"""The k nearest places of every node, k labels a node: in one pass, or down a hierarchy.

A label is a cost and a place, cost << place bits | place, so that labels order by cost and then by
place. A node passes on only labels that are among its own k best: whoever reaches a further place
through it reaches those k sooner. This holds along arcs and along shortcuts alike.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.jit import kernel
from siting.network.kernels.sweep import Arcs

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]

NO_LABEL = np.int64(2**63 - 1)
_BUCKET_BITS = 12
LABEL, NODE, NEXT = 0, 1, 2
USED, FREE, WAITING = 0, 1, 2


class Asked(NamedTuple):
    """How many places, the most they may cost, and how many bits the number of one takes."""

    k: int
    limit: int
    place_bits: int


@kernel
def insert(labels: Longs, node: int, label: int, place_mask: int) -> bool:
    """Put a label into a node's list if it is among the k best."""
    # Invariant: lists ascend, a place stands in one once, and unused slots are at the end.
    at = labels.shape[1] - 1
    if labels[node, at] <= label:
        return False
    for slot in range(at + 1):
        if (labels[node, slot] & place_mask) == (label & place_mask):
            if labels[node, slot] <= label:
                return False
            if labels[node, slot] != NO_LABEL:
                at = slot
                break
    while at > 0 and labels[node, at - 1] > label:
        labels[node, at] = labels[node, at - 1]
        at -= 1
    labels[node, at] = label
    return True


@kernel
def stands(labels: Longs, node: int, label: int) -> bool:
    """Tell whether a node's list has a label."""
    found = False
    for slot in range(labels.shape[1]):
        found |= labels[node, slot] == label
    return found


class Ring(NamedTuple):
    """A ring of buckets (Dial 1969): label >> ``shift`` tells which, modulo their number.

    ``first`` (n_buckets, a power of two) is the first entry of a bucket, −1 if it is empty;
    ``entries`` (room, 3) are label, node and next entry; ``state`` holds the number of entries ever
    used, the first that was given back, and how many wait.
    """

    first: Longs
    entries: Longs
    state: Longs
    shift: int


@kernel
def new_ring(dearest: int, place_bits: int, room: int) -> Ring:
    """Return an empty ring longer than the dearest arc: a bucket holds one range of costs at once."""
    shift = 0
    while dearest >> shift >= 1 << _BUCKET_BITS:
        shift += 1
    first = np.full(1 << (_BUCKET_BITS + 1), -1, np.int64)
    state = np.zeros(3, np.int64)
    state[FREE] = -1
    return Ring(first, np.empty((room, 3), np.int64), state, shift + place_bits)


@kernel
def with_room(ring: Ring, room: int) -> Ring:
    """Return the ring with at least so many entries never used."""
    wanted = ring.state[USED] + room
    if wanted <= len(ring.entries):
        return ring
    entries = np.empty((2 * wanted, 3), np.int64)
    entries[: len(ring.entries)] = ring.entries
    return Ring(ring.first, entries, ring.state, ring.shift)


@kernel
def enqueue(ring: Ring, label: int, node: int) -> None:
    """Put a label of a node into its bucket; there is room for it."""
    entry = ring.state[FREE]
    if entry >= 0:
        ring.state[FREE] = ring.entries[entry, NEXT]
    else:
        entry = ring.state[USED]
        ring.state[USED] += 1
    bucket = (label >> ring.shift) & (len(ring.first) - 1)
    ring.entries[entry, LABEL] = label
    ring.entries[entry, NODE] = node
    ring.entries[entry, NEXT] = ring.first[bucket]
    ring.first[bucket] = entry
    ring.state[WAITING] += 1


@kernel
def dequeue(ring: Ring, bucket: int) -> int:
    """Take an entry, to be read before the next is put in, or −1 if the bucket is empty."""
    entry = ring.first[bucket]
    if entry >= 0:
        ring.first[bucket] = ring.entries[entry, NEXT]
        ring.entries[entry, NEXT] = ring.state[FREE]
        ring.state[FREE] = entry
        ring.state[WAITING] -= 1
    return int(entry)


@kernel
def in_one_pass(indptr: Ints, head: Ints, weight: Ints, places: Ints, asked: Asked) -> Longs:
    """Return the labels (n_nodes, k) of the nearest places, NO_LABEL where there are fewer.

    All places are sources of one search, which takes labels by cost.
    """
    # Every label that enters a list enters the queue once and is passed on unless a better one has
    # replaced it, so that the answer does not hang on the order in a bucket: only the work does.
    bits = asked.place_bits
    place_mask = (1 << bits) - 1
    most = ((asked.limit + 1) << bits) - 1
    labels = np.full((len(indptr) - 1, asked.k), NO_LABEL, np.int64)
    dearest = int(np.max(weight)) if len(weight) > 0 else 0
    ring = new_ring(dearest, bits, len(places) + 1024)
    for place in range(len(places)):
        if insert(labels, places[place], place, place_mask):
            enqueue(ring, place, places[place])
    bucket = 0
    while ring.state[WAITING] > 0:
        entry = dequeue(ring, bucket & (len(ring.first) - 1))
        if entry < 0:
            bucket += 1
            continue
        label, node = ring.entries[entry, LABEL], ring.entries[entry, NODE]
        if not stands(labels, node, label):
            continue
        ring = with_room(ring, indptr[node + 1] - indptr[node])
        for arc in range(indptr[node], indptr[node + 1]):
            there = label + (np.int64(weight[arc]) << bits)
            if there <= most and insert(labels, head[arc], there, place_mask):
                enqueue(ring, there, head[arc])
    return labels


@kernel
def pass_on(labels: Longs, source: int, to: int, weight: int, asked: Asked) -> None:
    """Offer the labels of a node to another over an arc."""
    place_mask = (1 << asked.place_bits) - 1
    most = ((asked.limit + 1) << asked.place_bits) - 1
    step = np.int64(weight) << asked.place_bits
    for slot in range(asked.k):
        label = labels[source, slot]
        if label == NO_LABEL or label + step > most or label + step > labels[to, asked.k - 1]:
            return
        insert(labels, to, label + step, place_mask)


@kernel
def above(arcs: Arcs, ranks: Ints) -> NDArray[np.bool_]:
    """Mark all ranks above some, these included."""
    is_above = np.zeros(len(arcs.ptr) - 1, np.bool_)
    is_above[ranks] = True
    for rank in range(len(is_above)):
        if is_above[rank]:
            for arc in range(arcs.ptr[rank], arcs.ptr[rank + 1]):
                is_above[arcs.to[arc]] = True
    return is_above


@kernel
def down_a_hierarchy(up: Arcs, down: Arcs, places: Ints, ranks: Ints, asked: Asked) -> Longs:
    """Return the labels (len(ranks), k) of the places nearest to some ranks.

    ``up`` are climbed from the places, ``down`` fallen along to the ranks.
    """
    # Invariant: climbing, a rank passes its list on when all lower ones have; falling, it has taken
    # from all higher ones.
    n = len(up.ptr) - 1
    labels = np.full((n, asked.k), NO_LABEL, np.int64)
    for place in range(len(places)):
        insert(labels, places[place], place, (1 << asked.place_bits) - 1)
    for rank in range(n):
        if labels[rank, 0] != NO_LABEL:
            for arc in range(up.ptr[rank], up.ptr[rank + 1]):
                pass_on(labels, rank, up.to[arc], up.weight[arc], asked)
    is_asked = above(down, ranks)
    for rank in range(n - 1, -1, -1):
        if is_asked[rank]:
            for arc in range(down.ptr[rank], down.ptr[rank + 1]):
                pass_on(labels, down.to[arc], rank, down.weight[arc], asked)
    return labels[ranks]
