"""Many-to-many costs by sweeps down a contraction hierarchy, many sources side by side.

Sources stand in blocks, one lane each, and targets in parts. A part is swept for all blocks while
its costs lie in the cache. Costs are 32 bits wide, or 16 where only small ones matter.

References
----------
Delling, Goldberg, Nowatzyk and Werneck (2011): PHAST, several sources a sweep.
Delling, Goldberg and Werneck (2011): RPHAST, the sweep restricted to what leads to the targets.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.jit import FAR, kernel

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Costs: TypeAlias = NDArray[np.uint16] | NDArray[np.int32]


class Arcs(NamedTuple):
    """Arcs to nodes of higher rank, in rows by rank."""

    ptr: Ints
    to: Ints
    weight: Ints


class Risen(NamedTuple):
    """What the sources of each block reach above them.

    ``node`` are ranks, ascending in each block from ``ptr`` (n_blocks + 1,) on, and ``cost``
    (len(node), lanes) what they cost, ``least`` (len(node),) to any lane; ``far`` is the cost that
    stands for none.
    """

    ptr: Longs
    node: Ints
    cost: Costs
    least: Ints
    far: int


class Below(NamedTuple):
    """What lies above some targets, as rows of descending rank.

    ``at`` (n_nodes,) is a node's row or −1, ``node`` a row's node; ``arcs`` lead from a row to
    earlier rows.
    """

    at: Ints
    node: Ints
    arcs: Arcs


class Desk(NamedTuple):
    """Room for one thread, by node: marks (none is set), a list, and rows (all are −1)."""

    is_seen: Bools
    found: Ints
    at: Ints


@kernel
def climb(arcs: Arcs, starts: Ints, desk: Desk) -> Ints:
    """Return all nodes above the starts, these included, in ascending rank."""
    found, is_seen = desk.found, desk.is_seen
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
    nodes = np.sort(found[:count])
    for node in nodes:
        is_seen[node] = False
    return nodes


@kernel
def restrict(arcs: Arcs, targets: Ints, desk: Desk) -> Below:
    """Select what leads down to the targets; the desk's rows are in use until ``leave``."""
    node = climb(arcs, targets, desk)[::-1].copy()
    at = desk.at
    ptr = np.zeros(len(node) + 1, np.int32)
    for row in range(len(node)):
        at[node[row]] = row
        ptr[row + 1] = ptr[row] + arcs.ptr[node[row] + 1] - arcs.ptr[node[row]]
    to = np.empty(ptr[-1], np.int32)
    weight = np.empty(ptr[-1], np.int32)
    for row in range(len(node)):
        first = arcs.ptr[node[row]] - ptr[row]
        for arc in range(ptr[row], ptr[row + 1]):
            to[arc] = at[arcs.to[first + arc]]
            weight[arc] = arcs.weight[first + arc]
    return Below(at, node, Arcs(ptr, to, weight))


@kernel
def leave(below: Below) -> None:
    """Give the rows of the desk back."""
    for node in below.node:
        below.at[node] = -1


@kernel
def relax(there: Costs, here: Costs, weight: int, far: int, lanes: int) -> None:
    """Shorten the costs of a row by way of another, all lanes at once."""
    # No sum exceeds ``far``, the most that the type holds twice or, of 16 bits, once.
    # The number of lanes must be a value of run time: a constant is unrolled before the loop is
    # turned into vector instructions, which is six times slower.
    step = there.dtype.type(min(weight, far))
    most = there.dtype.type(far - step)
    for lane in range(lanes):
        there[lane] = min(there[lane], there.dtype.type(min(here[lane], most) + step))


@kernel
def rise(
    up: Arcs, sources: Ints, lanes: int, far: int, none: Costs, desk: Desk
) -> tuple[Ints, Costs]:
    """Return the nodes above the sources in ascending rank, and their costs, a lane a source.

    ``none`` is an empty array of the type of the costs.
    """
    # Invariant: when a node's turn comes, all arcs into it from below have been relaxed.
    nodes = climb(up, sources, desk)
    at = desk.at
    cost = np.empty((len(nodes), lanes), none.dtype)
    cost[:] = far
    for i in range(len(nodes)):
        at[nodes[i]] = i
    for lane in range(len(sources)):
        cost[at[sources[lane]], lane] = 0
    for i in range(len(nodes)):
        for arc in range(up.ptr[nodes[i]], up.ptr[nodes[i] + 1]):
            relax(cost[at[up.to[arc]]], cost[i], up.weight[arc], far, lanes)
    for node in nodes:
        at[node] = -1
    return nodes, cost


@kernel
def hand_down(there: Costs, here: Costs, weight: int, far: int, lanes: int) -> None:
    """Fill a row by way of another, all lanes at once."""
    step = there.dtype.type(min(weight, far))
    most = there.dtype.type(far - step)
    for lane in range(lanes):
        there[lane] = there.dtype.type(min(here[lane], most) + step)


@kernel
def seed(below: Below, risen: Risen, block: int, cost: Costs, least: Ints) -> None:
    """Set the rows that the sources of a block climbed to, and the least cost of every row."""
    least[:] = FAR
    for i in range(risen.ptr[block], risen.ptr[block + 1]):
        row = below.at[risen.node[i]]
        if row >= 0:
            for lane in range(cost.shape[1]):
                cost[row, lane] = risen.cost[i, lane]
            least[row] = risen.least[i]


@kernel
def fall(below: Below, risen: Risen, block: int, limit: int, cost: Costs, least: Ints) -> None:
    """Sweep a block down: fill ``cost`` (n_rows, lanes) where ``least`` is within the limit.

    ``least`` (n_rows,) is the least cost of any lane. Other rows are void: no way within the limit
    leads through them.
    """
    # Invariant: rows before the one at hand are final, for all arcs come from those. The least of
    # a row is the least of those it hangs from, each with its arc: the lanes need not be looked at.
    arcs, lanes, far = below.arcs, cost.shape[1], risen.far
    seed(below, risen, block, cost, least)
    for row in range(len(least)):
        for arc in range(arcs.ptr[row], arcs.ptr[row + 1]):
            above, weight = arcs.to[arc], arcs.weight[arc]
            through = least[above] + weight
            if through > limit:
                continue
            if least[row] == FAR:
                hand_down(cost[row], cost[above], weight, far, lanes)
            else:
                relax(cost[row], cost[above], weight, far, lanes)
            least[row] = min(least[row], through)
