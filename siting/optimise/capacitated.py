"""Sites with limited capacity: capacitated p-median and capacitated covering."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.model import Progress, SolverSettings
from siting.optimise._allocated import Splitting, read_capacitated, solve_allocated, weights
from siting.optimise._allocation_mip import Question, fill
from siting.optimise._inputs import Matrix, read_costs, read_cover
from siting.optimise._median import solve_median
from siting.optimise._neighbours import list_costs
from siting.optimise._opening import Ends, open_question
from siting.optimise._watch import Watch
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel
from siting.optimise.roles import SiteRole

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
    upgrade: ArrayLike | None = None,
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
        Number of new sites and enlargements.
    weight
        ``(n_demand,)`` multiplies the cost of a point; None takes its demand.
    allocation
        Whether a point has a single site or may be split.
    roles
        ``(n_sites,)`` of ``SiteRole``.
    upgrade
        ``(n_sites,)`` ≥ 0, what the capacity of upgradable sites may grow by; each enlargement
        counts towards p. A site whose load is above its capacity is one that is enlarged.
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
    opened = open_question(
        read_costs,
        cost,
        demand,
        roles,
        where=_MEDIAN,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
        knows=SiteRole.UPGRADABLE,
    )
    price = weights(opened, weight)
    question = read_capacitated(
        opened,
        capacity,
        p=p,
        weight=price,
        allocation=allocation,
        must_serve=True,
        upgrade=upgrade,
    )
    plan = _median_plan(question, opened.matrix, price, opened.watch)
    return solve_allocated(question, opened, plan)


def capacitated_covering(
    covers: object,
    demand: ArrayLike,
    capacity: ArrayLike,
    p: int,
    *,
    allocation: Splitting = "multiple",
    roles: ArrayLike | None = None,
    upgrade: ArrayLike | None = None,
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
        Number of new sites and enlargements.
    allocation
        Whether a point has a single site, which serves all of it or nothing, or may be split.
    roles
        ``(n_sites,)`` of ``SiteRole``.
    upgrade
        ``(n_sites,)`` ≥ 0, what the capacity of upgradable sites may grow by; each enlargement
        counts towards p. A site whose load is above its capacity is one that is enlarged.
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
    opened = open_question(
        _read_ones,
        covers,
        demand,
        roles,
        where=_COVERING,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
        knows=SiteRole.UPGRADABLE,
    )
    question = read_capacitated(
        opened,
        capacity,
        p=p,
        weight=opened.demand,
        allocation=allocation,
        must_serve=False,
        upgrade=upgrade,
    )
    plan = _covering_plan(question)
    return solve_allocated(question, opened, plan)


def _read_ones(covers: object, *, where: str) -> sparse.csr_array:
    """Return the cover as a table of ones: a served point is worth its demand."""
    read = read_cover(covers, where=where)
    return sparse.csr_array((np.ones(read.nnz), read.indices, read.indptr), shape=read.shape)


def _median_plan(
    question: Question, cost: Matrix, price: NDArray[np.float64], watch: Watch
) -> NDArray[np.int64] | None:
    """Fill the sites of the plan without capacities, if they have the room."""
    most = min(int(question.most_sites), int(question.is_allowed.sum()))
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


def _covering_plan(question: Question) -> NDArray[np.int64] | None:
    """Take the sites that could serve most, and fill them."""
    pairs = question.pairs
    reach = np.bincount(pairs.site, weights=pairs.value, minlength=len(question.capacity))
    worth = np.minimum(reach, question.capacity)
    ranked = np.where(question.is_open, np.inf, np.where(question.is_allowed, worth, -np.inf))
    return fill(question, np.argsort(-ranked, kind="stable")[: int(question.most_sites)])


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
