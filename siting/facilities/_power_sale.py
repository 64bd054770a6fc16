"""Money of sites that buy electricity from the grid and sell it on to ships or aircraft."""

import numpy as np
import pandas as pd

from siting.facilities._numbers import number
from siting.facilities.registry import CASE_NAMES, MONEY_COLUMNS
from siting.model import FacilitySpec
from siting.units import CNY_PER_MCNY, KWH_PER_MWH

ASSUMPTIONS = (
    *("electricity_price", "service_fee", "subsidy", "upkeep_share", "losses_share", "lifetime"),
)
SHARES = ("upkeep_share",)
LOSSES = ("losses_share",)
AMOUNTS = ("electricity_price", "service_fee", "subsidy", "lifetime")


def bought_kwh(served_mwh: pd.DataFrame, facility: FacilitySpec) -> pd.DataFrame:
    """Return what the grid gives for what is served, kWh a year: losses come on top."""
    return served_mwh * KWH_PER_MWH / (1.0 - number(facility, "losses_share"))


def money_of_sale(
    served_mwh: pd.DataFrame, built: pd.DataFrame, facility: FacilitySpec
) -> pd.DataFrame:
    """Return the money of each site and demand case.

    Parameters
    ----------
    served_mwh
        Index ``candidate_id``, columns ``low``, ``base``, ``high``: MWh a year, ≥ 0.
    built
        The same index: ``capex_mcny`` still to be spent, and ``worth_mcny`` of all there is, which
        upkeep follows.
    facility
        Brings prices, fee, upkeep and lifetime.

    Returns
    -------
    DataFrame
        After ``MONEY_COLUMNS``: three rows a site. Users pay the grid's price and the fee.
    """
    price, fee = number(facility, "electricity_price"), number(facility, "service_fee")
    sold = served_mwh[list(CASE_NAMES)].to_numpy(float).ravel() * KWH_PER_MWH
    bought = bought_kwh(served_mwh, facility)[list(CASE_NAMES)].to_numpy(float).ravel()
    n_cases = len(CASE_NAMES)
    money = built.loc[served_mwh.index].to_dict("list")
    return pd.DataFrame(
        {
            "candidate_id": np.repeat(served_mwh.index.to_numpy(object), n_cases),
            "case": list(CASE_NAMES) * len(served_mwh),
            "capex_mcny": np.repeat(money["capex_mcny"], n_cases),
            "fixed_mcny_yr": np.repeat(money["worth_mcny"], n_cases)
            * number(facility, "upkeep_share"),
            "variable_mcny_yr": bought * price / CNY_PER_MCNY,
            "revenue_mcny_yr": sold * (price + fee) / CNY_PER_MCNY,
            "subsidy_mcny_yr": sold * number(facility, "subsidy") / CNY_PER_MCNY,
            "output_per_yr": sold,
            "output_unit": "kWh",
            "lifetime_yr": number(facility, "lifetime"),
        },
        columns=list(MONEY_COLUMNS),
    )
