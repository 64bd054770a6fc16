"""What is asked of the engines, checked: the graph, the nodes and the cutoff."""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from siting.errors import NetworkError, Problem
from siting.network.csr import CsrGraph, Ints, Longs
from siting.network.graph import RoadGraph, Weight

AnyGraph: TypeAlias = RoadGraph | CsrGraph


def as_csr(graph: AnyGraph, weight: Weight | None) -> CsrGraph:
    """Return the arcs of a graph under a weight."""
    if isinstance(graph, RoadGraph):
        return graph.csr(weight or "time_ds")
    if weight is not None:
        refuse("weight", "plain arcs have but one", str(weight), "None")
    return graph


def nodes_of(graph: CsrGraph, name: str, nodes: ArrayLike) -> Ints:
    """Return node indices as they should be, or refuse them."""
    index = np.asarray(nodes)
    if index.ndim != 1 or (len(index) and not np.issubdtype(index.dtype, np.integer)):
        refuse(name, "not node indices", str(index.dtype), "whole numbers (n,)")
    wrong = index[(index < 0) | (index >= graph.n_nodes)]
    if len(wrong):
        refuse(name, "node index out of range", str(wrong[0]), f"0…{graph.n_nodes - 1}")
    return index.astype(np.int32)


def limit_of(cutoff: float | None) -> float:
    """Return the largest cost that counts."""
    if cutoff is not None and not cutoff >= 0:
        refuse("cutoff", "not a cost", str(cutoff), "a number ≥ 0 or None")
    return np.inf if cutoff is None else float(cutoff)


def refuse(where: str, what: str, got: str, expected: str) -> None:
    """Raise what a caller can mend."""
    raise NetworkError(
        Problem(where=f"network costs, {where}", what=what, got=got, expected=expected)
    )


def thinned(nodes: Ints) -> tuple[Ints, Longs]:
    """Return the nodes without repetition, in the order given, and which of them stands where."""
    unique, first, inverse = np.unique(nodes, return_index=True, return_inverse=True)
    if len(unique) == len(nodes):
        return nodes, np.arange(len(nodes))
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return unique[order], place[inverse]
