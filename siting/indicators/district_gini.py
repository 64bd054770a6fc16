"""How unequally the districts are served: the Gini coefficient."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.indicators._rows import by_district, nothing, told
from siting.indicators._service import NAN, Service
from siting.indicators.demand_served import demand_served
from siting.indicators.registry import Indicator
from siting.model import Label

_LABEL = Label(
    zh="区市间满足率基尼系数（按需求加权）",
    en="Gini of the demand served between districts, by demand",
)


def district_gini(service: Service) -> pd.DataFrame:
    """Measure the inequality of the share of demand served between districts.

    Returns
    -------
    DataFrame
        Coefficients in [0, 1): 0 where all districts are served alike; NaN where none is served or
        the service before is not known. No rows with one district.
    """
    shares = by_district(demand_served(service)).dropna(subset="after")
    if shares.empty:
        return nothing()
    amount = pd.Series(service.amount).groupby(service.districts).sum()
    weight = np.asarray(shares["district"].map(amount), dtype=np.float64)
    before, after = (
        gini(np.asarray(shares[when], dtype=np.float64), weight) for when in ("before", "after")
    )
    return told(_LABEL, "", [("", before, after)])


def gini(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the weighted Gini coefficient: half the mean difference of all pairs over the mean.

    Parameters
    ----------
    values, weights
        ``(n,)``, ≥ 0.

    Returns
    -------
    float
        In [0, 1); NaN where a value is not known, or all are 0.

    References
    ----------
    Gini (1912); in this form e.g. Sen (1973), On Economic Inequality, section 2.7.
    """
    total = float((values * weights).sum())
    people = float(weights.sum())
    if not total > 0:  # NaN is not
        return NAN
    differences = np.abs(values[:, None] - values[None, :])
    spread = float((differences * weights[:, None] * weights[None, :]).sum())
    return spread / (2.0 * people * total)


INDICATOR = Indicator(name="district_gini", better="min", measure=district_gini)
