"""The candidates as one wide table, and ``scores.csv`` made of it."""

import csv
import io

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.crs import LONLAT, to_crs
from siting.model import Result, RuleOutcome

_KEYS = ["facility", "candidate_id"]
_LEADING = (
    *("facility", "candidate_id", "name_zh", "name_en", "type", "district", "lon", "lat"),
    *("score", "rank", "rank_p05", "rank_p95", "top_n_share"),
    *("role", "is_chosen", "is_excluded", "excluded_by"),
)
_DECIMALS = 6
# What makes a spreadsheet read a cell as a formula (OWASP, CSV injection), full-width forms too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def criterion_keys(result: Result) -> tuple[str, ...]:
    """Return the keys of all criteria, each once, in the order of the study."""
    specs = (spec for facility in result.study.facilities for spec in facility.criteria)
    return tuple(dict.fromkeys(spec.key for spec in specs))


def widen_candidates(result: Result) -> gpd.GeoDataFrame:
    """Return the candidates with what every criterion and rule says of them.

    Returns
    -------
    gpd.GeoDataFrame
        ``result.candidates``, same rows, index and CRS, with ``excluded_by`` (keys of the rules
        failed, joined by ``;``, empty where none) and, per criterion, ``raw_<key>`` (its unit; NaN
        unknown or not a criterion of the facility), ``value_<key>`` and ``contribution_<key>``.
    """
    wide = result.candidates.copy()
    places = pd.MultiIndex.from_frame(pd.DataFrame(wide[_KEYS]))
    wide["excluded_by"] = _excluded_by(result.rules, places)
    by_key = dict(tuple(result.criteria.groupby("criterion", sort=False)))
    for measure in ("raw", "value", "contribution"):
        for key in criterion_keys(result):
            rows = by_key.get(key, result.criteria.iloc[:0]).set_index(_KEYS)[measure]
            wide[f"{measure}_{key}"] = rows.reindex(places).to_numpy(np.float64)
    return wide


def render_scores(result: Result) -> str:
    """Return ``scores.csv``: a row per facility and candidate, sorted by both.

    Text that a spreadsheet would take for a formula gets a leading apostrophe; unknown numbers
    are empty. Written with a byte-order mark it opens in Excel with its Chinese intact.
    """
    table = _score_table(result)
    out = io.StringIO()
    # With both in the line end, csv quotes a cell that holds either.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guard_formula(name) for name in table.columns])
    cells = [[_cell(value) for value in table[name]] for name in table.columns]
    writer.writerows(zip(*cells, strict=True))
    return out.getvalue()


def guard_formula(text: str) -> str:
    """Return text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> guard_formula("=1+1"), guard_formula("Qianwan")
    ("'=1+1", 'Qianwan')
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _excluded_by(rules: pd.DataFrame, places: pd.MultiIndex) -> list[str]:
    failed = rules[rules["outcome"] == RuleOutcome.FAIL.value]
    joined = {place: ";".join(rows) for place, rows in failed.groupby(_KEYS)["rule"]}
    return [joined.get(place, "") for place in places]


def _score_table(result: Result) -> pd.DataFrame:
    wide = widen_candidates(result).sort_values(_KEYS, kind="stable")
    points = to_crs(wide, LONLAT).geometry
    named = [
        f"{measure}_{key}" for measure in ("raw", "contribution") for key in criterion_keys(result)
    ]
    table = pd.DataFrame(wide).assign(
        lon=points.x.to_numpy(), lat=points.y.to_numpy(), rank=wide["rank"].astype("Int64")
    )
    return table[[*_LEADING, *named]]


def _cell(value: object) -> str:
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - the NaN test
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    return guard_formula(value) if isinstance(value, str) else str(value)
