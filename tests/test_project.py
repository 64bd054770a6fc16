"""The files at the top of the tree agree with each other."""

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.requirements import REQUIRE_ALL, ROOT, TEST_DATA, require, require_data

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
PARTS = ("for running", "for testing", "for benchmarks and the handbook")
RUNNING, TESTING, BENCHMARKS = PARTS
PIN = re.compile(
    r"^(?P<requirement>[A-Za-z0-9._-]+(?:\[[a-z0-9,]+\])?==\S+(?: ; [^\\]+)?)(?P<rest> \\)?$"
)
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def read_lock() -> dict[str, dict[str, Requirement]]:
    """Return the pins of each part of the lock, refusing any line that is not of its form."""
    parts: dict[str, dict[str, Requirement]] = {}
    pins: dict[str, Requirement] = {}
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line.startswith("# == "):
            pins = parts.setdefault(line.removeprefix("# == "), {})
        elif pin := PIN.match(line):
            requirement = Requirement(pin["requirement"])
            name = canonicalize_name(requirement.name)
            assert not any(name in part for part in parts.values()), f"{name} is pinned twice"
            assert HASH.match(lines[number + 1]), f"{name} has no hash"
            pins[name] = requirement
        elif not HASH.match(line):
            assert not line or line.startswith("#"), f"line {number + 1}: {line}"
    return parts


LOCK = read_lock()


def locked(*parts: str) -> dict[str, Requirement]:
    return {name: pin for part in parts for name, pin in LOCK[part].items()}


@pytest.mark.parametrize(
    ("wanted", "parts"),
    [
        (PROJECT["dependencies"], (RUNNING,)),
        (PYPROJECT["build-system"]["requires"], (RUNNING,)),
        (PYPROJECT["dependency-groups"]["build"], (RUNNING,)),
        (EXTRAS["postgis"], (RUNNING, TESTING)),
        (EXTRAS["test"], (RUNNING, TESTING)),
        (EXTRAS["bench"], PARTS),
        (EXTRAS["docs"], PARTS),
    ],
    ids=["run", "build-system", "build", "postgis", "test", "bench", "docs"],
)
def test_lock_pins_what_pyproject_asks_for(wanted: list[str], parts: tuple[str, ...]) -> None:
    pins = locked(*parts)
    for text in wanted:
        requirement = Requirement(text)
        pin = pins[canonicalize_name(requirement.name)]
        (version,) = (specifier.version for specifier in pin.specifier)
        assert requirement.specifier.contains(version), f"{pin} does not satisfy {text}"


def test_lock_has_its_parts_in_order() -> None:
    assert tuple(LOCK) == PARTS
    assert all(LOCK.values())


def test_lock_serves_linux_on_every_python_we_name() -> None:
    versions = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if " :: 3." in name]
    assert versions == ["3.11", "3.12", "3.13"]
    linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    for version in versions:
        environment = {
            **default_environment(),
            **linux,
            "python_version": version,
            "python_full_version": f"{version}.0",
        }
        left_out = {
            name
            for name, pin in locked(*PARTS).items()
            if pin.marker is not None and not pin.marker.evaluate(environment)
        }
        assert left_out <= {"colorama"}  # Windows only


def test_lock_files_name_no_address_and_no_machine() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted|file:|/[a-z]+/", text)
    packages = json.loads((ROOT / "maps/web/package-lock.json").read_text(encoding="utf-8"))
    assert all("resolved" not in entry for entry in packages["packages"].values())


def test_every_extra_of_the_issue_is_there() -> None:
    assert set(EXTRAS) == {"postgis", "bench", "test", "docs"}


def test_licence_is_the_unmodified_apache_2() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def test_changelog_knows_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text
    assert PROJECT["version"] in text


def test_every_lint_exception_has_a_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    lint = PYPROJECT["tool"]["ruff"]["lint"]
    codes = {*lint["ignore"], *(c for row in lint["per-file-ignores"].values() for c in row)}
    explained = {
        found[1] for line in lines if (found := re.match(r'^  "([A-Z]+[0-9]*)", +# \S+ \S+', line))
    }
    assert codes <= explained


def test_every_silenced_warning_has_a_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    ignored = [line for line in lines if re.match(r'^  "(ignore|default)', line)]
    assert [line for line in ignored if "# " not in line] == []
    assert PYPROJECT["tool"]["pytest"]["ini_options"]["filterwarnings"][0] == "error"


def test_hooks_are_local_and_cover_the_checks() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (\S+)", hooks) == ["local"]
    check = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2]
    tools = set(re.findall(r"\$\(BIN\)/(\S+)", check.partition("\n\n")[0]))
    assert tools == {"ruff", "mypy", "lint-imports", "codespell"}
    assert set(re.findall(r"entry: \.venv/bin/(\S+)", hooks)) == tools


def test_ci_runs_the_three_targets() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    lines = script.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("make ")] == [
        "make check",
        "make test",
        "make test-slow",
    ]


def test_an_old_python_gets_one_clear_line(tmp_path: Path) -> None:
    """A stand-in for Python 3.10 that runs the Makefile's own check with that version."""
    old = tmp_path / "python-old"
    old.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c "
        '"import sys; sys.version_info = (3, 10, 1); exec(sys.argv[1])" "$2"\n',
        encoding="utf-8",
    )
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "demo", f"PYTHON={old}", f"VENV={tmp_path / 'env'}"],
        cwd=ROOT,
        env={key: text for key, text in os.environ.items() if not key.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    said, make_says = done.stderr.strip().splitlines()
    assert said.startswith("Python 3.11 or newer is needed")
    assert "3.10" in said
    assert "Error 1" in make_says


@pytest.mark.parametrize(
    ("require_all", "outcome"), [("0", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_what_is_missing_skips_here_and_fails_in_ci(
    require_all: str,
    outcome: type[BaseException],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(REQUIRE_ALL, require_all)
    monkeypatch.setenv(TEST_DATA, str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(outcome, match="no test data osm/roads"):
        require_data("osm", "roads")
    with pytest.raises(outcome, match="chromium is not installed"):
        require("chromium")


def test_only_tests_marked_network_leave_this_machine() -> None:
    # Connecting a datagram socket sends nothing, and the address is one for documentation.
    with socket.socket(type=socket.SOCK_DGRAM) as outside, pytest.raises(AssertionError):
        outside.connect(("192.0.2.1", 9))
