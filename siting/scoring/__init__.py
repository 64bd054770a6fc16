"""From raw measures to scores that add up from their parts."""

from siting.scoring.normalise import NORMALISERS, normalise
from siting.scoring.weighted_sum import rank, weighted_sum

__all__ = ["NORMALISERS", "normalise", "rank", "weighted_sum"]
