"""What the two results were given: layers, candidates, rules and settings that differ."""

import json
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from siting.codec import to_plain
from siting.compare._sides import Side, Sides, is_other
from siting.model import Result, RuleOutcome

_LOOKS = frozenset({"colour", "labels"})


def layer_rows(a: Result, b: Result) -> Iterator[dict[str, object]]:
    """Yield the rows of the frame ``layers``."""
    before = {record.kind: record for record in a.provenance}
    after = {record.kind: record for record in b.provenance}
    for kind in sorted({*before, *after}):
        old, new = before.get(kind), after.get(kind)
        if old is not None and new is not None and old.sha256 == new.sha256:
            continue
        yield {
            "kind": kind,
            "change": "came" if old is None else "went" if new is None else "changed",
            "reference_a": "" if old is None else old.reference,
            "reference_b": "" if new is None else new.reference,
            "rows_a": 0 if old is None else old.rows_kept,
            "rows_b": 0 if new is None else new.rows_kept,
            "sha256_a": "" if old is None else old.sha256,
            "sha256_b": "" if new is None else new.sha256,
        }


def candidate_rows(sides: Sides) -> Iterator[dict[str, object]]:
    """Yield the rows of the frame ``candidates``."""
    failed_a, failed_b = _failed(sides.a), _failed(sides.b)
    old, new = _standing(sides.a), _standing(sides.b)
    for i in sorted({*old, *new}):
        a, b = old.get(i, {}), new.get(i, {})
        # An id that names two places went from one and came to the other.
        pairs = [(a, b)] if i in sides.common else [(a, {}), ({}, b)]
        for before, after in pairs:
            change = _change(before, after)
            if not change:
                continue
            yield {
                "facility": sides.key,
                "candidate_id": i,
                "name_zh": (after or before)["name_zh"],
                "name_en": (after or before)["name_en"],
                "change": change,
                "is_site_a": bool(before.get("is_chosen", False)),
                "is_site_b": bool(after.get("is_chosen", False)),
                "role_a": str(before.get("role", "")),
                "role_b": str(after.get("role", "")),
                "failed_a": failed_a.get(i, "") if before else "",
                "failed_b": failed_b.get(i, "") if after else "",
            }


def _standing(side: Side) -> Mapping[str, Mapping[Hashable, Any]]:
    columns = ["name_zh", "name_en", "is_excluded", "is_chosen", "role"]
    rows = pd.DataFrame(side.candidates[columns]).to_dict("index")
    return {str(i): row for i, row in rows.items()}


def _change(a: Mapping[Hashable, Any], b: Mapping[Hashable, Any]) -> str:
    if not a and not b:
        return ""
    if not a or not b:
        return "went" if a else "came"
    if bool(a["is_excluded"]) != bool(b["is_excluded"]):
        return "barred" if b["is_excluded"] else "freed"
    return "role" if str(a["role"]) != str(b["role"]) else ""


def _failed(side: Side) -> dict[str, str]:
    rules = side.of("rules")
    rows = rules[rules["outcome"] == RuleOutcome.FAIL.value].sort_values("rule")
    return {str(i): ";".join(keys) for i, keys in rows.groupby("candidate_id")["rule"]}


def rule_rows(sides: Sides) -> Iterator[dict[str, object]]:
    """Yield the rows of the frame ``rules``."""
    labels = {rule.key: rule.label for side in (sides.a, sides.b) for rule in side.facility.rules}
    keys = ["candidate_id", "rule"]
    both = (
        sides.a.of("rules")
        .merge(sides.b.of("rules"), on=keys, how="outer", suffixes=("_a", "_b"))
        .sort_values(keys)
    )
    both[["outcome_a", "outcome_b"]] = both[["outcome_a", "outcome_b"]].fillna("")
    other = both[
        both["candidate_id"].isin(sides.common) & (both["outcome_a"] != both["outcome_b"])
    ]
    for row in other.to_dict("records"):
        label = labels[row["rule"]]
        yield {
            "facility": sides.key,
            "candidate_id": row["candidate_id"],
            "rule": row["rule"],
            "zh": label.zh,
            "en": label.en,
            "outcome_a": row["outcome_a"],
            "outcome_b": row["outcome_b"],
            "margin_a_m": row["margin_m_a"],
            "margin_b_m": row["margin_m_b"],
        }


def setting_rows(a: Result, b: Result, common: tuple[str, ...]) -> Iterator[dict[str, object]]:
    """Yield the rows of the frame ``settings``: the study's own, then those of the types in common."""
    yield from _differing("", _settings(a, ""), _settings(b, ""))
    for key in common:
        yield from _differing(key, _settings(a, key), _settings(b, key))


def _settings(result: Result, facility: str) -> dict[str, str]:
    study = to_plain(result.study)
    kinds = {kind["key"]: kind for kind in study.pop("facilities")}
    roles = study.pop("roles")
    if not facility:
        return dict(_flat(study))
    # A role belongs to its type; an id may hold dots, so it stands last.
    named = {f"roles.{i}": role for i, role in roles.get(facility, {}).items()}
    return dict(_flat(kinds[facility])) | named


def _flat(plain: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every setting with its dotted path; rows of a table go by their key."""
    if isinstance(plain, list) and plain and all(isinstance(item, dict) for item in plain):
        plain = {_row_name(item, place): item for place, item in enumerate(plain)}
    if isinstance(plain, dict) and plain:
        for key, value in plain.items():
            if _decides(plain, key):
                yield from _flat(value, f"{path}.{key}" if path else key)
        return
    yield path, _text(plain)


def _decides(record: Mapping[str, Any], key: str) -> bool:
    """Tell what may change a plan from words and looks, and from paths of one machine."""
    value = record[key]
    is_label = isinstance(value, dict) and set(value) == {"zh", "en"}
    is_place = "reference" in record and key in {"path", "boundary"}
    return not is_label and not is_place and key not in _LOOKS


def _row_name(item: Mapping[str, Any], place: int) -> str:
    return str(item.get("key", place))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _differing(
    facility: str, a: Mapping[str, str], b: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    for key in dict.fromkeys((*a, *b)):
        old, new = a.get(key, ""), b.get(key, "")
        if old != new and not _are_equal_numbers(old, new):
            yield {"facility": facility, "key": key, "a": old, "b": new}


def _are_equal_numbers(a: str, b: str) -> bool:
    try:
        return not is_other(float(a), float(b))
    except ValueError:
        return False
