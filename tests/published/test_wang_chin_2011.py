"""Wang and Chin (2011), Information Sciences 181(23), 5240: an AHP matrix and its weights.

Numbers from shared/data/instances/reference_formulas/ahp_cases.json, taken there from
kotbaton/pymcdm test/test_weights.py and computed again.
"""

import json
from typing import Any

import numpy as np
import pytest

from siting.errors import ConfigError
from siting.scoring.weights import check_matrix, consistency, eigenvector
from tests.requirements import require_data


def _case(name: str) -> dict[str, Any]:
    path = require_data("instances", "reference_formulas", "ahp_cases.json")
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return next(case for case in cases if case["name"].startswith(name))


def test_weights_to_the_printed_digits() -> None:
    case = _case("wang_chin_2011")
    weights = eigenvector(np.array(case["matrix"]))
    np.testing.assert_array_equal(weights.round(4), case["published_weights"])


@pytest.mark.parametrize("name", ["wang_chin_2011", "consistent_4x4", "pyDecision_readme_7x7"])
def test_weights_and_consistency_to_the_last_digits(name: str) -> None:
    case = _case(name)
    matrix = np.array(case["matrix"])
    found = consistency(matrix)
    np.testing.assert_allclose(eigenvector(matrix), case["eigen_weights"], rtol=1e-12)
    assert found.largest_eigenvalue == pytest.approx(case["lambda_max"], rel=1e-12)
    assert found.index == pytest.approx(case["CI"], abs=1e-12)
    assert found.ratio == pytest.approx(case["CR_saaty_RI"], abs=1e-12)


def test_its_judgements_are_refused_and_the_worst_one_is_named() -> None:
    matrix = np.array(_case("wang_chin_2011")["matrix"])
    items = list("abcdef")
    found = consistency(matrix)
    weights = eigenvector(matrix)
    misfits = {
        (i, j): abs(np.log(matrix[i, j] * weights[j] / weights[i]))
        for i in range(6)
        for j in range(i + 1, 6)
    }
    assert (found.row, found.column) == max(misfits, key=misfits.__getitem__)
    worst = f"{items[found.row]} over {items[found.column]}"
    with pytest.raises(ConfigError, match=rf"{worst} is judged .*consistency ratio 0\.229"):
        check_matrix(matrix, items=items, where="paper")
    check_matrix(matrix, items=items, where="paper", allow_inconsistent=True)
