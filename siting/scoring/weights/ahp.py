"""The analytic hierarchy process: weights from judgements in pairs, and whether they agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siting.errors import ConfigError, Problem

CONSISTENT: Final = 0.10
"""Consistency ratio up to which judgements are taken (Saaty 1980)."""

_RANDOM_INDEX: Final = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random matrices of 1 to 10 rows (Saaty 1980)."""

_RECIPROCAL: Final = 0.02  # of a_ij · a_ji from 1, so that 0.33 may stand for 1/3


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """How far the judgements of a matrix agree with each other.

    ``row`` and ``column`` are the judgement that fits the weights worst; ``judged`` is what it says
    and ``implied`` what the weights say. Both are −1 where all judgements fit.
    """

    largest_eigenvalue: float
    index: float
    ratio: float
    row: int
    column: int
    judged: float
    implied: float


def eigenvector(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the principal eigenvector of a pairwise matrix, the weights of AHP.

    Parameters
    ----------
    matrix
        ``(n, n)``, > 0, entry (i, j) how many times i is as important as j.

    Returns
    -------
    ndarray
        ``(n,)``, > 0, sum 1.

    References
    ----------
    Saaty (1980), The analytic hierarchy process, ch. 3.

    Examples
    --------
    >>> eigenvector(np.array([[1.0, 3.0], [1 / 3, 1.0]])).round(12)
    array([0.75, 0.25])
    """
    values, vectors = np.linalg.eig(matrix)
    principal = np.abs(np.real(vectors[:, np.argmax(np.real(values))]))
    weights: NDArray[np.float64] = principal / principal.sum()
    return weights


def consistency(matrix: NDArray[np.float64]) -> Consistency:
    """Measure how consistent the judgements of a matrix are.

    Parameters
    ----------
    matrix
        ``(n, n)`` as for ``eigenvector``; n up to 10.

    Returns
    -------
    Consistency
        CI = (λ − n) / (n − 1) and CR = CI / RI; both 0 for one or two criteria, which cannot
        contradict themselves.
    """
    n = len(matrix)
    weights = eigenvector(matrix)
    largest = float(np.max(np.real(np.linalg.eigvals(matrix))))
    index = (largest - n) / (n - 1) if n > 1 else 0.0
    chance = _RANDOM_INDEX[n - 1]
    misfit = np.abs(np.log(matrix * weights[None, :] / weights[:, None]))
    row, column = divmod(int(np.argmax(np.triu(misfit, 1))), n)
    fits = float(misfit[row, column]) < 1e-9  # noqa: PLR2004 - rounding of the eigenvector
    return Consistency(
        largest_eigenvalue=largest,
        index=index,
        # A consistent matrix has none, whatever rounding says.
        ratio=max(index / chance, 0.0) if chance > 0 else 0.0,
        row=-1 if fits else row,
        column=-1 if fits else column,
        judged=float("nan") if fits else float(matrix[row, column]),
        implied=float("nan") if fits else float(weights[row] / weights[column]),
    )


def check_matrix(
    matrix: NDArray[np.float64],
    *,
    items: Sequence[str],
    where: str,
    allow_inconsistent: bool = False,
) -> None:
    """Refuse a matrix that is no set of pairwise judgements, or one that contradicts itself.

    Parameters
    ----------
    matrix
        What was judged.
    items
        Names of the rows and columns, for the message.
    where
        Whose judgement it is.
    allow_inconsistent
        Take a consistency ratio above 0.10 all the same.

    Raises
    ------
    ConfigError
        If the matrix is not square, not above 0, not 1 on the diagonal, not reciprocal, too large
        for Saaty's table, or inconsistent; the worst judgement is named.
    """
    found = _form_problems(matrix, items, where)
    if found:
        raise ConfigError(*found)
    agreed = consistency(matrix)
    if agreed.ratio > CONSISTENT and not allow_inconsistent:
        raise ConfigError(
            Problem(
                where=where,
                what=f"the judgements contradict each other: {_worst(agreed, items)}",
                got=f"consistency ratio {agreed.ratio:.3f}",
                expected=f"at most {CONSISTENT:.2f} (Saaty)",
                mend="Judge that pair again, or set allow_inconsistent = true.",
            )
        )


def _form_problems(matrix: NDArray[np.float64], items: Sequence[str], where: str) -> list[Problem]:
    n = len(items)
    if matrix.shape != (n, n) or not 1 <= n <= len(_RANDOM_INDEX):
        expected = f"{n} x {n}, at most {len(_RANDOM_INDEX)} criteria; group more of them"
        got = " x ".join(map(str, matrix.shape))
        return [Problem(where=where, what="not a pairwise matrix", got=got, expected=expected)]
    if not (np.isfinite(matrix).all() and (matrix > 0).all()):
        expected = "numbers above 0 in every cell"
        return [Problem(where=where, what="not a pairwise matrix", expected=expected)]
    off = np.abs(matrix * matrix.T - 1.0)
    i, j = divmod(int(np.argmax(off)), n)
    if off[i, j] <= _RECIPROCAL:
        return []
    return [
        Problem(
            where=where,
            what="the matrix is not reciprocal",
            got=f"{items[i]} over {items[j]} {matrix[i, j]:g}, back {matrix[j, i]:g}",
            expected="1 over the other, and 1 on the diagonal",
            mend='Write fractions as text, "1/3".',
        )
    ]


def _worst(agreed: Consistency, items: Sequence[str]) -> str:
    return (
        f"{items[agreed.row]} over {items[agreed.column]} is judged {agreed.judged:.3g} "
        f"where the others imply {agreed.implied:.3g}"
    )
