"""Scores and weights against pymcdm on random matrices, and against vectors it once gave."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from pymcdm import methods, weights as theirs
from pymcdm.normalizations import minmax_normalization, sum_normalization
from scipy import stats

from siting.scoring.aggregate import promethee, topsis, vikor, weighted_product, wlc
from siting.scoring.agreement import kendall, spearman
from siting.scoring.weights import critic, entropy
from tests.requirements import require_data

EXACT = 1e-12

Matrix = NDArray[np.float64]


def _question(seed: int) -> tuple[Matrix, Matrix, Matrix]:
    """Return a random raw matrix, weights, and directions with both kinds."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(3, 40)), int(rng.integers(2, 12))
    raw = rng.lognormal(0.0, 1.5, size=(n, m)) + 0.01
    types = np.where(np.arange(m) % 2 == 0, 1, -1)
    return raw, rng.dirichlet(np.ones(m)), types


def _scaled(raw: Matrix, types: Matrix, how: object) -> Matrix:
    columns = [how(column, kind < 0) for column, kind in zip(raw.T, types, strict=True)]
    return np.column_stack(columns)


random_questions = pytest.mark.parametrize("seed", range(25))


@random_questions
def test_topsis(seed: int) -> None:
    raw, w, types = _question(seed)
    ours = topsis(_scaled(raw, types, minmax_normalization), w)
    np.testing.assert_allclose(ours, methods.TOPSIS()(raw, w, types), rtol=0, atol=EXACT)


@random_questions
def test_vikor(seed: int) -> None:
    raw, w, types = _question(seed)
    ours = vikor(_scaled(raw, types, minmax_normalization), w)
    # pymcdm's answer does not change with a positive linear map of a column; ours must not either.
    np.testing.assert_allclose(
        1.0 - ours, methods.VIKOR()(raw * types, w, np.ones(len(w))), rtol=0, atol=EXACT
    )


@random_questions
def test_weighted_product(seed: int) -> None:
    raw, w, types = _question(seed)
    ours = weighted_product(_scaled(raw, types, sum_normalization), w)
    np.testing.assert_allclose(ours, methods.WPM()(raw, w, types), rtol=0, atol=EXACT)


@random_questions
def test_weighted_sum(seed: int) -> None:
    raw, w, types = _question(seed)
    ours = wlc(_scaled(raw, types, minmax_normalization), w)
    expected = methods.WSM(minmax_normalization)(raw, w, types)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=EXACT)


@random_questions
def test_promethee_ii(seed: int) -> None:
    raw, w, types = _question(seed)
    ours = promethee(_scaled(raw, types, minmax_normalization), w)
    expected = methods.PROMETHEE_II("usual")(raw, w, types)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=EXACT)


@random_questions
def test_objective_weights(seed: int) -> None:
    raw, _, _ = _question(seed)
    np.testing.assert_allclose(entropy(raw), theirs.entropy_weights(raw), rtol=0, atol=EXACT)
    np.testing.assert_allclose(critic(raw), theirs.critic_weights(raw), rtol=0, atol=EXACT)


@random_questions
def test_rank_correlations_against_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 15, size=(2, int(rng.integers(3, 60)))).astype(float)
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=EXACT)
    assert kendall(a, b) == pytest.approx(stats.kendalltau(a, b).statistic, abs=EXACT)


def test_vectors_that_pymcdm_once_gave() -> None:
    path = require_data("instances", "reference_formulas", "mcda_pymcdm_reference.json")
    case = json.loads(path.read_text(encoding="utf-8"))
    raw, w, types = (np.array(case[name], dtype=float) for name in ("matrix", "weights", "types"))
    span = _scaled(raw, types, minmax_normalization)
    scores = case["scores"]
    np.testing.assert_allclose(topsis(span, w), scores["TOPSIS"], atol=EXACT)
    np.testing.assert_allclose(1.0 - vikor(span, w), scores["VIKOR"], atol=EXACT)
    np.testing.assert_allclose(promethee(span, w), scores["PROMETHEE_II"], atol=EXACT)
    by_sum = _scaled(raw, types, sum_normalization)
    np.testing.assert_allclose(weighted_product(by_sum, w), scores["WPM"], atol=EXACT)
    np.testing.assert_allclose(wlc(by_sum, w), scores["WSM"], atol=EXACT)
    given = case["objective_weights"]
    np.testing.assert_allclose(entropy(raw), given["entropy_weights"], atol=EXACT)
    np.testing.assert_allclose(critic(raw), given["critic_weights"], atol=EXACT)
