"""Coverage in general: a unit of demand has ways, a way needs sets, a set needs one open site.

A unit is served when one of its ways is open; a way is open when every set it needs holds an
open site. A demand point is one way with one set, the sites within reach. A trip is one way a
route with one set a stretch of road, the sites that could have filled the tank before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """What serves each unit of demand, on sparse arrays of 0 and 1.

    Parameters
    ----------
    sets
        Sites that make up each set, ``(n_sets, n_sites)``.
    needs
        Sets that each way needs, ``(n_ways, n_sets)``, at least one a way.
    unit
        The unit that each way serves, ``(n_ways,)``. A unit without ways is never served.
    n_units
        Number of units of demand.
    """

    sets: sparse.csr_array
    needs: sparse.csr_array
    unit: IntArray
    n_units: int

    @property
    def n_sites(self) -> int:
        """Number of candidate sites."""
        return int(self.sets.shape[1])

    @property
    def n_ways(self) -> int:
        """Number of ways of all units together."""
        return len(self.unit)

    @property
    def can_serve(self) -> BoolArray:
        """Whether each unit is served when every site is open, ``(n_units,)``."""
        possible = np.zeros(self.n_units, dtype=bool)
        possible[self.unit] = True
        return possible


def point_coverage(covers: sparse.csr_array) -> Coverage:
    """Return the coverage of points, each served by any of its sites.

    Parameters
    ----------
    covers
        Which site serves which point, ``(n_points, n_sites)``.

    Returns
    -------
    Coverage
        One way with one set a point; none where no site serves it.
    """
    ways = [[[part.tolist()]] if len(part) else [] for part in _rows(covers)]
    return way_coverage(ways, n_sites=covers.shape[1])


def way_coverage(units: Sequence[Iterable[Iterable[Iterable[int]]]], *, n_sites: int) -> Coverage:
    """Return the coverage of units given as ways of sets of sites.

    Parameters
    ----------
    units
        For each unit its ways, for each way its sets, for each set its sites.
    n_sites
        Number of candidate sites.

    Returns
    -------
    Coverage
        Without ways that nothing can open (an empty set) and without sets that another set of
        the same way implies. A way without sets is refused: it would be open by itself.
    """
    numbers: dict[frozenset[int], int] = {}
    unit: list[int] = []
    needs: list[list[int]] = []
    for u, ways in enumerate(units):
        for way in ways:
            essential = _essential(way)
            if frozenset() in essential:
                continue
            needs.append([numbers.setdefault(s, len(numbers)) for s in essential])
            unit.append(u)
    return Coverage(
        sets=_incidence([sorted(s) for s in numbers], n_sites),
        needs=_incidence([sorted(way) for way in needs], len(numbers)),
        unit=np.array(unit, dtype=np.int64),
        n_units=len(units),
    )


def is_served(coverage: Coverage, sites: IntArray) -> BoolArray:
    """Return whether each unit is served by the open sites, ``(n_units,)``."""
    served = np.zeros(coverage.n_units, dtype=bool)
    served[coverage.unit[open_ways(coverage, sites)]] = True
    return served


def open_ways(coverage: Coverage, sites: IntArray) -> BoolArray:
    """Return whether each way is open with these sites, ``(n_ways,)``."""
    is_open = np.zeros(coverage.n_sites)
    is_open[sites] = 1.0
    missed = (coverage.sets @ is_open < 0.5).astype(float)  # noqa: PLR2004 - whole numbers
    closed: FloatArray = coverage.needs @ missed
    return closed < 0.5  # noqa: PLR2004


def merge(coverage: Coverage, weight: FloatArray) -> tuple[Coverage, FloatArray]:
    """Merge units with the same ways, and drop those that weigh nothing or cannot be served.

    Parameters
    ----------
    coverage
        The units.
    weight
        What each unit weighs in each column, ``(n_units, n_columns)``, ≥ 0.

    Returns
    -------
    Coverage, ndarray
        Classes of units and their weights; the order is that of their first units.
    """
    ways_of: list[list[int]] = [[] for _ in range(coverage.n_units)]
    for way, u in enumerate(coverage.unit.tolist()):
        ways_of[u].append(way)
    needs = [tuple(part.tolist()) for part in _rows(coverage.needs)]
    numbers: dict[tuple[tuple[int, ...], ...], int] = {}
    into = np.full(coverage.n_units, -1, dtype=np.int64)
    for u in np.flatnonzero(weight.any(axis=1)).tolist():
        if ways_of[u]:
            key = tuple(sorted({needs[way] for way in ways_of[u]}))
            into[u] = numbers.setdefault(key, len(numbers))
    kept = into >= 0
    columns = [
        np.bincount(into[kept], weights=column[kept], minlength=len(numbers))
        for column in weight.T
    ]
    flat = [(k, way) for k, ways in enumerate(numbers) for way in ways]
    merged = Coverage(
        sets=coverage.sets,
        needs=_incidence([list(way) for _, way in flat], coverage.needs.shape[1]),
        unit=np.array([k for k, _ in flat], dtype=np.int64),
        n_units=len(numbers),
    )
    return merged, np.stack(columns, axis=1)


def _essential(way: Iterable[Iterable[int]]) -> list[frozenset[int]]:
    """Drop sets that contain another set: an open site in the smaller is one in the larger."""
    sets = sorted({frozenset(s) for s in way}, key=lambda s: (len(s), sorted(s)))
    if not sets:
        raise _bad("way", "needs no site at all", "no set")
    kept: list[frozenset[int]] = []
    for s in sets:
        if not any(smaller <= s for smaller in kept):
            kept.append(s)
    return kept


def _rows(matrix: sparse.csr_array) -> list[NDArray[np.int64]]:
    return np.split(matrix.indices, matrix.indptr[1:-1])[: matrix.shape[0]]


def _incidence(rows: list[list[int]], n_columns: int) -> sparse.csr_array:
    pointers = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    indices = np.array([j for row in rows for j in row], dtype=np.int64)
    return sparse.csr_array(
        (np.ones(len(indices)), indices, pointers), shape=(len(rows), n_columns)
    )


def _bad(where: str, what: str, got: str) -> ModelError:
    return ModelError(Problem(where=f"coverage, {where}", what=what, got=got))
