"""Papathanasiou and Ploskas (2018), Promethee, in Multiple Criteria Decision Aid, 57-89.

Numbers from energyinpython/pyrepo-mcda, tests, Test_PROMETHEE_II (doi 10.1007/978-3-319-91648-4_3):
linear preference with indifference 1 and preference 2 in the raw units.
"""

import numpy as np

from siting.scoring.aggregate import promethee


def test_net_flows_to_the_printed_digits() -> None:
    raw = np.array(
        [[8, 7, 2, 1], [5, 3, 7, 5], [7, 5, 6, 4], [9, 9, 7, 3], [11, 10, 3, 7], [6, 9, 5, 4]],
        dtype=float,
    )
    flows = promethee(raw, np.array([0.4, 0.3, 0.1, 0.2]), indifference=1.0, preference=2.0)
    np.testing.assert_array_equal(flows.round(2), [-0.26, -0.52, -0.22, 0.36, 0.7, -0.06])
