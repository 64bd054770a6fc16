"""Turn restrictions, named: what each forbids, whom it binds, what is refused, and how little it costs."""

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.cache import load_tables, save_tables
from siting.errors import NetworkError
from siting.model import AccessLeg
from siting.network import (
    RoadGraph,
    assign_flows,
    build,
    cost_matrix,
    nearest,
    network_travel,
    path,
    place_costs,
    service_area,
    service_lines,
    snap,
    within,
)
from siting.network.exchange import TABLES, content_hash, from_tables, to_networkx, to_tables
from tests.reference_turns import make_turns
from tests.strategies import Roads, make_profile, make_roads, points

# A crossing X with four arms of 100 m, joined at their ends by a ring of four streets.
NODES = {
    "E": (100.0, 0.0),
    "N": (0.0, 100.0),
    "S": (0.0, -100.0),
    "W": (-100.0, 0.0),
    "X": (0.0, 0.0),
}
ARMS = {name: {"ends": (name[0], "X")} for name in ("EX", "NX", "SX", "WX")}
RING = {
    name: {"ends": tuple(name), "line": shapely.LineString([NODES[name[0]], far, NODES[name[1]]])}
    for name, far in {
        "EN": (120.0, 120.0),
        "NW": (-120.0, 120.0),
        "SE": (120.0, -120.0),
        "WS": (-120.0, -120.0),
    }.items()
}
ARM_DS, ROUND_DS = 100, 243  # the ring is shorter than to turn round at the end of an arm
ACCESS = AccessLeg(speed_kmh=36.0, detour_ratio=1.0, max_distance_m=50.0)


def roads(**more: dict[str, object]) -> Roads:
    return make_roads(NODES, {**ARMS, **RING, **more}, access=ACCESS)


def graph_of(*rows: tuple[str, ...], classes: tuple[str, ...] = (), asked: Roads | None = None):  # noqa: ANN201
    asked = asked or roads()
    profile = replace(asked.profile, vehicle_classes=classes)
    return build(asked.nodes, asked.edges, profile=profile, turns=make_turns(*rows))


def cost(graph: RoadGraph, a: str, b: str) -> float:
    index = {name: k for k, name in enumerate(graph.node_ids)}
    return float(cost_matrix(graph, [index[a]], [index[b]])[0, 0])


def way_nodes(graph: RoadGraph, a: str, b: str) -> list[tuple[float, float]]:
    index = {name: k for k, name in enumerate(graph.node_ids)}
    way = path(graph, index[a], index[b])
    assert way is not None
    assert way.time_ds == cost(graph, a, b)
    return [(round(x), round(y)) for x, y in way.line.coords]


def test_a_forbidden_turn_is_driven_around_and_the_others_stay() -> None:
    graph = graph_of(("SX", "X", "WX", "no_left_turn"))
    assert cost(graph, "S", "W") == ROUND_DS
    assert way_nodes(graph, "S", "W") == [(0, -100), (-120, -120), (-100, 0)]
    for a, b in (("W", "S"), ("S", "N"), ("S", "E"), ("N", "W"), ("E", "W")):
        assert cost(graph, a, b) == 2 * ARM_DS
    assert cost(graph, "X", "W") == cost(graph, "S", "X") == ARM_DS


def test_a_mandatory_turn_forbids_all_others_and_the_u_turn() -> None:
    graph = graph_of(("SX", "X", "NX", "only_straight_on"))
    assert cost(graph, "S", "N") == 2 * ARM_DS
    assert cost(graph, "S", "W") == ROUND_DS
    place, near = (snap(graph, points(xy), access=ACCESS) for xy in ((0.0, -30.0), (0.0, -10.0)))
    # To drive back over X is forbidden; the place is on the edge itself and needs no turn.
    assert place_costs(graph, place, near) == [[20]]
    only = {tuple(graph.edge_ids[pair >> 1]) for pair in graph.forbidden}
    assert only == {("SX", "EX"), ("SX", "WX"), ("SX", "SX")}


def test_several_mandatory_turns_allow_each_of_theirs() -> None:
    graph = graph_of(("SX", "X", "NX", "only_straight_on"), ("SX", "X", "EX", "only_right_turn"))
    assert cost(graph, "S", "N") == cost(graph, "S", "E") == 2 * ARM_DS
    assert cost(graph, "S", "W") == ROUND_DS


def test_a_forbidden_u_turn_binds_where_it_is_said() -> None:
    spur = {"XT": {"ends": ("X", "T")}}
    asked = make_roads({**NODES, "T": (10.0, 10.0)}, {**ARMS, **RING, **spur}, access=ACCESS)
    free = graph_of(("SX", "X", "WX", "no_left_turn"), asked=asked)
    bound = graph_of(
        ("SX", "X", "WX", "no_left_turn"), ("XT", "T", "XT", "no_u_turn"), asked=asked
    )
    # Into the dead end, round, and out again is the way to the left, if nothing forbids it.
    assert cost(free, "S", "W") == 2 * ARM_DS + 2 * 14
    assert bound.dropped_nodes == ("T",)
    assert cost(bound, "S", "W") == ROUND_DS


@pytest.mark.parametrize(
    ("spared", "classes", "is_bound"),
    [
        ("", (), True),
        ("", ("hgv",), True),
        ("hgv", ("hgv",), False),
        ("bus; hgv ;psv", ("hgv", "hazmat"), False),
        ("hgvs", ("hgv",), True),
        ("psv", ("motorcar",), True),
        (None, ("hgv",), True),
    ],
)
def test_whom_a_restriction_excepts_it_does_not_bind(
    spared: str | None, classes: tuple[str, ...], *, is_bound: bool
) -> None:
    graph = graph_of(("SX", "X", "WX", "no_left_turn", spared), classes=classes)
    assert cost(graph, "S", "W") == (ROUND_DS if is_bound else 2 * ARM_DS)


@pytest.mark.parametrize(
    "row",
    [
        ("SX", "X", "up", "no_left_turn"),  # into a one-way street against its traffic
        ("up", "X", "WX", "no_left_turn"),  # out of one that leads away
        ("SX", "X", "up", "only_left_turn"),
    ],
)
def test_a_turn_nobody_could_make_changes_nothing(row: tuple[str, ...]) -> None:
    up = {"up": {"ends": ("W", "X"), "oneway": 1}}
    if row[0] == "up":
        up = {"up": {"ends": ("X", "W"), "oneway": 1}}
    asked = roads(**up)
    graph = graph_of(row, asked=asked)
    assert len(graph.forbidden) == 0
    assert graph.space.node.tolist() == list(range(5))


def test_a_mandatory_turn_into_a_road_closed_to_the_vehicle_does_not_bind_it() -> None:
    asked = replace(
        roads(WX={"ends": ("W", "X"), "hgv": "no"}), profile=make_profile(banned={"hgv": ("no",)})
    )
    graph = graph_of(("SX", "X", "WX", "only_left_turn"), asked=asked)
    assert cost(graph, "S", "N") == 2 * ARM_DS


def test_the_graph_hardly_grows() -> None:
    graph = graph_of(("SX", "X", "WX", "no_left_turn"))
    plain = graph_of()
    # A copy of X for who comes by SX, a gate into WX, an end for all who come to X; and six arcs.
    assert len(graph.space.node) == graph.n_nodes + 3
    assert graph.space.node[graph.n_nodes :].tolist() == [list(graph.node_ids).index("X")] * 3
    assert len(graph.csr("time_ds").weights) == len(plain.csr("time_ds").weights) + 3 + 2 + 1
    assert plain.csr("time_ds").content_hash == roads_hash(roads())


def roads_hash(asked: Roads) -> str:
    return build(asked.nodes, asked.edges, profile=asked.profile).csr("time_ds").content_hash


def test_what_cannot_be_left_any_more_falls_off_and_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    dead = {"NQ": {"ends": ("N", "Q")}, "QF": {"ends": ("Q", "F")}}
    nodes = {**NODES, "Q": (0.0, 200.0), "F": (0.0, 300.0)}
    asked = make_roads(nodes, {**ARMS, **RING, **dead}, access=ACCESS)
    with caplog.at_level(logging.WARNING):
        graph = graph_of(
            ("QF", "F", "QF", "no_u_turn"), ("NQ", "Q", "NQ", "no_u_turn"), asked=asked
        )
    assert graph.dropped_nodes == ("F", "Q")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "profile van: what the vehicle may use falls apart" in caplog.text
    assert "got 71% of the nodes, without e.g. F" in caplog.text


def test_a_street_may_stay_open_one_way_only() -> None:
    asked = make_roads(
        {"A": (0.0, 0.0), "B": (1000.0, 0.0), "C": (500.0, 800.0)},
        {name: {"ends": tuple(name)} for name in ("AB", "BC", "CA")},
        access=ACCESS,
    )
    rows = [
        (one, via, other, "no_left_turn")
        for one, via, other in (("CA", "A", "AB"), ("AB", "B", "BC"), ("BC", "C", "CA"))
    ]
    ends = [(e, n, e, "no_u_turn") for e, n in (("AB", "A"), ("BC", "B"), ("CA", "C"))]
    graph = graph_of(
        *rows,
        *ends,
        *[(e, n, e, "no_u_turn") for e, n in (("AB", "B"), ("BC", "C"), ("CA", "A"))],
        asked=asked,
    )
    # Round one way all turns are forbidden: only the other way is left of every street.
    assert not graph.forward.any()
    assert graph.backward.all()
    assert len(graph.forbidden) == 0


Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.drop(columns="via_node"), r"columns are absent \(got via_node"),
        (
            lambda t: t.assign(restriction="no_way"),
            r"no such restriction \(got R0, expected no_le",
        ),
        (lambda t: t.assign(from_edge="ZZ"), r"from_edge is no edge \(got R0"),
        (lambda t: t.assign(to_edge="ZZ"), r"to_edge is no edge \(got R0"),
        (lambda t: t.assign(via_node="N"), r"from_edge does not touch via_node \(got R0"),
        (lambda t: t.assign(to_edge="NW"), r"to_edge does not touch via_node \(got R0"),
    ],
)
def test_a_restriction_that_does_not_fit_the_roads_is_refused(change: Change, told: str) -> None:
    asked = roads()
    turns = change(make_turns(("SX", "X", "WX", "no_left_turn")))
    with pytest.raises(NetworkError, match=told):
        build(asked.nodes, asked.edges, profile=asked.profile, turns=turns)


def test_all_that_is_wrong_is_told_at_once() -> None:
    asked = roads()
    turns = make_turns(("SX", "X", "WX", "no_way"), ("QQ", "X", "ZZ", "no_u_turn"))
    with pytest.raises(NetworkError) as told:
        build(asked.nodes, asked.edges, profile=asked.profile, turns=turns)
    assert len(told.value.problems) == 3


def test_nodes_of_searches_are_nobody_elses() -> None:
    graph = graph_of(("SX", "X", "WX", "no_left_turn"))
    for ask in (
        lambda: cost_matrix(graph, [5], [0]),
        lambda: cost_matrix(graph, [0], [5]),
        lambda: within(graph, [0], [-1], cutoff=1),
        lambda: nearest(graph, [0.5], [1], k=1),
        lambda: path(graph, 0, 7),
    ):
        with pytest.raises(NetworkError, match="node index out of range or not an index"):
            ask()
    assert cost_matrix(graph, [], [0]).shape == (0, 1)


def test_flows_go_around_and_end_at_the_crossing() -> None:
    graph = graph_of(("SX", "X", "WX", "no_left_turn"))
    index = {name: k for k, name in enumerate(graph.node_ids)}
    start, stop = [index[n] for n in "SSSX"], [index[n] for n in "WNXX"]
    for engine in ("scipy", "dijkstra"):
        flows = assign_flows(graph, start, stop, [1.0, 10.0, 100.0, 7.0], engine=engine)
        by_edge = dict(zip(graph.edge_ids, flows.by_edge, strict=True))
        assert by_edge["WS"] == 1.0
        assert by_edge["SX"] == 110.0
        assert by_edge["NX"] == 10.0
        assert flows.by_edge.sum() == 121.0
        assert flows.unreached == 0.0


def test_travel_obeys_and_its_profiles_differ() -> None:
    asked = roads()
    turns = make_turns(("SX", "X", "WX", "no_left_turn", "psv"))
    bus = replace(asked.profile, vehicle_classes=("bus", "psv"))
    travel = network_travel(
        asked.nodes,
        asked.edges,
        profiles={"bus": bus, "van": asked.profile},
        access=ACCESS,
        turns=turns,
    )
    a, b = points((0.0, -100.0)), points((-100.0, 0.0))
    assert travel(a, b, profile="bus") == [[2 * ARM_DS / 600]]
    assert travel(a, b, profile="van") == [[ROUND_DS / 600]]


def test_turns_survive_files_and_are_part_of_the_hash(tmp_path) -> None:  # noqa: ANN001
    graph = graph_of(("SX", "X", "WX", "no_left_turn"))
    save_tables(tmp_path, to_tables(graph))
    again = from_tables(load_tables(tmp_path, TABLES))
    np.testing.assert_array_equal(again.forbidden, graph.forbidden)
    assert content_hash(again) == content_hash(graph) != content_hash(graph_of())
    assert cost(again, "S", "W") == ROUND_DS
    assert to_networkx(graph).number_of_edges() == 16
    tables = to_tables(graph)
    for wrong in ([[0, 99]], [[-1, 0]], [[0, 15]]):
        tables["turns"] = pd.DataFrame(wrong, columns=["came_by", "leaves_by"])
        with pytest.raises(NetworkError, match="arcs that do not meet"):
            from_tables(tables)


def test_reached_roads_and_areas_obey_to_the_place_and_from_it() -> None:
    graph = graph_of(("SX", "X", "WX", "no_left_turn"))
    west = snap(graph, points((-100.0, 0.0)), access=ACCESS)
    south = snap(graph, points((0.0, -100.0)), access=ACCESS)
    (pieces,) = service_lines(graph, west, limit_ds=150)
    reached = shapely.union_all(pieces)
    # To the western end within 15 s: half of each arm, but for the one that may not turn there.
    assert reached.intersects(shapely.Point(0.0, 40.0))
    assert reached.intersects(shapely.Point(40.0, 0.0))
    assert not reached.intersects(shapely.Point(0.0, -40.0))
    (to,), (out,) = (
        service_area(graph, place, access=ACCESS, minutes=(0.25,), direction=direction, step_m=4.0)
        for place, direction in ((west, "to"), (south, "from"))
    )
    assert to[0].contains(shapely.MultiPoint([(0.0, 30.0), (30.0, 0.0), (-50.0, 0.0)]))
    assert not to[0].intersects(shapely.Point(0.0, -30.0))
    assert out[0].contains(shapely.MultiPoint([(0.0, 30.0), (30.0, 0.0), (0.0, -50.0)]))
    assert not out[0].intersects(shapely.Point(-30.0, 0.0))
