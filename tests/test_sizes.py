"""Several sizes a site under money, grid and land."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

from siting.errors import ModelError
from siting.model import SolveStatus
from siting.optimise.roles import SiteRole
from siting.optimise.sizes import Sizes, sized
from tests.cover_cases import amounts, role_numbers


@st.composite
def cases(draw: st.DrawFn) -> dict[str, object]:
    """Draw sites with one to three sizes each, and every kind of limit."""
    n = draw(st.integers(1, 3))
    site = [j for j in range(n) for _ in range(draw(st.integers(1, 3)))]
    k = len(site)
    return {
        "sizes": Sizes(
            site=site,
            cost=draw(amounts(k)),
            worth=draw(amounts(k)),
            power=draw(amounts(k)),
            land=draw(amounts(k)),
        ),
        "n_sites": n,
        "budget": draw(st.integers(0, 20)),
        "land_limit": draw(amounts(n)),
        "feeder": draw(amounts(n, most=1)),
        "feeder_limit": draw(amounts(2, most=15)),
        "roles": draw(role_numbers(n)),
    }


def feasible_rows(case: dict[str, object]) -> list[tuple[int, ...]]:
    """List every set of rows that keeps all limits, counted plainly."""
    sizes, roles = case["sizes"], case["roles"]
    fitting = []
    for k in range(len(roles) + 1):
        for rows in itertools.combinations(range(len(sizes.site)), k):
            sites = [sizes.site[r] for r in rows]
            must = {j for j, r in enumerate(roles) if r in {SiteRole.REQUIRED, SiteRole.EXISTING}}
            free = {
                j: min(c for c, s in zip(sizes.cost, sizes.site, strict=True) if s == j)
                for j, r in enumerate(roles)
                if r == SiteRole.EXISTING
            }
            power = [0, 0]
            for r in rows:
                power[case["feeder"][sizes.site[r]]] += sizes.power[r]
            spent = sum(sizes.cost[r] - free.get(sizes.site[r], 0) for r in rows)
            if (
                len(set(sites)) == len(sites)
                and must <= set(sites)
                and not any(roles[j] == SiteRole.FORBIDDEN for j in sites)
                and spent <= case["budget"]
                and all(sizes.land[r] <= case["land_limit"][sizes.site[r]] for r in rows)
                and all(p <= limit for p, limit in zip(power, case["feeder_limit"], strict=True))
            ):
                fitting.append(rows)
    return fitting


@settings(max_examples=80)
@given(case=cases())
def test_the_choice_of_sizes_equals_brute_force(case: dict[str, object]) -> None:
    fitting = feasible_rows(case)
    if not fitting:
        with pytest.raises(ModelError):
            sized(**case)
        return
    found = sized(**case)
    worth = case["sizes"].worth
    best = max(sum(worth[r] for r in rows) for rows in fitting)
    assert found.plan.objective == pytest.approx(best, abs=1e-9)
    assert found.plan.gap < 1e-6
    assert found.plan.status is SolveStatus.OPTIMAL
    assert tuple(sorted(found.rows.tolist())) in fitting
    assert found.plan.sites.tolist() == [case["sizes"].site[r] for r in found.rows]
    assert all(v >= -1e-9 for v in found.left.values())


def most_served(table: np.ndarray, demand: np.ndarray, able: np.ndarray) -> float:
    """Serve as much as capacities allow, as a transport problem of scipy's."""
    n, m = table.shape
    point, site = np.nonzero(table)
    if not len(point):
        return 0.0
    out = (np.arange(n)[:, None] == point).astype(float)
    into = (np.arange(m)[:, None] == site).astype(float)
    done = linprog(
        -np.ones(len(point)),
        A_ub=np.concatenate([out, into]),
        b_ub=np.concatenate([demand, able]),
        method="highs",
    )
    return -float(done.fun)


@settings(max_examples=50)
@given(case=cases(), data=st.data())
def test_demand_served_within_capacities_equals_brute_force(
    case: dict[str, object], data: st.DataObject
) -> None:
    n = case["n_sites"]
    rows = st.lists(st.booleans(), min_size=n, max_size=n)
    table = np.array(data.draw(st.lists(rows, min_size=1, max_size=4)), dtype=bool)
    demand = np.array(data.draw(amounts(len(table))), dtype=float)
    fitting = feasible_rows(case)
    if not fitting:
        return
    sizes = case["sizes"]
    best = 0.0
    for some in fitting:
        able = np.zeros(n)
        for r in some:
            able[sizes.site[r]] = sizes.worth[r]
        best = max(best, most_served(table, demand, able))
    found = sized(**case, demand=demand, covers=table)
    assert found.plan.objective == pytest.approx(best, abs=1e-6)
    assert found.plan.gap < 1e-6
    assert tuple(sorted(found.rows.tolist())) in fitting
    assert (found.served <= np.array(sizes.worth)[found.rows] + 1e-9).all()


TWO = Sizes(site=[0, 0, 1], cost=[10, 18, 10], worth=[5, 9, 5], power=[2, 4, 2], land=[1, 2, 1])


def test_a_larger_station_or_two_small_ones() -> None:
    tight = sized(TWO, n_sites=2, budget=18)
    wide = sized(TWO, n_sites=2, budget=20)
    assert (tight.plan.sites.tolist(), tight.rows.tolist()) == ([0], [1])
    assert (wide.plan.sites.tolist(), wide.rows.tolist()) == ([0, 1], [0, 2])
    assert wide.left == {"budget": 0.0}


def test_rows_that_cannot_be_built_are_told() -> None:
    found = sized(TWO, n_sites=2, budget=99, land_limit=[1, 1])
    assert found.unfit_rows.tolist() == [1]
    assert found.rows.tolist() == [0, 2]


def test_an_existing_station_may_be_enlarged() -> None:
    found = sized(TWO, n_sites=2, budget=8, roles=[SiteRole.EXISTING, 0])
    assert found.rows.tolist() == [1]
    assert found.plan.facts["spent"] == 8


def test_money_serves_no_less_when_there_is_more() -> None:
    found = [sized(TWO, n_sites=2, budget=b).plan.objective for b in range(0, 32, 2)]
    assert found == sorted(found)


def test_a_plan_that_breaks_a_limit_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "siting.optimise.sizes.best_rows",
        lambda *_, **__: (np.array([0, 1]), np.array([5.0, 9.0]), 14.0, True),
    )
    with pytest.raises(ModelError, match="breaks a limit when counted again"):
        sized(TWO, n_sites=2, budget=30)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget": 9, "roles": [1, 0]}, "site 0: a site that must be built has no size"),
        ({"budget": 19, "roles": [1, 1]}, "budget: the sites that must be built need more .* 20"),
        (
            {"feeder": [0, 0], "feeder_limit": [3], "roles": [1, 1]},
            "feeder 0: the sites that must be built need more .* 4",
        ),
        ({"budget": math.nan}, "budget: negative or not a number"),
        ({"budget": -1}, "budget: negative or not a number"),
        ({"n_sites": 1}, "site: not numbers of what there is"),
        ({"sizes": Sizes(site=[], cost=[], worth=[])}, "sizes: there are none"),
        ({"sizes": Sizes(site=[0], cost=[-1], worth=[1])}, "cost: negative"),
        ({"sizes": Sizes(site=[0], cost=[1], worth=[math.inf])}, "worth: negative"),
        ({"feeder": [0, 0]}, "a feeder without a limit"),
        ({"feeder": [0, 1], "feeder_limit": [1]}, "feeder: not numbers of what there is"),
        ({"feeder": [0], "feeder_limit": [9]}, "feeder: not one a site"),
        ({"demand": [1]}, "demand without covers"),
        ({"demand": [1], "covers": [[True]]}, "covers: not one column a site"),
        ({"land_limit": [1, math.nan]}, "land_limit: negative"),
    ],
)
def test_bad_input_is_refused_and_what_binds_is_named(
    change: dict[str, object], message: str
) -> None:
    given: dict[str, object] = {"sizes": TWO, "n_sites": 2, "budget": 30}
    with pytest.raises(ModelError, match=message):
        sized(**(given | change))  # type: ignore[arg-type]
