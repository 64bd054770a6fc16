"""Roles of single sites: read from an edited file, kept by the choice, told in the result."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st

import siting
from layers.result import read_result
from layers.roles import read_roles
from siting.cli import main
from siting.config import load_study
from siting.errors import InputError, MissingFileError, ModelError, SitingError
from siting.model import Result, Role, SolverSettings
from siting.optimise import SitingProblem
from siting.optimise._mclp_study import plan_mclp
from siting.optimise.budget import budgeted
from tests.planned import planned

KEYS = ("hydrogen", "shore_power")
LIMITS = SolverSettings(time_limit_s=20.0, gap=0.0)


def write(folder: Path, *rows: str, header: str = "facility,candidate_id,role") -> Path:
    path = folder / "roles.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def read(folder: Path, *rows: str, **given: str) -> Mapping[str, Mapping[str, Role]]:
    return read_roles(write(folder, *rows, **given), facilities=KEYS)


def refuse(folder: Path, *rows: str, **given: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, *rows, **given)
    return str(caught.value).splitlines()


def test_roles_are_read(tmp_path: Path) -> None:
    rows = (
        "hydrogen,C001,required",
        "hydrogen, C002 , Forbidden ",
        "hydrogen,C003,",
        "hydrogen,C004,candidate",
    )
    assert read(tmp_path, *rows) == {
        "hydrogen": {"C001": Role.REQUIRED, "C002": Role.FORBIDDEN, "C004": Role.CANDIDATE}
    }


def test_one_facility_needs_no_column(tmp_path: Path) -> None:
    path = write(tmp_path, "B02,existing", header="candidate_id,role")
    assert read_roles(path, facilities=["shore_power"]) == {"shore_power": {"B02": Role.EXISTING}}
    with pytest.raises(InputError, match="no column facility"):
        read_roles(path, facilities=KEYS)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["hydrogen,C001,must"], "no such role (got row 1 'must', expected candidate or required"),
        (["hydrogen,,required"], "a role without a candidate"),
        (["hydrogen,C1,required", "hydrogen,C1,forbidden"], "two roles for one candidate"),
    ],
)
def test_a_wrong_row_is_told(tmp_path: Path, rows: list[str], told: str) -> None:
    (line,) = refuse(tmp_path, *rows)
    assert told in line
    assert line.startswith("roles.csv: ")


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    assert len(refuse(tmp_path, "hydrogen,C1,must", "hydrogen,,required")) == 2


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="--sites"):
        read_roles(tmp_path / "no.csv", facilities=KEYS)
    for name, content in (("a.gpkg", b"nonsense"), ("a.csv", b"\xff\xfe\x00"), ("b.csv", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=name):
            read_roles(tmp_path / name, facilities=KEYS)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return planned(tmp_path_factory, "qingdao")


def spare(result: Result, facility: str) -> str:
    """Return a candidate that could be chosen and was not: the worst ranked."""
    mine = result.candidates[result.candidates["facility"] == facility]
    left = mine[~mine["is_chosen"] & mine["rank"].notna()]
    return str(left.sort_values("rank")["candidate_id"].iloc[-1])


@pytest.mark.parametrize("facility", ["hydrogen", "shore_power"])
def test_a_plan_keeps_to_the_roles(tmp_path: Path, plain: Result, facility: str) -> None:
    wanted, unwanted = spare(plain, facility), plain.plans[facility].sites[0]
    path = write(tmp_path, f"{facility},{wanted},required", f"{facility},{unwanted},forbidden")
    again = siting.plan("qingdao", facilities=[facility], roles=path)
    sites = again.plans[facility].sites
    assert wanted in sites
    assert unwanted not in sites
    assert again.plans[facility].objective <= plain.plans[facility].bound * (1 + 1e-9)
    role = again.sites.set_index("candidate_id")["role"]
    assert role[wanted] == "required"
    decided = load_study("qingdao", facilities=[facility]).roles.get(facility, {})
    assert set(role.drop([wanted, *decided])) == {"candidate"}
    told = again.candidates.set_index("candidate_id")["role"]
    assert told[unwanted] == "forbidden"
    given = {wanted: Role.REQUIRED, unwanted: Role.FORBIDDEN}
    assert again.study.roles == {facility: {**decided, **given}}


def test_an_existing_site_neither_counts_nor_costs(tmp_path: Path, plain: Result) -> None:
    extra = spare(plain, "hydrogen")
    path = write(tmp_path, f"hydrogen,{extra},existing")
    again = siting.plan("qingdao", facilities=["hydrogen"], roles=path)
    assert extra in again.plans["hydrogen"].sites
    assert len(again.plans["hydrogen"].sites) == len(plain.plans["hydrogen"].sites) + 1
    assert again.plans["hydrogen"].facts["sites_existing"] == 1
    berth = spare(plain, "shore_power")
    path = write(tmp_path, f"shore_power,{berth},existing")
    power = siting.plan("qingdao", facilities=["shore_power"], roles=path).plans["shore_power"]
    assert berth in power.sites
    assert power.objective >= plain.plans["shore_power"].objective


@pytest.mark.usefixtures("short_report")
def test_an_edited_package_comes_back(tmp_path: Path, plain: Result) -> None:
    runner = CliRunner()
    first = ["run", "qingdao", "--facility", "shore_power", "--out", str(tmp_path / "one")]
    assert runner.invoke(main, first).exit_code == 0
    frame = gpd.read_file(tmp_path / "one" / "sites.gpkg", layer="candidates")
    unwanted = plain.plans["shore_power"].sites[0]
    frame.loc[frame["candidate_id"] == unwanted, "role"] = "forbidden"
    frame.to_file(tmp_path / "edited.gpkg", layer="candidates")
    second = [*first[:-1], str(tmp_path / "two"), "--sites", str(tmp_path / "edited.gpkg")]
    answer = runner.invoke(main, second)
    assert answer.exit_code == 0, answer.output
    stored = read_result(tmp_path / "two")
    assert unwanted not in stored.plans["shore_power"].sites
    assert stored.study.roles == {"shore_power": {unwanted: Role.FORBIDDEN}}
    assert "forbidden" in (tmp_path / "two" / "scores.csv").read_text(encoding="utf-8")


def test_a_contradiction_is_refused(tmp_path: Path, plain: Result) -> None:
    mine = plain.candidates[plain.candidates["facility"] == "hydrogen"]
    excluded = mine.loc[mine["is_excluded"], "candidate_id"].iloc[0]
    path = write(tmp_path, f"hydrogen,{excluded},required", "hydrogen,NOWHERE,forbidden")
    with pytest.raises(SitingError) as caught:
        siting.plan("qingdao", facilities=["hydrogen"], roles=path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert "no candidates of this type (got NOWHERE" in lines[0]
    assert f"{excluded}: required, but cannot be chosen (got fails " in lines[1]


def problem(rng: np.random.Generator, n: int, roles: list[Role]) -> SitingProblem:
    given = np.array([str(role) for role in roles])
    return SitingProblem(
        candidate_ids=np.array([f"C{j}" for j in range(n)], dtype=object),
        times_min=rng.integers(1, 10, (7, n)).astype(float),
        site_times_min=rng.integers(1, 9, (n, n)).astype(float),
        demand=rng.integers(0, 6, 7).astype(float),
        scores=rng.random(n),
        benefit=rng.integers(0, 9, n).astype(float),
        cost=rng.integers(1, 6, n).astype(float),
        service_min=3.0,
        is_required=given == "required",
        is_existing=given == "existing",
    )


kinds = st.lists(
    st.sampled_from([Role.CANDIDATE, Role.CANDIDATE, Role.REQUIRED, Role.EXISTING]), min_size=2, max_size=6
)  # fmt: skip


def subsets(n: int) -> list[list[int]]:
    return [[j for j in range(n) if bits >> j & 1] for bits in range(1 << n)]


@given(
    seed=st.integers(0, 10_000), roles=kinds, p=st.integers(1, 4), spacing=st.sampled_from([0, 4])
)
@settings(max_examples=60, deadline=None)
def test_covering_equals_brute_force(seed: int, roles: list[Role], p: int, spacing: int) -> None:
    asked = problem(np.random.default_rng(seed), len(roles), roles)
    free = int((~asked.existing).sum())
    if not 1 <= p <= free or (asked.kept_open & ~asked.existing).sum() > p:
        with pytest.raises(ModelError):
            plan_mclp(asked, settings=LIMITS, sites=p, spacing_minutes=float(spacing))
        return
    found = plan_mclp(asked, settings=LIMITS, sites=p, spacing_minutes=float(spacing))
    covers = asked.times_min <= 3.0
    near = np.fmin(asked.site_times_min, asked.site_times_min.T) < spacing

    def allowed(sites: list[int]) -> bool:
        kept = set(np.flatnonzero(asked.kept_open)) <= set(sites)
        few = (~asked.existing[sites]).sum() <= p
        apart = all(
            not near[a, b] or (asked.kept_open[a] and asked.kept_open[b])
            for k, a in enumerate(sites)
            for b in sites[k + 1 :]
        )
        return bool(kept and few and apart)

    best = max(
        asked.demand[covers[:, sites].any(axis=1)].sum() for sites in subsets(len(roles)) if allowed(sites)
    )  # fmt: skip
    assert allowed(found.sites.tolist())
    assert found.objective == pytest.approx(best)
    assert found.bound >= found.objective


@given(seed=st.integers(0, 10_000), roles=kinds, budget=st.integers(0, 15))
@settings(max_examples=60, deadline=None)
def test_budgeted_choice_equals_brute_force(seed: int, roles: list[Role], budget: int) -> None:
    asked = problem(np.random.default_rng(seed), len(roles), roles)
    cost = np.where(asked.existing, 0.0, asked.cost)
    kept = set(np.flatnonzero(asked.kept_open))
    if cost[list(kept)].sum() > budget:
        with pytest.raises(ModelError, match="required sites cost more"):
            budgeted(asked, settings=LIMITS, budget_mcny=float(budget))
        return
    found = budgeted(asked, settings=LIMITS, budget_mcny=float(budget))
    best = max(
        asked.benefit[sites].sum()
        for sites in subsets(len(roles))
        if kept <= set(sites) and cost[sites].sum() <= budget
    )
    assert kept <= set(found.sites.tolist())
    assert cost[found.sites].sum() <= budget
    assert found.objective == pytest.approx(best)
    assert found.bound == pytest.approx(best)
