"""Nearest places, places within a limit, and paths, through snapping: the costs of the dense matrix."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings, strategies as st

from siting.errors import NetworkError
from siting.model import AccessLeg
from siting.network import (
    NetworkTravel,
    build,
    network_travel,
    path,
    place_costs,
    place_nearest,
    place_within,
    snap,
)
from siting.network.graph import Weight
from tests.reference_roads import Reference
from tests.reference_turns import turn_restrictions
from tests.strategies import CRS, Roads, make_roads, places_near, points, road_networks

WEIGHTS: tuple[Weight, ...] = ("time_ds", "length_dm")
MANY = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
NODES = {"A": (0.0, 0.0), "B": (1000.0, 0.0), "C": (2000.0, 0.0)}
EDGES = {"AB": {"ends": ("A", "B")}, "BC": {"ends": ("B", "C"), "free_flow_kmh": 72.0}}
ACCESS = AccessLeg(speed_kmh=18.0, detour_ratio=1.5, max_distance_m=100.0)


def travel_of(roads: Roads) -> NetworkTravel:
    return network_travel(
        roads.nodes, roads.edges, profiles={"van": roads.profile}, access=roads.access
    )


def chain() -> NetworkTravel:
    return travel_of(make_roads(NODES, EDGES, access=ACCESS))


@MANY
@given(data=st.data(), k=st.integers(1, 4), engine=st.sampled_from(("scipy", "dijkstra")))
def test_the_nearest_are_the_first_of_the_sorted_row(
    data: st.DataObject, k: int, engine: str
) -> None:
    roads = data.draw(road_networks())
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    a, b = (snap(graph, data.draw(places_near(roads)), access=roads.access) for _ in range(2))
    cutoff = data.draw(st.none() | st.integers(0, 3000))
    for weight in WEIGHTS:
        costs = place_costs(graph, a, b, weight=weight)
        if cutoff is not None:
            costs[costs > cutoff] = np.nan
        got = place_nearest(graph, a, b, k=k, weight=weight, cutoff=cutoff, engine=engine)
        for i, row in enumerate(costs):
            order = [j for j in np.argsort(row, kind="stable") if np.isfinite(row[j])][:k]
            missing = k - len(order)
            assert got.destination[i].tolist() == order + [-1] * missing
            np.testing.assert_array_equal(got.cost[i], [*row[order], *[np.nan] * missing])


@MANY
@given(data=st.data(), engine=st.sampled_from(("scipy", "dijkstra", "hierarchy")))
def test_within_keeps_the_costs_that_are_within(data: st.DataObject, engine: str) -> None:
    roads = data.draw(road_networks())
    graph = build(roads.nodes, roads.edges, profile=roads.profile)
    a, b = (snap(graph, data.draw(places_near(roads)), access=roads.access) for _ in range(2))
    cutoff = data.draw(st.integers(0, 5000))
    for weight in WEIGHTS:
        costs = place_costs(graph, a, b, weight=weight)
        found = place_within(graph, a, b, cutoff=cutoff, weight=weight, engine=engine)
        kept = np.full(costs.shape, np.nan)
        kept[np.repeat(np.arange(len(a)), np.diff(found.indptr)), found.indices] = found.data
        np.testing.assert_array_equal(kept, np.where(costs <= cutoff, costs, np.nan))


@MANY
@given(data=st.data(), measure=st.sampled_from(("time_min", "distance_km")))
def test_travel_asks_the_same_of_points(data: st.DataObject, measure: str) -> None:
    roads = data.draw(road_networks())
    turns = data.draw(turn_restrictions(roads, max_size=3))
    try:
        travel = network_travel(
            roads.nodes,
            roads.edges,
            profiles={"van": roads.profile},
            access=roads.access,
            turns=turns,
        )
    except NetworkError:
        return  # turns that leave nothing to drive there and back
    a, b = (data.draw(places_near(roads)) for _ in range(2))
    costs = travel(a, b, profile="van", measure=measure)
    best = travel.nearest(a, b, profile="van", k=1, measure=measure)
    least = np.fmin.reduce(costs, axis=1)
    np.testing.assert_array_equal(best.cost[:, 0], least)
    near = travel.within(a, b, profile="van", cutoff=1.5, measure=measure)
    per_unit = 600 if measure == "time_min" else 10_000
    assert near.nnz == (np.rint(costs * per_unit) <= 1.5 * per_unit).sum()
    n = min(len(a), len(b))
    ways = travel.paths(a.iloc[:n], b.iloc[:n], profile="van", measure=measure)
    field = "time_ds" if measure == "time_min" else "length_dm"
    told = [np.nan if way is None else getattr(way, field) / per_unit for way in ways]
    np.testing.assert_array_equal(told, costs.diagonal()[:n])


@MANY
@given(data=st.data())
def test_shortest_paths_are_as_long_as_networkx_says(data: st.DataObject) -> None:
    roads = data.draw(road_networks(as_drawn=True))
    travel = travel_of(roads)
    a, b = (data.draw(places_near(roads, max_size=3)) for _ in range(2))
    n = min(len(a), len(b))
    a, b = a.iloc[:n].reset_index(drop=True), b.iloc[:n].reset_index(drop=True)
    reference = Reference(roads, travel.graph("van").node_ids)
    expected = reference.costs(a, b, "length_dm").diagonal()
    for k, way in enumerate(travel.paths(a, b, profile="van", measure="distance_km")):
        if way is None:
            assert np.isnan(expected[k])
            continue
        assert way.length_dm == expected[k]
        # Each part is rounded to a decimetre.
        assert way.line.length == pytest.approx(
            way.length_dm / 10, abs=0.1 * (len(roads.edges) + 3)
        )


def test_named_answers_in_minutes_and_kilometres() -> None:
    travel = chain()
    origins = points((400.0, 20.0), (1900.0, 0.0), (0.0, 5000.0))
    places = points((1500.0, -40.0), (0.0, 0.0))
    found = travel.nearest(origins, places, profile="van", k=2)
    # Leg 30 m at 5 m/s; 400 m at 10 m/s. Or 600 m, then 500 m at 20 m/s, and 60 m of leg.
    np.testing.assert_allclose(
        found.cost, [[46 / 60, 103 / 60], [32 / 60, 145 / 60], [np.nan, np.nan]]
    )
    assert found.destination.tolist() == [[1, 0], [0, 1], [-1, -1]]
    assert (found.destination[:, 0] < 0).sum() == 1
    near = travel.within(origins, places, profile="van", cutoff=0.5, measure="distance_km")
    assert near.toarray().tolist() == [[0.0, 0.43], [0.46, 0.0], [0.0, 0.0]]
    assert (np.diff(near.indptr) == 0).tolist() == [False, False, True]
    ways = travel.paths(origins, places.iloc[[1, 1, 1]], profile="van")
    assert ways.count(None) == 1
    way = travel.path(origins[0], places[1], profile="van")
    assert way is not None
    assert ways[0] is not None
    assert way.line.equals(ways[0].line)
    assert (way.time_ds, way.length_dm) == (460, 4300)
    assert list(way.line.coords) == [(400.0, 20.0), (400.0, 0.0), (0.0, 0.0)]
    assert travel.path(origins[2], places[1], profile="van") is None


def test_a_path_between_nodes_has_their_coordinates() -> None:
    graph = chain().graph("van")
    way = path(graph, 2, 0)
    assert way is not None
    assert list(way.line.coords) == [(2000.0, 0.0), (1000.0, 0.0), (0.0, 0.0)]
    assert (way.time_ds, way.length_dm) == (1500, 20_000)
    still = path(graph, 1, 1)
    assert still is not None
    assert (still.time_ds, still.line.length) == (0, 0.0)


def test_no_places_have_no_answers() -> None:
    travel = chain()
    some, none = points((400.0, 20.0)), gpd.GeoSeries([], crs=CRS)
    assert travel.nearest(none, some, profile="van", k=1).cost.shape == (0, 1)
    assert travel.nearest(some, none, profile="van", k=2).destination.tolist() == [[-1, -1]]
    assert travel.within(some, none, profile="van", cutoff=1.0).shape == (1, 0)
    assert travel.paths(none, none, profile="van") == []


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda t, p: t.nearest(p, p, profile="van", k=0), "k: nothing is asked"),
        (lambda t, p: t.within(p, p, profile="van", cutoff=-1.0), "cutoff: not a cost"),
        (lambda t, p: t.nearest(p, p, profile="tram", k=1), "profile tram"),
        (lambda t, p: t.paths(p, p.iloc[:0], profile="van"), "do not pair"),
    ],
)
def test_wrong_questions_are_refused(ask: object, told: str) -> None:
    with pytest.raises(NetworkError, match=told):
        ask(chain(), points((400.0, 20.0)))  # type: ignore[operator]


def test_lines_of_paths_follow_the_drawn_road() -> None:
    bow = shapely.LineString([(0, 0), (500, 400), (1000, 0)])
    travel = travel_of(
        make_roads(NODES, {**EDGES, "AB": {"ends": ("A", "B"), "line": bow}}, access=ACCESS)
    )
    way = travel.path(shapely.Point(0, 0), shapely.Point(1500, 0), profile="van")
    assert way is not None
    assert list(way.line.coords) == [(0.0, 0.0), (500.0, 400.0), (1000.0, 0.0), (1500.0, 0.0)]
