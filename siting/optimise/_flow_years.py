"""Nested sites over years as one mixed-integer model: what is built stays."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolverSettings
from siting.optimise._flow_cover import Coverage, FloatArray, IntArray, is_served, merge
from siting.optimise._flow_mip import point, service_constraints, unit_columns
from siting.optimise._highs import Answer, MixedIntegerModel, maximise

NEVER = -1
"""Opening year of a site that is not built."""

_ROUNDING = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Years:
    """A roll-out's question: sites open in a year stay open.

    Parameters
    ----------
    coverage, demand
        Units, and what they weigh each year, ``(n_units, n_years)``.
    cost
        Of opening each site, ``(n_sites,)``; existing ones cost nothing.
    money
        What may be spent, ``(n_years,)``: by the end of each year where ``carries_over``, within
        it otherwise.
    worth
        What serving a unit of demand counts in each year, ``(n_years,)``.
    existing, required, forbidden
        Masks ``(n_sites,)``: open from the first year, open by the last, never open.
    """

    coverage: Coverage
    demand: FloatArray
    cost: FloatArray
    money: FloatArray
    carries_over: bool
    worth: FloatArray
    existing: np.ndarray
    required: np.ndarray
    forbidden: np.ndarray

    @property
    def n_years(self) -> int:
        """Number of years."""
        return int(self.demand.shape[1])

    def spent(self, opening: IntArray) -> FloatArray:
        """Return what the sites opened in each year cost, ``(n_years,)``."""
        built = opening >= 0
        spent = np.bincount(opening[built], weights=self.cost[built], minlength=self.n_years)
        return spent.astype(float)

    def overdraws(self, opening: IntArray) -> bool:
        """Whether some year spends more than there is."""
        spent = self.spent(opening)
        used = np.cumsum(spent) if self.carries_over else spent
        slack = _ROUNDING * max(float(self.money.max()), 1e-300)
        return bool((used > self.money + slack).any())


def best_years(
    question: Years,
    *,
    start: IntArray | None,
    settings: SolverSettings,
    least_at_end: float = 0.0,
) -> tuple[IntArray, float, bool]:
    """Return the opening year of each site, the bound on the worth, and whether it is proven.

    Parameters
    ----------
    question
        What is asked.
    start
        Opening years that keep every limit; None where none are known.
    settings
        Time limit and relative gap.
    least_at_end
        Demand that must be served in the last year.

    Returns
    -------
    ndarray, float, bool
        ``(n_sites,)``, −1 for sites not built; the bound in demand times worth.
    """
    classes, weight = merge(question.coverage, question.demand)
    years, n = question.n_years, classes.n_sites
    columns = unit_columns(classes)
    gains = (columns @ (weight * question.worth)).T.ravel()
    scale = float(gains.max(initial=0.0)) or 1.0
    rows = [*_services(classes, years), *_limits(question, len(gains))]
    last = np.zeros(years * n + len(gains))
    if least_at_end > 0:
        total = float(weight[:, -1].sum())
        last[-columns.shape[0] :] = columns @ weight[:, -1] / total
        rows.append((sparse.csr_array(last[None, :]), least_at_end / total, np.inf))
    model = MixedIntegerModel(
        gain=np.concatenate([np.zeros(years * n), gains / scale]),
        rows=sparse.csr_array(sparse.vstack([row for row, _, _ in rows])),
        low=np.concatenate([np.broadcast_to(low, row.shape[0]) for row, low, _ in rows]),
        high=np.concatenate([np.broadcast_to(high, row.shape[0]) for row, _, high in rows]),
        n_binary=years * n,
    )
    found = _maximise(model, None if start is None else _begin(classes, start, years), settings)
    is_open = found.values[: years * n].reshape(years, n) > 0.5  # noqa: PLR2004 - binaries
    opening = np.where(is_open.any(axis=0), is_open.argmax(axis=0), NEVER).astype(np.int64)
    return opening, found.bound * scale, found.is_proven


def _maximise(
    model: MixedIntegerModel, begin: FloatArray | None, settings: SolverSettings
) -> Answer:
    if begin is not None:
        return maximise(model, settings=settings, start=begin)
    try:
        found = maximise(model, settings=settings, start=None)
    except ModelError as error:
        raise ModelError(
            Problem(
                where="roll_out, budget",
                what="the required sites, or the end state, cannot be paid year by year",
                mend="Move money to earlier years, let it carry over, or require less.",
            )
        ) from error
    if not found.is_proven:
        raise ModelError(
            Problem(
                where="roll_out",
                what="no plan found within the time limit",
                got=f"{settings.time_limit_s:g} s",
                mend="Raise the time limit, or loosen the yearly budgets.",
            )
        )
    return found


_Row = tuple[sparse.csr_array, "float | FloatArray", "float | FloatArray"]


def _services(classes: Coverage, years: int) -> list[_Row]:
    """Return what serves whom in each year, and that what is open stays open."""
    sites, services = service_constraints(classes)
    each = sparse.eye_array(years)
    n, k = classes.n_sites, services.shape[1]
    rows = sparse.hstack([sparse.kron(each, sites), sparse.kron(each, services)])
    later = sparse.eye_array((years - 1) * n, years * n, k=n)
    stays = later - sparse.eye_array((years - 1) * n, years * n)
    padded = sparse.hstack([stays, sparse.csr_array(((years - 1) * n, years * k))])
    return [(sparse.csr_array(rows), 0.0, np.inf), (sparse.csr_array(padded), 0.0, np.inf)]


def _limits(question: Years, n_services: int) -> list[_Row]:
    """Return the money of each year and the sites that are not free to choose."""
    years, n = question.n_years, len(question.cost)
    by = float(question.money.max()) or float(question.cost.max()) or 1.0
    spending = np.eye(years)
    if not question.carries_over:
        spending -= np.eye(years, k=-1)
    money = sparse.csr_array(np.kron(spending, question.cost[None, :] / by))
    high = question.money / by
    fixed = np.concatenate(
        [
            np.flatnonzero(question.existing),
            (years - 1) * n + np.flatnonzero(question.required),
            *(t * n + np.flatnonzero(question.forbidden) for t in range(years)),
        ]
    ).astype(np.int64)
    n_open = len(fixed) - years * int(question.forbidden.sum())
    value = np.where(np.arange(len(fixed)) < n_open, 1.0, 0.0)
    chosen = sparse.csr_array(
        (np.ones(len(fixed)), (np.arange(len(fixed)), fixed)), shape=(len(fixed), years * n)
    )
    rows: list[_Row] = [(_wide(money, n_services), -np.inf, high)]
    return [*rows, (_wide(chosen, n_services), value, value)] if len(fixed) else rows


def _wide(rows: sparse.csr_array, n_services: int) -> sparse.csr_array:
    return sparse.csr_array(sparse.hstack([rows, sparse.csr_array((rows.shape[0], n_services))]))


def _begin(classes: Coverage, opening: IntArray, years: int) -> FloatArray:
    points = [
        point(classes, np.flatnonzero((opening >= 0) & (opening <= t))) for t in range(years)
    ]
    n = classes.n_sites
    return np.concatenate([*(p[:n] for p in points), *(p[n:] for p in points)])


def open_in(opening: IntArray, year: int) -> IntArray:
    """Return the sites open in a year, ascending."""
    return np.flatnonzero((opening >= 0) & (opening <= year))


def served_in_years(question: Years, opening: IntArray) -> FloatArray:
    """Return the demand served in each year, ``(n_years,)``."""
    years = range(question.n_years)
    served = [is_served(question.coverage, open_in(opening, t)) for t in years]
    return np.array([math.fsum(question.demand[s, t]) for t, s in zip(years, served, strict=True)])


def without_idle(question: Years, opening: IntArray) -> IntArray:
    """Leave out, and put off, what serves nobody: free choices are made in one way only."""
    kept = opening.copy()
    served = served_in_years(question, kept)
    for j in np.flatnonzero((kept >= 0) & ~question.existing & ~question.required)[::-1]:
        year = kept[j]
        kept[j] = NEVER
        if (served_in_years(question, kept) < served).any():
            kept[j] = year
    return kept
