"""The folder that a result goes into: refuse it early, fill it whole or not at all."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from siting.errors import OutputError, Problem

PROGRAM = "hydrogen-siting"
MANIFEST_FILE = "manifest.json"

# What viewers leave beside the files they open.
_SIDECARS = frozenset(
    {
        "sites.gpkg-wal",
        "sites.gpkg-shm",
        "sites.gpkg-journal",
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
    }
)
_ELSEWHERE = "Choose another folder with --out."


def check_target(directory: Path, *, overwrite: bool = False) -> Path:
    """Return the folder to write into as an absolute path; refuse it before anything is computed.

    A folder that exists is taken when it is empty, or, with ``overwrite``, when it is a result of
    this program and holds nothing else: what the user put there is not ours to delete.

    Parameters
    ----------
    directory
        The folder a result shall be; its parents need not exist.
    overwrite
        Whether an earlier result may be replaced.

    Raises
    ------
    OutputError
        If the folder exists and may not be replaced, is a file, or cannot be made.
    """
    target = directory.resolve()
    if target.exists():
        _check_existing(directory, target, overwrite=overwrite)
    parent = target.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise _refusal(directory, "lies below a file", got=str(parent), mend=_ELSEWHERE)
    if not os.access(parent, os.W_OK | os.X_OK):
        raise _refusal(
            directory, "cannot be written: no permission", got=str(parent), mend=_ELSEWHERE
        )
    return target


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends well it becomes ``target``.

    The folder is a sibling of ``target``, so the move is one rename. An old ``target`` is replaced
    only then, and comes back if the move fails. On any exception the folder is removed.
    """
    # A second level, because mkdtemp's own folder is closed to everyone else for good.
    target.parent.mkdir(parents=True, exist_ok=True)
    shelter = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    try:
        partial = shelter / "new"
        partial.mkdir()
        yield partial
        _put_in_place(partial, target)
    finally:
        shutil.rmtree(shelter, ignore_errors=True)


def _check_existing(directory: Path, target: Path, *, overwrite: bool) -> None:
    if not target.is_dir():
        raise _refusal(directory, "is a file", expected="a folder", mend=_ELSEWHERE)
    if target == Path.cwd():
        raise _refusal(directory, "is the current folder and cannot be replaced", mend=_ELSEWHERE)
    found = {entry.name for entry in target.iterdir()}
    if not found:
        return
    own = _own_files(target)
    if own is None:
        raise _refusal(
            directory, "folder exists and is not a result of this program", mend=_ELSEWHERE
        )
    if strangers := sorted(found - own - _SIDECARS):
        raise _refusal(
            directory,
            "folder holds files that are not ours",
            got=", ".join(strangers),
            mend="Move them away, or choose another folder with --out.",
        )
    if not overwrite:
        raise _refusal(
            directory,
            "result exists",
            mend="Add --overwrite, or choose another folder with --out.",
        )


def _own_files(target: Path) -> set[str] | None:
    """Return the top-level names that the folder's manifest owns; None where there is none."""
    try:
        manifest = json.loads((target / MANIFEST_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("program") != PROGRAM:
        return None
    files = manifest.get("files")
    names = files if isinstance(files, dict) else {}
    return {MANIFEST_FILE, *(str(name).split("/", 1)[0] for name in names)}


def _put_in_place(partial: Path, target: Path) -> None:
    if not target.exists():
        partial.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.replaced-", dir=target.parent))
    old = aside / target.name
    target.rename(old)
    try:
        partial.rename(target)
    except BaseException:
        old.rename(target)
        with suppress(OSError):
            aside.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _refusal(
    directory: Path, what: str, *, got: str = "", expected: str = "", mend: str = ""
) -> OutputError:
    return OutputError(
        Problem(where=str(directory), what=what, got=got, expected=expected, mend=mend)
    )
