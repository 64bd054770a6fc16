"""Which roads of an extract can be reached there and back: places must hang on these."""

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layers._osm_city import City


@lru_cache(maxsize=4)
def connected_nodes(city: City) -> NDArray[np.bool_]:
    """Tell which road nodes (n) lie in the largest part that motor vehicles reach there and back."""
    nodes, edges = city.roads
    is_open = _is_open(edges)
    start, stop = (ends[is_open] for ends in ends_of(city))
    both = edges["oneway"].to_numpy()[is_open] != 1
    tail, head = np.concatenate([start, stop[both]]), np.concatenate([stop, start[both]])
    matrix = csr_array((np.ones(len(tail), np.int8), (tail, head)), shape=(len(nodes), len(nodes)))
    _, part = connected_components(matrix, directed=True, connection="strong")
    sizes = np.bincount(part, minlength=1)
    return np.asarray(part == np.argmax(sizes), np.bool_)


def connected_edges(city: City) -> NDArray[np.bool_]:
    """Tell which road edges (m) are open and have both ends in that part."""
    inside = connected_nodes(city)
    start, stop = ends_of(city)
    return np.asarray(inside[start] & inside[stop] & _is_open(city.roads[1]), np.bool_)


def ends_of(city: City) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the row numbers (m) of the nodes where each edge starts and stops."""
    nodes, edges = city.roads
    index = pd.Index(nodes["id"])
    return index.get_indexer(edges["from_id"]), index.get_indexer(edges["to_id"])


def _is_open(edges: pd.DataFrame) -> NDArray[np.bool_]:
    if "motor_vehicle" not in edges:
        return np.ones(len(edges), dtype=np.bool_)
    return np.asarray(edges["motor_vehicle"] != "no", np.bool_)
