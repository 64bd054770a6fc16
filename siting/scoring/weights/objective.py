"""Weights read off the candidates: a criterion that tells them apart weighs more.

They say what differs, not what matters; a plan that uses them should say so. Criteria that are the
same everywhere get 0; where all are, every criterion gets the same.
"""

import numpy as np
from numpy.typing import NDArray


def entropy(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh criteria by how unevenly they spread over the candidates.

    Parameters
    ----------
    values
        ``(n_candidates, n_criteria)``, ≥ 0; candidates with NaN are left out.

    Returns
    -------
    ndarray
        ``(n_criteria,)``, ≥ 0, sum 1.

    References
    ----------
    Zeleny (1982), Multiple criteria decision making; 1 − Σ p ln p / ln n with 0 ln 0 = 0.
    """
    known = _complete(values)
    n = len(known)
    sums = known.sum(axis=0)
    shares = np.divide(known, sums, out=np.zeros_like(known), where=sums > 0)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    disorder = -(shares * logs).sum(axis=0) / np.log(n) if n > 1 else np.ones(known.shape[1])
    is_spread = (sums > 0) & (np.ptp(known, axis=0) > 0) if n else np.zeros(known.shape[1], bool)
    return _shares(np.where(is_spread, 1.0 - disorder, 0.0))


def critic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh criteria by their spread and by how little the others say the same.

    Parameters
    ----------
    values
        ``(n_candidates, n_criteria)``; candidates with NaN are left out.

    Returns
    -------
    ndarray
        ``(n_criteria,)``, ≥ 0, sum 1.

    References
    ----------
    Diakoulaki, Mavrotas and Papayannakis (1995), Determining objective weights in multiple
    criteria problems: the CRITIC method.
    """
    known = _complete(values)
    n, m = known.shape
    span = np.ptp(known, axis=0) if n else np.zeros(m)
    if n < 2 or not (span > 0).any():  # noqa: PLR2004 - one candidate has no spread
        return _shares(np.zeros(m))
    differs = span > 0
    unit = (known[:, differs] - known[:, differs].min(axis=0)) / span[differs]
    correlation = np.atleast_2d(np.corrcoef(unit, rowvar=False))
    information = unit.std(axis=0, ddof=1) * (1.0 - correlation).sum(axis=0)
    found = np.zeros(m)
    # One criterion alone conflicts with nothing; it is still all there is.
    found[differs] = information if information.sum() > 0 else 1.0
    return _shares(found)


def _complete(values: NDArray[np.float64]) -> NDArray[np.float64]:
    complete: NDArray[np.float64] = values[~np.isnan(values).any(axis=1)]
    return complete


def _shares(found: NDArray[np.float64]) -> NDArray[np.float64]:
    cut = np.maximum(found, 0.0)
    whole = float(cut.sum())
    return cut / whole if whole > 0 else np.full(len(found), 1.0 / max(len(found), 1))
