"""Write requirements.lock: the newest versions that pyproject.toml allows, with their hashes.

Three parts in one file, each needing only those before it, so that planning a city installs no
test tools and testing installs no benchmark peers and no handbook builder. Needs ``uv``; run it as ``make lock``.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
HEADER = """\
# Every version this project is run, tested and benchmarked with, and the hashes of the files on
# PyPI, for Python 3.11 and newer. Written by `make lock`; do not edit.
"""
RUN = ("--group", "build")
TEST = (*RUN, "--extra", "postgis", "--extra", "test")
EVERYTHING = (*TEST, "--extra", "docs", "--extra", "bench")


def compile_pins(options: tuple[str, ...], *, within: str = "") -> str:
    """Return the lock text of one choice of extras, with the versions of ``within``."""
    # Settings of this machine (an index, a folder of wheels) must not reach the file.
    clean = {key: text for key, text in os.environ.items() if not key.startswith(("UV_", "PIP_"))}
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as constraints:
        # A constraint is a version, of whatever extras.
        constraints.write(re.sub(r"^([\w.-]+)\[[^]]*\]", r"\1", within, flags=re.MULTILINE))
        constraints.flush()
        command = [sys.executable, "-m", "uv", "pip", "compile", "--no-config", "--quiet"]
        command += ["--universal", "--fork-strategy", "fewest", "--python-version", "3.11"]
        # Extras stay in the names: pip before 23.3 takes `coverage[toml]` for a package that `coverage` does not pin.
        command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-strip-extras"]
        command += ["--constraint", constraints.name, *options, "pyproject.toml"]
        done = subprocess.run(  # noqa: S603 - our own command, no shell
            command, cwd=ROOT, env=clean, check=True, text=True, stdout=subprocess.PIPE
        )
    return done.stdout


def entries(text: str) -> list[str]:
    """Split a lock text into one piece a package: its pin and the indented hash lines."""
    pieces: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith(" "):
            pieces[-1] += line
        else:
            pieces.append(line)
    return pieces


def write_lock() -> None:
    """Resolve everything once, then sort the pins into the parts that need them."""
    everything = compile_pins(EVERYTHING)
    parts = (
        ("for running", compile_pins(RUN, within=everything)),
        ("for testing", compile_pins(TEST, within=everything)),
        ("for benchmarks and the handbook", everything),
    )
    seen: set[str] = set()
    text = HEADER
    for title, pins in parts:
        new = [entry for entry in entries(pins) if entry not in seen]
        text += f"\n# == {title}\n{''.join(new)}"
        seen.update(new)
    LOCK.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_lock()
