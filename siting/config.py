"""Configuration: TOML in, a frozen ``Study`` out, every problem of every file at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from siting import _config_schema as files, _config_study as study_files
from siting._config_checks import decided_problems, facility_problems, normalise_spec
from siting._config_files import (
    builtin,
    chosen,
    find,
    parse,
    read,
    root,
    study_path,
    texts,
    unknown_facilities,
    validate,
)
from siting._config_layers import data_specs, label, load_rules, profile_record
from siting._config_missing import existing_with_data, rules_without_data
from siting._config_numbers import (
    Numbers,
    all_numbers,
    assumption_records,
    merged,
    roll_out_spec,
    table_records,
)
from siting._config_uses import layer_problems
from siting._config_weights import weigh
from siting.criteria import criteria
from siting.errors import ConfigError, Problem
from siting.model import (
    AccessLeg,
    CandidateSurface,
    CertaintySettings,
    CriterionSpec,
    Direction,
    FacilitySpec,
    ModelSpec,
    RuleSpec,
    SolverSettings,
    Study,
    SuitabilitySpec,
    VehicleProfile,
    Wording,
)


class _Brought(NamedTuple):
    """Layers and rasters that a study names, and whether it goes on without the others."""

    layers: Sequence[str]
    grids: Sequence[str]
    may_lack: bool

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> "_Brought":
        """Look at a study's tables, which may not have been checked yet."""
        return cls(
            layers=texts(tables.get("layers")),
            grids=texts(tables.get("grids")),
            may_lack=tables.get("missing_data") == "leave_out",
        )


def builtin_studies() -> tuple[str, ...]:
    """Return the names of the studies that come with the program."""
    return tuple(builtin("studies"))


def load_study(study: str | Path, *, facilities: Sequence[str] = ()) -> Study:
    """Read a study with the facilities, profiles and rules it names.

    Parameters
    ----------
    study
        Name of a built-in study, or path of a TOML file. Paths in it count from its folder.
    facilities
        Keys of the facility types to keep; none given keeps all of the study's.

    Returns
    -------
    Study
        Every default filled in, every path resolved.

    Raises
    ------
    ConfigError
        If anything is wrong; all problems of all files at once.
    MissingFileError
        If the study is neither built in nor a file.
    """
    path = study_path(study)
    tables = parse(path)
    problems: list[Problem] = []
    raw = validate(path.name, tables, study_files.StudyFile, problems)
    # The other files are checked even when the study's own is wrong, to tell everything at once.
    kept = chosen(texts(tables.get("facilities")), facilities, path, problems)
    rules = load_rules(problems)
    kinds = _facility_files(kept, path, problems)
    brought = _Brought.of(tables)
    problems += decided_problems(path.name, raw, builtin("facilities")) if raw else ()
    numbers = all_numbers(raw, {key: kind for key, (_, kind) in kinds.items()}, problems)
    _check_facilities(kinds, rules, brought, numbers, problems)
    profiles = _profiles(kinds.values(), path, problems)
    data = data_specs(raw, path, problems) if raw else None
    if raw is None or data is None or problems:
        raise ConfigError(*dict.fromkeys(problems))  # files that several types share are told once
    planned = tuple(
        _facility(key, of, rules, brought, numbers.of[key]) for key, of in kinds.items()
    )
    return replace(
        _plain_study(raw),
        name=path.stem,
        layers=data[0],
        grids=data[1],
        profiles=profiles,
        facilities=planned,
        roles=MappingProxyType({k: row.roles for k, row in raw.roles.items() if k in kinds}),
        assumptions=assumption_records(numbers.common),
        tables=table_records(numbers.common),
    )


def _plain_study(raw: study_files.StudyFile) -> Study:
    """Return what a study's own file says, without what it names."""
    return Study(
        name="",
        title=label(raw.title),
        crs=raw.crs,
        edition=raw.edition,
        seed=raw.seed,
        layers={},
        missing_data=raw.missing_data,
        left_out=MappingProxyType({key: label(text) for key, text in raw.left_out.items()}),
        access=AccessLeg(**raw.access.model_dump()),
        service_area_buffer_m=raw.service_area.buffer_m,
        profiles={},
        facilities=(),
        solver=SolverSettings(**raw.solver.model_dump()),
        certainty=CertaintySettings(**raw.certainty.model_dump()),
        notice=label(raw.notice),
        sources=MappingProxyType(
            {**raw.sources, **{f"roles.{key}": row.source for key, row in raw.roles.items()}}
        ),
        roll_out=roll_out_spec(raw.roll_out),
    )


def _check_facilities(
    kinds: Mapping[str, tuple[Path, files.FacilityFile]],
    rules: Mapping[str, RuleSpec],
    brought: _Brought,
    numbers: Numbers,
    problems: list[Problem],
) -> None:
    for key, (file, kind) in kinds.items():
        problems.extend(facility_problems(file.name, kind, rules, numbers.of[key]))
        found = layer_problems(file.name, kind, rules, brought.layers, may_lack=brought.may_lack)
        problems.extend(found)


def keep_facilities(study: Study, facilities: Sequence[str]) -> Study:
    """Return a study with only some of its facility types; none given keeps all.

    Raises
    ------
    ConfigError
        If the study has no such facility.
    """
    known = [facility.key for facility in study.facilities]
    if unknown := unknown_facilities(study.name, known, facilities):
        raise ConfigError(unknown)
    kept = {f.key: f for f in study.facilities if not facilities or f.key in facilities}
    roles = {key: given for key, given in study.roles.items() if key in kept}
    return replace(study, facilities=tuple(kept.values()), roles=MappingProxyType(roles))


def load_wording() -> Mapping[str, Wording]:
    """Read the words of the outputs in all languages, ``config/wording.toml``."""
    path = root() / "wording.toml"
    table = parse(path)
    return MappingProxyType({key: Wording(**row) for key, row in table.items()})


def _facility_files(
    chosen: Mapping[str, str], study: Path, problems: list[Problem]
) -> dict[str, tuple[Path, files.FacilityFile]]:
    found = {}
    where = f"{study.name}: facilities"
    for key, item in chosen.items():
        path = find(item, "facilities", study=study, where=where, problems=problems)
        raw = read(path, files.FacilityFile, problems) if path else None
        if path and raw:
            found[key] = path, raw
    return found


def _facility(
    key: str,
    of: tuple[Path, files.FacilityFile],
    rules: Mapping[str, RuleSpec],
    brought: _Brought,
    shared: files.NumbersFile,
) -> FacilitySpec:
    path, raw = of
    numbers = merged(shared, raw)
    weights, weighting = weigh(path.name, raw)
    there = [*brought.layers, *brought.grids]
    left_out = rules_without_data(raw.rules, rules, there, may_lack=brought.may_lack)
    existing = existing_with_data(raw, brought.layers, may_lack=brought.may_lack)
    without = {part.key for part in left_out}
    return FacilitySpec(
        key=key,
        label=label(raw.label),
        site_label=label(raw.site_label),
        colour=raw.colour,
        profile=raw.profile,
        candidate_layer=raw.candidates.layer,
        candidate_where=_where(raw.candidates.where),
        candidate_type=raw.candidates.type,
        candidate_flags=tuple(raw.candidates.flags),
        candidate_surface=_surface(raw.candidates.surface),
        suitability=_suitability(raw.suitability),
        existing_layer=existing.layer if existing else None,
        existing_where=_where(existing.where if existing else {}),
        demand_model=raw.demand.model,
        demand_case=raw.demand.case,
        demand_label=label(raw.demand.label),
        demand_unit=raw.demand.unit,
        service_minutes=raw.service_minutes,
        criteria=tuple(_criterion(row, raw.demand.unit, weights[row.key]) for row in raw.criteria),
        weighting=weighting,
        rules=tuple(rules[key] for key in raw.rules if key not in without),
        left_out=left_out,
        model=ModelSpec(kind=raw.model.kind, params=MappingProxyType(dict(raw.model.params))),
        assumptions=assumption_records(numbers),
        tables=table_records(numbers),
    )


def _surface(raw: files.SurfaceFile | None) -> CandidateSurface | None:
    return None if raw is None else CandidateSurface(**raw.model_dump())


def _suitability(raw: files.SuitabilityFile | None) -> SuitabilitySpec | None:
    return None if raw is None else SuitabilitySpec(**raw.model_dump())


def _criterion(row: files.CriterionFile, demand_unit: str, weight: float) -> CriterionSpec:
    known = criteria()[row.measure]
    unit = row.unit if row.unit is not None else known.unit.replace("{demand}", demand_unit)
    return CriterionSpec(
        key=row.key,
        measure=row.measure,
        label=label(row.label),
        unit=unit,
        direction=Direction(row.direction) if row.direction else known.direction,
        weight=weight,
        normalise=normalise_spec(row.normalise),
        params=MappingProxyType(dict(row.params)),
        source=row.source,
        confidence=row.confidence,
    )


def _profiles(
    facilities: Iterable[tuple[Path, files.FacilityFile]], study: Path, problems: list[Problem]
) -> Mapping[str, VehicleProfile]:
    used: dict[str, str] = {}
    for file, raw in facilities:
        used.setdefault(raw.profile, f"{file.name}: profile")
        for row in raw.criteria:
            name = row.params.get("profile")
            if isinstance(name, str):
                used.setdefault(name, f"{file.name}: criteria.{row.key}.params.profile")
    found = {}
    for key, where in sorted(used.items()):
        path = find(key, "profiles", study=study, where=where, problems=problems)
        raw_profile = read(path, study_files.ProfileFile, problems) if path else None
        if raw_profile is not None:
            found[key] = profile_record(key, raw_profile)
    return MappingProxyType(found)


def _where(raw: Mapping[str, Sequence[files.Scalar]]) -> Mapping[str, tuple[files.Scalar, ...]]:
    return MappingProxyType({key: tuple(values) for key, values in raw.items()})
