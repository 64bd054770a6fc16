"""Which sites were kept, moved, dropped and added, with their figures on both sides."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from siting.compare._sides import Side, Sides, chosen_ids, is_other
from siting.units import METRES_PER_KM

_FIGURES = (
    *("size", "year", "rank", "score", "demand_served", "cost_mcny", "nox_net_t", "co2_net_t"),
)
_OF_CANDIDATES = frozenset({"rank", "score"})
_LEAST_SHARED = 0.5
_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A dropped site whose demand an added one takes over."""

    dropped: str
    added: str
    away_m: float
    shared: float


def site_rows(sides: Sides) -> Iterator[dict[str, object]]:
    """Yield the rows of the frame ``sites``: moved, dropped, added, kept, each sorted by id."""
    dropped, added, kept = _changes(sides)
    moves = find_moves(sides, dropped=dropped, added=added)
    gone = {move.dropped for move in moves}
    new = {move.added for move in moves}
    for move in moves:
        yield _row(sides, "moved", move.dropped, move.added) | {
            "distance_m": move.away_m,
            "shared_demand": move.shared,
        }
    for i in dropped:
        if i not in gone:
            yield _row(sides, "dropped", i, "")
    for i in added:
        if i not in new:
            yield _row(sides, "added", "", i)
    for i in kept:
        yield _row(sides, "kept", i, i) | {"distance_m": _away_m(sides, i, i)}


def _changes(sides: Sides) -> tuple[list[str], list[str], list[str]]:
    before, after = chosen_ids(sides.a), chosen_ids(sides.b)
    kept = [i for i in before if i in sides.common and i in set(after)]
    dropped = [i for i in before if i not in set(kept)]
    return dropped, [i for i in after if i not in set(kept)], kept


def find_moves(sides: Sides, *, dropped: list[str], added: list[str]) -> list[Move]:
    """Pair dropped with added sites that serve the same demand.

    A pair is as close as the share of the demand that is common to both, twice what they serve of
    the same points over what they serve together (Dice 1945), and must reach one half within
    ``takeover_km`` of each other. The closest pair comes first, each site once; ties go to the
    shorter way, then to the ids. Swapping the results gives the same pairs.
    """
    if not sides.has_one_unit:
        return []
    amount_a, amount_b = _served(sides.a), _served(sides.b)
    found = []
    for (i, k), shared in shared_demand(sides).items():
        if i in dropped and k in added:
            likeness = round(2.0 * shared / (amount_a[i] + amount_b[k]), _DIGITS)
            away_m = _away_m(sides, i, k)
            if likeness >= _LEAST_SHARED and away_m <= sides.takeover_km * METRES_PER_KM:
                found.append((-likeness, away_m, sorted((i, k)), i, k, shared))
    taken_a: set[str] = set()
    taken_b: set[str] = set()
    moves = []
    for _, away_m, _, i, k, shared in sorted(found):
        if i not in taken_a and k not in taken_b:
            taken_a.add(i)
            taken_b.add(k)
            moves.append(Move(dropped=i, added=k, away_m=away_m, shared=shared))
    return sorted(moves, key=lambda move: (move.dropped, move.added))


def shared_demand(sides: Sides) -> Mapping[tuple[str, str], float]:
    """Return what a site of A and one of B serve of the same points: sum of the smaller amounts."""
    columns = ["demand_id", "candidate_id", "demand"]
    both = sides.a.of("allocation")[columns].merge(
        sides.b.of("allocation")[columns], on="demand_id", suffixes=("_a", "_b")
    )
    both["shared"] = both[["demand_a", "demand_b"]].min(axis=1)
    both = both[both["shared"] > 0].sort_values(["demand_id", "shared"], kind="stable")
    ends = ["candidate_id_a", "candidate_id_b"]
    sums = both.groupby(ends)["shared"].sum().reset_index().to_dict("records")
    return {(str(row[ends[0]]), str(row[ends[1]])): float(row["shared"]) for row in sums}


def _served(side: Side) -> Mapping[str, float]:
    sums = side.of("allocation").groupby("candidate_id")["demand"].sum()
    return {str(i): float(amount) for i, amount in sums.items()}


def _away_m(sides: Sides, i: str, k: str) -> float:
    start, end = sides.a.candidates.geometry.loc[i], sides.b.candidates.geometry.loc[k]
    return float(start.distance(end))


def _row(sides: Sides, change: str, i: str, k: str) -> dict[str, object]:
    """Put the figures of a site side by side; rank and score also where only a candidate stands."""
    row: dict[str, object] = {"facility": sides.key, "change": change}
    row |= {"candidate_a": i, "candidate_b": k, "distance_m": math.nan, "shared_demand": math.nan}
    ends = (("a", sides.a, i, k), ("b", sides.b, k, i))
    for letter, side, own, other in ends:
        row |= {f"{name}_{letter}": _cell(side, own, name) for name in ("name_zh", "name_en")}
        for name in _FIGURES:
            is_there = not own and other in sides.common and name in _OF_CANDIDATES
            row[f"{name}_{letter}"] = _cell(side, other if is_there else own, name)
    differs = [name for name in _FIGURES if is_other(row[f"{name}_a"], row[f"{name}_b"])]
    return row | {"differs": ";".join(differs)}


def _cell(side: Side, i: str, name: str) -> object:
    is_text = name in {"size", "name_zh", "name_en"}
    if not i:
        return "" if is_text else math.nan
    value = side.candidates[name].loc[i]
    if is_text:
        return "" if pd.isna(value) else str(value)
    return float(value)
