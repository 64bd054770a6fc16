"""Tuş and Adalı (2019), Opsearch 56(2), 528-538: CRITIC weights of software packages.

Numbers from kotbaton/pymcdm, test/test_weights.py, TestCRITICWeights (commit 2daa0b60).
"""

import numpy as np

from siting.scoring.weights import critic


def test_weights_to_the_printed_digits() -> None:
    raw = np.array(
        [
            [5000, 3, 3, 4, 3, 2],
            [680, 5, 3, 2, 2, 1],
            [2000, 3, 2, 3, 4, 3],
            [600, 4, 3, 1, 2, 2],
            [800, 2, 4, 3, 3, 4],
        ],
        dtype=float,
    )
    expected = [0.157, 0.249, 0.168, 0.121, 0.154, 0.151]
    np.testing.assert_array_equal(critic(raw).round(3), expected)
