"""Compiled kernels: one place that says how numba is asked."""

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel on first call and keep the result on disk; one thread, strict floats."""
    return njit(cache=True)(kernel)
