"""Every way in which a location model can have no plan, and what it says then.

A row for each: who cannot be served, which limit binds, and the smallest p or budget that would do.
"""

from collections.abc import Callable

import numpy as np
import pytest

from siting.errors import ModelError
from siting.optimise import (
    DistrictMinimum,
    Tank,
    backup_coverage,
    capacitated_covering,
    capacitated_p_median,
    cflp,
    cheapest,
    coverage_curve,
    flow_capture,
    flow_refuelling,
    lscp,
    mclp,
    minimax_regret,
    near_optimal,
    p_center,
    p_dispersion,
    p_median,
    roll_out,
    shortest_trips,
    spaced_sites,
    uflp,
)

LINE = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
ONES = np.ones(6)
NEAR = np.where(LINE <= 1, LINE, np.nan)
REACH = LINE <= 1
CUT = np.where(np.arange(6)[:, None] == 4, np.nan, LINE)  # point 4 reaches nobody
LOST = REACH & (np.arange(6)[:, None] != 4)
SOUTH = DistrictMinimum(site_district=list("NNNNNS"), least_sites={"S": 2})
EACH = DistrictMinimum(site_district=list("AABBCC"), least_sites=1)
TRIPS = shortest_trips(([0, 1, 1, 2], [1, 0, 2, 1], [5.0] * 4), [(0, 2, 9.0)], n_nodes=3)
TANK = Tank(range=10.0)
NEEDS_TWO = [1, 1, 0, 0, 0, 0]

TABLE: dict[str, tuple[Callable[[], object], str]] = {
    "lscp: a point out of reach": (
        lambda: lscp(LOST),
        "lscp, demand: 1 demand points that no allowed site covers .got points 4.*leave_out",
    ),
    "lscp: a district without sites": (
        lambda: lscp(REACH, districts=SOUTH),
        "lscp, district S: fewer sites may be open than it needs .got 1, expected at least 2",
    ),
    "mclp: required sites": (
        lambda: mclp(REACH, ONES, 1, roles=NEEDS_TWO),
        "mclp, p: out of range .got 1, expected 2 to 6",
    ),
    "mclp: sites in conflict": (
        lambda: mclp(REACH, ONES, 3, conflicts=[[0, 1]], roles=NEEDS_TWO),
        "mclp, conflicts: two sites that must be open .*sites 0 and 1",
    ),
    "mclp: districts beyond p": (
        lambda: mclp(REACH, ONES, 2, districts=EACH),
        "mclp, p: too few .*got 2, expected at least 3; new sites by district: A 1, B 1, C 1",
    ),
    "mclp: a share that cannot be": (
        lambda: mclp(
            LOST,
            ONES,
            2,
            districts=DistrictMinimum(demand_district=list("AAABBB"), least_share=0.8),
        ),
        "mclp, district B: its least share .*got 0.8, expected at most 0.66",
    ),
    "mclp: districts against conflicts": (
        lambda: mclp(
            REACH,
            ONES,
            4,
            conflicts=[[4, 5]],
            districts=DistrictMinimum(site_district=list("AAAACC"), least_sites={"C": 2}),
        ),
        "mclp, districts: no plan gives every district its minimum and keeps the conflicts",
    ),
    "p_median: a point out of reach": (
        lambda: p_median(CUT, ONES, 2),
        "p_median, demand: 1 demand points that no allowed site serves .got points 4",
    ),
    "p_median: too few to reach all": (
        lambda: p_median(NEAR, ONES, 1),
        "p_median, p: too few sites to reach every demand point .got 1, expected at least 2",
    ),
    "p_median: districts beyond p": (
        lambda: p_median(LINE, ONES, 2, districts=EACH),
        "p_median, p: too few sites for the minimum .*expected at least 3; .*A 1, B 1, C 1",
    ),
    "p_median: reach and districts together": (
        lambda: p_median(
            NEAR,
            ONES,
            2,
            districts=DistrictMinimum(site_district=list("AABBCC"), least_sites={"C": 2}),
        ),
        "p_median, p: too few sites to reach .*give every district .*got 2, expected at least 3",
    ),
    "p_center: a point out of reach": (
        lambda: p_center(CUT, 2),
        "p_center, demand: 1 demand points that no allowed site serves .got points 4",
    ),
    "p_center: too few to reach all": (
        lambda: p_center(NEAR, 1),
        "p_center, p: too few sites to reach every demand point .got 1, expected at least 2",
    ),
    "capacitated_p_median: p sites hold too little": (
        lambda: capacitated_p_median(LINE, ONES, 2.0, 2),
        "capacitated_p_median, capacity: the p largest .*got 4 for 6, expected at least p = 3",
    ),
    "capacitated_p_median: all sites hold too little": (
        lambda: capacitated_p_median(LINE, ONES, 0.5, 2),
        "expected more capacity: all sites together hold 3",
    ),
    "capacitated_p_median: a point out of reach": (
        lambda: capacitated_p_median(CUT, ONES, 9.0, 2),
        "capacitated_p_median, demand: 1 demand points that no allowed site serves",
    ),
    "capacitated_p_median: room in the wrong place": (
        lambda: capacitated_p_median(NEAR, ONES, [9, 0, 0, 0, 0, 9], 4),
        "the sites within reach hold only 4 of the demand of 6 .got no room for points 2, 3",
    ),
    "capacitated_p_median: reach binds p": (
        lambda: capacitated_p_median(NEAR, ONES, 3.5, 2, roles=[0, 4, 0, 0, 0, 0]),
        "p: so few sites and enlargements .* The smallest p that would do is 3",
    ),
    "capacitated_p_median: whole points do not fit": (
        lambda: capacitated_p_median(LINE[:3, :2], [2, 2, 2], 3.0, 2),
        "capacitated_p_median, allocation: whole points do not fit .*multiple",
    ),
    "capacitated_covering: required sites": (
        lambda: capacitated_covering(REACH, ONES, 1.0, 1, roles=NEEDS_TWO),
        "capacitated_covering, p: out of range .got 1, expected 2 to 6",
    ),
    "uflp: a point out of reach": (
        lambda: uflp(CUT, 1.0),
        "uflp, demand: 1 demand points that no allowed site serves .got points 4",
    ),
    "cflp: all sites hold too little": (
        lambda: cflp(LINE, 1.0, ONES, 0.5),
        "cflp, capacity: .*got 3 for 6, expected more capacity",
    ),
    "cflp: room in the wrong place": (
        lambda: cflp(NEAR, 1.0, ONES, [9, 0, 0, 0, 0, 9]),
        "cflp, capacity: the sites within reach hold only 4 .*points 2, 3",
    ),
    "cflp: a point out of reach": (
        lambda: cflp(CUT, 1.0, ONES, 9.0),
        "cflp, demand: 1 demand points that no allowed site serves",
    ),
    "p_dispersion: more than there are": (
        lambda: p_dispersion(LINE, 7),
        "p_dispersion, p: out of range .got 7, expected 2 to 6",
    ),
    "spaced_sites: required sites too near": (
        lambda: spaced_sites(LINE, 2.0, roles=NEEDS_TWO),
        "spaced_sites, roles: .* nearer to each other than the spacing .got 1, expected at least 2",
    ),
    "backup_coverage: too few to cover once": (
        lambda: backup_coverage(REACH, ONES, 1, cover_all_once=True),
        "backup_coverage: not every point can be covered once .got p = 1, expected p of at least 2",
    ),
    "backup_coverage: a point out of reach": (
        lambda: backup_coverage(LOST, ONES, 3, cover_all_once=True),
        "not every point can be covered once .got points 4 that no allowed site covers",
    ),
    "cheapest: a share that cannot be": (
        lambda: cheapest(LOST, ONES, ONES, share=1.0),
        "cheapest, share: no plan serves so much: 1 demand points reach no .*points 4 .*0.833333",
    ),
    "minimax_regret: required sites cost more": (
        lambda: minimax_regret(REACH, ONES[:, None], cost=ONES, budget=1, roles=NEEDS_TWO),
        "minimax_regret, budget: the required .*expected at least 2.*smallest budget .* is 2",
    ),
    "near_optimal: fewer than are required": (
        lambda: near_optimal(REACH, ONES, p=1, roles=NEEDS_TWO),
        "near_optimal, p: fewer sites than are required .*The smallest p that would do is 2",
    ),
    "coverage_curve: ends before the required": (
        lambda: coverage_curve(REACH, ONES, most_sites=1, roles=NEEDS_TWO),
        "coverage_curve, most_sites: out of range .got 1, expected 2 to 6",
    ),
    "roll_out: required sites cost more": (
        lambda: roll_out(REACH, ONES[:, None], ONES, [1], roles=NEEDS_TWO),
        "roll_out",
    ),
    "flow_capture: fewer than are required": (
        lambda: flow_capture(TRIPS, [0, 1, 2], p=1, roles=[1, 1, 0]),
        "flow capture, p: fewer sites than are required .*The smallest p that would do is 2",
    ),
    "flow_refuelling: fewer than are required": (
        lambda: flow_refuelling(TRIPS, [0, 1, 2], p=1, tank=TANK, roles=[1, 1, 0]),
        "flow refuelling, p: fewer sites than are required .*The smallest p that would do is 2",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_infeasible_is_explained(case: str) -> None:
    ask, line = TABLE[case]
    with pytest.raises(ModelError, match=line) as caught:
        ask()
    assert "solver" not in str(caught.value)
    assert "\n" not in str(caught.value)
