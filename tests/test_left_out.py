"""What a study lacks is left out and told, never scored as zero."""

import math
from pathlib import Path
from typing import Any

import pytest

import siting
from siting.config import load_study
from siting.errors import ConfigError, MissingLayerError, ModelError
from siting.model import FacilitySpec, Result
from tests.packs import OwnStudy, criterion


def lacking(folder: Path, *kinds: str, facility: str = "hydrogen") -> OwnStudy:
    own = OwnStudy(folder, [facility])
    own.tables["missing_data"] = "leave_out"
    for kind in kinds:
        del own.tables["layers"][kind]
    return own


def parts_of(spec: FacilitySpec, part: str) -> dict[str, str]:
    return {item.key: item.missing for item in spec.left_out if item.part == part}


def weights_of(spec: FacilitySpec) -> dict[str, float]:
    return {row.key: row.weight for row in spec.criteria}


def told(result: Result, code: str) -> list[str]:
    return [n.label.en for n in result.notices if n.code == code and n.level == "warning"]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    own = lacking(tmp_path_factory.mktemp("own"), "energy", "coastline")
    return siting.plan(own.write())


def test_criteria_and_rules_without_a_layer_are_left_out(result: Result) -> None:
    (spec,) = result.study.facilities
    lost = {"supply": "energy", "grid": "energy", "existing_gap": "energy"}
    assert parts_of(spec, "criterion") == lost | {"supply": parts_of(spec, "criterion")["supply"]}
    assert parts_of(spec, "rule")["coast_setback"] == "coastline"
    assert "coast_setback" not in set(result.rules["rule"])
    assert not set(lost) & set(result.criteria["criterion"])
    assert spec.existing_layer is None


def test_the_other_weights_keep_their_ratios_and_sum_to_one(
    result: Result, tmp_path: Path
) -> None:
    (spec,) = result.study.facilities
    before = weights_of(load_study(OwnStudy(tmp_path / "whole").write()).facilities[0])
    after = weights_of(spec)
    assert math.isclose(sum(after.values()), 1.0, abs_tol=1e-12)
    ratios = [after[key] / before[key] for key in after]
    assert max(ratios) - min(ratios) < 1e-12
    assert min(ratios) > 1.0
    assert set(result.criteria["weight"]) == set(after.values())


def test_no_candidate_loses_its_score(result: Result) -> None:
    scores = result.candidates.set_index("candidate_id")["score"].dropna()
    assert len(scores) >= 0.97 * len(result.candidates)
    sums = result.criteria.groupby("candidate_id")["contribution"].sum()
    assert (sums[scores.index] - scores).abs().max() < 1e-12


def test_the_reader_is_told_in_both_languages(result: Result) -> None:
    (line,) = told(result, "criteria_left_out")
    assert "Hydrogen refuelling: 3 criteria have no data" in line
    assert "distance to a substation (energy)" in line
    rules = told(result, "rules_left_out")
    assert any("coastline" in text for text in rules)
    assert told(result, "existing_unknown")
    assert all(n.label.zh for n in result.notices)


def test_a_layer_with_nothing_for_a_criterion_is_no_zero(tmp_path: Path) -> None:
    own = lacking(tmp_path / "own")
    kind = own.kinds["hydrogen"]
    criterion(kind, "existing_gap")["params"]["where"] = {"type": ["nowhere"]}
    criterion(kind, "freight")["params"]["where"] = {"type": ["nowhere"]}
    spec = siting.plan(own.write()).study.facilities[0]
    assert parts_of(spec, "criterion") == {"existing_gap": "", "freight": ""}


def test_without_leave_out_a_criterion_known_nowhere_is_an_error(tmp_path: Path) -> None:
    own = OwnStudy(tmp_path / "own")
    criterion(own.kinds["hydrogen"], "existing_gap")["params"]["where"] = {"type": ["nowhere"]}
    own.tables["roles"] = {}
    with pytest.raises(ModelError, match="for none is known: existing_gap"):
        siting.plan(own.write())


@pytest.mark.parametrize("kind", ["candidates", "road_edges"])
def test_what_nothing_can_be_planned_without_is_still_an_error(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigError, match=f"no layer {kind}"):
        load_study(lacking(tmp_path / "own", kind).write())


def test_demand_without_its_layer_is_still_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingLayerError, match="demand: the study has no layer"):
        siting.plan(lacking(tmp_path / "own", "townships").write())


def test_weights_of_groups_are_scaled_alike(tmp_path: Path) -> None:
    own = lacking(tmp_path / "own", "energy")
    kind = own.kinds["hydrogen"]
    keys = [row["key"] for row in kind["criteria"]]
    for row in kind["criteria"]:
        del row["weight"]
    energy = ["supply", "grid", "existing_gap"]
    groups: dict[str, Any] = {
        "energy": {"method": "entropy", "criteria": energy},
        "rest": {"method": "critic", "criteria": [key for key in keys if key not in energy]},
    }
    kind["weights"] = {
        "method": "direct",
        "points": {"energy": 50.0, "rest": 50.0},
        "groups": groups,
    }
    result = siting.plan(own.write())
    (spec,) = result.study.facilities
    assert set(weights_of(spec)) == set(groups["rest"]["criteria"])
    assert math.isclose(sum(weights_of(spec).values()), 1.0, abs_tol=1e-9)


def test_a_facility_that_is_not_planned_is_told(tmp_path: Path) -> None:
    own = OwnStudy(tmp_path / "own", ["charging"])
    own.tables["left_out"] = {"shore_power": {"zh": "没有泊位", "en": "no berths {{7*7}}"}}
    result = siting.plan(own.write())
    assert told(result, "facility_left_out") == ["shore_power is not planned: no berths {{7*7}}"]
