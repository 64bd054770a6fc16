"""The rules of the tree: who imports whom, how long things may be, what an import may cost."""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.requirements import ROOT

MODULES = sorted(
    path
    for root in ("siting", "layers", "maps")
    for path in (ROOT / root).rglob("*.py")
    if "starter" not in path.parts
)
WALL_LINES = 500
MODULE_LINES = 300
BODY_LINES = 35

# Modules that may stand between the 300 lines of the convention and the wall, each with its reason.
LONG_MODULES: dict[str, str] = {}

# What `siting --help` and `import siting` must not load: each costs tenths of a second.
HEAVY = {
    "exactextract", "folium", "geopandas", "highspy", "matplotlib", "networkx", "numba", "numpy",
    "osmium", "osmnx", "pandas", "pyarrow", "pydantic", "pyogrio", "rasterio", "scipy", "shapely",
}  # fmt: skip

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
DIRECTION, CORE, EDGES, CYCLES = CONTRACTS


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layers_of(contract: dict[str, list[str]]) -> list[list[str]]:
    return [
        [name.strip(" ()") for name in row.replace(":", "|").split("|")]
        for row in contract["layers"]
    ]


def siting_modules() -> set[str]:
    return {
        f"siting.{path.stem}"
        for path in (ROOT / "siting").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    }


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    """Count the lines of code below the docstring, blank lines and comments aside."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    text = (line.strip() for line in lines[body[0].lineno - 1 : body[-1].end_lineno])
    return sum(bool(line) and not line.startswith("#") for line in text)


def test_import_contracts_are_kept() -> None:
    # In a process of its own: import-linter sets up logging and silences every logger there is.
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_module_has_its_place_in_the_direction() -> None:
    placed = {name for row in layers_of(DIRECTION) for name in row}
    assert siting_modules() == {name for name in placed if name.startswith("siting.")}


def test_the_core_is_everything_but_the_doors() -> None:
    modules = siting_modules()
    doors = {"siting.__main__", "siting.cli", "siting.api", "siting.config"}
    parts = {name for name in modules if name.startswith(("siting._config", "siting._cli"))}
    assert set(CORE["source_modules"]) == modules - doors - parts


def test_the_edges_see_only_the_vocabulary() -> None:
    *_, vocabulary, records, errors = layers_of(DIRECTION)
    seen = {*vocabulary, *records, *errors, "siting.__main__"}
    assert set(EDGES["forbidden_modules"]) == siting_modules() - seen


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (WALL_LINES if name_of(path) in LONG_MODULES else MODULE_LINES)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_stay_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    long = {node.name: body_lines(node, lines) for node in functions(path)}
    assert {name: lines for name, lines in long.items() if lines > BODY_LINES} == {}


def test_long_modules_are_really_long() -> None:
    lengths = {
        name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in LONG_MODULES
    }
    assert [name for name, lines in lengths.items() if lines <= MODULE_LINES] == []


@pytest.mark.parametrize("module", ["siting", "siting.cli"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    script = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT, text=True
    )
    assert HEAVY & set(json.loads(done.stdout)) == set()
