"""How much of the capacity is used, by district."""

import numpy as np
import pandas as pd

from siting.indicators._rows import Ratio, ratio_rows
from siting.indicators._service import NAN, Service, capacity_of
from siting.indicators.registry import Indicator
from siting.model import Label


def utilisation(service: Service) -> pd.DataFrame:
    """Measure the demand served over the capacity: of facilities in service, and of the sites.

    Sites of which the capacity is not limited have no utilisation and are left out.

    Returns
    -------
    DataFrame
        Shares in [0, 1]. Before is for the whole only, NaN where no capacity in the unit of the
        demand is known.
    """
    sites = service.sites
    capacity = sites["capacity"].to_numpy(float)
    is_limited = np.isfinite(capacity)
    served = np.where(is_limited, sites["demand_served"].to_numpy(float), 0.0)
    in_use = np.full(len(sites), NAN)
    rows = ratio_rows(
        Label(zh="设施利用率", en="use of the capacity"),
        "share",
        sites["district"],
        before=Ratio(in_use, in_use),
        after=Ratio(served, np.where(is_limited, capacity, 0.0)),
    )
    rows.loc[rows["district"] == "", "before"] = _before(service)
    return rows


def _before(service: Service) -> float:
    there = float(np.nansum(capacity_of(service.existing, service.facility)))
    return float(service.demand["existing_served"].sum()) / there if there > 0 else NAN


INDICATOR = Indicator(name="utilisation", better="max", measure=utilisation)
