"""Changes of a plan that a reader made on the map: weights and sites, ``siting run --with FILE``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import numpy as np
from pydantic import Field

from siting._config_files import parse, validate
from siting._config_schema import Key, NotNegative, SiteRolesFile, Table
from siting.errors import ConfigError, Problem
from siting.model import FacilitySpec, ModelSpec, Role, Study, Weighting
from siting.optimise import models
from siting.scoring import weights as methods

_QUOTED = 5
_COUNT = "sites"
"""The parameter of a location model that says how many sites it shall choose."""


class SitesFile(SiteRolesFile):
    """``[facilities.NAME.sites]``: the sites as they stood on the map, by role."""

    count: Annotated[int, Field(ge=0)] | None = None


class FacilityChangesFile(Table):
    """``[facilities.NAME]``: points by criterion, and sites."""

    weights: dict[str, NotNegative] = Field(default_factory=dict)
    sites: SitesFile = Field(default_factory=SitesFile)


class ChangesFile(Table):
    """The file as the map saves it."""

    study: str
    facilities: dict[Key, FacilityChangesFile]


def with_changes(study: Study, path: Path) -> Study:
    """Return a study with the weights and sites of a file that was saved from the map.

    Weights replace those of the facility type, however they were found; points are divided by their
    sum. Sites become roles (required, existing, forbidden), which come after those of the study;
    ``count`` becomes the number of sites where the location model asks for one.

    Parameters
    ----------
    study
        The study with all its facility types.
    path
        A TOML file: ``study``, ``[facilities.NAME.weights]`` with a number a criterion, and
        ``[facilities.NAME.sites]`` with ``count`` and lists of candidate ids by role.

    Raises
    ------
    MissingFileError
        If the file is not there.
    ConfigError
        If it is no TOML, or belongs to another study, facility type or criterion; all at once.
    """
    problems: list[Problem] = []
    raw = validate(path.name, parse(path), ChangesFile, problems)
    if raw is None:
        raise ConfigError(*problems)
    problems += _strangers(path.name, study, raw)
    changed = []
    for spec in study.facilities:
        told = raw.facilities.get(spec.key, FacilityChangesFile())
        where = f"{path.name}: facilities.{spec.key}"
        try:
            changed.append(_with_weights(where, _with_count(spec, told.sites), told, study))
        except ConfigError as error:
            problems += error.problems
        problems += _site_problems(where, told.sites)
    if problems:
        raise ConfigError(*problems)
    roles = {key: row.sites.roles for key, row in raw.facilities.items()}
    return replace(study, facilities=tuple(changed), roles=merged(study.roles, roles))


def merged(
    before: Mapping[str, Mapping[str, Role]], after: Mapping[str, Mapping[str, Role]]
) -> Mapping[str, Mapping[str, Role]]:
    """Return the roles of both by facility type; where a site has two, the later holds."""
    both: dict[str, Mapping[str, Role]] = {}
    for key in sorted({*before, *after}):
        told = {**before.get(key, {}), **after.get(key, {})}
        roles = {site: role for site, role in told.items() if role is not Role.CANDIDATE}
        if roles:
            both[key] = MappingProxyType(roles)
    return MappingProxyType(both)


def _strangers(name: str, study: Study, raw: ChangesFile) -> Iterable[Problem]:
    if raw.study != study.name:
        yield Problem(
            where=f"{name}: study",
            what="the changes belong to another study",
            got=raw.study,
            expected=study.name,
            mend="Plan that study, or correct the key if it was only renamed.",
        )
    known = [spec.key for spec in study.facilities]
    for key in raw.facilities:
        if key not in known:
            yield Problem(
                where=f"{name}: facilities.{key}",
                what="the study has no such facility",
                expected=f"one of {', '.join(known)}",
                mend="Correct the name, or take the table out.",
            )


def _site_problems(where: str, sites: SitesFile) -> Iterable[Problem]:
    if sites.count is not None and len(sites.required) > sites.count:
        yield Problem(
            where=f"{where}.sites.count",
            what="fewer sites than are required",
            got=str(sites.count),
            expected=f"at least {len(sites.required)}",
            mend="Raise count, or take sites out of required.",
        )


def _with_count(spec: FacilitySpec, sites: SitesFile) -> FacilitySpec:
    """Return the facility with the number of sites, where its location model is asked for one."""
    if sites.count is None or _COUNT not in models()[spec.model.kind].parameters:
        return spec
    params = MappingProxyType({**spec.model.params, _COUNT: sites.count})
    return replace(spec, model=ModelSpec(kind=spec.model.kind, params=params))


def _with_weights(
    where: str, spec: FacilitySpec, told: FacilityChangesFile, study: Study
) -> FacilitySpec:
    if not told.weights:
        return spec
    keys = [criterion.key for criterion in spec.criteria]
    unknown = [key for key in told.weights if key not in keys]
    # A plan without the data of a criterion leaves it out, and its map has no slider for it.
    absent = [key for key in keys if key not in told.weights and study.missing_data == "refuse"]
    if unknown or absent:
        raise ConfigError(
            Problem(
                where=f"{where}.weights",
                what="not one number for each criterion",
                got=f"unknown: {_quote(unknown) or '-'}; missing: {_quote(absent) or '-'}",
                expected=", ".join(keys),
                mend="Save the changes again from a map of this study.",
            )
        )
    points = np.array([told.weights.get(key, 0.0) for key in keys])
    found = methods.stated(points, where=f"{where}.weights").tolist()
    criteria = tuple(
        replace(criterion, weight=weight)
        for criterion, weight in zip(spec.criteria, found, strict=True)
    )
    table = Weighting(group="", method="direct", items=tuple(keys), weights=tuple(found))
    return replace(spec, criteria=criteria, weighting=(table,))


def _quote(names: Sequence[str]) -> str:
    return ", ".join([*names[:_QUOTED], *(["…"] if len(names) > _QUOTED else [])])
