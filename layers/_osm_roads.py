"""The road graph of an OSM file as layers: nodes, edges between them, turn restrictions.

Nodes are where ways meet or end. Edges keep every vertex and their geodesic length. Roads closed to
motor vehicles stay in, marked, since it is the vehicle profile that decides.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from layers._osm_objects import FileKey, file_key
from layers._osm_roads_tags import describe, direction
from layers._osm_roads_ways import Turn, Ways, read_ways
from siting.units import METRES_PER_KM

_GEOD: Final = Geod(ellps="WGS84")
_LONLAT: Final = "EPSG:4326"
_TRUST: Final[Mapping[str, Any]] = {
    "confidence": "B",
    "uncertainty_m": 10.0,
    "source": "OpenStreetMap",
    "note": "",
}
_PAIR: Final = 2
_KINDS: Final = (
    *("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit"),
    *("only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn"),
)


def read_roads(path: str) -> Mapping[str, pd.DataFrame]:
    """Return the layers ``road_nodes``, ``road_edges`` and ``turn_restrictions`` of an OSM file.

    Columns are those of ``siting.schema.LAYERS``, places in WGS84 degrees; ids are OSM's, an edge's
    with a number behind that counts along its way. ``attrs["told"]`` of ``turn_restrictions`` and
    of ``road_edges`` are sentences on what could not be taken over. Computed once per state of the
    file and process; nobody changes the frames.

    Raises
    ------
    MissingFileError, InputError
        As ``layers._osm_roads_ways.read_ways``.
    """
    return _read(file_key(path))


@lru_cache(maxsize=2)
def _read(key: FileKey) -> Mapping[str, pd.DataFrame]:
    ways = read_ways(key.path)
    first, last = _segments(ways)
    edges = _edges(ways, first, last)
    return {
        "road_nodes": _nodes(ways, first, last),
        "road_edges": edges,
        "turn_restrictions": _turns(ways, edges),
    }


def _segments(ways: Ways) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return first and last vertex of every edge: ways cut where others meet them, and at ends.

    Where a way only meets itself it is not cut, as in other programs' drive networks.
    """
    is_start = np.r_[True, np.diff(ways.part) != 0]
    is_end = is_start | np.r_[is_start[1:], True]
    met = pd.DataFrame({"ref": ways.refs, "way": ways.way}).drop_duplicates()["ref"]
    shared = met[met.duplicated()]
    is_cut = np.isin(ways.refs, np.union1d(shared, ways.refs[is_end]))
    cuts = np.flatnonzero(is_cut)
    first, last = cuts[:-1], cuts[1:]
    is_edge = ways.part[first] == ways.part[last]
    return first[is_edge], last[is_edge]


def _edges(ways: Ways, first: NDArray[np.intp], last: NDArray[np.intp]) -> gpd.GeoDataFrame:
    way = ways.way[first]
    is_back = np.array([direction(tags) < 0 for tags in ways.tags], dtype=bool)[way]
    facts = pd.DataFrame([describe(tags) for tags in ways.tags]).iloc[way].reset_index(drop=True)
    is_shut = _barred(ways, first, last)
    facts.loc[is_shut, ["motor_vehicle", "hgv"]] = "no"
    start, stop = np.where(is_back, last, first), np.where(is_back, first, last)
    lines, length_m = _lines(ways.lonlat, first, last, is_back)
    number = _count_along(way)
    numbers = ways.ids[way]
    frame = facts.assign(
        id=[f"{osm}-{k}" for osm, k in zip(numbers.tolist(), number.tolist(), strict=True)],
        from_id=ways.refs[start].astype(str),
        to_id=ways.refs[stop].astype(str),
        length_km=length_m / METRES_PER_KM,
        **_TRUST,
    )
    told = gpd.GeoDataFrame(frame, geometry=lines, crs=_LONLAT)
    missing = f"{ways.n_missing} vertices of roads left out: their nodes are not in the file"
    told.attrs["told"] = (missing,) if ways.n_missing else ()
    return told


def _lines(
    lonlat: NDArray[np.float64],
    first: NDArray[np.intp],
    last: NDArray[np.intp],
    is_back: NDArray[np.bool_],
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return the line of every edge in the direction of traffic, and its geodesic length in metres."""
    counts = last - first + 1
    edge = np.repeat(np.arange(len(first)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    vertex = np.where(is_back[edge], last[edge] - within, first[edge] + within)
    lon, lat = lonlat[vertex].T
    step = _GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]
    inside = np.diff(edge) == 0
    length = np.bincount(edge[:-1][inside], weights=step[inside], minlength=len(first))
    lines: NDArray[np.object_] = np.asarray(shapely.linestrings(lonlat[vertex], indices=edge))
    return lines, np.asarray(length, np.float64)


def _count_along(way: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the number of each edge along its way, from 0; edges of a way are neighbours."""
    is_first = np.r_[True, np.diff(way) != 0]
    begin = np.flatnonzero(is_first)
    return np.asarray(np.arange(len(way)) - begin[np.cumsum(is_first) - 1], np.intp)


def _barred(ways: Ways, first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which edges have a closed barrier between their ends; at an end one can still turn off."""
    is_barrier = np.isin(ways.refs, ways.barriers)
    before = np.r_[0, np.cumsum(is_barrier)]
    return np.asarray(before[last] > before[first + 1], dtype=bool)


def _nodes(ways: Ways, first: NDArray[np.intp], last: NDArray[np.intp]) -> gpd.GeoDataFrame:
    vertex = np.unique(np.concatenate([first, last]))
    refs, at = np.unique(ways.refs[vertex], return_index=True)
    places = ways.lonlat[vertex[at]]
    links = np.bincount(np.searchsorted(refs, np.concatenate([ways.refs[first], ways.refs[last]])))
    frame = pd.DataFrame(
        {
            "id": refs.astype(str),
            "name_zh": "",
            "name_en": "",
            "kind": np.where(links == 1, "end", "junction"),
            **_TRUST,
        }
    )
    return gpd.GeoDataFrame(frame, geometry=shapely.points(places), crs=_LONLAT)


def _turns(ways: Ways, edges: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the restrictions over a node whose edges are clear; count what is left out.

    A closed barrier where one way ends and the next begins forbids going on.
    """
    turns = ways.turns
    named = {turn.id for turn in turns if turn.kind in _KINDS}
    at_node = _edges_at(edges, {way for turn in turns for way in (*turn.from_ways, *turn.to_ways)})
    rows = [row for turn in turns if turn.id in named for row in _rows_of(turn, at_node)]
    done = {row["id"].partition("-")[0] for row in rows}
    left = len([turn for turn in turns if str(turn.id) not in done])
    rows += _gates(ways.barriers.astype(str), edges)
    columns = ["id", "from_edge", "via_node", "to_edge", "restriction", "except"]
    frame = pd.DataFrame(rows, columns=columns, dtype="str").assign(**_TRUST)
    frame.attrs["told"] = (
        (f"{left} turn restrictions left out: over a way, conditional, or not of these roads",)
        if left
        else ()
    )
    return frame


def _gates(barriers: NDArray[np.str_], edges: gpd.GeoDataFrame) -> list[dict[str, str]]:
    """Return the turns that a closed barrier between two edges forbids.

    Where more roads meet, the barrier stands on one of them, which one is unknown: none is closed.
    """
    at: dict[str, list[str]] = {}
    for column in ("from_id", "to_id"):
        met = edges[edges[column].isin(barriers)]
        for node, edge in zip(met[column], met["id"], strict=True):
            at.setdefault(node, []).append(edge)
    pairs = {node: ids for node, ids in sorted(at.items()) if len(set(ids)) == len(ids) == _PAIR}
    return [
        {
            "id": f"barrier {node}-{k}",
            "from_edge": met[k],
            "via_node": node,
            "to_edge": met[1 - k],
            "restriction": "no_entry",
            "except": "",
        }
        for node, met in pairs.items()
        for k in (0, 1)
    ]


def _edges_at(
    edges: gpd.GeoDataFrame, ways: set[int]
) -> Mapping[tuple[int, str], tuple[str, ...]]:
    """Return the edges of these ways by (way, node at an end)."""
    numbers = edges["id"].str.partition("-")[0].astype("int64")
    some = edges[numbers.isin(ways)]
    found: dict[tuple[int, str], tuple[str, ...]] = {}
    for edge, start, stop in zip(some["id"], some["from_id"], some["to_id"], strict=True):
        for node in {start, stop}:
            key = int(edge.partition("-")[0]), node
            found[key] = (*found.get(key, ()), edge)
    return found


def _rows_of(
    turn: Turn, at_node: Mapping[tuple[int, str], tuple[str, ...]]
) -> list[dict[str, str]]:
    """Return a row for every pair of ways of a restriction; none where a way is not clear."""
    if len(turn.via_nodes) != 1:
        return []
    via = str(turn.via_nodes[0])
    pairs = [
        (at_node.get((a, via), ()), at_node.get((b, via), ()))
        for a in turn.from_ways
        for b in turn.to_ways
    ]
    # A way that runs through the node could be meant on either side of it.
    if not pairs or any(len(a) != 1 or len(b) != 1 for a, b in pairs):
        return []
    return [
        {
            "id": f"{turn.id}-{k}",
            "from_edge": a[0],
            "via_node": via,
            "to_edge": b[0],
            "restriction": turn.kind,
            "except": turn.exempt,
        }
        for k, (a, b) in enumerate(pairs)
    ]
