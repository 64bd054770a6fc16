"""p-median: p sites so that all demand together travels least."""

from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import Progress, SolverSettings
from siting.optimise import evaluate
from siting.optimise._inputs import is_whole, read_amounts, read_costs, refuse_unserved
from siting.optimise._median_plan import WHERE as _WHERE, Ask, Served, median_solution, solve_lists
from siting.optimise._neighbours import list_costs, list_distances
from siting.optimise._opening import Ends, open_question
from siting.optimise._study import coverage_share
from siting.optimise.districts import DistrictMinimum, check_sites_enough, read_minimum
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel
from siting.optimise.roles import SiteRole

_XY = 2
Unreachable = Literal["error", "leave_out"]


def p_median(
    cost: object,
    demand: ArrayLike,
    p: int,
    *,
    roles: ArrayLike | None = None,
    districts: DistrictMinimum | None = None,
    unreachable: Unreachable = "error",
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Solution:
    """Choose p sites with the least total of demand times cost to the nearest site.

    Interchange finds a plan, a Lagrangian relaxation its bound; reduced costs close most sites,
    and branching with Benders cuts decides on the rest.

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
        ``(n_sites,)`` of ``SiteRole``; demand goes to the nearest site of anyone's, and what a
        competitor serves no farther than we do is lost to us.
    districts
        Sites that each district has at least.
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
        ``objective`` is demand times cost, ``bound`` the proven least, of all demand wherever it
        is served; ``allocation`` the nearest site of ours (ties: the first), -1 for points left
        out or lost to competitors, whose demand the facts tell.

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
    opened = open_question(
        read_costs,
        cost,
        demand,
        roles,
        where=_WHERE,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
        knows=SiteRole.COMPETITOR,
    )
    matrix, amount, role = opened.matrix, opened.demand, opened.role
    opened.count(p, least=1)
    floors = read_minimum(districts, opened.shape, where=_WHERE, shares=False)
    check_sites_enough(floors, role, p, where=_WHERE)
    values = np.asarray(matrix.data if sparse.issparse(matrix) else matrix, dtype=float)
    ask = Ask(
        p=p,
        role=role,
        floors=floors,
        is_whole=is_whole(values) and is_whole(amount),
        gap=gap,
        seed=seed,
    )
    lists = list_costs(matrix, amount, role.everyone.is_allowed, ask.n_open)
    without = np.flatnonzero(np.diff(lists.start) == 0)
    if unreachable == "error":
        refuse_unserved(without, where=_WHERE, reach="serves")
    found = solve_lists(lists, ask, opened.watch)
    at, ours = evaluate.nearest(matrix, ask.own(found.sites))
    _, theirs = evaluate.nearest(matrix, np.flatnonzero(role.is_competitor))
    served = Served(at=at, ours=ours, theirs=theirs, demand=amount)
    return median_solution(found, ask, served, without, opened.watch)


def p_median_on_plane(
    points_xy: ArrayLike,
    sites_xy: ArrayLike,
    demand: ArrayLike,
    p: int,
    *,
    roles: ArrayLike | None = None,
    districts: DistrictMinimum | None = None,
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
        ``(n_sites,)`` of ``SiteRole``; demand goes to the nearest site of anyone's, and what a
        competitor serves no farther than we do is lost to us.
    districts
        Sites that each district has at least.
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
    points, places = _coordinates(points_xy, "points_xy"), _coordinates(sites_xy, "sites_xy")
    opened = open_question(
        partial(_sizes, shape=(len(points), len(places))),
        None,
        demand,
        roles,
        where=_WHERE,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
        knows=SiteRole.COMPETITOR,
    )
    role = opened.role
    opened.count(p, least=1)
    floors = read_minimum(districts, opened.shape, where=_WHERE, shares=False)
    check_sites_enough(floors, role, p, where=_WHERE)
    ask = Ask(p=p, role=role, floors=floors, is_whole=False, gap=gap, seed=seed)
    allowed = role.everyone.is_allowed
    lists = list_distances(points, places, opened.demand, allowed, ask.n_open)
    found = solve_lists(lists, ask, opened.watch)
    at, ours = evaluate.nearest_on_plane(points, places, ask.own(found.sites))
    rivals = np.flatnonzero(role.is_competitor)
    _, theirs = evaluate.nearest_on_plane(points, places, rivals)
    served = Served(at=at, ours=ours, theirs=theirs, demand=opened.demand)
    return median_solution(found, ask, served, np.zeros(0, dtype=np.int64), opened.watch)


def _sizes(_: object, *, where: str, shape: tuple[int, int]) -> sparse.csr_array:  # noqa: ARG001 - as all readers
    """Return an empty table of points by sites: there is no matrix to read."""
    return sparse.csr_array(shape)


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
    share = coverage_share(problem, found.sites)
    return Solution(
        sites=found.sites,
        objective=found.objective,
        bound=found.bound,
        status=found.status,
        seconds=found.seconds,
        facts={**found.facts, "coverage_share": share},
    )


MODEL = LocationModel(name="p_median", objective_unit="{demand}·min", solve=_plan)
