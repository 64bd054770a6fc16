"""Gateways from OSM: where main roads leave the study area or the extract."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers._osm_area import study_area
from layers._osm_city import SOURCE, City, Drawn, Shapes, nothing
from layers._osm_graph import connected_edges, connected_nodes, ends_of
from layers._osm_groups import leaders

# Truck traffic of a gateway by the class of its road (own assumption, C; no counts in OSM).
TRUCK_WEIGHT: Final[Mapping[str, float]] = {"motorway": 3.0, "trunk": 2.0, "primary": 1.0}
# The carriageways of a road, and its like nearby, leave through one gateway.
GATE_M: Final = 1_000.0
# Without a boundary a main road leaves where it ends near the edge of the extract: so near.
_EDGE_M = 1_000.0
_EDGE_SHARE = 0.1


_NONE_OPEN = "no main road that leaves the study area can be reached there and back"


class _Stand(NamedTuple):
    """Where a gateway stands, in metres: on its road or at a node."""

    name: str
    place: BaseGeometry


class _Exits(NamedTuple):
    """Places (n) in metres where main roads leave, the rows of their edges (n)."""

    places: Shapes
    edges: NDArray[np.intp]


def draw_gateways(city: City) -> Drawn:
    """Return gateways with ``truck_share``, which adds up to 1.

    With a boundary or administrative districts, a gateway is where a motorway, trunk or primary road
    crosses their outline; else where such a road ends near the edge of the extract. Where the road
    there cannot be reached there and back, such as a carriageway cut off behind its last exit, the
    gateway stands at the nearest node of its class or ramps that can.
    """
    area = study_area(city)
    if area.is_administrative:
        outline = shapely.union_all(shapely.make_valid(city.to_metric(area.drawn.shapes)))
        exits = _crossings(city, outline)
    else:
        exits = _cut_ends(city)
    if not len(exits.edges):
        return nothing("no motorway, trunk or primary road leaves the study area")
    return _rows(city, exits)


def _main(city: City) -> NDArray[np.bool_]:
    return city.roads[1]["highway"].isin(list(TRUCK_WEIGHT)).to_numpy()


def _crossings(city: City, outline: BaseGeometry) -> _Exits:
    main = np.flatnonzero(_main(city))
    lines = city.to_metric(city.roads[1].geometry.iloc[main])
    border = outline.boundary
    shapely.prepare(border)
    crosses = shapely.intersects(border, lines)
    cut = shapely.intersection(lines[crosses], border)
    places, edge = shapely.get_parts(cut, return_index=True)
    return _Exits(places=shapely.centroid(places), edges=main[crosses][edge])


def _cut_ends(city: City) -> _Exits:
    """Return the ends of main roads where no other road goes on, near the edge of the extract."""
    nodes, _ = city.roads
    start, stop = ends_of(city)
    degree = np.bincount(np.concatenate([start, stop]), minlength=len(nodes))
    main = np.flatnonzero(_main(city))
    ends = np.concatenate([start[main], stop[main]])
    edges = np.concatenate([main, main])[degree[ends] == 1]
    places = city.to_metric(nodes.geometry.iloc[ends[degree[ends] == 1]])
    hull = shapely.convex_hull(shapely.MultiPoint(list(city.to_metric(nodes.geometry))))
    reach = max(_EDGE_M, _EDGE_SHARE * float(np.sqrt(hull.area)))
    near = shapely.distance(places, hull.boundary) <= reach
    return _Exits(places=places[near], edges=edges[near])


def _rows(city: City, exits: _Exits) -> Drawn:
    """Return one row a group of exits of one class of road."""
    edges = city.roads[1]
    frame = edges.iloc[exits.edges][["id", "highway", "ref", "name_zh", "name_en"]]
    open_ = connected_edges(city)[exits.edges]
    rows, places = [], []
    for name in TRUCK_WEIGHT:
        of_class = np.flatnonzero((frame["highway"] == name).to_numpy())
        of_class = of_class[np.argsort(frame["id"].to_numpy(object)[of_class], kind="stable")]
        stands = _stands(city, name)
        for lead in np.unique(leaders(exits.places[of_class], GATE_M)).tolist():
            row = of_class[lead]
            here = _Stand(str(frame["id"].iloc[row]), exits.places[row])
            found = here if open_[row] else stands(exits.places[row])
            if found is not None:
                moved_m = float(shapely.distance(exits.places[row], found.place))
                rows.append(_row(found.name, frame.iloc[row], moved_m))
                places.append(found.place)
    return _shared(rows, city.to_degrees(places)) if rows else nothing(_NONE_OPEN)


def _stands(city: City, name: str) -> Callable[[BaseGeometry], _Stand | None]:
    """Return what finds the nearest node of a class of road, there and back, of a place."""
    nodes = city.roads[0]
    start, stop = ends_of(city)
    of_class = city.roads[1]["highway"].isin((name, f"{name}_link")).to_numpy()
    touched = np.unique(np.concatenate([start[of_class], stop[of_class]]))
    usable = touched[connected_nodes(city)[touched]]
    places = city.to_metric(nodes.geometry.iloc[usable])
    tree = shapely.STRtree(places)

    def find(place: BaseGeometry) -> _Stand | None:
        if not len(places):
            return None
        nearest = int(tree.query_nearest(place, all_matches=False)[0])
        return _Stand(str(nodes["id"].iloc[usable[nearest]]), places[nearest])

    return find


def _row(stand: str, edge: "pd.Series[str]", moved_m: float) -> dict[str, object]:
    names = {
        key: " ".join(filter(None, (edge["ref"], edge[key]))) for key in ("name_zh", "name_en")
    }
    return {
        "id": f"gate_{stand}",
        **names,
        "weight": TRUCK_WEIGHT[edge["highway"]],
        "confidence": "C",
        "uncertainty_m": round(max(moved_m, GATE_M)),
        "source": SOURCE,
        "note": f"{edge['highway']}; stands {moved_m:.0f} m from where the road leaves",
    }


def _shared(rows: list[dict[str, object]], places: Shapes) -> Drawn:
    """Return the gateways, each once, with their shares of the trucks."""
    cells = pd.DataFrame(rows)
    weights = cells.groupby("id")["weight"].transform("sum")
    first = ~cells["id"].duplicated()
    cells["truck_share"] = weights / weights[first].sum()
    cells = cells[first].drop(columns="weight").reset_index(drop=True)
    note = "shares of trucks by class of road: motorway 3, trunk 2, primary 1 (own assumption, C)"
    return Drawn(cells=cells, shapes=places[first.to_numpy()], note=note)
