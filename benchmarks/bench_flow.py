"""Flow refuelling: ours beside the same model written out in PuLP for CBC and in full for HiGHS.

The peers solve the arc cover–path cover of Capar et al. as it is printed: a row for every arc of
every trip. Ours first drops stretches that others imply, merges trips of the same needs and starts
from a greedy plan. Each figure is the CPU seconds of a fresh process (imports aside), routes not
included, as they are the same for all. Peers that spopt would be are missing: the flow model of its
main branch counts sites that lie off the trip, so that its answers cannot be compared.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pulp
from scipy import sparse
from scipy.spatial import Delaunay

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from siting.model import SolverSettings
from siting.optimise._highs import MixedIntegerModel, maximise
from siting.optimise.flow_refuelling import Tank, Trip, flow_refuelling, shortest_trips

REPEATS = 5
LIMIT_S = 120.0
LONGEST_ROAD_KM = 35
CASES = {
    # name: nodes, towns, stations, range in km
    "100 nodes, 435 trips, p = 6, 60 km": (100, 30, 6, 60.0),
    "150 nodes, 780 trips, p = 8, 80 km": (150, 40, 8, 80.0),
    "200 nodes, 1,225 trips, p = 10, 100 km": (200, 50, 10, 100.0),
}


def make(nodes: int, towns: int, *, seed: int = 7) -> list[Trip]:
    """Return round trips between towns of a random plane network of 100 × 100 km."""
    rng = np.random.default_rng(seed)
    xy = rng.random((nodes, 2)) * 100
    corners = Delaunay(xy).simplices
    edges = {
        (int(min(a, b)), int(max(a, b)))
        for s in corners
        for a, b in ((s[0], s[1]), (s[1], s[2]), (s[0], s[2]))
    }
    kept = [e for e in sorted(edges) if np.hypot(*(xy[e[0]] - xy[e[1]])) < LONGEST_ROAD_KM]
    a, b = np.array(kept).T
    km = np.hypot(*(xy[a] - xy[b]).T)
    arcs = (np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([km, km]))
    weight = rng.integers(1, 100, towns)
    pairs = [
        (i, j, float(weight[i] * weight[j] / np.hypot(*(xy[i] - xy[j])) ** 1.5))
        for i in range(towns)
        for j in range(i + 1, towns)
    ]
    return shortest_trips(arcs, pairs, n_nodes=nodes)


def rows_of(trip: Trip, tank: float) -> list[list[int]]:
    """Return the sites of every arc of the tour, as printed: on a tank, half of it at the start."""
    (route,) = trip.routes
    nodes, at = route.nodes.tolist(), route.along.tolist()
    rows = [
        [nodes[i] for i in range(k) if at[k] - at[i] <= tank + 1e-9]
        for k in range(1, len(at))
        if at[k] > tank / 2 + 1e-9
    ]
    return [*rows, [n for n, d in zip(nodes, at, strict=True) if at[-1] - d <= tank / 2 + 1e-9]]


def ours(trips: list[Trip], nodes: int, p: int, tank: float) -> tuple[float, float]:
    """Return flow and gap of this project's model."""
    plan = flow_refuelling(trips, range(nodes), p=p, tank=Tank(range=tank), time_limit_s=LIMIT_S)
    return plan.objective, plan.gap


def highs_in_full(trips: list[Trip], nodes: int, p: int, tank: float) -> tuple[float, float]:
    """Return flow and gap of the model as printed, built sparse, without a start."""
    flow = np.array([trip.flow for trip in trips])
    at, into, n = [], [], 0
    for q, trip in enumerate(trips):
        for sites in rows_of(trip, tank):
            at += [n] * (len(set(sites)) + 1)
            into += [*sorted(set(sites)), nodes + q]
            n += 1
    sign = np.where(np.array(into) < nodes, 1.0, -1.0)
    rows = sparse.csr_array((sign, (at, into)), shape=(n, nodes + len(trips)))
    count = sparse.csr_array(np.concatenate([np.ones(nodes), np.zeros(len(trips))])[None, :])
    model = MixedIntegerModel(
        gain=np.concatenate([np.zeros(nodes), flow / flow.sum()]),
        rows=sparse.csr_array(sparse.vstack([rows, count])),
        low=np.concatenate([np.zeros(n), [0.0]]),
        high=np.concatenate([np.full(n, np.inf), [float(p)]]),
        n_binary=nodes,
    )
    start = np.zeros(nodes + len(trips))
    found = maximise(model, settings=SolverSettings(time_limit_s=LIMIT_S, gap=0.0), start=start)
    got = float(found.values[nodes:] @ flow)
    return got, found.bound * flow.sum() / got - 1 if got else float("inf")


def pulp_and_cbc(trips: list[Trip], nodes: int, p: int, tank: float) -> tuple[float, float]:
    """Return flow of the model as printed, written in PuLP; a gap of 0 if CBC proved it."""
    model = pulp.LpProblem("flow", pulp.LpMaximize)
    x = [pulp.LpVariable(f"x{j}", cat="Binary") for j in range(nodes)]
    y = [pulp.LpVariable(f"y{q}", 0, 1) for q in range(len(trips))]
    model += pulp.lpSum(trip.flow * y[q] for q, trip in enumerate(trips))
    for q, trip in enumerate(trips):
        for sites in rows_of(trip, tank):
            model += pulp.lpSum(x[j] for j in sorted(set(sites))) >= y[q]
    model += pulp.lpSum(x) <= p
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=LIMIT_S, gapRel=0.0))
    proven = model.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(model.objective)), 0.0 if proven else float("nan")


ENGINES: dict[str, Callable[[list[Trip], int, int, float], tuple[float, float]]] = {
    "ours": ours,
    "HiGHS in full": highs_in_full,
    "PuLP + CBC": pulp_and_cbc,
}


def one(case: str, engine: str) -> None:
    """Solve once in this process and print seconds, flow and gap as JSON."""
    nodes, towns, p, tank = CASES[case]
    trips = make(nodes, towns)
    before = _cpu_s()
    flow, gap = ENGINES[engine](trips, nodes, p, tank)
    print(json.dumps({"cpu_s": _cpu_s() - before, "flow": flow, "gap": gap}))


def _cpu_s() -> float:
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def main() -> None:
    """Run every engine on every case in turn, and print medians and ratios."""
    print(
        f"flow refuelling; {platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, highspy {version('highspy')}, "
        f"PuLP {pulp.__version__}"
    )
    for case in CASES:
        found: dict[str, list[dict[str, float]]] = {name: [] for name in ENGINES}
        for _ in range(REPEATS):
            for name in ENGINES:
                command = [sys.executable, __file__, case, name]
                done = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
                found[name].append(json.loads(done.stdout.splitlines()[-1]))
        print(f"\n{case} (CPU s, median of {REPEATS}, spread)")
        base = statistics.median(run["cpu_s"] for run in found["ours"])
        flows = [runs[0]["flow"] for runs in found.values()]
        for name, runs in found.items():
            seconds = [run["cpu_s"] for run in runs]
            middle = statistics.median(seconds)
            print(
                f"  {name:14s} {middle:8.3f}  {min(seconds):.3f}…{max(seconds):.3f}  "
                f"{middle / base:6.1f}×  flow {runs[0]['flow']:.6g}  gap {runs[0]['gap']:.1e}"
            )
        same = max(flows) - min(flows) <= 1e-6 * max(flows)
        print(f"  answers {'agree' if same else 'DIFFER: someone ran out of time or is wrong'}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        one(*sys.argv[1:])
    else:
        main()
