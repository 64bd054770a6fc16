"""What holds on every road network: laws of least costs, and of the areas they reach."""

import itertools
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from siting.network import RoadGraph, Snapped, build, place_costs, service_lines, snap
from siting.network.graph import Weight
from tests.strategies import Roads, make_profile, places_near, points, road_networks

WEIGHTS: tuple[Weight, ...] = ("time_ds", "length_dm")
MANY = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
BORDER_DS = 2
TOUCH_M = 1e-6


def graph_of(roads: Roads) -> RoadGraph:
    return build(roads.nodes, roads.edges, profile=roads.profile)


def costs(roads: Roads, a: gpd.GeoSeries, b: gpd.GeoSeries) -> np.ndarray:
    """Return times and lengths, ``(2, n, m)``."""
    graph = graph_of(roads)
    one, other = (snap(graph, places, access=roads.access) for places in (a, b))
    return np.array([place_costs(graph, one, other, weight=weight) for weight in WEIGHTS])


@MANY
@given(data=st.data())
def test_costs_are_whole_and_at_least_the_two_legs(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    places = data.draw(places_near(roads))
    joined = snap(graph_of(roads), places, access=roads.access)
    reached = joined.is_reached
    for got, leg in zip(
        costs(roads, places, places), (joined.access_ds, joined.access_dm), strict=True
    ):
        np.testing.assert_array_equal(got, np.rint(got))
        assert not (got < np.add.outer(leg, leg)).any()
        np.testing.assert_array_equal(got.diagonal(), np.where(reached, 2 * leg, np.nan))
        # Who reaches a road reaches everyone on it, and nobody else anyone.
        np.testing.assert_array_equal(np.isfinite(got), np.logical_and.outer(reached, reached))


@MANY
@given(data=st.data())
def test_a_stop_on_the_way_is_never_a_short_cut(data: st.DataObject) -> None:
    """The triangle inequality; legs at the stop only add."""
    roads = data.draw(road_networks())
    places = data.draw(places_near(roads))
    for got in costs(roads, places, places):
        via = got[:, :, None] + got[None, :, :]
        assert not (via < got[:, None, :]).any()


@MANY
@given(roads=road_networks())
def test_turning_every_road_around_transposes_the_costs(roads: Roads) -> None:
    edges = roads.edges.rename(columns={"from_id": "to_id", "to_id": "from_id"})
    edges["geometry"] = shapely.reverse(edges.geometry.to_numpy())
    turned = replace(roads, edges=edges)
    kept = [set(graph_of(one).node_ids) for one in (roads, turned)]
    assume(kept[0] == kept[1])  # of two parts of one size either may be kept
    corners = roads.nodes.geometry[roads.nodes["id"].isin(kept[0])]
    ahead, back = (costs(one, corners, corners) for one in (roads, turned))
    np.testing.assert_array_equal(ahead, back.transpose(0, 2, 1))


@MANY
@given(data=st.data())
def test_order_of_rows_and_of_places_does_not_matter(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    a, b = data.draw(places_near(roads)), data.draw(places_near(roads))
    shuffled = replace(
        roads,
        nodes=roads.nodes.iloc[data.draw(st.permutations(range(len(roads.nodes))))],
        edges=roads.edges.iloc[data.draw(st.permutations(range(len(roads.edges))))],
    )
    order = data.draw(st.permutations(range(len(a))))
    expected = costs(roads, a, b)
    np.testing.assert_array_equal(costs(shuffled, a, b), expected)
    np.testing.assert_array_equal(costs(roads, a.iloc[order], b), expected[:, order])


@MANY
@given(data=st.data())
def test_a_banned_road_is_as_good_as_none(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    a, b = data.draw(places_near(roads)), data.draw(places_near(roads))
    more = roads.edges.assign(
        id="A" + roads.edges["id"],  # before the others, where ties are broken
        highway="residential",
        free_flow_kmh=900.0,
        oneway=0,
        bridge="",
        tunnel="",
        hgv="never",
    )
    banned = {**roads.profile.banned, "hgv": (*roads.profile.banned.get("hgv", ()), "never")}
    wider = replace(
        roads,
        edges=pd.concat([roads.edges, more], ignore_index=True),
        profile=replace(roads.profile, banned=banned),
    )
    np.testing.assert_array_equal(costs(wider, a, b), costs(roads, a, b))


@MANY
@given(data=st.data())
def test_a_faster_vehicle_is_never_later(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    a, b = data.draw(places_near(roads)), data.draw(places_near(roads))
    slow, fast = (
        replace(roads, profile=make_profile(caps=dict.fromkeys(("primary", "trunk"), kmh)))
        for kmh in (20.0, 70.0)
    )
    late, early = costs(slow, a, b), costs(fast, a, b)
    assert not (early[0] > late[0]).any()
    np.testing.assert_array_equal(early[1], late[1])


def on_edges(graph: RoadGraph, edge: np.ndarray, fraction: np.ndarray) -> Snapped:
    """Return places that stand on these edges, not on others that cross there."""
    at = shapely.line_interpolate_point(graph.lines[edge], fraction, normalized=True)
    none = np.zeros(len(edge), dtype=np.int64)
    return Snapped(
        edge=edge,
        node=none - 1,
        fraction=fraction,
        access_m=none.astype(float),
        access_ds=none,
        access_dm=none,
        xy=shapely.get_coordinates(at),
    )


@MANY
@given(data=st.data())
def test_a_point_is_in_the_area_when_its_costs_are_within_the_limit(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    graph = graph_of(roads)
    facilities = snap(graph, data.draw(places_near(roads, max_size=3)), access=roads.access)
    limit_ds = data.draw(st.integers(0, 4000))
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    edge = np.repeat(np.flatnonzero(graph.is_open), 5)
    sample = on_edges(graph, edge, rng.uniform(0.001, 0.999, len(edge)))
    spots = shapely.points(sample.xy)
    # Where roads cross, a spot belongs to both and only one is asked for.
    near = shapely.STRtree(graph.lines).query(spots, "dwithin", 0.1)[0]
    alone = np.bincount(near, minlength=len(spots)) == 1
    time_ds = place_costs(graph, sample, facilities)
    for k, pieces in enumerate(service_lines(graph, facilities, limit_ds=limit_ds)):
        away_m = shapely.distance(spots, shapely.union_all(pieces))
        is_inside = away_m < 1e-6  # NaN where there is no area
        sure = alone & ~(np.abs(time_ds[:, k] - limit_ds) <= BORDER_DS)
        np.testing.assert_array_equal(is_inside[sure], (time_ds[:, k] <= limit_ds)[sure])


@MANY
@given(data=st.data())
def test_more_time_never_reaches_less_and_no_time_no_length(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    graph = graph_of(roads)
    places = snap(graph, data.draw(places_near(roads, max_size=2)), access=roads.access)
    limits = sorted(data.draw(st.lists(st.integers(0, 5000), min_size=2, max_size=3)))
    areas = [service_lines(graph, places, limit_ds=limit) for limit in (0, *limits)]
    for k in range(len(places)):
        assert shapely.length(areas[0][k]).sum() == 0
        for less, more in itertools.pairwise(areas):
            ground = shapely.union_all(more[k])
            inner = shapely.line_interpolate_point(
                less[k][shapely.get_dimensions(less[k]) == 1], 0.37, normalized=True
            )
            spots = [*shapely.points(shapely.get_coordinates(less[k])), *inner]
            assert len(spots) == 0 or shapely.distance(spots, ground).max() < TOUCH_M


@MANY
@given(data=st.data())
def test_areas_lie_on_open_roads_and_at_nodes(data: st.DataObject) -> None:
    roads = data.draw(road_networks())
    graph = graph_of(roads)
    places = snap(graph, data.draw(places_near(roads, max_size=2)), access=roads.access)
    is_open = graph.lines[graph.is_open]
    ground = shapely.union_all([*is_open, *shapely.points(graph.node_xy)])
    limit_ds = data.draw(st.integers(0, 5000))
    for pieces in service_lines(graph, places, limit_ds=limit_ds):
        xy = shapely.get_coordinates(pieces)
        assert not (shapely.distance(shapely.points(xy), ground) > 1e-6).any()
        lines = pieces[shapely.length(pieces) > 0]
        middles = shapely.line_interpolate_point(lines, 0.37, normalized=True)
        assert not (shapely.distance(middles, ground) > 1e-6).any()


@MANY
@given(roads=road_networks(), share=st.floats(0, 1), data=st.data())
def test_a_place_on_an_open_road_needs_no_leg(
    roads: Roads, share: float, data: st.DataObject
) -> None:
    graph = graph_of(roads)
    is_open = np.flatnonzero(graph.is_open)
    assume(len(is_open) > 0)
    line = graph.lines[data.draw(st.sampled_from(is_open.tolist()))]
    at = line.interpolate(share, normalized=True)
    joined = snap(graph, points((at.x, at.y)), access=roads.access)
    assert joined.is_reached.all()
    assert joined.access_m[0] < 1e-6
    assert (joined.access_ds[0], joined.access_dm[0]) == (0, 0)
