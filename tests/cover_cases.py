"""Small coverage questions for the tests of roll-out, robust, Pareto and curve models."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from siting.optimise.roles import SiteRole


@st.composite
def covers(draw: st.DrawFn, *, most_points: int = 7, most_sites: int = 5) -> NDArray[np.bool_]:
    """Draw which site serves which point; some points may have none."""
    n, m = draw(st.integers(1, most_points)), draw(st.integers(1, most_sites))
    rows = st.lists(st.booleans(), min_size=m, max_size=m)
    return np.array(draw(st.lists(rows, min_size=n, max_size=n)), dtype=bool)


def amounts(n: int, *, least: int = 0, most: int = 9) -> st.SearchStrategy[list[int]]:
    """Draw n whole numbers."""
    return st.lists(st.integers(least, most), min_size=n, max_size=n)


@st.composite
def demands(draw: st.DrawFn, n: int, columns: int) -> NDArray[np.float64]:
    """Draw demand (n, columns) with some demand in every column."""
    table = np.array([draw(amounts(n)) for _ in range(columns)], dtype=float).T
    table[0] += 1.0
    return table


@st.composite
def role_numbers(draw: st.DrawFn, n: int) -> list[int]:
    """Draw a role for each site, most of them free to choose."""
    kinds = [SiteRole.CANDIDATE] * 3 + [SiteRole.REQUIRED, SiteRole.EXISTING, SiteRole.FORBIDDEN]
    return [int(draw(st.sampled_from(kinds))) for _ in range(n)]


def plans(roles: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every set of open sites that keeps the roles."""
    fixed = [j for j, r in enumerate(roles) if r in {SiteRole.REQUIRED, SiteRole.EXISTING}]
    free = [j for j, r in enumerate(roles) if r == SiteRole.CANDIDATE]
    for k in range(len(free) + 1):
        for some in itertools.combinations(free, k):
            yield tuple(sorted((*fixed, *some)))


def served(table: NDArray[np.bool_], demand: NDArray[np.float64], sites: Sequence[int]) -> float:
    """Add up the demand of points with an open site."""
    return float(demand[table[:, list(sites)].any(axis=1)].sum())


def price(cost: Sequence[float], roles: Sequence[int], sites: Sequence[int]) -> float:
    """Add up the cost of open sites that were not there before."""
    return float(sum(cost[j] for j in sites if roles[j] != SiteRole.EXISTING))
