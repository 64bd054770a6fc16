"""How a score and the demand within reach came to differ, split exactly."""

import math
from collections.abc import Iterator, Mapping

import pandas as pd

from siting.compare._sides import Side, Sides, is_other

_NOTHING: Mapping[str, float] = {
    "raw": math.nan,
    "value": math.nan,
    "weight": 0.0,
    "contribution": 0.0,
}


def split_product(
    weight_a: float, value_a: float, weight_b: float, value_b: float
) -> tuple[float, float]:
    """Split the change of weight x value into the part by weight and the part by value.

    The mean over the two orders in which the factors can change, which is the Shapley value of the
    two (Shapley 1953): nothing is left over, and swapping the sides changes the signs only.

    Returns
    -------
    tuple[float, float]
        By weight, by value; together ``weight_b * value_b - weight_a * value_a``.

    Examples
    --------
    >>> split_product(0.5, 1.0, 0.25, 0.5)
    (-0.1875, -0.1875)
    """
    by_weight = (weight_b - weight_a) * (value_a + value_b) / 2.0
    by_value = (value_b - value_a) * (weight_a + weight_b) / 2.0
    return by_weight, by_value


def score_rows(sides: Sides) -> Iterator[dict[str, object]]:
    """Yield the rows of the frame ``score``, of the sites of either plan."""
    before, after = _parts(sides.a), _parts(sides.b)
    specs = {spec.key: spec for side in (sides.b, sides.a) for spec in side.facility.criteria}
    for i in sides.sites():
        for key, spec in specs.items():
            a, b = before.get((i, key), _NOTHING), after.get((i, key), _NOTHING)
            if a is b:
                continue
            row: dict[str, object] = {"facility": sides.key, "candidate_id": i, "criterion": key}
            yield row | {"zh": spec.label.zh, "en": spec.label.en} | _split(a, b)


def _parts(side: Side) -> dict[tuple[str, str], Mapping[str, float]]:
    columns = ["candidate_id", "criterion", *_NOTHING]
    rows = side.of("criteria")[columns].to_dict("records")
    return {
        (str(row["candidate_id"]), str(row["criterion"])): {
            name: float(row[name]) for name in _NOTHING
        }
        for row in rows
    }


def _split(a: Mapping[str, float], b: Mapping[str, float]) -> dict[str, object]:
    """Split a contribution; a criterion that one side does not have is a matter of weight alone."""
    value_a = b["value"] if a is _NOTHING else a["value"]
    value_b = a["value"] if b is _NOTHING else b["value"]
    by_weight, by_value = split_product(a["weight"], value_a, b["weight"], value_b)
    cells: dict[str, object] = {
        f"{name}_{letter}": part[name]
        for name in ("raw", "value", "weight", "contribution")
        for letter, part in (("a", a), ("b", b))
    }
    because = "data" if is_other(a["raw"], b["raw"]) else "scale"
    is_same = a is _NOTHING or b is _NOTHING or not is_other(value_a, value_b)
    return cells | {
        "change": b["contribution"] - a["contribution"],
        "by_weight": by_weight,
        "by_value": by_value,
        "value_because": "" if is_same else because,
    }


def reach_rows(sides: Sides) -> Iterator[dict[str, object]]:
    """Yield the rows of the frame ``reach``, of sites with demand points within reach."""
    if not sides.has_one_unit:
        return
    before, after = _reached(sides.a), _reached(sides.b)
    nobody = _by_point([], [])
    for i in sides.sites():
        if i not in before and i not in after:
            continue
        a, b = before.get(i, nobody), after.get(i, nobody)
        stayed, came = a.index.intersection(b.index), b.index.difference(a.index)
        went = a.index.difference(b.index)
        demand_a, demand_b = float(a.sum(skipna=False)), float(b.sum(skipna=False))
        by_points = float(b.loc[came].sum(skipna=False) - a.loc[went].sum(skipna=False))
        yield {
            "facility": sides.key,
            "candidate_id": i,
            "points_a": len(a),
            "points_b": len(b),
            "points_came": len(came),
            "points_went": len(went),
            "demand_a": demand_a,
            "demand_b": demand_b,
            "change": demand_b - demand_a,
            "by_points": by_points,
            "by_amount": float((b.loc[stayed] - a.loc[stayed]).sum(skipna=False)),
        }


def _reached(side: Side) -> dict[str, "pd.Series[float]"]:
    """Return the demand of the points within reach of each candidate, by demand id."""
    demand = side.of("demand").set_index("demand_id")["demand"]
    reach = side.of("reach")
    amounts = reach.assign(demand=reach["demand_id"].map(demand)).sort_values("demand_id")
    return {
        str(i): _by_point(rows["demand_id"].to_list(), rows["demand"].to_list())
        for i, rows in amounts.groupby("candidate_id")
    }


def _by_point(points: list[str], amounts: list[float]) -> "pd.Series[float]":
    return pd.Series(amounts, index=pd.Index(points, dtype=object), dtype=float)
