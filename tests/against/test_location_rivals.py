"""Competitors, enlargeable sites and district minima against the enumeration of all plans."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import sparse
from scipy.optimize import linprog

from siting.errors import ModelError
from siting.model import SolveStatus
from siting.optimise import (
    Competition,
    SiteRole,
    Solution,
    backup_coverage,
    capacitated_covering,
    capacitated_p_median,
    cflp,
    cheapest,
    coverage_curve,
    lscp,
    mclp,
    minimax_regret,
    near_optimal,
    p_center,
    p_dispersion,
    p_median,
    p_median_on_plane,
    roll_out,
    spaced_sites,
    uflp,
)

FEW = settings(max_examples=40)
SEEDS = st.integers(0, 2**32 - 1)
Sites = tuple[int, ...]


class Market:
    """A random question with competitors: whole costs, so that ties are common."""

    def __init__(self, seed: int, *, rivals: bool = True) -> None:
        rng = np.random.default_rng(seed)
        self.n, self.m = int(rng.integers(2, 9)), int(rng.integers(3, 8))
        shape = (self.n, self.m)
        self.cost = rng.integers(1, 7, shape).astype(float)
        self.demand = rng.integers(0, 6, self.n).astype(float)
        self.demand[0] += 1.0
        self.covers = rng.random(shape) < 0.6
        kinds = [0, 0, 0, SiteRole.REQUIRED, SiteRole.EXISTING, SiteRole.FORBIDDEN]
        self.roles = rng.choice([*kinds, SiteRole.COMPETITOR, SiteRole.COMPETITOR], self.m)
        if not rivals:
            self.roles[self.roles == SiteRole.COMPETITOR] = 0
        self.roles[0] = 0
        self.rivals = np.flatnonzero(self.roles == SiteRole.COMPETITOR)
        self.required = int((self.roles == SiteRole.REQUIRED).sum())
        free = int((self.roles == 0).sum())
        self.p = self.required + int(rng.integers(0 if self.required else 1, free + 1))
        self.appeal = rng.integers(1, 5, self.m).astype(float)
        self.site_district = rng.integers(0, 3, self.m)
        self.point_district = rng.integers(0, 3, self.n)

    def plans(self, p: int | None = None, *, exact: bool = False) -> Iterator[Sites]:
        must = [j for j in range(self.m) if self.roles[j] in {1, 2}]
        may = [j for j in range(self.m) if self.roles[j] == 0]
        spare = len(may) if p is None else p - self.required
        for k in range(spare if exact else 0, spare + 1):
            for more in itertools.combinations(may, k):
                yield tuple(sorted([*must, *more]))


def _check(found: Solution, best: float) -> None:
    assert found.status is SolveStatus.OPTIMAL
    assert found.objective == pytest.approx(best, rel=1e-7, abs=1e-7)
    assert found.bound == pytest.approx(best, rel=1e-6, abs=1e-6)


def _captured(market: Market, sites: Sites, *, with_cost: bool) -> float:
    total = 0.0
    for i in range(market.n):
        near = [market.cost[i, j] if with_cost else 0 for j in sites if market.covers[i, j]]
        far = [market.cost[i, j] if with_cost else 0 for j in market.rivals if market.covers[i, j]]
        if near and (not far or min(near) < min(far)):
            total += market.demand[i]
    return total


@FEW
@given(seed=SEEDS, with_cost=st.booleans(), as_sparse=st.booleans())
def test_the_nearest_takes_the_point_and_a_tie_stays_with_the_competitor(
    seed: int, *, with_cost: bool, as_sparse: bool
) -> None:
    market = Market(seed)
    best = max(_captured(market, s, with_cost=with_cost) for s in market.plans(market.p))
    cost = sparse.csr_array(market.cost) if as_sparse else market.cost
    competition = Competition(cost=cost) if with_cost else None
    covers = sparse.csr_array(market.covers.astype(float)) if as_sparse else market.covers
    found = mclp(covers, market.demand, market.p, roles=market.roles, competition=competition)
    _check(found, best)
    assert not set(found.sites.tolist()) & set(market.rivals.tolist())
    won = np.asarray(found.allocation) >= 0
    assert market.demand[won].sum() == pytest.approx(found.objective)
    options = {"roles": market.roles, "competition": competition}
    curve = coverage_curve(covers, market.demand, most_sites=market.p, **options)
    assert curve.served[-1] == pytest.approx(best)
    if best > 0:
        near = near_optimal(covers, market.demand, p=market.p, **options)
        assert near.best.objective == pytest.approx(best)
        assert not set(near.sometimes.tolist()) & set(market.rivals.tolist())


def _huff(market: Market, sites: Sites, decay: float) -> float:
    total = 0.0
    for i in range(market.n):
        pull = market.appeal / market.cost[i] ** decay * market.covers[i]
        ours, theirs = pull[list(sites)].sum(), pull[market.rivals].sum()
        if ours > 0:
            total += market.demand[i] * ours / (ours + theirs)
    return total


@FEW
@given(seed=SEEDS, decay=st.sampled_from([0.5, 1.0, 2.0, 9.0]), with_conflicts=st.booleans())
def test_huff_shares(seed: int, decay: float, *, with_conflicts: bool) -> None:
    market = Market(seed)
    free = np.flatnonzero(market.roles == 0)
    pairs = [free[:2].tolist()] if with_conflicts and len(free) > 1 else []
    best = max(
        _huff(market, s, decay)
        for s in market.plans(market.p)
        if not any(set(pair) <= set(s) for pair in pairs)
    )
    competition = Competition(
        cost=market.cost, rule="huff", attractiveness=market.appeal, decay=decay
    )
    found = mclp(
        market.covers,
        market.demand,
        market.p,
        roles=market.roles,
        competition=competition,
        conflicts=pairs,
    )
    _check(found, best)
    assert found.objective == pytest.approx(_huff(market, tuple(found.sites), decay))


@FEW
@given(seed=SEEDS, as_sparse=st.booleans())
def test_the_median_goes_to_the_nearest_of_anyone(seed: int, *, as_sparse: bool) -> None:
    market = Market(seed)

    def total(sites: Sites) -> float:
        everyone = [*sites, *market.rivals]
        return float((market.cost[:, everyone].min(axis=1) * market.demand).sum())

    best = min(total(s) for s in market.plans(market.p) if s)
    cost = sparse.csr_array(market.cost) if as_sparse else market.cost
    found = p_median(cost, market.demand, market.p, roles=market.roles)
    _check(found, best)
    ours = market.cost[:, found.sites].min(axis=1)
    theirs = market.cost[:, market.rivals].min(axis=1, initial=np.inf)
    assert found.facts["demand_lost"] == market.demand[theirs <= ours].sum()
    assert ((np.asarray(found.allocation) < 0) == (theirs <= ours)).all()


def test_the_median_on_a_plane_knows_competitors() -> None:
    xy = np.array([[0.0, 0.0], [1.0, 0.0], [10.0, 0.0]])
    found = p_median_on_plane(xy, xy, [5, 1, 1], 1, roles=[SiteRole.COMPETITOR, 0, 0])
    # A median alone would stand at 0 or 1: the competitor has those, and keeps what it is nearer to.
    assert found.sites.tolist() == [2]
    assert found.objective == 1.0
    assert found.facts["demand_lost"] == 6.0
    assert np.asarray(found.allocation).tolist() == [-1, -1, 2]


@FEW
@given(SEEDS)
def test_a_competitor_never_brings_us_demand(seed: int) -> None:
    market = Market(seed)
    alone = np.where(market.roles == SiteRole.COMPETITOR, SiteRole.FORBIDDEN, market.roles)
    whole = mclp(market.covers, market.demand, market.p, roles=alone).objective
    for rule in ("nearest", "huff"):
        rivalry = Competition(cost=market.cost, rule=rule)
        found = mclp(
            market.covers, market.demand, market.p, roles=market.roles, competition=rivalry
        )
        assert found.objective <= whole + 1e-9


@pytest.mark.parametrize(
    ("competition", "line"),
    [
        (Competition(cost=np.zeros((3, 3)), rule="huff"), "a cost of 0 draws without limit"),
        (Competition(cost=np.ones((3, 3)), rule="huff", decay=0), "mclp, decay: not above 0"),
        (Competition(cost=np.ones((2, 3))), "costs of another size than covers"),
        (Competition(cost=np.full((3, 3), np.nan)), "pairs that cover and have no cost"),
        (
            Competition(cost=np.ones((3, 3)), rule="huff", attractiveness=[1, 0, 1]),
            "a site that attracts nobody .got 0 at 1",
        ),
        (Competition(cost=np.full((3, 3), 1e200), rule="huff", decay=9), "too large or too small"),
        (Competition(cost=np.ones((3, 3)), rule="haff"), "mclp, rule: no such rule"),
    ],
)
def test_competition_that_means_nothing_is_refused(competition: Competition, line: str) -> None:
    roles = [0, 0, SiteRole.COMPETITOR]
    with pytest.raises(ModelError, match=line) as caught:
        mclp(np.eye(3) + 1, np.ones(3), 1, roles=roles, competition=competition)
    assert "\n" not in str(caught.value)


def _grown(
    market: Market, sites: Sites, upgrade: np.ndarray, grown: Sites, *, single: bool
) -> float:
    """Least cost of serving all demand from these sites, those in ``grown`` enlarged."""
    room = market.capacity + np.where(np.isin(np.arange(market.m), grown), upgrade, 0.0)
    best = np.inf
    if single:
        for choice in itertools.product(sites, repeat=market.n):
            load = np.bincount(choice, weights=market.demand, minlength=market.m)
            if (load <= room + 1e-9).all():
                value = market.cost[np.arange(market.n), list(choice)] @ market.demand
                best = min(best, float(value))
        return best
    if not sites:
        return np.inf
    k, open_ = len(sites), list(sites)
    answer = linprog(
        (market.cost[:, open_] * market.demand[:, None]).ravel(),
        A_ub=np.kron(market.demand, np.eye(k)),
        b_ub=room[open_],
        A_eq=np.kron(np.eye(market.n), np.ones(k)),
        b_eq=np.ones(market.n),
    )
    return float(answer.fun) if answer.status == 0 else np.inf


@settings(max_examples=25)
@given(seed=SEEDS, single=st.booleans(), charged=st.booleans())
def test_enlarging_counts_or_costs(seed: int, *, single: bool, charged: bool) -> None:
    market = Market(seed, rivals=False)
    rng = np.random.default_rng(seed)
    market.n = min(market.n, 4)
    market.cost, market.demand = market.cost[: market.n], market.demand[: market.n]
    market.capacity = rng.integers(1, 8, market.m).astype(float)
    upgrade = rng.integers(1, 9, market.m).astype(float)
    fee, more = rng.integers(0, 9, (2, market.m)).astype(float)
    market.roles[market.roles == SiteRole.EXISTING] = SiteRole.UPGRADABLE
    market.roles[-1] = SiteRole.UPGRADABLE
    ups = np.flatnonzero(market.roles == SiteRole.UPGRADABLE).tolist()
    market.required = int((market.roles == SiteRole.REQUIRED).sum())
    market.p = max(market.p, market.required)
    best = np.inf
    for sites in market.plans():
        for some in itertools.chain.from_iterable(
            itertools.combinations(ups, k) for k in range(len(ups) + 1)
        ):
            open_ = tuple(sorted({*sites, *ups}))
            new = [j for j in open_ if j not in ups]
            if not charged and len(new) + len(some) > market.p:
                continue
            value = _grown(market, open_, upgrade, some, single=single)
            value += (fee[new].sum() + more[list(some)].sum()) if charged else 0.0
            best = min(best, value)
    options = {
        "roles": market.roles,
        "upgrade": upgrade,
        "allocation": "single" if single else "multiple",
    }

    def solve() -> Solution:
        if charged:
            return cflp(
                market.cost, fee, market.demand, market.capacity, upgrade_charge=more, **options
            )
        return capacitated_p_median(
            market.cost, market.demand, market.capacity, market.p, **options
        )

    if not np.isfinite(best):
        with pytest.raises(ModelError):
            solve()
        return
    found = solve()
    _check(found, best)
    load = np.asarray(found.shares.T @ market.demand).ravel()
    assert found.facts["sites_enlarged"] == (load > market.capacity + 1e-6).sum()


def test_enlarging_serves_more_within_reach() -> None:
    roles = [SiteRole.UPGRADABLE, 0]
    asked = ([[1, 0], [1, 0], [0, 1]], [2, 2, 1], [2, 1], 1)
    found = capacitated_covering(*asked, roles=roles, upgrade=[2, 0])
    assert (found.objective, found.sites.tolist()) == (4, [0])
    assert found.facts["sites_enlarged"] == 1
    with pytest.raises(ModelError, match="upgrade: upgradable sites, and nothing they may grow"):
        capacitated_covering(*asked, roles=roles)


ONES = np.ones((3, 3))
REFUSALS = {
    "lscp": lambda roles: lscp(ONES, roles=roles),
    "p_center": lambda roles: p_center(ONES, 1, roles=roles),
    "uflp": lambda roles: uflp(ONES, 1.0, roles=roles),
    "backup_coverage": lambda roles: backup_coverage(ONES, [1, 1, 1], 1, roles=roles),
    "p_dispersion": lambda roles: p_dispersion(ONES, 2, roles=roles),
    "spaced_sites": lambda roles: spaced_sites(ONES, 0.5, roles=roles),
    "minimax_regret": lambda roles: minimax_regret(ONES, ONES, p=1, roles=roles),
    "cheapest": lambda roles: cheapest(ONES, [1, 1, 1], [1, 1, 1], share=1, roles=roles),
    "roll_out": lambda roles: roll_out(ONES, ONES, [1, 1, 1], [1, 1, 1], roles=roles),
}
COMPETITORS_ONLY = {
    "mclp": lambda roles: mclp(ONES, [1, 1, 1], 1, roles=roles),
    "p_median": lambda roles: p_median(ONES, [1, 1, 1], 1, roles=roles),
    "coverage_curve": lambda roles: coverage_curve(ONES, [1, 1, 1], most_sites=1, roles=roles),
}


@pytest.mark.parametrize(
    ("model", "role"),
    [
        *((name, role) for name in REFUSALS for role in ("COMPETITOR", "UPGRADABLE")),
        *((name, "UPGRADABLE") for name in COMPETITORS_ONLY),
    ],
)
def test_a_role_without_meaning_is_refused(model: str, role: str) -> None:
    ask = (REFUSALS | COMPETITORS_ONLY)[model]
    told = f"{model}, roles: the role {role.lower()} means nothing to this model .got sites 2"
    with pytest.raises(ModelError, match=told):
        ask([0, 0, SiteRole[role]])
