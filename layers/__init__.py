"""Inputs: files become checked frames in the working CRS.

This package is imported for its data as well (``layers/starter``), so the readers, and geopandas with
them, are loaded by the first call.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from siting.errors import MissingFileError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers._osm import Survey
    from siting.model import Inputs, Progress, Study

__all__ = ["read", "starter_path", "survey"]


def read(study: Study, *, progress: Progress | None = None) -> Inputs:
    """Read, check and reproject every layer of a study.

    All problems of all layers are collected before anything is raised. Nothing is written. Few broken
    rows may be left out (none of a road graph); what was repaired is told in the provenance. Same
    files, same frames.

    Parameters
    ----------
    study
        Its ``layers`` say which files, ``crs`` in which system the study is measured.
    progress
        Told after every layer.

    Returns
    -------
    Inputs
        One frame a layer with the columns of ``siting.schema.LAYERS`` and ``geometry``, sorted by
        ``id``, text empty ("") and numbers NaN where unknown.

    Raises
    ------
    MissingFileError
        When a file is not there; other problems are listed with it.
    CrsError
        When every problem is one of the coordinate system.
    InputError
        When a layer is wrong.
    """
    from layers._read import read_study  # noqa: PLC0415 -- geopandas takes a second to import

    return read_study(study, progress=progress)


def survey(path: str, boundary: str | None = None) -> Mapping[str, Survey]:
    """Tell for every kind of layer how many rows an OSM file has; see ``layers._osm.survey``."""
    from layers._osm import survey as look  # noqa: PLC0415 - as above

    return look(path, boundary)


def starter_path(name: str) -> Path:
    """Return the folder of an embedded data pack, such as ``qingdao``.

    Raises
    ------
    MissingFileError
        When there is no pack of that name.
    """
    root = Path(str(files("layers").joinpath("starter")))
    packs = sorted(path.name for path in root.iterdir() if path.is_dir())
    if name not in packs:
        raise MissingFileError(
            Problem(
                where="starter pack",
                what="not there",
                got=repr(name),
                expected=" or ".join(packs),
            )
        )
    return root / name
