"""Facility types: what is to be served, what may be built, and what it is built of, costs and avoids."""

from siting.facilities._shares import FREIGHT_LAYERS, PARKS_WITHOUT_FREIGHT
from siting.facilities.registry import (
    CASE_NAMES,
    OFFER_COLUMNS,
    Chosen,
    Engineering,
    Equipped,
    engineering,
)

__all__ = [
    "CASE_NAMES",
    "FREIGHT_LAYERS",
    "OFFER_COLUMNS",
    "PARKS_WITHOUT_FREIGHT",
    "Chosen",
    "Engineering",
    "Equipped",
    "engineering",
]
