"""Assumptions and tables: where they come from, which one holds, and that each has its source."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siting import _config_files
from siting.config import load_study
from siting.errors import ConfigError
from siting.model import Assumption, SourcedTable, Study
from tests.packs import OwnStudy

YEARS = range(1950, 2031)


@pytest.fixture
def own(tmp_path: Path) -> OwnStudy:
    return OwnStudy(tmp_path, ["hydrogen"])


def line_of(own: OwnStudy) -> str:
    with pytest.raises(ConfigError) as caught:
        load_study(own.write())
    return str(caught.value)


def numbers_of(study: Study) -> Iterator[Assumption | SourcedTable]:
    for facility in study.facilities:
        yield from (*facility.assumptions.values(), *facility.tables.values())
    yield from (*study.assumptions.values(), *study.tables.values())


def test_every_number_has_label_unit_source_year_and_confidence() -> None:
    found = list(numbers_of(load_study("qingdao")))
    assert len(found) > 100
    for number in found:
        assert number.label.zh, number.key
        assert number.label.en, number.key
        assert number.unit, number.key
        assert len(number.source) > 5, number.key
        assert number.confidence in "ABC", number.key
        assert number.year in YEARS, number.key


def test_every_number_from_memory_or_own_has_a_range_or_says_so() -> None:
    for number in numbers_of(load_study("qingdao")):
        if isinstance(number, Assumption) and number.confidence == "C" and number.value > 0:
            has_range = number.low is not None or number.high is not None
            assert has_range or "range" in number.source or "own" in number.source, number.key


def row(value: float, unit: str = "share") -> dict[str, Any]:
    return {
        "label": {"zh": "折现率", "en": "discount rate"},
        "value": value,
        "unit": unit,
        "source": "a test",
        "confidence": "C",
        "year": 2026,
    }


def test_the_study_replaces_what_holds_anywhere_and_the_facility_the_study(own: OwnStudy) -> None:
    common = _config_files.parse(_config_files.builtin("engineering")["common"])
    anywhere = common["assumptions"]["discount_rate"]["value"]
    assert load_study(own.write()).facilities[0].assumptions["discount_rate"].value == anywhere

    own.tables["assumptions"] = own.tables.get("assumptions", {}) | {"discount_rate": row(0.11)}
    study = load_study(own.write())
    assert study.assumptions["discount_rate"].value == 0.11
    assert study.facilities[0].assumptions["discount_rate"].value == 0.11

    own.kinds["hydrogen"]["assumptions"]["discount_rate"] = row(0.12)
    study = load_study(own.write())
    assert study.assumptions["discount_rate"].value == 0.11
    assert study.facilities[0].assumptions["discount_rate"].value == 0.12


def test_a_table_says_its_unit_source_and_year(own: OwnStudy) -> None:
    del own.kinds["hydrogen"]["tables"]["truck_split"]["source"]
    assert line_of(own) == "hydrogen.toml: tables.truck_split.source: missing. Add the key."


def test_an_assumption_without_a_year_is_refused(own: OwnStudy) -> None:
    del own.kinds["hydrogen"]["assumptions"]["truck_share"]["year"]
    assert line_of(own) == "hydrogen.toml: assumptions.truck_share.year: missing. Add the key."


def test_values_below_zero_are_refused(own: OwnStudy) -> None:
    own.kinds["hydrogen"]["tables"]["truck_split"]["values"]["ports"] = -0.5
    assert "values are ≥ 0 unless the unit is change (ports = -0.5)" in line_of(own)


def test_a_fault_of_a_shared_file_is_told_once(
    own: OwnStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.tables["facilities"] = ["hydrogen.toml", "charging.toml"]
    own.kinds["charging"] = tomllib.loads(
        _config_files.builtin("facilities")["charging"].read_text(encoding="utf-8")
    )
    files = dict(_config_files.builtin("engineering"))
    broken = tmp_path / "common.toml"
    text = files["common"].read_text(encoding="utf-8")
    broken.write_text(text.replace("value = 0.06", "value = -0.06", 1), encoding="utf-8")
    found = _config_files.builtin

    def builtin(folder: str) -> Any:
        return files | {"common": broken} if folder == "engineering" else found(folder)

    monkeypatch.setattr("siting._config_numbers.builtin", builtin)
    lines = [line for line in line_of(own).splitlines() if line.startswith("common.toml")]
    assert len(lines) == 1
    assert "discount_rate.value: wrong value (got -0.06" in lines[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget_mcny": [1.0]}, "years, budget_mcny and demand_share differ in length"),
        ({"years": [2028, 2026]}, "the years do not rise"),
        ({"demand_share": [1.0, 0.5]}, "demand_share falls"),
        ({"demand_share": [0.0, 0.5]}, "roll_out.demand_share.0"),
        ({"budget_mcny": [-1.0, 2.0]}, "roll_out.budget_mcny.0"),
        ({"source": ""}, "roll_out.source"),
    ],
)
def test_a_roll_out_that_means_nothing_is_refused(
    own: OwnStudy, change: dict[str, Any], message: str
) -> None:
    own.tables["roll_out"] = {
        "years": [2026, 2028],
        "budget_mcny": [1.0, 2.0],
        "demand_share": [0.5, 1.0],
        "source": "a test",
        "confidence": "C",
    } | change
    assert message in line_of(own)


def test_a_study_may_tell_of_no_years(own: OwnStudy) -> None:
    own.tables.pop("roll_out", None)
    assert load_study(own.write()).roll_out is None
