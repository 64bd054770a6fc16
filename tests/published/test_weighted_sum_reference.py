"""Weighted sums against score vectors that pymcdm gave, in ``reference_formulas``.

- WSM: weights x columns scaled to sum 1 (costs by their reciprocals);
- SPOTIS (Dezert et al., 2020): the weighted distance from the best corner of the data's box, which
  is 1 minus our score where our bounds are the data's own;
- MABAC (Pamučar and Ćirović, 2015): a sum of weight x (1 + value) less a constant, so differences
  between its scores are differences between ours.
"""

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from siting.model import Direction, NormaliseSpec
from siting.scoring import normalise, rank, weighted_sum
from tests.requirements import require_data

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    path = require_data("instances", "reference_formulas", "mcda_pymcdm_reference.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def scores(reference: dict[str, Any]) -> NDArray[np.float64]:
    """Return our own scores of the reference's alternatives."""
    raw = np.array(reference["matrix"])
    values = [
        normalise(
            column,
            spec=NormaliseSpec(kind="linear"),
            direction=Direction.MAX if kind > 0 else Direction.MIN,
        )
        for column, kind in zip(raw.T, reference["types"], strict=True)
    ]
    return weighted_sum(np.column_stack(values), np.array(reference["weights"]))[1]


def test_spotis_is_one_minus_the_score(
    reference: dict[str, Any], scores: NDArray[np.float64]
) -> None:
    np.testing.assert_allclose(1.0 - scores, reference["scores"]["SPOTIS"], rtol=0, atol=1e-12)


def test_mabac_differs_as_the_scores_do(
    reference: dict[str, Any], scores: NDArray[np.float64]
) -> None:
    theirs = np.array(reference["scores"]["MABAC"])
    np.testing.assert_allclose(theirs - theirs[0], scores - scores[0], rtol=0, atol=1e-12)


def test_ranks_are_those_of_spotis(reference: dict[str, Any], scores: NDArray[np.float64]) -> None:
    ids = np.array([f"A{i:02d}" for i in range(len(scores))], dtype=object)
    order = np.argsort(reference["scores"]["SPOTIS"])
    np.testing.assert_array_equal(np.argsort(rank(scores, ids)), order)


def test_wsm_is_the_weighted_sum_of_shares(reference: dict[str, Any]) -> None:
    raw = np.array(reference["matrix"])
    benefit = np.where(np.array(reference["types"]) > 0, raw, 1.0 / raw)
    found = weighted_sum(benefit / benefit.sum(axis=0), np.array(reference["weights"]))[1]
    np.testing.assert_allclose(found, reference["scores"]["WSM"], rtol=0, atol=1e-12)
