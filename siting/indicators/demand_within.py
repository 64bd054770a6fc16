"""Share of the demand within so many minutes of a facility, by district."""

import numpy as np
import pandas as pd

from siting.indicators._rows import Ratio, nothing, ratio_rows
from siting.indicators._service import NAN, Service
from siting.indicators.registry import Indicator
from siting.model import Label


def demand_within(service: Service) -> pd.DataFrame:
    """Measure who has a facility within ``indicator_minutes`` by road, whether it has room or not.

    Returns
    -------
    DataFrame
        Shares in [0, 1] of the planned case's demand; never less after than before. Before is NaN
        where facilities in service are not known.
    """
    minutes = service.given("indicator_minutes")
    if minutes is None or service.is_on_site:
        return nothing()
    near = [
        np.where(times <= minutes, service.amount, 0.0)
        for times in (service.nearest_before(), service.nearest_after())
    ]
    before = near[0] if service.is_before_known else np.full(len(near[0]), NAN)
    return ratio_rows(
        Label(
            zh=f"{minutes:g} 分钟可达需求占比", en=f"demand within {minutes:g} min of a facility"
        ),
        "share",
        service.districts,
        before=Ratio(before, service.amount),
        after=Ratio(near[1], service.amount),
    )


INDICATOR = Indicator(name="demand_within", better="max", measure=demand_within)
