"""What the capacitated models share: checks before the solve, the certified record after it."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolveStatus
from siting.optimise import evaluate
from siting.optimise._allocation_mip import Allocated, Pairs, Question
from siting.optimise._inputs import check_count
from siting.optimise._watch import Watch
from siting.optimise.problem import Solution
from siting.optimise.roles import Roles


def check_sites(p: int, role: Roles, *, where: str) -> int:
    """Return how many sites may be open, existing ones included; refuse p out of range."""
    required = int((role.is_kept_open & ~role.is_existing).sum())
    free = int(role.is_allowed.sum()) - role.n_existing
    return check_count(p, required, free, where=where) + role.n_existing


def check_capacity(
    demand: NDArray[np.float64], room: NDArray[np.float64], role: Roles, p: int, *, where: str
) -> None:
    """Refuse capacities that cannot hold the demand, and tell how many sites would."""
    kept = float(room[role.is_kept_open].sum())
    others = np.sort(room[role.is_allowed & ~role.is_kept_open])[::-1]
    free = p - int((role.is_kept_open & ~role.is_existing).sum())
    total = float(demand.sum())
    sums = kept + np.r_[0.0, np.cumsum(others)]
    if sums[min(free, len(others))] >= total * (1 - 1e-12):
        return
    enough = np.flatnonzero(sums >= total)
    least = f"at least p = {p - free + int(enough[0])}" if len(enough) else "more capacity"
    raise ModelError(
        Problem(
            where=f"{where}, capacity",
            what="the p largest sites hold less than the demand",
            got=f"{sums[min(free, len(others))]:g} for {total:g}",
            expected=least,
            mend="Raise p or the capacities.",
        )
    )


def allocated_solution(
    found: Allocated, question: Question, watch: Watch, *, where: str
) -> Solution:
    """Certify an allocation from its shares and put it into the record."""
    evaluate.certify_sites(where, found.sites, question.is_open, question.is_allowed)
    evaluate.certify_at_most(where, "p", float(len(found.sites)), question.most_sites)
    served = np.asarray(found.shares.sum(axis=1)).ravel()
    evaluate.certify_at_most(where, "whole points", served, 1.0)
    if question.must_serve:
        evaluate.certify_at_most(where, "points served", 1.0 - served, 0.0)
    evaluate.certify_shares(where, found.shares, question.demand, question.capacity, found.sites)
    worth = float((found.shares * _values(question)).sum())
    worth += float(question.charge[found.sites].sum())
    evaluate.certify(where, found.value, worth)
    bound = min(found.bound, worth) if question.must_serve else max(found.bound, worth)
    largest = np.asarray(found.shares.argmax(axis=1)).ravel().astype(np.int64)
    total = float(question.demand.sum())
    return Solution(
        sites=found.sites,
        objective=worth,
        bound=bound,
        status=SolveStatus.OPTIMAL if found.is_proven else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={
            "sites_open": float(len(found.sites)),
            "coverage_share": float((served * question.demand).sum()) / total,
            "capacity_used_share": float((served * question.demand).sum())
            / (float(question.capacity[found.sites].sum()) or 1.0),
        },
        allocation=np.where(served > 0, largest, -1),
        shares=found.shares,
        reduced={"pairs": float(len(question.pairs.point))},
    )


def _values(question: Question) -> sparse.csr_array:
    pairs: Pairs = question.pairs
    shape = (len(question.demand), len(question.capacity))
    return sparse.csr_array((pairs.value, (pairs.point, pairs.site)), shape=shape)
