"""The contraction of a graph, in stages: what is left is moved together between them."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from siting.model import Progress
from siting.network.csr import CsrGraph, Ints

if TYPE_CHECKING:
    from siting.network.kernels.contract import Order
    from siting.network.kernels.lists import Lists
    from siting.network.kernels.sweep import Arcs
    from siting.network.kernels.witness import Work

_SETTLE_TO_RATE = 5
_SETTLE = 60
_ROUND = 20_000
_SMALL = 2_000  # nodes that are not worth moving
_LEFT_TO_MOVE = 0.7
_ROOM = 3 / 2  # slots an arc at first

Part: TypeAlias = tuple[Ints, Ints, Ints]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """A graph on the way: ``name`` (n_nodes,) tells which node of the first each is."""

    out: "Lists"
    into: "Lists"
    work: "Work"
    order: "Order"
    name: Ints


def contracted(graph: CsrGraph, *, progress: Progress | None) -> "tuple[Ints, Arcs, Arcs]":
    """Return ranks, and the arcs out of each rank and into each rank from higher ones."""
    from siting.network.kernels import ranks  # noqa: PLC0415 - numba takes a second

    n = graph.n_nodes
    rank = np.full(n, -1, dtype=np.int32)
    ups: list[Part] = []
    downs: list[Part] = []
    stage, n_done, is_done = _first(graph), 0, False
    while not is_done:  # an empty graph has one stage too
        stage = _advanced(stage, n_done, n, progress)
        n_done += _keep(stage, rank, n_done, ups, downs)
        is_done = n_done == n
        stage = stage if is_done else _moved(stage)
    up, down = (ranks.rows(*_joined(parts), rank) for parts in (ups, downs))
    place = ranks.by_place(up, down, ranks.tree_order(up, down))
    return place[rank], ranks.moved(up, place), ranks.moved(down, place)


def _joined(parts: list[Part]) -> Part:
    tail, head, weight = (np.concatenate(part) for part in zip(*parts, strict=True))
    return tail, head, weight


def _first(graph: CsrGraph) -> Stage:
    from siting.network.kernels import contract, lists, pack, witness  # noqa: PLC0415 - as above

    n, tail, weight = graph.n_nodes, graph.tails, graph.weights.astype(np.int32)
    out, into = (lists.empty_lists(n, len(tail)) for _ in range(2))
    lists.fill(out, tail, graph.indices, weight)
    lists.fill(into, graph.indices, tail, weight)
    room = int(_ROOM * len(tail)) + 64 - len(tail)
    name = pack.breadth_first(out, into, np.ones(n, dtype=np.bool_))
    out, into = (pack.packed(arcs, name, room) for arcs in (out, into))
    work, order = witness.new_work(n), contract.new_order(n)
    rated = 0
    while rated < n:
        rated = contract.rate(out, into, work, order, rated, _SETTLE_TO_RATE)
        if rated < n:
            out, into, work = _with_room(out, into, work, order)
    contract.enqueue_all(order)
    return Stage(out=out, into=into, work=work, order=order, name=name)


def _advanced(stage: Stage, n_done: int, n: int, progress: Progress | None) -> Stage:
    """Contract until little is left."""
    from siting.network.kernels import contract  # noqa: PLC0415 - as above

    out, into, work, order = stage.out, stage.into, stage.work, stage.order
    here = len(order.rank)
    goal = here if here <= _SMALL else max(1, int((1 - _LEFT_TO_MOVE) * here))
    while (left := goal - int(order.state[contract.DONE])) > 0:
        if progress is not None:
            progress((n_done + goal - left) / n, "contracting the road graph")
        status = contract.advance(out, into, work, order, min(left, _ROUND), _SETTLE)
        if status == contract.NO_ROOM:
            out, into, work = _with_room(out, into, work, order)
    return replace(stage, out=out, into=into, work=work)


def _with_room(
    out: "Lists", into: "Lists", work: "Work", order: "Order"
) -> "tuple[Lists, Lists, Work]":
    from siting.network.kernels import contract, lists, witness  # noqa: PLC0415 - as above

    room = contract.room_wanted(out, into, order)
    return lists.with_room(out, room), lists.with_room(into, room), witness.with_room(work, room)


def _keep(stage: Stage, rank: Ints, n_done: int, ups: list[Part], downs: list[Part]) -> int:
    """Note the ranks and arcs of what has been contracted; return how many."""
    from siting.network.kernels import pack  # noqa: PLC0415 - as above

    done = np.flatnonzero(stage.order.rank >= 0).astype(np.int32)
    rank[stage.name[done]] = n_done + stage.order.rank[done]
    ups.append(pack.arcs_of(stage.out, done, stage.name))
    downs.append(pack.arcs_of(stage.into, done, stage.name))
    return len(done)


def _moved(stage: Stage) -> Stage:
    """Return what is left."""
    from siting.network.kernels import contract, pack, witness  # noqa: PLC0415 - as above

    old = stage.order
    left = np.flatnonzero(old.rank < 0).astype(np.int32)
    room = len(left) + 64
    order = contract.new_order(len(left))._replace(
        key=old.key[left], level=old.level[left], is_stale=old.is_stale[left]
    )
    contract.enqueue_all(order)
    return Stage(
        out=pack.packed(stage.out, left, room),
        into=pack.packed(stage.into, left, room),
        work=witness.new_work(len(left)),
        order=order,
        name=stage.name[left],
    )
