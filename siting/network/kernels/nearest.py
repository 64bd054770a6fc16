"""The k nearest places of every node in one pass, k labels a node.

All places are sources of one search against the arcs. A node passes on only labels that are among
its own k best: whoever reaches a further place through it reaches those k sooner.
"""

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.heap import grown, pop, push
from siting.network.kernels.jit import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

NO_LABEL = np.int64(2**63 - 1)


@kernel
def insert(labels: Longs, node: int, n_final: int, label: int, place_mask: int) -> bool:
    """Put a label (cost, place) into a node's list if it is among the k best."""
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
    while at > n_final and labels[node, at - 1] > label:
        labels[node, at] = labels[node, at - 1]
        at -= 1
    labels[node, at] = label
    return True


@kernel
def nearest_labels(
    indptr: Ints,
    head: Ints,
    weight: Ints,
    places: Ints,
    k: int,
    limit: int,
    bits: tuple[int, int],
) -> Longs:
    """Return the labels (n_nodes, k) of the k nearest places, NO_LABEL where there are fewer.

    A label is cost << place bits | place. ``bits`` are the widths of node and place numbers; with
    the 30 bits of a cost they fill 63.
    """
    # Invariant: keys (cost, place, node) pop in order, so that the label popped is the first of
    # its node's list that is not final, or has been replaced by a better one and is skipped.
    n = len(indptr) - 1
    node_bits, place_bits = bits
    node_mask = (1 << node_bits) - 1
    place_mask = (1 << place_bits) - 1
    most = ((limit + 1) << place_bits) - 1
    labels = np.full((n, k), NO_LABEL, np.int64)
    n_final = np.zeros(n, np.int32)
    heap = np.empty(n + len(places) + 16, np.int64)
    size = 0
    for place in range(len(places)):
        if insert(labels, places[place], 0, place, place_mask):
            push(heap, size, (place << node_bits) | places[place])
            size += 1
    while size > 0:
        key = pop(heap, size)
        size -= 1
        node = key & node_mask
        label = key >> node_bits
        final = n_final[node]
        if final == k or labels[node, final] != label:
            continue
        n_final[node] = final + 1
        while size + indptr[node + 1] - indptr[node] > len(heap):
            heap = grown(heap)
        for arc in range(indptr[node], indptr[node + 1]):
            to = head[arc]
            there = label + (int(weight[arc]) << place_bits)
            if there <= most and insert(labels, to, n_final[to], there, place_mask):
                push(heap, size, (there << node_bits) | to)
                size += 1
    return labels
