"""Maximal covering: p sites within whose reach the most demand lies."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import Progress, SolveStatus
from siting.optimise import evaluate
from siting.optimise._cover import Cover, dominated_sites, keep_sites, merge
from siting.optimise._cover_benders import Ask, cover_most
from siting.optimise._inputs import is_whole, read_costs, read_cover
from siting.optimise._mclp_districts import cover_districts
from siting.optimise._mclp_shared import certify_choice, shared_mclp
from siting.optimise._mclp_study import plan_mclp
from siting.optimise._opening import Ends, Opening, open_question
from siting.optimise.competition import Competition, captured_cover, is_shared
from siting.optimise.districts import DistrictMinimum, Floors, certify_floors, read_minimum
from siting.optimise.problem import Solution
from siting.optimise.registry import LocationModel
from siting.optimise.roles import Roles, SiteRole

_WHERE = "mclp"


def mclp(
    covers: object,
    demand: ArrayLike,
    p: int,
    *,
    roles: ArrayLike | None = None,
    competition: Competition | None = None,
    districts: DistrictMinimum | None = None,
    conflicts: ArrayLike | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose at most p sites that cover the most demand.

    Points with the same covering sites are merged and dominated sites dropped, both exactly;
    Benders cuts then leave HiGHS a problem in the sites alone, from a greedy start improved by
    exchange. Nothing is random.

    Parameters
    ----------
    covers
        ``(n_demand, n_sites)``, dense or scipy.sparse: not zero where the site covers the point.
    demand
        ``(n_demand,)``, ≥ 0.
    p
        Number of sites besides existing ones; sites that would add nothing are not chosen.
    roles
        ``(n_sites,)`` of ``SiteRole``; competitors take what is theirs by ``competition``.
    competition
        How a point within reach of us and of competitors is shared; None leaves it to them.
    districts
        Sites, or share of the demand covered, that each district has at least.
    conflicts
        ``(n_pairs, 2)`` sites that must not be chosen together, e.g. too near to each other.
    time_limit_s
        Wall seconds, > 0.
    gap
        Relative gap that counts as optimal, [0, 1).
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is the demand covered, ``bound`` the proven most, both without what
        competitors keep; ``facts`` tell how much demand no allowed site can win; ``allocation``
        is the first site of ours that covers the point and, where the nearest takes all, wins it.

    Raises
    ------
    ModelError
        On bad input, if required or existing sites are in conflict, or if a district cannot have
        its minimum; the message tells which, and the smallest p that would do.

    References
    ----------
    Church and ReVelle (1974); Cordeau, Furini and Ljubić (2019).

    Examples
    --------
    >>> mclp([[1, 1, 0], [0, 1, 0], [0, 0, 1]], [5, 1, 2], 1).sites.tolist()
    [1]
    """
    opened = open_question(
        read_cover,
        covers,
        demand,
        roles,
        where=_WHERE,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
        knows=SiteRole.COMPETITOR,
    )
    opened.count(p)
    pairs = read_conflicts(conflicts, opened.role, where=_WHERE)
    floors = read_minimum(districts, opened.shape, where=_WHERE, shares=True)
    if competition is not None and is_shared(competition, where=_WHERE):
        return shared_mclp(opened, p, competition, conflicts=pairs, floors=floors)
    won = captured_cover(opened.matrix, opened.role, competition, where=_WHERE)
    return _solve(opened, won, p, (pairs, floors), competition)


def _solve(
    opened: Opening[sparse.csr_array],
    won: sparse.csr_array,
    p: int,
    limits: tuple[NDArray[np.int64], Floors | None],
    competition: Competition | None,
) -> Solution:
    """Cover the most with sites that win what they cover."""
    amount, role, watch, gap = opened.demand, opened.role, opened.watch, opened.gap
    (n, m), (pairs, floors) = opened.shape, limits
    classes = merge(keep_sites(won, role.is_allowed), amount)
    watch.tell(0.1, f"{n} points in {len(classes.weight)} classes")
    useful, ask = _ask(classes, role, pairs, p, is_whole(amount), gap)
    if floors is None:
        found = cover_most(useful, ask, watch=watch)
    else:
        found = cover_districts(opened, won, floors, ask, watch)
    covered = counted(opened, found.sites, competition)
    evaluate.certify(_WHERE, found.covered, covered)
    certify_choice(found.sites, role, p, pairs)
    at = evaluate.first_covering(won, found.sites)
    certify_floors(floors, found.sites, at >= 0, amount, where=_WHERE)
    bound = max(found.bound, covered)
    return Solution(
        sites=found.sites,
        objective=covered,
        bound=covered if ask.is_met(bound, covered) and gap == 0 else bound,
        status=SolveStatus.OPTIMAL if ask.is_met(bound, covered) else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={
            "sites_asked": float(p),
            "coverage_share": covered / float(amount.sum()),
            "demand_uncoverable": float(amount[classes.into < 0].sum()),
        },
        allocation=at,
        reduced={
            "points": float(n),
            "classes": float(len(classes.weight)),
            "sites_dominated": float(m - ask.is_allowed.sum()),
            "cuts": float(found.cuts),
        },
    )


def counted(
    opened: Opening[sparse.csr_array],
    sites: NDArray[np.int64],
    competition: Competition | None,
) -> float:
    """Count again what these sites cover and no competitor keeps."""
    rivals = np.flatnonzero(opened.role.is_competitor)
    if not len(rivals):
        return evaluate.covered_demand(opened.matrix, opened.demand, sites)
    cost = None if competition is None else read_costs(competition.cost, where=_WHERE)
    return evaluate.captured_demand(opened.matrix, opened.demand, sites, rivals, cost)


def read_conflicts(conflicts: ArrayLike | None, role: Roles, *, where: str) -> NDArray[np.int64]:
    """Return pairs of different sites; refuse pairs that must both be open."""
    if conflicts is None:
        return np.empty((0, 2), dtype=np.int64)
    pairs, m = np.asarray(conflicts), len(role.is_allowed)
    if pairs.size == 0:
        return np.empty((0, 2), dtype=np.int64)
    is_good = pairs.ndim == 2 and pairs.shape[1] == 2 and pairs.dtype.kind in "iu"  # noqa: PLR2004
    if not is_good or pairs.min() < 0 or pairs.max() >= m or (pairs[:, 0] == pairs[:, 1]).any():
        raise ModelError(
            Problem(
                where=f"{where}, conflicts",
                what="not pairs of different sites",
                got=f"{pairs.dtype} {pairs.shape}",
                expected=f"(n, 2) whole numbers from 0 to {m - 1}",
            )
        )
    both = role.is_kept_open[pairs].all(axis=1)
    if both.any():
        first, second = pairs[both][0]
        raise ModelError(
            Problem(
                where=f"{where}, conflicts",
                what="two sites that must be open may not be open together",
                got=f"sites {first} and {second}",
                mend="Change the role of one, or allow them to be nearer.",
            )
        )
    return pairs.astype(np.int64)


def _ask(  # noqa: PLR0917 - private, called once
    classes: Cover,
    role: Roles,
    pairs: NDArray[np.int64],
    p: int,
    whole: bool,  # noqa: FBT001 - a property of the demand
    gap: float,
) -> tuple[Cover, Ask]:
    """Drop dominated sites; with conflicts the dominating site may be barred, so none goes."""
    kept = role.is_allowed
    if not len(pairs) and len(classes.weight):
        m = len(kept)
        kept = kept & ~dominated_sites(classes.rows, np.ones(m), role.is_kept_open)
    rows = keep_sites(sparse.csr_array(classes.rows), kept)
    ask = Ask(
        p=p + role.n_existing,
        is_allowed=kept,
        is_required=role.is_kept_open,
        conflicts=pairs,
        is_whole=whole,
        gap=gap,
    )
    return Cover(rows=rows, weight=classes.weight, into=classes.into), ask


MODEL = LocationModel(name="mclp", objective_unit="{demand}", solve=plan_mclp)
