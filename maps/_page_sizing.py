"""What the page tells of a chosen site's size: what it is built of, what it costs and what it avoids."""

from collections.abc import Iterable, Mapping, Sequence
from math import floor, isfinite, log10
from typing import Final

import pandas as pd

from maps._page_columns import Json, numbers, positions, texts
from siting.model import Result

CASES: Final = ("low", "base", "high")
SIGNIFICANT: Final = 4
"""Digits that count, of a figure on a card."""


def sizing_data(result: Result, key: str, sites: pd.DataFrame) -> dict[str, Json]:
    """Return size, equipment, supply, money and avoided emissions of the sites of a facility type.

    Parameters
    ----------
    sites
        The facility's sites in the order of the page.

    Returns
    -------
    dict
        Columns of the sites' own figures, and tables with a row an item and a value a site.
        An infinite capacity and whatever is unknown are None.
    """
    return {
        "size": [texts(sites["size_zh"]), texts(sites["size_en"])],
        "capacity": _figures(sites["capacity"]),
        "utilisation": numbers(sites["utilisation"], digits=4),
        "land_m2": _figures(sites["land_m2"]),
        "year": numbers(sites["year"], digits=0),
        "equipment": _items(_of(result.equipment, key), "quantity", sites),
        "supply": _supply(_of(result.supply, key), sites, result),
        "money": _money(_of(result.economics, key), sites),
        "benefits": _benefits(_of(result.benefits, key), sites),
    }


def _of(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    return frame[frame["facility"] == key]


def _figures(values: Iterable[float]) -> list[Json]:
    return [significant(value) for value in values]


def significant(value: float) -> float | None:
    """Return a figure with the digits that count; None where it is unknown or without limit.

    Examples
    --------
    >>> significant(0.0123456), significant(812.5), significant(float("inf"))
    (0.01235, 812.5, None)
    """
    if not isfinite(value):
        return None
    if value == 0:
        return 0
    rounded = round(float(value), SIGNIFICANT - 1 - floor(log10(abs(value))))
    return int(rounded) if rounded.is_integer() else rounded


def _items(rows: pd.DataFrame, value: str, sites: pd.DataFrame) -> list[dict[str, Json]]:
    """Return one entry an item, in the order of the frame, with a value for every site."""
    kinds = rows.drop_duplicates("item")[["item", "zh", "en", "unit"]]
    wide = rows.pivot_table(index="candidate_id", columns="item", values=value, aggfunc="first")
    wide = wide.reindex(index=sites["candidate_id"], columns=kinds["item"])
    return [
        {"label": [str(zh), str(en)], "unit": str(unit), "value": _figures(wide[item])}
        for item, zh, en, unit in kinds.itertuples(index=False)
    ]


def _money(rows: pd.DataFrame, sites: pd.DataFrame) -> list[dict[str, Json]]:
    """Return the items of the account, with a value a site for each demand case."""
    by_case: Mapping[str, Sequence[dict[str, Json]]] = {
        case: _items(rows[rows["case"] == case], "value", sites) for case in CASES
    }
    keys = rows.drop_duplicates("item")["item"].tolist()
    return [
        {
            "key": str(name),
            "label": entry["label"],
            "unit": entry["unit"],
            **{case: by_case[case][row]["value"] for case in CASES if len(by_case[case]) > row},
        }
        for row, (name, entry) in enumerate(zip(keys, by_case["base"], strict=False))
    ]


def _benefits(rows: pd.DataFrame, sites: pd.DataFrame) -> list[dict[str, Json]]:
    """Return the net tonnes a year that each site avoids in the base case, by substance."""
    base = rows[rows["case"] == "base"].rename(columns={"substance": "item"})
    base = base.assign(zh=base["item"], en=base["item"], unit="t/yr")
    return _items(base, "net_t", sites)


def _supply(rows: pd.DataFrame, sites: pd.DataFrame, result: Result) -> dict[str, Json]:
    """Return the sources of each site; the way to one is told to a kilometre, as its place is."""
    energy = result.layers.get("energy")
    sources = pd.Series(dtype="object") if energy is None else energy["id"]
    site = positions(rows["candidate_id"], sites["candidate_id"])
    return {
        "site": site,
        "source": positions(rows["source_id"], sources),
        "source_id": texts(rows["source_id"]),
        "amount": _figures(rows["amount"]),
        "unit": texts(rows["unit"]),
        "distance_km": numbers(rows["distance_km"], digits=0),
        "cost_cny_per_unit": _figures(rows["cost_cny_per_unit"]),
    }
