"""Set covering: the fewest or cheapest sites within whose reach all demand lies."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.model import Progress, SolverSettings, SolveStatus
from siting.optimise import evaluate
from siting.optimise._cover import Cover, keep_sites, merge
from siting.optimise._inputs import (
    check_limits,
    read_amounts,
    read_cover,
    refuse_unserved,
)
from siting.optimise._set_cover import Covering, cover_all
from siting.optimise._watch import Watch
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel
from siting.optimise.roles import read_roles

_WHERE = "lscp"
Unreachable = Literal["error", "leave_out"]


def lscp(
    covers: object,
    *,
    cost: ArrayLike | None = None,
    roles: ArrayLike | None = None,
    unreachable: Unreachable = "error",
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose the cheapest sites that cover every demand point.

    Points with the same covering sites are merged and dominated points and sites dropped, all
    exactly; what is left is solved by HiGHS from a greedy start. Nothing is random.

    Parameters
    ----------
    covers
        ``(n_demand, n_sites)``, dense or scipy.sparse: not zero where the site covers the point.
    cost
        ``(n_sites,)``, ≥ 0; None counts sites.
    roles
        ``(n_sites,)`` of ``SiteRole``; existing sites cost nothing.
    unreachable
        What to do with points that no allowed site covers: refuse, or leave them out and tell.
    time_limit_s
        Wall seconds, > 0.
    gap
        Relative gap that counts as optimal, [0, 1).
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is the cost without existing sites, ``bound`` the proven least; ``sites``
        are all open ones; ``allocation`` is a covering site of each point (the first).

    Raises
    ------
    ModelError
        On bad input, or on uncovered points with ``unreachable="error"``.

    References
    ----------
    Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities.

    Examples
    --------
    >>> lscp([[1, 1, 0], [0, 1, 0], [0, 0, 1]]).sites.tolist()
    [1, 2]
    """
    watch = Watch(time_limit_s=time_limit_s, progress=progress)
    check_limits(time_limit_s=time_limit_s, gap=gap, where=_WHERE)
    matrix = read_cover(covers, where=_WHERE)
    n, m = matrix.shape
    role = read_roles(roles, m, where=_WHERE)
    price = np.where(role.is_existing, 0.0, read_amounts(cost, m, where=_WHERE, name="cost"))
    allowed = keep_sites(matrix, role.is_allowed)
    without = np.flatnonzero(np.diff(allowed.indptr) == 0)
    if unreachable == "error":
        refuse_unserved(without, where=_WHERE, reach="covers")
    is_open = np.flatnonzero(role.is_kept_open)
    is_left = np.asarray(allowed[:, is_open].sum(axis=1)).ravel() == 0
    classes = merge(allowed, is_left.astype(float))
    watch.tell(0.1, f"{n} points in {len(classes.weight)} classes")
    found = cover_all(classes.rows, price, watch=watch, gap=gap)
    sites = np.union1d(found.sites, is_open).astype(np.int64)
    certain = float(price[is_open].sum())
    paid = float(price[sites].sum())
    bound = min(found.bound + certain, paid)
    _certify(matrix, sites, without, role.is_kept_open, role.is_allowed)
    evaluate.certify(_WHERE, found.cost + certain, paid)
    is_proven = found.is_proven or paid - bound <= gap * paid
    return Solution(
        sites=sites,
        objective=paid,
        bound=bound,
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={"points_left_out": float(len(without)), "sites_open": float(len(sites))},
        allocation=evaluate.first_covering(matrix, sites),
        reduced=_reduced(n, classes, found),
    )


def _reduced(n: int, classes: Cover, found: Covering) -> dict[str, float]:
    return {
        "points": float(n),
        "classes": float(len(classes.weight)),
        "rows_left": float(found.n_rows),
        "sites_left": float(found.n_sites),
    }


def _certify(
    matrix: sparse.csr_array,
    sites: NDArray[np.int64],
    without: NDArray[np.int64],
    must: NDArray[np.bool_],
    may: NDArray[np.bool_],
) -> None:
    evaluate.certify_sites(_WHERE, sites, must, may)
    missed = np.setdiff1d(evaluate.uncovered(matrix, sites), without)
    evaluate.certify_at_most(_WHERE, "points without a site", float(len(missed)), 0.0)


def _plan(
    problem: SitingProblem, *, settings: SolverSettings, leave_out_unreachable: bool = False
) -> Solution:
    """Cover all demand points that have demand within the service radius."""
    is_asking = problem.demand > 0
    covers = (problem.times_min <= problem.service_min)[is_asking]
    found = lscp(
        covers,
        unreachable="leave_out" if leave_out_unreachable else "error",
        time_limit_s=settings.time_limit_s,
        gap=settings.gap,
    )
    total = float(problem.demand.sum()) or 1.0
    near = (problem.times_min[:, found.sites] <= problem.service_min).any(axis=1)
    return Solution(
        sites=found.sites,
        objective=found.objective,
        bound=found.bound,
        status=found.status,
        seconds=found.seconds,
        facts={**found.facts, "coverage_share": float(problem.demand[near].sum()) / total},
    )


MODEL = LocationModel(name="lscp", objective_unit="sites", solve=_plan)
