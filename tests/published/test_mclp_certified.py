"""Covering optima that were published or certified, on the instances of ``SITING_TEST_DATA``.

SJC (Lorena; p-values and optima in the classical tables for S = 800 m), Swain's 55 nodes, and the
random plane of Chen et al. (2023). Every demand point is a candidate, distances are Euclidean and
at the radius a point is covered. The values are those of the certified tables beside the data.
"""

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from siting.model import ModelSpec, SolverSettings, SolveStatus
from siting.optimise import Solution, solve
from tests import stubs
from tests.requirements import require_data

pytestmark = pytest.mark.real

SETTINGS = SolverSettings(time_limit_s=60.0, gap=0.0)

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


def _solve(points: Points, radius: float, p: int) -> Solution:
    xy, weight = points
    away = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    asked = stubs.problem(away, demand=weight, service_min=radius)
    return solve(asked, ModelSpec(kind="mclp", params={"sites": p}), settings=SETTINGS)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _columns(path: Path, *, xy: tuple[int, int], weight: int) -> Points:
    rows = np.array(
        [
            line.split()
            for line in path.read_text(encoding="utf-8").splitlines()[1:]
            if line.strip()
        ],
        dtype=float,
    )
    return rows[:, list(xy)], rows[:, weight]


def _is_certified(solution: Solution, value: float, p: int) -> None:
    assert solution.objective == pytest.approx(value, abs=1e-6)
    assert solution.bound == pytest.approx(value, rel=1e-6)
    assert solution.status is SolveStatus.OPTIMAL
    assert len(solution.sites) <= p


@pytest.mark.parametrize(
    ("name", "radius_m"),
    [
        ("SJC324", 800),
        pytest.param("SJC324", 1200, marks=pytest.mark.slow),
        pytest.param("SJC500", 800, marks=pytest.mark.slow),
        pytest.param("SJC500", 1200, marks=pytest.mark.slow),
        pytest.param("SJC818", 1600, marks=pytest.mark.slow),
    ],
)
def test_sjc(name: str, radius_m: int) -> None:
    folder = require_data("instances", "mclp")
    points = _columns(folder / f"{name}.txt", xy=(0, 1), weight=2)
    rows = [
        row
        for row in _table(folder / "optima_sjc_certified.csv")
        if row["file"] == f"{name}.txt" and float(row["radius_m"]) == radius_m
    ]
    assert rows
    for row in rows[:4]:
        assert points[1].sum() == float(row["total_demand"])
        p = int(row["p"])
        _is_certified(_solve(points, radius_m, p), float(row["optimal_covered_demand"]), p)


@pytest.mark.parametrize("radius", [5.0, 10.0, 12.0])
def test_swain_55(radius: float) -> None:
    folder = require_data("instances", "swain55")
    points = _columns(folder / "swain.txt", xy=(1, 2), weight=3)
    rows = [
        row
        for row in _table(folder / "optima_certified.csv")
        if row["problem"] == "MCLP" and float(row["S_or_p"]) == radius
    ]
    assert rows
    for row in rows:
        _is_certified(_solve(points, radius, int(row["p"])), float(row["value"]), int(row["p"]))


@pytest.mark.parametrize("name", ["n100s1", "n100s2"])
def test_chen_2023(name: str) -> None:
    folder = require_data("instances", "mclp_chen2023")
    points = _columns(folder / f"{name}.dat", xy=(1, 2), weight=4)
    rows = [
        row
        for row in _table(folder / "optima_certified.csv")
        if (row["problem"], row["instance"]) == ("MCLP", name)
    ]
    assert rows
    value = next(key for key in rows[0] if key.startswith("value"))
    for row in rows:
        p = int(row["p"])
        _is_certified(_solve(points, float(row["radius"]), p), float(row[value]), p)
