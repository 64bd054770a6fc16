"""Layers of the page that tell of traffic, of years and of rules, and the initials names are found by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

import geopandas as gpd
import pandas as pd
import shapely

from maps._page_columns import PLAIN_ROWS, Json, numbers, positions
from maps._page_geometry import code_lines
from maps._page_sizing import sizing_data
from maps._page_surface import surface_data
from siting.model import FacilitySpec, Result

FLOW_TOLERANCE_M: Final = 20.0
FLOW_CLASSES: Final = 5
MOST_PAIRS: Final = 5  # what the card of a road names

_Place: TypeAlias = tuple[float, float]
_Step: TypeAlias = tuple[_Place, _Place]


def facility_layers(
    result: Result, facility: FacilitySpec, *, demand: pd.DataFrame, sites: pd.DataFrame
) -> dict[str, Json]:
    """Return what the page draws and tells of a facility type beyond its candidates and its plan.

    Parameters
    ----------
    demand, sites
        The facility's rows in the order of the page.
    """
    key = facility.key
    return {
        "flows": flows_data(result, key, demand),
        "phases": phases_data(result, key),
        "exclusions": exclusions_data(result, facility),
        "surface": surface_data(result, key),
        "sizing": sizing_data(result, key, sites),
    }


def flows_data(result: Result, key: str, demand: pd.DataFrame) -> dict[str, Json] | None:
    """Return the traffic behind the demand of a facility type, added up road by road.

    Trips of all pairs that use a stretch of road are summed, both directions together, so that one
    line a stretch can be drawn as wide as its traffic.

    Parameters
    ----------
    demand
        The facility's demand in the order of the page; pairs name their ends by its rows.

    Returns
    -------
    dict or None
        ``line``, ``trips`` (vehicles a day) and ``pairs`` (rows of the busiest pairs) by stretch,
        lightest first; ``origin``, ``destination`` and ``pair_trips`` by pair; ``breaks``; what has
        no way on the map is counted in ``hidden`` and ``hidden_trips``. None: no traffic is known.
    """
    rows = result.flows[result.flows["facility"] == key]
    if rows.empty:
        return None
    rows = rows.sort_values(
        ["trips_per_day", "origin_id", "destination_id"],
        ascending=[False, True, True],
        ignore_index=True,
    )
    has_line = ~(rows.geometry.isna() | rows.geometry.is_empty)
    shown, hidden = rows[has_line].reset_index(drop=True), rows[~has_line]
    stretches = _stretches(gpd.GeoDataFrame(shown))
    return {
        "breaks": round_breaks(stretches["trips"]),
        "line": code_lines(stretches, tolerance_m=FLOW_TOLERANCE_M),
        "trips": numbers(stretches["trips"], digits=1),
        "pairs": [list(pairs[:MOST_PAIRS]) for pairs in stretches["pairs"]],
        "origin": positions(shown["origin_id"], demand["demand_id"]),
        "destination": positions(shown["destination_id"], demand["demand_id"]),
        "pair_trips": numbers(shown["trips_per_day"], digits=1),
        "hidden": len(hidden),
        "hidden_trips": round(float(hidden["trips_per_day"].sum()), 1),
    }


def round_breaks(trips: Iterable[float]) -> list[float]:
    """Return the inner limits of the traffic classes: 1-2-5 numbers, evenly spaced on their ladder.

    Traffic spans orders of magnitude, so the ladder runs from the lightest fifth to the heaviest stretch.

    Examples
    --------
    >>> round_breaks([30.0, 80.0, 400.0, 900.0, 3000.0])
    [200.0, 500.0, 1000.0]
    >>> round_breaks([])
    []
    """
    known = pd.Series(list(trips), dtype="float64")
    known = known[known > 0]
    if known.empty:
        return []
    low, high = known.quantile(1 / FLOW_CLASSES), known.max()
    steps = [step * 10.0**power for power in range(-6, 12) for step in (1.0, 2.0, 5.0)]
    ladder = [value for value in steps if low <= value < high]
    places = [round(at * (len(ladder) - 1) / FLOW_CLASSES) for at in range(1, FLOW_CLASSES)]
    return sorted({ladder[place] for place in places}) if ladder else []


def _stretches(flows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one row per set of pairs and connected stretch that all of them use, lightest first."""
    pairs_of: dict[_Step, list[int]] = defaultdict(list)
    for row, line in enumerate(flows.geometry):
        for step in _steps(line):
            pairs_of[step].append(row)
    steps_of: dict[tuple[int, ...], list[_Step]] = defaultdict(list)
    for step, users in sorted(pairs_of.items()):
        steps_of[tuple(dict.fromkeys(users))].append(step)
    trips = flows["trips_per_day"].to_numpy(dtype=float)
    sets = sorted(steps_of)
    lines = [shapely.MultiLineString([list(step) for step in steps_of[pairs]]) for pairs in sets]
    sums = [float(trips[list(pairs)].sum()) for pairs in sets]
    merged = gpd.GeoSeries(lines, crs=flows.crs).line_merge()
    frame = gpd.GeoDataFrame({"trips": sums, "pairs": sets}, geometry=merged)
    return gpd.GeoDataFrame(frame.sort_values("trips", kind="stable", ignore_index=True))


def _steps(line: shapely.Geometry) -> list[_Step]:
    """Return the steps of a line between neighbouring vertices, each with its lesser end first."""
    places = [(float(x), float(y)) for x, y in shapely.get_coordinates(line).round(2)]
    return [(min(a, b), max(a, b)) for a, b in pairwise(places) if a != b]


def phases_data(result: Result, key: str = "") -> dict[str, Json] | None:
    """Return the roll-out of a facility type, or of all types together, year by year.

    Returns
    -------
    dict or None
        Columns ``year``, ``sites`` (open by then), ``share`` (of that year's demand that is served),
        ``spent_mcny`` and ``budget_mcny`` of the period. None where the study rolls nothing out.
    """
    rows = result.roll_out[result.roll_out["facility"] == key]
    if rows.empty:
        return None
    rows = rows.sort_values("year", ignore_index=True)
    return {
        "year": [int(year) for year in rows["year"]],
        "sites": numbers(rows["sites"], digits=0),
        "share": numbers(rows["served_share"], digits=6),
        "spent_mcny": numbers(rows["spent_mcny"], digits=3),
        "budget_mcny": numbers(rows["budget_mcny"], digits=3),
    }


def exclusions_data(result: Result, facility: FacilitySpec) -> dict[str, list[Json]]:
    """Return, rule by rule in the order of the facility's rules, the ground that it takes.

    Returns
    -------
    dict
        ``alone_km2`` of the study area by the rule itself, ``removed_km2`` after the rules before it,
        ``left_km2`` then. None: the rule has no area.
    """
    rows = result.exclusions[result.exclusions["facility"] == facility.key].set_index("rule")
    rows = rows.reindex([rule.key for rule in facility.rules])
    names = ("alone_km2", "removed_km2", "left_km2")
    return {name: list(numbers(rows[name], digits=1)) for name in names}


def initials_data(
    facilities: Sequence[Mapping[str, Json]], base: Mapping[str, Json]
) -> dict[str, Json]:
    """Return pinyin initials of the Chinese names that the page's search knows.

    A table of more than ``PLAIN_ROWS`` names goes without: they would take minutes.

    Parameters
    ----------
    facilities, base
        The page's own tables, each with its names in ``zh``.

    Returns
    -------
    dict
        ``candidates`` with a list a facility type, and a list for each kind of named place.
    """
    kinds = ("districts", "towns", "ports", "parks", "energy")
    return {
        "candidates": [_initials_of(facility["candidates"]) for facility in facilities],
        **{kind: _initials_of(base[kind]) for kind in kinds if kind in base},
    }


def _initials_of(table: Json) -> list[str]:
    names = table["zh"] if isinstance(table, Mapping) else []
    if not isinstance(names, list) or len(names) > PLAIN_ROWS:
        return []
    return [initials(str(name)) for name in names]


def initials(name: str) -> str:
    """Return a name's pinyin initials, lower case; letters and digits stay, the rest falls away.

    Characters with several readings take the one of the word they stand in (重庆 is cq).

    Examples
    --------
    >>> initials("重庆路 8 号")
    'cql8h'
    >>> initials("")
    ''
    """
    # Its dictionaries take half a second to load, which a run without a page need not wait for.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return "".join(letter for letter in letters.lower() if letter.isascii() and letter.isalnum())
