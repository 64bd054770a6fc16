"""Elsayed, Dawood and Karthikeyan (2017), Int. J. Eng. Trends Technol. 46(2), 60-66: entropy.

Numbers from kotbaton/pymcdm, test/test_weights.py, TestEntropyWeights (commit 2daa0b60).
"""

import numpy as np

from siting.scoring.weights import entropy


def test_weights_to_the_printed_digits() -> None:
    raw = np.array(
        [
            [7, 312, 1891, 6613, 163],
            [72, 88, 728, 941804, 1078],
            [10, 252, 2594, 3466, 117471],
            [10, 145, 980, 2371, 86329],
            [65, 54, 350, 501, 29897],
            [29, 48, 380, 912, 34051],
            [7, 476, 3300, 78470, 2212],
            [70, 87, 650, 733, 819000],
            [4, 86, 591, 3015, 103],
            [12, 79, 579, 3240, 96098],
            [21, 45, 261, 1253, 453],
            [1, 72, 530, 4333, 0.1048],
        ]
    )
    expected = [0.104991, 0.069124, 0.071373, 0.449937, 0.304575]
    np.testing.assert_array_equal(entropy(raw).round(6), expected)
