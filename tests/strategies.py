"""Hypothesis strategies: small road networks with everything that is awkward, and places on them."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely
from hypothesis import strategies as st

from siting.model import AccessLeg, Label, VehicleProfile

CRS = "EPSG:4549"
EAST, NORTH = 500_000.0, 4_000_000.0  # the magnitude of real coordinates, for real rounding
SPACING_M = 400.0
HIGHWAYS = ("motorway", "motorway_link", "trunk", "primary", "residential", "ferry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roads:
    """Frames of a road network, the vehicle, and the leg from a place to the road."""

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    profile: VehicleProfile
    access: AccessLeg


def make_profile(
    *,
    banned: Mapping[str, tuple[str, ...]] | None = None,
    warned: Mapping[str, tuple[str, ...]] | None = None,
    caps: Mapping[str, float] | None = None,
) -> VehicleProfile:
    return VehicleProfile(
        key="van",
        label=Label(zh="车", en="van"),
        max_speed_kmh=caps or {},
        default_max_speed_kmh=80.0,
        banned=banned or {},
        warned=warned or {},
        source="test",
        confidence="C",
    )


def make_roads(
    nodes: Mapping[str, tuple[float, float]],
    edges: Mapping[str, Mapping[str, object]],
    *,
    profile: VehicleProfile | None = None,
    access: AccessLeg | None = None,
) -> Roads:
    """Return a network from node places and, for each edge, what differs from a plain street.

    An edge needs ``ends``, the ids of its nodes; its ``line`` is straight and its length as drawn
    unless told otherwise.
    """
    points = {name: shapely.Point(xy) for name, xy in nodes.items()}
    rows = []
    for name, facts in edges.items():
        tail, head = facts["ends"]
        line = facts.get("line") or shapely.LineString([points[tail], points[head]])
        row = {
            "id": name,
            "from_id": tail,
            "to_id": head,
            "highway": "residential",
            "oneway": 0,
            "free_flow_kmh": 36.0,  # 10 m/s: one metre takes one decisecond
            "length_km": line.length / 1000,
            "hgv": "yes",
            "bridge": "",
            "tunnel": "",
            "ferry": "",
            "geometry": line,
        }
        told = {key: value for key, value in facts.items() if key not in {"ends", "line"}}
        rows.append(row | told)
    columns = list(rows[0]) if rows else ["id", "from_id", "to_id", "highway", "oneway"]
    frame = pd.DataFrame(rows, columns=columns)
    return Roads(
        nodes=gpd.GeoDataFrame({"id": list(points)}, geometry=list(points.values()), crs=CRS),
        edges=gpd.GeoDataFrame(frame, geometry="geometry" if rows else None, crs=CRS)
        if rows
        else gpd.GeoDataFrame(frame, geometry=[], crs=CRS),
        profile=profile or make_profile(),
        access=access or AccessLeg(speed_kmh=36.0, detour_ratio=1.0, max_distance_m=1000.0),
    )


def points(*xy: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.Point(p) for p in xy], crs=CRS)


@st.composite
def _node_places(draw: st.DrawFn) -> list[tuple[float, float]]:
    cells = draw(
        st.lists(
            st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=7, unique=True
        )
    )
    # Off the grid, each node differently, so that roads cross but do not lie on each other.
    return [
        (EAST + SPACING_M * x + 37.0 * k, NORTH + SPACING_M * y + 53.0 * k)
        for k, (x, y) in enumerate(cells)
    ]


def _line(
    a: tuple[float, float], b: tuple[float, float], k: int, *, loose_m: float
) -> shapely.LineString:
    """Draw the k-th edge by a way no other edge goes; its ends may miss the nodes a little."""
    start, stop = (a[0] + loose_m, a[1]), (b[0], b[1] - loose_m)
    middle = ((a[0] + b[0]) / 2 + 11.0 + 17.0 * k, (a[1] + b[1]) / 2 + 13.0 - 19.0 * k)
    if a != b:
        return shapely.LineString([start, middle, stop])
    far = (a[0] + 90.0 + 7.0 * k, a[1] + 31.0 + 5.0 * k)
    return shapely.LineString([start, middle, far, stop])


@st.composite
def _facts(draw: st.DrawFn) -> dict[str, object]:
    """Return what an edge is like; plain streets are common, so that most places reach a road."""
    return {
        "highway": draw(st.sampled_from(("residential", "primary", *HIGHWAYS))),
        "oneway": draw(st.sampled_from((0, 0, 1))),
        "free_flow_kmh": draw(st.sampled_from((5.0, 30.0, 47.0, 60.0, 110.0))),
        "hgv": draw(st.sampled_from(("yes", "yes", "restricted", "no"))),
        "bridge": draw(st.sampled_from(("", "", "", "跨海大桥"))),
        "tunnel": draw(st.sampled_from(("", "", "", "隧道"))),
    }


@st.composite
def road_networks(draw: st.DrawFn, *, as_drawn: bool = False) -> Roads:
    """Draw a network: one-ways, parallel edges, loops, dead ends, closed and controlled roads.

    What the vehicle cannot leave or enter falls off as islands; at least one street stays, open
    both ways. ``as_drawn`` gives every edge the length of its line, and every leg too.
    """
    places = draw(_node_places())
    count = len(places)
    tree = [(draw(st.integers(0, k - 1)), k) for k in range(1, count)]
    tree = [draw(st.permutations(pair)) for pair in tree]
    node = st.integers(0, count - 1)
    ends = [*tree, *draw(st.lists(st.tuples(node, node), max_size=7))]
    loose_m = 0.0 if as_drawn else draw(st.sampled_from((0.0, 0.0, 4.0)))
    names = [f"N{k}" for k in draw(st.permutations(range(count)))]
    edge_names = [f"E{k:02}" for k in draw(st.permutations(range(len(ends))))]
    edges = {}
    for k, (a, b) in enumerate(ends):
        line = _line(places[a], places[b], k, loose_m=loose_m)
        stretch = 1.0 if as_drawn else draw(st.sampled_from((1.0, 1.08, 1.5, 0.0)))
        street = {"highway": "primary", "oneway": 0, "hgv": "yes", "bridge": "", "tunnel": ""}
        edges[edge_names[k]] = {
            **draw(_facts()),
            **(street if k == 0 else {}),
            "ends": (names[a], names[b]),
            "line": line,
            "length_km": line.length * stretch / 1000,
        }
    truck = make_profile(
        banned={"highway": ("ferry",), "hgv": ("no",)},
        warned={"hgv": ("restricted",)},
        caps={"motorway": 90.0, "primary": 45.0},
    )
    detour = 1.0 if as_drawn else draw(st.sampled_from((1.0, 1.3)))
    return make_roads(
        dict(zip(names, places, strict=True)),
        edges,
        profile=draw(st.sampled_from((truck, make_profile()))),
        access=AccessLeg(
            speed_kmh=25.0,
            detour_ratio=detour,
            max_distance_m=draw(st.sampled_from((150.0, 3000.0))),
        ),
    )


@st.composite
def places_near(draw: st.DrawFn, roads: Roads, *, max_size: int = 6) -> gpd.GeoSeries:
    """Draw places: at nodes, on edges, beside edges, anywhere, and the same one twice."""
    corners = [(p.x, p.y) for p in roads.nodes.geometry]
    lines = list(roads.edges.geometry)
    found: list[tuple[float, float]] = []
    for kind in draw(st.lists(st.sampled_from("naaaosr"), min_size=1, max_size=max_size)):
        if kind == "n":
            found.append(draw(st.sampled_from(corners)))
        elif kind in {"a", "o"}:
            line = lines[0] if kind == "o" else draw(st.sampled_from(lines))
            share = draw(st.sampled_from((0.0, 0.1, 0.25, 0.5, 0.77, 1.0)))
            at = line.interpolate(share, normalized=True)
            aside = st.sampled_from((0.0, 0.0, 0.02, -9.0, 60.0))
            found.append((at.x + draw(aside), at.y + draw(aside)))
        elif kind == "s" and found:
            found.append(draw(st.sampled_from(found)))
        else:
            x, y = draw(st.tuples(st.integers(-300, 2600), st.integers(-300, 2600)))
            found.append((EAST + x, NORTH + y))
    return points(*found)
