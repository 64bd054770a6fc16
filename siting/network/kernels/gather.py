"""Answers gathered from sweeps, a part of the targets at a time and for all blocks of sources.

In all kernels ``targets`` (n,) are ranks, ``rows`` (n,) where they stand in the answer, and
``columns`` (n_sources,) where the sources do.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siting.network.kernels.jit import kernel
from siting.network.kernels.rows import WORD, Columns, lowest_bit, near_bits
from siting.network.kernels.sweep import (
    Arcs,
    Bools,
    Costs,
    Desk,
    Ints,
    Longs,
    Risen,
    fall,
    leave,
    restrict,
)


@kernel
def dense(
    arcs: Arcs,
    risen: Risen,
    columns: Longs,
    targets: Ints,
    rows: Longs,
    limit: int,
    desk: Desk,
    out: NDArray[np.float64],
) -> None:
    """Fill rows of ``out`` (any, n_sources); NaN beyond the limit."""
    below = restrict(arcs, targets, desk)
    lanes = risen.cost.shape[1]
    cost = np.empty((len(below.node), lanes), risen.cost.dtype)
    least = np.empty(len(below.node), np.int32)
    for block in range(len(risen.ptr) - 1):
        fall(below, risen, block, limit, cost, least)
        first = block * lanes
        for j in range(len(targets)):
            row = below.at[targets[j]]
            for lane in range(min(lanes, len(columns) - first)):
                is_near = least[row] <= limit and cost[row, lane] <= limit
                out[rows[j], columns[first + lane]] = cost[row, lane] if is_near else np.nan
    leave(below)


class Sheet(NamedTuple):
    """Room for the answer of one part: costs (n_targets, n_blocks · lanes), and what is kept of them.

    ``width`` is ``WORD``, as a value of run time.
    """

    laid: Costs
    column: Columns
    cost: Costs
    width: int


@kernel
def lay_out(arcs: Arcs, risen: Risen, targets: Ints, limit: int, desk: Desk, laid: Costs) -> Bools:
    """Fill the costs of each target by source (≥ n, n_blocks · lanes); return which blocks count.

    Where a block (n, n_blocks) does not count, no source of it is within the limit and the costs
    are void.
    """
    below = restrict(arcs, targets, desk)
    n_blocks, lanes = len(risen.ptr) - 1, risen.cost.shape[1]
    cost = np.empty((len(below.node), lanes), risen.cost.dtype)
    least = np.empty(len(below.node), np.int32)
    counts = np.empty((len(targets), n_blocks), np.bool_)
    for block in range(n_blocks):
        fall(below, risen, block, limit, cost, least)
        first = block * lanes
        for j in range(len(targets)):
            row = below.at[targets[j]]
            counts[j, block] = least[row] <= limit
            if counts[j, block]:
                laid[j, first : first + lanes] = cost[row]
    leave(below)
    return counts


@kernel
def sparse(
    arcs: Arcs,
    risen: Risen,
    columns: Columns,
    targets: Ints,
    limit: int,
    desk: Desk,
    sheet: Sheet,
) -> Ints:
    """List what is within the limit on a sheet, columns ascending; return how many a target."""
    # A row's costs are laid out by column and read back: sorted without a comparison. Which of 32
    # columns are near becomes a word, whose bits are then taken one by one.
    laid, column_of, cost_of, width = sheet
    is_near = lay_out(arcs, risen, targets, limit, desk, laid)
    lanes = risen.cost.shape[1]
    n_words = (len(columns) + WORD - 1) // WORD
    by_column = np.empty(n_words * WORD, laid.dtype)
    count = np.empty(len(targets), np.int32)
    at = 0
    for j in range(len(targets)):
        before = at
        by_column[:] = risen.far
        for block in range(is_near.shape[1]):
            if is_near[j, block]:
                for lane in range(block * lanes, min(block * lanes + lanes, len(columns))):
                    by_column[columns[lane]] = laid[j, lane]
        for word in range(n_words):
            left = near_bits(by_column[WORD * word : WORD * word + WORD], limit, width)
            while left != 0:
                column = WORD * word + lowest_bit(left)
                column_of[at] = column
                cost_of[at] = by_column[column]
                at += 1
                left &= left - 1
        count[j] = at - before
    return count
