"""The k nearest destinations: by labels, or from the costs of all destinations."""

from typing import TYPE_CHECKING

import numpy as np

from siting.network import _sweeps, engines
from siting.network.csr import CsrGraph, Ints, Longs
from siting.network.engines import Floats
from siting.network.hierarchy import Hierarchy

if TYPE_CHECKING:
    from siting.network.kernels.nearest import Asked

_AT_ONCE = 64


def in_one_pass(
    against: CsrGraph, origins: Ints, places: Ints, *, k: int, cutoff: float
) -> tuple[Floats, Longs]:
    """Return costs and positions (n_origins, k) by one search from all places at once."""
    from siting.network.kernels import nearest  # noqa: PLC0415 - numba takes a second

    weight, asked = against.weights.astype(np.int32), _asked(places, k=k, cutoff=cutoff)
    labels = nearest.in_one_pass(against.indptr, against.indices, weight, places, asked)
    return _told(labels[origins], asked)


def down_a_hierarchy(
    hierarchy: Hierarchy, origins: Ints, places: Ints, *, k: int, cutoff: float
) -> tuple[Floats, Longs]:
    """Return costs and positions (n_origins, k) by one sweep of labels, against the arcs."""
    from siting.network.kernels import nearest  # noqa: PLC0415 - numba takes a second

    up, down = _sweeps.arcs(hierarchy, is_turned=True)
    asked, rank = _asked(places, k=k, cutoff=cutoff), hierarchy.rank
    return _told(nearest.down_a_hierarchy(up, down, rank[places], rank[origins], asked), asked)


def _asked(places: Ints, *, k: int, cutoff: float) -> "Asked":
    from siting.network.kernels import nearest  # noqa: PLC0415 - as above

    bits = max(len(places) - 1, 1).bit_length()
    return nearest.Asked(k, engines.whole_limit(cutoff), bits)


def _told(labels: Longs, asked: "Asked") -> tuple[Floats, Longs]:
    from siting.network.kernels import nearest  # noqa: PLC0415 - as above

    is_none = labels == nearest.NO_LABEL
    place = np.where(is_none, -1, labels & ((1 << asked.place_bits) - 1))
    return np.where(is_none, np.nan, labels >> asked.place_bits), place


def one_by_one(
    against: CsrGraph, origins: Ints, places: Ints, *, k: int, cutoff: float
) -> tuple[Floats, Longs]:
    """Return costs and positions (n_origins, k) by a search from each place."""
    best = np.full((len(origins), k), np.inf)
    which = np.full((len(origins), k), -1, dtype=np.int64)
    for start in range(0, len(places), _AT_ONCE):
        part = places[start : start + _AT_ONCE]
        found = engines.dense_scipy(against, part, origins, cutoff=cutoff).T
        number = np.where(np.isnan(found), -1, start + np.arange(len(part)))
        costs = np.concatenate([best, np.where(np.isnan(found), np.inf, found)], axis=1)
        numbers = np.concatenate([which, number], axis=1)
        # Stable, and places come in order: of equals the first given stays first.
        order = np.argsort(costs, axis=1, kind="stable")[:, :k]
        best = np.take_along_axis(costs, order, axis=1)
        which = np.take_along_axis(numbers, order, axis=1)
    return np.where(np.isinf(best), np.nan, best), which
