"""What the network engines refuse, what they fall back to, and what starting them costs."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from siting.errors import NetworkError
from siting.network import (
    assign_flows,
    build_hierarchy,
    cost_matrices,
    cost_matrix,
    engines,
    from_csr,
    nearest,
    within,
)
from tests.engine_graphs import grid, of_arcs
from tests.requirements import ROOT

CHAIN = from_csr([0, 1, 2, 2], [1, 2], [5, 7])
EMPTY = from_csr([0], [], [])


@pytest.mark.parametrize(
    ("indptr", "indices", "weights", "told"),
    [
        ([0, 1], [0], [-1], "weights: not a whole number ≥ 0 .*got -1"),
        ([0, 1], [0], [float("nan")], "weights: not a whole number .*got nan"),
        ([0, 1], [0], [float("inf")], "weights: not a whole number .*got inf"),
        ([0, 1], [0], [0.5], "weights: not a whole number .*got 0.5"),
        ([0, 1], [0], [2**53], "weights: not a whole number"),
        ([0, 2], [0, 0], [2**52, 2**52], "weights: too large to add up exactly"),
        ([0, 1], [0], [1, 2], "weights: not one an arc .*got 2, expected 1"),
        ([0, 1], [0], ["a"], "weights: not numbers"),
        ([0, 1], [1], [1], "indices: no such node .*got 1, expected 0…0"),
        ([0, 1], [-1], [1], "indices: not a whole number"),
        ([0, 2], [0], [1], "indptr: does not end with the arcs"),
        ([1, 1], [0], [1], "indptr: no row starts"),
        ([], [], [], "indptr: no row starts"),
        ([0, 2, 1], [0], [1], "indptr: no row starts"),
        ([[0, 1]], [0], [1], "indptr: not one-dimensional"),
    ],
)
def test_arrays_that_are_no_graph_are_refused(
    indptr: Any, indices: Any, weights: Any, told: str
) -> None:
    with pytest.raises(NetworkError, match=told):
        from_csr(indptr, indices, weights)


def test_the_arrays_given_are_copied() -> None:
    weights = np.array([5, 7])
    graph = from_csr(np.array([0, 1, 2, 2]), np.array([1, 2]), weights)
    weights[:] = 0
    assert cost_matrix(graph, [0], [2]).tolist() == [[12]]


def test_an_empty_graph_answers_with_empty_arrays() -> None:
    none: list[int] = []
    assert cost_matrix(EMPTY, none, none).shape == (0, 0)
    assert within(EMPTY, none, none, cutoff=1).shape == (0, 0)
    assert nearest(EMPTY, none, none, k=2).cost.shape == (0, 2)
    assert assign_flows(EMPTY, none, none, none).by_edge.tolist() == []
    assert build_hierarchy(EMPTY).n_nodes == 0


@pytest.mark.parametrize("engine", ["auto", "scipy", "dijkstra", "hierarchy"])
@pytest.mark.parametrize("shape", [(0, 2), (2, 0)])
def test_no_origins_or_no_destinations_give_an_empty_matrix(
    engine: engines.Engine, shape: tuple[int, int]
) -> None:
    rows, columns = ([0] * n for n in shape)
    assert cost_matrix(CHAIN, rows, columns, engine=engine).shape == shape
    assert within(CHAIN, rows, columns, cutoff=3, engine=engine).shape == shape


@pytest.mark.parametrize("engine", ["scipy", "dijkstra", "hierarchy"])
def test_cutoffs_of_zero_and_infinity(engine: engines.Engine) -> None:
    nodes = [0, 1, 2]
    zero = cost_matrix(CHAIN, nodes, nodes, cutoff=0, engine=engine)
    np.testing.assert_array_equal(zero, np.where(np.eye(3, dtype=bool), 0, np.nan))
    far = cost_matrix(CHAIN, nodes, nodes, cutoff=float("inf"), engine=engine)
    np.testing.assert_array_equal(far, [[0, 5, 12], [np.nan, 0, 7], [np.nan, np.nan, 0]])
    kept = within(CHAIN, nodes, nodes, cutoff=0, engine=engine)
    assert (kept.indices.tolist(), kept.data.tolist()) == ([0, 1, 2], [0, 0, 0])


@pytest.mark.parametrize("cutoff", [-1, float("nan")])
def test_a_cutoff_that_is_no_cost_is_refused(cutoff: float) -> None:
    for ask in (
        lambda: within(CHAIN, [0], [1], cutoff=cutoff),
        lambda: nearest(CHAIN, [0], [1], k=1, cutoff=cutoff),
        lambda: cost_matrices(of_arcs(2, [(0, 1, 1, 1)]), [0], [1], cutoff=cutoff),
    ):
        with pytest.raises(NetworkError, match="cutoff: not a cost"):
            ask()


@pytest.mark.parametrize("nodes", [[3], [-1], [0.5], [[0]]])
def test_what_is_no_node_is_refused(nodes: Any) -> None:
    for ask in (
        lambda: cost_matrix(CHAIN, nodes, [0]),
        lambda: within(CHAIN, [0], nodes, cutoff=1),
        lambda: nearest(CHAIN, nodes, [0], k=1),
        lambda: assign_flows(CHAIN, nodes, nodes, [1]),
    ):
        with pytest.raises(NetworkError, match="node"):
            ask()


@pytest.mark.parametrize("trips", [[-1.0], [float("nan")], [1.0, 2.0]])
def test_what_is_no_trip_is_refused(trips: list[float]) -> None:
    with pytest.raises(NetworkError, match="trips"):
        assign_flows(CHAIN, [0], [1], trips)


def test_what_an_engine_cannot_do_is_refused() -> None:
    other = build_hierarchy(grid(3, seed=1))
    with pytest.raises(NetworkError, match="belongs to another graph"):
        cost_matrix(CHAIN, [0], [1], hierarchy=other, engine="hierarchy")
    with pytest.raises(NetworkError, match=r"no such engine .*got astar"):
        cost_matrix(CHAIN, [0], [1], engine="astar")  # type: ignore[arg-type]
    with pytest.raises(NetworkError, match="belongs to another graph"):
        nearest(CHAIN, [0], [1], k=1, hierarchy=other, engine="hierarchy")
    with pytest.raises(NetworkError, match="carries no companion"):
        cost_matrices(of_arcs(2, [(0, 1, 1, 1)]), [0], [1], engine="hierarchy")
    with pytest.raises(NetworkError, match="the graph has none"):
        cost_matrices(CHAIN, [0], [1])
    with pytest.raises(NetworkError, match="k: nothing is asked"):
        nearest(CHAIN, [0], [1], k=0)
    with pytest.raises(NetworkError, match="plain arcs have but one"):
        cost_matrix(CHAIN, [0], [1], weight="time_ds")


def test_ways_too_dear_for_compiled_engines_are_left_to_scipy() -> None:
    dear = from_csr([0, 1, 2, 2], [1, 2], [2**30 - 2, 2**30 - 2])
    assert cost_matrix(dear, [0], [2]).tolist() == [[2**31 - 4]]
    for engine in ("dijkstra", "hierarchy"):
        with pytest.raises(NetworkError, match=r"2\^30 or more"):
            cost_matrix(dear, [0], [2], engine=engine)  # type: ignore[arg-type]
    # Below a cutoff that fits, dear ways do not matter.
    near = cost_matrix(dear, [0], [1, 2], engine="dijkstra", cutoff=2**30 - 2)
    np.testing.assert_array_equal(near, [[2**30 - 2, np.nan]])


def test_the_dearest_way_that_fits_is_told_exactly() -> None:
    most = 2**30 - 2
    graph = from_csr([0, 1, 2, 2], [1, 2], [most - 1, 1])
    for engine in ("dijkstra", "hierarchy"):
        got = cost_matrix(graph, [0], [2], engine=engine)  # type: ignore[arg-type]
        assert got.tolist() == [[most]]


@pytest.mark.parametrize(
    ("searches", "cutoff", "ready", "engine"),
    [
        (10, np.inf, False, "scipy"),
        (99, np.inf, False, "dijkstra"),
        (100, np.inf, False, "hierarchy"),
        (100, 900.0, False, "dijkstra"),
        (99, np.inf, True, "hierarchy"),
        (10, np.inf, True, "scipy"),
    ],
)
def test_auto_picks_by_the_break_even(
    monkeypatch: pytest.MonkeyPatch, searches: int, cutoff: float, *, ready: bool, engine: str
) -> None:
    graph = grid(10, seed=2)
    monkeypatch.setattr(engines, "NUMBA_REPAYS", 50 * graph.n_nodes)
    hierarchy = build_hierarchy(graph) if ready else None
    options: dict[str, Any] = {"cutoff": cutoff, "hierarchy": hierarchy}
    assert engines.choose("auto", graph, n_searches=searches, **options) == engine


def test_without_numba_scipy_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "has_numba", lambda: False)
    monkeypatch.setattr(engines, "NUMBA_REPAYS", 0)
    assert engines.choose("auto", CHAIN, n_searches=9, cutoff=np.inf, hierarchy=None) == "scipy"
    with pytest.raises(NetworkError, match="numba is not installed"):
        cost_matrix(CHAIN, [0], [1], engine="dijkstra")


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "numba" else find(name, *rest)
import numpy as np
from siting.network import *
from siting.network import engines
from tests.engine_graphs import grid
engines.NUMBA_REPAYS = 0
graph, nodes = grid(6, seed=4), np.arange(36)
print(cost_matrix(graph, nodes, nodes).sum(), nearest(graph, nodes, nodes[:9], k=3).cost.sum(),
      within(graph, nodes, nodes, cutoff=60).sum(), cost_matrices(graph, nodes, nodes).companion.sum(),
      assign_flows(graph, nodes, nodes[::-1], np.ones(36)).by_edge.tolist())
"""


def run_python(script: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=os.environ | environment,
        text=True,
    )
    return done.stdout


def test_a_python_without_numba_gives_the_same_answers() -> None:
    without = run_python(WITHOUT_NUMBA)
    usual = "\n".join(
        line for line in WITHOUT_NUMBA.splitlines() if "sys." not in line and "find" not in line
    )
    assert "numba" not in usual.replace("engines.NUMBA_REPAYS", "")
    assert run_python(usual) == without


def test_the_kernels_say_the_same_as_plain_python() -> None:
    script = (
        "import sys, numba, pytest\n"
        "assert numba.config.DISABLE_JIT\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-k', 'not threads',"
        " 'tests/laws/test_engine_laws.py']))"
    )
    assert " passed" in run_python(script, NUMBA_DISABLE_JIT="1")


def test_importing_the_network_loads_no_compiler() -> None:
    script = (
        "import sys, siting.network as n\n"
        "g = n.from_csr([0, 1, 1], [1], [5])\n"
        "print(n.cost_matrix(g, [0], [1]), 'numba' in sys.modules, 'networkx' in sys.modules)"
    )
    assert run_python(script).split() == ["[[5.]]", "False", "False"]


def test_progress_is_told_and_can_cancel() -> None:
    graph = grid(12, seed=6)
    nodes = np.arange(graph.n_nodes)
    told: list[float] = []
    for engine in ("dijkstra", "hierarchy"):
        told.clear()
        cost_matrix(
            graph,
            nodes,
            nodes,
            engine=engine,  # type: ignore[arg-type]
            hierarchy=build_hierarchy(graph) if engine == "hierarchy" else None,
            progress=lambda share, _: told.append(share),
        )
        assert told == sorted(told)
        assert told[-1] == 1.0
        assert len(told) > 1

    def stop(share: float, _: str) -> None:
        raise KeyboardInterrupt(share)

    with pytest.raises(KeyboardInterrupt):
        build_hierarchy(graph, progress=stop)
    with pytest.raises(KeyboardInterrupt):
        cost_matrix(graph, nodes, nodes, engine="dijkstra", progress=stop)
