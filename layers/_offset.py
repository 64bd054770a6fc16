"""Find layers that sit a constant distance off the roads or the coast, as GCJ-02 read as WGS84 does.

Places of many kinds lie on a road or on the shore. Moved all together by the right vector, far more of
them do so than by any other; where the best vector is not zero, the layer is displaced. How sure that is
comes from the other vectors: the best must stand out from all of them, and beat the next one place by
place. Where it does not, or the places or the lines are not known well enough, the answer is that
nobody can tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from siting.crs import LONLAT, to_crs
from siting.datum import BD09, GCJ02, Places, find_datum, is_shifted, shift
from siting.model import LayerRecord, LayerSpec

Verdict = Literal["none", "offset", "cannot tell"]

_PRECISE_M = 100.0
_FEWEST, _MOST = 20, 64
_APART_M = 300.0  # places nearer than this tell the same thing twice
_REACH_M, _STEP_M, _FINE_M = 900.0, 30.0, 10.0
_TOUCH_M, _SPACING_M = 40.0, 20.0  # so near is on the line; lines are taken as points so far apart
_NEXT_M = 150.0  # vectors nearer than this to the best share its success
# Random places in Porto, 24 drawings of 20 to 65: at most 4.2 and 0.3. Its fuel stations, whole or the
# first 20, moved and not: at least 6.6 and 3.0.
_STANDS_OUT, _BEATS_NEXT = 5.5, 2.5
_NONE_M, _SAME_M = 90.0, 60.0
_ROADS, _COAST = "road_edges", "coastline"
_BY_THE_SEA: Final = frozenset({"berths", "ports"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """What came out: by how much the layer sits east and north of where it should, or why not."""

    verdict: Verdict
    east_m: float = 0.0
    north_m: float = 0.0
    why: str = ""


def tell_offsets(
    frames: Mapping[str, gpd.GeoDataFrame],
    specs: Mapping[str, LayerSpec],
    records: Sequence[LayerRecord],
) -> list[LayerRecord]:
    """Return the records with a warning for every layer of points that is displaced.

    That nobody can tell is said only inside of the box of GCJ-02, where the question arises. Layers from
    the same file as the lines they are held against are passed over: they cannot be displaced.

    Parameters
    ----------
    frames
        The layers of a study in its working CRS, metres.
    specs
        Where they come from.
    records
        What became of them so far.
    """
    told = []
    for record in records:
        lines = _lines_for(record.kind, frames, specs)
        if lines is None:
            told.append(record)
            continue
        offset = find_offset(frames[record.kind], frames[lines])
        words = _words(offset, frames[record.kind], specs[record.kind], lines=lines)
        told.append(replace(record, warnings=(*record.warnings, words)) if words else record)
    return told


def find_offset(places: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> Offset:
    """Find by how much a layer of points is displaced against lines that it should lie on.

    Parameters
    ----------
    places
        Points, metres. With ``uncertainty_m`` only those known to 100 m count.
    lines
        Roads or coast in the same CRS; where the median of ``uncertainty_m`` is above 100 m, or 20
        places 300 m apart are not to be had, nobody can tell.

    Returns
    -------
    Offset
        ``offset`` with the vector from where the places should be to where they are, up to 900 m and to
        some 10 m; ``none`` below 90 m; else ``cannot tell`` and why.
    """
    known_m = float(np.nanmedian(_uncertainty(lines))) if len(lines) else np.nan
    if known_m > _PRECISE_M:
        why = f"the lines are known to {known_m:g} m only, {_PRECISE_M:g} m are needed"
        return Offset(verdict="cannot tell", why=why)
    sharp = places.geometry[~(_uncertainty(places) > _PRECISE_M)]
    sample = _sample(shapely.get_coordinates(np.asarray(sharp)))
    if len(sample) < _FEWEST:
        why = (
            f"{len(sample)} places known to {_PRECISE_M:g} m and {_APART_M:g} m apart are too few"
        )
        return Offset(verdict="cannot tell", why=f"{why}, {_FEWEST} are needed")
    points = _points_near(np.asarray(lines.geometry), sample)
    if not len(points):
        return Offset(verdict="cannot tell", why="no line is near")
    return _best_vector(KDTree(points, balanced_tree=False, compact_nodes=False), sample)


def _lines_for(
    kind: str, frames: Mapping[str, gpd.GeoDataFrame], specs: Mapping[str, LayerSpec]
) -> str | None:
    """Return the layer of lines that places of a kind lie on; None where there is none to ask."""
    lines = _COAST if kind in _BY_THE_SEA and _COAST in frames else _ROADS
    if kind == "road_nodes" or kind not in frames or lines not in frames:
        return None
    types = shapely.get_type_id(np.asarray(frames[kind].geometry))
    is_points = len(types) > 0 and bool((types == 0).all())
    return lines if is_points and specs[kind].path != specs[lines].path else None


def _uncertainty(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return how well each row is placed; 0 where nobody says."""
    if "uncertainty_m" not in frame:
        return np.zeros(len(frame))
    return frame["uncertainty_m"].fillna(0.0).to_numpy(np.float64)


def _sample(places: Places) -> Places:
    """Return at most 64 of the places, one from each square of 300 m, spread over the rows."""
    squares = np.floor(places / _APART_M)
    _, first = np.unique(squares, axis=0, return_index=True)
    apart = places[np.sort(first)]
    return apart[np.linspace(0, len(apart) - 1, min(len(apart), _MOST)).astype(np.intp)]


def _points_near(lines: NDArray[np.object_], sample: Places) -> Places:
    """Return points every 20 m along the lines that a place could be moved onto."""
    around = shapely.box(*(sample - _REACH_M).T, *(sample + _REACH_M).T)
    near = np.unique(shapely.STRtree(lines).query(around)[1])
    ends, line = shapely.get_coordinates(lines[near], return_index=True)
    is_one = line[:-1] == line[1:]
    start, leg = ends[:-1][is_one], np.diff(ends, axis=0)[is_one]
    count = np.maximum(np.ceil(np.hypot(*leg.T) / _SPACING_M), 1).astype(np.intp)
    of_leg = np.repeat(np.arange(len(leg)), count)
    number = np.arange(len(of_leg)) - np.repeat(np.cumsum(count) - count, count)
    return np.asarray(start[of_leg] + leg[of_leg] * ((number + 0.5) / count[of_leg])[:, None])


def _best_vector(tree: KDTree, sample: Places) -> Offset:
    vectors = _vectors(_REACH_M, _STEP_M)
    touches = _touches(tree, sample, vectors)
    score = touches.mean(axis=1)
    best = int(np.argmax(score))
    others = np.hypot(*(vectors - vectors[best]).T) > _NEXT_M
    following = int(np.flatnonzero(others)[np.argmax(score[others])])
    spread = score[others].std()
    stands_out = (score[best] - score[others].mean()) / spread if spread > 0 else 0.0
    if stands_out < _STANDS_OUT or _lead(touches[best], touches[following]) < _BEATS_NEXT:
        return Offset(verdict="cannot tell", why="no way of moving the layer fits clearly best")
    fine = vectors[best] + _vectors(_STEP_M, _FINE_M)
    closer = _touches(tree, sample, fine).mean(axis=1)
    closer -= closer.min()
    east_m, north_m = -(closer[:, None] * fine).sum(axis=0) / closer.sum()
    here = touches[int(np.argmin(np.hypot(*vectors.T)))]
    if np.hypot(east_m, north_m) < _NONE_M or _lead(touches[best], here) < _BEATS_NEXT:
        return Offset(verdict="none", east_m=float(east_m), north_m=float(north_m))
    return Offset(verdict="offset", east_m=float(east_m), north_m=float(north_m))


def _vectors(reach_m: float, step_m: float) -> Places:
    """Return the vectors of a square lattice within a circle, the zero vector among them."""
    axis = np.arange(-reach_m, reach_m + step_m / 2, step_m)
    lattice = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return np.asarray(lattice[np.hypot(*lattice.T) <= reach_m])


def _touches(tree: KDTree, sample: Places, vectors: Places) -> NDArray[np.float64]:
    """Return how well each place meets a line when moved, (n_vectors, n_places): 1 on it, 0 at 40 m."""
    moved = (sample[None] + vectors[:, None]).reshape(-1, 2)
    distance_m, _ = tree.query(moved, distance_upper_bound=_TOUCH_M)
    touch = np.maximum(1 - distance_m / _TOUCH_M, 0.0)  # none in reach: infinitely far
    return np.asarray(touch.reshape(len(vectors), len(sample)))


def _lead(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Return the mean of the differences place by place, in its standard errors."""
    lead = ours - theirs
    error = lead.std(ddof=1) / np.sqrt(len(lead))
    return float(lead.mean() / error) if error > 0 else 0.0


def _words(offset: Offset, frame: gpd.GeoDataFrame, spec: LayerSpec, *, lines: str) -> str:
    """Say it in a sentence; empty where there is nothing to say."""
    against = "coast" if lines == _COAST else "roads"
    middle = shapely.get_coordinates(
        np.asarray(to_crs(frame[["geometry"]].iloc[:_MOST], LONLAT).geometry)
    ).mean(axis=0, keepdims=True)
    if offset.verdict == "cannot tell" and is_shifted(middle).all():
        return f"offset against the {against}: cannot tell, {offset.why}"
    if offset.verdict != "offset":
        return ""
    size_m = np.hypot(offset.east_m, offset.north_m)
    told = (
        f"sits about {size_m:.0f} m off the {against} "
        f"({_side(offset.east_m, 'east', 'west')}, {_side(offset.north_m, 'north', 'south')})"
    )
    datum = _datum_of(offset, frame, middle)
    if find_datum(spec.crs) is not None:
        return f"{told}; it may not be in {find_datum(spec.crs)}, as the study says"
    if datum:
        return f'{told}, as {datum} read as WGS 84 does here; if so, declare crs = "{datum}"'
    return f"{told}; check the CRS of the layer"


def _side(metres: float, ahead: str, behind: str) -> str:
    return f"{abs(metres):.0f} m {ahead if metres >= 0 else behind}"


def _datum_of(offset: Offset, frame: gpd.GeoDataFrame, middle: Places) -> str:
    """Return the datum whose shift at this place is the offset; empty for none."""
    if not is_shifted(middle).all():
        return ""
    for datum in (GCJ02, BD09):
        pair = gpd.GeoDataFrame(
            geometry=gpd.points_from_xy(*np.vstack([middle, shift(middle, datum)]).T), crs=LONLAT
        )
        start, end = shapely.get_coordinates(np.asarray(to_crs(pair, str(frame.crs)).geometry))
        if np.hypot(*(end - start - (offset.east_m, offset.north_m))) < _SAME_M:
            return datum
    return ""
