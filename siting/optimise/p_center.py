"""p-center: p sites so that the worst-served demand point is as near as it can be."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import Progress, SolverSettings, SolveStatus
from siting.optimise import evaluate
from siting.optimise._allocation_mip import reachable_pairs
from siting.optimise._inputs import Matrix, read_amounts, read_costs, refuse_unserved
from siting.optimise._opening import Ends, open_question
from siting.optimise._set_cover import fewest_sites, smallest_p
from siting.optimise._study import coverage_share
from siting.optimise._watch import Watch
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel
from siting.optimise.roles import Roles

_WHERE = "p_center"


def p_center(
    cost: object,
    p: int,
    *,
    weight: ArrayLike | None = None,
    roles: ArrayLike | None = None,
    unreachable: Literal["error", "leave_out"] = "error",
    time_limit_s: float = 60.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose p sites that make the largest weighted cost of any point to its site least.

    Binary search over the distinct costs: a radius will do if p sites cover everyone within it,
    which greedy or a linear program mostly decides and HiGHS does otherwise. Nothing is random.

    Parameters
    ----------
    cost
        ``(n_demand, n_sites)``; dense with NaN, or sparse with missing pairs, for unreachable.
    p
        Number of sites besides existing ones, 1 … n_sites.
    weight
        ``(n_demand,)``, ≥ 0, multiplies a point's cost; None is 1. Points of weight 0 are served
        but do not count.
    roles
        ``(n_sites,)`` of ``SiteRole``.
    unreachable
        What to do with points that reach no allowed site.
    time_limit_s
        Wall seconds, > 0.
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is the largest weighted cost, ``bound`` the proven least.

    Raises
    ------
    ModelError
        On bad input, or if p sites cannot reach everyone; the message tells how many could.

    References
    ----------
    Minieka (1970), The m-center problem.

    Examples
    --------
    >>> p_center([[0, 4, 9], [4, 0, 5], [9, 5, 0]], 1).objective
    5.0
    """
    opened = open_question(
        read_costs,
        cost,
        None,
        roles,
        where=_WHERE,
        ends=Ends(time_limit_s=time_limit_s, progress=progress),
    )
    matrix, role, watch, (n, m) = opened.matrix, opened.role, opened.watch, opened.shape
    opened.count(p, least=1)
    pairs = _pairs(matrix, read_amounts(weight, n, where=_WHERE, name="weight"), role)
    without = np.flatnonzero(np.bincount(pairs.point, minlength=n) == 0)
    if unreachable == "error":
        refuse_unserved(without, where=_WHERE, reach="serves")
    search = _Search(pairs, role, p, n, m)
    with watch.interruptible():
        search.run(watch)
    sites = search.filled()
    at, value = evaluate.nearest(matrix, sites)
    counted = np.delete(value * pairs.weight, without) if len(without) else value * pairs.weight
    worst = float(counted.max(initial=0.0))
    evaluate.certify_sites(_WHERE, sites, role.is_kept_open, role.is_allowed)
    evaluate.certify_at_most(_WHERE, "p", float(len(sites)), float(p + role.n_existing))
    evaluate.certify_at_most(_WHERE, "radius", worst, search.radius[search.high])
    bound = min(float(search.radius[search.low]), worst)
    return Solution(
        sites=sites,
        objective=worst,
        bound=bound,
        status=SolveStatus.OPTIMAL if bound >= worst else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={"points_left_out": float(len(without)), "covers_solved": float(search.solved)},
        allocation=at,
        reduced={"radii": float(len(search.radius))},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Reachable pairs with an allowed site and their weighted cost."""

    point: NDArray[np.int64]
    site: NDArray[np.int64]
    value: NDArray[np.float64]
    weight: NDArray[np.float64]


def _pairs(matrix: Matrix, weight: NDArray[np.float64], role: Roles) -> _Pairs:
    pairs = reachable_pairs(matrix, weight, role.is_allowed)
    return _Pairs(pairs.point, pairs.site, pairs.value, weight)


class _Search:
    """Binary search; ``low`` is the least radius not excluded, ``high`` the least that will do."""

    def __init__(self, pairs: _Pairs, role: Roles, p: int, n: int, m: int) -> None:
        self.pairs, self.role, self.shape, self.solved = pairs, role, (n, m), 0
        self.p = p
        self.radius = np.unique(np.r_[0.0, pairs.value])
        best = np.full(n, np.inf)
        np.minimum.at(best, pairs.point, pairs.value)
        nearest = best[np.isfinite(best)].max(initial=0.0)
        self.low, self.high = int(np.searchsorted(self.radius, nearest)), len(self.radius) - 1
        self.sites = np.zeros(0, dtype=np.int64)

    def run(self, watch: Watch) -> None:
        """Start from everything reachable: if p sites do not serve that, nothing helps."""
        sites, _ = self._cover(self.high, watch)
        if sites is None:
            raise ModelError(
                Problem(
                    where=f"{_WHERE}, p",
                    what="too few sites to reach every demand point",
                    got=str(self.p),
                    expected=smallest_p(
                        self._within(self.high), self._is_asking(), self.role, watch=watch
                    ),
                    mend="Raise p, or leave out what cannot be reached.",
                )
            )
        self._keep(sites)
        while self.low < self.high and not watch.is_over:
            middle = (self.low + self.high) // 2
            watch.tell(0.5, f"between {self.radius[self.low]:g} and {self.radius[self.high]:g}")
            sites, is_known = self._cover(middle, watch)
            if sites is not None:
                self.high = middle
                self._keep(sites)
            elif is_known:
                self.low = middle + 1
            else:
                break

    def filled(self) -> NDArray[np.int64]:
        """Return the sites found with those kept open, filled up to p with the first allowed."""
        sites = np.union1d(self.sites, np.flatnonzero(self.role.is_kept_open))
        spare = np.setdiff1d(np.flatnonzero(self.role.is_allowed), sites)
        short = max(0, self.p + self.role.n_existing - len(sites))
        return np.union1d(sites, spare[:short]).astype(np.int64)

    def _keep(self, sites: NDArray[np.int64]) -> None:
        self.sites = sites

    def _within(self, at: int) -> sparse.csr_array:
        pairs = self.pairs
        near = pairs.value <= self.radius[at]
        entries = (np.ones(int(near.sum())), (pairs.point[near], pairs.site[near]))
        return sparse.csr_array(entries, shape=self.shape)

    def _is_asking(self) -> NDArray[np.bool_]:
        return np.asarray(np.bincount(self.pairs.point, minlength=self.shape[0]) > 0)

    def _cover(self, at: int, watch: Watch) -> tuple[NDArray[np.int64] | None, bool]:
        """Return p sites that cover everyone within a radius, if any do, and if that is known."""
        covers, is_asking = self._within(at), self._is_asking()
        found = fewest_sites(covers, is_asking, self.role, p=self.p, watch=watch)
        self.solved += 1
        if found.cost <= self.p:
            return found.sites, True
        return None, found.bound > self.p


def _plan(problem: SitingProblem, *, settings: SolverSettings, sites: int) -> Solution:
    """Bring the worst-served demand point that has demand as near as it can be."""
    is_asking = problem.demand > 0
    found = p_center(
        problem.times_min[is_asking],
        sites,
        unreachable="leave_out",
        time_limit_s=settings.time_limit_s,
    )
    return Solution(
        sites=found.sites,
        objective=found.objective,
        bound=found.bound,
        status=found.status,
        seconds=found.seconds,
        facts={
            "points_left_out": found.facts["points_left_out"],
            "sites_asked": float(sites),
            "coverage_share": coverage_share(problem, found.sites),
        },
    )


MODEL = LocationModel(name="p_center", objective_unit="min", solve=_plan)
