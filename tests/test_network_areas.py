"""Service areas as polygons: what costs say is inside is inside, with holes, both ways."""

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings, strategies as st
from numpy.typing import NDArray

from siting.errors import NetworkError
from siting.model import AccessLeg
from siting.network import RoadGraph, build, network_travel, place_costs, service_area, snap
from siting.network._outline import outline
from tests.reference_turns import turn_restrictions
from tests.strategies import CRS, Roads, make_roads, places_near, points, road_networks

FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
LINE = {"A": (0.0, 0.0), "B": (2000.0, 0.0), "C": (4000.0, 0.0)}
CHAIN = {name: {"ends": tuple(name)} for name in ("AB", "BC")}
# 36 km/h over a detour of 2: a metre of leg takes two deciseconds, one along the road takes one.
ACCESS = AccessLeg(speed_kmh=36.0, detour_ratio=2.0, max_distance_m=300.0)


def graph_of(roads: Roads) -> RoadGraph:
    return build(roads.nodes, roads.edges, profile=roads.profile)


def area_of(
    roads: Roads, at: tuple[float, float], minutes: float, **options: object
) -> shapely.MultiPolygon:
    graph = graph_of(roads)
    places = snap(graph, points(at), access=roads.access)
    found = service_area(graph, places, access=roads.access, minutes=(minutes,), **options)
    assert found.shape == (1, 1)
    return found[0, 0]


def chain(**more: object) -> Roads:
    edges = {name: {**CHAIN[name], **more.get(name, {})} for name in CHAIN}
    return make_roads(LINE, edges, access=ACCESS)


def kite(half_m: float) -> shapely.Polygon:
    """Return the points that the leg and the road leave time for: half as far across as along."""
    x, y = 2000.0, half_m / 2
    return shapely.Polygon([(x - half_m, 0), (x, -y), (x + half_m, 0), (x, y)])


def apart_share(one: shapely.Geometry, other: shapely.Geometry) -> float:
    return one.symmetric_difference(other).area / other.area


def test_around_a_place_on_a_straight_road_the_area_is_a_kite() -> None:
    found = area_of(chain(), (2000.0, 0.0), 1.0, step_m=10.0)
    assert apart_share(found, kite(600.0)) < 0.01
    assert found.area == pytest.approx(kite(600.0).area, rel=0.005)


def test_the_step_of_its_own_choice_is_fine_enough() -> None:
    found = area_of(chain(), (2000.0, 0.0), 1.0)
    assert found.area == pytest.approx(kite(600.0).area, rel=0.01)
    assert apart_share(found, kite(600.0)) < 0.03


def test_the_leg_of_the_place_counts_and_no_leg_is_longer_than_may_be() -> None:
    found = area_of(chain(), (2000.0, 100.0), 1.0, step_m=10.0)  # 20 s of the 60 s
    assert apart_share(found, kite(400.0)) < 0.01
    far = area_of(chain(), (2000.0, 0.0), 3.0, step_m=10.0)
    west, south, east, north = far.bounds
    assert (west, east) == pytest.approx((200.0, 3800.0), abs=10.0)
    assert (south, north) == pytest.approx((-300.0, 300.0), abs=10.0)


def test_one_way_to_and_from_are_different_areas() -> None:
    back = {
        "CB": {
            "ends": ("C", "B"),
            "line": shapely.LineString([(4000, 0), (3000, 2900), (2000, 0)]),
        }
    }
    edges = {**CHAIN, "BC": {"ends": ("B", "C"), "oneway": 1}, **back}
    roads = make_roads(LINE, edges, access=ACCESS)
    to, out = (
        area_of(roads, (3000.0, 0.0), 1.0, direction=way, step_m=10.0) for way in ("to", "from")
    )
    assert to.bounds[0::2] == pytest.approx((2400.0, 3000.0), abs=10.0)
    assert out.bounds[0::2] == pytest.approx((3000.0, 3600.0), abs=10.0)
    assert to.area == pytest.approx(out.area, rel=0.04)  # the border at the place, to a step


def test_what_the_roads_go_round_is_a_hole() -> None:
    side = 2000.0
    corners = {"A": (0.0, 0.0), "B": (side, 0.0), "C": (side, side), "D": (0.0, side)}
    ring = {name: {"ends": tuple(name)} for name in ("AB", "BC", "CD", "DA")}
    found = area_of(make_roads(corners, ring, access=ACCESS), (0.0, 0.0), 30.0, step_m=10.0)
    (part,) = found.geoms
    (hole,) = part.interiors
    inner = shapely.box(300.0, 300.0, side - 300.0, side - 300.0)
    assert apart_share(shapely.Polygon(hole), inner) < 0.02
    assert not found.contains(shapely.Point(side / 2, side / 2))


def test_between_a_road_that_is_reached_and_one_that_is_not_the_border_is_midway() -> None:
    nodes = {"A": (0.0, 0.0), "B": (2000.0, 0.0), "C": (2000.0, 390.0), "D": (0.0, 390.0)}
    roads = make_roads(
        nodes,
        {
            "AB": {"ends": ("A", "B")},
            "BC": {"ends": ("B", "C"), "length_km": 90.0},
            "CD": {"ends": ("C", "D")},
        },
        access=ACCESS,
    )
    found = area_of(roads, (1000.0, 0.0), 2.0, step_m=40.0)
    # Points at 160 m join the road that is reached, those at 200 m the other.
    x = np.arange(900.0, 1101.0, 25.0)
    top = shapely.intersection(shapely.linestrings([[(a, 0.0), (a, 390.0)] for a in x]), found)
    np.testing.assert_allclose(shapely.length(top), 180.0, atol=1.0)


def test_nobody_joins_an_expressway_but_at_its_nodes() -> None:
    found = area_of(chain(BC={"highway": "motorway"}), (1500.0, 0.0), 30.0, step_m=10.0)
    assert found.contains(shapely.Point(2000.0, 250.0))
    assert found.contains(shapely.Point(4000.0, 250.0))
    assert not found.intersects(shapely.Point(3000.0, 0.0))
    assert len(found.geoms) == 2


def test_places_and_limits_have_rows_and_columns_and_no_place_no_area() -> None:
    graph = graph_of(chain())
    places = snap(graph, points((500.0, 0.0), (0.0, 9e4), (3500.0, 0.0)), access=ACCESS)
    found = service_area(graph, places, access=ACCESS, minutes=(0.0, 0.5, 1.0), step_m=10.0)
    areas = shapely.area(found)
    assert (areas > 0).tolist() == [[False, True, True], [False] * 3, [False, True, True]]
    assert areas[0, 2] == pytest.approx(areas[2, 2], rel=0.01)
    alone = service_area(graph, snap(graph, points((3500.0, 0.0)), access=ACCESS), access=ACCESS,
                         minutes=(0.5,), step_m=10.0)  # fmt: skip
    assert alone[0, 0].equals(found[2, 1])
    assert service_area(graph, snap(graph, points(), access=ACCESS), access=ACCESS).shape == (0, 3)
    assert service_area(graph, places, access=ACCESS, minutes=()).shape == (3, 0)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"minutes": (5, -1)}, r"minutes: not limits \(got \(5, -1\), expected numbers ≥ 0"),
        ({"minutes": (float("nan"),)}, "minutes: not limits"),
        ({"minutes": (float("inf"),)}, "minutes: not limits"),
        ({"minutes": 5}, "minutes: not limits"),
        ({"direction": "away"}, r"direction: unknown \(got away, expected to or from"),
        ({"step_m": 0.0}, "step_m: not a distance"),
        ({"step_m": float("nan")}, "step_m: not a distance"),
    ],
)
def test_what_is_no_limit_no_direction_or_no_step_is_refused(
    options: dict[str, object], told: str
) -> None:
    graph = graph_of(chain())
    places = snap(graph, points((500.0, 0.0)), access=ACCESS)
    with pytest.raises(NetworkError, match=told):
        service_area(graph, places, access=ACCESS, **options)  # type: ignore[arg-type]


def test_progress_is_told_and_may_cancel() -> None:
    graph = graph_of(chain())
    places = snap(graph, points((500.0, 0.0), (900.0, 0.0)), access=ACCESS)
    told: list[float] = []
    service_area(graph, places, access=ACCESS, progress=lambda share, _: told.append(share))
    assert told == [0.5, 1.0]

    def stop(share: float, message: str) -> None:
        raise KeyboardInterrupt(share, message)

    with pytest.raises(KeyboardInterrupt):
        service_area(graph, places, access=ACCESS, progress=stop)


def test_travel_gives_a_row_for_each_place_and_limit() -> None:
    roads = chain()
    travel = network_travel(
        roads.nodes, roads.edges, profiles={"van": roads.profile}, access=ACCESS
    )
    places = gpd.GeoSeries(
        points((500.0, 0.0), (0.0, 9e4)).to_numpy(), index=["S7", "S9"], crs=CRS
    )
    frame = travel.service_area(places, profile="van", minutes=(0.5, 1.0), direction="from")
    assert list(frame.columns) == ["place", "limit_min", "area_km2", "geometry"]
    assert frame["place"].tolist() == ["S7", "S7", "S9", "S9"]
    assert frame["limit_min"].tolist() == [0.5, 1.0, 0.5, 1.0]
    assert frame["area_km2"].iloc[1] == pytest.approx(frame.geometry.iloc[1].area / 1e6)
    assert frame["area_km2"].iloc[2:].tolist() == [0.0, 0.0]
    assert frame.crs == CRS


def costs_of_points(
    graph: RoadGraph, roads: Roads, spots: gpd.GeoSeries, place: gpd.GeoSeries, direction: str
) -> NDArray[np.float64]:
    a, b = (snap(graph, where, access=roads.access) for where in (spots, place))
    if direction == "to":
        return place_costs(graph, a, b)[:, 0]
    return place_costs(graph, b, a)[0]


@FEW
@given(data=st.data(), direction=st.sampled_from(("to", "from")))
def test_on_any_roads_the_area_is_what_the_costs_say(data: st.DataObject, direction: str) -> None:
    """Points that the outline leaves on the wrong side lie by it, or their costs by the limit."""
    roads = data.draw(road_networks())
    turns = data.draw(turn_restrictions(roads))
    try:
        graph = build(roads.nodes, roads.edges, profile=roads.profile, turns=turns)
    except NetworkError:
        return  # turns that leave nothing to drive there and back
    place = data.draw(places_near(roads, max_size=1))
    minutes = data.draw(st.sampled_from((0.7, 2.0, 5.0)))
    step_m = 20.0
    (row,) = service_area(
        graph,
        snap(graph, place, access=roads.access),
        access=roads.access,
        minutes=(minutes,),
        direction=direction,
        step_m=step_m,
    )
    west, south, east, north = (
        graph.node_xy.min(axis=0).tolist() + graph.node_xy.max(axis=0).tolist()
    )
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    xy = rng.uniform((west - 400, south - 400), (east + 400, north + 400), (400, 2))
    spots = gpd.GeoSeries(gpd.points_from_xy(*xy.T), crs=CRS)
    cost = costs_of_points(graph, roads, spots, place, direction)
    is_inside = shapely.contains_xy(row[0], *xy.T)
    limit_ds = minutes * 600
    leg_ds = step_m * 1.3 * 36.0 / 25.0
    near = spots.distance(row[0].boundary).to_numpy() < 1.5 * step_m
    sure = ~near & ~(np.abs(cost - limit_ds) < 2 * leg_ds)
    # Where nothing is inside there is no boundary to be near to, and specks may fall between points.
    if not row[0].is_empty:
        np.testing.assert_array_equal(is_inside[sure & ~near], (cost <= limit_ds)[sure & ~near])
    else:
        assert (cost <= limit_ds).mean() < 0.05


@FEW
@given(data=st.data(), direction=st.sampled_from(("to", "from")))
def test_more_time_reaches_no_less(data: st.DataObject, direction: str) -> None:
    roads = data.draw(road_networks())
    graph = graph_of(roads)
    places = snap(graph, data.draw(places_near(roads, max_size=2)), access=roads.access)
    limits = sorted(data.draw(st.lists(st.floats(0, 9), min_size=2, max_size=3, unique=True)))
    areas = service_area(
        graph, places, access=roads.access, minutes=limits, direction=direction, step_m=40.0
    )
    assert shapely.is_valid(areas).all()
    for row in areas:
        for less, more in itertools.pairwise(row):
            assert less.difference(more.buffer(10.0)).area < 1.0


# The outline by itself


@given(
    field=st.lists(st.lists(st.sampled_from((-3.0, -1.0, 0.0, 1.0, 5.0)), min_size=5, max_size=5),
                   min_size=1, max_size=6)
)  # fmt: skip
def test_every_point_is_on_its_side_of_the_outline(field: list[list[float]]) -> None:
    left = np.array(field)
    area = outline(left, x_m=100.0, y_m=-50.0, step_m=2.0)
    assert area.is_valid
    column, row = np.meshgrid(np.arange(left.shape[1]), np.arange(left.shape[0]))
    inside = shapely.contains_xy(area, 100.0 + 2 * column, -50.0 + 2 * row)
    np.testing.assert_array_equal(inside, left >= 0)
    # Points within reach of the outline are those beside a point of the other side.
    assert all(polygon.exterior.is_ccw for polygon in area.geoms)


def test_the_outline_passes_where_nothing_is_left_and_keeps_islands_in_holes() -> None:
    x, y = np.meshgrid(np.arange(-60.0, 61.0), np.arange(-60.0, 61.0))
    away = np.hypot(x, y)
    left = np.where(away < 20, 10.0 - away, np.minimum(50.0 - away, away - 30.0))
    area = outline(left, x_m=-60.0, y_m=-60.0, step_m=1.0)
    assert area.area == pytest.approx(np.pi * (50**2 - 30**2 + 10**2), rel=0.002)
    assert sorted(len(part.interiors) for part in area.geoms) == [0, 1]
    rings = shapely.get_coordinates(area)
    off = np.abs(np.hypot(*rings.T)[:, None] - [10.0, 30.0, 50.0]).min(axis=1)
    assert off.max() < 0.02


def test_nothing_inside_has_no_outline_and_all_inside_one() -> None:
    assert outline(np.full((3, 4), -1.0), x_m=0.0, y_m=0.0, step_m=1.0).is_empty
    full = outline(np.full((3, 4), 1.0), x_m=0.0, y_m=0.0, step_m=1.0)
    assert full.bounds == (-0.5, -0.5, 3.5, 2.5)
