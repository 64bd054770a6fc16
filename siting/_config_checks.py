"""What can be wrong with a configuration beyond the shape of its files."""

import inspect
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from siting import _config_schema as files, _config_study as study_files
from siting._config_weights import weight_problems
from siting.constraints import PARAMETERS
from siting.criteria import criteria
from siting.errors import ConfigError, Problem
from siting.facilities import engineering
from siting.model import NormaliseSpec
from siting.optimise import models
from siting.schema import GRIDS, LAYERS
from siting.scoring import NORMALISERS, check_shape

ROADS = ("road_nodes", "road_edges")
"""Layers that no study can do without."""

_WEIGHT_TOLERANCE = 1e-6
_PLACES = ("lon", "lat", "wkt")
Wanted: TypeAlias = tuple[Mapping[str, Any], Mapping[str, Any]]
"""Types of the parameters that must be given, and of those that may."""


def decided_problems(
    name: str, raw: study_files.StudyFile, types: Iterable[str]
) -> Iterable[Problem]:
    """Yield what is wrong with the sites that a study takes as decided; ``types`` are built in."""
    planned = [PurePath(item).stem for item in raw.facilities]
    # Types that come with the program may be left out of a copy of a study.
    known = list(dict.fromkeys([*planned, *types]))
    for key in raw.roles:
        if key not in known:
            yield Problem(
                where=f"{name}: roles.{key}",
                what="the study has no such facility",
                expected=f"one of {', '.join(known)}",
                mend="Correct the name, or take the table out.",
            )


def facility_problems(
    name: str, raw: files.FacilityFile, rules: Collection[str], shared: files.NumbersFile
) -> Iterable[Problem]:
    """Yield what is wrong with a facility file beyond its shape; ``shared`` holds for it as well."""
    if raw.weights is None:
        yield from _weight_problems(name, raw.criteria)
    else:
        yield from weight_problems(name, raw)
    yield from _twice(f"{name}: criteria", [row.key for row in raw.criteria])
    for row in raw.criteria:
        yield from _criterion_problems(f"{name}: criteria.{row.key}", row)
    yield from _twice(f"{name}: rules", raw.rules)
    for key in raw.rules:
        if key not in rules:
            yield unknown(f"{name}: rules", "rule", key, rules)
    if raw.demand.model not in engineering():
        yield unknown(f"{name}: demand.model", "demand model", raw.demand.model, engineering())
    else:
        needs = engineering()[raw.demand.model]
        for table, wanted in (("assumptions", needs.assumptions), ("tables", needs.tables)):
            given = {*getattr(raw, table), *getattr(shared, table)}
            for key in sorted(set(wanted) - given):
                yield Problem(where=f"{name}: {table}.{key}", what="missing", mend="Add the key.")
    where = f"{name}: model"
    if raw.model.kind not in models():
        yield unknown(where, "location model", raw.model.kind, models())
    else:
        solver = models()[raw.model.kind]
        yield from _params_problems(where, raw.model.params, _types_of(solver.parameters))


def rule_problems(where: str, row: study_files.RuleFile, *, is_known: bool) -> Iterable[Problem]:
    """Yield what is wrong with a siting rule beyond its shape."""
    if is_known:
        yield Problem(where=where, what="the rule is defined twice", mend="Rename one of them.")
    if row.kind not in PARAMETERS:
        yield unknown(where, "rule kind", row.kind, PARAMETERS)
    else:
        yield from _params_problems(where, row.params, PARAMETERS[row.kind], least=-math.inf)


def study_layer_problems(where: str, kind: str, row: study_files.LayerFile) -> Iterable[Problem]:
    """Yield what is wrong with one layer of a study beyond its shape."""
    if kind not in LAYERS:
        yield unknown(where, "layer", kind, LAYERS)
        return
    names = [*LAYERS[kind].names, *_PLACES]
    for column in row.columns:
        if column not in names:
            yield unknown(f"{where}.columns", "column", column, names)


def study_grid_problems(where: str, kind: str) -> Iterable[Problem]:
    """Yield what is wrong with one raster of a study beyond its shape."""
    if kind not in GRIDS:
        yield unknown(where, "raster", kind, GRIDS)


def _weight_problems(name: str, rows: Sequence[files.CriterionFile]) -> Iterable[Problem]:
    for row in rows:
        if row.weight is None:
            mend = "Give the criterion a weight, or the facility a table [weights]."
            yield Problem(where=f"{name}: criteria.{row.key}.weight", what="missing", mend=mend)
    total = sum(row.weight or 0.0 for row in rows)
    if not total > 0:
        yield Problem(
            where=f"{name}: criteria",
            what="all weights are zero",
            expected="weights that sum to 1",
            mend="Give at least one criterion a weight.",
        )
    elif abs(total - 1.0) > _WEIGHT_TOLERANCE:
        yield Problem(
            where=f"{name}: criteria",
            what="the weights do not sum to 1",
            got=f"{total:g}",
            expected="1",
            mend=f"Divide each weight by {total:g}.",
        )


def _twice(where: str, keys: Sequence[str]) -> Iterable[Problem]:
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        mend = "Rename one, or take it out."
        yield Problem(where=f"{where}.{key}", what="the key is used twice", mend=mend)


def _criterion_problems(where: str, row: files.CriterionFile) -> Iterable[Problem]:
    if row.normalise.kind not in NORMALISERS:
        yield unknown(where, "normalisation", row.normalise.kind, NORMALISERS)
    else:
        yield from _shape_problems(where, row)
    low, high = row.normalise.low, row.normalise.high
    if low is not None and high is not None and low >= high:
        yield Problem(
            where=where,
            what="the bounds of the normalisation are not in order",
            got=f"low = {low:g}, high = {high:g}",
            expected="low < high",
        )
    if row.measure not in criteria():
        yield unknown(where, "criterion", row.measure, criteria())
        return
    known = criteria()[row.measure]
    yield from _params_problems(where, row.params, _types_of(known.parameters))


def normalise_spec(raw: files.NormaliseFile) -> NormaliseSpec:
    """Return how raw values become [0, 1] as the core takes it."""
    return NormaliseSpec(
        kind=raw.kind,
        low=raw.low,
        high=raw.high,
        points=tuple((point[0], point[1]) for point in raw.points),
        breaks=tuple(raw.breaks),
    )


def _shape_problems(where: str, row: files.CriterionFile) -> Iterable[Problem]:
    try:
        check_shape(where, normalise_spec(row.normalise))
    except ConfigError as error:
        yield from error.problems
    known = criteria().get(row.measure)
    direction = row.direction or (known.direction.value if known else None)
    against = {"fuzzy_increasing": "min", "fuzzy_decreasing": "max"}.get(row.normalise.kind)
    if direction is not None and direction == against:
        yield Problem(
            where=where,
            what=f"{row.normalise.kind} goes against the direction of the criterion",
            got=f"direction {direction}",
            mend="Turn the curve, or state the other direction.",
        )


def _types_of(parameters: Mapping[str, inspect.Parameter]) -> Wanted:
    """Return the annotations of parameters: those without a default, and the others."""
    must = {k: p.annotation for k, p in parameters.items() if p.default is p.empty}
    may = {k: p.annotation for k, p in parameters.items() if p.default is not p.empty}
    return must, may


def _params_problems(
    where: str, given: Mapping[str, object], wanted: Wanted, *, least: float = 0.0
) -> Iterable[Problem]:
    """Yield parameters that are missing, unknown, of the wrong type or no amount."""
    must, may = wanted
    for name in sorted(set(must) - set(given)):
        yield Problem(where=f"{where}.params.{name}", what="missing", mend="Add the parameter.")
    for name, value in given.items():
        if name not in must and name not in may:
            yield unknown(f"{where}.params", "parameter", name, [*must, *may])
            continue
        adapter: TypeAdapter[Any] = TypeAdapter(must.get(name, may.get(name)))
        try:
            adapter.validate_python(value, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            yield files.problem_of(f"{where}.params.{name}", first["msg"], value)
        else:
            yield from _number_problems(f"{where}.params.{name}", value, least)


def _number_problems(where: str, value: object, least: float) -> Iterable[Problem]:
    """Yield numbers, at any depth, that are no amounts; names in ``_share`` are at most 1."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _number_problems(f"{where}.{key}", part, least)
    elif isinstance(value, list):
        for part in value:
            yield from _number_problems(where, part, least)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        most = 1.0 if where.endswith("_share") else math.inf
        if not (math.isfinite(value) and least <= value <= most):
            expected = "a finite number" if least < 0 else "a finite number ≥ 0"
            expected += " and ≤ 1" if most == 1 else ""
            yield Problem(where=where, what="not an amount", got=f"{value:g}", expected=expected)


def unknown(where: str, what: str, got: str, known: Iterable[str]) -> Problem:
    """Return the problem of a name that is not in a table."""
    return Problem(
        where=where,
        what=f"unknown {what}",
        got=repr(got),
        expected=f"one of {', '.join(sorted(known))}",
        mend="Check the spelling.",
    )
