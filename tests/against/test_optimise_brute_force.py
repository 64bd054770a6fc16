"""Location models against every plan there is, and allocations against scipy's linear programmes."""

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from siting.model import SolverSettings, SolveStatus
from siting.optimise import SitingProblem, assign, budgeted
from siting.optimise._mclp_study import plan_mclp as mclp
from tests import stubs

EXACT = SolverSettings(time_limit_s=30.0, gap=0.0)
# Plans that differ by less than this are the same to the solver (siting.optimise._highs).
SAME = 1e-7

_times = st.one_of(st.integers(0, 20).map(float), st.just(math.nan))
# Demand of one unit beside a million: a plan must not give it up for a better score.
_demand = st.one_of(st.just(0.0), st.integers(1, 20).map(float), st.just(1e6))
_scores = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 1000).map(lambda n: n / 1000))


@st.composite
def _coverings(draw: st.DrawFn) -> tuple[SitingProblem, int, float, float]:
    """Return a question with p, the share of coverage that may be given up, and the spacing."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(0, 8))

    def table(rows: int, columns: int) -> NDArray[np.float64]:
        cells = draw(st.lists(_times, min_size=rows * columns, max_size=rows * columns))
        return np.array(cells, dtype=float).reshape(rows, columns)

    asked = stubs.problem(
        table(m, n),
        site_times_min=table(n, n),
        demand=draw(st.lists(_demand, min_size=m, max_size=m)),
        scores=draw(st.lists(_scores, min_size=n, max_size=n)),
    )
    return (
        asked,
        draw(st.integers(1, n)),
        draw(st.sampled_from([0.0, 0.0, 0.05, 0.5])),
        draw(st.sampled_from([0.0, 0.0, 7.0])),
    )


def _covered(asked: SitingProblem, plan: tuple[int, ...]) -> float:
    is_near = asked.times_min[:, list(plan)] <= asked.service_min
    return float(asked.demand[is_near.any(axis=1)].sum())


def _plans(asked: SitingProblem, p: int, spacing: float) -> Iterator[tuple[int, ...]]:
    apart = asked.site_times_min
    for size in range(p + 1):
        for plan in itertools.combinations(range(len(asked.candidate_ids)), size):
            # A way in either direction that is shorter than the spacing is too near; NaN is none.
            if not any(
                apart[i, j] < spacing or apart[j, i] < spacing
                for i, j in itertools.combinations(plan, 2)
            ):
                yield plan


@given(question=_coverings())
@settings(max_examples=150)
@example(
    question=(  # one unit of a million is worth more than any score
        stubs.problem([[1.0, 99.0], [1.0, 1.0]], demand=[1.0, 1e6], scores=[0.0, 1.0]),
        1,
        0.0,
        0.0,
    )
)
def test_mclp_covers_the_most_and_of_such_plans_scores_highest(
    question: tuple[SitingProblem, int, float, float],
) -> None:
    asked, p, tolerance, spacing = question
    found = mclp(
        asked, settings=EXACT, sites=p, score_tolerance_share=tolerance, spacing_minutes=spacing
    )
    plans = list(_plans(asked, p, spacing))
    best = max(_covered(asked, plan) for plan in plans)
    plan = tuple(found.sites.tolist())
    assert plan in plans
    assert found.objective == pytest.approx(_covered(asked, plan), rel=1e-12)
    assert found.bound == pytest.approx(best, rel=SAME)
    assert found.objective <= found.bound
    assert found.status is SolveStatus.OPTIMAL

    total = float(asked.demand.sum())
    floor = best * (1.0 - tolerance) - SAME * total
    assert found.objective >= floor
    scored = max(
        float(asked.scores[list(plan)].sum()) for plan in plans if _covered(asked, plan) >= floor
    )
    assert float(asked.scores[list(plan)].sum()) == pytest.approx(scored, abs=SAME)


_amounts = st.one_of(st.just(0.0), st.integers(1, 50).map(lambda n: n / 10.0))


@st.composite
def _purses(draw: st.DrawFn) -> tuple[SitingProblem, float]:
    n = draw(st.integers(1, 8))
    rows = st.lists(_amounts, min_size=n, max_size=n)
    scale = draw(st.sampled_from([1.0, 1e-6, 1e6]))
    asked = stubs.problem(np.empty((0, n)), benefit=draw(rows), cost=np.array(draw(rows)) * scale)
    share = draw(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0]))
    return asked, share * float(asked.cost.sum())


@given(question=_purses())
@settings(max_examples=150)
def test_budgeted_is_the_best_knapsack(question: tuple[SitingProblem, float]) -> None:
    asked, budget = question
    found = budgeted(asked, settings=EXACT, budget_mcny=budget)
    n = len(asked.candidate_ids)
    affordable = [
        list(plan)
        for size in range(n + 1)
        for plan in itertools.combinations(range(n), size)
        if asked.cost[list(plan)].sum() <= budget * (1.0 + SAME)
    ]
    assert found.sites.tolist() in affordable
    best = max(float(asked.benefit[plan].sum()) for plan in affordable)
    assert found.objective == pytest.approx(best, rel=SAME)
    assert found.bound == pytest.approx(best, rel=SAME)
    assert found.objective <= found.bound
    assert (asked.benefit[found.sites] > 0).all()
    assert found.facts["spent_mcny"] == pytest.approx(asked.cost[found.sites].sum())


@st.composite
def _loads(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    m, n = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    cells = draw(st.lists(_times, min_size=m * n, max_size=m * n))
    demand = draw(
        st.lists(
            st.one_of(st.just(0.0), st.integers(1, 30).map(float), st.just(1e-3)),
            min_size=m,
            max_size=m,
        )
    )
    capacity = draw(st.sampled_from([0.5, 5.0, 20.0, 60.0]))
    return np.array(cells, dtype=float).reshape(m, n), np.array(demand), capacity


def _programme(
    times: NDArray[np.float64], demand: NDArray[np.float64], capacity: float
) -> tuple[float, float]:
    """Return the most that can be served and, at that, the least demand-minutes."""
    m, n = times.shape
    who, site = np.nonzero(np.isfinite(times))
    k = len(who)
    if not k:
        return 0.0, 0.0
    limits = np.zeros((m + n, k))
    limits[who, np.arange(k)] = 1.0
    limits[m + site, np.arange(k)] = 1.0
    room = np.r_[demand, np.full(n, capacity)]
    most = linprog(-np.ones(k), A_ub=limits, b_ub=room)
    assert most.success
    travel = linprog(
        times[who, site],
        A_ub=np.vstack([limits, -np.ones(k)]),
        b_ub=np.r_[room, most.fun + 1e-9],
    )
    assert travel.success
    return float(-most.fun), float(travel.fun)


@given(question=_loads())
@settings(max_examples=150)
def test_assign_is_the_transport_problem(
    question: tuple[NDArray[np.float64], NDArray[np.float64], float],
) -> None:
    times, demand, capacity = question
    near = np.where(times <= 10.0, times, np.nan)
    who, site, amount = assign(times, demand, service_min=10.0, capacity=capacity, settings=EXACT)
    given_out = np.bincount(who, weights=amount, minlength=len(demand))
    load = np.bincount(site, weights=amount, minlength=times.shape[1])
    assert (given_out <= demand * (1 + 1e-9)).all()
    assert (load <= capacity * (1 + 1e-9)).all(), "no site serves more than it can"
    assert not np.isnan(near[who, site]).any(), "nobody is sent beyond the radius"
    assert (amount > 0).all()
    assert list(zip(who, site, strict=True)) == sorted(set(zip(who, site, strict=True)))

    most, minutes = _programme(near, demand, capacity)
    slack = 1e-5 * max(float(demand.sum()), 1.0)  # shares below a millionth are no trips
    assert amount.sum() == pytest.approx(most, abs=slack)
    assert float((amount * near[who, site]).sum()) == pytest.approx(minutes, abs=10 * slack)
