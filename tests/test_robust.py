"""Minimax regret: no plan has a smaller worst regret."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from siting.errors import ModelError
from siting.model import SolveStatus
from siting.optimise.robust import minimax_regret
from siting.optimise.roles import SiteRole
from tests.cover_cases import amounts, covers, demands, plans, price, role_numbers, served


@settings(max_examples=60)
@given(data=st.data(), table=covers(), kind=st.sampled_from(["absolute", "relative"]))
def test_the_worst_regret_equals_brute_force(
    data: st.DataObject, table: np.ndarray, kind: str
) -> None:
    n, m = table.shape
    demand = data.draw(demands(n, data.draw(st.integers(1, 3))))
    cost, roles = data.draw(amounts(m)), data.draw(role_numbers(m))
    needed = min(price(cost, roles, s) for s in plans(roles))
    budget = needed + data.draw(st.integers(0, 12))
    fitting = [s for s in plans(roles) if price(cost, roles, s) <= budget]
    value = {s: np.array([served(table, d, s) for d in demand.T]) for s in fitting}
    best = np.max(list(value.values()), axis=0)
    unit = np.where(best > 0, best, 1.0) if kind == "relative" else np.ones(len(best))
    worst = {s: float(((best - v) / unit).max()) for s, v in value.items()}
    least = min(worst.values())
    found = minimax_regret(table, demand, cost=cost, budget=budget, roles=roles, regret=kind)
    assert found.plan.objective == pytest.approx(least, abs=1e-9)
    assert found.plan.bound == pytest.approx(least, abs=1e-6)
    assert found.plan.bound <= found.plan.objective
    assert found.plan.status is SolveStatus.OPTIMAL
    assert [b.objective for b in found.best] == best.tolist()
    total = demand.sum(axis=0)
    in_total = {s: float((v / total).sum()) for s, v in value.items() if worst[s] <= least + 1e-9}
    assert (found.served / total).sum() == pytest.approx(max(in_total.values()))


def test_a_plan_between_the_scenarios_beats_the_best_of_each() -> None:
    """Site 0 is best when demand is in the west, 1 in the east; 2 serves both nearly as well."""
    table = np.array([[1, 0, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0]], dtype=bool)
    demand = np.array([[8.0, 1.0], [2.0, 0.5], [1.0, 8.0], [0.5, 2.0]])
    found = minimax_regret(table, demand, p=1, regret="absolute")
    assert found.plan.sites.tolist() == [2]
    assert found.regret.tolist() == [1.0, 1.0]
    assert found.regret_of_best.max(axis=1).tolist() == [8.5, 8.5]


def test_one_scenario_leaves_nothing_to_regret() -> None:
    found = minimax_regret(np.eye(3, dtype=bool), np.array([[1.0], [3.0], [2.0]]), p=2)
    assert found.plan.sites.tolist() == [1, 2]
    assert (found.plan.objective, found.plan.bound) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"demand": np.ones(3)}, "demand: not one column a scenario"),
        ({"demand": np.zeros((3, 2))}, "demand: there is none"),
        ({"demand": np.full((3, 2), math.nan)}, "demand: negative or not a number"),
        ({"p": 0}, "p: out of range"),
        ({"p": 4}, "p: out of range"),
        ({"p": 1.5}, "p: not a whole number"),
        ({"p": None}, "no limit on what may be chosen"),
        ({"budget": 3.0}, "no limit on what may be chosen"),
        ({"p": 1, "roles": [1, 1, 0]}, "smallest p that would do is 2"),
        (
            {"p": None, "cost": [2, 2, 2], "budget": 3, "roles": [1, 1, 0]},
            "smallest budget that would do is 4",
        ),
    ],
)
def test_bad_input_is_refused(change: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"covers": np.eye(3, dtype=bool), "demand": np.ones((3, 2)), "p": 1}
    with pytest.raises(ModelError, match=message):
        minimax_regret(**(given | change))  # type: ignore[arg-type]


def test_roles_are_kept() -> None:
    found = minimax_regret(
        np.eye(4, dtype=bool),
        np.array([[9.0, 9.0], [5.0, 5.0], [1.0, 1.0], [7.0, 7.0]]),
        p=2,
        roles=[SiteRole.FORBIDDEN, SiteRole.CANDIDATE, SiteRole.REQUIRED, SiteRole.EXISTING],
    )
    assert found.plan.sites.tolist() == [1, 2, 3]


@pytest.mark.parametrize(("third", "site"), [([1.0, 2.0, 2.0], 1), ([2.0, 1.0, 2.0], 0)])
def test_of_plans_with_one_worst_regret_the_one_that_serves_most_is_returned(
    third: list[float], site: int
) -> None:
    """Sites 0 and 1 both regret 2 under the first demand; one serves more under the third."""
    demand = np.array([[4.0, 4.0, 6.0], [6.0, 6.0, 0.0], third]).T
    found = minimax_regret(np.eye(3, dtype=bool), demand, p=1, regret="absolute")
    assert found.plan.objective == 2.0
    assert found.plan.sites.tolist() == [site]
