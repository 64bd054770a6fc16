"""Network distances: our engines beside scipy, pandana and networkx, same graphs, same run.

    python benchmarks/bench_network.py [--repeat 5] [--large] [--graphs porto city330]

Every figure is CPU seconds of a fresh process, all threads, the median of ``--repeat`` runs taken
in turns; wall seconds are given beside. Compiled kernels are loaded before the clock starts, and
what loading costs is a row of its own. A peer too slow to run in full runs the share that is
printed, scaled linearly; its peak of memory is that of the share, ours that of everything. Before
anything is printed the answers are compared, to the last digit.

A  5,000 × 500 full matrix   B  nearest 3 of 500 for 50,000   C  50,000 × 2,000 within 15 minutes
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import graphs
import numpy as np
from _network_task import Clock, Task
from numpy.typing import NDArray
from scipy.sparse import csgraph

QUARTER_HOUR_DS = 9_000
SAMPLE = 3  # destinations whose costs every engine tells, for the comparison
GRAPHS: dict[str, Callable[[], graphs.Made]] = {
    "porto": graphs.porto,
    "city330": lambda: graphs.city(330),
    "city660": lambda: graphs.city(660),
}
# Destinations that a slow peer searches from, of 500 in A and 2,000 in C.
SHARES = {"scipy": (10, 20), "pandana": (10, 10), "networkx": (SAMPLE, SAMPLE)}
RUNS_OF_NETWORKX = 1


Answers = dict[str, NDArray[np.float64]]


def run_ours(task: Task, clock: Clock) -> Answers:
    """Answer all three workloads, with a hierarchy made once; B without one too."""
    start = time.process_time()
    from siting import network  # noqa: PLC0415 - importing is part of what is measured

    tiny = network.from_csr([0, 1, 2], [1, 0], [1, 1])
    ready = network.build_hierarchy(tiny)
    for options in ({"engine": "hierarchy", "hierarchy": ready}, {"engine": "dijkstra"}):
        network.cost_matrix(tiny, [0], [1], **options)
        network.within(tiny, [0], [1], cutoff=1, **options)
        network.nearest(tiny, [0], [1], k=1, **options)
    clock.cpu["load"] = time.process_time() - start
    graph = network.from_csr(task.indptr, task.head, task.weight)
    h = clock.take("build", lambda: network.build_hierarchy(graph))
    ready = {"engine": "hierarchy", "hierarchy": h}
    a = clock.take("A", lambda: network.cost_matrix(graph, task.origins_a, task.few, **ready))
    few = task.few[:60]
    clock.take(
        "A by dijkstra",
        lambda: network.cost_matrix(graph, task.origins_a, few, engine="dijkstra"),
        scale=500 / len(few),
    )
    ends = (task.origins_c, task.few)
    clock.take("B in one pass", lambda: network.nearest(graph, *ends, k=3, engine="dijkstra"))
    b = clock.take("B", lambda: network.nearest(graph, *ends, k=3, **ready))
    c = clock.take(
        "C",
        lambda: network.within(graph, task.origins_c, task.many, cutoff=QUARTER_HOUR_DS, **ready),
    )
    # Counted without a copy, which would be added to the peak.
    counts = [np.count_nonzero(c.indices == j) for j in range(SAMPLE)]
    sums = [c.data[c.indices == j].sum() for j in range(SAMPLE)]
    return {"A": a[:, :SAMPLE], "B": b.cost, "C": np.array([counts, sums], dtype=float)}


def run_scipy(task: Task, clock: Clock) -> Answers:
    """Answer A and C by searches from the destinations, against the arcs."""
    against = task.matrix.T.tocsr()
    n_a, n_c = SHARES["scipy"]

    def search(places: NDArray[np.int64], origins: NDArray[np.int64], limit: float) -> Any:
        found = [csgraph.dijkstra(against, indices=p, limit=limit)[origins] for p in places]
        return np.column_stack(found)

    a = clock.take("A", lambda: search(task.few[:n_a], task.origins_a, np.inf), scale=500 / n_a)
    c = clock.take(
        "C",
        lambda: search(task.many[:n_c], task.origins_c, QUARTER_HOUR_DS),
        scale=2_000 / n_c,
    )
    return {"A": a[:, :SAMPLE], "C": _counted(c[:, :SAMPLE])}


def run_pandana(task: Task, clock: Clock) -> Answers:
    """Answer A by pairs, B by its nearest points of interest, C by nodes in range."""
    import pandana  # noqa: PLC0415 - an optional peer
    import pandas as pd  # noqa: PLC0415 - as above

    tail = np.repeat(np.arange(task.n), np.diff(task.indptr))
    weight = pd.DataFrame({"w": task.weight.astype(float)})
    # Turned round, so that its nearest places are those that are reached.
    x, y = pd.Series(task.xy[:, 0]), pd.Series(task.xy[:, 1])

    def build() -> Any:
        return pandana.Network(x, y, pd.Series(tail), pd.Series(task.head), weight, twoway=False)

    network = clock.take("build", build)
    n_a, n_c = SHARES["pandana"]
    pairs = np.tile(task.origins_a, n_a), np.repeat(task.few[:n_a], len(task.origins_a))
    a = clock.take("A", lambda: network.shortest_path_lengths(*pairs), scale=500 / n_a)

    def three_nearest() -> Any:
        few = task.few
        network.set_pois("few", 1e8, 3, x.iloc[few], y.iloc[few])
        return network.nearest_pois(1e8, "few", num_pois=3)

    b = clock.take("B", three_nearest)
    clock.take(
        "C",
        lambda: network.nodes_in_range(list(task.many[:n_c]), QUARTER_HOUR_DS),
        scale=2_000 / n_c,
    )
    costs = np.asarray(a, dtype=float).reshape(n_a, -1).T
    return {"A": costs[:, :SAMPLE], "B": b.to_numpy()[task.origins_c]}


def run_networkx(task: Task, clock: Clock) -> Answers:
    """Answer A and C by searches from the destinations, against the arcs."""
    import networkx as nx  # noqa: PLC0415 - slow to import

    G = nx.from_scipy_sparse_array(task.matrix.T.tocsr(), create_using=nx.DiGraph)
    n_a, n_c = SHARES["networkx"]

    def search(places: NDArray[np.int64], origins: NDArray[np.int64], cutoff: float | None) -> Any:
        columns = []
        for place in places:
            cost = nx.single_source_dijkstra_path_length(G, place, cutoff=cutoff)
            columns.append([cost.get(origin, np.inf) for origin in origins])
        return np.array(columns).T

    a = clock.take("A", lambda: search(task.few[:n_a], task.origins_a, None), scale=500 / n_a)
    c = clock.take(
        "C",
        lambda: search(task.many[:n_c], task.origins_c, QUARTER_HOUR_DS),
        scale=2_000 / n_c,
    )
    return {"A": a[:, :SAMPLE], "C": _counted(c[:, :SAMPLE])}


def _counted(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    finite = np.isfinite(costs)
    return np.array([finite.sum(axis=0), np.where(finite, costs, 0).sum(axis=0)], dtype=float)


ENGINES = {
    "ours": run_ours,
    "scipy": run_scipy,
    "pandana": run_pandana,
    "networkx": run_networkx,
}


def child(engine: str, path: Path) -> None:
    """Run one engine in this process, print what it took, and keep what it said."""
    clock = Clock()
    answers = ENGINES[engine](Task(path), clock)
    np.savez(path.with_name(f"{engine}.npz"), **answers)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": clock.cpu, "wall": clock.wall, "peak_mb": peak_mb}))


def measure(name: str, engines: list[str], repeat: int) -> None:
    """Run the engines in turns on one graph, compare their answers and print the table."""
    made = GRAPHS[name]()
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.npz"
        np.savez(path, indptr=made.indptr, head=made.head, weight=made.weight, xy=made.xy)
        for turn in range(repeat):
            for engine in engines:
                if engine == "networkx" and turn >= RUNS_OF_NETWORKX:
                    continue
                runs[engine].append(_in_own_process(engine, path))
        _require_equal(Path(folder), engines)
    print(f"\n## {name}: {made.n_nodes:,} nodes, {len(made.head):,} arcs\n")
    _table(runs)


def _in_own_process(engine: str, path: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", engine, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _require_equal(folder: Path, engines: list[str]) -> None:
    with np.load(folder / "ours.npz") as ours:
        for engine in engines:
            with np.load(folder / f"{engine}.npz") as theirs:
                for work in theirs.files:
                    if not np.array_equal(ours[work], theirs[work]):
                        sys.exit(f"{engine} and ours differ in {work}: no figures")


def _table(runs: dict[str, list[dict[str, Any]]]) -> None:
    rows = {engine: _medians(results) for engine, results in runs.items()}
    names = ["build", "A", "A by dijkstra", "B", "B in one pass", "C", "load"]
    print("| engine | runs | " + " | ".join(f"{n}, CPU s (wall)" for n in names) + " | peak MB |")
    print("|---" * (len(names) + 3) + "|")
    for engine, row in rows.items():
        cells = [
            f"{row['cpu'][n]:.3g} ({row['wall'].get(n, float('nan')):.3g})"
            if n in row["cpu"]
            else "–"
            for n in names
        ]
        print(f"| {engine} | {len(runs[engine])} | {' | '.join(cells)} | {row['peak_mb']:.0f} |")
    ours = rows["ours"]["cpu"]
    print("\nRatios of CPU seconds, peer / ours:\n")
    for engine, row in rows.items():
        theirs = row["cpu"]
        if engine == "ours":
            continue
        ratios = {n: theirs[n] / ours[n] for n in ("build", "A", "B", "C") if n in theirs}
        ratios["A with one build"] = (theirs["A"] + theirs.get("build", 0)) / (
            ours["A"] + ours["build"]
        )
        shares = SHARES[engine]
        print(
            f"- {engine} ({shares[0]} of 500 in A, {shares[1]} of 2,000 in C): "
            + ", ".join(f"{n} {ratio:,.3g}×" for n, ratio in ratios.items())
        )


def _medians(results: list[dict[str, Any]]) -> dict[str, Any]:
    def middle(kind: str) -> dict[str, float]:
        return {n: statistics.median(r[kind][n] for r in results) for n in results[0][kind]}

    peak = statistics.median(r["peak_mb"] for r in results)
    return {"cpu": middle("cpu"), "wall": middle("wall"), "peak_mb": peak}


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--repeat", type=int, default=5)
    options.add_argument("--graphs", nargs="+", choices=GRAPHS, default=["porto", "city330"])
    options.add_argument("--large", action="store_true", help="also 1.1 million nodes")
    options.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    options.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        child(given.child[0], Path(given.child[1]))
        return
    names = ["numpy", "scipy", "numba", "networkx", "pandana"]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.machine()}")
    print(f"Python {platform.python_version()}, {versions}")
    for name in [*given.graphs, *(["city660"] if given.large else [])]:
        measure(name, given.engines, given.repeat)


if __name__ == "__main__":
    main()
