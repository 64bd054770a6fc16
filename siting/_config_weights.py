"""The ``[weights]`` table of a facility file: from judgements, orders and points to weights."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from siting import _config_schema as files
from siting.errors import ConfigError, Problem
from siting.model import Judgement, Label, Weighting
from siting.scoring import weights as methods

Found: TypeAlias = tuple[Mapping[str, float], tuple[Weighting, ...]]
"""Weight per criterion, and how each table of weights came about."""

_OBJECTIVE = ("entropy", "critic")


def weigh(name: str, raw: files.FacilityFile) -> Found:
    """Return the weight of every criterion of a facility file.

    Weights are stated beside the criteria, or found by ``[weights]``, over all criteria or over
    groups and then inside each group. Weights read off the candidates (``entropy``, ``critic``)
    are shared equally for now; the run fills them in.

    Parameters
    ----------
    name
        Name of the file, for messages.
    raw
        The file, checked in shape.

    Raises
    ------
    ConfigError
        With every problem of the tables.
    """
    keys = [row.key for row in raw.criteria]
    if raw.weights is None:
        return {row.key: row.weight or 0.0 for row in raw.criteria}, ()
    where = f"{name}: weights"
    problems = [*_double(name, raw), *_member_problems(where, raw.weights, keys)]
    if problems:
        raise ConfigError(*problems)
    if not raw.weights.groups:
        table = _table(where, "", raw.weights, keys)
        return dict(zip(keys, _shares(table), strict=True)), (table,)
    return _grouped(where, raw.weights)


def weight_problems(name: str, raw: files.FacilityFile) -> Iterable[Problem]:
    """Yield what is wrong with the weights of a facility file that has ``[weights]``."""
    try:
        weigh(name, raw)
    except ConfigError as error:
        yield from error.problems


def _grouped(where: str, raw: files.WeightsFile) -> Found:
    top = _table(where, "", raw, list(raw.groups))
    inside = {
        group: _table(f"{where}.groups.{group}", group, part, part.criteria)
        for group, part in raw.groups.items()
    }
    whole = methods.spread(
        dict(zip(top.items, _shares(top), strict=True)),
        {
            group: dict(zip(table.items, _shares(table), strict=True))
            for group, table in inside.items()
        },
    )
    labels = [part.label for part in raw.groups.values()]
    if None not in labels:
        top = replace(top, labels=tuple(Label(zh=it.zh, en=it.en) for it in labels if it))
    return whole, (top, *inside.values())


def _shares(table: Weighting) -> Sequence[float]:
    return table.weights or [1.0 / len(table.items)] * len(table.items)


def _double(name: str, raw: files.FacilityFile) -> Iterable[Problem]:
    for row in raw.criteria:
        if row.weight is not None:
            yield Problem(
                where=f"{name}: criteria.{row.key}.weight",
                what="weights are stated twice",
                mend="Take this one out, or take out the table [weights].",
            )


def _member_problems(where: str, raw: files.WeightsFile, keys: Sequence[str]) -> Iterable[Problem]:
    if not raw.groups:
        return
    if raw.method in _OBJECTIVE:
        mend = "Use it inside the groups; between them nothing is measured."
        yield Problem(where=where, what=f"{raw.method} cannot weigh groups", mend=mend)
    named = [key for part in raw.groups.values() for key in part.criteria]
    for key in sorted({*named, *keys}):
        count = named.count(key)
        if key not in keys:
            yield Problem(where=f"{where}.groups", what="no such criterion", got=key)
        elif count != 1:
            yield Problem(
                where=f"{where}.groups",
                what=f"criterion {key} stands in {count} groups",
                expected="every criterion in one group",
            )


def _table(where: str, group: str, raw: files.WeightTableFile, items: Sequence[str]) -> Weighting:
    judgements: tuple[Judgement, ...] = ()
    ratio: float | None = None
    if raw.method == "ahp":
        judgements = tuple(_judgement(where, expert, raw, items) for expert in raw.experts)
        combined = _combined(where, judgements)
        methods.check_matrix(
            combined, items=items, where=where, allow_inconsistent=raw.allow_inconsistent
        )
        found = methods.eigenvector(combined)
        ratio = methods.consistency(combined).ratio
    elif raw.method == "roc":
        places = np.array(_of_each(where, "order", raw.order, items), dtype=np.int64)
        found = methods.rank_order(places, where=where)
    elif raw.method in _OBJECTIVE:
        found = np.empty(0)
    else:
        points = np.array(_of_each(where, "points", raw.points, items), dtype=float)
        found = methods.stated(points, where=where)
    return Weighting(
        group=group,
        method=raw.method,
        items=tuple(items),
        weights=tuple(found.tolist()),
        judgements=judgements,
        consistency_ratio=ratio,
        note=raw.note,
    )


def _of_each(
    where: str, name: str, given: Mapping[str, float], items: Sequence[str]
) -> list[float]:
    if sorted(given) != sorted(items):
        raise ConfigError(
            Problem(
                where=f"{where}.{name}",
                what="not one number for each",
                got=", ".join(given) or "nothing",
                expected=", ".join(items),
            )
        )
    return [given[item] for item in items]


def _judgement(
    where: str, raw: files.ExpertFile, table: files.WeightTableFile, items: Sequence[str]
) -> Judgement:
    named = f"{where}.experts, {raw.expert}"
    rows = [[_number(named, cell) for cell in row] for row in raw.matrix]
    if {len(row) for row in rows} != {len(items)} or len(rows) != len(items):
        raise ConfigError(
            Problem(
                where=named,
                what="not a pairwise matrix",
                got=f"rows of {', '.join(str(len(row)) for row in rows)} numbers",
                expected=f"{len(items)} x {len(items)}: {', '.join(items)}",
            )
        )
    matrix = np.array(rows)
    methods.check_matrix(
        matrix, items=items, where=named, allow_inconsistent=table.allow_inconsistent
    )
    return Judgement(
        expert=raw.expert,
        importance=raw.importance,
        matrix=tuple(tuple(row) for row in rows),
        consistency_ratio=methods.consistency(matrix).ratio,
    )


def _combined(where: str, judgements: Sequence[Judgement]) -> NDArray[np.float64]:
    if not judgements:
        expected = "one [[weights.experts]] or more with a matrix"
        raise ConfigError(Problem(where=where, what="ahp without judgements", expected=expected))
    return methods.combine(
        [np.array(judgement.matrix) for judgement in judgements],
        importance=np.array([judgement.importance for judgement in judgements]),
    )


def _number(where: str, cell: float | str) -> float:
    """Return a cell of a matrix: a number, or a fraction as text."""
    if not isinstance(cell, str):
        return float(cell)
    above, slash, below = cell.partition("/")
    try:
        return float(above) / float(below) if slash else float(above)
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigError(
            Problem(where=where, what="not a judgement", got=cell, expected='3 or "1/3"')
        ) from error
