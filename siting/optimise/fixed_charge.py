"""Fixed-charge location: as many sites as pay for themselves, with or without capacities."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.model import Progress, SolveStatus
from siting.optimise import evaluate
from siting.optimise._allocated import Splitting, read_capacitated, solve_allocated, weights
from siting.optimise._allocation_mip import fill
from siting.optimise._benders import benders
from siting.optimise._benders_master import Master
from siting.optimise._inputs import is_whole, read_costs, refuse_unserved
from siting.optimise._interchange import price
from siting.optimise._neighbours import Lists, list_costs
from siting.optimise._opening import Ends, open_question
from siting.optimise.problem import Solution
from siting.optimise.roles import Roles, SiteRole

_UFLP, _CFLP = "uflp", "cflp"


def uflp(
    cost: object,
    charge: ArrayLike,
    *,
    demand: ArrayLike | None = None,
    roles: ArrayLike | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose sites so that their charges and the cost of serving everyone are least together.

    Parameters
    ----------
    cost
        ``(n_demand, n_sites)``, ≥ 0, for a unit of demand; NaN or missing pairs: unreachable.
    charge
        ``(n_sites,)`` or one number, ≥ 0: what opening costs; existing sites cost nothing.
    demand
        ``(n_demand,)``, ≥ 0; None is 1 each, so that ``cost`` is for all of a point's demand.
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
        ``objective`` is charges and costs together, ``bound`` the proven least.

    Raises
    ------
    ModelError
        On bad input, or if a point reaches no allowed site.

    References
    ----------
    Balinski (1965); Cornuéjols, Nemhauser and Wolsey (1990).
    """
    opened = open_question(
        read_costs,
        cost,
        demand,
        roles,
        where=_UFLP,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
    )
    matrix, amount, role, watch = opened.matrix, opened.demand, opened.role, opened.watch
    fee = np.where(role.is_existing, 0.0, opened.amounts(charge, "charge"))
    m = len(fee)
    lists = list_costs(matrix, amount, role.is_allowed, m, charges=float(fee.sum()))
    refuse_unserved(np.flatnonzero(np.diff(lists.start) == 0), where=_UFLP, reach="serves")
    master = _master(fee, role, gap=gap, whole=is_whole(lists.cost, fee))
    found = benders(lists, master, _drop(lists, fee, role), bound=0.0, watch=watch)
    at, value = evaluate.nearest(matrix, found.sites)
    total = float((value * amount).sum() + fee[found.sites].sum())
    evaluate.certify_sites(_UFLP, found.sites, role.is_kept_open, role.is_allowed)
    evaluate.certify(_UFLP, found.cost, total)
    is_proven = master.is_met(found.bound, total)
    return Solution(
        sites=found.sites,
        objective=total,
        bound=total if is_proven and gap == 0 else min(found.bound, total),
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={"charges": float(fee[found.sites].sum())},
        allocation=at,
        reduced={"sites_closed": float(found.n_closed), "cuts": float(found.cuts)},
    )


def cflp(
    cost: object,
    charge: ArrayLike,
    demand: ArrayLike,
    capacity: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    allocation: Splitting = "multiple",
    roles: ArrayLike | None = None,
    upgrade: ArrayLike | None = None,
    upgrade_charge: ArrayLike | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose sites with capacities so that charges and costs are least together.

    Parameters
    ----------
    cost
        ``(n_demand, n_sites)``, ≥ 0; NaN or missing pairs: unreachable.
    charge
        ``(n_sites,)`` or one number, ≥ 0; existing sites cost nothing.
    demand
        ``(n_demand,)``, ≥ 0: what a point takes of a site's capacity.
    capacity
        ``(n_sites,)`` or one number, ≥ 0.
    weight
        ``(n_demand,)`` multiplies the cost of a point; None takes its demand, 1 says that
        ``cost`` is for all of it.
    allocation
        Whether a point has a single site or may be split.
    roles
        ``(n_sites,)`` of ``SiteRole``.
    upgrade, upgrade_charge
        ``(n_sites,)`` ≥ 0, what the capacity of upgradable sites may grow by, and what that
        costs. A site whose load is above its capacity is one that is enlarged.
    time_limit_s
        Wall seconds, > 0.
    gap
        Relative gap that counts as optimal, [0, 1).
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is charges and costs together; ``shares`` tell who serves whom.

    Raises
    ------
    ModelError
        On bad input, or if the capacities do not suffice.
    """
    opened = open_question(
        read_costs,
        cost,
        demand,
        roles,
        where=_CFLP,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
        knows=SiteRole.UPGRADABLE,
    )
    role = opened.role
    question = read_capacitated(
        opened,
        capacity,
        p=None,
        weight=weights(opened, weight),
        allocation=allocation,
        must_serve=True,
        charge=np.where(role.is_existing, 0.0, opened.amounts(charge, "charge")),
        upgrade=upgrade,
        upgrade_charge=upgrade_charge,
    )
    plan = fill(question, np.flatnonzero(role.is_allowed))
    return solve_allocated(question, opened, plan)


def _master(fee: NDArray[np.float64], role: Roles, *, gap: float, whole: bool) -> Master:
    return Master(
        charge=fee,
        is_open=role.is_kept_open,
        is_closed=~role.is_allowed,
        p=None,
        is_whole=whole,
        gap=gap,
    )


def _drop(lists: Lists, fee: NDArray[np.float64], role: Roles) -> NDArray[np.int64]:
    """Open everything allowed, then close what saves most, one at a time, while that saves."""
    sites = np.flatnonzero(role.is_allowed)
    best = price(lists, sites) + float(fee[sites].sum())
    while len(sites) > 1:
        closable = np.flatnonzero(~role.is_kept_open[sites])
        values = [
            price(lists, np.delete(sites, k)) + float(np.delete(fee[sites], k).sum())
            for k in closable
        ]
        if not values or min(values) >= best:
            break
        best = min(values)
        sites = np.delete(sites, closable[int(np.argmin(values))])
    return sites
