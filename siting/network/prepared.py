"""When a matrix between places is worth a contraction hierarchy, and where it comes from."""

from typing import NamedTuple

import numpy as np

from siting.network import engines
from siting.network.costs import arriving, leaving
from siting.network.graph import RoadGraph, Weight
from siting.network.hierarchy import Hierarchy, Load, Save, prepare
from siting.network.snap import Snapped


class HierarchyStore(NamedTuple):
    """Where contraction hierarchies are kept between runs, as ``layers.cache.ArrayCache`` has them."""

    load: Load
    save: Save


def hierarchy_for(
    graph: RoadGraph,
    origins: Snapped,
    destinations: Snapped,
    *,
    weight: Weight,
    known: Hierarchy | None,
    store: HierarchyStore | None,
) -> Hierarchy | None:
    """Return the hierarchy by which a matrix between places is soonest done.

    Parameters
    ----------
    graph
        The road graph the places were snapped to.
    origins, destinations
        Snapped places.
    weight
        What is measured.
    known
        The hierarchy of graph and weight, if it is at hand.
    store
        Where one may be kept; what is built is kept there.

    Returns
    -------
    Hierarchy or None
        None where searches are as soon done: on small graphs, and for few places.
    """
    n_searches = min(
        len(np.unique(ends.node[ends.node >= 0]))
        for ends in (
            leaving(graph, origins, weight=weight),
            arriving(graph, destinations, weight=weight),
        )
    )
    arcs = graph.csr(weight)
    chosen = engines.choose("auto", arcs, n_searches=n_searches, cutoff=np.inf, hierarchy=known)
    if chosen != "hierarchy" or known is not None:
        return known
    load, save = (None, None) if store is None else store
    return prepare(arcs, load=load, save=save)
