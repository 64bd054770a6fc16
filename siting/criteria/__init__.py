"""Criteria: one pure function a file, candidates in, one value a candidate out.

A criterion file defines ``CRITERION``. Its ``measure`` takes the candidate frame and the
``Surroundings`` and, keyword-only, the parameters a facility file may set; it returns a float
Series on the candidates' index, NaN where the value is not known.
"""

from siting.criteria.registry import Criterion, criteria, measure

__all__ = ["Criterion", "criteria", "measure"]
