"""The sized covering model of a study against every combination of sizes, served by a maximum flow."""

import itertools
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from siting.errors import ModelError
from siting.model import SolveStatus
from siting.optimise import SiteSizes, SitingProblem, models
from siting.optimise._highs import maximise
from siting.optimise._sized_cuts import tighten
from siting.optimise._sized_model import largest_only, model, start
from siting.optimise._sized_search import search
from siting.optimise._sized_study import _question
from tests.stubs import SOLVER, problem

PLAN = models()["sized"].solve


def asked(rng: np.random.Generator, n_demand: int, n_sites: int, n_sizes: int) -> SitingProblem:
    """Return a small question: times, whole demand, sizes that cost and serve more as they grow."""
    site = np.repeat(np.arange(n_sites), n_sizes)
    step = rng.integers(1, 6, size=(n_sites, n_sizes)).cumsum(axis=1).ravel()
    price = rng.integers(1, 6, size=(n_sites, n_sizes)).cumsum(axis=1).ravel()
    return problem(
        rng.integers(1, 20, size=(n_demand, n_sites)),
        demand=rng.integers(0, 7, size=n_demand),
        scores=rng.integers(1, 10, size=n_sites) / 10,
        sizes=SiteSizes(site=site, capacity=step.astype(float), cost=price.astype(float)),
    )


def most_served(q: SitingProblem, rows: tuple[int, ...]) -> float:
    """Return the most that these sizes serve: a maximum flow over whole numbers."""
    graph = nx.DiGraph()
    graph.add_nodes_from(("source", "sink"))
    for i, amount in enumerate(q.demand):
        graph.add_edge("source", ("d", i), capacity=float(amount))
        for r in rows:
            j = int(q.sizes.site[r])
            if q.times_min[i, j] <= q.service_min:
                graph.add_edge(("d", i), ("s", j))
    for r in rows:
        graph.add_edge(("s", int(q.sizes.site[r])), "sink", capacity=float(q.sizes.capacity[r]))
    return float(nx.maximum_flow_value(graph, "source", "sink"))


def every_choice(q: SitingProblem, sites: int, budget: float) -> list[tuple[int, ...]]:
    """Return all choices of at most one size a site within p and the budget."""
    by_site = [np.flatnonzero(q.sizes.site == j) for j in range(q.times_min.shape[1])]
    found = []
    for chosen in itertools.product(*[[-1, *rows] for rows in by_site]):
        rows = tuple(int(r) for r in chosen if r >= 0)
        if len(rows) <= sites and (not budget or q.sizes.cost[list(rows)].sum() <= budget):
            found.append(rows)
    return found


@given(
    seed=st.integers(0, 10_000),
    sites=st.integers(1, 3),
    budget=st.sampled_from([0.0, 4.0, 9.0]),
)
def test_serves_as_much_as_the_best_of_all_choices(seed: int, sites: int, budget: float) -> None:
    q = asked(np.random.default_rng(seed), 5, 3, 2)
    best = max(most_served(q, rows) for rows in every_choice(q, sites, budget))

    found = PLAN(q, settings=SOLVER, sites=sites, budget_mcny=budget)

    assert found.status is SolveStatus.OPTIMAL
    assert found.objective == pytest.approx(best, abs=1e-4)
    assert found.bound == pytest.approx(best, abs=1e-4)
    assert most_served(q, tuple(found.rows)) == pytest.approx(best, abs=1e-4)
    assert len(found.sites) <= sites
    assert not budget or q.sizes.cost[found.rows].sum() <= budget + 1e-6
    assert (q.sizes.site[found.rows] == found.sites).all()


@given(seed=st.integers(0, 10_000), sites=st.integers(1, 3))
def test_builds_the_cheapest_sizes_that_serve_as_much(seed: int, sites: int) -> None:
    q = asked(np.random.default_rng(seed), 5, 3, 2)

    found = PLAN(q, settings=SOLVER, sites=sites)

    same = [
        rows
        for rows in every_choice(q, sites, 0.0)
        if set(q.sizes.site[list(rows)]) == set(found.sites)
        and most_served(q, rows) >= found.objective - 1e-4
    ]
    assert q.sizes.cost[found.rows].sum() == pytest.approx(
        min(q.sizes.cost[list(rows)].sum() for rows in same)
    )


def scattered(seed: int, n_demand: int, n_sites: int) -> SitingProblem:
    """Return points and sites in a square, sites with room for a part of what is near."""
    rng = np.random.default_rng(seed)
    points, places = rng.random((n_demand, 2)), rng.random((n_sites, 2))
    away = np.hypot(*(points[:, None] - places[None]).transpose(2, 0, 1))
    room = np.where(rng.random(n_sites) < 0.7, 50.0, 35.0)
    sizes = SiteSizes(
        site=np.repeat(np.arange(n_sites), 2),
        capacity=np.stack([room / 2, room], axis=1).ravel(),
        cost=np.tile([1.0, 1.7], n_sites),
    )
    demand = rng.integers(1, 30, n_demand).astype(float)
    return problem(np.where(away < 0.3, 1.0, np.nan), demand=demand, sizes=sizes)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_cuts_cut_off_no_plan_and_lower_the_bound(seed: int) -> None:
    q = scattered(seed, 30, 12)
    asked = largest_only(_question(q, q.sizes, (5, 0.0), 0.0))
    plain = model(asked, 0.0)
    tight, relaxed = tighten(asked, plain, SOLVER, rounds=20)
    more = slice(plain.rows.shape[0], None)
    loose = tighten(asked, plain, SOLVER, rounds=0)[1]
    assert relaxed is not None
    assert loose is not None
    assert relaxed.best <= loose.best + 1e-9

    # Plans of random aims, each the best for its own: corners of what is allowed.
    rng = np.random.default_rng(seed)
    for _ in range(4):
        aim = np.r_[rng.normal(size=asked.n_rows) * 0.05, rng.random(len(asked.klass))]
        plan = maximise(replace(plain, gain=aim), settings=SOLVER, start=np.zeros(len(aim))).values
        assert (tight.rows @ plan <= tight.high + 1e-7)[more].all()


@given(seed=st.integers(0, 10_000), gap=st.sampled_from([0.0, 0.01]))
@settings(max_examples=10)
def test_the_search_proves_what_the_plain_model_does(seed: int, gap: float) -> None:
    q = scattered(seed, 40, 15)
    asked = largest_only(_question(q, q.sizes, (6, 0.0), 0.0))
    plain = model(asked, 0.0)
    begin = start(asked, 0.0)
    best = maximise(plain, settings=SOLVER, start=begin)

    found, _ = search(
        asked, plain, start=begin, settings=replace(SOLVER, gap=gap), first_gap=2 * gap
    )

    reached = float(plain.gain @ found.values)
    assert found.is_proven
    assert found.bound >= best.bound - 1e-7
    assert found.bound <= reached * (1.0 + gap) + 1e-7
    assert reached <= best.bound + 1e-7


@given(seed=st.integers(0, 10_000), budget=st.integers(1, 12), more=st.integers(0, 6))
def test_a_larger_budget_never_serves_less(seed: int, budget: int, more: int) -> None:
    q = asked(np.random.default_rng(seed), 6, 4, 2)

    first, second = (
        PLAN(q, settings=SOLVER, sites=4, budget_mcny=float(b)).objective
        for b in (budget, budget + more)
    )

    assert second >= first - 1e-4


@given(seed=st.integers(0, 10_000), supply=st.integers(1, 20))
def test_serves_no_more_than_the_supply(seed: int, supply: int) -> None:
    q = asked(np.random.default_rng(seed), 5, 3, 2)
    free = PLAN(q, settings=SOLVER, sites=3).objective

    found = PLAN(q, settings=SOLVER, sites=3, supply=float(supply))

    assert found.objective == pytest.approx(min(free, supply), abs=1e-4)


def test_gives_up_no_more_than_the_tolerance_for_better_scores() -> None:
    sizes = SiteSizes(site=np.arange(2), capacity=np.array([10.0, 9.0]), cost=np.array([1.0, 1.0]))
    q = problem([[1, 1]], demand=[10.0], scores=[0.1, 0.9], sizes=sizes)

    strict = PLAN(q, settings=SOLVER, sites=1)
    loose = PLAN(q, settings=SOLVER, sites=1, score_tolerance_share=0.1)

    assert strict.sites.tolist() == [0]
    assert loose.sites.tolist() == [1]
    assert (loose.objective, loose.bound) == (pytest.approx(9.0), pytest.approx(10.0))


def test_an_existing_site_neither_counts_nor_costs() -> None:
    sizes = SiteSizes(site=np.arange(2), capacity=np.array([5.0, 5.0]), cost=np.array([9.0, 1.0]))
    q = problem(
        [[1, 1]],
        demand=[10.0],
        sizes=sizes,
        is_existing=np.array([True, False]),
    )

    found = PLAN(q, settings=SOLVER, sites=1, budget_mcny=1.0)

    assert found.sites.tolist() == [0, 1]
    assert found.objective == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"sites": 0}, "fewer than one site asked"),
        ({"sites": 3}, "more sites asked than candidates"),
        ({"sites": 1, "budget_mcny": -1.0}, "not an amount"),
        ({"sites": 1, "score_tolerance_share": 1.0}, "not a share"),
        ({"sites": 1, "supply": float("nan")}, "not an amount"),
    ],
)
def test_says_what_is_wrong_with_a_limit(facts: dict[str, float], message: str) -> None:
    sizes = SiteSizes(site=np.arange(2), capacity=np.ones(2), cost=np.ones(2))

    with pytest.raises(ModelError, match=message):
        PLAN(problem([[1, 1]], sizes=sizes), settings=SOLVER, **facts)


def test_a_budget_needs_costs_and_a_type_needs_sizes() -> None:
    unknown = SiteSizes(site=np.arange(2), capacity=np.ones(2), cost=np.array([1.0, np.nan]))

    with pytest.raises(ModelError, match="costs of sizes are not known"):
        PLAN(problem([[1, 1]], sizes=unknown), settings=SOLVER, sites=1, budget_mcny=3.0)
    with pytest.raises(ModelError, match="offers no sizes"):
        PLAN(problem([[1, 1]]), settings=SOLVER, sites=1)


def test_required_sites_that_cost_more_than_the_budget_are_told() -> None:
    sizes = SiteSizes(site=np.arange(2), capacity=np.ones(2), cost=np.array([4.0, 5.0]))
    q = problem([[1, 1]], sizes=sizes, is_required=np.array([True, True]))

    with pytest.raises(ModelError, match=r"required sites cost more.*9"):
        PLAN(q, settings=SOLVER, sites=2, budget_mcny=8.0)
