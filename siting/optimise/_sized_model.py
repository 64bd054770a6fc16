"""Sizes at sites and shares of demand as a mixed-integer model, all in shares of the whole demand."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.optimise._highs import MixedIntegerModel

ROUNDING = 1e-7
"""Share of all demand that counts as equal, and by which a limit may be passed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """Rows of sizes (r), pairs of demand class and site (k), all in shares of the whole demand.

    ``pays`` is 0 for rows of existing sites; ``limits`` are rows of a matrix over r with their most.
    """

    site: NDArray[np.int64]
    room: NDArray[np.float64]
    price: NDArray[np.float64]
    share: NDArray[np.float64]
    klass: NDArray[np.int64]
    at: NDArray[np.int64]
    limits: NDArray[np.float64]
    most: NDArray[np.float64]
    apart: NDArray[np.int64]
    kept: NDArray[np.bool_]

    @property
    def n_rows(self) -> int:
        """Number of rows of sizes."""
        return len(self.site)


def model(q: Question, supply: float) -> MixedIntegerModel:
    """Build the model: one size a site, shared limits, no point more than whole, no site over-full."""
    n, pairs, (n_class, n_site) = q.n_rows, len(q.klass), (len(q.share), len(q.kept))
    x, k = np.arange(n), np.arange(pairs)
    one = _matrix(np.ones(n), q.site, x, (n_site, n))
    apart = sparse.csr_array(one[q.apart[:, 0]] + one[q.apart[:, 1]])
    amount = q.share[q.klass]
    load = _matrix(amount, q.at, k, (n_site, pairs))
    room = _matrix(q.room, q.site, x, (n_site, n))
    in_all = sparse.csr_array(amount[None, :])
    none = sparse.csr_array((1, n))
    blocks = [
        [one, None],
        [sparse.csr_array(q.limits), None],
        [apart, None],
        [None, _matrix(np.ones(pairs), q.klass, k, (n_class, pairs))],
        [-room, load],
        [-_link(q), sparse.eye_array(pairs)],
        [none, in_all],
    ]
    sizes = (n_site, len(q.most), len(q.apart), n_class, n_site, pairs, 1)
    high = np.concatenate(
        [
            *(np.ones(n_site), q.most, np.ones(len(q.apart)), np.ones(n_class)),
            *(np.zeros(n_site), np.zeros(pairs), [supply if supply > 0 else np.inf]),
        ]
    )
    low = np.full(sum(sizes), -np.inf)
    low[:n_site] = q.kept
    return MixedIntegerModel(
        gain=np.r_[np.zeros(n), amount],
        rows=sparse.csr_array(sparse.block_array(blocks)),
        low=low,
        high=high,
        n_binary=n,
    )


def _link(q: Question) -> sparse.csr_array:
    """Tie pairs to rows: a site opens only as much of a class as its size could take."""
    able = np.minimum(q.room[None, :] / np.maximum(q.share, 1e-300)[:, None], 1.0)
    first = np.searchsorted(q.site, np.arange(len(q.kept) + 1))
    counts = np.diff(first)[q.at]
    rows = np.repeat(np.arange(len(q.at)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    cols = np.repeat(first[q.at], counts) + within
    return _matrix(able[q.klass[rows], cols], rows, cols, (len(q.at), q.n_rows))


def again(
    q: Question, supply: float, worth: NDArray[np.float64], floor: float
) -> MixedIntegerModel:
    """Return the model with another aim, and the demand served held at the floor.

    Without the ties of pairs to rows, which say little once the sites are fixed.
    """
    first, pairs = model(q, supply), len(q.klass)
    n = first.rows.shape[0]
    kept = np.r_[0 : n - 1 - pairs, n - 1]
    rows = [first.rows[kept], sparse.csr_array(first.gain[None, :])]
    return replace(
        first,
        gain=np.r_[worth, np.zeros(pairs)],
        rows=sparse.csr_array(sparse.vstack(rows)),
        low=np.r_[first.low[kept], floor],
        high=np.r_[first.high[kept], np.inf],
    )


def fitted(q: Question, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the plan with the smallest size at each site that serves what the site serves."""
    n = q.n_rows
    load = np.bincount(q.at, weights=q.share[q.klass] * values[n:], minlength=len(q.kept))
    at, x = q.site[np.flatnonzero(values[:n] > 0.5)], np.zeros(n)  # noqa: PLR2004 - binaries
    for j in at:
        mine = np.flatnonzero(q.site == j)
        fits = mine[q.room[mine] >= load[j]]
        x[fits[0] if len(fits) else mine[-1]] = 1.0
    return np.concatenate([x, values[n:]])


def only(q: Question, values: NDArray[np.float64]) -> Question:
    """Close all sites but the chosen ones, which must stay."""
    built = np.zeros(len(q.kept), dtype=np.bool_)
    built[q.site[values[: q.n_rows] > 0.5]] = True  # noqa: PLR2004 - binaries
    shut = (~built[q.site]).astype(float)
    return replace(q, limits=np.vstack([q.limits, shut]), most=np.r_[q.most, 0.0], kept=built)


def largest_only(q: Question) -> Question:
    """Leave each site its largest size only."""
    smaller = np.r_[q.site[1:] == q.site[:-1], False].astype(float)
    return replace(q, limits=np.vstack([q.limits, smaller]), most=np.r_[q.most, 0.0])


def start(q: Question, supply: float) -> NDArray[np.float64]:
    """Open kept sites, then by turns the one with most unserved demand within its reach and size."""
    x, z, rest = np.zeros(q.n_rows), np.zeros(len(q.klass)), q.share.copy()
    order = np.argsort(q.at, kind="stable")
    pairs = np.split(order, np.searchsorted(q.at[order], np.arange(1, len(q.kept))))
    is_free, left = ~q.kept, q.most.copy()
    left_supply = supply if supply > 0 else np.inf

    for j in [*np.flatnonzero(q.kept).tolist(), *([-1] * len(q.kept))]:
        site = j
        if site < 0:
            reach = np.bincount(q.at, weights=rest[q.klass], minlength=len(q.kept))
            gain = np.where(is_free, reach, 0.0)
            site = int(gain.argmax())
            if gain[site] <= 0:
                break
        row = _row_for(q, site, left, is_kept=bool(q.kept[site]))
        is_free[site] = False
        if row is None:
            continue
        x[row], left = 1.0, left - q.limits[:, row]
        is_free[np.r_[q.apart[q.apart[:, 0] == site, 1], q.apart[q.apart[:, 1] == site, 0]]] = (
            False
        )
        left_supply -= _fill(q, pairs[site], rest, min(q.room[row], left_supply), z)
    return np.concatenate([x, z])


def _row_for(q: Question, site: int, left: NDArray[np.float64], *, is_kept: bool) -> int | None:
    """Return the largest size that fits what is left; for a kept site the one that uses least."""
    mine = np.flatnonzero(q.site == site)
    fits = mine[(q.limits[:, mine] <= left[:, None]).all(axis=0)]
    if not len(fits):
        return None
    return int(fits[q.limits[:, fits].sum(axis=0).argmin()] if is_kept else fits[-1])


def _fill(
    q: Question,
    pairs: NDArray[np.int64],
    rest: NDArray[np.float64],
    room: float,
    z: NDArray[np.float64],
) -> float:
    """Serve what is left of the classes within a site's reach; changes ``rest`` and ``z``."""
    before = room
    for k in pairs:
        taken = min(rest[q.klass[k]], room)
        rest[q.klass[k]] -= taken
        room -= taken
        z[k] = taken / q.share[q.klass[k]]
    return before - room


def served(q: Question, values: NDArray[np.float64]) -> float:
    return float(q.share[q.klass] @ values[q.n_rows :])


def certify(q: Question, values: NDArray[np.float64], floor: float) -> None:
    """Count again from the values alone, not from the solver's word."""
    x, z = np.round(values[: q.n_rows]), values[q.n_rows :]
    amount = q.share[q.klass] * z
    whole = np.bincount(q.klass, weights=z, minlength=len(q.share))
    load = np.bincount(q.at, weights=amount, minlength=len(q.kept))
    room = np.bincount(q.site, weights=q.room * x, minlength=len(q.kept))
    is_right = (
        (whole <= 1 + ROUNDING).all()
        and (load <= room + ROUNDING).all()
        and (q.limits @ x <= q.most + ROUNDING).all()
        and (np.bincount(q.site, weights=x, minlength=len(q.kept)) <= 1).all()
        and amount.sum() >= floor - ROUNDING
    )
    if not is_right:
        raise _bad("plan", "it breaks a limit when counted again", "", "a report of this study")


def _matrix(
    values: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    shape: tuple[int, int],
) -> sparse.csr_array:
    return sparse.csr_array((values, (rows, columns)), shape=shape)


def _bad(name: str, what: str, got: str, expected: str) -> ModelError:
    return ModelError(Problem(where=f"sized, {name}", what=what, got=got, expected=expected))
