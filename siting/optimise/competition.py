"""Demand shared with competitors: who keeps which point, or which share of it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.optimise._inputs import Matrix, read_amounts, read_costs
from siting.optimise.roles import Roles

Rule = Literal["nearest", "huff"]
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Competition:
    """How a point within reach of us and of competitors is shared.

    Parameters
    ----------
    cost
        What going there costs, ``(n_demand, n_sites)`` ≥ 0, competitors' columns included; NaN
        or missing pairs: unreachable.
    rule
        ``nearest``: the nearest site takes the whole point, and a tie stays with the competitor.
        ``huff``: every open site within reach, ours or theirs, takes its share of
        ``attractiveness / cost ** decay``.
    attractiveness
        ``(n_sites,)`` > 0, e.g. dispensers or berths; None is 1 each. For ``huff`` only.
    decay
        λ of ``huff``, > 0.

    References
    ----------
    ReVelle (1986), The maximum capture or "sphere of influence" location problem. Huff (1964),
    Defining and estimating a trading area.
    """

    cost: object
    rule: Rule = "nearest"
    attractiveness: ArrayLike | None = None
    decay: float = 1.0


def is_shared(competition: Competition | None, *, where: str) -> bool:
    """Return whether points are shared by Huff's rule; refuse a rule that there is not."""
    rule = "nearest" if competition is None else competition.rule
    if rule not in {"nearest", "huff"}:
        raise ModelError(
            Problem(
                where=f"{where}, rule",
                what="no such rule",
                got=str(rule),
                expected="nearest or huff",
            )
        )
    return rule == "huff"


def captured_cover(
    covers: sparse.csr_array, role: Roles, competition: Competition | None, *, where: str
) -> sparse.csr_array:
    """Return which of our sites win which point: nearer than any competitor that covers it.

    Without costs all sites within reach are equally near, and the tie stays with the competitor.
    """
    if not role.is_competitor.any():
        return covers
    row, column = np.repeat(np.arange(covers.shape[0]), np.diff(covers.indptr)), covers.indices
    value = np.zeros(len(row))
    if competition is not None:
        value = _costs_at(covers, competition, where=where)
    theirs = role.is_competitor[column]
    best = np.full(covers.shape[0], np.inf)
    np.minimum.at(best, row[theirs], value[theirs])
    wins = ~theirs & (value < best[row])
    entries = (np.ones(int(wins.sum()), dtype=np.int8), (row[wins], column[wins]))
    return sparse.csr_array(entries, shape=covers.shape)


def pulls(covers: sparse.csr_array, competition: Competition, *, where: str) -> sparse.csr_array:
    """Return the pull ``attractiveness / cost ** decay`` of each site on each point it covers.

    Raises
    ------
    ModelError
        If attractiveness or decay are not above 0, or a cost is 0 or unknown: its pull would be
        without limit or nothing.
    """
    if not (np.isfinite(competition.decay) and competition.decay > 0):
        raise ModelError(
            Problem(where=f"{where}, decay", what="not above 0", got=str(competition.decay))
        )
    appeal = _appeal(competition, covers.shape[1], where)
    value = _costs_at(covers, competition, where=where)
    if not (value > 0).all():
        raise ModelError(
            Problem(
                where=f"{where}, competition",
                what="a cost of 0 draws without limit",
                got=f"{int((value <= 0).sum())} pairs",
                expected="costs > 0",
                mend="Set a least cost, e.g. numpy.maximum(cost, 1).",
            )
        )
    with np.errstate(over="ignore"):
        pull = appeal[covers.indices] / value**competition.decay
    if not (np.isfinite(pull) & (pull > 0)).all():
        raise ModelError(
            Problem(
                where=f"{where}, decay",
                what="the pull of some sites is too large or too small to count with",
                got=str(competition.decay),
                mend="Lower the decay, or give costs in a larger unit.",
            )
        )
    return sparse.csr_array((pull, covers.indices, covers.indptr), shape=covers.shape)


def _appeal(competition: Competition, n_sites: int, where: str) -> NDArray[np.float64]:
    appeal = read_amounts(competition.attractiveness, n_sites, where=where, name="attractiveness")
    if not (appeal > 0).all():
        raise ModelError(
            Problem(
                where=f"{where}, attractiveness",
                what="a site that attracts nobody",
                got=f"0 at {int(np.flatnonzero(appeal == 0)[0])}",
                expected="numbers > 0",
                mend="Forbid the site, or leave it out.",
            )
        )
    return appeal


def _costs_at(
    covers: sparse.csr_array, competition: Competition, *, where: str
) -> NDArray[np.float64]:
    """Return the cost of each covered pair; a site that covers a point must be reachable."""
    matrix = read_costs(competition.cost, where=where)
    if matrix.shape != covers.shape:
        raise ModelError(
            Problem(
                where=f"{where}, competition",
                what="costs of another size than covers",
                got=str(matrix.shape),
                expected=str(covers.shape),
            )
        )
    row = np.repeat(np.arange(covers.shape[0]), np.diff(covers.indptr))
    value = _at(matrix, row, covers.indices)
    lost = np.flatnonzero(~np.isfinite(value))
    if len(lost):
        points = ", ".join(map(str, np.unique(row[lost])[:_SHOWN]))
        raise ModelError(
            Problem(
                where=f"{where}, competition",
                what=f"{len(lost)} pairs that cover and have no cost",
                got=f"points {points}",
                expected="a cost of every covered pair",
            )
        )
    return value


def _at(matrix: Matrix, row: NDArray[np.int64], column: NDArray[np.int32]) -> NDArray[np.float64]:
    if not sparse.issparse(matrix):
        return np.asarray(matrix[row, column], dtype=float)
    stored = sparse.csr_array(matrix)
    stored.sort_indices()
    wide = np.int64(matrix.shape[1])
    of = np.repeat(np.arange(matrix.shape[0]), np.diff(stored.indptr)) * wide + stored.indices
    asked = row.astype(np.int64) * wide + column
    at = np.minimum(np.searchsorted(of, asked), max(len(of) - 1, 0))
    is_there = of[at] == asked if len(of) else np.zeros(len(asked), dtype=bool)
    found = np.full(len(asked), np.inf)
    found[is_there] = stored.data[at[is_there]]
    return found
