"""From lists to a certified p-median plan: whom competitors keep, what districts are owed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolveStatus
from siting.optimise import evaluate
from siting.optimise._interchange import Quota
from siting.optimise._median import Median, solve_median
from siting.optimise._neighbours import Lists
from siting.optimise._set_cover import fewest_sites, smallest_p
from siting.optimise._watch import Watch
from siting.optimise.districts import Floors, certify_floors
from siting.optimise.problem import Solution
from siting.optimise.roles import Roles

WHERE = "p_median"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ask:
    """p new sites, roles, what districts are owed, and when it is good enough."""

    p: int
    role: Roles
    floors: Floors | None
    is_whole: bool
    gap: float
    seed: int

    @property
    def n_open(self) -> int:
        """Sites open in the end, anyone's."""
        return self.p + self.role.n_existing + int(self.role.is_competitor.sum())

    @property
    def quota(self) -> Quota | None:
        """What districts are owed; competitors' sites stand in a district of nobody."""
        if self.floors is None or not self.floors.least_sites.any():
            return None
        nobody = len(self.floors.least_sites)
        return Quota(
            district=np.where(self.role.is_competitor, nobody, self.floors.site),
            least=np.r_[self.floors.least_sites, 0],
        )

    def own(self, sites: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sites that are not a competitor's."""
        return sites[~self.role.is_competitor[sites]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Served:
    """Our nearest site of each point, what it costs, and what the nearest competitor does."""

    at: NDArray[np.int64]
    ours: NDArray[np.float64]
    theirs: NDArray[np.float64]
    demand: NDArray[np.float64]


def solve_lists(lists: Lists, ask: Ask, watch: Watch) -> Median:
    """Choose the sites; competitors are open whatever we choose."""
    everyone = ask.role.everyone
    return solve_median(
        lists,
        p=ask.n_open,
        is_open=everyone.is_kept_open,
        is_closed=~everyone.is_allowed,
        is_whole=ask.is_whole,
        gap=ask.gap,
        seed=ask.seed,
        watch=watch,
        quota=ask.quota,
        first=_reaching(lists, ask, watch),
    )


def median_solution(
    found: Median, ask: Ask, served: Served, left_out: NDArray[np.int64], watch: Watch
) -> Solution:
    """Certify a plan and put it into the record."""
    demand, sites = served.demand, ask.own(found.sites)
    nearest = np.minimum(served.ours, served.theirs)
    nearest[left_out] = 0.0
    total = float((nearest * demand).sum())
    evaluate.certify_sites(WHERE, sites, ask.role.is_kept_open, ask.role.is_allowed)
    evaluate.certify_at_most(WHERE, "p", len(sites), ask.p + ask.role.n_existing)
    certify_floors(ask.floors, sites, None, demand, where=WHERE)
    if found.is_exact:
        evaluate.certify(WHERE, found.cost, total)
    bound = min(found.bound, total)
    allowed = max(ask.gap, 1e-9) * total + (1.0 - 1e-6 if ask.is_whole else 0.0)
    is_proven = total - bound <= allowed
    is_lost = np.isfinite(served.theirs) & (served.theirs <= served.ours)
    return Solution(
        sites=sites,
        objective=total,
        bound=total if is_proven and ask.gap == 0 else bound,
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={
            "sites_asked": float(ask.p),
            "mean_cost": total / float(demand.sum()),
            "points_left_out": float(len(left_out)),
            "demand_lost": float(demand[is_lost].sum()),
        },
        allocation=np.where(is_lost, -1, served.at),
        reduced=found.reduced,
    )


def _reaching(lists: Lists, ask: Ask, watch: Watch) -> NDArray[np.int64] | None:
    """Return sites that reach every point, where not all do; refuse a p with which none do."""
    role = ask.role.everyone
    if not lists.is_complete or (np.diff(lists.start) >= role.is_allowed.sum()).all():
        return None
    ones = np.ones(len(lists.site))
    shape = (lists.n_points, lists.n_sites)
    covers = sparse.csr_array((ones, lists.site, lists.start), shape=shape)
    covers.sort_indices()
    is_asking = np.diff(lists.start) > 0
    found = fewest_sites(covers, is_asking, role, p=ask.p, watch=watch, quota=ask.quota)
    if found.cost > ask.p:
        owed = " and give every district its sites" if ask.quota is not None else ""
        raise ModelError(
            Problem(
                where=f"{WHERE}, p",
                what=f"too few sites to reach every demand point{owed}",
                got=str(ask.p),
                expected=smallest_p(covers, is_asking, role, watch=watch, quota=ask.quota),
                mend="Raise p, or leave out what cannot be reached.",
            )
        )
    return found.sites
