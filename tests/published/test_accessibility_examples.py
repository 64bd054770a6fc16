"""Two-step floating catchment and Huff examples with answers.

Numbers from shared/data/instances/reference_formulas: the hospital example of pysal/access
(tests/test_hospital_example.py, gridlock scenario) and a Huff table computed there.
"""

import json
from typing import Any

import numpy as np

from siting.criteria.huff_share import huff_probabilities
from siting.criteria.two_step_fca import supply_ratio
from tests.requirements import require_data


def _example(name: str) -> dict[str, Any]:
    path = require_data("instances", "reference_formulas", name)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_two_step_floating_catchment_with_a_decay_of_distance() -> None:
    case = _example("two_step_fca_example.json")
    zones = sorted(case["population"])
    decay = 1.0 / np.where(np.eye(len(zones), dtype=bool), 1.0, 40.0)
    ratio = supply_ratio(
        decay,
        demand=np.array([case["population"][zone] for zone in zones]),
        capacity=np.array([case["doctors"][zone] for zone in zones]),
    )
    expected = [case["access"][zone] for zone in zones]
    np.testing.assert_allclose(decay @ ratio, expected, rtol=1e-12)


def test_huff_probabilities_and_expected_demand() -> None:
    case = _example("huff_example.json")
    found = huff_probabilities(
        np.array(case["distance"]),
        attraction=np.array(case["attractiveness"]),
        exponent=-float(case["exponent"]),
    )
    np.testing.assert_allclose(found, case["prob"], rtol=1e-12)
    np.testing.assert_allclose(
        np.array(case["demand"]) @ found, case["expected_demand"], rtol=1e-12
    )
