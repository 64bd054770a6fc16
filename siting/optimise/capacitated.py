"""Sites with limited capacity: capacitated p-median and capacitated covering."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.model import Progress, SolverSettings
from siting.optimise._allocated import allocated_solution, check_capacity, check_sites
from siting.optimise._allocation_mip import (
    Question,
    allocate_best,
    fill,
    reachable_pairs,
)
from siting.optimise._inputs import (
    Matrix,
    check_limits,
    read_amounts,
    read_costs,
    read_cover,
    read_demand,
    refuse_unserved,
)
from siting.optimise._median import solve_median
from siting.optimise._neighbours import list_costs
from siting.optimise._watch import Watch
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel
from siting.optimise.roles import read_roles

Splitting = Literal["single", "multiple"]
_MEDIAN, _COVERING = "capacitated_p_median", "capacitated_covering"
_FIRST_PLAN_SHARE = 0.1  # of the time, for the sites an uncapacitated plan would choose


def capacitated_p_median(
    cost: object,
    demand: ArrayLike,
    capacity: ArrayLike,
    p: int,
    *,
    weight: ArrayLike | None = None,
    allocation: Splitting = "single",
    roles: ArrayLike | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose at most p sites and serve all demand within their capacities at the least cost.

    Parameters
    ----------
    cost
        ``(n_demand, n_sites)``, ≥ 0; dense with NaN, or sparse with missing pairs, for
        unreachable.
    demand
        ``(n_demand,)``, ≥ 0: what a point takes of a site's capacity.
    capacity
        ``(n_sites,)`` or one number, ≥ 0.
    p
        Number of sites besides existing ones.
    weight
        ``(n_demand,)`` multiplies the cost of a point; None takes its demand.
    allocation
        Whether a point has a single site or may be split.
    roles
        ``(n_sites,)`` of ``SiteRole``.
    time_limit_s
        Wall seconds, > 0.
    gap
        Relative gap that counts as optimal, [0, 1).
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is the weighted cost; ``shares`` tell who serves whom, ``allocation`` the
        site with the largest share.

    Raises
    ------
    ModelError
        On bad input, or if capacities do not suffice; the message tells what would.
    """
    watch = Watch(time_limit_s=time_limit_s, progress=progress)
    check_limits(time_limit_s=time_limit_s, gap=gap, where=_MEDIAN)
    matrix = read_costs(cost, where=_MEDIAN)
    n, m = matrix.shape
    amount = read_demand(demand, n, where=_MEDIAN)
    price = amount if weight is None else read_amounts(weight, n, where=_MEDIAN, name="weight")
    role = read_roles(roles, m, where=_MEDIAN)
    room = read_amounts(capacity, m, where=_MEDIAN, name="capacity")
    most = check_sites(p, role, where=_MEDIAN)
    pairs = reachable_pairs(matrix, price, role.is_allowed)
    without = np.flatnonzero(np.bincount(pairs.point, minlength=n) == 0)
    refuse_unserved(without, where=_MEDIAN, reach="serves")
    check_capacity(amount, room, role, p, where=_MEDIAN)
    question = Question(
        pairs=pairs,
        demand=amount,
        capacity=room,
        charge=np.zeros(m),
        is_open=role.is_kept_open,
        is_allowed=role.is_allowed,
        most_sites=float(most),
        must_serve=True,
        is_single=allocation == "single",
    )
    plan = _median_plan(question, matrix, price, most, watch)
    settings = SolverSettings(time_limit_s=max(watch.left_s, 0.1), gap=gap)
    found = allocate_best(question, settings=settings, plan=plan, where=_MEDIAN)
    return allocated_solution(found, question, watch, where=_MEDIAN)


def capacitated_covering(
    covers: object,
    demand: ArrayLike,
    capacity: ArrayLike,
    p: int,
    *,
    allocation: Splitting = "multiple",
    roles: ArrayLike | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose at most p sites that serve the most demand within their reach and capacity.

    Parameters
    ----------
    covers
        ``(n_demand, n_sites)``, dense or scipy.sparse: not zero where the site covers the point.
    demand
        ``(n_demand,)``, ≥ 0.
    capacity
        ``(n_sites,)`` or one number, ≥ 0.
    p
        Number of sites besides existing ones.
    allocation
        Whether a point has a single site, which serves all of it or nothing, or may be split.
    roles
        ``(n_sites,)`` of ``SiteRole``.
    time_limit_s
        Wall seconds, > 0.
    gap
        Relative gap that counts as optimal, [0, 1).
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is the demand served, ``bound`` the proven most.

    Raises
    ------
    ModelError
        On bad input.

    References
    ----------
    Current and Storbeck (1988), Capacitated covering models; Pirkul and Schilling (1991).
    """
    watch = Watch(time_limit_s=time_limit_s, progress=progress)
    check_limits(time_limit_s=time_limit_s, gap=gap, where=_COVERING)
    matrix = read_cover(covers, where=_COVERING)
    n, m = matrix.shape
    amount = read_demand(demand, n, where=_COVERING)
    role = read_roles(roles, m, where=_COVERING)
    room = read_amounts(capacity, m, where=_COVERING, name="capacity")
    most = check_sites(p, role, where=_COVERING)
    ones = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=(n, m))
    question = Question(
        pairs=reachable_pairs(ones, amount, role.is_allowed),
        demand=amount,
        capacity=room,
        charge=np.zeros(m),
        is_open=role.is_kept_open,
        is_allowed=role.is_allowed,
        most_sites=float(most),
        must_serve=False,
        is_single=allocation == "single",
    )
    settings = SolverSettings(time_limit_s=max(watch.left_s, 0.1), gap=gap)
    plan = _covering_plan(question, most)
    found = allocate_best(question, settings=settings, plan=plan, where=_COVERING)
    return allocated_solution(found, question, watch, where=_COVERING)


def _median_plan(
    question: Question, cost: Matrix, price: NDArray[np.float64], most: int, watch: Watch
) -> NDArray[np.int64] | None:
    """Fill the sites of the plan without capacities, if they have the room."""
    lists = list_costs(cost, price, question.is_allowed, most)
    if most < 1:
        return None
    short = Watch(time_limit_s=max(_FIRST_PLAN_SHARE * watch.left_s, 0.1))
    median = solve_median(
        lists,
        p=most,
        is_open=question.is_open,
        is_closed=~question.is_allowed,
        is_whole=False,
        gap=0.01,
        seed=0,
        watch=short,
    )
    return fill(question, median.sites)


def _covering_plan(question: Question, most: int) -> NDArray[np.int64] | None:
    """Take the sites that could serve most, and fill them."""
    pairs = question.pairs
    reach = np.bincount(pairs.site, weights=pairs.value, minlength=len(question.capacity))
    worth = np.minimum(reach, question.capacity)
    ranked = np.where(question.is_open, np.inf, np.where(question.is_allowed, worth, -np.inf))
    return fill(question, np.argsort(-ranked, kind="stable")[:most])


def _plan(
    problem: SitingProblem,
    *,
    settings: SolverSettings,
    sites: int,
    capacity: float,
    split_demand: bool = True,
) -> Solution:
    """Serve the most demand within the radius by p sites of one capacity."""
    found = capacitated_covering(
        problem.times_min <= problem.service_min,
        problem.demand,
        capacity,
        sites,
        allocation="multiple" if split_demand else "single",
        time_limit_s=settings.time_limit_s,
        gap=settings.gap,
    )
    return Solution(
        sites=found.sites,
        objective=found.objective,
        bound=found.bound,
        status=found.status,
        seconds=found.seconds,
        facts={**found.facts, "sites_asked": float(sites), "capacity": capacity},
    )


MODEL = LocationModel(name="capacitated_covering", objective_unit="{demand}", solve=_plan)
