"""Do the roads hang together: edges against nodes, drawn lengths against stated ones."""

import geopandas as gpd
import numpy as np
import shapely

from layers._raw import place, quote
from siting.errors import Problem
from siting.model import LayerSpec

_END_TOLERANCE_M = 50.0
_SHORTEST_SHARE = 0.9


def check_lengths(edges: gpd.GeoDataFrame, spec: LayerSpec) -> list[Problem]:
    """Refuse edges whose ``length_km`` is below nine tenths of what is drawn; no road is straighter."""
    drawn_km = shapely.length(np.asarray(edges.geometry)) / 1000
    short = edges["length_km"].to_numpy() < _SHORTEST_SHARE * drawn_km
    if not short.any():
        return []
    return [
        Problem(
            where=place(spec, "length_km"),
            what="shorter than its geometry",
            got=quote(edges["id"].tolist(), short),
            expected=f"at least {_SHORTEST_SHARE:g} of the drawn length",
            mend="Mend length_km (kilometres, not miles or metres) or the line.",
        )
    ]


def check_ends(edges: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, spec: LayerSpec) -> list[Problem]:
    """Refuse edges whose end is no node, or whose line does not end within 50 m of its node."""
    places = nodes.drop_duplicates("id").set_index("id").geometry
    names = edges["id"].tolist()
    lines = np.asarray(edges.geometry)
    problems = []
    for column, index, end in (("from_id", 0, "starts"), ("to_id", -1, "ends")):
        wanted = edges[column]
        unknown = (~wanted.isin(places.index) & (wanted != "")).to_numpy()
        points = np.asarray(places.reindex(wanted))
        gap_m = shapely.distance(shapely.get_point(lines, index), points)
        apart = gap_m > _END_TOLERANCE_M
        if unknown.any():
            problems.append(
                Problem(
                    where=place(spec, column),
                    what="no such node in road_nodes",
                    got=f"{quote(names, unknown)}; first is {wanted[int(np.argmax(unknown))]!r}",
                    expected="an id of the layer road_nodes",
                )
            )
        if apart.any():
            problems.append(
                Problem(
                    where=place(spec, column),
                    what=f"line {end} up to {np.nanmax(gap_m):.0f} m away from its node",
                    got=quote(names, apart),
                    expected=f"at most {_END_TOLERANCE_M:g} m",
                    mend="Mend the line, or exchange from_id and to_id.",
                )
            )
    return problems
