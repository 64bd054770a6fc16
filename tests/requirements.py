"""What some tests need besides Python: system programs and third-party data.

Where one is missing, its tests are skipped with the reason; with ``SITING_REQUIRE_ALL=1``, as
``.ci/run`` sets it, they fail instead.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
REQUIRE_ALL = "SITING_REQUIRE_ALL"
TEST_DATA = "SITING_TEST_DATA"

# A program's names on PATH, best first, and the Debian package that brings it.
PROGRAMS = {
    "chromium": (("chromium", "chromium-browser", "google-chrome"), "chromium"),
    "ogrinfo": (("ogrinfo",), "gdal-bin"),
    "ogr2ogr": (("ogr2ogr",), "gdal-bin"),
    "gdalinfo": (("gdalinfo",), "gdal-bin"),
}
SYSTEM_PYTHON = Path("/usr/bin/python3")


def require(program: str) -> Path:
    """Return the path of a system program of ``PROGRAMS``; skip (or fail) without it."""
    names, package = PROGRAMS[program]
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        do_without(f"{program} is not installed (Debian package {package})")
    return Path(found)


def require_osgeo() -> Path:
    """Return the system Python that has GDAL's own bindings; skip (or fail) without it."""
    command = [SYSTEM_PYTHON, "-c", "from osgeo import ogr"]
    if not SYSTEM_PYTHON.exists() or subprocess.run(command, check=False).returncode:
        do_without("the system Python has no osgeo (Debian package python3-gdal)")
    return SYSTEM_PYTHON


def require_data(*parts: str) -> Path:
    """Return a file or folder of the third-party test data; skip (or fail) without it."""
    folder = Path(os.environ.get(TEST_DATA) or ROOT.parent / "shared" / "data")
    path = folder.joinpath(*parts)
    if not path.exists():
        do_without(f"no test data {'/'.join(parts)} (set {TEST_DATA} to its folder)")
    return path


def do_without(reason: str) -> NoReturn:
    """Skip the running test, or fail it where everything is required."""
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"{reason}, and {REQUIRE_ALL}=1", pytrace=False)
    pytest.skip(reason)
