"""What the cuts and the branching of medians prove, against all plans; lists cut short too."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from siting.optimise import _neighbours, p_median_on_plane
from siting.optimise._benders import Cut, benders
from siting.optimise._benders_master import Master
from siting.optimise._neighbours import Lists, list_distances
from siting.optimise._watch import Watch

SEEDS = st.integers(0, 2**32 - 1)


class _Town:
    """Random places that are points and sites, and what the best plan costs."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.n, self.p = int(self.rng.integers(6, 11)), int(self.rng.integers(1, 4))
        self.xy = self.rng.random((self.n, 2)) * 100
        self.demand = self.rng.integers(1, 9, self.n).astype(float)
        away = np.hypot(*(self.xy[:, None] - self.xy[None]).transpose(2, 0, 1))
        self.cost = away * self.demand[:, None]
        plans = itertools.combinations(range(self.n), self.p)
        self.best = min(float(self.cost[:, list(s)].min(axis=1).sum()) for s in plans)

    def lists(self) -> Lists:
        allowed = np.ones(self.n, dtype=bool)
        return list_distances(self.xy, self.xy, self.demand, allowed, self.p)

    def cut(self, lists: Lists, prices: NDArray[np.float64] | None) -> Cut:
        none = np.zeros(self.n, dtype=bool)
        master = Master(
            charge=np.zeros(self.n),
            is_open=none,
            is_closed=none,
            p=self.p,
            is_whole=False,
            gap=0.0,
        )
        start = np.arange(self.p)
        watch = Watch(time_limit_s=60)
        return benders(lists, master, start, bound=0.0, watch=watch, prices=prices)


@settings(max_examples=60)
@given(seed=SEEDS, is_priced=st.booleans())
def test_branching_proves_the_best_plan_from_any_prices(*, seed: int, is_priced: bool) -> None:
    town = _Town(seed)
    prices = town.rng.random(town.n) * 2 * town.cost.max() if is_priced else None
    found = town.cut(town.lists(), prices)
    assert found.cost == pytest.approx(town.best, rel=1e-9)
    assert found.bound == pytest.approx(town.best, rel=1e-6)
    assert found.bound <= town.best * (1 + 1e-9)


@settings(max_examples=60)
@given(seed=SEEDS, keep=st.integers(2, 5), is_priced=st.booleans())
def test_no_bound_exceeds_the_best_plan_where_lists_are_cut(
    *, seed: int, keep: int, is_priced: bool
) -> None:
    town = _Town(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_neighbours, "_nearest_needed", lambda _m, _p: keep)
        lists = town.lists()
        assert not lists.is_complete
        prices = town.rng.random(town.n) * 2 * town.cost.max() if is_priced else None
        assert town.cut(lists, prices).bound <= town.best * (1 + 1e-9)
        found = p_median_on_plane(town.xy, town.xy, town.demand, town.p)
    assert found.bound <= town.best * (1 + 1e-9)
    assert found.objective >= town.best * (1 - 1e-9)


def test_the_same_plan_bound_and_work_every_run() -> None:
    rng = np.random.default_rng(4)
    xy, demand = rng.random((400, 2)), rng.integers(1, 100, 400).astype(float)
    one, other = (p_median_on_plane(xy, xy, demand, 12, time_limit_s=300) for _ in range(2))
    assert one.sites.tolist() == other.sites.tolist()
    assert (one.objective, one.bound, one.reduced) == (other.objective, other.bound, other.reduced)
