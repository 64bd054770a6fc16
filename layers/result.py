"""Reads a stored Result back, as ``maps.store`` wrote it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from siting.codec import from_plain
from siting.errors import MissingFileError, OutputError, Problem
from siting.frames import RESULT_FRAMES, SCHEMA_VERSION
from siting.model import LayerRecord, Notice, Plan, Result, Study

_FORMAT = "hydrogen-siting result"
_FOLDER = "result"
_RECORDS_FILE = "result.json"
_LAYER_NAME = re.compile(r"[a-z][a-z0-9_]*")
_AGAIN = "Run the study again."
_SPATIAL = frozenset(name for name, columns in RESULT_FRAMES.items() if "geometry" in columns)

Read = TypeVar("Read")


def read_result(directory: Path) -> Result:
    """Return the Result stored in the folder of a run.

    Parameters
    ----------
    directory
        The folder that ``siting run`` wrote (it holds ``result/``).

    Returns
    -------
    Result
        Equal to the one that was written, frame by frame, in the working CRS. Layer paths are as
        the study's author wrote them; times of the run are not stored (plans have NaN seconds).

    Raises
    ------
    MissingFileError
        If the folder or a file of the result is not there.
    OutputError
        If the folder holds no result, one of another schema version, or a damaged one.
    """
    folder = _find(directory)
    path = folder / _RECORDS_FILE
    records = _checked(path, _read_records)
    _check_version(path, records)
    return _checked(path, lambda _: _assemble(folder, records))


def _find(directory: Path) -> Path:
    if not directory.exists():
        raise MissingFileError(
            Problem(
                where=str(directory),
                what="no such folder",
                mend="Name the folder that siting run wrote, or run the study first.",
            )
        )
    folder = directory / _FOLDER
    if (folder / _RECORDS_FILE).is_file():
        return folder
    raise OutputError(
        Problem(
            where=str(directory),
            what="holds no stored result",
            expected=f"{_FOLDER}/{_RECORDS_FILE}",
            mend="Name the folder that siting run wrote.",
        )
    )


def _checked(path: Path, read: Callable[[Path], Read]) -> Read:
    """Return ``read(path)``; what a damaged file raises becomes one line about it."""
    try:
        return read(path)
    except FileNotFoundError as error:
        if isinstance(error, MissingFileError):
            raise
        problem = Problem(where=str(path), what="file of the result is missing", mend=_AGAIN)
        raise MissingFileError(problem) from error
    except (ValueError, KeyError, TypeError, AttributeError, OSError, pa.ArrowException) as error:
        if isinstance(error, OutputError):
            raise
        problem = Problem(
            where=str(path), what="the stored result is damaged", got=str(error), mend=_AGAIN
        )
        raise OutputError(problem) from error


def _read_records(path: Path) -> dict[str, Any]:
    records = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(records, dict) and records.get("format") == _FORMAT:
        return records
    message = "not a result of this program"
    raise ValueError(message)


def _check_version(path: Path, records: dict[str, Any]) -> None:
    version = records.get("schema_version")
    if version != SCHEMA_VERSION:
        raise OutputError(
            Problem(
                where=str(path),
                what="result of another version",
                got=f"schema {version}",
                expected=f"schema {SCHEMA_VERSION}",
                mend=f"{_AGAIN[:-1]} with this version of siting.",
            )
        )


def _assemble(folder: Path, records: dict[str, Any]) -> Result:
    frames = {name: _read_frame(folder, name) for name in RESULT_FRAMES}
    return Result(
        study=from_plain(Study, records["study"]),
        crs=str(records["crs"]),
        **frames,
        layers={kind: _read_layer(folder, kind) for kind in records["layers"]},
        plans={key: from_plain(Plan, plan) for key, plan in records["plans"].items()},
        provenance=tuple(from_plain(LayerRecord, record) for record in records["provenance"]),
        notices=tuple(from_plain(Notice, notice) for notice in records["notices"]),
    )


def _read_frame(folder: Path, name: str) -> Any:
    frame = _checked(folder / f"{name}.parquet", _read_parquet)
    if missing := [column for column in RESULT_FRAMES[name] if column not in frame.columns]:
        message = f"{name} lacks the columns {missing}"
        raise ValueError(message)
    if name in _SPATIAL and not isinstance(frame, gpd.GeoDataFrame):
        message = f"{name} has no geometry"
        raise ValueError(message)
    return frame


def _read_layer(folder: Path, kind: object) -> gpd.GeoDataFrame:
    # The name comes from a file and becomes a path: only what the writer writes is taken.
    if not isinstance(kind, str) or not _LAYER_NAME.fullmatch(kind):
        message = f"layer name {kind!r}"
        raise ValueError(message)
    return gpd.GeoDataFrame(_checked(folder / f"layer_{kind}.parquet", _read_parquet))


def _read_parquet(path: Path) -> pd.DataFrame:
    is_spatial = b"geo" in (pq.read_schema(path).metadata or {})
    return gpd.read_parquet(path) if is_spatial else pd.read_parquet(path)
