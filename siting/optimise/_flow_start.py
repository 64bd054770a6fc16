"""A good plan to begin with: greedy addition, then exchange while it helps."""

import numpy as np
from scipy import sparse

from siting.optimise._flow_cover import BoolArray, FloatArray, IntArray, is_served
from siting.optimise._flow_mip import ROUNDING, Question, gain_of


def greedy(question: Question) -> IntArray:
    """Return sites within the limits by greedy addition and exchange; a good start, no proof.

    A site that serves nothing by itself counts by what it leaves to be done, since a trip of
    several stretches pays only with its last station.
    """
    chosen = [int(j) for j in question.must]
    _add(question, chosen)
    best = gain_of(question, np.array(chosen, dtype=np.int64))
    improved = True
    while improved:
        improved = False
        for j in [c for c in chosen if c not in question.must]:
            other = [c for c in chosen if c != j]
            _add(question, other)
            value = gain_of(question, np.array(other, dtype=np.int64))
            if value > best * (1 + ROUNDING):
                chosen, best, improved = other, value, True
    return np.array(sorted(chosen), dtype=np.int64)


def _add(question: Question, chosen: list[int]) -> None:
    """Add the site of the largest gain until none helps or the limits bind."""
    coverage = question.coverage
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


def _fitting(question: Question, is_open: FloatArray) -> BoolArray:
    free = is_open < 0.5  # noqa: PLR2004
    free[question.never] = False
    for limit in question.limits:
        free &= limit.use + float(limit.use @ is_open) <= limit.most * (1 + 1e-12)
    return free
