"""Diakoulaki, Mavrotas and Papayannakis (1995), Computers & OR 22(7), 763-770: CRITIC.

Numbers from quatrope/scikit-criteria, tests/preprocessing/test_weighters.py,
test_CRITIC_diakoulaki1995determining (commit 081a59c6).
"""

import numpy as np

from siting.scoring.weights import critic


def test_weights_of_the_paper() -> None:
    raw = np.array(
        [
            [61, 1.08, 4.33],
            [20.7, 0.26, 4.34],
            [16.3, 1.98, 2.53],
            [9.0, 3.29, 1.65],
            [5.4, 2.77, 2.33],
            [4.0, 4.12, 1.21],
            [-6.1, 3.52, 2.10],
            [-34.6, 3.31, 0.98],
        ]
    )
    expected = [0.20222554, 0.48090173, 0.31687273]
    np.testing.assert_allclose(critic(raw), expected, atol=1e-8)
