"""Readers of the public location instances; where they are and what traps they hold is in their README."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import shortest_path

from tests.requirements import require_data

Floats = NDArray[np.float64]


def folder(name: str) -> Path:
    return require_data("instances", name)


def table(name: str, file: str) -> list[dict[str, str]]:
    with (folder(name) / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def numbers(path: Path) -> list[float]:
    text = path.read_text(encoding="latin-1").replace("\x00", " ")
    return [float(word) for word in text.split() if word != "capacity"]


def columns(path: Path, *, skip: int = 1) -> Floats:
    lines = path.read_text(encoding="utf-8").splitlines()[skip:]
    return np.array([line.split() for line in lines if line.strip()], dtype=float)


def away(xy: Floats, *, floor: bool = False) -> Floats:
    distance = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    return np.floor(distance + 1e-9) if floor else distance


def graph_distances(n: int, edges: Floats) -> Floats:
    """Shortest paths where, of parallel edges, the last line wins (Beasley's rule)."""
    last = {(min(i, j), max(i, j)): length for i, j, length in edges.tolist()}
    ends = np.array(list(last), dtype=int) - 1
    graph = sparse.csr_array((list(last.values()), (ends[:, 0], ends[:, 1])), shape=(n, n))
    return shortest_path(graph, directed=False)


def pmed(name: str) -> tuple[Floats, int]:
    values = numbers(folder("pmedian_orlib") / f"{name}.txt")
    n, m, p = (int(v) for v in values[:3])
    return graph_distances(n, np.array(values[3 : 3 + 3 * m]).reshape(-1, 3)), p


def gr100() -> tuple[Floats, Floats]:
    """Distances and demand: a line an edge, with the demand of node k at the end of line k."""
    lines = (folder("mclp") / "GR100.txt").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split() for line in lines if line.strip()]
    distance = graph_distances(100, np.array([row[:3] for row in rows], dtype=float))
    return distance, np.array([row[3] for row in rows[:100]], dtype=float)


def set_cover(name: str) -> tuple[sparse.csr_array, Floats]:
    values = [int(v) for v in numbers(folder("lscp_scp_orlib") / f"{name}.txt")]
    n, m = values[:2]
    at, rows = 2 + m, []
    for _ in range(n):
        rows.append(np.array(values[at + 1 : at + 1 + values[at]]) - 1)
        at += 1 + values[at]
    start = np.r_[0, np.cumsum([len(row) for row in rows])]
    every = np.concatenate(rows)
    covers = sparse.csr_array((np.ones(len(every)), every, start), shape=(n, m))
    return covers, np.array(values[2 : 2 + m], dtype=float)


def cap(name: str) -> tuple[Floats, Floats, Floats, Floats]:
    """Capacities, charges, demand, and cost of all of a customer's demand (customer, site)."""
    values = numbers(folder("uflp_orlib") / f"{name}.txt")
    m, n = int(values[0]), int(values[1])
    has_capacity = "capacity" not in (folder("uflp_orlib") / f"{name}.txt").read_text()
    width = 2 if has_capacity else 1
    sites = np.array(values[2 : 2 + width * m]).reshape(m, width)
    rest = np.array(values[2 + width * m :]).reshape(n, m + 1)
    capacity = sites[:, 0] if has_capacity else np.full(m, np.inf)
    return capacity, sites[:, -1], rest[:, 0], rest[:, 1:]


def holmberg(name: str) -> tuple[Floats, Floats, Floats, Floats]:
    values = numbers(folder("sscflp_holmberg") / name)
    m, n = int(values[0]), int(values[1])
    sites = np.array(values[2 : 2 + 2 * m]).reshape(m, 2)
    demand = np.array(values[2 + 2 * m : 2 + 2 * m + n])
    cost = np.array(values[2 + 2 * m + n : 2 + 2 * m + n + n * m]).reshape(m, n).T
    return sites[:, 0], sites[:, 1], demand, cost


def pmedcap(name: str) -> tuple[Floats, Floats, float, int]:
    values = numbers(folder("cpmp_orlib") / f"{name}.txt")
    n, p, capacity = int(values[2]), int(values[3]), values[4]
    rows = np.array(values[5 : 5 + 4 * n]).reshape(n, 4)
    return away(rows[:, 1:3], floor=True), rows[:, 3], capacity, p


def dispersed(name: str) -> Floats:
    values = numbers(folder("pdispersion") / name)
    n = int(values[0])
    rows = np.array(values[1 : 1 + 3 * n * (n - 1) // 2]).reshape(-1, 3)
    matrix = np.zeros((n, n))
    i, j = rows[:, 0].astype(int), rows[:, 1].astype(int)
    matrix[i, j] = matrix[j, i] = rows[:, 2]
    return matrix
