"""What holds for every engine on every graph: the same whole numbers as scipy's."""

import os

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from siting.network import (
    CsrGraph,
    _contraction,
    assign_flows,
    build_hierarchy,
    cost_matrices,
    cost_matrix,
    nearest,
    within,
)
from siting.network.hierarchy import from_arrays
from tests.engine_graphs import grid, nasty_graphs, of_arcs

FAST = ("dijkstra", "hierarchy")
# Uncompiled kernels, which another test asks for, are a hundred times slower.
IS_COMPILED = os.environ.get("NUMBA_DISABLE_JIT") != "1"
MANY = settings(max_examples=150 if IS_COMPILED else 10, deadline=None)


def reference(graph: CsrGraph, *, add: str = "weights") -> "nx.DiGraph[int]":
    """Return the graph with networkx, where parallel arcs leave the lightest pair."""
    G: nx.DiGraph[int] = nx.DiGraph()
    G.add_nodes_from(range(graph.n_nodes))
    lengths = getattr(graph, add)
    for u, v, w, c in zip(graph.tails, graph.indices, graph.weights, lengths, strict=True):
        old = G.edges.get((int(u), int(v)))
        if old is None or (w, c) < (old["w"], old["c"]):
            G.add_edge(int(u), int(v), w=int(w), c=int(c))
    return G


def dense(found: object, shape: tuple[int, int]) -> NDArray[np.float64]:
    matrix = found.tocsr()  # type: ignore[attr-defined]
    out = np.full(shape, np.nan)
    row = np.repeat(np.arange(shape[0]), np.diff(matrix.indptr))
    out[row, matrix.indices] = matrix.data
    return out


def some_nodes(data: st.DataObject, graph: CsrGraph, label: str) -> list[int]:
    return data.draw(st.lists(st.integers(0, graph.n_nodes - 1), max_size=20), label=label)


@MANY
@given(graph=nasty_graphs(), data=st.data())
def test_every_engine_gives_the_integers_of_networkx(graph: CsrGraph, data: st.DataObject) -> None:
    origins, targets = some_nodes(data, graph, "origins"), some_nodes(data, graph, "targets")
    cutoff = data.draw(st.none() | st.integers(0, 30) | st.just(float("inf")), label="cutoff")
    G = reference(graph)
    expected = np.full((len(origins), len(targets)), np.nan)
    for i, origin in enumerate(origins):
        cost = nx.single_source_dijkstra_path_length(G, origin, cutoff=cutoff, weight="w")
        expected[i] = [cost.get(target, np.nan) for target in targets]
    for engine in ("auto", "scipy", *FAST):
        got = cost_matrix(graph, origins, targets, cutoff=cutoff, engine=engine)
        np.testing.assert_array_equal(got, expected, err_msg=engine)


@MANY
@given(graph=nasty_graphs(), data=st.data())
def test_the_sparse_answer_is_the_dense_one_within_the_cutoff(
    graph: CsrGraph, data: st.DataObject
) -> None:
    origins, targets = some_nodes(data, graph, "origins"), some_nodes(data, graph, "targets")
    # Costs are kept in 16 bits up to 65,534 and in 32 beyond.
    edges = st.sampled_from([65_533, 65_534, 65_535, float("inf")])
    cutoff = data.draw(st.integers(0, 30) | edges, label="cutoff")
    expected = cost_matrix(graph, origins, targets, cutoff=cutoff, engine="scipy")
    for engine in ("scipy", *FAST):
        found = within(graph, origins, targets, cutoff=cutoff, engine=engine)
        np.testing.assert_array_equal(dense(found, expected.shape), expected, err_msg=engine)
        assert found.has_sorted_indices
        assert np.issubdtype(found.dtype, np.integer)


@MANY
@given(graph=nasty_graphs(), data=st.data(), k=st.integers(1, 5))
def test_the_nearest_are_the_first_of_the_sorted_row(
    graph: CsrGraph, data: st.DataObject, k: int
) -> None:
    origins, targets = some_nodes(data, graph, "origins"), some_nodes(data, graph, "targets")
    cutoff = data.draw(st.none() | st.integers(0, 30), label="cutoff")
    costs = cost_matrix(graph, origins, targets, cutoff=cutoff, engine="scipy")
    for engine in ("scipy", *FAST):
        got = nearest(graph, origins, targets, k=k, cutoff=cutoff, engine=engine)
        for i, row in enumerate(costs):
            order = [j for j in np.argsort(row, kind="stable") if np.isfinite(row[j])][:k]
            missing = k - len(order)
            assert got.destination[i].tolist() == order + [-1] * missing, engine
            np.testing.assert_array_equal(got.cost[i], [*row[order], *[np.nan] * missing])


@MANY
@given(graph=nasty_graphs(max_nodes=8), data=st.data())
def test_companions_are_least_among_the_least(graph: CsrGraph, data: st.DataObject) -> None:
    origins, targets = some_nodes(data, graph, "origins"), some_nodes(data, graph, "targets")
    G = reference(graph, add="companion")
    scale = 10_000  # above any sum of companions here, so that the order is by cost first
    both = {(u, v): d["w"] * scale + d["c"] for u, v, d in G.edges(data=True)}
    nx.set_edge_attributes(G, both, "both")
    for engine in ("scipy", "dijkstra"):
        got = cost_matrices(graph, origins, targets, engine=engine)
        for i, origin in enumerate(origins):
            least = nx.single_source_dijkstra_path_length(G, origin, weight="both")
            for j, target in enumerate(targets):
                if target not in least:
                    assert np.isnan(got.cost[i, j])
                    assert np.isnan(got.companion[i, j])
                else:
                    pair = (got.cost[i, j], got.companion[i, j])
                    assert pair == divmod(least[target], scale), engine


@MANY
@given(graph=nasty_graphs(), data=st.data())
def test_flows_cost_what_the_trips_cost(graph: CsrGraph, data: st.DataObject) -> None:
    node = st.integers(0, graph.n_nodes - 1)
    rows = data.draw(st.lists(st.tuples(node, node, st.integers(0, 9)), max_size=12))
    start, stop, trips = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    one, other = (
        assign_flows(graph, start, stop, trips, engine=engine) for engine in ("scipy", "dijkstra")
    )
    np.testing.assert_array_equal(one.by_edge, other.by_edge)
    each = [cost_matrix(graph, [a], [b])[0, 0] for a, b in zip(start, stop, strict=True)]
    assert (
        one.unreached
        == other.unreached
        == sum(t for t, c in zip(trips, each, strict=True) if np.isnan(c))
    )
    full = np.zeros(len(graph.weights))
    full[: len(one.by_edge)] = one.by_edge
    assert full @ graph.weights == sum(
        t * c for t, c in zip(trips, each, strict=True) if np.isfinite(c)
    )
    # What comes into a node goes out of it, but for the trips that start or end there.
    balance = np.zeros(graph.n_nodes)
    np.add.at(balance, graph.tails, full)
    np.subtract.at(balance, graph.indices, full)
    for a, b, t, c in zip(start, stop, trips, each, strict=True):
        if np.isfinite(c):
            balance[a] -= t
            balance[b] += t
    assert not balance.any()


@MANY
@given(graph=nasty_graphs())
def test_a_hierarchy_survives_the_way_through_arrays(graph: CsrGraph) -> None:
    built = build_hierarchy(graph)
    again = from_arrays(built.to_arrays(), graph=graph)
    for name, array in built.to_arrays().items():
        np.testing.assert_array_equal(getattr(again, name), array)
    nodes = np.arange(graph.n_nodes)
    np.testing.assert_array_equal(
        cost_matrix(graph, nodes, nodes, engine="hierarchy", hierarchy=again),
        cost_matrix(graph, nodes, nodes, engine="scipy"),
    )


@pytest.mark.parametrize("shape", [(200, 70), (70, 200), (1, 300), (130, 130)])
@pytest.mark.parametrize("cutoff", [None, 150])
def test_blocks_and_threads_change_nothing(shape: tuple[int, int], cutoff: int | None) -> None:
    graph = grid(20, seed=3)
    rng = np.random.default_rng(5)
    origins, targets = (rng.integers(0, graph.n_nodes, n) for n in shape)
    expected = cost_matrix(graph, origins, targets, cutoff=cutoff, engine="scipy")
    hierarchy = build_hierarchy(graph)
    for _ in range(3):
        for engine in FAST:
            ready = hierarchy if engine == "hierarchy" else None
            options = {"cutoff": cutoff, "engine": engine, "hierarchy": ready}
            got = cost_matrix(graph, origins, targets, **options)  # type: ignore[arg-type]
            np.testing.assert_array_equal(got, expected)
            if cutoff is not None:
                found = within(graph, origins, targets, **options)  # type: ignore[arg-type]
                np.testing.assert_array_equal(dense(found, shape), expected)


@pytest.mark.parametrize("cutoff", [65_533, 65_534, 65_535, 65_536])
@pytest.mark.parametrize("last", [0, 1, 65_533, 65_534, 65_535, 65_536, 10**6])
def test_costs_at_the_edge_of_16_bits_are_told_exactly(cutoff: int, last: int) -> None:
    steps = [30_000, 35_533, 1, 1, last]
    graph = of_arcs(6, [(i, i + 1, step, 0) for i, step in enumerate(steps)])
    nodes = np.arange(6)
    expected = cost_matrix(graph, nodes, nodes, cutoff=cutoff, engine="scipy")
    for engine in FAST:
        found = within(graph, nodes, nodes, cutoff=cutoff, engine=engine)
        np.testing.assert_array_equal(dense(found, (6, 6)), expected, err_msg=engine)


@pytest.mark.parametrize("shape", [(900, 150), (150, 900), (700, 700)])
@pytest.mark.parametrize("cutoff", [40, 400, 70_000])
def test_many_blocks_parts_and_threads_make_one_sparse_answer(
    shape: tuple[int, int], cutoff: int
) -> None:
    graph = grid(30, seed=8)
    rng = np.random.default_rng(9)
    origins, targets = (rng.permutation(graph.n_nodes)[:n] for n in shape)
    expected = cost_matrix(graph, origins, targets, cutoff=cutoff, engine="scipy")
    found = within(graph, origins, targets, cutoff=cutoff, engine="hierarchy")
    np.testing.assert_array_equal(dense(found, shape), expected)
    assert (
        np.diff(found.indices)[np.diff(np.repeat(np.arange(shape[0]), np.diff(found.indptr))) == 0]
        > 0
    ).all()
    assert found.indices.dtype == found.data.dtype == np.int32


def test_a_part_of_the_answer_may_have_no_entries() -> None:
    graph = of_arcs(600, [(0, 1, 5, 0), (598, 599, 7, 0)])
    nodes = np.arange(600)
    found = within(graph, nodes, nodes, cutoff=6, engine="hierarchy")
    assert (found.nnz, found.sum(), found[0, 1]) == (601, 5, 5)


@pytest.mark.parametrize("dearest", [1, 4_095, 4_096, 2**29])
@pytest.mark.parametrize("k", [1, 3, 40])
def test_buckets_of_any_width_find_the_same_nearest(dearest: int, k: int) -> None:
    # The dearest arc sets how many costs share a bucket.
    rng = np.random.default_rng(dearest)
    tail, head = rng.integers(0, 80, (2, 300))
    weight = rng.integers(0, min(dearest, 50) + 1, 300)
    weight[rng.integers(0, 300, 5)] = dearest
    graph = of_arcs(80, list(zip(tail, head, weight, weight, strict=True)))
    nodes, places = np.arange(80), rng.integers(0, 80, 30)
    cutoff = 2**30 - 2
    expected = nearest(graph, nodes, places, k=k, cutoff=cutoff, engine="scipy")
    for engine in FAST[: 1 if dearest > 10**6 else 2]:
        got = nearest(graph, nodes, places, k=k, cutoff=cutoff, engine=engine)
        np.testing.assert_array_equal(got.destination, expected.destination, err_msg=engine)
        np.testing.assert_array_equal(got.cost, expected.cost, err_msg=engine)


def test_a_hierarchy_made_in_many_stages_keeps_all_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = grid(24 if IS_COMPILED else 6, seed=11)
    nodes = np.arange(graph.n_nodes)
    expected = cost_matrix(graph, nodes, nodes, engine="scipy")
    for small in (1, 50, 10_000):
        monkeypatch.setattr(_contraction, "_SMALL", small)
        hierarchy = build_hierarchy(graph)
        got = cost_matrix(graph, nodes, nodes, engine="hierarchy", hierarchy=hierarchy)
        np.testing.assert_array_equal(got, expected)
        assert from_arrays(hierarchy.to_arrays(), graph=graph).n_arcs == hierarchy.n_arcs
