"""What the wheel holds, and that every kind of install finds its data from anywhere."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests.requirements import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIST_INFO = f"hydrogen_siting-{PROJECT['version']}.dist-info"
LEFT_OUT = {"__pycache__", "node_modules", "build", "dist", "out"}

# Run from a folder that has nothing to do with the project.
FIND_DATA = """
import importlib.resources, pathlib, siting
from siting import config
assert "qingdao" in config.builtin_studies(), config.builtin_studies()
assert importlib.resources.files("layers").joinpath("starter/qingdao/road_edges.csv").is_file()
assert importlib.resources.files("maps").joinpath("_assets/manifest.json").is_file()
print(pathlib.Path(siting.__file__).resolve().parent.parent)
"""


def copy_tree(target: Path) -> Path:
    """Copy the checkout without what is hidden or made, so that no test builds in it."""

    def left_out(_: str, names: list[str]) -> set[str]:
        hidden = {name for name in names if name.startswith(".")} - {".gitignore"}
        return hidden | (LEFT_OUT & set(names))

    return shutil.copytree(ROOT, target, ignore=left_out)


def build(source: Path, target: Path, kind: str) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory"]
    done = subprocess.run(
        [*command, str(target)], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = target.iterdir()
    return built


def run_elsewhere(command: list[str], folder: Path, **environment: str) -> str:
    """Run a command in an empty folder and return what it printed."""
    folder.mkdir()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def names_under(folder: Path, prefix: str) -> set[str]:
    """Name every file of a source folder as the wheel should call it."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {f"{prefix}/{path.relative_to(folder).as_posix()}" for path in paths}


def make_venv(folder: Path) -> Path:
    """Make an environment that shares our third-party packages but not our own install."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run(
        [str(python), "-c", where], capture_output=True, check=True, text=True
    ).stdout
    # Lines of a .pth reached through another .pth are not followed, so our install stays unseen.
    shared = Path(found.strip()) / "third_party.pth"
    shared.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_tree(tmp_path_factory.mktemp("copy") / "tree")


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tree, tmp_path_factory.mktemp("wheel"), "wheel")


def test_wheel_has_three_roots_and_its_metadata(wheel: Path) -> None:
    assert {name.split("/")[0] for name in names_in(wheel)} == {
        "siting",
        "layers",
        "maps",
        DIST_INFO,
    }


@pytest.mark.parametrize(
    ("folder", "prefix"),
    [
        ("siting", "siting"),
        ("config", "siting/_config"),
        ("layers", "layers"),
        ("layers/starter/qingdao", "layers/starter/qingdao"),
        ("maps", "maps"),
        ("maps/web", "maps/web"),
        ("maps/_assets", "maps/_assets"),
    ],
)
def test_wheel_holds_every_file_of(wheel: Path, tree: Path, folder: str, prefix: str) -> None:
    expected = names_under(tree / folder, prefix)
    assert expected, f"{folder} is empty"
    found = {name for name in names_in(wheel) if name.startswith(f"{prefix}/")}
    own_config = {name for name in found if name.startswith("siting/_config/")}
    assert (found - own_config if folder == "siting" else found) == expected


def test_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entry_points = archive.read(f"{DIST_INFO}/entry_points.txt").decode()
        metadata = archive.read(f"{DIST_INFO}/METADATA").decode()
        licence = archive.read(f"{DIST_INFO}/licenses/LICENSE").decode()
    assert "siting = siting.cli:main" in entry_points
    assert f"Version: {PROJECT['version']}\n" in metadata
    assert "Requires-Python: >=3.11\n" in metadata
    assert "License-Expression: Apache-2.0\n" in metadata
    assert "Apache License" in licence


def test_same_tree_gives_the_same_wheel(wheel: Path, tree: Path, tmp_path: Path) -> None:
    assert build(tree, tmp_path / "again", "wheel").read_bytes() == wheel.read_bytes()


def test_unpacked_wheel_finds_its_data(wheel: Path, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    command = [sys.executable, "-c", FIND_DATA]
    found = run_elsewhere(command, tmp_path / "elsewhere", PYTHONPATH=str(packages))
    assert Path(found) == packages


def test_uninstalled_checkout_finds_its_data(tree: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", FIND_DATA]
    found = run_elsewhere(command, tmp_path / "elsewhere", PYTHONPATH=str(tree))
    assert Path(found) == tree


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_installed_command_runs_from_anywhere(
    kind: str, wheel: Path, tree: Path, tmp_path: Path
) -> None:
    python = make_venv(tmp_path / "env")
    what = [str(wheel)] if kind == "wheel" else ["--no-build-isolation", "--editable", str(tree)]
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", *what]
    run_elsewhere(install, tmp_path / "during")
    home = tmp_path / "env" if kind == "wheel" else tree
    found = run_elsewhere([str(python), "-c", FIND_DATA], tmp_path / "elsewhere")
    assert Path(found).is_relative_to(home)
    command = python.with_name("siting")
    printed = run_elsewhere([str(command), "--version"], tmp_path / "at-work")
    assert PROJECT["version"] in printed


@pytest.mark.slow
def test_source_distribution_builds_the_same_wheel(
    wheel: Path, tree: Path, tmp_path: Path
) -> None:
    packed = build(tree, tmp_path / "sdist", "sdist")
    shutil.unpack_archive(packed, tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    shutil.copytree(tree / "maps" / "_assets", source / "maps" / "_assets")
    rebuilt = build(source, tmp_path / "rebuilt", "wheel")
    assert names_in(rebuilt) == names_in(wheel)


@pytest.mark.slow
@pytest.mark.network
def test_isolated_build_brings_its_own_tools(tree: Path, wheel: Path, tmp_path: Path) -> None:
    """The route of ``pipx install .``: assets and build tools come from their registries."""
    source = tmp_path / "source"
    shutil.copytree(tree, source, ignore=shutil.ignore_patterns("_assets"))
    python = make_venv(tmp_path / "env")
    command = [str(python), "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    run_elsewhere([*command, str(tmp_path / "made"), str(source)], tmp_path / "during")
    (made,) = (tmp_path / "made").iterdir()
    assert names_in(made) == names_in(wheel)
