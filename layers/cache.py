"""What was computed once and is kept on disk: arrays by key, and the tables of a road graph.

Nothing read from here is trusted: files hold plain arrays (never pickles), name their key and carry
a checksum. A file that is damaged or not ours is told once and counts as absent, so that its owner
computes again and writes over it.
"""

import contextlib
import hashlib
import logging
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from siting.errors import MissingFileError, OutputError, Problem

_FORMAT = "hydrogen-siting arrays 1"
_OWN = ("format", "key", "sha256")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,200}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayCache:
    """Arrays by key in a folder, a file each, safe for several processes at once."""

    folder: Path
    _told: set[str] = field(default_factory=set, repr=False, compare=False)

    def load(self, key: str) -> dict[str, NDArray[np.generic]] | None:
        """Return the arrays kept under a key, None if there are none that can be used."""
        path = self._path(key)
        if not path.exists():
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            own = [str(arrays.pop(name)) for name in _OWN]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            self._distrust(path, str(error))
            return None
        if own != [_FORMAT, key, _checksum(arrays)]:
            self._distrust(path, "format, key or checksum do not fit")
            return None
        return arrays

    def save(self, key: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Keep arrays under a key; who reads meanwhile gets the old file or the new one, whole.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        own = dict(zip(_OWN, (_FORMAT, key, _checksum(arrays)), strict=True))
        plain = {name: np.asarray(value) for name, value in own.items()} | dict(arrays)
        with _whole(self._path(key)) as part, part.open("wb") as file:
            np.savez(file, allow_pickle=False, **plain)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise OutputError(
                Problem(
                    where="cache", what="not a key", got=key, expected="letters, digits, _ or -"
                )
            )
        return self.folder / f"{key}.npz"

    def _distrust(self, path: Path, why: str) -> None:
        if path.name not in self._told:
            self._told.add(path.name)
            _log.warning("%s is damaged or not ours (%s); it is computed again", path.name, why)


def save_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables as Parquet, a file each; ``attrs`` of a table go along.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    for name, table in tables.items():
        with _whole(_table_path(folder, name)) as part:
            pq.write_table(pa.Table.from_pandas(table, preserve_index=False), part)


def load_tables(folder: Path, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Return tables that ``save_tables`` wrote.

    Raises
    ------
    MissingFileError
        If a table is not there.
    OutputError
        If a file is damaged.
    """
    return {name: _read_table(_table_path(folder, name)) for name in names}


def _read_table(path: Path) -> pd.DataFrame:
    mend = "Save the road graph again."
    if not path.exists():
        raise MissingFileError(Problem(where=str(path), what="no such table", mend=mend))
    try:
        table: pd.DataFrame = pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError) as error:
        problem = Problem(where=str(path), what="damaged", got=str(error), mend=mend)
        raise OutputError(problem) from error
    return table


def _table_path(folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        problem = Problem(where="cache", what="not a table's name", got=name)
        raise OutputError(problem)
    return folder / f"{name}.parquet"


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a file to write beside the path, and move it there when it is whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        part = Path(name)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        problem = Problem(
            where=str(path),
            what="cannot be written",
            got=error.strerror or str(error),
            mend="Name another cache folder, or make room.",
        )
        raise OutputError(problem) from error


def _checksum(arrays: Mapping[str, NDArray[np.generic]]) -> str:
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        total.update(f"{name}\0{array.dtype.str}{array.shape}".encode())
        total.update(array.tobytes())
    return total.hexdigest()
