"""What travel counts as before a location model sees it: impedance, and who is within reach."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import ModelError, Problem
from siting.optimise._inputs import Matrix, read_amounts, read_costs

Kind = Literal["linear", "power", "exponential"]


def impedance(cost: object, kind: Kind = "linear", *, beta: float = 1.0) -> Matrix:
    """Return costs as people feel them: ``β·c``, ``c ** β`` or ``exp(β·c)``.

    A power above 1 or an exponential lets a far point weigh more than two half as far, so that a
    median leaves fewer behind; a power below 1 the other way round. The order of sites by cost is
    the same after as before.

    Parameters
    ----------
    cost
        ``(n_demand, n_sites)``, ≥ 0; dense with NaN, or sparse with missing pairs, for
        unreachable.
    kind
        ``linear``, ``power`` or ``exponential``.
    beta
        β, > 0; for ``exponential`` in one over the unit of cost.

    Returns
    -------
    ndarray or csr_array
        As the costs came, dense or sparse; unreachable pairs stay so (infinite, or missing). A
        cost of 0 becomes 1 under ``exponential``.

    Raises
    ------
    ModelError
        On bad input, or if a cost becomes too large for a number.

    Examples
    --------
    >>> impedance([[1.0, 3.0]], "power", beta=2.0).tolist()
    [[1.0, 9.0]]
    >>> impedance([[np.nan, 0.0]], "exponential").tolist()
    [[inf, 1.0]]
    """
    where = "impedance"
    matrix = read_costs(cost, where=where)
    if kind not in {"linear", "power", "exponential"}:
        raise _bad("kind", "no such kind", str(kind), "linear, power or exponential")
    if not (np.isfinite(beta) and beta > 0):
        raise _bad("beta", "not above 0", str(beta), "a number > 0")
    values = np.asarray(matrix.data if sparse.issparse(matrix) else matrix, dtype=float)
    felt = _felt(values, kind, beta)
    if not np.isfinite(felt[np.isfinite(values)]).all():
        largest = float(values[np.isfinite(values)].max())
        raise _bad("beta", f"a cost of {largest:g} becomes too large", str(beta), "less")
    if not sparse.issparse(matrix):
        return felt
    stored = sparse.csr_array(matrix)
    return sparse.csr_array((felt, stored.indices, stored.indptr), shape=stored.shape)


def within(cost: object, radius: ArrayLike) -> sparse.csr_array:
    """Return which site is within reach of which point, where each may have a reach of its own.

    Parameters
    ----------
    cost
        ``(n_demand, n_sites)``, ≥ 0; dense with NaN, or sparse with missing pairs, for
        unreachable.
    radius
        Service radius, ≥ 0, in the unit of cost: one number, or one a point ``(n_demand,)``; a
        cost equal to it is within.

    Returns
    -------
    csr_array
        ``(n_demand, n_sites)`` of ones, as the covering models take it.

    Raises
    ------
    ModelError
        On bad input.

    Examples
    --------
    >>> within([[1.0, 3.0], [1.0, 3.0]], [2.0, 5.0]).toarray().tolist()
    [[1, 0], [1, 1]]
    """
    where = "within"
    matrix = read_costs(cost, where=where)
    reach = read_amounts(radius, matrix.shape[0], where=where, name="radius")
    if sparse.issparse(matrix):
        stored = sparse.coo_array(matrix)
        (point, site), value = stored.coords, stored.data
        near = value <= reach[point]
        point, site = point[near], site[near]
    else:
        point, site = np.nonzero(np.asarray(matrix) <= reach[:, None])
    ones = np.ones(len(point), dtype=np.int8)
    return sparse.csr_array((ones, (point, site)), shape=matrix.shape)


def _felt(values: NDArray[np.float64], kind: Kind, beta: float) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        if kind == "linear":
            return values * beta
        return values**beta if kind == "power" else np.exp(beta * values)


def _bad(name: str, what: str, got: str, expected: str) -> ModelError:
    return ModelError(Problem(where=f"impedance, {name}", what=what, got=got, expected=expected))
