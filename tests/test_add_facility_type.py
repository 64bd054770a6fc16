"""The how-to on a new facility type, followed step by step."""

import re
from pathlib import Path

import pytest

from siting.api import plan
from siting.config import builtin_studies, load_study
from siting.errors import ConfigError
from siting.facilities import engineering
from tests.requirements import ROOT

PAGE = (ROOT / "docs" / "how-to" / "add-a-facility-type.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Write the two files as the page says; nothing else is touched."""
    facility, line = BLOCKS
    assert facility.startswith("# battery_swap.toml\n")
    assert "qingdao" in builtin_studies()
    (tmp_path / "battery_swap.toml").write_text(facility, encoding="utf-8")
    text = (ROOT / "config" / "studies" / "qingdao.toml").read_text(encoding="utf-8")
    changed, n = re.subn(r"^facilities = .*$", line.strip(), text, flags=re.MULTILINE)
    assert n == 1
    path = tmp_path / "my_city.toml"
    path.write_text(changed, encoding="utf-8")
    return path


def test_the_page_names_every_engineering() -> None:
    for name in engineering():
        assert f"`{name}`" in PAGE, name


def test_the_type_is_read_with_the_numbers_of_its_model(study: Path) -> None:
    [facility] = load_study(study).facilities
    assert facility.key == "battery_swap"
    assert facility.assumptions["truck_kwh_per_day"].value == 95_000.0
    shared = load_study("qingdao", facilities=["charging"]).facilities[0]
    assert facility.assumptions["utilisation_limit"] == shared.assumptions["utilisation_limit"]
    assert facility.tables["hub_fast"].unit == "swap bays"


def test_a_number_that_is_missing_is_told(study: Path) -> None:
    file = study.with_name("battery_swap.toml")
    file.write_text(
        re.sub(r"\[tables\.truck_split\].*?(?=\n# A swap)", "", file.read_text(), flags=re.DOTALL)
    )
    with pytest.raises(ConfigError, match=r"battery_swap\.toml: tables\.truck_split: missing"):
        load_study(study)


@pytest.mark.slow
@pytest.mark.real
def test_the_type_is_planned_with_sizes_equipment_money_and_effects(study: Path) -> None:
    result = plan(study)
    sites = result.sites.set_index("candidate_id")
    assert len(sites) == 12
    assert set(sites["size"]) <= {"swap_1", "swap_2", "swap_4"}
    assert (sites["demand_served"] <= sites["capacity"] * (1 + 1e-9)).all()
    served = result.allocation["demand"].sum() / result.demand["demand"].sum()
    assert served > 0.9
    built = result.equipment.pivot_table(index="candidate_id", columns="item", values="quantity")
    assert (built["needed_high"] <= built["truck_connectors"]).all()
    # Trucks only: what is avoided is diesel, litre by litre.
    kwh = result.sites["demand_served"].sum() * 365
    base = result.benefits[result.benefits["case"] == "base"]
    avoided = base.loc[base["substance"] == "CO2", "avoided_t"].sum()
    assert avoided == pytest.approx(kwh / 1.5 * 0.35 * 2660.0 / 1e6)
    assert not result.indicators.empty
