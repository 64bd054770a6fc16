"""Two results side by side: which sites moved, what changed in them, and what that rests on."""

from siting.compare._frames import COMPARISON_FRAMES, Comparison
from siting.compare._whole import TAKEOVER_KM, compare

__all__ = ["COMPARISON_FRAMES", "TAKEOVER_KM", "Comparison", "compare"]
