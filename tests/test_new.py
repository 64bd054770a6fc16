"""``siting new``: a study of one's own city that runs as it is, and nothing half-written."""

import re
import shlex
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result as Answer

from siting.cli import main
from siting.config import load_study
from tests.requirements import ROOT, require_data

HOW_TO = ROOT / "docs" / "how-to" / "your-own-city.md"
TOWNS = "id,lon,lat,population\nT1,7.4246,43.7384,12000\nT2,7.4190,43.7310,27000\n"
NASTY = 'Mo"naco\n[layers]\nx = 1 {{7*7}} # </script>'


def ask(*arguments: str) -> Answer:
    return CliRunner().invoke(main, list(arguments))


def new(folder: Path, *options: str, name: str = "monaco") -> Answer:
    osm = require_data("osm", "monaco.osm.pbf")
    return ask("new", name, "--osm", str(osm), "--out", str(folder), *options)


@pytest.fixture(scope="module")
def monaco(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cities")
    answer = new(folder)
    assert answer.exit_code == 0, answer.output
    return folder / "monaco"


def test_the_study_loads_and_names_no_folder_of_this_machine(monaco: Path) -> None:
    study = load_study(monaco / "monaco.toml")
    assert [facility.key for facility in study.facilities] == ["hydrogen", "charging"]
    assert study.missing_data == "leave_out"
    assert "berths" in study.left_out["shore_power"].en
    assert sorted(path.name for path in monaco.iterdir()) == [
        "charging.toml",
        "hydrogen.toml",
        "monaco.toml",
    ]
    tables = tomllib.loads((monaco / "monaco.toml").read_text("utf-8"))
    assert not any(Path(row["file"]).is_absolute() for row in tables["layers"].values())


def test_every_kind_of_layer_is_a_row_or_a_comment_that_says_why(monaco: Path) -> None:
    from siting.schema import LAYERS  # noqa: PLC0415

    text = (monaco / "monaco.toml").read_text("utf-8")
    rows = tomllib.loads(text)["layers"]
    for kind in LAYERS:
        found = re.search(rf"^{kind} = .*# \d+ rows|^# {kind}: \S.{{8,}}$", text, re.MULTILINE)
        assert found, kind
        assert found.group().startswith("#") == (kind not in rows)
    for kind in ("permanent_farmland", "ecological_redline", "growth_boundary"):
        assert f'# {kind} = {{ file = "…" }}' in text


def test_what_a_proxy_scales_is_marked(monaco: Path) -> None:
    rows = tomllib.loads((monaco / "charging.toml").read_text("utf-8"))["assumptions"]
    assert "a proxy" in rows["vehicles"]["source"]
    assert rows["vehicles"]["low"] < rows["vehicles"]["value"] < rows["vehicles"]["high"]
    assert all(row["confidence"] == "C" for row in rows.values())


def test_counted_people_scale_the_totals(tmp_path: Path) -> None:
    towns = tmp_path / "towns.csv"
    towns.write_text(TOWNS, encoding="utf-8")
    options = ["--demand", str(towns), "--facility", "charging", "--place", "Nowhere"]
    # A place that is not in the file is told, and nothing is left behind.
    assert new(tmp_path / "none", *options).exit_code == 1
    assert not list((tmp_path / "none").iterdir())
    answer = new(tmp_path / "cities", *options[:-2])
    assert answer.exit_code == 0, answer.output
    vehicles = (
        load_study(tmp_path / "cities/monaco/monaco.toml").facilities[0].assumptions["vehicles"]
    )
    assert vehicles.value == pytest.approx(39_000 * 0.030)
    assert "39,000 inhabitants" in vehicles.source
    assert "proxy" not in vehicles.source


def test_a_title_is_only_text() -> None:
    from siting._config_new import Found, NewStudy, study_text  # noqa: PLC0415
    from siting.schema import LAYERS  # noqa: PLC0415

    layers = {kind: Found(file=None, why=NASTY) for kind in LAYERS}
    layers["townships"] = Found(file=NASTY, note=NASTY, rows=3)
    made = NewStudy(
        name="x",
        title=NASTY,
        edition="2026-01-01",
        facilities=("charging",),
        layers=layers,
        grids={"elevation": NASTY},
        boundary=None,
        source=NASTY,
        left_out={"hydrogen": (NASTY, NASTY)},
    )
    tables = tomllib.loads(study_text(made))
    assert tables["title"] == {"zh": NASTY, "en": NASTY}
    assert set(tables["layers"]) == {"townships"}
    assert tables["layers"]["townships"]["file"] == NASTY
    assert tables["left_out"]["hydrogen"]["zh"] == NASTY
    assert tables["grids"]["elevation"]["file"] == NASTY


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", "../up", "--osm", "x.pbf"], "not a name"),
        (["new", "Täst", "--osm", "x.pbf"], "not a name"),
        (["new", "city"], "no OpenStreetMap data"),
        (["new", "city", "--osm", "x.osm.pbf"], "x.osm.pbf: no such file"),
        (["new", "city", "--osm", "x.pbf", "--layer", "villages=a.csv"], "not KIND=FILE"),
        (["new", "city", "--osm", "x.pbf", "--layer", "ports"], "not KIND=FILE"),
        (["new", "city", "--osm", "x.pbf", *["--layer", "ports=a.csv"] * 2], "given twice"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = ask(*arguments)
    assert answer.exit_code == 1
    assert answer.stderr.startswith("error: ")
    assert words in answer.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_osm_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"not a pbf")
    answer = ask("new", "city", "--osm", str(broken), "--out", str(tmp_path / "cities"))
    assert answer.exit_code == 1
    assert "broken.osm.pbf" in answer.stderr
    assert not list((tmp_path / "cities").iterdir())


def test_a_study_is_replaced_only_on_demand(monaco: Path) -> None:
    before = (monaco / "monaco.toml").read_bytes()
    answer = new(monaco.parent)
    assert answer.exit_code == 1
    assert "holds a study" in answer.stderr
    assert (monaco / "monaco.toml").read_bytes() == before


def test_a_folder_of_something_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "monaco").mkdir()
    (tmp_path / "monaco" / "thesis.docx").write_text("years of work", encoding="utf-8")
    answer = new(tmp_path, "--overwrite")
    assert answer.exit_code == 1
    assert "is no study of this name" in answer.stderr
    assert (tmp_path / "monaco" / "thesis.docx").read_text("utf-8") == "years of work"


@pytest.mark.slow  # plans a city as its page says, reports and all
@pytest.mark.usefixtures("few_dots")
def test_the_how_to_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copyfile(require_data("osm", "monaco.osm.pbf"), tmp_path / "monaco.osm.pbf")
    (tmp_path / "towns.csv").write_text(TOWNS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```bash\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert [command[:2] for command in commands] == [
        ["siting", "new"],
        ["siting", "check"],
        ["siting", "run"],
        ["siting", "new"],
    ]
    for command in commands:
        answer = ask(*command[1:])
        assert answer.exit_code == 0, f"{shlex.join(command)}: {answer.output}"
    made = {path.name for path in (tmp_path / "out" / "monaco").iterdir()}
    assert {"map.html", "sites.gpkg", "report-zh.html", "scores.csv"} <= made
    report = (tmp_path / "out" / "monaco" / "report-en.html").read_text("utf-8")
    assert "have no data and are left out" in report
    assert "shore\\_power is not planned" in report or "shore_power is not planned" in report


def test_a_place_without_a_file_is_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The download itself is tested against a server of our own in test_overpass."""
    from layers import overpass  # noqa: PLC0415

    def download(place: str, into: Path, *, cache: Path) -> overpass.Download:
        assert place == "Monaco"
        assert cache.name == "osm"
        shutil.copy(require_data("osm", "monaco.osm.pbf"), into)
        boundary = into.with_name("monaco.boundary.geojson")
        boundary.write_text(
            '{"type": "Polygon", "coordinates": [[[7.40, 43.72], [7.44, 43.72], [7.44, 43.76],'
            " [7.40, 43.76], [7.40, 43.72]]]}",
            encoding="utf-8",
        )
        return overpass.Download(osm=into, boundary=boundary, source="a server", date="2026-11-24")

    monkeypatch.setattr(overpass, "download", download)
    answer = ask("new", "monaco", "--place", "Monaco", "--out", str(tmp_path))
    assert answer.exit_code == 0, answer.output
    tables = tomllib.loads((tmp_path / "monaco" / "monaco.toml").read_text("utf-8"))
    assert tables["title"]["en"] == "Monaco"
    assert tables["sources"]["osm"] == "a server, 2026-11-24"
    assert tables["layers"]["candidates"]["file"] == "monaco.osm.pbf"
    assert tables["layers"]["candidates"]["boundary"] == "monaco.boundary.geojson"
    assert (
        load_study(tmp_path / "monaco" / "monaco.toml")
        .layers["ports"]
        .path.startswith(str(tmp_path))
    )
