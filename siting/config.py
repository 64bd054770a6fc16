"""Configuration: TOML in, a frozen ``Study`` out, every problem of every file at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from siting import _config_schema as files
from siting._config_checks import check_params, facility_problems, unknown
from siting._config_files import beside, data_path, parse, read, root
from siting.constraints import PARAMETERS
from siting.criteria import criteria
from siting.errors import ConfigError, MissingFileError, Problem
from siting.model import (
    AccessLeg,
    Assumption,
    CriterionSpec,
    Direction,
    FacilitySpec,
    Label,
    LayerSpec,
    ModelSpec,
    NormaliseSpec,
    RuleSpec,
    SolverSettings,
    Study,
    VehicleProfile,
)
from siting.schema import LAYERS


def builtin_studies() -> tuple[str, ...]:
    """Return the names of the studies that come with the program."""
    return tuple(sorted(path.stem for path in (root() / "studies").glob("*.toml")))


def load_study(study: str | Path, *, facilities: Sequence[str] = ()) -> Study:
    """Read a study with the facilities, profiles and rules it names.

    Parameters
    ----------
    study
        Name of a built-in study, or path of a TOML file.
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
        If the study, or a file that it names, is not there.
    """
    path = _study_path(study)
    problems: list[Problem] = []
    raw = read(path, files.StudyFile, problems)
    if raw is None:
        raise ConfigError(*problems)
    chosen = _chosen(raw.facilities, facilities, path, problems)
    rules = _load_rules(problems)
    specs = [_facility(key, path, rules, problems) for key in chosen]
    known = [spec for spec in specs if spec is not None]
    profiles = _profiles(known, path, problems)
    layers = _layers(raw, path, problems)
    if problems:
        raise ConfigError(*problems)
    return Study(
        name=path.stem,
        title=_label(raw.title),
        crs=raw.crs,
        edition=raw.edition,
        seed=raw.seed,
        layers=layers,
        access=AccessLeg(**raw.access.model_dump()),
        service_area_buffer_m=raw.service_area.buffer_m,
        profiles=profiles,
        facilities=tuple(known),
        solver=SolverSettings(**raw.solver.model_dump()),
        notice=_label(raw.notice),
        sources=MappingProxyType(dict(raw.sources)),
    )


def load_wording() -> Mapping[str, Label]:
    """Read the words of the outputs in all languages, ``config/wording.toml``."""
    path = root() / "wording.toml"
    table = parse(path)
    return MappingProxyType({key: Label(zh=row["zh"], en=row["en"]) for key, row in table.items()})


def _study_path(study: str | Path) -> Path:
    if str(study) in builtin_studies():
        return root() / "studies" / f"{study}.toml"
    path = Path(study)
    if path.is_file():
        return path
    raise MissingFileError(
        Problem(
            where=f"study {study}",
            what="neither a built-in study nor a file",
            expected=f"a path of a TOML file, or one of {', '.join(builtin_studies())}",
            mend="Check the spelling; `siting run --help` tells the built-in names.",
        )
    )


def _chosen(
    offered: Sequence[str], wanted: Sequence[str], path: Path, problems: list[Problem]
) -> list[str]:
    keys = {Path(item).stem: item for item in offered}
    unknown = [key for key in wanted if key not in keys]
    if unknown:
        problems.append(
            Problem(
                where=path.name,
                what="the study has no such facility",
                got=", ".join(unknown),
                expected=f"one of {', '.join(keys)}",
            )
        )
    return [item for key, item in keys.items() if not wanted or key in wanted]


def _load_rules(problems: list[Problem]) -> dict[str, RuleSpec]:
    found: dict[str, RuleSpec] = {}
    for path in sorted((root() / "rules").glob("*.toml")):
        raw = read(path, files.RulesFile, problems)
        for key, row in (raw.rules if raw else {}).items():
            found[key] = RuleSpec(
                key=key,
                kind=row.kind,
                label=_label(row.label),
                clause=row.clause,
                source=row.source,
                verified=row.verified,
                params=MappingProxyType(dict(row.params)),
                exempt_types=tuple(row.exempt_types),
            )
            where = f"{path.name}: {key}"
            if row.kind not in PARAMETERS:
                problems.append(unknown(where, "rule kind", row.kind, PARAMETERS))
            else:
                problems.extend(check_params(where, row.params, PARAMETERS[row.kind]))
    return found


def _facility(
    item: str, study: Path, rules: Mapping[str, RuleSpec], problems: list[Problem]
) -> FacilitySpec | None:
    path = beside(item, "facilities", study)
    raw = read(path, files.FacilityFile, problems)
    if raw is None:
        return None
    found = list(facility_problems(path.name, raw, rules))
    problems.extend(found)
    if found:
        return None
    return FacilitySpec(
        key=path.stem,
        label=_label(raw.label),
        site_label=_label(raw.site_label),
        colour=raw.colour,
        profile=raw.profile,
        candidate_layer=raw.candidates.layer,
        candidate_where=_where(raw.candidates.where),
        candidate_type=raw.candidates.type,
        candidate_flags=tuple(raw.candidates.flags),
        existing_layer=raw.existing.layer if raw.existing else None,
        existing_where=_where(raw.existing.where if raw.existing else {}),
        demand_model=raw.demand.model,
        demand_case=raw.demand.case,
        demand_label=_label(raw.demand.label),
        demand_unit=raw.demand.unit,
        service_minutes=raw.service_minutes,
        criteria=tuple(_criterion(row, raw.demand.unit) for row in raw.criteria),
        rules=tuple(rules[key] for key in raw.rules),
        model=ModelSpec(kind=raw.model.kind, params=MappingProxyType(dict(raw.model.params))),
        assumptions=MappingProxyType({k: _assumption(k, a) for k, a in raw.assumptions.items()}),
        tables=MappingProxyType({k: MappingProxyType(t) for k, t in raw.tables.items()}),
    )


def _criterion(row: files.CriterionFile, demand_unit: str) -> CriterionSpec:
    known = criteria()[row.measure]
    unit = row.unit if row.unit is not None else known.unit.replace("{demand}", demand_unit)
    return CriterionSpec(
        key=row.key,
        measure=row.measure,
        label=_label(row.label),
        unit=unit,
        direction=Direction(row.direction) if row.direction else known.direction,
        weight=row.weight,
        normalise=NormaliseSpec(**row.normalise.model_dump()),
        params=MappingProxyType(dict(row.params)),
        source=row.source,
        confidence=row.confidence,
    )


def _profiles(
    facilities: Sequence[FacilitySpec], study: Path, problems: list[Problem]
) -> Mapping[str, VehicleProfile]:
    used = {spec.profile for spec in facilities}
    for spec in facilities:
        used |= {str(row.params["profile"]) for row in spec.criteria if "profile" in row.params}
    found = {}
    for key in sorted(used):
        path = beside(key, "profiles", study)
        raw = read(path, files.ProfileFile, problems)
        if raw is not None:
            found[key] = VehicleProfile(
                key=key,
                label=_label(raw.label),
                max_speed_kmh=MappingProxyType(dict(raw.max_speed_kmh)),
                default_max_speed_kmh=raw.default_max_speed_kmh,
                banned=_tuples(raw.banned),
                warned=_tuples(raw.warned),
                source=raw.source,
                confidence=raw.confidence,
            )
    return MappingProxyType(found)


def _layers(raw: files.StudyFile, study: Path, problems: list[Problem]) -> Mapping[str, LayerSpec]:
    found = {}
    for kind, row in raw.layers.items():
        where = f"{study.name}: layers.{kind}"
        if kind not in LAYERS:
            problems.append(unknown(where, "layer", kind, LAYERS))
            continue
        names = set(LAYERS[kind].names) | {"lon", "lat", "wkt"}
        problems.extend(
            unknown(f"{where}.columns", "column", column, names)
            for column in row.columns
            if column not in names
        )
        default = raw.layer_defaults
        found[kind] = LayerSpec(
            kind=kind,
            path=str(data_path(row.file, study)),
            reference=row.file if not Path(row.file).is_absolute() else Path(row.file).name,
            crs=row.crs if row.crs is not None else default.crs,
            columns=MappingProxyType(dict(row.columns)),
            licence=row.licence if row.licence is not None else default.licence,
            attribution=(row.attribution if row.attribution is not None else default.attribution),
        )
    return MappingProxyType(found)


def _label(raw: files.LabelFile) -> Label:
    return Label(zh=raw.zh, en=raw.en)


def _assumption(key: str, raw: files.AssumptionFile) -> Assumption:
    values = raw.model_dump(exclude={"label"})
    return Assumption(key=key, label=_label(raw.label), **values)


def _where(raw: Mapping[str, Sequence[files.Scalar]]) -> Mapping[str, tuple[files.Scalar, ...]]:
    return MappingProxyType({key: tuple(values) for key, values in raw.items()})


def _tuples(raw: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(values) for key, values in raw.items()})
