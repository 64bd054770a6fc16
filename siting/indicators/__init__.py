"""Indicators of service before and after a plan: one indicator a file.

An indicator file defines ``INDICATOR``. Its ``measure`` takes the ``Service`` of one facility type and
returns rows of district, before and after; what is not known is NaN, never a guess. What a facility
type does not have at all (piles of a plan, service areas) gives no rows.
"""

from siting.indicators.registry import Indicator, indicator_kinds, indicators

__all__ = ["Indicator", "indicator_kinds", "indicators"]
