"""Coverage by number of sites, near-optimal sites and utilisation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from siting.errors import ModelError
from siting.model import SolverSettings, SolveStatus
from siting.optimise.curves import (
    coverage_by_sites,
    coverage_curve,
    near_optimal,
    utilisation,
)
from siting.optimise.problem import SitingProblem
from siting.optimise.roles import SiteRole
from tests.cover_cases import amounts, covers, demands, plans, price, role_numbers, served

TABLE = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=bool)
DEMAND = [50.0, 30.0, 19.5, 0.5]


@settings(max_examples=50)
@given(data=st.data(), table=covers())
def test_the_curve_equals_brute_force(data: st.DataObject, table: np.ndarray) -> None:
    n, m = table.shape
    demand = data.draw(demands(n, 1))[:, 0]
    curve = coverage_curve(table, demand, most_sites=m)
    most = [
        max(served(table, demand, s) for s in plans([0] * m) if len(s) <= p)
        for p in range(1, m + 1)
    ]
    assert curve.served.tolist() == most
    assert curve.bound == pytest.approx(curve.served, rel=1e-6)
    assert curve.gain.sum() == pytest.approx(most[-1])
    assert all(plan.status is SolveStatus.OPTIMAL for plan in curve.plans)
    assert all(len(plan.sites) <= p for plan, p in zip(curve.plans, curve.sites, strict=True))


def test_gains_count_from_what_is_there() -> None:
    curve = coverage_curve(TABLE, DEMAND, most_sites=2, roles=[SiteRole.EXISTING, 0, 0, 0])
    assert curve.served.tolist() == [99.5, 100.0]
    assert curve.gain.tolist() == [19.5, 0.5]
    assert curve.share.tolist() == [0.995, 1.0]


def test_the_curve_of_a_facility() -> None:
    problem = SitingProblem(
        candidate_ids=np.array(["a", "b"], dtype=object),
        times_min=np.array([[5.0, 20.0], [np.nan, 10.0], [15.0, 16.0]]),
        site_times_min=np.zeros((2, 2)),
        demand=np.array([3.0, 4.0, 2.0]),
        scores=np.ones(2),
        benefit=np.ones(2),
        cost=np.ones(2),
        service_min=15.0,
    )
    curve = coverage_by_sites(
        problem, most_sites=2, settings=SolverSettings(time_limit_s=10.0, gap=0.0)
    )
    assert curve.served.tolist() == [5.0, 9.0]


@settings(max_examples=60)
@given(
    data=st.data(),
    table=covers(),
    tolerance=st.sampled_from([0.0, 0.01, 0.1, 0.3]),
    by_cost=st.booleans(),
)
def test_near_optimal_sites_equal_brute_force(
    *, data: st.DataObject, table: np.ndarray, tolerance: float, by_cost: bool
) -> None:
    n, m = table.shape
    demand, roles = data.draw(demands(n, 1))[:, 0], data.draw(role_numbers(m))
    cost = data.draw(amounts(m)) if by_cost else [1] * m
    needed = min(price(cost, roles, s) for s in plans(roles))
    free = sum(r in {SiteRole.CANDIDATE, SiteRole.REQUIRED} for r in roles)
    if by_cost:
        limit = needed + data.draw(st.integers(0, 10))
        found = near_optimal(
            table, demand, cost=cost, budget=limit, tolerance_share=tolerance, roles=roles
        )
    elif free:
        limit = data.draw(st.integers(max(1, needed), free))
        found = near_optimal(table, demand, p=limit, tolerance_share=tolerance, roles=roles)
    else:
        return
    fitting = [set(s) for s in plans(roles) if price(cost, roles, s) <= limit]
    best = max(served(table, demand, sorted(s)) for s in fitting)
    near = [
        s for s in fitting if served(table, demand, sorted(s)) >= best * (1 - tolerance) - 1e-9
    ]
    assert found.best.objective == best
    assert not len(found.undecided)
    always, some = set.intersection(*near), set.union(*near)
    assert set(found.always.tolist()) == always
    assert set(found.sometimes.tolist()) == some - always
    assert set(found.never.tolist()) == set(range(m)) - some
    plan = set(found.best.sites.tolist())
    swaps = {
        (out, into)
        for out in plan
        for into in set(range(m)) - plan
        if (plan - {out}) | {into} in near
    }
    assert set(map(tuple, found.swaps.tolist())) == swaps


def test_interchangeable_sites_are_named() -> None:
    found = near_optimal(TABLE, DEMAND, p=2)
    assert found.always.tolist() == [2]
    assert found.sometimes.tolist() == [0, 1]
    assert found.never.tolist() == [3]
    assert found.swaps.tolist() == [[0, 1]] or found.swaps.tolist() == [[1, 0]]
    assert found.served_after_swap.tolist() == [99.5]


def test_utilisation_is_load_over_capacity() -> None:
    used = utilisation([3.0, 4.0, 5.0], [0, 2, 0], [10.0, 5.0, 2.0])
    assert used.tolist() == [0.8, 0.0, 2.0]
    assert utilisation([], [], [1.0]).tolist() == [0.0]
    assert utilisation([3.0], [0], [math.inf]).tolist() == [0.0]


@pytest.mark.parametrize(
    ("amount", "site", "capacity"),
    [
        ([1.0], [1], [1.0]),
        ([1.0], [0], [0.0]),
        ([1.0], [0], [math.nan]),
        ([-1.0], [0], [1.0]),
        ([math.nan], [0], [1.0]),
        ([1.0, 1.0], [0], [1.0]),
    ],
)
def test_utilisation_refuses_what_means_nothing(
    amount: list[float], site: list[int], capacity: list[float]
) -> None:
    with pytest.raises(ModelError):
        utilisation(amount, site, capacity)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"p": 5}, "p: out of range"),
        ({"p": None}, "no limit on what may be chosen"),
        ({"tolerance_share": 1.0}, "tolerance_share: not a share"),
        ({"tolerance_share": math.nan}, "tolerance_share: not a share"),
        ({"demand": [1, 1, 1, math.nan]}, "demand: negative or not a number"),
    ],
)
def test_bad_input_is_refused(change: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"covers": TABLE, "demand": DEMAND, "p": 1}
    with pytest.raises(ModelError, match=message):
        near_optimal(**(given | change))  # type: ignore[arg-type]


def test_a_curve_longer_than_the_sites_is_refused() -> None:
    with pytest.raises(ModelError, match="most_sites: out of range"):
        coverage_curve(TABLE, DEMAND, most_sites=5)
