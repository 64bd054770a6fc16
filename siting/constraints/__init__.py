"""Siting rules: what a candidate must meet, apart from how good it is, and what they take away."""

from siting.constraints._areas import exclusions, free_ground, is_barred, study_area
from siting.constraints._checks import CHECKS, PARAMETERS
from siting.constraints._screen import screen, screen_place

__all__ = [
    "CHECKS",
    "PARAMETERS",
    "exclusions",
    "free_ground",
    "is_barred",
    "screen",
    "screen_place",
    "study_area",
]
