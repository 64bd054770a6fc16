"""Money over the years: what a plan costs, brings and is worth, and what that depends on."""

from siting.economy.accounts import WHOLE, economics
from siting.economy.cash import (
    annuity_factor,
    discounted_payback,
    internal_rate,
    levelised_cost,
    net_present_value,
)
from siting.economy.sensitivities import sensitivity

__all__ = [
    "WHOLE",
    "annuity_factor",
    "discounted_payback",
    "economics",
    "internal_rate",
    "levelised_cost",
    "net_present_value",
    "sensitivity",
]
