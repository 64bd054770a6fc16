"""Assumptions and tables: what holds anywhere, in a study, and for one facility type."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from siting import _config_schema as files, _config_study as study_files
from siting._config_files import builtin, read
from siting._config_layers import label
from siting.errors import Problem
from siting.model import Assumption, RollOutSpec, SourcedTable

_FOLDER = "engineering"
_COMMON = "common"


class Numbers(NamedTuple):
    """Assumptions and tables: those for all types, and by type those besides its own file's."""

    common: files.NumbersFile
    of: Mapping[str, files.NumbersFile]


def all_numbers(
    study: study_files.StudyFile | None,
    kinds: Mapping[str, files.FacilityFile],
    problems: list[Problem],
) -> Numbers:
    """Return the numbers that hold for a study's facility types by key, its own first."""
    own = files.NumbersFile(
        assumptions=study.assumptions if study else {}, tables=study.tables if study else {}
    )
    of = {key: _shared(kind.demand.model, own, problems) for key, kind in kinds.items()}
    return Numbers(_shared(None, own, problems), of)


def roll_out_spec(raw: study_files.RollOutFile | None) -> RollOutSpec | None:
    """Return the record of the roll-out, None where the study tells of none."""
    if raw is None:
        return None
    return RollOutSpec(
        years=tuple(raw.years),
        budget_mcny=tuple(raw.budget_mcny),
        demand_share=tuple(raw.demand_share),
        worth=MappingProxyType(dict(raw.worth)),
        source=raw.source,
        confidence=raw.confidence,
    )


def _shared(
    model: str | None, study: files.NumbersFile, problems: list[Problem]
) -> files.NumbersFile:
    """Return what holds for every type of a model besides its own file's numbers.

    The study's numbers replace those of ``config/engineering/<model>.toml``, and these the ones of
    ``common.toml``; with None as the model, only what holds for all.
    """
    known = builtin(_FOLDER)
    names = [name for name in (_COMMON, model) if name is not None and name in known]
    parts = [read(known[name], files.EngineeringFile, problems) for name in names]
    return merged(*(part for part in parts if part is not None), study)


def merged(*parts: files.NumbersFile) -> files.NumbersFile:
    """Return the numbers of all parts; a later part replaces a key of an earlier one."""
    return files.NumbersFile(
        assumptions={key: row for part in parts for key, row in part.assumptions.items()},
        tables={key: row for part in parts for key, row in part.tables.items()},
    )


def assumption_records(raw: files.NumbersFile) -> Mapping[str, Assumption]:
    """Return the records of the assumptions by key."""
    return MappingProxyType({key: _assumption(key, row) for key, row in raw.assumptions.items()})


def table_records(raw: files.NumbersFile) -> Mapping[str, SourcedTable]:
    """Return the records of the tables by key."""
    return MappingProxyType({key: _table(key, row) for key, row in raw.tables.items()})


def _assumption(key: str, raw: files.AssumptionFile) -> Assumption:
    return Assumption(key=key, label=label(raw.label), **raw.model_dump(exclude={"label"}))


def _table(key: str, raw: files.SourcedTableFile) -> SourcedTable:
    values = MappingProxyType(dict(raw.values))
    rest = raw.model_dump(exclude={"label", "values"})
    return SourcedTable(key=key, label=label(raw.label), values=values, **rest)
