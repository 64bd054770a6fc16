"""Published figures beside those of a small plan, and the file of figures of Qingdao itself."""

import csv
import math
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

import layers
from siting._external_checks import checks
from siting._measures import MEASURES
from siting.errors import InputError
from siting.frames import RESULT_FRAMES
from tests.builders import GOOD_LAYERS, make_study
from tests.sample import NASTY_NAMES, sample_result
from tests.target_rows import PLANT, layer, plan

PACK = files("layers") / "starter" / "qingdao"


def beside(*rows: dict[str, object]) -> pd.DataFrame:
    return checks(plan(published=layer("published", *({"facility": PLANT, **r} for r in rows))))


def rows_of_pack() -> list[dict[str, str]]:
    with (PACK / "published.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_our_figure_stands_beside_the_published_one() -> None:
    frame = beside(
        {"id": "P1", "measure": "served", "measure_factor": 0.001, "value": 0.3, "unit": "t/day"},
        {"id": "P2", "measure": "demand", "measure_of": "high", "value": 500.0},
    )
    assert tuple(frame.columns) == RESULT_FRAMES["checks"]
    assert frame["check"].tolist() == ["P1", "P2"]
    assert frame["ours"].tolist() == pytest.approx([0.15, 400.0])
    assert frame["published"].tolist() == [0.3, 500.0]
    assert frame["unit"].tolist() == ["t/day", ""]


def test_a_figure_without_counterpart_is_shown_with_its_reason() -> None:
    row = {"facility": "", "value": 300.0, "why_zh": "不可比", "why_en": "no counterpart"}
    (found,) = beside(row).to_dict("records")
    assert math.isnan(found["ours"])
    assert (found["published"], found["why_zh"], found["why_en"]) == (
        300.0,
        "不可比",
        "no counterpart",
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"source": "press", "year": 2024.0, "confidence": "A"}, "press (2024, A)"),
        ({"source": "press", "confidence": "C"}, "press (C)"),
        ({"source": "press"}, "press"),
    ],
)
def test_source_comes_with_year_and_confidence(row: dict[str, object], told: str) -> None:
    assert beside(row)["source"].tolist() == [told]


def test_text_of_a_figure_stays_text() -> None:
    rows = [{"name_zh": name, "why_en": name, "source": name} for name in NASTY_NAMES]
    frame = beside(*rows)
    for column in ("zh", "why_en", "source"):
        assert frame[column].tolist() == list(NASTY_NAMES)


def test_all_unknown_measures_are_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        beside({"measure": "beauty"}, {"measure": "served"}, {"measure": "truth"})
    assert [p.where for p in refused.value.problems] == ["published, row G1", "published, row G3"]


def test_a_city_without_published_figures_has_no_checks() -> None:
    frame = checks(replace(sample_result(), layers={}))
    assert not len(frame)
    assert tuple(frame.columns) == RESULT_FRAMES["checks"]


# --- Qingdao's own figures --------------------------------------------------------------------


def test_qingdao_asks_only_for_measures_there_are() -> None:
    asked = {row["measure"] for row in rows_of_pack()} - {""}
    assert asked <= set(MEASURES)
    assert all(row["facility"] for row in rows_of_pack() if row["measure"])


def test_every_figure_of_qingdao_has_what_a_reader_needs() -> None:
    for row in rows_of_pack():
        for column in (
            "name_zh",
            "name_en",
            "value",
            "unit",
            "year",
            "why_zh",
            "why_en",
            "source",
        ):
            assert row[column], (row["id"], column)
        assert row["confidence"] in ("A", "B", "C"), row["id"]


def test_derived_figures_follow_from_the_published_ones() -> None:
    value = {row["id"]: float(row["value"]) for row in rows_of_pack()}
    assert value["P02"] == pytest.approx(300e6 * 0.0899 / 1000 / 365, rel=1e-3)  # Nm3/yr to t/day
    assert value["P03"] == pytest.approx(value["P02"] / value["P01"], rel=2e-3)
    assert value["P04"] == pytest.approx(1000 / (4 * 365.25), rel=1e-2)  # 1 000 t in four years
    assert value["P13"] == pytest.approx(1680 / 106, rel=5e-3)  # MWh over calls
    assert value["P16"] == pytest.approx(6500 / 8000, rel=5e-3)  # t over MWh
    others = 112 + 73  # 临沂 and 济宁 of 40.7 % of the 689 stations of the province
    assert value["P09"] == pytest.approx(0.407 * 689 - others, abs=1.0)


def table(name: str) -> dict[str, dict[str, str]]:
    with (PACK / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_places_of_qingdao_are_the_ones_that_were_published() -> None:
    words = {row["id"]: row["measure_of"].split() for row in rows_of_pack()}
    assert "青岛服务区(G20)" in table("candidates")[words["P06"][0]]["name_zh"]
    berths = table("berths")
    assert {berths[key]["terminal"] for key in words["P11"][1:]} == {"QQCT"}
    large = {key for key, row in berths.items() if row["cargo"] == "container"}
    assert set(words["P13"][4:]) <= large
    used = [row for row in rows_of_pack() if row["measure"] == "sites_of_type"]
    kinds = {row["type"] for row in table("candidates").values()}
    assert all(set(row["measure_of"].split()) <= kinds for row in used)


def test_qingdao_is_read_and_shown(tmp_path: Path) -> None:
    text = (PACK / "published.csv").read_text(encoding="utf-8")
    study = make_study(tmp_path, **{**GOOD_LAYERS, "published": text})
    frame = checks(plan(published=layers.read(study).layers["published"]))
    assert frame["check"].tolist() == [row["id"] for row in rows_of_pack()]
    assert frame["published"].tolist() == [float(row["value"]) for row in rows_of_pack()]
    assert frame["ours"].isna().all()  # nothing of hydrogen, charging or ships is planned here
