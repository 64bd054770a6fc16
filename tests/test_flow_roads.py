"""Places on roads become nodes of the network that trips are driven on."""

from types import SimpleNamespace

import numpy as np
import pytest

from siting.errors import ModelError
from siting.optimise.flow_refuelling import corridors, gravity_pairs

# A two-way road of 10 km from node 0 to node 1, then a one-way road of 20 km on to node 2, and
# a one-way road of 40 km back from there to node 0; a minute a kilometre.
KM = np.array([10, 20, 40])
ROADS = SimpleNamespace(
    n_nodes=3,
    tail=np.array([0, 1, 2]),
    head=np.array([1, 2, 0]),
    forward=np.array([True, True, True]),
    backward=np.array([True, False, False]),
    time_ds=KM * 600,
    length_dm=KM * 10_000,
)


def places(*rows: tuple[int, int, float, int]) -> SimpleNamespace:
    """Return places as (edge, node, fraction, access in 0.1 m); driven at 1 dm a ds."""
    edge, node, fraction, access = (np.array(column) for column in zip(*rows, strict=True))
    return SimpleNamespace(
        edge=edge, node=node, fraction=fraction.astype(float), access_dm=access, access_ds=access
    )


def test_a_trip_starts_at_its_place_and_passes_the_sites_on_its_way() -> None:
    roads = corridors(
        ROADS,
        ends=places((-1, 0, 0.0, 0), (0, -1, 0.8, 5_000)),
        sites=places((0, -1, 0.3, 0), (0, -1, 0.9, 0), (0, -1, 0.8, 0)),
    )
    (trip,) = roads.trips([(0, 1, 4.0)])
    (route,) = trip.routes
    assert trip.flow == 4.0
    assert route.along.tolist() == pytest.approx([0, 3, 8, 8.5, 9, 14, 17])
    passed = [j for n in route.nodes for j in np.flatnonzero(roads.site_node == n)]
    assert passed == [0, 2, 2, 0]


def test_one_way_roads_are_driven_one_way_between_places() -> None:
    roads = corridors(
        ROADS,
        ends=places((1, -1, 0.75, 0), (1, -1, 0.25, 0)),
        sites=places((2, -1, 0.5, 0)),
    )
    (trip,) = roads.trips([(1, 0, 1.0)])
    (route,) = trip.routes
    # 10 km ahead, then 5 + 40 + 10 + 5 round to the start.
    assert route.along[-1] == pytest.approx(70)
    assert roads.site_node[0] in route.nodes


def test_places_on_no_road_make_trips_without_a_route() -> None:
    roads = corridors(
        ROADS,
        ends=places((-1, -1, 0.0, 0), (-1, 0, 0.0, 0), (-1, 2, 0.0, 0)),
        sites=places((-1, -1, 0.0, 0)),
    )
    trips = roads.trips([(0, 1, 1.0), (1, 2, 2.0)])
    assert [len(trip.routes) for trip in trips] == [0, 1]
    assert [trip.flow for trip in trips] == [1.0, 2.0]
    assert roads.site_node.tolist() == [-1]


def test_gravity_falls_with_distance() -> None:
    apart = np.array([[0, 4.0, np.nan], [9.0, 0, 1.0], [np.nan, 1.0, 0]])
    pairs = gravity_pairs(np.array([2.0, 3.0, 5.0]), apart)
    assert pairs == [(0, 1, 6 / 8), (0, 2, 0.0), (1, 2, 15.0)]
    assert gravity_pairs(np.array([2.0, 0.0, 5.0]), apart) == [(0, 2, 0.0)]


def test_gravity_refuses_places_at_one_point_and_negative_weights() -> None:
    with pytest.raises(ModelError, match="places 0 and 1: no distance between them"):
        gravity_pairs(np.ones(2), np.zeros((2, 2)))
    with pytest.raises(ModelError, match="weight: negative or not a number"):
        gravity_pairs(np.array([1.0, -1.0]), np.ones((2, 2)))
    with pytest.raises(ModelError, match="weight: negative or not a number"):
        gravity_pairs(np.array([1.0, np.nan]), np.ones((2, 2)))
