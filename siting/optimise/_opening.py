"""How every location model begins: its question read and checked, its clock started."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.errors import ModelError, Problem
from siting.model import Progress, SolverSettings
from siting.optimise._inputs import Matrix, check_count, check_limits, read_amounts, read_demand
from siting.optimise._watch import Watch
from siting.optimise.roles import Roles, SiteRole, read_roles

_LEAST_S = 0.1  # a solver that gets no time at all gives no plan either

T = TypeVar("T", bound=Matrix)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ends:
    """When a solve ends, and whom it tells how far it is."""

    time_limit_s: float
    gap: float = 0.0
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opening(Generic[T]):
    """A question that passed its checks: who is asked for, what of, and until when."""

    where: str
    matrix: T
    demand: NDArray[np.float64]
    role: Roles
    watch: Watch
    gap: float

    @property
    def shape(self) -> tuple[int, int]:
        """Number of demand points and of sites."""
        n, m = self.matrix.shape
        return int(n), int(m)

    @property
    def settings(self) -> SolverSettings:
        """What is left of the time, and the gap, for HiGHS."""
        return SolverSettings(time_limit_s=max(self.watch.left_s, _LEAST_S), gap=self.gap)

    def count(self, p: int, *, least: int = 0, more: int = 0, name: str = "p") -> int:
        """Return how many sites may be open, existing ones included; refuse p out of range.

        ``more`` is how many enlargements there may be besides, which count as sites do.
        """
        low, high = max(least, self.role.n_required), self.role.n_free + more
        return check_count(p, low, high, where=self.where, name=name) + self.role.n_existing

    def amounts(self, values: ArrayLike | None, name: str) -> NDArray[np.float64]:
        """Return one number ≥ 0 a site, e.g. capacity or charge."""
        return read_amounts(values, self.shape[1], where=self.where, name=name)


def open_question(
    read: Callable[..., T],
    asked: object,
    demand: ArrayLike | None,
    roles: ArrayLike | None,
    *,
    where: str,
    ends: Ends,
    knows: SiteRole = SiteRole.CANDIDATE,
) -> Opening[T]:
    """Read and check what all models have in common; tell all that is wrong at once.

    Parameters
    ----------
    read
        How the table of points by sites is read, e.g. ``read_costs``.
    asked, demand, roles
        As the caller gave them; demand of None is 1 each.
    where
        The model, for the errors.
    ends
        Time limit, gap and progress.
    knows
        Which special roles mean something to the model.

    Returns
    -------
    Opening
        The question, with its clock running.
    """
    watch = Watch(time_limit_s=ends.time_limit_s, progress=ends.progress)
    problems: list[Problem] = []
    with _gathered(problems):
        check_limits(time_limit_s=ends.time_limit_s, gap=ends.gap, where=where)
    try:
        matrix = read(asked, where=where)
    except ModelError as error:
        raise ModelError(*problems, *error.problems) from error
    n, m = matrix.shape
    amount, role = np.ones(n), read_roles(None, m, where=where)
    with _gathered(problems):
        amount = amount if demand is None else read_demand(demand, n, where=where)
    with _gathered(problems):
        role = read_roles(roles, m, where=where, knows=knows)
    if problems:
        raise ModelError(*problems)
    return Opening(where=where, matrix=matrix, demand=amount, role=role, watch=watch, gap=ends.gap)


@contextmanager
def _gathered(problems: list[Problem]) -> Iterator[None]:
    """Keep what is wrong for later, so that all of it is told at once."""
    try:
        yield
    except ModelError as error:
        problems.extend(error.problems)
