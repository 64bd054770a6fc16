"""Roles of sites from a file that a planner edited: CSV, or a GeoPackage such as ``sites.gpkg``."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio

from siting.errors import InputError, MissingFileError, Problem
from siting.model import Role

_LAYER = "candidates"
_QUOTED = 5


def read_roles(path: Path, *, facilities: Sequence[str]) -> Mapping[str, Mapping[str, Role]]:
    """Return the roles of single candidates by facility type.

    A row has ``candidate_id``, ``role`` (candidate, required, existing or forbidden; empty says
    nothing, candidate lifts a role that the study gives) and ``facility``, which may lack where only one type is planned. Of a GeoPackage with
    several layers the one named ``candidates`` is read; its other columns do not matter.

    Parameters
    ----------
    path
        A CSV file in UTF-8, or any file of GDAL.
    facilities
        The facility types that are planned. Rows of others are left aside.

    Raises
    ------
    MissingFileError
        If the file is not there.
    InputError
        If it cannot be read, a column lacks, or a row is wrong; every kind of mistake at once.
    """
    rows = _read(path)
    absent = [name for name in ("candidate_id", "role") if name not in rows]
    if "facility" not in rows and len(facilities) == 1:
        rows["facility"] = facilities[0]
    elif "facility" not in rows:
        absent.append("facility")
    if absent:
        raise InputError(
            Problem(
                where=path.name,
                what=f"no column {', '.join(absent)}",
                got=", ".join(map(str, rows.columns)),
                expected="candidate_id, role and facility",
                mend="Edit the column role of the layer candidates of sites.gpkg.",
            )
        )
    text = rows[["facility", "candidate_id", "role"]].fillna("").astype(str)
    text = text.apply(lambda column: column.str.strip())
    text["role"] = text["role"].str.lower()
    text = text[text["role"] != ""]
    if problems := _problems(path, text):
        raise InputError(*problems)
    kept = text[text["facility"].isin(facilities)]
    return {
        key: {row.candidate_id: Role(row.role) for row in group.itertuples()}
        for key, group in kept.groupby("facility", sort=True)
    }


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        mend = "Check the path of --sites."
        raise MissingFileError(Problem(where=str(path), what="no such file", mend=mend))
    try:
        rows = _read_table(path)
    except (OSError, RuntimeError, ValueError, IndexError) as error:
        raise InputError(
            Problem(
                where=path.name,
                what="cannot be read as a table of roles",
                got=str(error).replace(str(path), path.name),
                expected="a CSV in UTF-8, or a GeoPackage",
            )
        ) from error
    return rows


def _read_table(path: Path) -> pd.DataFrame:
    if path.suffix.lower() == ".csv":
        return pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    layer = _LAYER if _LAYER in names else names[0]
    rows: pd.DataFrame = pyogrio.read_dataframe(path, layer=layer, read_geometry=False)
    return rows


def _problems(path: Path, text: pd.DataFrame) -> list[Problem]:
    roles = [role.value for role in Role]
    named = ~text["role"].isin(roles)
    nameless = (text["candidate_id"] == "") & (text["role"] != Role.CANDIDATE)
    twice = text.groupby(["facility", "candidate_id"])["role"].transform("nunique") > 1
    told = (
        (named, "no such role", "role", " or ".join(roles), ""),
        (
            nameless,
            "a role without a candidate",
            "role",
            "a candidate_id",
            "A new place is added to the layer of candidates of the study.",
        ),
        (twice & ~nameless, "two roles for one candidate", "candidate_id", "one role each", ""),
    )
    return [
        Problem(
            where=f"{path.name}: {column}",
            what=what,
            got=_quote(text[column].to_numpy(str), mask.to_numpy(bool)),
            expected=expected,
            mend=mend,
        )
        for mask, what, column, expected, mend in told
        if mask.any()
    ]


def _quote(cells: np.ndarray, mask: np.ndarray) -> str:
    found = np.flatnonzero(mask)
    shown = ", ".join(f"row {row + 1} {str(cells[row])!r}" for row in found[:_QUOTED])
    return f"{shown}{', …' if len(found) > _QUOTED else ''}"
