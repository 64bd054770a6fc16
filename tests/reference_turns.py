"""Costs under turn restrictions once more: Dijkstra of networkx on the graph of arcs (line graph).

Every street piece and direction is a node, every turn that is allowed an edge; nothing is shared
with ``siting.network`` but the rounding of ``siting.units``.
"""

import itertools
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import strategies as st
from numpy.typing import NDArray

from siting.units import decimetres, deciseconds
from tests.reference_roads import Reference, Street, streets
from tests.strategies import Roads

NO = ("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit")
ONLY = ("only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn")
COLUMNS = ["id", "from_edge", "via_node", "to_edge", "restriction", "except"]

Arc = tuple[str, str, str, str]
"""Street, whether along its line ("+") or against ("-"), first and last node."""


def make_turns(*rows: tuple[str, str, str, str] | tuple[str, str, str, str, str]) -> pd.DataFrame:
    """Return restrictions from (from_edge, via_node, to_edge, restriction[, except])."""
    filled = [(f"R{k}", *row, *("",) * (5 - len(row))) for k, row in enumerate(rows)]
    return pd.DataFrame(filled, columns=COLUMNS)


@st.composite
def turn_restrictions(draw: st.DrawFn, roads: Roads, *, max_size: int = 8) -> pd.DataFrame:
    """Draw restrictions between edges that meet, whether they may be driven that way or not."""
    ends = list(roads.edges[["id", "from_id", "to_id"]].itertuples(index=False))
    touching = {
        node: [row.id for row in ends if node in {row.from_id, row.to_id}]
        for node in roads.nodes["id"]
    }
    nodes = [node for node, ids in touching.items() if ids]
    rows = []
    for _ in range(draw(st.integers(0, max_size))):
        via = draw(st.sampled_from(nodes))
        came, goes = (draw(st.sampled_from(touching[via])) for _ in range(2))
        kind = draw(st.sampled_from(NO + ONLY))
        rows.append((came, via, goes, kind, draw(st.sampled_from(("", "", "hgv;bus", "psv")))))
    return make_turns(*rows)


def arcs_of(street: Street) -> list[Arc]:
    """Return the directions in which a street may be driven."""
    along, against = (
        (street.id, "+", street.tail, street.head),
        (street.id, "-", street.head, street.tail),
    )
    return [along] if street.is_oneway else [along, against]


class Turns:
    """Which arc may follow which."""

    def __init__(self, roads: Roads, turns: pd.DataFrame) -> None:
        self.streets = streets(roads.edges, roads.profile)
        self.arcs = [arc for street in self.streets for arc in arcs_of(street)]
        classes = set(roads.profile.vehicle_classes)
        rows = turns.to_dict("records")
        self.rows = [row for row in rows if not classes & set(row["except"].split(";"))]

    def is_allowed(self, one: Arc, other: Arc) -> bool:
        """Tell whether a way that comes by one arc may go on by the other."""
        if one[3] != other[2]:
            return False
        here = [r for r in self.rows if r["from_edge"] == one[0] and r["via_node"] == one[3]]
        if any(r["to_edge"] == other[0] for r in here if r["restriction"] in NO):
            return False
        leaving = {arc[0] for arc in self.arcs if arc[2] == one[3]}
        only = {r["to_edge"] for r in here if r["restriction"] in ONLY} & leaving
        return not only or other[0] in only

    def cores(self) -> list[set[Arc]]:
        """Return the largest sets of arcs that all lead on to each other, by nodes; several if tied."""
        line = nx.DiGraph()
        pairs = itertools.product(self.arcs, self.arcs)
        line.add_edges_from((a, b) for a, b in pairs if self.is_allowed(a, b))
        parts = [
            part
            for part in nx.strongly_connected_components(line)
            if len(part) > 1 or line.has_edge(*2 * tuple(part))
        ]
        sizes = [len({arc[2] for arc in part}) for part in parts]
        return [part for part, size in zip(parts, sizes, strict=True) if size == max(sizes)]


class TurnReference(Reference):
    """The roads of one vehicle, with least costs over arcs that may follow each other."""

    def __init__(self, roads: Roads, turns: Turns, core: set[Arc]) -> None:
        super().__init__(roads, {arc[2] for arc in core})
        self.turns, self.core = turns, core
        ids = {arc[0] for arc in core}
        self.streets = [street for street in turns.streets if street.id in ids]

    def costs(
        self, origins: gpd.GeoSeries, destinations: gpd.GeoSeries, weight: str
    ) -> NDArray[np.float64]:
        """Return least costs from place to place, NaN where no way leads."""
        n = len(origins)
        places = gpd.GeoSeries([*origins, *destinations], crs=origins.crs)
        pieces = self._pieces(places, n)
        line: nx.DiGraph[Any] = nx.DiGraph()
        line.add_nodes_from(range(len(pieces)))
        for (i, a), (j, b) in itertools.product(enumerate(pieces), enumerate(pieces)):
            if a["stop"] == b["start"] and self._follows(a, b):
                line.add_edge(i, j, w=b[weight])
        start = {piece["place"]: i for i, piece in enumerate(pieces) if piece["kind"] == "out"}
        stop = {piece["place"]: i for i, piece in enumerate(pieces) if piece["kind"] == "in"}
        found = np.full((n, len(destinations)), np.nan)
        for i in set(range(n)) & set(start):
            away = nx.single_source_dijkstra_path_length(line, start[i], weight="w")
            for j in range(len(destinations)):
                cost = away.get(stop.get(n + j))
                found[i, j] = np.nan if cost is None else cost + pieces[start[i]][weight]
        return found

    def _follows(self, a: dict[str, Any], b: dict[str, Any]) -> bool:
        if "street" in {a["kind"]} & {b["kind"]}:
            if a["stop"] in self.corners:
                return self.turns.is_allowed(a["arc"], b["arc"])
            return bool(a["arc"] == b["arc"])  # nobody turns round between two nodes
        return (a["kind"], b["kind"]) != ("in", "out")  # places are no thoroughfare

    def _pieces(self, places: gpd.GeoSeries, n_origins: int) -> list[dict[str, Any]]:
        feet = [self.foot(place) for place in places]
        pieces: list[dict[str, Any]] = []
        for street in self.streets:
            cuts = sorted({foot.at_dm for foot in feet if foot and foot.street == street.id})
            for arc in sorted(self.core & set(arcs_of(street))):
                pieces += self._along(street, cuts, arc)
        for k, foot in enumerate(feet):
            if foot is None:
                continue
            leg_m = foot.away_m * self.access.detour_ratio
            leg = {
                "time_ds": deciseconds(leg_m, self.access.speed_kmh),
                "length_dm": decimetres(leg_m),
                "place": k,
            }
            joint = foot.node or (foot.street, foot.at_dm)
            ends = (k, joint) if k < n_origins else (joint, k)
            kind = "out" if k < n_origins else "in"
            pieces.append({"start": ends[0], "stop": ends[1], "kind": kind, **leg})
        return pieces

    @staticmethod
    def _along(street: Street, cuts: list[int], arc: Arc) -> list[dict[str, Any]]:
        spots = [(street.tail, 0), *(((street.id, at), at) for at in cuts)]
        spots.append((street.head, street.length_dm))
        pieces = []
        for one, other in itertools.pairwise(spots):
            a_ds, b_ds = (
                round(street.time_ds * (dm / street.length_dm)) for dm in (one[1], other[1])
            )
            ends = (one[0], other[0]) if arc[1] == "+" else (other[0], one[0])
            facts = {"time_ds": b_ds - a_ds, "length_dm": other[1] - one[1]}
            pieces.append(
                {"start": ends[0], "stop": ends[1], "kind": "street", "arc": arc, **facts}
            )
        return pieces
