"""From raw measures to scores that add up from their parts, and how sure their order is."""

from siting.scoring.aggregate import METHODS, aggregate
from siting.scoring.normalise import NORMALISERS, SELF_DIRECTED, normalise, normalise_beside
from siting.scoring.shapes import check_shape
from siting.scoring.weighted_sum import rank, weighted_sum

__all__ = [
    "METHODS",
    "NORMALISERS",
    "SELF_DIRECTED",
    "aggregate",
    "check_shape",
    "normalise",
    "normalise_beside",
    "rank",
    "weighted_sum",
]
