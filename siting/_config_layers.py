"""The data a study names and the siting rules: from their tables to the records of the core."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypedDict

from siting import _config_schema as files, _config_study as study_files
from siting._config_checks import ROADS, rule_problems, study_grid_problems, study_layer_problems
from siting._config_files import builtin, data_path, read
from siting.address import without_password
from siting.errors import Problem
from siting.model import GridSpec, Label, LayerSpec, RuleSpec, VehicleProfile


class _Origin(TypedDict):
    licence: str
    attribution: str
    source: str
    date: str


def label(raw: files.LabelFile) -> Label:
    """Return words in both languages."""
    return Label(zh=raw.zh, en=raw.en)


def load_rules(problems: list[Problem]) -> dict[str, RuleSpec]:
    """Return the siting rules of every file of rules."""
    found: dict[str, RuleSpec] = {}
    for path in builtin("rules").values():
        raw = read(path, study_files.RulesFile, problems)
        for key, row in (raw.rules if raw else {}).items():
            problems.extend(rule_problems(f"{path.name}: {key}", row, is_known=key in found))
            found[key] = RuleSpec(
                key=key,
                kind=row.kind,
                label=label(row.label),
                clause=row.clause,
                source=row.source,
                verified=row.verified,
                params=MappingProxyType(dict(row.params)),
                exempt_types=tuple(row.exempt_types),
                absent=label(row.absent) if row.absent else None,
            )
    return found


def data_specs(
    raw: study_files.StudyFile, study: Path, problems: list[Problem]
) -> tuple[Mapping[str, LayerSpec], Mapping[str, GridSpec]]:
    """Return where every layer and every raster of a study comes from."""
    return _layer_specs(raw, study, problems), _grid_specs(raw, study, problems)


def _layer_specs(
    raw: study_files.StudyFile, study: Path, problems: list[Problem]
) -> Mapping[str, LayerSpec]:
    """Return where every layer of a study comes from."""
    found = {}
    for kind, row in raw.layers.items():
        where = f"{study.name}: layers.{kind}"
        problems.extend(study_layer_problems(where, kind, row))
        path, reference = _place(row, study, where, problems)
        boundary = row.boundary and str(
            data_path(row.boundary, study=study, where=f"{where}.boundary", problems=problems)
        )
        found[kind] = LayerSpec(
            kind=kind,
            path=path,
            reference=reference,
            layer=row.layer,
            encoding=row.encoding,
            crs=row.crs if row.crs is not None else raw.layer_defaults.crs,
            columns=MappingProxyType(dict(row.columns)),
            boundary=boundary,
            **_origin(row, raw.layer_defaults),
        )
    for kind in ROADS:
        if kind not in raw.layers:
            what, mend = f"no layer {kind}", "Distances are measured along roads: add the layer."
            problems.append(Problem(where=f"{study.name}: layers", what=what, mend=mend))
    return MappingProxyType(found)


def _grid_specs(
    raw: study_files.StudyFile, study: Path, problems: list[Problem]
) -> Mapping[str, GridSpec]:
    """Return where every raster of a study comes from."""
    found = {}
    for kind, row in raw.grids.items():
        where = f"{study.name}: grids.{kind}"
        problems.extend(study_grid_problems(where, kind))
        path = data_path(row.file, study=study, where=f"{where}.file", problems=problems)
        found[kind] = GridSpec(
            kind=kind,
            path=str(path),
            reference=_portable(row.file),
            band=row.band,
            crs=row.crs,
            nodata=row.nodata,
            **_origin(row, raw.layer_defaults),
        )
    return MappingProxyType(found)


def _place(
    row: study_files.LayerFile, study: Path, where: str, problems: list[Problem]
) -> tuple[str, str]:
    """Return the resolved file or address of a layer, and what may be shown of it."""
    if row.database is not None:
        return row.database, without_password(row.database)
    file = row.file or ""
    path = data_path(file, study=study, where=f"{where}.file", problems=problems)
    return str(path), _portable(file)


def _portable(file: str) -> str:
    return file if not Path(file).is_absolute() else Path(file).name


def _origin(
    row: study_files.LayerFile | study_files.GridFile, default: study_files.LayerDefaultsFile
) -> _Origin:
    return {
        "licence": row.licence if row.licence is not None else default.licence,
        "attribution": row.attribution if row.attribution is not None else default.attribution,
        "source": row.source if row.source is not None else default.source,
        "date": row.date if row.date is not None else default.date,
    }


def profile_record(key: str, raw: study_files.ProfileFile) -> VehicleProfile:
    """Return a vehicle profile."""
    return VehicleProfile(
        key=key,
        label=label(raw.label),
        max_speed_kmh=MappingProxyType(dict(raw.max_speed_kmh)),
        default_max_speed_kmh=raw.default_max_speed_kmh,
        banned=_tuples(raw.banned),
        warned=_tuples(raw.warned),
        source=raw.source,
        confidence=raw.confidence,
        vehicle_classes=tuple(raw.vehicle_classes),
    )


def _tuples(raw: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(values) for key, values in raw.items()})
