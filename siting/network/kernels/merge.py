"""Rows of a sparse matrix from pieces that came block by block."""

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.jit import kernel

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bytes = NDArray[np.uint8]


@kernel
def append_block(
    counts: Bytes,
    lanes: Bytes,
    costs: Ints,
    columns: Longs,
    position: Longs,
    out: tuple[Ints, Ints],
) -> None:
    """Append a block's pairs to their rows; ``position`` (n_rows,) is where each row goes on.

    ``columns`` tell which column a lane is.
    """
    at = 0
    for row in range(len(counts)):
        to = position[row]
        for i in range(counts[row]):
            out[0][to + i] = columns[lanes[at + i]]
            out[1][to + i] = costs[at + i]
        at += counts[row]
        position[row] += counts[row]


@kernel
def sort_rows(indptr: Longs, column: Ints, cost: Ints, n_columns: int) -> None:
    """Put the columns of every row in ascending order; none stands in a row twice."""
    # A row's costs are laid out by column with a mark each, and read back eight marks at a time:
    # sorted without a comparison.
    by_column = np.empty(n_columns, np.int32)
    n_words = (n_columns + 7) // 8
    marks = np.zeros(8 * n_words, np.uint8)
    words = marks.view(np.uint64)
    for row in range(len(indptr) - 1):
        for i in range(indptr[row], indptr[row + 1]):
            by_column[column[i]] = cost[i]
            marks[column[i]] = 1
        at = indptr[row]
        for word in range(n_words):
            if words[word] == 0:
                continue
            for c in range(8 * word, 8 * word + 8):
                if marks[c]:
                    column[at] = c
                    cost[at] = by_column[c]
                    at += 1
            words[word] = 0
