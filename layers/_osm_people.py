"""Where people live, from OSM: places with a population, or else the length of the streets of homes."""

from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers._osm_area import study_area
from layers._osm_city import SOURCE, City, Drawn, Shapes, as_shapes, common, nothing
from layers._osm_graph import connected_edges
from layers._osm_tags import count

CELL_M: Final = 1_000.0
STREETS_OF_HOMES: Final = ("residential", "living_street")
# Persons per metre of street: 100 on a kilometre (own assumption, C). Only proportions matter to the
# plan; the sum is no census.
PERSONS_PER_M: Final = 0.1
# Pieces of street are counted where their middle lies; longer ones are divided first.
_PIECE_M = 100.0
# Places with a population are taken where this share of the streets of homes lies this near to one.
PLACES_COVER_SHARE: Final = 0.9
PLACES_REACH_M: Final = 1_500.0
# A city's count holds that of its parts, and a quarter's is held by its suburb's.
_PLACES: Final = ("town", "village", "hamlet", "suburb")
_PLACES_MIN = 3


def draw_townships(city: City) -> Drawn:
    """Return points with ``population`` and what it is based on.

    Place nodes with a population are taken where there are at least three and nine tenths of the
    streets of homes lie within 1.5 km of one; of nested counts only towns, villages, hamlets and
    suburbs are used. Else the street length of homes in each 1 km cell stands for people: a proxy,
    ``basis`` = road_length, confidence C, placed on a street near the middle of the cell's streets.
    """
    starts, stops = _pieces(city)
    if not len(starts):
        return nothing("no residential or living street in the file")
    middles, metres = (starts + stops) / 2, np.hypot(*(stops - starts).T)
    counted = _counted_places(city, middles, metres)
    if counted is not None:
        return counted
    return _proxy(city, middles, metres)


def _pieces(city: City) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends (n, 2) in metres of pieces of the streets of homes in the study area."""
    edges = city.roads[1]
    is_home = edges["highway"].isin(STREETS_OF_HOMES).to_numpy() & connected_edges(city)
    lines = shapely.get_parts(city.roads_metric[is_home])
    lines = shapely.segmentize(lines[shapely.length(lines) > 0], _PIECE_M)
    vertices, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    starts, stops = vertices[:-1][joined], vertices[1:][joined]
    area = study_area(city)
    if area.is_administrative and len(starts):
        outline = shapely.union_all(shapely.make_valid(city.to_metric(area.drawn.shapes)))
        shapely.prepare(outline)
        inside = shapely.intersects(outline, shapely.points((starts + stops) / 2))
        starts, stops = starts[inside], stops[inside]
    return starts, stops


def _proxy(city: City, middles: NDArray[np.float64], metres: NDArray[np.float64]) -> Drawn:
    """Return one point a cell, on the piece of street nearest to the middle of the cell's streets."""
    cells = np.floor(middles / CELL_M).astype(np.int64)
    found, cell = np.unique(cells, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    length = np.bincount(cell, weights=metres)
    centre = np.column_stack(
        [np.bincount(cell, weights=metres * middles[:, axis]) / length for axis in (0, 1)]
    )
    off = np.hypot(*(middles - centre[cell]).T)
    order = np.lexsort((middles[:, 1], middles[:, 0], off, cell))
    first = order[np.unique(cell[order], return_index=True)[1]]
    people = np.round(length * PERSONS_PER_M, 1)
    kept = people > 0
    rows = pd.DataFrame(
        {
            "id": [f"cell_{x}_{y}" for x, y in found[kept].tolist()],
            "population": people[kept],
            "basis": "road_length",
            "confidence": "C",
            "uncertainty_m": CELL_M / 2,
            "source": SOURCE,
            "note": [f"{metres:.0f} m of streets of homes" for metres in length[kept]],
        }
    )
    note = (
        f"no counts of people: {length.sum() / 1000:.0f} km of residential and living streets in 1 km "
        f"cells stand for them at {PERSONS_PER_M * 1000:g} persons per km (own assumption, C)"
    )
    return Drawn(cells=rows, shapes=_degrees(city, middles[first[kept]]), note=note)


def _degrees(city: City, places: NDArray[np.float64]) -> Shapes:
    return city.to_degrees(shapely.Point(x, y) for x, y in places.tolist())


def _counted_places(
    city: City, middles: NDArray[np.float64], metres: NDArray[np.float64]
) -> Drawn | None:
    """Return the places with a population; None where they do not cover the streets of homes."""
    found = [
        item
        for item in city.found.objects
        if item.id.startswith("n")
        and item.tags.get("place") in _PLACES
        and count(item.tags.get("population", "")) > 0
    ]
    cells = pd.DataFrame(
        [
            {
                **common(item),
                "population": count(item.tags["population"]),
                "basis": "census",
                "confidence": "C",
                "uncertainty_m": CELL_M / 2,
                "note": f"place={item.tags['place']}, {item.tags.get('population:date', 'undated')}",
            }
            for item in found
        ]
    )
    drawn = city.inside(Drawn(cells=cells, shapes=as_shapes(item.shape for item in found)))
    if len(drawn.shapes) < _PLACES_MIN:
        return None
    tree = shapely.STRtree(city.to_metric(drawn.shapes))
    near = np.unique(tree.query(shapely.points(middles), "dwithin", distance=PLACES_REACH_M)[0])
    if metres[near].sum() < PLACES_COVER_SHARE * metres.sum():
        return None
    note = "population of OSM's towns, villages, hamlets and suburbs, of unknown years"
    return Drawn(cells=drawn.cells, shapes=drawn.shapes, note=note)
