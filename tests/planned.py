"""Plans that several files ask for: made once a session, whichever worker comes first."""

import fcntl
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

import siting
from layers.result import read_result
from maps.store import write_result
from siting.model import Result


def planned(
    tmp_path_factory: pytest.TempPathFactory, study: str, *, facilities: Sequence[str] = ()
) -> Result:
    """Return ``siting.plan`` of a built-in study; no test may change it.

    The first to ask plans, under a lock, and stores the result beside the workers' own folders; all
    read it there, as a result that was run earlier. Nothing outlives the session.
    """
    shared = _shared(tmp_path_factory) / "planned"
    shared.mkdir(exist_ok=True)
    name = "-".join((study, *facilities))
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            result = siting.plan(study, facilities=facilities)
            made = Path(tempfile.mkdtemp(dir=shared))
            (made / "result").mkdir()
            write_result(result, made / "result")
            made.rename(folder)  # whole, or not there for the next to read
        return read_result(folder)


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the whole session: one up from a worker's, its own without workers."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if own.name.startswith("popen-") else own
