"""How kernels are compiled: without the interpreter lock, and once for all runs on this machine."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

FAR = np.int32(2**30 - 1)
"""No way. Twice this still fits 32 bits, so ``FAR + weight`` never wraps round."""

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def inlined(function: Kernel) -> Kernel:
    """Compile a kernel into its callers."""
    return cast("Kernel", numba.njit(inline="always", cache=True)(function))


def kernel(function: Kernel) -> Kernel:
    """Compile a kernel that lets go of the interpreter, so that threads run it side by side."""
    return cast("Kernel", numba.njit(nogil=True, cache=True)(function))
