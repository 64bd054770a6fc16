"""p-median: p sites so that all demand together travels least."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import Progress, SolverSettings, SolveStatus
from siting.optimise import evaluate
from siting.optimise._inputs import (
    check_count,
    check_limits,
    is_whole,
    read_amounts,
    read_costs,
    read_demand,
    refuse_unserved,
)
from siting.optimise._median import Median, solve_median
from siting.optimise._neighbours import Lists, list_costs, list_distances
from siting.optimise._set_cover import fewest_sites
from siting.optimise._watch import Watch
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel
from siting.optimise.roles import Roles, read_roles

_WHERE, _XY = "p_median", 2
Unreachable = Literal["error", "leave_out"]


def p_median(
    cost: object,
    demand: ArrayLike,
    p: int,
    *,
    roles: ArrayLike | None = None,
    unreachable: Unreachable = "error",
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Solution:
    """Choose p sites with the least total of demand times cost to the nearest site.

    Interchange finds a plan, a Lagrangian relaxation its bound; reduced costs close most sites,
    and Benders cuts decide on the rest.

    Parameters
    ----------
    cost
        ``(n_demand, n_sites)``, ≥ 0; dense with NaN, or sparse with missing pairs, for
        unreachable.
    demand
        ``(n_demand,)``, ≥ 0.
    p
        Number of sites besides existing ones.
    roles
        ``(n_sites,)`` of ``SiteRole``.
    unreachable
        What to do with points that reach no allowed site.
    time_limit_s
        Wall seconds, > 0.
    gap
        Relative gap that counts as optimal, [0, 1).
    seed
        Of the random start.
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is demand times cost, ``bound`` the proven least; ``allocation`` the
        nearest site (ties: the first).

    Raises
    ------
    ModelError
        On bad input, or if p sites cannot reach everyone; the message tells how many could.

    References
    ----------
    Hakimi (1964); Resende and Werneck (2007); Duran-Mateluna, Ales and Elloumi (2023).

    Examples
    --------
    >>> p_median([[0, 4, 9], [4, 0, 5], [9, 5, 0]], [1, 1, 1], 1).objective
    9.0
    """
    watch = Watch(time_limit_s=time_limit_s, progress=progress)
    check_limits(time_limit_s=time_limit_s, gap=gap, where=_WHERE)
    matrix = read_costs(cost, where=_WHERE)
    n, m = matrix.shape
    amount = read_demand(demand, n, where=_WHERE)
    role = read_roles(roles, m, where=_WHERE)
    count = _count(p, role)
    lists = list_costs(matrix, amount, role.is_allowed, count)
    without = np.flatnonzero(np.diff(lists.start) == 0)
    if unreachable == "error":
        refuse_unserved(without, where=_WHERE, reach="serves")
    _check_reach(lists, role, p, watch)
    values = np.asarray(matrix.data if sparse.issparse(matrix) else matrix, dtype=float)
    ask = _Ask(p, role, is_whole(values) and is_whole(amount), gap, seed)
    found = _solve(lists, ask, watch)
    at, value = evaluate.nearest(matrix, found.sites)
    value[without] = 0.0
    return _answer(found, ask, (at, value, amount), len(without), watch)


def p_median_on_plane(
    points_xy: ArrayLike,
    sites_xy: ArrayLike,
    demand: ArrayLike,
    p: int,
    *,
    roles: ArrayLike | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Solution:
    """Choose p sites with the least demand-weighted straight distance, without a cost matrix.

    As ``p_median``, for sizes whose matrix would not fit: only the nearest sites of each point
    are listed, found by a tree, and every bound takes the rest to be no nearer than the last.

    Parameters
    ----------
    points_xy, sites_xy
        Projected coordinates ``(n_demand, 2)`` and ``(n_sites, 2)``, metres.
    demand
        ``(n_demand,)``, ≥ 0.
    p
        Number of sites besides existing ones.
    roles
        ``(n_sites,)`` of ``SiteRole``.
    time_limit_s
        Wall seconds, > 0.
    gap
        Relative gap that counts as optimal, [0, 1).
    seed
        Of the random start.
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is demand times metres.

    Raises
    ------
    ModelError
        On bad input.
    """
    watch = Watch(time_limit_s=time_limit_s, progress=progress)
    check_limits(time_limit_s=time_limit_s, gap=gap, where=_WHERE)
    points, places = _coordinates(points_xy, "points_xy"), _coordinates(sites_xy, "sites_xy")
    amount = read_demand(demand, len(points), where=_WHERE)
    role = read_roles(roles, len(places), where=_WHERE)
    lists = list_distances(points, places, amount, role.is_allowed, _count(p, role))
    ask = _Ask(p, role, is_whole=False, gap=gap, seed=seed)
    found = _solve(lists, ask, watch)
    at, value = evaluate.nearest_on_plane(points, places, found.sites)
    return _answer(found, ask, (at, value, amount), 0, watch)


@dataclass(frozen=True, slots=True, eq=False)
class _Ask:
    p: int
    role: Roles
    is_whole: bool
    gap: float
    seed: int


def _count(p: int, role: Roles) -> int:
    required = int((role.is_kept_open & ~role.is_existing).sum())
    free = int(role.is_allowed.sum()) - role.n_existing
    return check_count(p, max(1, required), free, where=_WHERE) + role.n_existing


def _solve(lists: Lists, ask: _Ask, watch: Watch) -> Median:
    return solve_median(
        lists,
        p=ask.p + ask.role.n_existing,
        is_open=ask.role.is_kept_open,
        is_closed=~ask.role.is_allowed,
        is_whole=ask.is_whole,
        gap=ask.gap,
        seed=ask.seed,
        watch=watch,
    )


def _answer(
    found: Median,
    ask: _Ask,
    served: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]],
    left_out: int,
    watch: Watch,
) -> Solution:
    """Certify a plan and put it into the record."""
    at, value, amount = served
    total = float((value * amount).sum())
    evaluate.certify_sites(_WHERE, found.sites, ask.role.is_kept_open, ask.role.is_allowed)
    evaluate.certify_at_most(_WHERE, "p", len(found.sites), ask.p + ask.role.n_existing)
    if found.is_exact:
        evaluate.certify(_WHERE, found.cost, total)
    bound = min(found.bound, total)
    allowed = max(ask.gap, 1e-9) * total + (1.0 - 1e-6 if ask.is_whole else 0.0)
    is_proven = total - bound <= allowed
    bound = total if is_proven and ask.gap == 0 else bound
    return Solution(
        sites=found.sites,
        objective=total,
        bound=bound,
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={
            "sites_asked": float(ask.p),
            "mean_cost": total / float(amount.sum()),
            "points_left_out": float(left_out),
        },
        allocation=at,
        reduced=found.reduced,
    )


def _check_reach(lists: Lists, role: Roles, p: int, watch: Watch) -> None:
    """Refuse a p with which some points cannot be reached, and tell which p would do."""
    if not lists.is_complete or (np.diff(lists.start) >= role.is_allowed.sum()).all():
        return
    ones = np.ones(len(lists.site))
    shape = (lists.n_points, lists.n_sites)
    covers = sparse.csr_array((ones, lists.site, lists.start), shape=shape)
    covers.sort_indices()
    is_asking = np.diff(lists.start) > 0
    found = fewest_sites(covers, is_asking, role, p=p, watch=watch)
    if found.cost > p:
        raise ModelError(
            Problem(
                where=f"{_WHERE}, p",
                what="too few sites to reach every demand point",
                got=str(p),
                expected=f"at least {found.bound:g}",
                mend="Raise p, or leave out what cannot be reached.",
            )
        )


def _coordinates(values: ArrayLike, name: str) -> NDArray[np.float64]:
    xy = np.asarray(values, dtype=float)
    if xy.ndim != _XY or xy.shape[1] != _XY or not len(xy) or not np.isfinite(xy).all():
        raise ModelError(
            Problem(
                where=f"{_WHERE}, {name}",
                what="not coordinates",
                got=str(xy.shape),
                expected="(n, 2) finite numbers",
            )
        )
    return xy


def _plan(problem: SitingProblem, *, settings: SolverSettings, sites: int) -> Solution:
    """Bring demand and sites as near together as p sites can; who reaches none is left out."""
    weight = read_amounts(problem.demand, len(problem.demand), where=_WHERE, name="demand")
    found = p_median(
        problem.times_min,
        weight,
        sites,
        unreachable="leave_out",
        time_limit_s=settings.time_limit_s,
        gap=settings.gap,
    )
    near = (problem.times_min[:, found.sites] <= problem.service_min).any(axis=1)
    share = float(weight[near].sum()) / float(weight.sum())
    return Solution(
        sites=found.sites,
        objective=found.objective,
        bound=found.bound,
        status=found.status,
        seconds=found.seconds,
        facts={**found.facts, "coverage_share": share},
    )


MODEL = LocationModel(name="p_median", objective_unit="{demand}·min", solve=_plan)
