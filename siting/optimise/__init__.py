"""Location models: one a file, exact or with a proven bound, on HiGHS."""

from siting.optimise.assignment import Assignment, assign
from siting.optimise.budget import budgeted
from siting.optimise.mclp import mclp
from siting.optimise.problem import SitingProblem, Solution
from siting.optimise.registry import LocationModel, models, solve

__all__ = [
    "Assignment",
    "LocationModel",
    "SitingProblem",
    "Solution",
    "assign",
    "budgeted",
    "mclp",
    "models",
    "solve",
]
