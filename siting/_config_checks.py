"""What can be wrong with a configuration beyond the shape of its files."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from siting import _config_schema as files
from siting.criteria import criteria
from siting.errors import Problem
from siting.facilities import demand_models
from siting.model import RuleSpec
from siting.optimise import models
from siting.scoring import NORMALISERS

_WEIGHT_TOLERANCE = 1e-6
Wanted: TypeAlias = tuple[Mapping[str, Any], Mapping[str, Any]]
"""Types of the parameters that must be given, and of those that may."""


def facility_problems(
    name: str, raw: files.FacilityFile, rules: Mapping[str, RuleSpec]
) -> Iterable[Problem]:
    """Yield what is wrong with a facility file beyond its shape."""
    yield from _weight_problems(name, raw.criteria)
    for row in raw.criteria:
        yield from _criterion_problems(f"{name}: criteria.{row.key}", row)
    for key in raw.rules:
        if key not in rules:
            yield unknown(f"{name}: rules", "rule", key, rules)
    if raw.demand.model not in demand_models():
        yield unknown(f"{name}: demand.model", "demand model", raw.demand.model, demand_models())
    else:
        needs = demand_models()[raw.demand.model]
        for table, wanted in (("assumptions", needs.assumptions), ("tables", needs.tables)):
            for key in sorted(set(wanted) - set(getattr(raw, table))):
                yield Problem(where=f"{name}: {table}.{key}", what="missing", mend="Add the key.")
    where = f"{name}: model"
    if raw.model.kind not in models():
        yield unknown(where, "location model", raw.model.kind, models())
    else:
        solver = models()[raw.model.kind]
        yield from check_params(where, raw.model.params, types_of(solver.parameters))


def _weight_problems(name: str, rows: Sequence[files.CriterionFile]) -> Iterable[Problem]:
    total = sum(row.weight for row in rows)
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
    keys = [row.key for row in rows]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem(where=f"{name}: criteria.{key}", what="the key is used twice")


def _criterion_problems(where: str, row: files.CriterionFile) -> Iterable[Problem]:
    if row.normalise.kind not in NORMALISERS:
        yield unknown(where, "normalisation", row.normalise.kind, NORMALISERS)
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
    yield from check_params(where, row.params, types_of(known.parameters))


def types_of(parameters: Mapping[str, inspect.Parameter]) -> Wanted:
    """Return the annotations of parameters: those without a default, and the others."""
    must = {k: p.annotation for k, p in parameters.items() if p.default is p.empty}
    may = {k: p.annotation for k, p in parameters.items() if p.default is not p.empty}
    return must, may


def check_params(where: str, given: Mapping[str, object], wanted: Wanted) -> Iterable[Problem]:
    """Yield parameters that are missing, unknown or of the wrong type."""
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
            message = error.errors(include_url=False)[0]["msg"]
            yield Problem(where=f"{where}.params.{name}", what=message.lower(), got=repr(value))


def unknown(where: str, what: str, got: str, known: Iterable[str]) -> Problem:
    """Return the problem of a name that is not in a table."""
    return Problem(
        where=where,
        what=f"unknown {what}",
        got=got,
        expected=f"one of {', '.join(sorted(known))}",
        mend="Check the spelling.",
    )
