"""Four cities from OpenStreetMap run as they are written, and the committed page says what came out."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from siting.cli import main
from tests.city_table import CITIES, PAGE, City, new_city, plan_city, table

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> list[City]:
    folder = tmp_path_factory.mktemp("cities")
    return [plan_city(name, folder) for name in CITIES]


@pytest.mark.nightly
def test_the_page_is_what_a_run_gives(cities: list[City]) -> None:
    assert table(cities) == PAGE.read_text(encoding="utf-8")


def test_every_city_is_planned_and_what_it_lacks_is_told(cities: list[City]) -> None:
    for city in cities:
        study = city.result.study
        assert city.result.plans.keys() | study.left_out.keys() == {
            "hydrogen",
            "charging",
            "shore_power",
        }
        for key, plan in city.result.plans.items():
            assert plan.sites, (city.name, key)
            assert plan.facts["coverage_share"] > 0
        told = " ".join(notice.label.en for notice in city.result.notices)
        for spec in study.facilities:
            assert abs(sum(row.weight for row in spec.criteria) - 1.0) < 1e-9
            assert [i.key for i in spec.left_out if (i.note or i.label).en not in told] == []


def test_the_fuel_stations_of_porto_are_candidates(cities: list[City]) -> None:
    (porto,) = [city for city in cities if city.name == "porto"]
    assert (porto.result.candidates["type"] == "petrol_cluster").sum() >= 65
    assert porto.rows["road_edges"] == 83_678


def test_people_of_sao_paulo_are_counted_not_guessed(cities: list[City]) -> None:
    (city,) = [city for city in cities if city.name == "saopaulo_centre"]
    spec = next(f for f in city.result.study.facilities if f.key == "charging")
    assert "proxy" not in spec.assumptions["vehicles"].source


def test_a_run_of_the_command_line_ends_with_all_outputs(tmp_path: Path) -> None:
    study = new_city("helsinki", tmp_path)
    out = tmp_path / "out"
    answer = CliRunner().invoke(main, ["run", str(study), "--out", str(out)])
    assert answer.exit_code == 0, answer.output
    assert {"map.html", "sites.gpkg", "report-zh.html"} <= {path.name for path in out.iterdir()}
