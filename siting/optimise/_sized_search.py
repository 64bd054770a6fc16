"""Search for the best sizes at sites: cuts, a plan among the likely sites, then proof on what is left."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.model import SolverSettings
from siting.optimise._highs import Answer, MixedIntegerModel, NoPlanError, maximise
from siting.optimise._sized_cuts import ROUNDS, Relaxed, tighten
from siting.optimise._sized_model import Question

_SPARE = 10  # unlikely rows that the first search may use besides
_AT, _FLOAT = 1e-6, 1e-9


def search(
    q: Question,
    model: MixedIntegerModel,
    *,
    start: NDArray[np.float64],
    settings: SolverSettings,
    first_gap: float,
    rounds: int = ROUNDS,
) -> tuple[Answer, MixedIntegerModel]:
    """Maximise a model of ``q``; return the answer, and the model with the cuts that were found.

    A plan better than the gap asked for can only have rows that the linear relaxation does not
    rule out by their reduced costs; HiGHS is asked for one among these. What it proves of them holds
    for all.

    Parameters
    ----------
    q, model
        The question and its model; only the gains may differ.
    start
        A plan.
    settings
        Time limit of each solve, and relative gap.
    first_gap
        To which the best plan among the likely sites is sought before all is asked.
    rounds
        Of cuts.

    Returns
    -------
    Answer, MixedIntegerModel
        Never worse than the start.
    """
    tight, relaxed = tighten(q, model, settings, rounds=rounds)
    if relaxed is None:
        return maximise(model, settings=settings, start=start), model
    likely = _shut(tight, ~_likely(q, relaxed, start))
    first = maximise(likely, settings=replace(settings, gap=first_gap), start=start)
    reached = float(model.gain @ first.values)
    enough = reached * (1.0 + settings.gap)
    if relaxed.best <= enough + _FLOAT:
        return Answer(values=first.values, bound=relaxed.best, is_proven=True), tight
    return _prove(tight, relaxed, first.values, enough, settings), tight


def _likely(q: Question, relaxed: Relaxed, start: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the rows that the relaxation opens or nearly does, and those of the start."""
    cost = np.where(relaxed.opened > _AT, -1.0, np.abs(relaxed.reduced))
    n = int((relaxed.opened > _AT).sum()) + _SPARE
    likely = start[: q.n_rows] > _AT
    likely[np.argsort(cost, kind="stable")[:n]] = True
    return likely


def _shut(
    model: MixedIntegerModel, closed: NDArray[np.bool_], opened: NDArray[np.bool_] | None = None
) -> MixedIntegerModel:
    """Return the model with these rows closed, and those open."""
    fixed = np.zeros_like(closed) if opened is None else opened
    table = np.zeros((2, len(model.gain)))
    table[0, : len(closed)], table[1, : len(closed)] = closed, fixed
    n = float(fixed.sum())
    return replace(
        model,
        rows=sparse.csr_array(sparse.vstack([model.rows, sparse.csr_array(table)])),
        low=np.r_[model.low, 0.0, n],
        high=np.r_[model.high, 0.0, n],
    )


def _prove(
    model: MixedIntegerModel,
    relaxed: Relaxed,
    plan: NDArray[np.float64],
    enough: float,
    settings: SolverSettings,
) -> Answer:
    """Look for a plan beyond ``enough`` among the rows that may have one."""
    lost = relaxed.best - np.abs(relaxed.reduced) < enough
    closed = lost & (relaxed.opened < _AT)
    opened = lost & (relaxed.opened > 1.0 - _AT)
    left = _shut(model, closed, opened)
    mine = plan[: len(closed)]
    keeps = not (mine[closed] > _AT).any() and bool((mine[opened] > _AT).all())
    try:
        found = maximise(left, settings=settings, start=plan if keeps else None)
    except NoPlanError:
        return Answer(values=plan, bound=enough, is_proven=True)
    bound = max(enough, min(found.bound, relaxed.best))
    is_better = (keeps or found.is_proven) and model.gain @ found.values > model.gain @ plan
    values = found.values if is_better else plan
    return Answer(values=values, bound=bound, is_proven=found.is_proven)
