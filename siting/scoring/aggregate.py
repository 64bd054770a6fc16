"""Ways to combine normalised values besides the weighted sum; each is a small pure kernel.

Every kernel takes ``values`` (n_candidates, n_criteria), in [0, 1] with 1 best and nothing
missing, and ``weights`` (n_criteria,), ≥ 0 with sum 1; it returns (n_candidates,), more is better.
``aggregate`` leaves out candidates with an unknown value: a guess is no score.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siting.errors import ConfigError, Problem

Values = NDArray[np.float64]

_BLOCK = 512  # candidates compared with all others at a time, to keep memory small


def aggregate(values: Values, weights: Values, *, method: str) -> Values:
    """Combine values by one of ``METHODS``.

    Parameters
    ----------
    values
        ``(n_candidates, n_criteria)`` in [0, 1], NaN = not known.
    weights
        ``(n_criteria,)``, ≥ 0, sum 1.
    method
        A key of ``METHODS``.

    Returns
    -------
    ndarray
        ``(n_candidates,)``, more is better, NaN where any value is. Scores of different methods
        are on different scales: compare their orders.

    Raises
    ------
    ConfigError
        If there is no such method.
    """
    if method not in METHODS:
        raise ConfigError(
            Problem(
                where="scoring method",
                what="unknown",
                got=method,
                expected=f"one of {', '.join(METHODS)}",
            )
        )
    known = ~np.isnan(values).any(axis=1)
    scores = np.full(len(values), np.nan)
    if known.any():
        scores[known] = METHODS[method](values[known], weights)
    return scores


def wlc(values: Values, weights: Values) -> Values:
    """Add up weight × value: good in one criterion makes up for bad in another."""
    scores = np.zeros(len(values))
    for column, weight in zip(values.T, weights, strict=True):
        scores = scores + weight * column
    return scores


def topsis(values: Values, weights: Values) -> Values:
    """Return the closeness to the best of all columns against the worst, in [0, 1].

    Where every candidate is the same there is no nearer or farther: 0.5.

    References
    ----------
    Hwang and Yoon (1981), Multiple attribute decision making, ch. 3.
    """
    weighted = values * weights
    to_best = np.sqrt(((weighted - weighted.max(axis=0)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((weighted - weighted.min(axis=0)) ** 2).sum(axis=1))
    whole = to_best + to_worst
    closeness: Values = np.divide(to_worst, whole, out=np.full(len(values), 0.5), where=whole > 0)
    return closeness


def weighted_product(values: Values, weights: Values) -> Values:
    """Multiply value ** weight: a 0 in any criterion that has weight gives 0.

    References
    ----------
    Miller and Starr (1969), Executive decisions and operations research.
    """
    product: Values = np.prod(values**weights, axis=1)
    return product


def vikor(values: Values, weights: Values, *, majority: float = 0.5) -> Values:
    """Weigh the sum of regrets against the largest single one; 1 is the best compromise.

    This is 1 − Q. A criterion without differences gives nobody a regret. ``majority`` in [0, 1] is
    the weight of the sum.

    References
    ----------
    Opricovic and Tzeng (2004), Compromise solution by MCDM methods, eq. 1-4.
    """
    span = np.ptp(values, axis=0)
    gap = values.max(axis=0) - values
    regret = weights * np.divide(gap, span, out=np.zeros_like(gap), where=span > 0)
    by_sum, by_worst = _unit(regret.sum(axis=1)), _unit(regret.max(axis=1))
    return 1.0 - (majority * by_sum + (1.0 - majority) * by_worst)


def promethee(
    values: Values, weights: Values, *, indifference: float = 0.0, preference: float = 0.0
) -> Values:
    """Return the net flow of PROMETHEE II in [−1, 1]: how much a candidate outranks the others.

    A difference up to ``indifference`` counts nothing, from ``preference`` on in full, straight
    between; both 0 (the usual criterion) count who is better and not by how much.

    References
    ----------
    Brans and Vincke (1985), A preference ranking organisation method.
    """
    n = len(values)
    if n == 1:
        return np.zeros(1)
    flow = np.zeros(n)
    for column, weight in zip(values.T, weights, strict=True):
        for start in range(0, n, _BLOCK):
            more = column[start : start + _BLOCK, None] - column[None, :]
            net = _preferred(more, indifference, preference)
            net -= _preferred(-more, indifference, preference)
            flow[start : start + _BLOCK] += weight * net.sum(axis=1)
    return flow / (n - 1)


def owa(values: Values, weights: Values, *, risk: float = 2.0) -> Values:
    """Average ordered values: ``risk`` > 1 looks at the worst ones, < 1 at the best ones.

    With the quantifier p ** risk the k-th best value of a candidate gets the growth of the
    quantifier over the weight it brings; ``risk`` 1 is the weighted sum.

    References
    ----------
    Yager (1988), On ordered weighted averaging aggregation operators; Malczewski (2006), Ordered
    weighted averaging with fuzzy quantifiers, eq. 3-5.
    """
    order = np.argsort(-values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    share = np.minimum(np.cumsum(weights[order], axis=1), 1.0) ** risk
    growth = np.diff(share, axis=1, prepend=0.0)
    scores: Values = (growth * ordered).sum(axis=1)
    return scores


def lexicographic(values: Values, weights: Values, *, classes: int = 5) -> Values:
    """Screen by the heaviest criterion first and ask the next only where the first ties.

    Values count by their class of ``classes`` equal ones, since no two differ by nothing at all.
    The score is the share of the others that come after, ties half.

    References
    ----------
    Tversky (1969), Intransitivity of preferences: classes instead of tolerances keep the order
    transitive.
    """
    n = len(values)
    if n == 1:
        return np.full(1, 0.5)
    counted = np.flatnonzero(weights > 0)
    heaviest = counted[np.argsort(-weights[counted], kind="stable")]
    binned = np.minimum(np.floor(values[:, heaviest] * classes), classes - 1).astype(np.int64)
    _, level = np.unique(binned, axis=0, return_inverse=True)  # rows in lexicographic order
    ordered = np.sort(level)
    before = np.searchsorted(ordered, level, side="left")
    through = np.searchsorted(ordered, level, side="right")
    scores: Values = (before + through - 1) / 2 / (n - 1)
    return scores


def _unit(regret: Values) -> Values:
    span = float(np.ptp(regret))
    return (regret - regret.min()) / span if span > 0 else np.zeros_like(regret)


def _preferred(more: Values, indifference: float, preference: float) -> Values:
    if preference <= indifference:
        return (more > indifference).astype(float)
    return np.clip((more - indifference) / (preference - indifference), 0.0, 1.0)


METHODS: Final[Mapping[str, Callable[[Values, Values], Values]]] = MappingProxyType(
    {
        "wlc": wlc,
        "topsis": topsis,
        "weighted_product": weighted_product,
        "vikor": vikor,
        "promethee": promethee,
        "owa": owa,
        "lexicographic": lexicographic,
    }
)
"""Every way to combine values, with its parameters at their defaults."""
