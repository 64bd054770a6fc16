"""Erlang's formulas: the exact table, worked vectors, laws, and a simulation of the queue."""

import heapq
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from siting.errors import ConfigError
from siting.facilities.queueing import (
    erlang_b,
    erlang_c,
    largest_arrivals,
    mean_wait,
    smallest_servers,
    wait_percentile,
)
from tests.requirements import require_data


def test_the_exact_table_is_met_to_1e_10() -> None:
    path = require_data("instances", "reference_formulas", "mmc_queue_exact.csv")
    table = pd.read_csv(path)
    assert len(table) >= 80
    for row in table.itertuples():
        c, a = row.servers, row.offered_load_erlang
        found = (
            erlang_b(c, a),
            erlang_c(c, a),
            mean_wait(c, a, 1.0),
            mean_wait(c, a, 1.0) * a,  # Little: arrivals times wait is the length of the queue
            wait_percentile(c, a, 1.0, share=0.95),
        )
        exact = (
            row.erlang_b,
            row.erlang_c_prob_wait,
            row.mean_wait_over_service_time,
            row.mean_queue_length,
            row.p95_wait_over_service_time,
        )
        assert found == pytest.approx(exact, rel=1e-10, abs=1e-300)


@pytest.mark.parametrize(
    ("servers", "delayed", "wait_min"), [(5, 0.5541, 11.08), (6, 0.2848, 2.85), (7, 0.1351, 0.90)]
)
def test_twelve_an_hour_at_three_an_hour(servers: int, delayed: float, wait_min: float) -> None:
    assert erlang_c(servers, 4.0) == pytest.approx(delayed, abs=5e-5)
    assert mean_wait(servers, 12.0, 3.0) * 60 == pytest.approx(wait_min, abs=5e-3)


@pytest.mark.parametrize(
    ("wait_min", "utilisation", "fewest"),
    [(12.0, 0.85, 5), (10.0, 0.85, 6), (2.0, 0.85, 7), (12.0, 0.79, 6), (1e9, 1.0, 5)],
)
def test_the_fewest_servers_by_hand(wait_min: float, utilisation: float, fewest: int) -> None:
    # Five keep 11.08 min and a utilisation of 0.80, six 2.85 min and 0.67, seven 0.90 min.
    found = smallest_servers(12.0, 3.0, wait=wait_min / 60, utilisation=utilisation)
    assert found == fewest


def test_a_utilisation_that_is_just_met_is_met() -> None:
    assert smallest_servers(0.7 * 3.0, 1.0, wait=100.0, utilisation=0.7) == 3


def test_equal_service_times_halve_the_wait() -> None:
    # M/D/c by the correction: (1 + 0) / 2; M/D/1 exactly rho / (2 mu (1 - rho)).
    assert mean_wait(1, 0.5, 1.0, variation=0.0) == pytest.approx(0.5)
    assert mean_wait(6, 12.0, 3.0, variation=0.0) == mean_wait(6, 12.0, 3.0) / 2


def test_waits_that_shares_do_not_exceed_add_up_to_the_mean() -> None:
    # The mean is the area over the shares: ∫ wait(share) d share.
    for variation in (1.0, 0.4):
        shares = (np.arange(200_000) + 0.5) / 200_000
        waits = [wait_percentile(5, 4.0, 1.0, share=s, variation=variation) for s in shares[::20]]
        mean = mean_wait(5, 4.0, 1.0, variation=variation)
        assert float(np.mean(waits)) == pytest.approx(mean, rel=2e-3)


def test_one_server_is_the_formula_of_pollaczek_and_khinchine() -> None:
    load, variation = 0.6, 1.7
    exact = load * (1 + variation**2) / (2 * (1 - load))
    assert mean_wait(1, load, 1.0, variation=variation) == pytest.approx(exact)


def test_the_queue_grows_for_ever_when_servers_cannot_keep_up() -> None:
    assert mean_wait(3, 3.0, 1.0) == math.inf
    assert mean_wait(0, 1.0, 1.0) == math.inf
    assert wait_percentile(2, 3.0, 1.0) == math.inf
    assert erlang_c(2, 2.0) == 1.0


def test_nobody_comes() -> None:
    assert smallest_servers(0.0, 1.0, wait=1.0) == 0
    assert mean_wait(0, 0.0, 1.0) == 0.0
    assert erlang_b(0, 0.0) == 1.0
    assert erlang_c(0, 0.0) == 0.0
    assert largest_arrivals(0, 1.0, wait=1.0) == 0.0


def test_thousands_of_servers_are_no_trouble() -> None:
    found = smallest_servers(30_000.0, 3.0, wait=1 / 6)
    assert 10_000 < found < 10_010
    assert 0.0 < erlang_c(found, 10_000.0) < 1.0
    most = largest_arrivals(5_000, 3.0, wait=1 / 6)
    assert smallest_servers(most, 3.0, wait=1 / 6) == 5_000


LOADS = st.floats(1e-6, 300.0)
WAITS = st.floats(1e-4, 20.0)
SHARES = st.floats(0.05, 1.0)
VARIATIONS = st.floats(0.0, 3.0)


@given(load=LOADS, more=st.floats(1.0, 3.0), wait=WAITS, utilisation=SHARES, variation=VARIATIONS)
@settings(max_examples=200, deadline=None)
def test_more_arrivals_never_need_fewer_servers(
    load: float, more: float, wait: float, utilisation: float, variation: float
) -> None:
    limits = {"wait": wait, "utilisation": utilisation, "variation": variation}
    few = smallest_servers(load, 1.0, **limits)
    assert few <= smallest_servers(load * more, 1.0, **limits)
    assert mean_wait(few, load, 1.0, variation=variation) <= wait * (1 + 1e-9)
    assert load <= few * utilisation * (1 + 1e-9)
    one_less = mean_wait(few - 1, load, 1.0, variation=variation)
    assert one_less > wait or load > (few - 1) * utilisation


@given(servers=st.integers(1, 60), wait=WAITS, utilisation=SHARES, variation=VARIATIONS)
@settings(max_examples=200, deadline=None)
def test_the_most_arrivals_are_the_inverse(
    servers: int, wait: float, utilisation: float, variation: float
) -> None:
    limits = {"wait": wait, "utilisation": utilisation, "variation": variation}
    most = largest_arrivals(servers, 2.0, **limits)
    assert smallest_servers(most, 2.0, **limits) <= servers
    assert smallest_servers(most * (1 + 1e-6), 2.0, **limits) > servers
    assert most <= largest_arrivals(servers + 1, 2.0, **limits)


@given(load=LOADS, servers=st.integers(1, 400))
@settings(max_examples=200, deadline=None)
def test_fewer_wait_the_more_servers_there_are(load: float, servers: int) -> None:
    assert 0.0 <= erlang_b(servers, load) <= erlang_c(servers, load) <= 1.0
    assert erlang_c(servers + 1, load) <= erlang_c(servers, load)
    assert mean_wait(servers + 1, load, 1.0) <= mean_wait(servers, load, 1.0)


def _simulated_waits(
    servers: int, arrivals: float, service: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Serve vehicles first come, first served, and return their waits, the first ones left out."""
    times = np.cumsum(rng.exponential(1.0 / arrivals, len(service)))
    free = [0.0] * servers
    waits = np.empty(len(service))
    for i, (at, length) in enumerate(zip(times, service, strict=True)):
        start = max(at, heapq.heappop(free))
        waits[i] = start - at
        heapq.heappush(free, start + length)
    return waits[len(waits) // 10 :]


@pytest.mark.parametrize(
    ("variation", "draw"),
    [
        (1.0, lambda rng, n: rng.exponential(1.0, n)),
        (0.5, lambda rng, n: rng.gamma(4.0, 0.25, n)),
    ],
    ids=["exponential", "gamma"],
)
def test_a_simulated_queue_waits_as_long(
    variation: float, draw: Callable[[np.random.Generator, int], NDArray[np.float64]]
) -> None:
    rng = np.random.default_rng(7)
    found = _simulated_waits(4, 3.2, draw(rng, 300_000), rng)
    assert found.mean() == pytest.approx(mean_wait(4, 3.2, 1.0, variation=variation), rel=0.05)
    late = wait_percentile(4, 3.2, 1.0, variation=variation)
    assert np.quantile(found, 0.95) == pytest.approx(late, rel=0.05)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: erlang_b(-1, 1.0), r"queue, servers: out of range \(got -1, expected a number ≥ 0"),
        (lambda: erlang_b(1, math.nan), r"load_erlang: out of range \(got nan"),
        (lambda: mean_wait(1, -2.0, 1.0), "arrivals"),
        (lambda: mean_wait(1, 1.0, 0.0), "service_rate.*above 0"),
        (lambda: smallest_servers(1.0, 1.0, wait=0.0), "wait.*above 0"),
        (lambda: smallest_servers(1.0, 1.0, wait=1.0, utilisation=1.2), r"utilisation.*\(0, 1\]"),
        (lambda: largest_arrivals(1, 1.0, wait=1.0, variation=-1.0), "variation"),
        (lambda: smallest_servers(math.inf, 1.0, wait=1.0), "arrivals"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused(call: Callable[[], float], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        call()
