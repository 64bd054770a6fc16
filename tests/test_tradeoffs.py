"""Which sites every good plan has, and who may stand in for whom."""

import numpy as np

from siting._tradeoffs import tradeoffs
from siting.model import SolverSettings
from tests.stubs import facility, problem

_SETTINGS = SolverSettings(time_limit_s=10.0, gap=0.0)


def test_where_nothing_can_be_exchanged_nobody_stands_in() -> None:
    # Each point is reached by one site alone, so that only one plan is good.
    asked = problem([[1.0, 99.0, 99.0], [99.0, 1.0, 99.0], [99.0, 99.0, 1.0]], demand=[9, 5, 1])
    found = tradeoffs(facility(), asked, np.array([0, 1]), _SETTINGS).standing
    assert found["standing"].tolist() == ["always", "always", "never"]
    assert found["stands_in_for"].tolist() == ["", "", ""]


def test_a_site_of_the_same_reach_may_stand_in() -> None:
    asked = problem([[1.0, 1.0, 99.0], [99.0, 99.0, 1.0]], demand=[9, 5])
    found = tradeoffs(facility(), asked, np.array([0, 2]), _SETTINGS).standing
    assert found["standing"].tolist() == ["sometimes", "sometimes", "always"]
    assert sorted(found["stands_in_for"])[:2] == ["", ""]
    assert {"C000", "C001"} & set(found["stands_in_for"])
