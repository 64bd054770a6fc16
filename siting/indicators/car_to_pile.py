"""Vehicles per pile when the number of piles that the plan names is reached."""

import pandas as pd

from siting.indicators._rows import nothing, told
from siting.indicators._service import NAN, Service
from siting.indicators.registry import Indicator
from siting.model import Label

_LABEL = Label(zh="车桩比（按行动计划桩数）", en="vehicles per pile, with the piles of the plan")


def car_to_pile(service: Service) -> pd.DataFrame:
    """Divide the vehicles by the piles of the plan, both as assumed.

    Returns
    -------
    DataFrame
        Vehicles per pile; before is NaN, since piles in service are not known. No rows without
        ``vehicles`` and ``plan_piles``.
    """
    vehicles, piles = service.given("vehicles"), service.given("plan_piles")
    if not vehicles or not piles:
        return nothing()
    return told(_LABEL, "vehicles/pile", [("", NAN, vehicles / piles)])


INDICATOR = Indicator(name="car_to_pile", better="min", measure=car_to_pile)
