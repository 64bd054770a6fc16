"""All plans near the best, by what they have in common rather than one by one."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from siting.model import SolverSettings
from siting.optimise._flow_cover import Coverage, FloatArray, IntArray, is_served, merge
from siting.optimise._flow_mip import ROUNDING, Floor, Limit, Question, answer
from siting.optimise.roles import Roles


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
    for out in np.setdiff1d(plan, question.must):
        rest = plan[plan != out]
        for into in others:
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


def _with(question: Question, sites: IntArray, gain: float) -> Question:
    gains = np.zeros(question.coverage.n_sites)
    gains[sites] = gain
    return replace(question, site_gain=gains)
