"""Sites far from each other: p-dispersion, and the most sites that keep a minimum spacing."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.errors import ModelError, Problem
from siting.model import Progress, SolverSettings, SolveStatus
from siting.optimise import evaluate
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise._inputs import read_costs
from siting.optimise._opening import Ends, open_question
from siting.optimise._packing import packing_rows, spread_out
from siting.optimise._watch import Watch
from siting.optimise.problem import Solution
from siting.optimise.roles import Roles

_HALF, _ROUNDING, _LEAST_S = 0.5, 1e-6, 0.05
_SPREAD, _SPACED = "p_dispersion", "spaced_sites"


def p_dispersion(
    distances: ArrayLike,
    p: int,
    *,
    roles: ArrayLike | None = None,
    time_limit_s: float = 60.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose p sites whose smallest distance to each other is largest.

    Binary search over the distinct distances; whether p sites can keep a distance is a packing
    that greedy or HiGHS decides. Nothing is random.

    Parameters
    ----------
    distances
        ``(n_sites, n_sites)``, ≥ 0; the smaller of the two directions counts; NaN is no limit.
    p
        Number of sites besides existing ones; together at least 2.
    roles
        ``(n_sites,)`` of ``SiteRole``; existing sites keep their distance too.
    time_limit_s
        Wall seconds, > 0.
    progress
        Called with a fraction and a message.

    Returns
    -------
    Solution
        ``objective`` is the smallest distance between two sites, ``bound`` the proven largest.

    Raises
    ------
    ModelError
        On bad input.

    References
    ----------
    Kuby (1987), Programming models for facility dispersion.

    Examples
    --------
    >>> p_dispersion([[0, 1, 5], [1, 0, 4], [5, 4, 0]], 2).sites.tolist()
    [0, 2]
    """
    opened = open_question(
        _square,
        distances,
        None,
        roles,
        where=_SPREAD,
        ends=Ends(time_limit_s=time_limit_s, progress=progress),
    )
    matrix, role, watch, (m, _) = opened.matrix, opened.role, opened.watch, opened.shape
    count = opened.count(p, least=max(2 - role.n_existing, 1))
    levels = np.unique(matrix[np.triu_indices(m, 1)])
    sites, good, bad = _search(matrix, levels, role, count, watch)
    smallest = evaluate.smallest_distance(matrix, sites)
    evaluate.certify_sites(_SPREAD, sites, role.is_kept_open, role.is_allowed)
    evaluate.certify_at_most(_SPREAD, "spacing", -smallest, -float(levels[good]))
    evaluate.certify_at_most(_SPREAD, "p", float(count), float(len(sites)))
    bound = max(float(levels[bad - 1]), smallest)
    return Solution(
        sites=sites,
        objective=smallest,
        bound=bound,
        status=SolveStatus.OPTIMAL if bound <= smallest else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={"sites_asked": float(p)},
        reduced={"distances": float(len(levels))},
    )


def spaced_sites(
    distances: ArrayLike,
    spacing: float,
    *,
    weight: ArrayLike | None = None,
    most: int | None = None,
    roles: ArrayLike | None = None,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    progress: Progress | None = None,
) -> Solution:
    """Choose the sites of the largest total weight that are all at least ``spacing`` apart.

    Parameters
    ----------
    distances
        ``(n_sites, n_sites)``, ≥ 0; the smaller of the two directions counts; NaN is no limit.
    spacing
        Least distance between two sites, > 0, in the unit of ``distances``.
    weight
        ``(n_sites,)``, ≥ 0; None counts sites.
    most
        At most so many sites besides existing ones; None is no limit.
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
        ``objective`` is the total weight, existing sites included.

    Raises
    ------
    ModelError
        On bad input, or if sites that must be open are too near to each other.

    References
    ----------
    Moon and Chaudhry (1984), the anti-covering location problem.
    """
    opened = open_question(
        _square,
        distances,
        None,
        roles,
        where=_SPACED,
        ends=Ends(time_limit_s=time_limit_s, gap=gap, progress=progress),
    )
    matrix, role, watch, (m, _) = opened.matrix, opened.role, opened.watch, opened.shape
    worth = opened.amounts(weight, "weight")
    count = opened.count(role.n_free if most is None else most, name="most")
    _check_spacing(matrix, spacing, role)
    watch.tell(0.1, "packing")
    rows, high = packing_rows(matrix, spacing, role, count)
    scale = float(worth.max()) or 1.0
    start = np.zeros(m)
    start[spread_out(matrix, spacing, role, worth, count)] = 1.0
    low = np.r_[np.zeros(len(high) - m), role.is_kept_open.astype(float)]
    model = MixedIntegerModel(gain=worth / scale, rows=rows, low=low, high=high, n_binary=m)
    answer = maximise(model, settings=opened.settings, start=start, watch=watch, unit=scale)
    sites = np.flatnonzero(answer.values > _HALF)
    total = float(worth[sites].sum())
    evaluate.certify_sites(_SPACED, sites, role.is_kept_open, role.is_allowed)
    smallest = evaluate.smallest_distance(matrix, sites)
    evaluate.certify_at_most(_SPACED, "spacing", -smallest, -float(spacing))
    bound = max(min(answer.bound * scale, float(worth[role.is_allowed].sum())), total)
    return Solution(
        sites=sites,
        objective=total,
        bound=total if answer.is_proven and gap == 0 else bound,
        status=SolveStatus.OPTIMAL if answer.is_proven else SolveStatus.TIME_LIMIT,
        seconds=watch.spent_s,
        facts={"sites_open": float(len(sites))},
    )


def _check_spacing(matrix: NDArray[np.float64], spacing: float, role: Roles) -> None:
    if not spacing > 0:
        raise ModelError(
            Problem(where=f"{_SPACED}, spacing", what="not a distance", got=str(spacing))
        )
    kept = np.flatnonzero(role.is_kept_open)
    if evaluate.smallest_distance(matrix, kept) < spacing:
        raise ModelError(
            Problem(
                where=f"{_SPACED}, roles",
                what="sites that must be open are nearer to each other than the spacing",
                got=f"{evaluate.smallest_distance(matrix, kept):g}",
                expected=f"at least {spacing:g}",
            )
        )


def _search(
    matrix: NDArray[np.float64],
    levels: NDArray[np.float64],
    role: Roles,
    count: int,
    watch: Watch,
) -> tuple[NDArray[np.int64], int, int]:
    """Return sites, the largest level they keep, and the smallest that is proven too large."""
    good, bad = 0, len(levels)
    sites = _first(role, count)
    with watch.interruptible():
        while bad - good > 1 and not watch.is_over:
            middle = (good + bad) // 2
            found, is_known = _pack(matrix, levels[middle], role, count, watch)
            if found is not None:
                sites, good = found, middle
            elif is_known:
                bad = middle
            else:
                break
            watch.tell(0.5, f"between {levels[good]:g} and {levels[min(bad, len(levels) - 1)]:g}")
    return sites, good, bad


def _square(distances: object, *, where: str) -> NDArray[np.float64]:
    matrix = np.asarray(read_costs(distances, where=where))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:  # noqa: PLR2004 - a matrix
        raise ModelError(
            Problem(
                where=f"{where}, distances",
                what="not a square matrix",
                got=str(matrix.shape),
            )
        )
    return np.asarray(np.minimum(matrix, matrix.T))


def _first(role: Roles, count: int) -> NDArray[np.int64]:
    ranked = np.where(role.is_kept_open, 0, np.where(role.is_allowed, 1, 2))
    return np.sort(np.argsort(ranked, kind="stable")[:count])


def _pack(
    matrix: NDArray[np.float64], distance: float, role: Roles, count: int, watch: Watch
) -> tuple[NDArray[np.int64] | None, bool]:
    """Return sites at least so far apart, if there are enough, and whether that is certain."""
    m = len(matrix)
    if evaluate.smallest_distance(matrix, np.flatnonzero(role.is_kept_open)) < distance:
        return None, True
    first = spread_out(matrix, distance, role, np.ones(m), count)
    if len(first) >= count:
        return first, True
    settings = SolverSettings(time_limit_s=max(watch.left_s, _LEAST_S), gap=0.0)
    rows, high = packing_rows(matrix, distance, role, count)
    low = np.r_[np.zeros(len(high) - m), role.is_kept_open.astype(float)]
    start = np.zeros(m)
    start[first] = 1.0
    model = MixedIntegerModel(gain=np.ones(m), rows=rows, low=low, high=high, n_binary=m)
    answer = maximise(model, settings=settings, start=start, watch=watch)
    sites = np.flatnonzero(answer.values > _HALF)
    if len(sites) >= count:
        return sites, True
    return None, answer.is_proven or answer.bound < count - _ROUNDING
