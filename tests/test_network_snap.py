"""Places meet the roads at the nearest open edge or node, as brute force says."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings, strategies as st

from siting.model import AccessLeg
from siting.network import RoadGraph, Snapped, build, snap
from siting.units import decimetres, deciseconds
from tests.reference_roads import Reference
from tests.strategies import CRS, Roads, make_roads, places_near, points, road_networks

STREET = {"A": (0.0, 0.0), "B": (1000.0, 0.0), "C": (1000.0, 600.0)}
ACCESS = AccessLeg(speed_kmh=18.0, detour_ratio=1.5, max_distance_m=300.0)


def roads_with(**facts: object) -> Roads:
    """Return A–B with these facts, and a plain street B–C."""
    edges = {"AB": {"ends": ("A", "B"), **facts}, "BC": {"ends": ("B", "C")}}
    return make_roads(STREET, edges, access=ACCESS)


def join(roads: Roads, *xy: tuple[float, float]) -> tuple[RoadGraph, Snapped]:
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    return graph, snap(graph, points(*xy), access=roads.access)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_places_join_where_brute_force_says(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    places = data.draw(places_near(roads, max_size=10))
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    reference = Reference(roads, graph.node_ids)
    found = snap(graph, places, access=roads.access)
    assert len(found) == len(places)
    for k, place in enumerate(places):
        foot = reference.foot(place)
        assert found.is_reached[k] == (foot is not None)
        if foot is None:
            assert (found.edge[k], found.node[k], found.access_ds[k]) == (-1, -1, 0)
            assert np.isnan(found.xy[k]).all()
            continue
        assert found.access_m[k] == foot.away_m
        leg_m = foot.away_m * roads.access.detour_ratio
        assert found.access_dm[k] == decimetres(leg_m)
        assert found.access_ds[k] == deciseconds(leg_m, roads.access.speed_kmh)
        if foot.node is not None:
            assert graph.node_ids[found.node[k]] == foot.node
            assert (found.edge[k], found.fraction[k]) == (-1, 0.0)
            corner = reference.corners[foot.node]
            assert tuple(found.xy[k]) == (corner.x, corner.y)
        else:
            edge = found.edge[k]
            assert graph.edge_ids[edge] == foot.street
            assert found.node[k] == -1
            assert found.fraction[k] == foot.at_dm / graph.length_dm[edge]
            at = graph.lines[edge].interpolate(found.fraction[k], normalized=True)
            assert np.hypot(*(found.xy[k] - (at.x, at.y))) < 1e-6


def test_a_place_beside_a_street_meets_it_at_its_foot() -> None:
    graph, found = join(roads_with(), (250.0, 80.0))
    assert graph.edge_ids[found.edge[0]] == "AB"
    assert found.fraction.tolist() == [0.25]
    assert found.access_m.tolist() == [80.0]
    assert found.access_dm.tolist() == [1200]  # 80 m by 1.5
    assert found.access_ds.tolist() == [240]  # 120 m at 5 m/s
    assert found.xy.tolist() == [[250.0, 0.0]]


def test_the_stated_length_not_the_drawn_one_is_divided() -> None:
    _, found = join(roads_with(length_km=2.0), (500.01, 0.0))
    assert found.fraction.tolist() == [0.5]  # 2 cm of stated length are not told apart
    _, found = join(roads_with(length_km=2.0), (500.03, 0.0))
    assert found.fraction.tolist() == [10_001 / 20_000]


@pytest.mark.parametrize("facts", [{"highway": "motorway"}, {"tunnel": "隧道"}, {"bridge": "桥"}])
def test_a_controlled_road_is_joined_at_its_nodes_only(facts: dict[str, str]) -> None:
    graph, found = join(roads_with(**facts), (400.0, 10.0), (100.0, 10.0), (900.0, 90.0))
    assert found.is_reached.tolist() == [False, True, True]  # 400 m from A is out of reach
    assert graph.node_ids[found.node[1]] == "A"
    assert graph.edge_ids[found.edge[2]] == "BC"  # 100 m, and not AB at 90 m
    assert found.access_m[1] == pytest.approx(np.hypot(100.0, 10.0))


def test_roads_without_any_open_one_are_joined_at_nodes() -> None:
    edges = {"AB": {"ends": ("A", "B"), "highway": "motorway"}}
    roads = make_roads({"A": (0.0, 0.0), "B": (500.0, 0.0)}, edges, access=ACCESS)
    graph, found = join(roads, (0.0, 30.0), (250.0, 0.0), (900.0, 0.0))
    assert graph.node_ids[found.node[0]] == "A"
    assert found.access_m.tolist() == [30.0, 250.0, 400.0]
    assert found.is_reached.tolist() == [True, True, False]
    assert found.edge.tolist() == [-1, -1, -1]


def test_the_reach_is_inclusive() -> None:
    _, found = join(roads_with(), (500.0, -300.0), (500.0, -300.001))
    assert found.is_reached.tolist() == [True, False]
    assert found.access_m.tolist() == pytest.approx([300.0, 300.001])


@pytest.mark.parametrize("at", [(0.0, 0.0), (-50.0, 70.0), (0.04, 0.0)])
def test_the_end_of_a_road_is_its_node(at: tuple[float, float]) -> None:
    graph, found = join(roads_with(), at)
    assert graph.node_ids[found.node[0]] == "A"
    assert found.edge.tolist() == [-1]
    assert found.xy.tolist() == [[0.0, 0.0]]


def test_a_line_that_misses_its_node_ends_there_all_the_same() -> None:
    line = shapely.LineString([(20.0, 0.0), (980.0, 0.0)])
    graph, found = join(roads_with(line=line, oneway=0), (18.0, 0.0), (981.0, -30.0))
    assert graph.node_ids[found.node].tolist() == ["A", "B"]
    assert found.access_m.tolist() == [2.0, pytest.approx(np.hypot(1.0, 30.0))]


def test_of_equally_near_roads_the_first_id_is_joined_whatever_the_order() -> None:
    edges = {name: {"ends": ("A", "B")} for name in ("b", "c", "a")}
    roads = make_roads(STREET, {**edges, "BC": {"ends": ("B", "C")}})
    for rows in (roads.edges, roads.edges.iloc[::-1], roads.edges.sort_values("id")):
        graph, found = join(replace(roads, edges=rows), (300.0, 40.0))
        assert graph.edge_ids[found.edge[0]] == "a"


def test_of_equally_near_nodes_the_first_id_is_joined() -> None:
    edges = {"AB": {"ends": ("A", "B"), "highway": "motorway"}}
    for names in (("A", "B"), ("B", "A")):
        nodes = dict(zip(names, ((0.0, 0.0), (500.0, 0.0)), strict=True))
        graph, found = join(make_roads(nodes, edges, access=ACCESS), (250.0, 0.0))
        assert graph.node_ids[found.node[0]] == "A"


def test_a_node_is_joined_before_a_road_as_near() -> None:
    nodes = {"A": (0.0, 0.0), "B": (1000.0, 0.0), "C": (500.0, 80.0)}
    edges = {
        "AB": {"ends": ("A", "B")},
        "AC": {"ends": ("A", "C"), "highway": "motorway"},
        "CB": {"ends": ("C", "B"), "highway": "motorway"},
    }
    graph, found = join(make_roads(nodes, edges, access=ACCESS), (500.0, 40.0), (500.0, 39.0))
    assert graph.node_ids[found.node[0]] == "C"
    assert graph.edge_ids[found.edge[1]] == "AB"


def test_no_places_give_no_rows() -> None:
    roads = roads_with()
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    found = snap(graph, gpd.GeoSeries([], crs=CRS), access=ACCESS)
    assert len(found) == 0
    assert found.xy.shape == (0, 2)
    assert found.is_reached.tolist() == []
