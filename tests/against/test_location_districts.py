"""The minimum of every district against the enumeration of all plans, and what cannot be met."""

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from siting.errors import ModelError
from siting.model import SolveStatus
from siting.optimise import DistrictMinimum, SiteRole, Solution, lscp, mclp, p_median

FEW = settings(max_examples=60)
SEEDS = st.integers(0, 2**32 - 1)
Sites = tuple[int, ...]


class County:
    """A random question with districts of sites and of points."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.n, self.m = int(rng.integers(2, 9)), int(rng.integers(3, 8))
        shape = (self.n, self.m)
        self.cost = rng.integers(0, 9, shape).astype(float)
        self.cost[rng.random(shape) < 0.15] = np.nan
        self.demand = rng.integers(0, 6, self.n).astype(float)
        self.demand[0] += 1.0
        self.covers = rng.random(shape) < 0.5
        kinds = [0, 0, 0, 0, SiteRole.REQUIRED, SiteRole.EXISTING, SiteRole.FORBIDDEN]
        self.roles = rng.choice(kinds, self.m)
        self.roles[0] = 0
        self.required = int((self.roles == SiteRole.REQUIRED).sum())
        self.free = int((self.roles == 0).sum())
        self.p = self.required + int(rng.integers(0 if self.required else 1, self.free + 1))
        self.names = np.array(["north", "south", "west"])
        self.site = rng.integers(0, 3, self.m)
        self.point = rng.integers(0, 3, self.n)
        self.least = rng.integers(0, 3, 3)
        self.share = rng.choice([0.0, 0.3, 0.6, 1.0], 3)

    def plans(self, p: int | None = None) -> Iterator[Sites]:
        must = [j for j in range(self.m) if self.roles[j] in {1, 2}]
        may = [j for j in range(self.m) if self.roles[j] == 0]
        spare = len(may) if p is None else p - self.required
        for k in range(spare + 1):
            for more in itertools.combinations(may, k):
                yield tuple(sorted([*must, *more]))

    def new(self, sites: Sites) -> int:
        return sum(self.roles[j] != SiteRole.EXISTING for j in sites)

    def has_sites(self, sites: Sites) -> bool:
        return all((self.site[list(sites)] == d).sum() >= self.least[d] for d in range(3))

    def has_shares(self, sites: Sites) -> bool:
        covered = self.covers[:, list(sites)].any(axis=1)
        return all(
            self.demand[covered & (self.point == d)].sum()
            >= self.share[d] * self.demand[self.point == d].sum() - 1e-9
            for d in range(3)
        )

    def asked(self, *, shares: bool) -> DistrictMinimum:
        sites = dict(zip(self.names, self.least.tolist(), strict=True))
        share = dict(zip(self.names, self.share.tolist(), strict=True))
        there = set(self.names[self.site])
        points = there | (set(self.names[self.point]) if shares else set())
        return DistrictMinimum(
            site_district=self.names[self.site],
            demand_district=self.names[self.point] if shares else None,
            least_sites={k: v for k, v in sites.items() if k in points},
            least_share={k: v for k, v in share.items() if k in points} if shares else 0.0,
        )

    def lift(self) -> None:
        """Ask nothing of districts that are not there: they cannot be named."""
        self.least[~np.isin(np.arange(3), np.r_[self.site])] = 0
        self.share[~np.isin(np.arange(3), self.point)] = 0.0


def _check(found: Solution, best: float) -> None:
    assert found.status is SolveStatus.OPTIMAL
    assert found.objective == pytest.approx(best, rel=1e-7, abs=1e-7)
    assert found.bound == pytest.approx(best, rel=1e-6, abs=1e-6)


@FEW
@given(seed=SEEDS, with_conflicts=st.booleans())
def test_mclp(seed: int, *, with_conflicts: bool) -> None:
    county = County(seed)
    county.lift()
    free = np.flatnonzero(county.roles == 0)
    pairs = [free[:2].tolist()] if with_conflicts and len(free) > 1 else []

    def is_fair(sites: Sites) -> bool:
        return (
            county.has_sites(sites)
            and county.has_shares(sites)
            and not any(set(pair) <= set(sites) for pair in pairs)
        )

    def solve() -> Solution:
        return mclp(
            county.covers,
            county.demand,
            county.p,
            roles=county.roles,
            conflicts=pairs,
            districts=county.asked(shares=True),
        )

    fair = [s for s in county.plans() if is_fair(s)]
    within = [s for s in fair if county.new(s) <= county.p]
    if not within:
        with pytest.raises(ModelError) as caught:
            solve()
        told = str(caught.value)
        if not fair:
            assert re.search(r"district (north|south|west):|keeps the conflicts", told)
        else:
            assert "new sites by district" in told
            least = min(county.new(s) for s in fair)
            assert int(re.search(r"at least (\d+)", told)[1]) == least
        return
    best = max(float(county.demand[county.covers[:, list(s)].any(axis=1)].sum()) for s in within)
    found = solve()
    _check(found, best)
    assert is_fair(tuple(found.sites))


@FEW
@given(SEEDS)
def test_p_median(seed: int) -> None:
    county = County(seed)
    county.lift()
    reached = np.isfinite(county.cost[:, county.roles != SiteRole.FORBIDDEN]).any(axis=1)
    table = np.where(np.isnan(county.cost), np.inf, county.cost)[reached]
    demand = county.demand[reached]

    def total(sites: Sites) -> float:
        far = table[:, list(sites)].min(axis=1, initial=np.inf)
        return float((far * demand).sum()) if np.isfinite(far).all() else np.inf

    options = {
        "roles": county.roles,
        "districts": county.asked(shares=False),
        "unreachable": "leave_out",
    }
    fair = [s for s in county.plans() if s and county.has_sites(s) and np.isfinite(total(s))]
    within = [total(s) for s in fair if county.new(s) <= county.p]
    if not within:
        with pytest.raises(ModelError) as caught:
            p_median(county.cost, county.demand, county.p, **options)
        if fair:
            least = min(county.new(s) for s in fair)
            smallest = int(re.search(r"at least (\d+)", str(caught.value))[1])
            assert smallest == least or "by district" in str(caught.value)
            assert smallest <= least
        return
    found = p_median(county.cost, county.demand, county.p, **options)
    _check(found, min(within))
    assert county.has_sites(tuple(found.sites))


@FEW
@given(SEEDS)
def test_lscp(seed: int) -> None:
    county = County(seed)
    county.lift()
    covered = county.covers[:, county.roles != SiteRole.FORBIDDEN].any(axis=1)
    fair = [
        s
        for s in county.plans()
        if county.has_sites(s) and county.covers[covered][:, list(s)].any(axis=1).all()
    ]
    options = {
        "roles": county.roles,
        "districts": county.asked(shares=False),
        "unreachable": "leave_out",
    }
    if not fair:
        with pytest.raises(ModelError, match=r"district \w+: fewer sites may be open than it"):
            lscp(county.covers, **options)
        return
    found = lscp(county.covers, **options)
    _check(found, min(county.new(s) for s in fair))
    assert county.has_sites(tuple(found.sites))


def test_a_median_of_some_size_keeps_its_districts() -> None:
    rng = np.random.default_rng(4)
    xy = rng.random((120, 2))
    cost = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    weight = rng.integers(1, 9, 120) * np.where(xy[:, 0] < 0.5, 9.0, 1.0)
    district = np.where(xy[:, 0] < 0.5, "west", "east")
    asked = DistrictMinimum(site_district=district, least_sites={"east": 6})
    free, fair = p_median(cost, weight, 9), p_median(cost, weight, 9, districts=asked)
    assert (district[free.sites] == "east").sum() < 6
    assert (district[fair.sites] == "east").sum() == 6
    assert fair.status is SolveStatus.OPTIMAL
    # The best plan that has six in the east is the best of six there and three in the west.
    parts = [
        p_median(cost[:, district == side], weight, p).objective
        for side, p in (("east", 6), ("west", 3))
    ]
    assert free.objective < fair.objective < min(parts)


@pytest.mark.parametrize(
    ("minimum", "line"),
    [
        (DistrictMinimum(least_sites=1), "site_district: not given, and a minimum asks for it"),
        (DistrictMinimum(site_district=[1], least_sites=1), "site_district: wrong size"),
        (DistrictMinimum(site_district="AAB", least_sites=1), "site_district: wrong size"),
        (
            DistrictMinimum(site_district=list("AAB"), least_sites={"C": 1}),
            "least_sites: no such district .got C",
        ),
        (DistrictMinimum(site_district=list("AAB"), least_sites=-1), "least_sites: negative"),
        (DistrictMinimum(site_district=list("AAB"), least_sites=0.5), "not whole numbers"),
        (DistrictMinimum(demand_district=list("AAB"), least_share=1.5), "least_share: not shares"),
        (
            DistrictMinimum(site_district=list("AAB"), least_sites=2),
            "district B: fewer sites may be open than it needs .got 1, expected at least 2",
        ),
        (
            DistrictMinimum(site_district=list("AAB"), least_sites={"A": 2}),
            "too few sites for the minimum .*at least 2; new sites by district: A 2",
        ),
        (
            DistrictMinimum(demand_district=list("ABB"), least_share=0.9),
            "district A: its least share cannot be covered .got 0.9, expected at most 0",
        ),
        (
            DistrictMinimum(demand_district=list("BBC"), least_share={"B": 0.4, "C": 1}),
            "too few sites for the minimum .*at least 2; new sites by district: B 1, C 1",
        ),
    ],
)
def test_a_minimum_that_cannot_be_is_told(minimum: DistrictMinimum, line: str) -> None:
    covers = np.array([[0, 0, 0], [1, 1, 0], [0, 0, 1]])
    with pytest.raises(ModelError, match=line) as caught:
        mclp(covers, [1, 1, 1], 1, districts=minimum)
    assert "\n" not in str(caught.value)


def test_shares_are_refused_where_everyone_is_served() -> None:
    asked = DistrictMinimum(demand_district=[0, 1], least_share=0.5)
    for model in (
        lambda: lscp(np.eye(2), districts=asked),
        lambda: p_median(np.eye(2), [1, 1], 1, districts=asked),
    ):
        with pytest.raises(ModelError, match="knows no least_share"):
            model()
