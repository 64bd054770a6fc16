"""maps.write: whole or not at all, and never on top of what is not ours."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

import maps
from layers.result import read_result
from maps.manifest import render_manifest
from siting.errors import OutputError, SitingError
from siting.model import Label, Result, SolveStatus, TileSource
from tests.requirements import ROOT
from tests.sample import sample_result

_VERSIONS = {"siting": "0.1.0", "geopandas": "1.2.0"}
_NAMES = [
    *("manifest.json", "map.html", "report-en.docx", "report-en.html", "report-zh.docx"),
    *("report-zh.html", "result", "scores.csv", "sites.gpkg", "surfaces"),
    *("tables-en.xlsx", "tables-zh.xlsx"),
]


def _draw(result: Result, *, wording: dict[str, Label], tiles: TileSource | None = None) -> str:
    assert tiles is None
    return f"<!DOCTYPE html><title>{len(result.sites)} {wording['title'].en}</title>\r\n\u2028"


@pytest.fixture(autouse=True)
def _page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the page, which has tests of its own and needs the map's scripts."""
    monkeypatch.setattr("maps.page.render", _draw)


@pytest.fixture(autouse=True)
def _report(request: pytest.FixtureRequest) -> None:
    """Shorten the report, except where a test asks for the whole of it."""
    if "whole_report" not in request.fixturenames:
        request.getfixturevalue("short_report")


@pytest.fixture
def whole_report(few_dots: None) -> None:
    """Let the report have all its chapters and pictures, of few dots."""


def _write(directory: Path, **options: object) -> tuple[Path, ...]:
    settings = {"wording": {"title": Label(zh="图", en="map")}, "versions": _VERSIONS} | options
    return maps.write(settings.pop("result", None) or sample_result(), directory, **settings)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _fail(*_args: object, **_options: object) -> None:
    message = "the pen broke"
    raise RuntimeError(message)


def _full_disk(*_args: object, **_options: object) -> None:
    raise OSError(28, "No space left on device", "/secret/path/scores.csv")


@pytest.mark.usefixtures("whole_report")
def test_everything_is_written_and_can_be_read_back(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "er" / "qingdao"
    paths = _write(target)
    assert [path.name for path in paths] == list(maps.OUTPUTS)
    assert all(path.exists() and path.parent == target for path in paths)
    assert sorted(path.name for path in target.iterdir()) == _NAMES
    assert read_result(target).plans == sample_result().plans
    assert [path.name for path in target.parent.iterdir()] == ["qingdao"]


def test_text_is_utf8_as_rendered_and_the_table_opens_in_excel(tmp_path: Path) -> None:
    _write(tmp_path / "out")
    page = (tmp_path / "out" / "map.html").read_bytes().decode("utf-8")
    assert page == _draw(sample_result(), wording={"title": Label(zh="图", en="map")})
    table = (tmp_path / "out" / "scores.csv").read_bytes()
    assert table.startswith(b"\xef\xbb\xbffacility,candidate_id,")
    assert table.count(b"\xef\xbb\xbf") == 1


def test_the_result_is_as_readable_as_any_other_folder(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    _write(tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.usefixtures("whole_report")
def test_equal_results_give_equal_bytes_the_manifest_aside(tmp_path: Path) -> None:
    _write(tmp_path / "one")
    slow = {key: replace(plan, seconds=9.0) for key, plan in sample_result().plans.items()}
    _write(tmp_path / "two", result=replace(sample_result(), plans=slow, timings_s={"read": 3.0}))
    one, two = _bytes(tmp_path / "one"), _bytes(tmp_path / "two")
    assert one.pop("manifest.json") != two.pop("manifest.json")
    assert one == two


def test_progress_rises_to_one(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    _write(tmp_path / "out", progress=lambda share, message: told.append((share, message)))
    shares = [share for share, _ in told]
    assert shares == sorted(set(shares))
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert all(message for _, message in told)


@pytest.mark.parametrize(
    "step", ["maps.store.write_result", "maps.gpkg.write_gpkg", "maps.page.render"]
)
@pytest.mark.parametrize("before", ["nothing", "empty", "result"])
def test_a_failure_leaves_everything_as_it_was(
    step: str, before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    if before == "empty":
        target.mkdir()
    if before == "result":
        _write(target)
    kept = _bytes(tmp_path), target.exists()
    monkeypatch.setattr(step, _fail)
    with pytest.raises(RuntimeError, match="the pen broke"):
        _write(target, overwrite=True)
    assert (_bytes(tmp_path), target.exists()) == kept
    assert [path.name for path in tmp_path.iterdir()] == (["out"] if kept[1] else [])


def test_an_interrupt_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("maps.page.render", interrupt)
    with pytest.raises(KeyboardInterrupt):
        _write(tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_one_line_without_machine_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maps.tables.render_scores", _full_disk)
    with pytest.raises(OutputError, match=r"No space left on device scores\.csv") as caught:
        _write(tmp_path / "out")
    assert "/secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("is_parent", [False, True], ids=["the new folder", "all of it"])
def test_a_folder_that_vanishes_midway_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_parent: bool
) -> None:
    place = tmp_path / "stick"

    def pulled(*_args: object, **_options: object) -> str:
        for folder in [place] if is_parent else list(place.glob(".out.partial-*")):
            shutil.rmtree(folder)
        return "a page"

    monkeypatch.setattr("maps.page.render", pulled)
    with pytest.raises(OutputError, match="the result cannot be written") as caught:
        _write(place / "out")
    assert "\n" not in str(caught.value)
    assert not (place / "out").exists()


def test_the_old_result_comes_back_when_the_move_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    _write(target)
    kept = _bytes(tmp_path)
    rename = Path.rename

    def refuse_the_new(self: Path, other: Path) -> Path:
        if self.name == "new":
            raise PermissionError(13, "Permission denied", str(self))
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", refuse_the_new)
    with pytest.raises(OutputError, match="Permission denied"):
        _write(target, overwrite=True)
    assert _bytes(tmp_path) == kept
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_overwriting_replaces_the_whole_folder_and_only_when_asked(tmp_path: Path) -> None:
    target = tmp_path / "out"
    _write(target)
    (target / "result" / "layer_ports.parquet").write_bytes(b"old")
    (target / "sites.gpkg-wal").touch()  # QGIS had it open
    kept = _bytes(target)
    with pytest.raises(OutputError, match=r"result exists\. Add --overwrite"):
        _write(target)
    assert _bytes(target) == kept
    bare = replace(sample_result(), layers={})
    _write(target, result=bare, overwrite=True)
    assert read_result(target).layers == {}
    assert not (target / "result" / "layer_ports.parquet").exists()
    assert sorted(path.name for path in target.iterdir()) == _NAMES
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_taken_without_asking(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    _write(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == _NAMES


def _foreign(target: Path) -> None:
    target.mkdir()
    (target / "thesis.docx").write_text("years of work")


def _foreign_manifest(target: Path) -> None:
    target.mkdir()
    (target / "manifest.json").write_text('{"program": "browser-extension"}')


def _broken_manifest(target: Path) -> None:
    target.mkdir()
    (target / "manifest.json").write_text("{")


def _list_manifest(target: Path) -> None:
    target.mkdir()
    (target / "manifest.json").write_text("[]")


def _result_and_more(target: Path) -> None:
    _write(target)
    (target / "notes.qgz").write_text("my QGIS project")


def _file(target: Path) -> None:
    target.write_text("a file")


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (_foreign, "exists and is not a result of this program"),
        (_foreign_manifest, "exists and is not a result of this program"),
        (_broken_manifest, "exists and is not a result of this program"),
        (_list_manifest, "exists and is not a result of this program"),
        (_result_and_more, r"holds files that are not ours .got notes\.qgz"),
        (_file, "is a file .expected a folder"),
    ],
)
def test_what_is_not_ours_is_never_replaced(
    prepare: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    prepare(target)
    kept = _bytes(tmp_path)
    for overwrite in (False, True):
        with pytest.raises(OutputError, match=said) as caught:
            maps.check_target(target, overwrite=overwrite)
        assert "\n" not in str(caught.value)
        with pytest.raises(OutputError, match=said):
            _write(target, overwrite=overwrite)
    assert _bytes(tmp_path) == kept


def test_the_check_comes_before_the_work_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert maps.check_target(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="lies below a file"):
        maps.check_target(tmp_path / "file" / "out")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="is the current folder"):
        maps.check_target(Path())
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="no permission"):
        maps.check_target(tmp_path / "out")


def test_a_link_to_a_result_is_followed(tmp_path: Path) -> None:
    _write(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    _write(tmp_path / "link", result=replace(sample_result(), layers={}), overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert read_result(tmp_path / "real").layers == {}


def _manifest(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "manifest.json").read_text("utf-8")))


def test_the_manifest_vouches_for_every_other_file(tmp_path: Path) -> None:
    _write(tmp_path)  # pytest's own empty folder
    manifest = _manifest(tmp_path)
    files = _bytes(tmp_path)
    del files["manifest.json"]
    assert manifest["files"] == {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in files.items()
    }


def test_the_manifest_says_what_made_the_result_from_what(tmp_path: Path) -> None:
    _write(tmp_path / "out")
    manifest = _manifest(tmp_path / "out")
    assert manifest["program"] == "hydrogen-siting"
    assert manifest["versions"] == _VERSIONS
    assert manifest["crs"] == "EPSG:4549"
    assert manifest["seeds"] == {"study": 20251123}
    assert manifest["timings_s"] == {"read": 0.5, "solve": 0.25}
    assert manifest["inputs"][0]["sha256"] == "ab" * 32
    assert manifest["plans"]["hydrogen"]["seconds"] == 0.125
    assert manifest["plans"]["shore_power"]["status"] == "time_limit"
    assert manifest["study"]["layers"]["candidates"]["path"] == "starter:qingdao/candidates.csv"
    made = datetime.fromisoformat(str(manifest["created_utc"]))
    assert made.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=1)


def test_the_manifest_names_no_host_and_no_folder(tmp_path: Path) -> None:
    _write(tmp_path / "out")
    text = (tmp_path / "out" / "manifest.json").read_text("utf-8")
    for secret in (str(tmp_path), "/nowhere", str(Path.home()), sys.prefix):
        assert f'"{secret}' not in text
    assert f'"{platform.node()}"' not in text


def test_a_plan_stopped_by_the_clock_is_exempt_and_says_so() -> None:
    noon = datetime(2026, 11, 23, 20, 0, tzinfo=timezone(timedelta(hours=8)))

    def manifest(result: Result) -> dict[str, object]:
        text = render_manifest(result, versions={}, files={}, created=noon)
        return dict(json.loads(text))

    late = manifest(sample_result())
    assert late["created_utc"] == "2026-11-23T12:00:00+00:00"
    assert late["reproducible"] is False
    assert str(late["reproducible_reason"]).endswith(": shore_power")
    plans = sample_result().plans
    done = {key: replace(plan, status=SolveStatus.OPTIMAL) for key, plan in plans.items()}
    assert manifest(replace(sample_result(), plans=done))["reproducible"] is True


def test_importing_maps_loads_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "geopandas", "folium", "pyogrio", "pyarrow", "pyproj")
    code = f"import sys, maps; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert told.stdout.strip() == "[]"


def test_its_own_errors_pass_unchanged(tmp_path: Path) -> None:
    result = sample_result()
    stored = replace(result, layers={"../x": result.layers["ports"]})
    with pytest.raises(SitingError, match=r"^result: a layer's name cannot be a file name"):
        _write(tmp_path / "out", result=stored)
    assert not list(tmp_path.iterdir())
