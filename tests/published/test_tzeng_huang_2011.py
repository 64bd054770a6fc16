"""Tzeng and Huang (2011), Multiple attribute decision making: the TOPSIS example.

Numbers from quatrope/scikit-criteria, tests/agg/test_topsis.py, test_TOPSIS_tzeng2011multiple
(commit 102c04f7).
"""

import numpy as np

from siting.scoring.aggregate import topsis


def test_closeness_to_the_printed_digits() -> None:
    raw = np.array([[5.0, 8.0, 4.0], [7.0, 6.0, 8.0], [8.0, 8.0, 6.0], [7.0, 4.0, 6.0]])
    scaled = raw / np.sqrt((raw**2).sum(axis=0))  # the book's vector normalisation
    found = topsis(scaled, np.array([0.3, 0.4, 0.3]))
    np.testing.assert_allclose(found, [0.5037, 0.6581, 0.7482, 0.3340], atol=1e-4)
    assert list(np.argsort(-found)) == [2, 1, 0, 3]
