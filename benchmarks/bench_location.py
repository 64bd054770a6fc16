"""Location models beside spopt+CBC and direct HiGHS models: CPU seconds of fresh processes, ratios.

Run it by hand or through ``make bench``; ``--full`` adds the large cases. Every engine gets the same
instance from the same seed, and engines that finish must agree before a ratio is printed.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree


def town(n: int, m: int, radius: float) -> tuple[sparse.csr_array, np.ndarray]:
    """Return who covers whom and demand 1 … 100 on a random unit square, seed 0."""
    rng = np.random.default_rng(0)
    points, sites = rng.random((n, 2)), rng.random((m, 2))
    demand = rng.integers(1, 101, n)
    near = cKDTree(points).query_ball_point(sites, radius, return_sorted=True)
    start = np.r_[0, np.cumsum([len(part) for part in near])]
    index = np.concatenate([np.asarray(part, dtype=np.int32) for part in near])
    ones = np.ones(len(index), dtype=np.int8)
    return sparse.csr_array(sparse.csc_array((ones, index, start), shape=(n, m))), demand


def plane(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return coordinates in a kilometre square and demand 1 … 100, seed 0."""
    rng = np.random.default_rng(0)
    return rng.random((n, 2)) * 1000, rng.integers(1, 101, n).astype(float)


def own_mclp(n: int, m: int, radius: float, p: int) -> tuple[float, float]:
    """Solve with our own: maximal covering."""
    from siting.optimise import mclp  # noqa: PLC0415 - fresh process

    covers, demand = town(n, m, radius)
    began = time.process_time()
    mclp(covers[:50], demand[:50], 1)  # load the compiled kernels: told apart
    warm = time.process_time()
    found = mclp(covers, demand, p)
    print(f"load {warm - began:.2f}", file=sys.stderr)
    return found.objective, time.process_time() - warm


def highs_mclp(n: int, m: int, radius: float, p: int) -> tuple[float, float]:
    """Solve the textbook model, a row a demand point, straight in HiGHS."""
    from siting.model import SolverSettings  # noqa: PLC0415
    from siting.optimise._highs import MixedIntegerModel, maximise  # noqa: PLC0415

    covers, demand = town(n, m, radius)
    began = time.process_time()
    serve = sparse.hstack([covers.astype(float), -sparse.eye_array(n)])
    count = sparse.csr_array(np.r_[np.ones(m), np.zeros(n)][None, :])
    model = MixedIntegerModel(
        gain=np.r_[np.zeros(m), demand.astype(float)],
        rows=sparse.csr_array(sparse.vstack([serve, count])),
        low=np.r_[np.zeros(n), 0.0],
        high=np.r_[np.full(n, np.inf), float(p)],
        n_binary=m,
    )
    settings = SolverSettings(time_limit_s=120, gap=0.0)
    found = maximise(model, settings=settings, start=np.zeros(m + n))
    return float(model.gain @ found.values), time.process_time() - began


def spopt_mclp(n: int, m: int, radius: float, p: int) -> tuple[float, float]:
    """Solve with spopt: model with CBC, from the same cost matrix."""
    import pulp  # noqa: PLC0415
    from spopt.locate import MCLP  # noqa: PLC0415

    covers, demand = town(n, m, radius)
    cost = np.where(covers.toarray() > 0, 0.0, 2.0)
    began = _cpu()
    model = MCLP.from_cost_matrix(cost, demand, service_radius=1.0, p_facilities=p)
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=300))
    return float(pulp.value(model.problem.objective)), _cpu() - began


def own_lscp(n: int, m: int, radius: float, _: int) -> tuple[float, float]:
    """Solve with our own: set covering."""
    from siting.optimise import lscp  # noqa: PLC0415

    covers, _demand = town(n, m, radius)
    lscp(covers[:50], unreachable="leave_out")
    began = time.process_time()
    found = lscp(covers, unreachable="leave_out")
    return found.objective, time.process_time() - began


def spopt_lscp(n: int, m: int, radius: float, _: int) -> tuple[float, float]:
    """Solve with spopt: set covering, on the points that can be covered."""
    import pulp  # noqa: PLC0415
    from spopt.locate import LSCP  # noqa: PLC0415

    covers, _demand = town(n, m, radius)
    table = covers.toarray() > 0
    cost = np.where(table[table.any(axis=1)], 0.0, 2.0)
    began = _cpu()
    model = LSCP.from_cost_matrix(cost, service_radius=1.0)
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=300))
    return float(pulp.value(model.problem.objective)), _cpu() - began


def own_median(n: int, m: int, _: float, p: int) -> tuple[float, float]:
    """Solve with our own: p-median on n points, the first m of them sites."""
    from siting.optimise import p_median  # noqa: PLC0415

    cost, demand = _whole(n, m)
    p_median(cost[:20, :20], demand[:20], 3)
    began = time.process_time()
    found = p_median(cost, demand, p)
    return found.objective, time.process_time() - began


def spopt_median(n: int, m: int, _: float, p: int) -> tuple[float, float]:
    """Solve with spopt: p-median with CBC."""
    import pulp  # noqa: PLC0415
    from spopt.locate import PMedian  # noqa: PLC0415

    cost, demand = _whole(n, m)
    began = _cpu()
    model = PMedian.from_cost_matrix(cost, demand, p_facilities=p)
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=300))
    return float(pulp.value(model.problem.objective)), _cpu() - began


def own_capacitated(n: int, m: int, _: float, p: int) -> tuple[float, float]:
    """Solve with our own: p-median of whole points in sites with room for a little more than a p-th."""
    from siting.optimise import capacitated_p_median  # noqa: PLC0415

    cost, demand = _whole(n, m)
    small = demand[:20]
    capacitated_p_median(cost[:20, :20], small, small.sum(), 3, allocation="single")
    began = time.process_time()
    found = capacitated_p_median(cost, demand, _room(demand, p), p, allocation="single")
    return found.objective, time.process_time() - began


def spopt_capacitated(n: int, m: int, _: float, p: int) -> tuple[float, float]:
    """Solve with spopt: the same with CBC."""
    import pulp  # noqa: PLC0415
    from spopt.locate import PMedian  # noqa: PLC0415

    cost, demand = _whole(n, m)
    began = _cpu()
    model = PMedian.from_cost_matrix(
        cost, demand, p_facilities=p, facility_capacities=np.full(m, _room(demand, p))
    )
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=300))
    return float(pulp.value(model.problem.objective)), _cpu() - began


def _room(demand: np.ndarray, p: int) -> float:
    return float(np.ceil(1.2 * demand.sum() / p))


def own_center(n: int, m: int, _: float, p: int) -> tuple[float, float]:
    """Solve with our own: p-center."""
    from siting.optimise import p_center  # noqa: PLC0415

    cost, _demand = _whole(n, m)
    p_center(cost[:20, :20], 3)
    began = time.process_time()
    found = p_center(cost, p)
    return found.objective, time.process_time() - began


def spopt_center(n: int, m: int, _: float, p: int) -> tuple[float, float]:
    """Solve with spopt: p-center with CBC."""
    import pulp  # noqa: PLC0415
    from spopt.locate import PCenter  # noqa: PLC0415

    cost, _demand = _whole(n, m)
    began = _cpu()
    model = PCenter.from_cost_matrix(cost, p_facilities=p)
    model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=300))
    return float(pulp.value(model.problem.objective)), _cpu() - began


def own_plane(n: int, limit_s: float, _: float, p: int) -> tuple[float, float]:
    """Solve with our own: p-median from coordinates; the value is the gap in percent."""
    from siting.optimise import p_median_on_plane  # noqa: PLC0415

    xy, demand = plane(n)
    p_median_on_plane(xy[:50], xy[:50], demand[:50], 3)
    began = time.process_time()
    found = p_median_on_plane(xy, xy, demand, p, time_limit_s=limit_s)
    print(f"wall {found.seconds:.1f} s", file=sys.stderr)
    return 100 * found.gap, time.process_time() - began


def _whole(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    xy, demand = plane(n)
    return np.floor(np.hypot(*(xy[:, None] - xy[None, :m]).transpose(2, 0, 1))), demand


def _cpu() -> float:
    """CPU seconds of this process and of the solvers it started."""
    own, below = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime


CASES = {
    "MCLP 5,000 x 100, p=10": (
        (5_000, 100, 0.1, 10),
        {"own": own_mclp, "HiGHS direct": highs_mclp, "spopt+CBC": spopt_mclp},
    ),
    "LSCP 2,000 x 100": ((2_000, 100, 0.2, 0), {"own": own_lscp, "spopt+CBC": spopt_lscp}),
    "p-median 100 x 100, p=10": (
        (100, 100, 0.0, 10),
        {"own": own_median, "spopt+CBC": spopt_median},
    ),
    "capacitated p-median 50 x 50, p=5, whole points": (
        (50, 50, 0.0, 5),
        {"own": own_capacitated, "spopt+CBC": spopt_capacitated},
    ),
    "p-center 60 x 60, p=5": ((60, 60, 0.0, 5), {"own": own_center, "spopt+CBC": spopt_center}),
}
LARGE = {
    "MCLP 1,000,000 x 1,000, p=30": ((1_000_000, 1_000, 0.05, 30), {"own": own_mclp}),
    "p-median 1,000 x 1,000, p=20": ((1_000, 1_000, 0.0, 20), {"own": own_median}),
    "p-median 3,000 on a plane, p=50, 60 s, gap %": ((3_000, 60, 0.0, 50), {"own": own_plane}),
    "p-median 10,000 on a plane, p=100, 120 s, gap %": (
        (10_000, 120, 0.0, 100),
        {"own": own_plane},
    ),
}


def _fresh(case: str, engine: str) -> dict[str, float] | None:
    command = [sys.executable, __file__, "--case", case, "--engine", engine]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    lines = done.stdout.strip().splitlines()
    return json.loads(lines[-1]) if done.returncode == 0 and lines else None


def _report(name: str, runs: int) -> None:
    _, engines = (CASES | LARGE)[name]
    taken: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    for _ in range(runs):
        for engine in engines:  # round robin: what else the machine does hits all alike
            answer = _fresh(name, engine)
            if answer is not None:
                taken[engine].append(answer)
    own = taken["own"]
    print(f"\n{name}")
    for engine, answers in taken.items():
        if not answers or not own:
            print(f"  {engine:<14} no answer")
            continue
        cpu = [a["cpu_s"] for a in answers]
        middle, mine = statistics.median(cpu), statistics.median(a["cpu_s"] for a in own)
        agrees = abs(answers[0]["value"] - own[0]["value"]) <= 1e-6 * abs(own[0]["value"]) + 1e-6
        ratio = f"{middle / mine:.1f}x" if agrees else "another answer: no ratio"
        print(
            f"  {engine:<14} value {answers[0]['value']:.6g}  CPU {middle:.3f} s "
            f"({min(cpu):.3f}-{max(cpu):.3f})  RSS {answers[0]['rss_mb']:.0f} MB  {ratio}"
        )


def main() -> None:
    """Run the cases, or one engine in this process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--case")
    parser.add_argument("--engine")
    asked = parser.parse_args()
    if asked.engine:
        arguments, engines = (CASES | LARGE)[asked.case]
        value, cpu_s = engines[asked.engine](*arguments)
        rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"value": value, "cpu_s": cpu_s, "rss_mb": rss_mb}))
        return
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    for name in [asked.case] if asked.case else CASES:
        _report(name, asked.runs)
    for name in LARGE if asked.full and not asked.case else ():
        _report(name, 1)


if __name__ == "__main__":
    main()
