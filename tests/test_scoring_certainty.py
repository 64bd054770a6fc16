"""Certainty of the ranks: indices with known answers, draws of the inputs, reasons in words."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from siting._certainty import assess
from siting._ranking import redraw, score
from siting._reasons import reasons
from siting.errors import ConfigError
from siting.frames import RESULT_FRAMES
from siting.model import (
    CertaintySettings,
    Direction,
    FacilitySpec,
    Label,
    NormaliseSpec,
    Weighting,
)
from siting.scoring.certainty import draw_weights, first_order, rank_draws, switches
from siting.scoring.shapes import check_shape
from siting.scoring.weights import check_matrix, entropy, stated
from tests import stubs

SETTINGS = CertaintySettings(weight_draws=400, weight_concentration=30.0)


def _facility(*weights: float, weighting: tuple[Weighting, ...] = ()) -> FacilitySpec:
    """Return a facility whose criteria read the columns a, b, c … of the candidates."""
    rows = tuple(
        replace(
            stubs.criterion("attribute", key=name, column=name),
            label=Label(zh=f"指标{name}", en=f"criterion {name}"),
            unit="km",
            weight=weight,
            normalise=NormaliseSpec(kind="linear", low=0.0, high=10.0),
            direction=Direction.MAX,
        )
        for name, weight in zip("abcdef", weights, strict=False)
    )
    return stubs.facility(criteria=rows, weighting=weighting)


def _candidates(table: NDArray[np.float64]) -> gpd.GeoDataFrame:
    columns = dict(zip("abcdef", table.T, strict=False))
    n = len(table)
    return stubs.candidates(
        [(float(i), 0.0) for i in range(n)],
        name_zh=[f"站{i}" for i in range(n)],
        name_en=[f"site {i}" for i in range(n)],
        **columns,
    )


def _judged(
    facility: FacilitySpec, frame: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, FacilitySpec]:
    found = score(facility, frame, stubs.surroundings())
    rank = pd.Series(found.scores).rank(ascending=False, method="first").to_numpy()
    return frame.assign(score=found.scores, rank=rank), found.criteria, found.facility


def _never(_: np.random.Generator) -> NDArray[np.float64]:
    pytest.fail("inputs were drawn though nobody asked")


def test_first_order_indices_of_ishigami() -> None:
    # Ishigami and Homma (1990): y = sin x1 + a sin² x2 + b x3⁴ sin x1, x uniform in [−π, π]; the
    # indices follow from its variances, worked out here.
    a, b = 7.0, 0.1
    x = np.random.default_rng(5).uniform(-np.pi, np.pi, (60_000, 3))
    y = np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])
    first = 0.5 * (1 + b * np.pi**4 / 5) ** 2
    second = a**2 / 8
    whole = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    expected = [first / whole, second / whole, 0.0]
    np.testing.assert_allclose(first_order(x, y), expected, atol=0.01)


def test_first_order_indices_of_a_sum_are_its_shares_of_variance() -> None:
    x = np.random.default_rng(6).standard_normal((40_000, 4))
    y = x @ np.array([3.0, 2.0, 1.0, 0.0])
    np.testing.assert_allclose(first_order(x, y), np.array([9, 4, 1, 0]) / 14, atol=0.02)


def test_first_order_says_when_it_cannot_tell() -> None:
    x = np.random.default_rng(0).random((100, 2))
    assert np.isnan(first_order(x, np.ones(100))).all()
    assert np.isnan(first_order(x[:3], x[:3, 0])).all()
    assert first_order(np.column_stack([x, np.ones(100)]), x[:, 0])[2] == 0.0


def test_drawn_weights_have_the_moments_that_are_promised() -> None:
    weights = np.array([0.6, 0.3, 0.1])
    rng = np.random.default_rng(4)
    drawn = draw_weights(weights, draws=60_000, concentration=24.0, rng=rng)
    np.testing.assert_allclose(drawn.mean(axis=0), weights, atol=2e-3)
    np.testing.assert_allclose(drawn.std(axis=0), np.sqrt(weights * (1 - weights) / 25), rtol=0.02)


def test_more_candidates_than_the_packed_key_holds_rank_the_same() -> None:
    rng = np.random.default_rng(3)
    values, weights = rng.random((8300, 2)), rng.dirichlet([1.0, 1.0], 2)
    order = np.argsort(-(values @ weights.T), axis=0, kind="stable")
    ranks = rank_draws(values, weights)
    for d in range(2):
        np.testing.assert_array_equal(ranks[order[:, d], d], np.arange(1, 8301))


def test_unknown_candidates_come_last_and_ties_go_by_id() -> None:
    values = np.array([[0.5, 0.5], [np.nan, 1.0], [0.5, 0.5], [0.9, 0.9]])
    ranks = rank_draws(values, np.array([[0.5, 0.5], [0.1, 0.9]]))
    assert ranks.T.tolist() == [[2, 4, 3, 1]] * 2


def test_too_many_candidates_are_refused() -> None:
    with pytest.raises(ValueError, match="70000 candidates, at most 65535"):
        rank_draws(np.zeros((70_000, 1)), np.ones((1, 1)))


def test_switch_point_worked_out_by_hand() -> None:
    # A has 1 and 0, B has 0.4 and 0.9: they tie where w = 0.4 w + 0.9 (1 − w), w = 0.6.
    found = switches(np.array([[1.0, 0.0], [0.4, 0.9]]), np.array([0.7, 0.3]), top=1)
    assert found[0].first_low == pytest.approx(0.6)
    assert found[0].below == 1
    assert np.isnan(found[0].first_high)
    assert found[1].first_high == pytest.approx(0.4)
    assert found[1].above == 1


def test_assessment_follows_the_schema_and_is_the_same_every_time() -> None:
    table = np.random.default_rng(1).uniform(0, 10, (9, 3))
    judged, criteria, facility = _judged(_facility(0.5, 0.3, 0.2), _candidates(table))
    options = {"top": 3, "settings": SETTINGS, "seed": 7, "redraw": _never}
    first = assess(facility, judged, criteria, **options)  # type: ignore[arg-type]
    again = assess(facility, judged, criteria, **options)  # type: ignore[arg-type]
    for name in ("methods", "agreement", "stability", "rivals"):
        frame = getattr(first, name)
        assert list(frame.columns) == list(RESULT_FRAMES[name])
        pd.testing.assert_frame_equal(frame, getattr(again, name))
    wlc = first.agreement.set_index("method").loc["wlc"]
    assert wlc[["spearman", "kendall", "top_n_share"]].tolist() == [1.0, 1.0, 1.0]
    assert first.candidates["top_n_share"].sum() == pytest.approx(3.0)
    assert len(first.rivals) == 9 * 8 / 2
    assert (first.candidates["rank_p05"] <= first.candidates["rank_p95"]).all()
    # A rank that never moves and one that does: the interval holds the median rank.
    inside = (judged["rank"] >= first.candidates["rank_p05"]) & (
        judged["rank"] <= first.candidates["rank_p95"]
    )
    assert inside.all()


def test_candidates_that_are_not_ranked_have_no_certainty() -> None:
    table = np.array([[5.0, 5.0], [np.nan, 1.0], [2.0, 9.0]])
    judged, criteria, facility = _judged(_facility(0.5, 0.5), _candidates(table))
    found = assess(facility, judged, criteria, top=1, settings=SETTINGS, seed=1, redraw=_never)
    assert found.candidates["rank_p05"].isna().tolist() == [False, True, False]
    assert set(found.methods["candidate_id"]) == {"C0", "C2"}


def test_inputs_are_drawn_as_often_as_asked_and_widen_the_ranks() -> None:
    table = np.array([[6.0, 6.0], [5.0, 5.0], [4.0, 4.0]])
    judged, criteria, facility = _judged(_facility(0.5, 0.5), _candidates(table))
    calls: list[int] = []

    def shaken(rng: np.random.Generator) -> NDArray[np.float64]:
        calls.append(1)
        return np.clip(table / 10 + rng.normal(0, 0.3, table.shape), 0, 1)

    settings = replace(SETTINGS, input_draws=200)
    found = assess(facility, judged, criteria, top=1, settings=settings, seed=1, redraw=shaken)
    assert len(calls) == 200
    sure = assess(facility, judged, criteria, top=1, settings=SETTINGS, seed=1, redraw=_never)
    assert sure.candidates["rank_p95"].tolist() == [1.0, 2.0, 3.0]
    assert found.candidates["rank_p95"].tolist() == [3.0, 3.0, 3.0]


def test_redrawn_inputs_measure_again_through_the_network() -> None:
    rows = (
        replace(
            stubs.criterion("demand_within_reach", minutes=5.0),
            weight=1.0,
            normalise=NormaliseSpec(kind="linear", low=0.0, high=100.0),
        ),
    )
    facility = stubs.facility(criteria=rows)
    frame = stubs.candidates([0.0, 50.0], uncertainty_m=[4000.0, 0.0])
    asked = stubs.demand([-3.0, 51.0], [20.0, 30.0]).assign(
        demand_low=[10.0, 15.0],
        demand_base=[20.0, 30.0],
        demand_high=[40.0, 60.0],
        existing_served=[0.0, 0.0],
    )
    around = stubs.surroundings(demand_points=asked)
    rng = np.random.default_rng(2)
    drawn = np.array([redraw(facility, frame, around, rng)[:, 0] for _ in range(200)])
    assert (drawn[:, 0] == 0).any(), "a place moved out of reach"
    assert (drawn[:, 0] > 0).any(), "a place stayed in reach"
    assert drawn[:, 1].min() >= 0.15 - 1e-12
    assert drawn[:, 1].max() <= 0.60 + 1e-12
    assert len(np.unique(drawn[:, 1])) > 100, "demand is drawn anew"


def test_weights_read_off_the_candidates_fill_their_group_only() -> None:
    tables = (
        Weighting(group="", method="direct", items=("a", "rest"), weights=(0.4, 0.6)),
        Weighting(group="a", method="direct", items=("a",), weights=(1.0,)),
        Weighting(group="rest", method="entropy", items=("b", "c"), weights=()),
    )
    table = np.array([[1.0, 1.0, 5.0], [2.0, 9.0, 5.0], [3.0, 2.0, 6.0]])
    found = score(
        _facility(0.4, 0.3, 0.3, weighting=tables), _candidates(table), stubs.surroundings()
    )
    weights = [spec.weight for spec in found.facility.criteria]
    expected = 0.6 * entropy(table[:, 1:] / 10)
    np.testing.assert_allclose(weights, [0.4, *expected])
    assert sum(found.facility.weighting[2].weights) == pytest.approx(1.0)
    assert found.criteria["weight"].iloc[:3].tolist() == weights


def test_reasons_name_what_lifts_lowers_and_would_pass() -> None:
    table = np.array([[9.0, 9.0, 1.0], [8.0, 2.0, 1.0], [1.0, 9.0, 1.0]])
    judged, criteria, facility = _judged(_facility(0.6, 0.3, 0.1), _candidates(table))
    found = reasons(facility, judged, criteria)
    assert list(found.columns) == list(RESULT_FRAMES["reasons"])
    best = found[found["candidate_id"] == "C0"]
    assert best["side"].tolist() == ["for", "for"], "nothing is against it and nothing better"
    assert best["criterion"].tolist() == ["a", "b"]
    assert "c" not in set(found.loc[found["side"] != "pass", "criterion"]), "the same everywhere"
    middle = found[found["candidate_id"] == "C1"].set_index("side")
    # Scores 0.82, 0.55 and 0.34: 0.27 behind is b from 2 to 11, which is too much; a from 8 to
    # 12.5 too; c from 1 to 28 too.
    assert "no single criterion can pass it" in middle.loc["pass", "en"]
    assert "指标都不足" in middle.loc["pass", "zh"]
    last = found[(found["candidate_id"] == "C2") & (found["side"] == "pass")]
    # 0.21 behind C1, its nearest better site and the next in rank: a from 1 to 4.5.
    (said,) = last["en"]
    who, change = said.split(": ")
    assert (
        who
        == "the nearest better site and the next in rank is C1 site 1 (1.0 km straight, 0.2100 ahead)"
    )
    assert change == "criterion a from 1 km to 4.5 km would pass it"


def test_the_nearest_better_site_need_not_be_the_next_in_rank() -> None:
    table = np.array([[9.0, 9.0], [5.0, 5.0], [8.0, 8.0]])
    frame = _candidates(table)
    judged, criteria, facility = _judged(_facility(0.5, 0.5), frame)
    moved = stubs.points([(0.0, 0.0), (1.0, 0.0), (30.0, 0.0)]).geometry
    found = reasons(facility, judged.set_geometry(moved), criteria)
    said = found[(found["candidate_id"] == "C1") & (found["side"] == "pass")]["en"].tolist()
    assert said[0].startswith("the nearest better site is C0 site 0 (1.0 km")
    assert said[1].startswith("the next better site in rank is C2 site 2 (29.0 km")


def test_one_candidate_has_a_certainty_and_no_rival() -> None:
    judged, criteria, facility = _judged(_facility(1.0), _candidates(np.array([[3.0]])))
    found = assess(facility, judged, criteria, top=5, settings=SETTINGS, seed=1, redraw=_never)
    assert found.candidates["rank_p95"].tolist() == [1.0]
    assert found.candidates["top_n_share"].tolist() == [1.0]
    assert found.rivals.empty
    assert found.stability[["first_low", "top_high"]].isna().all(axis=None)
    assert reasons(facility, judged, criteria).empty


@pytest.mark.parametrize("points", [[-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0], []])
def test_what_cannot_be_weights_is_refused(points: list[float]) -> None:
    with pytest.raises(ConfigError, match="not weights"):
        stated(np.array(points), where="test")


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([[1, 2], [2, 1]], r"not reciprocal.*a over b 2, back 2"),
        ([[2, 1], [1, 1]], "not reciprocal"),
        ([[1, -2], [-0.5, 1]], "numbers above 0"),
        ([[1, np.nan], [1, 1]], "numbers above 0"),
        ([[1, 2, 3], [0.5, 1, 2]], "got 2 x 3"),
    ],
)
def test_what_is_no_pairwise_matrix_is_refused(matrix: list[list[float]], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        check_matrix(np.array(matrix, dtype=float), items=["a", "b"], where="test")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (NormaliseSpec(kind="piecewise"), "two or more pairs"),
        (NormaliseSpec(kind="piecewise", points=((1.0, 0.0), (1.0, 1.0))), "raw values rising"),
        (NormaliseSpec(kind="piecewise", points=((1.0, 0.0), (2.0, 1.5))), "worth in"),
        (NormaliseSpec(kind="fuzzy_near", breaks=(1.0, 2.0, 3.0)), "4 raw values, rising"),
        (NormaliseSpec(kind="target", breaks=(3.0, 2.0, 1.0)), "3 raw values, rising"),
        (NormaliseSpec(kind="fuzzy_increasing", low=1.0), "low and high"),
        (NormaliseSpec(kind="linear", breaks=(1.0,)), "takes no breaks"),
        (NormaliseSpec(kind="rank", points=((0.0, 0.0),)), "takes no points"),
    ],
)
def test_a_curve_without_its_break_points_is_refused(spec: NormaliseSpec, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        check_shape("test", spec)
