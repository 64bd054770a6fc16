"""How well the plan fares when demand turns out low or high, and which plan would fare best."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.frames import RESULT_FRAMES
from siting.model import FacilitySpec, SolverSettings
from siting.optimise import minimax_regret

CASES = ("low", "base", "high")
CHOSEN, ROBUST = "chosen", "robust"


def robustness(
    facility: FacilitySpec,
    covers: NDArray[np.bool_],
    demand: NDArray[np.float64],
    chosen: NDArray[np.int64],
    *,
    settings: SolverSettings,
    p: int | None = None,
    cost: NDArray[np.float64] | None = None,
    budget: float | None = None,
    roles: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Return which plan serves which demand case how well.

    Five plans are held against three cases: the best for each case alone, the chosen one and the one
    whose worst regret is least. All count a point as served when an open site covers it, so that
    plans with and without capacities compare alike.

    Parameters
    ----------
    facility
        Names the type.
    covers
        Which candidate can serve which point ``(n_demand, n_sites)``.
    demand
        Demand left to plan for, columns low, base, high ``(n_demand, 3)``, ≥ 0.
    chosen
        Rows of the chosen candidates ``(n_chosen,)``.
    settings
        Time limit and gap of each solve, one a case and two more.
    p, cost, budget
        How many sites there may be, or what they cost ``(n_sites,)`` and may cost together.
    roles
        ``SiteRole`` of each candidate; None makes all of them free to choose.

    Returns
    -------
    DataFrame
        Columns of the frame ``robustness``, sorted by plan (low, base, high, chosen, robust) and case.
        ``served_share`` of the case's demand, NaN where it has none; ``regret`` is the part of the best
        plan's demand that is lost, ≥ 0; ``sites`` counts those that are open. Every plan is best for a
        case without demand: the robust one is shown. No rows where there is no demand at all.

    Raises
    ------
    ModelError
        If the numbers mean nothing, or the required sites do not fit.

    References
    ----------
    Kouvelis and Yu (1997), Robust discrete optimization and its applications.
    """
    columns = list(RESULT_FRAMES["robustness"])
    is_asked = demand.sum(axis=0) > 0
    if not covers.size or not is_asked.any() or (p is not None and p < 1):
        return pd.DataFrame(columns=columns)
    found = minimax_regret(
        covers,
        demand[:, is_asked],
        p=p,
        cost=cost,
        budget=budget,
        roles=roles,
        time_limit_s=settings.time_limit_s,
        gap=settings.gap,
    )
    asked = [case for case, is_there in zip(CASES, is_asked, strict=True) if is_there]
    best_for = dict(zip(asked, (best.sites for best in found.best), strict=True))
    plans = {case: best_for.get(case, found.plan.sites) for case in CASES}
    plans |= {CHOSEN: chosen, ROBUST: found.plan.sites}
    served = {name: _served(covers, demand, sites) for name, sites in plans.items()}
    # A best plan may have been stopped early; no plan may then regret less than nothing.
    best = np.max([*served.values()], axis=0)
    rows = [
        (
            facility.key,
            name,
            case,
            _share(served[name][k], demand[:, k].sum()),
            1.0 - _share(served[name][k], best[k]) if best[k] > 0 else 0.0,
            len(sites),
        )
        for name, sites in plans.items()
        for k, case in enumerate(CASES)
    ]
    return pd.DataFrame(rows, columns=columns)


def _served(
    covers: NDArray[np.bool_], demand: NDArray[np.float64], sites: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the demand that some sites cover in each case, ``(3,)``."""
    return np.asarray(demand[covers[:, sites].any(axis=1)].sum(axis=0), dtype=float)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else np.nan
