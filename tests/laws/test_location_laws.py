"""What holds for every covering, median and centre model, whatever the question."""

import numpy as np
from hypothesis import given, settings, strategies as st

from siting.optimise import SiteRole, lscp, mclp, p_center, p_dispersion, p_median, uflp

FEW = settings(max_examples=8)
SEEDS = st.integers(0, 2**32 - 1)


def _town(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 30, (12, 2)).astype(float)
    cost = np.hypot(*(xy[:, None] - xy[None, :8]).transpose(2, 0, 1))
    return cost, rng.integers(1, 9, 12).astype(float)


@FEW
@given(SEEDS)
def test_more_sites_never_serve_worse(seed: int) -> None:
    cost, demand = _town(seed)
    plans = range(1, 8)
    median = [p_median(cost, demand, p).objective for p in plans]
    center = [p_center(cost, p).objective for p in plans]
    cover = [mclp(cost <= 10, demand, p).objective for p in plans]
    assert all(np.diff(median) <= 1e-9)
    assert all(np.diff(center) <= 1e-9)
    assert all(np.diff(cover) >= -1e-9)


@FEW
@given(SEEDS)
def test_order_of_points_and_sites_does_not_matter(seed: int) -> None:
    cost, demand = _town(seed)
    rng = np.random.default_rng(seed)
    i, j = rng.permutation(12), rng.permutation(8)
    turned = cost[i][:, j]
    pairs = (
        (p_median(cost, demand, 3), p_median(turned, demand[i], 3)),
        (p_center(cost, 3), p_center(turned, 3)),
        (mclp(cost <= 10, demand, 3), mclp(turned <= 10, demand[i], 3)),
        (uflp(cost, 9.0), uflp(turned, 9.0)),
    )
    for one, other in pairs:
        assert abs(one.objective - other.objective) <= 1e-9 * max(1.0, one.objective)


@FEW
@given(SEEDS, st.floats(1e-6, 1e6))
def test_the_unit_of_demand_scales_the_median(seed: int, factor: float) -> None:
    cost, demand = _town(seed)
    one, other = p_median(cost, demand, 3), p_median(cost, demand * factor, 3)
    assert abs(one.objective * factor - other.objective) <= 1e-7 * other.objective


@FEW
@given(SEEDS)
def test_covering_and_centre_agree(seed: int) -> None:
    """p sites cover all within the centre's radius, and none fewer cover within less."""
    cost, _ = _town(seed)
    found = p_center(cost, 3)
    assert lscp(cost <= found.objective).objective <= 3
    if found.objective > cost.min(axis=1).max():
        assert lscp(cost < found.objective).objective > 3


@FEW
@given(SEEDS)
def test_roles_are_kept_and_cost_what_they_bar(seed: int) -> None:
    cost, demand = _town(seed)
    rng = np.random.default_rng(seed)
    roles = rng.permutation([SiteRole.REQUIRED, SiteRole.FORBIDDEN, *[0] * 6])
    found = p_median(cost, demand, 3, roles=roles)
    assert np.flatnonzero(roles == SiteRole.REQUIRED)[0] in found.sites
    assert np.flatnonzero(roles == SiteRole.FORBIDDEN)[0] not in found.sites
    assert found.objective >= p_median(cost, demand, 3).objective - 1e-9


@FEW
@given(SEEDS)
def test_fewer_sites_can_be_spread_farther(seed: int) -> None:
    cost, _ = _town(seed)
    square = cost[:8]
    spread = [p_dispersion(square, p).objective for p in range(2, 8)]
    assert all(np.diff(spread) <= 1e-9)
