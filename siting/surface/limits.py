"""What the compiled kernels and those who ask them must agree on, without loading the compiler."""

from importlib.util import find_spec
from typing import Final

FAR: Final = 1 << 28
"""Row of the marked cell of a column that has none; below zero, where one is looked for above."""

HAS_NUMBA: Final[bool] = find_spec("numba") is not None
"""Whether the kernels can be compiled; without, SciPy and NumPy give the same answers."""
