"""The command line: what it prints where, its exit codes, and that it never writes over others' files."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result as Answer

import maps
import siting
from siting import cli
from siting.api import part_of
from siting.config import load_wording
from siting.errors import InputError, OutputError, Problem
from tests.packs import OwnStudy
from tests.requirements import ROOT

HEAVY = {
    "numpy",
    "pandas",
    "geopandas",
    "shapely",
    "folium",
    "pydantic",
    "scipy",
    "highspy",
    "rich",
}
REPORTS = tuple(
    f"{name}-{language}.{ending}"
    for name, ending in (("report", "html"), ("report", "docx"), ("tables", "xlsx"))
    for language in ("zh", "en")
)
FILES = {"map.html", "sites.gpkg", "scores.csv", *REPORTS, "manifest.json", "result"}


def ask(*arguments: str) -> Answer:
    return CliRunner().invoke(cli.main, list(arguments))


def start(
    arguments: Sequence[str], cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        check=False,
        cwd=cwd,
        encoding="utf-8",
        errors="replace",
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )


def entries(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """Run the built-in study as a user does: as a process of its own, in an empty folder."""
    cwd = tmp_path_factory.mktemp("cwd")
    done = start(["-m", "siting", "run", "--facility", "shore_power"], cwd)
    done.args = cwd
    return done


@pytest.fixture
def result(planned: subprocess.CompletedProcess[str]) -> Path:
    return Path(planned.args) / "out" / "qingdao"


# Help and version


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "-h"], ["--version"], ["explain", "-h"]]
)
def test_help_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    script = (
        "import sys, atexit, json\n"
        f"sys.argv = ['siting', *{arguments}]\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        "from siting.cli import main\n"
        "main()\n"
    )
    done = start(["-c", script], tmp_path)
    assert done.returncode == 0
    assert done.stdout
    assert HEAVY & set(json.loads(done.stderr)) == set()


def test_the_version_is_the_package_s() -> None:
    answer = ask("--version")
    assert answer.exit_code == 0
    assert answer.stdout == f"siting, version {siting.__version__}\n"


def test_help_names_every_command() -> None:
    answer = ask("--help")
    assert answer.exit_code == 0
    assert all(f"\n  {name} " in answer.stdout for name in ("check", "explain", "run"))


def test_python_m_siting_is_the_same_program(tmp_path: Path) -> None:
    done = start(["-m", "siting", "--version"], tmp_path)
    assert (done.returncode, done.stdout) == (0, ask("--version").stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan"],
        ["run", "--nothing"],
        ["run", "a", "b"],
        ["explain", "x", "y", "--lang", "fr"],
    ],
    ids=" ".join,
)
def test_usage_errors_exit_2(arguments: list[str]) -> None:
    answer = ask(*arguments)
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert "Usage:" in answer.stderr


# Run


def test_run_writes_all_files_and_prints_where(
    planned: subprocess.CompletedProcess[str], result: Path
) -> None:
    assert planned.returncode == 0, planned.stderr
    assert {path.name for path in result.iterdir()} == FILES
    assert set(maps.OUTPUTS) == FILES | {"surfaces"}  # berths stand on quays: no ground is scored
    assert [path.name for path in result.parent.iterdir()] == ["qingdao"]
    first, *paths = planned.stdout.splitlines()
    assert re.fullmatch(
        r"Shore power: \d+ sites, [\d.]+% of the demand, [\d,]+ of at most [\d,]+ t/yr "
        r"\(optimal, gap 0\.\d\d%\)",
        first,
    )
    told = [line.split()[-1] for line in paths]
    assert told == [
        f"out/qingdao/{name}" for name in ("map.html", "sites.gpkg", "scores.csv", *REPORTS)
    ]
    assert all((result.parent.parent / path).is_file() for path in told)


def test_notices_go_to_stderr_a_line_each(planned: subprocess.CompletedProcess[str]) -> None:
    lines = planned.stderr.splitlines()
    assert lines
    assert all(re.match(r"(info|warning): \w", line) for line in lines)


@pytest.mark.usefixtures("short_report")
def test_quiet_leaves_only_results(tmp_path: Path) -> None:
    out = tmp_path / "new" / "place"
    answer = ask("-q", "run", "qingdao", "--facility", "shore_power", "--out", str(out))
    assert answer.exit_code == 0
    assert answer.stderr == ""
    assert str(out / "map.html") in answer.stdout
    assert {path.name for path in out.iterdir()} == FILES


@pytest.mark.usefixtures("short_report")
def test_the_default_folder_bears_the_study_s_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = OwnStudy(tmp_path / "elsewhere", ["shore_power"])
    own.write().rename(own.folder / "harbour.toml")
    monkeypatch.chdir(tmp_path)
    answer = ask("run", "elsewhere/harbour.toml")
    assert answer.exit_code == 0, answer.stderr
    assert (tmp_path / "out" / "harbour" / "map.html").is_file()


def test_an_earlier_result_is_not_touched_without_overwrite(result: Path) -> None:
    before = entries(result)
    answer = ask("run", "qingdao", "--facility", "shore_power", "--out", str(result))
    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith(f"error: {result}: result exists. Add --overwrite")
    assert len(answer.stderr.splitlines()) == 1
    assert entries(result) == before


@pytest.mark.usefixtures("short_report")
def test_overwrite_replaces_an_earlier_result(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()  # an empty folder needs no --overwrite
    arguments = ["run", "qingdao", "--facility", "shore_power", "--out", str(out)]
    assert ask(*arguments).exit_code == 0
    (out / "map.html").write_text("damaged", encoding="utf-8")
    answer = ask(*arguments, "--overwrite")
    assert answer.exit_code == 0
    assert (out / "map.html").stat().st_size > 10_000
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("options", [[], ["--overwrite"]], ids=["plain", "overwrite"])
@pytest.mark.parametrize("beside", [["manifest.json"], []], ids=["in a result", "alone"])
def test_a_foreign_file_is_never_deleted(
    tmp_path: Path, options: list[str], beside: list[str], result: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in beside:
        (out / name).write_bytes((result / name).read_bytes())
    (out / "thesis.docx").write_text("years of work", encoding="utf-8")
    before = entries(tmp_path)
    answer = ask("run", "qingdao", "--facility", "shore_power", "--out", str(out), *options)
    assert answer.exit_code == 1
    (line,) = answer.stderr.splitlines()
    assert line.startswith(f"error: {out}: folder ")
    assert "not" in line
    assert entries(tmp_path) == before


# Errors


def test_an_error_is_one_line_on_stderr_and_exit_1(tmp_path: Path) -> None:
    done = start(["-m", "siting", "run", "beijing"], tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: study beijing: neither a built-in study nor a file")
    assert list(tmp_path.iterdir()) == []


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = start(["-m", "siting", "--debug", "run", "beijing"], tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback (most recent call last)" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("siting.errors.MissingFileError: study beijing")


def test_a_bug_is_no_expected_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("siting.config.load_study", fail)
    answer = ask("check")
    assert isinstance(answer.exception, ZeroDivisionError)


def test_every_problem_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise InputError(
            Problem(where="a", what="is wrong"), Problem(where="b", what="too", got="x\ny\x1b[0m")
        )

    monkeypatch.setattr("siting.config.load_study", fail)
    answer = ask("check")
    assert answer.exit_code == 1
    assert answer.stderr == "error: a: is wrong\nerror: b: too (got x y [0m)\n"


@pytest.mark.usefixtures("short_report")
def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OutputError(Problem(where="report-zh.html", what="disk full"))

    monkeypatch.setattr("maps.report_html.render_html", fail)
    out = tmp_path / "deep" / "out"
    answer = ask("run", "qingdao", "--facility", "shore_power", "--out", str(out))
    assert answer.exit_code == 1
    assert answer.stderr.splitlines()[-1] == "error: report-zh.html: disk full"
    assert entries(tmp_path) == {}
    assert not out.exists()


# Check


def test_check_tells_every_layer_and_exits_0() -> None:
    answer = ask("check")
    assert answer.exit_code == 0, answer.stderr
    assert answer.stderr == ""
    *layers, last = answer.stdout.splitlines()
    assert last == "no problem found; working CRS EPSG:4549"
    counts = {line.split()[0]: line.split()[1:] for line in layers if line[0] != " "}
    assert counts["berths"] == ["59", "rows", "starter:qingdao/berths.csv"]
    assert len(counts) == 16


def test_check_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert ask("check", "qingdao", "--facility", "shore_power").exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_check_lists_the_problems_of_all_layers(tmp_path: Path) -> None:
    own = OwnStudy(tmp_path, ["hydrogen"])
    own.bring_change("townships", "T370202_01", pop_2020="-1")
    own.bring_change("candidates", "C001", lon="36.811", lat="120.378")
    own.bring_change("berths", "B01", exempt="maybe")
    own.tables["layers"]["land"]["file"] = "gone.geojson"
    answer = ask("check", str(own.write()))
    assert answer.exit_code == 1
    assert answer.stdout == ""
    lines = answer.stderr.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("error: layer ") for line in lines)
    for words in (
        ("townships", "pop_2020", "T370202_01"),
        ("candidates", "swapped", "C001"),
        ("berths", "exempt", "B01"),
        ("land", "gone.geojson", "not found"),
    ):
        assert any(all(word in line for word in words) for line in lines), words


def test_check_goes_on_to_what_only_a_run_would_meet(tmp_path: Path) -> None:
    own = OwnStudy(tmp_path, ["hydrogen", "charging"])
    own.kinds["hydrogen"]["model"]["params"]["sites"] = 4000
    own.kinds["charging"]["model"]["params"]["sites"] = 5000
    answer = ask("check", str(own.write()))
    assert answer.exit_code == 1
    first, second = answer.stderr.splitlines()
    assert first.startswith("error: facility hydrogen, sized, sites: more sites asked than")
    assert second.startswith("error: facility charging, sized, sites: more sites asked than")


# Explain


def test_explain_says_why_in_english(result: Path) -> None:
    answer = ask("explain", str(result), "B26")
    assert answer.exit_code == 0
    assert answer.stderr == ""
    title, *rest = answer.stdout.splitlines()
    assert title == "Shore power · B26 Cruise berth 225 000 GT"
    assert any(re.search(r"rank [1-3] of .*chosen for the plan", line) for line in rest)
    assert any("people exposed nearby" in line for line in rest)
    assert any(line.strip().startswith("serves 1 demand points") for line in rest)


def test_explain_says_why_in_chinese(result: Path) -> None:
    answer = ask("explain", str(result), "B26", "--lang", "zh")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("港口岸电 · B26 邮轮22.5万吨级泊位\n")
    assert "已选入方案" in answer.stdout
    assert "周边受影响人口" in answer.stdout


def test_explain_of_any_place_names_the_clause_that_forbids_it(result: Path) -> None:
    answer = ask("explain", str(result), "--at", "120.62,36.17")
    assert answer.exit_code == 0, answer.output
    lines = answer.stdout.splitlines()
    assert lines[0] == "Shore power"
    assert all(line[2] in "✓✗?" for line in lines[1:])
    far = ask("explain", str(result), "--at", "121.5,35.9", "--lang", "zh").stdout.splitlines()
    assert far[0] == "港口岸电"
    assert any(line.startswith("  ✗ ") and "超出" in line for line in far)


@pytest.mark.parametrize("at", ["x", "120", "36.07,120.38", "1,2,3", "nan,1"])
def test_a_place_that_is_none_is_refused(result: Path, at: str) -> None:
    answer = ask("explain", str(result), "--at", at)
    assert answer.exit_code == 1
    assert "--at: not a place" in answer.stderr


def test_explain_needs_one_thing(result: Path) -> None:
    for arguments in ([], ["B26", "--at", "120,36"]):
        answer = ask("explain", str(result), *arguments)
        assert answer.exit_code == 1
        assert "SITE_ID, or --at LON,LAT" in answer.stderr


def test_explain_of_an_unknown_site(result: Path) -> None:
    answer = ask("explain", str(result), "Z99")
    assert answer.exit_code == 1
    assert answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    assert line.startswith(
        "error: site Z99: no candidate has this id (expected one of 59 ids, e.g."
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone", "no such folder"),
        ("empty", "holds no stored result"),
        ("file", "holds no stored result"),
    ],
)
def test_explain_without_a_result(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    path = tmp_path / name
    answer = ask("explain", str(path), "B26")
    assert answer.exit_code == 1
    (line,) = answer.stderr.splitlines()
    assert line.startswith(f"error: {path}: {words}")


def test_a_terminal_without_chinese_gets_an_answer(result: Path, tmp_path: Path) -> None:
    done = start(
        ["-m", "siting", "explain", str(result), "B26", "--lang", "zh"],
        tmp_path,
        PYTHONIOENCODING="latin-1",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "B26" in done.stdout


# Progress


@pytest.mark.usefixtures("short_report")
def test_progress_only_rises_and_ends_at_1(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    result = siting.plan(
        "qingdao",
        facilities=["shore_power"],
        progress=part_of(lambda *step: told.append(step), 0.0, 0.6),
    )
    maps.write(
        result,
        tmp_path / "out",
        wording=load_wording(),
        versions={},
        progress=part_of(lambda *step: told.append(step), 0.6, 1.0),
    )
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0
    assert fractions[-1] == 1
    assert "planning shore_power" in [message for _, message in told]
    assert part_of(None, 0.0, 1.0) is None
