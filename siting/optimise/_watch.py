"""Time limit, progress and interruption of a solve."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from siting.model import Progress


class Watch:
    """Keeps the time of one solve, tells its progress, and remembers that it was stopped.

    Whoever presses Ctrl-C during a solve, or raises ``KeyboardInterrupt`` in the callback, gets
    the best plan so far instead of a traceback.
    """

    def __init__(self, *, time_limit_s: float, progress: Progress | None = None) -> None:
        self._started = time.perf_counter()
        self._limit_s = time_limit_s
        self._progress = progress
        self.is_stopped = False

    @property
    def spent_s(self) -> float:
        """Wall seconds since the start."""
        return time.perf_counter() - self._started

    @property
    def left_s(self) -> float:
        """Wall seconds until the limit, 0 once it is reached or the solve was stopped."""
        return 0.0 if self.is_stopped else max(0.0, self._limit_s - self.spent_s)

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return self.left_s <= 0.0

    def tell(self, fraction: float, message: str) -> None:
        """Report progress to whoever asked for it."""
        if self._progress is not None:
            self._progress(min(max(fraction, 0.0), 1.0), message)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let an interruption end the block, not the program."""
        try:
            yield
        except KeyboardInterrupt:
            self.is_stopped = True
