"""Ranks under drawn weights: 10,000 draws x 5,000 candidates x 12 criteria, with intervals.

The peer is the same question put to numpy in the plain way: one ``argsort`` a draw, ranks kept, and
quantiles over them. Both run in this process on the same values and draws; the answers are compared
first, on as many draws as the peer can rank in a few seconds.
"""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from siting.scoring.certainty import beats, draw_weights, rank_draws, spread

CANDIDATES, CRITERIA, DRAWS, TOP, PAIRED = 5_000, 12, 10_000, 50, 200
PEER_DRAWS = 1_000
ROUNDS = 5
SEED = 20251123
GOAL_S = 5.0


def plain(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 5 % and 95 % quantiles of the ranks, a draw at a time."""
    ranks = np.empty((len(weights), len(values)))
    for d, row in enumerate(weights):
        order = np.argsort(-(values @ row), kind="stable")
        ranks[d, order] = np.arange(1, len(values) + 1)
    low, high = np.quantile(ranks, [0.05, 0.95], axis=0, method="inverted_cdf")
    return low, high


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor seconds of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - cpu


def tell(name: str, seconds: list[tuple[float, float]]) -> float:
    """Print the median and the range of both clocks, and return the median wall time."""
    walls, cpus = zip(*seconds, strict=True)
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    print(
        f"{name:<52} wall {wall:6.2f} s ({min(walls):.2f} … {max(walls):.2f})   "
        f"cpu {cpu:6.2f} s ({min(cpus):.2f} … {max(cpus):.2f})"
    )
    return wall


def main() -> None:
    """Compare, then time."""
    rng = np.random.default_rng(SEED)
    values = rng.random((CANDIDATES, CRITERIA))
    weights = rng.dirichlet(np.full(CRITERIA, 4.0))
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {os.cpu_count()} cores")
    print(f"{DRAWS:,} draws x {CANDIDATES:,} candidates x {CRITERIA} criteria, {ROUNDS} rounds")
    drawn = draw_weights(weights, draws=DRAWS, concentration=50.0, rng=rng)
    few = drawn[:PEER_DRAWS]
    low, high = plain(values, few)
    found = spread(rank_draws(values, few), top=TOP)
    if not (np.array_equal(found.rank_p05, low) and np.array_equal(found.rank_p95, high)):
        sys.exit("the intervals differ from the plain ones")
    best = np.argsort(-(values @ weights), kind="stable")[:PAIRED]

    def ours() -> None:
        ranks = rank_draws(values, draw_weights(weights, draws=DRAWS, concentration=50.0, rng=rng))
        spread(ranks, top=TOP)
        beats(ranks[best])

    whole = tell(
        f"draws, ranks, intervals, top share, {PAIRED} in pairs",
        [timed(ours) for _ in range(ROUNDS)],
    )
    part = tell(
        f"the same without pairs, {PEER_DRAWS:,} draws",
        [timed(lambda: spread(rank_draws(values, few), top=TOP)) for _ in range(ROUNDS)],
    )
    peer = tell(
        f"plain numpy, {PEER_DRAWS:,} draws",
        [timed(lambda: plain(values, few)) for _ in range(ROUNDS)],
    )
    print(f"plain over ours on {PEER_DRAWS:,} draws: {peer / part:.1f} times the wall time")
    verdict = "met" if whole <= GOAL_S else "missed, or the machine was busy"
    print(f"goal {GOAL_S:.0f} s for all {DRAWS:,} draws on two cores: {verdict} ({whole:.2f} s)")


if __name__ == "__main__":
    main()
