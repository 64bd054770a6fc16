"""Configuration: every problem of every file at once, each as ``file: key: what (got …)``."""

import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siting import _config_files
from siting._config_schema import EngineeringFile, FacilityFile
from siting._config_study import ProfileFile, RulesFile, StudyFile
from siting.config import builtin_studies, keep_facilities, load_study, load_wording
from siting.criteria import criteria
from siting.errors import ConfigError, MissingFileError
from siting.facilities import engineering
from siting.model import Direction, Study
from siting.optimise import models
from tests.packs import OwnStudy, builtin, criterion, stated, to_toml, weigh

SCHEMAS = {
    "engineering": EngineeringFile,
    "studies": StudyFile,
    "facilities": FacilityFile,
    "profiles": ProfileFile,
    "rules": RulesFile,
}
FILES = [
    pytest.param(folder, path, id=f"{folder}/{path.name}")
    for folder in SCHEMAS
    for path in _config_files.builtin(folder).values()
]


def lines_of(study: str | Path, **options: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_study(study, **options)
    return str(caught.value).splitlines()


def only_line(own: OwnStudy) -> str:
    (line,) = lines_of(own.write())
    return line


@pytest.fixture
def own(tmp_path: Path) -> OwnStudy:
    return OwnStudy(tmp_path / "elsewhere")


# What comes with the program


@pytest.mark.parametrize(("folder", "path"), FILES)
def test_every_file_fits_its_schema(folder: str, path: Path) -> None:
    problems: list[Any] = []
    assert _config_files.read(path, SCHEMAS[folder], problems) is not None, problems
    assert problems == []


def test_there_is_a_file_of_every_sort() -> None:
    assert {param.values[0] for param in FILES} == set(SCHEMAS)


@pytest.mark.parametrize("name", builtin_studies())
def test_every_built_in_study_loads(name: str) -> None:
    study = load_study(name)
    assert study.name == name
    assert study.facilities
    for facility in study.facilities:
        assert math.isclose(sum(row.weight for row in facility.criteria), 1.0, abs_tol=1e-9)
        assert len(facility.criteria) >= 3
        assert facility.profile in study.profiles
        assert facility.demand_model in engineering()
        assert facility.model.kind in models()
        assert {row.measure for row in facility.criteria} <= set(criteria())
    assert all(Path(layer.path).is_file() for layer in study.layers.values())


def test_every_built_in_facility_and_profile_is_used() -> None:
    studies = [load_study(name) for name in builtin_studies()]
    used = {facility.key for study in studies for facility in study.facilities}
    driven = {key for study in studies for key in study.profiles}
    assert used == set(_config_files.builtin("facilities"))
    # The bus is for studies of one's own: turn restrictions that except buses, and their charging.
    assert driven | {"bus"} == set(_config_files.builtin("profiles"))


def test_qingdao_says_what_the_issue_asks() -> None:
    study = load_study("qingdao")
    assert study.crs == "EPSG:4549"
    assert [facility.key for facility in study.facilities] == [
        "hydrogen",
        "charging",
        "shore_power",
        "airport_power",
    ]
    assert set(study.profiles) == {"car", "heavy_truck", "hydrogen_trailer"}
    assert study.profiles["heavy_truck"].banned["hgv"] == ("no",)


def test_defaults_are_filled_in(own: OwnStudy) -> None:
    for key in ("access", "service_area", "solver", "seed", "sources", "crs"):
        del own.tables[key]
    study = load_study(own.write())
    assert study.crs == "auto"
    assert study.seed == 0
    assert study.access.max_distance_m > 0
    assert study.access.detour_ratio >= 1
    assert study.service_area_buffer_m > 0
    assert study.solver.time_limit_s > 0
    # A layer takes the study's defaults, a criterion its measure's direction and the demand's unit.
    assert study.layers["parks"].licence == own.tables["layer_defaults"]["licence"]
    first = study.facilities[0].criteria[0]
    assert (first.measure, first.unit) == ("demand_within_reach", "kg/day")
    assert first.direction is Direction.MAX


def test_a_layer_may_say_otherwise_than_the_defaults(own: OwnStudy) -> None:
    own.tables["layers"]["parks"] |= {"licence": "", "attribution": "city", "crs": "EPSG:4490"}
    parks = load_study(own.write()).layers["parks"]
    assert (parks.licence, parks.attribution, parks.crs) == ("", "city", "EPSG:4490")


def test_a_facility_may_turn_the_direction_of_a_criterion() -> None:
    rows = {row.key: row for row in load_study("qingdao").facilities[0].criteria}
    assert rows["expressway"].measure == rows["existing_gap"].measure
    assert rows["expressway"].direction is Direction.MIN
    assert rows["existing_gap"].direction is Direction.MAX


def test_wording_has_both_languages() -> None:
    words = load_wording()
    assert words
    assert all(label.zh and label.en for label in words.values())


# A study of one's own, elsewhere


def test_a_study_elsewhere_brings_its_own_facility_and_profile(
    own: OwnStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "parks.csv").write_text("id\n", encoding="utf-8")
    own.tables["layers"]["parks"]["file"] = "../data/parks.csv"
    own.kinds["hydrogen"]["profile"] = "profiles/van.toml"
    (own.folder / "profiles").mkdir()
    van = builtin("profiles", "car") | {"default_max_speed_kmh": 77}
    (own.folder / "profiles" / "van.toml").write_text(to_toml(van), encoding="utf-8")
    own.write()
    monkeypatch.chdir(tmp_path)
    study = load_study("elsewhere/study.toml")
    assert study.name == "study"
    assert study.facilities[0].profile == "profiles/van.toml"
    assert study.profiles["profiles/van.toml"].default_max_speed_kmh == 77
    parks = study.layers["parks"]
    # Resolved for the readers, and as written for the outputs.
    assert parks.path == str(tmp_path / "data" / "parks.csv")
    assert parks.reference == "../data/parks.csv"


def test_the_reference_of_an_absolute_path_names_no_folder(own: OwnStudy, tmp_path: Path) -> None:
    own.tables["layers"]["parks"]["file"] = str(tmp_path / "parks.csv")
    parks = load_study(own.write()).layers["parks"]
    assert (parks.path, parks.reference) == (str(tmp_path / "parks.csv"), "parks.csv")


def test_the_built_in_study_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study = load_study("qingdao")
    assert all(Path(layer.path).is_file() for layer in study.layers.values())


def test_a_path_that_looks_like_a_built_in_name_is_a_path(own: OwnStudy) -> None:
    own.tables["seed"] = 7
    own.write().rename(own.folder / "qingdao.toml")
    assert load_study(own.folder / "qingdao.toml").seed == 7


@pytest.mark.parametrize(
    "file",
    [
        "starter:../../x",
        "starter:../qingdao/parks.csv",
        "starter:qingdao/../../../pyproject.toml",
        "starter:/etc/passwd",
        "starter:qingdao//etc/passwd",
        "starter:qingdao/.hidden",
        "starter:qingdao\\parks.csv",
        "starter:qingdao",
        "starter:",
    ],
)
def test_a_starter_reference_cannot_leave_its_pack(own: OwnStudy, file: str) -> None:
    own.tables["layers"]["parks"]["file"] = file
    line = only_line(own)
    assert line.startswith("study.toml: layers.parks.file: not a file of an embedded pack")
    assert repr(file) in line
    assert "starter:<pack>/<file>" in line


# Which facilities


def test_the_filter_keeps_the_order_of_the_study() -> None:
    study = load_study("qingdao", facilities=["shore_power", "hydrogen"])
    assert [facility.key for facility in study.facilities] == ["hydrogen", "shore_power"]
    assert set(study.profiles) == {"heavy_truck", "hydrogen_trailer"}


def test_an_unknown_facility_is_told_with_the_known() -> None:
    (line,) = lines_of("qingdao", facilities=["hydrogn", "charging"])
    assert line == (
        "qingdao.toml: the study has no such facility (got hydrogn, expected one of hydrogen, "
        "charging, shore_power, airport_power). Check the spelling of --facility."
    )


def test_a_loaded_study_is_filtered_alike() -> None:
    study = load_study("qingdao")
    assert keep_facilities(study, ()) is not None
    assert [f.key for f in keep_facilities(study, ()).facilities] == [
        f.key for f in study.facilities
    ]
    kept = keep_facilities(study, ["charging"])
    assert [facility.key for facility in kept.facilities] == ["charging"]
    with pytest.raises(ConfigError, match="no such facility"):
        keep_facilities(study, ["petrol"])


# What can be wrong


def test_all_problems_of_all_files_come_at_once(own: OwnStudy) -> None:
    own.tables |= {"sede": 1, "edition": "2026-02-31"}
    del own.tables["title"]
    own.tables["access"]["detour_ratio"] = 0.5
    own.kinds["hydrogen"] |= {"colour": "blue", "service_minutes": "15"}
    own.tables["facilities"] += ["typo", "charging.toml"]
    own.kinds["charging"] = stated(builtin("facilities", "charging"))
    weigh(own.kinds["charging"], 0.5)
    own.kinds["charging"]["profile"] = "tank"
    lines = lines_of(own.write())
    assert lines == [
        "study.toml: title: missing. Add the key.",
        "study.toml: edition: not a day, such as 2026-11-23 (got '2026-02-31')",
        (
            "study.toml: access.detour_ratio: wrong value (got 0.5, expected greater than or equal to "
            "1)"
        ),
        "study.toml: sede: unknown key (got 1). Check the spelling, or remove it.",
        "hydrogen.toml: colour: string should match pattern '^#[0-9A-Fa-f]{6}$' (got 'blue')",
        "hydrogen.toml: service_minutes: wrong value (got '15', expected a valid number)",
        (
            "study.toml: facilities: unknown name (got 'typo', expected one of airport_power, "
            "charging, hydrogen, shore_power, or the path of a TOML file). Check the spelling; a path counts from the "
            "folder of the study."
        ),
        (
            "charging.toml: criteria: the weights do not sum to 1 (got 1.5, expected 1). "
            "Divide each weight by 1.5."
        ),
        (
            "charging.toml: profile: unknown name (got 'tank', expected one of bus, car, heavy_truck, "
            "hydrogen_trailer, or the path of a TOML file). Check the spelling; a path counts from "
            "the folder of the study."
        ),
    ]


Change = Callable[[dict[str, Any], dict[str, Any]], object]


def weight(value: float) -> Change:
    return lambda _study, kind: criterion(kind, "demand").update(weight=value)


def weigh_nothing(_study: dict[str, Any], kind: dict[str, Any]) -> None:
    for row in kind["criteria"]:
        row["weight"] = 0


def set_criterion(**keys: object) -> Change:
    return lambda _study, kind: criterion(kind, "expressway").update(keys)


def set_kind(table: str, **keys: object) -> Change:
    return lambda _study, kind: kind[table].update(keys)


ONE_PROBLEM: dict[str, tuple[Change, str]] = {
    "boolean for a number": (
        lambda _study, kind: kind.update(service_minutes=True),
        "hydrogen.toml: service_minutes: wrong value (got True, expected a valid number)",
    ),
    "boolean for a weight": (
        lambda _study, kind: criterion(kind, "demand").update(weight=True),
        "hydrogen.toml: criteria.demand.weight: wrong value (got True, expected a valid number)",
    ),
    "number for text": (
        lambda study, _kind: study.update(crs=4549),
        "study.toml: crs: wrong value (got 4549, expected a valid string)",
    ),
    "text for a list": (
        lambda study, _kind: study.update(facilities="hydrogen.toml"),
        "study.toml: facilities: wrong value (got 'hydrogen.toml', expected a valid list)",
    ),
    "no facilities": (
        lambda study, _kind: study.update(facilities=[]),
        (
            "study.toml: facilities: list should have at least 1 item after validation, not 0 "
            "(got [])"
        ),
    ),
    "another version": (
        lambda study, _kind: study.update(schema_version=2),
        "study.toml: schema_version: wrong value (got 2, expected 1)",
    ),
    "facility twice": (
        lambda study, _kind: study.update(facilities=["hydrogen.toml", "hydrogen"]),
        "study.toml: facilities: named twice (got 'hydrogen.toml' and 'hydrogen')",
    ),
    "facility without a name": (
        lambda study, _kind: study["facilities"].append("=cmd.toml"),
        "study.toml: facilities: not a name for a facility (got '=cmd.toml'",
    ),
    "facility not there": (
        lambda study, _kind: study["facilities"].append("gone.toml"),
        "study.toml: facilities: no such file (got 'gone.toml'",
    ),
    "facility outside the folder by name": (
        lambda study, _kind: study["facilities"].append("../profiles/car"),
        "study.toml: facilities: unknown name (got '../profiles/car'",
    ),
    "all weights zero": (
        weigh_nothing,
        (
            "hydrogen.toml: criteria: all weights are zero (expected weights that sum to 1). "
            "Give at least one criterion a weight."
        ),
    ),
    "weights beyond 1": (
        lambda _study, kind: weigh(kind, 0.1),
        (
            "hydrogen.toml: criteria: the weights do not sum to 1 (got 1.1, expected 1). "
            "Divide each weight by 1.1."
        ),
    ),
    "negative weight": (
        weight(-0.26),
        (
            "hydrogen.toml: criteria.demand.weight: wrong value (got -0.26, expected greater than or equal "
            "to 0)"
        ),
    ),
    "weight not a number": (
        weight(math.nan),
        "hydrogen.toml: criteria.demand.weight: wrong value (got nan, expected a finite number)",
    ),
    "infinite weight": (
        weight(math.inf),
        "hydrogen.toml: criteria.demand.weight: wrong value (got inf, expected a finite number)",
    ),
    "criterion twice": (
        set_criterion(key="demand"),
        "hydrogen.toml: criteria.demand: the key is used twice",
    ),
    "unknown criterion": (
        set_criterion(measure="travel_tme"),
        "hydrogen.toml: criteria.expressway: unknown criterion (got 'travel_tme', expected one of",
    ),
    "unknown parameter of a criterion": (
        set_criterion(params={"layer": "ports", "mins": 3}),
        (
            "hydrogen.toml: criteria.expressway.params: unknown parameter (got 'mins', expected one "
            "of layer, profile, where)"
        ),
    ),
    "parameter of a criterion missing": (
        set_criterion(params={}),
        "hydrogen.toml: criteria.expressway.params.layer: missing. Add the parameter.",
    ),
    "parameter of the wrong type": (
        set_criterion(params={"layer": 3}),
        (
            "hydrogen.toml: criteria.expressway.params.layer: wrong value (got 3, expected a valid "
            "string)"
        ),
    ),
    "values that are no list": (
        set_criterion(params={"layer": "energy", "where": {"type": "h2_station"}}),
        (
            "hydrogen.toml: criteria.expressway.params.where: 'str' instances are not allowed as a "
            "Sequence value"
        ),
    ),
    "boolean parameter": (
        lambda _study, kind: criterion(kind, "demand").update(params={"minutes": True}),
        (
            "hydrogen.toml: criteria.demand.params.minutes: wrong value (got True, expected a valid "
            "number)"
        ),
    ),
    "parameter not a number": (
        lambda _study, kind: criterion(kind, "demand").update(params={"minutes": math.nan}),
        (
            "hydrogen.toml: criteria.demand.params.minutes: not an amount (got nan, expected a finite "
            "number ≥ 0)"
        ),
    ),
    "negative parameter, deep inside": (
        lambda _study, kind: criterion(kind, "freight")["params"]["weights"].update(H=-3.0),
        "hydrogen.toml: criteria.freight.params.weights.H: not an amount (got -3",
    ),
    "unknown layer of a criterion": (
        set_criterion(params={"layer": "harbours"}),
        "hydrogen.toml: criteria.expressway.params: unknown layer (got 'harbours', expected one",
    ),
    "unknown column of a criterion's layer": (
        set_criterion(params={"layer": "energy", "where": {"typ": ["h2_station"]}}),
        "hydrogen.toml: criteria.expressway.params: unknown column of energy (got 'typ'",
    ),
    "unknown column of the candidates": (
        lambda _study, kind: criterion(kind, "colocation")["params"].update(column="sort"),
        "hydrogen.toml: criteria.colocation.params: unknown column of the candidates (got 'sort'",
    ),
    "unknown normalisation": (
        set_criterion(normalise={"kind": "cubic"}),
        "hydrogen.toml: criteria.expressway: unknown normalisation (got 'cubic', expected one of",
    ),
    "bounds not in order": (
        set_criterion(normalise={"kind": "linear", "low": 20, "high": 20.0}),
        (
            "hydrogen.toml: criteria.expressway: the bounds of the normalisation are not in order "
            "(got low = 20, high = 20, expected low < high)"
        ),
    ),
    "unknown rule": (
        lambda _study, kind: kind["rules"].append("on_water"),
        "hydrogen.toml: rules: unknown rule (got 'on_water', expected one of",
    ),
    "rule twice": (
        lambda _study, kind: kind["rules"].append("on_land"),
        "hydrogen.toml: rules.on_land: the key is used twice",
    ),
    "rule on a column the candidates lack": (
        lambda _study, kind: kind["rules"].append("berth_exempt"),
        "hydrogen.toml: rules.berth_exempt: unknown column of the candidates (got 'exempt'",
    ),
    "unknown location model": (
        set_kind("model", kind="pmedian"),
        "hydrogen.toml: model: unknown location model (got 'pmedian', expected one of budget,",
    ),
    "half a site": (
        set_kind("model", params={"sites": 4.5}),
        "hydrogen.toml: model.params.sites: wrong value (got 4.5, expected a valid integer)",
    ),
    "more than all of the coverage": (
        set_kind("model", params={"sites": 4, "score_tolerance_share": 1.5}),
        (
            "hydrogen.toml: model.params.score_tolerance_share: not an amount (got 1.5, expected a "
            "finite number ≥ 0 and ≤ 1)"
        ),
    ),
    "unknown demand model": (
        set_kind("demand", model="oil"),
        "hydrogen.toml: demand.model: unknown demand model (got 'oil'",
    ),
    "assumption missing": (
        lambda _study, kind: kind["assumptions"].pop("truck_share"),
        "hydrogen.toml: assumptions.truck_share: missing. Add the key.",
    ),
    "assumption below its range": (
        lambda _study, kind: kind["assumptions"]["hydrogen_demand"].update(low=8000.0),
        "hydrogen.toml: assumptions.hydrogen_demand: low ≤ value ≤ high does not hold",
    ),
    "negative assumption": (
        lambda _study, kind: kind["assumptions"]["hydrogen_demand"].update(low=-500.0),
        "hydrogen.toml: assumptions.hydrogen_demand.low: wrong value (got -500.0",
    ),
    "share above 1": (
        lambda _study, kind: kind["assumptions"]["truck_share"].update(high=1.2),
        "hydrogen.toml: assumptions.truck_share: a share is at most 1 (1.2)",
    ),
    "table missing": (
        lambda _study, kind: kind["tables"].pop("truck_split"),
        "hydrogen.toml: tables.truck_split: missing. Add the key.",
    ),
    "unknown profile": (
        lambda _study, kind: kind.update(profile="tank"),
        "hydrogen.toml: profile: unknown name (got 'tank', expected one of bus, car, heavy_truck",
    ),
    "profile not there": (
        lambda _study, kind: criterion(kind, "supply")["params"].update(profile="gone.toml"),
        "hydrogen.toml: criteria.supply.params.profile: no such file (got 'gone.toml'",
    ),
    "unknown layer of the study": (
        lambda study, _kind: study["layers"].update(harbours={"file": "x.csv"}),
        "study.toml: layers.harbours: unknown layer (got 'harbours', expected one of",
    ),
    "unknown column of a layer": (
        lambda study, _kind: study["layers"]["parks"].update(columns={"nom": "x"}),
        "study.toml: layers.parks.columns: unknown column (got 'nom', expected one of",
    ),
    "layer without a file": (
        lambda study, _kind: study["layers"]["parks"].update(file=""),
        "study.toml: layers.parks.file: string should have at least 1 character (got '')",
    ),
    "no roads": (
        lambda study, _kind: study["layers"].pop("road_edges"),
        "study.toml: layers: no layer road_edges. Distances are measured along roads: add the",
    ),
    "layer that a rule needs": (
        lambda study, _kind: study["layers"].pop("coastline"),
        "hydrogen.toml: rules.coast_setback: the study has no layer coastline. Add the layer",
    ),
    "candidates from an unknown layer": (
        set_kind("candidates", layer="places"),
        "hydrogen.toml: candidates: unknown layer (got 'places'",
    ),
    "unknown flag of the candidates": (
        set_kind("candidates", flags=["suits_h2"]),
        "hydrogen.toml: candidates: unknown column of candidates (got 'suits_h2'",
    ),
    "existing facilities without capacity": (
        set_kind("existing", layer="parks", where={}),
        "hydrogen.toml: existing: unknown column of parks (got 'capacity'",
    ),
}


@pytest.mark.parametrize(("change", "start"), ONE_PROBLEM.values(), ids=ONE_PROBLEM)
def test_one_mistake_is_one_line(own: OwnStudy, change: Change, start: str) -> None:
    change(own.tables, own.kinds["hydrogen"])
    assert only_line(own).startswith(start)


def test_candidates_are_points(own: OwnStudy) -> None:
    kind = own.kinds["hydrogen"]
    kind["candidates"] = {"layer": "districts", "type": "name_zh"}
    kind["rules"] = []
    kind["criteria"] = [criterion(kind, "demand") | {"weight": 1.0}]
    assert only_line(own).startswith(
        "hydrogen.toml: candidates.layer: not a layer of points (got districts)"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"title = ", ["not a readable TOML file", "end of document"]),
        (b"a = 1\na = 2\n", ["not a readable TOML file", "line 2"]),
        ("title = '青岛'".encode("gb18030"), ["not a readable TOML file", "utf-8", "UTF-8"]),
    ],
    ids=["broken", "key twice", "not UTF-8"],
)
def test_a_file_that_is_no_toml(own: OwnStudy, content: bytes, words: list[str]) -> None:
    study = own.write()
    for name in ("study.toml", "hydrogen.toml"):
        own.write()
        (own.folder / name).write_bytes(content)
        (line,) = lines_of(study)
        assert line.startswith(f"{name}: ")
        assert all(word in line for word in words)


def test_a_byte_order_mark_is_no_mistake(own: OwnStudy) -> None:
    study = own.write()
    study.write_bytes(b"\xef\xbb\xbf" + study.read_bytes())
    assert load_study(study).name == "study"


@pytest.mark.parametrize("name", ["beijing", "gone/study.toml", ""])
def test_a_study_that_is_not_there(name: str) -> None:
    with pytest.raises(MissingFileError) as caught:
        load_study(name)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"study {name}")
    assert "neither a built-in study nor a file" in line
    assert "qingdao" in line


def test_a_folder_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="neither a built-in study nor a file"):
        load_study(tmp_path)


def test_wrong_rules_are_told_by_their_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = _config_files.root()
    for folder in SCHEMAS:
        (tmp_path / folder).mkdir()
        for path in (root / folder).glob("*.toml"):
            (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    rules = tomllib.loads((tmp_path / "rules" / "china.toml").read_text(encoding="utf-8"))
    rules["on_land"]["kind"] = "within"
    rules["minimum_land"]["params"]["minimum"] = math.inf
    rules["coast_setback"]["params"]["clearence_m"] = 5.0
    rules["protected_area"]["verified"] = "no"
    (tmp_path / "rules" / "china.toml").write_text(to_toml(rules), encoding="utf-8")
    more = {"schema_version": 1, "road_access": rules["road_access"]}
    (tmp_path / "rules" / "more.toml").write_text(to_toml(more), encoding="utf-8")
    monkeypatch.setattr("siting._config_files.root", lambda: tmp_path)
    lines = lines_of("qingdao")
    assert lines[0] == (
        "china.toml: protected_area.verified: wrong value (got 'no', expected a valid boolean)"
    )
    del rules["protected_area"]["verified"]
    rules["protected_area"]["verified"] = False
    (tmp_path / "rules" / "china.toml").write_text(to_toml(rules), encoding="utf-8")
    lines = lines_of("qingdao")
    assert [line.split(" (")[0] for line in lines] == [
        "china.toml: on_land: unknown rule kind",
        "china.toml: coast_setback.params: unknown parameter",
        "china.toml: minimum_land.params.minimum: not an amount",
        "more.toml: road_access: the rule is defined twice. Rename one of them.",
    ]


def test_text_from_a_file_stays_on_one_line(own: OwnStudy) -> None:
    own.tables["se\nde"] = "x\x1b[31m\ny" * 200
    line = only_line(own)
    assert line.isprintable()
    assert len(line) <= 600


def test_studies_are_equal_when_their_files_are(own: OwnStudy) -> None:
    path = own.write()
    first, second = load_study(path), load_study(path)
    assert isinstance(first, Study)
    assert first == second
