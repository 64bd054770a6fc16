"""Facility types: what is to be served, and what a site is worth and costs."""

from siting.facilities.registry import DemandModel, demand_models

__all__ = ["DemandModel", "demand_models"]
