"""Set covering: the fewest or cheapest sites within whose reach all demand lies."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.model import Progress, SolverSettings, SolveStatus
from siting.optimise import evaluate
from siting.optimise._cover import Cover, keep_sites, merge
from siting.optimise._inputs import read_cover, refuse_unserved
from siting.optimise._interchange import Quota
from siting.optimise._opening import Ends, Opening, open_question
from siting.optimise._set_cover import Covering, cover_all, cover_quota
from siting.optimise._study import coverage_share
from siting.optimise.districts import (
    DistrictMinimum,
    Floors,
    certify_floors,
    check_sites_enough,
    read_minimum,
)
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel

_WHERE = "lscp"
Unreachable = Literal["error", "leave_out"]


def lscp(
    covers: object,
    *,
    cost: ArrayLike | None = None,
    roles: ArrayLike | None = None,
    districts: DistrictMinimum | None = None,
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
    districts
        Sites that each district has at least, beyond those that cover it.
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
        On bad input, on uncovered points with ``unreachable="error"``, or if a district has fewer
        sites than it needs.

    References
    ----------
    Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities.

    Examples
    --------
    >>> lscp([[1, 1, 0], [0, 1, 0], [0, 0, 1]]).sites.tolist()
    [1, 2]
    """
    opened = open_question(
        read_cover,
        covers,
        None,
        roles,
        where=_WHERE,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
    )
    matrix, role, n = opened.matrix, opened.role, opened.shape[0]
    price = np.where(role.is_existing, 0.0, opened.amounts(cost, "cost"))
    floors = read_minimum(districts, opened.shape, where=_WHERE, shares=False)
    check_sites_enough(floors, role, None, where=_WHERE)
    allowed = keep_sites(matrix, role.is_allowed)
    without = _out_of_reach(allowed, unreachable)
    is_open = np.flatnonzero(role.is_kept_open)
    is_left = np.asarray(allowed[:, is_open].sum(axis=1)).ravel() == 0
    classes = merge(allowed, is_left.astype(float))
    found = _cover(opened, classes.rows, price, floors)
    sites = np.union1d(found.sites, is_open).astype(np.int64)
    certain, paid = float(price[is_open].sum()), float(price[sites].sum())
    bound = min(found.bound + certain, paid)
    _certify(matrix, sites, without, role.is_kept_open, role.is_allowed)
    certify_floors(floors, sites, None, opened.demand, where=_WHERE)
    evaluate.certify(_WHERE, found.cost + certain, paid)
    return Solution(
        sites=sites,
        objective=paid,
        bound=bound,
        status=_status(is_proven=found.is_proven or paid - bound <= gap * paid),
        seconds=opened.watch.spent_s,
        facts={"points_left_out": float(len(without)), "sites_open": float(len(sites))},
        allocation=evaluate.first_covering(matrix, sites),
        reduced=_reduced(n, classes, found),
    )


def _out_of_reach(allowed: sparse.csr_array, unreachable: Unreachable) -> NDArray[np.int64]:
    """Return the points that no allowed site covers; refuse them unless they may be left out."""
    without = np.flatnonzero(np.diff(allowed.indptr) == 0)
    if unreachable == "error":
        refuse_unserved(without, where=_WHERE, reach="covers")
    return without


def _status(*, is_proven: bool) -> SolveStatus:
    return SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT


def _cover(
    opened: Opening[sparse.csr_array],
    rows: sparse.csr_array,
    price: NDArray[np.float64],
    floors: Floors | None,
) -> Covering:
    """Cover what the sites that are open anyway leave, and give districts what they are owed."""
    role, watch, gap = opened.role, opened.watch, opened.gap
    watch.tell(0.1, f"{opened.shape[0]} points in {rows.shape[0]} classes")
    if floors is None:
        return cover_all(rows, price, watch=watch, gap=gap)
    owed = Quota(district=floors.site, least=floors.least_sites).after(role.is_kept_open)
    is_free = role.is_allowed & ~role.is_kept_open
    return cover_quota(rows, price, owed, is_free, watch=watch, gap=gap)


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
    return Solution(
        sites=found.sites,
        objective=found.objective,
        bound=found.bound,
        status=found.status,
        seconds=found.seconds,
        facts={**found.facts, "coverage_share": coverage_share(problem, found.sites)},
    )


MODEL = LocationModel(name="lscp", objective_unit="sites", solve=_plan)
