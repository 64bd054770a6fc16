"""Covering, median, centre and their kin: bad input, roles, infeasible questions, interruption."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import siting
from siting.config import load_study
from siting.errors import ModelError
from siting.model import ModelSpec, SolveStatus
from siting.optimise import (
    SiteRole,
    backup_coverage,
    capacitated_covering,
    capacitated_p_median,
    cflp,
    coverage_curve,
    evaluate,
    lscp,
    mclp,
    p_center,
    p_dispersion,
    p_median,
    p_median_on_plane,
    spaced_sites,
    uflp,
)

LINE = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
ONES = np.ones(5)
REACH = LINE <= 1


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        (lambda: p_median(-LINE, ONES, 2), "p_median, cost: negative values"),
        (lambda: p_median(LINE, ONES * np.nan, 2), "p_median, demand: negative or not a number"),
        (lambda: p_median(LINE, -ONES, 2), "p_median, demand: negative or not a number"),
        (lambda: p_median(LINE, ONES * 0, 2), "p_median, demand: there is none"),
        (lambda: p_median(LINE, np.ones(4), 2), "p_median, demand: wrong size"),
        (lambda: p_median(np.empty((0, 5)), [], 2), "p_median, cost: no demand point or no site"),
        (lambda: p_median(LINE, ONES, 0), "p_median, p: out of range"),
        (lambda: p_median(LINE, ONES, 6), "p_median, p: out of range"),
        (lambda: p_median(LINE, ONES, 2.5), "p_median, p: not a whole number"),
        (lambda: p_median([["a", "b"]], [1], 1), "p_median, cost: not numbers"),
        (lambda: p_median(LINE, ONES, 1, roles=[5, 0, 0, 0, 0]), "p_median, roles: sites both"),
        (
            lambda: p_median(LINE, ONES, 1, roles=[0, 64, 0, 0, 0]),
            "p_median, roles: not the numbers",
        ),
        (
            lambda: p_median(LINE, ONES, 1, roles=[0, 9, 0, 0, 0]),
            "p_median, roles: sites both a competitor's and ours",
        ),
        (lambda: p_median(LINE, ONES, 1, roles=[0, 0]), "p_median, roles: not one role a site"),
        (lambda: p_median(LINE, ONES, 1, roles=[1, 1, 0, 0, 0]), "p_median, p: out of range"),
        (lambda: p_median(LINE, ONES, 1, time_limit_s=0), "p_median, time_limit_s: not a time"),
        (lambda: p_median(LINE, ONES, 1, gap=1.0), "p_median, gap: not a share"),
        (
            lambda: p_median(sparse.csr_array([[np.nan, 1.0]]), [1], 1),
            "p_median, cost: stored values that are no number",
        ),
        (
            lambda: p_median_on_plane([[0, 0, 0]], [[0, 0]], [1], 1),
            "p_median, points_xy: not coord",
        ),
        (lambda: mclp(LINE * np.nan, ONES, 1), "mclp, covers: values that are neither"),
        (lambda: mclp(REACH, ONES, 1, conflicts=[[0, 0]]), "mclp, conflicts: not pairs"),
        (
            lambda: mclp(REACH, ONES, 2, conflicts=[[0, 1]], roles=[1, 1, 0, 0, 0]),
            "mclp, conflicts: two sites that must be open",
        ),
        (lambda: lscp(REACH, cost=-ONES), "lscp, cost: negative or not a number"),
        (
            lambda: capacitated_p_median(LINE, ONES, 1.0, 2),
            r"the p largest sites hold less than the demand \(got 2 for 5, expected at least p = 5\)",
        ),
        (lambda: cflp(LINE, ONES, ONES, 0.5), "cflp, capacity: .* expected more capacity"),
        (lambda: uflp(LINE, -ONES), "uflp, charge: negative or not a number"),
        (lambda: p_dispersion(LINE, 1), "p_dispersion, p: out of range"),
        (lambda: p_dispersion(LINE[:3], 2), "p_dispersion, distances: not a square matrix"),
        (lambda: spaced_sites(LINE, 0.0), "spaced_sites, spacing: not a distance"),
        (lambda: backup_coverage(REACH, ONES, 1, backup_share=2), "backup_share: not a share"),
        (
            lambda: capacitated_covering(REACH, ONES, -1.0, 1),
            "capacitated_covering, capacity: neg",
        ),
    ],
)
def test_bad_input_is_one_clear_line(ask: Any, line: str) -> None:
    with pytest.raises(ModelError, match=line) as caught:
        ask()
    assert "\n" not in str(caught.value)


def test_infeasible_tells_who_and_what_would_do() -> None:
    cost = np.where(LINE <= 1, LINE, np.nan)
    with pytest.raises(ModelError, match=r"p: too few sites .*got 1, expected at least 2"):
        p_median(cost, ONES, 1)
    with pytest.raises(ModelError, match=r"p: too few sites .*got 1, expected at least 2"):
        p_center(cost, 1)
    cost[2] = np.nan
    for model in (lambda: p_median(cost, ONES, 3), lambda: p_center(cost, 3)):
        with pytest.raises(
            ModelError, match=r"1 demand points that no allowed site serves .*got poi"
        ):
            model()
    found = p_median(cost, ONES, 2, unreachable="leave_out")
    assert found.facts["points_left_out"] == 1
    assert found.allocation is not None
    assert found.allocation[2] == -1
    covers = REACH.copy()
    covers[4] = False
    with pytest.raises(ModelError, match="1 demand points that no allowed site covers"):
        lscp(covers)
    with pytest.raises(ModelError, match="p of at least 2"):
        backup_coverage(REACH, ONES, 1, cover_all_once=True)


def test_roles() -> None:
    roles = [SiteRole.FORBIDDEN, 0, SiteRole.EXISTING, 0, SiteRole.REQUIRED]
    found = p_median(LINE, ONES, 1, roles=roles)
    assert found.sites.tolist() == [2, 4]  # the existing one besides, the required one counts
    assert found.objective == 4
    assert mclp(REACH, ONES, 1, roles=roles).objective == 4
    assert lscp(REACH, roles=roles).sites.tolist() == [1, 2, 4]
    assert lscp(REACH, roles=roles).objective == 2


def test_ties_give_the_same_answer_every_run() -> None:
    ring = np.minimum(LINE, 5 - LINE)
    for model in (
        lambda: p_median(ring, ONES, 2),
        lambda: p_center(ring, 2),
        lambda: mclp(ring <= 1, ONES, 1),
        lambda: lscp(ring <= 1),
        lambda: capacitated_p_median(ring, ONES, 3.0, 2),
        lambda: p_dispersion(ring, 2),
    ):
        first, second = model(), model()
        assert first.sites.tolist() == second.sites.tolist()
        assert first.objective == second.objective


def test_large_whole_numbers_do_not_overflow() -> None:
    cost = (LINE * 2**40).astype(np.int64)
    found = p_median(cost, np.full(5, 2**20, dtype=np.int64), 1)
    assert found.objective == 6 * 2.0**60


def test_interruption_returns_the_best_plan_so_far() -> None:
    rng = np.random.default_rng(1)
    xy = rng.random((400, 2))

    def stop(fraction: float, _: str) -> None:
        if fraction > 0.01 and fraction != 0.05:
            raise KeyboardInterrupt

    found = p_median_on_plane(xy, xy, np.ones(400), 8, progress=stop)
    whole = p_median_on_plane(xy, xy, np.ones(400), 8)
    assert found.status is SolveStatus.TIME_LIMIT
    assert found.bound < found.objective < 1.2 * whole.objective
    assert whole.status is SolveStatus.OPTIMAL
    assert found.bound <= whole.objective <= found.objective


def test_plane_equals_matrix() -> None:
    rng = np.random.default_rng(3)
    points, places = rng.random((150, 2)), rng.random((90, 2))
    demand = rng.integers(1, 9, 150)
    cost = np.hypot(*(points[:, None] - places[None]).transpose(2, 0, 1))
    found = p_median_on_plane(points, places, demand, 6)
    assert found.objective == pytest.approx(p_median(cost, demand, 6).objective)
    assert found.status is SolveStatus.OPTIMAL


def test_a_plan_that_does_not_stand_up_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "covered_demand", lambda *_: 0.0)
    with pytest.raises(ModelError, match="the plan is not worth what the solver promised"):
        mclp(REACH, ONES, 1)
    monkeypatch.setattr(evaluate, "nearest", lambda *_: (np.zeros(5, int), np.full(5, 9.0)))
    with pytest.raises(ModelError, match="the plan is not worth what the solver promised"):
        p_median(LINE, ONES, 1)


def test_a_curve_of_some_numbers_of_sites_is_a_part_of_the_whole() -> None:
    whole = coverage_curve(REACH, ONES, most_sites=3)
    part = coverage_curve(REACH, ONES, most_sites=3, sites=[1, 3])
    assert part.served.tolist() == whole.served[[0, 2]].tolist()
    assert part.gain.sum() == whole.gain.sum()
    for wrong in ([], [3, 1], [4], [1, 1]):
        with pytest.raises(ModelError, match="not rising numbers of sites"):
            coverage_curve(REACH, ONES, most_sites=3, sites=wrong)


def test_costs_of_nobody_who_reaches_anything_are_refused_as_such() -> None:
    nothing = sparse.csr_array((3, 2))
    with pytest.raises(ModelError, match="reach"):
        p_median(nothing, [1.0, 1.0, 1.0], 1)


@pytest.mark.real
@pytest.mark.parametrize(
    ("kind", "params", "unit"),
    [
        ("lscp", {"leave_out_unreachable": True}, "sites"),
        pytest.param("p_median", {"sites": 20}, "kg/day·min", marks=pytest.mark.slow),
        pytest.param("p_center", {"sites": 20}, "min", marks=pytest.mark.slow),
        pytest.param(
            "capacitated_covering",
            {"sites": 20, "capacity": 3000.0},
            "kg/day",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_models_plan_hydrogen_for_qingdao(kind: str, params: dict[str, Any], unit: str) -> None:
    study = load_study("qingdao", facilities=["hydrogen"])
    model = ModelSpec(kind=kind, params=params)
    facility = dataclasses.replace(study.facilities[0], model=model)
    result = siting.plan(dataclasses.replace(study, facilities=(facility,)))
    plan = result.plans["hydrogen"]
    assert (plan.model, plan.unit, plan.status) == (kind, unit, SolveStatus.OPTIMAL)
    assert plan.gap <= study.solver.gap
    assert len(plan.sites) == params.get("sites", plan.objective)
    assert set(plan.sites) == set(result.sites["candidate_id"])
    excluded = result.candidates.loc[result.candidates["is_excluded"], "candidate_id"]
    assert not set(plan.sites) & set(excluded)
