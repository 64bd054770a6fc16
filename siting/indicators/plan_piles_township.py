"""The charging piles that the plan names, township by township."""

import pandas as pd

from siting.indicators._rows import nothing, told
from siting.indicators._service import NAN, Service
from siting.indicators.plan_piles import piles_by_township
from siting.indicators.registry import Indicator
from siting.model import Label

_LABEL = Label(zh="行动计划充电桩分配（街道、镇）", en="piles of the plan, by township")


def plan_piles_township(service: Service) -> pd.DataFrame:
    """Tell the piles of each township; ``district`` is the district and the township's name.

    Returns
    -------
    DataFrame
        Whole piles that add up to the plan's number; before is NaN. No rows without a plan.
    """
    found = piles_by_township(service)
    if found is None:
        return nothing()
    place = (found["district"].astype(str) + " " + found["name"].astype(str)).str.strip()
    twice = place.duplicated(keep=False) | (place == "")
    unique = place.where(~twice, place + " " + found["id"].astype(str)).str.strip()
    rows = [(str(at), NAN, float(piles)) for at, piles in zip(unique, found["piles"], strict=True)]
    return told(_LABEL, "piles", rows)


INDICATOR = Indicator(name="plan_piles_township", better="", measure=plan_piles_township)
