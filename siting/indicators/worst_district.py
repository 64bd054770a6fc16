"""The district that is served worst."""

import pandas as pd

from siting.indicators._rows import by_district, nothing, told
from siting.indicators._service import Service
from siting.indicators.demand_served import demand_served
from siting.indicators.registry import Indicator
from siting.model import Label

_LABEL = Label(zh="满足率最低的区市", en="demand served in the district served worst")


def worst_district(service: Service) -> pd.DataFrame:
    """Find the smallest share of demand served in any district, before and after.

    Returns
    -------
    DataFrame
        The smallest shares (they may be of different districts), then the district that is worst
        after the plan with its own; the first by name of several alike. No rows with one district.
    """
    shares = by_district(demand_served(service)).dropna(subset="after")
    if shares.empty:
        return nothing()
    worst = shares.iloc[int(shares["after"].to_numpy(float).argmin())]
    rows = [
        ("", float(shares["before"].min()), float(shares["after"].min())),
        (str(worst["district"]), float(worst["before"]), float(worst["after"])),
    ]
    return told(_LABEL, "share", rows)


INDICATOR = Indicator(name="worst_district", better="max", measure=worst_district)
