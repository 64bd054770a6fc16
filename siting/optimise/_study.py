"""What the plans of a study tell alike."""

import numpy as np
from numpy.typing import NDArray

from siting.optimise.problem import SitingProblem


def coverage_share(problem: SitingProblem, sites: NDArray[np.int64]) -> float:
    """Return the share of all demand that has one of these sites within the service radius."""
    near = (problem.times_min[:, sites] <= problem.service_min).any(axis=1)
    return float(problem.demand[near].sum()) / (float(problem.demand.sum()) or 1.0)
