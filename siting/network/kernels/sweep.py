"""Many-to-many costs by sweeps down a contraction hierarchy, many sources side by side.

References
----------
Delling, Goldberg, Nowatzyk and Werneck (2011): PHAST, several sources a sweep.
Delling, Goldberg and Werneck (2011): RPHAST, the sweep restricted to what leads to the targets.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.heap import grown
from siting.network.kernels.jit import FAR, kernel

Ints = NDArray[np.int32]


class Arcs(NamedTuple):
    """Arcs to nodes of higher rank, in rows by rank."""

    ptr: Ints
    to: Ints
    weight: Ints


class Below(NamedTuple):
    """The part of a hierarchy from which targets hang, each row after those it hangs from.

    ``at`` (n_nodes,) is a node's row or −1; ``arcs`` lead from a row to rows above it; ``target``
    are the rows of the targets.
    """

    at: Ints
    arcs: Arcs
    target: Ints


@kernel
def climb(arcs: Arcs, starts: Ints, is_seen: NDArray[np.bool_], found: Ints) -> int:
    """Collect all nodes above the starts, these included, and mark them; return how many."""
    count = 0
    for start in starts:
        if not is_seen[start]:
            is_seen[start] = True
            found[count] = start
            count += 1
    head = 0
    while head < count:
        node = found[head]
        head += 1
        for arc in range(arcs.ptr[node], arcs.ptr[node + 1]):
            to = arcs.to[arc]
            if not is_seen[to]:
                is_seen[to] = True
                found[count] = to
                count += 1
    return count


@kernel
def dig(arcs: Arcs, start: int, at: Ints, found: Ints, count: int) -> int:
    """Give rows to the nodes above a start that have none, each after all above it."""
    # Depth first, so that a row stands close to those it hangs from. ``at`` is −1 for nodes not
    # met, −2 for those on the stack; the stack grows down from the end of ``found``, which both
    # share, since a node is in one of them at most.
    if at[start] != -1:
        return count
    arc_of = np.empty(64, np.int64)
    top = len(found) - 1
    found[top] = start
    depth = 0
    arc_of[0] = arcs.ptr[start]
    at[start] = -2
    while depth >= 0:
        node = found[top]
        arc = arc_of[depth]
        while arc < arcs.ptr[node + 1] and at[arcs.to[arc]] != -1:
            arc += 1
        if arc == arcs.ptr[node + 1]:
            top += 1
            depth -= 1
            at[node] = count
            found[count] = node
            count += 1
            continue
        arc_of[depth] = arc + 1
        depth += 1
        if depth == len(arc_of):
            arc_of = grown(arc_of)
        top -= 1
        found[top] = arcs.to[arc]
        at[found[top]] = -2
        arc_of[depth] = arcs.ptr[found[top]]
    return count


@kernel
def restrict(arcs: Arcs, targets: Ints, order: NDArray[np.int64]) -> Below:
    """Select what leads down to the targets, which are taken up in the given order."""
    n = len(arcs.ptr) - 1
    at = np.full(n, -1, np.int32)
    found = np.empty(n, np.int32)
    count = 0
    for i in order:
        count = dig(arcs, targets[i], at, found, count)
    ptr = np.zeros(count + 1, np.int32)
    for row in range(count):
        node = found[row]
        ptr[row + 1] = ptr[row] + arcs.ptr[node + 1] - arcs.ptr[node]
    to = np.empty(ptr[count], np.int32)
    weight = np.empty(ptr[count], np.int32)
    for row in range(count):
        first = arcs.ptr[found[row]] - ptr[row]
        for arc in range(ptr[row], ptr[row + 1]):
            to[arc] = at[arcs.to[first + arc]]
            weight[arc] = arcs.weight[first + arc]
    return Below(at, Arcs(ptr, to, weight), at[targets])


@kernel
def relax(there: Ints, here: Ints, weight: int, lanes: int) -> None:
    """Shorten the costs of a row by way of another, all lanes at once."""
    # The number of lanes must be a value of run time: a constant is unrolled before the loop is
    # turned into vector instructions, which is six times slower.
    step = np.int32(weight)
    for lane in range(lanes):
        there[lane] = min(there[lane], np.int32(here[lane] + step))


@kernel
def rise(
    up: Arcs, sources: Ints, lanes: int, is_seen: NDArray[np.bool_], found: Ints, place: Ints
) -> tuple[Ints, Ints]:
    """Return the nodes above the sources in ascending rank, and their costs a lane."""
    # Invariant: when a node's turn comes, all arcs into it from below have been relaxed.
    count = climb(up, sources, is_seen, found)
    nodes = np.sort(found[:count])
    cost = np.full((count, lanes), FAR, np.int32)
    for i in range(count):
        place[nodes[i]] = i
        is_seen[nodes[i]] = False
    for lane in range(len(sources)):
        cost[place[sources[lane]], lane] = 0
    for i in range(count):
        for arc in range(up.ptr[nodes[i]], up.ptr[nodes[i] + 1]):
            relax(cost[place[up.to[arc]]], cost[i], up.weight[arc], lanes)
    return nodes, cost


@kernel
def is_within(row: Ints, limit: int, lanes: int) -> bool:
    """Tell whether any lane of a row is within the limit."""
    least = FAR
    for lane in range(lanes):
        least = min(least, row[lane])
    return bool(least <= limit)


@kernel
def fall(
    below: Below,
    nodes: Ints,
    risen: Ints,
    limit: int,
    cost: Ints,
    is_live: NDArray[np.bool_],
) -> None:
    """Sweep from the top down: fill ``cost`` (n_rows, lanes) where ``is_live``, elsewhere it is void.

    A row is live where some lane is within the limit: no way within it leads through the others.
    """
    # Invariant: rows above the one at hand are final, for all arcs come from above.
    lanes = cost.shape[1]
    arcs = below.arcs
    is_live[:] = False
    for i in range(len(nodes)):
        row = below.at[nodes[i]]
        if row >= 0:
            is_live[row] = True
            for lane in range(lanes):
                cost[row, lane] = risen[i, lane]
    for row in range(len(arcs.ptr) - 1):
        here = cost[row]
        is_started = is_live[row]
        for arc in range(arcs.ptr[row], arcs.ptr[row + 1]):
            above = arcs.to[arc]
            if is_live[above]:
                if not is_started:
                    here[:] = FAR
                    is_started = True
                relax(here, cost[above], arcs.weight[arc], lanes)
        is_live[row] = is_started and is_within(here, limit, lanes)


class Desk(NamedTuple):
    """Room for one thread: marks and places by node, costs (n_rows, lanes) and marks by row."""

    is_seen: NDArray[np.bool_]
    found: Ints
    place: Ints
    cost: Ints
    is_live: NDArray[np.bool_]


@kernel
def sweep(up: Arcs, below: Below, sources: Ints, limit: int, desk: Desk) -> None:
    """Rise from as many sources as there are lanes, or fewer, and fall to the targets."""
    lanes = desk.cost.shape[1]
    nodes, risen = rise(up, sources, lanes, desk.is_seen, desk.found, desk.place)
    fall(below, nodes, risen, limit, desk.cost, desk.is_live)


@kernel
def sweep_dense(
    up: Arcs,
    below: Below,
    sources: Ints,
    columns: NDArray[np.int64],
    limit: int,
    desk: Desk,
    out: NDArray[np.float64],
) -> None:
    """Fill columns of ``out`` (n_targets, any), one a source; NaN beyond the limit."""
    sweep(up, below, sources, limit, desk)
    for j in range(len(below.target)):
        row = below.target[j]
        here = desk.cost[row]
        is_live = desk.is_live[row]
        for lane in range(len(sources)):
            is_near = is_live and here[lane] <= limit
            out[j, columns[lane]] = here[lane] if is_near else np.nan


@kernel
def sweep_sparse(
    up: Arcs,
    below: Below,
    sources: Ints,
    limit: int,
    desk: Desk,
    found: tuple[NDArray[np.uint8], NDArray[np.uint8], Ints],
) -> int:
    """List what is within the limit, target by target; return how many pairs.

    ``found`` are the number of pairs a target (n_targets,), their lanes and their costs.
    """
    sweep(up, below, sources, limit, desk)
    counts, lanes, cost = found
    at = 0
    for j in range(len(below.target)):
        before = at
        if desk.is_live[below.target[j]]:
            here = desk.cost[below.target[j]]
            for lane in range(len(sources)):
                # Written always and kept if near: no branch that the processor must guess.
                lanes[at] = lane
                cost[at] = here[lane]
                at += 1 if here[lane] <= limit else 0
        counts[j] = at - before
    return at
