"""Facility types: what is to be served, and what a site is worth and costs."""

from siting.facilities._shares import FREIGHT_LAYERS, PARKS_WITHOUT_FREIGHT
from siting.facilities.registry import DemandModel, demand_models

__all__ = ["FREIGHT_LAYERS", "PARKS_WITHOUT_FREIGHT", "DemandModel", "demand_models"]
