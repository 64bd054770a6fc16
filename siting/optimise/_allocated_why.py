"""Why demand does not fit into capacities: the points left over, or the smallest p that would do."""

from dataclasses import replace

import numpy as np

from siting.errors import ModelError, Problem
from siting.model import SolverSettings
from siting.optimise._allocation_mip import Question, allocation_model
from siting.optimise._highs import maximise

_WHOLE, _SHOWN = 1.0 - 1e-6, 5


def why_not(question: Question, *, settings: SolverSettings, where: str) -> ModelError:
    """Return the error of a question whose demand finds no room, with what would do.

    First all sites are opened and points split: what is left over then can be served by no plan.
    Else the fewest sites and enlargements are counted; and if there are none, whole points are
    what does not fit.
    """
    return _left_over(question, settings, where) or _too_few(question, settings, where)


def _left_over(question: Question, settings: SolverSettings, where: str) -> ModelError | None:
    """Return the error of points that even all sites together have no room for; None: all fit."""
    sites = _n_works(question)
    open_all = replace(question, most_sites=float(sites), is_single=False, must_serve=False)
    point = question.pairs.point
    total = float(question.demand.sum()) or 1.0
    worth = np.r_[np.zeros(sites), question.demand[point] / total]
    model = replace(allocation_model(open_all, worth), n_binary=0)
    share = maximise(model, settings=settings, start=None).values[sites:]
    served = np.bincount(point, weights=share, minlength=len(question.demand))
    left = np.flatnonzero((served < _WHOLE) & (question.demand > 0))
    if not len(left):
        return None
    held = float((np.minimum(served, 1.0) * question.demand).sum())
    points = ", ".join(map(str, left[:_SHOWN])) + (" …" if len(left) > _SHOWN else "")
    return _error(
        where,
        "capacity",
        f"the sites within reach hold only {held:g} of the demand of {total:g}",
        f"no room for points {points}",
        "Raise capacities there, widen the reach, or allow more sites.",
    )


def _too_few(question: Question, settings: SolverSettings, where: str) -> ModelError:
    """Return the error that tells the smallest p that would do, if any would."""
    ups = len(question.enlargeable)
    is_new = (question.is_allowed & ~question.is_open).astype(float)
    fewest = replace(question, most_sites=float(_n_works(question)))
    gain = -np.r_[is_new, np.ones(ups), np.zeros(len(question.pairs.point))]
    try:
        answer = maximise(allocation_model(fewest, gain), settings=settings, start=None)
    except ModelError:
        return _error(
            where,
            "allocation",
            "whole points do not fit into the capacities of their sites",
            "single",
            'Let points be split: allocation="multiple".',
        )
    least = int(np.ceil(-answer.bound - 1e-6)) + question.n_required
    return _error(
        where,
        "p",
        "so few sites and enlargements do not hold the demand of their points",
        "",
        f"The smallest p that would do is {least}."
        if answer.is_proven
        else f"It takes a p of {least} at least.",
    )


def _n_works(question: Question) -> int:
    """Return the number of sites and of enlargements."""
    return len(question.capacity) + len(question.enlargeable)


def _error(where: str, name: str, what: str, got: str, mend: str) -> ModelError:
    return ModelError(Problem(where=f"{where}, {name}", what=what, got=got, mend=mend))
