"""Roll-out over years: nested sites, money year by year, and the price of committing early."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from siting.errors import ModelError
from siting.model import SolveStatus
from siting.optimise.phasing import roll_out
from siting.optimise.roles import SiteRole
from tests.cover_cases import amounts, covers, demands, plans, price, role_numbers, served


def keeps(opening: tuple[int, ...], cost: list[int], budget: list[int], *, carry: bool) -> bool:
    """Whether the sites opened in each year (0 existing, −1 never) can be paid."""
    spent = [
        sum(c for c, o in zip(cost, opening, strict=True) if o == t) for t in range(len(budget))
    ]
    if carry:
        spent, budget = list(itertools.accumulate(spent)), list(itertools.accumulate(budget))
    return all(s <= b for s, b in zip(spent, budget, strict=True))


def openings(roles: list[int], years: int) -> list[tuple[int, ...]]:
    choice = {
        SiteRole.CANDIDATE: range(-1, years),
        SiteRole.REQUIRED: range(years),
        SiteRole.EXISTING: (0,),
        SiteRole.FORBIDDEN: (-1,),
    }
    return list(itertools.product(*(choice[SiteRole(r)] for r in roles)))


def by_year(table: np.ndarray, demand: np.ndarray, opening: tuple[int, ...]) -> list[float]:
    return [
        served(table, column, [j for j, o in enumerate(opening) if 0 <= o <= t])
        for t, column in enumerate(demand.T)
    ]


@settings(max_examples=60)
@given(data=st.data(), table=covers(most_sites=4), carry=st.booleans(), years=st.integers(1, 3))
def test_the_roll_out_equals_brute_force(
    *, data: st.DataObject, table: np.ndarray, carry: bool, years: int
) -> None:
    n, m = table.shape
    demand = data.draw(demands(n, years))
    budget = data.draw(amounts(years))
    roles = data.draw(role_numbers(m))
    given_cost = data.draw(amounts(m))
    cost = [0 if r == SiteRole.EXISTING else c for c, r in zip(given_cost, roles, strict=True)]
    worth = np.array(data.draw(amounts(years, least=1, most=3)), dtype=float)
    fitting = [o for o in openings(roles, years) if keeps(o, cost, budget, carry=carry)]
    if not fitting:
        with pytest.raises(ModelError):
            roll_out(table, demand, given_cost, budget, carries_over=carry, roles=roles)
        return
    best = max(float(np.array(by_year(table, demand, o)) @ worth) for o in fitting)
    found = roll_out(
        table, demand, given_cost, budget, carries_over=carry, worth=worth, roles=roles
    )
    assert found.plan.objective == pytest.approx(best, rel=1e-9)
    assert found.plan.gap < 1e-6
    assert found.plan.status is SolveStatus.OPTIMAL
    opening = tuple(found.opening.tolist())
    assert opening in fitting
    assert found.served.tolist() == by_year(table, demand, opening)
    assert (found.cost_of_commitment >= -1e-9).all()
    assert float(found.myopic @ worth) <= best + 1e-9
    for year, ideal in enumerate(found.ideal):
        money = sum(budget[: year + 1])
        free = [SiteRole.CANDIDATE if r == SiteRole.REQUIRED else r for r in roles]
        possible = [s for s in plans(free) if price(cost, roles, s) <= money]
        most = max(served(table, demand[:, year], s) for s in possible)
        assert ideal.objective == pytest.approx(most)


# Site 0 is best for the demand of today, sites 1 and 2 together for that of later.
TABLE = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0], [0, 0, 1]], dtype=bool)
DEMAND = np.array([[5.0, 5.0], [5.0, 5.0], [0.0, 4.0], [0.0, 4.0]])


def test_committing_early_costs_the_end_state() -> None:
    found = roll_out(TABLE, DEMAND, np.ones(3), [1, 1], worth=[3.0, 1.0])
    assert found.opening.tolist() == [0, 1, -1]
    assert found.served.tolist() == [10.0, 14.0]
    assert [best.objective for best in found.ideal] == [10.0, 18.0]
    assert found.cost_of_commitment.tolist() == [0.0, 4.0]


def test_building_towards_the_best_end_state_costs_the_start() -> None:
    found = roll_out(TABLE, DEMAND, np.ones(3), [1, 1], worth=[3.0, 1.0], end_share=1.0)
    assert sorted(found.opening.tolist()) == [-1, 0, 1]
    assert found.opening[0] == -1
    assert found.served.tolist() == [5.0, 18.0]
    assert found.cost_of_commitment.tolist() == [5.0, 0.0]


def test_an_end_state_that_no_budget_reaches_is_explained() -> None:
    cost = [2.0, 1.0, 1.0]
    with pytest.raises(ModelError, match=r"got 1, expected at most 0\.333333"):
        roll_out(
            np.eye(3, dtype=bool),
            np.array([[6.0, 6.0], [2.0, 2.0], [2.0, 2.0]]),
            cost,
            [1, 1],
            carries_over=False,
            end_share=1.0,
            roles=[0, 0, SiteRole.FORBIDDEN],
        )


def test_money_left_over_is_kept_or_lost() -> None:
    table, demand = np.eye(2, dtype=bool), np.array([[1.0, 9.0], [1.0, 1.0]])
    cost, budget = [2.0, 1.0], [1, 1]
    kept = roll_out(table, demand, cost, budget)
    lost = roll_out(table, demand, cost, budget, carries_over=False)
    assert kept.opening.tolist() == [1, -1]
    assert kept.spent.tolist() == [0.0, 2.0]
    assert lost.opening.tolist() == [-1, 0]


def test_more_money_never_serves_less() -> None:
    rng = np.random.default_rng(5)
    table, demand = rng.random((30, 8)) < 0.3, rng.random((30, 3))
    cost = rng.uniform(1, 3, 8)
    found = [roll_out(table, demand, cost, [b, b, b]).plan.objective for b in (1, 2, 3, 5)]
    assert found == sorted(found)


def test_required_sites_that_no_year_can_pay_are_explained() -> None:
    with pytest.raises(ModelError, match="cannot be paid year by year"):
        roll_out(
            np.eye(2, dtype=bool),
            np.ones((2, 2)),
            [3.0, 1.0],
            [2, 2],
            carries_over=False,
            roles=[SiteRole.REQUIRED, 0],
        )


def test_a_roll_out_that_breaks_a_limit_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "siting.optimise.phasing.best_years",
        lambda *_, **__: (np.array([0, 0, 0]), 99.0, True),
    )
    with pytest.raises(ModelError, match="breaks a limit when counted again"):
        roll_out(TABLE, DEMAND, np.ones(3), [1, 1])


def test_required_sites_without_time_to_place_them_are_explained() -> None:
    """The largest first finds no place for both, and a thousandth of a second no other."""
    rng = np.random.default_rng(1)
    cost = rng.integers(20, 60, 60).astype(float)
    budget = [math.ceil(cost.sum() / 3 + 1)] * 3
    with pytest.raises(ModelError, match=r"no plan found within|cannot be paid year by year"):
        roll_out(
            np.eye(60, dtype=bool),
            np.ones((60, 3)),
            cost,
            [*budget[:2], int(cost.sum()) - sum(budget[:2]) + 1],
            carries_over=False,
            roles=np.ones(60, dtype=int),
            time_limit_s=1e-6,
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"demand": np.ones(4)}, "demand: not one column a year"),
        ({"demand": np.full((4, 2), math.nan)}, "demand: negative or not a number"),
        ({"cost": [1, 1]}, "cost: wrong size"),
        ({"cost": [1, 1, -1]}, "cost: negative or not a number"),
        ({"budget": [1, -1]}, "budget: negative or not a number"),
        ({"budget": [1, 1, 1]}, "budget: wrong size"),
        ({"worth": [1, math.nan]}, "worth: negative or not a number"),
        ({"end_share": 2.0}, "end_share: no share of the end state"),
        ({"roles": [1, 1, 1]}, "got 2, expected at least 3 in all"),
    ],
)
def test_bad_input_is_refused(change: dict[str, object], message: str) -> None:
    given: dict[str, object] = {
        "covers": TABLE, "demand": DEMAND, "cost": np.ones(3), "budget": [1, 1],
    }  # fmt: skip
    with pytest.raises(ModelError, match=message):
        roll_out(**(given | change))  # type: ignore[arg-type]
