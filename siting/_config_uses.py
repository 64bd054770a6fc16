"""Which layers and columns a facility file names, and which of them the study does not bring."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from siting import _config_schema as files
from siting._config_checks import unknown
from siting.criteria import criteria
from siting.errors import Problem
from siting.model import RuleSpec
from siting.network import expressway_nodes
from siting.schema import LAYERS

# The run derives this layer from the roads; it has the columns of their nodes.
_DERIVED = {expressway_nodes.__name__: "road_nodes"}
# What the run adds to the columns of the candidates' layer.
_ADDED = ("candidate_id", "facility", "district", "access_m")


class _Use(NamedTuple):
    """A place in a facility file that names a layer and some of its columns."""

    where: str
    layer: str
    columns: Sequence[str]
    may_lack: bool


def layer_problems(
    name: str,
    raw: files.FacilityFile,
    rules: Mapping[str, RuleSpec],
    brought: Collection[str],
    *,
    may_lack: bool = False,
) -> Iterable[Problem]:
    """Yield the layers and columns that a facility names and the study does not bring.

    With ``may_lack`` only the candidates must be there; the rest is left out.
    """
    for use in _uses(name, raw, rules, may_lack=may_lack):
        layer = _DERIVED.get(use.layer, use.layer)
        if layer not in LAYERS:
            yield unknown(use.where, "layer", use.layer, [*LAYERS, *_DERIVED])
            continue
        if layer not in brought and not use.may_lack:
            mend = "Add the layer to the study, or leave out what needs it."
            yield Problem(where=use.where, what=f"the study has no layer {layer}", mend=mend)
        names = LAYERS[layer].names
        for column in use.columns:
            if column not in names:
                yield unknown(use.where, f"column of {use.layer}", column, names)
    yield from _candidate_problems(name, raw, rules)


def _candidate_problems(
    name: str, raw: files.FacilityFile, rules: Mapping[str, RuleSpec]
) -> Iterable[Problem]:
    """Yield columns of the candidates that rules and criteria ask for in vain."""
    layer = LAYERS.get(raw.candidates.layer)
    if layer is None:
        return
    if layer.geometry != "point":
        where = f"{name}: candidates.layer"
        yield Problem(where=where, what="not a layer of points", got=layer.kind)
    names = {*layer.names, *_ADDED, "type"}
    asked = {f"{name}: rules.{key}": rules[key].params for key in raw.rules if key in rules}
    asked |= {f"{name}: criteria.{row.key}.params": row.params for row in raw.criteria}
    for where, params in asked.items():
        column = params.get("column")
        if isinstance(column, str) and column not in names:
            yield unknown(where, "column of the candidates", column, names)


def _uses(
    name: str, raw: files.FacilityFile, rules: Mapping[str, RuleSpec], *, may_lack: bool
) -> Iterable[_Use]:
    chosen, existing = raw.candidates, raw.existing
    columns = [chosen.type, *chosen.where, *chosen.flags]
    yield _Use(f"{name}: candidates", chosen.layer, columns, may_lack=False)
    if existing is not None:
        columns = ["capacity", *existing.where]
        yield _Use(f"{name}: existing", existing.layer, columns, may_lack)
    for key in raw.rules:
        if key in rules:
            lacks = may_lack or rules[key].absent is not None
            where = f"{name}: rules.{key}"
            yield from _use(where, rules[key].params, default=None, may_lack=lacks)
    for row in raw.criteria:
        if row.measure in criteria():
            given = criteria()[row.measure].parameters.get("layer")
            default = None if given is None or given.default is given.empty else given.default
            where = f"{name}: criteria.{row.key}.params"
            yield from _use(where, row.params, default=default, may_lack=may_lack)


def _use(
    where: str, params: Mapping[str, object], *, default: str | None, may_lack: bool
) -> Iterable[_Use]:
    layer, rows, weight = params.get("layer", default), params.get("where"), "weight_column"
    if isinstance(layer, str):
        columns = [str(column) for column in rows] if isinstance(rows, Mapping) else []
        columns += [str(params[weight])] if weight in params else []
        yield _Use(where, layer, columns, may_lack)
