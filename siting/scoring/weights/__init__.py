"""Where weights come from: stated, ordered, swung, judged in pairs, or read off the data."""

from siting.scoring.weights.ahp import (
    CONSISTENT,
    Consistency,
    check_matrix,
    consistency,
    eigenvector,
)
from siting.scoring.weights.experts import combine
from siting.scoring.weights.groups import spread
from siting.scoring.weights.objective import critic, entropy
from siting.scoring.weights.rank_order import rank_order
from siting.scoring.weights.stated import stated

__all__ = [
    "CONSISTENT",
    "Consistency",
    "check_matrix",
    "combine",
    "consistency",
    "critic",
    "eigenvector",
    "entropy",
    "rank_order",
    "spread",
    "stated",
]
