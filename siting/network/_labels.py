"""The k nearest destinations: in one pass by labels, or from the costs of all destinations."""

import numpy as np

from siting.network import engines
from siting.network.csr import CsrGraph, Ints, Longs
from siting.network.engines import Engine, Floats

_COST_BITS = 30
_KEY_BITS = 63
_AT_ONCE = 64


def widths(n_nodes: int, n_places: int) -> tuple[int, int] | None:
    """Return the bits of node and place numbers in a heap key, None if they do not fit."""
    bits = max(n_nodes - 1, 1).bit_length(), max(n_places - 1, 1).bit_length()
    return bits if sum(bits) + _COST_BITS <= _KEY_BITS else None


def in_one_pass(
    against: CsrGraph,
    origins: Ints,
    places: Ints,
    *,
    k: int,
    cutoff: float,
    bits: tuple[int, int],
) -> tuple[Floats, Longs]:
    """Return costs and positions (n_origins, k) by one search from all places at once."""
    from siting.network.kernels import nearest  # noqa: PLC0415 - numba takes a second

    weight = against.weights.astype(np.int32)
    limit = engines.whole_limit(cutoff)
    labels = nearest.nearest_labels(
        against.indptr, against.indices, weight, places, k, limit, bits
    )[origins]
    is_none = labels == nearest.NO_LABEL
    place = np.where(is_none, -1, labels & ((1 << bits[1]) - 1))
    return np.where(is_none, np.nan, labels >> bits[1]), place


def one_by_one(
    against: CsrGraph,
    origins: Ints,
    places: Ints,
    *,
    k: int,
    cutoff: float,
    engine: Engine,
) -> tuple[Floats, Longs]:
    """Return costs and positions (n_origins, k) by a search from each place."""
    best = np.full((len(origins), k), np.inf)
    which = np.full((len(origins), k), -1, dtype=np.int64)
    for start in range(0, len(places), _AT_ONCE):
        part = places[start : start + _AT_ONCE]
        if engine == "scipy":
            found = engines.dense_scipy(against, part, origins, cutoff=cutoff).T
        else:
            found = engines.dense_dijkstra(against, part, origins, cutoff=cutoff, progress=None).T
        number = np.where(np.isnan(found), -1, start + np.arange(len(part)))
        costs = np.concatenate([best, np.where(np.isnan(found), np.inf, found)], axis=1)
        numbers = np.concatenate([which, number], axis=1)
        # Stable, and places come in order: of equals the first given stays first.
        order = np.argsort(costs, axis=1, kind="stable")[:, :k]
        best = np.take_along_axis(costs, order, axis=1)
        which = np.take_along_axis(numbers, order, axis=1)
    return np.where(np.isinf(best), np.nan, best), which
