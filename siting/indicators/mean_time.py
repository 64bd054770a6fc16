"""Mean time from the demand to the nearest facility, by district."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.indicators._rows import Ratio, nothing, ratio_rows
from siting.indicators._service import Service
from siting.indicators.registry import Indicator
from siting.model import Label


def mean_time(service: Service) -> pd.DataFrame:
    """Measure the minutes to the nearest facility by road, weighted by the demand that reaches one.

    Returns
    -------
    DataFrame
        Minutes ≥ 0; NaN where nobody reaches a facility or none is known.
    """
    if service.is_on_site:
        return nothing()
    return ratio_rows(
        Label(
            zh="到最近设施的平均时间（需求加权）",
            en="mean time to the nearest facility, by demand",
        ),
        "min",
        service.districts,
        before=_weighted(service.nearest_before(), service.amount),
        after=_weighted(service.nearest_after(), service.amount),
    )


def _weighted(minutes: NDArray[np.float64], amount: NDArray[np.float64]) -> Ratio:
    is_reached = np.isfinite(minutes)
    weight = np.where(is_reached, amount, 0.0)
    return Ratio(np.where(is_reached, minutes, 0.0) * weight, weight)


INDICATOR = Indicator(name="mean_time", better="min", measure=mean_time)
