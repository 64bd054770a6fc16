"""A good plan to begin with: greedy addition, then exchange while it helps."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.optimise._flow_cover import BoolArray, Coverage, FloatArray, IntArray, is_served
from siting.optimise._flow_mip import ROUNDING, Question, gain_of

_TABLE = 2_000_000  # entries up to which a table is faster than a sparse one
_NOTHING = 1e-12  # share of all gains that sums taken apart again leave by rounding


def greedy(question: Question) -> IntArray:
    """Return sites within the limits by greedy addition and exchange; a good start, no proof.

    A site that serves nothing by itself counts by what it leaves to be done, since a trip of
    several stretches pays only with its last station.
    """
    plain = plain_of(question)
    chosen = [int(j) for j in question.must]
    _add(question, chosen, plain)
    best = _value(question, chosen, plain)
    improved = True
    while improved:
        improved = False
        for j in [c for c in chosen if c not in question.must]:
            other = [c for c in chosen if c != j]
            _add(question, other, plain)
            value = _value(question, other, plain)
            if value > best * (1 + ROUNDING):
                chosen, best, improved = other, value, True
    return np.array(sorted(chosen), dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plain:
    """Coverage of units that any of their sites serves: ``covers`` (n_ways, n_sites), and its turn.

    ``worth`` is the gain of the unit of each way; ``table`` the coverage once more where it is small.
    """

    covers: sparse.csr_array
    by_site: sparse.csr_array
    worth: FloatArray
    table: FloatArray | None

    def lost(self, ways: IntArray, worth: FloatArray) -> FloatArray:
        """Return what each site no longer brings once these ways are served, ``(n_sites,)``."""
        if self.table is None:
            gone = np.zeros(len(worth))
            gone[ways] = worth[ways]
            return np.asarray(self.by_site @ gone)
        return np.asarray((self.table[ways] * worth[ways, None]).sum(axis=0))


def plain_of(question: Question) -> Plain | None:
    """Return the coverage as units and their sites; None where a unit has several ways or sets."""
    coverage = question.coverage
    if not _is_plain(coverage):
        return None
    covers = sparse.csr_array(coverage.needs @ coverage.sets)
    worth = question.unit_gain[coverage.unit]
    is_small = covers.shape[0] * covers.shape[1] <= _TABLE
    return Plain(
        covers=covers,
        by_site=sparse.csr_array(covers.T),
        worth=worth,
        table=covers.toarray() if is_small else None,
    )


def _value(question: Question, chosen: list[int], plain: Plain | None) -> float:
    sites = np.array(chosen, dtype=np.int64)
    if plain is None:
        return gain_of(question, sites)
    served = float((plain.worth - _left(plain, sites)).sum())
    return served + float(question.site_gain[sites].sum())


def _left(plain: Plain, sites: IntArray) -> FloatArray:
    """Return the worth of the ways without an open site, 0 for the others."""
    is_open = np.zeros(plain.covers.shape[1])
    is_open[sites] = 1.0
    return np.where(plain.covers @ is_open > 0, 0.0, plain.worth)


def _add(question: Question, chosen: list[int], plain: Plain | None) -> None:
    """Add the site of the largest gain until none helps or the limits bind."""
    coverage = question.coverage
    if plain is not None:
        _add_plain(question, chosen, plain)
        return
    while True:
        is_open = np.zeros(coverage.n_sites)
        is_open[chosen] = 1.0
        free = _fitting(question, is_open)
        if not free.any():
            return
        missed = (coverage.sets @ is_open < 0.5).astype(float)  # noqa: PLR2004 - whole numbers
        open_sets = coverage.needs @ missed
        # What each site would hit of each closed way, as one sparse product.
        hits = coverage.needs @ (sparse.diags_array(missed) @ coverage.sets)
        served = is_served(coverage, np.array(chosen, dtype=np.int64))
        worth = np.where(served, 0.0, question.unit_gain)[coverage.unit]
        entries = sparse.coo_array(hits)
        rest = open_sets[entries.row]
        done = entries.data >= rest - 0.5
        finished = np.bincount(
            entries.col, weights=worth[entries.row] * done, minlength=coverage.n_sites
        )
        nearer = np.bincount(
            entries.col,
            weights=worth[entries.row] * entries.data / np.maximum(rest, 1.0),
            minlength=coverage.n_sites,
        )
        score = np.where(free, finished + 1e-3 * nearer, -1.0)
        j = int(score.argmax())
        if score[j] <= 0:
            return
        chosen.append(j)


def _is_plain(coverage: Coverage) -> bool:
    """Return whether every unit has at most one way, of one set: any of its sites serves it."""
    one_set = bool((np.diff(coverage.needs.indptr) == 1).all())
    return one_set and len(np.unique(coverage.unit)) == len(coverage.unit)


def _add_plain(question: Question, chosen: list[int], plain: Plain) -> None:
    """Do the same where gains are sums of what is not served yet."""
    is_open = np.zeros(question.coverage.n_sites)
    is_open[chosen] = 1.0
    left = _left(plain, np.array(chosen, dtype=np.int64))
    gain = plain.by_site @ left
    start, ways = plain.by_site.indptr, plain.by_site.indices
    least = _NOTHING * float(plain.worth.sum())
    while (free := _fitting(question, is_open)).any():
        j = int(np.where(free, gain, -1.0).argmax())
        if not free[j] or gain[j] <= least:
            return
        chosen.append(j)
        is_open[j] = 1.0
        new = ways[start[j] : start[j + 1]]
        new = new[left[new] > 0]
        gain -= plain.lost(new, left)
        left[new] = 0.0


def _fitting(question: Question, is_open: FloatArray) -> BoolArray:
    free = is_open < 0.5  # noqa: PLR2004
    free[question.never] = False
    for limit in question.limits:
        free &= limit.use <= limit.most * (1 + 1e-12) - float(limit.use @ is_open)
    return free
