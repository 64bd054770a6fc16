"""Network costs once more, by other means: places inserted into a networkx graph, plain loops.

Shares nothing with ``siting.network`` but the rounding of ``siting.units``.
"""

import itertools
from collections.abc import Iterable
from typing import Any, NamedTuple

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.model import VehicleProfile
from siting.units import decimetres, deciseconds
from tests.strategies import Roads

CONTROLLED = {"motorway", "motorway_link", "ferry"}


class Street(NamedTuple):
    """A road the vehicle may use."""

    id: str
    tail: str
    head: str
    is_oneway: bool
    is_open: bool
    time_ds: int
    length_dm: int
    line: shapely.LineString


class Foot(NamedTuple):
    """Where a place meets the roads: at a node, or so many decimetres along a street."""

    node: str | None
    street: str | None
    at_dm: int
    away_m: float


def streets(edges: gpd.GeoDataFrame, profile: VehicleProfile) -> list[Street]:
    """Return the roads open to a vehicle, by id, islands included."""
    found = []
    for row in sorted(edges.to_dict("records"), key=lambda row: row["id"]):
        if any(row.get(column) in values for column, values in profile.banned.items()):
            continue
        cap = profile.max_speed_kmh.get(row["highway"], profile.default_max_speed_kmh)
        metres = row["length_km"] * 1000
        found.append(
            Street(
                id=row["id"],
                tail=row["from_id"],
                head=row["to_id"],
                is_oneway=bool(row["oneway"]),
                is_open=row["highway"] not in CONTROLLED
                and not any(row.get(key) for key in ("bridge", "tunnel", "ferry")),
                time_ds=max(1, deciseconds(metres, min(cap, row["free_flow_kmh"]))),
                length_dm=max(1, decimetres(metres)),
                line=row["geometry"],
            )
        )
    return found


def strong_parts(found: Iterable[Street]) -> list[set[str]]:
    """Return the largest sets of nodes that all reach each other; several where there is a tie."""
    graph = nx.DiGraph()
    for street in found:
        graph.add_edge(street.tail, street.head)
        if not street.is_oneway:
            graph.add_edge(street.head, street.tail)
    parts = list(nx.strongly_connected_components(graph))
    most = max(map(len, parts))
    return [part for part in parts if len(part) == most]


class Reference:
    """The roads of one vehicle inside one part, with Dijkstra on places inserted one by one."""

    def __init__(self, roads: Roads, part: Iterable[str]) -> None:
        self.access = roads.access
        self.part = set(part)
        self.streets = [
            street
            for street in streets(roads.edges, roads.profile)
            if {street.tail, street.head} <= self.part
        ]
        self.corners = {
            name: point
            for name, point in sorted(zip(roads.nodes["id"], roads.nodes.geometry, strict=True))
            if name in self.part
        }

    def foot(self, place: shapely.Point) -> Foot | None:
        """Return where a place meets the roads, None if nowhere within reach."""
        node_m, node = self._nearest(self.corners.values(), list(self.corners), place)
        is_open = [street for street in self.streets if street.is_open]
        away_m, street = self._nearest([street.line for street in is_open], is_open, place)
        if not away_m < node_m:
            return Foot(node, None, 0, node_m) if self._reaches(node_m) else None
        if not self._reaches(away_m):
            return None
        at_dm = round(street.line.project(place, normalized=True) * street.length_dm)
        if at_dm in {0, street.length_dm}:
            return Foot(street.head if at_dm else street.tail, None, 0, away_m)
        return Foot(None, street.id, at_dm, away_m)

    @staticmethod
    def _nearest(
        shapes: Iterable[Any], named: list[Any], place: shapely.Point
    ) -> tuple[float, Any]:
        """Return the least distance, and the first that is as near; all are sorted by id."""
        away_m = [float(d) for d in shapely.distance(list(shapes), place)] if named else []
        least = min(away_m, default=float("inf"))
        return least, named[away_m.index(least)] if named else None

    def _reaches(self, metres: float) -> bool:
        return metres <= self.access.max_distance_m

    def graph(self, places: gpd.GeoSeries) -> nx.MultiDiGraph:
        """Return the streets cut where places meet them, the k-th place being a node ``k``."""
        feet = [self.foot(place) for place in places]
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(self.corners)
        for street in self.streets:
            cuts = sorted({foot.at_dm for foot in feet if foot and foot.street == street.id})
            self._add_street(graph, street, cuts)
        for k, foot in enumerate(feet):
            graph.add_node(k)
            if foot is not None:
                leg_m = foot.away_m * self.access.detour_ratio
                leg = {
                    "time_ds": deciseconds(leg_m, self.access.speed_kmh),
                    "length_dm": decimetres(leg_m),
                }
                joint = foot.node or (foot.street, foot.at_dm)
                graph.add_edge(k, joint, **leg)
                graph.add_edge(joint, k, **leg)
        return graph

    @staticmethod
    def _add_street(graph: nx.MultiDiGraph, street: Street, cuts: list[int]) -> None:
        spots = [(street.tail, 0), *(((street.id, at), at) for at in cuts)]
        spots.append((street.head, street.length_dm))
        for (a, a_dm), (b, b_dm) in itertools.pairwise(spots):
            a_ds, b_ds = (round(street.time_ds * (dm / street.length_dm)) for dm in (a_dm, b_dm))
            facts: dict[str, Any] = {"time_ds": b_ds - a_ds, "length_dm": b_dm - a_dm}
            graph.add_edge(a, b, **facts)
            if not street.is_oneway:
                graph.add_edge(b, a, **facts)

    def costs(
        self, origins: gpd.GeoSeries, destinations: gpd.GeoSeries, weight: str
    ) -> NDArray[np.float64]:
        """Return least costs from place to place, NaN where no way leads.

        Places are no thoroughfare: a way from a place to itself is its leg, out and back.
        """
        both = gpd.GeoSeries([*origins, *destinations], crs=origins.crs)
        graph = self.graph(both)
        n = len(origins)
        found = np.full((n, len(destinations)), np.nan)
        for i in range(n):
            away = nx.single_source_dijkstra_path_length(graph, i, weight=weight)
            for j in range(len(destinations)):
                found[i, j] = away.get(n + j, np.nan)
        return found
