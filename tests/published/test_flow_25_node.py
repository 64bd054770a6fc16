"""The 25-node network of Simchi-Levi and Berman, used by Kuby and Lim: every site set was enumerated.

The table (SITING_TEST_DATA, instances/frlm/25node) holds the optimum of flow refuelling for three
ranges, 1 to 25 stations, two public weights of node 4 and two rules for tied shortest paths.
"""

import csv
from functools import cache

import pytest

from siting.model import SolveStatus
from siting.optimise.flow_refuelling import Tank, Trip, flow_refuelling, shortest_trips
from tests.flow_cases import both_ways, gravity_pairs, read_network
from tests.requirements import require_data

RULE = {"lex": "first", "any": "any"}
CASES = [(weight, rule, tank) for weight in (32, 50) for rule in RULE for tank in (4, 8, 12)]


@cache
def trips(weight: int, rule: str) -> tuple[Trip, ...]:
    folder = require_data("instances", "frlm", "25node")
    weights, lengths = read_network(folder, node_4_weight=weight)
    arcs = both_ways((a, b, c) for (a, b), c in lengths.items())
    pairs = gravity_pairs(weights, lengths)
    return tuple(shortest_trips(arcs, pairs, n_nodes=25, ties=RULE[rule]))


@cache
def table() -> dict[tuple[int, str, int, int], tuple[float, float]]:
    path = require_data("instances", "frlm", "25node", "frlm_exact_optima_enumerated.csv")
    with path.open(encoding="utf-8") as file:
        return {
            (int(r["node4_weight"]), r["path_rule"], int(r["range"]), int(r["p"])): (
                float(r["flow"]),
                float(r["total_flow"]),
            )
            for r in csv.DictReader(file)
        }


def check(weight: int, rule: str, tank: int, p: int) -> None:
    plan = flow_refuelling(trips(weight, rule), range(25), p=p, tank=Tank(range=tank))
    flow, total = table()[weight, rule, tank, p]
    assert plan.objective == pytest.approx(flow, rel=1e-9)
    assert plan.facts["flow_total"] == pytest.approx(total, rel=1e-9)
    assert plan.status is SolveStatus.OPTIMAL
    assert plan.gap < 1e-6
    assert len(plan.sites) <= p


def test_the_table_has_every_case() -> None:
    assert sorted(table()) == sorted((*case, p) for case in CASES for p in range(1, 26))


@pytest.mark.parametrize("p", [1, 2, 5, 12, 20])
@pytest.mark.parametrize(("weight", "rule", "tank"), CASES)
def test_flow_refuelling_equals_enumeration(weight: int, rule: str, tank: int, p: int) -> None:
    check(weight, rule, tank, p)


@pytest.mark.slow
@pytest.mark.parametrize(("weight", "rule", "tank"), CASES)
def test_flow_refuelling_equals_enumeration_for_every_p(weight: int, rule: str, tank: int) -> None:
    for p in range(1, 26):
        check(weight, rule, tank, p)


def test_the_tie_rule_changes_the_optimum() -> None:
    first = flow_refuelling(trips(32, "lex"), range(25), p=1, tank=Tank(range=8))
    any_ = flow_refuelling(trips(32, "any"), range(25), p=1, tank=Tank(range=8))
    assert 100 * first.facts["flow_share"] == pytest.approx(13.37, abs=0.005)
    assert 100 * any_.facts["flow_share"] == pytest.approx(17.13, abs=0.005)


def test_gains_grow_with_the_number_of_stations_as_kuby_and_lim_found() -> None:
    """With a short range one more station can bring more than the one before."""
    shares = [
        100
        * flow_refuelling(trips(32, "lex"), range(25), p=p, tank=Tank(range=4)).facts["flow_share"]
        for p in range(1, 5)
    ]
    gains = [b - a for a, b in zip([0.0, *shares], shares, strict=False)]
    assert gains == pytest.approx([4.92, 1.40, 5.50, 8.57], abs=0.006)
