"""Maximal covering where points are shared with competitors by Huff's rule."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.model import SolveStatus
from siting.optimise import evaluate
from siting.optimise._huff import shared_points, win_most
from siting.optimise._opening import Opening
from siting.optimise.competition import Competition, pulls
from siting.optimise.districts import Floors
from siting.optimise.problem import Solution
from siting.optimise.roles import Roles

_WHERE, _ROUNDING = "mclp", 1e-7


def shared_mclp(
    opened: Opening[sparse.csr_array],
    p: int,
    competition: Competition,
    *,
    conflicts: NDArray[np.int64],
    floors: Floors | None,
) -> Solution:
    """Choose at most p sites to whom the most demand turns, by their shares of all pull."""
    if floors is not None:
        raise ModelError(
            Problem(
                where=f"{_WHERE}, districts",
                what="a minimum by district means nothing to demand that is shared",
                expected="the nearest rule, or no minimum",
            )
        )
    role, amount = opened.role, opened.demand
    pull = pulls(opened.matrix, competition, where=_WHERE)
    shared = shared_points(pull, amount, role)
    opened.watch.tell(0.1, f"{len(shared.weight)} points within reach")
    most = p + role.n_existing
    found = win_most(shared, role, most, conflicts=conflicts, gap=opened.gap, watch=opened.watch)
    worth = evaluate.huff_demand(pull, amount, found.sites, np.flatnonzero(role.is_competitor))
    evaluate.certify(_WHERE, found.worth, worth)
    certify_choice(found.sites, role, p, conflicts)
    bound = max(found.bound, worth)
    is_proven = bound - worth <= max(opened.gap, _ROUNDING) * bound
    return Solution(
        sites=found.sites,
        objective=worth,
        bound=worth if is_proven and opened.gap == 0 else bound,
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.TIME_LIMIT,
        seconds=opened.watch.spent_s,
        facts={
            "sites_asked": float(p),
            "coverage_share": worth / float(amount.sum()),
            "demand_uncoverable": float(amount.sum() - shared.weight.sum()),
        },
        allocation=evaluate.first_covering(opened.matrix, found.sites),
        reduced={"points": float(len(amount)), "cuts": float(found.cuts)},
    )


def certify_choice(
    sites: NDArray[np.int64], role: Roles, p: int, conflicts: NDArray[np.int64]
) -> None:
    """Stop a plan that breaks a role, p or a conflict."""
    is_open = np.zeros(len(role.is_allowed), dtype=bool)
    is_open[sites] = True
    both = float(is_open[conflicts].all(axis=1).sum())
    evaluate.certify_sites(_WHERE, sites, role.is_kept_open, role.is_allowed)
    evaluate.certify_at_most(_WHERE, "p", float(len(sites)), float(p + role.n_existing))
    evaluate.certify_at_most(_WHERE, "conflicts", both, 0.0)
