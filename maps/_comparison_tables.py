"""The tables of a comparison of two plans."""

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from maps._comparison_words import WORDS
from maps.document import Cell, Column, Language, Table
from maps.markdown import MISSING
from siting.units import METRES_PER_KM

Row: TypeAlias = Mapping[Hashable, Any]

_ARROW = " → "
_WHOLE = 1000.0
_LEAST = 5e-7
_BUILT = frozenset({"size", "year", "cost_mcny", "demand_served"})
_CHANGED = ("moved", "dropped", "added")


def rows_of(frame: pd.DataFrame, facility: str) -> list[Row]:
    """Return the rows of a facility type."""
    found: list[Row] = list(frame[frame["facility"] == facility].to_dict("records"))
    return found


def is_told(site: Row, *, is_brief: bool) -> bool:
    """Tell whether a site is worth a row: in brief a kept one only if what is built there differs."""
    differs = set(str(site["differs"]).split(";")) - {""}
    return is_changed(site) or bool(differs & _BUILT if is_brief else differs)


def is_changed(site: Row) -> bool:
    """Tell whether a site came, went or moved."""
    return site["change"] in _CHANGED


def totals_table(rows: Sequence[Row], language: Language) -> Table:
    """Return the figures of the two plans side by side."""
    cells = tuple(
        (
            row[language],
            _unit(row["unit"], language),
            *(_figure(row[side], row["unit"]) for side in ("a", "b")),
            _figure(row["change"], row["unit"], is_change=True),
        )
        for row in rows
    )
    return _table("totals", language, ("figure", "unit", "A", "B", "change"), cells)


def demand_table(rows: Sequence[Row], language: Language) -> Table:
    """Return the demand of every case side by side."""
    words = WORDS[language]
    cells = tuple(
        (
            words[row["case"]],
            row["unit"],
            *(_figure(row[side], row["unit"]) for side in ("a", "b")),
            _figure(row["change"], row["unit"], is_change=True),
        )
        for row in rows
    )
    return _table("demand", language, ("case", "unit", "A", "B", "change"), cells)


def sites_table(rows: Sequence[Row], unit: str, language: Language) -> Table:
    """Return the sites that changed, ``a → b`` where a figure does."""
    words = WORDS[language]
    cells = tuple(
        (
            words[row["change"]],
            _where(row, language),
            _km(row["distance_m"]) if row["change"] == "moved" else "",
            _pair(row["size_a"], row["size_b"]),
            *(_numbers(row, name, 0, plain=True) for name in ("year", "rank")),
            _numbers(row, "score", 3),
            *(_numbers(row, name, 1) for name in ("demand_served", "cost_mcny", "nox_net_t")),
        )
        for row in rows
    )
    heads = ("change", "site", "km", "size", "year", "rank", "score_head", "served")
    units = {"km": "km", "served": unit, "cost": words["cost_unit"], "nox": "t/yr"}
    return _table("sites", language, (*heads, "cost", "nox"), cells, units=units, is_wide=True)


def score_table(rows: Sequence[Row], sites: Mapping[str, str], language: Language) -> Table:
    """Return the parts of the change of score of some sites, by id with their names."""
    cells: tuple[tuple[Cell, ...], ...] = tuple(
        (
            sites[row["candidate_id"]],
            _either(row, language),
            _pair(*(f"{row[f'weight_{side}']:.3f}" for side in ("a", "b"))),
            _pair(*(_fixed(row[f"value_{side}"], 3) for side in ("a", "b"))),
            *(float(row[name]) for name in ("by_weight", "by_value", "change")),
        )
        for row in rows
        if row["candidate_id"] in sites and not abs(row["change"]) < _LEAST
    )
    heads = ("site", "criterion", "weight", "value", "by_weight", "by_value", "change")
    decimals = dict.fromkeys(("by_weight", "by_value", "change"), 3)
    notes = (WORDS[language]["score_note"],)
    return _table("score", language, heads, cells, decimals=decimals, notes=notes)


def causes_table(rows: Sequence[Row], names: Mapping[str, str], language: Language) -> Table:
    """Return the reasons of single sites."""
    cells = tuple(
        (names.get(row["candidate_id"], row["candidate_id"]), row[language])
        for row in rows
        if row["candidate_id"]
    )
    return _table("why_sites", language, ("site", "reason"), cells)


def candidates_table(rows: Sequence[Row], language: Language) -> Table:
    """Return the candidates that came, went, were barred or freed, or got another role."""
    words = WORDS[language]
    cells = tuple(
        (
            words[row["change"]],
            _named(row["candidate_id"], row["name_zh"], row["name_en"], language),
            _pair(row["role_a"], row["role_b"]),
            _pair(row["failed_a"], row["failed_b"]),
        )
        for row in rows
    )
    return _table("candidates", language, ("change", "site", "role", "failed"), cells)


def rules_table(rows: Sequence[Row], language: Language) -> Table:
    """Return the rules that say something else of a candidate."""
    words = WORDS[language]
    cells = tuple(
        (
            row["candidate_id"],
            _either(row, language),
            _pair(*(words.get(row[f"outcome_{side}"], "") for side in ("a", "b"))),
        )
        for row in rows
    )
    return _table("rules", language, ("site", "rule", "change"), cells)


def settings_table(rows: Sequence[Row], labels: Mapping[str, str], language: Language) -> Table:
    """Return the settings that differ, each with the label of its facility type."""
    cells = tuple(
        (labels.get(row["facility"], ""), row["key"], row["a"] or MISSING, row["b"] or MISSING)
        for row in rows
    )
    return _table("settings", language, ("facility", "key", "A", "B"), cells, is_wide=True)


def layers_table(rows: Sequence[Row], language: Language) -> Table:
    """Return the layers whose content differs."""
    words = WORDS[language]
    cells = tuple(
        (
            row["kind"],
            words[row["change"]],
            _pair(row["reference_a"], row["reference_b"]),
            _pair(str(row["rows_a"]), str(row["rows_b"])),
        )
        for row in rows
    )
    return _table("layers", language, ("layer", "change", "source", "rows"), cells)


def site_name(row: Row, side: str, language: Language) -> str:
    """Return the id and the name of a site on one side."""
    names = row[f"name_zh_{side}"], row[f"name_en_{side}"]
    return _named(row[f"candidate_{side}"], *names, language)


def _where(row: Row, language: Language) -> str:
    ends = [site_name(row, side, language) for side in ("a", "b") if row[f"candidate_{side}"]]
    return _ARROW.join(ends if row["change"] == "moved" else ends[-1:])


def _named(key: str, zh: str, en: str, language: Language) -> str:
    return f"{key} {(zh or en) if language == 'zh' else (en or zh)}".strip()


def _either(row: Row, language: Language) -> str:
    zh, en = str(row["zh"]), str(row["en"])
    return (zh or en) if language == "zh" else (en or zh)


def _table(
    name: str,
    language: Language,
    heads: Sequence[str],
    rows: tuple[tuple[Cell, ...], ...],
    *,
    units: Mapping[str, str] | None = None,
    decimals: Mapping[str, int] | None = None,
    notes: tuple[str, ...] = (),
    is_wide: bool = False,
) -> Table:
    words = WORDS[language]
    columns = tuple(
        Column(
            head=words.get(head, head),
            unit=(units or {}).get(head, ""),
            decimals=(decimals or {}).get(head),
        )
        for head in heads
    )
    return Table(
        key=name, caption=words[name], columns=columns, rows=rows, notes=notes, is_wide=is_wide
    )


def _unit(unit: str, language: Language) -> str:
    own = {"share": "%", "million CNY": WORDS[language]["cost_unit"]}
    return own.get(unit, unit)


def _figure(value: float, unit: str, *, is_change: bool = False) -> str:
    if math.isnan(value):
        return MISSING
    sign = "+" if is_change and value else ""
    if unit == "share":
        return f"{100 * value:{sign}.2f}"
    return f"{value:{sign},.0f}" if abs(value) >= _WHOLE else f"{value:{sign}.4g}"


def _fixed(value: float, decimals: int) -> str:
    return "" if math.isnan(value) else f"{value:,.{decimals}f}"


def _numbers(row: Row, name: str, decimals: int, *, plain: bool = False) -> str:
    cells = (_fixed(float(row[f"{name}_{side}"]), decimals) for side in ("a", "b"))
    return _pair(*(cell.replace(",", "") if plain else cell for cell in cells))


def _km(distance_m: float) -> str:
    return _fixed(distance_m / METRES_PER_KM, 1)


def _pair(a: str, b: str) -> str:
    """Return both where they differ, one where they agree."""
    return (a or MISSING) if a == b else f"{a or MISSING}{_ARROW}{b or MISSING}"
