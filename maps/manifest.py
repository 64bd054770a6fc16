"""``manifest.json``: what made a result, from what, when, and how to tell that it is whole."""

import hashlib
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from maps.store import portable_study
from maps.target import PROGRAM
from siting.codec import to_json, to_plain
from siting.frames import SCHEMA_VERSION
from siting.model import Result, SolveStatus

_CHUNK_BYTES = 1 << 20


def render_manifest(
    result: Result, *, versions: Mapping[str, str], files: Mapping[str, Path], created: datetime
) -> str:
    """Return the manifest as JSON text.

    The only output that holds clocks: the time of writing, the stages' wall times and the solves'
    seconds. It names no host, no user and no folder outside the result.

    Parameters
    ----------
    versions
        Name and version of the program and its libraries.
    files
        Every other output, by its name inside the result's folder.
    created
        When the result was written, with a time zone.
    """
    late = sorted(
        key for key, plan in result.plans.items() if plan.status is SolveStatus.TIME_LIMIT
    )
    manifest: dict[str, Any] = {
        "program": PROGRAM,
        "schema_version": SCHEMA_VERSION,
        "versions": dict(sorted(versions.items())),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()} {platform.machine()}",
        "created_utc": created.astimezone(UTC).isoformat(timespec="seconds"),
        "edition": result.study.edition,
        "crs": result.crs,
        "seeds": {"study": result.study.seed},
        "reproducible": not late,
        "reproducible_reason": _reason(late),
        "plans": {key: to_plain(plan) for key, plan in result.plans.items()},
        "inputs": [to_plain(record) for record in result.provenance],
        "study": to_plain(portable_study(result.study)),
        "timings_s": {key: float(seconds) for key, seconds in result.timings_s.items()},
        "files": {name: _fingerprint(path) for name, path in sorted(files.items())},
    }
    return to_json(manifest)


def _reason(late: Iterable[str]) -> str:
    names = ", ".join(late)
    if names:
        return f"stopped by the time limit, so another run may choose other sites: {names}"
    return "same inputs, same bytes (this file's clocks aside)"


def _fingerprint(path: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return {"sha256": digest.hexdigest(), "bytes": path.stat().st_size}
