"""Share of the demand that facilities have room for, by district."""

import numpy as np
import pandas as pd

from siting.indicators._rows import Ratio, ratio_rows
from siting.indicators._service import NAN, Service
from siting.indicators.registry import Indicator
from siting.model import Label

LABEL = Label(zh="需求满足率", en="demand served")


def demand_served(service: Service) -> pd.DataFrame:
    """Measure what facilities in service take, and what they and the chosen sites take.

    Unlike ``demand_within`` this respects the service radius of the type and the capacity of sites.

    Returns
    -------
    DataFrame
        Shares in [0, 1] of the planned case's demand. Before is NaN where facilities in service are
        not known.
    """
    demand, allocation = service.demand, service.result.allocation
    ours = allocation[allocation["facility"] == service.facility.key]
    by_point = ours.groupby("demand_id")["demand"].sum()
    served_before = demand["existing_served"].to_numpy(float)
    new = demand["demand_id"].map(by_point).astype(float).fillna(0.0).to_numpy(float)
    # A sum of parts may round above the whole.
    served_after = np.minimum(served_before + new, service.amount)
    is_known = service.is_before_known or service.is_on_site
    before = served_before if is_known else np.full(len(demand), NAN)
    return ratio_rows(
        LABEL,
        "share",
        service.districts,
        before=Ratio(before, service.amount),
        after=Ratio(served_after, service.amount),
    )


INDICATOR = Indicator(name="demand_served", better="max", measure=demand_served)
