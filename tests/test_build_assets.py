"""The build hook: what it brings, what it refuses, and that it says which file is at fault."""

import hashlib
import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.requirements import ROOT

WEB = ROOT / "maps" / "web"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_assets", ROOT / "build_assets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    return _load()


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(WEB / name, folder)
    return folder


def _install(work: Path) -> None:
    """Stand in for npm: the packages of package.json, with made-up contents."""
    wanted = json.loads((work / "package.json").read_text(encoding="utf-8"))
    for package, version in wanted["dependencies"].items():
        root = work / "node_modules" / package
        root.mkdir(parents=True)
        (root / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
        (root / "LICENSE").write_text(f"Copyright {package}", encoding="utf-8")
    for asset in wanted["assets"].values():
        path = work / "node_modules" / asset["package"] / asset["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "a { background: url(images/a.png) } b { x: url(#d) url(data:,) }"
        path.write_text(text if path.suffix == ".css" else "code", encoding="utf-8")
        if path.suffix == ".css":
            (path.parent / "images").mkdir(exist_ok=True)
            (path.parent / "images" / "a.png").write_bytes(b"png")


def _then(change: Callable[[Path], object]) -> Callable[[Path], None]:
    def install(work: Path) -> None:
        _install(work)
        change(work / "node_modules")

    return install


def _edit(path: Path, change: Callable[[Any], object]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_assets_bring_version_hash_licence_and_images(
    hook: ModuleType, web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "run_npm", _install)
    hook.fetch(web, tmp_path / "assets")
    manifest = json.loads((tmp_path / "assets" / "manifest.json").read_text(encoding="utf-8"))
    leaflet = manifest["assets"]["leaflet"]
    assert leaflet["version"] == "1.9.4"
    assert leaflet["sha256"] == hashlib.sha256(b"code").hexdigest()
    assert manifest["licences"]["leaflet.fullscreen"]["spdx"] == "MIT"
    assert manifest["images"]["leaflet_css-a.png"]["url"] == "images/a.png"
    stored = {path.name for path in (tmp_path / "assets").iterdir()}
    named = {
        entry["file"]
        for part in ("assets", "images", "licences")
        for entry in manifest[part].values()
    }
    assert stored == named | {"manifest.json"}
    assert not (web / "node_modules").exists()


def test_whole_assets_are_left_alone_and_broken_ones_fetched_again(
    hook: ModuleType, web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Path] = []

    def install(work: Path) -> None:
        calls.append(work)
        _install(work)

    monkeypatch.setattr(hook, "run_npm", install)
    assets = tmp_path / "assets"
    for expected in (1, 1):
        hook.fetch(web, assets)
        assert len(calls) == expected
    (assets / "leaflet.js").write_text("changed", encoding="utf-8")
    hook.fetch(web, assets)
    assert len(calls) == 2
    assert (assets / "leaflet.js").read_text(encoding="utf-8") == "code"
    _edit(web / "package.json", lambda pins: pins.update(description="another"))
    hook.fetch(web, assets)
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: (m / "leaflet" / "LICENSE").unlink(), "licence text of leaflet: LICENSE"),
        (lambda m: (m / "leaflet" / "LICENSE").write_text(""), "licence text of leaflet"),
        (
            lambda m: (m / "leaflet.fullscreen" / "Control.FullScreen.js").unlink(),
            r"fullscreen: Control\.FullScreen\.js is missing",
        ),
        (
            lambda m: (m / "leaflet" / "dist" / "images" / "a.png").unlink(),
            r"leaflet_css: images/a\.png",
        ),
        (
            lambda m: (m / "leaflet" / "package.json").write_text('{"version": "9.9.9"}'),
            r"leaflet: installed 9\.9\.9, package\.json pins 1\.9\.4",
        ),
        (lambda m: shutil.rmtree(m / "leaflet"), "leaflet: not among the installed packages|leaflet: leaflet.js"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_and_old_assets_stay(
    *,
    hook: ModuleType,
    web: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], object],
    message: str,
) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    (assets / "old").touch()
    monkeypatch.setattr(hook, "run_npm", _then(change))
    with pytest.raises(hook.AssetError, match=message):
        hook.fetch(web, assets)
    assert [path.name for path in assets.iterdir()] == ["old"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda entry: entry.pop("integrity"), "node_modules/leaflet: no sha512 integrity"),
        (lambda entry: entry.update(integrity="sha1-x"), "node_modules/leaflet: no sha512"),
        (lambda entry: entry.update(resolved="https://x/y.tgz"), "names a download address"),
    ],
)
def test_lock_without_hash_or_with_address_is_refused(
    hook: ModuleType, web: Path, tmp_path: Path, change: Callable[[Any], object], message: str
) -> None:
    _edit(
        web / "package-lock.json",
        lambda lock: change(lock["packages"]["node_modules/leaflet"]),
    )
    with pytest.raises(hook.AssetError, match=message):
        hook.fetch(web, tmp_path / "assets")


def test_package_without_a_named_licence_is_refused(
    hook: ModuleType, web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "run_npm", _install)
    _edit(web / "package.json", lambda pins: pins["licences"].pop("leaflet.fullscreen"))
    with pytest.raises(hook.AssetError, match=r"leaflet\.fullscreen: no licence text is named"):
        hook.fetch(web, tmp_path / "assets")


def test_missing_pins_are_named(hook: ModuleType, web: Path, tmp_path: Path) -> None:
    (web / "package-lock.json").unlink()
    with pytest.raises(hook.AssetError, match=r"package-lock\.json: missing"):
        hook.fetch(web, tmp_path / "assets")


def test_npm_that_fails_is_quoted(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An empty folder has no lock file: npm refuses, without asking the network.
    monkeypatch.setenv("npm_config_offline", "true")
    with pytest.raises(hook.AssetError, match=r"npm ci failed with exit status \d+:(.|\n)*lock"):
        hook.run_npm(tmp_path)


def test_installed_assets_are_those_that_are_pinned(hook: ModuleType) -> None:
    pins = hashlib.sha256(b"\0".join((WEB / name).read_bytes() for name in hook.PINS)).hexdigest()
    assert hook.is_whole(ROOT / "maps" / "_assets", pins)
