"""Changes saved from the map: what they make of a study, and what is said of wrong ones."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from siting._config_with import merged, with_changes
from siting.api import ask
from siting.cli import main
from siting.config import load_study
from siting.errors import ConfigError, MissingFileError
from siting.model import Role, Study


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study("qingdao")


def _points(study: Study, key: str = "hydrogen") -> dict[str, int]:
    spec = next(facility for facility in study.facilities if facility.key == key)
    return {criterion.key: place + 1 for place, criterion in enumerate(spec.criteria)}


def _file(folder: Path, *lines: str, study: str = "qingdao") -> Path:
    path = folder / "changes.toml"
    path.write_text("\n".join([f'study = "{study}"', *lines]), encoding="utf-8")
    return path


def _weights(points: dict[str, int], key: str = "hydrogen") -> Sequence[str]:
    return [f"[facilities.{key}.weights]", *(f'"{name}" = {n}' for name, n in points.items())]


def test_points_become_weights_and_the_rest_stays(study: Study, tmp_path: Path) -> None:
    points = _points(study)
    changed = with_changes(study, _file(tmp_path, *_weights(points)))
    spec = changed.facilities[0]
    assert [c.weight for c in spec.criteria] == [
        point / sum(points.values()) for point in points.values()
    ]
    assert [(table.method, table.items) for table in spec.weighting] == [("direct", tuple(points))]
    assert changed.facilities[1:] == study.facilities[1:]
    assert replace(changed, facilities=study.facilities) == study


def test_sites_become_roles_and_their_number(study: Study, tmp_path: Path) -> None:
    lines = ["[facilities.hydrogen.sites]", "count = 3", 'required = ["C001", "C002"]']
    path = _file(tmp_path, *lines, 'existing = ["C003"]', 'forbidden = ["C004"]')
    changed = with_changes(study, path)
    assert changed.facilities[0].model.params["sites"] == 3
    assert changed.roles == {
        "hydrogen": {
            "C001": Role.REQUIRED,
            "C002": Role.REQUIRED,
            "C003": Role.EXISTING,
            "C004": Role.FORBIDDEN,
            # As the study decided, and the map said nothing else.
            "C076": Role.REQUIRED,
        }
    }
    assert changed.facilities[0].weighting == study.facilities[0].weighting


def test_a_criterion_that_was_left_out_weighs_nothing(study: Study, tmp_path: Path) -> None:
    points = _points(study)
    lost = points.popitem()[0]
    path = _file(tmp_path, *_weights(points))
    with pytest.raises(ConfigError, match=f"missing: {lost}"):
        with_changes(study, path)
    changed = with_changes(replace(study, missing_data="leave_out"), path)
    assert {c.key: c.weight for c in changed.facilities[0].criteria}[lost] == 0.0


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["[facilities.tram.sites]"], "facilities.tram: the study has no such facility"),
        (["[facilities.hydrogen.weights]", "x = 1"], "unknown: x; missing: "),
        (["[facilities.hydrogen.weights]", "demand = -1"], "greater than or equal to 0"),
        (["[facilities.hydrogen.weights]", "demand = nan"], "weights.demand"),
        (["[facilities.hydrogen.sites]", "closed = []"], "unknown key"),
        (["[facilities.hydrogen.sites]", "count = -1"], "sites.count"),
        (
            ["[facilities.hydrogen.sites]", 'required = ["C001"]', 'forbidden = ["C001"]'],
            "sites named more than once",
        ),
        (
            ["[facilities.hydrogen.sites]", "count = 1", 'required = ["C001", "C002"]'],
            "fewer sites than are required",
        ),
        (["[facilities.hydrogen"], "not a readable TOML file"),
    ],
)
def test_wrong_changes_are_refused(
    study: Study, tmp_path: Path, lines: list[str], told: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        with_changes(study, _file(tmp_path, *lines))
    assert any(told in str(problem) for problem in refused.value.problems)


def test_all_that_is_wrong_is_told_at_once(study: Study, tmp_path: Path) -> None:
    lines = ["[facilities.tram.sites]", "[facilities.hydrogen.weights]", "x = 1"]
    with pytest.raises(ConfigError) as refused:
        with_changes(study, _file(tmp_path, *lines, study="elsewhere"))
    assert len(refused.value.problems) == 3
    assert "belong to another study" in str(refused.value)


def test_no_weight_above_zero_is_refused(study: Study, tmp_path: Path) -> None:
    nothing = dict.fromkeys(_points(study), 0)
    with pytest.raises(ConfigError, match=r"facilities\.hydrogen\.weights"):
        with_changes(study, _file(tmp_path, *_weights(nothing)))


def test_missing_file_is_named(study: Study, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"gone\.toml"):
        with_changes(study, tmp_path / "gone.toml")


def test_changes_of_types_that_are_not_planned_are_no_mistake(tmp_path: Path) -> None:
    lines = ["[facilities.charging.sites]", 'required = ["C001"]']
    asked = ask("qingdao", facilities=["hydrogen"], changes=_file(tmp_path, *lines))
    assert [facility.key for facility in asked.facilities] == ["hydrogen"]


def test_command_line_refuses_and_writes_nothing(tmp_path: Path) -> None:
    path = _file(tmp_path, "[facilities.tram.sites]")
    done = CliRunner().invoke(
        main, ["run", "qingdao", "--with", str(path), "--out", str(tmp_path / "out")]
    )
    assert done.exit_code == 1
    assert done.stderr.startswith("error: changes.toml: facilities.tram: the study has no such")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


_ROLES = st.dictionaries(
    st.sampled_from("ab"), st.dictionaries(st.sampled_from("xyz"), st.sampled_from(Role))
)


@given(_ROLES, _ROLES)
def test_of_two_roles_the_later_holds(
    before: dict[str, dict[str, Role]], after: dict[str, dict[str, Role]]
) -> None:
    both = merged(before, after)
    for key in "ab":
        for site in "xyz":
            later = after.get(key, {}).get(site, before.get(key, {}).get(site))
            # Candidate is what everyone is of whom nothing is said.
            assert both.get(key, {}).get(site, Role.CANDIDATE) == (later or Role.CANDIDATE)
            assert both.get(key, {}).get(site) is not Role.CANDIDATE
