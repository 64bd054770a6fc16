"""Opricovic and Tzeng (2004) and (2007): VIKOR on mountain climbing and on a reservoir system.

EJOR 156(2), 445-455 and EJOR 178(2), 514-529. Numbers from quatrope/scikit-criteria,
tests/agg/test_vikor.py, test_VIKOR_opricovic2004compromise and …2007extended (commit 102c04f7).
"""

import numpy as np
import pytest

from siting.scoring.aggregate import vikor

_RESERVOIRS = np.array(
    [
        [4184.3, 2914.0, 407.2, 251.0, 195, 244, 15, 2.41],
        [5211.9, 3630.0, 501.7, 308.3, 282, 346, 21, 1.41],
        [5021.3, 3920.5, 504.0, 278.6, 12, 56, 3, 4.42],
        [5566.1, 3957.9, 559.5, 335.3, 167, 268, 16, 3.36],
        [5060.5, 3293.5, 514.1, 284.2, 69, 90, 7, 4.04],
        [4317.9, 2925.9, 432.8, 239.3, 12, 55, 3, 4.36],
    ]
)
_MORE_IS_BETTER = np.array([1, -1, 1, 1, -1, -1, -1, 1])


def test_2004_mountain_climbing() -> None:
    raw = np.array([[-1.0, 3000.0], [-2.0, 3750.0], [-5.0, 4500.0]])  # risk is to be low
    np.testing.assert_allclose(vikor(raw, np.array([0.5, 0.5])), [0.0, 1.0, 0.0], atol=1e-12)


@pytest.mark.parametrize(
    ("weights", "q", "order"),
    [
        ([1, 1, 1, 1, 1, 1, 1, 1], [0.991, 1.0, 0.473, 0.670, 0.0, 0.578], [5, 6, 2, 4, 1, 3]),
        ([2, 2, 2, 2, 1, 1, 1, 1], [1.0, 0.533, 0.552, 0.563, 0.0, 0.686], [6, 2, 3, 4, 1, 5]),
        ([1, 1, 1, 1, 2, 2, 2, 2], [0.684, 1.0, 0.147, 0.554, 0.041, 0.191], [5, 6, 2, 4, 1, 3]),
        (
            [1, 1, 1, 1, 3.2, 3.2, 3.2, 3.2],
            [0.668, 1.0, 0.051, 0.588, 0.058, 0.078],
            [5, 6, 1, 4, 2, 3],
        ),
    ],
)
def test_2007_reservoirs(weights: list[float], q: list[float], order: list[int]) -> None:
    shares = np.array(weights, dtype=float) / sum(weights)
    found = vikor(_RESERVOIRS * _MORE_IS_BETTER, shares)
    np.testing.assert_allclose(1.0 - found, q, atol=2e-3)  # the paper rounds S and R first
    assert (np.argsort(np.argsort(-found)) + 1).tolist() == order
