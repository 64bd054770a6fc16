"""The Texas network of the flow-refuelling literature, against optima proved with another model.

Optima in SITING_TEST_DATA, instances/frlm/texas; routes are networkx's, as they were there.
"""

import csv
from functools import cache
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from siting.model import SolveStatus
from siting.optimise.flow_refuelling import Route, Tank, Trip, flow_refuelling
from tests.flow_cases import gravity_pairs, read_network
from tests.requirements import require_data


@cache
def trips() -> tuple[int, tuple[Trip, ...]]:
    weights, lengths = read_network(require_data("instances", "frlm", "texas"))
    graph = nx.Graph()
    graph.add_nodes_from(range(len(weights)))
    graph.add_weighted_edges_from((a, b, length) for (a, b), length in lengths.items())
    found = []
    for origin, destination, flow in gravity_pairs(weights, lengths):
        path = nx.dijkstra_path(graph, origin, destination)
        steps = [graph[a][b]["weight"] for a, b in pairwise(path)]
        route = Route(nodes=np.array(path), along=np.concatenate([[0.0], np.cumsum(steps)]))
        found.append(
            Trip(origin=origin, destination=destination, flow=flow, routes=(route.and_back(),))
        )
    return len(weights), tuple(found)


def rows() -> list[dict[str, str]]:
    path = require_data("instances", "frlm", "texas", "frlm_optima_milp.csv")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("tank", [10, 15, 25])
@pytest.mark.parametrize("p", [5, 10, 20])
def test_flow_refuelling_of_texas_lies_within_its_proof(tank: int, p: int) -> None:
    n, found = trips()
    (row,) = [r for r in rows() if (int(r["range"]), int(r["p"])) == (tank, p)]
    plan = flow_refuelling(found, range(n), p=p, tank=Tank(range=tank))
    proven = float(row["bound"].removeprefix("bound "))
    assert plan.objective == pytest.approx(float(row["optimal_flow"]), rel=1e-9)
    assert plan.objective <= proven * (1 + 1e-9)
    assert plan.status is SolveStatus.OPTIMAL
    assert plan.gap < 1e-6
    possible = 1 - plan.facts["out_of_range_flow"] / plan.facts["flow_total"]
    assert 100 * possible == pytest.approx(
        float(row["max_coverable_pct_with_all_nodes"]), abs=5e-5
    )
    assert plan.facts["trips"] == int(row["od"].split()[0])


def test_the_table_is_tested_whole() -> None:
    assert len(rows()) == 9
