"""What the capacitated models share: the question read and checked, the certified record."""

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolveStatus
from siting.optimise import evaluate
from siting.optimise._allocated_why import why_not
from siting.optimise._allocation_bound import is_worth_reducing, reduce_pairs
from siting.optimise._allocation_mip import (
    Allocated,
    Pairs,
    Question,
    allocate_best,
    reachable_pairs,
)
from siting.optimise._highs import NoPlanError
from siting.optimise._inputs import Matrix, read_amounts, refuse_unserved
from siting.optimise._opening import Opening
from siting.optimise._watch import Watch
from siting.optimise.problem import Solution

Splitting = Literal["single", "multiple"]


def read_capacitated(
    opened: Opening[Matrix] | Opening[sparse.csr_array],
    capacity: ArrayLike,
    *,
    p: int | None,
    weight: NDArray[np.float64],
    allocation: Splitting,
    must_serve: bool,
    charge: NDArray[np.float64] | None = None,
    upgrade: ArrayLike | None = None,
    upgrade_charge: ArrayLike | None = None,
) -> Question:
    """Read what all capacitated models ask; refuse what they cannot answer.

    Parameters
    ----------
    opened
        Costs, demand and roles.
    capacity, charge, upgrade, upgrade_charge
        By site; charge and enlargements of None are nothing.
    p
        New sites and enlargements at most; None is no limit.
    weight
        What multiplies the cost of a point.
    allocation
        ``single`` or ``multiple``.
    must_serve
        Whether all demand is served, at least cost, or as much as can be.
    """
    where, role, (n, m) = opened.where, opened.role, opened.shape
    if allocation not in {"single", "multiple"}:
        _refuse(where, "allocation", "no such allocation", str(allocation), "single or multiple")
    room = opened.amounts(capacity, "capacity")
    if role.is_upgradable.any() and upgrade is None:
        _refuse(where, "upgrade", "upgradable sites, and nothing they may grow by", "none")
    none = np.zeros(m)
    more = none if upgrade is None else opened.amounts(upgrade, "upgrade")
    fee = none if upgrade_charge is None else opened.amounts(upgrade_charge, "upgrade_charge")
    ups = int(role.is_upgradable.sum())
    most = m + ups if p is None else opened.count(p, more=ups)
    pairs = reachable_pairs(opened.matrix, weight, role.is_allowed)
    question = Question(
        pairs=pairs,
        demand=opened.demand,
        capacity=room,
        charge=none if charge is None else charge,
        upgrade=np.where(role.is_upgradable, more, 0.0),
        upgrade_charge=np.where(role.is_upgradable, fee, 0.0),
        is_open=role.is_kept_open,
        is_allowed=role.is_allowed,
        most_sites=float(most),
        must_serve=must_serve,
        is_single=allocation == "single",
        n_required=role.n_required,
    )
    if must_serve:
        without = np.flatnonzero(np.bincount(pairs.point, minlength=n) == 0)
        refuse_unserved(without, where=where, reach="serves")
        _check_capacity(question, most - role.n_existing, role.n_required, where=where)
    return question


def weights(opened: Opening[Matrix], weight: ArrayLike | None) -> NDArray[np.float64]:
    """Return what multiplies the cost of each point; None is its demand."""
    if weight is None:
        return opened.demand
    return read_amounts(weight, opened.shape[0], where=opened.where, name="weight")


def _check_capacity(question: Question, p: int, required: int, *, where: str) -> None:
    """Refuse capacities that cannot hold the demand, and tell how many sites would.

    An enlargement counts as a new site does, so the largest of both come first.
    """
    room, is_free = question.capacity, question.is_allowed & ~question.is_open
    others = np.sort(np.r_[room[is_free], question.upgrade[question.enlargeable]])[::-1]
    free, total = p - required, float(question.demand.sum())
    sums = float(room[question.is_open].sum()) + np.r_[0.0, np.cumsum(others)]
    most = sums[min(free, len(others))]
    if most >= total * (1 - 1e-12):
        return
    enough = np.flatnonzero(sums >= total)
    raise ModelError(
        Problem(
            where=f"{where}, capacity",
            what="the p largest sites hold less than the demand",
            got=f"{most:g} for {total:g}",
            expected=f"at least p = {required + int(enough[0])}"
            if len(enough)
            else f"more capacity: all sites together hold {sums[-1]:g}",
            mend="Raise p or the capacities.",
        )
    )


def solve_allocated(
    question: Question,
    opened: Opening[Matrix] | Opening[sparse.csr_array],
    plan: NDArray[np.int64] | None,
) -> Solution:
    """Solve from a plan, certify the answer, or say why there is none."""
    where, watch, asked, proven = opened.where, opened.watch, question, -np.inf
    if is_worth_reducing(question):
        reduced = reduce_pairs(question, plan, gap=opened.gap, watch=watch)
        plan, proven = reduced.plan, reduced.bound
        asked = replace(question, pairs=question.pairs.only(reduced.is_left))
    try:
        found = allocate_best(asked, settings=opened.settings, plan=plan, where=where, watch=watch)
    except NoPlanError as error:
        raise why_not(question, settings=opened.settings, where=where) from error
    # No better plan uses a pair that was struck off, so the bound is one for all plans.
    bound = max(found.bound, proven) if question.must_serve else found.bound
    return _solution(replace(found, bound=bound), asked, watch, where=where)


def _solution(found: Allocated, question: Question, watch: Watch, *, where: str) -> Solution:
    """Certify an allocation from its shares and put it into the record."""
    load = np.asarray(found.shares.T @ question.demand).ravel()
    is_grown = question.is_enlarged(load)
    room = question.capacity + np.where(is_grown, question.upgrade, 0.0)
    evaluate.certify_sites(where, found.sites, question.is_open, question.is_allowed)
    works = float(len(found.sites) + is_grown.sum())
    evaluate.certify_at_most(where, "p", works, question.most_sites)
    served = np.asarray(found.shares.sum(axis=1)).ravel()
    evaluate.certify_at_most(where, "whole points", served, 1.0)
    if question.must_serve:
        evaluate.certify_at_most(where, "points served", 1.0 - served, 0.0)
    evaluate.certify_shares(where, found.shares, question.demand, room, found.sites)
    worth = float((found.shares * _values(question)).sum())
    worth += question.charges(found.sites, load) if question.must_serve else 0.0
    evaluate.certify(where, found.value, worth)
    bound = min(found.bound, worth) if question.must_serve else max(found.bound, worth)
    largest = np.asarray(found.shares.argmax(axis=1)).ravel().astype(np.int64)
    done = float((served * question.demand).sum())
    return Solution(
        sites=found.sites,
        objective=worth,
        bound=bound,
        status=SolveStatus.OPTIMAL if found.is_proven else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={
            "sites_open": float(len(found.sites)),
            "sites_enlarged": float(is_grown.sum()),
            "coverage_share": done / float(question.demand.sum()),
            "capacity_used_share": done / (float(room[found.sites].sum()) or 1.0),
        },
        allocation=np.where(served > 0, largest, -1),
        shares=found.shares,
        reduced={"pairs": float(len(question.pairs.point))},
    )


def _values(question: Question) -> sparse.csr_array:
    pairs: Pairs = question.pairs
    shape = (len(question.demand), len(question.capacity))
    return sparse.csr_array((pairs.value, (pairs.point, pairs.site)), shape=shape)


def _refuse(where: str, name: str, what: str, got: str, expected: str = "") -> None:
    raise ModelError(Problem(where=f"{where}, {name}", what=what, got=got, expected=expected))
