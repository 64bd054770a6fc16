"""Rows of a sparse matrix: words of bits for what a row has, and rows put in their places."""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.jit import inlined, kernel

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Columns: TypeAlias = NDArray[np.uint16] | Ints
Costs: TypeAlias = NDArray[np.uint16] | Ints

WORD: Final = 32  # bits of a word; in 64 bits the product below does not overflow
# Times a power of two, its top five of 32 bits tell which power (Leiserson, Prokop, Randall 1998).
_DE_BRUIJN: Final = 0x077CB531
_LOW: Final = 2**WORD - 1
_BIT_OF: Final = np.empty(WORD, np.int64)
_BIT_OF[[(_DE_BRUIJN << bit & _LOW) >> 27 for bit in range(WORD)]] = np.arange(WORD)


@inlined
def lowest_bit(word: np.int64) -> int:
    """Return the place of the lowest bit of a word that is not zero."""
    return int(_BIT_OF[((word & -word) * _DE_BRUIJN & _LOW) >> 27])


@kernel
def near_bits(costs: Costs, limit: int, width: int) -> np.int64:
    """Return a word with a bit for each cost that is within the limit, ``width`` of them."""
    # A width known when this is compiled is unrolled and not turned into vector instructions.
    most = costs.dtype.type(limit)
    word = np.uint32(0)
    for bit in range(width):
        word |= np.uint32(costs[bit] <= most) << np.uint32(bit)
    return np.int64(word)  # signed, or products with it turn to floats


@kernel
def place(
    rows: Longs, count: Ints, columns: Columns, costs: Costs, indptr: Longs, out: tuple[Ints, Ints]
) -> None:
    """Copy rows to where they stand in a matrix: ``rows`` (n,) say which, ``count`` how long."""
    at = 0
    for j in range(len(rows)):
        first = indptr[rows[j]] - at
        for i in range(at, at + count[j]):
            out[0][first + i] = columns[i]
            out[1][first + i] = costs[i]
        at += count[j]
