"""The whole run: same inputs, same bytes; frames as declared; parts that add up to the whole."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

import layers
import maps
import siting
from layers.result import read_result
from maps.manifest import render_manifest
from maps.store import write_result
from siting.config import load_study, load_wording
from siting.errors import MissingLayerError, ModelError
from siting.facilities import engineering
from siting.frames import RESULT_FRAMES
from siting.model import (
    FacilitySpec,
    Inputs,
    ModelSpec,
    Result,
    SolveStatus,
    Study,
)
from siting.pipeline import check, run
from tests.packs import OwnStudy
from tests.requirements import ROOT

SORTED_BY = {
    "candidates": ["facility", "candidate_id"],
    "criteria": ["facility", "candidate_id"],
    "rules": ["facility", "candidate_id"],
    "demand": ["facility", "demand_id"],
    "sites": ["facility", "candidate_id"],
    "allocation": ["facility", "demand_id", "candidate_id"],
    "service_areas": ["facility", "candidate_id"],
    # All types together, then each; what judges the whole keeps the order of its table.
    "roll_out": ["year", "facility"],
    "indicators": [],
    "scorecard": [],
    "checks": [],
}
KEYS = SORTED_BY | {
    "criteria": ["facility", "candidate_id", "criterion"],
    "rules": ["facility", "candidate_id", "rule"],
}
WHOLE = ("roll_out", "indicators", "scorecard", "checks")
"""Frames that hold all facility types against each other."""
FACILITIES = ("hydrogen", "charging", "shore_power", "airport_power")
STATIONS = ("hydrogen", "charging")
"""The types that others travel to."""
ALONE = ("shore_power",)
"""The quickest to plan."""


@pytest.fixture(scope="module")
def own_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the built-in study, proven only roughly."""
    return OwnStudy(tmp_path_factory.mktemp("own") / "study", FACILITIES).write()


@pytest.fixture(scope="module")
def study(own_study: Path) -> Study:
    return load_study(own_study)


@pytest.fixture(scope="module")
def inputs(study: Study) -> Inputs:
    return layers.read(study)


@pytest.fixture(scope="module")
def result(study: Study, inputs: Inputs) -> Result:
    return run(study, inputs)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A study in a file, what it was planned from, and what was written of it here."""

    file: Path
    study: Study
    inputs: Inputs
    result: Result
    folder: Path


@pytest.fixture(
    scope="module", params=[ALONE, pytest.param(FACILITIES, marks=pytest.mark.slow)], ids="-".join
)
def planned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Plan and write the quickest facility type, and where there is time all of them."""
    cwd = tmp_path_factory.mktemp("here")
    file = OwnStudy(cwd / "study", request.param).write()
    study = load_study(file)
    inputs = layers.read(study)
    result = run(study, inputs)
    maps.write(result, cwd / "out", wording=load_wording(), versions={})
    return Planned(file=file, study=study, inputs=inputs, result=result, folder=cwd / "out")


FEW = ModelSpec(kind="mclp", params={"sites": 5})
"""The quickest choice, for questions that it has no part in."""


def only(study: Study, key: str, **changes: Any) -> Study:
    """Return the study with one facility type, changed."""
    (facility,) = [facility for facility in study.facilities if facility.key == key]
    return replace(study, facilities=(replace(facility, **changes),))


def frames_of(result: Result) -> dict[str, pd.DataFrame]:
    return {name: getattr(result, name) for name in RESULT_FRAMES}


def assert_same_frame(left: pd.DataFrame, right: pd.DataFrame) -> None:
    same = assert_geodataframe_equal if isinstance(left, gpd.GeoDataFrame) else assert_frame_equal
    same(left, right)


def assert_same_result(left: Result, right: Result) -> None:
    for name, frame in frames_of(left).items():
        assert_same_frame(frame, getattr(right, name))
    assert set(left.layers) == set(right.layers)
    for name, layer in left.layers.items():
        assert_geodataframe_equal(layer, right.layers[name])
    assert left.plans == right.plans
    assert (left.crs, left.provenance, left.notices) == (
        right.crs,
        right.provenance,
        right.notices,
    )


# Same inputs, same result, same bytes


def test_a_second_run_gives_the_same_result(planned: Planned) -> None:
    again = run(planned.study, planned.inputs)
    assert_same_result(planned.result, again)
    assert again.study == planned.result.study


def test_a_run_changes_nothing_that_was_handed_over(study: Study) -> None:
    inputs, untouched = layers.read(study), layers.read(study)
    run(only(study, "shore_power"), inputs)
    run(only(study, "hydrogen"), inputs)
    assert list(inputs.layers) == list(untouched.layers)
    for name, layer in untouched.layers.items():
        assert_geodataframe_equal(inputs.layers[name], layer)


@pytest.mark.parametrize(
    ("seed", "name"), [("1", "first"), pytest.param("2", "second", marks=pytest.mark.slow)]
)
def test_another_process_writes_the_same_bytes(
    planned: Planned, seed: str, name: str, tmp_path: Path
) -> None:
    # Elsewhere, with its own order of hashes, and under another name.
    done = subprocess.run(
        [sys.executable, "-m", "siting", "-q", "run", str(planned.file), "--out", name],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
        stdout=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0
    assert files_of(tmp_path / name) == files_of(planned.folder)


def files_of(folder: Path) -> Mapping[str, bytes]:
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    assert files.pop("manifest.json")
    assert len(files) > 20
    return files


def test_the_stored_result_is_the_result(result: Result, tmp_path: Path) -> None:
    (tmp_path / "result").mkdir()
    write_result(result, tmp_path / "result")
    stored = read_result(tmp_path)
    assert_same_result(result, stored)
    assert [f.key for f in stored.study.facilities] == list(FACILITIES)
    assert stored.study.facilities == result.study.facilities
    assert stored.study.profiles == result.study.profiles


def test_the_python_door_gives_the_same_run(planned: Planned) -> None:
    assert_same_result(siting.plan(planned.file), planned.result)


@pytest.mark.parametrize("key", FACILITIES)
def test_a_facility_alone_is_planned_as_among_the_others(
    key: str, result: Result, study: Study
) -> None:
    alone = siting.plan(study, facilities=[key])
    assert list(alone.plans) == [key]
    assert alone.plans[key] == result.plans[key]
    for name, frame in frames_of(alone).items():
        if name in WHOLE:
            continue
        among = getattr(result, name)
        of_key = among[among["facility"] == key].reset_index(drop=True)
        # When a site opens hangs on the money that the others leave.
        shared = [column for column in frame.columns if column != "year"]
        assert_same_frame(frame[shared], of_key[shared])


# Frames as declared


@pytest.mark.parametrize("name", RESULT_FRAMES)
def test_frames_follow_the_schema(name: str, result: Result) -> None:
    frame = getattr(result, name)
    assert list(frame.columns) == list(RESULT_FRAMES[name])
    assert len(frame) or name not in KEYS
    assert frame.index.equals(pd.RangeIndex(len(frame)))
    keys = frame[SORTED_BY.get(name, ["facility"])]
    ordered = keys.sort_values(list(keys), kind="stable") if len(keys.columns) else keys
    assert_frame_equal(keys, ordered)
    unique = KEYS.get(name)
    assert not unique or not frame.duplicated(unique).any()
    if "geometry" in frame:
        assert isinstance(frame, gpd.GeoDataFrame)
        assert frame.crs == "EPSG:4549"
        assert not frame.geometry.isna().any()
        assert not frame.geometry.is_empty.any()
    texts = [column for column in frame if frame[column].dtype == object]
    assert texts == []


def test_plans_keep_the_study_s_order(result: Result) -> None:
    assert tuple(result.plans) == FACILITIES
    assert set(result.candidates["facility"]) == set(FACILITIES)


def test_numbers_are_within_their_ranges(result: Result) -> None:
    known = result.candidates["score"].dropna()
    assert known.between(0, 1).all()
    assert result.criteria["value"].dropna().between(0, 1).all()
    assert result.criteria["weight"].between(0, 1).all()
    assert (result.demand[["demand_low", "demand_base", "demand_high"]] >= 0).all(axis=None)
    assert (result.demand["demand"] >= 0).all()
    assert (result.demand["existing_served"] >= 0).all()
    assert result.sites["demand_share"].between(0, 1).all()
    assert set(result.rules["outcome"]) <= {"pass", "fail", "survey"}


def test_the_three_cases_are_in_order_and_less_what_is_served(
    result: Result, study: Study
) -> None:
    demand = result.demand
    assert (demand["demand_low"] <= demand["demand_base"]).all()
    assert (demand["demand_base"] <= demand["demand_high"]).all()
    for facility in study.facilities:
        part = demand[demand["facility"] == facility.key]
        case = part[f"demand_{facility.demand_case}"]
        np.testing.assert_allclose(part["demand"] + part["existing_served"], case)


# Parts that add up


def test_contributions_add_up_to_the_score(result: Result) -> None:
    parts = result.criteria.groupby(["facility", "candidate_id"])["contribution"]
    scores = result.candidates.set_index(["facility", "candidate_id"])["score"]
    sums = parts.sum(min_count=1).where(~parts.apply(lambda part: part.isna().any()))
    np.testing.assert_allclose(sums.loc[scores.index], scores, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        result.criteria["contribution"], result.criteria["value"] * result.criteria["weight"]
    )
    weights = result.criteria.groupby(["facility", "candidate_id"])["weight"].sum()
    np.testing.assert_allclose(weights, 1.0)


def test_every_candidate_is_asked_everything(result: Result, study: Study) -> None:
    for facility in study.facilities:
        ids = result.candidates.loc[result.candidates["facility"] == facility.key, "candidate_id"]
        for name, specs in (("criteria", facility.criteria), ("rules", facility.rules)):
            frame = getattr(result, name)
            part = frame[frame["facility"] == facility.key]
            column = "criterion" if name == "criteria" else "rule"
            asked = {(i, spec.key) for i in ids for spec in specs}
            assert set(zip(part["candidate_id"], part[column], strict=True)) == asked


def test_ranks_follow_the_scores_of_the_candidates_left(result: Result) -> None:
    for _, part in result.candidates.groupby("facility"):
        left = part[~part["is_excluded"] & part["score"].notna()]
        assert part.drop(left.index)["rank"].isna().all()
        order = left.sort_values(["score", "candidate_id"], ascending=[False, True])
        assert order["rank"].tolist() == list(range(1, len(left) + 1))


def test_excluded_is_who_fails_a_rule_and_never_chosen(result: Result) -> None:
    fails = result.rules[result.rules["outcome"] == "fail"]
    failed = set(zip(fails["facility"], fails["candidate_id"], strict=True))
    rows = result.candidates[result.candidates["is_excluded"]]
    assert set(zip(rows["facility"], rows["candidate_id"], strict=True)) == failed
    assert failed
    assert not rows["is_chosen"].any()


def test_sites_are_the_plan_s_sites(result: Result) -> None:
    for key, plan in result.plans.items():
        sites = result.sites.loc[result.sites["facility"] == key, "candidate_id"]
        rows = result.candidates[result.candidates["facility"] == key]
        assert tuple(sites) == plan.sites == tuple(rows.loc[rows["is_chosen"], "candidate_id"])
        assert len(plan.sites)
    same = ["facility", "candidate_id", "name_zh", "type", "district", "score", "rank", "geometry"]
    chosen = result.candidates[result.candidates["is_chosen"]].reset_index(drop=True)
    assert_geodataframe_equal(result.sites[same], chosen[same])


def test_objectives_stay_below_their_bounds(result: Result, study: Study) -> None:
    for key, plan in result.plans.items():
        assert 0 < plan.objective <= plan.bound, key
        assert plan.gap == pytest.approx((plan.bound - plan.objective) / plan.bound, abs=1e-12)
        assert plan.status is SolveStatus.OPTIMAL
        # What was given up for better-scored sites, and the gap that counts as proven; no more.
        given = float(plan.facts.get("score_tolerance_share", 0.0))
        assert plan.gap <= given + study.solver.gap + 1e-9


def test_the_objective_is_what_is_allocated(result: Result) -> None:
    for key in STATIONS:
        allocated = result.allocation.loc[result.allocation["facility"] == key, "demand"].sum()
        assert allocated == pytest.approx(result.plans[key].objective, rel=1e-6)


def test_allocation_conserves_covered_demand(result: Result) -> None:
    sums = result.allocation.groupby(["facility", "demand_id"])["demand"].sum()
    demand = result.demand.set_index(["facility", "demand_id"])
    asked = demand.loc[sums.index, "demand"]
    assert (sums <= asked * (1 + 1e-9)).all()
    assert (result.allocation["demand"] > 0).all()
    # Covered is who is served wholly; where sites are full, the rest is not.
    covered = demand[demand["is_covered"]]
    wholly = sums.index[sums >= asked * (1 - 1e-5)]
    assert set(wholly) == set(covered.index) & set(sums.index)
    assert len(wholly) < len(sums)
    # Covered without a site of the plan is only what stations in service take wholly.
    others = covered.loc[~covered.index.isin(sums.index)]
    assert (others["demand"] == 0).all()
    assert (others["existing_served"] > 0).all()


def test_site_figures_are_sums_of_the_allocation(result: Result) -> None:
    by_site = result.allocation.groupby(["facility", "candidate_id"])
    sites = result.sites.set_index(["facility", "candidate_id"])
    total = result.demand.groupby("facility")["demand"].sum()
    served = by_site["demand"].sum().reindex(sites.index, fill_value=0.0)
    np.testing.assert_allclose(sites["demand_served"], served)
    share = served / total.loc[served.index.get_level_values(0)].to_numpy()
    np.testing.assert_allclose(sites["demand_share"], share)
    assert (sites["demand_points"] == by_site.size().reindex(sites.index, fill_value=0)).all()
    mean = by_site.apply(lambda part: np.average(part["time_min"], weights=part["demand"]))
    np.testing.assert_allclose(sites["mean_time_min"], mean.reindex(sites.index))


def test_everybody_is_served_within_the_radius_by_a_chosen_site(
    result: Result, study: Study
) -> None:
    limits = {facility.key: facility.service_minutes for facility in study.facilities}
    for row in result.allocation.itertuples():
        assert 0 <= row.time_min <= limits[row.facility]
        assert row.candidate_id in result.plans[row.facility].sites


def test_ways_go_from_the_demand_to_the_site_along_the_roads(result: Result) -> None:
    ways = result.allocation.set_index(["facility", "demand_id", "candidate_id"])
    demand = result.demand.set_index(["facility", "demand_id"]).geometry
    sites = result.sites.set_index(["facility", "candidate_id"]).geometry
    for (facility, origin, target), way in ways.iterrows():
        line = way.geometry
        start, stop = shapely.Point(line.coords[0]), shapely.Point(line.coords[-1])
        assert start.equals_exact(demand[facility, origin], 1e-6)
        assert stop.equals_exact(sites[facility, target], 1e-6)
        # Roads may be as much shorter than drawn as the layer's check lets pass; legs count 1.3 times.
        assert 0.9 * line.length / 1000 <= way.distance_km + 1e-3
        assert way.distance_km <= 1.35 * line.length / 1000 + 1e-3
        # Time without distance would be a jump, and the other way round.
        assert (way.time_min > 0.05) <= (way.distance_km > 0)
        assert way.distance_km <= way.time_min / 60 * 120 + 1e-3


def test_service_areas_hold_the_sites_and_whom_they_serve(result: Result, study: Study) -> None:
    areas = result.service_areas.set_index(["facility", "candidate_id"])
    assert set(areas.index.get_level_values(0)) == set(STATIONS)
    reach = {facility.key: facility.service_minutes for facility in study.facilities}
    for (facility, _), area in areas.iterrows():
        assert area.limit_min == reach[facility]
        assert area.area_km2 == pytest.approx(area.geometry.area / 1e6)
        assert area.geometry.is_valid
    sites = result.sites.set_index(["facility", "candidate_id"]).loc[areas.index]
    away = sites.geometry.distance(areas.geometry)
    assert (away <= study.access.max_distance_m).all()


# Odd questions


def test_a_budget_of_nothing_is_a_plan_of_nothing(study: Study, inputs: Inputs) -> None:
    model = ModelSpec(kind="budget", params={"budget_mcny": 0.0})
    asked = replace(only(study, "shore_power", model=model), facilities=())
    stations = only(study, "charging", model=FEW)
    both = only(study, "shore_power", model=model).facilities + stations.facilities
    result = run(replace(asked, facilities=both), inputs)
    assert result.plans["shore_power"].sites == ()
    ships = result.demand[result.demand["facility"] == "shore_power"]
    # What present supply takes wholly stays covered, nothing else is.
    assert not ships.loc[ships["demand"] > 0, "is_covered"].any()
    assert ships["is_covered"].any()
    assert set(result.sites["facility"]) == {"charging"}
    alone = run(only(study, "shore_power", model=model), inputs)
    for name in ("sites", "allocation", "service_areas"):
        frame = getattr(alone, name)
        assert list(frame.columns) == list(RESULT_FRAMES[name])
        assert len(frame) == 0
        assert frame.crs == "EPSG:4549"


@pytest.mark.usefixtures("few_dots")
def test_an_empty_plan_is_written_and_read_back(
    study: Study, inputs: Inputs, tmp_path: Path
) -> None:
    model = ModelSpec(kind="budget", params={"budget_mcny": 0.0})
    alone = run(only(study, "shore_power", model=model), inputs)
    maps.write(alone, tmp_path / "out", wording=load_wording(), versions={})
    stored = read_result(tmp_path / "out")
    assert len(stored.sites) == len(stored.allocation) == 0
    assert stored.plans == alone.plans


def test_a_facility_without_rules_excludes_nobody(study: Study, inputs: Inputs) -> None:
    free = only(study, "charging", rules=(), model=FEW)
    result = run(free, inputs)
    assert len(result.rules) == 0
    assert list(result.rules.columns) == list(RESULT_FRAMES["rules"])
    assert not result.candidates["is_excluded"].any()
    mixed = free.facilities + only(study, "shore_power").facilities
    both = run(replace(study, facilities=mixed), inputs)
    assert set(both.rules["facility"]) == {"shore_power"}


def test_fewer_sites_than_asked_is_told(study: Study, inputs: Inputs) -> None:
    params = {"sites": 60, "spacing_minutes": 45.0}
    asked = only(study, "charging", model=ModelSpec(kind="mclp", params=params))
    result = run(asked, inputs)
    assert 0 < len(result.plans["charging"].sites) < 60
    (notice,) = [notice for notice in result.notices if notice.code == "fewer_sites"]
    assert f"60 sites were asked for, {len(result.sites)} are chosen" in notice.label.en


def test_a_layer_without_facilities_in_service_is_told(study: Study, inputs: Inputs) -> None:
    hydrogen = only(study, "hydrogen").facilities[0]
    rows = tuple(replace(row, weight=0.0) for row in hydrogen.criteria)
    kept = tuple(row for row in rows if row.key != "existing_gap")
    first = replace(kept[0], weight=1.0)
    asked = only(
        study,
        "hydrogen",
        existing_where={"type": ("h2_staton",)},
        criteria=(first, *kept[1:]),
        model=FEW,
    )
    result = run(asked, inputs)
    assert "existing_none" in {notice.code for notice in result.notices}
    assert (result.demand["existing_served"] == 0).all()


def test_a_rounding_in_what_is_served_is_no_negative_demand(
    study: Study, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve_all(points: pd.DataFrame, *_others: object) -> pd.Series:
        served: pd.Series = points["demand_base"] * (1 + 1e-15)
        return served.where(points["kind"] == "township", 0.0)

    kind = replace(engineering()["charging"], served=serve_all)
    monkeypatch.setattr("siting._question.engineering", lambda: {"charging": kind})
    result = run(only(study, "charging", model=FEW), inputs)
    towns = result.demand[result.demand["kind"] == "township"]
    assert (towns["existing_served"] > towns["demand_base"]).any()
    assert (towns["demand"] == 0).all()
    assert towns["is_covered"].all()


def test_notices_speak_both_languages_and_name_the_facility(result: Result) -> None:
    codes = [notice.code for notice in result.notices]
    assert "rules_unverified" in codes
    assert "existing_unknown" in codes
    for notice in result.notices:
        assert notice.label.zh
        assert notice.label.en
    labels = {facility.label.en for facility in result.study.facilities}
    (unknown,) = [n for n in result.notices if n.code == "existing_unknown"]
    assert unknown.label.en.split(":")[0] in labels


def test_a_solve_out_of_time_says_so(study: Study, inputs: Inputs) -> None:
    hurried = replace(only(study, "charging"), solver=replace(study.solver, time_limit_s=1e-9))
    result = run(hurried, inputs)
    plan = result.plans["charging"]
    assert plan.status is SolveStatus.TIME_LIMIT
    assert plan.objective <= plan.bound
    assert "time_limit" in {notice.code for notice in result.notices}
    told = render_manifest(result, versions={}, files={}, created=datetime.now(UTC))
    assert '"reproducible": false' in told


@pytest.mark.parametrize("absent", ["road_nodes", "road_edges", "candidates", "energy", "land"])
def test_a_missing_layer_is_an_error(absent: str, study: Study, inputs: Inputs) -> None:
    left = {name: layer for name, layer in inputs.layers.items() if name != absent}
    for ask in (run, check):
        with pytest.raises(MissingLayerError) as caught:
            ask(only(study, "hydrogen"), replace(inputs, layers=left))
        assert absent in str(caught.value)


def test_the_problems_of_all_facilities_are_raised_together(study: Study, inputs: Inputs) -> None:
    model = ModelSpec(kind="mclp", params={"sites": 4000})
    few = only(study, "hydrogen", model=model).facilities
    bad = replace(study, facilities=few + only(study, "charging", model=model).facilities)
    with pytest.raises(ModelError) as caught:
        run(bad, inputs)
    assert [problem.where for problem in caught.value.problems] == [
        "facility hydrogen, mclp, sites",
        "facility charging, mclp, sites",
    ]


def test_check_passes_where_run_does(study: Study, inputs: Inputs) -> None:
    check(study, inputs)


def test_islands_of_a_profile_are_told(study: Study, inputs: Inputs) -> None:
    # A vehicle that takes no primary road loses the places that only those reach.
    car = replace(study.profiles["car"], banned={"highway": ("ferry", "primary")})
    result = run(replace(only(study, "charging", model=FEW), profiles={"car": car}), inputs)
    told = {notice.code: notice.label.en for notice in result.notices}
    assert "7 road nodes are cut off for car" in told["network_islands"]


def test_progress_names_every_facility(study: Study, inputs: Inputs) -> None:
    told: list[tuple[float, str]] = []
    run(only(study, "shore_power"), inputs, progress=lambda *step: told.append(step))
    assert told[0] == (0.0, "road graphs")
    assert told[-1] == (1.0, "planned")
    assert "planning shore_power" in [message for _, message in told]


def test_a_study_of_one_s_own_runs_through(tmp_path: Path) -> None:
    own = OwnStudy(tmp_path / "own", ["charging"])
    own.kinds["charging"]["model"]["params"] = {"sites": 3}
    own.kinds["charging"]["service_minutes"] = 12.0
    result = siting.plan(own.write())
    assert len(result.plans["charging"].sites) == 3
    assert isinstance(result.study.facilities[0], FacilitySpec)
    assert (result.service_areas["limit_min"] == 12.0).all()
