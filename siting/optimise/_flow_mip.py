"""Coverage as a mixed-integer model: sites are 0 or 1, what they serve follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings, SolveStatus
from siting.optimise._flow_cover import (
    Coverage,
    FloatArray,
    IntArray,
    is_served,
    open_ways,
)
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise._watch import Watch

ROUNDING = 1e-7
"""Sums that differ by less than this share of the whole count as equal."""


_Row: TypeAlias = tuple[sparse.csr_array, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limit:
    """At most ``most`` of something that open sites use, ``use`` each, ``(n_sites,)`` ≥ 0."""

    name: str
    use: FloatArray
    most: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Floor:
    """At least ``least`` of what units weigh, ``weight`` each, ``(n_units,)`` ≥ 0."""

    weight: FloatArray
    least: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What is asked of a coverage: maximise ``site_gain · x + unit_gain · y`` within limits.

    ``must`` sites are open, ``never`` sites are not; both are indices.
    """

    coverage: Coverage
    site_gain: FloatArray
    unit_gain: FloatArray
    limits: Sequence[Limit] = ()
    floors: Sequence[Floor] = ()
    must: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    never: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reply:
    """Open sites, the proven bound on the question's gain, and whether it is proven."""

    sites: IntArray
    bound: float
    is_proven: bool

    @property
    def status(self) -> SolveStatus:
        """The status a solution tells."""
        return SolveStatus.OPTIMAL if self.is_proven else SolveStatus.TIME_LIMIT


def answer(
    question: Question,
    *,
    start: IntArray,
    settings: SolverSettings,
    watch: Watch | None = None,
    seed: int = 0,
    unit: float = 1.0,
) -> Reply:
    """Solve a question from open sites that keep all its limits and floors.

    Parameters
    ----------
    question
        What to maximise.
    start
        Open sites to begin with; they are also the answer where time runs out before a better.
    settings
        Time limit and relative gap.
    watch, unit
        Whom to tell of progress, in which unit, and who may stop the solve.
    seed
        Of HiGHS.

    Returns
    -------
    Reply
        Sites, ascending; the bound is in the unit of the gains.

    Raises
    ------
    ModelError
        If the sites break a limit or a floor when counted again, or the solver fails.
    """
    model, scale = model_of(question)
    found = maximise(
        model,
        settings=settings,
        start=point(question.coverage, start),
        watch=watch,
        unit=scale * unit,
        seed=seed,
    )
    sites = open_sites(question.coverage, found.values)
    certify(question, sites)
    return Reply(sites=sites, bound=found.bound * scale, is_proven=found.is_proven)


def model_of(question: Question) -> tuple[MixedIntegerModel, float]:
    """Return the question as a model with gains of the order of 1, and what to multiply them by."""
    coverage = question.coverage
    worth = unit_columns(coverage) @ question.unit_gain
    gain = np.concatenate([question.site_gain, worth])
    scale = float(np.abs(gain).max(initial=0.0)) or 1.0
    site_rows, service_rows = service_constraints(coverage)
    rows = [sparse.hstack([site_rows, service_rows])]
    low, high = [np.zeros(site_rows.shape[0])], [np.full(site_rows.shape[0], np.inf)]
    for row, least, most in (*_limit_rows(question), *_fixed_rows(question)):
        rows.append(row)
        low.append(least)
        high.append(most)
    model = MixedIntegerModel(
        gain=gain / scale,
        rows=sparse.csr_array(sparse.vstack(rows)),
        low=np.concatenate(low),
        high=np.concatenate(high),
        n_binary=coverage.n_sites,
    )
    return model, scale


def open_sites(coverage: Coverage, values: FloatArray) -> IntArray:
    """Return the sites that a solver's values open, ascending."""
    return np.flatnonzero(values[: coverage.n_sites] > 0.5)  # noqa: PLR2004 - binaries, rounded


def service_constraints(coverage: Coverage) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return rows over sites and over services, ``sites_part · x + services_part · z ≥ 0``.

    Services are the ways, then the units that have several ways: a way is open no more than any
    of its sets holds open sites, such a unit is served no more than its ways are open.
    """
    needed = coverage.needs.indices
    way = np.repeat(np.arange(coverage.n_ways), np.diff(coverage.needs.indptr))
    several = several_ways(coverage)
    n, n_services = len(needed), coverage.n_ways + len(several)
    closes = sparse.csr_array((-np.ones(n), (np.arange(n), way)), shape=(n, n_services))
    position = np.full(coverage.n_units, -1)
    position[several] = np.arange(len(several))
    of = position[coverage.unit]
    ways = np.flatnonzero(of >= 0)
    rows = np.concatenate([of[ways], np.arange(len(several))])
    columns = np.concatenate([ways, coverage.n_ways + np.arange(len(several))])
    signs = np.concatenate([np.ones(len(ways)), -np.ones(len(several))])
    joins = sparse.csr_array((signs, (rows, columns)), shape=(len(several), n_services))
    nothing = sparse.csr_array((len(several), coverage.n_sites))
    return (
        sparse.csr_array(sparse.vstack([coverage.sets[needed], nothing])),
        sparse.csr_array(sparse.vstack([closes, joins])),
    )


def several_ways(coverage: Coverage) -> IntArray:
    """Return the units that have more than one way."""
    counts = np.bincount(coverage.unit, minlength=coverage.n_units)
    return np.flatnonzero(counts > 1)


def gain_of(question: Question, sites: IntArray) -> float:
    """Return what open sites bring, counted from the sites alone."""
    served = is_served(question.coverage, sites)
    return float(question.unit_gain[served].sum() + question.site_gain[sites].sum())


def unit_columns(coverage: Coverage) -> sparse.csr_array:
    """Return which service stands for which unit, ``(n_services, n_units)``; its own way or sum."""
    several = several_ways(coverage)
    is_single = ~np.isin(coverage.unit, several)
    rows = np.concatenate([np.flatnonzero(is_single), coverage.n_ways + np.arange(len(several))])
    units = np.concatenate([coverage.unit[is_single], several])
    shape = (coverage.n_ways + len(several), coverage.n_units)
    return sparse.csr_array((np.ones(len(units)), (rows, units)), shape=shape)


def point(coverage: Coverage, sites: IntArray) -> FloatArray:
    """Return sites and the services that follow from them as one vector of the model."""
    is_open = np.zeros(coverage.n_sites)
    is_open[sites] = 1.0
    served = is_served(coverage, sites)[several_ways(coverage)]
    return np.concatenate([is_open, open_ways(coverage, sites), served]).astype(float)


def certify(question: Question, sites: IntArray) -> None:
    """Count limits and floors again from the sites alone; a plan that fails goes no further."""
    served = is_served(question.coverage, sites)
    broken = [
        Problem(where=f"limit {limit.name}", what="the plan overdraws it", got=f"{used:g}")
        for limit in question.limits
        if (used := float(limit.use[sites].sum())) > limit.most + ROUNDING * _size(limit)
    ] + [
        Problem(where="coverage", what="the plan serves less than promised", got=f"{got:g}")
        for floor in question.floors
        if (got := float(floor.weight[served].sum()))
        < floor.least - ROUNDING * float(floor.weight.sum())
    ]
    is_fixed_right = (
        np.isin(question.must, sites).all() and not np.isin(question.never, sites).any()
    )
    if not is_fixed_right:
        broken.append(Problem(where="sites", what="the plan ignores required or forbidden sites"))
    if broken:
        raise ModelError(*broken)


def _size(limit: Limit) -> float:
    return limit.most if limit.most > 0 else float(limit.use.max(initial=0.0)) or 1.0


def _limit_rows(question: Question) -> list[_Row]:
    """Return limits and floors as rows, scaled so that one is what may be used or must be served."""
    coverage = question.coverage
    n_services = coverage.n_ways + len(several_ways(coverage))
    rows: list[_Row] = []
    for limit in question.limits:
        by = _size(limit)
        row = np.concatenate([limit.use, np.zeros(n_services)])[None, :] / by
        rows.append((sparse.csr_array(row), np.array([-np.inf]), np.array([limit.most / by])))
    for floor in question.floors:
        by = float(floor.weight.sum()) or 1.0
        worth = unit_columns(coverage) @ floor.weight
        row = np.concatenate([np.zeros(coverage.n_sites), worth])[None, :] / by
        rows.append((sparse.csr_array(row), np.array([floor.least / by]), np.array([np.inf])))
    return rows


def _fixed_rows(question: Question) -> list[_Row]:
    fixed = np.concatenate([question.must, question.never]).astype(np.int64)
    if not len(fixed):
        return []
    coverage = question.coverage
    n = coverage.n_sites + coverage.n_ways + len(several_ways(coverage))
    value = np.concatenate([np.ones(len(question.must)), np.zeros(len(question.never))])
    entries = (np.ones(len(fixed)), (np.arange(len(fixed)), fixed))
    return [(sparse.csr_array(entries, shape=(len(fixed), n)), value, value)]
