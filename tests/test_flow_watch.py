"""Flow models: progress, interruption, and the same answer for the same seed."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scipy.spatial import cKDTree

from siting.model import Progress, SolveStatus
from siting.optimise import Solution, Tank, Trip, flow_capture, flow_refuelling, shortest_trips

N, P = 90, 12


def _roads() -> list[Trip]:
    rng = np.random.default_rng(5)
    xy = rng.random((N, 2)) * 100
    near = cKDTree(xy).query_pairs(16.0, output_type="ndarray")
    tail, head = np.r_[near[:, 0], near[:, 1]], np.r_[near[:, 1], near[:, 0]]
    length = np.linalg.norm(xy[tail] - xy[head], axis=1)
    pairs = rng.choice(N, (500, 2))
    asked = [(int(a), int(b), float(rng.integers(1, 100))) for a, b in pairs if a != b]
    return shortest_trips((tail, head, length), asked, n_nodes=N)


TRIPS = _roads()


def _refuel(**options: object) -> Solution:
    return flow_refuelling(TRIPS, range(N), p=P, tank=Tank(range=55.0), **options)


def _capture(**options: object) -> Solution:
    return flow_capture(TRIPS, range(N), p=P, **options)


MODELS = pytest.mark.parametrize("model", [_refuel, _capture], ids=["refuelling", "capture"])
Model = Callable[..., Solution]


@MODELS
def test_progress_is_told_in_the_unit_of_the_flow(model: Model) -> None:
    told: list[tuple[float, str]] = []
    found = model(gap=0.1, progress=lambda share, text: told.append((share, text)))
    assert all(0 <= share <= 1 for share, _ in told)
    first = float(told[0][1].removeprefix("plan "))
    assert 0.5 * found.objective < first <= found.objective * (1 + 1e-5)


@MODELS
def test_an_interruption_returns_the_best_plan_so_far_with_its_bound(model: Model) -> None:
    def stop(_: float, text: str) -> None:
        if text.startswith("plan"):  # the first plan, before the solver is asked
            raise KeyboardInterrupt

    whole, found = model(gap=0.1), model(progress=stop)
    assert found.status is SolveStatus.TIME_LIMIT
    assert found.objective <= whole.bound * (1 + 1e-9)
    assert found.bound >= whole.objective * (1 - 1e-9)
    assert 0 < found.objective < found.bound
    assert len(found.sites) <= P


def _interrupted_after(seconds: float, solve: Callable[[], Solution]) -> tuple[Solution, float]:
    timer = threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT))
    began = time.perf_counter()
    timer.start()
    try:
        return solve(), time.perf_counter() - began
    finally:
        timer.cancel()


@pytest.fixture
def _heeding() -> Iterator[None]:
    """Heed Ctrl-C: what a script starts in the background is started deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heeding")
def test_ctrl_c_reaches_a_running_solver() -> None:
    for wait in (1.0, 0.5, 0.25):  # an idle machine may be done before the signal is seen
        found, seconds = _interrupted_after(wait, lambda: _refuel(time_limit_s=60.0))
        if found.status is SolveStatus.TIME_LIMIT:
            break
    assert found.status is SolveStatus.TIME_LIMIT
    assert seconds < 30.0  # it would have gone on for the minute
    assert 0 < found.objective < found.bound <= found.facts["flow_total"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@MODELS
def test_the_same_seed_gives_the_same_answer(model: Model) -> None:
    plans = [model(gap=0.1, seed=seed) for seed in (3, 3, 4)]
    assert plans[0].sites.tolist() == plans[1].sites.tolist()
    assert plans[0].bound == plans[1].bound
    assert plans[2].objective <= plans[0].bound * (1 + 1e-9)


def test_what_a_callback_raises_is_not_swallowed_by_the_solver() -> None:
    def fail(share: float, _: str) -> None:
        if share != 0.1:
            raise ZeroDivisionError

    failing: Progress = fail
    with pytest.raises(ZeroDivisionError):
        _refuel(progress=failing)
