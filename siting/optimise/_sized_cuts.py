"""Cuts for sizes at sites: what n whole sites together can serve of some classes.

Some sites J with room C at most serve of some classes S, with demand D, no more than
``D − r·(η − Σ_J x)``, where ``η = ⌈D / C⌉`` and ``r = D − C·(η − 1)``: the residual capacity inequality
(Magnanti, Mirchandani and Vachani 1993). For given J the classes of the most violated one are those
served beyond the fraction of ``Σ_J x`` (Atamtürk and Rajan 2002). J grows here from each site, always by the
site that serves most of the same classes.
"""

import math
from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.model import SolverSettings
from siting.optimise._highs import MixedIntegerModel, relaxation
from siting.optimise._sized_model import Question

ROUNDS = 24
_SITES, _CUTS, _STALLED = 12, 120, 3
_CAPS, _SMALL_CAP = 3, 0.5  # sizes of which cuts are made: the largest few, none below half
_WORTH, _FALL, _CLEAR, _TINY = 1e-5, 2e-6, 0.02, 1e-9
_TIE = 1e-3  # of a class within reach, beside those that are served

_Found = tuple[float, NDArray[np.bool_], NDArray[np.bool_], float, float]
_Row = tuple[NDArray[np.int64], NDArray[np.float64], float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relaxed:
    """The linear relaxation: its best, the rows of sizes there, and their reduced costs."""

    best: float
    opened: NDArray[np.float64]
    reduced: NDArray[np.float64]


def tighten(
    q: Question, model: MixedIntegerModel, settings: SolverSettings, *, rounds: int
) -> tuple[MixedIntegerModel, Relaxed | None]:
    """Return the model with the cuts that bind, and its relaxation; None where that failed."""
    solver, n, before = relaxation(model, settings), q.n_rows, model.rows.shape[0]
    pool: list[_Row] = []
    seen: set[bytes] = set()
    least, stalled = math.inf, 0
    for k in range(rounds + 1):
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return model, None
        bound = solver.getInfo().objective_function_value
        stalled = stalled + 1 if least - bound < _FALL else 0
        least = bound
        values = np.array(solver.getSolution().col_value)
        is_last = stalled >= _STALLED or k == rounds
        rows = [] if is_last else _separate(q, values, seen)
        if not rows:
            break
        for columns, entries, most in rows:
            place = columns.astype(np.int32)
            solver.addRow(-highspy.kHighsInf, most, len(columns), place, entries)
        pool.extend(rows)
    found = solver.getSolution()
    price = np.abs(np.array(found.row_dual)[before:])
    binding = [row for row, dual in zip(pool, price, strict=True) if dual > _TINY]
    relaxed = Relaxed(
        best=solver.getInfo().objective_function_value,
        opened=np.array(found.col_value)[:n],
        reduced=np.array(found.col_dual)[:n],
    )
    return _with_rows(model, binding), relaxed


def _with_rows(model: MixedIntegerModel, rows: list[_Row]) -> MixedIntegerModel:
    if not rows:
        return model
    of = np.repeat(np.arange(len(rows)), [len(columns) for columns, _, _ in rows])
    at = np.concatenate([columns for columns, _, _ in rows])
    values = np.concatenate([entries for _, entries, _ in rows])
    more = sparse.csr_array((values, (of, at)), shape=(len(rows), len(model.gain)))
    return replace(
        model,
        rows=sparse.csr_array(sparse.vstack([model.rows, more])),
        low=np.r_[model.low, np.full(len(rows), -np.inf)],
        high=np.r_[model.high, [most for _, _, most in rows]],
    )


def _separate(q: Question, values: NDArray[np.float64], seen: set[bytes]) -> list[_Row]:
    """Return the most violated cuts as rows of the model; changes ``seen``."""
    shape = (len(q.kept), len(q.share))
    opened = np.zeros(shape[0])
    np.add.at(opened, q.site, values[: q.n_rows])
    flow, near = np.zeros(shape), np.zeros(shape)
    flow[q.at, q.klass] = values[q.n_rows :] * q.share[q.klass]
    near[q.at, q.klass] = 1.0
    largest = np.zeros(shape[0])
    np.maximum.at(largest, q.site, q.room)
    found: list[_Found] = []
    for cap in _caps(largest):
        may = (opened > _TINY) & (largest <= cap * (1 + _TINY))
        found.extend(_grown(q, cap, (opened, flow, near), may))
    found.sort(key=lambda cut: -cut[0])
    rows: list[_Row] = []
    for _, sites, classes, most, rest in found:
        key = sites.tobytes() + classes.tobytes()
        if key in seen or len(rows) >= _CUTS:
            continue
        seen.add(key)
        of = np.flatnonzero(sites[q.site])
        pairs = np.flatnonzero(sites[q.at] & classes[q.klass])
        entries = np.r_[np.full(len(of), -rest), q.share[q.klass[pairs]]]
        rows.append((np.r_[of, q.n_rows + pairs], entries, most))
    return rows


def _caps(largest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the few largest rooms that sites have."""
    caps = np.unique(largest.round(12))[::-1]
    return np.asarray(caps[(caps > _SMALL_CAP * caps[0]) & (caps > 0)][:_CAPS])


def _grown(
    q: Question,
    cap: float,
    state: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    may: NDArray[np.bool_],
) -> list[_Found]:
    """Return the violated cuts of sites that grow from each of those that may, all at once."""
    opened, flow, near = state
    seeds = np.flatnonzero(may)
    inside = np.zeros((len(seeds), len(may)), dtype=np.bool_)
    inside[np.arange(len(seeds)), seeds] = True
    served, sites = flow[seeds], opened[seeds]
    wanted = sparse.csr_array(flow + _TIE * near)  # sparse: BLAS would wake all its threads
    found: list[_Found] = []
    for _ in range(_SITES):
        found.extend(_violated(q, cap, inside, served, sites))
        score = (wanted @ (served > _TINY).T.astype(float)).T
        score[:, ~may] = -1.0
        score[inside] = -1.0
        add = score.argmax(axis=1)
        is_grown = score[np.arange(len(add)), add] > 0
        if not is_grown.any():
            break
        inside, add = inside[is_grown], add[is_grown]
        inside[np.arange(len(add)), add] = True
        served, sites = served[is_grown] + flow[add], sites[is_grown] + opened[add]
    return found


def _violated(
    q: Question,
    cap: float,
    inside: NDArray[np.bool_],
    served: NDArray[np.float64],
    sites: NDArray[np.float64],
) -> list[_Found]:
    whole = np.floor(sites + _TINY)
    part = sites - whole
    classes = served > q.share * part[:, None] + _TINY * _TIE
    demand = (classes * q.share).sum(axis=1)
    steps = np.ceil(demand / cap - _TINY)
    rest = demand - cap * (steps - 1.0)
    fits = (demand > whole * cap) & (demand < (whole + 1.0) * cap)
    is_clear = (part > _CLEAR) & (part < 1.0 - _CLEAR) & fits
    beyond = (served * classes).sum(axis=1) - (demand - rest * (steps - sites))
    return [
        (float(beyond[k]), inside[k].copy(), classes[k], float(most), float(rest[k]))
        for k in np.flatnonzero(is_clear & (beyond > _WORTH))
        for most in (demand[k] - rest[k] * steps[k],)
    ]
