"""What holds for impedance and reach, whatever the costs."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import sparse

from siting.errors import ModelError
from siting.optimise import impedance, lscp, mclp, p_median, within

FEW = settings(max_examples=20)
SEEDS = st.integers(0, 2**32 - 1)
KINDS = st.sampled_from(["linear", "power", "exponential"])


def _costs(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 9, (8, 5)).astype(float)
    cost[rng.random((8, 5)) < 0.2] = np.nan
    cost[:, 0] = 9.0
    return cost, rng.integers(1, 9, 8).astype(float)


def _stored(cost: np.ndarray) -> sparse.csr_array:
    at = np.nonzero(np.isfinite(cost))
    return sparse.coo_array((cost[at], at), shape=cost.shape).tocsr()


@FEW
@given(seed=SEEDS, kind=KINDS, beta=st.floats(0.1, 3))
def test_impedance_keeps_the_order_and_what_is_unreachable(
    seed: int, kind: str, beta: float
) -> None:
    cost, _ = _costs(seed)
    felt = impedance(cost, kind, beta=beta)
    assert (np.isinf(felt) == np.isnan(cost)).all()
    known = np.isfinite(cost)
    one, other = cost[known], felt[known]
    rising = one[:, None] < one[None]
    assert (other[:, None] < other[None])[rising].all()
    stored = impedance(_stored(cost), kind, beta=beta)
    assert stored.nnz == known.sum()
    assert stored.toarray()[known] == pytest.approx(other)


@FEW
@given(seed=SEEDS, beta=st.floats(0.1, 9))
def test_a_linear_impedance_scales_the_median(seed: int, beta: float) -> None:
    cost, demand = _costs(seed)
    plain = p_median(cost, demand, 2)
    assert p_median(impedance(cost, beta=beta), demand, 2).objective == pytest.approx(
        beta * plain.objective
    )
    assert p_median(impedance(cost, "power"), demand, 2).objective == plain.objective


def test_a_high_power_makes_the_median_a_centre() -> None:
    cost = np.abs(np.subtract.outer(np.arange(11.0), np.arange(11.0)))
    demand = np.r_[100.0, np.ones(10)]
    assert p_median(cost, demand, 1).sites.tolist() == [0]
    assert p_median(impedance(cost, "power", beta=9), demand, 1).sites.tolist() == [4]
    assert p_median(impedance(cost, "exponential", beta=5), demand, 1).sites.tolist() == [5]


@FEW
@given(seed=SEEDS)
def test_reach_is_each_points_own(seed: int) -> None:
    cost, demand = _costs(seed)
    rng = np.random.default_rng(seed)
    radius = rng.integers(0, 9, 8).astype(float)
    covers = within(cost, radius)
    told = np.array([[c <= radius[i] for c in row] for i, row in enumerate(cost)])
    assert (covers.toarray() > 0).tolist() == told.tolist()
    assert (within(_stored(cost), radius).toarray() == covers.toarray()).all()
    assert (within(cost, 4.0).toarray() == within(cost, np.full(8, 4.0)).toarray()).all()
    best = max(
        float(demand[told[:, [a, b]].any(axis=1)].sum()) for a in range(5) for b in range(5)
    )
    assert mclp(covers, demand, 2).objective == best
    wider = within(cost, radius + 9)
    assert lscp(wider).objective == 1


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        (lambda: impedance([[1.0]], "cubic"), "impedance, kind: no such kind"),
        (lambda: impedance([[1.0]], beta=0), "impedance, beta: not above 0"),
        (lambda: impedance([[1.0]], beta=np.nan), "impedance, beta: not above 0"),
        (lambda: impedance([[-1.0]]), "impedance, cost: negative"),
        (lambda: impedance([[1e4]], "exponential"), "a cost of 10000 becomes too large"),
        (lambda: within([[1.0]], -1.0), "within, radius: negative"),
        (lambda: within([[1.0]], [1.0, 2.0]), "within, radius: wrong size"),
        (lambda: within([[1.0]], np.nan), "within, radius: negative or not a number"),
    ],
)
def test_bad_input_is_told(ask: object, line: str) -> None:
    with pytest.raises(ModelError, match=line):
        ask()
