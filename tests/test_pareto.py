"""Coverage against cost: the front holds exactly the plans that no other beats."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import sparse

from siting.errors import ModelError
from siting.model import SolveStatus
from siting.optimise.pareto import cheapest, pareto_front
from siting.optimise.roles import SiteRole
from tests.cover_cases import amounts, covers, demands, plans, price, role_numbers, served

TABLE = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
DEMAND = [4.0, 3.0, 2.0, 1.0, 5.0]


@settings(max_examples=60)
@given(data=st.data(), table=covers())
def test_the_front_equals_brute_force(data: st.DataObject, table: np.ndarray) -> None:
    n, m = table.shape
    demand = data.draw(demands(n, 1))[:, 0]
    cost, roles = data.draw(amounts(m)), data.draw(role_numbers(m))
    known = {(price(cost, roles, s), served(table, demand, s)) for s in plans(roles)}
    best = sorted(
        (c, v)
        for c, v in known
        if not any((a <= c and b >= v and (a, b) != (c, v)) for a, b in known)
    )
    front = pareto_front(table, demand, cost, roles=roles)
    assert list(zip(front.cost, front.served, strict=True)) == best
    assert front.is_complete
    for plan in front.plans:
        assert price(cost, roles, plan.sites) == plan.facts["cost"]
        assert served(table, demand, plan.sites) == plan.objective


@settings(max_examples=60)
@given(data=st.data(), table=covers(), share=st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]))
def test_cheapest_equals_brute_force_or_tells_what_would_do(
    data: st.DataObject, table: np.ndarray, share: float
) -> None:
    n, m = table.shape
    demand = data.draw(demands(n, 1))[:, 0]
    cost, roles = data.draw(amounts(m)), data.draw(role_numbers(m))
    least = share * demand.sum() - 1e-9
    fitting = [price(cost, roles, s) for s in plans(roles) if served(table, demand, s) >= least]
    if fitting:
        plan = cheapest(table, demand, cost, share=share, roles=roles)
        assert plan.objective == min(fitting)
        assert plan.bound == pytest.approx(min(fitting), abs=1e-6)
        assert plan.status is SolveStatus.OPTIMAL
    else:
        with pytest.raises(ModelError, match="no plan serves so much") as raised:
            cheapest(table, demand, cost, share=share, roles=roles)
        most = max(served(table, demand, s) for s in plans(roles)) / demand.sum()
        assert raised.value.problems[0].expected == f"at most {most:.6g}"


def test_the_front_of_a_small_town() -> None:
    front = pareto_front(sparse.csr_array(TABLE), DEMAND, [2.0, 2.0, 1.0])
    assert front.cost.tolist() == [0, 1, 2, 3, 4, 5]
    assert front.served.tolist() == [0, 1, 7, 8, 9, 10]
    assert [plan.sites.tolist() for plan in front.plans][:4] == [[], [2], [0], [0, 2]]


def test_costs_that_are_not_whole_numbers_are_told_apart() -> None:
    front = pareto_front(TABLE, DEMAND, [0.2, 0.25, 0.1])
    assert front.served.tolist() == [0, 1, 7, 8, 9, 10]
    assert front.cost == pytest.approx([0, 0.1, 0.2, 0.3, 0.45, 0.55])


def test_some_points_of_the_front_are_points_of_the_front() -> None:
    whole = pareto_front(TABLE, DEMAND, [2.0, 2.0, 1.0])
    some = pareto_front(TABLE, DEMAND, [2.0, 2.0, 1.0], points=3)
    pairs = set(zip(whole.cost, whole.served, strict=True))
    assert set(zip(some.cost, some.served, strict=True)) < pairs
    assert some.cost[[0, -1]].tolist() == whole.cost[[0, -1]].tolist()
    assert not some.is_complete


def test_fewest_sites_that_cover_all_that_can_be_covered() -> None:
    plan = cheapest(TABLE, DEMAND, np.ones(3), share=10 / 15)
    assert plan.sites.tolist() == [0, 1, 2]
    assert plan.objective == 3
    with pytest.raises(ModelError, match=r"1 demand points .* points 4 out of reach"):
        cheapest(TABLE, DEMAND, np.ones(3), share=0.7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"demand": [1.0, math.nan, 1, 1, 1]}, "demand: negative or not a number"),
        ({"demand": [1.0, -1, 1, 1, 1]}, "demand: negative or not a number"),
        ({"demand": []}, "demand: wrong size"),
        ({"cost": [1, -1, 1]}, "cost: negative or not a number"),
        ({"cost": [1, math.inf, 1]}, "cost: negative or not a number"),
        ({"covers": np.zeros((0, 3))}, "covers: no demand point or no site"),
        ({"roles": [5, 0, 0]}, "both forbidden and required"),
        ({"time_limit_s": 0.0}, "time_limit_s: not a time"),
        ({"share": 1.5}, "share: no share"),
        ({"share": math.nan}, "share: no share"),
    ],
)
def test_bad_input_is_refused(change: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"covers": TABLE, "demand": DEMAND, "cost": [1, 1, 1], "share": 0.1}
    with pytest.raises(ModelError, match=message):
        cheapest(**(given | change))  # type: ignore[arg-type]


def test_existing_sites_cost_nothing() -> None:
    plan = cheapest(TABLE, DEMAND, [9, 1, 1], share=0.5, roles=[SiteRole.EXISTING, 0, 0])
    assert (plan.sites.tolist(), plan.objective) == ([0, 2], 1.0)
