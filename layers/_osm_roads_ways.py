"""The roads of an OSM file as arrays: one reading for ways and restrictions, one for their nodes.

What is kept grows with the roads, not with the file.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import osmium
import pandas as pd
from numpy.typing import NDArray

from layers._osm_roads_tags import DRIVABLE, KEYS, closes, is_drivable
from siting.errors import InputError, MissingFileError, Problem, SitingError

_RESTRICTION: Final = "restriction"
_OF_LORRIES: Final = "restriction:hgv"
# Kinds that are counted, not modelled.
_OTHERS: Final = (
    *("restriction:conditional", "restriction:hgv:conditional"),
    *("restriction:bus", "restriction:motorcar"),
)
_NO_LORRIES: Final = "motorcar;motorcycle;bus;psv;taxi;emergency"
_HALF_TURN_DEG: Final = 180.0
# An index of all nodes takes 16 bytes each, some 1.6 GB at this size; so much does a filter take of
# any file, since ids of today lie all over libosmium's bit set.
_SMALL_BYTES: Final = 800_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A restriction as its relation has it; ways and node by number."""

    id: int
    kind: str
    exempt: str
    from_ways: tuple[int, ...]
    via_nodes: tuple[int, ...]
    to_ways: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """Drivable ways as vertices, way after way.

    Parameters
    ----------
    ids, tags
        Number and kept tags of each way ``(n_ways,)``.
    refs, way, part
        Node number, way and part of every vertex ``(n_vertices,)``. A way falls into parts where
        nodes are missing; a part has two vertices or more.
    lonlat
        Places of the vertices ``(n_vertices, 2)``, degrees.
    barriers
        Numbers of the nodes where a barrier keeps motor vehicles out, sorted.
    turns
        The restrictions of the file.
    n_missing
        Vertices whose node is not in the file (cut extracts).
    """

    ids: NDArray[np.int64]
    tags: Sequence[Mapping[str, str]]
    refs: NDArray[np.int64]
    way: NDArray[np.intp]
    part: NDArray[np.intp]
    lonlat: NDArray[np.float64]
    barriers: NDArray[np.int64]
    turns: Sequence[Turn]
    n_missing: int


def read_ways(path: str) -> Ways:
    """Read the drivable ways of a file of OSM (.osm.pbf, .osm, .osm.bz2, .osm.gz).

    Raises
    ------
    MissingFileError
        When the file is not there.
    InputError
        When it cannot be read as OSM data, is a history, has numbers that are not OSM's, holds no
        drivable way, or its roads lie across the antimeridian.
    """
    with _told(path):
        _require_snapshot(path)
        ids, tags, turns, refs, way = _stream_ways(path)
        numbers = np.unique(refs)
        _require_numbers(path, ids, numbers)
        places, barriers = _stream_nodes(path, numbers)
    lonlat = places[np.searchsorted(numbers, refs)]
    is_there = np.isfinite(lonlat).all(axis=1)
    kept = np.flatnonzero(is_there)
    starts = np.r_[True, (np.diff(way[kept]) != 0) | (np.diff(kept) != 1)][: len(kept)]
    refs, way, lonlat = refs[kept], way[kept], lonlat[kept]
    part = np.cumsum(starts) - 1
    is_line = np.bincount(part, minlength=1)[part] > 1
    _require_roads(path, lonlat[is_line])
    return Ways(
        ids=ids,
        tags=tags,
        refs=refs[is_line],
        way=way[is_line],
        part=part[is_line],
        lonlat=lonlat[is_line],
        barriers=barriers,
        turns=turns,
        n_missing=int((~is_there).sum()),
    )


def _stream_ways(
    path: str,
) -> tuple[
    NDArray[np.int64], list[dict[str, str]], list[Turn], NDArray[np.int64], NDArray[np.intp]
]:
    """Return numbers and tags of the drivable ways, restrictions, and node and way of each vertex."""
    ids, refs, lengths = array("q"), array("q"), array("q")
    tags: list[dict[str, str]] = []
    turns: list[Turn] = []
    kinds = osmium.osm.WAY | osmium.osm.RELATION
    wanted = osmium.filter.KeyFilter("highway", _RESTRICTION, _OF_LORRIES, *_OTHERS)
    for found in osmium.FileProcessor(path, kinds).with_filter(wanted):
        if isinstance(found, osmium.osm.Relation):
            if _RESTRICTION in (found.tags.get("type") or ""):
                turns.append(_turn(found))
        elif isinstance(found, osmium.osm.Way) and found.tags.get("highway") in DRIVABLE:
            known = {tag.k: tag.v for tag in found.tags if tag.k in KEYS}
            if is_drivable(known):
                before = len(refs)
                refs.extend(node.ref for node in found.nodes)
                ids.append(found.id)
                lengths.append(len(refs) - before)
                tags.append(known)
    way = np.repeat(np.arange(len(ids)), np.array(lengths, np.int64))
    return np.array(ids, np.int64), tags, turns, np.array(refs, np.int64), way


def _turn(relation: osmium.osm.Relation) -> Turn:
    members = [(member.role, member.type, member.ref) for member in relation.members]
    tags = relation.tags
    for_all, for_lorries = tags.get(_RESTRICTION) or "", tags.get(_OF_LORRIES) or ""
    exempt = tags.get("except") or ""
    return Turn(
        id=relation.id,
        kind=for_all or for_lorries,
        exempt=exempt if for_all else f"{_NO_LORRIES};{exempt}".strip(";"),
        from_ways=tuple(ref for role, kind, ref in members if (role, kind) == ("from", "w")),
        via_nodes=tuple(ref for role, kind, ref in members if (role, kind) == ("via", "n")),
        to_ways=tuple(ref for role, kind, ref in members if (role, kind) == ("to", "w")),
    )


def _stream_nodes(
    path: str, numbers: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the places of nodes ``(n, 2)``, NaN where missing, and those with a closed barrier."""
    is_small = Path(path).stat().st_size <= _SMALL_BYTES
    places = _places_by_index(path, numbers) if is_small else _places_by_filter(path, numbers)
    wanted = osmium.filter.KeyFilter("barrier")
    found = osmium.FileProcessor(path, osmium.osm.NODE).with_filter(wanted)
    barriers = [node.id for node in found if closes(dict(node.tags))]
    return places, np.unique(np.array(barriers, np.int64))


def _places_by_index(path: str, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Keep the places of all nodes of the file for a moment; ten times as fast as asking for each."""
    index = osmium.index.create_map("flex_mem")
    keeper = osmium.NodeLocationsForWays(index)
    osmium.apply(osmium.io.Reader(path, osmium.osm.NODE), keeper)
    places = np.full((len(numbers), 2), np.nan)
    for k, number in enumerate(numbers.tolist()):
        with suppress(KeyError):
            place = index.get(number)
            if place.valid():
                places[k] = place.lon, place.lat
    return places


def _places_by_filter(path: str, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Look at the nodes of the roads only: the memory of a whole province does not grow with it."""
    found, ordinates = array("q"), array("d")
    wanted = osmium.filter.IdFilter(numbers.tolist())
    for node in osmium.FileProcessor(path, osmium.osm.NODE).with_filter(wanted):
        if isinstance(node, osmium.osm.Node) and node.location.valid():
            found.append(node.id)
            ordinates.extend((node.lon, node.lat))
    places = np.full((len(numbers), 2), np.nan)
    at = np.searchsorted(numbers, np.array(found, np.int64))
    places[at] = np.array(ordinates, np.float64).reshape(-1, 2)
    return places


def _require_snapshot(path: str) -> None:
    """Refuse histories: of a way's versions only one stands on the ground."""
    with osmium.io.Reader(path, osmium.osm.NOTHING) as reader:
        is_history = reader.header().has_multiple_object_versions
    if is_history:
        raise InputError(_history(path, "several versions of its objects"))


def _history(path: str, got: str) -> Problem:
    return Problem(
        where=Path(path).name,
        what="is a history, not a state of the map",
        got=got,
        expected="every object once",
        mend="Take the state of a day (osmium time-filter); join extracts with osmium merge.",
    )


def _require_numbers(path: str, ids: NDArray[np.int64], refs: NDArray[np.int64]) -> None:
    repeated = ids[pd.Index(ids).duplicated()]
    if len(repeated):
        raise InputError(_history(path, f"way {repeated[0]} twice"))
    if (ids < 0).any() or (refs < 0).any():
        raise InputError(
            Problem(
                where=Path(path).name,
                what="has objects with numbers of an editor, not of OSM",
                got=str(min(ids.min(initial=0), refs.min(initial=0))),
                expected="numbers above 0",
                mend="Number them: osmium renumber.",
            )
        )


def _require_roads(path: str, lonlat: NDArray[np.float64]) -> None:
    if not len(lonlat):
        raise InputError(
            Problem(
                where=Path(path).name,
                what="holds no road that cars may drive",
                expected=f"ways with highway = {', '.join(list(DRIVABLE)[:5])} … and their nodes",
                mend="Take an extract that has roads (not a file of places or of changes).",
            )
        )
    west, east = lonlat[:, 0].min(), lonlat[:, 0].max()
    if east - west > _HALF_TURN_DEG:
        raise InputError(
            Problem(
                where=Path(path).name,
                what="the roads lie across the antimeridian",
                got=f"{west:.2f} to {east:.2f} E",
                expected="an area on one side of 180 degrees",
                mend="Cut the file in two there and plan each side by itself.",
            )
        )


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Turn what libosmium says of a file into one line."""
    if not Path(path).is_file():
        problem = Problem(where=Path(path).name, what="file not found", mend="Check the path.")
        raise MissingFileError(problem)
    try:
        yield
    except SitingError:  # a ValueError too, and told already
        raise
    except (RuntimeError, OSError, ValueError, EOFError) as error:
        raise InputError(
            Problem(
                where=Path(path).name,
                what="cannot be read as OSM data",
                got=str(error).replace(path, Path(path).name),
                expected="an extract such as FILE.osm.pbf, whole",
                mend="Download it again and compare its checksum.",
            )
        ) from error
