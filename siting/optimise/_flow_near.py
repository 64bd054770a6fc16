"""All plans near the best, by what they have in common rather than one by one."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from siting.model import SolverSettings
from siting.optimise._flow_cover import (
    BoolArray,
    Coverage,
    FloatArray,
    IntArray,
    is_served,
    merge,
)
from siting.optimise._flow_mip import ROUNDING, Floor, Limit, Question, answer
from siting.optimise._flow_start import plain_of
from siting.optimise.roles import Roles

_LOOSE = 1e-6  # a swap is counted exactly afterwards


def near_question(
    coverage: Coverage,
    weight: FloatArray,
    *,
    limits: Sequence[Limit],
    roles: Roles,
    least: float,
) -> Question:
    """Return the question whose plans serve at least so much; its gains are still nothing."""
    classes, merged = merge(coverage, weight[:, None])
    return Question(
        coverage=classes,
        site_gain=np.zeros(classes.n_sites),
        unit_gain=np.zeros(classes.n_units),
        limits=limits,
        floors=[Floor(weight=merged[:, 0], least=least)],
        must=np.flatnonzero(roles.is_kept_open),
        never=np.flatnonzero(~roles.is_allowed),
    )


def necessary_sites(
    question: Question, start: IntArray, settings: SolverSettings
) -> tuple[IntArray, IntArray, bool]:
    """Return sites seen in some plan, sites in every plan, and whether that is proven.

    Each round finds a plan with as few as possible of the sites that are still thought necessary,
    and strikes off those it does without; when it needs them all, they are.
    """
    seen, left, plan = start, start, start
    while len(left):
        few = _with(question, left, -1.0)
        reply = answer(few, start=plan, settings=settings)
        plan = reply.sites
        seen = np.union1d(seen, plan)
        still = np.intersect1d(left, plan)
        if len(still) == len(left):
            # −bound is the least number of them that any plan holds.
            return seen, left, reply.is_proven and -reply.bound > len(left) - 1 + ROUNDING
        left = still
    return seen, left, True


def possible_sites(
    question: Question, seen: IntArray, start: IntArray, settings: SolverSettings
) -> tuple[IntArray, bool]:
    """Return the sites of any plan, and whether it is proven that there is no other.

    Each round finds a plan with as many as possible of the sites not seen yet.
    """
    found = seen
    while True:
        unseen = np.setdiff1d(np.arange(question.coverage.n_sites), found)
        unseen = np.setdiff1d(unseen, question.never)
        if not len(unseen):
            return found, True
        reply = answer(_with(question, unseen, 1.0), start=start, settings=settings)
        new = np.intersect1d(unseen, reply.sites)
        if not len(new):
            return found, reply.is_proven and reply.bound < 1 - ROUNDING
        found = np.union1d(found, new)


def swaps_of(question: Question, plan: IntArray) -> tuple[IntArray, FloatArray]:
    """Return pairs of a site of the plan and one that may take its place, and what is served."""
    (floor,) = question.floors
    others = np.setdiff1d(np.arange(question.coverage.n_sites), plan)
    others = np.setdiff1d(others, question.never)
    pairs, served = [], []
    may = _hopeful(question, plan)
    for out in np.setdiff1d(plan, question.must):
        rest = plan[plan != out]
        for into in others[may[out, others]]:
            sites = np.sort(np.append(rest, into))
            if any(
                limit.use[sites].sum() > limit.most * (1 + ROUNDING) for limit in question.limits
            ):
                continue
            got = math.fsum(floor.weight[is_served(question.coverage, sites)])
            if got >= floor.least * (1 - ROUNDING):
                pairs.append((int(out), int(into)))
                served.append(got)
    return np.array(pairs, dtype=np.int64).reshape(-1, 2), np.array(served, dtype=float)


def _hopeful(question: Question, plan: IntArray) -> BoolArray:
    """Return which site in place of which could serve enough, ``(n_sites, n_sites)``; at most too many.

    Where every unit is served by any of its sites, all swaps are counted at once; other coverages rule
    none out.
    """
    (floor,) = question.floors
    n = question.coverage.n_sites
    plain = plain_of(replace(question, unit_gain=floor.weight))
    if plain is None:
        return np.ones((n, n), dtype=bool)
    is_open = np.zeros(n)
    is_open[plan] = 1.0
    times = plain.covers @ is_open
    bare = np.where(times > 0, 0.0, plain.worth)
    # What the site alone serves is lost with it, and may be won back by the other.
    only = sparse.diags_array(np.where(times == 1, plain.worth, 0.0)) @ plain.covers
    lost = np.asarray(only.sum(axis=0)).ravel()
    back = (only.T @ plain.covers).toarray()
    served = float((plain.worth - bare).sum()) - lost[:, None] + plain.by_site @ bare + back
    return np.asarray(served >= floor.least * (1 - _LOOSE))


def _with(question: Question, sites: IntArray, gain: float) -> Question:
    gains = np.zeros(question.coverage.n_sites)
    gains[sites] = gain
    return replace(question, site_gain=gains)
