"""The complete Result on disk: Parquet for frames, one JSON file for everything else.

``layers.result.read_result`` reads it back; a test proves the round trip. Nothing that differs
between two runs on the same inputs is stored: no clock, no solver seconds, no machine paths.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from siting.codec import to_json, to_plain
from siting.errors import OutputError, Problem
from siting.frames import RESULT_FRAMES, SCHEMA_VERSION
from siting.model import Plan, Result, Study

RESULT_FORMAT = "hydrogen-siting result"
RECORDS_FILE = "result.json"

_LAYER_NAME = re.compile(r"[a-z][a-z0-9_]*")


def write_result(result: Result, folder: Path) -> tuple[Path, ...]:
    """Write a Result into a folder that exists and is empty.

    A file ``<frame>.parquet`` for every frame of ``RESULT_FRAMES``, ``layer_<kind>.parquet`` for
    every layer, and ``result.json``. The same Result gives the same bytes.

    Returns
    -------
    tuple[Path, ...]
        The files written.

    Raises
    ------
    OutputError
        If a layer's name cannot be a file name, or a column holds mixed values.
    """
    kinds = sorted(result.layers)
    written = [
        _write_frame(getattr(result, name), folder / f"{name}.parquet") for name in RESULT_FRAMES
    ]
    written += [_write_frame(result.layers[kind], folder / _layer_file(kind)) for kind in kinds]
    records = folder / RECORDS_FILE
    records.write_text(to_json(_records(result, kinds)), encoding="utf-8", newline="\n")
    return (*written, records)


def portable_study(study: Study) -> Study:
    """Return the study with every path as the user wrote it, free of machine paths."""
    layers = {
        kind: replace(
            spec,
            path=spec.reference,
            boundary=None if spec.boundary is None else Path(spec.boundary).name,
        )
        for kind, spec in study.layers.items()
    }
    grids = {kind: replace(spec, path=spec.reference) for kind, spec in study.grids.items()}
    return replace(study, layers=layers, grids=grids)


def plain_plans(plans: Mapping[str, Plan]) -> dict[str, Any]:
    """Return the plans as plain values without their seconds, which differ from run to run."""
    return {key: to_plain(plan) | {"seconds": None} for key, plan in plans.items()}


def _records(result: Result, kinds: list[str]) -> dict[str, Any]:
    return {
        "format": RESULT_FORMAT,
        "schema_version": SCHEMA_VERSION,
        "crs": result.crs,
        "layers": kinds,
        "study": to_plain(portable_study(result.study)),
        "plans": plain_plans(result.plans),
        "provenance": [to_plain(record) for record in result.provenance],
        "notices": [to_plain(notice) for notice in result.notices],
    }


def _layer_file(kind: str) -> str:
    if _LAYER_NAME.fullmatch(kind):
        return f"layer_{kind}.parquet"
    raise OutputError(
        Problem(
            where="result",
            what="a layer's name cannot be a file name",
            got=kind,
            expected="small letters, digits and underscores",
            mend="Rename the layer in the study.",
        )
    )


def _write_frame(frame: pd.DataFrame, path: Path) -> Path:
    spatial = isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None
    # A frame without geometry may still be a GeoDataFrame, whose writer would refuse it.
    whole = frame if spatial else pd.DataFrame(frame)
    try:
        whole.to_parquet(path, compression="zstd")
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise OutputError(
            Problem(
                where=path.stem,
                what="a column cannot be stored",
                got=str(error),
                expected="one kind of value in each column",
                mend="Drop or clean the column in the layer's file.",
            )
        ) from error
    return path
