"""Bad input, end to end: exit 1, a line that says what, where, got, expected and how to mend; no file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from siting import cli
from tests.packs import OwnStudy, criterion, weigh

Damage = Callable[[OwnStudy], object]


def ask(*arguments: str) -> tuple[int, str, list[str]]:
    answer = CliRunner().invoke(cli.main, list(arguments))
    return answer.exit_code, answer.stdout, answer.stderr.splitlines()


def refuse(study: Path, *words: Sequence[str]) -> None:
    """Demand of ``run`` and ``check`` a line for each of the words, exit 1 and no file."""
    before = sorted(study.parent.parent.rglob("*"))
    out = study.parent.parent / "out"
    for command in (["check"], ["run", "--out", str(out)]):
        code, stdout, lines = ask(command[0], str(study), *command[1:])
        assert (code, stdout) == (1, "")
        assert len(lines) == len(words), lines
        for line, wanted in zip(lines, words, strict=True):
            assert line.startswith("error: ")
            assert [word for word in wanted if word not in line] == [], line
    assert sorted(study.parent.parent.rglob("*")) == before


@pytest.fixture
def own(tmp_path: Path) -> OwnStudy:
    return OwnStudy(tmp_path / "study", ["shore_power"])


@pytest.fixture
def hydrogen(tmp_path: Path) -> OwnStudy:
    return OwnStudy(tmp_path / "study", ["hydrogen"])


def test_the_copy_itself_is_good(own: OwnStudy) -> None:
    for kind in ("berths", "townships", "road_edges"):
        own.bring_rows(kind, own.rows(kind))
    for kind in ("districts", "land"):
        own.bring_shapes(kind, own.shapes(kind))
    code, stdout, lines = ask("check", str(own.write()))
    assert (code, lines) == (0, [])
    assert stdout.endswith("no problem found; working CRS EPSG:4549\n")


# One mistake in the files, one line


def update(*path: str, **keys: Any) -> Damage:
    """Change keys of a table of the study."""

    def damage(own: OwnStudy) -> None:
        table = own.tables
        for part in path:
            table = table[part]
        table.update(keys)

    return damage


def cell(kind: str, row: str, **cells: str) -> Damage:
    return lambda own: own.bring_change(kind, row, **cells)


def first_rows(kind: str, count: int, **cells: str) -> Damage:
    """Change cells of so many rows that they are no slip: more than 5 %."""

    def damage(own: OwnStudy) -> None:
        rows = own.rows(kind)
        own.bring_rows(kind, [row | cells for row in rows[:count]] + rows[count:])

    return damage


def text(kind: str, name: str, content: str) -> Damage:
    return lambda own: own.bring_text(kind, name, content)


def first_shape(kind: str, **keys: object) -> Damage:
    def damage(own: OwnStudy) -> None:
        shapes = own.shapes(kind)
        shapes["features"][0].update(keys)
        own.bring_shapes(kind, shapes)

    return damage


def header_only(own: OwnStudy) -> None:
    own.bring_rows("parks", [])


def no_shapes(own: OwnStudy) -> None:
    own.bring_shapes("land", {"type": "FeatureCollection", "features": []})


def twice(own: OwnStudy) -> None:
    rows = own.rows("townships")
    own.bring_rows("townships", [*rows, rows[3] | {"pop_2020": "1"}])


def without_column(own: OwnStudy) -> None:
    lines = ("id,name_zh,name_en,district,lon,lat", "T1,a,b,c,120.3,36.1")
    own.bring_text("townships", "townships.csv", "\n".join(lines))


def weight(value: float) -> Damage:
    return lambda own: own.kinds["shore_power"]["criteria"][0].update(weight=value)


def weigh_nothing(own: OwnStudy) -> None:
    for row in own.kinds["shore_power"]["criteria"]:
        row["weight"] = 0


LINE = {"type": "Polygon", "coordinates": [[[120.1, 36.1], [120.2, 36.2], [120.1, 36.1]]]}

MISTAKES: dict[str, tuple[Damage, list[str]]] = {
    # TOML
    "unknown key": (
        update(approach={"speed_kmh": 20}),
        ["study.toml: approach: unknown key", "got {'speed_kmh': 20}", "Check the spelling"],
    ),
    "wrong type": (
        update("access", speed_kmh="fast"),
        ["study.toml: access.speed_kmh: wrong value", "got 'fast'", "expected a valid number"],
    ),
    "boolean number": (
        update("access", speed_kmh=True),
        ["study.toml: access.speed_kmh: wrong value", "got True", "expected a valid number"],
    ),
    "weights beyond 1": (
        lambda own: weigh(own.kinds["shore_power"], 0.5),
        [
            "shore_power.toml: criteria: the weights do not sum to 1",
            "got 1.5",
            "expected 1",
            "Div",
        ],
    ),
    "weights all zero": (
        weigh_nothing,
        ["shore_power.toml: criteria: all weights are zero", "sum to 1", "Give at least one"],
    ),
    "negative weight": (
        weight(-0.3),
        ["shore_power.toml: criteria.energy.weight", "got -0.3", "greater than or equal to 0"],
    ),
    "weight not a number": (
        weight(float("nan")),
        ["shore_power.toml: criteria.energy.weight", "got nan", "expected a finite number"],
    ),
    # Files
    "missing file": (
        update("layers", "parks", file="gone.csv"),
        ["layer parks (gone.csv): file not found", "expected a file", "Check the path"],
    ),
    "folder for a file": (
        update("layers", "parks", file="."),
        ["layer parks (.): not a file but a directory", "Name the file inside it"],
    ),
    "no bytes": (
        text("parks", "parks.csv", ""),
        ["layer parks (parks.csv): file is empty", "got 0 bytes", "Copy or download it again"],
    ),
    "no rows": (
        header_only,
        ["layer parks (parks.csv): layer has no rows", "at least one row", "Fill the file"],
    ),
    "no shapes": (
        no_shapes,
        ["layer land (land.geojson): layer has no rows", "at least one row", "Fill the file"],
    ),
    "column missing": (
        without_column,
        ["layer townships (townships.csv)", "no column for population", "got 'pop_2020'"],
    ),
    # Coordinate systems
    "no CRS": (
        lambda own: (
            own.bring_rows("parks", own.rows("parks")),
            own.tables["layer_defaults"].pop("crs"),
            [row.setdefault("crs", "EPSG:4326") for row in own.tables["layers"].values()],
            own.tables["layers"]["parks"].pop("crs"),
        ),
        ["layer parks (parks.csv): coordinate system missing", 'add crs = "EPSG:4326"'],
    ),
    "unknown CRS": (
        update("layers", "parks", crs="EPSG:999999"),
        ["layer parks", "unknown coordinate system", "got 'EPSG:999999'", "such as EPSG:4549"],
    ),
    "CRS that cannot be": (
        update("layers", "parks", crs="EPSG:4549"),
        [
            "layer parks",
            "coordinates out of range for EPSG:4549",
            "got 75 rows",
            "Check the coord",
        ],
    ),
    "CRS against the file's own": (
        update("layers", "land", crs="EPSG:4549"),
        ["layer land", "different coordinate systems", "got EPSG:4326 in the file, EPSG:4549"],
    ),
    "working CRS in degrees": (
        update(crs="EPSG:4326"),
        ["study: crs: coordinate system is not projected", "got EPSG:4326", "Take EPSG:4549"],
    ),
    "working CRS for pictures": (
        update(crs="EPSG:3857"),
        ["study: crs: Web Mercator is for pictures", "got EPSG:3857", "Take EPSG:4549"],
    ),
    "working CRS of another place": (
        update(crs="EPSG:32633"),
        ["study: crs: coordinate system does not fit the study", "Take EPSG:4549"],
    ),
    # Places
    "swapped lon and lat": (
        cell("parks", "K05", lon="36.10", lat="120.30"),
        ["layer parks", "lon and lat (x and y) are swapped", "got 1 row: K05", "Exchange them"],
    ),
    "places on another continent": (
        first_rows("parks", 4, lon="2.35", lat="48.86"),
        ["layer parks", "far from the rest of the study", "got 4 rows: K01, K02, K03, K04"],
    ),
    "no places": (
        first_rows("parks", 4, lon="", lat=""),
        ["layer parks", "geometry missing or unreadable (null)", "got 4 rows: K01, K02, K03, K04"],
    ),
    "null geometry": (
        first_shape("land", geometry=None),
        ["layer land", "geometry missing or unreadable (null)", "expected a place in every row"],
    ),
    "empty geometry": (
        first_shape("land", geometry={"type": "Polygon", "coordinates": []}),
        ["layer land", "geometry is empty", "expected a shape with coordinates"],
    ),
    "polygon without area": (
        first_shape("land", geometry=LINE),
        ["layer land", "invalid geometry", "polygons with an area", "Draw these again"],
    ),
    "line for a polygon": (
        first_shape(
            "land", geometry={"type": "LineString", "coordinates": [[120.1, 36.1], [120.2, 36.2]]}
        ),
        ["layer land", "wrong geometry type LineString", "expected Polygon"],
    ),
    # Cells
    "NaN": (
        cell("townships", "T370202_01", pop_2020="NaN"),
        ["layer townships", "population (pop_2020 in the file)", "'NaN'", "T370202_01", "digits"],
    ),
    "infinite": (
        cell("townships", "T370202_01", pop_2020="inf"),
        ["layer townships", "population", "not a finite number", "T370202_01"],
    ),
    "negative": (
        cell("townships", "T370202_01", pop_2020="-5"),
        ["layer townships", "population", "too small: '-5'", "T370202_01", "at least 0 persons"],
    ),
    "not filled": (
        cell("berths", "B01", calls_per_year=""),
        ["layer berths", "calls_per_year", "not filled", "got 1 row: B01", "a value in every row"],
    ),
    "unknown choice": (
        cell("berths", "B01", exempt="perhaps"),
        ["layer berths", "exempt", "unknown value: 'perhaps'", "B01", "expected yes or no"],
    ),
    "id twice": (
        twice,
        ["layer townships", "column id", "repeated", "got 1 id: T370202_04", "every id once"],
    ),
    "road to nowhere": (
        cell("road_edges", "E0001", to_id="NOWHERE"),
        ["layer road_edges", "to_id", "no such node in road_nodes", "'NOWHERE'", "E0001"],
    ),
    "road shorter than drawn": (
        cell("road_edges", "E0001", length_km="0.5"),
        ["layer road_edges", "length_km", "shorter than its geometry", "E0001", "Mend length_km"],
    ),
}


@pytest.mark.parametrize(("damage", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line(own: OwnStudy, damage: Damage, words: list[str]) -> None:
    damage(own)
    refuse(own.write(), words)


def test_a_cargo_without_figures_is_told_for_every_table(own: OwnStudy) -> None:
    own.bring_change("berths", "B20", cargo="bananas")
    refuse(
        own.write(),
        ["facility shore_power, [tables.high_voltage_kv]", "got B20: bananas", "add the class"],
        ["facility shore_power, [tables.share_60hz]", "got B20: bananas", "add the class"],
    )


def test_mistakes_in_several_files_come_at_once(own: OwnStudy) -> None:
    update("access", speed_kmh=-1)(own)
    update("layers", "parks", columns={"nom": "x"})(own)
    weigh(own.kinds["shore_power"], 0.5)
    refuse(
        own.write(),
        ["study.toml: access.speed_kmh", "got -1", "greater than 0"],
        ["shore_power.toml: criteria: the weights do not sum to 1"],
    )
    update("access", speed_kmh=20)(own)
    refuse(
        own.write(),
        ["shore_power.toml: criteria: the weights do not sum to 1"],
        ["study.toml: layers.parks.columns: unknown column", "got 'nom'"],
    )


def test_mistakes_in_several_layers_come_at_once(own: OwnStudy) -> None:
    cell("parks", "K05", lon="36.10", lat="120.30")(own)
    cell("townships", "T370202_01", pop_2020="-5")(own)
    first_shape("land", geometry=None)(own)
    own.tables["layers"]["ports"]["file"] = "gone.csv"
    study = own.write()
    code, _, lines = ask("check", str(study))
    assert code == 1
    assert sorted(line.split()[2] for line in lines) == ["land", "parks", "ports", "townships"]


# What does not hang together


def test_more_sites_than_candidates(hydrogen: OwnStudy) -> None:
    hydrogen.kinds["hydrogen"]["model"]["params"]["sites"] = 400
    refuse(
        hydrogen.write(),
        [
            "facility hydrogen, sized, sites: more sites asked than candidates are left",
            "got 400",
            "expected 1 to 1",
            "Lower [model.params] sites",
        ],
    )


@pytest.mark.parametrize("sites", [0, -3])
def test_no_sites_at_all(hydrogen: OwnStudy, sites: int) -> None:
    hydrogen.kinds["hydrogen"]["model"]["params"]["sites"] = sites
    refuse(hydrogen.write(), ["sites", f"got {sites}"])


def test_a_candidate_and_demand_that_reach_no_road(hydrogen: OwnStudy) -> None:
    # Far out in the Yellow Sea.
    hydrogen.bring_change("candidates", "C085", lon="121.000", lat="35.600")
    hydrogen.bring_change("townships", "T370202_01", lon="121.000", lat="35.700")
    hydrogen.bring_change("townships", "T370202_02", lon="121.050", lat="35.700")
    refuse(
        hydrogen.write(),
        [
            "facility hydrogen, candidates: 1 of 181 places reach no road",
            "got C085; the farthest",
            "expected at most 3000 m",
            "raise access.max_distance_m",
        ],
        [
            "facility hydrogen, demand: 2 of ",
            "T370202_01, T370202_02; the farthest",
            "expected at most 3000 m",
        ],
    )


def test_a_road_graph_in_two_parts(hydrogen: OwnStudy) -> None:
    # Without what crosses 36.5 N, Pingdu and Laixi are cut off.
    north = {row["id"] for row in hydrogen.rows("road_nodes") if float(row["lat"]) > 36.5}
    edges = hydrogen.rows("road_edges")
    kept = [row for row in edges if (row["from_id"] in north) == (row["to_id"] in north)]
    assert 500 < len(kept) < len(edges)
    hydrogen.bring_rows("road_edges", kept)
    refuse(
        hydrogen.write(),
        [
            "road_edges: the road graph falls into ",
            "parts",
            "of the nodes; outside it e.g. ",
            "expected one part with at least 95%",
            "Join the parts",
        ],
    )


def test_a_profile_that_may_drive_nowhere(hydrogen: OwnStudy) -> None:
    banned = sorted({row["highway"] for row in hydrogen.rows("road_edges")})
    tables = f"""
schema_version = 1
label = {{ zh = "无", en = "none" }}
source = "test"
confidence = "C"
default_max_speed_kmh = 50
banned = {{ highway = {banned} }}
"""
    (hydrogen.folder / "nowhere.toml").write_text(tables, encoding="utf-8")
    hydrogen.kinds["hydrogen"]["profile"] = "nowhere.toml"
    refuse(hydrogen.write(), ["profile nowhere.toml: no road is open to this vehicle", "[banned]"])


def test_every_candidate_excluded(hydrogen: OwnStudy) -> None:
    rows = [row | {"land_m2_est": "10"} for row in hydrogen.rows("candidates")]
    hydrogen.bring_rows("candidates", rows)
    hydrogen.tables["roles"] = {}
    refuse(
        hydrogen.write(),
        [
            "facility hydrogen: no candidate is left to choose from",
            "got 181 of 181 excluded by rules",
            "expected at least one",
            "Bring more candidates",
        ],
    )


def test_a_criterion_that_is_known_nowhere_is_named(hydrogen: OwnStudy) -> None:
    gap = criterion(hydrogen.kinds["hydrogen"], "existing_gap")
    gap["params"]["where"] = {"type": ["no_such_type"]}
    hydrogen.tables["roles"] = {}
    refuse(
        hydrogen.write(),
        ["facility hydrogen: no candidate is left", "for none is known: existing_gap"],
    )


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"tram": {"required": ["C001"]}}, ["roles.tram", "no such facility", "one of hydrogen"]),
        ({"hydrogen": {"required": ["Z99"]}}, ["1 sites are no candidates", "got Z99"]),
        (
            {"hydrogen": {"required": ["C001"], "forbidden": ["C001"]}},
            ["roles.hydrogen", "named more than once: C001"],
        ),
    ],
    ids=["no such type", "no such site", "two roles"],
)
def test_decided_sites_that_make_no_sense(
    hydrogen: OwnStudy, roles: dict[str, dict[str, object]], words: list[str]
) -> None:
    hydrogen.tables["roles"] = {
        key: {**row, "source": "a press note", "confidence": "C"} for key, row in roles.items()
    }
    refuse(hydrogen.write(), words)


def test_no_row_is_a_candidate(hydrogen: OwnStudy) -> None:
    hydrogen.kinds["hydrogen"]["candidates"]["where"] = {"type": ["petrol_station"]}
    refuse(hydrogen.write(), ["facility hydrogen, layer candidates: no row is a candidate"])


def test_the_problems_of_all_facilities_come_at_once(tmp_path: Path) -> None:
    own = OwnStudy(tmp_path / "study", ["hydrogen", "shore_power"])
    own.kinds["hydrogen"]["model"]["params"]["sites"] = 400
    own.bring_change("berths", "B20", cargo="bananas")
    refuse(
        own.write(),
        ["facility hydrogen, sized, sites", "got 400"],
        ["facility shore_power, [tables.high_voltage_kv]", "got B20: bananas"],
        ["facility shore_power, [tables.share_60hz]", "got B20: bananas"],
    )


# The folder for the outputs


def test_the_folder_is_refused_before_anything_is_planned(
    own: OwnStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("siting.api.plan", lambda *_a, **_k: pytest.fail("planned in vain"))
    folder = own.folder.parent
    (folder / "file").write_text("mine", encoding="utf-8")
    (folder / "foreign").mkdir()
    (folder / "foreign" / "thesis.docx").write_text("mine", encoding="utf-8")
    before = sorted(folder.rglob("*"))
    study = str(own.folder / "study.toml")
    own.write()
    for out, words in (
        ("file", ["file: is a file", "expected a folder", "Choose another folder with --out"]),
        ("file/below", ["below: lies below a file", "Choose another folder with --out"]),
        ("foreign", ["folder exists and is not a result of this program", "Choose another"]),
    ):
        for options in ([], ["--overwrite"]):
            code, stdout, lines = ask("run", study, "--out", str(folder / out), *options)
            assert (code, stdout, len(lines)) == (1, "", 1)
            assert [word for word in words if word not in lines[0]] == []
    written = {own.folder / "study.toml", own.folder / "shore_power.toml"}
    assert set(folder.rglob("*")) - written == set(before)


def test_a_folder_that_cannot_be_made(own: OwnStudy) -> None:
    # Nobody, root included, makes folders in /proc.
    code, stdout, lines = ask("-q", "run", str(own.write()), "--out", "/proc/siting/out")
    assert (code, stdout, len(lines)) == (1, "", 1)
    assert lines[0].startswith("error: /proc/siting/out: ")
    assert "cannot be written" in lines[0]
    assert "hoose another folder with --out" in lines[0]
