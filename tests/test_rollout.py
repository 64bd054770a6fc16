"""Years under one budget, and plans held against other demand, by hand and by brute force."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st
from numpy.typing import NDArray

from siting._robustness import robustness
from siting._rollout import RollOutAnswer, TypePart, roll_out
from siting.errors import ModelError
from siting.frames import RESULT_FRAMES
from siting.model import RollOutSpec, SolverSettings
from siting.optimise import SiteRole
from tests.sample import sample_result

EXACT = SolverSettings(time_limit_s=60.0, gap=0.0)
FACILITY = sample_result().study.facilities[0]
TOTAL = ""


def part(
    facility: str,
    covers: list[list[int]],
    *,
    cost: list[float] | None = None,
    demand: list[float] | None = None,
    allocated: list[list[float]] | None = None,
    existing: list[int] | None = None,
) -> TypePart:
    matrix = np.array(covers, dtype=bool).reshape(len(covers), -1)
    n, m = matrix.shape
    return TypePart(
        facility=facility,
        candidate_ids=np.array([f"{facility}{k}" for k in range(m)], dtype=object),
        cost_mcny=np.ones(m) if cost is None else np.array(cost, dtype=float),
        demand=np.ones(n) if demand is None else np.array(demand, dtype=float),
        covers=matrix,
        allocated=None if allocated is None else np.array(allocated, dtype=float),
        is_existing=None if existing is None else np.isin(np.arange(m), existing),
    )


def plan_of(*budget: float, share: tuple[float, ...] = (), **worth: float) -> RollOutSpec:
    n = len(budget)
    return RollOutSpec(
        years=tuple(range(2026, 2026 + n)),
        budget_mcny=budget,
        demand_share=share or (1.0,) * n,
        worth=worth,
    )


def row(answer: RollOutAnswer, year: int, facility: str = TOTAL) -> "pd.Series[float]":
    frame = answer.frame
    (found,) = frame[(frame["year"] == year) & (frame["facility"] == facility)].to_dict("records")
    return pd.Series(found)


def total(answer: RollOutAnswer, column: str) -> NDArray[np.float64]:
    frame = answer.frame
    return frame.loc[frame["facility"] == TOTAL, column].to_numpy(float)


# --- by hand ----------------------------------------------------------------------------------


def test_types_compete_for_one_budget() -> None:
    # a0 serves all of a's demand, b0 and b1 half of b's each; one site a year.
    parts = [part("b", [[1, 0], [0, 1]]), part("a", [[1]], demand=[7.0])]
    answer = roll_out(plan_of(1.0, 1.0, 1.0), parts, EXACT)
    assert answer.opening[("a", "a0")] == 2026
    assert sorted(answer.opening.values()) == [2026, 2027, 2028]
    assert total(answer, "served_share") == pytest.approx([0.5, 0.75, 1.0])
    assert row(answer, 2027, "a")["served_share"] == 1.0
    assert row(answer, 2027, "b")["served_share"] == 0.5
    assert row(answer, 2027, "b")["sites"] == 1


def test_worth_turns_the_order() -> None:
    parts = [part("a", [[1]]), part("b", [[1, 0], [0, 1]])]
    answer = roll_out(plan_of(1.0, 1.0, 1.0, a=1.0, b=5.0), parts, EXACT)
    assert answer.opening[("a", "a0")] == 2028


def test_money_left_is_there_in_the_next_year() -> None:
    answer = roll_out(plan_of(3.0, 3.0), [part("a", [[1, 0], [0, 1]], cost=[5.0, 9.0])], EXACT)
    assert dict(answer.opening) == {("a", "a0"): 2027}
    assert total(answer, "spent_mcny").tolist() == [0.0, 5.0]
    assert total(answer, "budget_mcny").tolist() == [3.0, 3.0]
    assert np.isnan(row(answer, 2026, "a")["budget_mcny"])


def test_committing_early_costs_what_the_ideal_serves_more() -> None:
    # One unit of money buys a0 (2 of 5 points) now; three buy a1 (all 5) later, not both.
    covers = [[1, 1], [1, 1], [0, 1], [0, 1], [0, 1]]
    spec = plan_of(1.0, 2.0)
    answer = roll_out(spec, [part("a", covers, cost=[1.0, 3.0])], EXACT)
    assert total(answer, "ideal_share") == pytest.approx([0.4, 1.0])
    assert total(answer, "step_share") == pytest.approx([0.4, 0.4])
    assert total(answer, "served_share") == pytest.approx([0.0, 1.0])  # 1.0 beats 0.4 + 0.4


def test_sites_that_serve_nothing_more_open_with_money_that_is_left() -> None:
    # Both sites cover the one point; a plan may hold the second for its score.
    twins = part("a", [[1, 1]], cost=[2.0, 2.0])
    assert len(roll_out(plan_of(2.0, 1.0), [twins], EXACT).opening) == 1
    answer = roll_out(plan_of(2.0, 1.0, 1.0), [twins], EXACT)
    assert sorted(answer.opening.values()) == [2026, 2028]
    assert total(answer, "sites").tolist() == [1, 1, 2]


def test_money_kept_for_later_is_not_spent_on_idle_sites() -> None:
    # a2 adds nothing; the money of the first year is needed for a1 in the second.
    covers = [[1, 0, 1], [0, 1, 0]]
    shares = (0.5, 1.0)
    spec = plan_of(3.0, 1.0, share=shares)
    answer = roll_out(spec, [part("a", covers, cost=[1.0, 3.0, 1.0])], EXACT)
    assert dict(answer.opening) == {("a", "a0"): 2026, ("a", "a1"): 2027}


def test_existing_sites_are_open_and_paid() -> None:
    here = part("a", [[1, 0], [0, 1]], cost=[math.nan, 4.0], demand=[3.0, 1.0], existing=[0])
    answer = roll_out(plan_of(1.0, 3.0), [here], EXACT)
    assert dict(answer.opening) == {("a", "a1"): 2027}
    assert total(answer, "served_share").tolist() == [0.75, 1.0]
    assert total(answer, "sites").tolist() == [1, 2]
    assert total(answer, "spent_mcny").tolist() == [0.0, 4.0]


def test_an_existing_site_is_open_though_it_serves_nothing() -> None:
    here = part("a", [[1, 0]], existing=[1])
    answer = roll_out(plan_of(0.0, 1.0), [here], EXACT)
    assert total(answer, "sites").tolist() == [1, 2]


def test_with_capacities_a_site_brings_what_the_plan_gives_it() -> None:
    # Both sites reach the point of 10, each takes 4; 2 stay unserved for ever.
    full = part("a", [[1, 1]], demand=[10.0], allocated=[[4.0, 4.0]])
    answer = roll_out(plan_of(1.0, 1.0, share=(0.5, 1.0)), [full], EXACT)
    assert total(answer, "served_share") == pytest.approx([0.4, 0.8])
    assert total(answer, "ideal_share") == pytest.approx([0.4, 0.8])


def test_a_type_without_demand_is_neither_counted_nor_in_the_way() -> None:
    parts = [part("a", [[1]]), part("b", [[1]], demand=[0.0], cost=[0.5])]
    answer = roll_out(plan_of(1.0, 0.5), parts, EXACT)
    assert total(answer, "served_share").tolist() == [1.0, 1.0]
    assert math.isnan(row(answer, 2027, "b")["served_share"])
    assert answer.opening[("b", "b0")] == 2027  # out of what is left


def test_a_part_without_sites_takes_no_room() -> None:
    nobody = part("b", [[], []])
    answer = roll_out(plan_of(1.0), [nobody, part("a", [[1]])], EXACT)
    assert dict(answer.opening) == {("a", "a0"): 2026}
    assert row(answer, 2026, "b")["served_share"] == 0.0
    assert total(answer, "served_share").tolist() == [0.5]


@pytest.mark.parametrize("parts", [[], [part("a", [[], []])], [part("a", [[1]], demand=[0.0])]])
def test_nothing_to_plan_gives_no_rows(parts: list[TypePart]) -> None:
    answer = roll_out(plan_of(1.0), parts, EXACT)
    assert tuple(answer.frame.columns) == RESULT_FRAMES["roll_out"]
    assert not len(answer.frame)
    assert not answer.opening


def test_costs_that_are_not_known_are_told_of_every_type() -> None:
    parts = [part(key, [[1, 1]], cost=[math.nan, 1.0]) for key in "ab"]
    with pytest.raises(ModelError) as refused:
        roll_out(plan_of(1.0), parts, EXACT)
    assert [problem.where for problem in refused.value.problems] == [
        "roll_out, facility a",
        "roll_out, facility b",
    ]
    assert "1 of 2 sites" in str(refused.value)
    assert "a0" in str(refused.value)


def test_rows_are_sorted_and_add_up() -> None:
    parts = [part("b", [[1, 0], [0, 1]], cost=[2.0, 3.0]), part("a", [[1]], cost=[4.0])]
    frame = roll_out(plan_of(5.0, 5.0), parts, EXACT).frame
    assert tuple(frame.columns) == RESULT_FRAMES["roll_out"]
    assert frame[["year", "facility"]].to_numpy().tolist() == [
        [year, key] for year in (2026, 2027) for key in ("", "a", "b")
    ]
    types = frame[frame["facility"] != TOTAL].groupby("year")[["spent_mcny", "sites"]].sum()
    whole = frame[frame["facility"] == TOTAL].set_index("year")[["spent_mcny", "sites"]]
    pd.testing.assert_frame_equal(types.astype(float), whole.astype(float))


# --- laws and brute force ---------------------------------------------------------------------


@st.composite
def parts_of(draw: st.DrawFn, *, most: int = 3) -> list[TypePart]:
    made = []
    for key in "ab"[: draw(st.integers(1, 2))]:
        n, m = draw(st.integers(1, 4)), draw(st.integers(1, most))
        row_of = st.lists(st.integers(0, 1), min_size=m, max_size=m)
        made.append(
            part(
                key,
                draw(st.lists(row_of, min_size=n, max_size=n)),
                cost=draw(st.lists(st.integers(0, 5).map(float), min_size=m, max_size=m)),
                demand=draw(st.lists(st.integers(1, 9).map(float), min_size=n, max_size=n)),
            )
        )
    return made


BUDGETS = st.lists(st.integers(0, 6).map(float), min_size=2, max_size=3)


def worth_over_years(answer: RollOutAnswer, spec: RollOutSpec) -> float:
    return float(total(answer, "served_share") @ np.array(spec.demand_share))


def best_by_trying(spec: RollOutSpec, parts: list[TypePart]) -> float:
    """Return the most that can be served over the years, of all years for all sites."""
    n_years = len(spec.years)
    sites = [(p, j) for p in parts for j in range(len(p.candidate_ids))]
    best = 0.0
    for years in itertools.product(range(n_years + 1), repeat=len(sites)):
        worth, money = 0.0, 0.0
        for year in range(n_years):
            money += spec.budget_mcny[year]
            money -= sum(
                p.cost_mcny[j] for (p, j), y in zip(sites, years, strict=True) if y == year
            )
            if money < -1e-9:
                break
            for p in parts:
                is_open = [
                    j for (q, j), y in zip(sites, years, strict=True) if q is p and y <= year
                ]
                served = p.demand[p.covers[:, is_open].any(axis=1)].sum() / p.demand.sum()
                worth += spec.demand_share[year] * served / len(parts)
        else:
            best = max(best, worth)
    return best


@settings(max_examples=30)
@given(parts_of(most=2), BUDGETS)
def test_no_years_serve_more(parts: list[TypePart], budget: list[float]) -> None:
    share = tuple(np.linspace(0.5, 1.0, len(budget)))
    spec = plan_of(*budget, share=share)
    answer = roll_out(spec, parts, EXACT)
    assert worth_over_years(answer, spec) == pytest.approx(best_by_trying(spec, parts), abs=1e-9)


@settings(max_examples=40)
@given(parts_of(), BUDGETS)
def test_years_keep_their_laws(parts: list[TypePart], budget: list[float]) -> None:
    spec = plan_of(*budget)
    answer = roll_out(spec, parts, EXACT)
    assert (np.cumsum(total(answer, "spent_mcny")) <= np.cumsum(budget) + 1e-9).all()
    served, ideal = total(answer, "served_share"), total(answer, "ideal_share")
    assert (np.diff(served) >= -1e-12).all()
    assert (np.diff(total(answer, "sites")) >= 0).all()
    assert (served <= ideal + 1e-9).all()
    assert (total(answer, "step_share") <= ideal + 1e-9).all()
    assert served.sum() >= total(answer, "step_share").sum() - 1e-9
    by_type = answer.frame[answer.frame["facility"] != TOTAL]
    assert by_type.groupby("year")["served_share"].mean().to_numpy() == pytest.approx(served)


@settings(max_examples=40)
@given(parts_of(), BUDGETS, st.integers(1, 5))
def test_a_larger_budget_never_serves_less(
    parts: list[TypePart], budget: list[float], more: int
) -> None:
    spec, richer = plan_of(*budget), plan_of(budget[0] + more, *budget[1:])
    less = roll_out(spec, parts, EXACT)
    answer = roll_out(richer, parts, EXACT)
    assert worth_over_years(answer, richer) >= worth_over_years(less, spec) - 1e-9
    assert (total(answer, "ideal_share") >= total(less, "ideal_share") - 1e-9).all()


@settings(max_examples=20)
@given(parts_of())
def test_with_money_for_all_everything_opens_at_once(parts: list[TypePart]) -> None:
    cost = sum(float(p.cost_mcny.sum()) for p in parts)
    answer = roll_out(plan_of(cost, 0.0), parts, EXACT)
    assert set(answer.opening.values()) <= {2026}
    assert len(answer.opening) == sum(len(p.candidate_ids) for p in parts)


# --- robustness -------------------------------------------------------------------------------


def of(frame: pd.DataFrame, plan: str, column: str) -> list[float]:
    rows = frame[frame["plan"] == plan]
    assert rows["case"].tolist() == ["low", "base", "high"]
    return rows[column].tolist()


# Two places, one of which only fills when demand is high; one site each, one may open.
TWO = np.eye(2, dtype=bool)
SHIFTING = np.array([[4.0, 4.0, 4.0], [1.0, 3.0, 9.0]])


def test_robustness_by_hand() -> None:
    frame = robustness(FACILITY, TWO, SHIFTING, np.array([0]), settings=EXACT, p=1)
    assert tuple(frame.columns) == RESULT_FRAMES["robustness"]
    assert of(frame, "low", "served_share") == pytest.approx([4 / 5, 4 / 7, 4 / 13])
    assert of(frame, "high", "served_share") == pytest.approx([1 / 5, 3 / 7, 9 / 13])
    assert of(frame, "low", "regret") == pytest.approx([0.0, 0.0, 5 / 9])
    assert of(frame, "high", "regret") == pytest.approx([3 / 4, 1 / 4, 0.0])
    assert of(frame, "robust", "regret") == of(frame, "low", "regret")  # 5/9 < 3/4
    assert of(frame, "chosen", "regret") == of(frame, "low", "regret")
    assert frame["plan"].drop_duplicates().tolist() == ["low", "base", "high", "chosen", "robust"]
    assert set(frame["sites"]) == {1}


def test_a_budget_takes_the_place_of_a_number() -> None:
    frame = robustness(
        FACILITY,
        TWO,
        SHIFTING,
        np.array([0]),
        settings=EXACT,
        cost=np.array([1.0, 3.0]),
        budget=2.0,
    )
    assert of(frame, "high", "served_share") == pytest.approx([4 / 5, 4 / 7, 4 / 13])


def test_sites_in_service_are_open_in_every_plan() -> None:
    roles = np.array([SiteRole.CANDIDATE, SiteRole.EXISTING])
    frame = robustness(FACILITY, TWO, SHIFTING, np.array([0, 1]), settings=EXACT, p=1, roles=roles)
    assert set(frame["served_share"]) == {1.0}
    assert set(frame["sites"]) == {2}


def test_a_case_without_demand_has_no_share_and_no_regret() -> None:
    demand = np.array([[0.0, 2.0, 4.0], [0.0, 1.0, 1.0]])
    frame = robustness(FACILITY, TWO, demand, np.array([1]), settings=EXACT, p=1)
    shares = of(frame, "chosen", "served_share")
    assert math.isnan(shares[0])
    assert of(frame, "chosen", "regret") == pytest.approx([0.0, 0.5, 0.75])
    assert of(frame, "low", "regret") == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("covers", "demand", "p"),
    [(np.zeros((2, 0), dtype=bool), SHIFTING, 1), (TWO, SHIFTING, 0), (TWO, 0.0 * SHIFTING, 1)],
)
def test_nothing_to_choose_gives_no_rows(
    covers: NDArray[np.bool_], demand: NDArray[np.float64], p: int
) -> None:
    none = np.array([], dtype=np.int64)
    frame = robustness(FACILITY, covers, demand, none, settings=EXACT, p=p)
    assert tuple(frame.columns) == RESULT_FRAMES["robustness"]
    assert not len(frame)


@settings(max_examples=30)
@given(
    st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=3, max_size=3),
    st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=3, max_size=3),
    st.integers(1, 3),
    st.integers(0, 3),
)
def test_regrets_keep_their_laws(
    covers: list[list[int]], demand: list[list[int]], p: int, first: int
) -> None:
    matrix, amounts = np.array(covers, dtype=bool), np.array(demand, dtype=float)
    assume(amounts.any())
    chosen = (first + np.arange(p)) % 4
    frame = robustness(FACILITY, matrix, amounts, chosen, settings=EXACT, p=p)
    regret = frame.pivot_table(index="plan", columns="case", values="regret", sort=False)
    assert (regret.to_numpy() >= -1e-12).all()
    for case in ("low", "base", "high"):
        assert regret.loc[case, case] == pytest.approx(0.0, abs=1e-9)
    worst = regret.max(axis=1)
    assert (worst >= worst["robust"] - 1e-9).all()
    # Brute force: of all plans of p sites none has a smaller worst regret.
    plans = [list(sites) for sites in itertools.combinations(range(4), p)]
    served = np.array([amounts[matrix[:, sites].any(axis=1)].sum(axis=0) for sites in plans])
    best = np.where(served.max(axis=0) > 0, served.max(axis=0), 1.0)
    least = ((served.max(axis=0) - served) / best).max(axis=1).min()
    assert worst["robust"] == pytest.approx(least, abs=1e-9)
