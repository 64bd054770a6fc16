"""Targets held against a small plan whose figures are known by hand, and Qingdao's own targets."""

import csv
import math
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

import layers
from siting._measures import MEASURES
from siting._scorecard import scorecard
from siting.errors import InputError
from siting.frames import RESULT_FRAMES
from tests.builders import GOOD_LAYERS, make_study
from tests.sample import NASTY_NAMES, sample_result
from tests.target_rows import PLANT, layer, plan

PACK = files("layers") / "starter" / "qingdao"
STATUSES = {"reached", "partly", "missed", "passed", "not_measurable", "context"}


def score(**row: object) -> "pd.Series[object]":
    frame = scorecard(plan(targets=layer("targets", {"facility": PLANT, **row})))
    assert tuple(frame.columns) == RESULT_FRAMES["scorecard"]
    (found,) = frame.to_dict("records")
    return pd.Series(found)


def reached(measure: str, words: str = "", factor: float = math.nan) -> float:
    row = score(measure=measure, measure_of=words, measure_factor=factor, value=1.0)
    return float(row["reached"])


@pytest.mark.parametrize(
    ("measure", "words", "figure"),
    [
        ("stations", "", 5.0),  # three new ones and the two stations of the layer
        ("sites_of_type", "gate", 2.0),
        ("sites_of_type", "gate park", 4.0),
        ("sites_of_type", "pier", 0.0),
        ("sites_among", "C1 C3 C9", 2.0),
        ("sites_with", "slow", 1.0),  # C3 has none of them
        ("sites_with", "slow fast", 2.0),
        ("quantity", "fast", 6.0),
        ("quantity", "fast slow", 14.0),
        ("quantity", "swap", math.nan),
        ("demand", "", 200.0),
        ("demand", "high", 400.0),
        ("demand_at", "low B2", 40.0),
        ("demand_at", "high B1 B2", 400.0),
        ("demand_per", "base berths calls_per_year share B1 B2", 200.0 / (50.0 * 0.5)),
        ("demand_per", "base berths calls_per_year share B2", 80.0 / (30.0 * 0.5)),
        ("demand_per", "base piers calls_per_year share B2", math.nan),
        ("demand_per", "base berths calls_per_year unknown B2", math.nan),
        ("served", "", 150.0),
        ("served_share", "", 0.75),
        ("served_per_station", "", 30.0),
        ("utilisation", "", 0.75),
        ("capex_per_capacity", "", 0.2),
        ("output", "", 4e4),
        ("output", "high", 8e4),
        ("output", "low", math.nan),
        ("levelised_cost", "", 30.0),
        ("capex", "", math.nan),
        ("net_per_output", "CO2", 8.0 / 4e4),
        ("net_per_output", "CO2 high", math.nan),
        ("net_per_output", "SO2", math.nan),
        ("places_in_service", "", 0.5),
        ("places_in_area", "K1 K2 K3", 2.0),
        ("places_in_area", "K3 K4", 0.0),  # K4 lies in the area of another type
        ("places_in_area", "K9", math.nan),
    ],
)
def test_figures_by_hand(measure: str, words: str, figure: float) -> None:
    assert reached(measure, words) == pytest.approx(figure, nan_ok=True)
    if not math.isnan(figure):
        assert reached(measure, words, 0.25) == pytest.approx(figure / 4)


def test_every_measure_has_its_figure_by_hand() -> None:
    (mark,) = (m for m in test_figures_by_hand.pytestmark if m.name == "parametrize")
    assert {measure for measure, *_ in mark.args[1]} == set(MEASURES)


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"measure": "stations", "value": 5.0}, "reached"),
        ({"measure": "stations", "value": 6.0}, "partly"),
        ({"measure": "sites_of_type", "measure_of": "pier", "value": 1.0}, "missed"),
        ({"measure": "stations", "value": 6.0, "now_value": 6.0}, "passed"),
        ({"measure": "stations", "value": 6.0, "now_value": 5.9}, "partly"),
        ({"measure": "stations"}, "not_measurable"),
        ({"measure": "capex", "value": 6.0}, "not_measurable"),
        ({"value": 6.0}, "not_measurable"),
        ({"facility": "", "value": 6.0}, "context"),
        ({"facility": "", "value": 6.0, "now_value": 7.0}, "passed"),
        ({"facility": "", "value": 6.0, "now_value": 5.0}, "context"),
        ({"measure": "stations", "value": 6.0, "better": "min"}, "reached"),
        ({"measure": "stations", "value": 4.0, "better": "min"}, "missed"),
        ({"facility": "", "value": 30.0, "now_value": 28.0, "better": "min"}, "passed"),
        ({"facility": "", "value": 30.0, "now_value": 31.0, "better": "min"}, "context"),
        ({"measure": "stations", "facility": "elsewhere", "value": 1.0}, "not_measurable"),
    ],
)
def test_status_of_a_target(row: dict[str, object], status: str) -> None:
    assert score(**row)["status"] == status


def test_a_figure_is_told_even_without_a_number_to_reach() -> None:
    assert score(measure="stations")["reached"] == 5.0


def test_the_row_says_in_its_own_words_how() -> None:
    told = score(measure="stations", value=6.0, how_zh="甲", how_en="so")
    assert (told["how_zh"], told["how_en"]) == ("甲", "so")
    usual = score(measure="stations", value=6.0)
    assert usual["how_zh"]
    assert usual["how_en"]


def test_a_type_that_is_not_planned_is_told_as_such() -> None:
    row = score(measure="stations", facility="elsewhere", value=1.0, how_en="counted")
    assert math.isnan(row["reached"])
    assert "not planned" in row["how_en"]


def test_text_of_a_target_stays_text() -> None:
    for name in NASTY_NAMES:
        row = score(name_zh=name, how_en=name, unit=name, measure_of=name, measure="sites_among")
        assert row["name_zh"] == name
        assert row["how_en"] == name
        assert row["unit"] == name


def test_an_unknown_measure_is_one_line_naming_the_row() -> None:
    with pytest.raises(InputError) as refused:
        score(measure="beauty", value=1.0)
    (problem,) = refused.value.problems
    assert problem.where == "targets, row G1"
    assert "beauty" in str(problem)
    assert "stations" in problem.expected


def test_all_unknown_measures_are_told_at_once() -> None:
    rows = [{"facility": PLANT, "measure": name} for name in ("beauty", "stations", "truth")]
    with pytest.raises(InputError) as refused:
        scorecard(plan(targets=layer("targets", *rows)))
    assert [p.where for p in refused.value.problems] == ["targets, row G1", "targets, row G3"]


def test_a_city_without_targets_has_no_scorecard() -> None:
    frame = scorecard(replace(sample_result(), layers={}))
    assert not len(frame)
    assert tuple(frame.columns) == RESULT_FRAMES["scorecard"]


def test_targets_keep_their_order_and_origin() -> None:
    rows = [{"id": "G9", "origin": "external"}, {"id": "G2", "origin": "action_plan"}]
    frame = scorecard(plan(targets=layer("targets", *rows)))
    assert frame["target_id"].tolist() == ["G9", "G2"]
    assert frame["origin"].tolist() == ["external", "action_plan"]


def test_without_a_layer_of_stations_in_service_the_sites_count() -> None:
    whole = plan(targets=layer("targets", {"measure": "stations", "facility": PLANT}))
    left = {name: frame for name, frame in whole.layers.items() if name != "energy"}
    (found,) = scorecard(replace(whole, layers=left))["reached"]
    assert found == 4.0


# --- Qingdao's own targets --------------------------------------------------------------------


def rows_of_pack() -> list[dict[str, str]]:
    with (PACK / "targets.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_qingdao_asks_only_for_measures_there_are() -> None:
    asked = {row["measure"] for row in rows_of_pack()} - {""}
    assert asked <= set(MEASURES)
    assert all(row["facility"] for row in rows_of_pack() if row["measure"])


def test_qingdao_says_in_both_languages_how_each_is_measured() -> None:
    for row in rows_of_pack():
        if row["facility"]:
            assert row["how_zh"], row["id"]
            assert row["how_en"], row["id"]
        assert bool(row["how_zh"]) == bool(row["how_en"]), row["id"]


def test_qingdao_names_every_place_it_counts() -> None:
    with (PACK / "parks.csv").open(encoding="utf-8", newline="") as file:
        items = {row["id"]: row["plan_item"].split(",") for row in csv.DictReader(file)}
    for row in rows_of_pack():
        if row["measure"] != "places_in_area":
            continue
        for place in row["measure_of"].split():
            # Item 67 names Xinhe; the pack has its base under item 24.
            named = items[place] + (["67"] if place == "K30" else [])
            assert row["plan_item"] in named, (row["id"], place)


def test_of_qingdao_only_the_hydrogen_plan_is_external() -> None:
    external = [row for row in rows_of_pack() if row["origin"] == "external"]
    assert [row["id"] for row in external] == ["G42", "G43", "G44"]
    assert {row["facility"] for row in external} == {"hydrogen"}
    assert all(row["plan_item"] for row in rows_of_pack() if row["origin"] == "action_plan")


def test_qingdao_has_passed_what_it_had_passed_before() -> None:
    # Figures of 2023 and 2024 in the pack: trains, cargo, containers, clean vehicles.
    rows = [
        {
            "id": row["id"],
            "value": float(row["value"] or "nan"),
            "now_value": float(row["now_value"] or "nan"),
            "better": row["better"],
        }
        for row in rows_of_pack()
    ]
    frame = scorecard(plan(targets=layer("targets", *rows)))
    passed = frame.loc[frame["status"] == "passed", "target_id"]
    assert passed.tolist() == ["G12", "G17", "G18", "G37"]


def test_factors_of_qingdao_follow_from_the_figures_they_name() -> None:
    factors = {r["id"]: float(r["measure_factor"]) for r in rows_of_pack() if r["measure_factor"]}
    kg_per_nm3, nm3_per_year = 0.0899, 300e6  # 300 M Nm3 = 26 970 t
    kg_per_day = nm3_per_year * kg_per_nm3 / 365
    assert factors["G43"] == pytest.approx(8000 / kg_per_day, rel=1e-4)
    assert factors["G44"] == pytest.approx(1 / kg_per_nm3 / 1e4, rel=1e-4)


def test_qingdao_is_read_and_scored(tmp_path: Path) -> None:
    text = (PACK / "targets.csv").read_text(encoding="utf-8")
    read = layers.read(make_study(tmp_path, **{**GOOD_LAYERS, "targets": text})).layers["targets"]
    frame = scorecard(plan(targets=read))
    assert len(frame) == len(rows_of_pack())
    assert set(frame["status"]) <= STATUSES
    # Nothing of hydrogen, charging or ships is planned here, and the reader is told so.
    asked = frame["target_id"].isin([row["id"] for row in rows_of_pack() if row["facility"]])
    assert set(frame.loc[asked, "status"]) == {"not_measurable"}
    assert frame.loc[asked, "how_en"].str.contains("not planned").all()
