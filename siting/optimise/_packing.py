"""Sites that keep a distance: rows of cliques for HiGHS, and a greedy first plan."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.optimise.roles import Roles


def packing_rows(
    matrix: NDArray[np.float64], distance: float, role: Roles, most: int
) -> tuple[sparse.csr_array, NDArray[np.float64]]:
    """Return cliques of sites too near to each other, the count, and the roles, as rows."""
    m = len(matrix)
    near = (matrix < distance) & role.is_allowed & role.is_allowed[:, None]
    np.fill_diagonal(near, val=False)
    cliques = _cliques(near)
    row = np.repeat(np.arange(len(cliques)), [len(c) for c in cliques])
    column = np.concatenate(cliques) if cliques else np.zeros(0, dtype=int)
    apart = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(cliques), m))
    count = sparse.csr_array(np.ones((1, m)))
    rows = sparse.vstack([apart, count, sparse.eye_array(m)])
    high = np.r_[np.ones(len(cliques)), float(most), role.is_allowed.astype(float)]
    return sparse.csr_array(rows), high


def _cliques(near: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Cover all pairs that are too near by cliques: far fewer and far tighter rows than pairs."""
    left = np.triu(near)
    cliques = []
    for i, j in np.argwhere(left):
        if not left[i, j]:
            continue
        members, common = [i, j], near[i] & near[j]
        while common.any():
            k = int(common.argmax())
            members.append(k)
            common &= near[k]
        clique = np.array(sorted(members), dtype=np.int64)
        left[np.ix_(clique, clique)] = False
        cliques.append(clique)
    return cliques


def spread_out(
    matrix: NDArray[np.float64],
    distance: float,
    role: Roles,
    worth: NDArray[np.float64],
    most: int,
) -> NDArray[np.int64]:
    """Take sites that bar the least weight of others, those kept open first."""
    near = matrix < distance
    np.fill_diagonal(near, val=False)
    chosen: list[int] = np.flatnonzero(role.is_kept_open).tolist()
    free = role.is_allowed & ~role.is_kept_open & ~near[:, chosen].any(axis=1)
    while free.any() and len(chosen) < most:
        rate = worth / (1.0 + near[:, free] @ worth[free])
        j = int(np.where(free, rate, -1.0).argmax())
        chosen.append(j)
        free &= ~near[j]
        free[j] = False
    return np.array(sorted(chosen), dtype=np.int64)
