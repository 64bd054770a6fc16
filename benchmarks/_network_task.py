"""What the network benchmark asks of every engine, and the clock it is timed by."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


class Clock:
    """CPU and wall seconds by name."""

    def __init__(self) -> None:
        self.cpu: dict[str, float] = {}
        self.wall: dict[str, float] = {}

    def take(self, name: str, work: Callable[[], Any], *, scale: float = 1.0) -> Any:
        """Do a piece of work and note what it took, scaled."""
        cpu, wall = time.process_time(), time.perf_counter()
        result = work()
        self.cpu[name] = (time.process_time() - cpu) * scale
        self.wall[name] = (time.perf_counter() - wall) * scale
        return result


class Task:
    """A graph and the places asked about."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            self.indptr, self.head, self.weight, self.xy = (
                stored[name] for name in ("indptr", "head", "weight", "xy")
            )
        self.n = len(self.indptr) - 1
        rng = np.random.default_rng(7)
        self.origins_a, self.few = self._pick(rng, 5_000), self._pick(rng, 500)
        self.origins_c, self.many = self._pick(rng, 50_000), self._pick(rng, 2_000)

    def _pick(self, rng: np.random.Generator, size: int) -> NDArray[np.int64]:
        return rng.choice(self.n, size, replace=False)

    @property
    def matrix(self) -> sparse.csr_array:
        """The arcs as a sparse matrix."""
        return sparse.csr_array(
            (self.weight.astype(float), self.head, self.indptr), shape=(self.n, self.n)
        )
