"""The road graph of a profile: which edges, how long, what is cut off, what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from siting.errors import NetworkError
from siting.network import RoadGraph, build, expressway_nodes
from tests.strategies import Roads, make_profile, make_roads

CHAIN = {"A": (0.0, 0.0), "B": (1000.0, 0.0), "C": (2000.0, 0.0)}
BOTH = {"AB": {"ends": ("A", "B")}, "BC": {"ends": ("B", "C")}}


def graph_of(roads: Roads) -> RoadGraph:
    return build(roads.nodes, roads.edges, profile=roads.profile)


def chain(**facts: object) -> Roads:
    """Return A–B–C with these facts on the second edge."""
    return make_roads(CHAIN, {**BOTH, "BC": {"ends": ("B", "C"), **facts}})


def test_an_edge_keeps_its_ends_line_time_and_length() -> None:
    graph = graph_of(chain(free_flow_kmh=60.0, length_km=1.25))
    assert list(graph.node_ids) == ["A", "B", "C"]
    assert graph.node_xy.tolist() == [[0, 0], [1000, 0], [2000, 0]]
    assert graph.tail.tolist() == [0, 1]
    assert graph.head.tolist() == [1, 2]
    assert graph.length_dm.tolist() == [10_000, 12_500]
    assert graph.time_ds.tolist() == [1000, 750]  # 1 km at 36 km/h; 1.25 km at 60 km/h
    assert graph.lines[0].equals(shapely.LineString([(0, 0), (1000, 0)]))
    assert graph.forward.all()
    assert graph.backward.all()
    assert graph.dropped_nodes == ()


@pytest.mark.parametrize(
    ("highway", "free_flow", "time_ds"),
    [("motorway", 110.0, 400), ("motorway", 60.0, 600), ("primary", 110.0, 450)],
)
def test_speed_is_free_flow_capped_by_class_or_default(
    highway: str, free_flow: float, time_ds: int
) -> None:
    roads = replace(
        chain(highway=highway, free_flow_kmh=free_flow),
        profile=make_profile(caps={"motorway": 90.0}),
    )
    assert graph_of(roads).time_ds[1] == time_ds


def test_an_edge_without_length_still_costs_one_unit() -> None:
    graph = graph_of(chain(length_km=0.0))
    assert (graph.time_ds[1], graph.length_dm[1]) == (1, 1)


def test_order_of_rows_does_not_matter() -> None:
    roads = make_roads(CHAIN, {**BOTH, "AC": {"ends": ("A", "C"), "oneway": 1}})
    graph = graph_of(roads)
    turned = graph_of(replace(roads, nodes=roads.nodes.iloc[::-1], edges=roads.edges.iloc[::-1]))
    for name in ("node_ids", "node_xy", "tail", "head", "backward", "time_ds", "edge_ids"):
        np.testing.assert_array_equal(getattr(graph, name), getattr(turned, name))


def test_frames_handed_over_are_not_changed() -> None:
    roads = chain()
    nodes, edges = roads.nodes.copy(), roads.edges.copy()
    graph_of(roads)
    assert nodes.equals(roads.nodes)
    assert edges.equals(roads.edges)


@pytest.mark.parametrize(
    ("facts", "is_open"),
    [
        ({}, True),
        ({"highway": "trunk"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway_link"}, False),
        ({"highway": "ferry"}, False),
        ({"bridge": "胶州湾大桥"}, False),
        ({"tunnel": "胶州湾隧道"}, False),
        ({"ferry": "薛家岛轮渡"}, False),
    ],
)
def test_controlled_roads_are_entered_at_nodes_only(
    facts: dict[str, str], *, is_open: bool
) -> None:
    assert graph_of(chain(**facts)).is_open.tolist() == [True, is_open]


@pytest.mark.parametrize("value", [None, float("nan"), "", "no"])
def test_a_structure_column_without_a_value_is_no_structure(value: object) -> None:
    assert graph_of(chain(bridge=value)).is_open.all()


def test_optional_columns_may_be_absent() -> None:
    roads = chain()
    bare = roads.edges.drop(columns=["hgv", "bridge", "tunnel", "ferry"])
    graph = build(roads.nodes, bare, profile=make_profile(banned={"hgv": ("no",)}))
    assert len(graph.edge_ids) == 2
    assert graph.is_open.all()
    assert not graph.is_warned.any()


def test_banned_edges_are_gone_and_warned_ones_marked() -> None:
    edges = {
        "free": {"ends": ("A", "B")},
        "pass": {"ends": ("B", "C"), "hgv": "restricted"},
        "shut": {"ends": ("A", "C"), "hgv": "no"},
        "ship": {"ends": ("A", "C"), "highway": "ferry"},
    }
    truck = make_profile(
        banned={"hgv": ("no",), "highway": ("ferry",)}, warned={"hgv": ("restricted",)}
    )
    graph = graph_of(make_roads(CHAIN, edges, profile=truck))
    assert graph.edge_ids.tolist() == ["free", "pass"]
    assert graph.is_warned.tolist() == [False, True]


def test_a_dead_end_one_way_is_cut_off_and_told() -> None:
    graph = graph_of(chain(oneway=1))
    assert graph.node_ids.tolist() == ["A", "B"]
    assert graph.edge_ids.tolist() == ["AB"]
    assert graph.dropped_nodes == ("C",)


def long_chain(n: int, **more: dict[str, object]) -> Roads:
    nodes = {f"N{k:02}": (100.0 * k, 0.0) for k in range(n)}
    edges = {f"E{k:02}": {"ends": (f"N{k:02}", f"N{k + 1:02}")} for k in range(n - 1)}
    island = {"X": (0.0, 900.0), "Y": (100.0, 900.0)}
    return make_roads({**nodes, **island}, {**edges, "XY": {"ends": ("X", "Y"), **more}})


def test_a_small_island_is_cut_off_and_told() -> None:
    graph = graph_of(long_chain(40))
    assert graph.n_nodes == 40
    assert graph.dropped_nodes == ("X", "Y")
    assert "XY" not in graph.edge_ids


def test_roads_in_parts_of_like_size_are_refused() -> None:
    with pytest.raises(NetworkError, match=r"falls into 2 parts .*83% .*outside it e\.g\. X"):
        graph_of(long_chain(10))


def test_a_layer_without_edges_is_refused() -> None:
    with pytest.raises(NetworkError, match="parts"):
        graph_of(make_roads(CHAIN, {}))


def test_a_layer_without_nodes_is_refused() -> None:
    with pytest.raises(NetworkError, match="no road is open to this vehicle"):
        graph_of(make_roads({}, {}))


def test_a_vehicle_banned_everywhere_is_refused() -> None:
    roads = replace(chain(), profile=make_profile(banned={"hgv": ("yes",)}))
    with pytest.raises(NetworkError, match="profile van: no road is open to this vehicle"):
        graph_of(roads)


def test_roads_that_lead_nowhere_and_back_are_refused() -> None:
    edges = {name: {**facts, "oneway": 1} for name, facts in BOTH.items()}
    with pytest.raises(NetworkError, match="no two nodes can be driven between there and back"):
        graph_of(make_roads(CHAIN, edges))


def test_an_edge_to_an_unknown_node_is_refused() -> None:
    roads = chain()
    edges = roads.edges.replace({"to_id": {"C": "Z"}})
    with pytest.raises(NetworkError, match=r"no node of road_nodes \(got BC"):
        build(roads.nodes, edges, profile=roads.profile)


def test_of_parallel_arcs_the_lightest_counts_in_each_direction() -> None:
    edges = {
        **BOTH,
        "fast": {"ends": ("B", "A"), "oneway": 1, "free_flow_kmh": 72.0},
        "loop": {"ends": ("A", "A"), "length_km": 0.1},
    }
    graph = graph_of(make_roads(CHAIN, edges))
    assert graph.matrix("time_ds").toarray().tolist() == [
        [0, 1000, 0],
        [500, 0, 1000],
        [0, 1000, 0],
    ]


def test_arcs_tell_edge_and_weight_of_both_directions() -> None:
    graph = graph_of(
        make_roads(CHAIN, {**BOTH, "CB": {"ends": ("C", "B"), "oneway": 1, "length_km": 3.0}})
    )
    arcs = zip(*(a.tolist() for a in graph.arcs("length_dm")), strict=True)
    assert sorted(arcs) == [
        (0, 1, 10_000, 0),
        (1, 0, 10_000, 0),
        (1, 2, 10_000, 1),
        (2, 1, 10_000, 1),
        (2, 1, 30_000, 2),
    ]


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(NetworkError, match=r"got time_min, expected time_ds or length_dm"):
        graph_of(chain()).weights("time_min")


def test_expressway_nodes_are_those_of_motorways_and_their_links() -> None:
    edges = {**BOTH, "BC": {"ends": ("B", "C"), "highway": "motorway"}}
    roads = make_roads(CHAIN, edges)
    found = expressway_nodes(roads.nodes, roads.edges)
    assert found["id"].tolist() == ["B", "C"]
    assert found.crs == roads.nodes.crs
    plain = make_roads(CHAIN, BOTH)
    assert expressway_nodes(plain.nodes, plain.edges).empty
