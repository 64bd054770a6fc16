"""Location models worked out by hand, and what they refuse."""

import math
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import ConfigError, ModelError
from siting.model import ModelSpec, SolverSettings, SolveStatus
from siting.optimise import LocationModel, SitingProblem, assign, budgeted, models, solve
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise._mclp_study import plan_mclp as mclp
from tests.stubs import SOLVER, problem

NAN = math.nan

# Three candidates, four demand points: C0 serves 10 + 5, C1 serves 5 + 8, C2 serves 9.
TIMES = [[5, NAN, 99], [10, 10, 99], [NAN, 3, 10.001], [99, 99, 0]]
DEMAND = [10.0, 5.0, 8.0, 9.0]


def test_mclp_by_hand() -> None:
    asked = problem(TIMES, demand=DEMAND)
    for p, sites, covered in ((1, [0], 15.0), (2, [0, 2], 24.0), (3, [0, 1, 2], 32.0)):
        found = mclp(asked, settings=SOLVER, sites=p)
        assert found.sites.tolist() == sites
        assert (found.objective, found.gap) == (covered, 0.0)
        assert found.bound == pytest.approx(covered)
        assert found.status is SolveStatus.OPTIMAL


def test_mclp_tells_its_figures() -> None:
    facts = mclp(
        problem(TIMES, demand=DEMAND), settings=SOLVER, sites=2, score_tolerance_share=0.3
    ).facts
    assert facts["sites_asked"] == 2.0
    assert facts["demand_total"] == 32.0
    assert facts["demand_classes"] == 4.0
    assert facts["best_coverage_share"] == pytest.approx(24.0 / 32.0)
    assert facts["score_tolerance_share"] == 0.3


def test_mclp_gives_up_no_more_than_the_tolerance_for_better_scores() -> None:
    # The most is C0 and C2 with 24; C1 and C2 cover 22 and score better, C0 and C1 23.
    asked = problem(TIMES, demand=DEMAND, scores=[0.1, 0.9, 0.8])
    sites = [
        mclp(asked, settings=SOLVER, sites=2, score_tolerance_share=share).sites.tolist()
        for share in (0.0, 0.04, 0.05, 0.08, 0.09)
    ]
    assert sites == [[0, 2], [0, 2], [0, 1], [0, 1], [1, 2]]


def test_mclp_fills_up_with_the_best_scored_where_coverage_is_spent() -> None:
    asked = problem([[1, 1, 99, 99]], demand=[1.0], scores=[0.2, 0.3, 0.4, 0.9])
    assert mclp(asked, settings=SOLVER, sites=2).sites.tolist() == [1, 3]


def test_mclp_keeps_sites_apart_in_both_directions() -> None:
    apart = [[0, 9, 1], [2, 0, 9], [NAN, 9, 0]]  # C0-C1 is 2 min one way, C2-C0 1 min, C1-C2 9
    asked = problem(np.diag([1, 1, 1]) * -98 + 99, demand=[3.0, 2.0, 1.0], site_times_min=apart)
    assert mclp(asked, settings=SOLVER, sites=3, spacing_minutes=1.0).sites.tolist() == [0, 1, 2]
    assert mclp(asked, settings=SOLVER, sites=3, spacing_minutes=1.5).sites.tolist() == [0, 1]
    # C0 alone or C1 and C2 cover 3 each; two sites score more.
    assert mclp(asked, settings=SOLVER, sites=3, spacing_minutes=3.0).sites.tolist() == [1, 2]
    assert mclp(asked, settings=SOLVER, sites=3, spacing_minutes=10.0).sites.tolist() == [0]


@pytest.mark.parametrize(
    ("times", "demand"),
    [([[1.0, 1.0]], [0.0]), ([[NAN, NAN]], [7.0]), (np.empty((0, 2)), [])],
    ids=["no demand", "nobody reached", "no demand points"],
)
def test_mclp_without_anything_to_cover_takes_the_best_scored(
    times: object, demand: list[float]
) -> None:
    found = mclp(problem(times, demand=demand, scores=[0.4, 0.6]), settings=SOLVER, sites=1)
    assert found.sites.tolist() == [1]
    assert (found.objective, found.bound, found.gap) == (0.0, 0.0, 0.0)
    assert math.copysign(1.0, found.bound) == 1.0, "not minus zero"


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_mclp_does_not_mind_the_unit_of_demand(scale: float) -> None:
    found = mclp(problem(TIMES, demand=np.array(DEMAND) * scale), settings=SOLVER, sites=2)
    assert found.sites.tolist() == [0, 2]
    assert found.objective == pytest.approx(24.0 * scale)


@pytest.mark.parametrize(
    ("sites", "message"),
    [(0, "fewer than one site"), (-1, "fewer than one site"), (4, r"more sites.*got 4.*1 to 3")],
)
def test_mclp_refuses_a_number_of_sites_out_of_range(sites: int, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        mclp(problem(TIMES), settings=SOLVER, sites=sites)


def test_mclp_says_when_no_candidate_is_left() -> None:
    with pytest.raises(ModelError, match="no candidate is left"):
        mclp(problem(np.empty((2, 0))), settings=SOLVER, sites=1)


@pytest.mark.parametrize("bad", [NAN, -1.0, math.inf])
def test_mclp_refuses_demand_that_is_no_amount(bad: float) -> None:
    with pytest.raises(ModelError, match="mclp, demand: negative or not a number"):
        mclp(problem(TIMES, demand=[1.0, bad, 1.0, 1.0]), settings=SOLVER, sites=1)


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5, NAN])
def test_mclp_refuses_a_tolerance_that_is_no_share(share: float) -> None:
    with pytest.raises(ModelError, match="score_tolerance_share"):
        mclp(problem(TIMES), settings=SOLVER, sites=1, score_tolerance_share=share)


def _purse(benefit: list[float], cost: list[float]) -> SitingProblem:
    return problem(np.empty((0, len(benefit))), benefit=benefit, cost=cost)


def test_budgeted_by_hand() -> None:
    # Best for its cost first would take C0 and leave 4 unused; C1 and C2 bring more.
    asked = _purse([7.0, 5.0, 5.0, 0.0], [6.0, 5.0, 5.0, 0.0])
    found = budgeted(asked, settings=SOLVER, budget_mcny=10.0)
    assert found.sites.tolist() == [1, 2]
    assert found.objective == 10.0
    assert found.bound == pytest.approx(10.0)
    assert found.status is SolveStatus.OPTIMAL
    assert dict(found.facts) == pytest.approx(
        {
            "budget_mcny": 10.0,
            "spent_mcny": 10.0,
            "cost_of_all_mcny": 16.0,
            "benefit_of_all": 17.0,
            "coverage_share": 10.0 / 17.0,
        }
    )


def test_budgeted_takes_what_is_free_and_never_what_is_worthless() -> None:
    asked = _purse([10.0, 3.0, 0.0, 1e-9], [0.0, 1.0, 0.0, 0.0])
    assert budgeted(asked, settings=SOLVER, budget_mcny=0.0).sites.tolist() == [0, 3]
    assert budgeted(asked, settings=SOLVER, budget_mcny=1.0).sites.tolist() == [0, 1, 3]


def test_budgeted_adds_decimal_costs_as_decimals() -> None:
    asked = _purse([1.0, 1.0, 1.0], [0.1, 0.2, 0.1])
    assert 0.1 + 0.2 > 0.3
    assert budgeted(asked, settings=SOLVER, budget_mcny=0.3).objective == 2.0
    dear = _purse([1.0, 1.0], [1.0, 1.0 + 1e-6])
    assert budgeted(dear, settings=SOLVER, budget_mcny=2.0).sites.size == 1


def test_budgeted_with_nothing_worth_having() -> None:
    found = budgeted(_purse([0.0, 5.0], [1.0, 9.0]), settings=SOLVER, budget_mcny=3.0)
    assert found.sites.size == 0
    assert (found.objective, found.bound, found.gap) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("bad", [NAN, -1.0, math.inf])
@pytest.mark.parametrize("column", ["benefit", "cost"])
def test_budgeted_names_the_candidate_without_an_amount(column: str, bad: float) -> None:
    amounts = {"benefit": [1.0, 1.0], "cost": [1.0, 1.0]}
    amounts[column][1] = bad
    with pytest.raises(ModelError, match=rf"budget, {column} of C001: negative or not known"):
        budgeted(_purse(**amounts), settings=SOLVER, budget_mcny=1.0)


@pytest.mark.parametrize("budget", [NAN, -1.0, math.inf])
def test_budgeted_refuses_a_budget_that_is_no_amount(budget: float) -> None:
    with pytest.raises(ModelError, match="budget, budget_mcny: not an amount"):
        budgeted(_purse([1.0], [1.0]), settings=SOLVER, budget_mcny=budget)


def test_budgeted_says_when_no_candidate_is_left() -> None:
    with pytest.raises(ModelError, match="no candidate is left"):
        budgeted(_purse([], []), settings=SOLVER, budget_mcny=1.0)


def _amounts(found: object, shape: tuple[int, int]) -> list[list[float]]:
    who, site, amount = found
    table = np.zeros(shape)
    table[who, site] = amount
    return table.round(6).tolist()


# Both go to site 0, the first has a way out at one minute more, the second at five.
QUEUE = np.array([[1.0, 2.0], [1.0, 6.0], [NAN, 3.0], [NAN, NAN]])


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        (math.inf, [[4, 0], [4, 0], [0, 1], [0, 0]]),
        (6.0, [[2, 2], [4, 0], [0, 1], [0, 0]]),
        (4.5, [[0.5, 3.5], [4, 0], [0, 1], [0, 0]]),
        (4.0, [[0, 4], [4, 0], [0, 0], [0, 0]]),  # 1 finds no room: the one that travels farthest
        (0.0, [[0, 0], [0, 0], [0, 0], [0, 0]]),
        (np.array([8.0, 0.5]), [[4, 0], [4, 0], [0, 0.5], [0, 0]]),
    ],
)
def test_assign_by_hand(
    capacity: float | NDArray[np.float64], expected: list[list[float]]
) -> None:
    found = assign(
        QUEUE,
        np.array([4.0, 4.0, 1.0, 5.0]),
        service_min=10.0,
        capacity=capacity,
        settings=SOLVER,
    )
    assert _amounts(found, (4, 2)) == expected


def test_assign_out_of_time_joins_the_nearest_pairs_first() -> None:
    found = assign(
        QUEUE,
        np.array([4.0, 4.0, 1.0, 5.0]),
        service_min=10.0,
        capacity=6.0,
        settings=SolverSettings(time_limit_s=0.0, gap=0.0),
    )
    assert _amounts(found, (4, 2)) == [[4, 0], [2, 2], [0, 1], [0, 0]]


def test_assign_breaks_ties_by_the_first_site_and_keeps_the_radius() -> None:
    times = np.array([[3.0, 3.0], [10.0, NAN], [10.001, NAN]])
    found = assign(times, np.ones(3), service_min=10.0, capacity=np.inf, settings=SOLVER)
    assert [list(part) for part in found] == [[0, 1], [0, 0], [1.0, 1.0]]


@pytest.mark.parametrize("shape", [(0, 2), (2, 0), (0, 0)])
def test_assign_without_demand_or_sites(shape: tuple[int, int]) -> None:
    found = assign(
        np.empty(shape), np.ones(shape[0]), service_min=1.0, capacity=1.0, settings=SOLVER
    )
    assert all(len(part) == 0 for part in found)


def test_solve_asks_the_model_that_is_named() -> None:
    asked = problem(TIMES, demand=DEMAND)
    found = solve(asked, ModelSpec(kind="mclp", params={"sites": 1}), settings=SOLVER)
    assert found.sites.tolist() == [0]
    assert {"mclp", "budget"} <= models().keys()
    assert list(models()["mclp"].parameters) == [
        "sites",
        "score_tolerance_share",
        "spacing_minutes",
    ]


def test_two_files_cannot_claim_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = ModuleType("twin")
    twin.MODEL = LocationModel(name="mclp", objective_unit="", solve=mclp)
    monkeypatch.setattr("siting.siblings.import_module", lambda _: twin)
    with pytest.raises(ConfigError, match="location model mclp is defined twice"):
        models.__wrapped__()


def test_a_model_without_a_plan_is_an_error() -> None:
    impossible = MixedIntegerModel(
        gain=np.ones(1),
        rows=sparse.csr_array([[1.0]]),
        low=np.array([2.0]),
        high=np.array([3.0]),
        n_binary=1,
    )
    with pytest.raises(ModelError, match=r"gives no plan.*Infeasible"):
        maximise(impossible, settings=SOLVER, start=None)


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    mclp(problem(TIMES, demand=DEMAND), settings=SOLVER, sites=2)
    assert capfd.readouterr() == ("", "")
