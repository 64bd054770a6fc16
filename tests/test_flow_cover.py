"""Coverage in general: ways of sets of sites."""

import numpy as np
import pytest
from scipy import sparse

from siting.errors import ModelError
from siting.model import SolverSettings
from siting.optimise._flow_cover import is_served, merge, point_coverage, way_coverage
from siting.optimise._flow_mip import Floor, Limit, Question, answer, certify


def served(units: list[list[list[list[int]]]], sites: list[int]) -> list[bool]:
    return is_served(way_coverage(units, n_sites=5), np.array(sites, dtype=np.int64)).tolist()


def test_a_way_needs_all_its_sets_and_a_unit_one_of_its_ways() -> None:
    units = [[[[0, 1], [2]], [[3]]], []]
    assert served(units, [0, 2]) == [True, False]
    assert served(units, [0, 1]) == [False, False]
    assert served(units, [3]) == [True, False]
    assert served(units, []) == [False, False]


def test_what_is_implied_is_left_out() -> None:
    coverage = way_coverage([[[[0], [0, 1], [1, 0, 2]]]], n_sites=3)
    assert coverage.sets.toarray().tolist() == [[1, 0, 0]]


def test_a_way_with_an_empty_set_is_no_way() -> None:
    coverage = way_coverage([[[[0], []]], [[[1]]]], n_sites=2)
    assert coverage.can_serve.tolist() == [False, True]


def test_a_way_without_sets_is_refused() -> None:
    with pytest.raises(ModelError, match="needs no site at all"):
        way_coverage([[[]]], n_sites=2)


def test_equal_units_merge_and_idle_ones_go() -> None:
    table = sparse.csr_array(np.array([[1, 1], [0, 1], [1, 1], [0, 0], [1, 0]]))
    classes, weight = merge(point_coverage(table), np.array([[1.0], [2], [3], [4], [0]]))
    assert weight.ravel().tolist() == [4.0, 2.0]
    assert classes.n_units == 2


def test_a_plan_that_breaks_a_promise_goes_no_further() -> None:
    question = Question(
        coverage=way_coverage([[[[0]]], [[[1]]]], n_sites=2),
        site_gain=np.zeros(2),
        unit_gain=np.ones(2),
        limits=[Limit(name="budget", use=np.array([1.0, 2.0]), most=2.0)],
        floors=[Floor(weight=np.array([0.0, 1.0]), least=1.0)],
        never=np.array([0]),
    )
    certify(question, np.array([1]))
    for sites, message in (
        ([0, 1], "limit budget: the plan overdraws it"),
        ([], "serves less than promised"),
        ([0], "ignores required or forbidden sites"),
    ):
        with pytest.raises(ModelError, match=message):
            certify(question, np.array(sites, dtype=np.int64))
    reply = answer(
        question, start=np.array([1]), settings=SolverSettings(time_limit_s=9.0, gap=0.0)
    )
    assert (reply.sites.tolist(), reply.bound) == ([1], 1.0)
