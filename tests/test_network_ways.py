"""The ways themselves: they re-add to the costs, and their lines follow the roads."""

import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings, strategies as st

from siting.errors import NetworkError
from siting.network import RoadGraph, Way, build, place_costs, snap, ways
from tests.reference_roads import Reference
from tests.strategies import (
    CRS,
    Roads,
    make_profile,
    make_roads,
    places_near,
    points,
    road_networks,
)

TOUCH_M = 1e-6
# A square of streets, 1000 m a side.
SQUARE = {"A": (0.0, 0.0), "B": (1000.0, 0.0), "C": (1000.0, 1000.0), "D": (0.0, 1000.0)}
SIDES = {name: {"ends": tuple(name)} for name in ("AB", "BC", "CD", "DA")}


def find(roads: Roads, origins: gpd.GeoSeries, destinations: gpd.GeoSeries) -> list[Way | None]:
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    a, b = (snap(graph, places, access=roads.access) for places in (origins, destinations))
    return ways(
        graph,
        a,
        b,
        origin_xy=shapely.get_coordinates(origins.to_numpy()),
        destination_xy=shapely.get_coordinates(destinations.to_numpy()),
    )


def find_one(roads: Roads, a: tuple[float, float], b: tuple[float, float]) -> Way:
    (way,) = find(roads, points(a), points(b))
    assert way is not None
    return way


def pairs(a: gpd.GeoSeries, b: gpd.GeoSeries) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Return every place of a against every place of b, row by row."""
    i, j = (k.ravel() for k in np.meshgrid(np.arange(len(a)), np.arange(len(b)), indexing="ij"))
    return a.iloc[i].reset_index(drop=True), b.iloc[j].reset_index(drop=True)


def lengths_of_fastest_ways(graph: nx.MultiDiGraph, start: int, stop: int) -> set[int]:
    """Return the length of every way that takes the least time."""
    away = nx.single_source_dijkstra_path_length(graph, start, weight="time_ds")
    # Ways of least time, those over arcs of no time included, are the simple ways over these arcs.
    tight = nx.MultiDiGraph()
    for a, b, facts in graph.edges(data=True):
        if a in away and away[a] + facts["time_ds"] == away[b]:
            tight.add_edge(a, b, length_dm=facts["length_dm"])
    found = itertools.islice(nx.all_simple_edge_paths(tight, start, stop), 300)
    return {sum(tight.edges[arc]["length_dm"] for arc in way) for way in found}


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_ways_re_add_to_the_costs(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    origins, destinations = pairs(
        data.draw(places_near(roads, max_size=3)), data.draw(places_near(roads, max_size=3))
    )
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    a, b = (snap(graph, places, access=roads.access) for places in (origins, destinations))
    time_ds = place_costs(graph, a, b).diagonal()
    shortest_dm = place_costs(graph, a, b, weight="length_dm").diagonal()
    both = gpd.GeoSeries([*origins, *destinations], crs=CRS)
    cut = Reference(roads, graph.node_ids).graph(both)
    n = len(origins)
    for k, way in enumerate(find(roads, origins, destinations)):
        assert (way is None) == np.isnan(time_ds[k])
        if way is not None:
            assert way.time_ds == time_ds[k]
            assert way.length_dm >= shortest_dm[k]
            assert way.length_dm in lengths_of_fastest_ways(cut, k, n + k)
            assert way.line.coords[0] == origins[k].coords[0]
            assert way.line.coords[-1] == destinations[k].coords[0]


def legs(graph: RoadGraph, places: gpd.GeoSeries, roads: Roads) -> list[shapely.LineString]:
    joined = snap(graph, places, access=roads.access)
    return [
        shapely.LineString([place, xy])
        for place, xy, ok in zip(places, joined.xy, joined.is_reached, strict=True)
        if ok
    ]


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_lines_follow_the_roads_and_are_as_long_as_told(data: st.DataObject) -> None:
    """Where lengths are as drawn, line and integers must agree, or a wrong road is drawn."""
    roads = data.draw(road_networks(as_drawn=True))
    origins, destinations = pairs(
        data.draw(places_near(roads, max_size=3)), data.draw(places_near(roads, max_size=3))
    )
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    ground = shapely.union_all(
        [*graph.lines, *legs(graph, origins, roads), *legs(graph, destinations, roads)]
    )
    for way in find(roads, origins, destinations):
        if way is not None:
            xy = shapely.get_coordinates(way.line)
            middles = shapely.points((xy[1:] + xy[:-1]) / 2)
            assert shapely.distance([*shapely.points(xy), *middles], ground).max() < TOUCH_M
            # Legs and at most n + 1 edges, each rounded to 0.1 m; feet are moved by up to 0.05 m.
            slack_dm = 0.5 * (graph.n_nodes + 3) + 1.0
            assert abs(10 * way.line.length - way.length_dm) <= slack_dm


def test_a_way_over_several_edges() -> None:
    way = find_one(make_roads(SQUARE, SIDES), (500.0, 20.0), (980.0, 900.0))
    assert list(way.line.coords) == [
        (500.0, 20.0),
        (500.0, 0.0),
        (1000.0, 0.0),
        (1000.0, 900.0),
        (980.0, 900.0),
    ]
    assert (way.time_ds, way.length_dm) == (1440, 14_400)
    assert way.warned_edges == ()


@pytest.mark.parametrize(
    ("a", "b", "line"),
    [
        ((200.0, 0.0), (700.0, 0.0), [(200.0, 0.0), (700.0, 0.0)]),
        ((700.0, 0.0), (200.0, 0.0), [(700.0, 0.0), (200.0, 0.0)]),
        ((200.0, 9.0), (700.0, -9.0), [(200.0, 9.0), (200.0, 0.0), (700.0, 0.0), (700.0, -9.0)]),
    ],
)
def test_two_places_on_one_edge(a, b, line) -> None:  # noqa: ANN001
    way = find_one(make_roads(SQUARE, SIDES), a, b)
    assert list(way.line.coords) == line
    assert way.length_dm == way.time_ds * 10


def test_back_on_a_one_way_edge_leads_around() -> None:
    around = {name: {**facts, "oneway": 1} for name, facts in SIDES.items()}
    way = find_one(make_roads(SQUARE, around), (700.0, 0.0), (200.0, 0.0))
    corners = [(1000.0, 0.0), (1000.0, 1000.0), (0.0, 1000.0), (0.0, 0.0)]
    assert list(way.line.coords) == [(700.0, 0.0), *corners, (200.0, 0.0)]
    assert (way.time_ds, way.length_dm) == (3500, 35_000)


def test_around_a_slow_edge_rather_than_along_it() -> None:
    slow = {**SIDES, "AB": {"ends": ("A", "B"), "free_flow_kmh": 3.0}}
    way = find_one(make_roads(SQUARE, slow), (10.0, 0.0), (990.0, 0.0))
    assert way.time_ds == 120 + 3000 + 120
    assert way.length_dm == 100 + 30_000 + 100
    assert way.line.length == pytest.approx(3020.0)


@pytest.mark.parametrize("oneway", [0, 1])
def test_ways_on_a_loop(oneway: int) -> None:
    ring = shapely.LineString([(0, 0), (-400, 0), (-400, -400), (0, -400), (0, 0)])
    edges = {**SIDES, "ring": {"ends": ("A", "A"), "line": ring, "oneway": oneway}}
    roads = make_roads(SQUARE, edges)
    ahead = find_one(roads, (-100.0, 0.0), (0.0, -100.0))
    assert ahead.length_dm == (14_000 if oneway else 2000)
    assert ahead.line.length == pytest.approx(ahead.length_dm / 10)
    back = find_one(roads, (0.0, -100.0), (-100.0, 0.0))
    assert list(back.line.coords) == [(0.0, -100.0), (0.0, 0.0), (-100.0, 0.0)]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((300.0, 0.0), [(300.0, 0.0), (300.0, 0.0)]),
        ((300.0, 40.0), [(300.0, 40.0), (300.0, 0.0), (300.0, 40.0)]),
        ((-30.0, -40.0), [(-30.0, -40.0), (0.0, 0.0), (-30.0, -40.0)]),
        ((0.0, 0.0), [(0.0, 0.0), (0.0, 0.0)]),
    ],
)
def test_a_place_to_itself_is_its_leg_out_and_back(place, line) -> None:  # noqa: ANN001
    way = find_one(make_roads(SQUARE, SIDES), place, place)
    assert list(way.line.coords) == line
    assert way.length_dm == 10 * way.line.length


def test_two_places_at_one_node_meet_at_the_node() -> None:
    way = find_one(make_roads(SQUARE, SIDES), (-30.0, 0.0), (0.0, -40.0))
    assert list(way.line.coords) == [(-30.0, 0.0), (0.0, 0.0), (0.0, -40.0)]
    assert (way.time_ds, way.length_dm) == (70, 700)


def test_of_parallel_edges_the_fastest_is_drawn() -> None:
    bow = shapely.LineString([(1000, 0), (500, -600), (0, 0)])
    edges = {**SIDES, "fast": {"ends": ("B", "A"), "line": bow, "free_flow_kmh": 72.0}}
    way = find_one(make_roads(SQUARE, edges), (0.0, 0.0), (1000.0, 0.0))
    assert list(way.line.coords) == [(0.0, 0.0), (500.0, -600.0), (1000.0, 0.0)]
    assert way.length_dm == round(10 * bow.length)


def test_warned_edges_that_are_driven_are_told() -> None:
    edges = {name: {**facts, "hgv": "restricted"} for name, facts in SIDES.items()}
    edges["CD"] = {"ends": ("C", "D"), "hgv": "yes"}
    roads = make_roads(SQUARE, edges, profile=make_profile(warned={"hgv": ("restricted",)}))
    assert find_one(roads, (500.0, 0.0), (500.0, 1000.0)).warned_edges == ("AB", "BC")
    assert find_one(roads, (800.0, 1000.0), (200.0, 1000.0)).warned_edges == ()
    assert find_one(roads, (500.0, 0.0), (600.0, 0.0)).warned_edges == ("AB",)
    # Standing beside a restricted road is not driving on it.
    assert find_one(roads, (500.0, 10.0), (500.0, 10.0)).warned_edges == ()


def test_a_banned_edge_is_driven_around() -> None:
    edges = {**SIDES, "AC": {"ends": ("A", "C"), "hgv": "no"}}
    truck = make_profile(banned={"hgv": ("no",)})
    short = find_one(make_roads(SQUARE, edges), (0.0, 0.0), (1000.0, 1000.0))
    long = find_one(make_roads(SQUARE, edges, profile=truck), (0.0, 0.0), (1000.0, 1000.0))
    assert (short.length_dm, long.length_dm) == (14_142, 20_000)


def test_where_there_is_no_way_there_is_none() -> None:
    found = find(
        make_roads(SQUARE, SIDES),
        points((0.0, 0.0), (9e4, 0.0), (9e4, 0.0), (0.0, 0.0)),
        points((9e4, 0.0), (0.0, 0.0), (9e4, 0.0), (1000.0, 0.0)),
    )
    assert [way is None for way in found] == [True, True, True, False]


def test_no_pairs_give_no_ways() -> None:
    none = gpd.GeoSeries([], crs=CRS)
    assert find(make_roads(SQUARE, SIDES), none, none) == []


def test_unequal_numbers_of_ends_are_refused() -> None:
    with pytest.raises(NetworkError, match="2 origins and 1 destinations"):
        find(make_roads(SQUARE, SIDES), points((0.0, 0.0), (0.0, 0.0)), points((0.0, 0.0)))
