"""What can be said for certain of why two plans differ, in words."""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from siting.compare._sides import Sides
from siting.compare._sites import shared_demand
from siting.compare._words import OUTCOMES, ROLES, WORDS, amount
from siting.model import Label

_MOST = 3
_MOST_SETTINGS = 6
_LONGEST = 40
_DIGITS = (3, 6)
_WEIGHT = ("criteria", "", "weight")  # the path of a weight, around the criterion
_LEAST = 5e-4  # of a score; what is less would read as 0.000

_Row = Mapping[Hashable, Any]


def study_causes(frames: Mapping[str, pd.DataFrame]) -> Iterator[dict[str, object]]:
    """Yield what holds for all facility types: layers and settings of the study."""
    layers = frames["layers"]
    if len(layers):
        kinds = [str(kind) for kind in layers["kind"]]
        yield _cause("", "", "layers", n=len(kinds), items=", ".join(kinds))
    yield from _settings("", frames["settings"], {})


def facility_causes(
    sides: Sides, frames: Mapping[str, pd.DataFrame]
) -> Iterator[dict[str, object]]:
    """Yield what differs for a facility type and for each of its sites.

    A site that came or went gets at least one sentence: where nothing about its place differs, that
    is said, because a plan is chosen as a whole.
    """
    key = sides.key
    own = {
        name: frame[frame["facility"] == key] for name, frame in frames.items() if name != "layers"
    }
    criteria = {
        row.key: row.label for side in (sides.a, sides.b) for row in side.facility.criteria
    }
    yield from _settings(key, own["settings"], criteria)
    planned = own["demand"][own["demand"]["case"] == "planned"].iloc[0]
    if planned["change"] != 0 and not math.isnan(planned["change"]):
        figures = {"a": amount(planned["a"]), "b": amount(planned["b"]), "unit": planned["unit"]}
        yield _cause(key, "", "demand", **figures)
    is_other = bool((own["sites"]["change"] != "kept").any())
    gaps = sides.a.result.plans[key].gap, sides.b.result.plans[key].gap
    if is_other and max(gaps) > 0:
        yield _cause(key, "", "gap", a=f"{gaps[0]:.2%}", b=f"{gaps[1]:.2%}")
    taken = _taken_over(sides)
    tables = {name: own[name].to_dict("records") for name in ("candidates", "rules", "reach")}
    for i, is_kept in _concerned(own["sites"]).items():
        said = [
            *_of_candidate(key, i, tables),
            *_of_score(sides, i, own["score"]),
            *_of_reach(sides, i, tables["reach"]),
        ]
        if not is_kept:
            said = said or [_cause(key, i, "nothing")]
            said += taken.get(i, [])
        yield from said


def _concerned(sites: pd.DataFrame) -> dict[str, bool]:
    """Return the sites to speak of, and whether the plans have them both."""
    found: dict[str, bool] = {}
    for row in sites.to_dict("records"):
        for i in (row["candidate_a"], row["candidate_b"]):
            if i:
                found[str(i)] = row["change"] == "kept"
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def _settings(
    facility: str, rows: pd.DataFrame, criteria: Mapping[str, Label]
) -> Iterator[dict[str, object]]:
    own = rows[rows["facility"] == facility].to_dict("records")
    if own:
        # A whole row that came or went is many settings; what has two values says more.
        own.sort(key=lambda row: not (row["a"] and row["b"]))
        told = own[:_MOST_SETTINGS]
        names = [_setting(str(row["key"]), criteria) for row in told]
        values = [" → ".join(_short(row["a"], row["b"])) for row in told]
        more = f" … +{len(own) - len(told)}" if len(own) > len(told) else ""
        zh, en = (
            "; ".join(f"{name} {value}" for name, value in zip(words, values, strict=True)) + more
            for words in ([name.zh for name in names], [name.en for name in names])
        )
        yield _cause(facility, "", "settings", n=len(own), items=Label(zh=zh, en=en))


def _setting(key: str, criteria: Mapping[str, Label]) -> Label:
    """Return what readers call a setting: the weight of a criterion by its label, others by their key."""
    parts = key.split(".")
    if len(parts) == len(_WEIGHT) and (parts[0], parts[2]) == (_WEIGHT[0], _WEIGHT[2]):
        name = criteria.get(parts[1])
        if name is not None:
            zh, en = name.zh or name.en, name.en or name.zh
            return Label(zh=f"“{zh}”的权重", en=f"weight of “{en}”")
    return Label(zh=key, en=key)


def _short(*values: str) -> list[str]:
    """Return values as short as they can be said apart."""
    tries = ([_rounded(value, digits) for value in values] for digits in _DIGITS)
    said = next((told for told in tries if len(set(told)) == len(told)), values)
    cut = [text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…" for text in said]
    return [text or "–" for text in cut]


def _rounded(text: str, digits: int) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    # Above three digits fewer would read as a power of ten.
    return f"{value:.{digits if abs(value) < 10**digits else _DIGITS[-1]}g}"


def _of_candidate(
    key: str, i: str, tables: Mapping[str, Sequence[_Row]]
) -> Iterator[dict[str, object]]:
    for row in tables["candidates"]:
        if row["candidate_id"] == i and row["change"] in {"came", "went"}:
            yield _cause(key, i, row["change"])
        elif row["candidate_id"] == i and row["role_a"] != row["role_b"]:
            a, b = (ROLES.get(row[f"role_{side}"], Label(zh="", en="")) for side in ("a", "b"))
            yield _cause(key, i, "role", a=a, b=b)
    for row in tables["rules"]:
        if row["candidate_id"] == i:
            rule = Label(zh=row["zh"] or row["en"], en=row["en"] or row["zh"])
            a, b = OUTCOMES[row["outcome_a"]], OUTCOMES[row["outcome_b"]]
            yield _cause(key, i, "rule", rule=rule, a=a, b=b)


def _of_score(sides: Sides, i: str, score: pd.DataFrame) -> Iterator[dict[str, object]]:
    parts = score[score["candidate_id"] == i]
    if parts.empty:
        return
    a, b = (float(side.candidates["score"].loc[i]) for side in (sides.a, sides.b))
    if math.isnan(a) or math.isnan(b):
        if math.isnan(a) != math.isnan(b):
            yield _cause(sides.key, i, "unknown", a=_score(a), b=_score(b))
        return
    by_weight, by_value = float(parts["by_weight"].sum()), float(parts["by_value"].sum())
    if max(abs(by_weight), abs(by_value)) < _LEAST:
        return
    most = max(parts.to_dict("records"), key=lambda row: abs(float(row["change"])))
    yield _cause(
        sides.key,
        i,
        "score",
        a=_score(a),
        b=_score(b),
        weight=_signed(by_weight),
        value=_signed(by_value),
        criterion=Label(zh=most["zh"] or most["en"], en=most["en"] or most["zh"]),
        most=_signed(float(most["change"])),
    )


def _signed(value: float) -> str:
    return f"{round(value, 3) + 0.0:+.3f}"  # adding zero drops the sign of a minus zero


def _score(value: float) -> str:
    return "?" if math.isnan(value) else f"{value:.3f}"


def _of_reach(sides: Sides, i: str, rows: Sequence[_Row]) -> Iterator[dict[str, object]]:
    for row in rows:
        if row["candidate_id"] == i and (abs(row["by_points"]) + abs(row["by_amount"]) > _LEAST):
            figures = {name: amount(row[f"demand_{name}"]) for name in ("a", "b")}
            parts = {
                name: amount(row[f"by_{name}"], is_change=True) for name in ("points", "amount")
            }
            counts = {name: row[f"points_{name}"] for name in ("came", "went")}
            unit = sides.b.facility.demand_unit
            yield _cause(sides.key, i, "reach", unit=unit, **figures, **parts, **counts)


def _taken_over(sides: Sides) -> Mapping[str, list[dict[str, object]]]:
    """Say of every site of A who serves its points in B, and the other way round, largest first."""
    if not sides.has_one_unit:
        return {}
    pairs = sorted(shared_demand(sides).items(), key=lambda item: (-item[1], item[0]))
    found: dict[tuple[str, str], list[str]] = {}
    for (i, k), shared in pairs:
        if i != k:
            found.setdefault((i, "taken_by"), []).append(f"{k} ({amount(shared)})")
            found.setdefault((k, "taken_from"), []).append(f"{i} ({amount(shared)})")
    unit, said = sides.b.facility.demand_unit, dict[str, list[dict[str, object]]]()
    for (i, cause), items in found.items():
        more = " …" if len(items) > _MOST else ""
        row = _cause(sides.key, i, cause, items=", ".join(items[:_MOST]) + more, unit=unit)
        said.setdefault(i, []).append(row)
    return said


def _cause(facility: str, i: str, cause: str, **facts: Any) -> dict[str, object]:
    zh = {name: fact.zh if isinstance(fact, Label) else fact for name, fact in facts.items()}
    en = {name: fact.en if isinstance(fact, Label) else fact for name, fact in facts.items()}
    words = WORDS[cause]
    return {
        "facility": facility,
        "candidate_id": i,
        "cause": cause,
        "zh": words.zh.format(**zh),
        "en": words.en.format(**en),
    }
