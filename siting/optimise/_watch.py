"""Time limit, progress and interruption of a solve."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

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
    def spent_share(self) -> float:
        """Share of the time limit that is spent, [0, 1]."""
        return min(1.0, self.spent_s / self._limit_s)

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

    @contextmanager
    def noting_interrupts(self) -> Iterator[None]:
        """Take note of Ctrl-C instead of raising it, while a solver runs.

        Python would raise it on the first line of the solver's callback, from where it cannot
        reach us. Other threads get no Ctrl-C, and a handler of the program's own is left alone.
        """
        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return

        def note(_: int, __: FrameType | None) -> None:
            self.is_stopped = True

        signal.signal(signal.SIGINT, note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
